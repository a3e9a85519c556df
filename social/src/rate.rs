//! Rate limits: so many at once, then so many in a time (the generic cell rate algorithm,
//! <https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm>).
//!
//! Unlike `governor`'s, these can be asked without being charged: look-ups are free, only misses cost.

use std::fmt::Debug;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use dashmap::DashMap;

use crate::limits::{RATE_LIMIT_KEYS, RATE_LIMIT_SWEEP};

/// So many calls in a time, all of which may come at once.
#[derive(Debug, Clone, Copy)]
pub struct Quota {
    /// What one call costs: the time after which it is forgotten.
    cost: Duration,
    /// Calls at once.
    burst: u32,
}

impl Quota {
    /// `calls` (at least 1) a minute, multiplied by `scale` (at least 1).
    pub fn per_minute(calls: u32, scale: u32) -> Self {
        let calls = calls.saturating_mul(scale).max(1);
        Self { cost: Duration::from_secs(60) / calls, burst: calls }
    }

    /// `calls` (at least 1) an hour, multiplied by `scale` (at least 1).
    pub fn per_hour(calls: u32, scale: u32) -> Self {
        let calls = calls.saturating_mul(scale).max(1);
        Self { cost: Duration::from_secs(3600) / calls, burst: calls }
    }

    /// `calls` (at least 1) a second, `burst` at once.
    pub fn per_second(calls: u32, burst: u32) -> Self {
        Self { cost: Duration::from_secs(1) / calls.max(1), burst }
    }
}

/// One caller's account: the time until which its calls are paid.
#[derive(Debug, Clone, Copy)]
pub struct Bucket {
    paid_until: Instant,
}

impl Bucket {
    /// An account with its whole burst.
    pub fn new(now: Instant) -> Self {
        Self { paid_until: now }
    }

    /// Whether another call is allowed, for the time being without charging it.
    pub fn allows(&self, quota: Quota, now: Instant) -> bool {
        self.paid_until.saturating_duration_since(now) + quota.cost <= quota.cost * quota.burst
    }

    /// Charges a call, if it is allowed.
    pub fn charge(&mut self, quota: Quota, now: Instant) -> bool {
        let allowed = self.allows(quota, now);
        if allowed {
            self.paid_until = self.paid_until.max(now) + quota.cost;
        }
        allowed
    }

    fn is_idle(&self, now: Instant) -> bool {
        self.paid_until <= now
    }
}

/// A quota for each key: an account, or what somebody typed.
#[derive(Debug)]
pub struct Limit<K: Eq + Hash> {
    quota: Quota,
    accounts: DashMap<K, Bucket>,
    /// The most accounts.
    most: usize,
    /// When idle accounts were last forgotten for want of room.
    swept: Mutex<Option<Instant>>,
}

impl<K: Eq + Hash + Clone + Debug> Limit<K> {
    /// Nobody has called yet.
    pub fn new(quota: Quota) -> Self {
        Self { quota, accounts: DashMap::new(), most: RATE_LIMIT_KEYS, swept: Mutex::default() }
    }

    /// Whether a call of `key` is allowed, without charging it.
    pub fn allows(&self, key: &K, now: Instant) -> bool {
        self.accounts.get(key).is_none_or(|account| account.allows(self.quota, now))
    }

    /// Charges a call of `key`, if it is allowed. With too many keys at once no further one is served.
    pub fn charge(&self, key: &K, now: Instant) -> bool {
        if self.accounts.len() >= self.most && !self.accounts.contains_key(key) && !self.make_room(now) {
            return false;
        }
        self.accounts.entry(key.clone()).or_insert_with(|| Bucket::new(now)).charge(self.quota, now)
    }

    /// Whether there is room for another account. Looking for idle ones takes a while, so it is not done at each call.
    fn make_room(&self, now: Instant) -> bool {
        let mut swept = self.swept.lock().unwrap_or_else(PoisonError::into_inner);
        if swept.is_none_or(|swept| now.saturating_duration_since(swept) >= RATE_LIMIT_SWEEP) {
            *swept = Some(now);
            self.forget_idle(now);
        }
        self.accounts.len() < self.most
    }

    /// Forgets those that have their whole burst again.
    pub fn forget_idle(&self, now: Instant) {
        self.accounts.retain(|_, account| !account.is_idle(now));
    }
}

/// A quota for each address.
#[derive(Debug)]
pub struct AddressLimit(Limit<IpAddr>);

impl AddressLimit {
    /// Nobody has called yet.
    pub fn new(quota: Quota) -> Self {
        Self(Limit::new(quota))
    }

    /// Whether a call from `address` is allowed, without charging it.
    pub fn allows(&self, address: IpAddr, now: Instant) -> bool {
        self.0.allows(&network(address), now)
    }

    /// Charges a call from `address`, if it is allowed.
    pub fn charge(&self, address: IpAddr, now: Instant) -> bool {
        self.0.charge(&network(address), now)
    }

    /// Forgets the addresses that have their whole burst again.
    pub fn forget_idle(&self, now: Instant) {
        self.0.forget_idle(now);
    }
}

/// What counts as one caller: an IPv4 address, or the /64 network that one IPv6 subscriber has to himself.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from(u128::from(address) >> 64 << 64).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_the_steady_rate() {
        let start = Instant::now();
        let quota = Quota::per_second(20, 100);
        let mut bucket = Bucket::new(start);
        assert_eq!((0..200).filter(|_| bucket.charge(quota, start)).count(), 100);
        let later = start + Duration::from_secs(1);
        assert_eq!((0..200).filter(|_| bucket.charge(quota, later)).count(), 20);
        let much_later = start + Duration::from_secs(3600);
        assert_eq!((0..200).filter(|_| bucket.charge(quota, much_later)).count(), 100);
    }

    #[test]
    fn asking_is_free_and_addresses_are_apart() {
        let now = Instant::now();
        let limit = AddressLimit::new(Quota::per_minute(2, 1));
        let [one, other] = [IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2])];
        for _ in 0..10 {
            assert!(limit.allows(one, now));
        }
        assert!(limit.charge(one, now) && limit.charge(one, now) && !limit.charge(one, now));
        assert!(!limit.allows(one, now) && limit.allows(other, now));
        limit.forget_idle(now + Duration::from_secs(60));
        assert!(limit.0.accounts.is_empty());
    }

    #[test]
    fn no_number_of_callers_takes_more_than_its_memory() {
        let start = Instant::now();
        let limit = Limit { most: 100, ..Limit::new(Quota::per_minute(60, 1)) };
        let served = (0..1000).filter(|n| limit.charge(n, start)).count();
        assert_eq!((served, limit.accounts.len()), (100, 100));
        assert!(limit.charge(&5, start), "who is known is served");
        assert!(!limit.charge(&1000, start));
        assert!(limit.charge(&1000, start + Duration::from_secs(1)), "the others are idle by now");
        assert!(limit.accounts.len() <= 2);
    }

    #[test]
    fn one_ipv6_network_is_one_caller() {
        let parse = |text: &str| network(text.parse().unwrap());
        assert_eq!(parse("2001:db8::1"), parse("2001:db8::ffff:1"));
        assert_ne!(parse("2001:db8::1"), parse("2001:db8:0:1::1"));
        assert_eq!(parse("::ffff:192.0.2.1"), parse("192.0.2.1"));
    }
}
