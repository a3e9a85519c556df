//! Which packets a viewer has asked for lately.

use std::collections::VecDeque;

/// Packets remembered: what is in flight at 20 % loss, 300 packets a second and a round trip of 1 s.
const MAX_REMEMBERED: usize = 64;

/// Most copies of a packet: as many as it has been asked for. Where one repair was lost the next is in danger too, and
/// each attempt costs the viewer a round trip, of which a picture has two or three before it freezes.
const MAX_COPIES: usize = 3;

/// The requests of one line. Takes memory with the first.
#[derive(Debug, Default)]
pub(super) struct Requests {
    /// Numbers, and how often each was asked for; the oldest first.
    recent: VecDeque<(u16, usize)>,
}

impl Requests {
    /// How many copies of a packet to send: one when it is asked for first, then more.
    pub(super) fn copies(&mut self, seq: u16) -> usize {
        if let Some((_, times)) = self.recent.iter_mut().find(|(known, _)| *known == seq) {
            *times = (*times + 1).min(MAX_COPIES);
            return *times;
        }
        if self.recent.len() == MAX_REMEMBERED {
            self.recent.pop_front();
        }
        self.recent.push_back((seq, 1));
        1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_again_is_sent_more_than_once_until_it_is_forgotten() {
        let mut requests = Requests::default();
        assert_eq!([1, 2, 1, 1, 1, 2].map(|seq| requests.copies(seq)), [1, 1, 2, 3, 3, 2]);
        assert!((100..163).all(|seq| requests.copies(seq) == 1));
        assert_eq!([2, 1].map(|seq| requests.copies(seq)), [3, 1], "the oldest is forgotten");
        assert_eq!(requests.recent.len(), MAX_REMEMBERED);
    }
}
