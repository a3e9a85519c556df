import { describe, expect, it } from 'vitest'
import { arrange, chooseStage, type TileRef } from './layout'

const camera = (id: string, local = false): TileRef => ({ key: `${id}:camera`, screen: false, local })
const screen = (id: string, local = false): TileRef => ({ key: `${id}:screen`, screen: true, local })
const me = camera('me', true)
const many = (count: number) => [me, ...Array.from({ length: count - 1 }, (_, index) => camera(`p${index}`))]

describe('chooseStage', () => {
  const tiles = [me, camera('a'), camera('b')]

  it('is empty in the grid and without shares', () => {
    expect(chooseStage(tiles, 'auto', null, 'a')).toBeNull()
    expect(chooseStage([...tiles, screen('a')], 'grid', null, 'a')).toBeNull()
  })

  it('goes to a share by itself, to the newest, and to the own one last', () => {
    expect(chooseStage([...tiles, screen('a')], 'auto', null, null)).toBe('a:screen')
    expect(chooseStage([...tiles, screen('a'), screen('b')], 'speaker', null, 'a')).toBe('b:screen')
    expect(chooseStage([...tiles, screen('a'), screen('me', true)], 'auto', null, null)).toBe('a:screen')
    expect(chooseStage([...tiles, screen('me', true)], 'auto', null, null)).toBe('me:screen')
  })

  it('follows the pin, as long as that tile exists', () => {
    expect(chooseStage([...tiles, screen('a')], 'auto', 'b:camera', null)).toBe('b:camera')
    expect(chooseStage(tiles, 'grid', 'b:camera', null)).toBe('b:camera')
    expect(chooseStage(tiles, 'auto', 'gone:camera', null)).toBeNull()
  })

  it('follows the speaker, else the first other person', () => {
    expect(chooseStage(tiles, 'speaker', null, 'b')).toBe('b:camera')
    expect(chooseStage(tiles, 'speaker', null, null)).toBe('a:camera')
    expect(chooseStage([me], 'speaker', null, null)).toBeNull()
  })
})

describe('arrange', () => {
  it('shows 49 on one page of a large screen and pages the rest', () => {
    expect(arrange(many(49), null, 0, 3800, 2000)).toMatchObject({ pages: 1 })
    const second = arrange(many(60), null, 1, 3800, 2000)
    expect(second.pages).toBe(2)
    expect(second.placed).toHaveLength(11)
  })

  it('clamps a page that no longer exists', () => {
    expect(arrange(many(5), null, 7, 1280, 640).page).toBe(0)
    expect(arrange(many(5), null, -1, 1280, 640).page).toBe(0)
  })

  it('puts one on the stage and the others, screens first, in the strip', () => {
    const result = arrange([me, camera('a'), screen('a'), screen('b')], 'b:screen', 0, 1280, 640)
    expect(result.placed.map(({ key, role }) => [key, role])).toEqual([
      ['b:screen', 'stage'],
      ['a:screen', 'strip'],
      ['me:camera', 'strip'],
      ['a:camera', 'strip'],
    ])
  })

  it('pages a long strip', () => {
    const { pages, placed } = arrange(many(25), 'p3:camera', 0, 1280, 640)
    expect(pages).toBeGreaterThan(3)
    expect(placed[0]).toMatchObject({ key: 'p3:camera', role: 'stage' })
  })
})
