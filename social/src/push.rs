//! Waking browsers that have no tab open: Web Push (<https://www.rfc-editor.org/rfc/rfc8030.html>), signed by this server
//! (VAPID, <https://www.rfc-editor.org/rfc/rfc8292.html>).
//!
//! A push carries nothing: the browser's service worker asks for what is new. So no push service learns anything, and
//! there is nothing to encrypt. Addresses of push services come from clients: [`client`] talks to public ones only.

mod address;
mod client;
pub mod routes;
mod sender;
mod store;
mod vapid;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

pub(crate) use self::sender::Pushes;
pub(crate) use self::vapid::Vapid;

/// What a browser needs to be woken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS, ToSchema)]
pub struct PushInfo {
    /// The server's public key, for `pushManager.subscribe`: an uncompressed point of P-256 in base64url.
    pub public_key: String,
    /// How many of the account's browsers are woken.
    #[ts(type = "number")]
    pub subscribed: i64,
}

/// A browser's address at its push service.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PushEndpoint {
    /// The `endpoint` of its subscription.
    #[schema(max_length = 2048)]
    pub endpoint: String,
}
