/** The posts that one part of a page wants to hear of. */
export interface Watch {
  /** In the place of those before, the most important first. */
  set(posts: readonly string[]): void
  close(): void
}

/** More are refused by the server. */
const MAX_WATCHED = 100
/** Lists that are scrolled change their minds often. */
const DEBOUNCE_MS = 200

/** What all parts of a page want to hear of, told to the server as one list and only when it has changed. */
export class Watches {
  readonly #send: (posts: string[]) => void
  /** The one that was set last is at the end. */
  readonly #wishes: Map<object, readonly string[]> = new Map()
  /** What the server knows; none while there is no server to know anything. */
  #sent: string[] | null = null
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(send: (posts: string[]) => void) {
    this.#send = send
  }

  add(posts: readonly string[]): Watch {
    const key = {}
    const set = (posts: readonly string[]): void => {
      this.#wishes.delete(key)
      this.#wishes.set(key, posts)
      this.#later()
    }
    const close = (): void => {
      this.#wishes.delete(key)
      this.#later()
    }
    set(posts)
    return { set, close }
  }

  /** A socket knows nothing of what the one before was told. */
  connected(): void {
    this.#sent = []
    this.#tell()
  }

  disconnected(): void {
    clearTimeout(this.#timer)
    this.#sent = null
  }

  #later(): void {
    clearTimeout(this.#timer)
    if (this.#sent) this.#timer = setTimeout(() => this.#tell(), DEBOUNCE_MS)
  }

  #tell(): void {
    const wishes = [...this.#wishes.values()].reverse()
    const union = [...new Set(wishes.flat())].slice(0, MAX_WATCHED)
    const known = new Set(this.#sent)
    if (union.length === known.size && union.every((post) => known.has(post))) return
    this.#sent = union
    this.#send(union)
  }
}
