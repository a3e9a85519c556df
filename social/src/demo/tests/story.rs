use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::super::cast::Cast;
use super::super::people::{PEOPLE, Person};
use super::super::posts::{Comment, Post, posts};
use super::super::story::{self, Happening, What};
use super::super::{accounts, network};
use super::open;
use crate::accounts::rules::username_key;
use crate::connections::store::Pair;
use crate::db::{Sql as _, args};
use crate::id::AccountId;
use crate::limits::{MAX_ALT, MAX_POST_IMAGES};
use crate::notifications::{self, Notification, NotificationKind};
use crate::page::Cursor;
use crate::posts::mentions;
use crate::posts::rules;
use crate::profiles;
use crate::scratch::Scratch;
use crate::state::Social;
use crate::visibility::{Audience, may_read};

const MINUTES_A_DAY: u64 = 24 * 60;

fn person(username: &str) -> &'static Person {
    PEOPLE.iter().find(|person| person.username == username).unwrap_or_else(|| panic!("nobody is called {username}"))
}

/// Comments and replies of a post.
fn said(post: &Post) -> impl Iterator<Item = &'static Comment> {
    post.comments.iter().flat_map(|comment| std::iter::once(comment).chain(comment.replies))
}

#[test]
fn texts_keep_the_rules_that_hold_for_everybody() {
    for post in posts() {
        let texts = [Some(post.text), post.before.map(|(_, before)| before)].into_iter().flatten();
        for text in texts.clone() {
            assert_eq!(rules::text(text).unwrap(), text);
            rules::is_something(text, post.photos.len()).unwrap();
        }
        for comment in said(post) {
            assert_eq!(rules::comment(comment.text).unwrap(), comment.text);
        }
        for text in texts.chain(said(post).map(|comment| comment.text)) {
            for name in mentions::names(text) {
                assert!(PEOPLE.iter().any(|person| username_key(person.username) == name), "@{name} in {text}");
            }
        }
        assert!(post.photos.len() <= MAX_POST_IMAGES, "{}", post.text);
        for photo in post.photos {
            let length = photo.alt.chars().count();
            assert!((20..=MAX_ALT).contains(&length) && photo.alt.trim() == photo.alt, "{}", photo.alt);
        }
        assert!(post.likes <= 100);
    }
    let photos = || posts().flat_map(|post| post.photos);
    assert_eq!(photos().map(|photo| photo.alt).collect::<HashSet<_>>().len(), photos().count());
    let drawn: HashSet<_> = photos().map(|photo| (format!("{:?}", photo.scene), photo.seed)).collect();
    assert_eq!(drawn.len(), photos().count(), "each photo is another one");
    assert_eq!(posts().filter(|post| post.before.is_some()).count(), 2);
}

#[test]
fn nobody_writes_before_they_came_or_answers_before_they_were_asked() {
    let existed = |username: &str, ago: u64| person(username).days * MINUTES_A_DAY > ago;
    let mut ages = BTreeSet::new();
    for post in posts() {
        assert!(existed(post.by, post.ago), "{}", post.text);
        assert!(post.ago > 0 && ages.insert(post.ago), "{}", post.text);
        assert!(post.before.is_none_or(|(after, _)| (1..post.ago).contains(&after)), "{}", post.text);
        let mut times = BTreeSet::new();
        for comment in said(post) {
            // A minute is left for the part of a minute that is added.
            assert!((1..post.ago - 1).contains(&comment.after) && times.insert(comment.after), "{}", comment.text);
            assert!(existed(comment.by, post.ago - comment.after), "{}", comment.text);
        }
        for comment in post.comments {
            for reply in comment.replies {
                assert!(reply.after > comment.after && reply.replies.is_empty(), "{}", reply.text);
            }
        }
    }
    assert!((55..=65).contains(&ages.len()) && posts().flat_map(said).count() >= 120);
    assert!(
        ages.first().is_some_and(|ago| *ago < 10) && ages.iter().filter(|ago| **ago < 3 * MINUTES_A_DAY).count() > 25
    );
}

#[test]
fn nobody_is_connected_twice() {
    let mut friends = HashSet::new();
    let new = network::NEW_FRIENDS.map(|(one, other, ..)| (one, other));
    let asked = network::REQUESTS.map(|(one, other, _)| (one, other));
    for (one, other) in network::FRIENDS.into_iter().chain(new).chain(asked) {
        assert!(friends.insert((one, other)) && friends.insert((other, one)), "{one} and {other}");
        assert_ne!(person(one).username, person(other).username);
    }
    for (one, other) in asked {
        friends.remove(&(one, other));
        friends.remove(&(other, one));
    }
    let lately = network::NEW_FOLLOWS.map(|(one, other, _)| (one, other));
    let follows = network::FOLLOWS.into_iter().flat_map(|(one, all)| all.iter().map(move |other| (one, *other)));
    for (one, other) in follows.chain(lately) {
        assert!(friends.insert((one, other)), "{one} follows {other}");
        assert_ne!(person(one).username, person(other).username);
    }
}

