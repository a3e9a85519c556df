//! Which messages are good.

use crate::error::ApiError;
use crate::limits::{MAX_MESSAGE_TEXT, MAX_QUERY};
use crate::profiles::rules;
use crate::search::fold;

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
