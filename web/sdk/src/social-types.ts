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
  | 'posted'
  | 'post_edited'
  | 'post_deleted'
  | 'commented'
  | 'liked'

/** A file that is attached to a message, or waits for one. */
export type Attachment = {
  /** Its id, by which a message that is being written names it. */
  id: string
  /** What it is. */
  kind: AttachmentKind
  /** Its name, for people; at most 255 characters. */
  name: string
  /** Its media type, by its content. */
  media_type: string
  /** Bytes. */
  size: number
  /** Pixels of an image. */
  width: number | null
  /** Pixels of an image. */
  height: number | null
  /** Where it is. */
  url: string
  /** Where a smaller picture of an image is. */
  preview_url: string | null
}

/** What an attachment is, by its content. */
export type AttachmentKind = 'image' | 'audio' | 'video' | 'file'

/** Who may read a post, and with it its comments and likes. */
export type Audience = 'public' | 'followers' | 'friends'

/** Somebody beside what they wrote or did. */
export type Author = {
  /** The account's id. */
  id: string
  /** The username. */
  username: string
  /** The person's first name. */
  first_name: string
  /** The person's last name. */
  last_name: string
  /** Where the small picture is, if the viewer may see it. */
  picture: string | null
}

/** A room as everybody sees it who finds it or has its link. */
export type ChatRoom = {
  /** Its id, which is that of its conversation. */
  id: string
  /** Its name. */
  title: string
  /** Whether everybody finds it and may come. */
  is_public: boolean
  /** How many are in it. */
  members: number
  /** When the last message was written, in milliseconds since 1970; or when it was made. */
  last_at: number
  /** When it is deleted, in milliseconds since 1970. */
  expires_at: number
  /** How far the viewer is in it; none if they have nothing to do with it. */
  state: MemberState | null
}

/** A comment on a post, or a reply to a comment. */
export type Comment = {
  /** Its id; ids sort by time. */
  id: string
  /** The post's id. */
  post: string
  /** The id of the comment to which it replies, if it is a reply. */
  parent: string | null
  /** Who wrote it; nobody if it was removed and only its replies are left. */
  author: Author | null
  /** What it says; empty if it was removed. */
  text: string
  /** When it was written, in milliseconds since 1970. */
  created_at: number
  /** When it was last changed, in milliseconds since 1970, if it was. */
  edited_at: number | null
  /** How many people like it. */
  likes: number
  /** How many replies it has. */
  replies: number
  /** Whether the viewer likes it. */
  liked: boolean
  /** Whether the viewer wrote it. */
  is_mine: boolean
}

/** What is between a viewer and somebody else. */
export type Connection = {
  /** Whether the viewer follows the other. */
  following: boolean
  /** Whether the other follows the viewer. */
  follows_me: boolean
  /** Whether they are friends. */
  friendship: Friendship
}

/** A conversation as one who is in it, or asked to be, sees it. */
export type Conversation = {
  /** Its id. */
  id: string
  /** What it is. */
  kind: ConversationKind
  /** Its name; none between two. */
  title: string | null
  /** Where the small version of a group's or room's picture is. */
  picture: string | null
  /** The other one of two; none if they have gone. */
  other: Author | null
  /** Whether the other one of two is here; none if they or the viewer do not show it. */
  presence: Presence | null
  /** What the viewer may do. */
  role: Role
  /** How far the viewer is in it. */
  state: MemberState
  /** How many are in it. */
  members: number
  /** The number of its last change. */
  seq: number
  /** The number of the last message that the viewer has read. */
  read_to: number
  /** How many messages by others are behind it, at most 100. */
  unread: number
  /** Between two: the number of the last message that the other one has read. */
  seen_to: number
  /** Between two: the number of the last message that has reached the other one. */
  delivered_to: number
  /** When a room is deleted, in milliseconds since 1970. */
  expires_at: number | null
  /** How many ask to be let into a private room; 0 for those who may not let them in. */
  asking: number
  /** Whether the viewer wants to hear nothing of it. */
  is_muted: boolean
  /** The last message that the viewer may read. */
  last: Message | null
  /** When the last message was written, in milliseconds since 1970; for a new conversation, when it was made. */
  last_at: number
}

/** Kinds of conversations; in the database by their names. */
export type ConversationKind = 'direct' | 'group' | 'public_room' | 'private_room'

/** The numbers beside a profile. */
export type Counts = {
  /** Who follows the person. */
  followers: number
  /** Whom the person follows. */
  following: number
  /** Friends. */
  friends: number
  /** Posts for any audience. */
  posts: number
}

