import { MediaError } from './errors.js'

/** What every awaited call accepts: aborting the signal ends the wait with the code `cancelled`. */
export interface Cancel {
  signal?: AbortSignal
}

export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new MediaError('cancelled')
}

/** Ends the wait for `promise` when `signal` aborts, or after `timeoutMs`; the work behind it goes on. */
export function within<T>(promise: Promise<T>, signal?: AbortSignal, timeoutMs?: number): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const cancel = (): void => done(() => reject(new MediaError('cancelled')))
    const timer =
      timeoutMs === undefined ? undefined : setTimeout(() => done(() => reject(new MediaError('timeout'))), timeoutMs)
    const done = (settle: () => void): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', cancel)
      settle()
    }
    if (signal?.aborted) return cancel()
    signal?.addEventListener('abort', cancel)
    promise.then(
      (value) => done(() => resolve(value)),
      (error: unknown) => done(() => reject(error as Error)),
    )
  })
}

/** A pause that can be cut short, for instance because the network is back. */
export class Nap {
  #wake: (() => void) | null = null

  sleep(ms: number): Promise<void> {
    if (ms <= 0) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.wake(), ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  wake(): void {
    const wake = this.#wake
    this.#wake = null
    wake?.()
  }
}

/** Runs jobs one after the other: two quick clicks on a button must not race for one camera. */
export class Queue {
  #tail: Promise<unknown> = Promise.resolve()

  run<T>(job: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(job)
    this.#tail = result.catch(() => {})
    return result
  }
}
