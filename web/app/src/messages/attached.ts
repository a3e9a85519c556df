import { ATTACHMENT_LIMITS, type AttachmentKind } from '@confab/sdk/api'
import { IMAGE_TYPES } from '../ui/imageFile'

/** Why a file cannot go along, as far as it can be known before anything of it is sent. */
export type Problem = 'empty' | 'folder' | 'image_too_large' | 'too_large' | 'unsupported_image'

const { size: MAX_SIZE, imageSize: MAX_IMAGE_SIZE } = ATTACHMENT_LIMITS

/** Photos that the server cannot draw anew without what they say about where they were taken. */
const PHOTO_TYPES = /^image\/(hei[cf]|avif|tiff|jxl|jp2|x-canon-cr2|vnd\.ms-photo)/

export function problemOf({ type, size }: { type: string; size: number }): Problem | null {
  if (size === 0) return 'empty'
  if (PHOTO_TYPES.test(type)) return 'unsupported_image'
  if (IMAGE_TYPES.includes(type) && size > MAX_IMAGE_SIZE) return 'image_too_large'
  return size > MAX_SIZE ? 'too_large' : null
}

/** What a file is by its media type, which the browser guesses from its name. The server looks at the content. */
export function kindOf(type: string): AttachmentKind {
  if (IMAGE_TYPES.includes(type)) return 'image'
  if (type.startsWith('audio/')) return 'audio'
  return type.startsWith('video/') ? 'video' : 'file'
}

const UNITS = ['byte', 'kilobyte', 'megabyte'] as const

/** Of bytes: `3 byte`, `1.2 MB`. */
export function sizeText(bytes: number, locale: string): string {
  const step = bytes < 1000 ? 0 : bytes < 1000 * 1024 ? 1 : 2
  const value = bytes / 1024 ** step
  const maximumFractionDigits = step > 0 && value < 10 ? 1 : 0
  const options = { style: 'unit', unit: UNITS[step], unitDisplay: 'short', maximumFractionDigits } as const
  return new Intl.NumberFormat(locale, options).format(value)
}

/** A name as two parts, the second of which is never cut off: it says what a file may do. */
export function nameParts(name: string): [stem: string, end: string] {
  const dot = name.lastIndexOf('.')
  return dot > 0 && name.length - dot <= 12 ? [name.slice(0, dot), name.slice(dot)] : [name, '']
}

/** The files of a paste or a drop, and the names of folders, which nobody can read at once. */
export function filesOf(transfer: DataTransfer | null): { files: File[]; folders: string[] } {
  const entries = [...(transfer?.items ?? [])].map((item) => item.webkitGetAsEntry?.() ?? null)
  const folders = entries.flatMap((entry) => (entry?.isDirectory ? [entry.name] : []))
  return { files: [...(transfer?.files ?? [])].filter(({ name }) => !folders.includes(name)), folders }
}

/** A picture that was copied comes as a file; what a text processor copies comes as a text, with a picture of it beside. */
export function isWritten(transfer: DataTransfer | null): boolean {
  const types = transfer?.types ?? []
  return types.includes('text/plain') && types.includes('text/html')
}
