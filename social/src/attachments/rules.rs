//! Which names and sizes are good.

use crate::error::ApiError;
use crate::limits::{MAX_ATTACHMENT, MAX_FILE_NAME};
use crate::names;

/// A file's name without folders and without what would turn, hide or break it: systems allow nearly everything in names,
/// and nobody can do anything about a name that is refused.
///
/// # Errors
/// When nothing is left of it, or it is too long.
pub(crate) fn name(text: &str) -> Result<String, ApiError> {
    let rule = || ApiError::invalid("name", "1 to 255 characters");
    // Four bytes a letter, and some folders.
    if text.len() > 8 * MAX_FILE_NAME {
        return Err(rule());
    }
    let last = text.rsplit(['/', '\\']).next().unwrap_or(text);
    let plain = names::without_odd(last);
    // Windows leaves out dots and spaces at the end, so that `a.exe. ` would be another file there.
    let name = plain.trim_start().trim_end_matches(|letter: char| letter == '.' || letter.is_whitespace());
    match name.chars().count() {
        1..=MAX_FILE_NAME => Ok(name.to_owned()),
        _ => Err(rule()),
    }
}

/// A name whose extension is that of what the file has become.
pub(super) fn with_extension(name: &str, extension: &str) -> String {
    let (stem, old) = name.rsplit_once('.').unwrap_or((name, ""));
    let is_same = |known: &str| old.eq_ignore_ascii_case(known);
    match stem {
        _ if is_same(extension) || (extension == "jpg" && is_same("jpeg")) => name.to_owned(),
        "" => format!("{old}.{extension}"),
        _ => format!("{stem}.{extension}"),
    }
}

/// How many bytes an upload will have.
///
/// # Errors
/// When it is nothing or too much.
pub(super) fn size(size: i64) -> Result<i64, ApiError> {
    match size {
        1..=MAX_ATTACHMENT => Ok(size),
        _ => Err(ApiError::invalid("size", "1 byte to 64 MiB")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_their_folders_and_what_turns_them_around() {
        for (given, kept) in [
            ("report.pdf", "report.pdf"),
            ("C:\\fakepath\\a.png", "a.png"),
            ("../../etc/passwd", "passwd"),
            ("photo\u{202e}gpj.exe", "photogpj.exe"),
            (" a\r\nContent-Type: text\0.txt ", "aContent-Type: text.txt"),
            ("a.exe. . ", "a.exe"),
            (".env", ".env"),
            ("報告 (1) \"final\".docx", "報告 (1) \"final\".docx"),
            ("👩‍🚀.mp4", "👩‍🚀.mp4"),
        ] {
            assert_eq!(name(given).unwrap(), kept, "{given:?}");
        }
        assert_eq!(name(&"é".repeat(255)).unwrap().chars().count(), 255);
        for bad in ["", " ", ".", "..", "/", "a/", "\0", "\u{202e}", &"é".repeat(256), &"x".repeat(100_000)] {
            assert!(name(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn what_was_drawn_anew_is_called_by_what_it_is() {
        for (name, extension, expected) in [
            ("a.png", "jpg", "a.jpg"),
            ("a.JPEG", "jpg", "a.JPEG"),
            ("a.Jpg", "jpg", "a.Jpg"),
            ("a.b.webp", "png", "a.b.png"),
            ("photo", "jpg", "photo.jpg"),
            (".png", "jpg", "png.jpg"),
        ] {
            assert_eq!(with_extension(name, extension), expected);
        }
    }

    #[test]
    fn sizes_have_a_range() {
        assert!(size(1).is_ok() && size(MAX_ATTACHMENT).is_ok());
        assert!(size(0).is_err() && size(-1).is_err() && size(MAX_ATTACHMENT + 1).is_err() && size(i64::MAX).is_err());
    }
}
