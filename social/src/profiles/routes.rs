//! `/api/v1/me/profile`.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use super::store::{self, Row, Texts};
use super::{Link, MessagesFrom, OwnProfile, Visibilities, rules, view};
use crate::accounts;
use crate::activity::{self, ActivityKind};
use crate::auth::Viewer;
use crate::body::JsonBody;
use crate::error::ApiError;
use crate::state::Social;

/// A change of a profile: what is absent stays, what is null goes.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ProfileChange {
    #[schema(min_length = 1, max_length = 60)]
    first_name: Option<String>,
    #[schema(min_length = 1, max_length = 60)]
    last_name: Option<String>,
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 200)]
    bio: Option<Option<String>>,
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 5000)]
    about: Option<Option<String>>,
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 200)]
    address: Option<Option<String>>,
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 2)]
    country: Option<Option<String>>,
    #[schema(max_items = 8)]
    links: Option<Vec<Link>>,
    #[schema(value_type = Option<Object>)]
    visibility: Option<Visibilities>,
    findable_by_email: Option<bool>,
    messages_from: Option<MessagesFrom>,
    shows_presence: Option<bool>,
}

/// Tells a field that is null from one that is absent.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(deserializer).map(Some)
}

/// The profile of the one who asks.
#[utoipa::path(get, path = "/api/v1/me/profile", tag = "me", responses(
    (status = 200, body = OwnProfile), (status = 401, description = "not_signed_in")))]
pub(crate) async fn show(State(social): State<Social>, viewer: Viewer) -> Result<Json<OwnProfile>, ApiError> {
    let profile = view::own(&mut social.db(), viewer.account).await?;
    profile.map(Json).ok_or_else(ApiError::not_signed_in)
}

/// Changes the profile of the one who asks.
#[utoipa::path(patch, path = "/api/v1/me/profile", tag = "me", request_body = ProfileChange, responses(
    (status = 200, body = OwnProfile), (status = 401, description = "not_signed_in"),
    (status = 422, description = "invalid_value"), (status = 429, description = "rate_limited")))]
pub(crate) async fn change(
    State(social): State<Social>,
    viewer: Viewer,
    JsonBody(change): JsonBody<ProfileChange>,
) -> Result<Json<OwnProfile>, ApiError> {
    let now = social.clock.now();
    if !social.limits.edits.charge(&viewer.account, now.at) {
        return Err(ApiError::rate_limited());
    }
    let detail = change.fields().join(", ");
    let shows_presence = change.shows_presence;
    let mut tx = social.db().begin().await?;
    let row = store::by_id(&mut tx, viewer.account, viewer.account).await?.ok_or_else(ApiError::not_signed_in)?;
    let [first, last] = change.names(&row)?;
    accounts::store::set_names(&mut tx, viewer.account, &first, &last).await?;
    store::set_texts(&mut tx, viewer.account, change.texts(row)?).await?;
    if !detail.is_empty() {
        activity::note(&social, &mut tx, viewer.account, (ActivityKind::ProfileChanged, Some(detail))).await?;
    }
    let profile = view::own(&mut tx, viewer.account).await?;
    tx.commit().await?;
    if let Some(is_shown) = shows_presence {
        social.show_presence(viewer.account, is_shown).await?;
    }
    profile.map(Json).ok_or_else(ApiError::internal)
}

impl ProfileChange {
    /// The names of the fields that are given.
    fn fields(&self) -> Vec<&'static str> {
        let given = [
            ("first_name", self.first_name.is_some()),
            ("last_name", self.last_name.is_some()),
            ("bio", self.bio.is_some()),
            ("about", self.about.is_some()),
            ("address", self.address.is_some()),
            ("country", self.country.is_some()),
            ("links", self.links.is_some()),
            ("visibility", self.visibility.is_some()),
            ("findable_by_email", self.findable_by_email.is_some()),
            ("messages_from", self.messages_from.is_some()),
            ("shows_presence", self.shows_presence.is_some()),
        ];
        given.into_iter().filter(|(_, is_given)| *is_given).map(|(name, _)| name).collect()
    }

    fn names(&self, row: &Row) -> Result<[String; 2], ApiError> {
        let name = |given: &Option<String>, old: &str, field| match given {
            Some(given) => accounts::rules::name(given, field),
            None => Ok(old.to_owned()),
        };
        let first = name(&self.first_name, &row.first_name, "first_name")?;
        Ok([first, name(&self.last_name, &row.last_name, "last_name")?])
    }

    fn texts(self, row: Row) -> Result<Texts, ApiError> {
        type Check = fn(&str) -> Result<Option<String>, ApiError>;
        let text = |given: Option<Option<String>>, old: Option<String>, check: Check| match given {
            None => Ok(old),
            Some(given) => given.map_or(Ok(None), |text| check(&text)),
        };
        let mut visibility = view::visibilities(&row);
        visibility.extend(self.visibility.unwrap_or_default());
        let json = |value: serde_json::Result<String>| value.map_err(|_| ApiError::internal());
        Ok(Texts {
            messages_from: self.messages_from.unwrap_or(row.messages_from()),
            shows_presence: self.shows_presence.unwrap_or(row.shows_presence),
            bio: text(self.bio, row.bio, |text| rules::line(text, 200, "bio"))?,
            about: text(self.about, row.about, |about| rules::text(about, 5000, "about"))?,
            address: text(self.address, row.address, |text| rules::line(text, 200, "address"))?,
            country: text(self.country, row.country, rules::country)?,
            links: match self.links {
                Some(links) => json(serde_json::to_string(&rules::links(links)?))?,
                None => row.links,
            },
            visibility: json(serde_json::to_string(&visibility))?,
            findable_by_email: self.findable_by_email.unwrap_or(row.findable_by_email),
        })
    }
}
