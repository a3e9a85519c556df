import { describe, expect, it } from 'vitest'
import {
  CENTRE,
  type Crop,
  dragCrop,
  largestCrop,
  MAX_ZOOM,
  moveCrop,
  pixelsOf,
  placeImage,
  type Size,
  zoomCrop,
  zoomOf,
} from './crop'

const landscape: Size = { width: 400, height: 200 }
const portrait: Size = { width: 300, height: 900 }

it.each([
  [landscape, 1, { x: 100, y: 0, width: 200, height: 200 }],
  [landscape, 3, { x: 0, y: 100 / 3, width: 400, height: 400 / 3 }],
  [portrait, 1, { x: 0, y: 300, width: 300, height: 300 }],
  [portrait, 3, { x: 0, y: 400, width: 300, height: 100 }],
  [{ width: 1, height: 1 }, 3, { x: 0, y: 1 / 3, width: 1, height: 1 / 3 }],
])('takes the largest section of %j with the shape %d', (image, aspect, expected) => {
  const crop = largestCrop(image, aspect)
  for (const side of ['x', 'y', 'width', 'height'] as const) expect(crop[side]).toBeCloseTo(expected[side])
})

describe('moving', () => {
  const crop: Crop = { x: 100, y: 0, width: 200, height: 200 }

  it('follows the pointer: dragging right shows what is left', () => {
    expect(moveCrop(crop, landscape, { u: 0.5, v: 0.5 }, { u: 0.75, v: 0.5 })).toEqual({ ...crop, x: 50 })
  })

  it('stops at the edges', () => {
    expect(moveCrop(crop, landscape, CENTRE, { u: 9, v: 9 })).toEqual({ ...crop, x: 0 })
    expect(moveCrop(crop, landscape, CENTRE, { u: -9, v: -9 })).toEqual({ ...crop, x: 200 })
  })

  it('keeps what is under the pointer there while zooming', () => {
    const at = { u: 0.25, v: 0.5 }
    const closer = moveCrop(crop, landscape, at, at, 2)
    expect(closer.width).toBe(100)
    expect(closer.x + at.u * closer.width).toBe(crop.x + at.u * crop.width)
    expect(closer.y + at.v * closer.height).toBe(crop.y + at.v * crop.height)
  })
})

describe('zooming', () => {
  const crop = largestCrop(landscape, 1)

  it('is told as a factor', () => {
    expect(zoomOf(crop, landscape)).toBe(1)
    expect(zoomOf(zoomCrop(crop, landscape, 2.5), landscape)).toBeCloseTo(2.5)
  })

  it('has limits', () => {
    expect(zoomCrop(crop, landscape, 0.1)).toEqual(crop)
    expect(zoomOf(zoomCrop(crop, landscape, 1000), landscape)).toBeCloseTo(MAX_ZOOM)
  })

  it('comes back to the middle', () => {
    expect(zoomCrop(zoomCrop(crop, landscape, 4), landscape, 1)).toEqual(crop)
  })
})

describe('dragging', () => {
  const crop = zoomCrop(largestCrop(landscape, 1), landscape, 2)

  it('moves with one pointer', () => {
    const moved = dragCrop(crop, landscape, [{ u: 0.5, v: 0.5 }], [{ u: 0.6, v: 0.4 }])
    expect(moved).toEqual({ ...crop, x: crop.x - 10, y: crop.y + 10 })
  })

  it('zooms with two that move apart', () => {
    const from = [{ u: 0.4, v: 0.5 }, { u: 0.6, v: 0.5 }] // prettier-ignore
    const to = [{ u: 0.3, v: 0.5 }, { u: 0.7, v: 0.5 }] // prettier-ignore
    expect(zoomOf(dragCrop(crop, landscape, from, to), landscape)).toBeCloseTo(4)
  })

  it('measures the distance in the image and not in the frame, which may be wide', () => {
    const wide = zoomCrop(largestCrop(landscape, 3), landscape, 2)
    const from = [{ u: 0.5, v: 0.5 }, { u: 0.6, v: 0.5 }] // prettier-ignore
    const turned = [{ u: 0.5, v: 0.5 }, { u: 0.5, v: 0.8 }] // prettier-ignore
    expect(zoomOf(dragCrop(wide, landscape, from, turned), landscape)).toBeCloseTo(2)
  })

  it.each([
    ['on one spot', [CENTRE, CENTRE], [CENTRE, { u: 0.9, v: 0.5 }]],
    ['onto one spot', [CENTRE, { u: 0.9, v: 0.5 }], [CENTRE, CENTRE]],
    ['with none', [], []],
  ])('survives fingers %s', (_, from, to) => {
    for (const value of Object.values(dragCrop(crop, landscape, from, to))) expect(value).toBeTypeOf('number')
    expect(zoomOf(dragCrop(crop, landscape, from, to), landscape)).toBeCloseTo(2)
  })
})

it('stays inside whatever is done to it', () => {
  // A fixed walk of a linear congruential generator: the same each time.
  let seed = 7
  const random = () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648
  for (const image of [landscape, portrait, { width: 1, height: 1 }, { width: 8000, height: 5 }])
    for (const aspect of [1, 3]) {
      let crop = largestCrop(image, aspect)
      for (let step = 0; step < 500; step++) {
        const point = () => ({ u: random() * 4 - 2, v: random() * 4 - 2 })
        crop = dragCrop(crop, image, [point(), point()], [point(), point()])
        // Tens of thousands of expectations would take longer than all that they look at.
        const broken = { step, crop, pixels: pixelsOf(crop, image) }
        if (!isInside(broken.pixels, image) || !hasShape(crop, aspect)) expect(broken).toBeUndefined()
      }
    }
})

function isInside({ x, y, width, height }: Crop, image: Size): boolean {
  const isWhole = [x, y, width, height].every(Number.isInteger)
  return (
    isWhole && x >= 0 && y >= 0 && width > 0 && height > 0 && x + width <= image.width && y + height <= image.height
  )
}

const hasShape = ({ x, y, width, height }: Crop, aspect: number): boolean =>
  x >= 0 && y >= 0 && Math.abs(width / height - aspect) < 1e-6

it('places the image about the frame', () => {
  const crop = { x: 100, y: 0, width: 200, height: 200 }
  expect(placeImage(crop, landscape)).toEqual({ left: '-50%', top: '0%', width: '200%', height: '100%' })
})
