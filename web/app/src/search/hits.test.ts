import { expect, it } from 'vitest'
import { fold, hits } from './hits'

/** The pieces as one text, with the hits in brackets. */
const marked = (text: string, query: string): string =>
  hits(text, query)
    .map((piece) => (piece.isHit ? `[${piece.text}]` : piece.text))
    .join('')

it.each([
  ['Zoë', 'zoe'],
  ['JIMÉNEZ', 'jimenez'],
  ['Ａｎｎ', 'ann'],
  ['İstanbul', 'istanbul'],
  ['ﬁnd', 'find'],
  ['Großer Łukasz Ødegård', 'grosser lukasz odegard'],
])('folds %s', (text, folded) => expect(fold(text)).toBe(folded))

it.each([
  ['Carla Jiménez', 'jimenez', 'Carla [Jiménez]'],
  ['Carla Jiménez', 'JIMÉ', 'Carla [Jimé]nez'],
  ['Carla Jime\u0301nez', 'jime', 'Carla [Jime\u0301]nez'],
  ['Carla Jiménez', 'jim car', '[Car]la [Jim]énez'],
  ['Dan and Ann', 'an', 'Dan [an]d [An]n'],
  ['Hohe Straße', 'strasse', 'Hohe [Straße]'],
  ['Anne-Marie O’Neil', 'marie-o', 'Anne-[Marie] [O]’Neil'],
  ['Dan', 'an', 'D[an]'],
  ['李小龍 plays', '小龍', '李[小龍] plays'],
  ['東京タワーと東京', '東京', '[東京]タワーと[東京]'],
  ['가나다', '가', '[가]나다'],
  ['가나다', '\u1100', '[가]나다'],
  ['ﬁnd', 'f', '[ﬁ]nd'],
  ['👩‍🚀 Ann', 'ann', '👩‍🚀 [Ann]'],
  ['Ann', '  ', 'Ann'],
  ['Ann', 'bob', 'Ann'],
  ['', 'bob', ''],
])('%s for %s', (text, query, expected) => expect(marked(text, query)).toBe(expected))

it('gives back the whole text whatever is searched for', () => {
  const text = 'Ωmega ǅ e\u0301\u0302 İı ß 𝒜nn 한국어 ﷺ'
  for (const query of [...text, ...fold(text), 'e', text]) {
    expect(hits(text, query).map((piece) => piece.text).join('')).toBe(text) // prettier-ignore
  }
})
