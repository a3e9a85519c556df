//! Lists of posts: home, discover, somebody's own.
//!
//! Nothing is written for a feed when somebody posts: a feed is read out of the posts of those whom one follows, so an
//! account with many followers posts as fast as one with none. Each list is found as ids first, by an index alone, and then
//! shown by two queries, however long the page.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{Post, store};
use crate::auth::Viewer;
use crate::body::{Params, Segment};
use crate::caller::Caller;
use crate::clock::Moment;
use crate::db::{DbError, Sql, args};
use crate::error::ApiError;
use crate::id::{AccountId, PostId};
use crate::limits::{FEED_LONGEST_SPAN, FEED_SPAN, MAX_NEW_POSTS};
use crate::page::{Page, PageQuery};
use crate::profiles::directory::by_username;
use crate::state::Social;
use crate::visibility::{is_there, may_read, no_block};

/// How many posts are newer than those that are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS, ToSchema)]
pub struct NewPosts {
    /// That number, at most 50.
    #[ts(type = "number")]
    pub count: i64,
}

/// Since when.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Since {
    /// The id of the newest post that is shown; absent if none is.
    since: Option<Uuid>,
}

/// The posts of those whom the viewer, `$1`, follows and of the viewer: what comes first is whose they are, so that each
/// author's posts are read by the index of authors.
macro_rules! home {
    ($columns:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM (SELECT followed_id AS id FROM follows WHERE follower_id = $1
                UNION ALL SELECT id FROM accounts WHERE id = $1) f
            JOIN posts p ON p.author_id = f.id JOIN accounts a ON a.id = p.author_id
            WHERE ",
            is_there!("a"),
            " AND ",
            no_block!("$1", "a.id"),
            " AND ",
            may_read!("$1", "p"),
            " AND ",
            $rest
        )
    };
}

/// Everybody's posts for everybody.
macro_rules! discover {
    ($columns:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM posts p JOIN accounts a ON a.id = p.author_id WHERE p.audience = 'public' AND ",
            is_there!("a"),
            " AND ",
            no_block!("$1", "a.id"),
            " AND ",
            $rest
        )
    };
}

/// The newest posts of those whom the viewer follows, and their own.
#[utoipa::path(get, path = "/api/v1/feed/home", tag = "feeds", params(PageQuery), responses(
    (status = 200, body = Page<Post>), (status = 401, description = "not_signed_in")))]
pub(crate) async fn home(
    State(social): State<Social>,
    viewer: Viewer,
    Params(query): Params<PageQuery>,
) -> Result<Json<Page<Post>>, ApiError> {
    let (after, most) = query.window()?;
    let mut db = social.db();
    let found = home_ids(&mut db, viewer.account, (PostId(after.id), most), social.clock.now()).await?;
    Ok(Json(store::page(&mut db, viewer.account, &query, found).await?))
}

/// Looks in one span of time after the other, each longer than the one before, until the page is full.
pub(crate) async fn home_ids(
    db: &mut impl Sql,
    viewer: AccountId,
    (before, most): (PostId, i64),
    now: Moment,
) -> Result<Vec<PostId>, DbError> {
    let sql = home!("p.id", "p.id < $2 AND p.id >= $3 ORDER BY p.id DESC LIMIT $4");
    let mut found: Vec<PostId> = Vec::new();
    let newest = before.millis().min(now.millis());
    let (mut upper, mut span) = (before, FEED_SPAN);
    loop {
        let left = most.saturating_sub(i64::try_from(found.len()).unwrap_or(i64::MAX));
        let is_last = span > FEED_LONGEST_SPAN;
        let since =
            if is_last { 0 } else { newest.saturating_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)) };
        let lower = PostId::first_at(since);
        let rows: Vec<(PostId,)> = db.all(sql, args![viewer, upper, lower, left]).await?;
        found.extend(rows.into_iter().map(|(id,)| id));
        if is_last || i64::try_from(found.len()).unwrap_or(i64::MAX) >= most {
            return Ok(found);
        }
        (upper, span) = (lower, span.saturating_mul(8));
    }
}

/// How many posts by others are newer in the home feed.
#[utoipa::path(get, path = "/api/v1/feed/home/new", tag = "feeds", params(Since), responses(
    (status = 200, body = NewPosts), (status = 401, description = "not_signed_in")))]
