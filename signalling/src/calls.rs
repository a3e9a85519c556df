//! Rooms for calls that people make to each other.

use std::sync::Arc;

use confab_sfu::id::RoomId;
use confab_social::id::AccountId;
use confab_social::rings::{Calls, Opening};
use confab_social::secrets::Secret;

use crate::links::Link;
use crate::protocol::VideoCodec;
use crate::room::registry::Services;

/// Opens rooms, and knows who is in them.
#[derive(Debug)]
pub(crate) struct CallRooms(pub(crate) Arc<Services>);

impl Calls for CallRooms {
    fn open(&self, owner: AccountId) -> Opening<'_> {
        Box::pin(async move {
            let services = &self.0;
            // Its owner is its host without the key, which nobody is told.
            let (id, host_key) = services.rng.with(|rng| (RoomId::random(rng), Secret::random(rng)));
            let link = Link {
                name: None,
                codec: VideoCodec::default(),
                host_key: host_key.hash(),
                owner: Some(owner),
                guests: false,
                used_millis: services.clock.now().unix_millis,
            };
            let opened = services.links.create(id, link).await;
            opened.inspect_err(|error| tracing::error!("cannot open a room for a call: {error}")).ok()?;
            Some(id.to_string())
        })
    }

    fn people_in(&self, room: &str) -> Vec<AccountId> {
        room.parse().map(|room| self.0.present.people_in(room)).unwrap_or_default()
    }

    fn is_in_call(&self, account: AccountId) -> bool {
        self.0.present.is_in_call(account)
    }
}
