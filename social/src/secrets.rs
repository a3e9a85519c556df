//! Random secrets as text, their hashes, and the one file that holds the server's own.

use std::fmt;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::{constant_time, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};

/// Bytes of a secret.
pub const SECRET_BYTES: usize = 32;

/// A bearer secret as text: 256 random bits in base64url. `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A fresh secret from `rng`, which must be unpredictable in production.
    pub fn random(rng: &mut impl Rng) -> Self {
        let bytes: [u8; SECRET_BYTES] = rng.random();
        Self(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The text, to be handed to its owner.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What the server keeps.
    pub fn hash(&self) -> SecretHash {
        SecretHash::of(&self.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// The SHA-256 of a secret. Equality takes the same time whatever differs.
#[derive(Clone, Copy)]
pub struct SecretHash([u8; SECRET_BYTES]);

impl SecretHash {
    /// The hash of a secret that somebody presents.
    pub fn of(text: &str) -> Self {
        let mut hash = [0; SECRET_BYTES];
        hash.copy_from_slice(digest::digest(&digest::SHA256, text.as_bytes()).as_ref());
        Self(hash)
    }

    /// The hash itself, for a database.
    pub fn bytes(self) -> [u8; SECRET_BYTES] {
        self.0
    }

    /// As text, for a file.
    pub fn to_text(self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// From a file's text.
    pub fn from_text(text: &str) -> Option<Self> {
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
    }
}

impl PartialEq for SecretHash {
    fn eq(&self, other: &Self) -> bool {
        constant_time::verify_slices_are_equal(&self.0, &other.0).is_ok()
    }
}

impl Eq for SecretHash {}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(..)")
    }
}

/// Why the server's secret cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file cannot be read or made.
    #[error("cannot use the secret file {0}: {1}")]
    Io(PathBuf, #[source] io::Error),
    /// The file is too short to be a secret.
    #[error("the secret file {0} must have at least {SECRET_BYTES} bytes; delete it to have a new one made")]
    Short(PathBuf),
    /// Others on this machine can read the file.
    #[error("the secret file {0} can be read by everybody on this machine; run: chmod 600 {0}")]
    Exposed(PathBuf),
    /// The file is no key.
    #[error("the key file {0} is damaged; restore it, or delete it to have a new one made")]
    Broken(PathBuf),
}

/// Reads the secret with which tickets are signed, or makes it (mode 0600) when there is none.
///
/// # Errors
/// When the file cannot be read or made, is shorter than 32 bytes, or is readable by everybody.
pub fn load_or_create(path: &Path, rng: &mut StdRng) -> Result<Vec<u8>, SecretError> {
    keep(path, || Ok(rng.random::<[u8; SECRET_BYTES]>().to_vec()))
}

/// Reads a secret from a file, or makes it and the file (mode 0600) when there is none.
pub(crate) fn keep(path: &Path, make: impl FnOnce() -> io::Result<Vec<u8>>) -> Result<Vec<u8>, SecretError> {
    let failed = |error| SecretError::Io(path.to_owned(), error);
    match std::fs::read(path) {
        Ok(secret) if secret.len() < SECRET_BYTES => Err(SecretError::Short(path.to_owned())),
        Ok(secret) if is_exposed(path).map_err(failed)? => {
            drop(secret);
            Err(SecretError::Exposed(path.to_owned()))
        }
        Ok(secret) => Ok(secret),
        Err(error) if error.kind() == io::ErrorKind::NotFound => create(path, make).map_err(failed),
        Err(error) => Err(failed(error)),
    }
}

fn is_exposed(path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(std::fs::metadata(path)?.permissions().mode() & 0o007 != 0)
}

/// Written beside its place and renamed into it, so that a crash never leaves half a secret.
fn create(path: &Path, make: impl FnOnce() -> io::Result<Vec<u8>>) -> io::Result<Vec<u8>> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let secret = make()?;
    let draft = path.with_extension("new");
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(&secret)?;
    file.sync_all()?;
    std::fs::rename(&draft, path)?;
    sync_folder_of(path)?;
    Ok(secret)
}

/// Makes a rename or a new file in `path`'s folder survive a power cut.
///
/// # Errors
/// When the folder cannot be opened or synced.
pub fn sync_folder_of(path: &Path) -> io::Result<()> {
    std::fs::File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
}

/// A generator that nobody can predict, seeded by the system through aws-lc.
///
/// # Errors
/// When the system has no randomness to give.
pub fn system_rng() -> io::Result<StdRng> {
    let mut seed = [0; SECRET_BYTES];
    aws_lc_rs::rand::fill(&mut seed).map_err(|_| io::Error::other("the system has no randomness"))?;
    Ok(StdRng::from_seed(seed))
}

/// The generator of ids and secrets, for whoever needs one; never held across an await. Cheap to clone.
#[derive(Debug, Clone)]
pub struct SharedRng(Arc<Mutex<StdRng>>);

impl SharedRng {
    /// Shares `rng`, which must be unpredictable in production.
    pub fn new(rng: StdRng) -> Self {
        Self(Arc::new(Mutex::new(rng)))
    }

    /// Lends the generator.
    pub fn with<T>(&self, work: impl FnOnce(&mut StdRng) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn rng() -> StdRng {
        StdRng::seed_from_u64(1)
    }

    #[test]
    fn a_secret_is_known_by_its_hash_only() {
        let mut rng = rng();
        let [one, other] = [Secret::random(&mut rng), Secret::random(&mut rng)];
        assert_eq!(one.expose().len(), 43);
        assert_eq!(SecretHash::of(one.expose()), one.hash());
        assert_ne!(one.hash(), other.hash());
        assert_eq!(SecretHash::from_text(&one.hash().to_text()), Some(one.hash()));
        assert!(!format!("{one:?}{:?}", one.hash()).contains(one.expose()));
    }

    #[test]
    fn the_file_is_made_once_and_kept_private() {
        let scratch = crate::scratch::Scratch::new();
        let path = scratch.path().join("secret");
        let made = load_or_create(&path, &mut rng()).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(load_or_create(&path, &mut StdRng::seed_from_u64(2)).unwrap(), made);

        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(load_or_create(&path, &mut rng()), Err(SecretError::Exposed(_))));
        std::fs::write(&path, "short").unwrap();
        assert!(matches!(load_or_create(&path, &mut rng()), Err(SecretError::Short(_))));
    }
}
