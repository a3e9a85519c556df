import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ApiError, type Message, MessageLog, type MessageLogOptions, type MessageEvent } from '../src/api.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const author = (id: string) => ({ id, username: id, first_name: id, last_name: '', picture: null })
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** One conversation as the server keeps it, behind a network that a test makes as bad as it likes. */
class FakeServer {
  seq = 0
  readonly messages: Message[] = []
  readonly asked: string[] = []
  /** Called with each request, twice: before the server does it, and before its answer is told. */
  network: (step: 'request' | 'answer', what: string) => Promise<void> = async () => {}
  onchange: (event: MessageEvent) => void = () => {}

  write(by: string, text: string, client_id: string = crypto.randomUUID(), reply_to: string | null = null): Message {
    const seq = ++this.seq
    const rest = { kind: 'text', author: author(by), sent_at: seq, edited_at: null, is_deleted: false } as const
    const message: Message = { id: `m${seq}`, conversation: 'c', seq, changed: seq, client_id, text, reply_to, attachments: [], ...rest } // prettier-ignore
    this.messages.push(message)
    return this.#tell(message)
  }
  edit(index: number, change: Partial<Message>): void {
    this.#tell(Object.assign(this.messages[index]!, change, { changed: ++this.seq }))
  }
  /** A change of something that one does not see. */
  silent(): void {
    this.onchange({ type: 'message', conversation: 'c', change: ++this.seq, message: null })
  }
  hide(index: number): void {
    this.messages.splice(index, 1)
  }
  #tell(message: Message): Message {
    const copy = { ...message }
    this.onchange({ type: 'message', conversation: 'c', change: message.changed, message: copy })
    return copy
  }

  readonly api: MessageLogOptions['api'] = {
    messages: (_, { after, limit = 50 } = {}) =>
      this.#answer(`page ${after ?? ''}`, () => {
        const before = this.messages.filter(({ seq }) => seq < Number(after ?? Infinity)).reverse()
        const items = before.slice(0, limit).map((message) => ({ ...message }))
        return { items, next: before.length > limit ? String(items.at(-1)!.seq) : null }
      }),
    changes: (_, after) =>
      this.#answer(`changes ${after}`, () => {
        const found = this.messages.filter(({ changed }) => changed > after).sort((a, b) => a.changed - b.changed)
        const items = found.slice(0, 5).map((message) => ({ ...message }))
        const more = found.length > 5
        return { items, seq: more ? items.at(-1)!.changed : Math.max(after, this.seq), more }
      }),
    send: (_, { client_id, text, attachments, reply_to = null }) =>
      this.#answer(`send ${[text, ...(attachments ?? [])].join(' ')}`, () => {
        const known = this.messages.find((message) => message.client_id === client_id)
        return known ? { ...known } : this.write('me', text, client_id, reply_to)
      }),
  }

  async #answer<T>(what: string, run: () => T): Promise<T> {
    this.asked.push(what)
    await this.network('request', what)
    const answer = run()
    await this.network('answer', what)
    return answer
  }
}

function logOf(server: FakeServer, options: Partial<MessageLogOptions> = {}) {
  let count = 0
  const changed = vi.fn()
  const log = new MessageLog({ api: server.api, conversation: 'c', me: 'me', changed, random: () => 1, newId: () => `own ${++count}`, ...options }) // prettier-ignore
  server.onchange = (event) => log.hear(event)
  return log
}

const texts = (log: MessageLog) => log.messages.map(({ text }) => text)
const settle = () => vi.advanceTimersByTimeAsync(0)

/** A log that has loaded what these have said. */
async function loaded(...said: string[]) {
  const server = new FakeServer()
  for (const text of said) server.write('ann', text)
  const log = logOf(server)
  await log.load()
  return { server, log }
}

test('what comes is there once and in its order, whatever comes twice', async () => {
  const { server, log } = await loaded('one')
  const two = server.write('ann', 'two')
  log.hear({ change: 2, message: two })
  log.hear({ change: 1, message: { ...two, text: 'old' } })
  expect([texts(log), log.last, server.asked]).toEqual([['one', 'two'], 2, ['page ']])
})

