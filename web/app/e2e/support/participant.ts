// A person in a browser: joins by the front door, and tells what it sees and hears.
import type { Room } from '@confab/sdk'
import { type Tab } from './browsers.ts'
import { until } from './wait.ts'

declare global {
  interface Window {
    /** The app shows its room to tests when the address has `?e2e`. */
    __confab?: { room: Room }
    __recorded?: Recorded
  }
}

/** What a page notes down by itself, in the order in which it happened. */
export interface Recorded {
  /** The room's states after the first `connected`. */
  states: string[]
  /** The names of those who left. */
  left: string[]
  /** What toasts and banners said. */
  notices: string[]
}

/** Runs in the page. */
function record(): void {
  const recorded: Recorded = { states: [], left: [], notices: [] }
  const { room } = window.__confab!
  room.on('stateChanged', (state) => recorded.states.push(state))
  room.on('participantLeft', ({ name }) => recorded.left.push(name))
  const seen = new WeakSet<Element>()
  const look = (): void => {
    for (const notice of document.querySelectorAll<HTMLElement>('[data-testid="toast"], [data-testid^="banner-"]')) {
      if (seen.has(notice)) continue
      seen.add(notice)
      recorded.notices.push(notice.innerText)
    }
  }
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true })
  window.__recorded = recorded
}

/** What one remote track looks like at the receiver. */
export interface Received {
  participant: string
  name: string
  source: string
  codec: string
  width: number
  height: number
  framesDecoded: number
  audioLevel: number
}

export class Participant {
  readonly name: string
  readonly tab: Tab

  constructor(name: string, tab: Tab) {
    this.name = name
    this.tab = tab
  }

  /** Opens the link, types the name, presses Enter, and waits until the call is up. `parameters` are the app's test parameters. */
  async join(link: string, parameters = 'width=320&height=180&fps=15'): Promise<void> {
    const url = new URL(link)
    await this.tab.goto(`${url.href}?e2e&${parameters}`)
    await this.tab.fill('lobby-name', this.name)
    await this.tab.press('lobby-name', 'Enter')
    await this.arrive()
  }

  /** Joins from the lobby in a browser where one is signed in: the name is there already. */
  async enterSignedIn(): Promise<void> {
    await this.tab.press('lobby-name', 'Enter')
    await this.arrive()
  }

  /** Makes a meeting by a click on the start page and joins it as its host; returns the link. */
  async host(server: string, name: string, parameters = 'width=320&height=180&fps=15'): Promise<string> {
    await this.tab.goto(`${server}/?e2e&${parameters}`)
    await this.tab.fill('room-name', name)
    await this.tab.click('create-room')
    await this.tab.fill('lobby-name', this.name)
    await this.tab.press('lobby-name', 'Enter')
    await this.arrive()
    return this.tab.evaluate(() => location.origin + location.pathname, null)
  }

  /** Waits until the call is up, whichever way led to it. */
  async arrive(): Promise<void> {
    await until(`${this.name} is connected`, () => this.room((room) => room.state === 'connected'), 20_000)
    await this.tab.evaluate(record, null)
  }

  /** What has come and gone since one joined: whoever polls may miss it. */
  recorded(): Promise<Recorded> {
    return this.tab.evaluate(() => window.__recorded!, null)
  }

  /** Waits until a toast or a banner has said so, however short it was there. */
  async isTold(text: string): Promise<void> {
    await until(`${this.name} is told "${text}"`, async () => {
      const { notices } = await this.recorded()
      return notices.some((notice) => notice.includes(text)) || Promise.reject(new Error(JSON.stringify(notices)))
    })
  }

  /** Waits until the connection was lost and is back after what `cut` does. */
  async losesAndRegains(cut: () => Promise<void> | void): Promise<void> {
    const before = (await this.recorded()).states.length
    await cut()
    await until(`${this.name} notices and is back`, async () => {
      const states = (await this.recorded()).states.slice(before)
      const done = states.includes('reconnecting') && states.at(-1) === 'connected'
      return done || Promise.reject(new Error(states.join()))
    })
  }

  /** Evaluates something of the SDK's room. */
  room<R>(read: (room: Room) => R): Promise<R> {
    const source = `(${read.toString()})(window.__confab.room)`
    return this.tab.evaluate((source) => eval(source) as R, source)
  }

  /** Every remote track that arrives, by the SDK's statistics. */
  received(): Promise<Received[]> {
    return this.tab.evaluate(async () => {
      const room = window.__confab!.room
      const stats = await room.stats()
      return stats.inbound.map((track) => ({
        participant: track.participant,
        name: room.participants.get(track.participant)?.name ?? '?',
        source: track.source,
        codec: track.codec,
        width: track.width,
        height: track.height,
        framesDecoded: track.framesDecoded,
        audioLevel: track.audioLevel,
      }))
    }, null)
  }

