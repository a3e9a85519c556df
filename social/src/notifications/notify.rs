//! Making notifications, and taking them back.

use uuid::Uuid;

use super::{NotificationKind, store};
use crate::clock::Moment;
use crate::db::{DbError, Tx};
use crate::events::{EventKind, News};
use crate::id::{AccountId, CommentId, ConversationId, LetterId, NotificationId, PostId};
use crate::state::Social;

/// What somebody did that concerns somebody else.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Notice {
    /// Whom it concerns.
    pub(crate) to: AccountId,
    /// Who did it.
    pub(crate) by: AccountId,
    pub(crate) kind: NotificationKind,
    /// What it was done to.
    pub(crate) about: About,
    /// When it happened.
    pub(crate) at: Moment,
}

/// What a notification leads to.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct About {
    /// The post that was liked or commented on, or in which somebody was named.
    pub(crate) post: Option<PostId>,
    /// The comment that was liked or written.
    pub(crate) comment: Option<CommentId>,
    /// The letter that was written.
    pub(crate) letter: Option<LetterId>,
    /// The conversation in which somebody has written or called, or to which they have invited.
    pub(crate) conversation: Option<ConversationId>,
}

impl About {
    /// A conversation.
    pub(crate) fn conversation(id: ConversationId) -> Self {
        Self { conversation: Some(id), ..Self::default() }
    }
}

/// What a notification is about, by which more of the same joins it.
struct Subject {
    /// Whom or what its key names besides the kind.
    key: Option<Uuid>,
    /// The comment of its row. That of many replies is the one that they reply to.
    comment: Option<CommentId>,
}

/// Notifies, in the transaction of what happened: makes a notification, or joins an unread one of the same kind and subject.
/// Does nothing for what one does to oneself, for muted kinds, and if there is a block between the two. What is notified is
/// there already: a reply is asked what it replies to. Several notices of one
/// transaction come in the order of `to`, or after [`News::lock`].
pub(crate) async fn notify(social: &Social, tx: &mut Tx, news: &mut News, notice: Notice) -> Result<(), DbError> {
    let Notice { to, by, kind, about, at: now } = notice;
    if to == by || !store::is_wanted(tx, (to, by), kind).await? {
        return Ok(());
    }
    let subject = subject(tx, notice).await?;
    let key = format!("{} {}", kind.name(), subject.key.unwrap_or_default().simple());
    // From here on, nobody else changes this account's notifications.
    let numbered = news.number(tx, to).await?;
    let new = social.rng.with(|rng| NotificationId::new(now, rng));
    let about = About { comment: subject.comment, ..about };
    let id = store::open(tx, (new, to), (kind, &key), about, now).await?;
    store::add_actor(tx, id, by, now).await?;
    if id == new {
        store::trim(tx, to).await?;
    }
    news.write(tx, numbered, (EventKind::Notification, Some(id.0)), now).await
}

/// Who follows somebody joins the others who do, who asks to be a friend joins nobody; of the rest it is the thing.
async fn subject(tx: &mut Tx, Notice { by, kind, about, .. }: Notice) -> Result<Subject, DbError> {
    let About { post, comment, letter, conversation } = about;
    let post = post.map(|post| post.0);
    Ok(match kind {
        NotificationKind::Follow => Subject { key: None, comment: None },
        NotificationKind::FriendRequest | NotificationKind::FriendAccepted => {
            Subject { key: Some(by.0), comment: None }
        }
        NotificationKind::PostLiked | NotificationKind::Comment => Subject { key: post, comment: None },
        NotificationKind::CommentLiked | NotificationKind::Mention => {
            Subject { key: comment.map(|comment| comment.0).or(post), comment }
        }
        NotificationKind::Letter => Subject { key: letter.map(|letter| letter.0), comment: None },
        NotificationKind::Message | NotificationKind::GroupInvitation | NotificationKind::MissedCall => {
            Subject { key: conversation.map(|conversation| conversation.0), comment: None }
        }
        NotificationKind::Reply => {
            let parent = store::parent(tx, comment).await?.or(comment);
            Subject { key: parent.map(|parent| parent.0), comment: parent }
        }
    })
}

/// Takes back what [`notify`] told, for instance when a like is taken back, also when it has been read. A notification by
/// nobody else goes. Whoever has written another comment in the same place stays. It does not matter whether what is taken
/// back is still there.
pub(crate) async fn retract(tx: &mut Tx, news: &mut News, notice: Notice) -> Result<(), DbError> {
    let Notice { to, by, kind, about: About { post, comment, .. }, at } = notice;
    if to == by {
        return Ok(());
    }
    let found = match kind {
        NotificationKind::Comment | NotificationKind::Reply => {
            store::told_of_comments(tx, (to, by), kind, (post, comment)).await?
        }
        _ => store::told(tx, (to, by), kind, (post, comment)).await?,
    };
    if found.is_empty() {
        return Ok(());
    }
    let numbered = news.number(tx, to).await?;
    for id in found {
        store::remove_actor(tx, id, by).await?;
    }
    news.write(tx, numbered, (EventKind::Notifications, None), at).await
}
