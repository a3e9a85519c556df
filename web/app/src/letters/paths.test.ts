import { expect, it } from 'vitest'
import { matchRoute } from '../routes/match'
import { letterPath, mailPath, matchMail } from './paths'

const ID = '0197a0b0-c0d0-7e0f-8a0b-0c0d0e0f0a0b'

it.each([
  ['', { kind: 'box', box: 'inbox' }],
  ['sent', { kind: 'box', box: 'sent' }],
  ['new', { kind: 'new' }],
  [ID, { kind: 'letter', id: ID }],
  [ID.toUpperCase(), { kind: 'letter', id: ID }],
  ['drafts', null],
  [`${ID}0`, null],
])('%s', (at, route) => {
  expect(matchMail(at)).toEqual(route)
})

it('leads to what it makes links to', () => {
  for (const path of [mailPath('inbox'), mailPath('sent'), letterPath(ID), '/mail/new?to=ann']) {
    const route = matchRoute(path)
    expect(route).toMatchObject({ page: 'mail', to: path.includes('ann') ? 'ann' : '' })
    expect(matchMail((route as { at: string }).at)).not.toBeNull()
  }
})
