//! What is told of conversations: each change is read once, whoever is in it, and handed to the tabs of all of them.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::{Hint, News, SocialEvent, store};
use crate::auth::Viewer;
use crate::conversations::MemberState;
use crate::conversations::store as conversations;
use crate::db::DbError;
use crate::id::{AccountId, ConversationId, MessageId};
use crate::limits::{CHANGE_BATCH, MAX_CHANGED, MAX_TOLD_OF_READING};
use crate::messages::store as messages;
use crate::state::Social;

/// Conversations of which tabs are still to be told.
#[derive(Debug, Default)]
pub(crate) struct Changed {
    waiting: Mutex<Waiting>,
    told: Mutex<Told>,
    bell: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    /// The lowest number of a change that was not told.
    written: BTreeMap<ConversationId, i64>,
    /// Who has read, or was reached by, more of what.
    seen: BTreeSet<(ConversationId, AccountId)>,
    /// Whether there were more than may wait.
    is_full: bool,
}

/// The last numbers of which this process has told, by which it sees what others have written.
type Told = BTreeMap<ConversationId, i64>;

impl Changed {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A change took this number. Changes of one conversation come in any order: whoever tells reads on from the lowest.
    pub(super) fn written(&self, conversation: ConversationId, seq: i64) {
        let mut waiting = self.waiting();
        if waiting.written.len() >= MAX_CHANGED {
            waiting.is_full = true;
        } else {
            waiting.written.entry(conversation).and_modify(|first| *first = seq.min(*first)).or_insert(seq);
        }
        self.bell.notify_one();
    }

    /// This number was found in the database. Of a conversation of which nothing was told yet, the last change is told: a
    /// tab sees by its number whether it lacks others.
    pub(super) fn found(&self, conversation: ConversationId, seq: i64) {
        match self.told().get(&conversation) {
            Some(told) if *told >= seq => {}
            Some(told) => self.written(conversation, told + 1),
            None => self.written(conversation, seq),
        }
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps in mind what was told; of too many, nothing.
    fn has_told(&self, conversation: ConversationId, seq: i64) {
        let mut told = self.told();
        if told.len() >= MAX_CHANGED {
            told.clear();
        }
        let last = told.entry(conversation).or_insert(seq);
        *last = seq.max(*last);
    }

    /// An account has read more.
    pub(super) fn seen(&self, conversation: ConversationId, account: AccountId) {
        let mut waiting = self.waiting();
        // Whoever misses one sees it with the next.
        if waiting.seen.len() < MAX_CHANGED {
            waiting.seen.insert((conversation, account));
        }
        self.bell.notify_one();
    }

    async fn next(&self) -> Waiting {
        loop {
            let waiting = std::mem::take(&mut *self.waiting());
            if waiting.is_full || !waiting.written.is_empty() || !waiting.seen.is_empty() {
                return waiting;
            }
            self.bell.notified().await;
        }
    }
}

/// Somebody who is told of a conversation.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub(super) struct Listener {
    pub(super) account_id: AccountId,
    /// What has its place before this is not for them.
    pub(super) visible_after: i64,
}

impl Social {
    /// Tells tabs of conversations, for ever: one after the other, so that each tab hears of changes in their order.
    pub(super) async fn tell_of_conversations(&self) {
        loop {
            let Waiting { written, seen, is_full } = self.changed.next().await;
            if is_full {
                self.tabs.all_slow();
            }
            for (conversation, from) in written {
                if let Err(error) = self.tell_changes(conversation, from).await {
                    tracing::warn!("cannot tell of messages: {error}");
                    self.tabs.all_slow();
                }
            }
            for (conversation, account) in seen {
                if let Err(error) = self.tell_seen(conversation, account).await {
                    tracing::warn!("cannot tell who has read: {error}");
                }
            }
        }
    }

