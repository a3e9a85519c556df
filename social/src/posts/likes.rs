//! `/api/v1/posts/{id}/like` and who likes what.

use axum::Json;
use axum::extract::State;

use super::{Liked, store};
use crate::activity::{self, ActivityKind};
use crate::auth::Viewer;
use crate::body::{Params, Segment};
use crate::error::ApiError;
use crate::events::{Hint, News};
use crate::id::PostId;
use crate::notifications::NotificationKind;
use crate::notifications::notify::{About, Notice, notify, retract};
use crate::page::{Page, PageQuery};
use crate::profiles::store::Row;
use crate::profiles::{Person, view};
use crate::state::Social;

/// Likes a post.
#[utoipa::path(put, path = "/api/v1/posts/{id}/like", tag = "posts", params(("id" = Uuid, Path)), responses(
    (status = 200, body = Liked), (status = 401, description = "not_signed_in"),
    (status = 404, description = "not_found"), (status = 429, description = "rate_limited")))]
pub(crate) async fn like(State(social): State<Social>, viewer: Viewer, id: Segment) -> Result<Json<Liked>, ApiError> {
    set(&social, &viewer, &id, true).await
}

/// Likes a post no more.
#[utoipa::path(delete, path = "/api/v1/posts/{id}/like", tag = "posts", params(("id" = Uuid, Path)), responses(
    (status = 200, body = Liked), (status = 401, description = "not_signed_in"),
    (status = 404, description = "not_found"), (status = 429, description = "rate_limited")))]
pub(crate) async fn unlike(State(social): State<Social>, viewer: Viewer, id: Segment) -> Result<Json<Liked>, ApiError> {
    set(&social, &viewer, &id, false).await
}

async fn set(social: &Social, viewer: &Viewer, id: &Segment, liked: bool) -> Result<Json<Liked>, ApiError> {
    let now = social.clock.now();
    if !social.limits.likes.charge(&viewer.account, now.at) {
        return Err(ApiError::rate_limited());
    }
    let (post, account) = (PostId(id.id()?), viewer.account);
    let mut tx = social.db().begin().await?;
    let found = store::readable(&mut tx, account, post).await?.ok_or_else(ApiError::not_found)?;
    let unchanged = Json(Liked { liked, likes: found.likes });
    if found.liked == liked {
        return Ok(unchanged);
    }
    let changed = match liked {
        true => store::like(&mut tx, (post, account), now).await?,
        false => store::unlike(&mut tx, (post, account)).await?,
    };
    // Another tab was quicker.
    let Some(likes) = changed else { return Ok(unchanged) };
    let mut news = News::default();
    let kind = NotificationKind::PostLiked;
    let about = About { post: Some(post), ..About::default() };
    let notice = Notice { to: found.author_id, by: account, kind, about, at: now };
    if liked {
        let detail = Some(post.0.to_string());
        activity::note(social, &mut tx, account, (ActivityKind::Liked, detail)).await?;
        notify(social, &mut tx, &mut news, notice).await?;
    } else {
        retract(&mut tx, &mut news, notice).await?;
    }
    tx.commit().await?;
    news.hint(Hint::PostChanged { post });
    social.tell(news);
    Ok(Json(Liked { liked, likes }))
}

/// Who likes a post, the last first.
#[utoipa::path(get, path = "/api/v1/posts/{id}/likes", tag = "posts", params(("id" = Uuid, Path), PageQuery), responses(
    (status = 200, body = Page<Person>), (status = 401, description = "not_signed_in"),
    (status = 404, description = "not_found")))]
pub(crate) async fn list(
    State(social): State<Social>,
    viewer: Viewer,
    id: Segment,
    Params(query): Params<PageQuery>,
) -> Result<Json<Page<Person>>, ApiError> {
    let post = PostId(id.id()?);
    let mut db = social.db();
    store::readable(&mut db, viewer.account, post).await?.ok_or_else(ApiError::not_found)?;
    let found = store::likers(&mut db, viewer.account, post, query.window()?).await?;
    Ok(Json(query.page(found, Row::cursor, view::person)))
}
