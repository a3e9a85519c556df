import type { CommentDraft, Feed, PageWish, PostChange, PostDraft, PostsApi, Upload } from '../../../sdk/src/api'
import { ApiError, type ApiErrorCode } from '../../../sdk/src/api-error'
import type * as Types from '../../../sdk/src/social-types'
import { demo, lineAt } from './demo'
import { landscape, me, PEOPLE, portrait } from './fakeSocialPeople'

const MINUTE = 60_000
const LONG = Array.from({ length: 18 }, (_, index) => `${index + 1}. ${lineAt(index)}`).join('\n')
const TEXTS = [
  'The new crossing at the market is open. Nine thousand people, four lanes, and nobody has to run any more.',
  LONG,
  'Thanks @kofi10 for the pictures! More of them at https://example.org/crossings/surulere?from=feed (and soon here).',
  'ממשיכים מחר בבוקר',
  'Bread. 🍞',
  '',
]

let count = 0
const newId = (at: number): string =>
  `${at
    .toString(16)
    .padStart(12, '0')
    .replace(/(.{8})/, '$1-')}-7000-8000-${String(++count).padStart(12, '0')}`

function author(index: number): Types.Author {
  const { picture, ...person } = index % 7 === 3 ? me : PEOPLE[index % PEOPLE.length]!
  const { id, username, first_name, last_name } = person
  return { id, username, first_name, last_name, picture: picture?.small_url ?? null }
}

function image(index: number): Types.PostImage {
  const drawn = index % 2 ? portrait(index) : landscape()
  const alt = index % 3 ? 'A drawing of hills by a lake, with the sun low behind them' : ''
  return { ...drawn, id: `i${++count}`, alt }
}

function post(index: number): Types.Post {
  const at = Date.now() - index ** 2 * 7 * MINUTE - 20_000
  const text = TEXTS[index % TEXTS.length]!
  const images = Array.from({ length: text ? index % 5 : 1 }, (_, number) => image(index + number))
  const by = author(index)
  return {
    id: newId(at),
    author: by,
    text,
    audience: (['public', 'public', 'followers', 'friends'] as const)[index % 4]!,
    images,
    created_at: at,
    edited_at: index % 4 === 3 ? at + MINUTE : null,
    counts: { likes: (index * 37) % 1400, comments: index === 0 ? 45 : index % 9 },
    liked: index % 3 === 0,
    is_mine: by.id === me.id,
  }
}

let posts = Array.from({ length: demo.nobody ? 0 : 64 }, (_, index) => post(index))
const comments = new Map<string, Types.Comment[]>()
const made = new Map<string, Types.Post | Types.Comment>()

function comment(post: string, index: number, parent: string | null, replies: number): Types.Comment {
  const at = Date.now() - (90 - index) * 11 * MINUTE
  const by = author(index + 1)
  return {
    id: newId(at),
    post,
    parent,
    author: index % 11 === 6 ? null : by,
    text: index % 11 === 6 ? '' : lineAt(index),
    created_at: at,
    edited_at: index % 8 === 5 ? at + MINUTE : null,
    likes: (index * 5) % 13,
    replies,
    liked: index % 5 === 2,
    is_mine: by.id === me.id,
  }
}

function commentsOf(post: Types.Post): Types.Comment[] {
  const known = comments.get(post.id)
  if (known) return known
  const all = Array.from({ length: Math.min(post.counts.comments, 30) }, (_, index) => comment(post.id, index, null, index % 4 === 1 ? 2 : 0)) // prettier-ignore
  for (const top of [...all]) {
    for (let index = 0; index < top.replies; index++) all.push(comment(post.id, index + 2, top.id, 0))
  }
  comments.set(post.id, all)
  return all
}

/** The demo's posts: answers like the server, from the address. */
export class FakePosts implements Pick<PostsApi, keyof PostsApi> {
  async feed(feed: Feed, wish: PageWish = {}): Promise<Types.Page<Types.Post>> {
    await answer()
    return page(posts.filter(({ audience }) => feed === 'home' || audience === 'public'), wish) // prettier-ignore
  }

  async countNew(): Promise<number> {
    return demo.busy ? 3 : 0
  }

  async ofPerson(username: string, wish: PageWish = {}): Promise<Types.Page<Types.Post>> {
    await answer()
    return page(posts.filter(({ author }) => author.username === username), wish) // prettier-ignore
  }

  async create({ client_id, text, audience, images }: PostDraft): Promise<Types.Post> {
    await write()
    const again = made.get(client_id)
    if (again) return again as Types.Post
    const now = Date.now()
    const chosen = images.map(({ id, alt }) => ({ ...landscape(), id, alt }))
    const mine = { ...author(3), id: me.id }
    const post: Types.Post = { id: newId(now), author: mine, text, audience, images: chosen, created_at: now, edited_at: null, counts: { likes: 0, comments: 0 }, liked: false, is_mine: true } // prettier-ignore
    posts = [post, ...posts]
    made.set(client_id, post)
    return post
  }

