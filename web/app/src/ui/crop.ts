/** Lengths are pixels of the upright image, as the server takes them. */
export interface Size {
  width: number
  height: number
}

/** A section of the image. It always lies inside, and always has the frame's shape. */
export interface Crop extends Size {
  x: number
  y: number
}

/** A place in the frame: (0, 0) is its top left corner, (1, 1) its bottom right one. */
export interface Point {
  u: number
  v: number
}

/** Beyond that a picture is only blocks. A larger value would let one choose a section of a few pixels. */
export const MAX_ZOOM = 8

/** The largest section of this shape (width / height), from the middle. */
export function largestCrop(image: Size, aspect: number): Crop {
  const width = Math.min(image.width, image.height * aspect)
  const height = width / aspect
  return { x: (image.width - width) / 2, y: (image.height - height) / 2, width, height }
}

/** 1 is the largest section, 2 one of half its width. */
export function zoomOf(crop: Crop, image: Size): number {
  return largestCrop(image, crop.width / crop.height).width / crop.width
}

/**
 * The section after a gesture: what lay at `from` in the frame lies at `to`, `factor` times as large. Moving, pinching and
 * zooming about a point are all of this kind. At the image's edges and the limits of the zoom it goes as far as it can.
 */
export function moveCrop(crop: Crop, image: Size, from: Point, to: Point, factor = 1): Crop {
  const largest = largestCrop(image, crop.width / crop.height)
  const width = clamp(crop.width / factor, largest.width / MAX_ZOOM, largest.width)
  const height = (width * crop.height) / crop.width
  return {
    x: clamp(crop.x + from.u * crop.width - to.u * width, 0, image.width - width),
    y: clamp(crop.y + from.v * crop.height - to.v * height, 0, image.height - height),
    width,
    height,
  }
}

export const CENTRE: Point = { u: 0.5, v: 0.5 }

export function zoomCrop(crop: Crop, image: Size, zoom: number): Crop {
  return moveCrop(crop, image, CENTRE, CENTRE, zoom / zoomOf(crop, image))
}

/** The section after fingers or a mouse have gone from some points to others; the same number of both, one or two. */
export function dragCrop(crop: Crop, image: Size, from: readonly Point[], to: readonly Point[]): Crop {
  const spread = spreadOf(from, crop)
  // Fingers on one spot have no distance to compare with.
  const factor = spread > 0 ? spreadOf(to, crop) / spread : 1
  return moveCrop(crop, image, middleOf(from), middleOf(to), factor > 0 ? factor : 1)
}

/** Whole pixels for the server: inside the image, and never empty. */
export function pixelsOf(crop: Crop, image: Size): Crop {
  const x = clamp(Math.round(crop.x), 0, image.width - 1)
  const y = clamp(Math.round(crop.y), 0, image.height - 1)
  return {
    x,
    y,
    width: clamp(Math.round(crop.width), 1, image.width - x),
    height: clamp(Math.round(crop.height), 1, image.height - y),
  }
}

/** Where the whole image lies about a frame that shows the section, as CSS lengths relative to the frame. */
export function placeImage(crop: Crop, image: Size): Record<'left' | 'top' | 'width' | 'height', string> {
  const percent = (part: number, whole: number) => `${(100 * part) / whole}%`
  return {
    left: percent(-crop.x, crop.width),
    top: percent(-crop.y, crop.height),
    width: percent(image.width, crop.width),
    height: percent(image.height, crop.height),
  }
}

function middleOf(points: readonly Point[]): Point {
  const sum = points.reduce((sum, point) => ({ u: sum.u + point.u, v: sum.v + point.v }), { u: 0, v: 0 })
  const count = Math.max(1, points.length)
  return { u: sum.u / count, v: sum.v / count }
}

function spreadOf([one, two]: readonly Point[], shape: Size): number {
  if (!one || !two) return 0
  return Math.hypot((one.u - two.u) * shape.width, (one.v - two.v) * shape.height)
}

const clamp = (value: number, least: number, most: number): number => Math.max(least, Math.min(most, value))
