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
id!(MailId, "A mail to be sent.");

fn uuid(now: Moment, rng: &mut StdRng) -> Uuid {
    Builder::from_unix_timestamp_millis(now.unix_millis, &rng.random()).into_uuid()
}
