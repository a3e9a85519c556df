//! Mail that goes into a folder: for development, and for servers without a mail server.
//!
//! Each mail is two files: `.eml` as it would have been sent, which any mail program opens, and `.json` with what the outbox
//! page shows. They hold links that are secrets, so they are for the server's own user alone.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use super::{MailError, Message, Sender, compose};

/// How many mails are listed: as many as a page shows at a glance.
pub const LISTED: usize = 100;

/// How many mails are kept; older ones are removed. More would let strangers who register fill the disk (about 10 kB each).
pub const KEPT: usize = 1_000;

/// A mail in the outbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct OutboxMail {
    /// Sorts by time.
    pub id: String,
    /// When it was sent, in milliseconds since 1970.
    #[ts(type = "number")]
    pub at: u64,
    /// The address.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The plain text.
    pub text: String,
}

/// A folder of mail.
#[derive(Debug, Clone)]
pub struct Outbox {
    folder: Arc<Path>,
    sender: Sender,
    /// Tells apart what is sent in the same millisecond.
    count: Arc<AtomicU64>,
}

impl Outbox {
    /// An outbox in this folder, which is made with the first mail.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>, sender: Sender) -> Self {
        Self { folder: folder.into().into(), sender, count: Arc::default() }
    }

    /// Keeps a mail.
    ///
    /// # Errors
    /// [`MailError::Invalid`], or [`MailError::Outbox`] if the folder cannot be written.
    pub async fn keep(&self, message: &Message, now: SystemTime) -> Result<(), MailError> {
        let composed = compose(&self.sender, message, now)?.formatted();
        let since = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let at = u64::try_from(since).unwrap_or(u64::MAX);
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let mail = OutboxMail {
            id: format!("{at:013}-{:08x}-{count:08}", std::process::id()),
            at,
            to: message.to.clone(),
            subject: message.subject.clone(),
            text: message.text.clone(),
        };
        let outbox = self.clone();
        let kept = tokio::task::spawn_blocking(move || outbox.keep_now(&mail, &composed)).await;
        kept.ok().and_then(Result::ok).ok_or(MailError::Outbox)
    }

    /// The newest mails, at most [`LISTED`], the newest first.
    ///
    /// # Errors
    /// [`MailError::Outbox`] if the folder cannot be read.
    pub async fn newest(&self) -> Result<Vec<OutboxMail>, MailError> {
        let outbox = self.clone();
        let read = tokio::task::spawn_blocking(move || {
            let ids = outbox.ids()?.into_iter().rev().take(LISTED);
            // One that was removed meanwhile is left out.
            Ok::<_, io::Error>(ids.filter_map(|id| outbox.read(&id)).collect())
        });
        read.await.ok().and_then(Result::ok).ok_or(MailError::Outbox)
    }

    fn read(&self, id: &str) -> Option<OutboxMail> {
        serde_json::from_slice(&fs::read(self.path(id, "json")).ok()?).ok()
    }

    fn keep_now(&self, mail: &OutboxMail, composed: &[u8]) -> io::Result<()> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.folder)?;
        // The mail is there when its `.eml` is.
        self.write(&mail.id, "json", &serde_json::to_vec(mail)?)?;
        self.write(&mail.id, "eml", composed)?;
        let ids = self.ids()?;
        for old in ids.iter().take(ids.len().saturating_sub(KEPT)) {
            fs::remove_file(self.path(old, "eml"))?;
            fs::remove_file(self.path(old, "json"))?;
        }
        Ok(())
    }

    /// Writes a file as a whole or not at all.
    fn write(&self, id: &str, extension: &str, bytes: &[u8]) -> io::Result<()> {
        let temporary = self.path(id, "part");
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let written = options.open(&temporary).and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&temporary, self.path(id, extension))
        });
        if written.is_err() {
            let _ = fs::remove_file(&temporary);
        }
        written
    }

    fn path(&self, id: &str, extension: &str) -> PathBuf {
        self.folder.join(format!("{id}.{extension}"))
    }

    /// The ids of all mails, the oldest first.
    fn ids(&self) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            read => read?,
        };
        let names = entries.map(|entry| Ok(entry?.file_name())).collect::<io::Result<Vec<_>>>()?;
        let id = |name: &std::ffi::OsString| name.to_str()?.strip_suffix(".eml").map(str::to_owned);
        let mut ids: Vec<String> = names.iter().filter_map(id).collect();
        ids.sort_unstable();
        Ok(ids)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::scratch::Scratch;

    fn outbox(folder: &Path) -> Outbox {
        Outbox::new(folder, Sender::new("Confab", "confab@example.org").unwrap())
    }

    fn message(number: usize) -> Message {
        Message {
            to: "ann@example.com".into(),
            subject: format!("Number {number}"),
            text: format!("Plain grüße {number}"),
            html: format!("<p>HTML {number}</p>"),
        }
    }

    fn at(milliseconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(milliseconds)
    }

    #[tokio::test]
    async fn mail_is_listed_newest_first_even_of_the_same_moment() {
        let scratch = Scratch::new();
        let outbox = outbox(&scratch.path().join("outbox"));
        assert_eq!(outbox.newest().await, Ok(Vec::new()));
        for number in 0..3 {
            outbox.keep(&message(number), at(1_800_000_000_123)).await.unwrap();
        }
        outbox.keep(&message(3), at(1_700_000_000_000)).await.unwrap();
        let listed = outbox.newest().await.unwrap();
        let subjects: Vec<&str> = listed.iter().map(|mail| mail.subject.as_str()).collect();
        assert_eq!(subjects, ["Number 2", "Number 1", "Number 0", "Number 3"]);
        assert_eq!((listed[0].at, listed[0].to.as_str()), (1_800_000_000_123, "ann@example.com"));
        assert_eq!(listed[0].text, "Plain grüße 2");
    }

    #[tokio::test]
    async fn the_newest_are_listed_and_the_oldest_removed() {
        let scratch = Scratch::new();
        let outbox = outbox(scratch.path());
        for number in 0..KEPT - 1 {
            let at = 1_800_000_000_000 + number as u64;
            let id = format!("{at:013}-00000000-00000000");
            let Message { to, text, .. } = message(number);
            let mail = OutboxMail { id, at, to, subject: format!("Old {number}"), text };
            fs::write(outbox.path(&mail.id, "eml"), "").unwrap();
            fs::write(outbox.path(&mail.id, "json"), serde_json::to_vec(&mail).unwrap()).unwrap();
        }
        for number in 0..3 {
            outbox.keep(&message(number), at(1_900_000_000_000 + number as u64)).await.unwrap();
        }
        assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 2 * KEPT);
        assert!(outbox.ids().unwrap()[0].starts_with("1800000000002-"), "the two oldest are gone");
        let listed = outbox.newest().await.unwrap();
        assert_eq!(listed.len(), LISTED);
        assert_eq!((listed[0].subject.as_str(), listed[3].subject.as_str()), ("Number 2", "Old 998"));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn the_files_are_whole_and_for_the_server_alone() {
        use std::os::unix::fs::PermissionsExt;
        let scratch = Scratch::new();
        let folder = scratch.path().join("outbox");
        outbox(&folder).keep(&message(1), at(1)).await.unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder), 0o700);
        let paths: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(paths.len(), 2, "{paths:?}");
        assert!(paths.iter().all(|path| mode(path) == 0o600));
        let eml = paths.iter().find(|path| path.extension().unwrap() == "eml").unwrap();
        let eml = fs::read_to_string(eml).unwrap();
        assert!(eml.contains("Subject: Number 1\r\n") && eml.contains("multipart/alternative"), "{eml}");
        assert!(eml.contains("<p>HTML 1</p>"), "{eml}");
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_written_is_an_error_that_may_pass() {
        let scratch = Scratch::new();
        let file = scratch.path().join("file");
        fs::write(&file, "").unwrap();
        let outcome = outbox(&file.join("outbox")).keep(&message(1), at(1)).await;
        assert_eq!(outcome, Err(MailError::Outbox));
    }
}
