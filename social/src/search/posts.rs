//! Posts by their words.

use super::fold::{self, Pattern};
use crate::db::{DbError, Sql, Value, args};
use crate::id::{AccountId, PostId};
use crate::limits::MAX_POST_WORDS;
use crate::page::Cursor;
use crate::visibility::{is_there, may_read, no_block};

/// What to look for in posts: patterns that all must fit.
#[derive(Debug)]
pub(crate) struct Wanted([Pattern; MAX_POST_WORDS]);

impl Wanted {
    /// What a query means; none if it is too short for the index, so that every post would have to be read.
    pub(crate) fn of(query: &str) -> Option<Self> {
        let mut patterns: Vec<_> = fold::words(query).iter().map(|word| Pattern::of(word)).collect();
        patterns.sort_by_key(|pattern| std::cmp::Reverse(pattern.len()));
        if !patterns.first()?.is_indexed() {
            return None;
        }
        let mut patterns = patterns.into_iter();
        Some(Self(std::array::from_fn(|_| patterns.next().unwrap_or_else(Pattern::any))))
    }
}

/// The newest posts that the viewer, `$1`, may read and that all patterns fit. The joins are in the order in which SQLite is
/// to go: the index gives the newest first, and it stops when the page is full.
macro_rules! found {
    () => {
        concat!(
            "SELECT f.seq, p.id FROM searched_posts f CROSS JOIN posts p CROSS JOIN accounts a
            WHERE f.letters LIKE $2 AND f.letters LIKE $3 AND f.letters LIKE $4 AND f.letters LIKE $5 AND f.letters LIKE $6
                AND f.seq < $7 AND p.id = f.post_id AND a.id = p.author_id AND ",
            is_there!("a"),
            " AND ",
            no_block!("$1", "a.id"),
            " AND ",
            may_read!("$1", "p"),
            " ORDER BY f.seq DESC LIMIT $8"
        )
    };
}

/// Where posts are among those that are found.
pub(crate) async fn find(
    db: &mut impl Sql,
    viewer: AccountId,
    Wanted(patterns): Wanted,
    (after, most): (Cursor, i64),
) -> Result<Vec<Cursor>, DbError> {
    let patterns = patterns.into_iter().map(|pattern| Value::from(String::from(pattern))).collect();
    let found: Vec<(i64, PostId)> =
        db.all_planned(found!(), [args![viewer], patterns, args![after.at, most]].concat()).await?;
    Ok(found.into_iter().map(|(at, id)| Cursor { at, id: id.0 }).collect())
}

/// Makes a post found by its text, in the transaction that writes or changes it.
pub(crate) async fn index_post(db: &mut impl Sql, post: PostId, text: &str) -> Result<(), DbError> {
    let sql = "INSERT INTO post_letters (post_id, letters) VALUES ($1, $2)
        ON CONFLICT (post_id) DO UPDATE SET letters = excluded.letters";
    db.run(sql, args![post, fold::letters(text)]).await.map(drop)
}
