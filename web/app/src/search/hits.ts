/** A piece of a text, and whether it is what was searched for. */
export interface Piece {
  text: string
  isHit: boolean
}

/** Letters that are no others with a mark, although people type them as such. */
const PLAIN: Readonly<Record<string, string>> = {
  ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', đ: 'd', ð: 'd', þ: 'th', ł: 'l', ħ: 'h', ı: 'i', ς: 'σ',
} // prettier-ignore
const PLAIN_LETTERS = new RegExp(`[${Object.keys(PLAIN).join('')}]`, 'gu')

/** Nearly as the server compares: without case, accents and the differences of width and ligature. */
export const fold = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(PLAIN_LETTERS, (letter) => PLAIN[letter] ?? letter)

/** A folded text, and for each of its characters where it comes from. */
interface Folded {
  text: string
  /** For each UTF-16 unit of `text` the unit of the original at which its character begins; and the original's end. */
  starts: number[]
}

function foldWithPlaces(original: string): Folded {
  let text = ''
  const starts: number[] = []
  let at = 0
  for (const letter of original) {
    const folded = fold(letter)
    for (let unit = 0; unit < folded.length; unit++) starts.push(at)
    text += folded
    at += letter.length
  }
  starts.push(original.length)
  return { text, starts }
}

/** The words of a query. */
const words = (query: string): string[] => [
  ...new Set(
    fold(query)
      .split(/[\s\p{P}]+/u)
      .filter(Boolean),
  ),
]

const isWordPart = (unit: string | undefined): boolean => unit !== undefined && /[\p{L}\p{N}]/u.test(unit)

/** Writing that has no spaces between its words. */
const WITHOUT_SPACES = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u

/** Where a word is: at the beginnings of words if it is at any, else anywhere. */
function places(text: string, word: string): [number, number][] {
  const all: [number, number][] = []
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) all.push([at, at + word.length])
  if (WITHOUT_SPACES.test(word)) return all
  const beginnings = all.filter(([start]) => !isWordPart(text[start - 1]))
  return beginnings.length > 0 ? beginnings : all
}

/** Cuts a text so that all that was searched for stands in pieces of its own; together the pieces are the text. */
export function hits(original: string, query: string): Piece[] {
  const { text, starts } = foldWithPlaces(original)
  const isHit = new Uint8Array(original.length)
  for (const word of words(query)) {
    for (const [start, end] of places(text, word)) isHit.fill(1, starts[start], endOf(original, starts, end))
  }
  const pieces: Piece[] = []
  for (let at = 0, from = 0; at < original.length; at++) {
    if (at + 1 < original.length && isHit[at + 1] === isHit[at]) continue
    pieces.push({ text: original.slice(from, at + 1), isHit: isHit[at] === 1 })
    from = at + 1
  }
  return pieces
}

/** Where the original goes on after a hit: half a letter is not marked, and its accents belong to it. */
function endOf(original: string, starts: readonly number[], end: number): number {
  const last = starts[end - 1]!
  let at = starts[end]!
  if (at === last) at = last + String.fromCodePoint(original.codePointAt(last)!).length
  return at
}
