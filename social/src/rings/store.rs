//! What the database knows of rings.

use sqlx::FromRow;

use super::{Ring, RingMedia, RingState, RungPerson, RungState};
use crate::clock::Moment;
use crate::db::{DbError, Sql, Tx, args};
use crate::id::{AccountId, ConversationId, RingId};
use crate::limits::{MAX_RINGS, RING_LIFETIME};
use crate::profiles::author::{AuthorRow, author_columns, author_joins};
use crate::visibility::{is_there, may_open, no_block};

/// A ring and who calls.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct RingRow {
    pub(crate) id: RingId,
    pub(crate) conversation_id: ConversationId,
    title: String,
    media: String,
    pub(crate) room: String,
    started_at: i64,
    ends_at: i64,
    is_over: bool,
    #[sqlx(flatten)]
    caller: AuthorRow,
}

impl RingRow {
    /// Whether somebody may still answer.
    pub(crate) fn is_ringing(&self, now: Moment) -> bool {
        !self.is_over && self.ends_at > now.millis()
    }

    pub(crate) fn caller(&self) -> AccountId {
        self.caller.author_id
    }

    fn show(self, people: Vec<PersonRow>, now: Moment) -> Ring {
        // Its time may be over before that is written down.
        let is_ringing = self.is_ringing(now);
        let show = |row: PersonRow| {
            let state = match RungState::parse(&row.state) {
                RungState::Ringing if !is_ringing => RungState::Missed,
                state => state,
            };
            RungPerson { person: row.author.show(), state }
        };
        Ring {
            id: self.id.0,
            conversation: self.conversation_id.0,
            title: (!self.title.is_empty()).then_some(self.title),
            caller: self.caller.show(),
            media: RingMedia::parse(&self.media),
            room: self.room,
            state: if is_ringing { RingState::Ringing } else { RingState::Over },
            people: people.into_iter().map(show).collect(),
            started_at: self.started_at,
            ends_at: self.ends_at,
        }
    }
}

/// Somebody who is rung.
#[derive(Debug, FromRow)]
struct PersonRow {
    state: String,
    #[sqlx(flatten)]
    author: AuthorRow,
}

/// Selects [`RingRow`]s `r` of conversations in which the viewer, `$1`, is, by callers whom the viewer may see.
macro_rules! rings {
    ($rest:literal) => {
        concat!(
            "SELECT r.id, r.conversation_id, c.title, r.media, r.room, r.started_at, r.ends_at, r.is_over, ",
            author_columns!(),
            " FROM rings r JOIN conversations c ON c.id = r.conversation_id
                JOIN members m ON m.conversation_id = r.conversation_id AND m.account_id = $1 AND m.state = 'joined'
                JOIN accounts a ON a.id = r.caller_id",
            author_joins!(),
            "WHERE ",
            is_there!("a"),
            " AND ",
            no_block!("$1", "a.id"),
            " AND ",
            may_open!("$1", "c"),
            " AND ",
            $rest
        )
    };
}

/// A ring of the viewer's, or by which the viewer is rung.
pub(crate) async fn find(db: &mut impl Sql, viewer: AccountId, id: RingId) -> Result<Option<RingRow>, DbError> {
    let sql = rings!(
        "r.id = $2 AND (r.caller_id = $1
            OR EXISTS (SELECT 1 FROM ring_people WHERE ring_id = r.id AND account_id = $1))"
    );
    db.opt(sql, args![viewer, id]).await
}

/// The rings of the viewer's, and by which the viewer is rung, that somebody may still answer.
pub(crate) async fn ringing(db: &mut impl Sql, viewer: AccountId, now: Moment) -> Result<Vec<RingRow>, DbError> {
    let sql = rings!(
        "r.id IN (SELECT ring_id FROM ring_people WHERE account_id = $1
            UNION ALL SELECT id FROM rings WHERE caller_id = $1 AND is_over = $2)
        AND r.is_over = $2 AND r.ends_at > $3 ORDER BY r.id LIMIT $4"
    );
    db.all(sql, args![viewer, false, now.millis(), MAX_RINGS]).await
}

/// The last ring of a conversation by somebody whom the viewer may see, whether or not the viewer was rung.
pub(crate) async fn last(
    db: &mut impl Sql,
    viewer: AccountId,
    conversation: ConversationId,
) -> Result<Option<RingRow>, DbError> {
    db.opt(rings!("r.conversation_id = $2 ORDER BY r.id DESC LIMIT 1"), args![viewer, conversation]).await
}

/// A ring as the viewer sees it, with those of the people who are rung whom the viewer may see.
pub(crate) async fn show(db: &mut impl Sql, viewer: AccountId, row: RingRow, now: Moment) -> Result<Ring, DbError> {
    let sql = concat!(
        "SELECT rp.state, ",
        author_columns!(),
        " FROM ring_people rp JOIN accounts a ON a.id = rp.account_id",
        author_joins!(),
        "WHERE rp.ring_id = $2 AND ",
        is_there!("a"),
        " AND ",
        no_block!("$1", "a.id"),
        " ORDER BY a.id"
    );
    let people = db.all(sql, args![viewer, row.id]).await?;
    Ok(row.show(people, now))
}

