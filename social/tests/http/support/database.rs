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
        let made = "INSERT INTO letters (id, thread_id, client_id, created_at, copies, subject, text)
            SELECT new_id, new_id, new_id, 0, 1, 'Filled', 'Filled' FROM made";
        let copies = "INSERT INTO letter_copies (letter_id, account_id, is_sent, is_read)
            SELECT l.id, a.id, FALSE, TRUE FROM letters l JOIN accounts a ON a.username = $1 WHERE l.subject = 'Filled'";
        self.fill(made, letters, copies, username).await;
    }

    /// Puts somebody into groups, alone.
    pub async fn fill_chats(&mut self, username: &str, groups: i64) {
        let made =
            "INSERT INTO conversations (id, kind, title, created_at, is_warned, seq, changed_at, last_message, last_at,
                members) SELECT new_id, 'group', 'Filled', 0, FALSE, 1, 0, 1, 0, 1 FROM made";
        let members = "INSERT INTO members (conversation_id, account_id, role, state, since, visible_after, read_to,
                delivered_to, is_muted) SELECT c.id, a.id, 'owner', 'joined', 0, 0, 1, 1, FALSE
            FROM conversations c JOIN accounts a ON a.username = $1 WHERE c.title = 'Filled'";
        self.fill(made, groups, members, username).await;
    }

    /// Makes so many rows, `FROM made`, each with ids of its own, and then those that somebody has of them.
    async fn fill(&mut self, made: &str, count: i64, theirs: &'static str, username: &str) {
        let sql = format!(
            "WITH RECURSIVE made (number) AS (
                SELECT 1 UNION ALL SELECT number + 1 FROM made WHERE number < CAST($1 AS BIGINT)) {made}"
        );
        match self {
            Self::Sqlite(database) => {
                let sql = sql.replace("new_id", "randomblob(16)");
                sqlx::query(sqlx::AssertSqlSafe(sql)).bind(count).execute(&mut *database).await.unwrap();
                sqlx::query(theirs).bind(username).execute(database).await.unwrap();
            }
            Self::Postgres(database) => {
                let sql = sql.replace("new_id", "gen_random_uuid()");
                sqlx::query(sqlx::AssertSqlSafe(sql)).bind(count).execute(&mut *database).await.unwrap();
                sqlx::query(theirs).bind(username).execute(database).await.unwrap();
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
