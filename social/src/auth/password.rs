//! Passwords: Argon2id on a few threads of its own, with a queue that ends.
//! (<https://www.rfc-editor.org/rfc/rfc9106.html>)

use std::fmt;
use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use rand::RngExt as _;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::error::{ApiError, Code};
use crate::limits::{ARGON2_MEMORY, ARGON2_PASSES, HASH_DEADLINE, HASH_QUEUE};
use crate::pool::{Pool, PoolError, PoolLimits};
use crate::secrets::SharedRng;

/// Characters of a password: long enough to be worth hashing, short enough to be hashed at once.
const LENGTH: std::ops::RangeInclusive<usize> = 10..=128;

/// A password as somebody typed it. `Debug` hides it.
#[derive(Clone, Deserialize, ToSchema)]
#[schema(value_type = String, format = Password, min_length = 10, max_length = 128)]
#[serde(transparent)]
pub struct Password(String);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

impl From<&str> for Password {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl Password {
    /// Checks a password that somebody chooses; `field` is its name in the body.
    ///
    /// # Errors
    /// When it is too short or too long.
    pub(crate) fn check(self, field: &'static str) -> Result<Self, ApiError> {
        // Bytes first: counting the characters of a huge text would be work for nothing.
        let fits = self.0.len() <= 4 * *LENGTH.end() && LENGTH.contains(&self.0.chars().count());
        if fits { Ok(self) } else { Err(ApiError::invalid(field, "10 to 128 characters")) }
    }
}

/// What a try to sign in came to.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The password is right.
    Right,
    /// It is right, and here is a new hash of it with today's parameters.
    RightButOld(String),
    /// It is wrong, or there is no such account.
    Wrong,
}

/// Hashes passwords. Cheap to clone.
#[derive(Clone)]
pub struct Hasher(Arc<Inner>);

struct Inner {
    argon2: Argon2<'static>,
    rng: SharedRng,
    pool: Pool,
    /// The hash of a password that nobody knows: what is checked when there is no account.
    decoy: String,
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hasher").finish_non_exhaustive()
    }
}

impl Hasher {
    /// A pool of `threads` (at least 1).
    pub fn new(threads: usize, rng: SharedRng) -> Self {
        let params = Params::new(ARGON2_MEMORY, ARGON2_PASSES, 1, None).unwrap_or_default();
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let secret: [u8; 16] = rng.with(|rng| rng.random());
        let decoy = hash(&argon2, &secret, &rng).unwrap_or_default();
        let pool = Pool::new(PoolLimits { threads: threads.max(1), queue: HASH_QUEUE, deadline: HASH_DEADLINE });
        Self(Arc::new(Inner { argon2, rng, pool, decoy }))
    }

    /// The hash of a new password, in PHC form.
    ///
    /// # Errors
    /// Busy, when too many wait.
    pub async fn hash(&self, password: Password) -> Result<String, ApiError> {
        self.on_a_thread(move |inner| hash(&inner.argon2, password.0.as_bytes(), &inner.rng)).await?
    }

    /// Checks a password against the account's hash. Without an account it takes as long, and is wrong.
    ///
    /// # Errors
    /// Busy, when too many wait.
    pub async fn verify(&self, password: Password, stored: Option<String>) -> Result<Verdict, ApiError> {
        let work = move |inner: &Inner| {
            let is_known = stored.is_some();
            let stored = stored.as_deref().unwrap_or(&inner.decoy);
            let Ok(parsed) = PasswordHash::new(stored) else { return Verdict::Wrong };
            // An absurdly long password cannot be right, but it must not be told by its time either.
            let matches = inner.argon2.verify_password(password.0.as_bytes(), &parsed).is_ok();
            match (matches && is_known, is_current(&parsed)) {
                (false, _) => Verdict::Wrong,
                (true, true) => Verdict::Right,
                (true, false) => {
                    hash(&inner.argon2, password.0.as_bytes(), &inner.rng).map_or(Verdict::Right, Verdict::RightButOld)
                }
            }
        };
        self.on_a_thread(work).await
    }

    async fn on_a_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let inner = Arc::clone(&self.0);
        self.0.pool.run(move || work(&inner)).await.map_err(|error| match error {
            PoolError::Busy | PoolError::TooSlow => {
                ApiError::new(Code::Busy, "too many people are signing in; try again in a moment")
            }
            PoolError::Failed => ApiError::internal(),
        })
    }
}

fn hash(argon2: &Argon2<'_>, password: &[u8], rng: &SharedRng) -> Result<String, ApiError> {
    let salt: [u8; 16] = rng.with(|rng| rng.random());
    let hash = argon2.hash_password_with_salt(password, &salt).map_err(|error| {
        tracing::error!("cannot hash a password: {error}");
        ApiError::internal()
    })?;
    Ok(hash.to_string())
}

/// Whether a hash was made with today's parameters.
fn is_current(hash: &PasswordHash) -> bool {
    let wanted = Params::new(ARGON2_MEMORY, ARGON2_PASSES, 1, None).unwrap_or_default();
    let same = |params: Params| (params.m_cost(), params.t_cost()) == (wanted.m_cost(), wanted.t_cost());
    Params::try_from(hash).is_ok_and(same) && hash.algorithm == Algorithm::Argon2id.ident()
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    use super::*;

    fn hasher() -> Hasher {
        Hasher::new(1, SharedRng::new(StdRng::seed_from_u64(1)))
    }

    #[tokio::test]
    async fn hashes_are_argon2id_with_the_parameters_that_owasp_asks_for() {
        let hasher = hasher();
        let [one, other] =
            [hasher.hash("correct horse".into()).await.unwrap(), hasher.hash("correct horse".into()).await.unwrap()];
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_ne!(one, other, "each has its own salt");
        assert_eq!(hasher.verify("correct horse".into(), Some(one.clone())).await.unwrap(), Verdict::Right);
        assert_eq!(hasher.verify("correct hors".into(), Some(one)).await.unwrap(), Verdict::Wrong);
        assert_eq!(hasher.verify("correct horse".into(), None).await.unwrap(), Verdict::Wrong);
        assert_eq!(hasher.verify("correct horse".into(), Some("junk".into())).await.unwrap(), Verdict::Wrong);
    }

    #[tokio::test]
    async fn a_weak_old_hash_is_made_anew() {
        let hasher = hasher();
        let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8, 1, 1, None).unwrap());
        let old = hash(&weak, b"correct horse", &SharedRng::new(StdRng::seed_from_u64(2))).unwrap();
        let Verdict::RightButOld(new) = hasher.verify("correct horse".into(), Some(old)).await.unwrap() else {
            panic!("an old hash must be replaced")
        };
        assert_eq!(hasher.verify("correct horse".into(), Some(new)).await.unwrap(), Verdict::Right);
    }

    #[tokio::test]
    async fn the_queue_ends() {
        let hasher = hasher();
        let all = (0..HASH_QUEUE + 20).map(|_| hasher.verify("correct horse".into(), None));
        let results = futures_util::future::join_all(all).await;
        let busy = results.iter().filter(|result| result.as_ref().is_err_and(|error| error.code() == Code::Busy));
        // On a machine that is busy otherwise some of those who wait may run out of time too.
        assert!(busy.count() >= 19, "one runs, {HASH_QUEUE} wait");
    }

    #[test]
    fn lengths_count_characters() {
        let check = |text: &str| Password::from(text).check("password").is_ok();
        assert!(check(&"ä".repeat(10)) && check(&"👩".repeat(128)));
        assert!(!check(&"ä".repeat(9)) && !check(&"x".repeat(129)) && !check(&"x".repeat(1 << 20)));
    }
}
