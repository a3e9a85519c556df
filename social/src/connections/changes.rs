//! Following, befriending, blocking, and the end of each.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use super::store::{self, Pair};
use super::{Connection, Friendship};
use crate::accounts::rules;
use crate::auth::Viewer;
use crate::body::Segment;
use crate::clock::Moment;
use crate::db::{DbError, Tx};
use crate::error::ApiError;
use crate::events::{EventKind, Hint, News};
use crate::id::AccountId;
use crate::limits::{MAX_BLOCKS, MAX_FOLLOWING, MAX_FRIEND_REQUESTS, MAX_FRIENDS};
use crate::notifications::NotificationKind;
use crate::notifications::forget::forget_between;
use crate::notifications::notify::{self, About, Notice};
use crate::profiles::directory::by_username;
use crate::profiles::store::{self as profiles, Row};
use crate::state::Social;

/// A change between two people, from its first question to what it tells.
struct Change<'a> {
    social: &'a Social,
    tx: Tx,
    news: News,
    pair: Pair,
    /// The other as the one who acts saw them before.
    other: Row,
    now: Moment,
}

impl<'a> Change<'a> {
    /// Begins a change between the viewer and somebody whom they may see and who is somebody else.
    async fn begin(social: &'a Social, viewer: &Viewer, username: &str) -> Result<Self, ApiError> {
        let now = social.clock.now();
        if !social.limits.connections.charge(&viewer.account, now.at) {
            return Err(ApiError::rate_limited());
        }
        let mut tx = social.db().begin().await?;
        let found = by_username(&mut tx, viewer.account, username).await?;
        if found.is_me {
            return Err(ApiError::invalid("username", "this is you"));
        }
        let pair = Pair { from: viewer.account, to: found.id };
        store::lock(&mut tx, pair).await?;
        News::lock(&mut tx, [pair.from, pair.to]).await?;
        // What was there before the lock may have changed until it was taken.
        let other = profiles::by_id(&mut tx, viewer.account, found.id).await?.ok_or_else(ApiError::not_found)?;
        Ok(Self { social, tx, news: News::default(), pair, other, now })
    }

    /// Notifies the other of what the viewer did.
    async fn notify(&mut self, kind: NotificationKind) -> Result<(), DbError> {
        notify::notify(self.social, &mut self.tx, &mut self.news, notice(self.pair, kind, self.now)).await
    }

    /// Takes back what the first of a pair told the second.
    async fn retract(&mut self, pair: Pair, kind: NotificationKind) -> Result<(), DbError> {
        notify::retract(&mut self.tx, &mut self.news, notice(pair, kind, self.now)).await
    }

    /// Lets one follow the other, with all that follows from it.
    async fn follow(&mut self, pair: Pair) -> Result<bool, ApiError> {
        let counts = profiles::counts(&mut self.tx, pair.from).await?;
        if counts.following >= MAX_FOLLOWING {
            return Err(ApiError::limit_reached("one follows at most 5000 people"));
        }
        Ok(store::follow(&mut self.tx, pair, self.now).await?)
    }

    /// Ends a follow; whether there was one.
    async fn unfollow(&mut self, pair: Pair) -> Result<bool, DbError> {
        let ended = store::unfollow(&mut self.tx, pair).await?;
        if ended {
            self.retract(pair, NotificationKind::Follow).await?;
        }
        Ok(ended)
    }

    /// Ends friendship and requests; whether there was anything.
    async fn unfriend(&mut self) -> Result<bool, DbError> {
        let mut ended = store::unfriend(&mut self.tx, self.pair).await?;
        for pair in [self.pair, self.pair.turned()] {
            let asked = store::forget_request(&mut self.tx, pair).await?;
            if asked {
                self.retract(pair, NotificationKind::FriendRequest).await?;
            }
            ended |= asked;
        }
        Ok(ended)
    }

