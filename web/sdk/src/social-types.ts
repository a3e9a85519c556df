// Generated from the answers of social/src; do not edit. To regenerate:
// UPDATE_PROTOCOL=1 cargo nextest run -p confab-signalling types
// All times are milliseconds since 1970.

/** One of the things that somebody did. */
export type ActivityEntry = {
  /** Its id. */
  id: string
  /** When, in milliseconds since 1970. */
  at: number
  /** What. */
  kind: ActivityKind
  /** More about it, for some kinds. */
  detail: string | null
}

/** Kinds of activities; in the database by their names. */
export type ActivityKind =
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

/** An account that is to be deleted. */
export type DeletionPending = {
  /** When it will be, in milliseconds since 1970; until then it can be restored. */
  deletion_at: number
}

/** A picture or cover in two sizes. */
export type Image = {
  /** Where the large one is. */
  url: string
  /** Where the small one is. */
  small_url: string
  /** Pixels of the large one. */
  width: number
  /** Pixels of the large one. */
  height: number
}

/** A link to another site. */
export type Link = {
  /** What it is called. */
  title: string
  /** Where it leads, by http or https. */
  url: string
}

/** A try to sign in, as the account's owner sees it. */
export type LoginEntry = {
  /** Its id. */
  id: string
  /** When, in milliseconds since 1970. */
  at: number
  /** The browser and system, as far as they tell. */
  device: string
  /** From where. */
  address: string
  /** What came of it. */
  outcome: LoginOutcome
}

/** What came of a try to sign in. */
export type LoginOutcome = 'succeeded' | 'wrong_password'

/** The account that is signed in, as it sees itself. */
export type Me = {
  /** Its id. */
  id: string
  /** Its username. */
  username: string
  /** The person's first name. */
  first_name: string
  /** The person's last name. */
  last_name: string
  /** Its e-mail address, which nobody else is told. */
  email: string
  /** Whether it may administrate the server. */
  is_admin: boolean
  /** The person's picture. */
  picture: Image | null
  /** When it was made, in milliseconds since 1970. */
  created_at: number
}

/** A mail in the outbox. */
export type OutboxMail = {
  /** Sorts by time. */
  id: string
  /** When it was sent, in milliseconds since 1970. */
  at: number
  /** The address. */
  to: string
  /** The subject. */
  subject: string
  /** The plain text. */
  text: string
}

/** A profile as its owner sees it. */
export type OwnProfile = {
  /** The username. */
  username: string
  /** The person's first name. */
  first_name: string
  /** The person's last name. */
  last_name: string
  /** A sentence. */
  bio: string | null
  /** A text. */
  about: string | null
  /** Where the person lives. */
  address: string | null
  /** The country's code by ISO 3166-1 alpha-2. */
  country: string | null
  /** Other sites. */
  links: Array<Link>
  /** The round picture. */
  picture: Image | null
  /** The wide picture. */
  cover: Image | null
  /** Who sees which field. */
  visibility: { [field in ProfileField]: Visibility }
  /** Whether who knows the e-mail address finds the person by it. */
  findable_by_email: boolean
  /** When the account was made, in milliseconds since 1970. */
  created_at: number
}

/** A part of a list. */
export type Page<T> = {
  /** The items. */
  items: Array<T>
  /** What to send as `after` for those that follow, if any do. */
  next: string | null
}

/** Somebody in a list of people. */
export type Person = {
  /** The account's id. */
  id: string
  /** The username. */
  username: string
  /** The person's first name. */
  first_name: string
  /** The person's last name. */
  last_name: string
  /** A sentence. */
  bio: string | null
  /** The country's code by ISO 3166-1 alpha-2. */
  country: string | null
  /** The round picture. */
  picture: Image | null
}

/** A profile as somebody sees it: what is hidden from that viewer is absent. */
export type Profile = {
  /** The account's id. */
  id: string
  /** The username. */
  username: string
  /** The person's first name. */
  first_name: string
  /** The person's last name. */
  last_name: string
  /** A sentence. */
  bio: string | null
  /** A text. */
  about: string | null
  /** Where the person lives. */
  address: string | null
  /** The country's code by ISO 3166-1 alpha-2. */
  country: string | null
  /** Other sites. */
  links: Array<Link>
  /** The round picture. */
  picture: Image | null
  /** The wide picture. */
  cover: Image | null
  /** When the account was made, in milliseconds since 1970. */
  created_at: number
  /** Whether it is the viewer's own. */
  is_me: boolean
}

/** A field that its owner may hide. */
export type ProfileField = 'bio' | 'about' | 'address' | 'country' | 'links' | 'picture' | 'cover'

/** What a page should know before anybody signs in. */
export type ServerInfo = {
  /** Whether people may register. */
  registration: boolean
  /** Whether the outbox is shown to browsers on this machine. */
  development: boolean
  /** For how many days a deleted account can be restored. */
  deletion_grace_days: number
}

/** A session as its owner sees it. */
export type SessionInfo = {
  /** Its id. */
  id: string
  /** When somebody signed in, in milliseconds since 1970. */
  created_at: number
  /** When it was last used, to the minute. */
  seen_at: number
  /** The browser and system, as far as they tell. */
  device: string
  /** The address from which somebody signed in. */
  address: string
  /** Whether it is the session that asks. */
  is_current: boolean
}

/** Why a request was refused or failed. Stable: clients decide by it. */
export type SocialErrorCode =
  | 'invalid_message'
  | 'message_too_large'
  | 'invalid_value'
  | 'csrf'
  | 'not_signed_in'
  | 'not_found'
  | 'username_taken'
  | 'wrong_credentials'
  | 'wrong_password'
  | 'invalid_token'
  | 'email_not_verified'
  | 'deletion_pending'
  | 'suspended'
  | 'rate_limited'
  | 'busy'
  | 'too_large'
  | 'unsupported_image'
  | 'bad_image'
  | 'storage_full'
  | 'internal'

/** A message to a tab. */
export type SocialEvent = { type: 'signed_out' }

/** Whose address was verified. */
export type Verified = { username: string }

/** Who may see a field of a profile. */
export type Visibility = 'public' | 'followers' | 'nobody'
