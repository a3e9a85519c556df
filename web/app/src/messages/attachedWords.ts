import { ATTACHMENT_LIMITS, type Attachment, type AttachmentKind, type Message } from '@confab/sdk/api'
import { formatNumber, locale, t } from '../i18n/i18n.svelte'
import { refusalText } from '../people/refusals'
import { sizeText } from './attached'

export const formatSize = (bytes: number): string => sizeText(bytes, locale())

/** Why a file could not be attached, in the reader's language. */
export function problemText(code: string, kind: AttachmentKind): string {
  const texts = t().files
  switch (code) {
    case 'empty':
      return texts.empty
    case 'folder':
      return texts.folder
    case 'too_large':
      return kind === 'image'
        ? problemText('image_too_large', kind)
        : texts.tooLarge(formatSize(ATTACHMENT_LIMITS.size))
    case 'image_too_large':
      return texts.imageTooLarge(formatSize(ATTACHMENT_LIMITS.imageSize))
    case 'unsupported_image':
      return texts.photo
    case 'bad_image':
      return texts.broken
    case 'limit_reached':
      return texts.noRoom
    default:
      return refusalText(code)
  }
}

/** What is attached, in a word or two; empty where nothing is. */
export function attachedText(attachments: readonly Attachment[]): string {
  const [first] = attachments
  if (!first) return ''
  const { length } = attachments
  const count = formatNumber(length)
  const texts = t().files
  if (attachments.some(({ kind }) => kind !== first.kind)) return texts.files(count)
  switch (first.kind) {
    case 'image':
      return texts.photos(count, length)
    case 'video':
      return texts.videos(count, length)
    case 'audio':
      return texts.sounds(count, length)
    default:
      return length === 1 ? texts.file(first.name) : texts.files(count)
  }
}

/** A line for a message: what it says, and what is attached to it. */
export function lineOf({ text, attachments, is_deleted }: Message): string {
  if (is_deleted) return t().messages.deletedText
  const attached = attachedText(attachments)
  return attached && text ? t().files.beside(attached, text) : attached || text
}
