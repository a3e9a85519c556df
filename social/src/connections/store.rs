//! What the database knows of who is connected with whom.

use crate::clock::Moment;
use crate::db::{DbError, Sql, Tx, args};
use crate::id::AccountId;

/// Two people, the one who acts first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pair {
    pub(crate) from: AccountId,
    pub(crate) to: AccountId,
}

impl Pair {
    /// The same two the other way round.
    pub(crate) fn turned(self) -> Self {
        Self { from: self.to, to: self.from }
    }

    /// Both, in the order in which everybody takes them.
    fn sorted(self) -> [AccountId; 2] {
        if self.from < self.to { [self.from, self.to] } else { [self.to, self.from] }
    }
}

/// How many of each an account has gained or lost.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Gain {
    followers: i64,
    following: i64,
    friends: i64,
}

/// Makes whoever changes the same two wait. On Postgres a follow could otherwise slip past a block that another transaction
/// is just making; SQLite has one writer anyway.
pub(crate) async fn lock(tx: &mut Tx, pair: Pair) -> Result<(), DbError> {
    for account in pair.sorted() {
        tx.run("UPDATE account_counts SET posts = posts WHERE account_id = $1", args![account]).await?;
    }
    Ok(())
}

async fn count(tx: &mut Tx, account: AccountId, gain: Gain) -> Result<(), DbError> {
    let sql = "UPDATE account_counts SET followers = followers + $2, following = following + $3, friends = friends + $4
        WHERE account_id = $1";
    tx.run(sql, args![account, gain.followers, gain.following, gain.friends]).await?;
    Ok(())
}

/// Lets `from` follow `to`; whether that is new. The pair is locked.
pub(crate) async fn follow(tx: &mut Tx, pair: Pair, now: Moment) -> Result<bool, DbError> {
    let sql = "INSERT INTO follows (follower_id, followed_id, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    let made = tx.run(sql, args![pair.from, pair.to, now.millis()]).await? > 0;
    count_follow(tx, pair, i64::from(made)).await?;
    Ok(made)
}

/// Ends it; whether there was something to end.
pub(crate) async fn unfollow(tx: &mut Tx, pair: Pair) -> Result<bool, DbError> {
    let sql = "DELETE FROM follows WHERE follower_id = $1 AND followed_id = $2";
    let ended = tx.run(sql, args![pair.from, pair.to]).await? > 0;
    count_follow(tx, pair, -i64::from(ended)).await?;
    Ok(ended)
}

async fn count_follow(tx: &mut Tx, pair: Pair, gain: i64) -> Result<(), DbError> {
    if gain == 0 {
        return Ok(());
    }
    count(tx, pair.from, Gain { following: gain, ..Gain::default() }).await?;
    count(tx, pair.to, Gain { followers: gain, ..Gain::default() }).await
}

/// Notes that `from` asks `to` to be friends; whether that is new.
pub(crate) async fn ask(tx: &mut Tx, pair: Pair, now: Moment) -> Result<bool, DbError> {
    let sql = "INSERT INTO friend_requests (sender_id, receiver_id, created_at) VALUES ($1, $2, $3)
        ON CONFLICT DO NOTHING";
    Ok(tx.run(sql, args![pair.from, pair.to, now.millis()]).await? > 0)
}

/// Forgets that `from` asked `to`; whether it did.
pub(crate) async fn forget_request(tx: &mut Tx, pair: Pair) -> Result<bool, DbError> {
    let sql = "DELETE FROM friend_requests WHERE sender_id = $1 AND receiver_id = $2";
    Ok(tx.run(sql, args![pair.from, pair.to]).await? > 0)
}

/// Makes two people friends, who were not.
pub(crate) async fn befriend(tx: &mut Tx, pair: Pair, now: Moment) -> Result<(), DbError> {
    let sql = "INSERT INTO friends (account_id, friend_id, created_at) VALUES ($1, $2, $3), ($2, $1, $3)
        ON CONFLICT DO NOTHING";
    let made = tx.run(sql, args![pair.from, pair.to, now.millis()]).await? > 0;
    count_friends(tx, pair, i64::from(made)).await
}

/// Ends a friendship; whether there was one.
pub(crate) async fn unfriend(tx: &mut Tx, pair: Pair) -> Result<bool, DbError> {
    let sql = "DELETE FROM friends WHERE (account_id = $1 AND friend_id = $2) OR (account_id = $2 AND friend_id = $1)";
    let ended = tx.run(sql, args![pair.from, pair.to]).await? > 0;
    count_friends(tx, pair, -i64::from(ended)).await?;
    Ok(ended)
}

async fn count_friends(tx: &mut Tx, pair: Pair, gain: i64) -> Result<(), DbError> {
    if gain != 0 {
        for account in pair.sorted() {
            count(tx, account, Gain { friends: gain, ..Gain::default() }).await?;
        }
    }
    Ok(())
}

/// Lets `from` block `to`; whether that is new.
pub(crate) async fn block(tx: &mut Tx, pair: Pair, now: Moment) -> Result<bool, DbError> {
    let sql = "INSERT INTO blocks (blocker_id, blocked_id, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    Ok(tx.run(sql, args![pair.from, pair.to, now.millis()]).await? > 0)
}

/// Whom `blocker` has blocked under this folded username.
pub(crate) async fn blocked(
    db: &mut impl Sql,
    blocker: AccountId,
    username_key: &str,
) -> Result<Option<AccountId>, DbError> {
    let sql = "SELECT a.id FROM accounts a JOIN blocks b ON b.blocked_id = a.id
        WHERE b.blocker_id = $1 AND a.username_key = $2";
    let found: Option<(AccountId,)> = db.opt(sql, args![blocker, username_key]).await?;
    Ok(found.map(|(id,)| id))
}

/// Ends a block.
pub(crate) async fn unblock(tx: &mut Tx, pair: Pair) -> Result<u64, DbError> {
    tx.run("DELETE FROM blocks WHERE blocker_id = $1 AND blocked_id = $2", args![pair.from, pair.to]).await
}

/// How many requests to be friends an account waits for.
pub(crate) async fn open_requests(db: &mut impl Sql, account: AccountId) -> Result<i64, DbError> {
    let (count,): (i64,) = db.one("SELECT COUNT(*) FROM friend_requests WHERE sender_id = $1", args![account]).await?;
    Ok(count)
}

/// How many people an account has blocked.
pub(crate) async fn blocks(db: &mut impl Sql, account: AccountId) -> Result<i64, DbError> {
    let (count,): (i64,) = db.one("SELECT COUNT(*) FROM blocks WHERE blocker_id = $1", args![account]).await?;
    Ok(count)
}

/// Takes an account that is about to go out of everybody's numbers.
pub(crate) async fn uncount(tx: &mut Tx, account: AccountId) -> Result<(), DbError> {
    for sql in [
        "UPDATE account_counts SET followers = followers - 1
            WHERE account_id IN (SELECT followed_id FROM follows WHERE follower_id = $1)",
        "UPDATE account_counts SET following = following - 1
            WHERE account_id IN (SELECT follower_id FROM follows WHERE followed_id = $1)",
        "UPDATE account_counts SET friends = friends - 1
            WHERE account_id IN (SELECT friend_id FROM friends WHERE account_id = $1)",
    ] {
        tx.run(sql, args![account]).await?;
    }
    Ok(())
}
