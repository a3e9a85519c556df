//! Uploaded files on the local disk.
//!
//! A blob is written first and its row in the database after that, so a crash in between leaves a file that no row knows,
//! and never a row without its file. [`Blobs::sweep`] finds such files later.
//!
//! Writing is: a temporary file, its bytes forced to the disk, renamed to its name, the folder forced to the disk. So a
//! name stands for the whole file or for nothing, even if the power fails. Names are ours: 128 random bits.

mod disk;
mod parts;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::SystemTime;

use rand::Rng;

pub use self::disk::{Disk, LocalDisk};

/// The folder of temporary files, beside those of blobs, which have two letters.
const TEMPORARY: &str = "temporary";

/// What a blob is, by its name: what a server answers with as its `Content-Type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Extension {
    /// `jpg`
    Jpeg,
    /// `png`
    Png,
    /// `bin`: whatever it is, somebody else knows and says.
    Binary,
}

impl Extension {
    const ALL: [Self; 3] = [Self::Jpeg, Self::Png, Self::Binary];

    /// As in a file's name, without the dot.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Binary => "bin",
        }
    }

    /// The media type.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Binary => "application/octet-stream",
        }
    }
}

/// The name of a blob: 32 hexadecimal digits in lower case, a dot and an extension. Who knows it may read the blob.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct BlobKey {
    id: u128,
    extension: Extension,
}

impl BlobKey {
    /// A new name, of a blob that is not there yet.
    pub fn new<R: Rng>(extension: Extension, rng: &mut R) -> Self {
        Self { id: u128::from(rng.next_u64()) << 64 | u128::from(rng.next_u64()), extension }
    }

    /// What the blob is.
    #[must_use]
    pub const fn extension(self) -> Extension {
        self.extension
    }

    /// Below the root: two folders of two letters each, so that no folder has too many entries.
    fn folders(self) -> [String; 2] {
        let [first, second, ..] = self.id.to_be_bytes();
        [first, second].map(|byte| format!("{byte:02x}"))
    }
}

impl fmt::Display for BlobKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:032x}.{}", self.id, self.extension.as_str())
    }
}

/// Redacted: the key is all that is needed to read the blob.
impl fmt::Debug for BlobKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "BlobKey(_.{})", self.extension.as_str())
    }
}

/// The text is not a blob's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a blob")]
pub struct InvalidKey;

impl FromStr for BlobKey {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        let (id, extension) = text.split_once('.').ok_or(InvalidKey)?;
        let extension = Extension::ALL.into_iter().find(|known| known.as_str() == extension).ok_or(InvalidKey)?;
        let strict = id.len() == 32 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let id = if strict { u128::from_str_radix(id, 16).ok() } else { None };
        Ok(Self { id: id.ok_or(InvalidKey)?, extension })
    }
}

/// Why something could not be done with a blob.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The disk, or what we may use of it, is full. Nothing was kept.
    #[error("the storage is full")]
    Full,
    /// There is no such blob.
    #[error("there is no such blob")]
    NotFound,
    /// Anything else that the disk says. Nothing was kept.
    #[error("the storage failed: {0}")]
    Failed(io::ErrorKind),
}

impl From<io::Error> for BlobError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => Self::Full,
            io::ErrorKind::NotFound => Self::NotFound,
            kind => Self::Failed(kind),
        }
    }
}

/// What [`Blobs::sweep`] has removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Blobs that nobody knew.
    pub unknown: usize,
    /// Temporary files.
    pub temporary: usize,
    /// Files that could not be removed.
    pub failed: usize,
}

/// Blobs in a folder. Clones are the same blobs.
#[derive(Debug)]
pub struct Blobs<D: Disk = LocalDisk> {
    root: Arc<Path>,
    disk: Arc<D>,
}

impl<D: Disk> Clone for Blobs<D> {
    fn clone(&self) -> Self {
        Self { root: Arc::clone(&self.root), disk: Arc::clone(&self.disk) }
    }
}

impl Blobs {
    /// Blobs in this folder of the local disk, which is made when the first one is written.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self::on(LocalDisk, root)
    }
}

impl<D: Disk> Blobs<D> {
    /// Blobs in this folder of some disk.
    #[must_use]
    pub fn on(disk: D, root: impl Into<PathBuf>) -> Self {
        Self { root: root.into().into(), disk: Arc::new(disk) }
    }

    /// Keeps these bytes under a new name. When it returns, they survive a power failure.
    ///
    /// # Errors
    /// [`BlobError::Full`] or [`BlobError::Failed`]; then nothing is kept.
    pub fn put<R: Rng>(
        &self,
        bytes: Vec<u8>,
        extension: Extension,
        rng: &mut R,
    ) -> impl Future<Output = Result<BlobKey, BlobError>> + Send + use<D, R> {
        // The name is made at once, so that nobody holds a lock on the randomness while the disk works.
        let key = BlobKey::new(extension, rng);
        let blobs = self.clone();
        blocking(move || blobs.write(key, &bytes).map(|()| key))
    }

