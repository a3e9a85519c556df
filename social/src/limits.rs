//! Every limit and interval of this crate that is not an operator's choice: unit, reason, and what other values cost.

use std::time::Duration;

/// Bytes of a request's body, uploads and posts apart.
pub const MAX_BODY: usize = 16 * 1024;

/// Bytes of the body of a request that makes or changes a post: 5000 characters and four descriptions of 1000 take 36 KB in
/// the widest letters, besides what JSON adds.
pub const MAX_POST_BODY: usize = 64 * 1024;

/// Bytes of a body that is too large that are read all the same, so that its sender hears why it is refused.
pub const MAX_DISCARDED: usize = 16 * 1024 * 1024;

/// How long a request's body may take.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// How long an upload may take: 10 MiB at 700 kbit/s.
pub const UPLOAD_TIMEOUT: Duration = Duration::from_secs(120);

/// Bytes of an uploaded image.
pub const MAX_UPLOAD: usize = 10 * 1024 * 1024;

/// How old a file must be that no row knows before it counts as left by a crash.
pub const BLOB_GRACE: Duration = Duration::from_secs(3600);

/// Rounds of housekeeping between two looks for such files: an hour.
pub const BLOB_ROUNDS: u32 = 60;

/// Callers that one rate limit remembers. When there are more, those that are idle are forgotten, and further ones are
/// refused.
pub const RATE_LIMIT_KEYS: usize = 100_000;

/// Least time between two searches for idle callers because there are too many.
pub const RATE_LIMIT_SWEEP: Duration = Duration::from_secs(1);

/// Sign-ins a minute for one e-mail or username, right or wrong.
pub const LOGINS_PER_NAME: u32 = 5;

/// Sign-ins a minute from one address. An office behind one address fits.
pub const LOGINS_PER_ADDRESS: u32 = 20;

/// Registrations an hour from one address.
pub const REGISTRATIONS_PER_HOUR: u32 = 5;

/// Mails an hour that one e-mail address can be sent by request of anybody: to verify, to reset.
pub const MAILS_PER_HOUR: u32 = 3;

/// Requests for such mails an hour from one address.
pub const MAIL_REQUESTS_PER_HOUR: u32 = 30;

/// Tries an hour of links from mails, from one address. A token has 256 bits; this only spares the database.
pub const TOKENS_PER_HOUR: u32 = 60;

/// Confirmations by password a minute and account: to change it, to export, to delete.
pub const CONFIRMATIONS_PER_MINUTE: u32 = 5;

/// Uploads an hour and account.
pub const UPLOADS_PER_HOUR: u32 = 20;

/// Changes of a profile, or of posts and comments, a minute and account: somebody who edits every field twice.
pub const EDITS_PER_MINUTE: u32 = 30;

/// Follows, friendships and blocks that an account changes a minute: somebody who walks through a list of people.
pub const CONNECTIONS_PER_MINUTE: u32 = 60;

/// People whom one account follows, which its feed looks through at each page.
pub const MAX_FOLLOWING: i64 = 5_000;

/// Friends of one account; more is no friendship.
pub const MAX_FRIENDS: i64 = 5_000;

/// Requests to be friends that one account waits for.
pub const MAX_FRIEND_REQUESTS: i64 = 500;

/// People whom one account has blocked.
pub const MAX_BLOCKS: i64 = 10_000;

/// People suggested at once.
pub const SUGGESTIONS: i64 = 12;

/// Searches a minute and account, in the long run.
pub const SEARCHES_PER_MINUTE: u32 = 60;

/// Searches of one account at once. Results come while one types, up to five times a second: a minute of typing must not
/// be cut off in the middle of a word.
pub const SEARCH_BURST: u32 = 3 * SEARCHES_PER_MINUTE;

/// Characters of what is searched for.
pub const MAX_QUERY: usize = 100;

/// What a search over everything shows of each kind.
pub const SEARCH_ITEMS: usize = 8;

/// Words of a query that a person's names must have; the shorter ones of more are not looked at. The text of the query has
/// places for so many.
pub const MAX_NAME_WORDS: usize = 4;

