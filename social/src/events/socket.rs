//! One tab's socket: what it is told, and what it asks for.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use tokio::time::timeout;
use uuid::Uuid;

use super::store::{self, Event};
use super::tabs::{Mail, Tab};
use super::{EventKind, SocialEvent, SocialRequest};
use crate::auth::Viewer;
use crate::body;
use crate::db::{Db, DbError};
use crate::id::{AccountId, ConversationId, NotificationId, PostId, RingId};
use crate::letters;
use crate::limits::{
    CLOSE_TIMEOUT, DEAD_AFTER, EVENT_BATCH, MAX_EVENTS, MAX_WATCHED, PING_INTERVAL, SEND_TIMEOUT, TAB_MESSAGE_BURST,
    TAB_MESSAGES_PER_SECOND,
};
use crate::notifications::{self, Notification};
use crate::rate::{Bucket, Quota};
use crate::rings;
use crate::state::Social;

/// The close code of a session that is over.
const SIGNED_OUT: u16 = 4401;

/// The close code of a tab that says what it may not (<https://www.rfc-editor.org/rfc/rfc6455.html#section-7.4.1>).
const POLICY: u16 = 1008;

/// The close code of a server that cannot go on; the tab comes again.
const FAILED: u16 = 1011;

/// Why a socket ends.
enum End {
    /// The tab has gone, or takes nothing.
    Gone,
    /// It is told why.
    Closed(u16, Utf8Bytes),
}

impl From<DbError> for End {
    fn from(error: DbError) -> Self {
        tracing::error!("cannot read events: {error}");
        Self::Closed(FAILED, "the server failed to read this".into())
    }
}

/// Serves a tab until one of the two goes.
pub(super) async fn serve(socket: WebSocket, (social, viewer): (&Social, Viewer), tab: &Arc<Tab>, after: Option<i64>) {
    let mut line = Line { socket, db: social.db(), viewer: &viewer, social, tab };
    let Err(end) = line.run(after).await;
    if let End::Closed(code, reason) = end {
        line.close(code, reason).await;
    }
}

/// A socket and all that its messages need.
struct Line<'a> {
    socket: WebSocket,
    db: Db,
    social: &'a Social,
    viewer: &'a Viewer,
    tab: &'a Arc<Tab>,
}

