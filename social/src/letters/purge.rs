//! What an account that goes leaves of its letters.

use crate::db::{DbError, Sql as _, Tx, args};
use crate::id::AccountId;

/// Removes an account's mailbox. Whoever wrote to it or was written to keeps their copy, as one from or to nobody, unless
/// there is a block between the two: what is hidden must not come back when the block has gone with the account.
pub(crate) async fn remove_all(tx: &mut Tx, account: AccountId) -> Result<(), DbError> {
    for sql in [
        // First of all those that a block hides, with both copies.
        "DELETE FROM letters WHERE id IN (SELECT c.letter_id FROM letter_copies c WHERE c.other_id = $1 AND EXISTS (
            SELECT 1 FROM blocks b WHERE (b.blocker_id = $1 AND b.blocked_id = c.account_id)
                OR (b.blocker_id = c.account_id AND b.blocked_id = $1)))",
        "UPDATE letters SET copies = copies - 1 WHERE id IN (SELECT letter_id FROM letter_copies WHERE account_id = $1)",
        "DELETE FROM letters WHERE copies = 0
            AND id IN (SELECT letter_id FROM letter_copies WHERE account_id = $1)",
        "DELETE FROM letter_copies WHERE account_id = $1",
    ] {
        tx.run(sql, args![account]).await?;
    }
    Ok(())
}
