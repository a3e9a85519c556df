import { expect, it } from 'vitest'
import { StickySpeaker } from './speaker'

it('takes the first speaker at once and holds on through silence', () => {
  const speaker = new StickySpeaker()
  expect(speaker.update(['a'], 0)).toBeNull()
  speaker.update([], 100)
  expect(speaker.current).toBe('a')
})

it('changes only after two seconds of somebody else', () => {
  const speaker = new StickySpeaker()
  speaker.update(['a'], 0)
  expect(speaker.update(['b'], 1000)).toBe(3000)
  expect(speaker.current).toBe('a')
  expect(speaker.update(['b'], 3000)).toBeNull()
  expect(speaker.current).toBe('b')
})

it('a cough moves nothing', () => {
  const speaker = new StickySpeaker()
  speaker.update(['a'], 0)
  speaker.update(['b'], 1000)
  speaker.update([], 1300)
  speaker.update(['b'], 2900)
  expect(speaker.update(['b'], 3500)).toBe(4900)
  expect(speaker.current).toBe('a')
})

it('stays while the current one goes on, even if another is louder', () => {
  const speaker = new StickySpeaker()
  speaker.update(['a'], 0)
  expect(speaker.update(['b', 'a'], 9000)).toBeNull()
  expect(speaker.current).toBe('a')
})

it('forgets who left', () => {
  const speaker = new StickySpeaker()
  speaker.update(['a'], 0)
  speaker.forget('a')
  speaker.update(['b'], 10)
  expect(speaker.current).toBe('b')
})
