// Ends a story: closes what it opened, and fails if any page complained.
import { expect } from 'vitest'
import type { Chromium, Firefox } from './browsers.ts'

interface Closable {
  stop(): Promise<void>
}

/** `expected` are the complaints that belong to the story: browsers report lost connections as errors. */
export async function end(
  servers: (Closable | undefined)[],
  browsers: (Chromium | Firefox | undefined)[],
  expected: RegExp[] = [],
): Promise<void> {
  await Promise.all(browsers.map((browser) => browser?.close()))
  for (const server of servers) await server?.stop()
  const errors = browsers.flatMap((browser) => browser?.errors ?? [])
  expect(errors.filter((error) => !expected.some((pattern) => pattern.test(error)))).toEqual([])
}