    /// Makes it last, tells both, and says what is between them now.
    async fn finish(mut self, has_changed: bool) -> Result<Json<Connection>, ApiError> {
        let other = profiles::by_id(&mut self.tx, self.pair.from, self.pair.to).await?;
        let told = if has_changed { vec![self.pair.from, self.pair.to] } else { Vec::new() };
        self.commit(told).await?;
        other.map(|other| Json(other.connection())).ok_or_else(ApiError::not_found)
    }

    async fn commit(mut self, mut told: Vec<AccountId>) -> Result<(), DbError> {
        // Everybody takes the locks of several accounts in this order.
        told.sort();
        for account in told {
            self.news.event(&mut self.tx, (account, EventKind::Connections), None, self.now).await?;
        }
        self.tx.commit().await?;
        self.social.tell(self.news);
        Ok(())
    }
}

fn notice(pair: Pair, kind: NotificationKind, at: Moment) -> Notice {
    Notice { to: pair.to, by: pair.from, kind, about: About::default(), at }
}

/// Follows somebody.
#[utoipa::path(put, path = "/api/v1/people/{username}/follow", tag = "connections", params(("username" = String, Path)),
    responses((status = 200, body = Connection), (status = 401, description = "not_signed_in"),
    (status = 404, description = "not_found"), (status = 409, description = "limit_reached"),
    (status = 422, description = "invalid_value: one does not follow oneself"),
    (status = 429, description = "rate_limited")))]
pub(crate) async fn follow(
    State(social): State<Social>,
    viewer: Viewer,
    Segment(username): Segment,
) -> Result<Json<Connection>, ApiError> {
    let mut change = Change::begin(&social, &viewer, &username).await?;
    let is_new = !change.other.connection().following && change.follow(change.pair).await?;
    if is_new {
        change.notify(NotificationKind::Follow).await?;
    }
    change.finish(is_new).await
}

/// Follows somebody no longer.
#[utoipa::path(delete, path = "/api/v1/people/{username}/follow", tag = "connections",
    params(("username" = String, Path)), responses((status = 200, body = Connection),
    (status = 401, description = "not_signed_in"), (status = 404, description = "not_found"),
    (status = 422, description = "invalid_value"), (status = 429, description = "rate_limited")))]
pub(crate) async fn unfollow(
    State(social): State<Social>,
    viewer: Viewer,
    Segment(username): Segment,
) -> Result<Json<Connection>, ApiError> {
    let mut change = Change::begin(&social, &viewer, &username).await?;
    let ended = change.unfollow(change.pair).await?;
    change.finish(ended).await
}

/// Asks somebody to be friends, or agrees if they have asked. Friends follow each other from the start.
#[utoipa::path(put, path = "/api/v1/people/{username}/friend", tag = "connections", params(("username" = String, Path)),
    responses((status = 200, body = Connection), (status = 401, description = "not_signed_in"),
    (status = 404, description = "not_found"), (status = 409, description = "limit_reached"),
    (status = 422, description = "invalid_value: one is no friend of oneself"),
    (status = 429, description = "rate_limited")))]
pub(crate) async fn befriend(
    State(social): State<Social>,
    viewer: Viewer,
    Segment(username): Segment,
) -> Result<Json<Connection>, ApiError> {
    let mut change = Change::begin(&social, &viewer, &username).await?;
    let has_changed = match change.other.connection().friendship {
        Friendship::Friends | Friendship::Sent => false,
        Friendship::None => {
            ask(&mut change).await?;
            true
        }
        Friendship::Received => {
            accept(&mut change).await?;
            true
        }
    };
    change.finish(has_changed).await
}

async fn ask(change: &mut Change<'_>) -> Result<(), ApiError> {
    if store::open_requests(&mut change.tx, change.pair.from).await? >= MAX_FRIEND_REQUESTS {
        return Err(ApiError::limit_reached("at most 500 requests may wait for an answer"));
    }
    store::ask(&mut change.tx, change.pair, change.now).await?;
    Ok(change.notify(NotificationKind::FriendRequest).await?)
}

