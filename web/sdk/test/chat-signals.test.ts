import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ChatSignals } from '../src/api.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function talk() {
  const told: string[] = []
  const stream = {
    typing: (conversation: string) => void told.push(`typing ${conversation}`),
    delivered: (conversation: string, seq: number) => void told.push(`delivered ${conversation} ${seq}`),
  }
  return { told, signals: new ChatSignals(() => stream) }
}

test('who types is said every three seconds at most, and again after a message', () => {
  const { told, signals } = talk()
  for (let key = 0; key < 40; key++) {
    signals.typing('a')
    vi.advanceTimersByTime(100)
  }
  expect(told).toEqual(['typing a', 'typing a'])
  signals.typing('b')
  signals.sent('a')
  signals.typing('a')
  expect(told.slice(2)).toEqual(['typing b', 'typing a'])
})

test('of what arrives only the last is said, and of few conversations at once', () => {
  const { told, signals } = talk()
  signals.delivered('a', 2)
  signals.delivered('a', 5)
  signals.delivered('a', 3)
  expect(told).toEqual([])
  vi.advanceTimersByTime(250)
  expect(told).toEqual(['delivered a 5'])
  for (let number = 0; number < 12; number++) signals.delivered(`c${number}`, 1)
  vi.advanceTimersByTime(250)
  expect(told).toHaveLength(6)
  vi.advanceTimersByTime(500)
  expect(told).toHaveLength(13)
})

test('closed means silent', () => {
  const { told, signals } = talk()
  signals.delivered('a', 2)
  signals.close()
  vi.advanceTimersByTime(1000)
  expect(told).toEqual([])
})
