//! Work that takes long and much memory, a few pieces at once.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

/// Bounds of a [`Pool`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolLimits {
    /// How many pieces of work run at once, each on a thread. Decoding a picture takes a core, and up to 256 MiB each.
    pub threads: usize,
    /// How many may wait besides. More would only wait longer than `deadline`; fewer refuse a burst that would be done in time.
    pub queue: usize,
    /// How long a caller waits for the outcome, waiting for its turn included. Large photos take about a second.
    pub deadline: Duration,
}

impl Default for PoolLimits {
    fn default() -> Self {
        Self { threads: 2, queue: 8, deadline: Duration::from_secs(5) }
    }
}

/// Why there is no outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PoolError {
    /// As much is waiting as may.
    #[error("too much is being worked on")]
    Busy,
    /// The deadline has passed. What had begun runs to its end on its thread, and nobody learns of the outcome.
    #[error("it took too long")]
    TooSlow,
    /// The work panicked.
    #[error("the work failed")]
    Failed,
}

/// Runs work on threads, a bounded number at once. Clones share the bounds.
#[derive(Debug, Clone)]
pub struct Pool {
    limits: PoolLimits,
    /// One permit for each piece of work that is in here.
    places: Arc<Semaphore>,
    /// One permit for each piece of work that runs.
    threads: Arc<Semaphore>,
}

impl Pool {
    /// A pool with these bounds.
    #[must_use]
    pub fn new(limits: PoolLimits) -> Self {
        let places = limits.threads.saturating_add(limits.queue).min(Semaphore::MAX_PERMITS);
        let threads = limits.threads.min(Semaphore::MAX_PERMITS);
        Self { limits, places: Arc::new(Semaphore::new(places)), threads: Arc::new(Semaphore::new(threads)) }
    }

    /// Runs `work` when it is its turn. If the caller goes away before that, it does not run.
    ///
    /// # Errors
    /// See [`PoolError`].
    pub async fn run<T, F>(&self, work: F) -> Result<T, PoolError>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| PoolError::Busy)?;
        let turn = async {
            let thread = Arc::clone(&self.threads).acquire_owned().await.map_err(|_| PoolError::Busy)?;
            let working = tokio::task::spawn_blocking(move || {
                // Held until the work is done, and not only until its caller has given up.
                let _held = (place, thread);
                work()
            });
            working.await.map_err(|_| PoolError::Failed)
        };
        tokio::time::timeout(self.limits.deadline, turn).await.unwrap_or(Err(PoolError::TooSlow))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

    use super::*;

    const DEADLINE: Duration = Duration::from_secs(5);

    fn pool(threads: usize, queue: usize) -> Pool {
        Pool::new(PoolLimits { threads, queue, deadline: DEADLINE })
    }

    /// Work that has begun when the first end hears of it, and ends when the second one is dropped.
    fn held() -> (impl FnOnce() + Send + 'static, tokio::sync::oneshot::Receiver<()>, mpsc::Sender<()>) {
        let (began, begun) = tokio::sync::oneshot::channel();
        let (release, released) = mpsc::channel();
        let work = move || {
            began.send(()).unwrap();
            let _ended = released.recv();
        };
        (work, begun, release)
    }

    #[tokio::test]
    async fn the_outcome_comes_back() {
        assert_eq!(pool(1, 0).run(|| 6 * 7).await, Ok(42));
    }

    #[tokio::test]
    async fn what_finds_no_place_is_refused_at_once() {
        let pool = pool(1, 1);
        let (work, begun, release) = held();
        let running = tokio::spawn({
            let pool = pool.clone();
            async move { pool.run(work).await }
        });
        begun.await.unwrap();
        let waiting = tokio::spawn({
            let pool = pool.clone();
            async move { pool.run(|| "waited").await }
        });
        while pool.places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(pool.run(|| ()).await, Err(PoolError::Busy));
        drop(release);
        assert_eq!(running.await.unwrap(), Ok(()));
        assert_eq!(waiting.await.unwrap(), Ok("waited"));
        assert_eq!(pool.run(|| ()).await, Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_caller_waits_until_the_deadline_and_the_thread_stays_taken() {
        let pool = pool(1, 1);
        let (work, begun, release) = held();
        let running = tokio::spawn({
            let pool = pool.clone();
            async move { pool.run(work).await }
        });
        begun.await.unwrap();
        tokio::time::advance(DEADLINE).await;
        assert_eq!(running.await.unwrap(), Err(PoolError::TooSlow));
        assert_eq!(pool.threads.available_permits(), 0, "it still runs");

        // What waits meanwhile has its own deadline, and then never runs.
        let ran = Arc::new(AtomicUsize::new(0));
        let waiting = tokio::spawn({
            let (pool, ran) = (pool.clone(), Arc::clone(&ran));
            async move { pool.run(move || ran.fetch_add(1, Ordering::SeqCst)).await }
        });
        while pool.places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        tokio::time::advance(DEADLINE).await;
        assert_eq!(waiting.await.unwrap(), Err(PoolError::TooSlow));
        drop(release);
        let after = Arc::clone(&ran);
        assert_eq!(pool.run(move || after.load(Ordering::SeqCst)).await, Ok(0));
    }

    #[tokio::test]
    async fn a_panic_is_an_error_and_frees_its_thread() {
        let pool = pool(1, 0);
        assert_eq!(pool.run(|| -> () { panic!("on purpose") }).await, Err(PoolError::Failed));
        assert_eq!(pool.run(|| ()).await, Ok(()));
    }
}
