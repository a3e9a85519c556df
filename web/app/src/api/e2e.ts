/**
 * Parameters for browser tests, read only when the address has `?e2e`; they do nothing otherwise.
 *
 * - `&width=320&height=180&fps=15` make the camera small: tests run five browsers on two cores.
 * - `&name=Ann` fills in the name, `&autojoin` joins without a click.
 * - `window.__confab = { room }` gives tests the SDK's Room.
 */
export interface TestOptions {
  videoConstraints: MediaTrackConstraints | undefined
  name: string | null
  autojoin: boolean
}

export function testOptions(search = location.search): TestOptions | null {
  const query = new URLSearchParams(search)
  if (!query.has('e2e')) return null
  const number = (key: string) => Number(query.get(key)) || undefined
  const [width, height, frameRate] = [number('width'), number('height'), number('fps')]
  return {
    videoConstraints:
      width || height || frameRate
        ? { ...(width && { width }), ...(height && { height }), ...(frameRate && { frameRate }) }
        : undefined,
    name: query.get('name'),
    autojoin: query.has('autojoin'),
  }
}

/** Test parameters go along when the app moves to another page. */
export const keptQuery = (): string => (testOptions() || import.meta.env.MODE === 'demo' ? location.search : '')

export function exposeRoom(room: unknown): void {
  if (testOptions()) Object.assign(window, { __confab: { room } })
}
