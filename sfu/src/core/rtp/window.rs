//! Which of a stream's latest packets have been seen.

use super::SeqNo;

/// Words of the bitmap; the window is 1024 packets. Video that comes again after a NACK may be that late: at
/// 2.5 Mbit/s 1024 packets are about 4 s.
const WORDS: usize = 16;

/// What a [`SeqWindow`] knows of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// Higher than all before.
    Ahead,
    /// Within the window, and missing until now.
    Missing,
    /// Within the window, and seen before.
    Already,
    /// Too old to tell.
    TooOld,
}

/// A sliding window over a stream's last 1024 packets (RFC 3711 section 3.3.2,
/// <https://www.rfc-editor.org/rfc/rfc3711#section-3.3.2>).
#[derive(Debug, Clone, Default)]
pub struct SeqWindow {
    highest: Option<SeqNo>,
    /// The bit of packet `n` is `n` modulo the window.
    seen: [u64; WORDS],
}

impl SeqWindow {
    /// Packets that the window remembers.
    pub const LEN: u64 = 64 * WORDS as u64;

    /// The highest number recorded.
    pub fn highest(&self) -> Option<SeqNo> {
        self.highest
    }

    /// What is known of `seq`.
    pub fn check(&self, seq: SeqNo) -> Seen {
        match self.highest {
            None => Seen::Ahead,
            Some(highest) if seq > highest => Seen::Ahead,
            Some(highest) if highest.0 - seq.0 >= Self::LEN => Seen::TooOld,
            Some(_) if self.seen[word(seq.0)] & bit(seq.0) != 0 => Seen::Already,
            Some(_) => Seen::Missing,
        }
    }

    /// Records `seq` and tells what was known of it before.
    pub fn record(&mut self, seq: SeqNo) -> Seen {
        let before = self.check(seq);
        if before == Seen::Ahead {
            self.advance(seq);
        }
        if matches!(before, Seen::Ahead | Seen::Missing) {
            self.seen[word(seq.0)] |= bit(seq.0);
        }
        before
    }

    fn advance(&mut self, seq: SeqNo) {
        match self.highest {
            Some(highest) if seq.0 - highest.0 < Self::LEN => {
                for skipped in highest.0 + 1..=seq.0 {
                    self.seen[word(skipped)] &= !bit(skipped);
                }
            }
            _ => self.seen = [0; WORDS],
        }
        self.highest = Some(seq);
    }
}

fn word(seq: u64) -> usize {
    (seq / 64) as usize % WORDS
}

fn bit(seq: u64) -> u64 {
    1 << (seq % 64)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tells_new_from_missing_from_old() {
        let mut window = SeqWindow::default();
        assert_eq!(window.record(SeqNo(100)), Seen::Ahead);
        assert_eq!(window.record(SeqNo(100)), Seen::Already);
        assert_eq!(window.record(SeqNo(99)), Seen::Missing);
        assert_eq!(window.record(SeqNo(2000)), Seen::Ahead);
        assert_eq!(window.record(SeqNo(2000 - 1023)), Seen::Missing);
        assert_eq!(window.record(SeqNo(2000 - 1024)), Seen::TooOld);
        assert_eq!(window.highest(), Some(SeqNo(2000)));
    }

    proptest! {
        #[test]
        fn agrees_with_a_set(steps in prop::collection::vec(-1200i64..1200, 1..300)) {
            let mut window = SeqWindow::default();
            let mut seen = BTreeSet::new();
            let mut at = 1_000_000i64;
            for step in steps {
                at += step;
                let seq = at as u64;
                let expected = match seen.last() {
                    None => Seen::Ahead,
                    Some(&highest) if seq > highest => Seen::Ahead,
                    Some(&highest) if highest - seq >= SeqWindow::LEN => Seen::TooOld,
                    Some(_) if seen.contains(&seq) => Seen::Already,
                    Some(_) => Seen::Missing,
                };
                prop_assert_eq!(window.record(SeqNo(seq)), expected);
                if expected != Seen::TooOld {
                    seen.insert(seq);
                }
            }
        }
    }
}
