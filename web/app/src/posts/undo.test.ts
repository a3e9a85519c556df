import { expect, it } from 'vitest'
import { UNDO_MS, UndoQueue } from './undo'

/** A clock that the test turns. */
function queue() {
  const log: string[] = []
  const timers = new Set<{ at: number; run: () => void }>()
  let now = 0
  const undo = new UndoQueue((ms, run) => {
    const timer = { at: now + ms, run }
    timers.add(timer)
    return () => timers.delete(timer)
  })
  const pass = (ms: number) => {
    now += ms
    for (const timer of [...timers]) if (timer.at <= now && timers.delete(timer)) timer.run()
  }
  const remove = (id: string) =>
    undo.add(id, {
      commit: () => log.push(`commit ${id}`),
      restore: () => log.push(`restore ${id}`),
    })
  return { undo, remove, pass, log, timers }
}

it('removes for good when it is too late to change one’s mind', () => {
  const { undo, remove, pass, log } = queue()
  remove('a')
  pass(UNDO_MS - 1)
  expect(log).toEqual([])
  pass(1)
  expect(log).toEqual(['commit a'])
  expect(undo.undo('a')).toBe(false)
})

it('takes back one and not the other', () => {
  const { undo, remove, pass, log } = queue()
  remove('a')
  remove('b')
  expect(undo.undo('a')).toBe(true)
  pass(UNDO_MS)
  expect(log).toEqual(['restore a', 'commit b'])
})

it('removes at once when the page goes, and nothing twice', () => {
  const { undo, remove, pass, log, timers } = queue()
  remove('a')
  remove('a')
  remove('b')
  undo.leave()
  undo.leave()
  pass(UNDO_MS)
  expect([log, timers.size]).toEqual([['commit a', 'commit b'], 0])
})
