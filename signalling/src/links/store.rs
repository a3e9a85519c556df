//! The file of rooms: appended to and synced, rewritten when the program starts.

use std::collections::HashMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use confab_sfu::id::RoomId;
use confab_social::id::AccountId;
use serde::{Deserialize, Serialize};

use super::Link;
use crate::protocol::VideoCodec;
use confab_social::secrets::{SecretHash, sync_folder_of};

/// Outdated lines that are always tolerated before the file is rewritten.
const WASTE: usize = 10_000;

/// Why rooms cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk refuses.
    #[error("cannot use {0}: {1}")]
    Io(PathBuf, #[source] io::Error),
    /// A line is neither whole nor the last.
    #[error("{0}, line {1}: this is no room; restore the file from a backup or delete the line")]
    Damaged(PathBuf, usize),
    /// Another process holds the folder.
    #[error("the data folder {0} is in use by another confab")]
    InUse(PathBuf),
    /// The write was given up because the program stops.
    #[error("the write was interrupted")]
    Interrupted,
}

/// One line of the file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Change {
    /// A room exists.
    Create {
        id: RoomId,
        name: Option<String>,
        /// Rooms that were made before there was a choice have none.
        #[serde(default)]
        codec: VideoCodec,
        host_key: String,
        /// Rooms that were made before there were accounts have none, and take guests.
        #[serde(default)]
        owner: Option<AccountId>,
        #[serde(default = "yes")]
        guests: bool,
        at: u64,
    },
    /// Somebody was in it.
    Use { id: RoomId, at: u64 },
    /// It is gone.
    End { id: RoomId },
}

fn yes() -> bool {
    true
}

impl Change {
    pub(super) fn create(id: RoomId, link: &Link) -> Self {
        let Link { name, codec, host_key, owner, guests, used_millis } = link.clone();
        Self::Create { id, name, codec, host_key: host_key.to_text(), owner, guests, at: used_millis }
    }

    fn apply(self, rooms: &mut HashMap<RoomId, Link>) -> Option<()> {
        match self {
            Self::Create { id, name, codec, host_key, owner, guests, at } => {
                let host_key = SecretHash::from_text(&host_key)?;
                rooms.insert(id, Link { name, codec, host_key, owner, guests, used_millis: at });
            }
            Self::Use { id, at } => {
                if let Some(link) = rooms.get_mut(&id) {
                    link.used_millis = link.used_millis.max(at);
                }
            }
            Self::End { id } => {
                rooms.remove(&id);
            }
        }
        Some(())
    }
}

/// The open file. Only one process has it.
#[derive(Debug)]
pub(super) struct Store {
    path: PathBuf,
    file: File,
    /// Bytes of whole lines: what follows them is the rest of a write that failed.
    length: u64,
    lines: usize,
    /// Held as long as the store, by its lock on a file.
    _lock: File,
}

impl Store {
    pub(super) fn open(folder: &Path) -> Result<(Self, HashMap<RoomId, Link>), StoreError> {
        let lock = lock(folder)?;
        let path = folder.join("rooms.jsonl");
        let failed = |error| StoreError::Io(path.clone(), error);
        let mut file = options().append(true).read(true).open(&path).map_err(failed)?;
        let mut text = Vec::new();
        file.read_to_end(&mut text).map_err(failed)?;
        let rooms = parse(&text).map_err(|line| StoreError::Damaged(path.clone(), line))?;
        Ok((Self { length: text.len() as u64, lines: 0, path, file, _lock: lock }, rooms))
    }

    /// Adds a change; it is on the disk when this returns.
    pub(super) fn append(&mut self, change: &Change) -> Result<(), StoreError> {
        let line = line(change);
        let written = self.file.write_all(&line).and_then(|()| self.file.sync_data());
        if let Err(error) = written {
            // Half a line would spoil the next one. If this fails too, the next start cuts it off.
            let _ = self.file.set_len(self.length);
            return Err(StoreError::Io(self.path.clone(), error));
        }
        self.length += line.len() as u64;
        self.lines += 1;
        Ok(())
    }

    /// Replaces the file by one that says only `rooms`; a crash leaves the old one or the new one.
    pub(super) fn rewrite(&mut self, rooms: Vec<(RoomId, Link)>) -> Result<(), StoreError> {
        let failed = |error| StoreError::Io(self.path.clone(), error);
        let draft = self.path.with_extension("new");
        let text: Vec<u8> = rooms.iter().flat_map(|(room, link)| line(&Change::create(*room, link))).collect();
        let mut file = options().write(true).truncate(true).open(&draft).map_err(failed)?;
        file.write_all(&text).and_then(|()| file.sync_all()).map_err(failed)?;
        std::fs::rename(&draft, &self.path).and_then(|()| sync_folder_of(&self.path)).map_err(failed)?;
        self.file = options().append(true).open(&self.path).map_err(failed)?;
        (self.length, self.lines) = (text.len() as u64, rooms.len());
        Ok(())
    }

    /// Whether most of the file is outdated, given the number of rooms that exist.
    pub(super) fn is_wasteful(&self, rooms: usize) -> bool {
        self.lines > 4 * rooms + WASTE
    }
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    // Links are secrets.
    options.create(true).mode(0o600);
    options
}

fn lock(folder: &Path) -> Result<File, StoreError> {
    let path = folder.join("lock");
    let failed = |error| StoreError::Io(path.clone(), error);
    let file = options().write(true).truncate(false).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse(folder.to_owned())),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

fn line(change: &Change) -> Vec<u8> {
    // A change has only texts and numbers: it always can be written.
    let mut line = serde_json::to_vec(change).unwrap_or_default();
    line.push(b'\n');
    line
}

/// All rooms of the file; the number of the damaged line otherwise. A last line without its end was never
/// acknowledged to anybody and is ignored.
fn parse(text: &[u8]) -> Result<HashMap<RoomId, Link>, usize> {
    let mut rooms = HashMap::new();
    let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    for (index, line) in text[..whole].split(|byte| *byte == b'\n').enumerate() {
        if !line.is_empty() {
            let change: Change = serde_json::from_slice(line).map_err(|_| index + 1)?;
            change.apply(&mut rooms).ok_or(index + 1)?;
        }
    }
    Ok(rooms)
}