/** An account that is to be deleted. */
export type DeletionPending = {
  /** When it will be, in milliseconds since 1970; until then it can be restored. */
  deletion_at: number
}

/** A room that was found. */
export type FoundRoom = {
  /** Its id, as it stands in its link. */
  id: string
  /** Its name. */
  name: string
}

/** How far two people are on the way to being friends, from the viewer's side. */
export type Friendship = 'none' | 'sent' | 'received' | 'friends'

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

/** A letter in the viewer's mailbox. */
export type Letter = {
  /** Its id; ids sort by time. */
  id: string
  /** Who wrote it; nobody if that account has gone. */
  from: Author | null
  /** For whom it is; nobody if that account has gone. */
  to: Author | null
  /** What it is about: 1 to 200 characters on one line. */
  subject: string
  /** What it says: 1 to 20000 characters. */
  text: string
  /** When it was sent, in milliseconds since 1970. */
  created_at: number
  /** Whether the viewer has read it; what they wrote is read. */
  is_read: boolean
  /** Whether the viewer wrote it. */
  is_mine: boolean
  /** The id of the letter that it answers, if it answers one that the viewer has. */
  reply_to: string | null
}

/** A letter in a list. */
export type LetterSummary = {
  /** Its id; ids sort by time. */
  id: string
  /** Who wrote it; nobody if that account has gone. */
  from: Author | null
  /** For whom it is; nobody if that account has gone. */
  to: Author | null
  /** What it is about: 1 to 200 characters on one line. */
  subject: string
  /** The beginning of what it says, on one line: at most 140 characters. */
  excerpt: string
  /** When it was sent, in milliseconds since 1970. */
  created_at: number
  /** Whether the viewer has read it; what they wrote is read. */
  is_read: boolean
  /** Whether the viewer wrote it. */
  is_mine: boolean
}

/** A letter and what was written before it. */
export type LetterThread = {
  /** The letter. */
  letter: Letter
  /** Those of the letters before it, each of which answers one of the others, that the viewer has: at most 50, the last first. */
  earlier: Array<LetterSummary>
}