/// Words of a query that a post must have; the shorter ones of more are not looked at, likewise.
pub const MAX_POST_WORDS: usize = 5;

/// People who are looked at for one query, besides those whom the viewer follows: the first by the alphabet. Who types
/// one letter sees not everybody, in the time in which nobody waits.
pub const MAX_CANDIDATES: i64 = 500;

/// The people followed last, by whom it is known who is a friend of a friend. Each costs a look for each candidate.
pub const NEAR_PEOPLE: i64 = 64;

/// Accounts or posts that are made searchable in one transaction when the server starts: SQLite's other writers wait for
/// it, some milliseconds.
pub const INDEX_BATCH: i64 = 200;

/// Posts a minute and account. Nobody writes more; a program would fill everybody's feed.
pub const POSTS_PER_MINUTE: u32 = 10;

/// Comments and replies a minute and account: a lively talk.
pub const COMMENTS_PER_MINUTE: u32 = 30;

/// Letters an hour and account: more than anybody writes by hand, and too few to fill a stranger's mailbox within days.
pub const LETTERS_PER_HOUR: u32 = 30;

/// Likes of posts and comments a minute and account, given or taken back: two a second, for somebody who scrolls fast.
pub const LIKES_PER_MINUTE: u32 = 120;

/// Images for posts an hour and account: fifteen posts with as many images as they may have. Each takes a second of a
/// processor.
pub const POST_IMAGES_PER_HOUR: u32 = 60;

/// Reads a minute and address of what needs no account.
pub const LOOKUPS_PER_MINUTE: u32 = 300;

/// Memory of one password's hash, in KiB (<https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html>:
/// at least 19 MiB with two passes).
pub const ARGON2_MEMORY: u32 = 19 * 1024;

/// Passes over that memory.
pub const ARGON2_PASSES: u32 = 2;

/// Passwords that wait to be hashed. At about 30 ms each the last one waits two seconds on one thread; more would only
/// keep people waiting who have given up.
pub const HASH_QUEUE: usize = 64;

/// How long somebody waits for a password to be hashed.
pub const HASH_DEADLINE: Duration = Duration::from_secs(10);

/// How long a session lives that nobody uses.
pub const SESSION_IDLE: Duration = Duration::from_secs(30 * 24 * 3600);

/// How long a session lives at all.
pub const SESSION_LIFETIME: Duration = Duration::from_secs(90 * 24 * 3600);

/// How precisely the last use of a session is known: each note of it is a write.
pub const SEEN_PRECISION: Duration = Duration::from_secs(60);

/// Sessions of one account. The oldest ends when there is one more.
pub const MAX_SESSIONS: i64 = 50;

/// How long a link to verify an address is good.
pub const VERIFY_LIFETIME: Duration = Duration::from_secs(24 * 3600);

/// How long a link to reset a password is good.
pub const RESET_LIFETIME: Duration = Duration::from_secs(30 * 60);

/// How long a registration waits to be verified before it is forgotten and its names are free again.
pub const UNVERIFIED_LIFETIME: Duration = Duration::from_secs(48 * 3600);

/// How long entries of the login history are kept.
pub const HISTORY_LIFETIME: Duration = Duration::from_secs(365 * 24 * 3600);

/// Interval of housekeeping: what has expired, what was deleted.
pub const SWEEP_INTERVAL: Duration = Duration::from_secs(60);

/// How often it is tried again to overwrite what was deleted: a reader may hold the database's log, for milliseconds.
pub const SCRUB_INTERVAL: Duration = Duration::from_secs(1);

/// How often mails that failed are looked for; new ones are sent at once.
pub const MAIL_INTERVAL: Duration = Duration::from_secs(10);

/// First wait before a mail that failed is tried again; doubled each time, at most an hour.
pub const MAIL_BACKOFF: Duration = Duration::from_secs(30);

/// Tries of one mail: about a day.
pub const MAIL_TRIES: i64 = 30;

/// Characters of an e-mail address or username with which somebody signs in: as many as an address may have.
pub const MAX_IDENTIFIER: usize = 254;

