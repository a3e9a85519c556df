//! The posts themselves, the oldest first.

mod days;
mod today;
mod weeks;

use super::{Comment, Photo, Post};
use crate::demo::landscapes::Scene;
use crate::visibility::Audience;

const HOUR: u64 = 60;
const DAY: u64 = 24 * HOUR;

/// What most posts are like.
const POST: Post =
    Post { by: "", ago: 0, text: "", audience: Audience::Public, photos: &[], before: None, likes: 50, comments: &[] };

/// All posts.
pub(in super::super) fn posts() -> impl Iterator<Item = &'static Post> {
    [weeks::POSTS.as_slice(), &days::POSTS, &today::POSTS].into_iter().flatten()
}

/// Somebody says something, so many minutes after the post.
const fn says(by: &'static str, after: u64, text: &'static str) -> Comment {
    Comment { by, after, text, replies: &[] }
}

impl Comment {
    /// And others answer, in minutes after the post too.
    const fn and(self, replies: &'static [Comment]) -> Self {
        Self { replies, ..self }
    }
}

const fn photo(scene: Scene, seed: u64, alt: &'static str) -> Photo {
    Photo { scene, seed, alt }
}
