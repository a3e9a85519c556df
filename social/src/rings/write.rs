//! Ringing, answering and giving up: each in one transaction with all that it brings about, while the conversation is locked.

use super::store::{self, Ended, NewRing, RingRow};
use super::{RingMedia, RungState, rules};
use crate::auth::Viewer;
use crate::clock::Moment;
use crate::conversations::MemberState;
use crate::conversations::store as conversations;
use crate::db::{DbError, Tx};
use crate::error::{ApiError, Code};
use crate::events::{Hint, News};
use crate::id::{AccountId, ConversationId, RingId};
use crate::limits::{RING_RETRY, RING_TIME, SWEEP_INTERVAL};
use crate::messages::write::locked;
use crate::notifications::NotificationKind;
use crate::notifications::notify::{About, Notice, notify};
use crate::state::Social;

/// Rings the others in a conversation, or joins the call of one of them; and whether it is a new ring.
pub(super) async fn start(
    social: &Social,
    viewer: &Viewer,
    (conversation, media): (ConversationId, RingMedia),
) -> Result<(RingId, bool), ApiError> {
    let now = social.clock.now();
    let mut tx = social.db().begin().await?;
    let row = locked(&mut tx, viewer, conversation).await?;
    rules::may_ring(&row, conversations::is_requested(&mut tx, conversation, viewer.account).await?)?;
    if let Some(last) = store::last(&mut tx, viewer.account, conversation).await?
        && (last.is_ringing(now) || is_meeting(social, &last, viewer.account))
    {
        let id = last.id;
        join(social, tx, viewer, &last).await?;
        return Ok((id, false));
    }
    let others = store::others(&mut tx, viewer.account, conversation, now).await?;
    if others.is_empty() {
        return Err(ApiError::not_allowed("nobody is here who could be called"));
    }
    let calls = social.calls.get().ok_or_else(ApiError::internal)?;
    // Here, and not before: whoever asks twice opens one room. It costs a sync of the disk.
    let room = calls.open(viewer.account).await.ok_or_else(ApiError::internal)?;
    let id = social.rng.with(|rng| RingId::new(now, rng));
    let (caller, ends_at) = (viewer.account, now.millis_after(RING_TIME));
    store::add(&mut tx, &NewRing { id, conversation, caller, media, room: &room, ends_at }, now).await?;
    let mut busy = Vec::new();
    for (account, is_rung) in others {
        let is_busy = is_rung || calls.is_in_call(account);
        let state = if is_busy { RungState::Busy } else { RungState::Ringing };
        store::set_state(&mut tx, (id, account), state).await?;
        busy.extend(is_busy.then_some(account));
    }
    let mut news = News::default();
    let begun = Ended { id, conversation_id: conversation, caller_id: caller };
    notify_missed(social, (&mut tx, &mut news), begun, busy, now).await?;
    changed((&mut tx, &mut news), id).await?;
    tx.commit().await?;
    social.tell(news);
    social.ring_waits.notify_one();
    Ok((id, true))
}

/// Whether somebody else is in the room of a ring.
fn is_meeting(social: &Social, ring: &RingRow, viewer: AccountId) -> bool {
    social.calls.get().is_some_and(|calls| calls.people_in(&ring.room).iter().any(|account| *account != viewer))
}

/// Joins a call that there is, as one who was rung and has accepted; the caller is in it.
async fn join(social: &Social, mut tx: Tx, viewer: &Viewer, ring: &RingRow) -> Result<(), ApiError> {
    let state = store::state(&mut tx, ring.id, viewer.account).await?;
    if ring.caller() == viewer.account || state == Some(RungState::Accepted) {
        return Ok(());
    }
    let mut news = News::default();
    store::set_state(&mut tx, (ring.id, viewer.account), RungState::Accepted).await?;
    changed((&mut tx, &mut news), ring.id).await?;
    tx.commit().await?;
    social.tell(news);
    Ok(())
}

/// A ring of the viewer's, or by which the viewer is rung, that nobody else changes until the transaction is over.
async fn found(tx: &mut Tx, viewer: &Viewer, id: RingId) -> Result<RingRow, ApiError> {
    let ring = store::find(tx, viewer.account, id).await?.ok_or_else(ApiError::not_found)?;
    locked(tx, viewer, ring.conversation_id).await?;
    // What was asked before may have changed while this waited.
    store::find(tx, viewer.account, id).await?.ok_or_else(ApiError::not_found)
}

