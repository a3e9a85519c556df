//! Who is named in a text (`@username`), and who is to hear of a post or a comment.

use std::collections::BTreeMap;

use crate::accounts::rules::username_key;
use crate::clock::Moment;
use crate::db::{DbError, Sql, Tx, Value, args};
use crate::events::News;
use crate::id::{AccountId, CommentId, PostId};
use crate::limits::MAX_MENTIONS;
use crate::notifications::NotificationKind;
use crate::notifications::notify::{About, Notice, notify};
use crate::state::Social;
use crate::visibility::{is_there, may_read, no_block};

/// The folded usernames in a text, each once, in order, and no more than are notified.
///
/// A name is no part of a word, an address or another name; dots and hyphens at its end belong to the sentence. The web app
/// makes links of the same names (`web/app/src/posts/textParts.ts`).
pub(crate) fn names(text: &str) -> Vec<String> {
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || "_.-".contains(letter);
    let mut found: Vec<String> = Vec::new();
    let mut before = None;
    for (at, letter) in text.char_indices() {
        let is_start =
            letter == '@' && before.is_none_or(|before: char| !before.is_alphanumeric() && !"_.-@/".contains(before));
        before = Some(letter);
        if !is_start {
            continue;
        }
        let rest = text.get(at + 1..).unwrap_or_default();
        let whole = rest.split(|letter| !is_letter(letter)).next().unwrap_or_default();
        let name = whole.trim_end_matches(['.', '-']);
        let after = rest.get(name.len()..).and_then(|after| after.chars().next());
        let ends = after.is_none_or(|after| !after.is_alphanumeric() && after != '@');
        if !ends || !name.starts_with(|letter: char| letter.is_ascii_alphanumeric()) {
            continue;
        }
        let key = username_key(name);
        if (3..=30).contains(&key.len()) && !found.contains(&key) && found.len() < MAX_MENTIONS {
            found.push(key);
        }
    }
    found
}

/// Something that was written, and where.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Written {
    pub(crate) by: AccountId,
    pub(crate) post: PostId,
    pub(crate) comment: Option<CommentId>,
    /// Who wrote the comment to which it replies: who has blocked them, or is blocked by them, does not see the thread.
    pub(crate) thread: Option<AccountId>,
    /// When it was written, or liked.
    pub(crate) at: Moment,
}

impl Written {
    /// The notice of it for somebody.
    pub(crate) fn notice(&self, to: AccountId, kind: NotificationKind) -> Notice {
        let about = About { post: Some(self.post), comment: self.comment, ..About::default() };
        Notice { to, by: self.by, kind, about, at: self.at }
    }
}

/// Who of these people may read what was written: those with these ids, and those with these names.
pub(crate) async fn readers(
    tx: &mut Tx,
    written: &Written,
    ids: [Option<AccountId>; 2],
    names: &[String],
) -> Result<Vec<(AccountId, String)>, DbError> {
    let sql = concat!(
        "SELECT a.id, a.username_key FROM posts p
        JOIN accounts a ON a.id IN ($4, $5)
            OR a.username_key IN ($6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
        WHERE p.id = $1 AND a.id <> $2 AND ",
        is_there!("a"),
        " AND ",
        may_read!("a.id", "p"),
        " AND ",
        no_block!("p.author_id", "a.id"),
        " AND ",
        no_block!("$2", "a.id"),
        " AND ",
        no_block!("$3", "a.id")
    );
    let thread = written.thread.unwrap_or(AccountId::NOBODY);
    let [first, second] = ids.map(|id| id.unwrap_or(AccountId::NOBODY));
    let mut values = args![written.post, written.by, thread, first, second];
    values.extend(names.iter().take(MAX_MENTIONS).map(|name| Value::from(name.as_str())));
    values.resize(5 + MAX_MENTIONS, Value::from(""));
    tx.all(sql, values).await
}

/// Notifies those who are named, of what they may read.
pub(crate) async fn notify_named(
    social: &Social,
    tx: &mut Tx,
    news: &mut News,
    written: &Written,
    names: &[String],
) -> Result<(), DbError> {
    if names.is_empty() {
        return Ok(());
    }
    let mentioned = readers(tx, written, [None; 2], names).await?;
    let notices = mentioned.into_iter().map(|(account, _)| (account, NotificationKind::Mention)).collect();
    notify_all(social, tx, news, written, notices).await
}

/// Notifies everybody of one thing each, always in the order of their ids: two transactions that notify the same people
/// cannot wait for each other.
pub(crate) async fn notify_all(
    social: &Social,
    tx: &mut Tx,
    news: &mut News,
    written: &Written,
    notices: BTreeMap<AccountId, NotificationKind>,
) -> Result<(), DbError> {
    for (to, kind) in notices {
        notify(social, tx, news, written.notice(to, kind)).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_where_people_write_them() {
        let table: [(&str, &[&str]); 13] = [
            ("", &[]),
            ("@ann", &["ann"]),
            ("Hello @Ann, and (@ben_1)!", &["ann", "ben_1"]),
            ("ask @ann. Or @c.d-e.", &["ann", "c.d-e"]),
            ("@ann @ANN @ann", &["ann"]),
            ("ann@example.org @ex", &[]),
            ("@@ann /@ann", &[]),
            ("é@ann", &[]),
            ("@ann\n@ben\t@carl", &["ann", "ben", "carl"]),
            ("@annø @ann@ben", &[]),
            ("@_ann @.ann @-ann", &[]),
            ("@", &[]),
            ("@abcdefghijklmnopqrstuvwxyz012345", &[]),
        ];
        for (text, expected) in table {
            assert_eq!(names(text), expected, "{text}");
        }
        let many: String = (100..200).map(|number| format!("@name{number} ")).collect();
        assert_eq!(names(&many).len(), MAX_MENTIONS);
    }
}
