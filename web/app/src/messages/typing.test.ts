import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { TypingPeople } from './typing'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('holds for five seconds after the last word of it', () => {
  const changed = vi.fn()
  const typing = new TypingPeople(changed)
  typing.hear('c', 'ann')
  vi.advanceTimersByTime(3000)
  typing.hear('c', 'ann')
  typing.hear('c', 'ben')
  vi.advanceTimersByTime(4999)
  expect(typing.in('c')).toEqual(['ann', 'ben'])
  vi.advanceTimersByTime(1)
  expect([typing.in('c'), changed.mock.calls.length]).toEqual([[], 5])
})

it('ends with the message', () => {
  const typing = new TypingPeople(() => {})
  typing.hear('c', 'ann')
  typing.stopped('c', 'ann')
  typing.stopped('d', 'ann')
  expect(typing.in('c')).toEqual([])
  typing.hear('c', 'ann')
  typing.close()
  expect(vi.getTimerCount()).toBe(0)
})
