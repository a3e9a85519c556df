/** Someone, or a shared screen, that could be given a slot: a picture and the sound that belongs to it. */
export interface Candidate {
  /** Stays the same for as long as it is the same person or screen. */
  key: string
  /** Track ids; at least one of the two is there. */
  video: string | null
  audio: string | null
  /** Whether an element shows it, and whether any of that can be seen. */
  attached: boolean
  visible: boolean
  /** Nobody has had the chance to attach it yet: give it a small picture, so that the application hears of it. */
  fresh: boolean
  screen: boolean
  pinned: boolean
  /** On the screen, in device pixels. */
  width: number
  height: number
  fps: number
}

/** What a slot should carry. */
export interface SlotWant {
  slot: number
  video: string | null
  audio: string | null
  width: number
  height: number
  fps: number
  pinned: boolean
}

export interface Allocation {
  wants: SlotWant[]
  /** How many that can be seen got no slot: a reason to make more. */
  missing: number
}

/** What a picture is asked for in before an element says better. */
const FRESH = { width: 320, height: 180 }
/** The server chooses among three layers: steps below this are noise. */
const STEP = 16
/** 8K: the server refuses more. */
const LARGEST = 7680
const FASTEST = 255

/**
 * Decides which slot carries whom. Nobody who keeps being wanted changes slots, for each change costs a keyframe; who
 * can be seen comes before who cannot; and while there is room, everybody has a slot, so that small rooms hear everybody.
 */
export class SlotAllocator {
  #held = new Map<string, number>()

  allocate(candidates: readonly Candidate[], slots: number): Allocation {
    const ranked = candidates.map((candidate, order) => ({ candidate, order, rank: rank(candidate) }))
    ranked.sort((a, b) => b.rank - a.rank || this.#holds(b.candidate) - this.#holds(a.candidate) || a.order - b.order)
    const chosen = ranked.slice(0, slots).map((each) => each.candidate)
    const missing = ranked.slice(slots).filter((each) => each.candidate.visible || each.candidate.pinned).length
    this.#place(chosen, slots)
    const wants = chosen.map((candidate) => want(candidate, this.#held.get(candidate.key) ?? 0))
    return { wants: wants.sort((a, b) => a.slot - b.slot), missing }
  }

  /** A new peer connection: nothing is held any more. */
  reset(): void {
    this.#held.clear()
  }

  #holds(candidate: Candidate): number {
    return this.#held.has(candidate.key) ? 1 : 0
  }

  #place(chosen: readonly Candidate[], slots: number): void {
    const held = new Map<string, number>()
    const used = new Set<number>()
    for (const { key } of chosen) {
      const slot = this.#held.get(key)
      if (slot === undefined || slot >= slots) continue
      held.set(key, slot)
      used.add(slot)
    }
    let next = 0
    for (const { key } of chosen) {
      if (held.has(key)) continue
      while (used.has(next)) next++
      held.set(key, next)
      used.add(next)
    }
    this.#held = held
  }
}

/** Pinned, then seen (screens first), then attached but out of sight, then anybody. */
function rank({ pinned, visible, screen, attached }: Candidate): number {
  if (pinned) return 4
  if (visible) return screen ? 3 : 2
  return attached ? 1 : 0
}

function want(candidate: Candidate, slot: number): SlotWant {
  const { video, audio, fps, pinned } = candidate
  return { slot, video, audio, ...size(candidate), fps: Math.min(Math.ceil(fps), FASTEST), pinned }
}

/** 0 pauses the picture; the sound goes on. */
function size({ video, visible, fresh, width, height }: Candidate): { width: number; height: number } {
  if (video === null) return { width: 0, height: 0 }
  if (visible) return { width: stepped(width), height: stepped(height) }
  return fresh ? FRESH : { width: 0, height: 0 }
}

function stepped(pixels: number): number {
  return Math.min(Math.ceil(pixels / STEP) * STEP, LARGEST)
}
