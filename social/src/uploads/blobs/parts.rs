//! Files that arrive bit by bit, and go on after a cut where they were: each is one file of its own that grows, until it
//! gets the name of a blob.
//!
//! What [`Blobs::append`] has acknowledged survives a power failure. What a crash leaves behind that is cut off by the next
//! append, so a file is never more than the acknowledged bytes, in their order.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::time::SystemTime;

use uuid::Uuid;

use super::disk::{self, Disk};
use super::{BlobError, BlobKey, Blobs, blocking};

/// The folder of what is arriving, beside those of blobs, which have two letters.
const PARTS: &str = "parts";

impl<D: Disk> Blobs<D> {
    /// Adds bytes to what has arrived of `part`, which are its first `at` bytes. Calls for one part must not overlap.
    ///
    /// # Errors
    /// [`BlobError::NotFound`] if less than `at` bytes are there; [`BlobError::Full`] or [`BlobError::Failed`]. Then the
    /// first `at` bytes are still as they were.
    pub async fn append(&self, part: Uuid, at: u64, bytes: impl AsRef<[u8]> + Send + 'static) -> Result<(), BlobError> {
        let blobs = self.clone();
        blocking(move || {
            let (folder, path) = (blobs.root.join(PARTS), blobs.part(part));
            if at == 0 {
                blobs.disk.create_folder(&folder)?;
            }
            blobs.disk.append_and_sync(&path, at, bytes.as_ref())?;
            if at == 0 {
                // The name of a new file, and of a new folder, is an entry in the folder above.
                [&folder, &*blobs.root].into_iter().try_for_each(|folder| blobs.disk.sync_folder(folder))?;
            }
            Ok(())
        })
        .await
    }

    /// How many bytes of a part are there; 0 if there is none.
    ///
    /// # Errors
    /// [`BlobError::Failed`].
    pub async fn part_length(&self, part: Uuid) -> Result<u64, BlobError> {
        let path = self.part(part);
        blocking(move || match std::fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            found => Ok(found?.len()),
        })
        .await
    }

    /// Makes a part that has arrived into a blob. It can be asked for again after a crash in between.
    ///
    /// # Errors
    /// [`BlobError::NotFound`] if there is neither; [`BlobError::Full`] or [`BlobError::Failed`].
    pub async fn finish(&self, part: Uuid, key: BlobKey) -> Result<(), BlobError> {
        let blobs = self.clone();
        blocking(move || {
            blobs.create_folder_of(key)?;
            let path = blobs.path(key);
            match blobs.disk.rename(&blobs.part(part), &path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound && path.exists() => {}
                named => named?,
            }
            // Also of what somebody else has named: a crash may have come right after that.
            Ok(blobs.sync_folders_of(key)?)
        })
        .await
    }

    /// Looks into a blob, on a thread that may wait.
    ///
    /// # Errors
    /// [`BlobError::NotFound`] or [`BlobError::Failed`].
    pub async fn inspect<T, F>(&self, key: BlobKey, look: F) -> Result<T, BlobError>
    where
        T: Send + 'static,
        F: FnOnce(&mut File) -> io::Result<T> + Send + 'static,
    {
        let path = self.path(key);
        blocking(move || Ok(look(&mut File::open(path)?)?)).await
    }

    /// Removes what has arrived of a part. It is no error if there is nothing.
    ///
    /// # Errors
    /// [`BlobError::Failed`].
    pub async fn remove_part(&self, part: Uuid) -> Result<(), BlobError> {
        let blobs = self.clone();
        blocking(move || match blobs.disk.remove(&blobs.part(part)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        })
        .await
    }

    /// Removes parts that `is_known` does not know and that were last written before `older_than`; how many.
    ///
    /// # Errors
    /// [`BlobError::Failed`] if the folder cannot be read.
    pub async fn sweep_parts<F>(&self, is_known: F, older_than: SystemTime) -> Result<usize, BlobError>
    where
        F: Fn(Uuid) -> bool + Send + 'static,
    {
        let blobs = self.clone();
        blocking(move || {
            let mut removed = 0;
            for path in disk::files_before(&blobs.root.join(PARTS), older_than)? {
                let part = path.file_name().and_then(|name| Uuid::try_parse(name.to_str()?).ok());
                let is_unknown = part.is_some_and(|part| blobs.part(part) == path && !is_known(part));
                removed += usize::from(is_unknown && blobs.disk.remove(&path).is_ok());
            }
            Ok(removed)
        })
        .await
    }

    fn part(&self, part: Uuid) -> PathBuf {
        self.root.join(PARTS).join(part.simple().to_string())
    }
}
