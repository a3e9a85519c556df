//! Search over people, posts and rooms, while somebody types.
//!
//! [`fold`] says when two texts are alike. Names and posts are indexed in the transaction that writes them ([`index_names`],
//! [`index_username`], [`index_post`]), and what was there before this was, [`backfill`] indexes. [`people`] are found by the
//! beginnings of words, in a table that both databases have; [`posts`] by trigrams, of which each has an index of its own
//! behind one name. [`Rooms`] are not this crate's, which asks whoever has them.

mod backfill;
pub(crate) mod fold;
pub(crate) mod people;
pub(crate) mod posts;
pub mod routes;

use std::fmt::Debug;
use std::sync::Arc;

use serde::Serialize;
use ts_rs::TS;
use utoipa::ToSchema;

pub use self::fold::letters;
pub(crate) use self::people::{index_names, index_username};
pub(crate) use self::posts::index_post;
use crate::id::AccountId;
use crate::posts::Post;
use crate::profiles::Person;
use crate::state::Social;

/// A room that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS, ToSchema)]
pub struct FoundRoom {
    /// Its id, as it stands in its link.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// The best of what was found.
#[derive(Debug, Serialize, TS, ToSchema)]
pub struct SearchResult {
    /// People.
    pub people: Vec<Person>,
    /// Posts, the newest first.
    pub posts: Vec<Post>,
    /// Rooms of the one who asks.
    pub rooms: Vec<FoundRoom>,
}

/// Who knows the rooms.
pub trait Rooms: Debug + Send + Sync {
    /// The rooms with a name that an account has made, those that were used last first. It must not block.
    fn made_by(&self, owner: AccountId) -> Vec<FoundRoom>;
}

impl Social {
    /// Lets rooms be found. The first call counts.
    pub fn find_rooms(&self, rooms: Arc<dyn Rooms>) {
        // Who sets it twice has made a mistake that changes nothing.
        let _ = self.rooms.set(rooms);
    }

    /// The rooms of an account whose names have words that begin like all those of a query.
    fn rooms_named(&self, owner: AccountId, query: &str) -> Vec<FoundRoom> {
        let wanted = fold::words(query);
        let made =
            self.rooms.get().filter(|_| !wanted.is_empty()).map(|rooms| rooms.made_by(owner)).unwrap_or_default();
        made.into_iter().filter(|room| fold::fits(&wanted, &room.name)).take(crate::limits::SEARCH_ITEMS).collect()
    }
}
