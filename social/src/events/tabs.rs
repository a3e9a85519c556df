//! The tabs that are connected to this process, and what each is still to be told.
//!
//! Nothing here is a queue that could grow: a tab's [`Mail`] says that there is something to look for, not what, and posts
//! only by the ids that the tab watches, each once. Messages alone are lines, which all tabs share, and of which a tab that
//! has too many asks again. Whoever tells never waits for a tab.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::ws::Utf8Bytes;
use dashmap::DashMap;
use tokio::sync::Notify;

use crate::id::{AccountId, ConversationId, PostId, RingId};
use crate::limits::{MAX_POSTED, MAX_TAB_LINES, MAX_WATCHED, SOCKETS_PER_ACCOUNT};
use crate::state::Social;

/// All tabs of this process.
#[derive(Debug, Default)]
pub(crate) struct Tabs {
    accounts: DashMap<AccountId, Vec<Arc<Tab>>>,
    /// The tabs that watch a post.
    posts: DashMap<PostId, HashMap<u64, Arc<Tab>>>,
    /// Names tabs.
    count: AtomicU64,
}

/// One of them.
#[derive(Debug)]
pub(crate) struct Tab {
    id: u64,
    account: AccountId,
    mail: Mutex<Mail>,
    bell: Notify,
    /// The number of the last event that it was told.
    told: AtomicI64,
}

/// What a tab is to be told.
#[derive(Debug, Default)]
pub(super) struct Mail {
    /// There may be new events in the database.
    pub(super) numbered: bool,
    /// A feed has changed.
    pub(super) feed: bool,
    /// Watched posts that have changed.
    pub(super) changed: BTreeSet<PostId>,
    /// Watched posts that have gone, or have another audience, and their authors.
    pub(super) gone: BTreeMap<PostId, AccountId>,
    /// Conversations that are other ones for the account.
    pub(super) conversations: BTreeSet<ConversationId>,
    /// Rings that have begun or changed.
    pub(super) rings: BTreeSet<RingId>,
    /// What was written, who has read and who types, as it is sent; shared with the other tabs that are told it.
    pub(super) lines: VecDeque<Utf8Bytes>,
    /// Whether there were more lines than a tab may let wait.
    pub(super) is_slow: bool,
    /// The posts that the tab watches, and their authors.
    watched: BTreeMap<PostId, AccountId>,
}

/// A tab's place, which it leaves when this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    social: Social,
    pub(super) tab: Arc<Tab>,
}

impl Place {
    /// Takes one of the places that an account has; none if all are taken.
    pub(super) fn take(social: &Social, account: AccountId) -> Option<Self> {
        let mut open = social.tabs.accounts.entry(account).or_default();
        if open.len() >= SOCKETS_PER_ACCOUNT {
            return None;
        }
        let id = social.tabs.count.fetch_add(1, Ordering::Relaxed);
        let tab = Arc::new(Tab { id, account, mail: Mutex::default(), bell: Notify::new(), told: AtomicI64::new(0) });
        open.push(tab.clone());
        Some(Self { social: social.clone(), tab })
    }
}

impl Tabs {
    /// Whether an account has a tab open.
    pub(crate) fn is_online(&self, account: AccountId) -> bool {
        self.accounts.contains_key(&account)
    }

    /// Whether anybody has.
    pub(super) fn is_anybody_online(&self) -> bool {
        !self.accounts.is_empty()
    }

    /// Has an account's tabs look for events.
    pub(super) fn wake(&self, account: AccountId) {
        self.each(account, |mail| mail.numbered = true);
    }

    /// Has those of an account's tabs look for events that do not know of the last one.
    pub(super) fn wake_behind(&self, account: AccountId, seq: i64) {
        for tab in self.accounts.get(&account).iter().flat_map(|tabs| tabs.value()) {
            if tab.told.load(Ordering::Relaxed) < seq {
                tab.mail().numbered = true;
                tab.bell.notify_one();
            }
        }
    }

    /// Tells an account's tabs that a feed has changed.
    pub(super) fn feed_changed(&self, account: AccountId) {
        self.each(account, |mail| mail.feed = true);
    }

    /// Has an account's tabs ask for a conversation again.
    pub(super) fn conversation_changed(&self, account: AccountId, conversation: ConversationId) {
        self.each(account, |mail| {
            mail.conversations.insert(conversation);
        });
    }

    /// Has an account's tabs look at a ring.
    pub(super) fn ring_changed(&self, account: AccountId, ring: RingId) {
        self.each(account, |mail| {
            mail.rings.insert(ring);
        });
    }

    /// Sends an account's tabs a line. A tab that has too many is told so, and asks again.
    pub(super) fn send(&self, account: AccountId, line: &Utf8Bytes) {
        self.each(account, |mail| mail.add(line));
    }

    /// Has all tabs ask again for what they show of conversations.
    pub(super) fn all_slow(&self) {
        for tabs in &self.accounts {
            for tab in tabs.value() {
                tab.mail().is_slow = true;
                tab.bell.notify_one();
            }
        }
    }

    fn each(&self, account: AccountId, note: impl Fn(&mut Mail)) {
        for tab in self.accounts.get(&account).iter().flat_map(|tabs| tabs.value()) {
            note(&mut tab.mail());
            tab.bell.notify_one();
        }
    }

