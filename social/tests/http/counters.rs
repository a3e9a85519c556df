//! Counters are as many as there are rows, whatever happens in whichever order.

use std::time::Duration;

use futures_util::future::join_all;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::database::Database;
use crate::support::{Answer, Browser, PASSWORD, World, fresh_id, story};

const NAMES: [&str; 5] = ["ann", "ben", "carl", "dora", "eve"];

/// Rounds in each of which each person does something, all at once.
const ROUNDS: usize = 80;

/// Rounds between two counts.
const BETWEEN: usize = 10;

/// Rows of which a counter is wrong, each of which must be none.
const WRONG: [&str; 9] = [
    "SELECT COUNT(*) FROM posts p WHERE likes <> (SELECT COUNT(*) FROM post_likes WHERE post_id = p.id)",
    "SELECT COUNT(*) FROM posts p WHERE comments <> (SELECT COUNT(*) FROM comments WHERE post_id = p.id)",
    "SELECT COUNT(*) FROM comments c WHERE likes <> (SELECT COUNT(*) FROM comment_likes WHERE comment_id = c.id)",
    "SELECT COUNT(*) FROM comments c WHERE replies <> (SELECT COUNT(*) FROM comments WHERE parent_id = c.id)",
    "SELECT COUNT(*) FROM account_counts n
        WHERE followers <> (SELECT COUNT(*) FROM follows WHERE followed_id = n.account_id)",
    "SELECT COUNT(*) FROM account_counts n
        WHERE following <> (SELECT COUNT(*) FROM follows WHERE follower_id = n.account_id)",
    "SELECT COUNT(*) FROM account_counts n
        WHERE friends <> (SELECT COUNT(*) FROM friends WHERE account_id = n.account_id)",
    "SELECT COUNT(*) FROM account_counts n
        WHERE posts <> (SELECT COUNT(*) FROM posts WHERE author_id = n.account_id)",
    // An empty place is there for its replies.
    "SELECT COUNT(*) FROM comments WHERE author_id IS NULL AND replies = 0",
];

/// What was counted, so that it is seen that there was something to count.
const COUNTED: [&str; 6] = [
    "SELECT COUNT(*) FROM posts WHERE likes > 1",
    "SELECT COUNT(*) FROM posts WHERE comments > 1",
    "SELECT COUNT(*) FROM comments WHERE likes > 0",
    "SELECT COUNT(*) FROM comments WHERE replies > 0",
    "SELECT COUNT(*) FROM account_counts WHERE followers > 0",
    "SELECT COUNT(*) FROM account_counts WHERE posts > 0",
];

/// What somebody is about to do.
struct Step {
    method: Method,
    path: String,
    body: Option<Value>,
}

impl Step {
    async fn take(&self, browser: &Browser) -> Answer {
        let request = browser.request(self.method.clone(), &format!("/api/v1/{}", self.path));
        let answer = match &self.body {
            Some(body) => browser.send(request.json(body)).await,
            None => browser.send(request).await,
        };
        // Much of it is there no more, or hidden by a block; nothing fails.
        let is_expected = answer.status < 300 || [404, 422].contains(&answer.status);
        assert!(is_expected, "{} {}: {} {}", self.method, self.path, answer.status, answer.json());
        answer
    }
}

/// What there is to act on, some of which may have gone.
#[derive(Default)]
struct Things {
    posts: Vec<String>,
    comments: Vec<(String, String)>,
}

impl Things {
    /// Notes what a step has made.
    fn note(&mut self, made: &Value) {
        let Some(id) = made["id"].as_str() else { return };
        match made["post"].as_str() {
            Some(post) => self.comments.push((post.to_owned(), id.to_owned())),
            None => self.posts.push(id.to_owned()),
        }
    }
}

fn step(method: Method, path: String) -> Step {
    Step { method, path, body: None }
}

fn write(path: String, wish: Value) -> Step {
    Step { method: Method::POST, path, body: Some(wish) }
}

/// One of the last, among which people meet.
fn one_of<T: Clone>(things: &[T], rng: &mut StdRng) -> Option<T> {
    let recent = &things[things.len().saturating_sub(12)..];
    (!recent.is_empty()).then(|| recent[rng.random_range(0..recent.len())].clone())
}

/// What one of them does next.
fn choose(things: &Things, rng: &mut StdRng) -> Step {
    let new_post = || write("posts".into(), json!({ "client_id": fresh_id(), "text": "Post", "audience": "public" }));
    let Some(post) = one_of(&things.posts, rng) else { return new_post() };
    let name = NAMES[rng.random_range(0..NAMES.len())];
    let comment = one_of(&things.comments, rng);
    let comments = format!("posts/{post}/comments");
    match (rng.random_range(0..100), comment) {
        (0..8, _) => new_post(),
        (8..22, _) => step(Method::PUT, format!("posts/{post}/like")),
        (22..29, _) => step(Method::DELETE, format!("posts/{post}/like")),
        (29..31, _) => step(Method::DELETE, format!("posts/{post}")),
        (31..37, _) => step(Method::PUT, format!("people/{name}/follow")),
        (37..40, _) => step(Method::DELETE, format!("people/{name}/follow")),
        (40..45, _) => step(Method::PUT, format!("people/{name}/friend")),
        (45..46, _) => step(Method::DELETE, format!("people/{name}/friend")),
        (46..47, _) => step(Method::PUT, format!("people/{name}/block")),
        (47..52, _) => step(Method::DELETE, format!("people/{name}/block")),
        (52..66, _) | (_, None) => write(comments, json!({ "client_id": fresh_id(), "text": "Comment" })),
        (66..80, Some((post, parent))) => {
            let reply = json!({ "client_id": fresh_id(), "text": "Reply", "parent": parent });
            write(format!("posts/{post}/comments"), reply)
        }
        (80..88, Some((_, comment))) => step(Method::PUT, format!("comments/{comment}/like")),
        (88..92, Some((_, comment))) => step(Method::DELETE, format!("comments/{comment}/like")),
        (_, Some((_, comment))) => step(Method::DELETE, format!("comments/{comment}")),
    }
}

async fn assert_right(database: &mut Database, when: &str) {
    for sql in WRONG {
        assert_eq!(database.number(sql).await, 0, "{when}: {sql}");
    }
}

story! {
    async fn counters_are_as_many_as_there_are_rows(world: World) {
        let mut people = Vec::new();
        for name in NAMES {
            people.push(world.person(name).await);
        }
        let mut database = Database::open(&world).await;
        let mut rng = StdRng::seed_from_u64(7);
        let mut things = Things::default();
        for round in 1..=ROUNDS {
            let steps: Vec<_> = people.iter().map(|_| choose(&things, &mut rng)).collect();
            let answers = join_all(people.iter().zip(&steps).map(|(person, step)| step.take(person))).await;
            answers.iter().filter(|answer| answer.status == 201).for_each(|made| things.note(&made.json()));
            if round % BETWEEN == 0 {
                assert_right(&mut database, &format!("after round {round}")).await;
            }
        }
        for sql in COUNTED {
            assert!(database.number(sql).await > 0, "{sql}");
        }
        people[0].post("/api/v1/me/deletion", json!({ "password": PASSWORD })).await.expect(200);
        assert_right(&mut database, "while one is leaving").await;
        world.wait(Duration::from_secs(14 * 24 * 3600));
        world.social.purge().await.unwrap();
        assert_eq!(database.number("SELECT COUNT(*) FROM accounts").await, 4);
        assert_right(&mut database, "after one has gone").await;
    }
}
