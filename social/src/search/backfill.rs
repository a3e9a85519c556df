//! What was there before it was indexed: words are folded here and not by the database, so no migration can do it.

use uuid::Uuid;

use super::{index_names, index_post, index_username};
use crate::db::{DbError, Sql as _, Tx, args};
use crate::id::{AccountId, PostId};
use crate::limits::INDEX_BATCH;
use crate::state::Social;

impl Social {
    /// Indexes the names and posts that are not, some in each transaction. When all are, it only looks.
    ///
    /// # Errors
    /// When the database fails; what is left is done the next time.
    pub async fn index_all(&self) -> Result<(), DbError> {
        // Every username has a word.
        let people = "SELECT id FROM accounts a WHERE id > $1
            AND NOT EXISTS (SELECT 1 FROM name_words WHERE account_id = a.id AND NOT in_name) ORDER BY id LIMIT $2";
        // The oldest first, so that the newest are found first.
        let posts = "SELECT id FROM posts p WHERE id > $1
            AND NOT EXISTS (SELECT 1 FROM post_letters WHERE post_id = p.id) ORDER BY id LIMIT $2";
        self.index_each(people, async |tx, id| index_person(tx, AccountId(id)).await).await?;
        self.index_each(posts, async |tx, id| index_old_post(tx, PostId(id)).await).await
    }

    async fn index_each(
        &self,
        missing: &'static str,
        index: impl AsyncFn(&mut Tx, Uuid) -> Result<(), DbError>,
    ) -> Result<(), DbError> {
        let mut last = Uuid::nil();
        loop {
            let found: Vec<(Uuid,)> = self.db().all(missing, args![last, INDEX_BATCH]).await?;
            let Some((end,)) = found.last() else { return Ok(()) };
            last = *end;
            let mut tx = self.db().begin().await?;
            for (id,) in found {
                index(&mut tx, id).await?;
            }
            tx.commit().await?;
        }
    }
}

/// Takes hold of the row, so that what is indexed is what it says when this is over.
async fn index_person(tx: &mut Tx, account: AccountId) -> Result<(), DbError> {
    let sql = "UPDATE accounts SET username = username WHERE id = $1 RETURNING username, first_name, last_name";
    let found: Option<(String, String, String)> = tx.opt(sql, args![account]).await?;
    let Some((username, first, last)) = found else { return Ok(()) };
    index_names(tx, account, [&first, &last]).await?;
    index_username(tx, account, &username).await
}

async fn index_old_post(tx: &mut Tx, post: PostId) -> Result<(), DbError> {
    let found: Option<(String,)> =
        tx.opt("UPDATE posts SET text = text WHERE id = $1 RETURNING text", args![post]).await?;
    let Some((text,)) = found else { return Ok(()) };
    index_post(tx, post, &text).await
}
