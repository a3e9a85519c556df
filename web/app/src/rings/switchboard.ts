import type { Ring } from '@confab/sdk/api'
import { answered, ended, isRinging, merged, type Outcome, outcomeOf } from './ring'

export interface SwitchboardPorts {
  /** The account's id. */
  me: string
  list: () => Promise<Ring[]>
  get: (id: string) => Promise<Ring>
  changed: () => void
  /** What this tab rings was accepted: the call begins. */
  connected: (ring: Ring) => void
}

/** What this tab rings, or has rung until somebody looks away. */
export interface Calling {
  readonly ring: Ring
  readonly outcome: Outcome
}

/** The server says that the time is over, unless it cannot be reached. */
const GRACE_MS = 2000
/** What is over is remembered, so that an answer that is late does not let it ring again. */
const MAX_KNOWN = 32

interface Known {
  ring: Ring
  deadline: ReturnType<typeof setTimeout>
}

/**
 * The rings that concern an account, as one of its tabs knows them. All tabs of who is rung show them, and the answer in one
 * ends them all; what somebody rings is shown only where they began it.
 */
export class Switchboard {
  readonly #ports: SwitchboardPorts
  readonly #known: Map<string, Known> = new Map()
  #calling: string | null = null
  #closed = false

  constructor(ports: SwitchboardPorts) {
    this.#ports = ports
  }

  /** What rings at this account; the first of several. */
  get incoming(): Ring | null {
    for (const { ring } of this.#known.values()) if (isRinging(ring, this.#ports.me)) return ring
    return null
  }

  get calling(): Calling | null {
    const ring = this.#calling === null ? undefined : this.#known.get(this.#calling)?.ring
    return ring ? { ring, outcome: outcomeOf(ring) } : null
  }

  /** What is to be heard. */
  get sound(): 'incoming' | 'calling' | null {
    if (this.incoming) return 'incoming'
    return this.calling?.outcome === 'ringing' ? 'calling' : null
  }

  /** What the server tells, by an event or an answer. */
  hear(told: Ring): void {
    if (this.#closed) return
    const known = this.#known.get(told.id)
    const ring = known ? merged(known.ring, told) : told
    if (known) known.ring = ring
    else this.#remember(ring)
    if (ring.state === 'over') clearTimeout(this.#known.get(ring.id)?.deadline)
    // Somebody else rang them first: who calls as well has accepted that.
    const isOn = outcomeOf(ring) === 'accepted' || ring.caller.id !== this.#ports.me
    if (this.#calling === ring.id && isOn) {
      this.#calling = null
      this.#ports.connected(ring)
    }
    this.#ports.changed()
  }

  /** This tab rings. */
  began(ring: Ring): void {
    this.#calling = ring.id
    this.hear(ring)
  }

  /** This tab has answered; the server will say so too. */
  answered(ring: Ring, accept: boolean): void {
    this.hear(answered(ring, this.#ports.me, accept))
  }

  /** Nobody looks at what this tab rings any more. */
  dismiss(): void {
    this.#calling = null
    this.#ports.changed()
  }

  /** Events may have been missed. */
  async refresh(): Promise<void> {
    const before = [...this.#known.values()].filter(({ ring }) => ring.state === 'ringing').map(({ ring }) => ring)
    const now = await this.#ports.list().catch(() => null)
    if (!now) return
    for (const ring of now) this.hear(ring)
    const gone = before.filter(({ id }) => now.every((ring) => ring.id !== id))
    await Promise.all(gone.map(async (ring) => this.hear(await this.#ports.get(ring.id).catch(() => ended(ring)))))
  }

  close(): void {
    this.#closed = true
    for (const { deadline } of this.#known.values()) clearTimeout(deadline)
    this.#known.clear()
    this.#calling = null
    this.#ports.changed()
  }

  /** It ends after its time as this browser counts it: the server's clock may be another. */
  #remember(ring: Ring): void {
    const end = (): void => this.hear(ended(ring))
    this.#known.set(ring.id, { ring, deadline: setTimeout(end, ring.ends_at - ring.started_at + GRACE_MS) })
    const [oldest] = this.#known.keys()
    if (this.#known.size > MAX_KNOWN && oldest !== undefined) {
      clearTimeout(this.#known.get(oldest)?.deadline)
      this.#known.delete(oldest)
    }
  }
}
