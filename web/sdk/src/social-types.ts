// The types of accounts, profiles and people, as the server writes them. All times are epoch milliseconds.

/** Who sees an optional part of a profile. */
export type Visibility = 'public' | 'followers' | 'nobody'

/** The parts of a profile that may be hidden. */
export type ProfileField = 'bio' | 'about' | 'address' | 'country' | 'links' | 'picture' | 'cover'

/** An uploaded picture in two sizes: 512 and 128 square, or 1500x500 and 750x250 for a cover. */
export type Image = {
  url: string
  small_url: string
  width: number
  height: number
}

/** A link to another site, http or https only. */
export type Link = {
  title: string
  url: string
}

/** Whoever is signed in. */
export type Me = {
  id: string
  username: string
  first_name: string
  last_name: string
  email: string
  is_admin: boolean
  picture: Image | null
  created_at: number
}

/** One's own profile with all that others may or may not see. */
export type OwnProfile = {
  username: string
  first_name: string
  last_name: string
  bio: string | null
  about: string | null
  address: string | null
  /** ISO 3166-1 alpha-2. */
  country: string | null
  links: Array<Link>
  picture: Image | null
  cover: Image | null
  visibility: Record<ProfileField, Visibility>
  findable_by_email: boolean
  created_at: number
}

/** A profile as this viewer may see it. */
export type Profile = {
  id: string
  username: string
  first_name: string
  last_name: string
  bio: string | null
  about: string | null
  address: string | null
  country: string | null
  links: Array<Link>
  picture: Image | null
  cover: Image | null
  created_at: number
  is_me: boolean
}

/** Somebody in the directory. */
export type Person = {
  id: string
  username: string
  first_name: string
  last_name: string
  bio: string | null
  country: string | null
  picture: Image | null
}

/** A part of a list; `next` asks for what follows, null at the end. */
export type Page<T> = {
  items: Array<T>
  next: string | null
}

/** One place where one is signed in. */
export type SessionInfo = {
  id: string
  created_at: number
  seen_at: number
  device: string
  address: string
  is_current: boolean
}

/** An attempt to sign in. */
export type LoginEntry = {
  id: string
  at: number
  device: string
  address: string
  outcome: 'succeeded' | 'wrong_password'
}

/** Something that one did oneself. */
export type ActivityEntry = {
  id: string
  at: number
  kind:
    | 'registered'
    | 'email_verified'
    | 'password_changed'
    | 'password_reset'
    | 'profile_changed'
    | 'picture_changed'
    | 'cover_changed'
    | 'sessions_revoked'
    | 'meeting_created'
    | 'deletion_requested'
    | 'deletion_cancelled'
    | 'exported'
  detail: string | null
}

/** A mail that a server without a mail service would have sent. */
export type OutboxMail = {
  id: string
  at: number
  to: string
  subject: string
  text: string
}

/** What a visitor may know about the server. */
export type ServerInfo = {
  /** Whether new accounts may be made. */
  registration: boolean
  /** Mails are shown at `/outbox` instead of being sent. */
  development: boolean
  deletion_grace_days: number
}

/** An account that is to be deleted. */
export type DeletionPending = {
  deletion_at: number
}

/** A message to a tab. */
export type SocialEvent = { type: 'signed_out' }

/** The stable codes of refusals, besides those of meetings. */
export type SocialErrorCode =
  | 'username_taken'
  | 'invalid_token'
  | 'wrong_credentials'
  | 'wrong_password'
  | 'email_not_verified'
  | 'deletion_pending'
  | 'suspended'
  | 'not_signed_in'
  | 'too_large'
  | 'unsupported_image'
  | 'bad_image'
  | 'storage_full'
  | 'csrf'
  | 'busy'
