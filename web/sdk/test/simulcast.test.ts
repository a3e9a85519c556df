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
  await fitEncodings(sender, track)
  expect(encodings.map(({ active }) => active)).toEqual([true, true, false])
  expect(encodings[0]?.maxFramerate).toBe(30)
})
