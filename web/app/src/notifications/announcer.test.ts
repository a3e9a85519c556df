import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Announcer } from './announcer'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('says the first at once, and what comes soon after it together', () => {
  const said: string[] = []
  const announcer = new Announcer<string>({ pauseMs: 1000, say: (news) => said.push(news.join()) })
  for (const item of ['a', 'b', 'c']) announcer.hear(item)
  expect(said).toEqual(['a'])
  vi.advanceTimersByTime(1000)
  expect(said).toEqual(['a', 'b,c'])
  vi.advanceTimersByTime(999)
  announcer.hear('d')
  expect(said).toHaveLength(2)
  vi.advanceTimersByTime(1)
  expect(said).toEqual(['a', 'b,c', 'd'])
  vi.advanceTimersByTime(5000)
  announcer.hear('e')
  expect(said).toEqual(['a', 'b,c', 'd', 'e'])
})
