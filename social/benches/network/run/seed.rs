//! A community that has been there for a year: a few whom many follow, a few who follow many, and what they wrote.

use std::collections::HashSet;

use confab_social::search::letters;
use confab_social::secrets::SecretHash;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use uuid::Uuid;

use super::Size;
use super::store::{Row, Store};
use super::words::Words;

/// A year in milliseconds.
pub const YEAR: i64 = 365 * 24 * 3600 * 1000;

/// Every so many accounts, one follows thousands.
const BUSY: usize = 1000;

/// Most words of a post and of a comment.
const POST_WORDS: usize = 40;
const COMMENT_WORDS: usize = 15;

struct Person {
    id: Uuid,
    at: i64,
    name: [&'static str; 2],
    followers: i64,
    following: i64,
    posts: i64,
}

struct Post {
    id: Uuid,
    at: i64,
    author: usize,
    text: String,
    likes: i64,
    comments: i64,
}

struct Comment {
    id: Uuid,
    at: i64,
    post: usize,
    parent: Option<usize>,
    author: usize,
    text: String,
    replies: i64,
}

/// Who there is, and what they know.
pub struct Network {
    people: Vec<Person>,
    follows: Vec<(u32, u32)>,
    blocks: HashSet<(u32, u32)>,
    posts: Vec<Post>,
    likes: HashSet<(u32, u32)>,
    comments: Vec<Comment>,
    now: i64,
    /// What they search for.
    pub queries: Vec<String>,
}

impl Network {
    /// Makes up a community that has grown until `now`. The same one for the same size.
    pub fn new(size: &Size, now: i64) -> Self {
        let mut rng = StdRng::seed_from_u64(7);
        let words = Words::new(&mut rng);
        let begin = now - YEAR;
        let people = (0..size.accounts)
            .map(|_| {
                let at = begin + rng.random_range(0..YEAR / 10);
                Person { id: id_at(at, &mut rng), at, name: words.name(&mut rng), followers: 0, following: 0, posts: 0 }
            })
            .collect();
        let queries = words.queries(&mut rng, size.searches);
        let mut network = Self {
            people,
            follows: Vec::new(),
            blocks: HashSet::new(),
            posts: Vec::new(),
            likes: HashSet::new(),
            comments: Vec::new(),
            now,
            queries,
        };
        network.connect(size, &mut rng);
        network.write(size, &words, &mut rng);
        network.answer(size, &words, &mut rng);
        network
    }

    /// Everybody follows the first account; whom else, is decided by a power law.
    fn connect(&mut self, size: &Size, rng: &mut StdRng) {
        let count = self.people.len();
        self.blocks = (40..count.saturating_sub(7)).step_by(40).map(|one| (index(one), index(one + 7))).collect();
        let many = |one: usize| (one + BUSY / 2).is_multiple_of(BUSY).then_some(2_000 + one * 3_000 / count);
        let busy: usize = (0..count).filter_map(many).sum();
        let typical = size.follows.saturating_sub(busy) as f64 / count as f64;
        for one in 0..count {
            let wanted = many(one).unwrap_or_else(|| (typical * (0.3 + 1.4 * rng.random::<f64>())) as usize);
            let mut chosen = HashSet::from([0]);
            // Two neighbours are friends, and follow each other.
            chosen.insert(one ^ 1);
            for _ in 0..wanted * 4 {
                if chosen.len() >= wanted.min(count / 2) {
                    break;
                }
                chosen.insert(popular(count, rng));
            }
            let is_blocked = |other: &usize| {
                let (one, other) = (index(one), index(*other));
                self.blocks.contains(&(one, other)) || self.blocks.contains(&(other, one))
            };
            let mut chosen: Vec<_> =
                chosen.into_iter().filter(|other| *other != one && *other < count && !is_blocked(other)).collect();
            chosen.sort_unstable();
            self.people[one].following = chosen.len() as i64;
            for other in chosen {
                self.people[other].followers += 1;
                self.follows.push((index(one), index(other)));
            }
        }
    }

