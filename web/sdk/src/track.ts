import { MediaError } from './errors.js'
import type { Appearance } from './media/viewport.js'
import { viewport } from './media/viewport.js'
import type { Source } from './protocol.js'

/** What a track tells the room, so that it asks the server for what is on the screen. */
export interface TrackHooks {
  /** Elements came, went, or changed their size; `soon` where a moment's delay does no harm. */
  demandChanged(urgency: 'now' | 'soon'): void
  /** An element shows the track now. */
  attached(element: HTMLVideoElement): void
}

/** What all elements of a track ask for together, in CSS pixels. */
export interface Demand {
  attached: boolean
  visible: boolean
  width: number
  height: number
}

/**
 * Sound or picture that can be put on the page. Elements may be attached before media flows and stay attached while it
 * pauses. Remote sound needs no element: the room plays it.
 */
export class Track {
  readonly source: Source
  readonly #hooks: TrackHooks | null
  readonly #elements = new Map<HTMLVideoElement, Appearance | null>()
  #stream: MediaStream | null = null
  #media: MediaStreamTrack | null = null

  /** @internal `hooks` is null for a track of one's own: nobody need be asked for it. */
  constructor(source: Source, hooks: TrackHooks | null) {
    this.source = source
    this.#hooks = hooks
  }

  get kind(): 'audio' | 'video' {
    return this.source === 'camera' || this.source === 'screen' ? 'video' : 'audio'
  }

  /** The browser's track. Throws while nothing carries this one: see `TrackPublication.subscribed`. */
  get mediaStreamTrack(): MediaStreamTrack {
    if (!this.#media) throw new MediaError('invalid_state', 'no media carries this track now')
    return this.#media
  }

  /**
   * Shows the track in `element`, or in a new one. Its size and visibility are watched: the server sends the layer that
   * fits, and none to an element that cannot be seen.
   */
  attach(element: HTMLVideoElement = document.createElement('video')): HTMLVideoElement {
    if (this.#elements.has(element)) return element
    element.autoplay = true
    element.playsInline = true
    element.muted = true // remote sound is played elsewhere, one's own never
    this.#elements.set(element, null)
    this.#show(element)
    this.#watch(element)
    this.#hooks?.attached(element)
    return element
  }

  /** Takes the track off `element`, or off all. The elements stay where they are. */
  detach(element?: HTMLVideoElement): void {
    const elements = element ? [element] : [...this.#elements.keys()]
    for (const each of elements) {
      if (!this.#elements.delete(each)) continue
      if (this.#hooks) viewport().unwatch(each)
      // Somebody else's track may have been attached to the same element in the meantime.
      if (this.#stream && each.srcObject === this.#stream) each.srcObject = null
    }
    this.#hooks?.demandChanged('now')
  }

  /** @internal */
  get demand(): Demand {
    const demand: Demand = { attached: this.#elements.size > 0, visible: false, width: 0, height: 0 }
    for (const appearance of this.#elements.values()) {
      if (!appearance?.visible) continue
      demand.visible = true
      demand.width = Math.max(demand.width, appearance.width)
      demand.height = Math.max(demand.height, appearance.height)
    }
    return demand
  }

  /** @internal Whether media flows. */
  get hasMedia(): boolean {
    return this.#media !== null
  }

  /**
   * @internal What carries the track from now on. A slot hands over its one stream: elements must not be given a new one
   * each time, for that restarts their decoder.
   */
  setMedia(media: MediaStreamTrack | null, stream: MediaStream | null): void {
    if (media === this.#media && stream === this.#stream) return
    this.#media = media
    this.#stream = stream
    for (const element of this.#elements.keys()) this.#show(element)
  }

  #show(element: HTMLVideoElement): void {
    if (element.srcObject === this.#stream) return
    element.srcObject = this.#stream
    // A muted element may always play; what can fail here is only being overtaken by the next assignment.
    if (this.#stream) element.play()?.catch(() => {})
  }

  #watch(element: HTMLVideoElement): void {
    if (!this.#hooks) return
    viewport().watch(element, (appearance) => {
      const before = this.#elements.get(element)
      if (before === undefined) return
      this.#elements.set(element, appearance)
      const appeared = appearance.visible && !before?.visible
      this.#hooks?.demandChanged(appeared ? 'now' : 'soon')
    })
  }
}
