/** As many as may be on their way, and a few more. */
const MAX_KEPT = 50

const kept = new Map<string, string>()

/** A picture that was uploaded from this page shows from here until its message has arrived. Takes over the object URL. */
export function keepPreview(attachment: string, url: string): void {
  kept.set(attachment, url)
  const [oldest] = kept
  if (kept.size <= MAX_KEPT || !oldest) return
  URL.revokeObjectURL(oldest[1])
  kept.delete(oldest[0])
}

export const previewOf = (attachment: string): string | undefined => kept.get(attachment)
