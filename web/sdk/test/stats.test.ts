import { expect, test } from 'vitest'
import type { Carried } from '../src/stats.js'
import { StatsReader } from '../src/stats.js'

const carried = new Map<string, Carried>([
  ['4', { participant: 'ann', source: 'camera', audioLevel: 0 }],
  ['1', { participant: 'you', source: 'camera', audioLevel: 0 }],
])

function report(timestamp: number, bytes: number, lost = 0, rtt = 0.05): Map<string, unknown> {
  const video = { frameWidth: 640, frameHeight: 360, framesPerSecond: 30, codecId: 'c', timestamp }
  const inbound = { type: 'inbound-rtp', mid: '4', bytesReceived: bytes, packetsReceived: 90, packetsLost: lost }
  const outbound = { type: 'outbound-rtp', mid: '1', rid: 'm', active: true, bytesSent: bytes / 2 }
  return new Map<string, unknown>([
    ['c', { id: 'c', type: 'codec', mimeType: 'video/VP8', timestamp }],
    ['i', { id: 'i', ...inbound, ...video, jitter: 0.004, framesDecoded: 7, freezeCount: 1 }],
    ['o', { id: 'o', ...outbound, ...video, qualityLimitationReason: 'none' }],
    ['t', { id: 't', type: 'transport', selectedCandidatePairId: 'p', timestamp }],
    ['p', { id: 'p', type: 'candidate-pair', currentRoundTripTime: rtt, timestamp }],
  ])
}

test('totals become rates, and sections people', () => {
  const reader = new StatsReader()
  reader.read(report(1000, 10_000), carried)
  const stats = reader.read(report(2000, 135_000), carried)
  expect(stats).toMatchObject({ rttMs: 50, loss: 0, receiveBitrate: 1_000_000, sendBitrate: 500_000, quality: 'good' })
  expect(stats.inbound).toEqual([
    {
      participant: 'ann',
      source: 'camera',
      width: 640,
      height: 360,
      fps: 30,
      codec: 'VP8',
      bitrate: 1_000_000,
      packetsLost: 0,
      freezeCount: 1,
      freezeMs: 0,
      jitterMs: 4,
      framesDecoded: 7,
      audioLevel: 0,
    },
  ])
  expect(stats.outbound[0]).toMatchObject({ source: 'camera', rid: 'm', bitrate: 500_000, limitedBy: 'none' })
})

test.each([
  [0, 0.05, 'good'],
  [0, 0.3, 'fair'],
  [0, 0.7, 'poor'],
  [20, 0.05, 'poor'],
] as const)('%s lost packets and %s s of round trip are %s', (lost, rtt, quality) => {
  const reader = new StatsReader()
  reader.read(report(1000, 0), carried)
  expect(reader.read(report(2000, 1000, lost, rtt), carried).quality).toBe(quality)
})
