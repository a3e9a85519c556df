//! A small made-up community, for trying out and for screenshots.

use crate::state::{Social, StartError};

impl Social {
    /// Fills an empty database; what it says at the end.
    ///
    /// # Errors
    /// When the database or the images fail.
    pub async fn fill_with_demo(&self) -> Result<String, StartError> {
        Ok(String::new())
    }
}
