//! Profiles: what people tell of themselves, each field to whom they want; and the directory of people.

pub(crate) mod author;
pub mod directory;
pub(crate) mod images;
pub mod routes;
pub(crate) mod rules;
pub(crate) mod store;
pub(crate) mod view;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;
use uuid::Uuid;

pub(crate) use self::images::{forget_blobs, read_blob, sweep_blobs};
pub(crate) use self::view::own;
use crate::activity::{self, ActivityKind};
use crate::auth::Viewer;
use crate::connections::Connection;
use crate::db::DbError;
use crate::id::AccountId;
use crate::state::Social;
pub use crate::uploads::ImageKind;
use crate::visibility::Visibility;

/// A picture or cover in two sizes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS, ToSchema)]
pub struct Image {
    /// Where the large one is.
    pub url: String,
    /// Where the small one is.
    pub small_url: String,
    /// Pixels of the large one.
    #[ts(type = "number")]
    pub width: i64,
    /// Pixels of the large one.
    #[ts(type = "number")]
    pub height: i64,
}

/// A link to another site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// What it is called.
    #[schema(min_length = 1, max_length = 60)]
    pub title: String,
    /// Where it leads, by http or https.
    #[schema(max_length = 500)]
    pub url: String,
}

/// A field that its owner may hide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProfileField {
    /// A sentence.
    Bio,
    /// A text.
    About,
    /// Where the person lives.
    Address,
    /// In which country.
    Country,
    /// Other sites.
    Links,
    /// The round picture.
    Picture,
    /// The wide picture.
    Cover,
}

impl ProfileField {
    /// All of them.
    pub(crate) const ALL: [Self; 7] =
        [Self::Bio, Self::About, Self::Address, Self::Country, Self::Links, Self::Picture, Self::Cover];
}

/// The visibility of fields.
pub type Visibilities = BTreeMap<ProfileField, Visibility>;

/// Who may write to somebody, and invite them to groups. Whom the person follows or is friends with always may, and nobody
/// between whom and the person there is a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MessagesFrom {
    /// Everybody.
    Everybody,
    /// Everybody; what strangers write waits for a yes.
    #[default]
    Requests,
    /// Nobody else.
    Known,
}

impl MessagesFrom {
    /// Its name in the database.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Everybody => "everybody",
            Self::Requests => "requests",
            Self::Known => "known",
        }
    }

    /// What a name in the database means; the narrowest if an older version does not know it.
    pub(crate) fn parse(name: &str) -> Self {
        match name {
            "everybody" => Self::Everybody,
            "requests" => Self::Requests,
            _ => Self::Known,
        }
    }
}

/// A profile as its owner sees it.
#[derive(Debug, Serialize, TS, ToSchema)]
pub struct OwnProfile {
    /// The username.
    pub username: String,
    /// The person's first name.
    pub first_name: String,
    /// The person's last name.
    pub last_name: String,
    /// A sentence.
    pub bio: Option<String>,
    /// A text.
    pub about: Option<String>,
    /// Where the person lives.
    pub address: Option<String>,
    /// The country's code by ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// Other sites.
    pub links: Vec<Link>,
    /// The round picture.
    pub picture: Option<Image>,
    /// The wide picture.
    pub cover: Option<Image>,
    /// Who sees which field.
    #[ts(type = "{ [field in ProfileField]: Visibility }")]
    pub visibility: Visibilities,
    /// Whether who knows the e-mail address finds the person by it.
    pub findable_by_email: bool,
    /// Who may write to the person.
    pub messages_from: MessagesFrom,
    /// Whether the person shows when they are here, and sees when others are.
    pub shows_presence: bool,
    /// When the account was made, in milliseconds since 1970.
    #[ts(type = "number")]
    pub created_at: i64,
}

/// A profile as somebody sees it: what is hidden from that viewer is absent.
#[derive(Debug, Serialize, TS, ToSchema)]
pub struct Profile {
    /// The account's id.
    #[ts(type = "string")]
    pub id: Uuid,
    /// The username.
    pub username: String,
    /// The person's first name.
    pub first_name: String,
    /// The person's last name.
    pub last_name: String,
    /// A sentence.
    pub bio: Option<String>,
    /// A text.
    pub about: Option<String>,
    /// Where the person lives.
    pub address: Option<String>,
    /// The country's code by ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// Other sites.
    pub links: Vec<Link>,
    /// The round picture.
    pub picture: Option<Image>,
    /// The wide picture.
    pub cover: Option<Image>,
    /// When the account was made, in milliseconds since 1970.
    #[ts(type = "number")]
    pub created_at: i64,
    /// Whether it is the viewer's own.
    pub is_me: bool,
    /// What is between the viewer and the person.
    pub connection: Connection,
    /// Whether the viewer may write to the person.
    pub may_write: bool,
    /// The numbers beside it.
    pub counts: Counts,
}

/// The numbers beside a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS, ToSchema)]
pub struct Counts {
    /// Who follows the person.
    #[ts(type = "number")]
    pub followers: i64,
    /// Whom the person follows.
    #[ts(type = "number")]
    pub following: i64,
    /// Friends.
    #[ts(type = "number")]
    pub friends: i64,
    /// Posts for any audience.
    #[ts(type = "number")]
    pub posts: i64,
}

/// Somebody in a list of people.
#[derive(Debug, Serialize, TS, ToSchema)]
pub struct Person {
    /// The account's id.
    #[ts(type = "string")]
    pub id: Uuid,
    /// The username.
    pub username: String,
    /// The person's first name.
    pub first_name: String,
    /// The person's last name.
    pub last_name: String,
    /// A sentence.
    pub bio: Option<String>,
    /// The country's code by ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// The round picture.
    pub picture: Option<Image>,
    /// What is between the viewer and the person.
    pub connection: Connection,
}

/// Somebody beside what they wrote or did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS, ToSchema)]
pub struct Author {
    /// The account's id.
    #[ts(type = "string")]
    pub id: Uuid,
    /// The username.
    pub username: String,
    /// The person's first name.
    pub first_name: String,
    /// The person's last name.
    pub last_name: String,
    /// Where the small picture is, if the viewer may see it.
    pub picture: Option<String>,
}

/// How somebody who is signed in takes part in a meeting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participant {
    /// First and last name.
    pub name: String,
    /// Where the picture is, if everybody may see it.
    pub picture: Option<String>,
}

impl Social {
    /// The viewer as others in a meeting see them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn participant(&self, viewer: &Viewer) -> Result<Option<Participant>, DbError> {
        // Guests are there too: what they see is what a stranger sees.
        let row = store::by_id(&mut self.db(), AccountId::NOBODY, viewer.account).await?;
        Ok(row.map(|row| {
            let shown = view::person(row);
            let name = format!("{} {}", shown.first_name, shown.last_name);
            Participant { name, picture: shown.picture.map(|picture| picture.url) }
        }))
    }

    /// Notes that somebody made a meeting. A note that fails is no reason to refuse the meeting.
    pub async fn note_meeting(&self, viewer: &Viewer, name: Option<String>) {
        let what = (ActivityKind::MeetingCreated, name);
        let noted = activity::note(self, &mut self.db(), viewer.account, what).await;
        if let Err(error) = noted {
            tracing::error!("cannot note a meeting: {error}");
        }
    }
}
