import type { InboxWish, LetterDraft, LettersApi, PageWish } from '../../../sdk/src/api'
import { ApiError, type ApiErrorCode } from '../../../sdk/src/api-error'
import type * as Types from '../../../sdk/src/social-types'
import { demo, lineAt } from './demo'
import { me, PEOPLE } from './fakeSocialPeople'

const HOUR = 3_600_000
const SUBJECTS = [
  'The garden on Saturday',
  'Re: Keys for the workshop',
  'A question about the choir, and about who brings the chairs this time if Maximiliane cannot',
  'دعوة إلى العشاء',
  'Minutes of the last meeting',
]

export const letterId = (index: number): string => `01a1b0c0-0000-7000-8000-${String(9999 - index).padStart(12, '0')}`

function author(index: number): Types.Author {
  const { id, username, first_name, last_name, picture } = PEOPLE[index % PEOPLE.length]!
  return { id, username, first_name, last_name, picture: picture?.small_url ?? null }
}

const self: Types.Author = { ...me, picture: me.picture?.small_url ?? null }

function letter(index: number): Types.Letter {
  const is_mine = index % 4 === 3
  // Somebody has deleted their account.
  const other = index % 9 === 6 ? null : author(index * 5)
  return {
    id: letterId(index),
    from: is_mine ? self : other,
    to: is_mine ? other : self,
    subject: SUBJECTS[index % SUBJECTS.length]!,
    text: `Hello,\n\n${Array.from({ length: 3 + (index % 5) }, (_, line) => lineAt(index + line)).join('\n\n')}\n\nAll the best`,
    created_at: Date.now() - index ** 2 * 3 * HOUR - 120_000,
    is_read: is_mine || index >= demo.unread,
    is_mine,
    reply_to: index % 3 === 1 ? letterId(index + 1) : null,
  }
}

let letters = Array.from({ length: demo.nobody ? 0 : 60 }, (_, index) => letter(index))

const summary = ({ reply_to: _, text, ...letter }: Types.Letter): Types.LetterSummary => ({
  ...letter,
  excerpt: text.split(/\s+/).join(' ').slice(0, 140),
})

/** The demo's mailbox. */
export class FakeLetters implements Pick<LettersApi, keyof LettersApi> {
  async send({ to, subject, text, reply_to }: LetterDraft): Promise<Types.Letter> {
    await answer()
    if (demo.readonly) throw new ApiError('connection_failed')
    const person = PEOPLE.find(({ username }) => username === to)
    if (!person) throw new ApiError('not_found', 'nobody', { status: 404 })
    const sent: Types.Letter = {
      ...letter(3),
      id: letterId(-letters.length),
      to: { ...person, picture: person.picture?.small_url ?? null },
      subject,
      text,
      created_at: Date.now(),
      reply_to: reply_to ?? null,
    }
    letters = [sent, ...letters]
    return sent
  }

  inbox({ unread = false, ...wish }: InboxWish = {}): Promise<Types.Page<Types.LetterSummary>> {
    return this.#page(wish, ({ is_mine, is_read }) => !is_mine && !(unread && is_read))
  }

  sent(wish: PageWish = {}): Promise<Types.Page<Types.LetterSummary>> {
    return this.#page(wish, ({ is_mine }) => is_mine)
  }

  async get(id: string): Promise<Types.LetterThread> {
    await answer()
    const place = letters.findIndex((letter) => letter.id === id)
    const found = letters[place]
    if (!found) throw new ApiError('not_found', 'gone', { status: 404 })
    const earlier = found.reply_to === null ? [] : letters.slice(place + 1, place + 4)
    return { letter: found, earlier: earlier.map(summary) }
  }

  async read(id: string): Promise<void> {
    letters = letters.map((letter) => (letter.id === id ? { ...letter, is_read: true } : letter))
  }

  async remove(id: string): Promise<void> {
    await answer()
    letters = letters.filter((letter) => letter.id !== id)
  }

  async unread(): Promise<number> {
    return letters.filter(({ is_read }) => !is_read).length
  }

  async #page(
    { after, limit = 24 }: PageWish,
    is: (letter: Types.Letter) => boolean,
  ): Promise<Types.Page<Types.LetterSummary>> {
    await answer()
    const all = letters.filter(is)
    const start = after ? all.findIndex(({ id }) => id === after) + 1 : 0
    const page = all.slice(start, start + limit)
    return { items: page.map(summary), next: start + limit < all.length ? page.at(-1)!.id : null }
  }
}

/** Takes its time, and fails if the address says so. */
async function answer(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, demo.slow ? 3000 : 120))
  if (demo.refuse) throw new ApiError(demo.refuse as ApiErrorCode)
}