    fn write(&mut self, size: &Size, words: &Words, rng: &mut StdRng) {
        let begin = self.now - YEAR * 9 / 10;
        let mut times: Vec<i64> = (0..size.posts).map(|_| rng.random_range(begin..self.now)).collect();
        times.sort_unstable();
        for at in times {
            let author = popular(self.people.len(), rng);
            self.people[author].posts += 1;
            let text = words.text(rng, POST_WORDS);
            self.posts.push(Post { id: id_at(at, rng), at, author, text, likes: 0, comments: 0 });
        }
        self.posts.sort_unstable_by_key(|post| post.id);
    }

    fn answer(&mut self, size: &Size, words: &Words, rng: &mut StdRng) {
        for _ in 0..size.posts / 2 {
            let (post, who) = (popular(self.posts.len(), rng), rng.random_range(0..self.people.len()));
            if self.likes.insert((index(post), index(who))) {
                self.posts[post].likes += 1;
            }
        }
        let mut last: Option<usize> = None;
        for count in 0..size.posts / 5 {
            // Every fifth replies to the one before it.
            let parent = last.filter(|_| count % 5 == 4);
            let post = parent.map_or_else(|| popular(self.posts.len(), rng), |parent| self.comments[parent].post);
            let at = rng.random_range(self.posts[post].at..=self.now);
            let (author, text) = (rng.random_range(0..self.people.len()), words.text(rng, COMMENT_WORDS));
            self.comments.push(Comment { id: id_at(at, rng), at, post, parent, author, text, replies: 0 });
            self.posts[post].comments += 1;
            match parent {
                Some(parent) => self.comments[parent].replies += 1,
                None => last = Some(self.comments.len() - 1),
            }
        }
    }

    /// Writes it all into an empty database.
    pub async fn store(&self, store: &mut Store) {
        self.store_people(store).await;
        let id = |one: u32| self.people[one as usize].id;
        let follow = |row: &mut Row, (place, (one, other)): (usize, &(u32, u32))| {
            row.id(id(*one)).id(id(*other)).int(self.now - YEAR + place as i64 * 31_000 % YEAR).end();
        };
        store.fill("follows", self.follows.iter().enumerate(), follow).await;
        let friends = (0..self.people.len()).filter(|one| one ^ 1 < self.people.len());
        let friend = |row: &mut Row, one: usize| {
            row.id(self.people[one].id).id(self.people[one ^ 1].id).int(self.now - YEAR / 2).end();
        };
        store.fill("friends", friends, friend).await;
        let block = |row: &mut Row, (one, other): &(u32, u32)| row.id(id(*one)).id(id(*other)).int(self.now).end();
        store.fill("blocks", &self.blocks, block).await;
        self.store_posts(store).await;
    }

    async fn store_people(&self, store: &mut Store) {
        let people = || self.people.iter().enumerate();
        let account = |row: &mut Row, (place, person): (usize, &Person)| {
            let (name, [first, last]) = (username(place), person.name);
            let email = format!("{name}@example.org");
            row.id(person.id).text(&name).text(&name).text(&email).text(&email).text(first).text(last);
            row.text("").bool(false).bool(false).int(person.at).int(person.at).end();
        };
        let columns = "id, username, username_key, email, email_key, first_name, last_name, password, is_admin, \
             is_suspended, created_at, verified_at";
        store.fill(&format!("accounts ({columns})"), people(), account).await;
        let columns = "account_id, links, visibility, findable_by_email";
        let profile =
            |row: &mut Row, (_, person): (usize, &Person)| row.id(person.id).text("[]").text("{}").bool(false).end();
        store.fill(&format!("profiles ({columns})"), people(), profile).await;
        let columns = "account_id, followers, following, friends, posts";
        let counts = |row: &mut Row, (place, person): (usize, &Person)| {
            let friends = i64::from(place ^ 1 < self.people.len());
            row.id(person.id).int(person.followers).int(person.following).int(friends).int(person.posts).end();
        };
        store.fill(&format!("account_counts ({columns})"), people(), counts).await;
        let columns = "id, account_id, token_hash, created_at, seen_at, user_agent, address";
        let session = |row: &mut Row, (place, person): (usize, &Person)| {
            let hash = SecretHash::of(&token(place)).bytes();
            row.id(person.id).id(person.id).bytes(&hash).int(self.now).int(self.now).text("").text("").end();
        };
        store.fill(&format!("sessions ({columns})"), people(), session).await;
    }

