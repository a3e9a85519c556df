import type { NetworkApi, PageWish, SearchApi } from '../../../sdk/src/api'
import { ApiError, type ApiErrorCode } from '../../../sdk/src/api-error'
import type * as Types from '../../../sdk/src/social-types'
import { demo, ROOM_NAME } from './demo'
import { me, page, PEOPLE } from './fakeSocialPeople'

/** Takes its time, and fails if the address says so. */
async function answer(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, demo.slow ? 2000 : 120))
  if (demo.refuse) throw new ApiError(demo.refuse as ApiErrorCode)
}

function personOf(username: string): Types.Person {
  const person = PEOPLE.find((other) => other.username === username)
  if (!person) throw new ApiError('not_found', 'nobody', { status: 404 })
  return person
}

/** Changes what is between the demo's person and somebody; fails where nothing can be saved. */
async function change(username: string, make: (connection: Types.Connection) => Partial<Types.Connection>) {
  await answer()
  if (demo.readonly) throw new ApiError('connection_failed')
  const person = personOf(username)
  person.connection = { ...person.connection, ...make(person.connection) }
  return person.connection
}

const blocked = new Set<string>()

export const isThere = (person: Types.Person): boolean => !blocked.has(person.username)

async function some(wish: PageWish, is: (person: Types.Person, index: number) => boolean) {
  await answer()
  const people = demo.nobody ? [] : PEOPLE.filter((person, index) => isThere(person) && is(person, index))
  return page(people.length, wish.after, (index) => people[index]!)
}

/** Who is connected with whom in the demo. */
export class FakeNetwork implements Pick<NetworkApi, keyof NetworkApi> {
  follow = (username: string) => change(username, () => ({ following: true }))
  unfollow = (username: string) => change(username, () => ({ following: false }))
  unfriend = (username: string) => change(username, () => ({ friendship: 'none' }))

  befriend(username: string): Promise<Types.Connection> {
    return change(username, ({ friendship }) =>
      friendship === 'received'
        ? { following: true, follows_me: true, friendship: 'friends' }
        : { friendship: friendship === 'none' ? 'sent' : friendship },
    )
  }

  async block(username: string): Promise<void> {
    await change(username, () => ({ following: false, follows_me: false, friendship: 'none' }))
    blocked.add(username)
  }

  async unblock(username: string): Promise<void> {
    await answer()
    blocked.delete(username)
  }

  followers = (_: string, wish: PageWish = {}) => some(wish, (_, index) => index % 2 === 0)
  following = (_: string, wish: PageWish = {}) => some(wish, (_, index) => index % 3 === 0)
  friends = (_: string, wish: PageWish = {}) => some(wish, (_, index) => index % 9 === 0)
  receivedRequests = (wish: PageWish = {}) => some(wish, ({ connection }) => connection.friendship === 'received')
  sentRequests = (wish: PageWish = {}) => some(wish, ({ connection }) => connection.friendship === 'sent')

  async blocks(wish: PageWish = {}): Promise<Types.Page<Types.Person>> {
    await answer()
    const people = PEOPLE.filter((person, index) => !isThere(person) || (!demo.nobody && index > 66))
    return page(people.length, wish.after, (index) => people[index]!)
  }

  async suggestions(): Promise<Types.Suggestion[]> {
    await answer()
    if (demo.nobody) return []
    return PEOPLE.slice(20, 28)
      .filter(isThere)
      .map((person, index) => ({ person, mutual: Math.max(0, 5 - index) }))
  }
}

const flat = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()

const TEXTS = [
  'The market in Surulere opens at six. By seven nobody can cross the street any more, and by eight nobody wants to.',
  'New notebook about crossings is out: what nine thousand people do when the lights are broken.',
  '東京の交差点は静かです。',
]

function posts(query: string): Types.Post[] {
  return Array.from({ length: 30 }, (_, index) => ({
    id: `p${index}`, author: { ...PEOPLE[index]!, picture: PEOPLE[index]!.picture?.small_url ?? null }, text: TEXTS[index % 3]!, audience: 'public' as const,
    images: [], created_at: Date.now() - index * 3_700_000, edited_at: null, counts: { likes: index, comments: index % 4 }, liked: false, is_mine: false,
  })).filter(({ text }) => flat(text).includes(flat(query))) // prettier-ignore
}

/** What is found in the demo. */
export class FakeSearch implements Pick<SearchApi, keyof SearchApi> {
  async all(query: string): Promise<Types.SearchResult> {
    await answer()
    const rooms = [
      { id: 'k3vq-8c2m-x0tz-9hdr', name: ROOM_NAME },
      { id: 'k3vq-8c2m-x0tz-9hds', name: 'Market walk' },
    ]
    return {
      people: this.#people(query).slice(0, 8),
      posts: posts(query).slice(0, 8),
      rooms: rooms.filter(({ name }) => flat(name).includes(flat(query))),
    }
  }

  async people(query: string, wish: PageWish = {}): Promise<Types.Page<Types.Person>> {
    await answer()
    const people = this.#people(query)
    return page(people.length, wish.after, (index) => people[index]!)
  }

  async posts(query: string, wish: PageWish = {}): Promise<Types.Page<Types.Post>> {
    await answer()
    const found = posts(query)
    return page(found.length, wish.after, (index) => found[index]!)
  }

  #people(query: string): Types.Person[] {
    const isFound = (person: Types.Person): boolean =>
      flat(`${person.first_name} ${person.last_name} ${person.username}`).includes(flat(query))
    return PEOPLE.filter((person) => person.id !== me.id && isThere(person) && isFound(person))
  }
}
