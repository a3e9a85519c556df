//! The people once they have accounts, and what time it is for them.

use super::DemoError;
use super::people::Person;
use crate::clock::Moment;
use crate::id::AccountId;

/// Somebody who has an account.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    pub(super) id: AccountId,
    pub(super) username: &'static str,
    pub(super) joined: Moment,
}

/// All of them, those who came first first.
#[derive(Debug)]
pub(super) struct Cast {
    pub(super) now: Moment,
    pub(super) members: Vec<Member>,
}

impl Cast {
    pub(super) fn new(now: Moment) -> Self {
        Self { now, members: Vec::new() }
    }

    pub(super) fn add(&mut self, person: &Person, id: AccountId) {
        self.members.push(Member { id, username: person.username, joined: person.created(self.now) });
    }

    /// # Errors
    /// When nobody has this username.
    pub(super) fn member(&self, username: &'static str) -> Result<&Member, DemoError> {
        self.members.iter().find(|member| member.username == username).ok_or(DemoError::Unknown(username))
    }

    /// The time that was so many milliseconds ago.
    pub(super) fn ago(&self, millis: u64) -> Moment {
        later(self.now, -i64::try_from(millis).unwrap_or(i64::MAX))
    }

    /// A part (0 to 1) of the time from when both were there until now.
    pub(super) fn since_both(&self, one: &Member, other: &Member, part: f32) -> Moment {
        let both = one.joined.unix_millis.max(other.joined.unix_millis);
        let age = self.now.unix_millis.saturating_sub(both);
        self.ago((age as f64 * f64::from(1.0 - part)) as u64)
    }
}

/// So many milliseconds later, or earlier.
pub(super) fn later(moment: Moment, millis: i64) -> Moment {
    Moment { at: moment.at, unix_millis: moment.unix_millis.saturating_add_signed(millis) }
}
