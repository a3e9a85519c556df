//! Which conversations are good.

use crate::error::ApiError;
use crate::limits::{MAX_INVITED, MAX_TITLE};
use crate::profiles::rules;

/// The name of a group.
///
/// # Errors
/// When it is empty, too long or has control characters.
pub(crate) fn title(title: &str) -> Result<String, ApiError> {
    let title = rules::line(title, MAX_TITLE, "title")?;
    title.ok_or_else(|| ApiError::invalid("title", "1 to 100 characters, on one line"))
}

/// The people whom one names when one makes a group.
///
/// # Errors
/// When there are too many.
pub(crate) fn invited(usernames: &[String]) -> Result<(), ApiError> {
    match usernames.len() > MAX_INVITED {
        true => Err(ApiError::invalid("people", "at most 50")),
        false => Ok(()),
    }
}
