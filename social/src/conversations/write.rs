//! Beginning conversations, and coming and going: each in one transaction with all that it brings about.

use std::collections::BTreeSet;

use super::store::{self, New};
use super::{ConversationKind, MemberState, Role};
use crate::auth::Viewer;
use crate::db::Tx;
use crate::error::ApiError;
use crate::events::{Hint, News};
use crate::id::{AccountId, ConversationId};
use crate::limits::{MAX_CONVERSATIONS, MAX_GROUP_MEMBERS, MAX_ROOM_MEMBERS};
use crate::messages::MessageKind;
use crate::messages::write::{locked, note};
use crate::notifications::NotificationKind;
use crate::notifications::forget::{conversation_goes, forget_conversation};
use crate::notifications::notify::{About, Notice, notify};
use crate::profiles::directory::by_username;
use crate::state::Social;

/// The conversation of the viewer and somebody whom they may see; makes one if there is none.
pub(super) async fn direct(social: &Social, viewer: &Viewer, username: &str) -> Result<ConversationId, ApiError> {
    let now = social.clock.now();
    let mut tx = social.db().begin().await?;
    let other = by_username(&mut tx, viewer.account, username).await?;
    if other.is_me {
        return Err(ApiError::invalid("username", "this is you"));
    }
    if let Some(id) = store::between(&mut tx, viewer.account, other.id).await? {
        return Ok(id);
    }
    has_room(&mut tx, viewer.account).await?;
    has_room(&mut tx, other.id).await.map_err(|_| ApiError::limit_reached("this person has too many conversations"))?;
    let id = social.rng.with(|rng| ConversationId::new(now, rng));
    if !store::add(&mut tx, id, New::Direct([viewer.account, other.id]), now).await? {
        // Both have begun it at once, and the other one was quicker; on Postgres it is seen now.
        return store::between(&mut tx, viewer.account, other.id).await?.ok_or_else(ApiError::internal);
    }
    let state = match store::knows(&mut tx, other.id, viewer.account).await? {
        true => MemberState::Joined,
        false => MemberState::Requested,
    };
    store::add_member(&mut tx, (id, viewer.account), (Role::Member, MemberState::Joined), now).await?;
    store::add_member(&mut tx, (id, other.id), (Role::Member, state), now).await?;
    tx.commit().await?;
    Ok(id)
}

/// # Errors
/// When an account has as many conversations as one can have.
pub(super) async fn has_room(tx: &mut Tx, account: AccountId) -> Result<(), ApiError> {
    match store::count(tx, account).await? >= MAX_CONVERSATIONS {
        true => Err(ApiError::limit_reached("one has at most 1000 conversations")),
        false => Ok(()),
    }
}

/// Makes a group or room of the viewer, to which these people are invited.
pub(super) async fn make(
    social: &Social,
    viewer: &Viewer,
    new: New<'_>,
    usernames: &[String],
) -> Result<ConversationId, ApiError> {
    let now = social.clock.now();
    let mut news = News::default();
    let mut tx = social.db().begin().await?;
    has_room(&mut tx, viewer.account).await?;
    let id = social.rng.with(|rng| ConversationId::new(now, rng));
    store::add(&mut tx, id, new, now).await?;
    store::add_member(&mut tx, (id, viewer.account), (Role::Owner, MemberState::Joined), now).await?;
    note(social, (&mut tx, &mut news), (id, Some(viewer.account)), (MessageKind::Created, new.title())).await?;
    let mut people = BTreeSet::new();
    for username in usernames {
        let found = by_username(&mut tx, viewer.account, username).await;
        let found = found.map_err(|error| match error.is_not_found() {
            true => ApiError::invalid("people", "one of them is not there"),
            false => error,
        })?;
        people.insert(found.id);
    }
    people.remove(&viewer.account);
    for account in people {
        invite_one(social, (&mut tx, &mut news), (id, account), viewer).await?;
    }
    tx.commit().await?;
    social.tell(news);
    Ok(id)
}

