//! Lists of followers, friends, requests and blocks.

use axum::Json;
use axum::extract::State;

use crate::auth::Viewer;
use crate::body::{Params, Segment};
use crate::db::{DbError, Sql, args};
use crate::error::ApiError;
use crate::id::AccountId;
use crate::page::{Cursor, Page, PageQuery};
use crate::profiles::directory::by_username;
use crate::profiles::store::{Row, people};
use crate::profiles::{Person, view};
use crate::state::Social;

/// Who follows `$2`, those who came last first.
pub(crate) const FOLLOWERS: &str = people!(
    "JOIN follows f ON f.follower_id = a.id",
    "f.created_at",
    "AND f.followed_id = $2 AND (f.created_at, f.follower_id) < ($3, $4)
    ORDER BY f.created_at DESC, f.follower_id DESC LIMIT $5"
);

/// Whom `$2` follows.
pub(super) const FOLLOWING: &str = people!(
    "JOIN follows f ON f.followed_id = a.id",
    "f.created_at",
    "AND f.follower_id = $2 AND (f.created_at, f.followed_id) < ($3, $4)
    ORDER BY f.created_at DESC, f.followed_id DESC LIMIT $5"
);

/// The friends of `$2`.
pub(super) const FRIENDS: &str = people!(
    "JOIN friends f ON f.friend_id = a.id",
    "f.created_at",
    "AND f.account_id = $2 AND (f.created_at, f.friend_id) < ($3, $4)
    ORDER BY f.created_at DESC, f.friend_id DESC LIMIT $5"
);

/// Who has asked `$2`.
pub(super) const RECEIVED: &str = people!(
    "JOIN friend_requests f ON f.sender_id = a.id",
    "f.created_at",
    "AND f.receiver_id = $2 AND (f.created_at, f.sender_id) < ($3, $4)
    ORDER BY f.created_at DESC, f.sender_id DESC LIMIT $5"
);

/// Whom `$2` has asked.
pub(super) const SENT: &str = people!(
    "JOIN friend_requests f ON f.receiver_id = a.id",
    "f.created_at",
    "AND f.sender_id = $2 AND (f.created_at, f.receiver_id) < ($3, $4)
    ORDER BY f.created_at DESC, f.receiver_id DESC LIMIT $5"
);

/// Whom `$2` has blocked.
pub(super) const BLOCKS: &str = people!(
    blocked: "JOIN blocks f ON f.blocked_id = a.id",
    "f.created_at",
    "AND f.blocker_id = $2 AND (f.created_at, f.blocked_id) < ($3, $4)
    ORDER BY f.created_at DESC, f.blocked_id DESC LIMIT $5"
);

/// Those of a list who come after `after`, at most so many.
pub(crate) async fn rows(
    db: &mut impl Sql,
    sql: &'static str,
    [viewer, of]: [AccountId; 2],
    (after, most): (Cursor, i64),
) -> Result<Vec<Row>, DbError> {
    db.all(sql, args![viewer, of, after.at, AccountId(after.id), most]).await
}

/// A list of somebody whom the viewer may see.
async fn of_person(
    social: &Social,
    viewer: &Viewer,
    username: &str,
    (sql, query): (&'static str, PageQuery),
) -> Result<Json<Page<Person>>, ApiError> {
    let window = query.window()?;
    let mut db = social.db();
    let person = by_username(&mut db, viewer.account, username).await?;
    let found = rows(&mut db, sql, [viewer.account, person.id], window).await?;
    Ok(Json(query.page(found, Row::cursor, view::person)))
}

/// A list of the viewer's own.
async fn own(
    social: &Social,
    viewer: &Viewer,
    (sql, query): (&'static str, PageQuery),
) -> Result<Json<Page<Person>>, ApiError> {
    let found = rows(&mut social.db(), sql, [viewer.account, viewer.account], query.window()?).await?;
    Ok(Json(query.page(found, Row::cursor, view::person)))
}

/// Who follows somebody, those who came last first.
#[utoipa::path(get, path = "/api/v1/people/{username}/followers", tag = "connections",
    params(("username" = String, Path), PageQuery), responses((status = 200, body = Page<Person>),
    (status = 401, description = "not_signed_in"), (status = 404, description = "not_found")))]
pub(crate) async fn followers(
    State(social): State<Social>,
    viewer: Viewer,
    Segment(username): Segment,
    Params(query): Params<PageQuery>,
) -> Result<Json<Page<Person>>, ApiError> {
    of_person(&social, &viewer, &username, (FOLLOWERS, query)).await
}

/// Whom somebody follows, those who came last first.
#[utoipa::path(get, path = "/api/v1/people/{username}/following", tag = "connections",
    params(("username" = String, Path), PageQuery), responses((status = 200, body = Page<Person>),
    (status = 401, description = "not_signed_in"), (status = 404, description = "not_found")))]
pub(crate) async fn following(
    State(social): State<Social>,
    viewer: Viewer,
    Segment(username): Segment,
    Params(query): Params<PageQuery>,
) -> Result<Json<Page<Person>>, ApiError> {
    of_person(&social, &viewer, &username, (FOLLOWING, query)).await
}

/// Somebody's friends, those who came last first.
#[utoipa::path(get, path = "/api/v1/people/{username}/friends", tag = "connections",
    params(("username" = String, Path), PageQuery), responses((status = 200, body = Page<Person>),
    (status = 401, description = "not_signed_in"), (status = 404, description = "not_found")))]
pub(crate) async fn friends(
    State(social): State<Social>,
    viewer: Viewer,
    Segment(username): Segment,
    Params(query): Params<PageQuery>,
) -> Result<Json<Page<Person>>, ApiError> {
    of_person(&social, &viewer, &username, (FRIENDS, query)).await
}

/// Who has asked the one who asks here to be friends.
#[utoipa::path(get, path = "/api/v1/me/friend-requests/received", tag = "connections", params(PageQuery),
    responses((status = 200, body = Page<Person>), (status = 401, description = "not_signed_in")))]
pub(crate) async fn received(
    State(social): State<Social>,
    viewer: Viewer,
    Params(query): Params<PageQuery>,
) -> Result<Json<Page<Person>>, ApiError> {
    own(&social, &viewer, (RECEIVED, query)).await
}

/// Whom the one who asks here has asked to be friends.
#[utoipa::path(get, path = "/api/v1/me/friend-requests/sent", tag = "connections", params(PageQuery),
    responses((status = 200, body = Page<Person>), (status = 401, description = "not_signed_in")))]
pub(crate) async fn sent(
    State(social): State<Social>,
    viewer: Viewer,
    Params(query): Params<PageQuery>,
) -> Result<Json<Page<Person>>, ApiError> {
    own(&social, &viewer, (SENT, query)).await
}

/// Whom the one who asks has blocked.
#[utoipa::path(get, path = "/api/v1/me/blocks", tag = "connections", params(PageQuery), responses(
    (status = 200, body = Page<Person>), (status = 401, description = "not_signed_in")))]
pub(crate) async fn blocks(
    State(social): State<Social>,
    viewer: Viewer,
    Params(query): Params<PageQuery>,
) -> Result<Json<Page<Person>>, ApiError> {
    own(&social, &viewer, (BLOCKS, query)).await
}
