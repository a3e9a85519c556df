//! Which letters are good.

use crate::accounts::rules::username;
use crate::error::ApiError;
use crate::limits::{MAX_LETTER_SUBJECT, MAX_LETTER_TEXT};
use crate::profiles::rules;

/// What a letter is about.
///
/// # Errors
/// When it is empty, too long, of several lines, or has characters that turn text.
pub(crate) fn subject(text: &str) -> Result<String, ApiError> {
    let subject = rules::line(text, MAX_LETTER_SUBJECT, "subject")?;
    subject.ok_or_else(|| ApiError::invalid("subject", "1 to 200 characters"))
}

/// What a letter says.
///
/// # Errors
/// When it is empty, too long, or has control characters.
pub(crate) fn text(text: &str) -> Result<String, ApiError> {
    let text = rules::text(text, MAX_LETTER_TEXT, "text")?;
    text.ok_or_else(|| ApiError::invalid("text", "1 to 20000 characters"))
}

/// For whom a letter is. What is no username names nobody.
///
/// # Errors
/// That there is no such person.
pub(crate) fn addressee(name: &str) -> Result<String, ApiError> {
    username(name.trim()).map_err(|_| ApiError::not_found())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_a_line() {
        assert_eq!(subject(" Trip \n").unwrap(), "Trip");
        assert!(subject(&"é".repeat(200)).is_ok() && subject(&"é".repeat(201)).is_err());
        for bad in ["", " \n", "a\nb", "a\0b", "\u{202e}abc"] {
            assert!(subject(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_letter_has_a_text() {
        assert_eq!(text(" Dear Ann,\r\n\r\nI am well. ").unwrap(), "Dear Ann,\n\nI am well.");
        assert!(text(&"é".repeat(20_000)).is_ok() && text(&"é".repeat(20_001)).is_err());
        for bad in ["", " \n", "a\0b", "\u{202e}abc"] {
            assert!(text(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn what_is_no_username_is_nobody() {
        assert_eq!(addressee(" Ann.Lee ").unwrap(), "Ann.Lee");
        for bad in ["", "a", "ann\0", "ann lee", "ann@example.org", "admin"] {
            assert!(addressee(bad).is_err(), "{bad:?}");
        }
    }
}
