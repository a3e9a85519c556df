//! What an account that goes leaves of its conversations.

use super::store;
use crate::clock::Moment;
use crate::db::{DbError, Sql as _, Tx, args};
use crate::id::{AccountId, ConversationId};
use crate::messages::store as messages;

/// Takes an account out of all conversations. What it wrote is emptied; the others see that there was something.
pub(crate) async fn leave_all(tx: &mut Tx, account: AccountId, now: Moment) -> Result<(), DbError> {
    messages::empty(tx, account, now).await?;
    let sql = "SELECT conversation_id FROM members WHERE account_id = $1 ORDER BY conversation_id";
    let all: Vec<(ConversationId,)> = tx.all(sql, args![account]).await?;
    for (id,) in all {
        store::lock(tx, id).await?;
        store::remove_member(tx, id, account).await?;
        store::settle(tx, id).await?;
    }
    Ok(())
}