    /// All bytes of a blob.
    ///
    /// # Errors
    /// [`BlobError::NotFound`] or [`BlobError::Failed`].
    pub async fn read(&self, key: BlobKey) -> Result<Vec<u8>, BlobError> {
        let path = self.path(key);
        blocking(move || Ok(std::fs::read(path)?)).await
    }

    /// A blob to be read bit by bit, and its length in bytes. It can be read to its end even if it is removed meanwhile.
    ///
    /// # Errors
    /// [`BlobError::NotFound`] or [`BlobError::Failed`].
    pub async fn open(&self, key: BlobKey) -> Result<(tokio::fs::File, u64), BlobError> {
        let path = self.path(key);
        let opened = blocking(move || {
            let file = std::fs::File::open(path)?;
            let length = file.metadata()?.len();
            Ok((file, length))
        });
        let (file, length) = opened.await?;
        Ok((tokio::fs::File::from_std(file), length))
    }

    /// Removes a blob. It is no error if there is none, so that it can be asked for again.
    ///
    /// # Errors
    /// [`BlobError::Failed`].
    pub async fn remove(&self, key: BlobKey) -> Result<(), BlobError> {
        let blobs = self.clone();
        blocking(move || match blobs.disk.remove(&blobs.path(key)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        })
        .await
    }

    /// Removes what was last written before `older_than` and is either a temporary file or a blob that `is_known` does not
    /// know. Other files in the folder are left alone.
    ///
    /// Between a blob and its row there are moments, so `older_than` should be some hours ago, and `is_known` must know the
    /// rows of a time after that.
    ///
    /// # Errors
    /// [`BlobError::Failed`] if the folder cannot be read.
    pub async fn sweep<F>(&self, is_known: F, older_than: SystemTime) -> Result<Swept, BlobError>
    where
        F: Fn(BlobKey) -> bool + Send + 'static,
    {
        let blobs = self.clone();
        blocking(move || blobs.sweep_now(&is_known, older_than)).await
    }

    fn path(&self, key: BlobKey) -> PathBuf {
        let [outer, inner] = key.folders();
        self.root.join(outer).join(inner).join(key.to_string())
    }

    fn write(&self, key: BlobKey, bytes: &[u8]) -> Result<(), BlobError> {
        let waiting = self.root.join(TEMPORARY);
        self.disk.create_folder(&waiting)?;
        self.create_folder_of(key)?;
        let (temporary, path) = (waiting.join(key.to_string()), self.path(key));
        let written = self.disk.write_and_sync(&temporary, bytes).and_then(|()| {
            self.disk.rename(&temporary, &path)?;
            self.sync_folders_of(key)
        });
        if written.is_err() {
            // If not even that can be done, the sweep does it.
            let _ = self.disk.remove(&temporary);
            let _ = self.disk.remove(&path);
        }
        Ok(written?)
    }

    fn create_folder_of(&self, key: BlobKey) -> io::Result<()> {
        let [outer, inner] = key.folders();
        self.disk.create_folder(&self.root.join(outer).join(inner))
    }

    /// Forces the name of a blob to the disk. Each new folder is an entry in the one above it.
    fn sync_folders_of(&self, key: BlobKey) -> io::Result<()> {
        let [outer, inner] = key.folders();
        let outer = self.root.join(outer);
        [&outer.join(inner), &outer, &*self.root].into_iter().try_for_each(|folder| self.disk.sync_folder(folder))
    }

    fn sweep_now(&self, is_known: &dyn Fn(BlobKey) -> bool, older_than: SystemTime) -> Result<Swept, BlobError> {
        let mut swept = Swept::default();
        let mut remove = |path: &Path, count: fn(&mut Swept) -> &mut usize| match self.disk.remove(path) {
            Ok(()) => *count(&mut swept) += 1,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(_) => swept.failed += 1,
        };
        for path in disk::files_before(&self.root.join(TEMPORARY), older_than)? {
            remove(&path, |swept| &mut swept.temporary);
        }
        for outer in disk::folders(&self.root)? {
            for inner in disk::folders(&outer)? {
                for path in disk::files_before(&inner, older_than)? {
                    let key = path.file_name().and_then(|name| name.to_str()?.parse::<BlobKey>().ok());
                    if key.is_some_and(|key| self.path(key) == path && !is_known(key)) {
                        remove(&path, |swept| &mut swept.unknown);
                    }
                }
            }
        }
        Ok(swept)
    }
}

/// Runs what waits for the disk on a thread that may wait.
async fn blocking<T, F>(work: F) -> Result<T, BlobError>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, BlobError> + Send + 'static,
{
    tokio::task::spawn_blocking(work).await.unwrap_or(Err(BlobError::Failed(io::ErrorKind::Other)))
}

#[cfg(test)]
mod part_tests;
#[cfg(test)]
mod tests;
