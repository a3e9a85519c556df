//! What an account that goes leaves of its likes.

use crate::db::{DbError, Sql as _, Tx, args};
use crate::id::AccountId;

/// Takes back all likes of an account, so that what others wrote counts them no more. Its own posts go with it.
pub(crate) async fn take_back_likes(tx: &mut Tx, account: AccountId) -> Result<(), DbError> {
    for sql in [
        "UPDATE posts SET likes = likes - 1 WHERE id IN (SELECT post_id FROM post_likes WHERE account_id = $1)",
        "DELETE FROM post_likes WHERE account_id = $1",
        "UPDATE comments SET likes = likes - 1 WHERE id IN (SELECT comment_id FROM comment_likes WHERE account_id = $1)",
        "DELETE FROM comment_likes WHERE account_id = $1",
    ] {
        tx.run(sql, args![account]).await?;
    }
    Ok(())
}
