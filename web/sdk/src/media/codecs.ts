import type { VideoCodec } from '../protocol.js'

/** Only the profile that every browser with the codec decodes, and that the server forwards. */
const PROFILES: Readonly<Record<VideoCodec, (fmtp: string) => boolean>> = {
  vp8: () => true,
  vp9: (fmtp) => (parameter(fmtp, 'profile-id') ?? '0') === '0',
  h264: (fmtp) =>
    parameter(fmtp, 'packetization-mode') === '1' && /^42/.test(parameter(fmtp, 'profile-level-id') ?? '42'),
  av1: (fmtp) => (parameter(fmtp, 'profile') ?? '0') === '0',
}

/** TypeScript does not know the mode yet (W3C Scalable Video Coding Extension). */
export type Encoding = RTCRtpEncodingParameters & { scalabilityMode?: string }

const ALL: readonly VideoCodec[] = ['vp8', 'vp9', 'h264', 'av1']

/** What a section offers in which one sends: the room's codec, then the one that every browser has. */
export function sendable(kind: 'audio' | 'video', codec: VideoCodec): RTCRtpCodec[] {
  return kind === 'audio' ? sound() : pictures(codec === 'vp8' ? ['vp8'] : [codec, 'vp8'])
}

/** What a slot offers: everything, for any publisher's picture may follow any other's in it. */
export function receivable(kind: 'audio' | 'video'): RTCRtpCodec[] {
  return kind === 'audio' ? sound() : pictures(ALL)
}

/** Restricts a section to these codecs. A browser that cannot offers more, which the server strikes out. */
export function preferCodecs(transceiver: RTCRtpTransceiver, codecs: RTCRtpCodec[]): void {
  if (typeof transceiver.setCodecPreferences === 'function' && codecs.length > 0)
    transceiver.setCodecPreferences(codecs)
}

/** Three sizes and three rates in one stream; between keyframes each size refers to itself only. */
const LAYERS = 'L3T3_KEY'

/**
 * A quarter, a half, and all of the picture, of which the server takes what each viewer's tile can use: layers of one
 * stream where codec and browser can, else simulcast.
 */
export function cameraEncodings(codec: VideoCodec): Encoding[] {
  if (layered(codec)) return [{ maxBitrate: 2_500_000, maxFramerate: 30, active: true, scalabilityMode: LAYERS }]
  return [
    { rid: 'l', scaleResolutionDownBy: 4, maxBitrate: 150_000, ...common(codec) },
    { rid: 'm', scaleResolutionDownBy: 2, maxBitrate: 500_000, ...common(codec) },
    { rid: 'h', scaleResolutionDownBy: 1, maxBitrate: 2_500_000, ...common(codec) },
  ]
}

/** One encoding: text must stay sharp, and a viewer of a screen looks at it large. */
export function screenEncodings(codec: VideoCodec): Encoding[] {
  return [{ maxBitrate: 2_500_000, ...common(codec) }]
}

/**
 * Without a mode Chromium makes one stream with layers of VP9 and AV1, in place of three streams; of VP8 and H.264 it
 * makes three rates by itself.
 */
function common(codec: VideoCodec): Encoding {
  const mode = codec === 'vp9' || codec === 'av1'
  return { active: true, maxFramerate: 30, ...(mode && { scalabilityMode: 'L1T3' }) }
}

/**
 * Whether the browser sends spatial layers of the codec, and browsers show a part of them. Who cannot send them says
 * nothing of a mode, whatever was asked for. Layers of AV1 are not shown without a dependency descriptor, which the
 * server does not send.
 */
function layered(codec: VideoCodec): boolean {
  if (codec !== 'vp9' || typeof RTCPeerConnection === 'undefined') return false
  const probe = new RTCPeerConnection()
  try {
    const sendEncodings: Encoding[] = [{ scalabilityMode: LAYERS }]
    const { sender } = probe.addTransceiver('video', { direction: 'sendonly', sendEncodings })
    const [encoding] = sender.getParameters().encodings as Encoding[]
    return encoding?.scalabilityMode === LAYERS
  } catch {
    return false
  } finally {
    probe.close()
  }
}

/**
 * Sound that carries the packet before along comes first where the browser has it (RFC 2198): it costs twice the bits of
 * sound, which are few, and a lost packet is not heard.
 */
function sound(): RTCRtpCodec[] {
  const all = capabilities('audio')
  return ['audio/red', 'audio/opus'].flatMap((name) => all.filter(({ mimeType }) => mimeType.toLowerCase() === name))
}

/** One entry a codec keeps offers small: 49 slots with all that Chromium has would be 290 kB. */
function pictures(wanted: readonly VideoCodec[]): RTCRtpCodec[] {
  const all = capabilities('video')
  const found = wanted.map((codec) =>
    all.find(({ mimeType, sdpFmtpLine = '' }) => is(mimeType, codec) && PROFILES[codec](sdpFmtpLine)),
  )
  const repairs = all.filter(({ mimeType }) => is(mimeType, 'rtx'))
  return [...found.filter((codec) => codec !== undefined), ...repairs]
}

function is(mimeType: string, name: string): boolean {
  return mimeType.toLowerCase() === `video/${name}`
}

function capabilities(kind: 'audio' | 'video'): RTCRtpCodec[] {
  return typeof RTCRtpReceiver === 'undefined' ? [] : (RTCRtpReceiver.getCapabilities(kind)?.codecs ?? [])
}

function parameter(fmtp: string, name: string): string | undefined {
  const pairs = fmtp.split(';').map((pair) => pair.trim().split('='))
  return pairs.find(([key]) => key === name)?.[1]
}
