// The real binary, on a port and a data directory of its own.
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

const root = resolve(import.meta.dirname, '../../../..')
const binary = process.env.CONFAB_BIN ?? join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), 'debug', 'confab')

/** A port that nobody has now, and that the system gives to no connection that goes out: those begin at 32768. */
async function freePort(): Promise<number> {
  const port = 15_000 + Math.floor(Math.random() * 15_000)
  return new Promise((done) => {
    const probe = createServer()
    probe.once('error', () => done(freePort()))
    probe.listen(port, '127.0.0.1', () => probe.close(() => done(port)))
  })
}

export class Server {
  private child: ChildProcess | null = null
  private output = ''

  readonly port: number
  private readonly metricsPort: number
  /** The folder in which it keeps all that lasts. */
  readonly data: string
  private readonly flags: readonly string[]

  private constructor(port: number, metricsPort: number, data: string, flags: readonly string[]) {
    this.port = port
    this.metricsPort = metricsPort
    this.data = data
    this.flags = flags
  }

  /** `flags` come after those that every test needs. */
  static async start(...flags: string[]): Promise<Server> {
    const data = mkdtempSync(join(tmpdir(), 'confab-e2e-'))
    const server = new Server(await freePort(), await freePort(), data, flags)
    await server.run()
    return server
  }

  /** With the people of `confab demo`, all of whom have the password `confab-demo`. */
  static async startDemo(...flags: string[]): Promise<Server> {
    const data = mkdtempSync(join(tmpdir(), 'confab-e2e-'))
    await promisify(execFile)(binary, ['--data-dir', data, 'demo'])
    const server = new Server(await freePort(), await freePort(), data, flags)
    await server.run()
    return server
  }

  /** Browsers treat localhost as secure, so that camera and microphone work without TLS. */
  get url(): string {
    return `http://localhost:${this.port}`
  }

  async run(): Promise<void> {
    const flags = {
      listen: `0.0.0.0:${this.port}`,
      'media-port': '0',
      'metrics-listen': `127.0.0.1:${this.metricsPort}`,
      'data-dir': this.data,
      'rate-limit-scale': '1000',
    }
    const list = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value])
    const child = spawn(binary, [...list, ...this.flags], { stdio: ['ignore', 'pipe', 'pipe'] })
    this.child = child
    this.output = ''
    await new Promise<void>((done, fail) => {
      const read = (chunk: Buffer): void => {
        this.output += chunk.toString()
        if (this.output.includes('Confab is ready')) done()
      }
      child.stdout.on('data', read)
      child.stderr.on('data', read)
      child.once('error', (error) => fail(new Error(`cannot start ${binary}: ${error.message}`)))
      child.once('exit', (code) => fail(new Error(`confab ended with ${code}: ${this.output}`)))
    })
  }

  /** As a power cut would: no word to anybody. */
  async kill(): Promise<void> {
    const child = this.child
    this.child = null
    if (!child || child.exitCode !== null) return
    const gone = new Promise((done) => child.once('exit', done))
    child.kill('SIGKILL')
    await gone
  }

  async stop(): Promise<void> {
    await this.kill()
    rmSync(this.data, { recursive: true, force: true })
  }

  /** One number of the metrics page; a labelled metric by `name{label="value"}`. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`http://127.0.0.1:${this.metricsPort}/metrics`)).text()
    const line = text.split('\n').find((line) => line.startsWith(`${name} `))
    return line ? Number(line.slice(name.length + 1)) : NaN
  }

  async metrics(): Promise<string> {
    return (await fetch(`http://127.0.0.1:${this.metricsPort}/metrics`)).text()
  }

  /** The process, while it runs. */
  get pid(): number | undefined {
    return this.child?.pid
  }

  /** What the server wrote, for the report of a failed test. */
  get log(): string {
    return this.output
  }

  async createRoom(name?: string, codec?: string): Promise<{ id: string; url: string; host_key: string }> {
    const response = await fetch(`${this.url}/api/v1/rooms`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...(name && { name }), ...(codec && { codec }) }),
    })
    if (response.status !== 201) throw new Error(`no room: ${response.status} ${await response.text()}`)
    return (await response.json()) as { id: string; url: string; host_key: string }
  }
}
