//! `/api/v1/people`.

use axum::Json;
use axum::extract::State;

use super::store::{self, Row};
use super::{Person, Profile, view};
use crate::accounts::rules;
use crate::auth::Viewer;
use crate::body::{Params, Segment};
use crate::caller::Caller;
use crate::db::Sql;
use crate::error::ApiError;
use crate::id::AccountId;
use crate::page::{Page, PageQuery};
use crate::state::Social;

/// Everybody who has an account, those who came last first.
#[utoipa::path(get, path = "/api/v1/people", tag = "people", params(PageQuery), responses(
    (status = 200, body = Page<Person>), (status = 401, description = "not_signed_in")))]
pub(crate) async fn list(
    State(social): State<Social>,
    viewer: Viewer,
    Params(query): Params<PageQuery>,
) -> Result<Json<Page<Person>>, ApiError> {
    let found = store::list(&mut social.db(), viewer.account, query.window()?).await?;
    Ok(Json(query.page(found, Row::cursor, view::person)))
}

/// Somebody's profile, as the one who asks may see it; no account is needed.
#[utoipa::path(get, path = "/api/v1/people/{username}", tag = "people", params(("username" = String, Path)),
    responses((status = 200, body = Profile), (status = 404, description = "not_found"),
    (status = 429, description = "rate_limited")))]
pub(crate) async fn show(
    State(social): State<Social>,
    caller: Caller,
    viewer: Option<Viewer>,
    Segment(username): Segment,
) -> Result<Json<Profile>, ApiError> {
    let viewer = social.look_up(&caller, viewer)?;
    let mut db = social.db();
    let row = by_username(&mut db, viewer, &username).await?;
    let counts = store::counts(&mut db, row.id).await?;
    Ok(Json(view::profile(row, counts)))
}

/// The person whom a path names, if the viewer may see them.
pub(crate) async fn by_username(db: &mut impl Sql, viewer: AccountId, username: &str) -> Result<Row, ApiError> {
    let found = store::by_username(db, viewer, &rules::username_key(username)).await?;
    found.ok_or_else(ApiError::not_found)
}
