import { MediaError, captureError } from '../errors.js'
import type { Cancel } from '../wait.js'
import { Queue } from '../wait.js'
import type { CaptureOptions } from './capture.js'
import { captureBoth, captureCamera, captureMicrophone } from './capture.js'
import { devices } from './devices.js'
import { LevelMeter } from './level-meter.js'

/** Off, on, or on with a certain device. */
export type CaptureWish = boolean | { deviceId?: string }

export interface PreviewOptions extends Cancel {
  video: CaptureWish
  audio: CaptureWish
}

type Kind = 'video' | 'audio'

/** Gets a track that the user granted only after a room had taken the others. */
export type LateTrack = (device: 'camera' | 'microphone', track: MediaStreamTrack) => void

/**
 * Camera and microphone before joining. Given to a `Room`, its tracks are published as they are, with no second question
 * to the user; from then on they are the room's, and `stop` leaves them alone.
 */
export class LocalPreview {
  readonly #tracks: Record<Kind, MediaStreamTrack | null> = { video: null, audio: null }
  readonly #queues: Record<Kind, Queue> = { video: new Queue(), audio: new Queue() }
  #meter: LevelMeter | null = null
  #taken = false
  #late: LateTrack | null = null
  readonly #constraints: MediaTrackConstraints

  constructor(options: { videoConstraints?: MediaTrackConstraints } = {}) {
    this.#constraints = options.videoConstraints ?? {}
  }

  get videoTrack(): MediaStreamTrack | null {
    return this.#tracks.video
  }

  get audioTrack(): MediaStreamTrack | null {
    return this.#tracks.audio
  }

  /** Loudness at the microphone, 0 to 1, now. */
  get level(): number {
    return this.#meter?.level ?? 0
  }

  /**
   * Turns on what is wanted: both in one question to the user where it goes well, else each by itself, so that a missing
   * camera does not cost the microphone.
   */
  async start(options: PreviewOptions): Promise<{ videoError: MediaError | null; audioError: MediaError | null }> {
    const { video, audio, signal } = options
    const camera = { ...wish(video), signal }
    const microphone = { ...wish(audio), signal }
    if (video !== false && audio !== false) {
      const error = await this.#both(camera, microphone)
      const refused = error?.code === 'permission_denied' && !(await blockedBefore())
      if (!error || refused || error.code === 'insecure_context') return { videoError: error, audioError: error }
    }
    return {
      videoError: await failure(this.setCamera(video !== false, camera)),
      audioError: await failure(this.setMicrophone(audio !== false, microphone)),
    }
  }

  setCamera(on: boolean, options: CaptureOptions = {}): Promise<void> {
    return this.#set('video', on ? () => captureCamera(options, this.#constraints) : null)
  }

  setMicrophone(on: boolean, options: CaptureOptions = {}): Promise<void> {
    return this.#set('audio', on ? () => captureMicrophone(options) : null)
  }

  /** Turns both off, unless a room has taken them. */
  stop(): void {
    this.#meter?.stop()
    this.#meter = null
    if (this.#taken) return
    for (const kind of ['video', 'audio'] as const) {
      this.#tracks[kind]?.stop()
      this.#tracks[kind] = null
    }
  }

  /** @internal The tracks, which are the room's from now on, as are those that are still being asked for. */
  take(late: LateTrack): { camera: MediaStreamTrack | null; microphone: MediaStreamTrack | null } {
    this.#taken = true
    this.#late = late
    this.stop()
    return { camera: live(this.#tracks.video), microphone: live(this.#tracks.audio) }
  }

  async #both(camera: CaptureOptions, microphone: CaptureOptions): Promise<MediaError | null> {
    try {
      const tracks = await captureBoth(camera, microphone, this.#constraints)
      if (this.#taken) {
        for (const track of tracks) this.#handOver(track)
        return null
      }
      await Promise.all([this.#set('video', only(tracks, 'video')), this.#set('audio', only(tracks, 'audio'))])
      return null
    } catch (cause) {
      return captureError(cause)
    }
  }

  /** @internal The room could not be entered: the tracks are the lobby's again. */
  takeBack(): void {
    this.#taken = false
    this.#late = null
    for (const kind of ['video', 'audio'] as const) this.#tracks[kind] = live(this.#tracks[kind])
    const { audio } = this.#tracks
    if (audio) this.#meter = new LevelMeter(audio)
  }

  #set(kind: Kind, capture: (() => Promise<MediaStreamTrack>) | null): Promise<void> {
    return this.#queues[kind].run(async () => {
      if (this.#taken) return
      // The old device first: some cannot be opened twice.
      this.#replace(kind, null)
      if (!capture) return
      const track = await capture()
      if (this.#taken) return this.#handOver(track)
      this.#replace(kind, track)
      devices.permissionGranted()
    })
  }

  /** Whoever joins while the browser still opens the camera must not end up without it. */
  #handOver(track: MediaStreamTrack): void {
    this.#late?.(track.kind === 'video' ? 'camera' : 'microphone', track)
  }

  #replace(kind: Kind, track: MediaStreamTrack | null): void {
    this.#tracks[kind]?.stop()
    this.#tracks[kind] = track
    if (kind !== 'audio') return
    this.#meter?.stop()
    this.#meter = track ? new LevelMeter(track) : null
  }
}

function wish(wanted: CaptureWish): { deviceId?: string } {
  return typeof wanted === 'object' ? wanted : {}
}

function live(track: MediaStreamTrack | null): MediaStreamTrack | null {
  return track?.readyState === 'live' ? track : null
}

function failure(work: Promise<void>): Promise<MediaError | null> {
  return work.then(() => null, captureError)
}

function only(tracks: readonly MediaStreamTrack[], kind: Kind): () => Promise<MediaStreamTrack> {
  return async () => {
    const track = tracks.find((each) => each.kind === kind)
    if (!track) throw new MediaError('device_not_found')
    return track
  }
}

/**
 * Whether one of the two was refused for good at an earlier time, which refuses a question for both at once. Then the
 * other is worth a question of its own; a user who has just said no is not to be asked again.
 */
async function blockedBefore(): Promise<boolean> {
  const state = (name: string): Promise<string> =>
    navigator.permissions.query({ name: name as PermissionName }).then(
      (status) => status.state,
      () => 'unknown',
    )
  if (typeof navigator.permissions?.query !== 'function') return false
  const [camera, microphone] = await Promise.all([state('camera'), state('microphone')])
  return (camera === 'denied') !== (microphone === 'denied')
}
