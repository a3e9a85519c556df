//! Every limit and interval of signalling that is not an operator's choice: unit, reason, and what other values cost.

use std::time::Duration;

/// How long a ticket from the join call may wait for its WebSocket. Longer helps only thieves.
pub const TICKET_LIFETIME: Duration = Duration::from_secs(30);

/// Spent tickets that are remembered at once. Each is forgotten when it expires, so this allows 3 000 joins a second.
pub const SPENT_TICKETS: usize = 100_000;

/// How long a participant who lost the WebSocket may come back, as long as its media lives.
pub const RESUME_WINDOW: Duration = Duration::from_secs(30);

/// How long a participant without WebSocket stays that never had a peer connection: nothing would tell that it died.
pub const NO_PEER_GRACE: Duration = Duration::from_secs(2);

/// How long the first frame may take.
pub const HELLO_TIMEOUT: Duration = Duration::from_secs(10);

/// Interval of WebSocket pings. Proxies cut what is idle for 60 s or less.
pub const PING_INTERVAL: Duration = Duration::from_secs(15);

/// Silence after which a WebSocket is dead: three pings.
pub const DEAD_AFTER: Duration = Duration::from_secs(45);

/// How long a closed WebSocket is read on, so that the close frame arrives (a reset would overtake it).
pub const CLOSE_LINGER: Duration = Duration::from_secs(1);

/// Bytes of any message but an offer.
pub const MAX_MESSAGE: usize = 64 * 1024;

/// Bytes of an offer: 49 slots are over 100 sections.
pub const MAX_OFFER: usize = 256 * 1024;

/// Bytes of a message that is still read, so that it can be refused with a close code; beyond, the socket is cut.
pub const MAX_FRAME: usize = 2 * MAX_OFFER;

/// Nested lists and objects of a message. The deepest real one has 4.
pub const MAX_DEPTH: usize = 32;

/// Messages a second from one WebSocket, in the long run.
pub const MESSAGES_PER_SECOND: u32 = 20;

/// Messages at once from one WebSocket.
pub const MESSAGE_BURST: u32 = 100;

/// Messages for which an offer counts: to read it and to make a peer is that much more work. So 2 offers a second, 10
/// at once.
pub const OFFER_COST: u32 = 10;

/// Offers of one participant that wait for their answer: the one under way, and a few while the SFU is busy. More would
/// only fill its queue, 256 KiB each.
pub const MAX_PENDING_OFFERS: u32 = 4;

/// Messages that make no sense after which the socket is closed: the client is broken or hostile.
pub const MAX_INVALID_MESSAGES: u32 = 10;

/// Frames that wait for one WebSocket. A socket that does not take them is closed; its participant may resume.
pub const OUTBOX_FRAMES: usize = 256;

/// Bytes that wait for one WebSocket, beside one frame of any size.
pub const OUTBOX_BYTES: usize = 1024 * 1024;

/// Inputs that wait for one room. Senders wait when it is full.
pub const ROOM_INBOX: usize = 256;

/// WebSockets from one address. An office behind one address fits.
pub const SOCKETS_PER_ADDRESS: usize = 200;

/// HTTP connections in all. Each costs a file descriptor.
pub const MAX_CONNECTIONS: usize = 20_000;

/// How long the TLS handshake, the head and the body of a request may take, each.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// Bytes of a request's body.
pub const MAX_BODY: usize = 16 * 1024;

/// Characters of a participant's name.
pub const MAX_NAME: usize = 60;

/// Characters of a room's name.
pub const MAX_ROOM_NAME: usize = 100;

/// Names that a look at a room shows.
pub const MAX_SHOWN_PARTICIPANTS: usize = 50;

/// Characters of a chat line.
pub const MAX_CHAT_TEXT: usize = 2000;

/// Chat lines that a room keeps for those who come later.
pub const CHAT_LINES: usize = 500;

/// Bytes of names and texts that a room's chat keeps.
pub const CHAT_BYTES: usize = 256 * 1024;

/// Entries of a `wants` message. The SFU has 50 slots for a client.
pub const MAX_WANTS: usize = 64;

/// Width and height that a client may want, in pixels (8K).
pub const MAX_PICTURE: u16 = 7680;

/// Entries of each list in an offer's sections.
pub const MAX_SECTIONS: usize = 64;

/// Bytes of a section's mid. Browsers write one to three digits.
pub const MAX_MID: usize = 32;

/// Milliseconds to the first frame that are believed.
pub const MAX_FIRST_FRAME: u32 = 60_000;

/// Rooms that may exist, in use or not: about 300 bytes each.
pub const MAX_ROOMS: usize = 200_000;

/// Interval of housekeeping: expired links, idle rate limits, compaction.
pub const SWEEP_INTERVAL: Duration = Duration::from_secs(60);

/// Addresses that one rate limit remembers. When there are more, those that are idle are forgotten, and further ones
/// are refused.
pub const RATE_LIMIT_ADDRESSES: usize = 100_000;

/// Least time between two searches for idle addresses because there are too many.
pub const RATE_LIMIT_SWEEP: Duration = Duration::from_secs(1);

/// Look-ups of rooms that do not exist, a minute and address.
pub const MISSES_PER_MINUTE: u32 = 10;

/// Rooms made, a minute and address.
pub const CREATIONS_PER_MINUTE: u32 = 30;

/// Join calls, a minute and address.
pub const JOINS_PER_MINUTE: u32 = 60;

/// How long the answer of a health probe is reused, so that probing costs nothing.
pub const PROBE_REUSE: Duration = Duration::from_secs(5);

/// How long a health probe may take.
pub const PROBE_TIMEOUT: Duration = Duration::from_secs(2);

/// How long open connections may take to end when the server stops. Exit follows within 5 s of the signal.
pub const STOP_TIMEOUT: Duration = Duration::from_secs(3);

/// How long an HTTP connection may live before it is asked to end after the request at hand. WebSockets do not count.
pub const CONNECTION_LIFETIME: Duration = Duration::from_secs(300);

/// Bytes of a request's head, and of the buffer for what a client does not take.
pub const HTTP_BUFFER: usize = 32 * 1024;
