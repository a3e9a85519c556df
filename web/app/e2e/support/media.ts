// Small files of every kind, and the ways in which they get onto a page.
import type { Locator, Page } from 'playwright-core'

export interface TestFile {
  name: string
  mimeType: string
  buffer: Buffer
}

export const textFile = (name: string, text: string): TestFile => ({
  name,
  mimeType: 'text/plain',
  buffer: Buffer.from(text),
})

/** Half a second of a tone, as a WAV file (https://www.rfc-editor.org/rfc/rfc2361#appendix-A). */
export function wavFile(name: string): TestFile {
  const RATE = 8000
  const sound = Buffer.from(Array.from({ length: RATE / 2 }, (_, at) => 128 + Math.round(100 * Math.sin(at / 3))))
  const header = Buffer.alloc(44)
  header.write('RIFF', 0)
  header.writeUInt32LE(36 + sound.length, 4)
  header.write('WAVEfmt ', 8)
  header.writeUInt32LE(16, 16)
  // PCM, one channel, so many samples a second, as many bytes a second, of one byte with 8 bits.
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(RATE, 24)
  header.writeUInt32LE(RATE, 28)
  header.writeUInt16LE(1, 32)
  header.writeUInt16LE(8, 34)
  header.write('data', 36)
  header.writeUInt32LE(sound.length, 40)
  return { name, mimeType: 'audio/wav', buffer: Buffer.concat([header, sound]) }
}

/** A few pictures that the browser records from a canvas of 64 by 48. */
export async function webmFile(page: Page, name: string): Promise<TestFile> {
  const bytes = await page.evaluate(async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 48 })
    const context = canvas.getContext('2d')!
    const recorder = new MediaRecorder(canvas.captureStream(30), { mimeType: 'video/webm;codecs=vp8' })
    const parts: Blob[] = []
    recorder.ondataavailable = ({ data }) => void parts.push(data)
    const ended = new Promise((done) => (recorder.onstop = done))
    recorder.start()
    for (let frame = 0; frame < 15; frame++) {
      context.fillStyle = `hsl(${frame * 20} 80% 50%)`
      context.fillRect(0, 0, 64, 48)
      await new Promise(requestAnimationFrame)
    }
    recorder.stop()
    await ended
    return [...new Uint8Array(await new Blob(parts).arrayBuffer())]
  })
  return { name, mimeType: 'video/webm', buffer: Buffer.from(bytes) }
}

/** Drags files over the page and lets go of them on the target that then appears. */
export async function dropFiles(page: Page, files: readonly TestFile[]): Promise<void> {
  const given = files.map(({ buffer, ...file }) => ({ ...file, bytes: [...buffer] }))
  const transfer = await page.evaluateHandle((files) => {
    const transfer = new DataTransfer()
    for (const { name, mimeType: type, bytes } of files) {
      transfer.items.add(new File([new Uint8Array(bytes)], name, { type }))
    }
    return transfer
  }, given)
  await dropTransfer(page, transfer)
}

/** As `dropFiles`, with files of so many bytes, all of them zero: the test has no need to send them to the browser. */
export async function dropZeros(
  page: Page,
  files: readonly { name: string; type: string; size: number }[],
): Promise<void> {
  const transfer = await page.evaluateHandle((files) => {
    const transfer = new DataTransfer()
    for (const { name, type, size } of files) transfer.items.add(new File([new Uint8Array(size)], name, { type }))
    return transfer
  }, files)
  await dropTransfer(page, transfer)
}

async function dropTransfer(page: Page, dataTransfer: unknown): Promise<void> {
  await page.dispatchEvent('body', 'dragenter', { dataTransfer })
  await page.getByTestId('drop-target').dispatchEvent('drop', { dataTransfer })
  await page.getByTestId('drop-target').waitFor({ state: 'detached' })
}

/** Pastes files where somebody writes. */
export async function pasteFiles(field: Locator, files: readonly TestFile[]): Promise<void> {
  const given = files.map(({ buffer, ...file }) => ({ ...file, bytes: [...buffer] }))
  await field.evaluate((element, files) => {
    const clipboardData = new DataTransfer()
    for (const { name, mimeType: type, bytes } of files) {
      clipboardData.items.add(new File([new Uint8Array(bytes)], name, { type }))
    }
    element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
  }, given)
}
