//! The database: SQLite or Postgres, by one text of SQL.
//!
//! Both native drivers stand behind [`Sql`], whose four verbs take a text with `$1`, `$2` .. and a list of [`Value`]s.
//! What both understand: UUID, TEXT, BOOLEAN, BIGINT (epoch milliseconds), BYTEA; row values; `ON CONFLICT`. What one
//! does not: `= ANY`, `DISTINCT ON`, `now()`; `LIKE` folds case on SQLite only.

mod error;
mod open;
mod value;

use std::future::Future;

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, PgPool, Postgres, Sqlite, SqlitePool, Transaction};

pub use self::error::DbError;
pub use self::open::OpenError;
pub(crate) use self::value::{Value, args};

/// What a query returns for each row: a tuple, or a struct that derives `FromRow`.
pub trait Record: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

impl<T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin> Record for T {}

/// A pool of connections. Cheap to clone.
#[derive(Debug, Clone)]
pub enum Db {
    /// A file. SQLite has one writer at a time; readers never wait for it.
    Sqlite {
        /// Connections that only read.
        readers: SqlitePool,
        /// The one that writes.
        writer: SqlitePool,
    },
    /// A server.
    Postgres(PgPool),
}

/// A transaction: what it does happens when [`Tx::commit`] returns, or not at all.
#[derive(Debug)]
pub enum Tx {
    /// In a file.
    Sqlite(Transaction<'static, Sqlite>),
    /// On a server.
    Postgres(Transaction<'static, Postgres>),
}

/// Asks and changes the database.
pub(crate) trait Sql: Send {
    /// All rows.
    fn all<T: Record>(&mut self, sql: &'static str, args: Vec<Value>) -> impl Query<Vec<T>>;

    /// The same for a query of which the best plan depends on its values: one that looks for a common word, or a rare one.
    fn all_planned<T: Record>(&mut self, sql: &'static str, args: Vec<Value>) -> impl Query<Vec<T>>;

    /// The first row, if there is one.
    fn opt<T: Record>(&mut self, sql: &'static str, args: Vec<Value>) -> impl Query<Option<T>>;

    /// Changes rows; how many.
    fn run(&mut self, sql: &'static str, args: Vec<Value>) -> impl Query<u64>;

    /// The one row that there always is.
    fn one<T: Record>(&mut self, sql: &'static str, args: Vec<Value>) -> impl Query<T> {
        async move { self.opt(sql, args).await?.ok_or_else(|| DbError::Other(sqlx::Error::RowNotFound)) }
    }
}

/// What the verbs return.
pub(crate) trait Query<T>: Future<Output = Result<T, DbError>> + Send {}

impl<T, F: Future<Output = Result<T, DbError>> + Send> Query<T> for F {}

impl Db {
    /// Begins a transaction that may write. Another writer is waited for, at most 5 s.
    pub(crate) async fn begin(&self) -> Result<Tx, DbError> {
        Ok(match self {
            // Immediate: a transaction that read first and then wrote could fail in the middle.
            Self::Sqlite { writer, .. } => Tx::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?),
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), DbError> {
        self.clone().one::<(i64,)>("SELECT CAST(1 AS BIGINT)", args![]).await.map(drop)
    }

    /// Closes all connections, so that nothing is left to be written.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { readers, writer } => {
                readers.close().await;
                writer.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

impl Sql for Db {
    async fn all<T: Record>(&mut self, sql: &'static str, args: Vec<Value>) -> Result<Vec<T>, DbError> {
        Ok(match self {
            Self::Sqlite { readers, .. } => value::sqlite_as(sql, args).fetch_all(&*readers).await?,
            Self::Postgres(pool) => value::postgres_as(sql, args).fetch_all(&*pool).await?,
        })
    }

    async fn all_planned<T: Record>(&mut self, sql: &'static str, args: Vec<Value>) -> Result<Vec<T>, DbError> {
        Ok(match self {
            Self::Sqlite { readers, .. } => value::sqlite_as(sql, args).fetch_all(&*readers).await?,
            Self::Postgres(pool) => value::postgres_once_as(sql, args).fetch_all(&*pool).await?,
        })
    }

    async fn opt<T: Record>(&mut self, sql: &'static str, args: Vec<Value>) -> Result<Option<T>, DbError> {
        Ok(match self {
            Self::Sqlite { readers, .. } => value::sqlite_as(sql, args).fetch_optional(&*readers).await?,
            Self::Postgres(pool) => value::postgres_as(sql, args).fetch_optional(&*pool).await?,
        })
    }

    async fn run(&mut self, sql: &'static str, args: Vec<Value>) -> Result<u64, DbError> {
        Ok(match self {
            Self::Sqlite { writer, .. } => value::sqlite(sql, args).execute(&*writer).await?.rows_affected(),
            Self::Postgres(pool) => value::postgres(sql, args).execute(&*pool).await?.rows_affected(),
        })
    }
}

impl Tx {
    /// Makes it last.
    pub(crate) async fn commit(self) -> Result<(), DbError> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }
}

impl Sql for Tx {
    async fn all<T: Record>(&mut self, sql: &'static str, args: Vec<Value>) -> Result<Vec<T>, DbError> {
        Ok(match self {
            Self::Sqlite(tx) => value::sqlite_as(sql, args).fetch_all(&mut **tx).await?,
            Self::Postgres(tx) => value::postgres_as(sql, args).fetch_all(&mut **tx).await?,
        })
    }

    async fn all_planned<T: Record>(&mut self, sql: &'static str, args: Vec<Value>) -> Result<Vec<T>, DbError> {
        Ok(match self {
            Self::Sqlite(tx) => value::sqlite_as(sql, args).fetch_all(&mut **tx).await?,
            Self::Postgres(tx) => value::postgres_once_as(sql, args).fetch_all(&mut **tx).await?,
        })
    }

    async fn opt<T: Record>(&mut self, sql: &'static str, args: Vec<Value>) -> Result<Option<T>, DbError> {
        Ok(match self {
            Self::Sqlite(tx) => value::sqlite_as(sql, args).fetch_optional(&mut **tx).await?,
            Self::Postgres(tx) => value::postgres_as(sql, args).fetch_optional(&mut **tx).await?,
        })
    }

    async fn run(&mut self, sql: &'static str, args: Vec<Value>) -> Result<u64, DbError> {
        Ok(match self {
            Self::Sqlite(tx) => value::sqlite(sql, args).execute(&mut **tx).await?.rows_affected(),
            Self::Postgres(tx) => value::postgres(sql, args).execute(&mut **tx).await?.rows_affected(),
        })
    }
}
