//! Rooms for calls, in which a story says who is.

use std::collections::BTreeMap;
use std::sync::Mutex;

use confab_social::id::AccountId;
use confab_social::rings::{Calls, Opening};
use uuid::Uuid;

/// Who is in which room.
#[derive(Debug, Default)]
pub struct Rooms(Mutex<BTreeMap<String, Vec<AccountId>>>);

impl Rooms {
    /// These are in a room now, and nobody else.
    pub fn put(&self, room: &str, people: &[&str]) {
        let people = people.iter().map(|id| AccountId(Uuid::try_parse(id).unwrap())).collect();
        self.0.lock().unwrap().insert(room.to_owned(), people);
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

impl Calls for Rooms {
    fn open(&self, _: AccountId) -> Opening<'_> {
        let mut rooms = self.0.lock().unwrap();
        let id = format!("room-{}", rooms.len());
        rooms.insert(id.clone(), Vec::new());
        Box::pin(std::future::ready(Some(id)))
    }

    fn people_in(&self, room: &str) -> Vec<AccountId> {
        self.0.lock().unwrap().get(room).cloned().unwrap_or_default()
    }

    fn is_in_call(&self, account: AccountId) -> bool {
        self.0.lock().unwrap().values().any(|people| people.contains(&account))
    }
}
