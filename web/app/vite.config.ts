import { fileURLToPath } from 'node:url'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/**
 * `vite` and `vite build` use the SDK's sources. `--mode demo` swaps in a fake SDK with drawn participants, which needs
 * no server and no camera: for design work and screenshots, never for production.
 */
export default defineConfig(({ mode }) => {
  const demo = mode === 'demo'
  const server = process.env.CONFAB_SERVER ?? 'http://127.0.0.1:8080'
  return {
    plugins: [svelte()],
    resolve: {
      alias: [
        { find: /^@confab\/sdk\/api$/, replacement: file(demo ? 'src/dev/fakeApi.ts' : '../sdk/src/api.ts') },
        { find: /^@confab\/sdk$/, replacement: file(demo ? 'src/dev/fakeSdk.ts' : '../sdk/src/index.ts') },
      ],
    },
    server: { proxy: demo ? undefined : { '/api/': { target: server, ws: true }, '/media/': server } },
    build: {
      // Where neither git, prettier nor the server's embedding looks.
      outDir: demo ? 'node_modules/.demo' : 'dist',
      target: 'es2023',
      manifest: true,
      rolldownOptions: {
        // The first load names every chunk that any page may need: without words they are half as long.
        output: { chunkFileNames: 'assets/[hash].js', assetFileNames: 'assets/[hash][extname]' },
      },
      // Data URLs would need a wider CSP.
      assetsInlineLimit: 0,
    },
  }
})