async fn accept(change: &mut Change<'_>) -> Result<(), ApiError> {
    let pair = change.pair;
    for account in [pair.from, pair.to] {
        if profiles::counts(&mut change.tx, account).await?.friends >= MAX_FRIENDS {
            return Err(ApiError::limit_reached("one has at most 5000 friends"));
        }
    }
    store::forget_request(&mut change.tx, pair.turned()).await?;
    change.retract(pair.turned(), NotificationKind::FriendRequest).await?;
    store::befriend(&mut change.tx, pair, change.now).await?;
    change.follow(pair).await?;
    change.follow(pair.turned()).await?;
    Ok(change.notify(NotificationKind::FriendAccepted).await?)
}

/// Ends a friendship, takes back a request, or declines one.
#[utoipa::path(delete, path = "/api/v1/people/{username}/friend", tag = "connections",
    params(("username" = String, Path)), responses((status = 200, body = Connection),
    (status = 401, description = "not_signed_in"), (status = 404, description = "not_found"),
    (status = 422, description = "invalid_value"), (status = 429, description = "rate_limited")))]
pub(crate) async fn unfriend(
    State(social): State<Social>,
    viewer: Viewer,
    Segment(username): Segment,
) -> Result<Json<Connection>, ApiError> {
    let mut change = Change::begin(&social, &viewer, &username).await?;
    let ended = change.unfriend().await?;
    change.finish(ended).await
}

/// Has nothing to do with somebody from now on: neither sees anything of the other, and what was between them ends. The
/// other is not told.
#[utoipa::path(put, path = "/api/v1/people/{username}/block", tag = "connections", params(("username" = String, Path)),
    responses((status = 204), (status = 401, description = "not_signed_in"), (status = 404, description = "not_found"),
    (status = 409, description = "limit_reached"), (status = 422, description = "invalid_value: one does not block oneself"),
    (status = 429, description = "rate_limited")))]
pub(crate) async fn block(
    State(social): State<Social>,
    viewer: Viewer,
    Segment(username): Segment,
) -> Result<StatusCode, ApiError> {
    let mut change = Change::begin(&social, &viewer, &username).await?;
    if store::blocks(&mut change.tx, viewer.account).await? >= MAX_BLOCKS {
        return Err(ApiError::limit_reached("one blocks at most 10000 people"));
    }
    let pair = change.pair;
    let mut told = vec![pair.from];
    let mut ended = change.unfriend().await?;
    for pair in [pair, pair.turned()] {
        ended |= change.unfollow(pair).await?;
    }
    forget_between(&mut change.tx, &mut change.news, (pair.from, pair.to), change.now).await?;
    if ended {
        // As when somebody only stops to follow; otherwise the other hears nothing at all.
        told.push(pair.to);
    }
    store::block(&mut change.tx, pair, change.now).await?;
    forget_between(&mut change.tx, &mut change.news, (pair.from, pair.to), change.now).await?;
    change.news.hint(Hint::Blocked { accounts: [pair.from, pair.to] });
    change.commit(told).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends a block. Nothing of what was before comes back.
#[utoipa::path(delete, path = "/api/v1/people/{username}/block", tag = "connections",
    params(("username" = String, Path)), responses((status = 204), (status = 401, description = "not_signed_in"),
    (status = 404, description = "not_found: the viewer has blocked nobody of this name"),
    (status = 429, description = "rate_limited")))]
pub(crate) async fn unblock(
    State(social): State<Social>,
    viewer: Viewer,
    Segment(username): Segment,
) -> Result<StatusCode, ApiError> {
    let now = social.clock.now();
    if !social.limits.connections.charge(&viewer.account, now.at) {
        return Err(ApiError::rate_limited());
    }
    let mut tx = social.db().begin().await?;
    let blocked = store::blocked(&mut tx, viewer.account, &rules::username_key(&username)).await?;
    let pair = Pair { from: viewer.account, to: blocked.ok_or_else(ApiError::not_found)? };
    store::unblock(&mut tx, pair).await?;
    let mut news = News::default();
    news.event(&mut tx, (viewer.account, EventKind::Connections), None, now).await?;
    tx.commit().await?;
    social.tell(news);
    Ok(StatusCode::NO_CONTENT)
}
