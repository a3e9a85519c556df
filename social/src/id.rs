//! Ids of what is stored: UUIDs of version 7, which sort by the time at which they were made
//! (<https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-7>).

use rand::RngExt as _;
use rand::rngs::StdRng;
use serde::{Deserialize, Serialize};
use uuid::{Builder, Uuid};

use crate::clock::Moment;

macro_rules! id {
    ($name:ident, $docs:literal) => {
        #[doc = $docs]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, sqlx::Type)]
        #[sqlx(transparent)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// An id of this moment.
            pub fn new(now: Moment, rng: &mut StdRng) -> Self {
                Self(uuid(now, rng))
            }
        }
    };
}

id!(AccountId, "Whose account.");
id!(SessionId, "A login that lasts; not its secret token.");
id!(EntryId, "One line of a history.");

impl EntryId {
    /// An id that sorts after those of the same millisecond that had a lower `order`, of which 12 bits count.
    pub(crate) fn in_order(now: Moment, order: u16, rng: &mut StdRng) -> Self {
        let mut bytes: [u8; 10] = rng.random();
        // The version takes the upper half of the first byte.
        bytes[..2].copy_from_slice(&(order & 0xfff).to_be_bytes());
        Self(Builder::from_unix_timestamp_millis(now.unix_millis, &bytes).into_uuid())
    }

    /// When it was made, in milliseconds since 1970.
    pub(crate) fn millis(self) -> i64 {
        millis(self.0)
    }
}
id!(MailId, "A mail to be sent.");
id!(PostId, "A post.");
id!(PostImageId, "An image of a post, or for one that is being written.");
id!(AttachmentId, "What is attached to a message, or will be.");
id!(CommentId, "A comment, or a reply to one.");
id!(NotificationId, "A notification.");
id!(ConversationId, "A conversation.");
id!(MessageId, "A message of a conversation.");
id!(LetterId, "A letter.");
id!(RingId, "Somebody calls the people of a conversation.");

impl AccountId {
    /// Nobody: whoever is not signed in follows, befriends and blocks as this account, which there never is.
    pub(crate) const NOBODY: Self = Self(Uuid::nil());
}

impl PostId {
    /// When it was made, in milliseconds since 1970, if it was made here.
    pub(crate) fn millis(self) -> i64 {
        millis(self.0)
    }

    /// What sorts before all ids of this time, in milliseconds since 1970, and after all that are older.
    pub(crate) fn first_at(millis: i64) -> Self {
        Self(Uuid::from_u128(u128::try_from(millis).unwrap_or(0) << 80))
    }
}

/// The time in an id of version 7: its first 48 bits.
fn millis(id: Uuid) -> i64 {
    i64::try_from(id.as_u128() >> 80).unwrap_or(i64::MAX)
}

fn uuid(now: Moment, rng: &mut StdRng) -> Uuid {
    Builder::from_unix_timestamp_millis(now.unix_millis, &rng.random()).into_uuid()
}
