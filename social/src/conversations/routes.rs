//! `/api/v1/conversations`: beginning them, and those that one has.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::store::{ConversationRow, New};
use super::{Conversation, UnreadConversations, rules, store, write};
use crate::auth::Viewer;
use crate::body::{JsonBody, Params, Segment};
use crate::error::ApiError;
use crate::id::{AccountId, ConversationId};
use crate::page::{Page, PageQuery};
use crate::state::Social;

/// A group to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewGroup {
    /// Its name.
    #[schema(min_length = 1, max_length = 100)]
    title: String,
    /// Who is invited to it.
    #[serde(default)]
    #[schema(max_items = 50)]
    people: Vec<String>,
}

/// What to change.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConversationChange {
    /// The group's name, for all.
    #[schema(max_length = 100)]
    title: Option<String>,
    /// Whether the viewer wants to hear of it.
    is_muted: Option<bool>,
}

/// Which conversations.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// Those that wait for a yes, and no others.
    #[serde(default)]
    requests: bool,
    /// The `next` of the page before.
    after: Option<String>,
    /// The most items, from 1 to 100.
    limit: Option<usize>,
}

/// The conversations of the one who asks, those with the last messages first.
#[utoipa::path(get, path = "/api/v1/conversations", tag = "conversations", params(ListQuery), responses(
    (status = 200, body = Page<Conversation>), (status = 401, description = "not_signed_in")))]
pub(crate) async fn list(
    State(social): State<Social>,
    viewer: Viewer,
    Params(ListQuery { requests, after, limit }): Params<ListQuery>,
) -> Result<Json<Page<Conversation>>, ApiError> {
    let query = PageQuery::new(after, limit);
    let (mut db, window) = (social.db(), query.window()?);
    let found = match requests {
        true => store::waiting(&mut db, viewer.account, window).await?,
        false => store::joined(&mut db, viewer.account, window).await?,
    };
    let Page { items, next } = query.page(found, ConversationRow::cursor, |row| row);
    Ok(Json(Page { items: store::show(&mut db, viewer.account, items, social.clock.now()).await?, next }))
}

/// Makes a group.
#[utoipa::path(post, path = "/api/v1/conversations", tag = "conversations", request_body = NewGroup, responses(
    (status = 201, body = Conversation), (status = 401, description = "not_signed_in"),
    (status = 409, description = "limit_reached"), (status = 422, description = "invalid_value"),
    (status = 429, description = "rate_limited")))]
pub(crate) async fn create(
    State(social): State<Social>,
    viewer: Viewer,
    JsonBody(NewGroup { title, people }): JsonBody<NewGroup>,
) -> Result<(StatusCode, Json<Conversation>), ApiError> {
    let title = rules::title(&title)?;
    rules::invited(&people)?;
    if !social.limits.conversations.charge(&viewer.account, social.clock.now().at) {
        return Err(ApiError::rate_limited());
    }
    let id = write::make(&social, &viewer, New::Group(&title), &people).await?;
    Ok((StatusCode::CREATED, Json(shown(&social, viewer.account, id).await?)))
}

/// The conversation with somebody, which is begun if there is none.
#[utoipa::path(put, path = "/api/v1/people/{username}/conversation", tag = "conversations",
    params(("username" = String, Path)), responses(
    (status = 200, body = Conversation), (status = 401, description = "not_signed_in"),
    (status = 404, description = "not_found"), (status = 409, description = "limit_reached"),
    (status = 422, description = "invalid_value"), (status = 429, description = "rate_limited")))]
pub(crate) async fn direct(
    State(social): State<Social>,
    viewer: Viewer,
    Segment(username): Segment,
) -> Result<Json<Conversation>, ApiError> {
    if !social.limits.conversations.charge(&viewer.account, social.clock.now().at) {
        return Err(ApiError::rate_limited());
    }
    let id = write::direct(&social, &viewer, &username).await?;
    Ok(Json(shown(&social, viewer.account, id).await?))
}

pub(super) async fn shown(social: &Social, viewer: AccountId, id: ConversationId) -> Result<Conversation, ApiError> {
    let mut db = social.db();
    let row = store::find(&mut db, viewer, id).await?.ok_or_else(ApiError::not_found)?;
    store::show(&mut db, viewer, vec![row], social.clock.now()).await?.pop().ok_or_else(ApiError::not_found)
}

/// How many conversations are unread.
#[utoipa::path(get, path = "/api/v1/conversations/unread", tag = "conversations", responses(
    (status = 200, body = UnreadConversations), (status = 401, description = "not_signed_in")))]
pub(crate) async fn unread(
    State(social): State<Social>,
    viewer: Viewer,
) -> Result<Json<UnreadConversations>, ApiError> {
    let (unread, requests) = store::unread(&mut social.db(), viewer.account).await?;
    Ok(Json(UnreadConversations { unread, requests }))
}

/// A conversation of the one who asks.
#[utoipa::path(get, path = "/api/v1/conversations/{id}", tag = "conversations", params(("id" = Uuid, Path)), responses(
    (status = 200, body = Conversation), (status = 401, description = "not_signed_in"),
    (status = 404, description = "not_found")))]
pub(crate) async fn show(
    State(social): State<Social>,
    viewer: Viewer,
    id: Segment,
) -> Result<Json<Conversation>, ApiError> {
    Ok(Json(shown(&social, viewer.account, ConversationId(id.id()?)).await?))
}

/// Changes a group's name, or whether one wants to hear of a conversation.
#[utoipa::path(patch, path = "/api/v1/conversations/{id}", tag = "conversations", params(("id" = Uuid, Path)),
    request_body = ConversationChange, responses(
    (status = 200, body = Conversation), (status = 401, description = "not_signed_in"),
    (status = 403, description = "not_allowed"), (status = 404, description = "not_found"),
    (status = 422, description = "invalid_value"), (status = 429, description = "rate_limited")))]
pub(crate) async fn change(
    State(social): State<Social>,
    viewer: Viewer,
    id: Segment,
    JsonBody(change): JsonBody<ConversationChange>,
) -> Result<Json<Conversation>, ApiError> {
    if !social.limits.edits.charge(&viewer.account, social.clock.now().at) {
        return Err(ApiError::rate_limited());
    }
    let id = ConversationId(id.id()?);
    if let Some(title) = change.title {
        write::rename(&social, &viewer, (id, &rules::title(&title)?)).await?;
    }
    if let Some(is_muted) = change.is_muted {
        write::mute(&social, &viewer, (id, is_muted)).await?;
    }
    Ok(Json(shown(&social, viewer.account, id).await?))
}
