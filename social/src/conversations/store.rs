//! What the database knows of conversations and of who is in them.

use sqlx::FromRow;

use super::{Conversation, ConversationKind, Member, MemberState, Role};
use crate::clock::Moment;
use crate::db::{DbError, Sql, Tx, args};
use crate::id::{AccountId, ConversationId, MessageId};
use crate::limits::MAX_PAGE_ITEMS;
use crate::messages::store as messages;
use crate::page::Cursor;
use crate::posts::store::page_ids;
use crate::profiles::author::{AuthorRow, author_columns, author_joins};
use crate::visibility::{is_there, may_open, no_block};

/// A conversation and its viewer's place in it.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct ConversationRow {
    pub(crate) id: ConversationId,
    kind: String,
    title: String,
    pub(crate) seq: i64,
    pub(crate) last_message: i64,
    last_at: i64,
    pub(crate) members: i64,
    role: String,
    state: String,
    pub(crate) read_to: i64,
    is_muted: bool,
    expires_at: Option<i64>,
    unread: i64,
    last_id: Option<MessageId>,
}

impl ConversationRow {
    pub(crate) fn kind(&self) -> ConversationKind {
        ConversationKind::parse(&self.kind)
    }

    pub(crate) fn role(&self) -> Role {
        Role::parse(&self.role)
    }

    pub(crate) fn state(&self) -> MemberState {
        MemberState::parse(&self.state)
    }

    /// Whether the viewer reads what is written.
    pub(crate) fn reads(&self) -> bool {
        matches!(self.state(), MemberState::Joined | MemberState::Requested)
    }

    /// Whether others have written what the viewer has not read.
    pub(crate) fn has_unread(&self) -> bool {
        self.unread > 0
    }

    /// Where it is in the list.
    pub(crate) fn cursor(&self) -> Cursor {
        Cursor { at: self.last_at, id: self.id.0 }
    }
}

