import type { ClientMessage, Source } from '../protocol.js'

/** What the server believes of a source. */
export type Announced = 'nothing' | 'muted' | 'unmuted'

/** One thing that the local participant may publish: what it is, what it should be, and what the server was told. */
export class LocalSource {
  readonly source: Source
  track: MediaStreamTrack | null = null
  on: boolean = false
  announced: Announced = 'nothing'
  /** A microphone or camera that was on stays published while it is off: it is muted. A screen is not. */
  readonly #stays: boolean

  constructor(source: Source) {
    this.source = source
    this.#stays = source === 'microphone' || source === 'camera'
  }

  /** What the server should believe. */
  get wanted(): Announced {
    if (this.on) return 'unmuted'
    return this.#stays && this.announced !== 'nothing' ? 'muted' : 'nothing'
  }

  /** The message from what was announced to what is wanted; null when they agree. */
  announcement(): ClientMessage | null {
    const { source, wanted, announced } = this
    if (wanted === announced) return null
    if (wanted === 'nothing') return { type: 'unpublish', source }
    const muted = wanted === 'muted'
    return announced === 'nothing' ? { type: 'publish', source, muted } : { type: 'mute', source, muted }
  }

  /**
   * What the server says after a reconnect. True when a host muted the source in the meantime: it must not go on again
   * by itself, while an unmuting that got lost on the way must.
   */
  reconcile(server: Announced): boolean {
    const mutedByHost = server === 'muted' && this.announced === 'unmuted' && this.on
    // Gone there but known here: published again, in its present state.
    this.announced = server
    return mutedByHost
  }
}