  async get(id: string): Promise<Types.Post> {
    await answer()
    return found(posts, id)
  }

  async change(id: string, { images, ...change }: PostChange): Promise<Types.Post> {
    await write()
    const post = found(posts, id)
    const kept = images?.map(({ id, alt }) => ({ ...(post.images.find((image) => image.id === id) ?? landscape()), id, alt })) // prettier-ignore
    return Object.assign(post, change, { edited_at: Date.now(), ...(kept && { images: kept }) })
  }

  async remove(id: string): Promise<void> {
    await write()
    posts = posts.filter((post) => post.id !== id)
  }

  async history(id: string): Promise<Types.PostVersion[]> {
    await answer()
    const { text, audience, created_at } = found(posts, id)
    return [
      { at: created_at + MINUTE, text, audience },
      { at: created_at, text: `${text} (with a tpyo)`, audience: 'friends' },
    ]
  }

  async setLiked(id: string, liked: boolean): Promise<Types.Liked> {
    await write()
    const post = found(posts, id)
    post.counts.likes += Number(liked) - Number(post.liked)
    post.liked = liked
    return { liked, likes: post.counts.likes }
  }

  async likes(_id: string, wish: PageWish = {}): Promise<Types.Page<Types.Person>> {
    await answer()
    return page(PEOPLE, wish)
  }

  async uploadImage(_bytes: Blob, { onProgress, signal }: Upload = {}): Promise<Types.PostImage> {
    for (let step = 1; step <= 10; step++) {
      await new Promise((resolve) => setTimeout(resolve, demo.slow ? 1000 : 60))
      if (signal?.aborted) throw new ApiError('cancelled')
      onProgress?.(step / 10)
    }
    await write()
    return { ...landscape(), id: `i${++count}`, alt: '' }
  }

  async discardImage(): Promise<void> {
    await answer()
  }

  async comments(id: string, wish: PageWish = {}): Promise<Types.Page<Types.Comment>> {
    await answer()
    return page(commentsOf(found(posts, id)).filter(({ parent }) => parent === null), wish) // prettier-ignore
  }

  async writeComment(id: string, { client_id, text, parent = undefined }: CommentDraft): Promise<Types.Comment> {
    await write()
    const again = made.get(client_id)
    if (again) return again as Types.Comment
    const now = Date.now()
    const comment: Types.Comment = { id: newId(now), post: id, parent: parent ?? null, author: { ...author(3), id: me.id }, text, created_at: now, edited_at: null, likes: 0, replies: 0, liked: false, is_mine: true } // prettier-ignore
    const post = found(posts, id)
    commentsOf(post).push(comment)
    post.counts.comments++
    if (parent) found(commentsOf(post), parent).replies++
    made.set(client_id, comment)
    return comment
  }

  async comment(id: string): Promise<Types.Comment> {
    await answer()
    return found(all(), id)
  }

  async replies(id: string, wish: PageWish = {}): Promise<Types.Page<Types.Comment>> {
    await answer()
    return page(all().filter(({ parent }) => parent === id), wish) // prettier-ignore
  }

  async changeComment(id: string, text: string): Promise<Types.Comment> {
    await write()
    return Object.assign(found(all(), id), { text, edited_at: Date.now() })
  }

  async removeComment(id: string): Promise<void> {
    await write()
    for (const [post, list] of comments) comments.set(post, list.filter((comment) => comment.id !== id)) // prettier-ignore
  }

  async setCommentLiked(id: string, liked: boolean): Promise<Types.Liked> {
    await write()
    const comment = found(all(), id)
    comment.likes += Number(liked) - Number(comment.liked)
    comment.liked = liked
    return { liked, likes: comment.likes }
  }

  async commentLikes(_id: string, wish: PageWish = {}): Promise<Types.Page<Types.Person>> {
    await answer()
    return page(PEOPLE, wish)
  }
}

const all = (): Types.Comment[] => [...comments.values()].flat()

function found<T extends { id: string }>(items: T[], id: string): T {
  const item = items.find((item) => item.id === id)
  if (!item) throw new ApiError('not_found', 'gone', { status: 404 })
  return item
}

function page<T extends { id: string }>(items: T[], { after, limit = 20 }: PageWish): Types.Page<T> {
  const start = after ? items.findIndex(({ id }) => id === after) + 1 : 0
  const part = items.slice(start, start + limit)
  return { items: structuredClone(part), next: start + limit < items.length ? part.at(-1)!.id : null }
}

/** Takes its time, and fails if the address says so. */
async function answer(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, demo.slow ? 3000 : 120))
  if (demo.refuse) throw new ApiError(demo.refuse as ApiErrorCode)
}

async function write(): Promise<void> {
  await answer()
  if (demo.readonly) throw new ApiError('connection_failed')
}
