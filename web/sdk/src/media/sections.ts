import type { Sections as WireSections, Source, VideoCodec } from '../protocol.js'
import { cameraEncodings, preferCodecs, receivable, screenEncodings, sendable } from './codecs.js'

/** The order in which sources are offered. */
export const SOURCES: readonly Source[] = ['microphone', 'camera', 'screen', 'screen_audio']

const AUDIO_SLOTS = 3

/** A slot: a picture and the sound that belongs to it. */
export interface Slot {
  readonly video: RTCRtpTransceiver
  readonly audio: RTCRtpTransceiver
  /** The picture alone, for elements; the same object for as long as the peer connection lives. */
  readonly picture: MediaStream
}

/** The media sections of one peer connection and what they are for. Sections are only ever added. */
export class Sections {
  readonly publish: Map<Source, RTCRtpTransceiver> = new Map()
  readonly slots: Slot[] = []
  readonly audioSlots: RTCRtpTransceiver[] = []
  readonly #pc: RTCPeerConnection
  readonly #codec: VideoCodec

  /** Pictures are sent in `codec` if the browser can. */
  constructor(pc: RTCPeerConnection, slots: number, codec: VideoCodec) {
    this.#pc = pc
    this.#codec = codec
    for (const source of SOURCES) this.publish.set(source, this.#sending(source))
    this.addSlots(slots)
    for (let i = 0; i < AUDIO_SLOTS; i++) this.audioSlots.push(this.#receiving('audio'))
  }

  addSlots(count: number): void {
    for (let i = 0; i < count; i++) {
      const video = this.#receiving('video')
      const audio = this.#receiving('audio')
      this.slots.push({ video, audio, picture: new MediaStream([video.receiver.track]) })
    }
  }

  /** Forgets slots that were offered in vain. */
  dropSlots(keep: number): void {
    for (const { video, audio } of this.slots.splice(keep)) {
      video.stop()
      audio.stop()
    }
  }

  /** For the server, by mid; so only once a local description is set. */
  describe(): WireSections {
    return {
      publish: [...this.publish].map(([source, transceiver]) => ({ source, mid: mid(transceiver) })),
      slots: this.slots.map(({ video, audio }) => ({ video: mid(video), audio: mid(audio) })),
      audio_slots: this.audioSlots.map(mid),
    }
  }

  #sending(source: Source): RTCRtpTransceiver {
    const kind = source === 'camera' || source === 'screen' ? 'video' : 'audio'
    const init: RTCRtpTransceiverInit = { direction: 'sendonly' }
    if (source === 'camera') init.sendEncodings = cameraEncodings(this.#codec)
    if (source === 'screen') init.sendEncodings = screenEncodings(this.#codec)
    return this.#add(kind, init, sendable(kind, this.#codec))
  }

  #receiving(kind: 'audio' | 'video'): RTCRtpTransceiver {
    return this.#add(kind, { direction: 'recvonly' }, receivable(kind))
  }

  #add(kind: 'audio' | 'video', init: RTCRtpTransceiverInit, codecs: RTCRtpCodec[]): RTCRtpTransceiver {
    const transceiver = this.#pc.addTransceiver(kind, init)
    preferCodecs(transceiver, codecs)
    return transceiver
  }
}

function mid(transceiver: RTCRtpTransceiver): string {
  return transceiver.mid ?? ''
}
