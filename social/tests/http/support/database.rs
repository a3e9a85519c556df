//! A story's own look into the database, past the server.

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};

use super::World;

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

    /// The number that a question asks for.
    pub async fn number(&mut self, sql: &'static str) -> i64 {
        let found = match self {
            Self::Sqlite(database) => sqlx::query_scalar(sql).fetch_one(database).await,
            Self::Postgres(database) => sqlx::query_scalar(sql).fetch_one(database).await,
        };
        found.unwrap_or_else(|error| panic!("{sql}: {error}"))
    }
}
