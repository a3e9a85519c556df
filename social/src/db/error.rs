//! What can go wrong with a database, as far as anybody acts upon it.

/// Why a query failed.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// Its disk is full.
    #[error("the disk is full")]
    Full,
    /// It does not answer, or not in time.
    #[error("the database does not answer: {0}")]
    Unavailable(#[source] sqlx::Error),
    /// Anything else: a bug, or a damaged database.
    #[error(transparent)]
    Other(sqlx::Error),
}

/// `SQLITE_FULL` (<https://www.sqlite.org/rescode.html#full>) and Postgres' `disk_full`
/// (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
const FULL: [&str; 2] = ["13", "53100"];

/// `SQLITE_BUSY`, and Postgres' connection exceptions, shutdowns, and transactions that it ended because they waited for each
/// other (classes 08, 57 and 40): trying again helps.
fn is_unavailable(code: &str) -> bool {
    code == "5" || code.starts_with("08") || code.starts_with("57P") || code.starts_with("40")
}

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(cause) => match cause.code().as_deref() {
                Some(code) if FULL.contains(&code) => Self::Full,
                Some(code) if is_unavailable(code) => Self::Unavailable(error),
                _ => Self::Other(error),
            },
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Tls(_) => {
                Self::Unavailable(error)
            }
            _ => Self::Other(error),
        }
    }
}