/// Selects [`ConversationRow`]s `c` of the viewer, `$1`, whose place is `m`.
macro_rules! conversations {
    ($rest:literal) => {
        concat!(
            "SELECT c.id, c.kind, c.title, c.seq, c.last_message, c.last_at, c.members, m.role, m.state, m.read_to,
                m.is_muted, c.expires_at,
                (SELECT COUNT(*) FROM (SELECT 1 AS one FROM messages g WHERE g.conversation_id = c.id
                    AND g.seq > m.read_to AND g.seq > m.visible_after AND g.kind = 'text' AND g.deleted_at IS NULL
                    AND (g.author_id IS NULL OR (g.author_id <> $1 AND ",
            no_block!("$1", "g.author_id"),
            ")) LIMIT 100) unread) AS unread,
                (SELECT g.id FROM messages g WHERE g.conversation_id = c.id AND g.seq > m.visible_after
                    AND NOT EXISTS (SELECT 1 FROM hidden_messages WHERE account_id = $1 AND message_id = g.id) AND ",
            no_block!("$1", "g.author_id"),
            " ORDER BY g.seq DESC LIMIT 1) AS last_id
            FROM members m JOIN conversations c ON c.id = m.conversation_id WHERE m.account_id = $1 AND ",
            may_open!("$1", "c"),
            " AND ",
            $rest
        )
    };
}

/// A conversation in which the viewer is, or to which they were asked.
pub(crate) async fn find(
    db: &mut impl Sql,
    viewer: AccountId,
    id: ConversationId,
) -> Result<Option<ConversationRow>, DbError> {
    db.opt(conversations!("m.conversation_id = $2"), args![viewer, id]).await
}

/// Conversations in which the viewer is and in which something was written, those with the last messages first.
pub(crate) async fn joined(
    db: &mut impl Sql,
    viewer: AccountId,
    (after, most): (Cursor, i64),
) -> Result<Vec<ConversationRow>, DbError> {
    let sql = conversations!(
        "m.state = 'joined' AND (c.kind <> 'direct' OR c.last_message > 0)
        AND (c.last_at, c.id) < ($2, $3) ORDER BY c.last_at DESC, c.id DESC LIMIT $4"
    );
    db.all(sql, args![viewer, after.at, ConversationId(after.id), most]).await
}

/// Conversations that wait for the viewer's yes.
pub(crate) async fn waiting(
    db: &mut impl Sql,
    viewer: AccountId,
    (after, most): (Cursor, i64),
) -> Result<Vec<ConversationRow>, DbError> {
    let sql = conversations!(
        "m.state IN ('requested', 'invited') AND (c.kind <> 'direct' OR c.last_message > m.visible_after)
        AND (c.last_at, c.id) < ($2, $3) ORDER BY c.last_at DESC, c.id DESC LIMIT $4"
    );
    db.all(sql, args![viewer, after.at, ConversationId(after.id), most]).await
}

/// How many conversations of the viewer have unread messages and are not muted, and how many wait for a yes.
pub(crate) async fn unread(db: &mut impl Sql, viewer: AccountId) -> Result<(i64, i64), DbError> {
    let sql = concat!(
        "SELECT COALESCE(CAST(SUM(CASE WHEN m.state = 'joined' AND NOT m.is_muted AND EXISTS (
                SELECT 1 FROM messages g WHERE g.conversation_id = c.id AND g.seq > m.read_to
                    AND g.seq > m.visible_after AND g.kind = 'text' AND g.deleted_at IS NULL
                    AND (g.author_id IS NULL OR (g.author_id <> $1 AND ",
        no_block!("$1", "g.author_id"),
        "))) THEN 1 ELSE 0 END) AS BIGINT), 0),
            COALESCE(CAST(SUM(CASE WHEN m.state IN ('requested', 'invited') AND (c.kind <> 'direct' OR c.last_message > m.visible_after)
                THEN 1 ELSE 0 END) AS BIGINT), 0)
        FROM members m JOIN conversations c ON c.id = m.conversation_id WHERE m.account_id = $1 AND ",
        may_open!("$1", "c")
    );
    db.one(sql, args![viewer]).await
}

/// The other one of a conversation of two.
#[derive(Debug, FromRow)]
struct OtherRow {
    conversation_id: ConversationId,
    read_to: i64,
    delivered_to: i64,
    #[sqlx(flatten)]
    author: AuthorRow,
}

/// Conversations as the viewer sees them, with the other one of two and the last message, by two more questions.
pub(crate) async fn show(
    db: &mut impl Sql,
    viewer: AccountId,
    rows: Vec<ConversationRow>,
) -> Result<Vec<Conversation>, DbError> {
    let direct: Vec<_> = rows.iter().filter(|row| row.kind() == ConversationKind::Direct).map(|row| row.id).collect();
    let mut others = others(db, viewer, &direct).await?;
    let last: Vec<_> = rows.iter().filter_map(|row| row.last_id).collect();
    let mut last = messages::by_ids(db, viewer, &last).await?;
    let mut shown = Vec::new();
    for row in rows {
        let place = others.iter().position(|other| other.conversation_id == row.id);
        let other = place.map(|place| others.swap_remove(place));
        let place = row.last_id.and_then(|id| last.iter().position(|message| message.id == id.0));
        shown.push(Conversation {
            id: row.id.0,
            kind: row.kind(),
            unread: if row.reads() { row.unread } else { 0 },
            role: row.role(),
            state: row.state(),
            title: (!row.title.is_empty()).then_some(row.title),
            members: row.members,
            seq: row.seq,
            read_to: row.read_to,
            seen_to: other.as_ref().map_or(0, |other| other.read_to),
            delivered_to: other.as_ref().map_or(0, |other| other.delivered_to),
            other: other.map(|other| other.author.show()),
            is_muted: row.is_muted,
            expires_at: row.expires_at,
            last: place.map(|place| last.swap_remove(place)),
            last_at: row.last_at,
        });
    }
    Ok(shown)
}

async fn others(db: &mut impl Sql, viewer: AccountId, ids: &[ConversationId]) -> Result<Vec<OtherRow>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let sql = concat!(
        "SELECT o.conversation_id, o.read_to, o.delivered_to, ",
        author_columns!(),
        " FROM members o JOIN accounts a ON a.id = o.account_id",
        author_joins!(),
        " WHERE o.account_id <> $1 AND ",
        is_there!("a"),
        " AND ",
        no_block!("$1", "a.id"),
        " AND o.conversation_id IN (",
        page_ids!(),
        ")"
    );
    let mut values = args![viewer];
    values.extend(ids.iter().take(MAX_PAGE_ITEMS).map(|id| (*id).into()));
    values.resize(1 + MAX_PAGE_ITEMS, ConversationId(uuid::Uuid::nil()).into());
    db.all(sql, values).await
}

/// Takes the number of a conversation's next change. Its row stays locked until the transaction ends: changes become visible
/// in the order of their numbers. None if it is not there.
pub(crate) async fn number(tx: &mut Tx, id: ConversationId, now: Moment) -> Result<Option<i64>, DbError> {
    let sql = "UPDATE conversations SET seq = seq + 1, changed_at = $2 WHERE id = $1 RETURNING seq";
    let found: Option<(i64,)> = tx.opt(sql, args![id, now.millis()]).await?;
    Ok(found.map(|(seq,)| seq))
}

/// Whoever else changes a conversation waits until the transaction is over.
pub(crate) async fn lock(tx: &mut Tx, id: ConversationId) -> Result<u64, DbError> {
    tx.run("UPDATE conversations SET seq = seq WHERE id = $1", args![id]).await
}

/// What names the conversation of two people.
fn pair(one: AccountId, other: AccountId) -> String {
    let [first, second] = if one < other { [one, other] } else { [other, one] };
    format!("{} {}", first.0.simple(), second.0.simple())
}

/// The conversation of two people, if there is one.
pub(crate) async fn between(
    db: &mut impl Sql,
    one: AccountId,
    other: AccountId,
) -> Result<Option<ConversationId>, DbError> {
    let found: Option<(ConversationId,)> =
        db.opt("SELECT id FROM conversations WHERE pair = $1", args![pair(one, other)]).await?;
    Ok(found.map(|(id,)| id))
}

/// What a new conversation is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum New<'a> {
    /// Of two.
    Direct([AccountId; 2]),
    /// A group with a name.
    Group(&'a str),
    /// A room with a name, and when it is deleted.
    Room(ConversationKind, &'a str, i64),
}

impl New<'_> {
    /// Its name; empty for two.
    pub(crate) fn title(&self) -> &str {
        match self {
            Self::Direct(_) => "",
            Self::Group(title) | Self::Room(_, title, _) => title,
        }
    }
}

/// Makes a conversation. Whether it did: there is one of two already, perhaps.
pub(crate) async fn add(tx: &mut Tx, id: ConversationId, new: New<'_>, now: Moment) -> Result<bool, DbError> {
    let sql = "INSERT INTO conversations (id, kind, title, pair, created_at, expires_at, is_warned, seq, changed_at,
            last_message, last_at, members)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $5, $8, $5, $8) ON CONFLICT (pair) DO NOTHING";
    let (kind, title, pair, expires_at) = match new {
        New::Direct([one, other]) => (ConversationKind::Direct, "", Some(pair(one, other)), None),
        New::Group(title) => (ConversationKind::Group, title, None, None),
        New::Room(kind, title, expires_at) => (kind, title, None, Some(expires_at)),
    };
    Ok(tx.run(sql, args![id, kind.name(), title, pair, now.millis(), expires_at, false, 0]).await? > 0)
}

/// Adds somebody to a locked conversation, who sees what is changed from now on, and in a room all; whether they were not
/// there before.
pub(crate) async fn add_member(
    tx: &mut Tx,
    (id, account): (ConversationId, AccountId),
    (role, state): (Role, MemberState),
    now: Moment,
) -> Result<bool, DbError> {
    let sql = "INSERT INTO members (conversation_id, account_id, role, state, since, visible_after, read_to,
            delivered_to, is_muted)
        SELECT id, $2, $3, $4, $5, CASE WHEN expires_at IS NULL THEN seq ELSE 0 END, seq, seq, $6
        FROM conversations WHERE id = $1 ON CONFLICT DO NOTHING";
    let added = tx.run(sql, args![id, account, role.name(), state.name(), now.millis(), false]).await? > 0;
    if added && matches!(state, MemberState::Joined | MemberState::Requested) {
        tx.run("UPDATE conversations SET members = members + 1 WHERE id = $1", args![id]).await?;
    }
    Ok(added)
}

/// Lets somebody be in a locked conversation who was asked or asks; whether that is new.
pub(crate) async fn join(tx: &mut Tx, id: ConversationId, account: AccountId, now: Moment) -> Result<bool, DbError> {
    // Who comes to a group sees what is written from now on; who is written to by a stranger has read it already.
    let sql = "UPDATE conversations SET members = members + 1 WHERE id = $1 AND EXISTS (
            SELECT 1 FROM members WHERE conversation_id = $1 AND account_id = $2 AND state IN ('invited', 'asking'))";
    tx.run(sql, args![id, account]).await?;
    let sql = "UPDATE members SET
            visible_after = CASE WHEN state = 'requested' THEN visible_after ELSE (
                SELECT CASE WHEN expires_at IS NULL THEN seq ELSE 0 END FROM conversations WHERE id = $1) END,
            read_to = CASE WHEN state = 'requested' THEN read_to ELSE (
                SELECT seq FROM conversations WHERE id = $1) END,
            since = $3, state = 'joined' WHERE conversation_id = $1 AND account_id = $2 AND state <> 'joined'";
    Ok(tx.run(sql, args![id, account, now.millis()]).await? > 0)
}

/// Takes somebody out of a locked conversation; whether they were in it, or invited.
pub(crate) async fn remove_member(tx: &mut Tx, id: ConversationId, account: AccountId) -> Result<bool, DbError> {
    let sql = "UPDATE conversations SET members = members - 1 WHERE id = $1 AND EXISTS (
            SELECT 1 FROM members WHERE conversation_id = $1 AND account_id = $2 AND state IN ('joined', 'requested'))";
    tx.run(sql, args![id, account]).await?;
    let sql = "DELETE FROM members WHERE conversation_id = $1 AND account_id = $2";
    Ok(tx.run(sql, args![id, account]).await? > 0)
}

/// What somebody is in a conversation, whoever asks.
pub(crate) async fn member(
    db: &mut impl Sql,
    id: ConversationId,
    account: AccountId,
) -> Result<Option<(Role, MemberState)>, DbError> {
    let sql = "SELECT role, state FROM members WHERE conversation_id = $1 AND account_id = $2";
    let found: Option<(String, String)> = db.opt(sql, args![id, account]).await?;
    Ok(found.map(|(role, state)| (Role::parse(&role), MemberState::parse(&state))))
}

/// Changes what a member may do.
pub(crate) async fn set_role(tx: &mut Tx, id: ConversationId, account: AccountId, role: Role) -> Result<u64, DbError> {
    let sql = "UPDATE members SET role = $3 WHERE conversation_id = $1 AND account_id = $2";
    tx.run(sql, args![id, account, role.name()]).await
}

/// Whether nobody is left in a locked group, so that [`settle`] removes it.
pub(crate) async fn is_deserted(tx: &mut Tx, id: ConversationId) -> Result<bool, DbError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM conversations WHERE id = $1 AND expires_at IS NULL)
        AND NOT EXISTS (SELECT 1 FROM members WHERE conversation_id = $1 AND state IN ('joined', 'requested'))";
    let (is_deserted,): (bool,) = tx.one(sql, args![id]).await?;
    Ok(is_deserted)
}

