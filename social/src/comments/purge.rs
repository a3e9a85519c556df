//! What an account that goes leaves of its comments.

use crate::db::{DbError, Sql as _, Tx, args};
use crate::id::{AccountId, CommentId, PostId};

/// Removes the comments of an account. Those to which others have replied stay without author and text.
pub(crate) async fn remove_all(tx: &mut Tx, account: AccountId) -> Result<(), DbError> {
    let sql = "DELETE FROM comment_likes WHERE comment_id IN (SELECT c.id FROM comments c WHERE c.author_id = $1
        AND EXISTS (SELECT 1 FROM comments r WHERE r.parent_id = c.id AND r.author_id <> $1))";
    tx.run(sql, args![account]).await?;
    let sql = "UPDATE comments SET author_id = NULL, text = '', edited_at = NULL, likes = 0 WHERE author_id = $1
        AND EXISTS (SELECT 1 FROM comments r WHERE r.parent_id = comments.id AND r.author_id <> $1)";
    tx.run(sql, args![account]).await?;
    // All that is left is removed: count it off, then the threads whose last reply it was.
    for sql in [
        "UPDATE posts SET comments = comments
            - (SELECT COUNT(*) FROM comments c WHERE c.post_id = posts.id AND c.author_id = $1)
        WHERE id IN (SELECT post_id FROM comments WHERE author_id = $1)",
        "UPDATE comments SET replies = replies
            - (SELECT COUNT(*) FROM comments r WHERE r.parent_id = comments.id AND r.author_id = $1)
        WHERE id IN (SELECT parent_id FROM comments WHERE author_id = $1)",
    ] {
        tx.run(sql, args![account]).await?;
    }
    let sql = "SELECT id, post_id FROM comments WHERE author_id IS NULL AND replies = 0
        AND id IN (SELECT parent_id FROM comments WHERE author_id = $1)";
    let empty: Vec<(CommentId, PostId)> = tx.all(sql, args![account]).await?;
    tx.run("DELETE FROM comments WHERE author_id = $1", args![account]).await?;
    for (comment, post) in empty {
        tx.run("DELETE FROM comments WHERE id = $1", args![comment]).await?;
        tx.run("UPDATE posts SET comments = comments - 1 WHERE id = $1", args![post]).await?;
    }
    Ok(())
}