/// Invites somebody to a locked group or room, who may have been asked or be in it already. Who asks is let in.
async fn invite_one(
    social: &Social,
    (tx, news): (&mut Tx, &mut News),
    (id, account): (ConversationId, AccountId),
    viewer: &Viewer,
) -> Result<(), ApiError> {
    let now = social.clock.now();
    has_room(tx, account).await.map_err(|_| ApiError::limit_reached("this person has too many conversations"))?;
    let is_asking = matches!(store::member(tx, id, account).await?, Some((_, MemberState::Asking)));
    let has_changed = match is_asking {
        true => store::join(tx, id, account, now).await?,
        false => store::add_member(tx, (id, account), (Role::Member, MemberState::Invited), now).await?,
    };
    if has_changed {
        news.hint(Hint::Conversation { account, conversation: id });
    }
    if has_changed && !is_asking {
        let (kind, about) = (NotificationKind::GroupInvitation, About::conversation(id));
        notify(social, tx, news, Notice { to: account, by: viewer.account, kind, about, at: now }).await?;
    }
    Ok(())
}

/// A locked group in which the viewer is, as one who may do this.
async fn looked_after(
    tx: &mut Tx,
    viewer: &Viewer,
    (id, least): (ConversationId, Role),
) -> Result<store::ConversationRow, ApiError> {
    let row = locked(tx, viewer, id).await?;
    if row.kind() == ConversationKind::Direct || row.state() != MemberState::Joined {
        return Err(ApiError::not_found());
    }
    match row.role() >= least {
        true => Ok(row),
        false => Err(ApiError::not_allowed("only who looks after the group may do this")),
    }
}

/// Invites somebody to a group.
pub(super) async fn invite(
    social: &Social,
    viewer: &Viewer,
    (id, username): (ConversationId, &str),
) -> Result<(), ApiError> {
    let mut news = News::default();
    let mut tx = social.db().begin().await?;
    let row = looked_after(&mut tx, viewer, (id, Role::Moderator)).await?;
    let other = by_username(&mut tx, viewer.account, username).await?;
    let most = if row.kind().is_room() { MAX_ROOM_MEMBERS } else { MAX_GROUP_MEMBERS };
    if store::size(&mut tx, id).await? >= most && store::member(&mut tx, id, other.id).await?.is_none() {
        return Err(ApiError::limit_reached(format!("at most {most} people")));
    }
    invite_one(social, (&mut tx, &mut news), (id, other.id), viewer).await?;
    tx.commit().await?;
    social.tell(news);
    Ok(())
}

/// Says yes: to a stranger who has written, or to an invitation.
pub(super) async fn accept(social: &Social, viewer: &Viewer, id: ConversationId) -> Result<(), ApiError> {
    let now = social.clock.now();
    let mut news = News::default();
    let mut tx = social.db().begin().await?;
    let row = locked(&mut tx, viewer, id).await?;
    if row.state() != MemberState::Asking && store::join(&mut tx, id, viewer.account, now).await? {
        if row.kind() == ConversationKind::Group {
            note(social, (&mut tx, &mut news), (id, Some(viewer.account)), (MessageKind::Joined, "")).await?;
        }
        if row.kind() != ConversationKind::Direct {
            forget_conversation(&mut tx, &mut news, (viewer.account, id), now).await?;
        }
        news.hint(Hint::Conversation { account: viewer.account, conversation: id });
    }
    tx.commit().await?;
    social.tell(news);
    Ok(())
}

/// Leaves a group, or says no: to an invitation, or to a stranger, who is not told. A conversation of two cannot be left.
pub(super) async fn leave(social: &Social, viewer: &Viewer, id: ConversationId) -> Result<(), ApiError> {
    let now = social.clock.now();
    let mut news = News::default();
    let mut tx = social.db().begin().await?;
    let row = locked(&mut tx, viewer, id).await?;
    match (row.kind(), row.state()) {
        // What the stranger wrote is gone; should they write again, it is another request.
        (ConversationKind::Direct, MemberState::Requested) => {
            crate::messages::store::clear(&mut tx, id, viewer.account).await?;
            forget_conversation(&mut tx, &mut news, (viewer.account, id), now).await?;
        }
        (ConversationKind::Direct, _) => return Err(ApiError::invalid("id", "a conversation of two cannot be left")),
        (_, state) => {
            if state == MemberState::Joined && row.kind() == ConversationKind::Group {
                note(social, (&mut tx, &mut news), (id, Some(viewer.account)), (MessageKind::Left, "")).await?;
            }
            store::remove_member(&mut tx, id, viewer.account).await?;
            match store::is_deserted(&mut tx, id).await? {
                true => conversation_goes(&mut tx, &mut news, id, now).await?,
                false => forget_conversation(&mut tx, &mut news, (viewer.account, id), now).await?,
            }
            store::settle(&mut tx, id).await?;
        }
    }
    tx.commit().await?;
    news.hint(Hint::Conversation { account: viewer.account, conversation: id });
    social.tell(news);
    Ok(())
}

