//! Sessions: logins that last, on several devices, each of which can be ended from any other.

pub mod routes;
pub(crate) mod store;

use serde::Serialize;
use ts_rs::TS;
use utoipa::ToSchema;
use uuid::Uuid;

/// A session as its owner sees it.
#[derive(Debug, Serialize, TS, ToSchema)]
pub struct SessionInfo {
    /// Its id.
    #[ts(type = "string")]
    pub id: Uuid,
    /// When somebody signed in, in milliseconds since 1970.
    #[ts(type = "number")]
    pub created_at: i64,
    /// When it was last used, to the minute.
    #[ts(type = "number")]
    pub seen_at: i64,
    /// The browser and system, as far as they tell.
    pub device: String,
    /// The address from which somebody signed in.
    pub address: String,
    /// Whether it is the session that asks.
    pub is_current: bool,
}

/// All sessions of the one who asks.
#[derive(Debug, Serialize, TS, ToSchema)]
pub struct SessionList {
    /// The current one first, then the last used.
    pub items: Vec<SessionInfo>,
}

/// A try to sign in, as the account's owner sees it.
#[derive(Debug, Serialize, TS, ToSchema)]
pub struct LoginEntry {
    /// Its id.
    #[ts(type = "string")]
    pub id: Uuid,
    /// When, in milliseconds since 1970.
    #[ts(type = "number")]
    pub at: i64,
    /// The browser and system, as far as they tell.
    pub device: String,
    /// From where.
    pub address: String,
    /// What came of it.
    pub outcome: LoginOutcome,
}

/// What came of a try to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LoginOutcome {
    /// A session began.
    Succeeded,
    /// The password was wrong.
    WrongPassword,
}
