import type { Http, PageWish, Upload } from './http.js'
import type { Audience, Comment, Liked, Page, Person, Post, PostImage, PostVersion } from './social-types.js'
import { upload } from './upload.js'
import type { Cancel } from './wait.js'

/** An image of a post that is written or edited, by the id that its upload was given. */
export interface ImageChoice {
  id: string
  /** What it shows, for people who do not see it; at most 1000 characters. */
  alt: string
}

export interface PostDraft {
  /** A UUID made up for this post: sent again with the same one, it is posted once. */
  client_id: string
  /** At most 5000 characters; may be empty beside an image. */
  text: string
  audience: Audience
  /** At most 4. */
  images: ImageChoice[]
}

/** A change of one's post; what is left out stays. */
export interface PostChange {
  text?: string
  audience?: Audience
  images?: ImageChoice[]
}

export interface CommentDraft {
  /** A UUID made up for this comment: sent again with the same one, it is written once. */
  client_id: string
  /** From 1 to 2000 characters. */
  text: string
  /** The comment to which it replies. A reply to a reply is one to the same comment. */
  parent?: string
}

/** The lists of posts that grow while one reads. */
export type Feed = 'home' | 'discover'

const V1 = '/api/v1'

/** Posts, their comments, and the feeds. Posts of others are `not_found` where one may not read them. */
export class PostsApi {
  readonly #http: Http

  constructor(http: Http) {
    this.#http = http
  }

  /** Of those that one follows and of oneself, or public ones of anybody; newest first. */
  feed(feed: Feed, wish: PageWish = {}): Promise<Page<Post>> {
    return this.#http.page(`${V1}/feed/${feed}`, wish)
  }

  /** How many posts by others are newer than this one; at most 50. */
  async countNew(feed: Feed, since: string, options: Cancel = {}): Promise<number> {
    const path = `${V1}/feed/${feed}/new?since=${encodeURIComponent(since)}`
    return (await this.#http.json<{ count: number }>('GET', path, options)).count
  }

  /** Those of somebody that one may read, newest first. */
  ofPerson(username: string, wish: PageWish = {}): Promise<Page<Post>> {
    return this.#http.page(`${V1}/people/${encodeURIComponent(username)}/posts`, wish)
  }

  create(draft: PostDraft, options: Cancel = {}): Promise<Post> {
    return this.#http.json('POST', `${V1}/posts`, { body: draft, ...options })
  }

  get(id: string, options: Cancel = {}): Promise<Post> {
    return this.#http.json('GET', post(id), options)
  }

  change(id: string, change: PostChange, options: Cancel = {}): Promise<Post> {
    return this.#http.json('PATCH', post(id), { body: change, ...options })
  }

  remove(id: string, options: Cancel = {}): Promise<void> {
    return this.#http.json('DELETE', post(id), options)
  }

  /** What one's own post said before, newest first. */
  async history(id: string, options: Cancel = {}): Promise<PostVersion[]> {
    return (await this.#http.json<{ items: PostVersion[] }>('GET', `${post(id)}/history`, options)).items
  }

  setLiked(id: string, liked: boolean, options: Cancel = {}): Promise<Liked> {
    return this.#http.json(liked ? 'PUT' : 'DELETE', `${post(id)}/like`, options)
  }

  /** Who likes a post. */
  likes(id: string, wish: PageWish = {}): Promise<Page<Person>> {
    return this.#http.page(`${post(id)}/likes`, wish)
  }

  /** Stores an image for a post that is being written: JPEG, PNG, WebP or GIF, at most 10 MiB and 40 megapixels. */
  uploadImage(bytes: Blob, options: Upload = {}): Promise<PostImage> {
    return upload(this.#http, 'POST', `${V1}/me/post-images`, bytes, options)
  }

  /** Forgets an image that is in no post yet. */
  discardImage(id: string, options: Cancel = {}): Promise<void> {
    return this.#http.json('DELETE', `${V1}/me/post-images/${encodeURIComponent(id)}`, options)
  }

  /** The comments on a post without their replies, oldest first. */
  comments(id: string, wish: PageWish = {}): Promise<Page<Comment>> {
    return this.#http.page(`${post(id)}/comments`, wish)
  }

  writeComment(id: string, draft: CommentDraft, options: Cancel = {}): Promise<Comment> {
    return this.#http.json('POST', `${post(id)}/comments`, { body: draft, ...options })
  }

  comment(id: string, options: Cancel = {}): Promise<Comment> {
    return this.#http.json('GET', comment(id), options)
  }

  /** Oldest first. */
  replies(id: string, wish: PageWish = {}): Promise<Page<Comment>> {
    return this.#http.page(`${comment(id)}/replies`, wish)
  }

  changeComment(id: string, text: string, options: Cancel = {}): Promise<Comment> {
    return this.#http.json('PATCH', comment(id), { body: { text }, ...options })
  }

  removeComment(id: string, options: Cancel = {}): Promise<void> {
    return this.#http.json('DELETE', comment(id), options)
  }

  setCommentLiked(id: string, liked: boolean, options: Cancel = {}): Promise<Liked> {
    return this.#http.json(liked ? 'PUT' : 'DELETE', `${comment(id)}/like`, options)
  }

  /** Who likes a comment. */
  commentLikes(id: string, wish: PageWish = {}): Promise<Page<Person>> {
    return this.#http.page(`${comment(id)}/likes`, wish)
  }
}

const post = (id: string): string => `${V1}/posts/${encodeURIComponent(id)}`
const comment = (id: string): string => `${V1}/comments/${encodeURIComponent(id)}`
