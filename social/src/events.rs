//! What a server tells a tab that is signed in, over a WebSocket of its own: what happens to its account, in numbered
//! events; what happens to what it shows, in hints; and that it is signed in no more.
//!
//! A numbered event is a row, written in the transaction of what it tells of ([`News`]). When that is committed the
//! account's tabs are woken ([`Social::tell`]), and each reads what follows the last number that it was told. So a wake-up
//! carries nothing, and one that is lost loses nothing.

mod chats;
mod hints;
mod news;
pub mod routes;
mod socket;
pub(crate) mod store;
mod tabs;

use axum::extract::ws::Utf8Bytes;
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinHandle;
use ts_rs::TS;
use uuid::Uuid;

pub(crate) use self::chats::Changed;
pub(crate) use self::news::{EventKind, Hint, News};
pub(crate) use self::tabs::{Posted, Tabs};
use crate::auth::Viewer;
use crate::id::{AccountId, SessionId};
use crate::limits::SWEEP_INTERVAL;
use crate::messages::Message;
use crate::notifications::Notification;
use crate::posts::PostCounts;
use crate::presence::Presence;
use crate::rings::Ring;
use crate::sessions::store as sessions;
use crate::state::Social;

/// A message to a tab. Those with a `seq` are numbered for each account, without gaps and the same in every tab; a tab that
/// was away names the last number that it knows and is told what came after it.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SocialEvent {
    /// The first message of a socket.
    Hello {
        /// The number of the account's last event.
        #[ts(type = "number")]
        seq: i64,
        /// How many notifications are unread.
        #[ts(type = "number")]
        unread: i64,
    },
    /// What lies between the number that the tab named and `seq` is not known any more: all that is shown has to be asked
    /// for again.
    Gap {
        /// The number of the account's last event.
        #[ts(type = "number")]
        seq: i64,
        /// How many notifications are unread.
        #[ts(type = "number")]
        unread: i64,
    },
    /// A notification is new, or has grown.
    Notification {
        /// The event's number.
        #[ts(type = "number")]
        seq: i64,
        /// How many notifications are unread.
        #[ts(type = "number")]
        unread: i64,
        /// The notification, unless it has gone again.
        notification: Option<Notification>,
    },
    /// Notifications were read or removed: what is shown of them has to be asked for again.
    NotificationsChanged {
        /// The event's number.
        #[ts(type = "number")]
        seq: i64,
        /// How many notifications are unread.
        #[ts(type = "number")]
        unread: i64,
    },
    /// Whom the account follows, is friends with or has blocked has changed, or who asks to be its friend.
    ConnectionsChanged {
        /// The event's number.
        #[ts(type = "number")]
        seq: i64,
        /// How many notifications are unread.
        #[ts(type = "number")]
        unread: i64,
    },
    /// Letters have come, or were sent, read or deleted: what is shown of them has to be asked for again.
    LettersChanged {
        /// The event's number.
        #[ts(type = "number")]
        seq: i64,
        /// How many notifications are unread.
        #[ts(type = "number")]
        unread: i64,
        /// How many letters are unread.
        #[ts(type = "number")]
        unread_letters: i64,
    },
    /// Somebody whom the account follows, or the account itself, has posted.
    FeedChanged,
    /// A post that the tab watches has changed: its text, its numbers or its comments.
    PostChanged {
        /// Its id.
        #[ts(type = "string")]
        id: Uuid,
        /// Its numbers.
        counts: PostCounts,
    },
    /// A post that the tab watches has gone, or may not be read any more.
    PostGone {
        /// Its id.
        #[ts(type = "string")]
        id: Uuid,
    },
    /// A change of a conversation, in the order of its numbers. One that the tab knows already is told twice, perhaps; when
    /// one is missing, the tab asks for what was changed.
    Message {
        /// The conversation's id.
        #[ts(type = "string")]
        conversation: Uuid,
        /// The number of the change.
        #[ts(type = "number")]
        change: i64,
        /// The message that is new or has changed, unless the tab does not see it.
        message: Option<Message>,
    },
    /// The account has deleted messages of a conversation for itself, one or all: what is shown of them has to be asked for
    /// again.
    MessagesCleared {
        /// The conversation's id.
        #[ts(type = "string")]
        conversation: Uuid,
    },
    /// What a conversation is for the account has changed: asked to be in it, read, muted, cleared, left.
    ConversationChanged {
        /// Its id.
        #[ts(type = "string")]
        id: Uuid,
    },
    /// Somebody has read, or been reached by, more of a conversation. Of large ones nobody is told.
    Seen {
        /// The conversation's id.
        #[ts(type = "string")]
        conversation: Uuid,
        /// Who.
        #[ts(type = "string")]
        account: Uuid,
        /// The number of the last message that they have read.
        #[ts(type = "number")]
        read_to: i64,
        /// The number of the last message that has reached them.
        #[ts(type = "number")]
        delivered_to: i64,
    },
    /// Somebody types in a conversation. It holds for 5 s.
    Typing {
        /// The conversation's id.
        #[ts(type = "string")]
        conversation: Uuid,
        /// Who.
        #[ts(type = "string")]
        account: Uuid,
    },
    /// Somebody in a conversation of two with the account has come or gone, or shows or hides it from now on.
    Presence {
        /// Who.
        #[ts(type = "string")]
        account: Uuid,
        /// Whether they are here; none if they show it no more.
        presence: Option<Presence>,
    },
    /// A ring of a caller or of somebody who is rung has begun or changed. Of one that it missed a tab asks when it connects.
    Ring {
        /// The ring.
        ring: Ring,
    },
    /// The tab was too slow for what was written: all that it shows of conversations has to be asked for again.
    MessagesGap,
    /// The session has ended; the socket closes with 4401.
    SignedOut,
}