/// Bytes of a user agent that are kept.
pub const MAX_USER_AGENT: usize = 300;

/// Items of a page, unless fewer are asked for.
pub const PAGE_ITEMS: usize = 24;

/// The most items of a page.
pub const MAX_PAGE_ITEMS: usize = 100;

/// Event sockets of one account: tabs of all its browsers.
pub const SOCKETS_PER_ACCOUNT: usize = 20;

/// Interval of pings on event sockets. Proxies cut what is idle for 60 s or less.
pub const PING_INTERVAL: Duration = Duration::from_secs(15);

/// Silence after which an event socket is dead: three pings.
pub const DEAD_AFTER: Duration = Duration::from_secs(45);

/// How long a client may take to close an event socket that was closed. Longer only keeps the memory of who has gone.
pub const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// Bytes of a message on an event socket: a hundred ids, and room.
pub const MAX_EVENT_MESSAGE: usize = 8 * 1024;

/// Bytes of the buffer into which an event socket reads. There is one for each tab, and tabs say little.
pub const EVENT_READ_BUFFER: usize = 1024;

/// Bytes that an event socket may have to send before it counts as one that nobody reads: several of the largest events.
pub const EVENT_WRITE_BUFFER: usize = 256 * 1024;

/// How long a tab may take to take a message. Longer only keeps the memory of who has gone to sleep.
pub const SEND_TIMEOUT: Duration = Duration::from_secs(10);

/// Messages of a tab a second; it says what it shows, at most a few times while somebody scrolls.
pub const TAB_MESSAGES_PER_SECOND: u32 = 20;

/// Messages of a tab at once.
pub const TAB_MESSAGE_BURST: u32 = 100;

/// Posts that a tab watches: more than anybody sees at once.
pub const MAX_WATCHED: usize = 100;

/// Events of an account that are kept for tabs that were away; whoever misses more asks for everything again.
pub const MAX_EVENTS: i64 = 500;

/// Events of an account between two looks for those that are too many.
pub const TRIM_EVENTS: i64 = 50;

/// How long events are kept for tabs that were away.
pub const EVENT_LIFETIME: Duration = Duration::from_secs(7 * 24 * 3600);

/// Events that are read at once for a tab.
pub const EVENT_BATCH: i64 = 100;

/// How often it is looked for events that another process has written, if the database can be shared.
pub const EVENT_LOOK_INTERVAL: Duration = Duration::from_secs(2);

/// How far back that looks: as long as a transaction may take, and clocks may differ.
pub const EVENT_LOOK_BACK: Duration = Duration::from_secs(15);

/// Authors who have posted and whose followers are still to be told. More hints are dropped; nobody misses more than a
/// button.
pub const MAX_POSTED: usize = 10_000;

/// Followers that are read at once to be told that somebody has posted.
pub const FOLLOWER_BATCH: i64 = 1000;

/// How long notifications are kept, counted from when they last grew.
pub const NOTIFICATION_LIFETIME: Duration = Duration::from_secs(90 * 24 * 3600);

/// Notifications of one account that are kept, the newest.
pub const MAX_NOTIFICATIONS: i64 = 1000;

/// Characters of what a comment or post says that a notification quotes.
pub const EXCERPT_LENGTH: usize = 140;

/// Notifications and letters that an account marks as read or deletes a minute: somebody who does so one by one.
pub const MARKS_PER_MINUTE: u32 = 120;

/// Characters of a post: an article's worth, and a page of 100 posts still fits into 2 MB.
pub const MAX_POST_TEXT: usize = 5000;

/// Characters of a comment.
pub const MAX_COMMENT_TEXT: usize = 2000;

/// Characters of what a letter is about: a line.
pub const MAX_LETTER_SUBJECT: usize = 200;

/// Characters of a letter: ten pages.
pub const MAX_LETTER_TEXT: usize = 20_000;

/// Bytes of the body of a request that sends a letter: its text takes 80 KB in the widest letters, besides what JSON adds.
pub const MAX_LETTER_BODY: usize = 128 * 1024;

/// Letters that one account keeps, sent and received: years of mail, and at most 400 MB of disk in the widest letters.
pub const MAX_LETTERS: i64 = 5_000;

