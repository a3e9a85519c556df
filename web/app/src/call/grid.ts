export interface Rect {
  x: number
  y: number
  width: number
  height: number
}

export const GAP = 8
export const MAX_TILES = 49
const WIDEST = 16 / 9
/** Tiles may be taller than 16:9 (the picture is cropped) where that uses space which would stay empty. */
const TALLEST_ON_WIDE = 4 / 3
const TALLEST_ON_TALL = 4 / 5
/** Narrower tiles could not show a name. */
const MIN_TILE_WIDTH = 140
const MIN_TILE_HEIGHT = 79

/** The number of columns that makes the tiles as large as they can be. */
export function chooseColumns(count: number, width: number, height: number): number {
  let best = 1
  let bestArea = 0
  for (let columns = 1; columns <= Math.max(count, 1); columns++) {
    const tile = fitTile(cellSize(columns, Math.ceil(count / columns), width, height), width > height)
    const area = tile.width * tile.height
    if (area > bestArea * 1.01) {
      best = columns
      bestArea = area
    }
  }
  return best
}

/** How many tiles of a useful size fit on one page. */
export function pageCapacity(width: number, height: number): number {
  for (let count = MAX_TILES; count > 1; count--) {
    const columns = chooseColumns(count, width, height)
    const cell = cellSize(columns, Math.ceil(count / columns), width, height)
    if (cell.width >= MIN_TILE_WIDTH && cell.height >= MIN_TILE_HEIGHT) return count
  }
  return 1
}

/** Equal tiles in rows, the last row centred. */
export function gridRects(count: number, width: number, height: number): Rect[] {
  if (count === 0 || width <= 0 || height <= 0) return []
  const columns = chooseColumns(count, width, height)
  const rows = Math.ceil(count / columns)
  const tile = fitTile(cellSize(columns, rows, width, height), width > height)
  const top = (height - rows * tile.height - (rows - 1) * GAP) / 2
  return Array.from({ length: count }, (_, index) => {
    const row = Math.floor(index / columns)
    const inRow = row === rows - 1 ? count - row * columns : columns
    const left = (width - inRow * tile.width - (inRow - 1) * GAP) / 2
    return {
      x: Math.round(left + (index % columns) * (tile.width + GAP)),
      y: Math.round(top + row * (tile.height + GAP)),
      width: Math.floor(tile.width),
      height: Math.floor(tile.height),
    }
  })
}

export interface StageRects {
  stage: Rect
  strip: Rect[]
}

/** The sizes of a strip tile and how many fit beside (or, on a tall screen, below) the stage. */
export function stripCapacity(width: number, height: number): number {
  const { tile, beside } = stripTile(width, height)
  return Math.max(1, Math.floor(((beside ? height : width) + GAP) / ((beside ? tile.height : tile.width) + GAP)))
}

/** One large tile, the others in a strip. */
export function stageRects(stripCount: number, width: number, height: number): StageRects {
  if (width <= 0 || height <= 0) return { stage: { x: 0, y: 0, width: 0, height: 0 }, strip: [] }
  if (stripCount === 0) return { stage: { x: 0, y: 0, width, height }, strip: [] }
  const { tile, beside } = stripTile(width, height)
  const stage = beside
    ? { x: 0, y: 0, width: width - tile.width - GAP, height }
    : { x: 0, y: 0, width, height: height - tile.height - GAP }
  const length = stripCount * ((beside ? tile.height : tile.width) + GAP) - GAP
  const start = Math.max(0, Math.round(((beside ? height : width) - length) / 2))
  const strip = Array.from({ length: stripCount }, (_, index) =>
    beside
      ? { x: width - tile.width, y: start + index * (tile.height + GAP), ...tile }
      : { x: start + index * (tile.width + GAP), y: height - tile.height, ...tile },
  )
  return { stage, strip }
}

function stripTile(width: number, height: number): { tile: { width: number; height: number }; beside: boolean } {
  const beside = width > height * 1.1
  const tileWidth = beside ? clamp(width * 0.18, 120, 260) : clamp(width * 0.31, 96, 200)
  return { tile: { width: Math.round(tileWidth), height: Math.round(tileWidth / WIDEST) }, beside }
}

function cellSize(columns: number, rows: number, width: number, height: number): { width: number; height: number } {
  return { width: (width - (columns - 1) * GAP) / columns, height: (height - (rows - 1) * GAP) / rows }
}

function fitTile(cell: { width: number; height: number }, wide: boolean): { width: number; height: number } {
  if (cell.width <= 0 || cell.height <= 0) return { width: 0, height: 0 }
  if (cell.width / cell.height > WIDEST) return { width: cell.height * WIDEST, height: cell.height }
  return { width: cell.width, height: Math.min(cell.height, cell.width / (wide ? TALLEST_ON_WIDE : TALLEST_ON_TALL)) }
}

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value))
