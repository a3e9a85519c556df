//! Who asks: the account behind the request's cookie.

use axum::extract::{FromRef, FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;

use serde::{Deserialize, Serialize};

use super::cookie;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::id::{AccountId, SessionId};
use crate::secrets::SecretHash;
use crate::sessions::store;
use crate::state::Social;

/// Somebody who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Viewer {
    /// The account.
    pub account: AccountId,
    /// The session by which it is signed in.
    pub session: SessionId,
}

impl Viewer {
    /// The viewer behind a request's cookie, if it is good.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of(parts: &Parts, caller: &Caller, social: &Social) -> Result<Option<Self>, ApiError> {
        let Some(token) = cookie::token(&parts.headers, caller) else { return Ok(None) };
        let now = social.clock.now();
        let Some(found) = store::by_token(&mut social.db(), SecretHash::of(token), now).await? else { return Ok(None) };
        if store::is_due(&found, now) {
            let (mut db, session) = (social.db(), found.id);
            // Nobody waits for this note, and losing it does no harm.
            tokio::spawn(async move { store::note_use(&mut db, session, now).await });
        }
        Ok(Some(Self { account: found.account_id, session: found.id }))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Viewer
where
    Social: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let viewer = <Self as OptionalFromRequestParts<S>>::from_request_parts(parts, state).await?;
        viewer.ok_or_else(ApiError::not_signed_in)
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for Viewer
where
    Social: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, ApiError> {
        let Ok(caller) = Caller::from_request_parts(parts, state).await;
        Self::of(parts, &caller, &Social::from_ref(state)).await
    }
}
