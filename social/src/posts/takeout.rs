//! What somebody wrote and liked, for that person to take along.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Post, PostVersion, store};
use crate::db::{DbError, Sql, args};
use crate::id::{AccountId, PostId};
use crate::limits::MAX_PAGE_ITEMS;

/// A post with what it said before.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnPost {
    pub(crate) post: Post,
    versions: Vec<PostVersion>,
}

/// A comment on any post.
#[derive(Debug, Serialize, ToSchema, sqlx::FromRow)]
pub(crate) struct OwnComment {
    id: Uuid,
    post: Uuid,
    parent: Option<Uuid>,
    text: String,
    created_at: i64,
    edited_at: Option<i64>,
}

/// A like of a post or a comment.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnLike {
    post: Option<Uuid>,
    comment: Option<Uuid>,
    at: i64,
}

/// At most `most` posts, the last first.
pub(crate) async fn posts(db: &mut impl Sql, account: AccountId, most: i64) -> Result<Vec<OwnPost>, DbError> {
    let sql = "SELECT id FROM posts WHERE author_id = $1 ORDER BY id DESC LIMIT $2";
    let found: Vec<(PostId,)> = db.all(sql, args![account, most]).await?;
    let ids: Vec<PostId> = found.into_iter().map(|(id,)| id).collect();
    let mut all = Vec::new();
    for part in ids.chunks(MAX_PAGE_ITEMS) {
        for post in store::by_ids(db, account, part).await? {
            let versions = match post.edited_at {
                Some(_) => store::versions(db, PostId(post.id)).await?,
                None => Vec::new(),
            };
            all.push(OwnPost { post, versions });
        }
    }
    Ok(all)
}

/// At most `most` comments, the last first.
pub(crate) async fn comments(db: &mut impl Sql, account: AccountId, most: i64) -> Result<Vec<OwnComment>, DbError> {
    let sql = "SELECT id, post_id AS post, parent_id AS parent, text, created_at, edited_at FROM comments
        WHERE author_id = $1 ORDER BY id DESC LIMIT $2";
    db.all(sql, args![account, most]).await
}

/// At most `most` likes of posts and as many of comments, the last first.
pub(crate) async fn likes(db: &mut impl Sql, account: AccountId, most: i64) -> Result<Vec<OwnLike>, DbError> {
    let sql = "SELECT post_id, created_at FROM post_likes WHERE account_id = $1 ORDER BY created_at DESC LIMIT $2";
    let posts: Vec<(Uuid, i64)> = db.all(sql, args![account, most]).await?;
    let sql = "SELECT comment_id, created_at FROM comment_likes WHERE account_id = $1
        ORDER BY created_at DESC LIMIT $2";
    let comments: Vec<(Uuid, i64)> = db.all(sql, args![account, most]).await?;
    let posts = posts.into_iter().map(|(post, at)| OwnLike { post: Some(post), comment: None, at });
    let comments = comments.into_iter().map(|(comment, at)| OwnLike { post: None, comment: Some(comment), at });
    Ok(posts.chain(comments).collect())
}