/// A happening without what must not be guessed: time, who, and what to whom.
fn without_ids(cast: &Cast, story: &[Happening]) -> Vec<String> {
    let mut known = BTreeMap::new();
    for member in &cast.members {
        known.insert(member.id.0, member.username.to_owned());
    }
    for Happening { at, by, what } in story {
        let (id, name) = match what {
            What::Write(post) => (post.id.0, format!("post {} {}", at.unix_millis, known[&by.0])),
            What::Comment(comment) => (comment.id.0, format!("comment {} {}", at.unix_millis, known[&by.0])),
            _ => continue,
        };
        assert!(known.insert(id, name).is_none());
    }
    assert_eq!(known.values().collect::<HashSet<_>>().len(), known.len(), "nobody writes twice in a millisecond");
    let show = |Happening { at, by, what }: &Happening| {
        let mut text = format!("{} {} {what:?}", at.unix_millis, by.0);
        for (id, name) in &known {
            text = text.replace(&id.to_string(), name);
        }
        text
    };
    story.iter().map(show).collect()
}

#[tokio::test]
async fn the_same_happens_each_time() {
    let mut told = Vec::new();
    for seed in [1, 2] {
        let scratch = Scratch::new();
        let social = open(&scratch, seed).await;
        let mut cast = Cast::new(social.clock.now());
        for person in &PEOPLE {
            let id = social.rng.with(|rng| AccountId::new(person.created(cast.now), rng));
            cast.add(person, id);
        }
        let photos = posts().map(|_| Vec::new()).collect();
        let story = story::plan(&social, &cast, photos).unwrap();
        let now = social.clock.now().unix_millis;
        assert!(story.iter().all(|happening| happening.at.unix_millis <= now));
        told.push(without_ids(&cast, &story));
        social.close().await;
    }
    assert!(told[0].len() > 1000, "{} things happen", told[0].len());
    assert_eq!(told[0], told[1]);
}

async fn count(social: &Social, sql: &'static str) -> i64 {
    let (count,): (i64,) = social.db().one(sql, args![]).await.unwrap();
    count
}

async fn ids(social: &Social) -> BTreeMap<&'static str, AccountId> {
    let mut found = BTreeMap::new();
    for person in &PEOPLE {
        let account = accounts::store::by_email(&mut social.db(), &person.email()).await.unwrap().unwrap();
        found.insert(person.username, account.id);
    }
    found
}

/// What has happened in a filled folder fits together.
pub(super) async fn check(social: &Social) {
    assert_eq!(count(social, "SELECT COUNT(*) FROM posts").await, i64::try_from(posts().count()).unwrap());
    let comments = posts().flat_map(said).count();
    assert_eq!(count(social, "SELECT COUNT(*) FROM comments").await, i64::try_from(comments).unwrap());
    let photos = posts().flat_map(|post| post.photos).count();
    let described = "SELECT COUNT(*) FROM post_images WHERE post_id IS NOT NULL AND alt <> ''";
    assert_eq!(count(social, described).await, i64::try_from(photos).unwrap());
    assert_eq!(count(social, "SELECT COUNT(*) FROM post_versions").await, 2);
    assert_eq!(count(social, "SELECT COUNT(*) FROM posts WHERE edited_at > created_at").await, 2);
    check_numbers(social).await;
    check_readers(social).await;
    check_first_account(social, &ids(social).await).await;
}

