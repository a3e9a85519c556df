import { describe, expect, it } from 'vitest'
import { checkEmail, checkName, checkNewPassword, checkUsername } from './checks'
import { strengthOf } from './strength'

it.each([
  ['ann@example.org', null],
  [' ann+x@mail.example.org ', null],
  ['ännä@exämple.org', null],
  ['', 'required'],
  ['  ', 'required'],
  ['ann', 'email'],
  ['ann@', 'email'],
  ['ann@localhost', null],
  ['ann@example.', 'email'],
  ['@example.org', 'email'],
  ['a b@example.org', 'email'],
  ['a@b@example.org', 'email'],
  [`${'a'.repeat(243)}@example.org`, 'too_long'],
  [`${'a'.repeat(242)}@example.org`, null],
])('e-mail %j: %s', (value, problem) => expect(checkEmail(value)).toBe(problem))

it.each([
  ['ann', null],
  ['9.Ann_L-x', null],
  ['', 'required'],
  ['an', 'username_short'],
  ['.ann', 'username_start'],
  ['änn', 'username_characters'],
  ['ann lee', 'username_characters'],
  ['a'.repeat(30), null],
  ['a'.repeat(31), 'too_long'],
])('username %j: %s', (value, problem) => expect(checkUsername(value)).toBe(problem))

it('counts characters and not their parts', () => {
  expect(checkNewPassword('🙂'.repeat(9))).toBe('password_short')
  expect(checkNewPassword('🙂'.repeat(10))).toBeNull()
  expect(checkNewPassword('🙂'.repeat(128))).toBeNull()
  expect(checkNewPassword('🙂'.repeat(129))).toBe('too_long')
  expect(checkNewPassword(' '.repeat(10))).toBeNull()
  expect(checkName('李'.repeat(60))).toBeNull()
  expect(checkName('李'.repeat(61))).toBe('too_long')
})

describe('strength', () => {
  it.each([
    ['short', 0],
    ['aaaaaaaaaaaa', 1],
    ['1234567890', 1],
    ['password1234', 1],
    ['qwertyuiop12', 1],
    ['Sommer2026', 1],
    ['abcabcabcabcabc', 1],
    ['ann.petrova.1', 1],
    ['mk3vq8c2mx', 2],
    ['lamp orbit velvet nine', 4],
    ['x7#Kq9!mPz2$', 4],
  ] as const)('%s: %i', (password, strength) => {
    expect(strengthOf(password, ['Ann', 'Petrova', ''])).toBe(strength)
  })

  it('never falls when more random characters come after', () => {
    const text = 'q7Zr-k2Vx_m9Tb'
    const all = [...text].map((_, length) => strengthOf(text.slice(0, length + 1)))
    expect(all).toEqual([...all].sort((a, b) => a - b))
  })
})