test('a missing number is asked for, by one question at a time and until there is no more', async () => {
  const { server, log } = await loaded('one')
  server.onchange = () => {}
  for (let number = 2; number <= 13; number++) server.write('ann', String(number))
  server.onchange = (event) => log.hear(event)
  server.write('ann', '14')
  server.write('ann', '15')
  await settle()
  expect(texts(log)).toEqual(['one', ...Array.from({ length: 14 }, (_, index) => String(index + 2))])
  expect(server.asked).toEqual(['page ', 'changes 1', 'changes 6', 'changes 11'])
})

test('a number without a message counts, and nothing is asked for', async () => {
  const { server, log } = await loaded('one')
  server.silent()
  server.write('ann', 'two')
  expect([texts(log), log.last, server.asked.length]).toEqual([['one', 'two'], 3, 1])
})

test('after a lost connection it asks, again and again while nobody answers', async () => {
  const { server, log } = await loaded('one')
  server.onchange = () => {}
  server.write('ann', 'two')
  server.network = async () => {
    throw new ApiError('connection_failed')
  }
  log.opened()
  await vi.advanceTimersByTimeAsync(5000)
  expect(server.asked.length).toBeGreaterThan(2)
  server.network = async () => {}
  log.opened()
  await settle()
  expect([texts(log), log.last]).toEqual([['one', 'two'], 2])
})

test('a number that the server does not know of is not asked for without end', async () => {
  const { server, log } = await loaded('one')
  log.heardOf(99)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(server.asked).toEqual(['page ', 'changes 1'])
  server.write('ann', 'two')
  expect(texts(log)).toEqual(['one', 'two'])
})

test('what changes while the first page is on its way is not lost', async () => {
  const server = new FakeServer()
  server.write('ann', 'one')
  const log = logOf(server)
  server.network = (step) => (step === 'answer' ? wait(10) : Promise.resolve())
  const loading = log.load()
  await settle()
  server.write('ann', 'two')
  server.edit(0, { text: 'first' })
  await vi.advanceTimersByTimeAsync(100)
  await loading
  expect([texts(log), log.last]).toEqual([['first', 'two'], 3])
})

test('older messages come page by page, and as they are by then', async () => {
  const { server, log } = await loaded(...Array.from({ length: 120 }, (_, index) => `${index}`))
  expect([log.messages.length, log.messages[0]!.text, log.older]).toEqual([50, '70', 'ready'])
  server.network = (step) => (step === 'answer' ? wait(10) : Promise.resolve())
  const older = log.loadOlder()
  await settle()
  // Changed after the page was read and before it comes.
  server.edit(30, { text: 'edited' })
  expect(log.messages).toHaveLength(50)
  await vi.advanceTimersByTimeAsync(100)
  await older
  expect(texts(log).slice(0, 12)).toEqual(['20', '21', '22', '23', '24', '25', '26', '27', '28', '29', 'edited', '31'])
  server.network = async () => {}
  await log.loadOlder()
  expect([log.messages.length, log.older]).toEqual([120, null])
})

test('a page that fails can be asked for again', async () => {
  const server = new FakeServer()
  server.write('ann', 'one')
  const log = logOf(server)
  server.network = async () => {
    throw new ApiError('busy')
  }
  await log.load()
  expect([log.phase, log.failure]).toEqual(['failed', 'busy'])
  server.network = async () => {}
  await log.load()
  expect([log.phase, texts(log)]).toEqual(['ready', ['one']])
})

test.each(['page', 'changes', 'older'])('who is not in it any more learns so: %s', async (where) => {
  const { server, log } = await loaded(...Array.from({ length: where === 'older' ? 60 : 1 }, () => 'x'))
  server.network = async () => {
    throw new ApiError('not_found')
  }
  if (where === 'older') await log.loadOlder()
  else if (where === 'changes') log.opened()
  else await logOf(server).load()
  await settle()
  const asked = server.asked.length
  await vi.advanceTimersByTimeAsync(60_000)
  if (where !== 'page') expect(log.phase).toBe('gone')
  expect(server.asked).toHaveLength(asked)
})

