//! Time as a parameter: the system's, or one that a test winds on.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;

/// One moment by both clocks.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// Monotonic: for timeouts.
    pub at: Instant,
    /// Milliseconds since 1970: for people and for what outlives the process.
    pub unix_millis: u64,
}

impl Moment {
    /// The time by the system's clock, as files and mails have it.
    pub fn system_time(self) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(self.unix_millis)
    }

    /// Milliseconds since 1970, as databases take them.
    pub fn millis(self) -> i64 {
        i64::try_from(self.unix_millis).unwrap_or(i64::MAX)
    }

    /// The time that was `span` ago.
    pub fn millis_before(self, span: Duration) -> i64 {
        self.millis().saturating_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX))
    }

    /// How long it is until `millis`, in milliseconds since 1970; nothing if that has passed.
    pub fn until(self, millis: i64) -> Duration {
        Duration::from_millis(u64::try_from(millis.saturating_sub(self.millis())).unwrap_or(0))
    }

    /// The time that is `span` from now.
    pub fn millis_after(self, span: Duration) -> i64 {
        self.millis().saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX))
    }
}

/// The only source of time, in this crate and in signalling.
pub trait Clock: Debug + Send + Sync + 'static {
    /// The present.
    fn now(&self) -> Moment;

    /// Resolves when `at` has come.
    fn sleep_until(&self, at: Instant) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Moment {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Moment { at: Instant::now(), unix_millis: u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX) }
    }

    fn sleep_until(&self, at: Instant) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(tokio::time::sleep_until(at.into()))
    }
}

/// A clock for tests: it stands still until [`ManualClock::advance`].
#[derive(Debug)]
pub struct ManualClock {
    start: Instant,
    elapsed: watch::Sender<Duration>,
}

impl ManualClock {
    /// The moment at which every manual clock starts, in milliseconds since 1970.
    pub const START_MILLIS: u64 = 1_800_000_000_000;

    /// A clock at [`Self::START_MILLIS`].
    pub fn new() -> Self {
        Self { start: Instant::now(), elapsed: watch::Sender::new(Duration::ZERO) }
    }

    /// Winds the clock on and wakes the sleepers whose time has come.
    pub fn advance(&self, by: Duration) {
        self.elapsed.send_modify(|elapsed| *elapsed += by);
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Moment {
        let elapsed = *self.elapsed.borrow();
        let millis = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
        Moment { at: self.start + elapsed, unix_millis: Self::START_MILLIS.saturating_add(millis) }
    }

    fn sleep_until(&self, at: Instant) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let mut elapsed = self.elapsed.subscribe();
        let wanted = at.saturating_duration_since(self.start);
        Box::pin(async move {
            if elapsed.wait_for(|elapsed| *elapsed >= wanted).await.is_err() {
                // The clock is gone: its time never comes.
                std::future::pending().await
            }
        })
    }
}
