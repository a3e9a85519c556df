//! What the database knows of profiles and their images.

use sqlx::FromRow;

use super::{Counts, Image, ImageKind, MessagesFrom};
use crate::clock::Moment;
use crate::connections::{Connection, Friendship};
use crate::db::{DbError, Sql, args};
use crate::error::ApiError;
use crate::id::AccountId;
use crate::page::Cursor;
use crate::visibility::Relation;

/// A person with profile and images.
#[derive(Debug, FromRow)]
pub(crate) struct Row {
    pub(crate) id: AccountId,
    pub(crate) username: String,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    pub(crate) created_at: i64,
    pub(crate) bio: Option<String>,
    pub(crate) about: Option<String>,
    pub(crate) address: Option<String>,
    pub(crate) country: Option<String>,
    pub(crate) links: String,
    pub(crate) visibility: String,
    pub(crate) findable_by_email: bool,
    messages_from: String,
    pub(crate) shows_presence: bool,
    picture: Option<String>,
    picture_small: Option<String>,
    picture_width: Option<i64>,
    picture_height: Option<i64>,
    cover: Option<String>,
    cover_small: Option<String>,
    cover_width: Option<i64>,
    cover_height: Option<i64>,
    pub(crate) is_me: bool,
    is_followed: bool,
    follows_me: bool,
    is_friend: bool,
    has_request: bool,
    has_asked: bool,
    /// What the list is sorted by, besides the id.
    pub(crate) at: i64,
}

/// What comes of a message to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reception {
    /// They have it.
    Welcome,
    /// They are asked whether they want it.
    Waits,
    /// They do not hear of it.
    Refused,
}

impl Reception {
    /// # Errors
    /// When the person wants to hear only from those whom they know.
    pub(crate) fn unless_refused(self) -> Result<Self, ApiError> {
        match self {
            Self::Refused => Err(ApiError::not_allowed("this person hears only from people whom they know")),
            _ => Ok(self),
        }
    }
}

/// The fields of a profile that its owner changes.
pub(crate) struct Texts {
    pub(crate) bio: Option<String>,
    pub(crate) about: Option<String>,
    pub(crate) address: Option<String>,
    pub(crate) country: Option<String>,
    pub(crate) links: String,
    pub(crate) visibility: String,
    pub(crate) findable_by_email: bool,
    pub(crate) messages_from: MessagesFrom,
    pub(crate) shows_presence: bool,
}

/// Selects [`Row`]s of people whom the viewer, `$1`, may see: what joins others to the accounts `a`, what a list is sorted
/// by (`at`), further conditions and the order.
macro_rules! people {
    ($join:expr, $at:literal, $rest:literal) => {
        $crate::profiles::store::people!(@ $join, $at, concat!(" AND ", $crate::visibility::no_block!("$1", "a.id"), " ", $rest))
    };
    // Those whom the viewer has blocked, for the one list that has them.
    (blocked: $join:literal, $at:literal, $rest:literal) => {
        $crate::profiles::store::people!(@ $join, $at, concat!(" ", $rest))
    };
    (@ $join:expr, $at:literal, $rest:expr) => {
        concat!(
            "SELECT a.id, a.username, a.first_name, a.last_name, a.created_at,
                p.bio, p.about, p.address, p.country, p.links, p.visibility, p.findable_by_email,
                p.messages_from, p.shows_presence,
                i.blob_key AS picture, i.small_blob_key AS picture_small,
                i.width AS picture_width, i.height AS picture_height,
                c.blob_key AS cover, c.small_blob_key AS cover_small,
                c.width AS cover_width, c.height AS cover_height,
                a.id = $1 AS is_me,
                EXISTS (SELECT 1 FROM follows WHERE follower_id = $1 AND followed_id = a.id) AS is_followed,
                EXISTS (SELECT 1 FROM follows WHERE follower_id = a.id AND followed_id = $1) AS follows_me,
                EXISTS (SELECT 1 FROM friends WHERE account_id = $1 AND friend_id = a.id) AS is_friend,
                EXISTS (SELECT 1 FROM friend_requests WHERE sender_id = $1 AND receiver_id = a.id) AS has_request,
                EXISTS (SELECT 1 FROM friend_requests WHERE sender_id = a.id AND receiver_id = $1) AS has_asked, ",
            $at,
            " AS at FROM accounts a JOIN profiles p ON p.account_id = a.id ",
            $join,
            " LEFT JOIN images i ON i.account_id = a.id AND i.kind = 'picture'
            LEFT JOIN images c ON c.account_id = a.id AND c.kind = 'cover'
            WHERE ",
            $crate::visibility::is_there!("a"),
            $rest
        )
    };
}
pub(crate) use people;

