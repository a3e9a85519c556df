import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const sdk = (file: string): string => fileURLToPath(new URL(`sdk/src/${file}.ts`, import.meta.url))

/** Unit tests of plain TypeScript, against the SDK's sources. What needs a page runs in real browsers: app/e2e. */
export default defineConfig({
  resolve: {
    alias: [
      { find: /^@confab\/sdk$/, replacement: sdk('index') },
      { find: /^@confab\/sdk\/(api|testing)$/, replacement: sdk('$1') },
    ],
  },
  test: {
    environment: 'node',
    include: ['sdk/test/**/*.test.ts', 'app/src/**/*.test.ts'],
  },
})