test.each([['the event first', 10], ['the answer first', 0]])('a message of one’s own never doubles: %s', async (_, late) => {
  const { server, log } = await loaded('one')
  const events: MessageEvent[] = []
  server.onchange = (event) => void (late ? log.hear(event) : events.push(event))
  server.network = (step) => (step === 'answer' && late ? wait(late) : Promise.resolve())
  log.send('mine', 'm1')
  expect(log.outgoing).toMatchObject([{ client_id: 'own 1', text: 'mine', reply_to: 'm1', state: 'sending' }])
  await vi.advanceTimersByTimeAsync(late)
  for (const event of events) log.hear(event)
  expect([texts(log), log.outgoing, log.last]).toEqual([['one', 'mine'], [], 2])
}) // prettier-ignore

test('a message goes with the ids of its files, which show meanwhile, and needs no text beside them', async () => {
  const { server, log } = await loaded()
  const rest = {
    kind: 'file',
    media_type: 'text/plain',
    size: 1,
    width: null,
    height: null,
    preview_url: null,
  } as const
  const files = ['a', 'b'].map((id) => ({ id, name: `${id}.txt`, url: `/media/attachments/${id}`, ...rest }))
  log.send('', null, files)
  expect(log.outgoing).toMatchObject([{ text: '', attachments: files, state: 'sending' }])
  await settle()
  expect(server.asked).toContain('send  a b')
  expect(log.outgoing).toEqual([])
})

test('somebody else’s message with the same client id is another one', async () => {
  const { server, log } = await loaded()
  server.network = async () => {
    throw new ApiError('connection_failed')
  }
  log.send('mine')
  await settle()
  server.write('eve', 'not mine', 'own 1')
  expect([texts(log), log.outgoing.length]).toEqual([['not mine'], 1])
})

test('what fails keeps its place, and is sent once when the connection is back', async () => {
  const { server, log } = await loaded()
  // It is written, but nobody hears so.
  server.onchange = () => {}
  server.network = async (step) => {
    if (step === 'answer') throw new ApiError('connection_failed')
  }
  for (const text of ['a', 'b', 'c']) log.send(text)
  await settle()
  expect(log.outgoing.map(({ state, failure }) => [state, failure])).toEqual(Array(3).fill(['failed', 'connection_failed'])) // prettier-ignore
  expect(server.asked).toEqual(['page ', 'send a'])
  server.network = async () => {}
  log.opened()
  await settle()
  expect([texts(log), log.outgoing]).toEqual([['a', 'b', 'c'], []])
  expect(server.messages.map(({ text }) => text)).toEqual(['a', 'b', 'c'])
})

test('what is refused stays until one tries again or gives up, and what follows is sent', async () => {
  const { server, log } = await loaded()
  server.network = async (_, what) => {
    if (what === 'send long') throw new ApiError('limit_reached')
  }
  log.send('long')
  log.send('short')
  await settle()
  expect([texts(log), log.outgoing.map(({ failure }) => failure)]).toEqual([['short'], ['limit_reached']])
  log.opened()
  await settle()
  expect(server.asked.filter((what) => what === 'send long')).toHaveLength(1)
  log.retry('own 1')
  await settle()
  expect(server.asked.filter((what) => what === 'send long')).toHaveLength(2)
  log.discard('own 1')
  expect(log.outgoing).toEqual([])
})

test('what was not sent when the page was left is sent with the next one, unless it had arrived', async () => {
  const server = new FakeServer()
  server.write('me', 'arrived', 'x')
  const one = { attachments: [], reply_to: null, at: 1, state: 'sending', failure: null } as const
  const outgoing = [{ ...one, client_id: 'x', text: 'arrived' }, { ...one, client_id: 'y', text: 'waiting' }] // prettier-ignore
  const log = logOf(server, { outgoing })
  expect(log.outgoing.map(({ state }) => state)).toEqual(['failed', 'failed'])
  await log.load()
  await settle()
  expect([texts(log), log.outgoing]).toEqual([['arrived', 'waiting'], []])
})

