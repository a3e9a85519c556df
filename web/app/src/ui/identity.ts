/** Up to two letters for a person without a picture. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/)
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]]
  const text = letters.map((word) => firstCharacter(word ?? '')).join('')
  return text.toLocaleUpperCase() || '?'
}

/** A hue that is always the same for the same name: in the lobby, in the call, and after a rejoin, which gives a new id. */
export function hueOf(name: string): number {
  let hash = 2166136261
  for (const character of name) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16777619)
  // Steps of 30 degrees keep neighbours apart.
  return ((hash >>> 0) % 12) * 30
}

function firstCharacter(word: string): string {
  const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
  for (const { segment } of segmenter.segment(word)) return segment
  return ''
}
