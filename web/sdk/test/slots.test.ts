import { describe, expect, test } from 'vitest'
import type { Candidate } from '../src/media/slots.js'
import { SlotAllocator } from '../src/media/slots.js'

function person(key: string, change: Partial<Candidate> = {}): Candidate {
  return {
    key,
    video: `${key}-camera`,
    audio: `${key}-microphone`,
    attached: true,
    visible: true,
    fresh: false,
    screen: false,
    pinned: false,
    width: 320,
    height: 180,
    fps: 0,
    ...change,
  }
}

const hidden = { visible: false }
const nowhere = { attached: false, visible: false }

/** `a:0 b:1`: who holds which slot. */
function seats(allocator: SlotAllocator, candidates: Candidate[], slots: number): string {
  const { wants } = allocator.allocate(candidates, slots)
  return wants.map((want) => `${(want.audio ?? want.video)?.split('-')[0]}:${want.slot}`).join(' ')
}

describe('who gets a slot', () => {
  const cases: [string, Candidate[], number, string][] = [
    ['all, in the order in which they joined', [person('a'), person('b')], 8, 'a:0 b:1'],
    ['those that can be seen before those that cannot', [person('a', hidden), person('b')], 1, 'b:0'],
    ['a hidden tile before nobody', [person('a', nowhere), person('b', hidden)], 1, 'b:0'],
    ['a screen before cameras', [person('a'), person('b', { screen: true })], 1, 'b:0'],
    ['a pinned one before everything', [person('a', { screen: true }), person('b', { pinned: true })], 1, 'b:0'],
    ['a voice alone, while there is room', [person('a', { ...nowhere, video: null }), person('b')], 2, 'b:0 a:1'],
    ['no voice alone, when there is none', [person('a', { ...nowhere, video: null }), person('b')], 1, 'b:0'],
  ]
  test.each(cases)('%s', (_name, candidates, slots, expected) => {
    const sorted = (text: string): string[] => text.split(' ').sort()
    expect(sorted(seats(new SlotAllocator(), candidates, slots))).toEqual(sorted(expected))
  })
})

describe('who keeps a slot', () => {
  test('everybody who goes on being wanted, when others leave and come', () => {
    const allocator = new SlotAllocator()
    expect(seats(allocator, [person('a'), person('b'), person('c')], 8)).toBe('a:0 b:1 c:2')
    expect(seats(allocator, [person('b'), person('c')], 8)).toBe('b:1 c:2')
    expect(seats(allocator, [person('b'), person('c'), person('d')], 8)).toBe('d:0 b:1 c:2')
  })

  test('a holder against an equal who joined earlier', () => {
    const allocator = new SlotAllocator()
    seats(allocator, [person('b')], 1)
    expect(seats(allocator, [person('a'), person('b')], 1)).toBe('b:0')
  })

  test('not against somebody who is on the screen', () => {
    const allocator = new SlotAllocator()
    expect(seats(allocator, [person('a', hidden), person('b')], 2)).toBe('b:0 a:1')
    expect(seats(allocator, [person('a', hidden), person('b'), person('c')], 2)).toBe('b:0 c:1')
  })
})

describe('what is asked for', () => {
  const cases: [string, Partial<Candidate>, { width: number; height: number }][] = [
    ['sizes rounded up to 16', { width: 321, height: 177.5 }, { width: 336, height: 192 }],
    ['nothing of what cannot be seen', hidden, { width: 0, height: 0 }],
    ['nothing of what is nowhere', nowhere, { width: 0, height: 0 }],
    ['a little of what nobody could attach yet', { ...nowhere, fresh: true }, { width: 320, height: 180 }],
    ['nothing without a camera', { video: null }, { width: 0, height: 0 }],
    ['no more than fits the message', { width: 1e6, height: 1e6 }, { width: 7680, height: 7680 }],
  ]
  test.each(cases)('%s', (_name, change, expected) => {
    expect(new SlotAllocator().allocate([person('a', change)], 8).wants[0]).toMatchObject(expected)
  })

  test('the sound goes on where the picture is paused', () => {
    const { wants } = new SlotAllocator().allocate([person('a', hidden)], 8)
    expect(wants).toEqual([
      { slot: 0, video: 'a-camera', audio: 'a-microphone', width: 0, height: 0, fps: 0, pinned: false },
    ])
  })

  test('more slots, for those on the screen only', () => {
    const crowd = [person('a'), person('b'), person('c'), person('d', hidden), person('e', nowhere)]
    expect(new SlotAllocator().allocate(crowd, 2).missing).toBe(1)
    expect(new SlotAllocator().allocate(crowd, 3).missing).toBe(0)
  })
})