test('what was deleted for oneself elsewhere goes, and what has come since stays', async () => {
  const { server, log } = await loaded('one', 'two', 'three')
  server.hide(1)
  server.network = (step) => (step === 'answer' ? wait(10) : Promise.resolve())
  const refreshing = log.refresh()
  await settle()
  server.write('ann', 'four')
  await vi.advanceTimersByTimeAsync(10)
  await refreshing
  expect(texts(log)).toEqual(['one', 'three', 'four'])
})

test('what is assumed shows at once, and goes back if it was wrong', async () => {
  const { server, log } = await loaded('one', 'two')
  const back = log.assume('m1', { is_deleted: true, text: '' })
  const restore = log.drop('m2')
  expect(texts(log)).toEqual([''])
  back()
  restore()
  expect(texts(log)).toEqual(['one', 'two'])
  const late = log.assume('m1', { text: 'guess' })
  server.edit(0, { text: 'truth' })
  late()
  expect(texts(log)).toEqual(['truth', 'two'])
})

/** A generator of numbers that a seed repeats (mulberry32). */
function dice(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

test.each(Array.from({ length: 200 }, (_, seed) => seed))('any storm ends with the server’s list: seed %i', async (seed) => {
  const random = dice(seed)
  const server = new FakeServer()
  const badly = async (): Promise<void> => {
    await wait(random() * 400)
    if (random() < 0.25) throw new ApiError('connection_failed')
  }
  for (let number = 0; number < random() * 130; number++) server.write('ann', `before ${number}`)
  const log = logOf(server, { random })
  server.network = badly
  // Late, in any order, twice, or never.
  server.onchange = (event) => {
    for (let copies = random() < 0.3 ? 0 : random() < 0.2 ? 2 : 1; copies > 0; copies--) {
      setTimeout(() => log.hear(event), random() * 300)
    }
  }
  const sent: string[] = []
  const acts = [
    () => void server.write('ann', `theirs ${server.seq}`),
    () => void sent.push(log.send(`mine ${sent.length}`).text),
    () => server.silent(),
    () => server.messages.length > 0 && server.edit(Math.floor(random() * server.messages.length), { text: `edit ${server.seq}`, edited_at: 1 }),
    () => server.messages.length > 0 && server.edit(Math.floor(random() * server.messages.length), { text: '', is_deleted: true }),
    () => void log.loadOlder(),
    () => log.opened(),
    () => void log.refresh(),
    () => log.heardOf(server.seq),
  ]
  void log.load()
  for (let step = 0; step < 60; step++) {
    acts[Math.floor(random() * acts.length)]!()
    await vi.advanceTimersByTimeAsync(random() * 150)
    const seqs = log.messages.map(({ seq }) => seq)
    expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b))
  }
  // The storm is over: a socket opens, and one reads the history to its beginning.
  server.network = async () => {}
  await vi.advanceTimersByTimeAsync(60_000)
  log.opened()
  await vi.advanceTimersByTimeAsync(60_000)
  while (log.older !== null) await log.loadOlder()
  expect(log.outgoing).toEqual([])
  expect(log.messages).toEqual(server.messages)
  const mine = server.messages.filter(({ author }) => author?.id === 'me').map(({ client_id }) => client_id)
  expect(mine).toEqual(sent.map((_, index) => `own ${index + 1}`))
}) // prettier-ignore

test('closed means silent', async () => {
  const { server, log } = await loaded('one')
  server.network = async () => {
    throw new ApiError('connection_failed')
  }
  log.opened()
  await settle()
  log.close()
  const asked = server.asked.length
  await vi.advanceTimersByTimeAsync(60_000)
  expect(server.asked).toHaveLength(asked)
})
