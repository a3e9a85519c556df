//! What the operator chooses.

use std::path::PathBuf;
use std::time::Duration;

/// The choices for accounts and people. The program that listens has checked them.
#[derive(Debug, Clone)]
pub struct SocialConfig {
    /// `postgres://` and so on; without it a SQLite file in the data folder. A secret, if it has a password.
    pub database_url: Option<DatabaseUrl>,
    /// Where the database, images and the outbox are kept.
    pub data_dir: PathBuf,
    /// The base of links in mails, without a slash at its end. Never taken from a request, whose sender could choose it.
    pub base_url: String,
    /// Whether people may register.
    pub registration: bool,
    /// Whether mails of the outbox are shown to browsers on this machine.
    pub development: bool,
    /// How long a deleted account can be restored.
    pub deletion_grace: Duration,
    /// Threads that hash passwords.
    pub hash_threads: usize,
    /// Multiplies all rate limits. For tests that come from one address.
    pub rate_limit_scale: u32,
    /// How mail is sent.
    pub mail: MailConfig,
}

/// How mail is sent.
#[derive(Debug, Clone)]
pub enum MailConfig {
    /// To files in the data folder.
    Outbox,
    /// By a server.
    Smtp {
        /// `smtps://user:password@host:465`, for instance.
        url: SmtpUrl,
        /// The sender: `Confab <confab@example.org>`.
        from: String,
    },
}

macro_rules! secret_url {
    ($name:ident, $docs:literal) => {
        #[doc = $docs]
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(pub String);

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    };
}

secret_url!(DatabaseUrl, "The URL of a database, with its password. `Debug` hides it.");
secret_url!(SmtpUrl, "The URL of a mail server, with its password. `Debug` hides it.");