/** What a like changed. */
export type Liked = {
  /** Whether the viewer likes it now. */
  liked: boolean
  /** How many people do. */
  likes: number
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

/** Somebody in a conversation, or invited to it. */
export type Member = {
  /** Who. */
  person: Author
  /** What they may do. */
  role: Role
  /** How far they are in it. */
  state: MemberState
  /** The number of the last message that they have read. */
  read_to: number
}

/** How far somebody is in a conversation. */
export type MemberState = 'joined' | 'requested' | 'invited' | 'asking'

/** A message. */
export type Message = {
  /** Its id. */
  id: string
  /** The conversation's id. */
  conversation: string
  /** Its place. */
  seq: number
  /** The number of its last change. */
  changed: number
  /** What its author's client calls it. */
  client_id: string
  /** What it is. */
  kind: MessageKind
  /** Who wrote it; none if they have gone. */
  author: Author | null
  /** What it says; nothing if it was deleted, or has attachments only. */
  text: string
  /** What is attached to it, at most 10. */
  attachments: Array<Attachment>
  /** The message that it answers. */
  reply_to: string | null
  /** When it was written, in milliseconds since 1970. */
  sent_at: number
  /** When it was last changed, in milliseconds since 1970. */
  edited_at: number | null
  /** Whether it was deleted for all. */
  is_deleted: boolean
}

/** Changes of a conversation behind a number. */
export type MessageChanges = {
  /** The messages that are new or have changed, by the numbers of their last changes, which are not all there are: some are of something else, or of messages that the viewer does not see. */
  items: Array<Message>
  /** All changes up to this number are in the list, or in those before it. */
  seq: number
  /** Whether there are more behind it. */
  more: boolean
}

/** Kinds of messages; in the database by their names. */
export type MessageKind = 'text' | 'created' | 'joined' | 'left' | 'renamed' | 'pictured' | 'expires'

/** Who may write to somebody, and invite them to groups. Whom the person follows or is friends with always may, and nobody between whom and the person there is a block. */
export type MessagesFrom = 'everybody' | 'requests' | 'known'

/** One thing that happened, by one or more people. */
export type Notification = {
  /** Its id. */
  id: string
  /** What happened. */
  kind: NotificationKind
  /** When it last happened, in milliseconds since 1970. */
  at: number
  /** Whether it was read. */
  is_read: boolean
  /** Who did it: the last three. */
  actors: Array<Author>
  /** How many more did it. */
  others: number
  /** The id of the post that it is about, if it is about one. */
  post: string | null
  /** The id of the comment that it is about, if it is about one. */
  comment: string | null
  /** The id of the letter that it is about, if it is about one. */
  letter: string | null
  /** The id of the conversation that it is about, if it is about one. */
  conversation: string | null
  /** The beginning of what the comment, or else the post, says; what the letter is about; the name of the group. */
  excerpt: string | null
}

/** Kinds of notifications; in the database by their names. */
export type NotificationKind =
  | 'follow'
  | 'friend_request'
  | 'friend_accepted'
  | 'post_liked'
  | 'comment_liked'
  | 'comment'
  | 'reply'
  | 'mention'
  | 'letter'
  | 'message'
  | 'group_invitation'
  | 'missed_call'

/** What somebody wants to be notified of. */
export type NotificationSettings = {
  /** The kinds that are not wanted. */
  muted: Array<NotificationKind>
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
  /** Who may write to the person. */
  messages_from: MessagesFrom
  /** Whether the person shows when they are here, and sees when others are. */
  shows_presence: boolean
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
  /** What is between the viewer and the person. */
  connection: Connection
}

/** A post as somebody reads it. */
export type Post = {
  /** Its id; ids sort by time. */
  id: string
  /** Who wrote it. */
  author: Author
  /** What it says; empty if images say it all. */
  text: string
  /** Who may read it. */
  audience: Audience
  /** Its images, in order. */
  images: Array<PostImage>
  /** When it was written, in milliseconds since 1970. */
  created_at: number
  /** When it was last changed, in milliseconds since 1970, if it was. */
  edited_at: number | null
  /** How many people like it, and how many comments and replies it has. */
  counts: PostCounts
  /** Whether the viewer likes it. */
  liked: boolean
  /** Whether the viewer wrote it. */
  is_mine: boolean
}

/** The numbers below a post. */
export type PostCounts = {
  /** How many people like it. */
  likes: number
  /** How many comments and replies it has. */
  comments: number
}

/** An image of a post. */
export type PostImage = {
  /** Its id, by which a post that is being written or edited names it. */
  id: string
  /** Where the large one is. */
  url: string
  /** Where the small one is. */
  small_url: string
  /** Pixels of the large one. */
  width: number
  /** Pixels of the large one. */
  height: number
  /** What it shows, for people who do not see it; empty if nobody has said. */
  alt: string
}

/** What a post said for a while. */
export type PostVersion = {
  /** When it began to say so, in milliseconds since 1970. */
  at: number
  /** The text. */
  text: string
  /** Who might read it. */
  audience: Audience
}

/** Whether somebody is here, as one who may know sees it. */
export type Presence = {
  /** Whether they are. */
  is_here: boolean
  /** When they were last seen, in milliseconds since 1970. */
  last_seen: number
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
  /** What is between the viewer and the person. */
  connection: Connection
  /** Whether the viewer may write to the person. */
  may_write: boolean
  /** The numbers beside it. */
  counts: Counts
}

/** A field that its owner may hide. */
export type ProfileField = 'bio' | 'about' | 'address' | 'country' | 'links' | 'picture' | 'cover'

/** Somebody calls the people of a conversation. */
export type Ring = {
  /** Its id. */
  id: string
  /** The id of the conversation. */
  conversation: string
  /** The name of the group; none between two. */
  title: string | null
  /** Who calls. */
  caller: Author
  /** What the call is meant to carry. */
  media: RingMedia
  /** The id of the room in which they meet. */
  room: string
  /** Whether anybody is still being rung. */
  state: RingState
  /** Who is rung, as far as the viewer may see them. */
  people: Array<RungPerson>
  /** When it began, in milliseconds since 1970. */
  started_at: number
  /** When it ends by itself, in milliseconds since 1970. */
  ends_at: number
}

/** What a call is meant to carry. */
export type RingMedia = 'video' | 'audio'

/** Whether anybody is still being rung. */
export type RingState = 'ringing' | 'over'

/** What somebody may do in a conversation. */
export type Role = 'member' | 'moderator' | 'owner'

/** Somebody who is rung. */
export type RungPerson = {
  /** Who. */
  person: Author
  /** What became of it. */
  state: RungState
}

/** What became of somebody who is rung. */
export type RungState = 'ringing' | 'accepted' | 'declined' | 'busy' | 'missed'

/** The best of what was found. */
export type SearchResult = {
  /** People. */
  people: Array<Person>
  /** Posts, the newest first. */
  posts: Array<Post>
  /** Rooms of the one who asks. */
  rooms: Array<FoundRoom>
}

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
  | 'not_allowed'
  | 'username_taken'
  | 'wrong_credentials'
  | 'wrong_password'
  | 'invalid_token'
  | 'email_not_verified'
  | 'deletion_pending'
  | 'suspended'
  | 'rate_limited'
  | 'limit_reached'
  | 'gone'
  | 'busy'
  | 'too_large'
  | 'unsupported_image'
  | 'bad_image'
  | 'wrong_offset'
  | 'storage_full'
  | 'internal'

/** A message to a tab. Those with a `seq` are numbered for each account, without gaps and the same in every tab; a tab that was away names the last number that it knows and is told what came after it. */
export type SocialEvent =
  | {
      type: 'hello'
      /** The number of the account's last event. */
      seq: number
      /** How many notifications are unread. */
      unread: number
    }
  | {
      type: 'gap'
      /** The number of the account's last event. */
      seq: number
      /** How many notifications are unread. */
      unread: number
    }
  | {
      type: 'notification'
      /** The event's number. */
      seq: number
      /** How many notifications are unread. */
      unread: number
      /** The notification, unless it has gone again. */
      notification: Notification | null
    }
  | {
      type: 'notifications_changed'
      /** The event's number. */
      seq: number
      /** How many notifications are unread. */
      unread: number
    }
  | {
      type: 'connections_changed'
      /** The event's number. */
      seq: number
      /** How many notifications are unread. */
      unread: number
    }
  | {
      type: 'letters_changed'
      /** The event's number. */
      seq: number
      /** How many notifications are unread. */
      unread: number
      /** How many letters are unread. */
      unread_letters: number
    }
  | { type: 'feed_changed' }
  | {
      type: 'post_changed'
      /** Its id. */
      id: string
      /** Its numbers. */
      counts: PostCounts
    }
  | {
      type: 'post_gone'
      /** Its id. */
      id: string
    }
  | {
      type: 'message'
      /** The conversation's id. */
      conversation: string
      /** The number of the change. */
      change: number
      /** The message that is new or has changed, unless the tab does not see it. */
      message: Message | null
    }
  | {
      type: 'messages_cleared'
      /** The conversation's id. */
      conversation: string
    }
  | {
      type: 'conversation_changed'
      /** Its id. */
      id: string
    }
  | {
      type: 'seen'
      /** The conversation's id. */
      conversation: string
      /** Who. */
      account: string
      /** The number of the last message that they have read. */
      read_to: number
      /** The number of the last message that has reached them. */
      delivered_to: number
    }
  | {
      type: 'typing'
      /** The conversation's id. */
      conversation: string
      /** Who. */
      account: string
    }
  | {
      type: 'presence'
      /** Who. */
      account: string
      /** Whether they are here; none if they show it no more. */
      presence: Presence | null
    }
  | {
      type: 'ring'
      /** The ring. */
      ring: Ring
    }
  | { type: 'messages_gap' }
  | { type: 'signed_out' }

/** A message of a tab. */
export type SocialRequest =
  | {
      type: 'watch'
      /** Their ids, at most 100. */
      posts: string[]
    }
  | {
      type: 'typing'
      /** The conversation's id. */
      conversation: string
    }
  | {
      type: 'delivered'
      /** The conversation's id. */
      conversation: string
      /** The number of the last one. */
      seq: number
    }

/** Somebody whom the viewer may want to follow. */
export type Suggestion = {
  /** The person. */
  person: Person
  /** How many of those whom the viewer follows follow the person. */
  mutual: number
}

/** People whom the viewer may want to follow. */
export type Suggestions = {
  /** They, the best first. */
  items: Array<Suggestion>
}

/** How many notifications are unread. */
export type Unread = {
  /** That number. */
  unread: number
}

/** How many conversations have messages that one has not read. */
export type UnreadConversations = {
  /** That number; muted ones do not count. */
  unread: number
  /** How many wait for a yes: strangers who wrote, and invitations. */
  requests: number
}

/** How many letters are unread. */
export type UnreadLetters = {
  /** That number. */
  unread: number
}

/** How far an upload is. */
export type UploadState = {
  /** The id of the upload, and then of the attachment. */
  id: string
  /** Bytes that it will have. */
  size: number
  /** Bytes that have arrived and will not be lost: where the next chunk begins. */
  received: number
  /** The outcome, once all has arrived and was looked at. */
  attachment: Attachment | null
}

/** Whose address was verified. */
export type Verified = { username: string }

/** Who may see a field of a profile. */
export type Visibility = 'public' | 'followers' | 'nobody'