/// Who can be rung by the viewer in a conversation, in the order of their ids, and whether another ring concerns them.
pub(crate) async fn others(
    db: &mut impl Sql,
    viewer: AccountId,
    conversation: ConversationId,
    now: Moment,
) -> Result<Vec<(AccountId, bool)>, DbError> {
    let sql = concat!(
        "SELECT a.id, EXISTS (SELECT 1 FROM ring_people rp JOIN rings r ON r.id = rp.ring_id
                WHERE rp.account_id = a.id AND rp.state = 'ringing' AND r.is_over = $3 AND r.ends_at > $4)
            OR EXISTS (SELECT 1 FROM rings r WHERE r.caller_id = a.id AND r.is_over = $3 AND r.ends_at > $4) AS is_busy
        FROM members m JOIN accounts a ON a.id = m.account_id
        WHERE m.conversation_id = $2 AND m.state = 'joined' AND a.id <> $1 AND ",
        is_there!("a"),
        " AND ",
        no_block!("$1", "a.id"),
        " ORDER BY a.id"
    );
    db.all(sql, args![viewer, conversation, false, now.millis()]).await
}

/// A ring that begins.
#[derive(Debug)]
pub(super) struct NewRing<'a> {
    pub(super) id: RingId,
    pub(super) conversation: ConversationId,
    pub(super) caller: AccountId,
    pub(super) media: RingMedia,
    pub(super) room: &'a str,
    /// When it ends by itself, in milliseconds since 1970.
    pub(super) ends_at: i64,
}

/// Writes a ring down, without anybody who is rung.
pub(super) async fn add(tx: &mut Tx, new: &NewRing<'_>, now: Moment) -> Result<u64, DbError> {
    let sql = "INSERT INTO rings (id, conversation_id, caller_id, media, room, started_at, ends_at, is_over)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let NewRing { id, conversation, caller, media, room, ends_at } = *new;
    tx.run(sql, args![id, conversation, caller, media.name(), room, now.millis(), ends_at, false]).await
}

/// Writes down what became of somebody who is rung.
pub(super) async fn set_state(
    tx: &mut Tx,
    (ring, account): (RingId, AccountId),
    state: RungState,
) -> Result<u64, DbError> {
    let sql = "INSERT INTO ring_people (ring_id, account_id, state) VALUES ($1, $2, $3)
        ON CONFLICT (ring_id, account_id) DO UPDATE SET state = excluded.state";
    tx.run(sql, args![ring, account, state.name()]).await
}

/// What became of somebody; none if they are not rung.
pub(super) async fn state(db: &mut impl Sql, ring: RingId, account: AccountId) -> Result<Option<RungState>, DbError> {
    let sql = "SELECT state FROM ring_people WHERE ring_id = $1 AND account_id = $2";
    let found: Option<(String,)> = db.opt(sql, args![ring, account]).await?;
    Ok(found.map(|(state,)| RungState::parse(&state)))
}

/// Writes down that all who have not answered have missed it; who, in the order of their ids. Whoever asks again is told of
/// nobody.
pub(super) async fn miss(tx: &mut Tx, ring: RingId) -> Result<Vec<AccountId>, DbError> {
    let sql = "UPDATE ring_people SET state = 'missed' WHERE ring_id = $1 AND state = 'ringing' RETURNING account_id";
    let found: Vec<(AccountId,)> = tx.all(sql, args![ring]).await?;
    let mut missed: Vec<_> = found.into_iter().map(|(account,)| account).collect();
    missed.sort();
    Ok(missed)
}

/// Writes down that a ring is over if nobody is rung any more; whether that is new.
pub(super) async fn close(tx: &mut Tx, ring: RingId) -> Result<bool, DbError> {
    let sql = "UPDATE rings SET is_over = $2 WHERE id = $1 AND is_over <> $2
        AND NOT EXISTS (SELECT 1 FROM ring_people WHERE ring_id = $1 AND state = 'ringing')";
    Ok(tx.run(sql, args![ring, true]).await? > 0)
}

/// Whom a ring concerns: who calls, and who is rung.
pub(super) async fn concerned(tx: &mut Tx, ring: RingId) -> Result<Vec<AccountId>, DbError> {
    let sql = "SELECT caller_id FROM rings WHERE id = $1
        UNION ALL SELECT account_id FROM ring_people WHERE ring_id = $1";
    let found: Vec<(AccountId,)> = tx.all(sql, args![ring]).await?;
    Ok(found.into_iter().map(|(account,)| account).collect())
}

/// A ring whose time is over.
#[derive(Debug, Clone, Copy, FromRow)]
pub(super) struct Ended {
    pub(super) id: RingId,
    pub(super) conversation_id: ConversationId,
    pub(super) caller_id: AccountId,
}

/// Rings whose time is over, of which that is not written down.
pub(super) async fn due(db: &mut impl Sql, now: Moment) -> Result<Vec<Ended>, DbError> {
    let sql = "SELECT id, conversation_id, caller_id FROM rings WHERE is_over = $1 AND ends_at <= $2
        ORDER BY ends_at LIMIT 100";
    db.all(sql, args![false, now.millis()]).await
}

/// When the next ring ends, in milliseconds since 1970.
pub(super) async fn next_end(db: &mut impl Sql) -> Result<Option<i64>, DbError> {
    let (next,): (Option<i64>,) = db.one("SELECT MIN(ends_at) FROM rings WHERE is_over = $1", args![false]).await?;
    Ok(next)
}

/// Forgets old rings.
pub(crate) async fn sweep(db: &mut impl Sql, now: Moment) -> Result<u64, DbError> {
    let sql = "DELETE FROM rings WHERE is_over = $1 AND ends_at <= $2";
    db.run(sql, args![true, now.millis_before(RING_LIFETIME)]).await
}
