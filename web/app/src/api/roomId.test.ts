import { describe, expect, it } from 'vitest'
import { parseInvitation, parseRoomId } from './roomId'

const ID = 'k3vq-8c2m-x0tz-9hdr'

describe('parseRoomId', () => {
  it.each([ID, 'K3VQ-8C2M-X0TZ-9HDR', 'k3vq8c2mx0tz9hdr', ' k3vq 8c2m x0tz 9hdr ', 'k3vq-8c2m-xotz-9hdr'])(
    'reads %s',
    (text) => {
      expect(parseRoomId(text)).toBe(ID)
    },
  )

  it('reads i and l as 1', () => {
    expect(parseRoomId('iiii-llll-IIII-LLLL')).toBe('1111-1111-1111-1111')
  })

  it.each(['', 'k3vq', `${ID}-0000`, 'k3vq-8c2m-x0tz-9hdu', 'k3vq-8c2m-x0tz-9hd!', 'ķ3vq-8c2m-x0tz-9hdr'])(
    'refuses %j',
    (text) => {
      expect(parseRoomId(text)).toBeNull()
    },
  )
})

describe('parseInvitation', () => {
  it.each([
    ID,
    `https://meet.example/r/${ID}`,
    `http://meet.example/r/${ID}`,
    `meet.example/r/${ID}`,
    `https://MEET.example/r/${ID.toUpperCase()}/`,
    `https://meet.example/r/${ID}?x=1#y`,
    `/r/${ID}`,
    `  https://meet.example/r/${ID}\n`,
  ])('opens %j here', (text) => {
    expect(parseInvitation(text, 'meet.example')).toEqual({ kind: 'room', id: ID })
  })

  it('says when a link belongs to another server', () => {
    expect(parseInvitation(`https://other.example:8443/r/${ID}`, 'meet.example')).toEqual({
      kind: 'elsewhere',
      url: `https://other.example:8443/r/${ID}`,
      host: 'other.example:8443',
    })
  })

  it.each([
    '',
    'hello',
    'https://meet.example/',
    `https://meet.example/x/${ID}`,
    'https://meet.example/r/abc',
    `javascript:/r/x`,
  ])('refuses %j', (text) => {
    expect(parseInvitation(text, 'meet.example')).toEqual({ kind: 'invalid' })
  })
})
