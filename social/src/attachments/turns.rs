//! Who may write to an upload, one after the other.

use dashmap::DashMap;
use tokio::sync::{Mutex, MutexGuard};

use crate::id::{AccountId, AttachmentId};
use crate::limits::MAX_CHUNKS_AT_ONCE;

/// Turns at all uploads together. Two uploads of one turn only wait for each other, for the time of one write.
const TURNS: usize = 64;

/// Locks of uploads, and a count of the chunks that are held in memory while they arrive.
#[derive(Debug)]
pub(crate) struct Turns {
    turns: [Mutex<()>; TURNS],
    arriving: DashMap<AccountId, usize>,
}

impl Default for Turns {
    fn default() -> Self {
        Self { turns: std::array::from_fn(|_| Mutex::new(())), arriving: DashMap::new() }
    }
}

/// A place for one chunk in memory.
#[derive(Debug)]
pub(super) struct Place<'a> {
    turns: &'a Turns,
    account: AccountId,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if let Some(mut arriving) = self.turns.arriving.get_mut(&self.account) {
            *arriving = arriving.saturating_sub(1);
        }
        self.turns.arriving.remove_if(&self.account, |_, arriving| *arriving == 0);
    }
}

impl Turns {
    /// Waits until nobody else writes to this upload.
    pub(super) async fn of(&self, id: AttachmentId) -> MutexGuard<'_, ()> {
        let all = u128::try_from(TURNS).unwrap_or(1);
        // The last bits of an id are random.
        let turn = usize::try_from(id.0.as_u128() % all).unwrap_or(0);
        self.turns[turn].lock().await
    }

    /// A place for a chunk of an account, if it has not too many.
    pub(super) fn place(&self, account: AccountId) -> Option<Place<'_>> {
        let mut arriving = self.arriving.entry(account).or_insert(0);
        if *arriving >= MAX_CHUNKS_AT_ONCE {
            return None;
        }
        *arriving += 1;
        Some(Place { turns: self, account })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[tokio::test]
    async fn one_upload_has_one_turn() {
        let turns = Turns::default();
        let [one, other] = [7, 8].map(|id| AttachmentId(Uuid::from_u128(id)));
        let held = turns.of(one).await;
        drop(turns.of(other).await);
        let mut waiting = std::pin::pin!(turns.of(one));
        assert!(futures_util::poll!(&mut waiting).is_pending());
        drop(held);
        drop(waiting.await);
    }

    #[test]
    fn places_are_few_for_each_account_and_come_back() {
        let turns = Turns::default();
        let [ann, ben] = [1, 2].map(|id| AccountId(Uuid::from_u128(id)));
        let held: Vec<_> = (0..MAX_CHUNKS_AT_ONCE).map(|_| turns.place(ann).unwrap()).collect();
        assert!(turns.place(ann).is_none());
        assert!(turns.place(ben).is_some());
        drop(held);
        assert!(turns.place(ann).is_some());
        assert!(turns.arriving.is_empty());
    }
}
