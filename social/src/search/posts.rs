//! Posts by their words.

use sqlx::FromRow;
use uuid::Uuid;

use super::fold::{self, Pattern};
use crate::db::{DbError, Sql, Value, args};
use crate::id::{AccountId, PostId};
use crate::limits::MAX_POST_WORDS;
use crate::page::Cursor;
use crate::posts::{Post, PostCounts, PostImage};
use crate::profiles::author::{AuthorRow, author_columns, author_joins};
use crate::visibility::{Audience, is_there, may_read, no_block};

/// What to look for in posts: patterns that all must fit.
#[derive(Debug)]
pub(super) struct Wanted([Pattern; MAX_POST_WORDS]);

impl Wanted {
    /// What a query means; none if it is too short for the index, so that every post would have to be read.
    pub(super) fn of(query: &str) -> Option<Self> {
        let mut patterns: Vec<_> = fold::words(query).iter().map(|word| Pattern::of(word)).collect();
        patterns.sort_by_key(|pattern| std::cmp::Reverse(pattern.len()));
        if !patterns.first()?.is_indexed() {
            return None;
        }
        let mut patterns = patterns.into_iter();
        Some(Self(std::array::from_fn(|_| patterns.next().unwrap_or_else(Pattern::any))))
    }
}

/// A post that was found.
#[derive(Debug, FromRow)]
pub(super) struct Row {
    seq: i64,
    id: PostId,
    text: String,
    audience: String,
    created_at: i64,
    edited_at: Option<i64>,
    likes: i64,
    comments: i64,
    is_liked: bool,
    #[sqlx(flatten)]
    author: AuthorRow,
    #[sqlx(skip)]
    images: Vec<PostImage>,
}

#[derive(Debug, FromRow)]
struct ImageRow {
    id: Uuid,
    blob_key: String,
    small_blob_key: String,
    width: i64,
    height: i64,
    alt: String,
}

/// The newest posts that the viewer, `$1`, may read and that all patterns fit. The joins are in the order in which SQLite is
/// to go: the index gives the newest first, and it stops when the page is full.
macro_rules! found {
    () => {
        concat!(
            "SELECT f.seq, p.id, p.text, p.audience, p.created_at, p.edited_at, p.likes, p.comments,
                EXISTS (SELECT 1 FROM post_likes WHERE post_id = p.id AND account_id = $1) AS is_liked, ",
            author_columns!(),
            " FROM searched_posts f CROSS JOIN posts p CROSS JOIN accounts a ",
            author_joins!(),
            " WHERE f.letters LIKE $2 AND f.letters LIKE $3 AND f.letters LIKE $4 AND f.letters LIKE $5 AND f.letters LIKE $6
                AND f.seq < $7 AND p.id = f.post_id AND a.id = p.author_id AND ",
            is_there!("a"),
            " AND ",
            no_block!("$1", "a.id"),
            " AND ",
            may_read!("$1", "p"),
            " ORDER BY f.seq DESC LIMIT $8"
        )
    };
}

pub(super) async fn find(
    db: &mut impl Sql,
    viewer: AccountId,
    Wanted(patterns): Wanted,
    (after, most): (Cursor, i64),
) -> Result<Vec<Row>, DbError> {
    let patterns = patterns.into_iter().map(|pattern| Value::from(String::from(pattern))).collect();
    let mut rows: Vec<Row> =
        db.all_planned(found!(), [args![viewer], patterns, args![after.at, most]].concat()).await?;
    for row in &mut rows {
        let sql = "SELECT id, blob_key, small_blob_key, width, height, alt FROM post_images
            WHERE post_id = $1 ORDER BY position";
        let images: Vec<ImageRow> = db.all(sql, args![row.id]).await?;
        row.images = images.into_iter().map(ImageRow::show).collect();
    }
    Ok(rows)
}

impl Row {
    /// Where the post is among those that are found.
    pub(super) fn cursor(&self) -> Cursor {
        Cursor { at: self.seq, id: self.id.0 }
    }

    pub(super) fn show(self) -> Post {
        Post {
            id: self.id.0,
            text: self.text,
            audience: Audience::parse(&self.audience),
            images: self.images,
            created_at: self.created_at,
            edited_at: self.edited_at,
            counts: PostCounts { likes: self.likes, comments: self.comments },
            liked: self.is_liked,
            is_mine: self.author.relation() == crate::visibility::Relation::Own,
            author: self.author.show(),
        }
    }
}

impl ImageRow {
    fn show(self) -> PostImage {
        let url = |key: String| format!("/media/{key}");
        let Self { id, blob_key, small_blob_key, width, height, alt } = self;
        PostImage { id, url: url(blob_key), small_url: url(small_blob_key), width, height, alt }
    }
}

/// Makes a post found by its text, in the transaction that writes or changes it.
pub(crate) async fn index_post(db: &mut impl Sql, post: PostId, text: &str) -> Result<(), DbError> {
    let sql = "INSERT INTO post_letters (post_id, letters) VALUES ($1, $2)
        ON CONFLICT (post_id) DO UPDATE SET letters = excluded.letters";
    db.run(sql, args![post, fold::letters(text)]).await.map(drop)
}
