import type { Image as SavedImage, ImageUpload as UploadOptions } from '@confab/sdk/api'
import { errorCode, isAbort } from '../api/client'
import { social } from '../api/social'
import { t } from '../i18n/i18n.svelte'
import type { Crop } from '../ui/crop'
import { type ChosenImage, openImage } from '../ui/imageFile'
import { announce } from '../ui/notices.svelte'
import { refusalText } from './refusals'

export type ImageKind = 'picture' | 'cover'

interface Sending {
  image: ChosenImage
  crop: Crop
  /** From 0 to 1, while the bytes leave. */
  progress: number
}

/** Where an image goes. */
export interface ImagePlace {
  /** Sends it, and says where it is then. */
  save: (file: Blob, options: UploadOptions) => Promise<{ url: string; show: () => void }>
  remove: () => Promise<void>
}

/** One's own picture or cover. */
export const ownImage = (kind: ImageKind, changed: (image: SavedImage | null) => void): ImagePlace => ({
  async save(file, options) {
    const saved = await (kind === 'picture' ? social.setPicture(file, options) : social.setCover(file, options))
    return { url: saved.url, show: () => changed(saved) }
  },
  async remove() {
    await (kind === 'picture' ? social.removePicture() : social.removeCover())
    changed(null)
  },
})

/** The way of a picture or cover: chosen, placed, sent; or removed. */
export class ImageUpload {
  readonly kind: ImageKind
  readonly #place: ImagePlace
  /** Being placed in the dialog. */
  chosen = $state.raw<ChosenImage | null>(null)
  /** On its way; shown already. */
  sending = $state.raw<Sending | null>(null)
  failure = $state('')
  /** What failed, to be tried again. */
  #failed: Omit<Sending, 'progress'> | null = null
  #cancel: AbortController | null = null
  /** Counts choices: only the last one opens. */
  #choice = 0
  #ended = false

  constructor(kind: ImageKind, place: ImagePlace) {
    this.kind = kind
    this.#place = place
  }

  get canRetry(): boolean {
    return this.failure !== '' && this.#failed !== null
  }

  async choose(file: Blob): Promise<void> {
    if (this.sending) return
    this.dismiss()
    const choice = ++this.#choice
    const opened = await openImage(file)
    if (choice !== this.#choice) {
      if (typeof opened !== 'string') opened.release()
    } else if (typeof opened === 'string') this.failure = refusalText(opened)
    else {
      this.chosen?.release()
      this.chosen = opened
    }
  }

  /** Sends what was chosen. */
  use(crop: Crop): void {
    const image = this.chosen
    this.chosen = null
    if (image) void this.#send(image, crop)
  }

  /** Leaves the dialog. */
  drop(): void {
    this.chosen?.release()
    this.chosen = null
  }

  cancel(): void {
    this.#cancel?.abort()
  }

  retry(): void {
    const failed = this.#failed
    this.#failed = null
    this.failure = ''
    if (failed) void this.#send(failed.image, failed.crop)
  }

  dismiss(): void {
    this.#failed?.image.release()
    this.#failed = null
    this.failure = ''
  }

  async remove(): Promise<void> {
    this.dismiss()
    try {
      await this.#place.remove()
      announce(this.kind === 'picture' ? t().profile.pictureRemoved : t().profile.coverRemoved)
    } catch (error) {
      this.failure = refusalText(errorCode(error))
    }
  }

  /** When the page goes. An upload that has begun goes on: it was wanted. */
  end(): void {
    this.#ended = true
    this.#choice++
    this.drop()
    this.dismiss()
  }

  async #send(image: ChosenImage, crop: Crop): Promise<void> {
    this.#cancel = new AbortController()
    this.sending = { image, crop, progress: 0 }
    const options = {
      crop,
      signal: this.#cancel.signal,
      onProgress: (progress: number) => (this.sending = { image, crop, progress }),
    }
    try {
      const saved = await this.#place.save(image.file, options)
      // Nothing flickers between the picture from here and the same from the server.
      await loaded(saved.url)
      saved.show()
      announce(this.kind === 'picture' ? t().profile.pictureSaved : t().profile.coverSaved)
      image.release()
    } catch (error) {
      if (this.#ended || isAbort(error)) image.release()
      else {
        this.#failed = { image, crop }
        this.failure = refusalText(errorCode(error))
      }
    } finally {
      this.sending = null
    }
  }
}

async function loaded(url: string): Promise<void> {
  const image = new Image()
  image.src = url
  await image.decode().catch(() => undefined)
}
