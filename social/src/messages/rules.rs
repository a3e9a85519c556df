//! Which messages are good.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::error::ApiError;
use crate::id::AttachmentId;
use crate::limits::{MAX_ATTACHED, MAX_MESSAGE_TEXT, MAX_QUERY};
use crate::profiles::rules;
use crate::search::fold;

/// The text of a message beside what is attached to it, which may be empty.
///
/// # Errors
/// When it is too long or has control characters.
pub(crate) fn text_beside(text: &str) -> Result<String, ApiError> {
    Ok(rules::text(text, MAX_MESSAGE_TEXT, "text")?.unwrap_or_default())
}

/// What is attached to a message.
///
/// # Errors
/// When it is too much, or one is there twice.
pub(crate) fn attachments(ids: Vec<Uuid>) -> Result<Vec<AttachmentId>, ApiError> {
    if ids.len() > MAX_ATTACHED {
        return Err(ApiError::invalid("attachments", "at most 10"));
    }
    let different: BTreeSet<_> = ids.iter().collect();
    match different.len() < ids.len() {
        true => Err(ApiError::invalid("attachments", "each at most once")),
        false => Ok(ids.into_iter().map(AttachmentId).collect()),
    }
}

/// The text of a message.
///
/// # Errors
/// When it is empty, too long or has control characters.
pub(crate) fn text(text: &str) -> Result<String, ApiError> {
    let text = rules::text(text, MAX_MESSAGE_TEXT, "text")?;
    text.ok_or_else(|| ApiError::invalid("text", "1 to 4000 characters"))
}

/// What is looked for in messages.
///
/// # Errors
/// When it has no letters, or too many.
pub(crate) fn wanted(query: &str) -> Result<String, ApiError> {
    let query = rules::line(query, MAX_QUERY, "q")?.filter(|query| !fold::letters(query).trim().is_empty());
    query.ok_or_else(|| ApiError::invalid("q", "1 to 100 characters, with letters among them"))
}
