//! Texts as they are searched: without case, accents, widths and punctuation.
//!
//! [`words`] splits a text into folded words. [`letters`] writes them for the database's index of all runs of three letters
//! (trigrams): in ASCII, because Postgres takes other letters for punctuation in some locales, and so that one or two
//! letters of Chinese are enough to be looked up. There each word stands behind a space. A word of Latin letters and digits
//! stands for itself; one of another alphabet is written as `~` and its letters' numbers; and where words are not parted
//! by spaces (Chinese, Japanese, Korean, Thai ..) each letter is a word. So a text has a [`Pattern`] in it only where its
//! word begins, and by no accident.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::canonical_combining_class;

/// Digits of the numbers of letters.
const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// From Greek to Arabic: alphabets whose letters get by with two digits.
const ALPHABETS: std::ops::Range<u32> = 0x370..0x370 + 36 * 36;

/// The words of a text, folded.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    // Composed again: what is left of the marks belongs to its letter (`が` is not `か`), and Korean is written in syllables.
    for letter in text.nfkd().filter(|letter| !is_accent(*letter)).nfc().flat_map(char::to_lowercase) {
        match (plain(letter), words.last_mut()) {
            (Some(letters), Some(word)) => word.push_str(letters),
            (None, Some(word)) if is_kept(letter) => word.push(letter),
            _ => words.push(String::new()),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Accents, vowel points and tone marks; not what makes another letter (kana's voicing, the vowels of Devanagari).
fn is_accent(letter: char) -> bool {
    canonical_combining_class(letter) >= 10 || matches!(letter, '\u{fe00}'..='\u{fe0f}' | '\u{200c}' | '\u{200d}')
}

/// Letters that are no others with a mark, although people type them as such.
fn plain(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'đ' | 'ð' => "d",
        'þ' => "th",
        'ł' => "l",
        'ħ' => "h",
        'ı' => "i",
        'ς' => "σ",
        _ => return None,
    })
}

/// Whether a letter belongs to a word: letters, digits, the marks that are left, and pictures.
fn is_kept(letter: char) -> bool {
    letter.is_alphanumeric() || unicode_normalization::char::is_combining_mark(letter) || is_picture(letter)
}

fn is_picture(letter: char) -> bool {
    matches!(letter, '\u{2600}'..='\u{27bf}' | '\u{1f000}'..='\u{1faff}')
}

/// Whether a letter is a word of its own: those of languages that are written without spaces, of Korean, whose words have
/// endings and are joined, and pictures.
pub(crate) fn stands_alone(letter: char) -> bool {
    is_picture(letter)
        || matches!(letter,
            '\u{e00}'..='\u{109f}' | '\u{1100}'..='\u{11ff}' | '\u{1780}'..='\u{17ff}' | '\u{2e80}'..='\u{d7ff}'
            | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// A text as the index has it.
pub fn letters(text: &str) -> String {
    let mut written = String::new();
    for word in words(text) {
        write(&word, &mut written);
    }
    written
}

fn write(word: &str, written: &mut String) {
    /// How the letter before was written; none if a word begins.
    #[derive(PartialEq, Clone, Copy)]
    enum Last {
        Nothing,
        Plain,
        Short,
        Long,
    }
    let mut last = Last::Nothing;
    for letter in word.chars() {
        let number = u32::from(letter);
        let this = match letter {
            _ if letter.is_ascii() => Last::Plain,
            _ if ALPHABETS.contains(&number) => Last::Short,
            _ => Last::Long,
        };
        let is_alone = stands_alone(letter);
        if is_alone || last == Last::Nothing {
            written.push(' ');
        }
        if is_alone || (this != last && !(this == Last::Plain && last == Last::Nothing)) {
            written.push('~');
        }
        match this {
            Last::Short => digits(number - ALPHABETS.start, 2, written),
            Last::Long => digits(number, 4, written),
            Last::Plain | Last::Nothing => written.push(letter),
        }
        last = if is_alone { Last::Nothing } else { this };
    }
}

fn digits(number: u32, count: u32, written: &mut String) {
    for place in (0..count).rev() {
        let digit = number / 36_u32.pow(place) % 36;
        written.push(
            usize::try_from(digit).ok().and_then(|digit| DIGITS.get(digit)).map_or('0', |byte| char::from(*byte)),
        );
    }
}

/// What to look for in [`letters`], by LIKE; nothing in it has to be escaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern(String);

impl Pattern {
    /// Fits every text.
    pub(crate) fn any() -> Self {
        Self("%".to_owned())
    }

    /// Fits texts of which a word begins with this one, or that have it, if its letters stand alone.
    pub(crate) fn of(word: &str) -> Self {
        let mut written = "%".to_owned();
        write(word, &mut written);
        written.push('%');
        Self(written)
    }

    /// Whether the index can look it up: it has three letters, the space before them included.
    pub(crate) fn is_indexed(&self) -> bool {
        self.0.len() >= 2 + 3
    }

    /// The longer, the fewer texts it fits.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> Self {
        pattern.0
    }
}

/// Whether each of these folded words begins one of a text's.
pub(crate) fn fits(words: &[String], text: &str) -> bool {
    let written = letters(text);
    words.iter().all(|word| written.contains(Pattern::of(word).0.trim_matches('%')))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fits(word: &str, text: &str) -> bool {
        super::fits(&[word.to_owned()], text)
    }

    #[test]
    fn case_accents_widths_and_punctuation_make_no_difference() {
        for (text, folded) in [
            ("Zoë Müller-Łęcki", "zoe muller lecki"),
            ("STRASSE Straße", "strasse strasse"),
            ("Ｆｕｌｌ　ｗｉｄｔｈ ﬁne", "full width fine"),
            ("ﾊﾝｶｸ ガ が か", "ハンカク ガ が か"),
            ("ΟΔΟΣ οδός", "οδοσ οδοσ"),
            ("Ёлка й", "елка и"),
            ("한국어 \u{1112}\u{1161}\u{11ab}", "한국어 한"),
            ("İstanbul ısı", "istanbul isi"),
            ("don't; a_b%c\\d, x.y@z #tag", "don t a b c d x y z tag"),
            ("مُحَمَّد שָׁלוֹם", "محمد שלום"),
            ("हिन्दी", "हिन्दी"),
            ("🎉👩‍🚀!", "🎉👩🚀"),
            ("\0\u{202e}\u{feff}", ""),
        ] {
            assert_eq!(words(text).join(" "), folded, "{text}");
        }
    }

    #[test]
    fn words_are_found_by_their_beginnings_and_chinese_anywhere() {
        for (word, text) in [
            ("tok", "in Tokyo"),
            ("погод", "Хорошая погода"),
            ("京タ", "東京タワー"),
            ("京", "東京"),
            ("시청", "서울시청에서"),
            ("手机", "我的iPhone手机"),
            ("iph", "我的iPhone手机"),
            ("ไทย", "ภาษาไทย"),
            ("🎉", "party🎉"),
        ] {
            let word = &words(word)[0];
            assert!(fits(word, text), "{word} {text}");
        }
        for (word, text) in [("okyo", "Tokyo"), ("года", "погода"), ("京東", "東京"), ("1", "東京 21")]
        {
            assert!(!fits(word, text), "{word} {text}");
        }
    }

    #[test]
    fn what_is_too_short_for_the_index_is_known() {
        for (word, is_indexed) in [("a", false), ("ab", true), ("ж", true), ("東", true), ("1", false)] {
            assert_eq!(Pattern::of(word).is_indexed(), is_indexed, "{word}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_written_in_plain_letters_and_found_by_each_of_its_words(text in ".{0,60}") {
            let written = letters(&text);
            prop_assert!(written.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b" ~".contains(&byte)));
            for word in words(&text) {
                prop_assert!(fits(&word, &text));
                // Folded is folded.
                prop_assert_eq!(words(&word), vec![word]);
            }
        }

        #[test]
        fn a_letter_is_not_found_where_it_is_not(one in any::<char>(), other in any::<char>()) {
            let (ones, others) = (words(&one.to_string()), words(&other.to_string()));
            if let ([one], [other]) = (ones.as_slice(), others.as_slice()) {
                prop_assert_eq!(fits(one, other), other.starts_with(one.as_str()) || one == other);
            }
        }
    }
}
