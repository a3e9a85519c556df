import { lengthOf, PASSWORD_MIN } from './checks'

/** From what is too short to be sent, over weak, fair and good, to strong. */
export type Strength = 0 | 1 | 2 | 3 | 4

/** What attackers try first, and what people believe makes a password longer. */
const COMMON =
  /password|passwort|passw0rd|p4ssw|letmein|welcome|willkommen|qwer[tz]?[yz]?(?:uiop?)?|asdf(?:ghjkl?)?|[yz]xcv(?:bnm?)?|iloveyou|dragon|monkey|football|admin|confab|schatz|hallo|hello|summer|sommer|winter|abc123/gi

/** Bits for a character, by what else is in the password: what somebody has to try who goes through all. */
const BITS = [
  [/[a-z]/, 26],
  [/[A-Z]/, 26],
  [/\d/, 10],
  [/[^a-zA-Z\d]/, 32],
] as const

const ENOUGH_BITS = [40, 55, 75] as const

/**
 * A hint, no judge: roughly how long guessing would take. Known words, repetitions, rows like `1234` and what one is
 * called (`personal`) count as one character, since nobody tries their letters one by one.
 */
export function strengthOf(password: string, personal: readonly string[] = []): Strength {
  if (lengthOf(password) < PASSWORD_MIN) return 0
  const told = personal
    .flatMap((text) => text.toLowerCase().split(/[^\p{L}\p{N}]+/u))
    .filter((part) => part.length >= 3)
    .reduce((text, part) => text.replaceAll(part, '*'), password.toLowerCase())
  const rest = squeezeRows(
    told
      .replace(COMMON, '*')
      .replace(/(.)\1{2,}/gsu, '$1')
      .replace(/(..+)\1+/gsu, '$1'),
  )
  const alphabet = BITS.reduce((sum, [pattern, size]) => (pattern.test(password) ? sum + size : sum), 0)
  const bits = lengthOf(rest) * Math.log2(Math.max(alphabet, 2))
  return (1 + ENOUGH_BITS.filter((enough) => bits >= enough).length) as Strength
}

/** `abcd` and `9876` become one character each. */
function squeezeRows(text: string): string {
  const codes = [...text].map((character) => character.codePointAt(0) ?? 0)
  return codes
    .filter((code, index) => {
      const step = code - (codes[index - 1] ?? NaN)
      return Math.abs(step) !== 1 || (codes[index - 1] ?? NaN) - (codes[index - 2] ?? NaN) !== step
    })
    .map((code) => String.fromCodePoint(code))
    .join('')
}