/// Gives a locked group or room without an owner the best of those who have been in it longest, and removes a group when nobody
/// is left; a room waits for its time.
pub(crate) async fn settle(tx: &mut Tx, id: ConversationId) -> Result<(), DbError> {
    let sql = "DELETE FROM conversations WHERE id = $1 AND expires_at IS NULL
        AND NOT EXISTS (SELECT 1 FROM members WHERE conversation_id = $1 AND state IN ('joined', 'requested'))";
    if tx.run(sql, args![id]).await? > 0 {
        return Ok(());
    }
    let sql = "UPDATE members SET role = 'owner' WHERE conversation_id = $1 AND account_id = (
            SELECT account_id FROM members WHERE conversation_id = $1 AND state = 'joined'
            ORDER BY CASE role WHEN 'moderator' THEN 0 ELSE 1 END, since, account_id LIMIT 1)
        AND EXISTS (SELECT 1 FROM conversations WHERE id = $1 AND kind <> 'direct')
        AND NOT EXISTS (SELECT 1 FROM members WHERE conversation_id = $1 AND role = 'owner')";
    tx.run(sql, args![id]).await.map(drop)
}

/// Gives a group another name.
pub(crate) async fn rename(tx: &mut Tx, id: ConversationId, title: &str) -> Result<u64, DbError> {
    tx.run("UPDATE conversations SET title = $2 WHERE id = $1", args![id, title]).await
}

