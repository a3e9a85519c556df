import { afterEach, beforeEach, expect, test } from 'vitest'
import { cameraEncodings, receivable, sendable } from '../src/media/codecs.js'
import type { VideoCodec } from '../src/protocol.js'

const h264 = (mode: number, profile: string): string =>
  `level-asymmetry-allowed=1;packetization-mode=${mode};profile-level-id=${profile}`

/** As Chromium has them. */
const chromium = [
  ['video/VP8', ''],
  ['video/rtx', ''],
  ['video/VP9', 'profile-id=0'],
  ['video/VP9', 'profile-id=2'],
  ['video/H264', h264(0, '42e01f')],
  ['video/H264', h264(1, '64001f')],
  ['video/H264', h264(1, '42001f')],
  ['video/H264', h264(1, '42e01f')],
  ['video/AV1', 'level-idx=5;profile=1;tier=0'],
  ['video/AV1', 'level-idx=5;profile=0;tier=0'],
  ['video/red', ''],
]
const firefox = chromium.filter(([mimeType]) => mimeType !== 'video/H264')
let has: string[][] = chromium

beforeEach(() => {
  has = chromium
  const getCapabilities = (kind: string) => ({
    codecs:
      kind === 'audio'
        ? [{ mimeType: 'audio/opus' }, { mimeType: 'audio/red' }, { mimeType: 'audio/G722' }]
        : has.map(asCodec),
  })
  Object.assign(globalThis, { RTCRtpReceiver: { getCapabilities } })
})

afterEach(() => {
  Reflect.deleteProperty(globalThis, 'RTCRtpReceiver')
  Reflect.deleteProperty(globalThis, 'RTCPeerConnection')
})

function asCodec([mimeType, sdpFmtpLine]: string[]): { mimeType?: string; sdpFmtpLine?: string } {
  return sdpFmtpLine ? { mimeType, sdpFmtpLine } : { mimeType }
}

const names = (codecs: RTCRtpCodec[]): string[] =>
  codecs.map(({ mimeType, sdpFmtpLine }) => [mimeType, sdpFmtpLine].filter(Boolean).join(' '))

test('pictures are sent in the codec of the room, else in the one that every browser has', () => {
  expect(names(sendable('video', 'vp8'))).toEqual(['video/VP8', 'video/rtx'])
  expect(names(sendable('video', 'vp9'))).toEqual(['video/VP9 profile-id=0', 'video/VP8', 'video/rtx'])
  expect(names(sendable('video', 'h264'))).toEqual([`video/H264 ${h264(1, '42001f')}`, 'video/VP8', 'video/rtx'])
  expect(names(sendable('video', 'av1'))[0]).toBe('video/AV1 level-idx=5;profile=0;tier=0')
  has = firefox
  expect(names(sendable('video', 'h264'))).toEqual(['video/VP8', 'video/rtx'])
})

test('sound carries the packet before along, sent and received', () => {
  expect(names(sendable('audio', 'vp8'))).toEqual(['audio/red', 'audio/opus'])
  expect(names(receivable('audio'))).toEqual(['audio/red', 'audio/opus'])
})

test('slots take each codec that the browser has, once', () => {
  const mimeTypes = (): string[] => receivable('video').map(({ mimeType }) => mimeType)
  expect(mimeTypes()).toEqual(['video/VP8', 'video/VP9', 'video/H264', 'video/AV1', 'video/rtx'])
  has = firefox
  expect(mimeTypes()).toEqual(['video/VP8', 'video/VP9', 'video/AV1', 'video/rtx'])
})

/** A browser that keeps the mode it is asked for, forgets it, or refuses it. */
function browser(behaviour: 'keeps' | 'forgets' | 'refuses'): void {
  class Probe {
    addTransceiver(_: string, { sendEncodings }: RTCRtpTransceiverInit) {
      if (behaviour === 'refuses') throw new Error('OperationError')
      const encodings = behaviour === 'keeps' ? sendEncodings : [{}]
      return { sender: { getParameters: () => ({ encodings }) } }
    }
    close(): void {}
  }
  Object.assign(globalThis, { RTCPeerConnection: Probe })
}

const modes = (codec: VideoCodec): unknown[] => cameraEncodings(codec).map(({ scalabilityMode }) => scalabilityMode)

test('VP9 is one stream with layers where the browser sends them, else three streams like the others', () => {
  browser('keeps')
  expect(modes('vp9')).toEqual(['L3T3_KEY'])
  expect(cameraEncodings('vp9')[0]?.rid).toBeUndefined()
  expect(modes('vp8')).toEqual([undefined, undefined, undefined])
  expect(modes('h264')).toEqual([undefined, undefined, undefined])
  expect(modes('av1')).toEqual(['L1T3', 'L1T3', 'L1T3'])
  for (const behaviour of ['forgets', 'refuses'] as const) {
    browser(behaviour)
    expect(modes('vp9')).toEqual(['L1T3', 'L1T3', 'L1T3'])
  }
})
