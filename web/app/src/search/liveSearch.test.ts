import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { LiveSearch } from './liveSearch'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A search, and a server whose answers the test gives in any order. */
function world() {
  const asked: { query: string; signal: AbortSignal; answer: (result: string) => void; fail: () => void }[] = []
  const search = new LiveSearch<string>({
    load: (query, signal) =>
      new Promise((resolve, reject) =>
        asked.push({ query, signal, answer: resolve, fail: () => reject(new Error('busy')) }),
      ),
    codeOf: (error) => (error as Error).message,
    changed: () => undefined,
    delay: 150,
  })
  const queries = () => asked.map(({ query }) => query)
  return { search, asked, queries }
}

/** Lets what was answered arrive. */
const arrived = () => vi.advanceTimersByTimeAsync(0)

it('asks once when the typing pauses', () => {
  const { search, queries } = world()
  for (const text of ['a', 'an', 'ann']) {
    search.type(text)
    vi.advanceTimersByTime(149)
  }
  expect(queries()).toEqual([])
  vi.advanceTimersByTime(1)
  expect(queries()).toEqual(['ann'])
  search.type(' ann ')
  vi.advanceTimersByTime(1000)
  expect(queries()).toEqual(['ann'])
})

it('never shows an older answer after a newer one', async () => {
  const { search, asked } = world()
  search.type('a')
  vi.advanceTimersByTime(150)
  search.type('an')
  vi.advanceTimersByTime(150)
  asked[1]!.answer('for an')
  await arrived()
  asked[0]!.answer('for a')
  await arrived()
  expect(search.found).toMatchObject({ query: 'an', result: 'for an', phase: 'done' })
  expect(asked[0]!.signal.aborted).toBe(true)
})

it('does not show the answer to what was typed over before it came', async () => {
  const { search, asked } = world()
  search.type('a')
  vi.advanceTimersByTime(150)
  search.type('b')
  asked[0]!.answer('for a')
  await arrived()
  expect(search.found).toEqual({ query: 'b', result: null, phase: 'waiting', failure: '' })
})

it('keeps what is shown until something else is there', async () => {
  const { search, asked } = world()
  search.type('a')
  vi.advanceTimersByTime(150)
  asked[0]!.answer('for a')
  await arrived()
  search.type('an')
  expect(search.found).toMatchObject({ query: 'an', result: 'for a', phase: 'waiting' })
})

it('shows nothing for nothing, and forgets what was on its way', async () => {
  const { search, asked } = world()
  search.type('a')
  vi.advanceTimersByTime(150)
  search.type('')
  asked[0]!.answer('for a')
  await arrived()
  expect(search.found).toEqual({ query: '', result: null, phase: 'idle', failure: '' })
})

it('tells a failure, and tries again at once', async () => {
  const { search, asked } = world()
  search.type('a')
  vi.advanceTimersByTime(150)
  asked[0]!.fail()
  await arrived()
  expect(search.found).toMatchObject({ phase: 'failed', failure: 'busy' })
  search.now()
  asked[1]!.answer('for a')
  await arrived()
  expect(search.found).toMatchObject({ phase: 'done', failure: '', result: 'for a' })
})

it('is silent after it was closed', async () => {
  const { search, asked } = world()
  search.type('a')
  search.close()
  vi.advanceTimersByTime(1000)
  expect(asked).toEqual([])
})