impl Row {
    /// What the viewer is to the person.
    pub(crate) fn relation(&self) -> Relation {
        Relation::closest(self.is_me, self.is_friend, self.is_followed)
    }

    /// Who may write to the person.
    pub(crate) fn messages_from(&self) -> MessagesFrom {
        MessagesFrom::parse(&self.messages_from)
    }

    /// What comes of what the viewer writes to the person.
    pub(crate) fn reception(&self) -> Reception {
        match self.messages_from() {
            _ if self.is_friend || self.follows_me => Reception::Welcome,
            MessagesFrom::Everybody => Reception::Welcome,
            MessagesFrom::Requests => Reception::Waits,
            MessagesFrom::Known => Reception::Refused,
        }
    }

    /// What is between the viewer and the person.
    pub(crate) fn connection(&self) -> Connection {
        let friendship = match (self.is_friend, self.has_asked, self.has_request) {
            (true, ..) => Friendship::Friends,
            (_, true, _) => Friendship::Received,
            (.., true) => Friendship::Sent,
            _ => Friendship::None,
        };
        Connection { following: self.is_followed, follows_me: self.follows_me, friendship }
    }

    /// Where the row is in its list.
    pub(crate) fn cursor(&self) -> Cursor {
        Cursor { at: self.at, id: self.id.0 }
    }

    pub(crate) fn picture(&self) -> Option<Image> {
        shown(&self.picture, &self.picture_small, self.picture_width, self.picture_height)
    }

    pub(crate) fn cover(&self) -> Option<Image> {
        shown(&self.cover, &self.cover_small, self.cover_width, self.cover_height)
    }
}

fn shown(key: &Option<String>, small: &Option<String>, width: Option<i64>, height: Option<i64>) -> Option<Image> {
    let url = |key: &String| format!("/media/{key}");
    Some(Image { url: key.as_ref().map(url)?, small_url: small.as_ref().map(url)?, width: width?, height: height? })
}

fn name(kind: ImageKind) -> &'static str {
    match kind {
        ImageKind::Picture => "picture",
        ImageKind::Cover => "cover",
    }
}

/// Somebody as the viewer sees them; none if there is a block between them.
pub(crate) async fn by_id(db: &mut impl Sql, viewer: AccountId, id: AccountId) -> Result<Option<Row>, DbError> {
    db.opt(people!("", "a.created_at", "AND a.id = $2"), args![viewer, id]).await
}

/// The same by the folded username.
pub(crate) async fn by_username(db: &mut impl Sql, viewer: AccountId, key: &str) -> Result<Option<Row>, DbError> {
    db.opt(people!("", "a.created_at", "AND a.username_key = $2"), args![viewer, key]).await
}

/// People, those who came last first.
pub(crate) async fn list(
    db: &mut impl Sql,
    viewer: AccountId,
    (after, most): (Cursor, i64),
) -> Result<Vec<Row>, DbError> {
    let sql = people!(
        "",
        "a.created_at",
        "AND (a.created_at, a.id) < ($2, $3) ORDER BY a.created_at DESC, a.id DESC LIMIT $4"
    );
    db.all(sql, args![viewer, after.at, AccountId(after.id), most]).await
}

