//! `/api/v1/comments/{id}/like` and who likes what.

use axum::Json;
use axum::extract::State;

use super::store;
use super::write::locked;
use crate::activity::{self, ActivityKind};
use crate::auth::Viewer;
use crate::body::{Params, Segment};
use crate::error::ApiError;
use crate::events::{Hint, News};
use crate::id::CommentId;
use crate::notifications::NotificationKind;
use crate::notifications::notify::{notify, retract};
use crate::page::{Page, PageQuery};
use crate::posts::Liked;
use crate::posts::mentions::{Written, readers};
use crate::profiles::store::Row;
use crate::profiles::{Person, view};
use crate::state::Social;

/// Likes a comment.
#[utoipa::path(put, path = "/api/v1/comments/{id}/like", tag = "comments", params(("id" = Uuid, Path)), responses(
    (status = 200, body = Liked), (status = 401, description = "not_signed_in"),
    (status = 404, description = "not_found"), (status = 429, description = "rate_limited")))]
pub(crate) async fn like(State(social): State<Social>, viewer: Viewer, id: Segment) -> Result<Json<Liked>, ApiError> {
    set(&social, &viewer, &id, true).await
}

/// Likes a comment no more.
#[utoipa::path(delete, path = "/api/v1/comments/{id}/like", tag = "comments", params(("id" = Uuid, Path)), responses(
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
    let (comment, account) = (CommentId(id.id()?), viewer.account);
    let mut tx = social.db().begin().await?;
    let found = locked(&mut tx, viewer, comment).await?;
    let author = found.author().ok_or_else(ApiError::not_found)?;
    let unchanged = Json(Liked { liked, likes: found.likes });
    if found.liked == liked {
        return Ok(unchanged);
    }
    let changed = match liked {
        true => store::like(&mut tx, (comment, account), now).await?,
        false => store::unlike(&mut tx, (comment, account)).await?,
    };
    // Another tab was quicker.
    let Some(likes) = changed else { return Ok(unchanged) };
    let mut news = News::default();
    let post = found.post_id;
    let written = Written { by: account, post, comment: Some(comment), thread: found.parent_author_id };
    let notice = written.notice(author, NotificationKind::CommentLiked);
    if liked {
        activity::note(social, &mut tx, account, (ActivityKind::Liked, Some(post.0.to_string()))).await?;
        // Whoever wrote it may read the post no more.
        if !readers(&mut tx, &written, [Some(author), None], &[]).await?.is_empty() {
            notify(social, &mut tx, &mut news, notice).await?;
        }
    } else {
        retract(social, &mut tx, &mut news, notice).await?;
    }
    tx.commit().await?;
    news.hint(Hint::PostChanged { post });
    social.tell(news);
    Ok(Json(Liked { liked, likes }))
}

/// Who likes a comment, the last first.
#[utoipa::path(get, path = "/api/v1/comments/{id}/likes", tag = "comments", params(("id" = Uuid, Path), PageQuery), responses(
    (status = 200, body = Page<Person>), (status = 401, description = "not_signed_in"),
    (status = 404, description = "not_found")))]
pub(crate) async fn list(
    State(social): State<Social>,
    viewer: Viewer,
    id: Segment,
    Params(query): Params<PageQuery>,
) -> Result<Json<Page<Person>>, ApiError> {
    let comment = CommentId(id.id()?);
    let mut db = social.db();
    store::find(&mut db, viewer.account, comment).await?.ok_or_else(ApiError::not_found)?;
    let found = store::likers(&mut db, viewer.account, comment, query.window()?).await?;
    Ok(Json(query.page(found, Row::cursor, view::person)))
}
