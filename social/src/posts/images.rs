//! Images of posts: they are uploaded while somebody writes, wait for the post, and go with it.

use std::collections::{BTreeSet, HashMap};

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use sqlx::FromRow;
use uuid::Uuid;

use super::PostImage;
use super::rules::Attached;
use super::store::{page_args, page_ids};
use crate::auth::Viewer;
use crate::body::Segment;
use crate::clock::Moment;
use crate::db::{DbError, Sql, Tx, Value, args};
use crate::error::ApiError;
use crate::id::{AccountId, PostId, PostImageId};
use crate::limits::{MAX_POST_IMAGES, MAX_WAITING_IMAGES, WAITING_IMAGE_LIFETIME};
use crate::profiles::forget_blobs;
use crate::profiles::images::{Received, receive};
use crate::state::Social;
use crate::uploads::Shape;
use crate::visibility::{is_there, may_read, no_block};

/// An image, as the database has it.
#[derive(Debug, FromRow)]
struct ImageRow {
    id: PostImageId,
    post_id: Option<PostId>,
    alt: String,
    blob_key: String,
    small_blob_key: String,
    width: i64,
    height: i64,
}

impl ImageRow {
    fn show(self) -> PostImage {
        PostImage {
            id: self.id.0,
            url: format!("/media/{}", self.blob_key),
            small_url: format!("/media/{}", self.small_blob_key),
            width: self.width,
            height: self.height,
            alt: self.alt,
        }
    }
}

/// Uploads an image for a post that is being written: the body is a JPEG, PNG, WebP or GIF of at most 10 MiB and 40
/// megapixels. It waits a day for its post.
#[utoipa::path(post, path = "/api/v1/me/post-images", tag = "posts",
    request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses(
    (status = 201, body = PostImage), (status = 401, description = "not_signed_in"),
    (status = 409, description = "limit_reached"), (status = 413, description = "too_large"),
    (status = 415, description = "unsupported_image"), (status = 422, description = "bad_image"),
    (status = 429, description = "rate_limited"), (status = 507, description = "storage_full")))]
pub(crate) async fn upload(
    State(social): State<Social>,
    viewer: Viewer,
    request: Request,
) -> Result<(StatusCode, Json<PostImage>), ApiError> {
    let now = social.clock.now();
    if !social.limits.post_images.charge(&viewer.account, now.at) {
        return Err(ApiError::rate_limited());
    }
    check_waiting(&mut social.db(), viewer.account).await?;
    let received = receive(&social, request.into_body(), None, Shape::POST).await?;
    let id = social.rng.with(|rng| PostImageId::new(now, rng));
    let mut tx = social.db().begin().await?;
    // Two uploads at once count each other: the second one waits here for the first.
    tx.run("UPDATE account_counts SET posts = posts WHERE account_id = $1", args![viewer.account]).await?;
    let waits = check_waiting(&mut tx, viewer.account).await;
    if waits.is_err() {
        forget_blobs(&social, received.keys.into()).await;
        waits?;
        return Err(ApiError::internal());
    }
    let row = add(&mut tx, (id, viewer.account), received, now).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(row.show())))
}

async fn check_waiting(db: &mut impl Sql, account: AccountId) -> Result<(), ApiError> {
    let sql = "SELECT COUNT(*) FROM post_images WHERE account_id = $1 AND post_id IS NULL";
    let (waiting,): (i64,) = db.one(sql, args![account]).await?;
    match waiting < MAX_WAITING_IMAGES {
        true => Ok(()),
        false => Err(ApiError::limit_reached("at most 20 images wait for a post")),
    }
}

async fn add(
    db: &mut impl Sql,
    (id, account): (PostImageId, AccountId),
    Received { keys: [large, small], size: (width, height) }: Received,
    now: Moment,
) -> Result<ImageRow, DbError> {
    let sql = "INSERT INTO post_images
            (id, account_id, post_id, position, alt, blob_key, small_blob_key, width, height, created_at)
        VALUES ($1, $2, NULL, $3, $4, $5, $6, $7, $8, $9)
        RETURNING id, post_id, alt, blob_key, small_blob_key, width, height";
    let sizes = args![i64::from(width), i64::from(height), now.millis()];
    db.one(sql, [args![id, account, 0, "", large, small], sizes].concat()).await
}

/// Removes an image that waits for a post.
#[utoipa::path(delete, path = "/api/v1/me/post-images/{id}", tag = "posts", params(("id" = Uuid, Path)), responses(
    (status = 204), (status = 401, description = "not_signed_in"), (status = 404, description = "not_found")))]
