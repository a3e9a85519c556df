//! Whom one may want to follow.

use axum::Json;
use axum::extract::State;

use super::{Suggestion, Suggestions};
use crate::auth::Viewer;
use crate::db::Sql as _;
use crate::db::args;
use crate::error::ApiError;
use crate::limits::SUGGESTIONS;
use crate::profiles::store::{Row, people};
use crate::profiles::view;
use crate::state::Social;

/// Whom those follow whom `$1` follows, by how many of them do. Bounded: the hundred followed last, without those who follow
/// half the world and so recommend nobody.
const BY_FRIENDS: &str = people!(
    "JOIN (
        SELECT theirs.followed_id AS id, COUNT(*) AS mutual
        FROM (SELECT followed_id FROM follows WHERE follower_id = $1 ORDER BY created_at DESC LIMIT 100) mine
        JOIN account_counts n ON n.account_id = mine.followed_id AND n.following <= 500
        JOIN follows theirs ON theirs.follower_id = mine.followed_id
        WHERE theirs.followed_id <> $1
            AND NOT EXISTS (SELECT 1 FROM follows WHERE follower_id = $1 AND followed_id = theirs.followed_id)
            AND NOT EXISTS (SELECT 1 FROM friend_requests WHERE sender_id = $1 AND receiver_id = theirs.followed_id)
        GROUP BY theirs.followed_id
        ORDER BY COUNT(*) DESC, theirs.followed_id DESC LIMIT 48
    ) s ON s.id = a.id",
    "s.mutual",
    "ORDER BY s.mutual DESC, a.id DESC LIMIT $2"
);

/// Those who came last.
const NEWCOMERS: &str = people!(
    "",
    "CAST(0 AS BIGINT)",
    "AND a.id <> $1 AND NOT EXISTS (SELECT 1 FROM follows WHERE follower_id = $1 AND followed_id = a.id)
    AND NOT EXISTS (SELECT 1 FROM friend_requests WHERE sender_id = $1 AND receiver_id = a.id)
    ORDER BY a.created_at DESC, a.id DESC LIMIT $2"
);

/// People whom the one who asks does not follow yet: those whom their people follow first, then those who came last.
#[utoipa::path(get, path = "/api/v1/me/suggestions", tag = "connections", responses(
    (status = 200, body = Suggestions), (status = 401, description = "not_signed_in")))]
pub(crate) async fn list(State(social): State<Social>, viewer: Viewer) -> Result<Json<Suggestions>, ApiError> {
    let mut db = social.db();
    let mut found: Vec<Row> = db.all(BY_FRIENDS, args![viewer.account, SUGGESTIONS]).await?;
    let most = usize::try_from(SUGGESTIONS).unwrap_or(0);
    if found.len() < most {
        let newcomers: Vec<Row> = db.all(NEWCOMERS, args![viewer.account, SUGGESTIONS]).await?;
        let new = newcomers.into_iter().filter(|row| !found.iter().any(|known| known.id == row.id));
        found.extend(new.collect::<Vec<_>>());
        found.truncate(most);
    }
    let show = |row: Row| Suggestion { mutual: row.at, person: view::person(row) };
    Ok(Json(Suggestions { items: found.into_iter().map(show).collect() }))
}