/// Answers for all tabs of the viewer. The same answer again changes nothing.
pub(super) async fn answer(social: &Social, viewer: &Viewer, id: RingId, accept: bool) -> Result<(), ApiError> {
    let now = social.clock.now();
    let answer = if accept { RungState::Accepted } else { RungState::Declined };
    let mut tx = social.db().begin().await?;
    let ring = found(&mut tx, viewer, id).await?;
    match store::state(&mut tx, id, viewer.account).await? {
        None => return Err(ApiError::not_allowed("one does not answer oneself")),
        Some(state) if state == answer => return Ok(()),
        Some(RungState::Ringing) if ring.is_ringing(now) => {}
        Some(_) => return Err(ApiError::new(Code::Gone, "this is over, or was answered otherwise")),
    }
    let mut news = News::default();
    store::set_state(&mut tx, (id, viewer.account), answer).await?;
    changed((&mut tx, &mut news), id).await?;
    tx.commit().await?;
    social.tell(news);
    Ok(())
}

/// The caller gives up. Once more changes nothing.
pub(super) async fn stop(social: &Social, viewer: &Viewer, id: RingId) -> Result<(), ApiError> {
    let mut tx = social.db().begin().await?;
    let ring = found(&mut tx, viewer, id).await?;
    if ring.caller() != viewer.account {
        return Err(ApiError::not_allowed("only who calls may stop it"));
    }
    let stopped = Ended { id, conversation_id: ring.conversation_id, caller_id: viewer.account };
    end(social, tx, stopped, social.clock.now()).await?;
    Ok(())
}

/// Ends a ring in a locked conversation: who has not answered has missed it, once.
async fn end(social: &Social, mut tx: Tx, ring: Ended, now: Moment) -> Result<(), DbError> {
    let mut news = News::default();
    let missed = store::miss(&mut tx, ring.id).await?;
    notify_missed(social, (&mut tx, &mut news), ring, missed, now).await?;
    changed((&mut tx, &mut news), ring.id).await?;
    tx.commit().await?;
    social.tell(news);
    Ok(())
}

/// Notifies those of them, in the order of their ids, who are still in the conversation.
async fn notify_missed(
    social: &Social,
    (tx, news): (&mut Tx, &mut News),
    ring: Ended,
    missed: Vec<AccountId>,
    now: Moment,
) -> Result<(), DbError> {
    let Ended { conversation_id: conversation, caller_id: by, .. } = ring;
    for to in missed {
        if let Some((_, MemberState::Joined)) = conversations::member(tx, conversation, to).await? {
            let (kind, about) = (NotificationKind::MissedCall, About::conversation(conversation));
            notify(social, tx, news, Notice { to, by, kind, about, at: now }).await?;
        }
    }
    Ok(())
}

/// Notes whether a ring is over now, and tells whom it concerns.
async fn changed((tx, news): (&mut Tx, &mut News), ring: RingId) -> Result<(), DbError> {
    store::close(tx, ring).await?;
    for account in store::concerned(tx, ring).await? {
        news.hint(Hint::Ring { account, ring });
    }
    Ok(())
}

impl Social {
    /// Ends rings when their time is over, for ever; at first those that ended while the server was down.
    pub(crate) async fn end_rings(&self) {
        loop {
            let now = self.clock.now();
            let wait = match self.end_due_rings(now).await {
                // Another process, which would have ended it, may be gone.
                Ok(next) => next.map_or(SWEEP_INTERVAL, |at| now.until(at).min(SWEEP_INTERVAL)),
                Err(error) => {
                    tracing::error!("cannot end rings: {error}");
                    RING_RETRY
                }
            };
            tokio::select! {
                () = self.clock.sleep_until(now.at + wait) => {}
                () = self.ring_waits.notified() => {}
            }
        }
    }

    /// Ends the rings whose time is over; when the next one ends, in milliseconds since 1970.
    async fn end_due_rings(&self, now: Moment) -> Result<Option<i64>, DbError> {
        for ring in store::due(&mut self.db(), now).await? {
            let mut tx = self.db().begin().await?;
            conversations::lock(&mut tx, ring.conversation_id).await?;
            end(self, tx, ring, now).await?;
        }
        store::next_end(&mut self.db()).await
    }
}
