//! Signing in and out, and the list of sessions.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse};
use serde::Deserialize;
use utoipa::ToSchema;

use super::store::{self, Login, Place, Session};
use super::{LoginEntry, LoginOutcome, SessionInfo, SessionList};
use crate::accounts::store::Account;
use crate::accounts::{self, Me, own, rules};
use crate::activity::{self, ActivityKind};
use crate::auth::password::Verdict;
use crate::auth::{Password, Viewer, cookie};
use crate::body::{JsonBody, Params, Segment};
use crate::caller::Caller;
use crate::device;
use crate::error::{ApiError, Code};
use crate::events::Revoked;
use crate::id::SessionId;
use crate::limits::{MAX_IDENTIFIER, MAX_USER_AGENT};
use crate::names;
use crate::page::{Cursor, Page, PageQuery};
use crate::secrets::{Secret, SecretHash};
use crate::state::Social;

/// Who somebody claims to be, and the proof.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Credentials {
    /// The e-mail address or the username.
    #[schema(max_length = 254)]
    identifier: String,
    password: Password,
}

/// Nothing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Empty {}

/// Signs in: the answer sets the session's cookie.
#[utoipa::path(post, path = "/api/v1/auth/login", tag = "auth", request_body = Credentials, responses(
    (status = 200, body = Me), (status = 401, description = "wrong_credentials"),
    (status = 403, description = "email_not_verified, deletion_pending or suspended"),
    (status = 429, description = "rate_limited"), (status = 503, description = "busy")))]
pub(crate) async fn login(
    State(social): State<Social>,
    caller: Caller,
    headers: HeaderMap,
    JsonBody(claim): JsonBody<Credentials>,
) -> Result<impl IntoResponse, ApiError> {
    let proved = prove(&social, &caller, &headers, claim).await?;
    if let Some(at) = proved.account.deletion_at {
        return Err(ApiError::deletion_pending(at));
    }
    begin(&social, &caller, &headers, proved, None).await
}

/// Restores an account that is to be deleted, and signs in.
#[utoipa::path(post, path = "/api/v1/auth/restore", tag = "auth", request_body = Credentials, responses(
    (status = 200, body = Me), (status = 401, description = "wrong_credentials"),
    (status = 403, description = "email_not_verified or suspended"),
    (status = 429, description = "rate_limited"), (status = 503, description = "busy")))]
pub(crate) async fn restore(
    State(social): State<Social>,
    caller: Caller,
    headers: HeaderMap,
    JsonBody(claim): JsonBody<Credentials>,
) -> Result<impl IntoResponse, ApiError> {
    let proved = prove(&social, &caller, &headers, claim).await?;
    let restored = proved.account.deletion_at.map(|_| ActivityKind::DeletionCancelled);
    begin(&social, &caller, &headers, proved, restored).await
}

/// An account whose password somebody knows.
struct Proved {
    account: Account,
    /// Its password hashed anew, if the old hash is weak.
    rehashed: Option<String>,
    place: Place,
}

async fn prove(social: &Social, caller: &Caller, headers: &HeaderMap, claim: Credentials) -> Result<Proved, ApiError> {
    let now = social.clock.now();
    // What cannot be a name is not looked for: Postgres refuses a NUL.
    let name = names::clean(&claim.identifier, MAX_IDENTIFIER).ok_or_else(wrong_credentials)?;
    // By what was typed, known or not: the limit must not tell which names exist.
    let key = rules::email_key(&name);
    if !social.limits.logins.charge(caller.address, now.at) || !social.limits.names.charge(&key, now.at) {
        return Err(ApiError::rate_limited());
    }
    let account = match name.contains('@') {
        true => accounts::store::by_email(&mut social.db(), &key).await?,
        false => accounts::store::by_username(&mut social.db(), &rules::username_key(&name)).await?,
    };
    let stored = account.as_ref().map(|account| account.password.clone());
    let verdict = social.hasher.verify(claim.password, stored).await?;
    let place = place(caller, headers);
    let account = account.ok_or_else(wrong_credentials)?;
    let rehashed = match verdict {
        Verdict::Right => None,
        Verdict::RightButOld(hash) => Some(hash),
        Verdict::Wrong => {
            let (mut db, entry) = (social.db(), (social.entry_id(now), account.id));
            // Apart, so that the answer takes as long as for a name that does not exist.
            tokio::spawn(async move { store::note_login(&mut db, entry, &place, false, now).await });
            return Err(wrong_credentials());
        }
    };
    if account.is_suspended {
        return Err(ApiError::new(Code::Suspended, "this account was suspended"));
    }
    if account.verified_at.is_none() {
        return Err(ApiError::new(Code::EmailNotVerified, "open the link that was mailed to you first"));
    }
    Ok(Proved { account, rehashed, place })
}