/// The numbers beside a profile.
pub(crate) async fn counts(db: &mut impl Sql, account: AccountId) -> Result<Counts, DbError> {
    let sql = "SELECT followers, following, friends, posts FROM account_counts WHERE account_id = $1";
    let found: Option<(i64, i64, i64, i64)> = db.opt(sql, args![account]).await?;
    let (followers, following, friends, posts) = found.unwrap_or_default();
    Ok(Counts { followers, following, friends, posts })
}

pub(crate) async fn set_texts(db: &mut impl Sql, account: AccountId, texts: Texts) -> Result<u64, DbError> {
    let sql = "UPDATE profiles SET bio = $2, about = $3, address = $4, country = $5, links = $6, visibility = $7,
        findable_by_email = $8, messages_from = $9, shows_presence = $10 WHERE account_id = $1";
    let Texts { bio, about, address, country, links, visibility, findable_by_email, .. } = texts;
    let (from, shows_presence) = (texts.messages_from.name(), texts.shows_presence);
    let texts =
        args![account, bio, about, address, country, links, visibility, findable_by_email, from, shows_presence];
    db.run(sql, texts).await
}

pub(crate) async fn image(db: &mut impl Sql, account: AccountId, kind: ImageKind) -> Result<Option<Image>, DbError> {
    let sql = "SELECT blob_key, small_blob_key, width, height FROM images WHERE account_id = $1 AND kind = $2";
    let found: Option<(String, String, i64, i64)> = db.opt(sql, args![account, name(kind)]).await?;
    Ok(found.and_then(|(key, small, width, height)| shown(&Some(key), &Some(small), Some(width), Some(height))))
}

/// Shows a new image.
pub(crate) async fn add_image(
    db: &mut impl Sql,
    (account, kind): (AccountId, ImageKind),
    [key, small]: &[String; 2],
    (width, height): (u32, u32),
    now: Moment,
) -> Result<u64, DbError> {
    let sql = "INSERT INTO images (account_id, kind, blob_key, small_blob_key, width, height, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let sizes = args![i64::from(width), i64::from(height), now.millis()];
    db.run(sql, [args![account, name(kind), key.as_str(), small.as_str()], sizes].concat()).await
}

/// Stops to show an image: the keys of its files.
pub(crate) async fn remove_image(
    db: &mut impl Sql,
    account: AccountId,
    kind: ImageKind,
) -> Result<Vec<String>, DbError> {
    let sql = "DELETE FROM images WHERE account_id = $1 AND kind = $2 RETURNING blob_key, small_blob_key";
    let found: Option<(String, String)> = db.opt(sql, args![account, name(kind)]).await?;
    Ok(found.map_or_else(Vec::new, |(key, small)| vec![key, small]))
}

/// The keys of all files of an account.
pub(crate) async fn blob_keys(db: &mut impl Sql, account: AccountId) -> Result<Vec<String>, DbError> {
    let sql = "SELECT blob_key, small_blob_key FROM images WHERE account_id = $1 ORDER BY kind";
    let found: Vec<(String, String)> = db.all(sql, args![account]).await?;
    Ok(found.into_iter().flat_map(|(key, small)| [key, small]).collect())
}

/// Whether an image that is shown, of somebody who may be seen, has this file.
pub(crate) async fn is_shown(db: &mut impl Sql, key: &str) -> Result<bool, DbError> {
    let sql = "SELECT i.kind FROM images i JOIN accounts a ON a.id = i.account_id
        WHERE (i.blob_key = $1 OR i.small_blob_key = $1) AND a.deletion_at IS NULL AND a.is_suspended = $2";
    let found: Option<(String,)> = db.opt(sql, args![key, false]).await?;
    Ok(found.is_some())
}

/// The keys of all files.
pub(crate) async fn all_blob_keys(db: &mut impl Sql) -> Result<Vec<String>, DbError> {
    let found: Vec<(String, String)> = db.all("SELECT blob_key, small_blob_key FROM images", args![]).await?;
    Ok(found.into_iter().flat_map(|(key, small)| [key, small]).collect())
}