/// Whether an account wants to hear of a conversation.
pub(crate) async fn mute(
    db: &mut impl Sql,
    id: ConversationId,
    account: AccountId,
    is_muted: bool,
) -> Result<u64, DbError> {
    let sql = "UPDATE members SET is_muted = $3 WHERE conversation_id = $1 AND account_id = $2";
    db.run(sql, args![id, account, is_muted]).await
}

/// How many people are in a conversation or were asked to be.
pub(crate) async fn size(db: &mut impl Sql, id: ConversationId) -> Result<i64, DbError> {
    let (size,): (i64,) = db.one("SELECT COUNT(*) FROM members WHERE conversation_id = $1", args![id]).await?;
    Ok(size)
}

/// How many conversations an account is in or was asked to be in.
pub(crate) async fn count(db: &mut impl Sql, account: AccountId) -> Result<i64, DbError> {
    let (count,): (i64,) = db.one("SELECT COUNT(*) FROM members WHERE account_id = $1", args![account]).await?;
    Ok(count)
}

/// Whether `account` follows `other` or is a friend.
pub(crate) async fn knows(db: &mut impl Sql, account: AccountId, other: AccountId) -> Result<bool, DbError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM follows WHERE follower_id = $1 AND followed_id = $2)
        OR EXISTS (SELECT 1 FROM friends WHERE account_id = $1 AND friend_id = $2)";
    let (knows,): (bool,) = db.one(sql, args![account, other]).await?;
    Ok(knows)
}