/// Begins a session with a token of its own; the one that the browser had before ends, whoever planted it.
async fn begin(
    social: &Social,
    caller: &Caller,
    headers: &HeaderMap,
    proved: Proved,
    restored: Option<ActivityKind>,
) -> Result<(AppendHeaders<[(header::HeaderName, header::HeaderValue); 1]>, Json<Me>), ApiError> {
    let now = social.clock.now();
    let Proved { account, rehashed, place } = proved;
    let (token, session) = social.rng.with(|rng| (Secret::random(rng), SessionId::new(now, rng)));
    let mut tx = social.db().begin().await?;
    if let Some(old) = cookie::token(headers, caller) {
        store::end_by_token(&mut tx, SecretHash::of(old)).await?;
    }
    if let Some(hash) = rehashed {
        accounts::store::set_password(&mut tx, account.id, &hash).await?;
    }
    if let Some(kind) = restored {
        accounts::store::set_deletion(&mut tx, account.id, None).await?;
        activity::note(social, &mut tx, account.id, (kind, None)).await?;
    }
    store::begin(&mut tx, (session, account.id), token.hash(), &place, now).await?;
    store::note_login(&mut tx, (social.entry_id(now), account.id), &place, true, now).await?;
    let me = own::describe(&mut tx, account).await?;
    tx.commit().await?;
    Ok((AppendHeaders([(header::SET_COOKIE, cookie::give(&token, caller))]), Json(me)))
}

fn place(caller: &Caller, headers: &HeaderMap) -> Place {
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or("");
    let user_agent = agent.chars().take(MAX_USER_AGENT).collect();
    Place { user_agent, address: caller.address.to_string() }
}

fn wrong_credentials() -> ApiError {
    ApiError::new(Code::WrongCredentials, "no account has this name and password")
}

/// Signs out.
#[utoipa::path(post, path = "/api/v1/auth/logout", tag = "auth", request_body = Empty, responses((status = 204)))]
pub(crate) async fn logout(
    State(social): State<Social>,
    caller: Caller,
    viewer: Option<Viewer>,
    JsonBody(Empty {}): JsonBody<Empty>,
) -> Result<impl IntoResponse, ApiError> {
    if let Some(Viewer { account, session }) = viewer {
        store::end(&mut social.db(), account, session).await?;
        social.revoke(Revoked::Session(session));
    }
    Ok((StatusCode::NO_CONTENT, AppendHeaders([(header::SET_COOKIE, cookie::take(&caller))])))
}

/// The sessions of the one who asks.
#[utoipa::path(get, path = "/api/v1/me/sessions", tag = "me", responses(
    (status = 200, body = SessionList), (status = 401, description = "not_signed_in")))]
pub(crate) async fn list(State(social): State<Social>, viewer: Viewer) -> Result<Json<SessionList>, ApiError> {
    let found = store::of_account(&mut social.db(), viewer.account).await?;
    let mut items: Vec<_> = found.into_iter().map(|session| show(session, viewer.session)).collect();
    items.sort_by_key(|session| !session.is_current);
    Ok(Json(SessionList { items }))
}

pub(crate) fn show(session: Session, current: SessionId) -> SessionInfo {
    let Session { id, created_at, seen_at, user_agent, address, .. } = session;
    let device = device::name(&user_agent);
    SessionInfo { id: id.0, created_at, seen_at, device, address, is_current: id == current }
}

/// Ends a session of the one who asks: whatever is open in its name closes.
#[utoipa::path(delete, path = "/api/v1/me/sessions/{id}", tag = "me", params(("id" = Uuid, Path)), responses(
    (status = 204), (status = 401, description = "not_signed_in"), (status = 404, description = "not_found")))]
pub(crate) async fn revoke(State(social): State<Social>, viewer: Viewer, id: Segment) -> Result<StatusCode, ApiError> {
    let id = SessionId(id.id()?);
    let mut tx = social.db().begin().await?;
    if !store::end(&mut tx, viewer.account, id).await? {
        return Err(ApiError::not_found());
    }
    activity::note(&social, &mut tx, viewer.account, (ActivityKind::SessionsRevoked, None)).await?;
    tx.commit().await?;
    social.revoke(Revoked::Session(id));
    Ok(StatusCode::NO_CONTENT)
}

/// Ends all sessions of the one who asks but the current one.
#[utoipa::path(delete, path = "/api/v1/me/sessions", tag = "me", responses(
    (status = 204), (status = 401, description = "not_signed_in")))]
pub(crate) async fn revoke_others(State(social): State<Social>, viewer: Viewer) -> Result<StatusCode, ApiError> {
    let Viewer { account, session } = viewer;
    let mut tx = social.db().begin().await?;
    if store::end_all(&mut tx, account, Some(session)).await? > 0 {
        activity::note(&social, &mut tx, account, (ActivityKind::SessionsRevoked, None)).await?;
    }
    tx.commit().await?;
    social.revoke(Revoked::Account { account, but: Some(session) });
    Ok(StatusCode::NO_CONTENT)
}

/// Tries to sign in to the account of the one who asks, the newest first.
#[utoipa::path(get, path = "/api/v1/me/logins", tag = "me", params(PageQuery), responses(
    (status = 200, body = Page<LoginEntry>), (status = 401, description = "not_signed_in")))]
pub(crate) async fn logins(
    State(social): State<Social>,
    viewer: Viewer,
    Params(query): Params<PageQuery>,
) -> Result<Json<Page<LoginEntry>>, ApiError> {
    let found = store::logins(&mut social.db(), viewer.account, query.window()?).await?;
    let key = |login: &Login| Cursor { at: login.at, id: login.id.0 };
    Ok(Json(query.page(found, key, show_login)))
}

pub(crate) fn show_login(login: Login) -> LoginEntry {
    let Login { id, at, user_agent, address, succeeded } = login;
    let outcome = if succeeded { LoginOutcome::Succeeded } else { LoginOutcome::WrongPassword };
    LoginEntry { id: id.0, at, device: device::name(&user_agent), address, outcome }
}
