//! With whom somebody is connected, for that person to take along.

use serde::Serialize;
use utoipa::ToSchema;

use super::lists::{BLOCKS, FOLLOWERS, FOLLOWING, FRIENDS, RECEIVED, SENT, rows};
use crate::db::{DbError, Sql};
use crate::id::AccountId;
use crate::page::Cursor;
use crate::profiles::store::Row;

/// Everybody on any of somebody's lists, each of them with those who came last first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnConnections {
    following: Vec<Connected>,
    followers: Vec<Connected>,
    friends: Vec<Connected>,
    requests_sent: Vec<Connected>,
    requests_received: Vec<Connected>,
    blocks: Vec<Connected>,
}

/// Somebody on such a list. What they show of themselves is theirs.
#[derive(Debug, Serialize, ToSchema)]
struct Connected {
    username: String,
    /// Since when, in milliseconds since 1970.
    at: i64,
}

impl From<Row> for Connected {
    fn from(Row { username, at, .. }: Row) -> Self {
        Self { username, at }
    }
}

/// At most `most` people of each list.
pub(crate) async fn connections(db: &mut impl Sql, account: AccountId, most: i64) -> Result<OwnConnections, DbError> {
    let mut list = async |sql| -> Result<Vec<Connected>, DbError> {
        let found = rows(db, sql, [account, account], (Cursor::NEWEST, most)).await?;
        Ok(found.into_iter().map(Connected::from).collect())
    };
    Ok(OwnConnections {
        following: list(FOLLOWING).await?,
        followers: list(FOLLOWERS).await?,
        friends: list(FRIENDS).await?,
        requests_sent: list(SENT).await?,
        requests_received: list(RECEIVED).await?,
        blocks: list(BLOCKS).await?,
    })
}
