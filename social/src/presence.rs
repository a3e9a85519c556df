//! Who is here: has a tab open that is signed in.
//!
//! A row says until when somebody is here ([`store`]); the process that has their tabs moves it ahead ([`keeper`]). So it is
//! true for all processes that share a database, and right soon after one of them was killed. Only people in a conversation
//! of two hear of each other, both having said yes to it, and only while both show it.

mod keeper;
mod rounds;
pub(crate) mod store;

use serde::Serialize;
use ts_rs::TS;
use utoipa::ToSchema;

use crate::clock::Moment;

/// Whether somebody is here, as one who may know sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS, ToSchema)]
pub struct Presence {
    /// Whether they are.
    pub is_here: bool,
    /// When they were last seen, in milliseconds since 1970.
    #[ts(type = "number")]
    pub last_seen: i64,
}

impl Presence {
    /// What somebody's row means.
    pub(crate) fn of(here_until: i64, now: Moment) -> Self {
        Self { is_here: here_until > now.millis(), last_seen: here_until.min(now.millis()) }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::clock::{Clock as _, ManualClock};
    use crate::limits::{PRESENCE_LEASE, PRESENCE_RENEWAL};

    #[test]
    fn a_row_that_nobody_moves_ahead_ends_by_itself() {
        let clock = ManualClock::new();
        let here_until = clock.now().millis_after(PRESENCE_LEASE);
        clock.advance(PRESENCE_RENEWAL * 2);
        assert_eq!(Presence::of(here_until, clock.now()), Presence { is_here: true, last_seen: clock.now().millis() });
        clock.advance(PRESENCE_LEASE - PRESENCE_RENEWAL * 2);
        let gone = Presence { is_here: false, last_seen: here_until };
        assert_eq!(Presence::of(here_until, clock.now()), gone);
        clock.advance(Duration::from_secs(3600));
        assert_eq!(Presence::of(here_until, clock.now()), gone);
    }
}
