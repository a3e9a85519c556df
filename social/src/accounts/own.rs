//! `/api/v1/me`: what an account does with itself.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use super::Me;
use super::store::{self, Account, Purpose};
use crate::activity::{self, ActivityKind};
use crate::auth::password::Verdict;
use crate::auth::{Password, Viewer, cookie};
use crate::body::JsonBody;
use crate::caller::Caller;
use crate::db::{DbError, Sql};
use crate::error::{ApiError, Code};
use crate::events::Revoked;
use crate::export::{self, Export};
use crate::mail::jobs::{self, MailKind};
use crate::profiles;
use crate::secrets::Secret;
use crate::sessions;
use crate::state::Social;

/// A change of the password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangePassword {
    current: Password,
    new: Password,
}

/// The account's password, for what cannot be undone or tells much.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Confirmation {
    password: Password,
}

/// An account that is to be deleted.
#[derive(Debug, Serialize, TS, ToSchema)]
pub struct DeletionPending {
    /// When it will be, in milliseconds since 1970; until then it can be restored.
    #[ts(type = "number")]
    pub deletion_at: i64,
}

/// The account as it sees itself.
pub(crate) async fn describe(db: &mut impl Sql, account: Account) -> Result<Me, DbError> {
    let picture = profiles::store::image(db, account.id, profiles::ImageKind::Picture).await?;
    let Account { id, username, first_name, last_name, email, is_admin, created_at, .. } = account;
    Ok(Me { id: id.0, username, first_name, last_name, email, is_admin, picture, created_at })
}

async fn account(social: &Social, viewer: &Viewer) -> Result<Account, ApiError> {
    let found = store::by_id(&mut social.db(), viewer.account).await?;
    found.ok_or_else(ApiError::not_signed_in)
}

/// The account that is signed in.
#[utoipa::path(get, path = "/api/v1/me", tag = "me", responses(
    (status = 200, body = Me), (status = 401, description = "not_signed_in")))]
pub(crate) async fn me(State(social): State<Social>, viewer: Viewer) -> Result<Json<Me>, ApiError> {
    let account = account(&social, &viewer).await?;
    Ok(Json(describe(&mut social.db(), account).await?))
}

/// Checks the password of the one who asks.
async fn confirm(social: &Social, viewer: &Viewer, password: Password) -> Result<Account, ApiError> {
    if !social.limits.confirmations.charge(&viewer.account, social.clock.now().at) {
        return Err(ApiError::rate_limited());
    }
    let account = account(social, viewer).await?;
    match social.hasher.verify(password, Some(account.password.clone())).await? {
        Verdict::Wrong => Err(ApiError::new(Code::WrongPassword, "this is not your password")),
        _ => Ok(account),
    }
}

/// Changes the password: all other sessions end, and this one goes on with another cookie.
#[utoipa::path(post, path = "/api/v1/me/password", tag = "me", request_body = ChangePassword, responses(
    (status = 204), (status = 401, description = "not_signed_in"), (status = 403, description = "wrong_password"),
    (status = 422, description = "invalid_value"), (status = 429, description = "rate_limited")))]
pub(crate) async fn change_password(
    State(social): State<Social>,
    caller: Caller,
    viewer: Viewer,
    JsonBody(wish): JsonBody<ChangePassword>,
) -> Result<impl IntoResponse, ApiError> {
    let new = wish.new.check("new")?;
    confirm(&social, &viewer, wish.current).await?;
    let hash = social.hasher.hash(new).await?;
    let Viewer { account, session } = viewer;
    let token = social.rng.with(Secret::random);
    let mut tx = social.db().begin().await?;
    store::set_password(&mut tx, account, &hash).await?;
    store::forget_tokens(&mut tx, account, Purpose::Reset).await?;
    sessions::store::end_all(&mut tx, account, Some(session)).await?;
    // Who changes the password may do so because somebody has a copy of the cookie.
    sessions::store::rotate(&mut tx, session, token.hash()).await?;
    activity::note(&social, &mut tx, account, (ActivityKind::PasswordChanged, None)).await?;
    jobs::queue(&social, &mut tx, Some(account), MailKind::PasswordChanged).await?;
    tx.commit().await?;
    social.mail_waits.notify_one();
    social.revoke(Revoked::Account { account, but: Some(session) });
    Ok((StatusCode::NO_CONTENT, AppendHeaders([(header::SET_COOKIE, cookie::give(&token, &caller))])))
}

/// All that the server knows of the one who asks, as one file.
#[utoipa::path(post, path = "/api/v1/me/export", tag = "me", request_body = Confirmation, responses(
    (status = 200, body = Export), (status = 401, description = "not_signed_in"),
    (status = 403, description = "wrong_password"), (status = 429, description = "rate_limited")))]
pub(crate) async fn export(
    State(social): State<Social>,
    viewer: Viewer,
    JsonBody(wish): JsonBody<Confirmation>,
) -> Result<impl IntoResponse, ApiError> {
    let account = confirm(&social, &viewer, wish.password).await?;
    let name = format!("attachment; filename=\"confab-{}.json\"", account.username);
    activity::note(&social, &mut social.db(), account.id, (ActivityKind::Exported, None)).await?;
    let export = export::collect(&social, &viewer, account).await?;
    Ok((AppendHeaders([(header::CONTENT_DISPOSITION, name)]), Json(export)))
}

/// Deletes the account, at first for a time in which it can be restored; all sessions end.
#[utoipa::path(post, path = "/api/v1/me/deletion", tag = "me", request_body = Confirmation, responses(
    (status = 200, body = DeletionPending), (status = 401, description = "not_signed_in"),
    (status = 403, description = "wrong_password"), (status = 429, description = "rate_limited")))]
pub(crate) async fn delete(
    State(social): State<Social>,
    caller: Caller,
    viewer: Viewer,
    JsonBody(wish): JsonBody<Confirmation>,
) -> Result<impl IntoResponse, ApiError> {
    let account = confirm(&social, &viewer, wish.password).await?.id;
    let now = social.clock.now();
    let deletion_at = now.millis_after(social.config.deletion_grace);
    let mut tx = social.db().begin().await?;
    store::set_deletion(&mut tx, account, Some(deletion_at)).await?;
    sessions::store::end_all(&mut tx, account, None).await?;
    activity::note(&social, &mut tx, account, (ActivityKind::DeletionRequested, None)).await?;
    jobs::queue(&social, &mut tx, Some(account), MailKind::DeletionRequested).await?;
    tx.commit().await?;
    social.mail_waits.notify_one();
    social.deletion_waits.notify_one();
    social.revoke(Revoked::Account { account, but: None });
    let cookie = AppendHeaders([(header::SET_COOKIE, cookie::take(&caller))]);
    Ok((cookie, Json(DeletionPending { deletion_at })))
}
