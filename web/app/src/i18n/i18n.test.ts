import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { callDe } from './call.de'
import { callEn } from './call.en'
import { de as deFirst } from './de'
import { en as enFirst } from './en'
import { moreDe } from './more.de'
import { moreEn } from './more.en'

const [en, de] = [
  { ...enFirst, ...callEn, ...moreEn },
  { ...deFirst, ...callDe, ...moreDe },
]

const keys = (object: object): string[] =>
  Object.entries(object).flatMap(([section, texts]) => Object.keys(texts).map((key) => `${section}.${key}`))

const sources = readdirSync(join(import.meta.dirname, '..'), { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.(svelte|ts)$/.test(path) && !path.startsWith('i18n') && !path.startsWith('dev'))
  .map((path) => readFileSync(join(import.meta.dirname, '..', path), 'utf8'))

describe('the dictionaries', () => {
  it('have the same keys', () => {
    expect(keys(de).sort()).toEqual(keys(en).sort())
  })

  it('have each section once', () => {
    const sections = [enFirst, callEn, moreEn].flatMap((part) => Object.keys(part))
    expect(sections.filter((section, index) => sections.indexOf(section) !== index)).toEqual([])
  })

  it('have no empty text', () => {
    for (const dictionary of [en, de])
      for (const section of Object.values(dictionary))
        for (const text of Object.values(section)) expect(text).not.toBe('')
  })

  it('have no text that nobody shows', () => {
    // Indexed by a value of the SDK, so that the name is not in the source.
    const indexed = /^(stats\.(good|fair|poor|microphone|camera|screen|screen_audio)|composer\.friends)$/
    const unused = keys(en).filter(
      (key) => !indexed.test(key) && !sources.some((text) => text.includes(`.${key.split('.')[1]}`)),
    )
    expect(unused).toEqual([])
  })
})
