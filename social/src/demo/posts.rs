//! What the people write, and how others like it.

mod table;

use super::DemoError;
use super::cast::{Cast, Member, later};
use super::dice::Dice;
use super::landscapes::{PHOTO, Scene, landscape};
use super::people::{self, png};
use super::story::{Happening, Teller, What};
use crate::activity::ActivityKind;
use crate::clock::Moment;
use crate::comments::store as comments;
use crate::comments::write::notices;
use crate::id::{AccountId, CommentId, EntryId, PostId, PostImageId};
use crate::limits::MAX_POST_VERSIONS;
use crate::notifications::NotificationKind;
use crate::notifications::notify::notify;
use crate::posts::mentions::{self, Written, readers};
use crate::posts::rules::Attached;
use crate::posts::{images, store};
use crate::profiles::images::Received;
use crate::state::Social;
use crate::uploads::image::{Processed, process};
use crate::uploads::{ImageError, Shape};
use crate::visibility::Audience;

pub(super) use self::table::posts;

const MINUTE: u64 = 60 * 1000;
const DAY: u64 = 24 * 60 * MINUTE;

/// A post and what became of it.
pub(super) struct Post {
    /// Its author's username.
    pub(super) by: &'static str,
    /// How long ago it was written, in minutes.
    pub(super) ago: u64,
    pub(super) text: &'static str,
    pub(super) audience: Audience,
    pub(super) photos: &'static [Photo],
    /// After how many minutes it was edited, and what it had said until then.
    pub(super) before: Option<(u64, &'static str)>,
    /// How many of a hundred people who see it like it.
    pub(super) likes: u8,
    pub(super) comments: &'static [Comment],
}

/// A comment, or a reply to one.
pub(super) struct Comment {
    pub(super) by: &'static str,
    /// How many minutes after the post it was written.
    pub(super) after: u64,
    pub(super) text: &'static str,
    pub(super) replies: &'static [Comment],
}

/// A picture of what its author has seen.
pub(super) struct Photo {
    pub(super) scene: Scene,
    pub(super) seed: u64,
    /// What it shows.
    pub(super) alt: &'static str,
}

/// A post that is to be written.
#[derive(Debug)]
pub(super) struct NewPost {
    pub(super) id: PostId,
    text: &'static str,
    audience: Audience,
    photos: Vec<(Received, &'static str)>,
}

/// A comment that is to be written.
#[derive(Debug)]
pub(super) struct NewComment {
    pub(super) id: CommentId,
    post: PostId,
    parent: Option<CommentId>,
    text: &'static str,
}

/// Draws the photos of all posts, in the order of these.
pub(super) fn photos() -> Result<Vec<Vec<Processed>>, ImageError> {
    let draw = |&Photo { scene, seed, .. }: &Photo| {
        let drawn = png(&landscape(scene, seed, PHOTO), PHOTO)?;
        process(&drawn, None, Shape::POST)
    };
    posts().map(|post| post.photos.iter().map(draw).collect()).collect()
}

/// Keeps the files of these.
pub(super) async fn keep(social: &Social, photos: Vec<Vec<Processed>>) -> Result<Vec<Vec<Received>>, DemoError> {
    let mut kept = Vec::new();
    for photos in photos {
        let mut of_post = Vec::new();
        for photo in photos {
            of_post.push(people::keep(social, photo).await?);
        }
        kept.push(of_post);
    }
    Ok(kept)
}

/// Makes up who writes and likes what.
pub(super) fn plan(social: &Social, cast: &Cast, photos: Vec<Vec<Received>>) -> Result<Vec<Happening>, DemoError> {
    let mut plan = Plan { social, cast, dice: Dice::new(2), story: Vec::new() };
    for (post, photos) in posts().zip(photos) {
        plan.post(post, photos)?;
    }
    Ok(plan.story)
}

struct Plan<'a> {
    social: &'a Social,
    cast: &'a Cast,
    dice: Dice,
    story: Vec<Happening>,
}

impl Plan<'_> {
    fn post(&mut self, post: &'static Post, photos: Vec<Received>) -> Result<(), DemoError> {
        let at = later(self.cast.ago(post.ago * MINUTE), self.seconds());
        let by = self.cast.member(post.by)?.id;
        let id = self.social.rng.with(|rng| PostId::new(at, rng));
        let text = post.before.map_or(post.text, |(_, before)| before);
        let photos = photos.into_iter().zip(post.photos.iter().map(|photo| photo.alt)).collect();
        let new = NewPost { id, text, audience: post.audience, photos };
        self.story.push(Happening { at, by, what: What::Write(new) });
        if let Some((after, _)) = post.before {
            self.story.push(Happening { at: after_minutes(at, after), by, what: What::Edit(id, post.text) });
        }
        self.likes((at, by), post.likes, || What::LikePost(id));
        for comment in post.comments {
            let parent = self.comment((at, id), None, (comment, post.likes))?;
            for reply in comment.replies {
                self.comment((at, id), Some(parent), (reply, post.likes))?;
            }
        }
        Ok(())
    }

