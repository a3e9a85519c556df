//! `/api/v1/conversations/{id}/messages` and `/api/v1/messages`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::store::MessageRow;
use super::write::{self, Draft};
use super::{Message, MessageChanges, rules, store};
use crate::auth::Viewer;
use crate::body::{JsonBody, Params, Segment};
use crate::conversations::store as conversations;
use crate::error::ApiError;
use crate::id::{AccountId, ConversationId, MessageId};
use crate::limits::CHANGE_BATCH;
use crate::page::{Cursor, Page, PageQuery};
use crate::state::Social;

/// A message to be written.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewMessage {
    /// Made up by the client; sent again, it writes no second message.
    client_id: Uuid,
    /// May be empty if something is attached.
    #[schema(max_length = 4000)]
    text: String,
    /// The message that it answers.
    reply_to: Option<Uuid>,
    /// Uploads of the author's that are complete and in no other message.
    #[serde(default)]
    #[schema(max_items = 10)]
    attachments: Vec<Uuid>,
}

/// A change of a message.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MessageChange {
    #[schema(min_length = 1, max_length = 4000)]
    text: String,
}

/// What one has read.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReadMark {
    /// The number of the last message that was shown.
    seq: i64,
}

/// Since when.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ChangesQuery {
    /// All changes up to this number are known; none, if it is absent.
    #[serde(default)]
    after: i64,
}

/// What to look for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchQuery {
    /// What the messages say, in any letter case, with or without accents.
    #[param(min_length = 1, max_length = 100)]
    q: String,
    /// The `next` of the page before.
    after: Option<String>,
    /// The most items, from 1 to 100.
    limit: Option<usize>,
}

fn cursor(row: &MessageRow) -> Cursor {
    Cursor { at: row.seq, id: row.id.0 }
}

/// Messages of a conversation of the one who asks, the last first.
#[utoipa::path(get, path = "/api/v1/conversations/{id}/messages", tag = "messages", params(("id" = Uuid, Path), PageQuery),
    responses((status = 200, body = Page<Message>), (status = 401, description = "not_signed_in"),
    (status = 404, description = "not_found")))]
pub(crate) async fn list(
    State(social): State<Social>,
    viewer: Viewer,
    id: Segment,
    Params(query): Params<PageQuery>,
) -> Result<Json<Page<Message>>, ApiError> {
    let id = ConversationId(id.id()?);
    let mut db = social.db();
    conversations::find(&mut db, viewer.account, id).await?.ok_or_else(ApiError::not_found)?;
    let (after, most) = query.window()?;
    let found = store::before(&mut db, viewer.account, id, (after.at, most)).await?;
    let Page { items, next } = query.page(found, cursor, |row| row);
    Ok(Json(Page { items: store::show(&mut db, items).await?, next }))
}

/// Messages that are new or have changed since a number, at most 100 of them at once.
#[utoipa::path(get, path = "/api/v1/conversations/{id}/changes", tag = "messages",
    params(("id" = Uuid, Path), ChangesQuery), responses((status = 200, body = MessageChanges),
    (status = 401, description = "not_signed_in"), (status = 404, description = "not_found")))]
pub(crate) async fn changes(
    State(social): State<Social>,
    viewer: Viewer,
    id: Segment,
    Params(ChangesQuery { after }): Params<ChangesQuery>,
) -> Result<Json<MessageChanges>, ApiError> {
    let id = ConversationId(id.id()?);
    let mut db = social.db();
    // Asked first: what is changed meanwhile is in the list, perhaps, and in the next one.
    let row = conversations::find(&mut db, viewer.account, id).await?.ok_or_else(ApiError::not_found)?;
    let mut found = store::changed(&mut db, viewer.account, id, (after, CHANGE_BATCH + 1)).await?;
    let more = i64::try_from(found.len()).unwrap_or(i64::MAX) > CHANGE_BATCH;
    found.truncate(usize::try_from(CHANGE_BATCH).unwrap_or(0));
    let last = found.last().map_or(after, |row| row.changed);
    let seq = if more { last } else { last.max(row.seq) };
    Ok(Json(MessageChanges { items: store::show(&mut db, found).await?, seq, more }))
}

/// Messages of a conversation that say something, the last first.
#[utoipa::path(get, path = "/api/v1/conversations/{id}/search", tag = "messages",
    params(("id" = Uuid, Path), SearchQuery), responses((status = 200, body = Page<Message>),
    (status = 401, description = "not_signed_in"), (status = 404, description = "not_found"),
    (status = 422, description = "invalid_value"), (status = 429, description = "rate_limited")))]
pub(crate) async fn search(
    State(social): State<Social>,
    viewer: Viewer,
    id: Segment,
    Params(SearchQuery { q, after, limit }): Params<SearchQuery>,
) -> Result<Json<Page<Message>>, ApiError> {
    if !social.limits.searches.charge(&viewer.account, social.clock.now().at) {
        return Err(ApiError::rate_limited());
    }
    let id = ConversationId(id.id()?);
    let query = PageQuery::new(after, limit);
    let (after, most) = query.window()?;
    let wanted = rules::wanted(&q)?;
    let mut db = social.db();
    conversations::find(&mut db, viewer.account, id).await?.ok_or_else(ApiError::not_found)?;
    let found = store::search(&mut db, viewer.account, id, &wanted, (after.at, most)).await?;
    let Page { items, next } = query.page(found, cursor, |row| row);
    Ok(Json(Page { items: store::show(&mut db, items).await?, next }))
}

