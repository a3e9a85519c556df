//! A row as somebody may see it.

use super::store::{self, Reception, Row};
use super::{Counts, Link, OwnProfile, Person, Profile, ProfileField, Visibilities};
use crate::db::{DbError, Sql};
use crate::id::AccountId;
use crate::visibility::Visibility;

/// The profile as its owner sees it.
pub(crate) async fn own(db: &mut impl Sql, account: AccountId) -> Result<Option<OwnProfile>, DbError> {
    Ok(store::by_id(db, account, account).await?.map(|row| OwnProfile {
        messages_from: row.messages_from(),
        picture: row.picture(),
        cover: row.cover(),
        links: links(&row),
        visibility: visibilities(&row),
        username: row.username,
        first_name: row.first_name,
        last_name: row.last_name,
        bio: row.bio,
        about: row.about,
        address: row.address,
        country: row.country,
        findable_by_email: row.findable_by_email,
        shows_presence: row.shows_presence,
        created_at: row.created_at,
    }))
}

/// The profile as the viewer of the row sees it.
pub(crate) fn profile(row: Row, counts: Counts) -> Profile {
    let may = sight(&row);
    let connection = row.connection();
    let may_write = !row.is_me && row.reception() != Reception::Refused;
    let picture = row.picture().filter(|_| may(ProfileField::Picture));
    let cover = row.cover().filter(|_| may(ProfileField::Cover));
    let links = if may(ProfileField::Links) { links(&row) } else { Vec::new() };
    Profile {
        id: row.id.0,
        username: row.username,
        first_name: row.first_name,
        last_name: row.last_name,
        bio: row.bio.filter(|_| may(ProfileField::Bio)),
        about: row.about.filter(|_| may(ProfileField::About)),
        address: row.address.filter(|_| may(ProfileField::Address)),
        country: row.country.filter(|_| may(ProfileField::Country)),
        links,
        picture,
        cover,
        created_at: row.created_at,
        is_me: row.is_me,
        connection,
        may_write,
        counts,
    }
}

/// The person as the viewer of the row sees them in a list.
pub(crate) fn person(row: Row) -> Person {
    let may = sight(&row);
    Person {
        connection: row.connection(),
        id: row.id.0,
        picture: row.picture().filter(|_| may(ProfileField::Picture)),
        bio: row.bio.filter(|_| may(ProfileField::Bio)),
        country: row.country.filter(|_| may(ProfileField::Country)),
        username: row.username,
        first_name: row.first_name,
        last_name: row.last_name,
    }
}

/// Which fields are seen.
fn sight(row: &Row) -> impl Fn(ProfileField) -> bool + use<> {
    let (relation, visibilities) = (row.relation(), visibilities(row));
    move |field| relation.sees(visibilities.get(&field).copied().unwrap_or(Visibility::Nobody))
}

/// The visibility of every field. What cannot be read hides everything.
pub(super) fn visibilities(row: &Row) -> Visibilities {
    parse(&row.visibility)
}

pub(super) fn parse(stored: &str) -> Visibilities {
    let stored = serde_json::from_str::<Visibilities>(stored);
    let of = |field| match &stored {
        Ok(stored) => stored.get(&field).copied().unwrap_or_default(),
        Err(_) => Visibility::Nobody,
    };
    ProfileField::ALL.into_iter().map(|field| (field, of(field))).collect()
}

fn links(row: &Row) -> Vec<Link> {
    serde_json::from_str(&row.links).unwrap_or_default()
}
