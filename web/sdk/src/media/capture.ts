import { MediaError, captureError } from '../errors.js'
import type { Cancel } from '../wait.js'
import { throwIfCancelled, within } from '../wait.js'

/** Which device to take; the browser's default without one. */
export interface CaptureOptions extends Cancel {
  deviceId?: string
}

/** 720p: what the simulcast layers are laid out for. */
const CAMERA: MediaTrackConstraints = {
  width: { ideal: 1280 },
  height: { ideal: 720 },
  frameRate: { ideal: 30 },
}

const MICROPHONE: MediaTrackConstraints = {
  echoCancellation: { ideal: true },
  noiseSuppression: { ideal: true },
  autoGainControl: { ideal: true },
}

export function captureMicrophone(options: CaptureOptions = {}): Promise<MediaStreamTrack> {
  return captureOne({ audio: { ...MICROPHONE, ...device(options) } }, options.signal)
}

export function captureCamera(
  options: CaptureOptions = {},
  constraints: MediaTrackConstraints = {},
): Promise<MediaStreamTrack> {
  return captureOne({ video: { ...CAMERA, ...constraints, ...device(options) } }, options.signal)
}

/** Camera and microphone in one request, so that the user is asked one question. Fails as a whole. */
export async function captureBoth(
  camera: CaptureOptions,
  microphone: CaptureOptions,
  constraints: MediaTrackConstraints = {},
): Promise<MediaStreamTrack[]> {
  const video = { ...CAMERA, ...constraints, ...device(camera) }
  const audio = { ...MICROPHONE, ...device(microphone) }
  return capture((media) => media.getUserMedia({ video, audio }), camera.signal)
}

/** Asks what to share. There is sound only where the browser and the user give it. */
export async function captureScreen({ signal }: Cancel = {}): Promise<MediaStreamTrack[]> {
  const options: DisplayMediaStreamOptions = { video: { frameRate: { ideal: 30 } }, audio: true }
  const tracks = await capture((media) => media.getDisplayMedia(options), signal)
  for (const track of tracks) if (track.kind === 'video') track.contentHint = 'detail'
  return tracks
}

/** Browsers show these only in secure contexts; the reason deserves a code of its own. */
export function mediaDevices(): MediaDevices {
  const media = typeof navigator === 'undefined' ? undefined : navigator.mediaDevices
  if (media) return media
  const insecure = typeof isSecureContext !== 'undefined' && !isSecureContext
  throw new MediaError(
    insecure ? 'insecure_context' : 'unsupported',
    'no devices here: the page needs https or localhost',
  )
}

async function captureOne(constraints: MediaStreamConstraints, signal?: AbortSignal): Promise<MediaStreamTrack> {
  const [track, ...others] = await capture((media) => media.getUserMedia(constraints), signal)
  for (const each of others) each.stop()
  if (!track) throw new MediaError('device_not_found')
  return track
}

async function capture(
  ask: (media: MediaDevices) => Promise<MediaStream>,
  signal: AbortSignal | undefined,
): Promise<MediaStreamTrack[]> {
  throwIfCancelled(signal)
  const stream = ask(mediaDevices())
  try {
    return (await within(stream, signal)).getTracks()
  } catch (cause) {
    // Cancelled while the user was being asked: a device that is granted after all must not stay on.
    void stream.then(
      (late) => late.getTracks().forEach((track) => track.stop()),
      () => {},
    )
    throw captureError(cause)
  }
}

function device({ deviceId }: CaptureOptions): MediaTrackConstraints {
  return deviceId ? { deviceId: { exact: deviceId } } : {}
}
