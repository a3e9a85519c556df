import { gridRects, pageCapacity, type Rect, stageRects, stripCapacity } from './grid'

export type LayoutMode = 'auto' | 'grid' | 'speaker'

export interface TileRef {
  /** `{participant}:{camera|screen}` */
  key: string
  screen: boolean
  local: boolean
}

export interface Arrangement {
  placed: { key: string; rect: Rect; role: 'grid' | 'stage' | 'strip' }[]
  stage: string | null
  pages: number
  page: number
}

/** Who takes the stage: the pinned tile, else the newest screen share, else (in speaker layout) whoever speaks. */
export function chooseStage(
  tiles: TileRef[],
  mode: LayoutMode,
  pinned: string | null,
  speaker: string | null,
): string | null {
  const find = (key: string | null) => tiles.find((tile) => tile.key === key)?.key ?? null
  if (find(pinned)) return pinned
  if (mode === 'grid') return null
  const share = tiles.findLast((tile) => tile.screen && !tile.local) ?? tiles.findLast((tile) => tile.screen)
  if (share) return share.key
  if (mode !== 'speaker') return null
  return find(speaker && `${speaker}:camera`) ?? tiles.find((tile) => !tile.local)?.key ?? null
}

/** Where each tile of the wanted page lies. Tiles keep their order, so that nothing jumps. */
export function arrange(
  tiles: TileRef[],
  stage: string | null,
  page: number,
  width: number,
  height: number,
): Arrangement {
  const onStage = tiles.find((tile) => tile.key === stage)
  // Other screens come first in the strip: they are what one switches to.
  const rest = onStage
    ? [...tiles.filter((tile) => tile.screen), ...tiles.filter((tile) => !tile.screen)].filter(
        (tile) => tile !== onStage,
      )
    : tiles
  const capacity = onStage ? stripCapacity(width, height) : pageCapacity(width, height)
  const pages = Math.max(1, Math.ceil(rest.length / capacity))
  const current = Math.min(Math.max(page, 0), pages - 1)
  const visible = rest.slice(current * capacity, (current + 1) * capacity)

  if (!onStage) {
    const rects = gridRects(visible.length, width, height)
    return { placed: place(visible, rects, 'grid'), stage: null, pages, page: current }
  }
  const rects = stageRects(visible.length, width, height)
  const placed = [...place([onStage], [rects.stage], 'stage'), ...place(visible, rects.strip, 'strip')]
  return { placed, stage: onStage.key, pages, page: current }
}

function place(tiles: TileRef[], rects: Rect[], role: Arrangement['placed'][number]['role']): Arrangement['placed'] {
  return tiles.flatMap(({ key }, index) => {
    const rect = rects[index]
    return rect ? [{ key, rect, role }] : []
  })
}