    /// Tells who watches a post that it has changed.
    pub(super) fn post_changed(&self, post: PostId) {
        self.each_watcher(post, |mail, _| {
            mail.changed.insert(post);
        });
    }

    /// Tells who watches a post that it has gone, or has another audience.
    pub(super) fn post_gone(&self, post: PostId) {
        self.each_watcher(post, |mail, author| {
            mail.gone.insert(post, author);
        });
    }

    fn each_watcher(&self, post: PostId, note: impl Fn(&mut Mail, AccountId)) {
        for tab in self.posts.get(&post).iter().flat_map(|tabs| tabs.values()) {
            let mut mail = tab.mail();
            if let Some(author) = mail.watched.get(&post).copied() {
                note(&mut mail, author);
                tab.bell.notify_one();
            }
        }
    }

    /// Has a tab watch these posts, of these authors, and no others.
    pub(super) fn watch(&self, tab: &Arc<Tab>, posts: BTreeMap<PostId, AccountId>) {
        debug_assert!(posts.len() <= MAX_WATCHED, "whoever reads the message counts");
        let new: Vec<_> = posts.keys().copied().collect();
        let old = tab.mail().replace(posts);
        self.forget(tab, old.into_iter().filter(|post| new.binary_search(post).is_err()));
        for post in new {
            self.posts.entry(post).or_default().insert(tab.id, tab.clone());
        }
    }

    /// Has a tab watch a post no more.
    pub(super) fn unwatch(&self, tab: &Tab, post: PostId) {
        tab.mail().remove(post);
        self.forget(tab, [post]);
    }

    /// Has the tabs of neither account watch the other's posts.
    pub(super) fn forget_posts_between(&self, one: AccountId, other: AccountId) {
        for (viewer, author) in [(one, other), (other, one)] {
            let tabs: Vec<_> = self.accounts.get(&viewer).map(|tabs| tabs.clone()).unwrap_or_default();
            for tab in tabs {
                let posts = tab.mail().by(author);
                posts.into_iter().for_each(|post| self.unwatch(&tab, post));
            }
        }
    }

    fn forget(&self, tab: &Tab, posts: impl IntoIterator<Item = PostId>) {
        for post in posts {
            self.posts.remove_if_mut(&post, |_, tabs| {
                tabs.remove(&tab.id);
                tabs.is_empty()
            });
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let old = self.tab.mail().replace(BTreeMap::new());
        self.social.tabs.forget(&self.tab, old);
        self.social.tabs.accounts.remove_if_mut(&self.tab.account, |_, tabs| {
            tabs.retain(|tab| tab.id != self.tab.id);
            tabs.is_empty()
        });
    }
}

impl Tab {
    fn mail(&self) -> MutexGuard<'_, Mail> {
        self.mail.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of the last event that the tab was told.
    pub(super) fn told(&self) -> i64 {
        self.told.load(Ordering::Relaxed)
    }

    /// Notes that number.
    pub(super) fn set_told(&self, seq: i64) {
        self.told.store(seq, Ordering::Relaxed);
    }

    /// Resolves when there may be mail.
    pub(super) async fn rings(&self) {
        self.bell.notified().await;
    }

    /// What there is to tell, which counts as told.
    pub(super) fn take(&self) -> Mail {
        let mut mail = self.mail();
        let watched = std::mem::take(&mut mail.watched);
        std::mem::replace(&mut *mail, Mail { watched, ..Mail::default() })
    }

    /// Whether the tab still watches a post: it may have stopped, or have been stopped by a block, while its mail was read.
    pub(super) fn watches(&self, post: PostId) -> bool {
        self.mail().watched.contains_key(&post)
    }
}

impl Mail {
    fn add(&mut self, line: &Utf8Bytes) {
        if self.lines.len() < MAX_TAB_LINES {
            self.lines.push_back(line.clone());
        } else {
            self.lines.clear();
            self.is_slow = true;
        }
    }

    /// Watches other posts; those that were watched.
    fn replace(&mut self, posts: BTreeMap<PostId, AccountId>) -> Vec<PostId> {
        self.changed.retain(|post| posts.contains_key(post));
        self.gone.retain(|post, _| posts.contains_key(post));
        std::mem::replace(&mut self.watched, posts).into_keys().collect()
    }

    fn remove(&mut self, post: PostId) {
        self.watched.remove(&post);
        self.changed.remove(&post);
        self.gone.remove(&post);
    }

    fn by(&self, author: AccountId) -> Vec<PostId> {
        self.watched.iter().filter(|(_, by)| **by == author).map(|(post, _)| *post).collect()
    }
}

/// Authors who have posted and whose followers are to be told.
#[derive(Debug, Default)]
pub(crate) struct Posted {
    authors: Mutex<BTreeSet<AccountId>>,
    bell: Notify,
}

impl Posted {
    pub(super) fn add(&self, author: AccountId) {
        let mut authors = self.authors.lock().unwrap_or_else(PoisonError::into_inner);
        if authors.len() < MAX_POSTED {
            authors.insert(author);
            self.bell.notify_one();
        }
    }

    /// The next one.
    pub(super) async fn next(&self) -> AccountId {
        loop {
            let first = self.authors.lock().unwrap_or_else(PoisonError::into_inner).pop_first();
            match first {
                Some(author) => return author,
                None => self.bell.notified().await,
            }
        }
    }
}
