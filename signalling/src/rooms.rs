//! `/api/v1/rooms`: making a room, looking at one, asking to join.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use confab_sfu::id::RoomId;
use serde::{Deserialize, Serialize};

use crate::error::ApiError;
use crate::limits::{MAX_NAME, MAX_ROOM_NAME, MAX_SHOWN_PARTICIPANTS};
use crate::links::{Link, LinkError};
use crate::metrics::label;
use crate::protocol::{ErrorCode, Role, VideoCodec};
use crate::room::{Joiner, Person, Summary};
use crate::tickets::Ticket;
use crate::{AppState, WEBSOCKET_PATH};
use confab_social::auth::Viewer;
use confab_social::body::JsonBody;
use confab_social::caller::Caller;
use confab_social::names;
use confab_social::secrets::{Secret, SecretHash};

/// The body of `POST /api/v1/rooms`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CreateRoom {
    name: Option<String>,
    codec: VideoCodec,
    /// Whether people without an account may join; they may unless this says no.
    guests: Option<bool>,
}

#[derive(Serialize)]
struct CreatedRoom {
    id: RoomId,
    url: String,
    host_key: String,
}

/// The body of `POST /api/v1/rooms/{id}/join`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JoinRoom {
    /// For guests; who is signed in joins with the account's name.
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    host_key: Option<String>,
}

#[derive(Serialize)]
struct Joined {
    ticket: String,
    url: &'static str,
}

#[derive(Serialize)]
struct ShownRoom {
    id: RoomId,
    name: Option<String>,
    guests: bool,
    locked: bool,
    participants: Vec<ShownParticipant>,
    participant_count: usize,
}

#[derive(Serialize)]
struct ShownParticipant {
    name: String,
}

/// Makes a room and tells its maker the key that makes hosts.
///
/// # Errors
/// A bad name, too many calls, or a disk that refuses.
pub async fn create(
    State(state): State<AppState>,
    caller: Caller,
    viewer: Option<Viewer>,
    JsonBody(wish): JsonBody<CreateRoom>,
) -> Result<impl IntoResponse, ApiError> {
    let services = &state.services;
    let now = services.clock.now();
    if !state.limits.creations.charge(caller.address, now.at) {
        return Err(ApiError::rate_limited());
    }
    let name = match wish.name.filter(|name| !name.trim().is_empty()) {
        Some(name) => Some(names::clean(&name, MAX_ROOM_NAME).ok_or_else(|| invalid_name(MAX_ROOM_NAME))?),
        None => None,
    };
    let (id, host_key) = services.rng.with(|rng| (RoomId::random(rng), Secret::random(rng)));
    let owner = viewer.as_ref().map(|viewer| viewer.account);
    let (codec, guests) = (wish.codec, wish.guests.unwrap_or(true));
    if owner.is_none() && !guests {
        return Err(ApiError::new(ErrorCode::SignInRequired, "who keeps guests out must be signed in"));
    }
    let activity = name.clone();
    let link = Link { name, codec, host_key: host_key.hash(), owner, guests, used_millis: now.unix_millis };
    services.links.create(id, link).await.map_err(|error| match error {
        LinkError::TooMany => ApiError::new(ErrorCode::RateLimited, "there are too many rooms on this server"),
        LinkError::Store(error) => {
            tracing::error!("cannot store a room: {error}");
            ApiError::internal().with_status(StatusCode::INSUFFICIENT_STORAGE)
        }
    })?;
    if let Some(viewer) = viewer {
        state.social.note_meeting(&viewer, activity).await;
    }
    let base = state.config.public_url.clone().or(caller.own_origin).unwrap_or_default();
    let body = CreatedRoom { id, url: format!("{base}/r/{id}"), host_key: host_key.expose().to_owned() };
    Ok((StatusCode::CREATED, [(header::LOCATION, format!("/api/v1/rooms/{id}"))], Json(body)))
}

/// What somebody may see who knows the id.
///
/// # Errors
/// No such room, or too many tries.
pub async fn show(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<impl IntoResponse, ApiError> {
    let (id, link) = look_up(&state, &caller, &id)?;
    let summary = summary(&state, id).await;
    let participant_count = summary.names.len();
    let shown = summary.names.into_iter().take(MAX_SHOWN_PARTICIPANTS);
    let participants = shown.map(|name| ShownParticipant { name }).collect();
    let body =
        ShownRoom { id, name: link.name, guests: link.guests, locked: summary.locked, participants, participant_count };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(body)))
}

