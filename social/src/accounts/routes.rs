//! `/api/v1/auth`, as far as it needs no session: register, verify, forgot, reset.
//!
//! What these answer, and how long they take, does not tell whether an address has an account: both ways do the same
//! work, and what differs is in the mail.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use super::rules;
use super::store::{self, Account, NewAccount, Purpose};
use crate::activity::{self, ActivityKind};
use crate::auth::Password;
use crate::body::JsonBody;
use crate::caller::Caller;
use crate::error::{ApiError, Code};
use crate::events::Revoked;
use crate::id::AccountId;
use crate::mail::jobs::{self, MailKind};
use crate::secrets::SecretHash;
use crate::sessions;
use crate::state::Social;

/// A new account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Register {
    #[schema(max_length = 254)]
    email: String,
    #[schema(min_length = 1, max_length = 60)]
    first_name: String,
    #[schema(min_length = 1, max_length = 60)]
    last_name: String,
    /// Letters a to z, digits, dots, hyphens and underscores; a letter or digit first.
    #[schema(min_length = 3, max_length = 30)]
    username: String,
    password: Password,
}

/// An e-mail address.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Email {
    #[schema(max_length = 254)]
    email: String,
}

/// What a link in a mail carries.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Token {
    token: String,
}

/// A new password, by a link from a mail.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reset {
    token: String,
    password: Password,
}

/// The answer to what may or may not send a mail.
#[derive(Serialize, ToSchema)]
pub(crate) struct Accepted {}

/// Whose address was verified.
#[derive(Serialize, TS, ToSchema)]
pub struct Verified {
    username: String,
}

type Answer = Result<(StatusCode, Json<Accepted>), ApiError>;

const ACCEPTED: (StatusCode, Json<Accepted>) = (StatusCode::ACCEPTED, Json(Accepted {}));

/// Makes an account, which can be used once its address is verified by the link that is mailed to it. If the address has
/// an account already, its owner is told by mail, and the answer is the same.
#[utoipa::path(post, path = "/api/v1/auth/register", tag = "auth", request_body = Register, responses(
    (status = 202, body = Accepted), (status = 409, description = "username_taken"),
    (status = 422, description = "invalid_value"), (status = 429, description = "rate_limited")))]
pub(crate) async fn register(
    State(social): State<Social>,
    caller: Caller,
    JsonBody(wish): JsonBody<Register>,
) -> Answer {
    if !social.config.registration {
        return Err(ApiError::not_found());
    }
    let username = rules::username(&wish.username)?;
    let email = rules::email(&wish.email)?;
    let first_name = rules::name(&wish.first_name, "first_name")?;
    let last_name = rules::name(&wish.last_name, "last_name")?;
    let password = wish.password.check("password")?;
    let now = social.clock.now();
    if !social.limits.registrations.charge(caller.address, now.at) {
        return Err(ApiError::rate_limited());
    }
    let password = social.hasher.hash(password).await?;
    let (username_key, email_key) = (rules::username_key(&username), rules::email_key(&email));
    let new = NewAccount {
        id: social.rng.with(|rng| AccountId::new(now, rng)),
        username: &username,
        username_key: &username_key,
        email: &email,
        email_key: &email_key,
        first_name: &first_name,
        last_name: &last_name,
        password: &password,
    };
    enter(&social, &new).await?;
    social.mail_waits.notify_one();
    Ok(ACCEPTED)
}

/// Writes a registration down. If the address has an account already, what is written is a decoy, which behaves like any
/// registration that nobody verifies: its username is taken for a while, and its password is answered in the same way.
async fn enter(social: &Social, new: &NewAccount<'_>) -> Result<(), ApiError> {
    let now = social.clock.now();
    let decoy_key = format!("!{}", SecretHash::of(new.email_key).to_text());
    let mut tx = social.db().begin().await?;
    store::forget_unverified(&mut tx, new.email_key, &decoy_key).await?;
    let known = store::by_email(&mut tx, new.email_key).await?;
    let made = match &known {
        None => store::create(&mut tx, new, now).await?,
        Some(_) => store::create(&mut tx, &NewAccount { email: "", email_key: &decoy_key, ..*new }, now).await?,
    };
    if !made {
        return Err(ApiError::username_taken());
    }
    activity::note(social, &mut tx, new.id, (ActivityKind::Registered, None)).await?;
    let (account, kind) = match known {
        None => (new.id, MailKind::Verify),
        Some(account) => (account.id, MailKind::AlreadyRegistered),
    };
    queue(social, &mut tx, new.email_key, Some(account), kind).await?;
    Ok(tx.commit().await?)
}

/// Puts a mail that anybody can ask for into the queue, unless the address had enough of them.
async fn queue(
    social: &Social,
    tx: &mut crate::db::Tx,
    email_key: &str,
    account: Option<AccountId>,
    kind: MailKind,
) -> Result<(), ApiError> {
    let now = social.clock.now();
    let account = account.filter(|_| social.limits.mails.charge(&email_key.to_owned(), now.at));
    Ok(jobs::queue(social, tx, account, kind).await?)
}

