/** What one hears who is rung, and who rings. */
export type Sound = 'incoming' | 'calling'

interface Note {
  /** In seconds after the tone begins. */
  at: number
  seconds: number
  /** In Hz. */
  pitch: number
  /** From 0 to 1. */
  volume: number
}

/** Longer than anybody is rung. */
const LASTS_S = 40
const EVERY_S: Record<Sound, number> = { incoming: 2.8, calling: 4 }
const ONCE: Record<Sound, readonly Note[]> = {
  incoming: [0, 0.9].flatMap((start) =>
    [659.25, 830.61, 987.77].map((pitch, index) => ({ at: start + index * 0.16, seconds: 0.5, pitch, volume: 0.2 })),
  ),
  calling: [{ at: 0, seconds: 1, pitch: 440, volume: 0.06 }],
}
/** One tab of a browser is loud enough. */
const LOCK = 'confab.tone'

/** Sounds until it is stopped by what it returns; silently until the browser lets the page sound, which takes a click. */
export function playTone(sound: Sound): () => void {
  const context = new AudioContext()
  const stopping = new AbortController()
  const { signal } = stopping
  const wake = (): void => void context.resume().catch(() => undefined)
  for (const gesture of ['pointerdown', 'keydown']) addEventListener(gesture, wake, { signal, capture: true })
  void context.resume().then(() => alone(signal, () => schedule(context, sound))).catch(() => undefined) // prettier-ignore
  return () => {
    stopping.abort()
    void context.close()
  }
}

/** Begins as soon as no other tab sounds, and keeps the others silent until it is stopped. */
async function alone(signal: AbortSignal, begin: () => void): Promise<void> {
  if (signal.aborted) return
  const held = (): Promise<void> => {
    begin()
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
  }
  const locks = navigator.locks as LockManager | undefined
  await (locks ? locks.request(LOCK, { signal }, held) : held())
}

/** All of it at once: timers are late in a tab that nobody looks at. */
function schedule(context: AudioContext, sound: Sound): void {
  const now = context.currentTime + 0.05
  for (let start = 0; start < LASTS_S; start += EVERY_S[sound]) {
    for (const { at, seconds, pitch, volume } of ONCE[sound]) {
      const [begin, end] = [now + start + at, now + start + at + seconds]
      const gain = new GainNode(context, { gain: 0 })
      gain.gain.setValueAtTime(0, begin)
      gain.gain.linearRampToValueAtTime(volume, begin + 0.03)
      gain.gain.setValueAtTime(volume, end - 0.3)
      gain.gain.linearRampToValueAtTime(0, end)
      const note = new OscillatorNode(context, { frequency: pitch })
      note.connect(gain).connect(context.destination)
      note.start(begin)
      note.stop(end)
    }
  }
}
