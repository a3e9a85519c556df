//! What the database knows of posts.

use std::collections::HashMap;

use sqlx::FromRow;
use uuid::Uuid;

use super::{Post, PostCounts, PostVersion, images};
use crate::clock::Moment;
use crate::db::{DbError, Sql, Tx, Value, args};
use crate::id::{AccountId, EntryId, PostId};
use crate::limits::MAX_PAGE_ITEMS;
use crate::page::{Cursor, Page, PageQuery};
use crate::profiles::author::{AuthorRow, author_columns, author_joins};
use crate::profiles::store::{Row, people};
use crate::search;
use crate::visibility::{Audience, is_there, may_read, no_block};

/// A post beside its author.
#[derive(Debug, FromRow)]
struct PostRow {
    id: PostId,
    #[sqlx(flatten)]
    author: AuthorRow,
    text: String,
    audience: String,
    created_at: i64,
    edited_at: Option<i64>,
    likes: i64,
    comments: i64,
    liked: bool,
}

/// What is asked of a post that somebody acts upon.
#[derive(Debug, Clone, Copy, FromRow)]
pub(crate) struct Readable {
    pub(crate) author_id: AccountId,
    pub(crate) likes: i64,
    pub(crate) liked: bool,
}

/// What a post says, before and after a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Content {
    pub(crate) text: String,
    pub(crate) audience: Audience,
    pub(crate) created_at: i64,
}

/// Selects columns of the posts `p` and their authors `a` that the viewer, `$1`, may read.
macro_rules! readable {
    ($columns:expr, $joins:expr, $rest:expr) => {
        concat!(
            "SELECT ",
            $columns,
            ", EXISTS (SELECT 1 FROM post_likes WHERE post_id = p.id AND account_id = $1) AS liked
            FROM posts p JOIN accounts a ON a.id = p.author_id ",
            $joins,
            " WHERE ",
            is_there!("a"),
            " AND ",
            no_block!("$1", "a.id"),
            " AND ",
            may_read!("$1", "p"),
            " AND ",
            $rest
        )
    };
}

/// Placeholders for the posts of a page. There is no other way to bind a list on both databases, and one query for all
/// costs less than one for each.
macro_rules! page_ids {
    () => {
        "$2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, \
         $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45, \
         $46, $47, $48, $49, $50, $51, $52, $53, $54, $55, $56, $57, $58, $59, $60, $61, $62, $63, $64, $65, $66, \
         $67, $68, $69, $70, $71, $72, $73, $74, $75, $76, $77, $78, $79, $80, $81, $82, $83, $84, $85, $86, $87, \
         $88, $89, $90, $91, $92, $93, $94, $95, $96, $97, $98, $99, $100, $101"
    };
}
pub(crate) use page_ids;

/// The values of [`page_ids`], behind those of `$1`: what is not needed is nothing's id.
pub(crate) fn page_args<I: Copy + Into<Value>>(first: impl Into<Value>, ids: &[I]) -> Vec<Value> {
    let mut all = vec![first.into()];
    all.extend(ids.iter().take(MAX_PAGE_ITEMS).map(|id| (*id).into()));
    all.resize(1 + MAX_PAGE_ITEMS, Value::from(Uuid::nil()));
    all
}

/// Those of at most 100 posts that the viewer may read, in the order of their ids in the list.
pub(crate) async fn by_ids(db: &mut impl Sql, viewer: AccountId, ids: &[PostId]) -> Result<Vec<Post>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let sql = readable!(
        concat!("p.id, p.text, p.audience, p.created_at, p.edited_at, p.likes, p.comments, ", author_columns!()),
        author_joins!(),
        concat!("p.id IN (", page_ids!(), ")")
    );
    let rows: Vec<PostRow> = db.all(sql, page_args(viewer, ids)).await?;
    let mut images = images::of_posts(db, ids).await?;
    let mut posts: HashMap<PostId, Post> = rows.into_iter().map(|row| (row.id, show(row))).collect();
    for (id, post) in &mut posts {
        post.images = images.remove(id).unwrap_or_default();
    }
    Ok(ids.iter().filter_map(|id| posts.remove(id)).collect())
}

