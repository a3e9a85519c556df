import type { ImageUpload, PageWish, ProfileChange } from '../../../sdk/src/api'
import { ApiError, type ApiErrorCode } from '../../../sdk/src/api-error'
import type * as Types from '../../../sdk/src/social-types'
import { demo, nameAt } from './demo'

const HOUR = 3_600_000
const DAY = 24 * HOUR

const drawing = (svg: string, width: number, height: number): string =>
  `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}">${svg}</svg>`)}`

export function portrait(index: number): Types.Image {
  const hue = (index * 47) % 360
  const url = drawing(
    `<rect width="128" height="128" fill="oklch(0.8 0.07 ${hue})"/><path d="M14 128a50 46 0 0 1 100 0Z" fill="oklch(0.42 0.1 ${hue + 120})"/><circle cx="64" cy="54" r="26" fill="oklch(${0.5 + (index % 4) / 10} 0.06 55)"/>`,
    128,
    128,
  )
  return { url, small_url: url, width: 512, height: 512 }
}

export function landscape(): Types.Image {
  const url = drawing(
    '<rect width="1500" height="500" fill="#b7d6da"/><circle cx="1180" cy="150" r="70" fill="#f2c45c"/><path d="M0 360 300 190l240 150 330-240 300 230 330-140v310H0Z" fill="#3f6f66"/><path d="M0 430q400-120 800-20t700-60v150H0Z" fill="#1f4a3c"/>',
    1500,
    500,
  )
  return { url, small_url: url, width: 1500, height: 500 }
}

export const me: Types.Me = {
  id: 'u-me',
  username: 'sam.okafor',
  first_name: 'Sam',
  last_name: 'Okafor',
  email: 'sam@example.org',
  is_admin: false,
  picture: portrait(3),
  created_at: Date.now() - 40 * DAY,
}

const BIOS = ['Maps, trains and other ways of getting lost.', null, 'Sound engineer. I hear the packet loss.', 'Teaching physics in the morning, learning the oud at night.', null, 'Bread first.'] // prettier-ignore
const COUNTRIES = ['BG', 'VN', 'ES', null, 'TR', 'NG', 'IE', 'JP']

const FRIENDSHIPS: Types.Friendship[] = ['friends', 'none', 'none', 'received', 'none', 'none', 'sent', 'none', 'none']

export const PEOPLE: Types.Person[] = Array.from({ length: 70 }, (_, index) => {
  const [first_name = '', ...rest] = nameAt(index).split(' ')
  return {
    id: `u-${index}`,
    username: `${first_name.normalize('NFKD').replace(/[^a-z]/gi, '') || 'person'}${index || ''}`.toLowerCase(),
    first_name,
    last_name: rest.join(' ') || 'Lindqvist',
    bio: BIOS[index % BIOS.length] ?? null,
    country: COUNTRIES[index % COUNTRIES.length] ?? null,
    picture: index % 3 === 1 ? null : portrait(index),
    connection: {
      following: index % 3 === 0,
      follows_me: index % 4 === 0,
      friendship: FRIENDSHIPS[index % FRIENDSHIPS.length] ?? 'none',
    },
  }
})

const ABOUT = `I draw streets for people on foot, mostly in places that were built for cars. At the moment that is a market in Surulere, where nine thousand people cross four lanes each morning.

Papers and talks are at https://example.org/okafor (mostly about crossings).

