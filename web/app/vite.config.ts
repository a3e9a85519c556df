import { fileURLToPath } from 'node:url'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Small parts of the pages of people with accounts. None of them is in the first load, nor imported by what is. */
const SHARED = new RegExp(
  [
    'account/events.svelte',
    'letters/unread',
    'notifications/(badge|clock.svelte)',
    'people/(EndlessList|Fetched|Nothing|PersonText|listState.svelte|live|nearEnd|paging|refusals|visits)',
    'posts/(textParts|undo)',
    'settings/(dayName|days)',
    'ui/LinkTabs',
  ]
    .map((path) => `/src/${path}\\.(svelte|ts)`)
    .join('|'),
)

/** Small parts of the start page and of what all pages have around them, which other pages use as well. */
const FIRST = new RegExp(
  [
    'api/(e2e|meetings)',
    'routes/failures',
    'search/shortcut',
    'ui/(Avatar|Banner|Button|IconButton|Menu|MenuItem|Notice|TextField|identity|notices)',
  ]
    .map((path) => `/src/${path}(\\.svelte)?(\\.ts)?$`)
    .join('|'),
)

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
      // Data URLs would need a wider CSP.
      assetsInlineLimit: 0,
      // Each chunk has its name in the first load, whoever needs it: what several lazy pages share is one, not twenty.
      rolldownOptions: {
        output: {
          // Without words they are half as long.
          chunkFileNames: 'assets/[hash].js',
          assetFileNames: 'assets/[hash][extname]',
          codeSplitting: {
            includeDependenciesRecursively: false,
            groups: [
              { name: 'pages', test: SHARED },
              { name: 'first', test: FIRST },
            ],
          },
        },
      },
    },
  }
})
