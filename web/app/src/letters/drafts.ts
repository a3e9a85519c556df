import type { Attempt, Storage } from '../posts/drafts'

/** What one is about to send. */
export interface LetterText {
  /** A username; where one answers a letter, that of its sender. */
  to: string
  subject: string
  text: string
}

interface Kept extends LetterText {
  attempt: Attempt | null
}

/** Characters, as the server counts them. */
export const MAX_SUBJECT = 200
export const MAX_LETTER = 20_000

/** One account's draft of one letter in this browser; `letter` tells it from the others. */
export class LetterDrafts {
  readonly #storage: Storage
  readonly #key: string

  constructor(storage: Storage, account: string, letter: string) {
    this.#storage = storage
    this.#key = `letter.${account}.${letter}`
  }

  /** Null where there is none, or what lies there cannot be read. */
  read(): Kept | null {
    const kept = this.#storage.read(this.#key) as Partial<Kept> | null
    if (typeof kept?.to !== 'string' || typeof kept.subject !== 'string' || typeof kept.text !== 'string') return null
    const { to, subject, text, attempt = null } = kept
    return { to, subject, text, attempt }
  }

  write(draft: LetterText, attempt: Attempt | null): void {
    this.#storage.write(this.#key, { ...draft, attempt } satisfies Kept)
  }

  clear(): void {
    this.#storage.forget(this.#key)
  }
}

/**
 * The same attempt for the same letter, so that what has arrived although no answer came is not sent twice; a new one for
 * anything else, which the server would otherwise answer with the old letter.
 */
export function attemptOf({ to, subject, text }: LetterText, last: Attempt | null, newId: () => string): Attempt {
  const content = JSON.stringify([to.trim().toLowerCase(), subject.trim(), text.trim()])
  return last?.content === content ? last : { client_id: newId(), content }
}

/** What the answer to a letter is about. */
export function replySubject(subject: string): string {
  const answer = /^(re|aw|antw)\s*:/i.test(subject) ? subject : `Re: ${subject}`
  return [...answer].slice(0, MAX_SUBJECT).join('').trim()
}
