/** As the server has it: who types says so again while they do. */
const HOLDS_MS = 5000

/** Who types in which conversation. */
export class TypingPeople {
  readonly #changed: () => void
  /** By conversation: the accounts, and what will take them out. */
  readonly #typing = new Map<string, Map<string, ReturnType<typeof setTimeout>>>()

  constructor(changed: () => void) {
    this.#changed = changed
  }

  /** The accounts, those who began first at first. */
  in(conversation: string): string[] {
    return [...(this.#typing.get(conversation)?.keys() ?? [])]
  }

  hear(conversation: string, account: string): void {
    let people = this.#typing.get(conversation)
    if (!people) this.#typing.set(conversation, (people = new Map()))
    clearTimeout(people.get(account))
    people.set(
      account,
      setTimeout(() => this.stopped(conversation, account), HOLDS_MS),
    )
    this.#changed()
  }

  /** Their message is there, or they have said nothing for a while. */
  stopped(conversation: string, account: string): void {
    const people = this.#typing.get(conversation)
    clearTimeout(people?.get(account))
    if (!people?.delete(account)) return
    if (people.size === 0) this.#typing.delete(conversation)
    this.#changed()
  }

  close(): void {
    for (const people of this.#typing.values()) for (const timer of people.values()) clearTimeout(timer)
    this.#typing.clear()
  }
}
