/** Remembered values of this browser, under `confab.`; every call survives a browser without storage. */
export function readStored<T>(key: string, fallback: T): T {
  try {
    const text = localStorage.getItem(`confab.${key}`)
    return text === null ? fallback : (JSON.parse(text) as T)
  } catch {
    return fallback
  }
}

export function store(key: string, value: unknown): void {
  try {
    localStorage.setItem(`confab.${key}`, JSON.stringify(value))
  } catch {
    // Full or forbidden: it is only a convenience.
  }
}

export function forget(key: string): void {
  try {
    localStorage.removeItem(`confab.${key}`)
  } catch {
    // As above.
  }
}
