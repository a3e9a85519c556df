//! People by the beginnings of their names.

use super::fold;
use crate::accounts::rules;
use crate::db::{DbError, Sql, Value, args};
use crate::id::AccountId;
use crate::limits::{MAX_CANDIDATES, MAX_NAME_WORDS, NEAR_PEOPLE};
use crate::page::Cursor;
use crate::profiles::store::{Row, people};

/// Whom to look for.
#[derive(Debug)]
pub(crate) struct Wanted {
    /// From where to where words are that begin like those of the query, the longest first.
    ranges: [(Vec<u8>, Vec<u8>); MAX_NAME_WORDS],
    /// The username that the query may be.
    username: Option<String>,
    /// The e-mail address that the query may be.
    email: Option<String>,
}

impl Wanted {
    /// Whom a query means; none if it has no letters.
    pub(crate) fn of(query: &str) -> Option<Self> {
        let mut words = fold::words(query);
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        let first = words.first()?.clone();
        // Those that are not there are the first once more.
        let range = |place: usize| {
            let word = words.get(place).unwrap_or(&first).as_bytes();
            // No letter has this byte.
            (word.to_vec(), [word, &[0xff]].concat())
        };
        let query = query.trim();
        let username = rules::username(query.trim_start_matches('@')).ok();
        Some(Self {
            ranges: std::array::from_fn(range),
            username: username.map(|name| rules::username_key(&name)),
            email: rules::email(query).ok().map(|email| rules::email_key(&email)),
        })
    }
}

/// Those whom the viewer, `$1`, looks for, and how well each fits (`score`). Candidates are all whom the viewer follows, and
/// a number of others, so that one letter costs the same in a large community.
macro_rules! hits {
    () => {
        "JOIN (
            WITH near AS MATERIALIZED (
                SELECT followed_id FROM follows WHERE follower_id = $1 ORDER BY created_at DESC, followed_id DESC LIMIT $12
            ), found AS (
                SELECT w.account_id FROM follows f CROSS JOIN name_words w
                WHERE f.follower_id = $1 AND w.account_id = f.followed_id AND w.word >= $2 AND w.word < $3
                UNION
                SELECT account_id FROM (
                    SELECT w.account_id FROM name_words w WHERE w.word >= $2 AND w.word < $3
                        AND EXISTS (SELECT 1 FROM name_words o WHERE o.account_id = w.account_id
                            AND o.word >= $4 AND o.word < $5)
                        AND EXISTS (SELECT 1 FROM name_words o WHERE o.account_id = w.account_id
                            AND o.word >= $6 AND o.word < $7)
                        AND EXISTS (SELECT 1 FROM name_words o WHERE o.account_id = w.account_id
                            AND o.word >= $8 AND o.word < $9)
                    ORDER BY w.word, w.account_id LIMIT $13
                ) o
            ), hit AS (
                SELECT account_id FROM found o
                WHERE EXISTS (SELECT 1 FROM name_words w WHERE w.account_id = o.account_id
                        AND w.word >= $4 AND w.word < $5)
                    AND EXISTS (SELECT 1 FROM name_words w WHERE w.account_id = o.account_id
                        AND w.word >= $6 AND w.word < $7)
                    AND EXISTS (SELECT 1 FROM name_words w WHERE w.account_id = o.account_id
                        AND w.word >= $8 AND w.word < $9)
                UNION
                SELECT id FROM accounts WHERE username_key = $10
                UNION
                SELECT p.account_id FROM accounts e JOIN profiles p ON p.account_id = e.id
                WHERE e.email_key = $11 AND p.findable_by_email
            )
            SELECT h.account_id, CAST(
                CASE WHEN EXISTS (SELECT 1 FROM accounts WHERE id = h.account_id AND username_key = $10)
                    THEN 8 ELSE 0 END
                + CASE WHEN EXISTS (SELECT 1 FROM name_words w WHERE w.account_id = h.account_id
                        AND w.in_name AND w.word >= $2 AND w.word < $3)
                    THEN 4 ELSE 0 END
                + CASE WHEN EXISTS (SELECT 1 FROM follows f WHERE f.follower_id = $1 AND f.followed_id = h.account_id)
                    THEN 2
                    WHEN EXISTS (SELECT 1 FROM near n CROSS JOIN follows f
                        WHERE f.follower_id = n.followed_id AND f.followed_id = h.account_id)
                    THEN 1 ELSE 0 END
                AS BIGINT) * 4294967296 + n.followers AS score
            FROM hit h JOIN account_counts n ON n.account_id = h.account_id
        ) h ON h.account_id = a.id"
    };
}

/// A page of people: the name itself first, then beginnings of first and last names, before those of usernames; among these
/// whom one follows, then whom those follow; then whom most follow.
macro_rules! page {
    () => {
        people!(hits!(), "h.score", "AND (h.score, a.id) < ($14, $15) ORDER BY h.score DESC, a.id DESC LIMIT $16")
    };
}

pub(crate) async fn find(
    db: &mut impl Sql,
    viewer: AccountId,
    wanted: Wanted,
    (after, most): (Cursor, i64),
) -> Result<Vec<Row>, DbError> {
    let Wanted { ranges, username, email } = wanted;
    let ranges = ranges.into_iter().flat_map(|(from, to)| [Value::from(from), Value::from(to)]).collect();
    let rest = args![username, email, NEAR_PEOPLE, MAX_CANDIDATES, after.at, after.id, most];
    db.all(page!(), [args![viewer], ranges, rest].concat()).await
}

/// Makes an account found by its first and last name, in the transaction that gives it these.
pub(crate) async fn index_names(
    db: &mut impl Sql,
    account: AccountId,
    [first, last]: [&str; 2],
) -> Result<(), DbError> {
    let [mut firsts, lasts] = [first, last].map(fold::words);
    // Chinese, Japanese and Korean names are typed without a space, mostly the last name first.
    let is_joined =
        [&firsts, &lasts].iter().all(|words| words.iter().flat_map(|word| word.chars()).all(fold::stands_alone));
    let joined = [[lasts.concat(), firsts.concat()].concat(), [firsts.concat(), lasts.concat()].concat()];
    firsts.extend(lasts);
    firsts.extend(joined.into_iter().filter(|_| is_joined));
    index(db, account, true, firsts).await
}

/// Makes an account found by the parts of its username.
pub(crate) async fn index_username(db: &mut impl Sql, account: AccountId, username: &str) -> Result<(), DbError> {
    index(db, account, false, fold::words(username)).await
}

async fn index(db: &mut impl Sql, account: AccountId, in_name: bool, words: Vec<String>) -> Result<(), DbError> {
    db.run("DELETE FROM name_words WHERE account_id = $1 AND in_name = $2", args![account, in_name]).await?;
    for word in words.iter().flat_map(|word| beginnings(word)) {
        let sql = "INSERT INTO name_words (account_id, in_name, word) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
        db.run(sql, args![account, in_name, word.as_bytes().to_vec()]).await?;
    }
    Ok(())
}

/// A word, and what is left of it from each letter on that stands alone, so that it is found in the middle.
fn beginnings(word: &str) -> impl Iterator<Item = &str> {
    let inner = word.char_indices().filter(|(place, letter)| *place > 0 && fold::stands_alone(*letter));
    std::iter::once(word).chain(inner.filter_map(|(place, _)| word.get(place..)))
}
