//! Accounts: who has one, how it begins, and how it ends.
//!
//! [`routes`] is what works without a session (register, verify, forgot ..), [`own`] what an account does with itself,
//! [`rules`] which names and addresses are good, [`purge`] the end.

pub mod own;
pub(crate) mod purge;
pub mod routes;
pub(crate) mod rules;
pub(crate) mod store;

use serde::Serialize;
use ts_rs::TS;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::db::DbError;
use crate::profiles::Image;
use crate::state::Social;

/// The account that is signed in, as it sees itself.
#[derive(Debug, Serialize, TS, ToSchema)]
pub struct Me {
    /// Its id.
    #[ts(type = "string")]
    pub id: Uuid,
    /// Its username.
    pub username: String,
    /// The person's first name.
    pub first_name: String,
    /// The person's last name.
    pub last_name: String,
    /// Its e-mail address, which nobody else is told.
    pub email: String,
    /// Whether it may administrate the server.
    pub is_admin: bool,
    /// The person's picture.
    pub picture: Option<Image>,
    /// When it was made, in milliseconds since 1970.
    #[ts(type = "number")]
    pub created_at: i64,
}

impl Social {
    /// Makes an account an administrator, or an administrator an account; whether there is such an account.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_admin(&self, username: &str, is_admin: bool) -> Result<bool, DbError> {
        store::set_admin(&mut self.db(), &rules::username_key(username), is_admin).await
    }
}
