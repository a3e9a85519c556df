// A TCP proxy in front of the server, so that a test can cut its connections without a word.
import { connect, createServer, type AddressInfo, type Server as TcpServer, type Socket } from 'node:net'

export class Proxy {
  private readonly listener: TcpServer
  private readonly sockets = new Set<Socket>()

  private constructor(target: number) {
    this.listener = createServer((client) => {
      const server = connect(target, '127.0.0.1')
      for (const [from, to] of [
        [client, server],
        [server, client],
      ] as const) {
        this.sockets.add(from)
        from.on('close', () => {
          this.sockets.delete(from)
          to.destroy()
        })
        from.on('error', () => from.destroy())
        from.pipe(to)
      }
    })
  }

  static async start(target: number): Promise<Proxy> {
    const proxy = new Proxy(target)
    await new Promise<void>((done) => proxy.listener.listen(0, '127.0.0.1', done))
    return proxy
  }

  get url(): string {
    return `http://localhost:${(this.listener.address() as AddressInfo).port}`
  }

  /** Resets every connection that is open now. */
  cut(): void {
    for (const socket of this.sockets) socket.resetAndDestroy()
  }

  async stop(): Promise<void> {
    this.cut()
    await new Promise((done) => this.listener.close(done))
  }
}
