//! Opening a database and bringing its tables up to date.

use std::path::Path;
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::{Db, DbError, Sql as _, args};

/// How long a connection is waited for. Longer only makes a queue of people who have gone.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// Connections that read a SQLite file: more than cores only wait for each other.
const SQLITE_READERS: u32 = 4;

/// Connections to Postgres, whose default allows 100 in all.
const POSTGRES_CONNECTIONS: u32 = 16;

/// Steps that are the same for both; folders in this one are not looked into.
static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// Steps for what each has of its own, numbered among the others.
static SQLITE_MIGRATIONS: Migrator = sqlx::migrate!("./migrations/sqlite");
static POSTGRES_MIGRATIONS: Migrator = sqlx::migrate!("./migrations/postgres");

/// All steps of one database.
fn migrations(own: &Migrator) -> Migrator {
    Migrator::with_migrations(MIGRATIONS.iter().chain(own.iter()).cloned().collect())
}

/// Why a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It cannot be reached or read.
    #[error("cannot open the database: {0}")]
    Open(#[from] sqlx::Error),
    /// It cannot be asked.
    #[error("cannot use the database: {0}")]
    Query(#[from] DbError),
    /// Its tables cannot be brought up to date; for one, because a newer version made them.
    #[error("cannot bring the database up to date: {0}")]
    Migrate(#[from] MigrateError),
    /// SQLite does not keep its promises here, for instance on a network file system.
    #[error("SQLite's {0} is {1}, not {2}: the data folder must be on a local disk")]
    Pragma(&'static str, String, &'static str),
}

impl Db {
    /// Opens the file, or makes it (mode 0600 comes from its folder's), and brings its tables up to date.
    ///
    /// # Errors
    /// When the file cannot be used, or was made by a newer version.
    pub async fn sqlite(path: &Path) -> Result<Self, OpenError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // With NORMAL a power cut may take back what was acknowledged.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(ACQUIRE_TIMEOUT)
            // What people delete shall not stay readable in the file.
            .pragma("secure_delete", "ON");
        let pool = |most| SqlitePoolOptions::new().max_connections(most).acquire_timeout(ACQUIRE_TIMEOUT);
        let writer = pool(1).connect_with(options.clone()).await?;
        migrations(&SQLITE_MIGRATIONS).run(&writer).await?;
        let readers = pool(SQLITE_READERS).connect_with(options.pragma("query_only", "ON")).await?;
        let db = Self::Sqlite { readers, writer };
        db.check_pragmas().await?;
        Ok(db)
    }

    /// Connects to a server by its URL (`postgres://user:password@host/database`) and brings its tables up to date.
    /// Several servers that start at once wait for each other by an advisory lock.
    ///
    /// # Errors
    /// When it does not answer, or its tables were made by a newer version.
    pub async fn postgres(url: &str) -> Result<Self, OpenError> {
        let options: PgConnectOptions = url.parse()?;
        let pool = PgPoolOptions::new().max_connections(POSTGRES_CONNECTIONS).acquire_timeout(ACQUIRE_TIMEOUT);
        let pool = pool.connect_with(options.application_name("confab")).await?;
        migrations(&POSTGRES_MIGRATIONS).run(&pool).await?;
        Ok(Self::Postgres(pool))
    }

    async fn check_pragmas(&self) -> Result<(), OpenError> {
        let mut db = self.clone();
        let (mode,): (String,) = db.one("PRAGMA journal_mode", args![]).await?;
        let (sync,): (i64,) = db.one("PRAGMA synchronous", args![]).await?;
        let (keys,): (i64,) = db.one("PRAGMA foreign_keys", args![]).await?;
        let wanted = [
            ("journal_mode", mode, "wal"),
            ("synchronous", sync.to_string(), "2"),
            ("foreign_keys", keys.to_string(), "1"),
        ];
        match wanted.into_iter().find(|(_, is, wanted)| is != wanted) {
            Some((name, is, wanted)) => Err(OpenError::Pragma(name, is, wanted)),
            None => Ok(()),
        }
    }

    /// Overwrites what deleted rows leave behind outside the tables: SQLite's log, Postgres' dead rows. Whether it could:
    /// a reader may hold the log at the moment.
    pub(crate) async fn scrub(&self) -> Result<bool, DbError> {
        match self {
            Self::Sqlite { writer, .. } => {
                let done: (i64, i64, i64) = sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(writer).await?;
                Ok(done.0 == 0)
            }
            Self::Postgres(pool) => {
                sqlx::query("VACUUM").execute(pool).await?;
                Ok(true)
            }
        }
    }
}
