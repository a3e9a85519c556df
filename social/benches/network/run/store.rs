//! Bulk writes, which the server itself never does: plain SQL for one of the two databases.

use std::fmt::Write as _;
use std::path::Path;

use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, SqliteConnection};
use uuid::Uuid;

/// Bytes of one statement; SQLite takes a million.
const STATEMENT: usize = 500_000;

/// A database that nobody else uses at the moment.
pub enum Store {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Store {
    /// Opens the file of a data folder, or the server's database.
    pub async fn open(folder: &Path, postgres: Option<&str>) -> Self {
        let mut store = match postgres {
            Some(url) => Self::Postgres(PgConnection::connect(url).await.unwrap()),
            None => {
                let url = format!("sqlite://{}", folder.join("confab.db").display());
                Self::Sqlite(SqliteConnection::connect(&url).await.unwrap())
            }
        };
        // What is written here is consistent by itself, and is thrown away if the machine fails.
        match &store {
            Self::Sqlite(_) => {
                store.run("PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; PRAGMA cache_size = -200000")
            }
            Self::Postgres(_) => {
                store.run("SET session_replication_role = replica; SET maintenance_work_mem = '256MB'")
            }
        }
        .await;
        store
    }

    pub async fn run(&mut self, sql: &str) {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(db) => db.execute(sqlx::raw_sql(sql)).await.map(drop),
            Self::Postgres(db) => db.execute(sqlx::raw_sql(sql)).await.map(drop),
        }
        .unwrap();
    }

    /// Adds rows to a table, many in one statement and all in one transaction. Each row writes its values.
    pub async fn fill<T>(&mut self, table: &str, rows: impl IntoIterator<Item = T>, write: impl Fn(&mut Row, T)) {
        self.run("BEGIN").await;
        let head = format!("INSERT INTO {table} VALUES ");
        let is_sqlite = matches!(self, Self::Sqlite(_));
        let mut row = Row { sql: head.clone(), is_sqlite, is_first: true };
        for one in rows {
            row.sql.push_str(if row.sql.len() == head.len() { "(" } else { ",(" });
            row.is_first = true;
            write(&mut row, one);
            row.sql.push(')');
            if row.sql.len() > STATEMENT {
                self.run(&row.sql).await;
                row.sql.truncate(head.len());
            }
        }
        if row.sql.len() > head.len() {
            self.run(&row.sql).await;
        }
        self.run("COMMIT").await;
    }

    /// What fills the index of posts' words: while rows come one by one, Postgres takes minutes for what it does in seconds
    /// at the end.
    pub async fn fill_letters(&mut self, rows: impl IntoIterator<Item = (Uuid, String)>) {
        if let Self::Postgres(_) = self {
            self.run("DROP INDEX post_letters_trigrams").await;
        }
        let write = |row: &mut Row, (post, letters): (Uuid, String)| row.id(post).text(&letters).end();
        self.fill("post_letters (post_id, letters)", rows, write).await;
        if let Self::Postgres(_) = self {
            self.run("CREATE INDEX post_letters_trigrams ON post_letters USING gin (letters gin_trgm_ops)").await;
        }
    }

    /// Leaves the database as it is after a while: Postgres looks after its statistics by itself, SQLite has none.
    pub async fn close(mut self) {
        match &self {
            Self::Sqlite(_) => self.run("PRAGMA wal_checkpoint(TRUNCATE)").await,
            Self::Postgres(_) => self.run("VACUUM ANALYZE").await,
        }
        match self {
            Self::Sqlite(db) => db.close().await,
            Self::Postgres(db) => db.close().await,
        }
        .unwrap();
    }
}

/// The values of a row.
pub struct Row {
    sql: String,
    is_sqlite: bool,
    is_first: bool,
}

impl Row {
    fn value(&mut self, value: std::fmt::Arguments<'_>) -> &mut Self {
        if !self.is_first {
            self.sql.push(',');
        }
        self.is_first = false;
        self.sql.write_fmt(value).unwrap();
        self
    }

    pub fn id(&mut self, id: Uuid) -> &mut Self {
        let prefix = if self.is_sqlite { "x" } else { "" };
        self.value(format_args!("{prefix}'{}'", id.simple()))
    }

    pub fn maybe_id(&mut self, id: Option<Uuid>) -> &mut Self {
        match id {
            Some(id) => self.id(id),
            None => self.value(format_args!("NULL")),
        }
    }

    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        let prefix = if self.is_sqlite { "x'" } else { "'\\x" };
        let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        self.value(format_args!("{prefix}{digits}'"))
    }

    pub fn text(&mut self, text: &str) -> &mut Self {
        self.value(format_args!("'{}'", text.replace('\'', "''")))
    }

    pub fn int(&mut self, number: i64) -> &mut Self {
        self.value(format_args!("{number}"))
    }

    pub fn bool(&mut self, flag: bool) -> &mut Self {
        self.value(format_args!("{flag}"))
    }

    /// Ends a chain.
    pub fn end(&mut self) {}
}
