import { expect, it } from 'vitest'
import { Push, type PushBrowser } from './push'

const KEY = 'BPk-_w'
const bytes = (text: string) => Uint8Array.from(Buffer.from(text, 'base64url'))

/** A browser and a server, and what they are asked in turn. */
function world(changes: Partial<PushBrowser> & { allows?: NotificationPermission; subscribed?: string } = {}) {
  const log: string[] = []
  const subscription = (key: string) => ({
    endpoint: `https://push.test/${key}`,
    options: { userVisibleOnly: true, applicationServerKey: bytes(key).buffer },
    unsubscribe: async () => (log.push(`unsubscribe ${key}`), (current = null), true),
  })
  let current = changes.subscribed === undefined ? null : subscription(changes.subscribed)
  const browser: PushBrowser = {
    isSecure: true,
    isSupported: true,
    permission: () => 'default',
    ask: async () => (log.push('ask'), changes.allows ?? 'granted'),
    current: async () => current,
    subscribe: async (key) => {
      const text = Buffer.from(key).toString('base64url')
      log.push(`subscribe ${text}`)
      return (current = subscription(text))
    },
    ...changes,
  }
  const api = {
    push: async () => ({ public_key: KEY, subscribed: 0 }),
    subscribe: async (endpoint: string) => void log.push(`PUT ${endpoint}`),
    unsubscribe: async (endpoint: string) => void log.push(`DELETE ${endpoint}`),
  }
  return { log, push: new Push(api, browser) }
}

it.each([
  ['insecure', { isSecure: false, isSupported: false }],
  ['unsupported', { isSupported: false }],
  ['denied', { permission: () => 'denied' }],
  ['off', {}],
  ['off', { subscribed: 'AAAA' }],
] as const)('is %s, and asks for nothing', async (state, changes) => {
  const { push, log } = world(changes)
  expect([await push.state(), log]).toEqual([state, []])
})

it('is on, and reminds the server', async () => {
  const { push, log } = world({ subscribed: KEY })
  expect([await push.state(), log]).toEqual(['on', [`PUT https://push.test/${KEY}`]])
})

it('asks when it is turned on, and then tells the server where', async () => {
  const { push, log } = world()
  expect(await push.turnOn()).toBe('on')
  expect(log).toEqual(['ask', `subscribe ${KEY}`, `PUT https://push.test/${KEY}`])
})

it('leaves the key of another server behind', async () => {
  const { push, log } = world({ subscribed: 'AAAA' })
  expect(await push.turnOn()).toBe('on')
  expect(log).toEqual(['ask', 'unsubscribe AAAA', `subscribe ${KEY}`, `PUT https://push.test/${KEY}`])
})

it.each([
  ['denied', { allows: 'denied' }],
  ['dismissed', { allows: 'default' }],
] as const)('takes %s for an answer', async (outcome, changes) => {
  const { push, log } = world(changes)
  expect([await push.turnOn(), log]).toEqual([outcome, ['ask']])
})

it('says when the push service does not answer', async () => {
  const { push, log } = world({ subscribe: () => Promise.reject(new DOMException('no service', 'AbortError')) })
  expect([await push.turnOn(), log]).toEqual(['failed', ['ask']])
})

it('is turned off here and at the server', async () => {
  const { push, log } = world({ subscribed: KEY })
  await push.turnOff()
  expect(log).toEqual([`unsubscribe ${KEY}`, `DELETE https://push.test/${KEY}`])
  await push.turnOff()
  expect(log).toHaveLength(2)
})
