import { hits } from './hits'

/** About four lines. */
const LENGTH = 280
/** What stands before a hit, so that one sees what it is about. */
const BEFORE = 60

/** The part of a long text in which what was searched for is, in whole letters; the beginning if it is nowhere. */
export function excerpt(text: string, query: string): string {
  const letters = [...text]
  if (letters.length <= LENGTH) return text
  const pieces = hits(text, query)
  const first = pieces.findIndex(({ isHit }) => isHit)
  const at = first < 0 ? 0 : [...pieces.slice(0, first).map((piece) => piece.text).join('')].length // prettier-ignore
  if (at < LENGTH - BEFORE) return `${letters.slice(0, LENGTH).join('').trimEnd()}…`
  const start = at - BEFORE
  const end = Math.min(start + LENGTH, letters.length)
  return `…${letters.slice(start, end).join('').trim()}${end < letters.length ? '…' : ''}`
}
