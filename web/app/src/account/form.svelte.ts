import { ApiError } from '@confab/sdk/api'
import { errorCode } from '../api/client'
import type { Check, Problem } from './checks'
import { Countdown } from './countdown.svelte'

/** What failed, beyond a single field. */
export interface Failure {
  code: string
  error: ApiError | null
}

/**
 * A form's values and what is wrong with them. A field is checked when one leaves it, and from its first error on with
 * each key; all are checked before anything is sent. The order of `checks` is that of the fields.
 */
export class Form<Name extends string> {
  values = $state({} as Record<Name, string>)
  problems = $state<Partial<Record<Name, Problem>>>({})
  /** What the server says about a field that it refused. */
  failure = $state.raw<Failure | null>(null)
  busy = $state(false)
  inputs = $state<Partial<Record<Name, HTMLInputElement>>>({})
  /** Until one may try again. */
  readonly wait = new Countdown()
  readonly #checks: Record<Name, Check>

  constructor(checks: Record<Name, Check>, initial: Partial<Record<Name, string>> = {}) {
    this.#checks = checks
    for (const name of this.#names) this.values[name] = initial[name] ?? ''
  }

  /** One has left a field; an empty one is no mistake yet. */
  left(name: Name): void {
    if (this.values[name]) this.#check(name)
  }

  changed(name: Name): void {
    if (this.problems[name]) this.#check(name)
  }

  /** Runs `action` with the values if they are right, and else goes to the first that is not. */
  async submit(action: (values: Record<Name, string>) => Promise<void>): Promise<void> {
    if (this.busy) return
    this.failure = null
    for (const name of this.#names) this.#check(name)
    if (this.#focusFirstProblem()) return
    this.busy = true
    try {
      await action(this.#sent())
    } catch (error) {
      this.#refused(error)
    } finally {
      this.busy = false
    }
  }

  focus(name: Name): void {
    const input = this.inputs[name]
    input?.focus()
    input?.select()
  }

  #refused(error: unknown): void {
    const known = error instanceof ApiError ? error : null
    const field = this.#names.find((name) => name === known?.field)
    if (field) {
      this.problems[field] = known?.code === 'username_taken' ? 'taken' : 'refused'
      this.#focusFirstProblem()
      return
    }
    this.failure = { code: errorCode(error), error: known }
    if (known?.code === 'rate_limited' && known.retryAfterMs !== null)
      this.wait.runUntil(Date.now() + known.retryAfterMs)
  }

  #check(name: Name): void {
    const problem = this.#checks[name](this.values[name])
    if (problem) this.problems[name] = problem
    else delete this.problems[name]
  }

  #focusFirstProblem(): boolean {
    const wrong = this.#names.find((name) => this.problems[name])
    if (wrong) this.inputs[wrong]?.focus()
    return wrong !== undefined
  }

  /** Blanks around are a slip of the clipboard, except in a password. */
  #sent(): Record<Name, string> {
    const entries = this.#names.map((name) => [
      name,
      /password/i.test(name) ? this.values[name] : this.values[name].trim(),
    ])
    return Object.fromEntries(entries) as Record<Name, string>
  }

  get #names(): Name[] {
    return Object.keys(this.#checks) as Name[]
  }
}
