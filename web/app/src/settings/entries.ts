import type { ActivityEntry, LoginEntry } from '@confab/sdk/api'
import { t } from '../i18n/i18n.svelte'

export function activityText(kind: ActivityEntry['kind']): string {
  const texts: Record<ActivityEntry['kind'], string> = {
    registered: t().settings.registered,
    email_verified: t().settings.emailVerified,
    password_changed: t().settings.passwordChangedEntry,
    password_reset: t().settings.passwordReset,
    profile_changed: t().settings.profileChanged,
    picture_changed: t().settings.pictureChanged,
    cover_changed: t().settings.coverChanged,
    sessions_revoked: t().settings.sessionsRevoked,
    meeting_created: t().settings.meetingCreated,
    deletion_requested: t().settings.deletionRequested,
    deletion_cancelled: t().settings.deletionCancelled,
    exported: t().settings.exported,
    posted: t().notify.posted,
    post_edited: t().notify.postEdited,
    post_deleted: t().notify.postDeleted,
    commented: t().notify.commented,
    liked: t().notify.liked,
  }
  // A newer server may tell of more.
  return texts[kind] ?? t().settings.otherEvent
}

const ABOUT_POSTS: ReadonlySet<ActivityEntry['kind']> = new Set(['posted', 'post_edited', 'commented', 'liked'])

/** The id of the post that an activity was about, if there may still be one. */
export const postOf = ({ kind, detail }: ActivityEntry): string | null => (ABOUT_POSTS.has(kind) ? detail : null)

/** What else is told of an activity. That of a post is its id, which says nothing to people. */
export const detailOf = ({ kind, detail }: ActivityEntry): string | null =>
  ABOUT_POSTS.has(kind) || kind === 'post_deleted' ? null : detail

export const loginText = (outcome: LoginEntry['outcome']): string =>
  outcome === 'succeeded' ? t().settings.loginSucceeded : t().settings.loginWrong