/// Counters equal rows, and numbers of events have no gaps.
async fn check_numbers(social: &Social) {
    for wrong in [
        "SELECT COUNT(*) FROM posts p WHERE p.likes <> (SELECT COUNT(*) FROM post_likes WHERE post_id = p.id)
            OR p.comments <> (SELECT COUNT(*) FROM comments WHERE post_id = p.id)",
        "SELECT COUNT(*) FROM comments c WHERE c.likes <> (SELECT COUNT(*) FROM comment_likes WHERE comment_id = c.id)
            OR c.replies <> (SELECT COUNT(*) FROM comments WHERE parent_id = c.id)",
        "SELECT COUNT(*) FROM account_counts n
            WHERE n.followers <> (SELECT COUNT(*) FROM follows WHERE followed_id = n.account_id)
            OR n.following <> (SELECT COUNT(*) FROM follows WHERE follower_id = n.account_id)
            OR n.friends <> (SELECT COUNT(*) FROM friends WHERE account_id = n.account_id)
            OR n.posts <> (SELECT COUNT(*) FROM posts WHERE author_id = n.account_id)",
        "SELECT COUNT(*) FROM event_heads h
            WHERE h.seq <> (SELECT COUNT(*) FROM events WHERE account_id = h.account_id)",
    ] {
        assert_eq!(count(social, wrong).await, 0, "{wrong}");
    }
    for some in ["SELECT COUNT(*) FROM post_likes", "SELECT COUNT(*) FROM comment_likes", "SELECT COUNT(*) FROM events"]
    {
        assert!(count(social, some).await > 200, "{some}");
    }
    assert!(count(social, "SELECT MAX(likes) FROM posts").await >= 15);
}

/// Who likes or says something may read what it is about, and nothing is older than that.
async fn check_readers(social: &Social) {
    let likes = concat!(
        "SELECT COUNT(*) FROM post_likes l JOIN posts p ON p.id = l.post_id WHERE l.created_at < p.created_at OR NOT ",
        may_read!("l.account_id", "p")
    );
    let comments = concat!(
        "SELECT COUNT(*) FROM comments c JOIN posts p ON p.id = c.post_id WHERE c.created_at <= p.created_at OR NOT ",
        may_read!("c.author_id", "p")
    );
    let told = concat!(
        "SELECT COUNT(*) FROM notifications n JOIN posts p ON p.id = n.post_id WHERE n.at < p.created_at OR NOT ",
        may_read!("n.account_id", "p")
    );
    for wrong in [likes, comments, told] {
        assert_eq!(count(social, wrong).await, 0, "{wrong}");
    }
    for audience in [Audience::Followers, Audience::Friends] {
        let sql = "SELECT COUNT(*) FROM posts WHERE audience = $1 AND likes > 0 AND comments > 0";
        let (found,): (i64,) = social.db().one(sql, args![audience.name()]).await.unwrap();
        assert!(found > 0, "{audience:?}");
    }
}

async fn notifications_of(social: &Social, account: AccountId) -> Vec<Notification> {
    notifications::store::list(&mut social.db(), account, false, (Cursor::NEWEST, 100)).await.unwrap()
}

/// Whoever tries Confab out finds friends, requests, and something new.
async fn check_first_account(social: &Social, ids: &BTreeMap<&'static str, AccountId>) {
    let mut db = social.db();
    let demo = ids["demo"];
    let counts = profiles::store::counts(&mut db, demo).await.unwrap();
    assert_eq!((counts.following, counts.friends), (14, 6));
    let sql = "SELECT (SELECT COUNT(*) FROM friend_requests WHERE receiver_id = $1),
        (SELECT COUNT(*) FROM friend_requests WHERE sender_id = $1)";
    let asked: (i64, i64) = db.one(sql, args![demo]).await.unwrap();
    assert_eq!(asked, (2, 1));

    let all = notifications_of(social, demo).await;
    let kinds = |is_read: bool| -> HashSet<_> {
        all.iter().filter(|one| one.is_read == is_read).map(|one| format!("{:?}", one.kind)).collect()
    };
    for kind in [
        NotificationKind::Follow,
        NotificationKind::FriendRequest,
        NotificationKind::PostLiked,
        NotificationKind::Comment,
        NotificationKind::Mention,
    ] {
        assert!(kinds(false).contains(&format!("{kind:?}")), "{kind:?} is unread");
    }
    for kind in [NotificationKind::FriendAccepted, NotificationKind::FriendRequest, NotificationKind::Reply] {
        assert!(kinds(true).contains(&format!("{kind:?}")), "{kind:?} has been read");
    }
    let last_read = all.iter().filter(|one| one.is_read).map(|one| one.at).max().unwrap();
    assert!(all.iter().filter(|one| !one.is_read).all(|one| one.at > last_read));
    let unread = notifications::store::unread(&mut db, demo).await.unwrap();
    assert!((5..=15).contains(&unread), "{unread} are unread");
    // A request that was answered is none any more.
    let friend = Pair { from: demo, to: ids["tomas.novak"] };
    let answered = notifications_of(social, friend.to).await;
    let asks = |one: &Notification| {
        one.kind == NotificationKind::FriendRequest && one.actors.iter().any(|actor| actor.username == "demo")
    };
    assert!(!answered.iter().any(asks));
}
