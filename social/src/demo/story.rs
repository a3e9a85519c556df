//! What the people do, one thing after the other, each as the server would have done it when it happened.
//!
//! [`network`](super::network) and [`posts`](super::posts) make up what is to happen. Sorted by time, it happens in one
//! transaction: either all of it is there or nothing.

use super::DemoError;
use super::cast::Cast;
use super::posts::{NewComment, NewPost};
use super::{network, posts};
use crate::activity::{ActivityKind, store as activity};
use crate::clock::Moment;
use crate::connections::store::Pair;
use crate::db::Tx;
use crate::events::{EventKind, News};
use crate::id::{AccountId, CommentId, PostId};
use crate::notifications::store as notifications;
use crate::profiles::images::Received;
use crate::state::Social;

/// Something that somebody does.
#[derive(Debug)]
pub(super) struct Happening {
    pub(super) at: Moment,
    pub(super) by: AccountId,
    pub(super) what: What,
}

/// What it is, and to whom or what.
#[derive(Debug)]
pub(super) enum What {
    Follow(AccountId),
    Ask(AccountId),
    Accept(AccountId),
    Write(NewPost),
    /// What the post says from now on.
    Edit(PostId, &'static str),
    Comment(NewComment),
    LikePost(PostId),
    LikeComment(CommentId),
}

/// Everything that happens, in order; what happens at the same time is in the order in which it was made up.
pub(super) fn plan(social: &Social, cast: &Cast, photos: Vec<Vec<Received>>) -> Result<Vec<Happening>, DemoError> {
    let mut story = network::plan(cast)?;
    story.extend(posts::plan(social, cast, photos)?);
    story.sort_by_key(|happening| happening.at.unix_millis);
    Ok(story)
}

/// Makes it happen.
pub(super) async fn tell(social: &Social, story: Vec<Happening>) -> Result<(), DemoError> {
    let Some(first) = story.first() else { return Ok(()) };
    let tx = social.db().begin().await?;
    let mut teller = Teller { social, tx, news: News::default(), at: first.at };
    for happening in story {
        teller.at = happening.at;
        teller.act(happening).await?;
    }
    teller.tx.commit().await?;
    social.tell(teller.news);
    Ok(())
}

/// What it takes to make something happen.
pub(super) struct Teller<'a> {
    pub(super) social: &'a Social,
    pub(super) tx: Tx,
    pub(super) news: News,
    /// What time it is.
    pub(super) at: Moment,
}

impl Teller<'_> {
    async fn act(&mut self, Happening { by, what, .. }: Happening) -> Result<(), DemoError> {
        match what {
            What::Follow(to) => self.follow(Pair { from: by, to }).await,
            What::Ask(to) => self.ask(Pair { from: by, to }).await,
            What::Accept(to) => self.accept(Pair { from: by, to }).await,
            What::Write(post) => {
                self.look(by).await?;
                self.write(by, post).await
            }
            What::Edit(post, text) => self.edit(by, post, text).await,
            What::Comment(comment) => {
                self.look(by).await?;
                self.comment(by, comment).await
            }
            What::LikePost(post) => self.like_post(by, post).await,
            What::LikeComment(comment) => self.like_comment(by, comment).await,
        }
    }

    /// Whoever writes has looked at what is new.
    async fn look(&mut self, account: AccountId) -> Result<(), DemoError> {
        if notifications::unread(&mut self.tx, account).await? > 0 {
            let numbered = self.news.number(&mut self.tx, account).await?;
            notifications::mark_all_read(&mut self.tx, account).await?;
            self.news.write(&mut self.tx, numbered, (EventKind::Notifications, None), self.at).await?;
        }
        Ok(())
    }

    /// Notes what somebody does to a post.
    pub(super) async fn note(&mut self, by: AccountId, kind: ActivityKind, post: PostId) -> Result<(), DemoError> {
        let detail = Some(post.0.to_string());
        activity::note(&mut self.tx, (self.social.entry_id(self.at), by), (kind, detail), self.at).await?;
        Ok(())
    }
}