pub(crate) async fn home_new(
    State(social): State<Social>,
    viewer: Viewer,
    Params(Since { since }): Params<Since>,
) -> Result<Json<NewPosts>, ApiError> {
    let sql =
        concat!("SELECT COUNT(*) FROM (", home!("1 AS one", "p.id > $2 AND p.author_id <> $1 LIMIT $3"), ") found");
    count_new(&social, &viewer, sql, since).await
}

/// Counts what `sql` finds that is newer than a post, of many only so many.
async fn count_new(
    social: &Social,
    viewer: &Viewer,
    sql: &'static str,
    since: Option<Uuid>,
) -> Result<Json<NewPosts>, ApiError> {
    let since = PostId(since.unwrap_or_default());
    let (count,): (i64,) = social.db().one(sql, args![viewer.account, since, MAX_NEW_POSTS]).await?;
    Ok(Json(NewPosts { count }))
}

/// The newest posts that are for everybody.
#[utoipa::path(get, path = "/api/v1/feed/discover", tag = "feeds", params(PageQuery), responses(
    (status = 200, body = Page<Post>), (status = 401, description = "not_signed_in")))]
pub(crate) async fn discover(
    State(social): State<Social>,
    viewer: Viewer,
    Params(query): Params<PageQuery>,
) -> Result<Json<Page<Post>>, ApiError> {
    let (after, most) = query.window()?;
    let mut db = social.db();
    let found = discover_ids(&mut db, viewer.account, (PostId(after.id), most)).await?;
    Ok(Json(store::page(&mut db, viewer.account, &query, found).await?))
}

pub(crate) async fn discover_ids(
    db: &mut impl Sql,
    viewer: AccountId,
    (before, most): (PostId, i64),
) -> Result<Vec<PostId>, DbError> {
    let sql = discover!("p.id", "p.id < $2 ORDER BY p.id DESC LIMIT $3");
    let found: Vec<(PostId,)> = db.all(sql, args![viewer, before, most]).await?;
    Ok(found.into_iter().map(|(id,)| id).collect())
}

/// How many posts by others are newer among those for everybody.
#[utoipa::path(get, path = "/api/v1/feed/discover/new", tag = "feeds", params(Since), responses(
    (status = 200, body = NewPosts), (status = 401, description = "not_signed_in")))]
pub(crate) async fn discover_new(
    State(social): State<Social>,
    viewer: Viewer,
    Params(Since { since }): Params<Since>,
) -> Result<Json<NewPosts>, ApiError> {
    let sql =
        concat!("SELECT COUNT(*) FROM (", discover!("1 AS one", "p.id > $2 AND p.author_id <> $1 LIMIT $3"), ") found");
    count_new(&social, &viewer, sql, since).await
}

/// Somebody's posts that the one who asks may read, the newest first; no account is needed.
#[utoipa::path(get, path = "/api/v1/people/{username}/posts", tag = "feeds", params(("username" = String, Path), PageQuery),
    responses((status = 200, body = Page<Post>), (status = 404, description = "not_found"),
    (status = 429, description = "rate_limited")))]
pub(crate) async fn by_person(
    State(social): State<Social>,
    caller: Caller,
    viewer: Option<Viewer>,
    Segment(username): Segment,
    Params(query): Params<PageQuery>,
) -> Result<Json<Page<Post>>, ApiError> {
    let viewer = social.look_up(&caller, viewer)?;
    let mut db = social.db();
    let author = by_username(&mut db, viewer, &username).await?.id;
    let (after, most) = query.window()?;
    let found = author_ids(&mut db, [viewer, author], (PostId(after.id), most)).await?;
    Ok(Json(store::page(&mut db, viewer, &query, found).await?))
}

pub(crate) async fn author_ids(
    db: &mut impl Sql,
    [viewer, author]: [AccountId; 2],
    (before, most): (PostId, i64),
) -> Result<Vec<PostId>, DbError> {
    let sql = concat!(
        "SELECT p.id FROM posts p WHERE p.author_id = $2 AND p.id < $3 AND ",
        may_read!("$1", "p"),
        " ORDER BY p.id DESC LIMIT $4"
    );
    let found: Vec<(PostId,)> = db.all(sql, args![viewer, author, before, most]).await?;
    Ok(found.into_iter().map(|(id,)| id).collect())
}
