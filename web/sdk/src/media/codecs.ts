/**
 * One codec a kind keeps offers small (49 slots with every codec would be 290 kB) and lets any publisher's picture follow
 * any other's in a slot.
 */
const WANTED: Readonly<Record<'audio' | 'video', readonly string[]>> = {
  audio: ['audio/opus'],
  video: ['video/vp8', 'video/rtx'],
}

/** Restricts a section to the room's codecs. A browser that cannot offers more, which the server strikes out. */
export function restrictCodecs(transceiver: RTCRtpTransceiver, kind: 'audio' | 'video'): void {
  if (typeof transceiver.setCodecPreferences !== 'function' || typeof RTCRtpReceiver === 'undefined') return
  const codecs = RTCRtpReceiver.getCapabilities(kind)?.codecs ?? []
  const wanted = codecs.filter((codec) => WANTED[kind].includes(codec.mimeType.toLowerCase()))
  if (wanted.length > 0) transceiver.setCodecPreferences(wanted)
}

/** Simulcast: a quarter, a half, and all of the picture. The server takes what each viewer's tile can use. */
export const CAMERA_ENCODINGS: RTCRtpEncodingParameters[] = [
  { rid: 'l', active: true, scaleResolutionDownBy: 4, maxBitrate: 150_000, maxFramerate: 30 },
  { rid: 'm', active: true, scaleResolutionDownBy: 2, maxBitrate: 500_000, maxFramerate: 30 },
  { rid: 'h', active: true, scaleResolutionDownBy: 1, maxBitrate: 2_500_000, maxFramerate: 30 },
]

/** One encoding: text must stay sharp, and a viewer of a screen looks at it large. */
export const SCREEN_ENCODINGS: RTCRtpEncodingParameters[] = [{ active: true, maxBitrate: 2_500_000, maxFramerate: 30 }]
