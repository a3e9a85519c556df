import { ApiError, type Letter } from '@confab/sdk/api'
import { errorCode } from '../api/client'
import { social } from '../api/social'
import { t } from '../i18n/i18n.svelte'
import { refusalText } from '../people/refusals'
import type { Attempt } from '../posts/drafts'
import { lengthOf } from '../posts/textParts'
import { forget, readStored, store } from '../ui/storage'
import { attemptOf, LetterDrafts, type LetterText, MAX_LETTER, MAX_SUBJECT } from './drafts'

const storage = { read: (key: string) => readStored<unknown>(key, null), write: store, forget }

interface Begin {
  account: string
  /** Tells the draft from the others of the account. */
  draft: string
  /** What stands there where there is no draft. */
  letter: LetterText
  /** The letter that it answers. */
  replyTo?: string
}

/** A letter that is being written. What becomes of it is kept in this browser until it is sent or discarded. */
export class OutgoingLetter {
  to = $state('')
  subject = $state('')
  text = $state('')
  isSending = $state(false)
  /** Why it was not sent, where that is no matter of one field. */
  failure = $state('')
  /** What is wrong with the addressee. */
  nobody = $state<'' | 'missing' | 'unknown' | 'self' | 'full'>('')
  /** Whether one has tried to send it, so that what is missing is said. */
  #tried = $state(false)
  readonly #drafts: LetterDrafts
  readonly #begin: Begin
  #attempt: Attempt | null = null

  constructor(begin: Begin) {
    this.#begin = begin
    this.#drafts = new LetterDrafts(storage, begin.account, begin.draft)
    const kept = this.#drafts.read()
    this.#fill(kept ?? begin.letter)
    this.#attempt = kept?.attempt ?? null
  }

  /** Whether there is more than what it began with. */
  get isTouched(): boolean {
    const { to, subject, text } = this.#begin.letter
    return this.to !== to || this.subject !== subject || this.text !== text
  }

  get subjectProblem(): string {
    const over = lengthOf(this.subject.trim()) - MAX_SUBJECT
    if (over > 0) return t().composer.over(over)
    return this.#tried && !this.subject.trim() ? t().mail.needsSubject : ''
  }

  get textProblem(): string {
    const over = lengthOf(this.text.trim()) - MAX_LETTER
    if (over > 0) return t().composer.over(over)
    return this.#tried && !this.text.trim() ? t().mail.needsText : ''
  }

  /** After each change: keeps the draft. */
  changed = (): void => {
    if (this.isTouched) this.#drafts.write(this.#letter, this.#attempt)
    else this.#drafts.clear()
  }

  discard(): void {
    this.#drafts.clear()
    this.#attempt = null
    this.#tried = false
    this.failure = this.nobody = ''
    this.#fill(this.#begin.letter)
  }

  /** The letter as it was sent; none if it was not. */
  async send(): Promise<Letter | null> {
    if (this.isSending) return null
    this.#tried = true
    this.failure = ''
    if (!this.to.trim()) this.nobody = 'missing'
    if (this.nobody || this.subjectProblem || this.textProblem) return null
    this.isSending = true
    this.#attempt = attemptOf(this.#letter, this.#attempt, () => crypto.randomUUID())
    // Before it leaves: after a reload the same one is not sent twice.
    this.#drafts.write(this.#letter, this.#attempt)
    try {
      const letter = await this.#post(this.#attempt.client_id, this.#begin.replyTo)
      this.#drafts.clear()
      return letter
    } catch (error) {
      this.#refused(error)
      return null
    } finally {
      this.isSending = false
    }
  }

  async #post(client_id: string, reply_to?: string): Promise<Letter> {
    const { to, subject, text } = this.#letter
    try {
      return await social.letters.send({ client_id, to: to.trim(), subject, text, ...(reply_to && { reply_to }) })
    } catch (error) {
      // What it answers was deleted meanwhile: it is a letter all the same.
      if (reply_to && error instanceof ApiError && error.field === 'reply_to') return this.#post(client_id)
      throw error
    }
  }

  #refused(error: unknown): void {
    const code = errorCode(error)
    const field = error instanceof ApiError ? error.field : null
    if (code === 'not_found') this.nobody = 'unknown'
    else if (field === 'to') this.nobody = code === 'limit_reached' ? 'full' : 'self'
    else if (code === 'limit_reached') this.failure = t().mail.full
    else if (code === 'rate_limited') this.failure = t().mail.tooMany
    else this.failure = t().mail.notSent(refusalText(code, error instanceof Error ? error.message : ''))
  }

  get #letter(): LetterText {
    return { to: this.to, subject: this.subject, text: this.text }
  }

  #fill({ to, subject, text }: LetterText): void {
    this.to = to
    this.subject = subject
    this.text = text
  }
}