impl SocialEvent {
    /// As it is sent.
    pub(crate) fn line(&self) -> Utf8Bytes {
        serde_json::to_string(self).unwrap_or_default().into()
    }
}

/// A message of a tab.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum SocialRequest {
    /// Tells what happens to these posts from now on, and to no others.
    Watch {
        /// Their ids, at most 100.
        #[ts(type = "string[]")]
        posts: Vec<Uuid>,
    },
    /// Somebody types in a conversation. To be said again while they do, every few seconds.
    Typing {
        /// The conversation's id.
        #[ts(type = "string")]
        conversation: Uuid,
    },
    /// Messages up to this place have reached the tab.
    Delivered {
        /// The conversation's id.
        #[ts(type = "string")]
        conversation: Uuid,
        /// The number of the last one.
        #[ts(type = "number")]
        seq: i64,
    },
}

/// Sessions that ended before their time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revoked {
    /// One of them.
    Session(SessionId),
    /// All of an account but, perhaps, one.
    Account {
        /// Whose.
        account: AccountId,
        /// The one that goes on.
        but: Option<SessionId>,
    },
}

impl Revoked {
    /// Whether this viewer's session is among them.
    pub fn concerns(&self, viewer: &Viewer) -> bool {
        match self {
            Self::Session(session) => *session == viewer.session,
            Self::Account { account, but } => *account == viewer.account && *but != Some(viewer.session),
        }
    }
}

/// Watches a session, so that what is open in its name ends with it. It does so in a task of its own: whoever waits for one
/// of several things asks it only now and then, and a question to the database that nobody asks on keeps its connection.
#[derive(Debug)]
pub struct SessionWatch {
    over: JoinHandle<()>,
}

impl Social {
    /// Watches a viewer's session.
    pub fn watch(&self, viewer: Viewer) -> SessionWatch {
        let asking = Asking { social: self.clone(), viewer, revoked: self.revoked.subscribe() };
        SessionWatch { over: tokio::spawn(asking.until_it_ends()) }
    }

    /// All sessions that end before their time, from now on.
    pub fn revocations(&self) -> Revocations {
        Revocations(self.revoked.subscribe())
    }

    /// Whether a viewer's session still opens anything.
    pub async fn is_signed_in(&self, viewer: &Viewer) -> bool {
        sessions::exists(&mut self.db(), viewer.session, self.clock.now()).await.unwrap_or(false)
    }

    /// Tells all who watch; whoever does not listen has nothing open.
    pub(crate) fn revoke(&self, revoked: Revoked) {
        let _ = self.revoked.send(revoked);
    }
}

/// Sessions that end before their time, one after the other.
#[derive(Debug)]
pub struct Revocations(Receiver<Revoked>);

impl Revocations {
    /// The next one; none when the server is gone.
    pub async fn next(&mut self) -> Option<Revoked> {
        loop {
            match self.0.recv().await {
                Ok(revoked) => return Some(revoked),
                Err(RecvError::Lagged(missed)) => tracing::error!("missed the end of {missed} sessions"),
                Err(RecvError::Closed) => return None,
            }
        }
    }
}

impl SessionWatch {
    /// Resolves when the session is over; to be asked no more then.
    pub async fn ended(&mut self) {
        let _ = (&mut self.over).await;
    }
}

impl Drop for SessionWatch {
    fn drop(&mut self) {
        self.over.abort();
    }
}

/// The task of a [`SessionWatch`].
struct Asking {
    social: Social,
    viewer: Viewer,
    revoked: Receiver<Revoked>,
}

impl Asking {
    /// Asks the database at first, since the session may have ended before the watch began, and then once in a while:
    /// sessions expire, and another process may end them.
    async fn until_it_ends(mut self) {
        while self.exists().await {
            let clock = &self.social.clock;
            let check = clock.sleep_until(clock.now().at + SWEEP_INTERVAL);
            tokio::select! {
                () = check => {}
                () = told(&mut self.revoked, &self.viewer) => {}
            }
        }
    }

    async fn exists(&self) -> bool {
        let found = sessions::exists(&mut self.social.db(), self.viewer.session, self.social.clock.now()).await;
        // A database that does not answer ends nobody's call.
        found.unwrap_or(true)
    }
}

/// Resolves when there is reason to ask again.
async fn told(revoked: &mut Receiver<Revoked>, viewer: &Viewer) {
    loop {
        match revoked.recv().await {
            Ok(revoked) if !revoked.concerns(viewer) => {}
            Ok(_) | Err(RecvError::Lagged(_)) => return,
            Err(RecvError::Closed) => return std::future::pending().await,
        }
    }
}