    /// Tells what was changed in a conversation: what follows that of which was told last, or else from a number on. Of two who
    /// write at once the second may be heard of first; but the first is there by then, since numbers become visible in order.
    async fn tell_changes(&self, conversation: ConversationId, from: i64) -> Result<(), DbError> {
        let mut db = self.db();
        let mut from = self.changed.told().get(&conversation).map_or(from, |last| last + 1);
        if !self.tabs.is_anybody_online() {
            // Whoever comes later asks.
            self.changed.has_told(conversation, from);
            return Ok(());
        }
        let listeners = store::listeners(&mut db, conversation).await?;
        let online: Vec<Listener> =
            listeners.into_iter().filter(|listener| self.tabs.is_online(listener.account_id)).collect();
        loop {
            // Asked once for each author in a row of changes: a block that is made meanwhile is like one that comes just after.
            let mut blocks = BTreeMap::new();
            let found = messages::told(&mut db, conversation, (from, CHANGE_BATCH)).await?;
            let is_last = i64::try_from(found.len()).unwrap_or(0) < CHANGE_BATCH;
            let shown = messages::show(&mut db, found.clone()).await?;
            for (row, message) in found.into_iter().zip(shown) {
                from = row.changed + 1;
                let (change, place, id, author) = (row.changed, row.seq, row.id, row.author());
                let apart = self.apart(author, (change > place).then_some(id), &mut blocks).await?;
                let told = |message| SocialEvent::Message { conversation: conversation.0, change, message }.line();
                let (whole, empty) = (told(Some(message)), told(None));
                for Listener { account_id, visible_after } in &online {
                    let is_theirs = place > *visible_after && !apart.contains(account_id);
                    self.tabs.send(*account_id, if is_theirs { &whole } else { &empty });
                }
            }
            if is_last {
                self.changed.has_told(conversation, from - 1);
                return Ok(());
            }
        }
    }

    /// Who is not told what a message says: between whom and its author there is a block, and who has deleted it.
    async fn apart(
        &self,
        author: Option<AccountId>,
        old: Option<MessageId>,
        blocks: &mut BTreeMap<AccountId, Vec<AccountId>>,
    ) -> Result<BTreeSet<AccountId>, DbError> {
        let mut apart = BTreeSet::new();
        if let Some(author) = author {
            if let Entry::Vacant(unknown) = blocks.entry(author) {
                unknown.insert(store::blocked_with(&mut self.db(), author).await?);
            }
            apart.extend(blocks.get(&author).into_iter().flatten().copied());
        }
        if let Some(message) = old {
            apart.extend(store::hidden_from(&mut self.db(), message).await?);
        }
        Ok(apart)
    }

    /// Tells the others in a small conversation what somebody has read.
    async fn tell_seen(&self, conversation: ConversationId, account: AccountId) -> Result<(), DbError> {
        let Some((read_to, delivered_to)) = store::progress(&mut self.db(), conversation, account).await? else {
            return Ok(());
        };
        let (conversation_id, account_id) = (conversation.0, account.0);
        let event = SocialEvent::Seen { conversation: conversation_id, account: account_id, read_to, delivered_to };
        self.tell_others(conversation, account, &event).await
    }

    /// Tells all in a small conversation something about one of them, but those between whom there is a block.
    async fn tell_others(
        &self,
        conversation: ConversationId,
        about: AccountId,
        event: &SocialEvent,
    ) -> Result<(), DbError> {
        let listeners = store::listeners(&mut self.db(), conversation).await?;
        if i64::try_from(listeners.len()).unwrap_or(i64::MAX) > MAX_TOLD_OF_READING {
            return Ok(());
        }
        let apart: BTreeSet<_> = store::blocked_with(&mut self.db(), about).await?.into_iter().collect();
        let line = event.line();
        for Listener { account_id, .. } in listeners {
            if account_id != about && !apart.contains(&account_id) {
                self.tabs.send(account_id, &line);
            }
        }
        Ok(())
    }

    /// Has all tabs of an account ask again for the messages of a conversation.
    pub(super) fn tell_cleared(&self, account: AccountId, conversation: ConversationId) {
        self.tabs.send(account, &SocialEvent::MessagesCleared { conversation: conversation.0 }.line());
    }

    /// Tells the others that somebody types, if they are in the conversation.
    pub(super) async fn typing(&self, viewer: &Viewer, conversation: ConversationId) -> Result<(), DbError> {
        let place = conversations::find(&mut self.db(), viewer.account, conversation).await?;
        if place.is_none_or(|row| row.state() != MemberState::Joined)
            || !self.limits.reads.charge(&viewer.account, self.clock.now().at)
        {
            return Ok(());
        }
        let event = SocialEvent::Typing { conversation: conversation.0, account: viewer.account.0 };
        self.tell_others(conversation, viewer.account, &event).await
    }

    /// Notes that messages have reached a tab, as far as there are any; of large conversations nobody wants to know.
    pub(super) async fn delivered(
        &self,
        viewer: &Viewer,
        conversation: ConversationId,
        seq: i64,
    ) -> Result<(), DbError> {
        let mut db = self.db();
        let Some(row) = conversations::find(&mut db, viewer.account, conversation).await? else { return Ok(()) };
        if row.members > MAX_TOLD_OF_READING || !row.reads() {
            return Ok(());
        }
        let to = seq.min(row.last_message);
        if messages::mark_delivered(&mut db, (conversation, viewer.account), to).await?
            && row.state() == MemberState::Joined
        {
            let mut news = News::default();
            news.hint(Hint::Seen { conversation, account: viewer.account });
            self.tell(news);
        }
        Ok(())
    }
}
