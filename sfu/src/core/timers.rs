//! Deadlines of many, the earliest first: whoever has nothing due is not touched.

use std::collections::BTreeSet;
use std::time::Instant;

use slotmap::{Key, SecondaryMap};

/// One deadline for each of many keys.
#[derive(Debug)]
pub struct Timers<K: Key> {
    order: BTreeSet<(Instant, K)>,
    due: SecondaryMap<K, Instant>,
}

impl<K: Key> Default for Timers<K> {
    fn default() -> Self {
        Self { order: BTreeSet::new(), due: SecondaryMap::new() }
    }
}

impl<K: Key> Timers<K> {
    /// Gives `key` the deadline `at`, in place of the one that it had.
    pub fn set(&mut self, key: K, at: Instant) {
        match self.due.insert(key, at) {
            Some(before) if before == at => return,
            Some(before) => self.order.remove(&(before, key)),
            None => false,
        };
        self.order.insert((at, key));
    }

    /// Gives `key` the deadline `at`, unless it has an earlier one. This is cheap enough for every packet.
    pub fn set_sooner(&mut self, key: K, at: Instant) {
        if self.due.get(key).is_none_or(|&due| at < due) {
            self.set(key, at);
        }
    }

    /// `key` has no deadline any more.
    pub fn remove(&mut self, key: K) {
        if let Some(due) = self.due.remove(key) {
            self.order.remove(&(due, key));
        }
    }

    /// The earliest deadline.
    pub fn first(&self) -> Option<Instant> {
        self.order.first().map(|&(due, _)| due)
    }

    /// Takes out a key whose deadline has come, the earliest first.
    pub fn pop(&mut self, now: Instant) -> Option<K> {
        let &(_, key) = self.order.first().filter(|(due, _)| *due <= now)?;
        self.remove(key);
        Some(key)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use proptest::prelude::*;
    use slotmap::SlotMap;

    use super::*;
    use crate::id::PeerKey;

    proptest! {
        /// Against a map that is searched: what is set, brought forward and removed comes out when it is due.
        #[test]
        fn they_come_out_when_they_are_due(steps in prop::collection::vec((0..4u8, 0..8usize, 0..50u64), 1..300)) {
            let mut keys = SlotMap::<PeerKey, ()>::with_key();
            let keys: Vec<PeerKey> = (0..8).map(|_| keys.insert(())).collect();
            let start = Instant::now();
            let (mut timers, mut model) = (Timers::default(), BTreeMap::<PeerKey, Instant>::new());
            for (step, place, millis) in steps {
                let (key, at) = (keys[place], start + Duration::from_millis(millis));
                match step {
                    0 => {
                        timers.set(key, at);
                        model.insert(key, at);
                    }
                    1 => {
                        timers.set_sooner(key, at);
                        let due = model.entry(key).or_insert(at);
                        *due = at.min(*due);
                    }
                    2 => {
                        timers.remove(key);
                        model.remove(&key);
                    }
                    _ => {
                        let expected = model.iter().map(|(&key, &due)| (due, key)).min().filter(|(due, _)| *due <= at);
                        prop_assert_eq!(timers.pop(at), expected.map(|(_, key)| key));
                        expected.map(|(_, key)| model.remove(&key));
                    }
                }
                prop_assert_eq!(timers.first(), model.values().min().copied());
                prop_assert_eq!(timers.order.len(), model.len());
            }
        }
    }
}