    fn comment(
        &mut self,
        (posted, post): (Moment, PostId),
        parent: Option<CommentId>,
        (comment, likes): (&'static Comment, u8),
    ) -> Result<CommentId, DemoError> {
        let at = later(after_minutes(posted, comment.after), self.seconds());
        let by = self.cast.member(comment.by)?.id;
        let id = self.social.rng.with(|rng| CommentId::new(at, rng));
        let new = NewComment { id, post, parent, text: comment.text };
        self.story.push(Happening { at, by, what: What::Comment(new) });
        // Fewer people read comments.
        self.likes((at, by), likes / 4, || What::LikeComment(id));
        Ok(id)
    }

    /// Lets the dice fall for everybody who was there in the first days; most like it soon or never.
    fn likes(&mut self, (since, author): (Moment, AccountId), percent: u8, like: impl Fn() -> What) {
        let age = self.cast.now.unix_millis.saturating_sub(since.unix_millis).min(3 * DAY);
        let cast = self.cast;
        for &Member { id: by, joined, .. } in &cast.members {
            let (chance, part) = (self.dice.between(0.0, 100.0), self.dice.between(0.0, 1.0));
            let at = later(since, (age as f64 * f64::from(part * part)) as i64);
            if by != author && chance < f32::from(percent) && joined.unix_millis < at.unix_millis {
                self.story.push(Happening { at, by, what: like() });
            }
        }
    }

    /// A part of a minute, in milliseconds: nothing happens on the minute.
    fn seconds(&mut self) -> i64 {
        self.dice.between(0.0, 50_000.0) as i64
    }
}

fn after_minutes(moment: Moment, minutes: u64) -> Moment {
    later(moment, i64::try_from(minutes * MINUTE).unwrap_or(i64::MAX))
}

impl Teller<'_> {
    pub(super) async fn write(&mut self, by: AccountId, new: NewPost) -> Result<(), DemoError> {
        let NewPost { id, text, audience, photos } = new;
        let client_id = self.social.rng.with(|rng| PostId::new(self.at, rng)).0;
        store::add(&mut self.tx, (id, by, client_id), (text, audience), self.at).await?;
        let mut attached = Vec::new();
        for (files, alt) in photos {
            let image = self.social.rng.with(|rng| PostImageId::new(self.at, rng));
            images::add(&mut self.tx, (image, by), files, self.at).await?;
            attached.push(Attached { id: image, alt: alt.to_owned() });
        }
        images::attach(&mut self.tx, (id, by), &attached).await?;
        self.note(by, ActivityKind::Posted, id).await?;
        let written = Written { by, post: id, comment: None, thread: None, at: self.at };
        let names = mentions::names(text);
        Ok(mentions::notify_named(self.social, &mut self.tx, &mut self.news, &written, &names).await?)
    }

    pub(super) async fn edit(&mut self, by: AccountId, id: PostId, text: &'static str) -> Result<(), DemoError> {
        let Some(old) = store::own(&mut self.tx, by, id).await? else { return Err(DemoError::Unreadable(text)) };
        let version: EntryId = self.social.entry_id(self.at);
        let most = i64::try_from(MAX_POST_VERSIONS).unwrap_or(i64::MAX);
        store::keep_version(&mut self.tx, (version, id), &old, most).await?;
        store::change(&mut self.tx, id, (text, old.audience), self.at).await?;
        self.note(by, ActivityKind::PostEdited, id).await
    }

    pub(super) async fn comment(&mut self, by: AccountId, new: NewComment) -> Result<(), DemoError> {
        let NewComment { id, post, parent, text } = new;
        let on = store::readable(&mut self.tx, by, post).await?.ok_or(DemoError::Unreadable(text))?;
        let parent_author = match parent {
            Some(parent) => comments::find(&mut self.tx, by, parent).await?.and_then(|row| row.author()),
            None => None,
        };
        let client_id = self.social.rng.with(|rng| CommentId::new(self.at, rng)).0;
        let row = comments::NewRow { id, post, parent, author: by, client_id, text };
        comments::add(&mut self.tx, &row, self.at).await?;
        let written = Written { by, post, comment: Some(id), thread: parent_author, at: self.at };
        let authors = (on.author_id, parent_author);
        let told = notices(&mut self.tx, &written, authors, &mentions::names(text)).await?;
        self.note(by, ActivityKind::Commented, post).await?;
        Ok(mentions::notify_all(self.social, &mut self.tx, &mut self.news, &written, told).await?)
    }

    /// Who may not read it does not like it.
    pub(super) async fn like_post(&mut self, by: AccountId, post: PostId) -> Result<(), DemoError> {
        let Some(found) = store::readable(&mut self.tx, by, post).await? else { return Ok(()) };
        store::like(&mut self.tx, (post, by), self.at).await?;
        self.note(by, ActivityKind::Liked, post).await?;
        let written = Written { by, post, comment: None, thread: None, at: self.at };
        let notice = written.notice(found.author_id, NotificationKind::PostLiked);
        Ok(notify(self.social, &mut self.tx, &mut self.news, notice).await?)
    }

    /// The same of a comment.
    pub(super) async fn like_comment(&mut self, by: AccountId, comment: CommentId) -> Result<(), DemoError> {
        let Some(found) = comments::find(&mut self.tx, by, comment).await? else { return Ok(()) };
        let Some(author) = found.author() else { return Ok(()) };
        comments::like(&mut self.tx, (comment, by), self.at).await?;
        let post = found.post_id;
        self.note(by, ActivityKind::Liked, post).await?;
        let thread = found.parent_author_id;
        let written = Written { by, post, comment: Some(comment), thread, at: self.at };
        if !readers(&mut self.tx, &written, [Some(author), None], &[]).await?.is_empty() {
            let notice = written.notice(author, NotificationKind::CommentLiked);
            notify(self.social, &mut self.tx, &mut self.news, notice).await?;
        }
        Ok(())
    }
}
