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
    codecs: kind === 'audio' ? [{ mimeType: 'audio/red' }, { mimeType: 'audio/opus' }] : has.map(asCodec),
  })
  Object.assign(globalThis, { RTCRtpReceiver: { getCapabilities } })
})

afterEach(() => {
  Reflect.deleteProperty(globalThis, 'RTCRtpReceiver')
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
  expect(names(sendable('audio', 'h264'))).toEqual(['audio/opus'])
})

test('slots take each codec that the browser has, once', () => {
  const mimeTypes = (): string[] => receivable('video').map(({ mimeType }) => mimeType)
  expect(mimeTypes()).toEqual(['video/VP8', 'video/VP9', 'video/H264', 'video/AV1', 'video/rtx'])
  has = firefox
  expect(mimeTypes()).toEqual(['video/VP8', 'video/VP9', 'video/AV1', 'video/rtx'])
})

test('codecs that could have layers are asked for three streams all the same', () => {
  const modes = (codec: VideoCodec): unknown[] => cameraEncodings(codec).map(({ scalabilityMode }) => scalabilityMode)
  expect(modes('vp8')).toEqual([undefined, undefined, undefined])
  expect(modes('h264')).toEqual([undefined, undefined, undefined])
  expect(modes('vp9')).toEqual(['L1T1', 'L1T1', 'L1T1'])
  expect(modes('av1')).toEqual(['L1T1', 'L1T1', 'L1T1'])
})