/// Writes a message. Sent again with the same `client_id` it answers with the message that there is, by 200.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/messages", tag = "messages", params(("id" = Uuid, Path)),
    request_body = NewMessage, responses(
    (status = 201, body = Message), (status = 200, body = Message), (status = 401, description = "not_signed_in"),
    (status = 404, description = "not_found"), (status = 409, description = "limit_reached"),
    (status = 422, description = "invalid_value"), (status = 429, description = "rate_limited")))]
pub(crate) async fn create(
    State(social): State<Social>,
    viewer: Viewer,
    id: Segment,
    JsonBody(new): JsonBody<NewMessage>,
) -> Result<(StatusCode, Json<Message>), ApiError> {
    let NewMessage { client_id, text, reply_to, attachments } = new;
    let conversation = ConversationId(id.id()?);
    let attachments = rules::attachments(attachments)?;
    let text = if attachments.is_empty() { rules::text(&text)? } else { rules::text_beside(&text)? };
    let draft = Draft { client_id, text, reply_to: reply_to.map(MessageId), attachments };
    let mut db = social.db();
    let mut made = None;
    let known = store::by_client_id(&mut db, viewer.account, client_id).await?;
    if known.is_none() {
        if !social.limits.messages.charge(&viewer.account, social.clock.now().at) {
            return Err(ApiError::rate_limited());
        }
        made = write::create(&social, &viewer, conversation, &draft).await?;
    }
    let (status, id) = match (known, made) {
        (None, Some(id)) => (StatusCode::CREATED, Some(id)),
        (Some(id), _) => (StatusCode::OK, Some(id)),
        // The same was sent twice at once, and the other one was quicker.
        (None, None) => (StatusCode::OK, store::by_client_id(&mut db, viewer.account, client_id).await?),
    };
    let id = id.ok_or_else(ApiError::not_found)?;
    Ok((status, Json(shown(&social, viewer.account, id).await?)))
}

async fn shown(social: &Social, viewer: AccountId, id: MessageId) -> Result<Message, ApiError> {
    store::by_ids(&mut social.db(), viewer, &[id]).await?.pop().ok_or_else(ApiError::not_found)
}

/// Notes what one has read, in all tabs.
#[utoipa::path(put, path = "/api/v1/conversations/{id}/read", tag = "messages", params(("id" = Uuid, Path)),
    request_body = ReadMark, responses((status = 204), (status = 401, description = "not_signed_in"),
    (status = 404, description = "not_found"), (status = 429, description = "rate_limited")))]
pub(crate) async fn read(
    State(social): State<Social>,
    viewer: Viewer,
    id: Segment,
    JsonBody(ReadMark { seq }): JsonBody<ReadMark>,
) -> Result<StatusCode, ApiError> {
    if !social.limits.reads.charge(&viewer.account, social.clock.now().at) {
        return Err(ApiError::rate_limited());
    }
    write::read(&social, &viewer, (ConversationId(id.id()?), seq)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Deletes all messages of a conversation, for the one who asks and nobody else.
#[utoipa::path(delete, path = "/api/v1/conversations/{id}/messages", tag = "messages", params(("id" = Uuid, Path)),
    responses((status = 204), (status = 401, description = "not_signed_in"), (status = 404, description = "not_found")))]
pub(crate) async fn clear(State(social): State<Social>, viewer: Viewer, id: Segment) -> Result<StatusCode, ApiError> {
    write::clear(&social, &viewer, ConversationId(id.id()?)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Changes a message of the one who asks.
#[utoipa::path(patch, path = "/api/v1/messages/{id}", tag = "messages", params(("id" = Uuid, Path)),
    request_body = MessageChange, responses((status = 200, body = Message),
    (status = 401, description = "not_signed_in"), (status = 404, description = "not_found"),
    (status = 422, description = "invalid_value"), (status = 429, description = "rate_limited")))]
pub(crate) async fn change(
    State(social): State<Social>,
    viewer: Viewer,
    id: Segment,
    JsonBody(change): JsonBody<MessageChange>,
) -> Result<Json<Message>, ApiError> {
    if !social.limits.edits.charge(&viewer.account, social.clock.now().at) {
        return Err(ApiError::rate_limited());
    }
    let id = MessageId(id.id()?);
    write::change(&social, &viewer, id, &change.text).await?;
    Ok(Json(shown(&social, viewer.account, id).await?))
}

/// Deletes a message for all: one's own, or any of a group that one looks after.
#[utoipa::path(delete, path = "/api/v1/messages/{id}", tag = "messages", params(("id" = Uuid, Path)), responses(
    (status = 204), (status = 401, description = "not_signed_in"), (status = 404, description = "not_found")))]
pub(crate) async fn remove(State(social): State<Social>, viewer: Viewer, id: Segment) -> Result<StatusCode, ApiError> {
    write::remove(&social, &viewer, MessageId(id.id()?)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Deletes a message for the one who asks and nobody else.
#[utoipa::path(delete, path = "/api/v1/messages/{id}/copy", tag = "messages", params(("id" = Uuid, Path)), responses(
    (status = 204), (status = 401, description = "not_signed_in"), (status = 404, description = "not_found")))]
pub(crate) async fn hide(State(social): State<Social>, viewer: Viewer, id: Segment) -> Result<StatusCode, ApiError> {
    write::hide(&social, &viewer, MessageId(id.id()?)).await?;
    Ok(StatusCode::NO_CONTENT)
}
