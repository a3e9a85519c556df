import type { AttachmentKind } from '@confab/sdk/api'
import { expect, it } from 'vitest'
import { kindOf, nameParts, problemOf, sizeText } from './attached'

const MIB = 1024 * 1024

it.each([
  ['text/plain', 1, null],
  ['', 64 * MIB, null],
  ['video/mp4', 64 * MIB + 1, 'too_large'],
  ['text/plain', 0, 'empty'],
  ['image/png', 10 * MIB, null],
  ['image/jpeg', 10 * MIB + 1, 'image_too_large'],
  ['image/svg+xml', 11 * MIB, null],
  ['image/heic', 1, 'unsupported_image'],
  ['image/tiff', 1, 'unsupported_image'],
])('a file of type "%s" with %d bytes: %s', (type, size, problem) => {
  expect(problemOf({ type, size })).toBe(problem)
})

it.each<[string, AttachmentKind]>([
  ['image/webp', 'image'],
  ['image/svg+xml', 'file'],
  ['audio/wav', 'audio'],
  ['video/webm', 'video'],
  ['', 'file'],
])('a file of type "%s" is taken for %s', (type, kind) => {
  expect(kindOf(type)).toBe(kind)
})

it.each([
  ['report.pdf', ['report', '.pdf']],
  ['a.b.tar.gz', ['a.b.tar', '.gz']],
  ['.env', ['.env', '']],
  ['Makefile', ['Makefile', '']],
  ['one. A sentence that is no ending', ['one. A sentence that is no ending', '']],
])('the ending of %s', (name, parts) => {
  expect(nameParts(name)).toEqual(parts)
})

it('says bytes as people do', () => {
  const said = [1, 999, 1500, 512 * 1024, 1000 * 1024, 10 * MIB, 64 * MIB].map((bytes) => sizeText(bytes, 'en'))
  expect(said).toEqual(['1 byte', '999 byte', '1.5 kB', '512 kB', '1 MB', '10 MB', '64 MB'])
})