/// Hands out a ticket for the WebSocket.
///
/// # Errors
/// No such room, a bad name, a wrong key, a locked or full room, too many calls.
pub async fn join(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
    viewer: Option<Viewer>,
    JsonBody(wish): JsonBody<JoinRoom>,
) -> Result<impl IntoResponse, ApiError> {
    let joined = admit(&state, &id, &caller, viewer, wish).await;
    joined.map(|joined| ([(header::CACHE_CONTROL, "no-store")], Json(joined))).inspect_err(|error| {
        state.services.metrics.join(&label(&error.code()));
    })
}

async fn admit(
    state: &AppState,
    id: &str,
    caller: &Caller,
    viewer: Option<Viewer>,
    wish: JoinRoom,
) -> Result<Joined, ApiError> {
    let services = &state.services;
    let now = services.clock.now();
    if !state.limits.joins.charge(caller.address, now.at) {
        return Err(ApiError::rate_limited());
    }
    let (id, link) = look_up(state, caller, id)?;
    let role = role(&link, viewer.as_ref(), wish.host_key.as_deref())?;
    if viewer.is_none() && !link.guests && role != Role::Host {
        return Err(ApiError::new(ErrorCode::SignInRequired, "this room takes only people who are signed in"));
    }
    let joiner = joiner(state, viewer, wish.name, role).await?;
    let summary = summary(state, id).await;
    if summary.locked && role != Role::Host {
        return Err(ApiError::new(ErrorCode::RoomLocked, "the room is locked"));
    }
    if summary.full {
        return Err(ApiError::new(ErrorCode::RoomFull, "the room is full"));
    }
    let ticket = services.rng.with(|rng| Ticket::new(id, joiner, now, rng));
    let ticket = state.tickets.sign(&ticket).map_err(|error| {
        tracing::error!("cannot sign a ticket: {error}");
        ApiError::internal()
    })?;
    Ok(Joined { ticket, url: WEBSOCKET_PATH })
}

/// A host is who made the room with an account, or who has its key.
fn role(link: &Link, viewer: Option<&Viewer>, host_key: Option<&str>) -> Result<Role, ApiError> {
    let is_owner = viewer.is_some_and(|viewer| link.owner == Some(viewer.account));
    match host_key {
        _ if is_owner => Ok(Role::Host),
        None => Ok(Role::Guest),
        Some(key) if SecretHash::of(key) == link.host_key => Ok(Role::Host),
        Some(_) => Err(ApiError::new(ErrorCode::NotAllowed, "this is not the room's host key")),
    }
}

/// Who is signed in has the account's name and picture, and nobody else can have them; a guest says a name.
async fn joiner(
    state: &AppState,
    viewer: Option<Viewer>,
    name: Option<String>,
    role: Role,
) -> Result<Joiner, ApiError> {
    let person = match viewer {
        Some(viewer) => state.social.participant(&viewer).await.map(|found| found.map(|person| (viewer, person))),
        None => Ok(None),
    };
    let person = person.map_err(|error| {
        tracing::error!("cannot look up who joins: {error}");
        ApiError::internal()
    })?;
    if let Some((viewer, confab_social::profiles::Participant { name, picture })) = person {
        let name = name.chars().take(MAX_NAME).collect();
        return Ok(Joiner { name, role, person: Some(Person { viewer, picture }) });
    }
    let name = names::clean(&name.unwrap_or_default(), MAX_NAME).ok_or_else(|| invalid_name(MAX_NAME))?;
    Ok(Joiner { name, role, person: None })
}

/// Finds a room. Who asks for too many that do not exist gets no answers for a while.
fn look_up(state: &AppState, caller: &Caller, id: &str) -> Result<(RoomId, Link), ApiError> {
    let now = state.services.clock.now();
    if !state.limits.misses.allows(caller.address, now.at) {
        return Err(ApiError::rate_limited());
    }
    let found = id.parse().ok().and_then(|id| Some((id, state.services.links.resolve(id, now)?)));
    found.ok_or_else(|| {
        state.limits.misses.charge(caller.address, now.at);
        ApiError::room_not_found()
    })
}

async fn summary(state: &AppState, id: RoomId) -> Summary {
    match state.registry.get(id) {
        Some(room) => room.inspect().await.unwrap_or_default(),
        None => Summary::default(),
    }
}

fn invalid_name(max: usize) -> ApiError {
    ApiError::new(
        ErrorCode::InvalidValue,
        format!("name: 1 to {max} characters, no control characters and none that turn text around"),
    )
}
