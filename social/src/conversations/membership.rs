//! `/api/v1/conversations/{id}/members`: who is in a conversation, and coming and going.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::routes::shown;
use super::store::{self, MemberRow};
use super::{Conversation, Member, MemberState, Role, write};
use crate::auth::Viewer;
use crate::body::{JsonBody, Params, Segment, Segments};
use crate::error::ApiError;
use crate::id::ConversationId;
use crate::page::{Cursor, Page, PageQuery};
use crate::state::Social;

/// What somebody may do from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoleChange {
    role: Role,
}

/// Which members.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct MembersQuery {
    /// Those who ask to be let in, and no others; for those who may let them in.
    #[serde(default)]
    asking: bool,
    /// The `next` of the page before.
    after: Option<String>,
    /// The most items, from 1 to 100.
    limit: Option<usize>,
}

/// Who is in a conversation of the one who asks, those who came first at first. Whom one has blocked is not shown.
#[utoipa::path(get, path = "/api/v1/conversations/{id}/members", tag = "conversations",
    params(("id" = Uuid, Path), MembersQuery), responses((status = 200, body = Page<Member>),
    (status = 401, description = "not_signed_in"), (status = 403, description = "not_allowed"), (status = 404, description = "not_found")))]
pub(crate) async fn list(
    State(social): State<Social>,
    viewer: Viewer,
    id: Segment,
    Params(MembersQuery { asking, after, limit }): Params<MembersQuery>,
) -> Result<Json<Page<Member>>, ApiError> {
    let query = PageQuery::new(after, limit);
    let id = ConversationId(id.id()?);
    let mut db = social.db();
    let row = store::find(&mut db, viewer.account, id).await?.ok_or_else(ApiError::not_found)?;
    // Whoever was invited sees who is there before they say yes, and not what was read; who asks sees nothing yet.
    if row.state() == MemberState::Asking {
        return Err(ApiError::not_found());
    }
    if asking && row.role() == Role::Member {
        return Err(ApiError::not_allowed("only who looks after the room may see who asks"));
    }
    let found = store::members(&mut db, viewer.account, (id, asking), query.window_from(Cursor::OLDEST)?).await?;
    let is_in = row.state() == MemberState::Joined;
    let show = |row: MemberRow| {
        let member = row.show();
        let read_to = if is_in { member.read_to } else { 0 };
        Member { read_to, ..member }
    };
    Ok(Json(query.page(found, MemberRow::cursor, show)))
}

/// Invites somebody to a group.
#[utoipa::path(put, path = "/api/v1/conversations/{id}/members/{username}", tag = "conversations",
    params(("id" = Uuid, Path), ("username" = String, Path)), responses((status = 204),
    (status = 401, description = "not_signed_in"), (status = 403, description = "not_allowed"),
    (status = 404, description = "not_found"), (status = 409, description = "limit_reached"),
    (status = 429, description = "rate_limited")))]
pub(crate) async fn invite(
    State(social): State<Social>,
    viewer: Viewer,
    Segments(id, Segment(username)): Segments,
) -> Result<StatusCode, ApiError> {
    if !social.limits.conversations.charge(&viewer.account, social.clock.now().at) {
        return Err(ApiError::rate_limited());
    }
    write::invite(&social, &viewer, (ConversationId(id.id()?), &username)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes somebody from a group, or takes an invitation back.
#[utoipa::path(delete, path = "/api/v1/conversations/{id}/members/{username}", tag = "conversations",
    params(("id" = Uuid, Path), ("username" = String, Path)), responses((status = 204),
    (status = 401, description = "not_signed_in"), (status = 403, description = "not_allowed"),
    (status = 404, description = "not_found")))]
pub(crate) async fn remove(
    State(social): State<Social>,
    viewer: Viewer,
    Segments(id, Segment(username)): Segments,
) -> Result<StatusCode, ApiError> {
    write::remove(&social, &viewer, (ConversationId(id.id()?), &username)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Changes what somebody in a group may do. Who makes another one owner is a moderator afterwards.
#[utoipa::path(patch, path = "/api/v1/conversations/{id}/members/{username}", tag = "conversations",
    params(("id" = Uuid, Path), ("username" = String, Path)), request_body = RoleChange, responses((status = 204),
    (status = 401, description = "not_signed_in"), (status = 403, description = "not_allowed"),
    (status = 404, description = "not_found"), (status = 422, description = "invalid_value"),
    (status = 429, description = "rate_limited")))]
pub(crate) async fn set_role(
    State(social): State<Social>,
    viewer: Viewer,
    Segments(id, Segment(username)): Segments,
    JsonBody(RoleChange { role }): JsonBody<RoleChange>,
) -> Result<StatusCode, ApiError> {
    if !social.limits.edits.charge(&viewer.account, social.clock.now().at) {
        return Err(ApiError::rate_limited());
    }
    write::set_role(&social, &viewer, (ConversationId(id.id()?), &username), role).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Says yes: to a stranger who has written, or to an invitation.
#[utoipa::path(put, path = "/api/v1/conversations/{id}/membership", tag = "conversations", params(("id" = Uuid, Path)),
    responses((status = 200, body = Conversation), (status = 401, description = "not_signed_in"),
    (status = 404, description = "not_found")))]
pub(crate) async fn accept(
    State(social): State<Social>,
    viewer: Viewer,
    id: Segment,
) -> Result<Json<Conversation>, ApiError> {
    let id = ConversationId(id.id()?);
    write::accept(&social, &viewer, id).await?;
    Ok(Json(shown(&social, viewer.account, id).await?))
}

/// Leaves a group, or says no to an invitation or to a stranger who has written.
#[utoipa::path(delete, path = "/api/v1/conversations/{id}/membership", tag = "conversations",
    params(("id" = Uuid, Path)), responses((status = 204), (status = 401, description = "not_signed_in"),
    (status = 404, description = "not_found"), (status = 422, description = "invalid_value")))]
pub(crate) async fn leave(State(social): State<Social>, viewer: Viewer, id: Segment) -> Result<StatusCode, ApiError> {
    write::leave(&social, &viewer, ConversationId(id.id()?)).await?;
    Ok(StatusCode::NO_CONTENT)
}
