//! What a server tells a tab that is signed in, over a WebSocket of its own: for now, that it is signed in no more.

pub mod routes;

use serde::Serialize;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use ts_rs::TS;

use crate::auth::Viewer;
use crate::id::{AccountId, SessionId};
use crate::limits::SWEEP_INTERVAL;
use crate::sessions::store;
use crate::state::Social;

/// A message to a tab.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SocialEvent {
    /// The session has ended; the socket closes with 4401.
    SignedOut,
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

/// Watches a session, so that what is open in its name ends with it.
#[derive(Debug)]
pub struct SessionWatch {
    social: Social,
    viewer: Viewer,
    revoked: Receiver<Revoked>,
}

impl Social {
    /// Watches a viewer's session.
    pub fn watch(&self, viewer: Viewer) -> SessionWatch {
        SessionWatch { social: self.clone(), viewer, revoked: self.revoked.subscribe() }
    }

    /// All sessions that end before their time, from now on.
    pub fn revocations(&self) -> Revocations {
        Revocations(self.revoked.subscribe())
    }

    /// Whether a viewer's session still opens anything.
    pub async fn is_signed_in(&self, viewer: &Viewer) -> bool {
        store::exists(&mut self.db(), viewer.session, self.clock.now()).await.unwrap_or(false)
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
    /// Resolves when the session is over. Asks the database at first, since it may have ended before the watch began,
    /// and then once in a while: sessions expire, and another process may end them.
    pub async fn ended(&mut self) {
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
        let found = store::exists(&mut self.social.db(), self.viewer.session, self.social.clock.now()).await;
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
