//! Which posts and comments are good.

use std::collections::BTreeSet;

use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::ApiError;
use crate::id::PostImageId;
use crate::limits::{MAX_ALT, MAX_COMMENT_TEXT, MAX_POST_IMAGES, MAX_POST_TEXT};
use crate::profiles::rules;

/// An image of a post that is written or changed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImageChoice {
    /// The id that its upload was given.
    id: Uuid,
    /// What it shows, for people who do not see it.
    #[serde(default)]
    #[schema(max_length = 1000)]
    alt: String,
}

/// The same, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attached {
    pub(crate) id: PostImageId,
    pub(crate) alt: String,
}

/// The text of a post, which may be empty if it has images.
///
/// # Errors
/// When it is too long or has control characters.
pub(crate) fn text(text: &str) -> Result<String, ApiError> {
    Ok(rules::text(text, MAX_POST_TEXT, "text")?.unwrap_or_default())
}

/// # Errors
/// When there is nothing to see.
pub(crate) fn is_something(text: &str, images: usize) -> Result<(), ApiError> {
    match text.is_empty() && images == 0 {
        true => Err(ApiError::invalid("text", "a post has a text or an image")),
        false => Ok(()),
    }
}

/// # Errors
/// When there are too many, one is there twice, or what one shows cannot be told like this.
pub(crate) fn images(choices: Vec<ImageChoice>) -> Result<Vec<Attached>, ApiError> {
    if choices.len() > MAX_POST_IMAGES {
        return Err(ApiError::invalid("images", "at most 4"));
    }
    let ids: BTreeSet<_> = choices.iter().map(|choice| choice.id).collect();
    if ids.len() < choices.len() {
        return Err(ApiError::invalid("images", "each at most once"));
    }
    let check = |ImageChoice { id, alt }| {
        Ok(Attached { id: PostImageId(id), alt: rules::text(&alt, MAX_ALT, "images")?.unwrap_or_default() })
    };
    choices.into_iter().map(check).collect()
}

/// The text of a comment.
///
/// # Errors
/// When it is empty, too long or has control characters.
pub(crate) fn comment(text: &str) -> Result<String, ApiError> {
    let text = rules::text(text, MAX_COMMENT_TEXT, "text")?;
    text.ok_or_else(|| ApiError::invalid("text", "1 to 2000 characters"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(id: u128, alt: &str) -> ImageChoice {
        ImageChoice { id: Uuid::from_u128(id), alt: alt.into() }
    }

    #[test]
    fn posts_have_a_text_or_an_image() {
        assert_eq!(text(" a\r\nb ").unwrap(), "a\nb");
        assert_eq!(text(" \n ").unwrap(), "");
        assert!(text(&"é".repeat(5000)).is_ok() && text(&"é".repeat(5001)).is_err());
        for bad in ["a\0b", "a\u{1b}[2J", "\u{202e}abc", "a\u{2066}b"] {
            assert!(text(bad).is_err() && comment(bad).is_err(), "{bad:?}");
        }
        assert!(is_something("", 0).is_err() && is_something("a", 0).is_ok() && is_something("", 1).is_ok());
    }

    #[test]
    fn comments_have_a_text() {
        assert!(comment("").is_err() && comment(" \n").is_err());
        assert!(comment(&"x".repeat(2000)).is_ok() && comment(&"x".repeat(2001)).is_err());
    }

    #[test]
    fn images_are_few_and_different() {
        assert_eq!(images(vec![choice(1, " A cat \n")]).unwrap()[0].alt, "A cat");
        assert!(images((0..4).map(|id| choice(id, "")).collect()).is_ok());
        assert!(images((0..5).map(|id| choice(id, "")).collect()).is_err());
        assert!(images(vec![choice(1, ""), choice(1, "")]).is_err());
        assert!(images(vec![choice(1, &"x".repeat(1001))]).is_err());
        assert!(images(vec![choice(1, "a\0")]).is_err());
    }
}
