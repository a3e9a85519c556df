import { describe, expect, it } from 'vitest'
import { chooseColumns, gridRects, MAX_TILES, pageCapacity, type Rect, stageRects, stripCapacity } from './grid'

const SIZES: [number, number][] = [
  [304, 480],
  [344, 600],
  [800, 350],
  [1264, 650],
  [1904, 960],
  [3824, 2040],
]

const inside = (rect: Rect, width: number, height: number) =>
  rect.x >= 0 && rect.y >= 0 && rect.x + rect.width <= width + 1 && rect.y + rect.height <= height + 1
const overlap = (a: Rect, b: Rect) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height

describe('chooseColumns', () => {
  it.each([
    [1, 1280, 640, 1],
    [2, 1280, 640, 2],
    [3, 1280, 640, 2],
    [9, 1280, 720, 3],
    [25, 1280, 720, 5],
    [49, 3840, 2000, 7],
    [2, 360, 600, 1],
    [4, 360, 600, 2],
    [5, 360, 600, 2],
  ])('%d tiles in %dx%d: %d columns', (count, width, height, columns) => {
    expect(chooseColumns(count, width, height)).toBe(columns)
  })
})

describe('gridRects', () => {
  it.each(SIZES)('fills %dx%d with equal tiles that neither overlap nor leave it', (width, height) => {
    for (let count = 1; count <= pageCapacity(width, height); count++) {
      const rects = gridRects(count, width, height)
      expect(rects).toHaveLength(count)
      expect(new Set(rects.map((rect) => `${rect.width}x${rect.height}`)).size).toBe(1)
      for (const [index, rect] of rects.entries()) {
        expect(inside(rect, width, height)).toBe(true)
        for (const other of rects.slice(index + 1)) expect(overlap(rect, other)).toBe(false)
      }
    }
  })

  it('centres the last row', () => {
    const [first, second, third] = gridRects(3, 1280, 640)
    const middle = (first!.x + second!.x + second!.width) / 2
    expect(Math.abs(third!.x + third!.width / 2 - middle)).toBeLessThanOrEqual(1)
  })

  it('has nothing to show in no space', () => {
    expect(gridRects(0, 100, 100)).toEqual([])
    expect(gridRects(3, 0, 100)).toEqual([])
  })
})

describe('pageCapacity', () => {
  it('is all 49 on a large screen and fewer, but never none, on a small one', () => {
    expect(pageCapacity(3824, 2040)).toBe(MAX_TILES)
    expect(pageCapacity(344, 600)).toBeGreaterThanOrEqual(8)
    expect(pageCapacity(344, 600)).toBeLessThan(20)
    expect(pageCapacity(50, 50)).toBe(1)
  })
})

describe('stageRects', () => {
  it.each(SIZES)('keeps stage and strip apart in %dx%d', (width, height) => {
    const { stage, strip } = stageRects(stripCapacity(width, height), width, height)
    expect(inside(stage, width, height)).toBe(true)
    expect(stage.width * stage.height).toBeGreaterThan((width * height) / 2)
    for (const rect of strip) {
      expect(inside(rect, width, height)).toBe(true)
      expect(overlap(rect, stage)).toBe(false)
    }
  })

  it('gives the stage everything when nobody else is there', () => {
    expect(stageRects(0, 800, 600)).toEqual({ stage: { x: 0, y: 0, width: 800, height: 600 }, strip: [] })
  })
})
