import { describe, expect, it } from 'vitest'
import { matchRoute } from '../routes/match'
import { needsSignIn, safeNext, signInPath } from './nextPath'

describe('safeNext', () => {
  it.each(['/people', '/settings/privacy', '/@ann', '/r/k3vq-8c2m-x0tz-9hdr?x=1#y', '/people?a=%2F%2Fevil.example'])(
    'goes to %s',
    (path) => expect(safeNext(path)).toBe(path),
  )

  it.each([
    null,
    '',
    'people',
    'https://evil.example/people',
    '//evil.example/people',
    '/\\evil.example/people',
    '\\/evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '/people\\..\\..',
    ' /people',
    'javascript:alert(1)',
    '/nowhere',
    '/@ann/..//evil.example',
    '/%2F/evil.example',
  ])('goes to the start page instead of %j', (path) => expect(safeNext(path)).toBe('/'))

  it.each(['/sign-in', '/sign-in?next=/people', '/register', '/verify#x', '/reset#x', '/restore', '/check-mail'])(
    'does not go round in a circle by %s',
    (path) => expect(safeNext(path)).toBe('/'),
  )

  it('stays on this origin by any reading of what it lets through', () => {
    const origin = 'https://meet.example'
    const parts = ['/', '\\', '@', ':', '?', '#', '.', 'people', 'evil.example', '\t', '%2f', '//']
    for (const a of parts)
      for (const b of parts)
        for (const c of parts)
          for (const path of [a + b + c, `/people${a}${b}${c}`])
            expect(new URL(safeNext(path), `${origin}/sign-in`).origin).toBe(origin)
  })
})

it('comes back to where one was going', () => {
  expect(signInPath('/people?a=1&b=2')).toBe('/sign-in?next=%2Fpeople%3Fa%3D1%26b%3D2')
  expect(signInPath('/')).toBe('/sign-in')
  expect(signInPath('/sign-in?next=/people')).toBe('/sign-in')
  const route = matchRoute(signInPath('/settings/data#x'))
  expect(route.page === 'sign_in' && safeNext(route.next)).toBe('/settings/data#x')
})

it.each([
  ['/', false],
  ['/r/k3vq-8c2m-x0tz-9hdr', false],
  ['/@ann', false],
  ['/api-docs', false],
  ['/people', true],
  ['/settings', true],
  ['/settings/data', true],
])('%s needs one to be signed in: %s', (path, needed) => {
  expect(needsSignIn(matchRoute(path))).toBe(needed)
})
