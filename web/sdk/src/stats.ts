import type { Source } from './protocol.js'

export type ConnectionQuality = 'good' | 'fair' | 'poor'

/** What arrives of one track. */
export interface InboundStats {
  /** The participant's id. */
  readonly participant: string
  readonly source: Source
  /** 0 of sound, as are `fps`, `freezeCount` and `framesDecoded`. */
  readonly width: number
  readonly height: number
  readonly fps: number
  readonly codec: string
  /** Bits per second since the last call. */
  readonly bitrate: number
  /** Since the slot was made: it may have carried others before. */
  readonly packetsLost: number
  readonly freezeCount: number
  /** Of all freezes together. */
  readonly freezeMs: number
  readonly jitterMs: number
  readonly framesDecoded: number
  /** 0 to 1, now. */
  readonly audioLevel: number
}

/** What is sent in one encoding of a track. */
export interface OutboundStats {
  readonly source: Source
  /** `l`, `m` or `h` of a camera; null where there is one encoding. */
  readonly rid: string | null
  readonly width: number
  readonly height: number
  readonly fps: number
  readonly codec: string
  readonly bitrate: number
  /** Why the browser sends less than it could: `none`, `cpu`, `bandwidth` or `other`. */
  readonly limitedBy: string
}

export interface RoomStats {
  /** Round trip to the server; null before it is known. */
  readonly rttMs: number | null
  /** Share of packets to us that were lost since the last call, 0 to 1. */
  readonly loss: number
  readonly receiveBitrate: number
  readonly sendBitrate: number
  readonly quality: ConnectionQuality
  readonly inbound: readonly InboundStats[]
  readonly outbound: readonly OutboundStats[]
}

/** What a section of the peer connection carries. */
export interface Carried {
  participant: string
  source: Source
  audioLevel: number
}

/** The fields that are read of a report, of whatever type. */
interface Entry {
  id: string
  type: string
  mid?: string
  rid?: string
  codecId?: string
  mimeType?: string
  timestamp: number
  bytesReceived?: number
  bytesSent?: number
  packetsReceived?: number
  packetsLost?: number
  jitter?: number
  frameWidth?: number
  frameHeight?: number
  framesPerSecond?: number
  framesDecoded?: number
  freezeCount?: number
  totalFreezesDuration?: number
  active?: boolean
  qualityLimitationReason?: string
  selectedCandidatePairId?: string
  selected?: boolean
  nominated?: boolean
  state?: string
  currentRoundTripTime?: number
}

interface Counters {
  at: number
  bytes: number
  packets: number
  lost: number
}

/** Turns the browser's running totals into what happened since the last look. */
export class StatsReader {
  #before = new Map<string, Counters>()

  read(report: Iterable<[string, unknown]>, carried: ReadonlyMap<string, Carried>): RoomStats {
    const entries = new Map([...report] as [string, Entry][])
    const now = new Map<string, Counters>()
    const inbound: InboundStats[] = []
    const outbound: OutboundStats[] = []
    const total = { received: 0, sent: 0, packets: 0, lost: 0 }
    for (const entry of entries.values()) {
      const section = carried.get(entry.mid ?? '')
      if (entry.type !== 'inbound-rtp' && entry.type !== 'outbound-rtp') continue
      const { bitrate, packets, lost } = this.#since(entry, now)
      if (entry.type === 'outbound-rtp') {
        total.sent += bitrate
        if (section && entry.active !== false) outbound.push(outboundOf(entry, section, entries, bitrate))
        continue
      }
      total.received += bitrate
      total.packets += packets
      total.lost += lost
      if (section) inbound.push(inboundOf(entry, section, entries, bitrate))
    }
    this.#before = now
    const loss = total.lost > 0 ? total.lost / (total.packets + total.lost) : 0
    const rttMs = roundTrip(entries)
    const quality = judge(rttMs, loss, outbound)
    return { rttMs, loss, receiveBitrate: total.received, sendBitrate: total.sent, quality, inbound, outbound }
  }

  #since(entry: Entry, now: Map<string, Counters>): { bitrate: number; packets: number; lost: number } {
    const bytes = entry.bytesReceived ?? entry.bytesSent ?? 0
    const current = { at: entry.timestamp, bytes, packets: entry.packetsReceived ?? 0, lost: entry.packetsLost ?? 0 }
    now.set(entry.id, current)
    const before = this.#before.get(entry.id)
    const seconds = before ? (current.at - before.at) / 1000 : 0
    if (!before || seconds <= 0) return { bitrate: 0, packets: 0, lost: 0 }
    return {
      bitrate: Math.max(Math.round(((current.bytes - before.bytes) * 8) / seconds), 0),
      packets: Math.max(current.packets - before.packets, 0),
      lost: Math.max(current.lost - before.lost, 0),
    }
  }
}

function inboundOf(entry: Entry, section: Carried, entries: Map<string, Entry>, bitrate: number): InboundStats {
  return {
    participant: section.participant,
    source: section.source,
    ...picture(entry),
    codec: codecOf(entry, entries),
    bitrate,
    packetsLost: entry.packetsLost ?? 0,
    freezeCount: entry.freezeCount ?? 0,
    freezeMs: Math.round((entry.totalFreezesDuration ?? 0) * 1000),
    jitterMs: (entry.jitter ?? 0) * 1000,
    framesDecoded: entry.framesDecoded ?? 0,
    audioLevel: section.audioLevel,
  }
}

function outboundOf(entry: Entry, section: Carried, entries: Map<string, Entry>, bitrate: number): OutboundStats {
  return {
    source: section.source,
    rid: entry.rid ?? null,
    ...picture(entry),
    codec: codecOf(entry, entries),
    bitrate,
    limitedBy: entry.qualityLimitationReason ?? 'none',
  }
}

function picture(entry: Entry): { width: number; height: number; fps: number } {
  return { width: entry.frameWidth ?? 0, height: entry.frameHeight ?? 0, fps: entry.framesPerSecond ?? 0 }
}

/** `VP8`, from `video/VP8`. */
function codecOf({ codecId }: Entry, entries: Map<string, Entry>): string {
  return entries.get(codecId ?? '')?.mimeType?.split('/')[1] ?? ''
}

/** Chromium names the pair in use by the transport; Firefox marks it. */
function roundTrip(entries: Map<string, Entry>): number | null {
  const all = [...entries.values()]
  const chosen = all.find((entry) => entry.type === 'transport')?.selectedCandidatePairId
  const pairs = all.filter((entry) => entry.type === 'candidate-pair')
  const pair =
    pairs.find((each) => each.id === chosen) ??
    pairs.find((each) => each.selected || (each.nominated && each.state === 'succeeded'))
  const seconds = pair?.currentRoundTripTime
  return seconds === undefined ? null : seconds * 1000
}

/** Above the first bounds a conversation suffers, above the second it fails. */
function judge(rttMs: number | null, loss: number, outbound: readonly OutboundStats[]): ConnectionQuality {
  const rtt = rttMs ?? 0
  if (loss > 0.08 || rtt > 600) return 'poor'
  // A camera whose small layer is short of bandwidth: there is hardly any.
  const starved = outbound.some((each) => each.limitedBy === 'bandwidth' && (each.rid === 'l' || each.rid === null))
  return loss > 0.02 || rtt > 250 || starved ? 'fair' : 'good'
}