  /**
   * Waits until frames of `source` of everybody in `names` are decoded, and go on being decoded. Frames are counted by
   * connection and slot: a count that falls is of another one, and counts from there.
   */
  async sees(names: string[], source = 'camera', timeout = 20_000): Promise<void> {
    const start = new Map<string, number>()
    await until(
      `${this.name} sees ${source} of ${names.join(', ')}`,
      async () => {
        const tracks = (await this.received()).filter((track) => track.source === source)
        const moving = names.filter((name) => {
          const track = tracks.find((track) => track.name === name)
          if (!track) return false
          start.set(name, Math.min(start.get(name) ?? Infinity, track.framesDecoded))
          return track.framesDecoded > start.get(name)! + 10
        })
        return moving.length === names.length || Promise.reject(new Error(JSON.stringify(tracks)))
      },
      timeout,
    )
  }

  /** Waits until sound of everybody in `names` has been heard; the fake microphone beeps once a second. */
  async hears(names: string[]): Promise<void> {
    const heard = new Set<string>()
    await until(`${this.name} hears ${names.join(', ')}`, async () => {
      for (const track of await this.received()) {
        if (track.source === 'microphone' && track.audioLevel > 0) heard.add(track.name)
      }
      return names.every((name) => heard.has(name))
    })
  }

  /** The tiles on the page: whose, of what, and what they show. */
  tiles(): Promise<{ participant: string; source: string; muted: boolean; video: boolean }[]> {
    return this.tab.evaluate(
      () =>
        [...document.querySelectorAll<HTMLElement>('[data-testid="tile"]')].map((tile) => ({
          participant: tile.dataset.participant ?? '',
          source: tile.dataset.source ?? '',
          muted: tile.dataset.muted === 'true',
          video: tile.querySelector('video') !== null,
        })),
      null,
    )
  }

  /** Begins to watch the pictures of others' cameras as they are presented; `largestGap` ends it. */
  async watchGaps(...names: string[]): Promise<void> {
    const ids = await Promise.all(names.map((name) => this.idOf(name)))
    await this.tab.evaluate((ids) => {
      const watches = ids.map((id) => {
        const tile = `[data-testid="tile"][data-participant="${id}"][data-source="camera"]`
        const video = document.querySelector<HTMLVideoElement>(`${tile} video`)!
        const watch = { last: performance.now(), largest: 0, frames: 0 }
        const presented = (): void => {
          const now = performance.now()
          watch.largest = Math.max(watch.largest, now - watch.last)
          watch.last = now
          watch.frames++
          video.requestVideoFrameCallback(presented)
        }
        video.requestVideoFrameCallback(presented)
        return watch
      })
      Object.assign(window, { gapWatches: watches })
    }, ids)
  }

  /** The longest time without a new picture since `watchGaps`, in ms, and the fewest pictures that any of them had. */
  largestGap(): Promise<{ largest: number; frames: number }> {
    return this.tab.evaluate(() => {
      type Watch = { last: number; largest: number; frames: number }
      const { gapWatches } = window as unknown as { gapWatches: Watch[] }
      const gaps = gapWatches.map(({ last, largest }) => Math.max(largest, performance.now() - last))
      return { largest: Math.max(...gaps), frames: Math.min(...gapWatches.map(({ frames }) => frames)) }
    }, null)
  }

  /** The id of somebody else in the room, by name. */
  idOf(name: string): Promise<string> {
    return until(`${this.name} knows ${name}`, () =>
      this.tab.evaluate(
        (name) => [...window.__confab!.room.participants.values()].find((p) => p.name === name)?.id,
        name,
      ),
    )
  }

  /** Who else is in the room. */
  others(): Promise<string[]> {
    return this.room((room) => [...room.participants.values()].map((participant) => participant.name).sort())
  }

  /** The text of everything that matches, as people read it. */
  texts(testId: string): Promise<string[]> {
    return this.tab.evaluate(
      (selector) => [...document.querySelectorAll<HTMLElement>(selector)].map((element) => element.innerText),
      `[data-testid="${testId}"]`,
    )
  }

  /** Waits until a text is on the page. */
  async reads(text: string, timeout?: number): Promise<void> {
    const has = (): Promise<boolean> => this.tab.evaluate((text) => document.body.innerText.includes(text), text)
    await until(`${this.name} reads "${text}"`, has, timeout)
  }

  /** How many SDP exchanges this client has made. */
  negotiations(): Promise<number> {
    return this.room((room) => room.negotiations)
  }

  /** The lines of the chat, as the page shows them. */
  chat(): Promise<string[]> {
    return this.tab.evaluate(
      () => [...document.querySelectorAll('[data-testid="chat-line"]')].map((line) => line.textContent ?? ''),
      null,
    )
  }
}
