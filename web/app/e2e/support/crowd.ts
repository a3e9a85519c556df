// Many people for the price of one tab: rooms of the SDK in one page, which send a small drawn picture and show nothing.
import type { Room } from '@confab/sdk'
import type { Tab } from './browsers.ts'
import { Participant } from './participant.ts'

/** The page of a tab that `painted` its devices, in which `leader` has joined. */
export class Crowd {
  private readonly tab: Tab
  private readonly link: string

  private constructor(tab: Tab, link: string) {
    this.tab = tab
    this.link = link
  }

  /** The tab's own participant is one of the crowd. */
  static async join(tab: Tab, link: string, leader: string): Promise<Crowd> {
    await new Participant(leader, tab).join(link, 'width=160&height=90&fps=10')
    return new Crowd(tab, link)
  }

  async add(name: string, { camera = true } = {}): Promise<void> {
    const id = new URL(this.link).pathname.split('/').at(-1)!
    await this.tab.evaluate(join, { id, name, camera })
  }

  async setCamera(name: string, on: boolean): Promise<void> {
    const set = async ([name, on]: readonly [string, boolean]): Promise<void> =>
      (window as unknown as { crowd: Map<string, Room> }).crowd.get(name)!.local.setCamera(on)
    await this.tab.evaluate(set, [name, on] as const)
  }
}

/** Runs in the page. */
async function join({ id, name, camera }: { id: string; name: string; camera: boolean }): Promise<void> {
  const page = window as unknown as { crowd?: Map<string, Room> }
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`/api/v1/rooms/${id}/join`, { method: 'POST', headers, body: JSON.stringify({ name }) })
  const { url, ticket } = await answer.json()
  const Maker = window.__confab!.room.constructor as typeof Room
  const room = new Maker({ videoConstraints: { width: 160, height: 90, frameRate: 10 } })
  page.crowd ??= new Map()
  page.crowd.set(name, room)
  if (camera) await room.local.setCamera(true)
  await room.connect(url, ticket)
}