/// Earlier letters beside one that answers them. Who wants more opens the oldest of these.
pub const MAX_EARLIER_LETTERS: i64 = 50;

/// Images of one post. More make a gallery, which nobody scrolls through in a feed.
pub const MAX_POST_IMAGES: usize = 4;

/// Characters that describe an image.
pub const MAX_ALT: usize = 1000;

/// Images of one account that wait for a post. Each takes up to 2 MB of disk.
pub const MAX_WAITING_IMAGES: i64 = 20;

/// How long an image waits for a post before it goes: whoever writes a post has a day.
pub const WAITING_IMAGE_LIFETIME: Duration = Duration::from_secs(24 * 3600);

/// Bytes of one attachment: some minutes of a phone's video. Larger ones would fill a small server's disk.
pub const MAX_ATTACHMENT: i64 = 64 * 1024 * 1024;

/// Bytes of a chunk of an attachment, which is in memory while it arrives. Smaller ones cost a sync of the disk more often,
/// larger ones are sent again after a cut.
pub const MAX_CHUNK: usize = 4 * 1024 * 1024;

/// Chunks of one account that arrive at once: each takes memory, for as long as its sender dawdles.
pub const MAX_CHUNKS_AT_ONCE: usize = 8;

/// Chunks of one account a minute: at 4 MiB each more than most networks carry, and each is a sync of the disk.
pub const CHUNKS_PER_MINUTE: u32 = 300;

/// Attachments that one account begins to upload an hour: a folder of photos, a few at a time.
pub const ATTACHMENTS_PER_HOUR: u32 = 120;

/// Characters of a file's name: as many as file systems take.
pub const MAX_FILE_NAME: usize = 255;

/// Attachments of one message. More are better sent as an archive.
pub const MAX_ATTACHED: usize = 10;

/// Uploads of one account that are not whole: those of one message.
pub const MAX_UPLOADS_AT_ONCE: i64 = 10;

/// Bytes of attachments of one account that wait for a message, whole or not: three of the largest, on a disk that is
/// everybody's.
pub const MAX_WAITING_BYTES: i64 = 200 * 1024 * 1024;

/// Bytes of all attachments of one account, so that nobody takes the disk for their own.
pub const MAX_STORED_BYTES: i64 = 2 * 1024 * 1024 * 1024;

/// How long an attachment waits for its message, from the beginning of its upload: whoever is cut off has a day.
pub const WAITING_ATTACHMENT_LIFETIME: Duration = Duration::from_secs(24 * 3600);

/// Bytes of an attachment that are read from the disk and sent at once.
pub const MEDIA_PIECE: usize = 64 * 1024;

/// Earlier versions of one post that are kept; older ones are forgotten. As many as a page has items.
pub const MAX_POST_VERSIONS: usize = 100;

/// People named in one post or comment who are notified. More would be a way to bother everybody.
pub const MAX_MENTIONS: usize = 10;

/// New posts that are counted; what is beyond is "50 or more".
pub const MAX_NEW_POSTS: i64 = 50;

/// The first span of time in which a home feed looks for posts; each further one is eight times as long. Shorter ones would
/// often be empty, longer ones make people who follow many read much that they do not see.
pub const FEED_SPAN: Duration = Duration::from_secs(6 * 3600);

/// The span after which a home feed looks at all times: what is older is rare.
pub const FEED_LONGEST_SPAN: Duration = Duration::from_secs(128 * 24 * 3600);

/// Bytes of images of posts and of attachments in an export; the rest is there by address only. An export is made in memory.
pub const MAX_EXPORTED_IMAGES: usize = 64 * 1024 * 1024;

/// Bytes of what letters say in an export; the rest is there on their pages only. An export is made in memory.
pub const MAX_EXPORTED_LETTERS: usize = 64 * 1024 * 1024;

/// Bytes of a browser's address at its push service.
pub const MAX_ENDPOINT: usize = 2048;

/// Browsers of one account that are woken.
pub const MAX_SUBSCRIPTIONS: i64 = 10;

