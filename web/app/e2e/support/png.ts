// A picture that a test can know again: upright stripes of plain colours, as a PNG file
// (https://www.w3.org/TR/png-3/).
import { crc32, deflateSync } from 'node:zlib'
import type { Locator } from 'playwright-core'

export type Colour = readonly [red: number, green: number, blue: number]

/** Stripes of equal width, from left to right. */
export function stripes(width: number, height: number, colours: readonly Colour[]): Buffer {
  const line = Buffer.alloc(1 + 3 * width)
  for (let x = 0; x < width; x++) line.set(colours[Math.floor((x * colours.length) / width)]!, 1 + 3 * x)
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  // 8 bits for each of red, green and blue.
  header.set([8, 2, 0, 0, 0], 8)
  const lines = Buffer.concat(Array.from({ length: height }, () => line))
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(lines)),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(name: string, content: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), content])
  const around = Buffer.alloc(8)
  around.writeUInt32BE(content.length, 0)
  around.writeUInt32BE(crc32(named), 4)
  return Buffer.concat([around.subarray(0, 4), named, around.subarray(4)])
}

/** Whether an image on the page, once it is there, is of this colour from left to right. */
export async function showsColour(image: Locator, colour: Colour): Promise<boolean> {
  const seen = await image.evaluate(coloursOf)
  // Pictures are compressed: colours come back a little different.
  const is = (one: number[]): boolean => colour.every((value, index) => Math.abs(one[index]! - value) < 25)
  return seen.every(is)
}

/** Runs in the page. */
async function coloursOf(element: SVGElement | HTMLElement): Promise<number[][]> {
  const image = element as HTMLImageElement
  await image.decode()
  const canvas = Object.assign(document.createElement('canvas'), { width: 100, height: 100 })
  const context = canvas.getContext('2d')!
  context.drawImage(image, 0, 0, 100, 100)
  return [5, 35, 65, 95].map((x) => [...context.getImageData(x, 50, 1, 1).data.slice(0, 3)])
}
