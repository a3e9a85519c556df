//! A small made-up community, for trying out and for screenshots.
//!
//! [`people`] says who they are and puts them into the database by the stores that everything else uses; [`network`] says
//! who knows whom, [`posts`] who writes and likes what, and [`story`] makes it happen in its order, at times that have
//! passed. [`portraits`] and [`landscapes`] draw their pictures, on a [`canvas`] and with [`dice`] that fall the same way
//! each time. So two filled folders differ only in what must not be guessed: salts, ids, and the names of files.

mod canvas;
mod cast;
mod dice;
mod landscapes;
mod network;
mod people;
mod portraits;
mod posts;
mod story;
#[cfg(test)]
mod tests;

use self::cast::Cast;
use crate::accounts;
use crate::db::DbError;
use crate::error::ApiError;
use crate::state::Social;
use crate::uploads::{BlobError, ImageError};

/// The password of everybody. The whole world can read it here, so nobody else may reach such a server.
const PASSWORD: &str = "confab-demo";

/// Why a data folder cannot be filled.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbError),
    /// A picture cannot be kept.
    #[error(transparent)]
    Storage(#[from] BlobError),
    /// A picture cannot be made.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// A picture cannot be drawn.
    #[error("a picture cannot be drawn")]
    Drawing,
    /// A password cannot be hashed.
    #[error(transparent)]
    Password(#[from] ApiError),
    /// Something about a person cannot be written as JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// Somebody has registered under a name of the demo in the meantime.
    #[error("the name {0} has been taken in the meantime")]
    Taken(&'static str),
    /// A text names an author who is not among the people.
    #[error("nobody is called {0}")]
    Unknown(&'static str),
    /// Somebody is to comment on a post that they may not read.
    #[error("whoever says this cannot have read what it is about: {0}")]
    Unreadable(&'static str),
}

impl Social {
    /// Fills an empty database; what it says at the end. A database that has accounts stays as it is.
    ///
    /// # Errors
    /// When the database or the images fail. Whoever was complete by then has an account.
    pub async fn fill_with_demo(&self) -> Result<String, DemoError> {
        if accounts::store::is_any(&mut self.db()).await? {
            return Ok("There are people in this data folder already, so nothing was changed: only an empty one is \
                 filled.\n"
                .to_owned());
        }
        // Meanwhile, on a thread of its own.
        let photos = tokio::task::spawn_blocking(posts::photos);
        let mut cast = Cast::new(self.clock.now());
        for person in &people::PEOPLE {
            let id = people::add(self, person, cast.now).await?;
            cast.add(person, id);
        }
        let photos = posts::keep(self, photos.await.map_err(|_| DemoError::Drawing)??).await?;
        story::tell(self, story::plan(self, &cast, photos)?).await?;
        let count = people::PEOPLE.len();
        let username = people::PEOPLE[0].username;
        Ok(format!(
            "{count} made-up people have accounts, friends and posts now. Start the server and sign in as `{username}` with the password \
             `{PASSWORD}`; all of them have it.\nThe whole world knows this password: this is not for a server that others \
             reach.\n"
        ))
    }
}
