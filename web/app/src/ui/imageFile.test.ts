import { expect, it } from 'vitest'
import { fileOf, fileProblem, sizeProblem } from './imageFile'

const MIB = 1024 * 1024

it.each([
  ['image/jpeg', 1, null],
  ['image/png', 10 * MIB, null],
  ['image/webp', 10 * MIB + 1, 'too_large'],
  ['image/svg+xml', 1, 'unsupported_image'],
  ['', 1, 'unsupported_image'],
])('a file of %s with %d bytes: %s', (type, size, problem) => {
  expect(fileProblem({ type, size })).toBe(problem)
})

it.each([
  [8000, 5000, null],
  [8000, 5001, 'too_large'],
  [0, 0, 'bad_image'],
])('an image of %d x %d: %s', (width, height, problem) => {
  expect(sizeProblem({ width, height })).toBe(problem)
})

it('takes the image of several files', () => {
  const text = { type: 'text/plain' }
  const image = { type: 'image/png' }
  const transfer = (...files: object[]) => ({ files }) as unknown as DataTransfer
  expect(fileOf(transfer(text, image))).toBe(image)
  expect(fileOf(transfer(text))).toBe(text)
  expect(fileOf(transfer())).toBeNull()
  expect(fileOf(null)).toBeNull()
})