    async fn store_posts(&self, store: &mut Store) {
        let post = |row: &mut Row, (place, post): (usize, &Post)| {
            let audience = match place % 20 {
                0..17 => "public",
                17..19 => "followers",
                _ => "friends",
            };
            let author = self.people[post.author].id;
            row.id(post.id).id(author).id(post.id).text(&post.text).text(audience).int(post.at);
            row.int(post.likes).int(post.comments).end();
        };
        let columns = "id, author_id, client_id, text, audience, created_at, likes, comments";
        store.fill(&format!("posts ({columns})"), self.posts.iter().enumerate(), post).await;
        let like = |row: &mut Row, (post, who): &(u32, u32)| {
            let post = &self.posts[*post as usize];
            row.id(post.id).id(self.people[*who as usize].id).int(post.at).end();
        };
        store.fill("post_likes", &self.likes, like).await;
        let comment = |row: &mut Row, comment: &Comment| {
            let parent = comment.parent.map(|parent| self.comments[parent].id);
            row.id(comment.id).id(self.posts[comment.post].id).maybe_id(parent).id(self.people[comment.author].id);
            row.id(comment.id).text(&comment.text).int(comment.at).int(0).int(comment.replies).end();
        };
        let columns = "id, post_id, parent_id, author_id, client_id, text, created_at, likes, replies";
        store.fill(&format!("comments ({columns})"), &self.comments, comment).await;
        self.store_notifications(store).await;
        store.fill_letters(self.posts.iter().map(|post| (post.id, letters(&post.text)))).await;
    }

    /// Each comment is one to the post's author, who has read it.
    async fn store_notifications(&self, store: &mut Store) {
        let others = || self.comments.iter().filter(|comment| comment.author != self.posts[comment.post].author);
        let notification = |row: &mut Row, comment: &Comment| {
            let post = &self.posts[comment.post];
            row.id(comment.id)
                .id(self.people[post.author].id)
                .text("comment")
                .id(post.id)
                .int(comment.at)
                .bool(true)
                .end();
        };
        store.fill("notifications (id, account_id, kind, post_id, at, is_read)", others(), notification).await;
        let actor = |row: &mut Row, comment: &Comment| {
            row.id(comment.id).id(self.people[comment.author].id).int(comment.at).end();
        };
        store.fill("notification_actors", others(), actor).await;
    }

    /// How many there are: accounts, follows, posts, comments, followers of the first account, the most that one follows.
    pub fn counts(&self) -> [usize; 6] {
        let most = self.people.iter().map(|person| person.following).max().unwrap_or(0);
        let lists = [self.people.len(), self.follows.len(), self.posts.len(), self.comments.len()];
        let [accounts, follows, posts, comments] = lists;
        [accounts, follows, posts, comments, self.people[0].followers as usize, most as usize]
    }
}

/// The session of an account.
pub fn token(place: usize) -> String {
    format!("token-{place}")
}

/// Whether an account follows thousands.
pub fn busy(place: usize) -> usize {
    place * BUSY + BUSY / 2
}

fn username(place: usize) -> String {
    format!("person{place}")
}

fn index(place: usize) -> u32 {
    u32::try_from(place).unwrap()
}

/// An account or post that many others choose, too.
fn popular(count: usize, rng: &mut StdRng) -> usize {
    let place = rng.random::<f64>().powi(2) * count as f64;
    (place as usize).min(count - 1)
}

/// An id that sorts by its time.
pub fn id_at(at: i64, rng: &mut StdRng) -> Uuid {
    let random: [u8; 10] = rng.random();
    uuid::Builder::from_unix_timestamp_millis(u64::try_from(at).unwrap(), &random).into_uuid()
}