Before that: three years of timetables for a bus company, and a short, unhappy time as a drummer.`

const profile: Types.OwnProfile = {
  username: me.username,
  first_name: me.first_name,
  last_name: me.last_name,
  bio: demo.blank ? null : 'Urban planner. Slow coffee, fast bicycles.',
  about: demo.blank ? null : ABOUT,
  address: demo.blank ? null : 'Surulere, Lagos',
  country: demo.blank ? null : 'NG',
  links: demo.blank ? [] : [
    { title: 'Crossings, a notebook', url: 'https://www.example.org/okafor' },
    { title: 'Talks', url: 'https://talks.example.net/people/sam-okafor' },
  ],
  picture: demo.blank ? null : me.picture,
  cover: demo.blank ? null : landscape(),
  visibility: { bio: 'public', about: 'followers', address: 'nobody', country: 'public', links: 'public', picture: 'public', cover: 'public' },
  findable_by_email: false,
  messages_from: 'requests',
  shows_presence: true,
  created_at: me.created_at,
} // prettier-ignore

const NO_CONNECTION: Types.Connection = { following: false, follows_me: false, friendship: 'none' }

const EMPTY = { about: null, address: null, links: [], cover: null }

/** What people's pages and the settings ask for. */
export class FakePeople {
  async profile(): Promise<Types.OwnProfile> {
    await this.answer()
    return structuredClone(profile)
  }

  async changeProfile({ visibility, ...change }: ProfileChange): Promise<Types.OwnProfile> {
    await this.answer()
    if (demo.readonly) throw new ApiError('connection_failed')
    Object.assign(profile.visibility, visibility)
    Object.assign(profile, change)
    return structuredClone(profile)
  }

  async setPicture(_bytes: Blob, options: ImageUpload = {}): Promise<Types.Image> {
    await this.#upload(options)
    return (profile.picture = portrait(5))
  }

  async removePicture(): Promise<void> {
    await this.answer()
    profile.picture = null
  }

  async setCover(_bytes: Blob, options: ImageUpload = {}): Promise<Types.Image> {
    await this.#upload(options)
    return (profile.cover = landscape())
  }

  async removeCover(): Promise<void> {
    await this.answer()
    profile.cover = null
  }

  async changePassword(current: string, _next: string): Promise<void> {
    await this.answer()
    if (current === 'wrong') throw new ApiError('wrong_password', 'wrong', { status: 403 })
  }

  async sessions(): Promise<Types.SessionInfo[]> {
    await this.answer()
    const now = Date.now()
    return [
      { id: 's1', created_at: now - 2 * DAY, seen_at: now, device: 'Firefox 153 on Linux', address: '192.0.2.17', is_current: true },
      { id: 's2', created_at: now - 9 * DAY, seen_at: now - 5 * HOUR, device: 'Safari on iPhone', address: '198.51.100.4', is_current: false },
      { id: 's3', created_at: now - 70 * DAY, seen_at: now - 33 * DAY, device: 'Chrome 154 on Windows', address: '2001:db8:4a:1f00:9c2b:77ff:fe30:1d2', is_current: false },
    ] // prettier-ignore
  }

  async revokeSession(_id: string): Promise<void> {
    await this.answer()
  }

  async revokeOtherSessions(): Promise<void> {
    await this.answer()
  }

  async logins({ after }: PageWish = {}): Promise<Types.Page<Types.LoginEntry>> {
    await this.answer()
    return page(60, after, (index) => ({
      id: `l${index}`, at: Date.now() - index * 19 * HOUR, device: 'Firefox 153 on Linux', address: '192.0.2.17', outcome: index % 9 === 4 ? 'wrong_password' : 'succeeded',
    })) // prettier-ignore
  }

  async activity({ after }: PageWish = {}): Promise<Types.Page<Types.ActivityEntry>> {
    await this.answer()
    const kinds = ['profile_changed', 'picture_changed', 'meeting_created', 'password_changed'] as const
    return page(60, after, (index) => ({
      id: `a${index}`, at: Date.now() - index * 31 * HOUR, kind: kinds[index % kinds.length] ?? 'registered', detail: index % 4 === 2 ? 'Thursday design review' : null,
    })) // prettier-ignore
  }

  async exportData(_password: string): Promise<Blob> {
    await this.answer()
    return new Blob([JSON.stringify(profile, null, 2)], { type: 'application/json' })
  }

  async requestDeletion(_password: string): Promise<Types.DeletionPending> {
    await this.answer()
    return { deletion_at: Date.now() + 14 * DAY }
  }

  async people({ after }: PageWish = {}): Promise<Types.Page<Types.Person>> {
    await this.answer()
    return page(demo.nobody ? 0 : PEOPLE.length, after, (index) => PEOPLE[index]!)
  }

  async person(username: string): Promise<Types.Profile> {
    await this.answer()
    const is_me = username === me.username
    const person = is_me ? me : PEOPLE.find((other) => other.username === username)
    if (!person) throw new ApiError('not_found', 'nobody', { status: 404 })
    // Who has no picture has hardly filled in anything else.
    const shown = person.picture ? profile : { ...profile, ...EMPTY }
    const { bio = shown.bio, country = shown.country } = person as Partial<Types.Person>
    const { connection = NO_CONNECTION } = person as Partial<Types.Person>
    const counts = { followers: 1234, following: 24, friends: 8, posts: 30 }
    return {
      ...shown,
      ...person,
      bio,
      country,
      is_me,
      connection,
      may_write: !is_me,
      counts,
      created_at: me.created_at,
    }
  }

  /** Takes its time, and fails if the address says so. */
  protected async answer(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 120))
    if (demo.refuse) throw new ApiError(demo.refuse as ApiErrorCode)
  }

  async #upload({ onProgress, signal }: ImageUpload): Promise<void> {
    for (let step = 1; step <= 10; step++) {
      await new Promise((resolve) => setTimeout(resolve, demo.slow ? 1000 : 100))
      if (signal?.aborted) throw new ApiError('cancelled')
      onProgress?.(step / 10)
    }
    await this.answer()
  }
}

const PAGE = 20

export function page<T>(total: number, after: string | null | undefined, item: (index: number) => T): Types.Page<T> {
  const start = Number(after ?? 0)
  const end = Math.min(start + PAGE, total)
  const items = Array.from({ length: end - start }, (_, index) => item(start + index))
  return { items, next: end < total ? String(end) : null }
}
