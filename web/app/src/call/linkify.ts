export type Segment = { text: string; href?: string }

const LINK = /\bhttps?:\/\/[^\s<>"]+/gi

/** Cuts a chat line into plain text and http(s) links. The caller renders both as text, so nothing can become markup. */
export function linkify(text: string): Segment[] {
  const segments: Segment[] = []
  let end = 0
  for (const match of text.matchAll(LINK)) {
    const link = trimLink(match[0])
    const href = toHref(link)
    if (!href) continue
    if (match.index > end) segments.push({ text: text.slice(end, match.index) })
    segments.push({ text: link, href })
    end = match.index + link.length
  }
  if (end < text.length) segments.push({ text: text.slice(end) })
  return segments
}

/** Punctuation at the end belongs to the sentence; a closing bracket does unless the link opened it. */
function trimLink(link: string): string {
  for (;;) {
    const last = link.at(-1) ?? ''
    const unmatched = last === ')' && link.split(')').length > link.split('(').length
    if (!/[.,:;!?'*\]}]/.test(last) && !unmatched) return link
    link = link.slice(0, -1)
  }
}

function toHref(link: string): string | undefined {
  try {
    const url = new URL(link)
    return url.hostname && !url.username && !url.password ? url.href : undefined
  } catch {
    return undefined
  }
}
