// Fails when the first load is larger than it may be: `npm run build -w @confab/app && node app/scripts/budget.mjs`.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

/** The start page, and the lobby that a link opens: JavaScript before anything can be clicked. */
const FIRST_LOAD_LIMIT = 60_000
/** Fetched while one is in the lobby. */
const CALL_LIMIT = 100_000

const dist = new URL(`../${process.argv[2] ?? 'dist'}/`, import.meta.url)
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'))

/** An entry's file and all that it imports statically. */
function closure(key, seen = new Set()) {
  const chunk = manifest[key]
  if (!chunk) throw new Error(`no ${key} in the manifest`)
  if (seen.has(chunk.file)) return seen
  seen.add(chunk.file)
  for (const next of chunk.imports ?? []) closure(next, seen)
  return seen
}

const gzipped = (files) =>
  [...files].reduce((sum, file) => sum + gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length, 0)

const start = closure('index.html')
const lobby = closure('src/routes/RoomPage.svelte', new Set(start))
const call = closure('src/routes/Left.svelte', closure('src/call/CallPage.svelte', new Set(lobby)))

if (lobby.has(manifest['src/call/CallPage.svelte'].file)) throw new Error('the call page is no longer a lazy chunk')

let failed = false
for (const [name, files, limit] of [
  ['start page', start, FIRST_LOAD_LIMIT],
  ['lobby', lobby, FIRST_LOAD_LIMIT],
  ['lobby + call', call, CALL_LIMIT],
]) {
  const size = gzipped(files)
  failed ||= size > limit
  console.log(`${size > limit ? 'TOO LARGE' : 'ok'}  ${name}: ${(size / 1000).toFixed(1)} kB gzip of ${limit / 1000}`)
}
process.exitCode = failed ? 1 : 0
