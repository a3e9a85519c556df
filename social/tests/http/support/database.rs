//! A story's own look into the database, past the server.

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};

use super::{PATIENCE, World};

/// A connection that only reads.
pub enum Database {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Database {
    pub async fn open(world: &World) -> Self {
        match &world.social.config.database_url {
            Some(url) => Self::Postgres(PgConnection::connect(&url.0).await.unwrap()),
            None => {
                let options = SqliteConnectOptions::new().filename(world.folder.join("confab.db")).read_only(true);
                Self::Sqlite(options.connect().await.unwrap())
            }
        }
    }

    /// A connection that makes what would take long to be made by the server.
    pub async fn writable(world: &World) -> Self {
        match &world.social.config.database_url {
            Some(url) => Self::Postgres(PgConnection::connect(&url.0).await.unwrap()),
            None => {
                let options = SqliteConnectOptions::new().filename(world.folder.join("confab.db"));
                Self::Sqlite(options.busy_timeout(PATIENCE).connect().await.unwrap())
            }
        }
    }

    /// Gives somebody letters from people who have gone.
    pub async fn fill_mailbox(&mut self, username: &str, letters: i64) {
        let sql = "WITH RECURSIVE made (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM made WHERE number < $1)
            INSERT INTO letters (id, thread_id, client_id, created_at, copies, subject, text)
            SELECT new_id, new_id, new_id, 0, 1, 'Filled', 'Filled' FROM made";
        let copies = "INSERT INTO letter_copies (letter_id, account_id, is_sent, is_read)
            SELECT l.id, a.id, FALSE, TRUE FROM letters l JOIN accounts a ON a.username = $1 WHERE l.subject = 'Filled'";
        match self {
            Self::Sqlite(database) => {
                let sql = sql.replace("new_id", "randomblob(16)");
                sqlx::query(sqlx::AssertSqlSafe(sql)).bind(letters).execute(&mut *database).await.unwrap();
                sqlx::query(copies).bind(username).execute(database).await.unwrap();
            }
            Self::Postgres(database) => {
                let sql = sql.replace("new_id", "gen_random_uuid()").replace("< $1", "< $1::bigint");
                sqlx::query(sqlx::AssertSqlSafe(sql)).bind(letters).execute(&mut *database).await.unwrap();
                sqlx::query(copies).bind(username).execute(database).await.unwrap();
            }
        }
    }

    /// Changes what the server would take long to come to.
    pub async fn run(&mut self, sql: &'static str) {
        match self {
            Self::Sqlite(database) => sqlx::query(sql).execute(database).await.map(drop).unwrap(),
            Self::Postgres(database) => sqlx::query(sql).execute(database).await.map(drop).unwrap(),
        }
    }

    /// The number that a question asks for.
    pub async fn number(&mut self, sql: &'static str) -> i64 {
        let found = match self {
            Self::Sqlite(database) => sqlx::query_scalar(sql).fetch_one(database).await,
            Self::Postgres(database) => sqlx::query_scalar(sql).fetch_one(database).await,
        };
        found.unwrap_or_else(|error| panic!("{sql}: {error}"))
    }
}
