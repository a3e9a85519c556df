// Conditions instead of sleeps.

/** Polls until `probe` returns something true, and returns it; fails with `what` after `timeout` ms. */
export async function until<T>(what: string, probe: () => Promise<T> | T, timeout = 15_000): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeout
  let last: unknown
  for (;;) {
    try {
      const value = await probe()
      if (value) return value as NonNullable<T>
      last = value
    } catch (error) {
      last = error
    }
    if (performance.now() > deadline) throw new Error(`not within ${timeout} ms: ${what} (last: ${describe(last)})`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

function describe(value: unknown): string {
  return value instanceof Error ? value.message : (JSON.stringify(value) ?? String(value)).slice(0, 800)
}