/// Removes somebody from a group who may do less than the viewer, or takes an invitation back.
pub(super) async fn remove(
    social: &Social,
    viewer: &Viewer,
    (id, username): (ConversationId, &str),
) -> Result<(), ApiError> {
    let mut news = News::default();
    let mut tx = social.db().begin().await?;
    let row = looked_after(&mut tx, viewer, (id, Role::Moderator)).await?;
    let other = by_username(&mut tx, viewer.account, username).await?;
    let (role, state) = store::member(&mut tx, id, other.id).await?.ok_or_else(ApiError::not_found)?;
    if role >= row.role() {
        return Err(ApiError::not_allowed("only somebody who may do less can be removed"));
    }
    if state == MemberState::Joined && row.kind() == ConversationKind::Group {
        note(social, (&mut tx, &mut news), (id, Some(other.id)), (MessageKind::Left, "")).await?;
    }
    store::remove_member(&mut tx, id, other.id).await?;
    forget_conversation(&mut tx, &mut news, (other.id, id), social.clock.now()).await?;
    tx.commit().await?;
    news.hint(Hint::Conversation { account: other.id, conversation: id });
    social.tell(news);
    Ok(())
}

/// Lets somebody in a group do more, or less. An owner who makes another one owner is a moderator afterwards.
pub(super) async fn set_role(
    social: &Social,
    viewer: &Viewer,
    (id, username): (ConversationId, &str),
    role: Role,
) -> Result<(), ApiError> {
    let mut news = News::default();
    let mut tx = social.db().begin().await?;
    looked_after(&mut tx, viewer, (id, Role::Owner)).await?;
    let other = by_username(&mut tx, viewer.account, username).await?;
    if other.is_me {
        return Err(ApiError::invalid("username", "this is you"));
    }
    match store::member(&mut tx, id, other.id).await? {
        Some((_, MemberState::Joined)) => {}
        _ => return Err(ApiError::not_found()),
    }
    store::set_role(&mut tx, id, other.id, role).await?;
    if role == Role::Owner {
        store::set_role(&mut tx, id, viewer.account, Role::Moderator).await?;
    }
    tx.commit().await?;
    for account in [viewer.account, other.id] {
        news.hint(Hint::Conversation { account, conversation: id });
    }
    social.tell(news);
    Ok(())
}

/// Gives a group another name.
pub(super) async fn rename(
    social: &Social,
    viewer: &Viewer,
    (id, title): (ConversationId, &str),
) -> Result<(), ApiError> {
    let mut news = News::default();
    let mut tx = social.db().begin().await?;
    looked_after(&mut tx, viewer, (id, Role::Moderator)).await?;
    store::rename(&mut tx, id, title).await?;
    note(social, (&mut tx, &mut news), (id, Some(viewer.account)), (MessageKind::Renamed, title)).await?;
    tx.commit().await?;
    social.tell(news);
    Ok(())
}

/// Notes whether the viewer wants to hear of a conversation.
pub(super) async fn mute(
    social: &Social,
    viewer: &Viewer,
    (id, is_muted): (ConversationId, bool),
) -> Result<(), ApiError> {
    let mut news = News::default();
    let mut db = social.db();
    store::find(&mut db, viewer.account, id).await?.ok_or_else(ApiError::not_found)?;
    store::mute(&mut db, id, viewer.account, is_muted).await?;
    news.hint(Hint::Conversation { account: viewer.account, conversation: id });
    social.tell(news);
    Ok(())
}
