import { ApiError, type Me, type Post } from '@confab/sdk/api'
import { social } from '../api/social'
import { t } from '../i18n/i18n.svelte'
import type { PagedList } from '../people/paging'
import { announce } from '../ui/notices.svelte'
import type { Composer } from './composer.svelte'
import type { Attempt, Draft } from './drafts'
import { posts, tellFailure } from './posts.svelte'

interface Publication {
  composer: Composer
  draft: Draft
  attempt: Attempt
  me: Me
  /** Where it shows at once, if the list that is open shows such posts. */
  list: PagedList<Post> | null
}

/** Posts what the composer holds: it stands in the list at once, and in the composer again if that fails. */
export function publish(composer: Composer, me: Me, list: PagedList<Post> | null): void {
  void send({ composer, me, list, ...composer.take() })
}

async function send(publication: Publication): Promise<void> {
  const { composer, draft, attempt, me, list } = publication
  const { client_id } = attempt
  const images = draft.images.map(({ id, alt }) => ({ id, alt }))
  posts.setSending(client_id, true)
  list?.prepend([asPost(draft, client_id, me)])
  try {
    const post = await social.posts.create({ client_id, text: draft.text, audience: draft.audience, images })
    list?.replace(client_id, posts.learnOne(post))
    composer.sent()
    announce(t().composer.posted)
  } catch (error) {
    list?.replace(client_id)
    composer.giveBack(draft, attempt)
    const gone = error instanceof ApiError && error.field === 'images'
    tellFailure(
      (why) => t().composer.notPosted(gone ? t().composer.imagesGone : why),
      error,
      () => again(publication),
    )
  } finally {
    posts.setSending(client_id, false)
  }
}

function again(publication: Publication): void {
  const { composer, attempt } = publication
  if (composer.holds(attempt)) composer.take()
  void send(publication)
}

/** As it will look, under an id of its own until the server has given it one. */
const asPost = ({ text, audience, images }: Draft, id: string, me: Me): Post => ({
  id,
  author: { ...me, picture: me.picture?.small_url ?? null },
  text: text.trim(),
  audience,
  images,
  created_at: Date.now(),
  edited_at: null,
  counts: { likes: 0, comments: 0 },
  liked: false,
  is_mine: true,
})