/// Somebody in a conversation.
#[derive(Debug, FromRow)]
pub(crate) struct MemberRow {
    since: i64,
    role: String,
    state: String,
    read_to: i64,
    #[sqlx(flatten)]
    author: AuthorRow,
}

impl MemberRow {
    /// Where they are in the list.
    pub(crate) fn cursor(&self) -> Cursor {
        Cursor { at: self.since, id: self.author.author_id.0 }
    }

    pub(crate) fn show(self) -> Member {
        Member {
            role: Role::parse(&self.role),
            state: MemberState::parse(&self.state),
            read_to: self.read_to,
            person: self.author.show(),
        }
    }
}

/// Who is in a conversation and whom the viewer may see, those who came first at first.
pub(crate) async fn members(
    db: &mut impl Sql,
    viewer: AccountId,
    id: ConversationId,
    (after, most): (Cursor, i64),
) -> Result<Vec<MemberRow>, DbError> {
    let sql = concat!(
        "SELECT o.since, o.role, o.state, o.read_to, ",
        author_columns!(),
        " FROM members o JOIN accounts a ON a.id = o.account_id",
        author_joins!(),
        " WHERE o.conversation_id = $2 AND (o.since, o.account_id) > ($3, $4) AND ",
        is_there!("a"),
        " AND ",
        no_block!("$1", "a.id"),
        " ORDER BY o.since, o.account_id LIMIT $5"
    );
    db.all(sql, args![viewer, id, after.at, AccountId(after.id), most]).await
}

/// Whether somebody else in a conversation of two has neither answered the viewer nor said yes.
pub(crate) async fn is_requested(db: &mut impl Sql, id: ConversationId, viewer: AccountId) -> Result<bool, DbError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM members WHERE conversation_id = $1 AND account_id <> $2
        AND state = 'requested')";
    let (is_requested,): (bool,) = db.one(sql, args![id, viewer]).await?;
    Ok(is_requested)
}
