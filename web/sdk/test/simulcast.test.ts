import { expect, test } from 'vitest'
import { encodingsFor, fitEncodings } from '../src/media/simulcast.js'

test.each([
  [1920, 1080, { l: 4, m: 2, h: 1 }],
  [1280, 720, { l: 4, m: 2, h: 1 }],
  [720, 1280, { l: 4, m: 2, h: 1 }],
  [960, 540, { l: 4, m: 2, h: 1 }],
  [640, 480, { l: 2, m: 1 }],
  [640, 360, { l: 2, m: 1 }],
  [320, 240, { l: 1 }],
  [160, 90, { l: 1 }],
])('a camera of %i x %i is sent whole in its largest encoding', (width, height, scales) => {
  const active = Object.entries(encodingsFor(width, height)).filter(([, fit]) => fit.active)
  expect(Object.fromEntries(active.map(([rid, fit]) => [rid, fit.scaleResolutionDownBy]))).toEqual(scales)
})

test('a sender keeps what is not fitted', async () => {
  const encodings: RTCRtpEncodingParameters[] = [{ rid: 'l', maxFramerate: 30 }, { rid: 'm' }, { rid: 'h' }]
  const sender = { getParameters: () => ({ encodings }), setParameters: async () => {} } as unknown as RTCRtpSender
  const track = { getSettings: () => ({ width: 640, height: 480 }) } as unknown as MediaStreamTrack
  await fitEncodings(sender, track, null)
  expect(encodings.map(({ active }) => active)).toEqual([true, true, false])
  expect(encodings[0]?.maxFramerate).toBe(30)
})

test('an encoding that nobody needs is paused, and one that does not fit stays off', async () => {
  const encodings: RTCRtpEncodingParameters[] = [{ rid: 'l' }, { rid: 'm' }, { rid: 'h' }]
  const sender = { getParameters: () => ({ encodings }), setParameters: async () => {} } as unknown as RTCRtpSender
  const track = { getSettings: () => ({ width: 640, height: 480 }) } as unknown as MediaStreamTrack
  const active = async (needed: boolean[] | null): Promise<unknown> => {
    await fitEncodings(sender, track, needed)
    return encodings.map((encoding) => encoding.active)
  }
  expect(await active([false, true, true])).toEqual([false, true, false])
  expect(await active([false, false, false])).toEqual([false, false, false])
  expect(await active(null)).toEqual([true, true, false])
})

test('a screen has one encoding, and keeps its size', async () => {
  const encodings: RTCRtpEncodingParameters[] = [{ maxBitrate: 2_500_000 }]
  const sender = { getParameters: () => ({ encodings }), setParameters: async () => {} } as unknown as RTCRtpSender
  const track = { getSettings: () => ({ width: 1920, height: 1080 }) } as unknown as MediaStreamTrack
  await fitEncodings(sender, track, [false])
  expect(encodings).toEqual([{ maxBitrate: 2_500_000, active: false }])
})
