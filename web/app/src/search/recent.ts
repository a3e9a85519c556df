import { fold } from './hits'

const MAX_RECENT = 8

const isSame = (one: string, two: string): boolean => fold(one.trim()) === fold(two.trim())

/** The newest first, each once. */
export function remembered(recent: readonly string[], query: string): string[] {
  const text = query.trim()
  if (text === '') return [...recent]
  return [text, ...forgotten(recent, text)].slice(0, MAX_RECENT)
}

export const forgotten = (recent: readonly string[], query: string): string[] =>
  recent.filter((other) => !isSame(other, query))

/** What the browser has kept, as far as it can be used: it may be another version's, or anybody's. */
export function readRecent(stored: unknown): string[] {
  if (!Array.isArray(stored)) return []
  return stored.filter((item) => typeof item === 'string' && item !== '').slice(0, MAX_RECENT)
}
