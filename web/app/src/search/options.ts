import type { SearchResult } from '@confab/sdk/api'
import { fullName } from '../account/session.svelte'
import { t } from '../i18n/i18n.svelte'
import { postPath, profilePath, roomPath, searchPath } from '../routes/match'
import { excerpt } from './excerpt'

/** Something in the list below the box that one can choose. */
export interface Option {
  kind: 'recent' | 'person' | 'post' | 'room' | 'all'
  id: string
  href: string
  text: string
  detail: string
  picture?: string | null
}

export interface Section {
  name: string
  options: Option[]
}

const MAX_EACH = 4

/** What was found, by kinds, and a way to all of it. */
export function resultSections(query: string, result: SearchResult | null): Section[] {
  const { people = [], posts = [], rooms = [] } = result ?? {}
  const all: Section[] = [
    {
      name: t().search.people,
      options: people.slice(0, MAX_EACH).map((person) => ({
        kind: 'person', id: person.id, href: profilePath(person.username), text: fullName(person),
        detail: `@${person.username}`, picture: person.picture?.small_url ?? null,
      })),
    },
    {
      name: t().search.posts,
      options: posts.slice(0, MAX_EACH).map((post) => ({
        kind: 'post', id: post.id, href: postPath(post.id), text: excerpt(post.text, query),
        detail: fullName(post.author), picture: post.author.picture,
      })),
    },
    {
      name: t().search.rooms,
      options: rooms.slice(0, MAX_EACH).map((room) => ({
        kind: 'room', id: room.id, href: roomPath(room.id), text: room.name, detail: room.id,
      })),
    },
    { name: '', options: [{ kind: 'all', id: 'all', href: searchPath(query), text: t().search.all(query), detail: '' }] },
  ] // prettier-ignore
  return all.filter(({ options }) => options.length > 0)
}

export function recentSections(queries: readonly string[]): Section[] {
  if (queries.length === 0) return []
  return [
    {
      name: t().search.recent,
      options: queries.map((query) => ({
        kind: 'recent',
        id: query,
        href: searchPath(query),
        text: query,
        detail: '',
      })),
    },
  ]
}
