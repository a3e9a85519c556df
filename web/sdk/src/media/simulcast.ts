/** What an encoding of the camera should be, by rid. */
export type Fit = Pick<RTCRtpEncodingParameters, 'active' | 'scaleResolutionDownBy' | 'maxBitrate'>

const OFF: Fit = { active: false, scaleResolutionDownBy: 1, maxBitrate: 150_000 }
const THREE: Readonly<Record<string, Fit>> = {
  l: { active: true, scaleResolutionDownBy: 4, maxBitrate: 150_000 },
  m: { active: true, scaleResolutionDownBy: 2, maxBitrate: 500_000 },
  h: { active: true, scaleResolutionDownBy: 1, maxBitrate: 2_500_000 },
}
const TWO: Readonly<Record<string, Fit>> = {
  l: { active: true, scaleResolutionDownBy: 2, maxBitrate: 150_000 },
  m: { active: true, scaleResolutionDownBy: 1, maxBitrate: 1_000_000 },
  h: OFF,
}
const ONE: Readonly<Record<string, Fit>> = {
  l: { active: true, scaleResolutionDownBy: 1, maxBitrate: 300_000 },
  m: OFF,
  h: OFF,
}

/**
 * The encodings for a camera's picture of so many pixels. Chromium sends a small picture in fewer encodings than asked
 * for, and drops the large ones: a camera of 640x480 would be seen in 320x240. So the last one that is left is the whole
 * picture. The borders are Chromium's own.
 */
export function encodingsFor(width: number, height: number): Readonly<Record<string, Fit>> {
  const pixels = width * height
  if (pixels >= 960 * 540) return THREE
  return pixels >= 480 * 270 ? TWO : ONE
}

/**
 * Before the first offer and later alike; costs no negotiation. What cannot be set stays as it was: three encodings. A
 * picture without rids, as that of a screen, keeps its size. `needed` tells for each encoding whether anybody looks at it;
 * null means all.
 */
export async function fitEncodings(
  sender: RTCRtpSender,
  track: MediaStreamTrack,
  needed: readonly boolean[] | null,
): Promise<void> {
  const { width, height } = track.getSettings()
  const fits = width && height ? encodingsFor(width, height) : {}
  const parameters = sender.getParameters()
  parameters.encodings.forEach((encoding, place) => {
    const fit = fits[encoding.rid ?? '']
    Object.assign(encoding, fit)
    encoding.active = (fit?.active ?? true) && (needed?.[place] ?? true)
  })
  await sender.setParameters(parameters)
}