/// The page of posts whose ids were found in a window of a list that is sorted by them.
pub(crate) async fn page(
    db: &mut impl Sql,
    viewer: AccountId,
    query: &PageQuery,
    found: Vec<PostId>,
) -> Result<Page<Post>, DbError> {
    let Page { items, next } = query.page(found, |id| Cursor::of_id(id.0), |id| id);
    Ok(Page { items: by_ids(db, viewer, &items).await?, next })
}

fn show(row: PostRow) -> Post {
    let author = row.author.clone().show();
    Post {
        id: row.id.0,
        is_mine: row.author.is_viewer(),
        author,
        text: row.text,
        audience: Audience::parse(&row.audience),
        images: Vec::new(),
        created_at: row.created_at,
        edited_at: row.edited_at,
        counts: PostCounts { likes: row.likes, comments: row.comments },
        liked: row.liked,
    }
}

/// A post as the viewer sees it, if they may read it.
pub(crate) async fn find(db: &mut impl Sql, viewer: AccountId, id: PostId) -> Result<Option<Post>, DbError> {
    Ok(by_ids(db, viewer, &[id]).await?.pop())
}

/// Whether the viewer may read a post, and what is asked before they act upon it.
pub(crate) async fn readable(db: &mut impl Sql, viewer: AccountId, id: PostId) -> Result<Option<Readable>, DbError> {
    db.opt(readable!("p.author_id, p.likes", "", "p.id = $2"), args![viewer, id]).await
}

/// What a post of its author says.
pub(crate) async fn own(db: &mut impl Sql, author: AccountId, id: PostId) -> Result<Option<Content>, DbError> {
    let sql = "SELECT text, audience, created_at FROM posts WHERE id = $1 AND author_id = $2";
    let found: Option<(String, String, i64)> = db.opt(sql, args![id, author]).await?;
    let content = |(text, audience, created_at): (String, String, i64)| {
        let audience = Audience::parse(&audience);
        Content { text, audience, created_at }
    };
    Ok(found.map(content))
}

/// Whoever else changes the post, or adds to it, waits until the transaction is over.
pub(crate) async fn lock(tx: &mut Tx, id: PostId) -> Result<u64, DbError> {
    tx.run("UPDATE posts SET likes = likes WHERE id = $1", args![id]).await
}

/// The post that an author's client has made with this id of its own.
pub(crate) async fn by_client_id(
    db: &mut impl Sql,
    author: AccountId,
    client_id: Uuid,
) -> Result<Option<PostId>, DbError> {
    let sql = "SELECT id FROM posts WHERE author_id = $1 AND client_id = $2";
    let found: Option<(PostId,)> = db.opt(sql, args![author, client_id]).await?;
    Ok(found.map(|(id,)| id))
}

/// Adds a post, unless its author's client has made it before; whether it did.
pub(crate) async fn add(
    db: &mut impl Sql,
    (id, author, client_id): (PostId, AccountId, Uuid),
    (text, audience): (&str, Audience),
    now: Moment,
) -> Result<bool, DbError> {
    let sql = "INSERT INTO posts (id, author_id, client_id, text, audience, created_at, edited_at, likes, comments)
        VALUES ($1, $2, $3, $4, $5, $6, NULL, $7, $7) ON CONFLICT (author_id, client_id) DO NOTHING";
    let added = db.run(sql, args![id, author, client_id, text, audience.name(), now.millis(), 0]).await?;
    if added == 0 {
        return Ok(false);
    }
    db.run("UPDATE account_counts SET posts = posts + 1 WHERE account_id = $1", args![author]).await?;
    search::index_post(db, id, text).await?;
    Ok(true)
}

/// Changes what a post says.
pub(crate) async fn change(
    db: &mut impl Sql,
    id: PostId,
    (text, audience): (&str, Audience),
    now: Moment,
) -> Result<(), DbError> {
    let sql = "UPDATE posts SET text = $2, audience = $3, edited_at = $4 WHERE id = $1";
    db.run(sql, args![id, text, audience.name(), now.millis()]).await?;
    search::index_post(db, id, text).await
}