pub(crate) async fn remove(State(social): State<Social>, viewer: Viewer, id: Segment) -> Result<StatusCode, ApiError> {
    let sql = "DELETE FROM post_images WHERE id = $1 AND account_id = $2 AND post_id IS NULL
        RETURNING blob_key, small_blob_key";
    let mut tx = social.db().begin().await?;
    let keys = removed(&mut tx, sql, args![PostImageId(id.id()?), viewer.account]).await?;
    tx.commit().await?;
    if keys.is_empty() {
        return Err(ApiError::not_found());
    }
    forget_blobs(&social, keys).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Runs what removes images; the names of their files.
async fn removed(db: &mut impl Sql, sql: &'static str, args: Vec<Value>) -> Result<Vec<String>, DbError> {
    let found: Vec<(String, String)> = db.all(sql, args).await?;
    Ok(found.into_iter().flat_map(|(large, small)| [large, small]).collect())
}

/// Gives a post these images and no others; the names of files that nobody shows any more.
///
/// # Errors
/// When one of them is not the author's, or is in another post.
pub(crate) async fn attach(
    tx: &mut Tx,
    (post, author): (PostId, AccountId),
    images: &[Attached],
) -> Result<Vec<String>, ApiError> {
    let sql = "UPDATE post_images SET post_id = $3, position = $4, alt = $5
        WHERE id = $1 AND account_id = $2 AND (post_id IS NULL OR post_id = $3)";
    for (position, image) in (0_i64..).zip(images) {
        let attached = tx.run(sql, args![image.id, author, post, position, image.alt.as_str()]).await?;
        if attached == 0 {
            return Err(ApiError::invalid("images", "each is an upload of yours that is in no other post"));
        }
    }
    let mut kept = args![post];
    kept.extend(images.iter().map(|image| Value::from(image.id)));
    kept.resize(1 + MAX_POST_IMAGES, Value::from(Uuid::nil()));
    let sql = "DELETE FROM post_images WHERE post_id = $1 AND id NOT IN ($2, $3, $4, $5)
        RETURNING blob_key, small_blob_key";
    Ok(removed(tx, sql, kept).await?)
}

/// The names of the files of a post.
pub(crate) async fn keys_of_post(db: &mut impl Sql, post: PostId) -> Result<Vec<String>, DbError> {
    let sql = "SELECT blob_key, small_blob_key FROM post_images WHERE post_id = $1 ORDER BY position";
    removed(db, sql, args![post]).await
}

/// How many images a post has.
pub(crate) async fn count(db: &mut impl Sql, post: PostId) -> Result<i64, DbError> {
    let (count,): (i64,) = db.one("SELECT COUNT(*) FROM post_images WHERE post_id = $1", args![post]).await?;
    Ok(count)
}

/// The names of all files of an account's posts, and of its images that wait for one.
pub(crate) async fn blob_keys(db: &mut impl Sql, account: AccountId) -> Result<Vec<String>, DbError> {
    let sql = "SELECT blob_key, small_blob_key FROM post_images WHERE account_id = $1 ORDER BY id";
    removed(db, sql, args![account]).await
}

/// The names of all files.
pub(crate) async fn all_blob_keys(db: &mut impl Sql) -> Result<BTreeSet<String>, DbError> {
    Ok(removed(db, "SELECT blob_key, small_blob_key FROM post_images", args![]).await?.into_iter().collect())
}

/// The images of at most 100 posts, each post's in order.
pub(crate) async fn of_posts(db: &mut impl Sql, ids: &[PostId]) -> Result<HashMap<PostId, Vec<PostImage>>, DbError> {
    let sql = concat!(
        "SELECT id, post_id, alt, blob_key, small_blob_key, width, height FROM post_images
        WHERE account_id <> $1 AND post_id IN (",
        page_ids!(),
        ") ORDER BY post_id, position"
    );
    let rows: Vec<ImageRow> = db.all(sql, page_args(AccountId::NOBODY, ids)).await?;
    let mut found: HashMap<PostId, Vec<PostImage>> = HashMap::new();
    for row in rows {
        if let Some(post) = row.post_id {
            found.entry(post).or_default().push(row.show());
        }
    }
    Ok(found)
}

/// Whether the viewer may see the file of an image: that of a post that they may read, or one of their own that waits.
pub(crate) async fn is_shown(db: &mut impl Sql, viewer: AccountId, key: &str) -> Result<bool, DbError> {
    let sql = concat!(
        "SELECT i.id FROM post_images i JOIN accounts a ON a.id = i.account_id LEFT JOIN posts p ON p.id = i.post_id
        WHERE (i.blob_key = $2 OR i.small_blob_key = $2) AND ",
        is_there!("a"),
        " AND ",
        no_block!("$1", "a.id"),
        " AND (i.account_id = $1 OR (p.id IS NOT NULL AND ",
        may_read!("$1", "p"),
        "))"
    );
    let found: Option<(PostImageId,)> = db.opt(sql, args![viewer, key]).await?;
    Ok(found.is_some())
}

/// Removes images that have waited too long.
pub(crate) async fn sweep(social: &Social) -> Result<(), DbError> {
    let before = social.clock.now().millis_before(WAITING_IMAGE_LIFETIME);
    let sql = "DELETE FROM post_images WHERE post_id IS NULL AND created_at <= $1 RETURNING blob_key, small_blob_key";
    let mut tx = social.db().begin().await?;
    let keys = removed(&mut tx, sql, args![before]).await?;
    tx.commit().await?;
    forget_blobs(social, keys).await;
    Ok(())
}
