import type { Liked } from '@confab/sdk/api'

interface Ports {
  /** Tells the server; the answer is what holds then. */
  send: (id: string, liked: boolean) => Promise<Liked>
  /** What to show, now. */
  show: (id: string, liked: Liked) => void
  /** It was taken back; `retry` does it once more. */
  failed: (error: unknown, retry: () => void) => void
}

interface Pending {
  /** What the server last said. */
  known: Liked
  wanted: boolean
}

/**
 * Likes that show at once. One call for each post is on its way at a time, and what was clicked meanwhile follows: the
 * last click counts, however fast they come.
 */
export class Likes {
  readonly #ports: Ports
  readonly #pending = new Map<string, Pending>()

  constructor(ports: Ports) {
    this.#ports = ports
  }

  /** Whether an answer is awaited: numbers that the server tells of otherwise may be older or newer than it. */
  isPending(id: string): boolean {
    return this.#pending.has(id)
  }

  /** `shown` is what one sees while one clicks. */
  toggle(id: string, shown: Liked): void {
    const wanted = !shown.liked
    const pending = this.#pending.get(id)
    const known = pending?.known ?? { liked: shown.liked, likes: shown.likes }
    this.#ports.show(id, as(wanted, known))
    if (pending) pending.wanted = wanted
    else {
      const begun = { known, wanted }
      this.#pending.set(id, begun)
      void this.#settle(id, begun)
    }
  }

  async #settle(id: string, pending: Pending): Promise<void> {
    try {
      do pending.known = await this.#ports.send(id, pending.wanted)
      while (pending.known.liked !== pending.wanted)
      this.#pending.delete(id)
      this.#ports.show(id, pending.known)
    } catch (error) {
      this.#pending.delete(id)
      const { known } = pending
      this.#ports.show(id, known)
      // Clicked back meanwhile: what holds is what was wanted.
      if (pending.wanted !== known.liked) this.#ports.failed(error, () => this.toggle(id, known))
    }
  }
}

const as = (liked: boolean, known: Liked): Liked => ({
  liked,
  likes: Math.max(0, known.likes + Number(liked) - Number(known.liked)),
})
