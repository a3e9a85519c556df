//! Who has come and who has gone since the keeper looked last; decided without a clock or a database.

use std::collections::HashMap;

use crate::clock::Moment;
use crate::id::AccountId;
use crate::limits::{PRESENCE_GRACE, PRESENCE_RENEWAL};

/// Who was here.
#[derive(Debug, Default)]
pub(super) struct Rounds {
    /// Who is, and since when they have no tab any more: they reload a page, perhaps.
    here: HashMap<AccountId, Option<i64>>,
    /// When the rows of all were moved ahead.
    renewed_at: i64,
}

/// What is new.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct News {
    pub(super) come: Vec<AccountId>,
    /// Who has gone, and when.
    pub(super) gone: Vec<(AccountId, i64)>,
    /// Whose rows are to be moved ahead; those who have come are among them.
    pub(super) renewed: Vec<AccountId>,
}

impl Rounds {
    /// What is new, these having tabs.
    pub(super) fn next(&mut self, with_tabs: &[AccountId], now: Moment) -> News {
        let mut news = News::default();
        let (at, latest) = (now.millis(), now.millis_before(PRESENCE_GRACE));
        for left_at in self.here.values_mut() {
            left_at.get_or_insert(at);
        }
        for account in with_tabs {
            if self.here.insert(*account, None).is_none() {
                news.come.push(*account);
            }
        }
        self.here.retain(|account, left_at| match left_at {
            Some(left_at) if *left_at <= latest => {
                news.gone.push((*account, *left_at));
                false
            }
            _ => true,
        });
        if self.renewed_at <= now.millis_before(PRESENCE_RENEWAL) {
            self.renewed_at = at;
            news.renewed.extend(self.here.keys());
        } else {
            news.renewed.clone_from(&news.come);
        }
        news
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use uuid::Uuid;

    use super::*;
    use crate::clock::{Clock as _, ManualClock};

    const ANN: AccountId = AccountId(Uuid::from_u128(1));
    const BEN: AccountId = AccountId(Uuid::from_u128(2));

    #[test]
    fn who_comes_is_told_once() {
        let (clock, mut rounds) = (ManualClock::new(), Rounds::default());
        assert_eq!(rounds.next(&[ANN], clock.now()).come, [ANN]);
        assert_eq!(rounds.next(&[ANN], clock.now()), News::default());
        assert_eq!(rounds.next(&[ANN, BEN], clock.now()), News { come: vec![BEN], gone: vec![], renewed: vec![BEN] });
    }

    #[test]
    fn who_reloads_a_page_has_not_gone() {
        let (clock, mut rounds) = (ManualClock::new(), Rounds::default());
        rounds.next(&[ANN], clock.now());
        assert_eq!(rounds.next(&[], clock.now()).gone, []);
        clock.advance(PRESENCE_GRACE - Duration::from_millis(1));
        assert_eq!(rounds.next(&[ANN], clock.now()), News::default());
        clock.advance(PRESENCE_GRACE);
        assert_eq!(rounds.next(&[ANN], clock.now()).gone, []);
    }

    #[test]
    fn who_goes_was_last_seen_when_the_last_tab_closed() {
        let (clock, mut rounds) = (ManualClock::new(), Rounds::default());
        rounds.next(&[ANN], clock.now());
        let left_at = clock.now().millis();
        rounds.next(&[], clock.now());
        clock.advance(PRESENCE_GRACE);
        assert_eq!(rounds.next(&[], clock.now()).gone, [(ANN, left_at)]);
        assert_eq!(rounds.next(&[], clock.now()).gone, []);
        assert_eq!(rounds.next(&[ANN], clock.now()).come, [ANN]);
    }

    #[test]
    fn rows_are_moved_ahead_before_they_end() {
        let (clock, mut rounds) = (ManualClock::new(), Rounds::default());
        rounds.next(&[ANN], clock.now());
        clock.advance(PRESENCE_RENEWAL);
        assert_eq!(rounds.next(&[ANN], clock.now()), News { come: vec![], gone: vec![], renewed: vec![ANN] });
        assert_eq!(rounds.next(&[ANN], clock.now()).renewed, []);
    }
}
