// The browser tests: one story after the other, since two cores carry one meeting at a time.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    root: import.meta.dirname,
    // The soak runs for minutes and wants the machine for itself: SOAK_MINUTES asks for it.
    include: process.env.SOAK_MINUTES ? ['soak/*.test.ts'] : ['stories/*.test.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    // Hooks launch browsers, which alone has taken a minute on a machine that compiled meanwhile.
    hookTimeout: 120_000,
    reporters: ['verbose'],
  },
})
