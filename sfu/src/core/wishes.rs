//! Which encodings of a publication does anybody need? The publisher may pause the others (dynacast), which saves its
//! uplink and its processor.

use std::time::{Duration, Instant};

use super::negotiation::MAX_ENCODINGS;

/// An encoding that nobody has needed for so long is paused. Lower would pause it between two looks at a page of tiles,
/// and each resumption costs a keyframe.
const LINGER: Duration = Duration::from_secs(1);

/// An encoding that was asked for and has not come for so long is taken for one that the publisher cannot send:
/// browsers leave encodings out for small pictures, slow machines and narrow uplinks, without saying so.
const PATIENCE: Duration = Duration::from_secs(2);

/// The wish for one encoding.
#[derive(Debug, Clone, Copy)]
struct Wish {
    /// Since when it has been wished for; `None` when it is not.
    since: Option<Instant>,
    /// When somebody needed it last.
    needed: Instant,
}

/// The wishes for a publication's encodings, by place. All are wished for at first, for so a publisher begins.
#[derive(Debug, Clone)]
pub struct Wishes {
    wishes: [Wish; MAX_ENCODINGS],
    changed: bool,
}

/// Whether an encoding can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Supply {
    /// It arrives.
    Live,
    /// It does not arrive, but it will or may when it is wished for.
    Paused,
    /// It was wished for, in vain.
    Dead,
}

impl Wishes {
    /// The wishes when a publisher begins.
    pub fn new(now: Instant) -> Self {
        Self { wishes: [Wish { since: Some(now), needed: now }; MAX_ENCODINGS], changed: false }
    }

    /// Somebody needs this encoding.
    pub fn need(&mut self, encoding: usize, now: Instant) {
        let Some(wish) = self.wishes.get_mut(encoding) else { return };
        wish.needed = now;
        self.changed |= wish.since.is_none();
        wish.since.get_or_insert(now);
    }

    /// Begins to wait anew for what is wished for: after a time in which nothing was taken.
    pub fn renew(&mut self, now: Instant) {
        self.wishes.iter_mut().filter_map(|wish| wish.since.as_mut()).for_each(|since| *since = now);
    }

    /// Gives up the wishes for encodings that arrive and that nobody needs. One that does not arrive costs nothing.
    pub fn expire(&mut self, now: Instant, arrives: impl Fn(usize) -> bool) {
        for (place, wish) in self.wishes.iter_mut().enumerate() {
            let unneeded = now.saturating_duration_since(wish.needed) >= LINGER;
            if wish.since.is_some() && unneeded && arrives(place) {
                wish.since = None;
                self.changed = true;
            }
        }
    }

    /// Whether an encoding can be had, where `arrives` says whether it does so now.
    pub fn supply(&self, encoding: usize, arrives: bool, now: Instant) -> Supply {
        let wished = self.wishes.get(encoding).and_then(|wish| wish.since);
        let in_vain = |since: Instant| now.saturating_duration_since(since) >= PATIENCE;
        match arrives {
            true => Supply::Live,
            false if wished.is_some_and(in_vain) => Supply::Dead,
            false => Supply::Paused,
        }
    }

    /// Which of so many encodings are wished for, if that has changed since it was asked for last.
    pub fn take_change(&mut self, encodings: usize) -> Option<Vec<bool>> {
        std::mem::take(&mut self.changed)
            .then(|| self.wishes.iter().take(encodings).map(|wish| wish.since.is_some()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn what_nobody_needs_is_paused_after_a_second_and_wished_for_again_at_once() {
        let start = Instant::now();
        let mut wishes = Wishes::new(start);
        wishes.expire(start + ms(999), |_| true);
        assert_eq!(wishes.take_change(3), None);
        wishes.need(0, start + ms(999));
        wishes.expire(start + ms(1000), |_| true);
        assert_eq!(wishes.take_change(3), Some(vec![true, false, false]));
        assert_eq!(wishes.take_change(3), None, "told once");
        wishes.need(2, start + ms(1500));
        assert_eq!(wishes.take_change(3), Some(vec![true, false, true]));
    }

    #[test]
    fn what_does_not_come_is_dead_until_it_does() {
        let start = Instant::now();
        let mut wishes = Wishes::new(start);
        let silent = |place: usize| place != 1;
        for (at, supply) in [(0, Supply::Paused), (1999, Supply::Paused), (2000, Supply::Dead), (9000, Supply::Dead)] {
            wishes.expire(start + ms(at), silent);
            assert_eq!(wishes.supply(1, false, start + ms(at)), supply, "{at}");
        }
        assert_eq!(wishes.supply(1, true, start + ms(9000)), Supply::Live);
        wishes.expire(start + ms(9000), |_| true);
        assert_eq!(wishes.supply(1, false, start + ms(99_000)), Supply::Paused, "not wished for: it may come");
        assert_eq!(wishes.supply(0, false, start + ms(99_000)), Supply::Paused);
        wishes.need(1, start + ms(99_000));
        assert_eq!(wishes.supply(1, false, start + ms(100_999)), Supply::Paused);
        assert_eq!(wishes.supply(1, false, start + ms(101_000)), Supply::Dead);
        wishes.renew(start + ms(101_000));
        assert_eq!(wishes.supply(1, false, start + ms(102_999)), Supply::Paused);
        assert_eq!(wishes.supply(99, false, start), Supply::Paused);
    }
}
