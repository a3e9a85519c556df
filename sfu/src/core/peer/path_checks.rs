//! Our own checks of the paths that a client nominates: media moves only to where the client has been heard to hear us.

use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};

use crate::core::outbox::Path;
use crate::core::stun::TransactionId;

/// Paths that are checked at a time: as many as a peer may have addresses. So a check that was forged for one address
/// never takes the place of a genuine one for another.
const MAX_PENDING: usize = 16;

/// Requests for one path. With their intervals they end after 1.5 s, by when the client asks again by itself.
const MAX_ATTEMPTS: u32 = 4;

/// Time to the second request; it doubles each time. Longer than most round trips, so that most need one only.
const FIRST_INTERVAL: Duration = Duration::from_millis(100);

#[derive(Debug)]
struct Check {
    path: Path,
    id: TransactionId,
    attempts: u32,
    next: Instant,
}

/// The checks of one peer, the path that was nominated last at the end.
#[derive(Debug)]
pub(super) struct PathChecks {
    pending: Vec<Check>,
    rng: StdRng,
    /// The same in all requests to one client (RFC 8445 section 7.1.3).
    pub(super) tie_breaker: u64,
}

impl PathChecks {
    /// None yet. Their transactions are drawn from `rng`: who does not see a request cannot answer it.
    pub(super) fn new(rng: &mut impl Rng) -> Self {
        Self { pending: Vec::new(), tie_breaker: rng.random(), rng: StdRng::from_seed(rng.random()) }
    }

    /// The client has nominated `path`.
    pub(super) fn nominated(&mut self, now: Instant, path: Path) {
        let known = self.pending.iter().position(|check| check.path.remote == path.remote);
        let check = known.map(|place| self.pending.remove(place));
        let check = check.unwrap_or_else(|| Check { path, id: self.rng.random(), attempts: 0, next: now });
        if self.pending.len() >= MAX_PENDING {
            self.pending.remove(0);
        }
        self.pending.push(Check { path, ..check });
    }

    /// The next request that is due, if any, and where to. One that was sent in vain too often is given up.
    pub(super) fn next_due(&mut self, now: Instant) -> Option<(Path, TransactionId)> {
        self.pending.retain(|check| check.attempts < MAX_ATTEMPTS || check.next > now);
        let check = self.pending.iter_mut().find(|check| check.next <= now)?;
        check.next = now + FIRST_INTERVAL * 2_u32.pow(check.attempts);
        check.attempts += 1;
        Some((check.path, check.id))
    }

    /// When the next request is due or given up.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.pending.iter().map(|check| check.next).min()
    }

    /// The path that a genuine answer to `id`, which came along `from`, proves. What was nominated before it is
    /// forgotten.
    pub(super) fn answered(&mut self, id: &TransactionId, from: Path) -> Option<Path> {
        let is_it = |check: &Check| check.id == *id && check.path.remote == from.remote;
        let place = self.pending.iter().position(is_it)?;
        self.pending.drain(..=place).next_back().map(|check| check.path)
    }

    /// New credentials, or a path that needs no proof any more: nothing asked so far matters.
    pub(super) fn clear(&mut self) {
        self.pending.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::*;
    use crate::core::endpoint::Endpoint;

    fn path(port: u16) -> Path {
        Path { remote: Endpoint::udp(SocketAddr::from(([192, 0, 2, 1], port))), local: None }
    }

    #[test]
    fn a_path_is_asked_four_times_within_its_time() {
        let mut checks = PathChecks::new(&mut StdRng::seed_from_u64(1));
        let start = Instant::now();
        checks.nominated(start, path(1));
        let mut sent = Vec::new();
        for millis in 0..3000 {
            let now = start + Duration::from_millis(millis);
            if millis % 50 == 0 && millis < 1000 {
                // Asking more often does not make it ask more often.
                checks.nominated(now, path(1));
            }
            while let Some((to, id)) = checks.next_due(now) {
                assert_eq!(to, path(1));
                sent.push((millis, id));
            }
        }
        assert_eq!(sent.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [0, 100, 300, 700]);
        assert!(sent.iter().all(|(_, id)| *id == sent[0].1));
        assert_eq!(checks.deadline(), None);
    }

    #[test]
    fn only_the_answer_to_the_request_from_the_path_itself_proves_it() {
        let mut checks = PathChecks::new(&mut StdRng::seed_from_u64(2));
        let now = Instant::now();
        for port in [1, 2, 3] {
            checks.nominated(now, path(port));
        }
        let ids: Vec<_> = std::iter::from_fn(|| checks.next_due(now)).collect();
        assert_eq!(checks.answered(&[0; 12], path(2)), None);
        assert_eq!(checks.answered(&ids[1].1, path(1)), None, "it came from elsewhere");
        assert_eq!(checks.answered(&ids[1].1, path(2)), Some(path(2)));
        assert_eq!(checks.answered(&ids[1].1, path(2)), None, "it counts once");
        assert_eq!(checks.answered(&ids[0].1, path(1)), None, "the client wanted another one since");
        assert_eq!(checks.answered(&ids[2].1, path(3)), Some(path(3)));
    }

    #[test]
    fn many_nominations_cost_bounded_memory() {
        let mut checks = PathChecks::new(&mut StdRng::seed_from_u64(3));
        (0..1000).for_each(|port| checks.nominated(Instant::now(), path(port)));
        assert_eq!(checks.pending.len(), MAX_PENDING);
    }
}
