/** The part of `WebSocket` that the SDK uses, so that tests and other transports can stand in. */
export interface SignallingSocket {
  onopen: ((event: Event) => unknown) | null
  onmessage: ((event: MessageEvent) => unknown) | null
  onclose: ((event: CloseEvent) => unknown) | null
  onerror: ((event: Event) => unknown) | null
  send(text: string): void
  close(code?: number, reason?: string): void
}

/** Where the SDK reaches the outside world. All of it can be replaced through `RoomOptions.environment`. */
export interface Environment {
  socket(url: string, protocols: string[]): SignallingSocket
  peerConnection(configuration: RTCConfiguration): RTCPeerConnection
  /**
   * Whether the server behind this WebSocket URL answers HTTP. A browser does not tell a refused upgrade from a dead
   * server; this does.
   */
  serverIsUp(url: string): Promise<boolean>
}

const HEALTH_TIMEOUT_MS = 2000

async function serverIsUp(url: string): Promise<boolean> {
  const health = new URL('/healthz', url.replace(/^ws/, 'http'))
  const signal = AbortSignal.timeout(HEALTH_TIMEOUT_MS)
  try {
    const response = await fetch(health, { mode: 'no-cors', cache: 'no-store', signal })
    return response.ok || response.type === 'opaque'
  } catch {
    return false
  }
}

export const browser: Environment = {
  socket: (url, protocols) => new WebSocket(url, protocols),
  peerConnection: (configuration) => new RTCPeerConnection(configuration),
  serverIsUp,
}

/** An absolute `ws:` or `wss:` URL; a path is taken against the page's origin. */
export function socketUrl(url: string): string {
  const base = typeof location === 'undefined' ? undefined : location.href
  return new URL(url, base).href.replace(/^http/, 'ws')
}
