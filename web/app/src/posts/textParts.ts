import { linkify, type Segment } from '../call/linkify'
import { profilePath } from '../routes/match'

export type Part = Segment & { /** Whether it leads to a person here. */ isMention?: boolean }

/** As the server reads them: a name is not part of a word, an address or another name. */
const MENTION = /(?<![\p{L}\p{N}_@/.-])@([a-z0-9][a-z0-9_.-]{1,28}[a-z0-9_])(?![\p{L}\p{N}_@])/giu

/** Cuts a text into plain parts, links and mentions of people. All are rendered as text: nothing can become markup. */
export const textParts = (text: string): Part[] =>
  linkify(text).flatMap((segment) => (segment.href ? [segment] : withMentions(segment.text)))

function withMentions(text: string): Part[] {
  const parts: Part[] = []
  let end = 0
  for (const match of text.matchAll(MENTION)) {
    if (match.index > end) parts.push({ text: text.slice(end, match.index) })
    parts.push({ text: match[0], href: profilePath(match[1] ?? ''), isMention: true })
    end = match.index + match[0].length
  }
  if (end < text.length) parts.push({ text: text.slice(end) })
  return parts
}

/** As the server counts: characters of Unicode, not the two halves of some of them. */
export const lengthOf = (text: string): number => [...text].length
