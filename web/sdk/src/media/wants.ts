import type { ClientMessage } from '../protocol.js'
import type { Participant } from '../participant.js'
import type { Source } from '../protocol.js'
import type { TrackPublication } from '../publication.js'
import type { Roster } from '../roster.js'
import type { Peer } from './peer.js'
import type { Candidate } from './slots.js'
import { SlotAllocator } from './slots.js'

export interface WantsHooks {
  send(message: ClientMessage): boolean
  /** More slots are there, or could not be had. */
  grown(error: unknown): void
}

/** What a new peer connection starts with; saying it would be news to nobody. */
const NOTHING = '[]'
/** A window that is being dragged changes size sixty times a second. */
const SOON_MS = 100
/** How long the application has to attach a picture that has begun before it is paused. */
const FRESH_MS = 2000

/** Tells the server what the page wants to see: collects changes, sends one message, and only if it says anything new. */
export class Wants {
  readonly #roster: Roster
  readonly #hooks: WantsHooks
  readonly #allocator = new SlotAllocator()
  /** Those who were shown to the application, or attached by it, need no picture to draw attention. */
  readonly #settled = new WeakSet<TrackPublication>()
  #peer: Peer | null = null
  #sent = ''
  #timer: ReturnType<typeof setTimeout> | undefined
  #scheduled = false
  #flushedAt = -Infinity
  #growing = false

  constructor(roster: Roster, hooks: WantsHooks) {
    this.#roster = roster
    this.#hooks = hooks
  }

  setPeer(peer: Peer | null): void {
    this.#peer = peer
    this.#allocator.reset()
    this.#sent = NOTHING
    this.#growing = false
  }

  changed(urgency: 'now' | 'soon'): void {
    // Fifty people who join at once must not make fifty messages: the server allows twenty a second.
    if (urgency === 'soon' || performance.now() - this.#flushedAt < SOON_MS) {
      this.#timer ??= setTimeout(() => this.#flush(), SOON_MS)
    } else if (!this.#scheduled) {
      this.#scheduled = true
      queueMicrotask(() => this.#flush())
    }
  }

  /** After a resume: the server may have missed the last one. */
  resend(): void {
    this.#sent = ''
    this.changed('now')
  }

  /** Media of a picture began: from now on the application decides by attaching it. */
  subscribed(publication: TrackPublication): void {
    if (this.#settled.has(publication)) return
    setTimeout(() => {
      this.#settled.add(publication)
      this.changed('soon')
    }, FRESH_MS)
  }

  close(): void {
    this.#peer = null
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#scheduled = false
    const slots = this.#peer?.slots.length ?? 0
    if (slots === 0) return // before the first answer the server knows of no slot
    const { wants, missing } = this.#allocator.allocate(this.#candidates(), slots)
    const text = JSON.stringify(wants)
    if (text !== this.#sent && this.#hooks.send({ type: 'wants', wants })) {
      this.#sent = text
      this.#flushedAt = performance.now()
    }
    if (missing > 0) void this.#grow()
  }

  async #grow(): Promise<void> {
    const peer = this.#peer
    if (this.#growing || !peer?.canGrow) return
    this.#growing = true
    const error = await peer.grow().then(
      () => null,
      (cause: unknown) => cause,
    )
    if (peer !== this.#peer) return
    this.#growing = false
    this.#hooks.grown(error)
    this.changed('now')
  }

  #candidates(): Candidate[] {
    const candidates: Candidate[] = []
    for (const participant of this.#roster.others.values()) {
      for (const each of [
        this.#candidate(participant, 'camera', 'microphone'),
        this.#candidate(participant, 'screen', 'screen_audio'),
      ]) {
        if (each) candidates.push(each)
      }
    }
    return candidates
  }

  #candidate(participant: Participant, video: Source, audio: Source): Candidate | null {
    const picture = participant.publication(video)
    const sound = participant.publication(audio)
    if (!picture && !sound) return null
    const demand = picture?.demand
    if (picture && demand?.attached) this.#settled.add(picture)
    const preference = { ...sound?.preference, ...picture?.preference }
    const { width = 0, height = 0 } = preference
    const asked = width > 0 && height > 0
    const ratio = typeof devicePixelRatio === 'undefined' ? 1 : devicePixelRatio
    return {
      key: `${participant.id} ${video}`,
      video: picture?.id ?? null,
      audio: sound?.id ?? null,
      attached: demand?.attached ?? false,
      // Who asks for a size without an element draws it in a way of their own.
      visible: demand?.attached ? demand.visible : asked,
      fresh: picture !== undefined && !this.#settled.has(picture),
      screen: video === 'screen',
      pinned: preference.pinned ?? false,
      width: asked ? width : (demand?.width ?? 0) * ratio,
      height: asked ? height : (demand?.height ?? 0) * ratio,
      fps: preference.fps ?? 0,
    }
  }
}