impl Line<'_> {
    async fn run(&mut self, after: Option<i64>) -> Result<std::convert::Infallible, End> {
        let mut watch = self.social.watch(self.viewer.clone());
        let ended = watch.ended();
        tokio::pin!(ended);
        self.greet(after).await?;
        let mut heard = Instant::now();
        let mut pings = tokio::time::interval(PING_INTERVAL);
        let mut bucket = Bucket::new(heard);
        loop {
            tokio::select! {
                biased;
                () = &mut ended => {
                    self.send(&SocialEvent::SignedOut).await?;
                    return Err(End::Closed(SIGNED_OUT, "signed out".into()));
                }
                _ = pings.tick() => {
                    if heard.elapsed() > DEAD_AFTER {
                        return Err(End::Gone);
                    }
                    self.pass(Message::Ping(Vec::new().into())).await?;
                }
                message = self.socket.recv() => {
                    heard = Instant::now();
                    if !bucket.charge(Quota::per_second(TAB_MESSAGES_PER_SECOND, TAB_MESSAGE_BURST), heard) {
                        return Err(End::Closed(POLICY, "too many messages".into()));
                    }
                    self.hear(message).await?;
                }
                () = self.tab.rings() => {
                    let mail = self.tab.take();
                    self.deliver(mail).await?;
                }
            }
        }
    }

    /// The first messages: how things stand, and what the tab has missed.
    async fn greet(&mut self, after: Option<i64>) -> Result<(), End> {
        let seq = store::head(&mut self.db, self.viewer.account).await?;
        let unread = self.unread().await?;
        self.send(&SocialEvent::Hello { seq, unread }).await?;
        match after {
            None => self.tab.set_told(seq),
            // A number of another database, perhaps of one that was restored, says nothing.
            Some(after) if after > seq || after < seq.saturating_sub(MAX_EVENTS) => self.tell_gap().await?,
            Some(after) => {
                self.tab.set_told(after);
                self.tell_events().await?;
            }
        }
        Ok(())
    }

    /// Tells what there is to tell.
    async fn deliver(&mut self, mail: Mail) -> Result<(), End> {
        if mail.numbered {
            self.tell_events().await?;
        }
        for ring in mail.rings {
            self.tell_ring(ring).await?;
        }
        if mail.feed {
            self.send(&SocialEvent::FeedChanged).await?;
        }
        for (post, author) in mail.gone {
            self.tell_gone(post, author).await?;
        }
        for post in mail.changed {
            self.tell_post(post).await?;
        }
        for line in mail.lines {
            self.pass(Message::Text(line)).await?;
        }
        if mail.is_slow {
            self.send(&SocialEvent::MessagesGap).await?;
        }
        for ConversationId(id) in mail.conversations {
            self.send(&SocialEvent::ConversationChanged { id }).await?;
        }
        Ok(())
    }

    /// Tells all events that the tab was not told yet, or that some of them are not known any more.
    async fn tell_events(&mut self) -> Result<(), End> {
        let head = store::head(&mut self.db, self.viewer.account).await?;
        while self.tab.told() < head {
            let events = store::following(&mut self.db, self.viewer.account, (self.tab.told(), EVENT_BATCH)).await?;
            if events.first().is_none_or(|first| first.seq != self.tab.told() + 1) {
                return self.tell_gap().await;
            }
            self.tell_batch(events).await?;
        }
        Ok(())
    }

    async fn tell_gap(&mut self) -> Result<(), End> {
        let seq = store::head(&mut self.db, self.viewer.account).await?;
        let unread = self.unread().await?;
        self.tab.set_told(seq);
        self.send(&SocialEvent::Gap { seq, unread }).await
    }

    async fn tell_batch(&mut self, events: Vec<Event>) -> Result<(), End> {
        // All that they tell of has happened already, so one look at how things stand is right for all of them.
        let unread = self.unread().await?;
        let mut found: BTreeMap<Uuid, Option<Notification>> = BTreeMap::new();
        for event in events {
            let seq = event.seq;
            let message = match (event.kind(), event.subject) {
                (EventKind::Connections, _) => SocialEvent::ConnectionsChanged { seq, unread },
                (EventKind::Letters, _) => {
                    let unread_letters = letters::store::unread(&mut self.db, self.viewer.account).await?;
                    SocialEvent::LettersChanged { seq, unread, unread_letters }
                }
                (EventKind::Notification, Some(id)) => {
                    let notification = match found.entry(id) {
                        Entry::Occupied(known) => known.get().clone(),
                        Entry::Vacant(new) => {
                            let id = NotificationId(id);
                            new.insert(notifications::store::one(&mut self.db, self.viewer.account, id).await?).clone()
                        }
                    };
                    SocialEvent::Notification { seq, unread, notification }
                }
                _ => SocialEvent::NotificationsChanged { seq, unread },
            };
            self.send(&message).await?;
            self.tab.set_told(seq);
        }
        Ok(())
    }

    async fn unread(&mut self) -> Result<i64, DbError> {
        notifications::store::unread(&mut self.db, self.viewer.account).await
    }

    /// Tells that a post has changed, if it may still be read.
    async fn tell_post(&mut self, post: PostId) -> Result<(), End> {
        let found = store::readable_one(&mut self.db, self.viewer.account, post).await?;
        // A block may have come while the database was asked.
        match found.filter(|_| self.tab.watches(post)) {
            Some(found) => self.send(&SocialEvent::PostChanged { id: post.0, counts: found.counts() }).await,
            None => {
                self.social.tabs.unwatch(self.tab, post);
                Ok(())
            }
        }
    }

    /// Tells how a ring stands, if the viewer may see it.
    async fn tell_ring(&mut self, ring: RingId) -> Result<(), End> {
        let viewer = self.viewer.account;
        let Some(row) = rings::store::find(&mut self.db, viewer, ring).await? else { return Ok(()) };
        let ring = rings::store::show(&mut self.db, viewer, row, self.social.clock.now()).await?;
        self.send(&SocialEvent::Ring { ring }).await
    }

    /// Tells that a post has gone, unless only its audience has changed and the viewer is still in it; and nothing, if
    /// there is a block, for whoever is blocked is not told.
    async fn tell_gone(&mut self, post: PostId, author: AccountId) -> Result<(), End> {
        if store::readable_one(&mut self.db, self.viewer.account, post).await?.is_some() {
            return self.tell_post(post).await;
        }
        self.social.tabs.unwatch(self.tab, post);
        match store::is_blocked(&mut self.db, self.viewer.account, author).await? {
            true => Ok(()),
            false => self.send(&SocialEvent::PostGone { id: post.0 }).await,
        }
    }

    /// Does what a message asks for.
    async fn hear(&mut self, message: Option<Result<Message, axum::Error>>) -> Result<(), End> {
        let refused = |reason: String| Err(End::Closed(POLICY, reason.into()));
        match message {
            Some(Ok(Message::Text(text))) => match serde_json::from_str(&text) {
                Ok(SocialRequest::Watch { posts }) if posts.len() > MAX_WATCHED => refused("too many posts".into()),
                Ok(SocialRequest::Watch { posts }) => self.watch(posts).await,
                Ok(SocialRequest::Typing { conversation }) => {
                    Ok(self.social.typing(self.viewer, ConversationId(conversation)).await?)
                }
                Ok(SocialRequest::Delivered { conversation, seq }) => {
                    Ok(self.social.delivered(self.viewer, ConversationId(conversation), seq).await?)
                }
                // A close frame has at most 125 bytes.
                Err(error) => refused(body::short(&error).chars().filter(char::is_ascii).take(100).collect()),
            },
            Some(Ok(Message::Binary(_))) => refused("messages are text".into()),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
            Some(Ok(Message::Close(_)) | Err(_)) | None => Err(End::Gone),
        }
    }

    async fn watch(&mut self, posts: Vec<Uuid>) -> Result<(), End> {
        let posts = posts.into_iter().map(PostId);
        let found = store::readable(&mut self.db, self.viewer.account, posts).await?;
        self.social.tabs.watch(self.tab, found.into_iter().map(|post| (post.id, post.author_id)).collect());
        Ok(())
    }

    async fn send(&mut self, event: &SocialEvent) -> Result<(), End> {
        let text = serde_json::to_string(event).unwrap_or_default();
        self.pass(Message::Text(text.into())).await
    }

    /// Hands a message to the connection. A tab that takes nothing is not waited for.
    async fn pass(&mut self, message: Message) -> Result<(), End> {
        match timeout(SEND_TIMEOUT, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(End::Gone),
        }
    }

    async fn close(&mut self, code: u16, reason: Utf8Bytes) {
        let _ = self.pass(Message::Close(Some(CloseFrame { code, reason }))).await;
        // Hanging up on what was not read yet (an answer to a ping) would take the code back.
        let _ = timeout(CLOSE_TIMEOUT, async { while let Some(Ok(_)) = self.socket.recv().await {} }).await;
    }
}
