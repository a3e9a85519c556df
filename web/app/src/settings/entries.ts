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
  }
  // A newer server may tell of more.
  return texts[kind] ?? t().settings.otherEvent
}

export const loginText = (outcome: LoginEntry['outcome']): string =>
  outcome === 'succeeded' ? t().settings.loginSucceeded : t().settings.loginWrong
