import type { AttachmentOptions, AttachmentsApi } from '../../../sdk/src/api'
import { ApiError, type ApiErrorCode } from '../../../sdk/src/api-error'
import type * as Types from '../../../sdk/src/social-types'
import { demo } from './demo'
import { landscape, portrait } from './fakeSocialPeople'

let count = 0
const uploaded = new Map<string, Types.Attachment>()

type Part = Pick<Types.Attachment, 'kind' | 'name' | 'media_type' | 'size' | 'url'>

function attachment(part: Part, image?: Types.Image): Types.Attachment {
  const { width, height, small_url } = image ?? { width: null, height: null, small_url: null }
  return { id: `f${++count}`, ...part, width, height, preview_url: small_url }
}

function picture(name: string, image: Types.Image): Types.Attachment {
  return attachment({ kind: 'image', name, media_type: 'image/jpeg', size: 431_000, url: image.url }, image)
}

/** A second of a tone (https://www.rfc-editor.org/rfc/rfc2361#appendix-A). */
function tone(): string {
  const RATE = 8000
  const bytes = new Uint8Array(44 + RATE).fill(128)
  const view = new DataView(bytes.buffer)
  const words: [number, string][] = [[0, 'RIFF'], [8, 'WAVEfmt '], [36, 'data']] // prettier-ignore
  for (const [at, word] of words) bytes.set(new TextEncoder().encode(word), at)
  const longs: [number, number][] = [[4, 36 + RATE], [16, 16], [24, RATE], [28, RATE], [40, RATE]] // prettier-ignore
  for (const [at, value] of longs) view.setUint32(at, value, true)
  const shorts: [number, number][] = [[20, 1], [22, 1], [32, 1], [34, 8]] // prettier-ignore
  for (const [at, value] of shorts) view.setUint16(at, value, true)
  for (let at = 0; at < RATE; at++) bytes[44 + at] = 128 + 60 * Math.sin((at * 440 * 2 * Math.PI) / RATE)
  return URL.createObjectURL(new Blob([bytes], { type: 'audio/wav' }))
}

const FILES: (() => Types.Attachment[])[] = [
  () => [picture('Hills by the lake.jpg', landscape())],
  () => [attachment({ kind: 'file', name: 'Minutes of the meeting on crossings, with all votes and remarks (final).pdf', media_type: 'application/pdf', size: 2_411_724, url: 'data:,' })],
  () => [1, 2, 3, 4, 5].map((index) => picture(`Portrait ${index}.png`, portrait(index))),
  () => [attachment({ kind: 'audio', name: 'Voice.wav', media_type: 'audio/wav', size: 8044, url: tone() })],
  () => [attachment({ kind: 'video', name: 'Crossing at noon.mp4', media_type: 'video/mp4', size: 18_400_000, url: '/gone.mp4' })],
  () => [picture('One.jpg', portrait(1)), picture('Two.jpg', landscape())],
] // prettier-ignore

/** What is attached to some of the demo's messages. */
export const attachedTo = (seq: number): Types.Attachment[] => (seq % 4 === 2 ? (FILES[((seq - 2) / 4) % FILES.length]?.() ?? []) : []) // prettier-ignore

/** What was uploaded under these ids. */
export const filesOf = (ids: readonly string[] = []): Types.Attachment[] => ids.flatMap((id) => uploaded.get(id) ?? [])

/** The demo's uploads: with `slow` they take long, with `refuse` they fail in the middle. */
export class FakeAttachments implements Partial<AttachmentsApi> {
  async upload(file: Blob, options: AttachmentOptions = {}): Promise<Types.Attachment> {
    const { name = (file as File).name, signal, onBegun, onProgress } = options
    onBegun?.('demo')
    for (let part = 0; part < 1; part += 0.1) {
      onProgress?.(part)
      await new Promise((resolve) => setTimeout(resolve, demo.slow ? 2000 : 60))
      if (signal?.aborted) throw new ApiError('cancelled')
      if (demo.refuse && part > 0.4) throw new ApiError(demo.refuse as ApiErrorCode)
    }
    const [type = ''] = file.type.split('/')
    const kind = (['image', 'audio', 'video'] as const).find((kind) => kind === type) ?? 'file'
    const url = URL.createObjectURL(file)
    const image = kind === 'image' ? { url, small_url: url, width: 640, height: 480 } : undefined
    const made = attachment({ kind, name, media_type: file.type, size: file.size, url }, image)
    uploaded.set(made.id, made)
    return made
  }

  async discard(): Promise<void> {}
}