/// Removes a post of its author, and with it all that hangs on it; whether there was one.
pub(crate) async fn remove(db: &mut impl Sql, author: AccountId, id: PostId) -> Result<bool, DbError> {
    if db.run("DELETE FROM posts WHERE id = $1 AND author_id = $2", args![id, author]).await? == 0 {
        return Ok(false);
    }
    db.run("UPDATE account_counts SET posts = posts - 1 WHERE account_id = $1", args![author]).await?;
    Ok(true)
}

/// Keeps what a post has said until now, and forgets the oldest of too many versions.
pub(crate) async fn keep_version(
    db: &mut impl Sql,
    (version, post): (EntryId, PostId),
    old: &Content,
    most: i64,
) -> Result<(), DbError> {
    let last: Option<(EntryId,)> =
        db.opt("SELECT id FROM post_versions WHERE post_id = $1 ORDER BY id DESC LIMIT 1", args![post]).await?;
    // The version before ended when this one began, and its id tells when that was.
    let began = last.map_or(old.created_at, |(id,)| id.millis());
    let sql = "INSERT INTO post_versions (id, post_id, at, text, audience) VALUES ($1, $2, $3, $4, $5)";
    db.run(sql, args![version, post, began, old.text.as_str(), old.audience.name()]).await?;
    let sql = "DELETE FROM post_versions WHERE post_id = $1 AND id NOT IN
        (SELECT id FROM post_versions WHERE post_id = $1 ORDER BY id DESC LIMIT $2)";
    db.run(sql, args![post, most]).await?;
    Ok(())
}

/// What a post said before it was changed, the last first.
pub(crate) async fn versions(db: &mut impl Sql, post: PostId) -> Result<Vec<PostVersion>, DbError> {
    let sql = "SELECT at, text, audience FROM post_versions WHERE post_id = $1 ORDER BY id DESC";
    let found: Vec<(i64, String, String)> = db.all(sql, args![post]).await?;
    let show =
        |(at, text, audience): (i64, String, String)| PostVersion { at, text, audience: Audience::parse(&audience) };
    Ok(found.into_iter().map(show).collect())
}

/// Adds a like and counts it, unless it was there; how many there are then. None: nothing has changed, and the transaction
/// must not be committed.
pub(crate) async fn like(
    db: &mut impl Sql,
    (post, account): (PostId, AccountId),
    now: Moment,
) -> Result<Option<i64>, DbError> {
    // The post first: whoever likes it at the same time, or removes it, waits here.
    let sql = "UPDATE posts SET likes = likes + 1 WHERE id = $1 RETURNING likes";
    let Some((likes,)): Option<(i64,)> = db.opt(sql, args![post]).await? else { return Ok(None) };
    let sql = "INSERT INTO post_likes (post_id, account_id, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    let added = db.run(sql, args![post, account, now.millis()]).await?;
    Ok((added > 0).then_some(likes))
}

/// Takes a like back, in the same way.
pub(crate) async fn unlike(db: &mut impl Sql, (post, account): (PostId, AccountId)) -> Result<Option<i64>, DbError> {
    let sql = "UPDATE posts SET likes = likes - 1 WHERE id = $1 RETURNING likes";
    let Some((likes,)): Option<(i64,)> = db.opt(sql, args![post]).await? else { return Ok(None) };
    let sql = "DELETE FROM post_likes WHERE post_id = $1 AND account_id = $2";
    let removed = db.run(sql, args![post, account]).await?;
    Ok((removed > 0).then_some(likes))
}

/// Who likes a post, the last first.
pub(crate) async fn likers(
    db: &mut impl Sql,
    viewer: AccountId,
    post: PostId,
    (after, most): (Cursor, i64),
) -> Result<Vec<Row>, DbError> {
    let sql = people!(
        "JOIN post_likes l ON l.account_id = a.id",
        "l.created_at",
        "AND l.post_id = $2 AND (l.created_at, l.account_id) < ($3, $4)
        ORDER BY l.created_at DESC, l.account_id DESC LIMIT $5"
    );
    db.all(sql, args![viewer, post, after.at, AccountId(after.id), most]).await
}
