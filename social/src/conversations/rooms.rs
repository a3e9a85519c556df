//! `/api/v1/chat-rooms`: rooms for text that are gone after a week, with all that was written in them.
//!
//! A room is a conversation: everything else about it is that of conversations. Public ones are in a list and let everybody
//! in; into a private one its people invite, or let in who asks. Whoever comes reads all that was written.

pub(crate) mod expiry;
pub(crate) mod store;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use self::store::RoomRow;
use super::routes::shown;
use super::store::New;
use super::{ChatRoom, Conversation, ConversationKind, MemberState, Role, rules, store as conversations, write};
use crate::auth::Viewer;
use crate::body::{JsonBody, Params, Segment};
use crate::error::ApiError;
use crate::events::{Hint, News};
use crate::id::ConversationId;
use crate::limits::{MAX_ROOM_MEMBERS, MAX_ROOMS, ROOM_LIFETIME};
use crate::notifications::forget::forget_conversation;
use crate::page::{Page, PageQuery};
use crate::state::Social;

/// A room to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRoom {
    /// Its name.
    #[schema(min_length = 1, max_length = 100)]
    title: String,
    /// Whether everybody finds it and may come.
    is_public: bool,
    /// Who is invited to it.
    #[serde(default)]
    #[schema(max_items = 50)]
    people: Vec<String>,
}

/// The public rooms, those with the last messages first.
#[utoipa::path(get, path = "/api/v1/chat-rooms", tag = "conversations", params(PageQuery), responses(
    (status = 200, body = Page<ChatRoom>), (status = 401, description = "not_signed_in")))]
pub(crate) async fn list(
    State(social): State<Social>,
    viewer: Viewer,
    Params(query): Params<PageQuery>,
) -> Result<Json<Page<ChatRoom>>, ApiError> {
    let found = store::public(&mut social.db(), viewer.account, query.window()?).await?;
    Ok(Json(query.page(found, RoomRow::cursor, RoomRow::show)))
}

/// Makes a room, which is deleted after a week.
#[utoipa::path(post, path = "/api/v1/chat-rooms", tag = "conversations", request_body = NewRoom, responses(
    (status = 201, body = Conversation), (status = 401, description = "not_signed_in"),
    (status = 409, description = "limit_reached"), (status = 422, description = "invalid_value"),
    (status = 429, description = "rate_limited")))]
pub(crate) async fn create(
    State(social): State<Social>,
    viewer: Viewer,
    JsonBody(NewRoom { title, is_public, people }): JsonBody<NewRoom>,
) -> Result<(StatusCode, Json<Conversation>), ApiError> {
    let title = rules::title(&title)?;
    rules::invited(&people)?;
    let now = social.clock.now();
    if !social.limits.conversations.charge(&viewer.account, now.at) {
        return Err(ApiError::rate_limited());
    }
    if store::owned(&mut social.db(), viewer.account).await? >= MAX_ROOMS {
        return Err(ApiError::limit_reached("one looks after at most 20 rooms"));
    }
    let kind = if is_public { ConversationKind::PublicRoom } else { ConversationKind::PrivateRoom };
    let new = New::Room(kind, &title, now.millis_after(ROOM_LIFETIME));
    let id = write::make(&social, &viewer, new, &people).await?;
    Ok((StatusCode::CREATED, Json(shown(&social, viewer.account, id).await?)))
}

/// Comes into a public room, or asks to be let into a private one.
#[utoipa::path(put, path = "/api/v1/chat-rooms/{id}/membership", tag = "conversations", params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = Conversation), (status = 401, description = "not_signed_in"),
    (status = 404, description = "not_found"), (status = 409, description = "limit_reached"),
    (status = 429, description = "rate_limited")))]
pub(crate) async fn join(
    State(social): State<Social>,
    viewer: Viewer,
    id: Segment,
) -> Result<Json<Conversation>, ApiError> {
    let now = social.clock.now();
    if !social.limits.conversations.charge(&viewer.account, now.at) {
        return Err(ApiError::rate_limited());
    }
    let id = ConversationId(id.id()?);
    let mut news = News::default();
    let mut tx = social.db().begin().await?;
    conversations::lock(&mut tx, id).await?;
    let kind = store::kind(&mut tx, id).await?.ok_or_else(ApiError::not_found)?;
    let state = match ConversationKind::parse(&kind) {
        ConversationKind::PublicRoom => MemberState::Joined,
        _ => MemberState::Asking,
    };
    if conversations::size(&mut tx, id).await? >= MAX_ROOM_MEMBERS {
        return Err(ApiError::limit_reached("a room has at most 5000 people"));
    }
    write::has_room(&mut tx, viewer.account).await?;
    let is_new = conversations::add_member(&mut tx, (id, viewer.account), (Role::Member, state), now).await?;
    // Whoever was invited before has come by themselves.
    if is_new || (state == MemberState::Joined && conversations::join(&mut tx, id, viewer.account, now).await?) {
        forget_conversation(&mut tx, &mut news, (viewer.account, id), now).await?;
        news.hint(Hint::Conversation { account: viewer.account, conversation: id });
    }
    tx.commit().await?;
    social.tell(news);
    Ok(Json(shown(&social, viewer.account, id).await?))
}
