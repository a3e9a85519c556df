//! Names that people give themselves and their rooms.

/// `text` trimmed, if it then has 1 to `max` characters, none of which hides, breaks lines or turns the text around it.
pub fn clean(text: &str, max: usize) -> Option<String> {
    let text = text.trim();
    // Bytes first: counting the characters of a huge text would be work for nothing.
    let fits = !text.is_empty() && text.len() <= 4 * max && text.chars().count() <= max;
    (fits && !text.contains(is_odd)).then(|| text.to_owned())
}

/// `text` without what hides, breaks lines or turns the text around it.
pub(crate) fn without_odd(text: &str) -> String {
    text.chars().filter(|letter| !is_odd(*letter)).collect()
}

/// Control characters, line and paragraph separators, bidirectional marks, embeddings, overrides and isolates
/// (<https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters>), and the byte order mark.
fn is_odd(letter: char) -> bool {
    let turns =
        matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    letter.is_control() || turns || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_trimmed_short_and_plain() {
        assert_eq!(clean("  Ann \n", 60).as_deref(), Some("Ann"));
        for good in ["李小龍", "عمر", "👩‍🚀", &"é".repeat(60), "<b>O'Neill</b>"] {
            assert_eq!(clean(good, 60).as_deref(), Some(good));
        }
        let long = "x".repeat(10 * 1024);
        for bad in ["", "   ", "a\nb", "a\0b", "\u{202e}nnA", "a\u{2066}b", "a\u{2028}b", &"é".repeat(61), &long] {
            assert_eq!(clean(bad, 60), None, "{bad:?}");
        }
    }
}
