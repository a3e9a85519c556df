/** Two soft notes on the chosen speaker. Resolves when they have faded. */
export async function playTestSound(speaker: string): Promise<void> {
  const context = new AudioContext()
  const destination = context.createMediaStreamDestination()
  const element = new Audio()
  element.srcObject = destination.stream
  if (speaker && 'setSinkId' in element) await element.setSinkId(speaker).catch(() => undefined)
  for (const [index, frequency] of [523.25, 783.99].entries()) {
    const start = context.currentTime + 0.1 + index * 0.28
    const gain = new GainNode(context, { gain: 0 })
    const tone = new OscillatorNode(context, { frequency, type: 'sine' })
    gain.gain.setValueAtTime(0, start)
    gain.gain.linearRampToValueAtTime(0.25, start + 0.03)
    gain.gain.exponentialRampToValueAtTime(0.001, start + 0.7)
    tone.connect(gain).connect(destination)
    tone.start(start)
    tone.stop(start + 0.75)
  }
  try {
    await element.play()
    await new Promise((resolve) => setTimeout(resolve, 1200))
  } finally {
    element.srcObject = null
    await context.close()
  }
}

/** Whether this browser lets a page choose the speaker. */
export const canChooseSpeaker = (): boolean => 'setSinkId' in HTMLMediaElement.prototype
