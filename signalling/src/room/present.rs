//! Which accounts are in which rooms now, as the rooms' tasks say: so that who is in a call is not called.

use std::sync::Arc;

use confab_sfu::id::RoomId;
use confab_social::id::AccountId;
use dashmap::DashMap;

/// Who is where. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Present(Arc<Maps>);

#[derive(Debug, Default)]
struct Maps {
    rooms: DashMap<RoomId, Vec<AccountId>>,
    /// In how many places each is.
    accounts: DashMap<AccountId, usize>,
}

impl Present {
    /// Who is in a room with an account; who is there twice is named twice.
    pub fn people_in(&self, room: RoomId) -> Vec<AccountId> {
        self.0.rooms.get(&room).map(|people| people.clone()).unwrap_or_default()
    }

    /// Whether an account is in any room.
    pub fn is_in_call(&self, account: AccountId) -> bool {
        self.0.accounts.contains_key(&account)
    }

    /// What a room's task says who is there. When it ends, however it does, nobody is.
    pub(super) fn of(&self, room: RoomId) -> PresentIn {
        PresentIn { present: self.clone(), room }
    }
}

/// Who is in one room.
#[derive(Debug)]
pub(super) struct PresentIn {
    present: Present,
    room: RoomId,
}

impl PresentIn {
    /// These are there now, and nobody else.
    pub(super) fn set(&self, people: Vec<AccountId>) {
        let Maps { rooms, accounts } = &*self.present.0;
        for account in &people {
            *accounts.entry(*account).or_default() += 1;
        }
        let left = if people.is_empty() {
            rooms.remove(&self.room).map(|(_, people)| people)
        } else {
            rooms.insert(self.room, people)
        };
        for account in left.unwrap_or_default() {
            accounts.remove_if_mut(&account, |_, places| {
                *places -= 1;
                *places == 0
            });
        }
    }
}

impl Drop for PresentIn {
    fn drop(&mut self) {
        self.set(Vec::new());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use confab_social::clock::{Clock as _, ManualClock};
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    #[test]
    fn an_account_is_in_a_call_until_it_has_left_its_last_place() {
        let mut rng = StdRng::seed_from_u64(1);
        let [one, other] = [RoomId::random(&mut rng), RoomId::random(&mut rng)];
        let now = ManualClock::new().now();
        let [ann, ben] = [AccountId::new(now, &mut rng), AccountId::new(now, &mut rng)];
        let present = Present::default();
        let (here, there) = (present.of(one), present.of(other));
        here.set(vec![ann, ann]);
        there.set(vec![ann, ben]);
        assert_eq!((present.people_in(one), present.people_in(other)), (vec![ann, ann], vec![ann, ben]));
        here.set(vec![ann]);
        there.set(vec![ben]);
        assert!(present.is_in_call(ann) && present.is_in_call(ben));
        here.set(Vec::new());
        assert!(!present.is_in_call(ann) && present.people_in(one).is_empty());
        // Its task ends without a word.
        drop(there);
        assert!(!present.is_in_call(ben) && present.people_in(other).is_empty());
    }
}