/// Mails the link to verify an address once more, if it has an account that waits for it.
#[utoipa::path(post, path = "/api/v1/auth/resend", tag = "auth", request_body = Email, responses(
    (status = 202, body = Accepted), (status = 429, description = "rate_limited")))]
pub(crate) async fn resend(State(social): State<Social>, caller: Caller, JsonBody(wish): JsonBody<Email>) -> Answer {
    let waits = |account: &Account| account.verified_at.is_none();
    mail_if(&social, &caller, &wish.email, waits, MailKind::Verify).await
}

/// Mails a link to set a new password, if the address has an account.
#[utoipa::path(post, path = "/api/v1/auth/forgot", tag = "auth", request_body = Email, responses(
    (status = 202, body = Accepted), (status = 429, description = "rate_limited")))]
pub(crate) async fn forgot(State(social): State<Social>, caller: Caller, JsonBody(wish): JsonBody<Email>) -> Answer {
    let may = |account: &Account| account.verified_at.is_some() && !account.is_suspended;
    mail_if(&social, &caller, &wish.email, may, MailKind::Reset).await
}

async fn mail_if(
    social: &Social,
    caller: &Caller,
    email: &str,
    condition: impl FnOnce(&Account) -> bool,
    kind: MailKind,
) -> Answer {
    let email_key = rules::email_key(&rules::email(email)?);
    if !social.limits.mail_requests.charge(caller.address, social.clock.now().at) {
        return Err(ApiError::rate_limited());
    }
    let mut tx = social.db().begin().await?;
    let account = store::by_email(&mut tx, &email_key).await?.filter(condition);
    queue(social, &mut tx, &email_key, account.map(|account| account.id), kind).await?;
    tx.commit().await?;
    social.mail_waits.notify_one();
    Ok(ACCEPTED)
}

/// Verifies an address by the token of a mailed link.
#[utoipa::path(post, path = "/api/v1/auth/verify", tag = "auth", request_body = Token, responses(
    (status = 200, body = Verified), (status = 400, description = "invalid_token"),
    (status = 429, description = "rate_limited")))]
pub(crate) async fn verify(
    State(social): State<Social>,
    caller: Caller,
    JsonBody(wish): JsonBody<Token>,
) -> Result<Json<Verified>, ApiError> {
    let now = social.clock.now();
    charge_token(&social, &caller)?;
    let mut tx = social.db().begin().await?;
    let spent = store::spend_token(&mut tx, SecretHash::of(&wish.token), Purpose::Verify, now).await?;
    let account = spent.ok_or_else(invalid_token)?;
    store::verify(&mut tx, account, now).await?;
    activity::note(&social, &mut tx, account, (ActivityKind::EmailVerified, None)).await?;
    let account = store::by_id(&mut tx, account).await?.ok_or_else(invalid_token)?;
    tx.commit().await?;
    Ok(Json(Verified { username: account.username }))
}

/// Sets a new password by the token of a mailed link; all sessions end.
#[utoipa::path(post, path = "/api/v1/auth/reset", tag = "auth", request_body = Reset, responses(
    (status = 204), (status = 400, description = "invalid_token"), (status = 422, description = "invalid_value"),
    (status = 429, description = "rate_limited")))]
pub(crate) async fn reset(
    State(social): State<Social>,
    caller: Caller,
    JsonBody(wish): JsonBody<Reset>,
) -> Result<StatusCode, ApiError> {
    let password = wish.password.check("password")?;
    let now = social.clock.now();
    charge_token(&social, &caller)?;
    let password = social.hasher.hash(password).await?;
    let mut tx = social.db().begin().await?;
    let spent = store::spend_token(&mut tx, SecretHash::of(&wish.token), Purpose::Reset, now).await?;
    let account = spent.ok_or_else(invalid_token)?;
    store::set_password(&mut tx, account, &password).await?;
    sessions::store::end_all(&mut tx, account, None).await?;
    activity::note(&social, &mut tx, account, (ActivityKind::PasswordReset, None)).await?;
    jobs::queue(&social, &mut tx, Some(account), MailKind::PasswordChanged).await?;
    tx.commit().await?;
    social.mail_waits.notify_one();
    social.revoke(Revoked::Account { account, but: None });
    Ok(StatusCode::NO_CONTENT)
}

fn charge_token(social: &Social, caller: &Caller) -> Result<(), ApiError> {
    let allowed = social.limits.tokens.charge(caller.address, social.clock.now().at);
    allowed.then_some(()).ok_or_else(ApiError::rate_limited)
}

fn invalid_token() -> ApiError {
    ApiError::new(Code::InvalidToken, "this link is unknown, used or expired; ask for a new one")
}