/// Least time between two pushes to an account.
pub const PUSH_INTERVAL: Duration = Duration::from_secs(10);

/// How long a push service keeps a push for a browser that is off. What is older is no news.
pub const PUSH_LIFETIME: Duration = Duration::from_secs(24 * 3600);

/// How long a push may take, from looking up the name to the answer.
pub const PUSH_TIMEOUT: Duration = Duration::from_secs(5);

/// Bytes of the head of a push service's answer.
pub const MAX_PUSH_ANSWER: usize = 16 * 1024;

/// Accounts whose browsers wait to be woken, and pushes that wait to be tried again. More are dropped.
pub const MAX_PUSHES: usize = 10_000;

/// Pushes at once.
pub const PUSHES_AT_ONCE: usize = 16;

/// Tries of one push.
pub const PUSH_TRIES: u32 = 3;

/// First wait before a push that failed is tried again; doubled each time.
pub const PUSH_BACKOFF: Duration = Duration::from_secs(30);

/// Characters of a message. What is longer is a letter or a file.
pub const MAX_MESSAGE_TEXT: usize = 4000;

/// Messages of one account a minute: faster than anybody types for long.
pub const MESSAGES_PER_MINUTE: u32 = 30;

/// Conversations that one account begins, and people whom it invites, an hour.
pub const CONVERSATIONS_PER_HOUR: u32 = 60;

/// Conversations that one account is in or is asked to be in. More is nobody's list.
pub const MAX_CONVERSATIONS: i64 = 1000;

/// People in a group, with those who are invited. More are a room.
pub const MAX_GROUP_MEMBERS: i64 = 100;

/// People whom one names when one makes a group.
pub const MAX_INVITED: usize = 50;

/// Characters of a group's name.
pub const MAX_TITLE: usize = 100;

/// Messages to somebody who has not answered and has not said yes: enough to say who one is.
pub const MAX_REQUEST_MESSAGES: i64 = 5;

/// Unread messages of a conversation that are counted; what is beyond is "100 or more".
pub const MAX_UNREAD: i64 = 100;

/// Marks of what was read and who types, of one account a minute: somebody who goes through conversations quickly.
pub const READS_PER_MINUTE: u32 = 240;

/// In conversations with more people nobody is told who types and who has read: everybody would hear of everybody.
pub const MAX_TOLD_OF_READING: i64 = 50;

/// In conversations with more people nobody is notified of messages, and nobody can be rung: most of them are strangers.
pub const MAX_NOTIFIED_MEMBERS: i64 = 50;

/// How long people are rung.
pub const RING_TIME: Duration = Duration::from_secs(30);

/// How long a ring is kept: who was away from a call longer than this begins a new one.
pub const RING_LIFETIME: Duration = Duration::from_secs(24 * 3600);

/// Wait after which rings are ended again when the database has failed.
pub const RING_RETRY: Duration = Duration::from_secs(5);

/// Calls that one account begins a minute.
pub const RINGS_PER_MINUTE: u32 = 10;

/// Answers to calls, and calls that are given up, of one account a minute: some for each call.
pub const ANSWERS_PER_MINUTE: u32 = 60;

/// Rings that one account is told of at once: more nobody answers.
pub const MAX_RINGS: i64 = 20;

/// Changes of conversations that are read at once to be told.
pub const CHANGE_BATCH: i64 = 100;

/// Messages that wait for one tab. A tab that is slower asks again for all that it shows.
pub const MAX_TAB_LINES: usize = 256;

/// Conversations with changes that tabs are still to be told of. If there are more, all tabs ask again.
pub const MAX_CHANGED: usize = 10_000;

/// How long a room is there.
pub const ROOM_LIFETIME: Duration = Duration::from_secs(7 * 24 * 3600);

/// How long before its end the people in a room are warned.
pub const ROOM_WARNING: Duration = Duration::from_secs(24 * 3600);

/// People in a room. Each message is handed to all of them who are connected.
pub const MAX_ROOM_MEMBERS: i64 = 5000;

/// Rooms that one account looks after at a time.
pub const MAX_ROOMS: i64 = 20;
