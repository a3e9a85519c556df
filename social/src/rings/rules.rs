//! Which conversations may be rung.

use crate::conversations::store::ConversationRow;
use crate::conversations::{ConversationKind, MemberState};
use crate::error::ApiError;
use crate::limits::MAX_NOTIFIED_MEMBERS;

/// Whether the viewer may ring a conversation.
///
/// # Errors
/// When the viewer is not in it, or it is a room, or too large, or nobody there has said yes to the viewer.
pub(crate) fn may_ring(row: &ConversationRow, is_requested: bool) -> Result<(), ApiError> {
    match row.state() {
        MemberState::Invited | MemberState::Asking => return Err(ApiError::not_found()),
        MemberState::Requested => return Err(ApiError::not_allowed("say yes before you call")),
        MemberState::Joined => {}
    }
    if row.kind().is_room() {
        return Err(ApiError::not_allowed("nobody is called in a room"));
    }
    if row.members > MAX_NOTIFIED_MEMBERS {
        return Err(ApiError::not_allowed("a group of more than 50 people cannot be called"));
    }
    match row.kind() == ConversationKind::Direct && is_requested {
        true => Err(ApiError::not_allowed("this person has not said yes to you yet")),
        false => Ok(()),
    }
}
