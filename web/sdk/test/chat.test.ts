import { expect, test } from 'vitest'
import type { World } from './support.js'
import { connected, pass, useFakes } from './support.js'

const fakes = useFakes()
const line = (id: number, text: string, from = 'ann') => ({ id, from, name: from, text, at: id })
const lines = ({ room }: World): string[] => room.chat.lines.map(({ text, state }) => `${text} ${state}`)
const echo = ({ server }: World, id: number, text: string, client_id: number): void =>
  server.send({ type: 'chat', line: line(id, text, 'you-1'), client_id })

test('one’s own line is there at once and is confirmed in its place', async () => {
  const world = await connected(fakes)
  const { room, server } = world
  room.chat.send('  hello ')
  const [sending] = room.chat.lines
  expect(sending).toMatchObject({ text: 'hello', state: 'sending', isOwn: true })
  server.send({ type: 'chat', line: line(1, 'first'), client_id: null })
  echo(world, 2, 'hello', 1)
  expect(lines(world)).toEqual(['first sent', 'hello sent'])
  expect(room.chat.lines[1]?.id).toBe(sending?.id)
  expect(room.chat.lines[0]).toMatchObject({ isOwn: false })
})

test('a blank line is not sent, and one that is too long is refused', async () => {
  const { room, server } = await connected(fakes)
  room.chat.send(' \u0007 ')
  expect(() => room.chat.send('😀'.repeat(2001))).toThrow(expect.objectContaining({ code: 'invalid_value' }))
  room.chat.send('😀'.repeat(2000))
  expect(server.received('chat')).toHaveLength(1)
})

test('what was under way when the socket died fails, and is sent again after the resume', async () => {
  const world = await connected(fakes)
  world.room.chat.send('lost')
  world.server.socket.drop()
  expect(lines(world)).toEqual(['lost failed'])
  await pass()
  expect(lines(world)).toEqual(['lost sending'])
  echo(world, 1, 'lost', 1)
  expect(lines(world)).toEqual(['lost sent'])
})

test('what arrived before the socket died is not said twice', async () => {
  const world = await connected(fakes)
  const { room, server } = world
  room.chat.send('arrived')
  server.chat = [line(1, 'arrived', 'you-1')]
  server.socket.drop()
  await pass()
  expect(lines(world)).toEqual(['arrived sent'])
  expect(server.received('chat')).toHaveLength(1)
  expect(room.chat.lines).toHaveLength(1)
})

test('an echo that does not come within 10 s is a failure, which can be tried again', async () => {
  const world = await connected(fakes)
  world.room.chat.send('hm')
  await pass(10_000)
  expect(lines(world)).toEqual(['hm failed'])
  world.room.chat.retry(world.room.chat.lines[0]!.id)
  expect(lines(world)).toEqual(['hm sending'])
})

test('a restarted server’s empty chat does not empty ours', async () => {
  const world = await connected(fakes)
  const { room, server } = world
  server.send({ type: 'chat', line: line(1, 'before'), client_id: null })
  server.resumes = false
  server.socket.drop()
  await pass()
  server.send({ type: 'chat', line: { ...line(1, 'after'), at: 9 }, client_id: null })
  expect(lines(world)).toEqual(['before sent', 'after sent'])
  expect(new Set(room.chat.lines.map((each) => each.id)).size).toBe(2)
})
