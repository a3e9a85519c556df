import type { Size } from './crop'

/** What the server takes; the same limits as its own, so that nobody waits for an upload to be told. */
export const IMAGE_TYPES = ['image/jpeg', 'image/png', 'image/webp', 'image/gif']
const MAX_BYTES = 10 * 1024 * 1024
const MAX_PIXELS = 40_000_000

export type ImageProblem = 'unsupported_image' | 'too_large' | 'bad_image'

/** An image that was chosen, ready to be shown. Whoever has it calls `release` at the end. */
export interface ChosenImage extends Size {
  file: Blob
  url: string
  release(): void
}

export function fileProblem(file: { type: string; size: number }): ImageProblem | null {
  if (!IMAGE_TYPES.includes(file.type)) return 'unsupported_image'
  return file.size > MAX_BYTES ? 'too_large' : null
}

export function sizeProblem({ width, height }: Size): ImageProblem | null {
  if (width < 1 || height < 1) return 'bad_image'
  return width * height > MAX_PIXELS ? 'too_large' : null
}

/** Decodes it, upright as the camera meant it. */
export async function openImage(file: Blob): Promise<ChosenImage | ImageProblem> {
  const problem = fileProblem(file)
  if (problem) return problem
  const url = URL.createObjectURL(file)
  const release = () => URL.revokeObjectURL(url)
  const image = new Image()
  image.src = url
  try {
    await image.decode()
  } catch {
    release()
    return 'bad_image'
  }
  const size = { width: image.naturalWidth, height: image.naturalHeight }
  const tooLarge = sizeProblem(size)
  if (!tooLarge) return { file, url, ...size, release }
  release()
  return tooLarge
}

/** The first file of what was dropped or pasted: an image if there is one, else whatever it is, to be told about. */
export function fileOf(transfer: DataTransfer | null): File | null {
  const files = [...(transfer?.files ?? [])]
  return files.find((file) => file.type.startsWith('image/')) ?? files[0] ?? null
}
