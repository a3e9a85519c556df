import type { SocialEvent } from '@confab/sdk/api'

interface Options {
  /** Asks the server. */
  load: () => Promise<number>
  changed: (unread: number) => void
}

/** How many letters are unread: asked for at first and when it may have changed untold, and else told. */
export class UnreadCount {
  readonly #options: Options
  /** Counts what was told, so that an older answer does not undo it. */
  #told = 0

  constructor(options: Options) {
    this.#options = options
  }

  async look(): Promise<void> {
    const told = ++this.#told
    // Without an answer the number stays until the next look.
    const unread = await this.#options.load().catch(() => null)
    if (unread !== null && told === this.#told) this.#options.changed(unread)
  }

  hear(event: SocialEvent): void {
    if (event.type === 'letters_changed') {
      this.#told++
      this.#options.changed(event.unread_letters)
    }
    // At each beginning of a connection, for a block by the other side is told by nothing; one's own block is, which hides
    // letters or brings them back.
    else if (event.type === 'hello' || event.type === 'connections_changed') void this.look()
  }
}
