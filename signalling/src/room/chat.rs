//! A room's chat: kept in memory for those who come later, gone with the room.

use std::collections::VecDeque;

use confab_sfu::id::ParticipantId;

use crate::limits::{CHAT_BYTES, CHAT_LINES, MAX_CHAT_TEXT};
use crate::protocol::ChatLine;

/// The last lines, bounded in number and in bytes.
#[derive(Debug, Default)]
pub struct Chat {
    lines: VecDeque<ChatLine>,
    bytes: usize,
    last_id: u32,
}

impl Chat {
    /// Adds a line and forgets the oldest ones where there are too many. Returns the line.
    pub fn add(&mut self, from: ParticipantId, name: &str, text: String, at: u64) -> ChatLine {
        self.last_id = self.last_id.wrapping_add(1);
        let line = ChatLine { id: self.last_id, from, name: name.to_owned(), text, at };
        self.bytes += size(&line);
        self.lines.push_back(line.clone());
        while self.lines.len() > CHAT_LINES || self.bytes > CHAT_BYTES {
            let Some(oldest) = self.lines.pop_front() else { break };
            self.bytes -= size(&oldest);
        }
        line
    }

    /// What is kept, oldest first.
    pub fn lines(&self) -> Vec<ChatLine> {
        self.lines.iter().cloned().collect()
    }
}

fn size(line: &ChatLine) -> usize {
    line.name.len() + line.text.len()
}

/// Whether a text may be a chat line: something to see, not too long, no control characters but line breaks and tabs.
pub fn is_valid(text: &str) -> bool {
    let is_odd = |letter: char| letter.is_control() && !matches!(letter, '\n' | '\r' | '\t');
    !text.trim().is_empty() && text.chars().count() <= MAX_CHAT_TEXT && !text.contains(is_odd)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn only_the_last_lines_are_kept() {
        let from = ParticipantId::random(&mut rand::rngs::StdRng::seed_from_u64(1));
        let mut chat = Chat::default();
        for _ in 0..CHAT_LINES + 10 {
            chat.add(from, "Ann", "hello".into(), 0);
        }
        assert_eq!(chat.lines().len(), CHAT_LINES);
        assert_eq!(chat.lines()[0].id, 11);
        for _ in 0..CHAT_LINES {
            chat.add(from, "Ann", "x".repeat(2000), 0);
            assert!(chat.bytes <= CHAT_BYTES);
        }
        assert_eq!(chat.lines().iter().map(size).sum::<usize>(), chat.bytes);
        assert!(chat.lines().len() < CHAT_LINES);
    }

    #[test]
    fn texts_must_show_something_and_end() {
        for good in ["a", "é\n\tb", "<script>", &"é".repeat(2000)] {
            assert!(is_valid(good), "{good}");
        }
        for bad in ["", " \n", "\u{0}", "a\u{1b}[2J", &"x".repeat(2001)] {
            assert!(!is_valid(bad), "{bad:?}");
        }
    }
}
