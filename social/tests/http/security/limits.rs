//! Every rate limit, on its own route, at the number that the documents say.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::surface::{operations, picture};
use crate::support::{Answer, Browser, Engine, PASSWORD, World, email, fresh_id, registration};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

/// Tells a story on both databases, with the limits that a server has.
macro_rules! limited {
    (async fn $name:ident($world:ident: $kind:ident) $body:block) => {
        mod $name {
            use super::*;

            async fn tell($world: $kind) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                tell(World::with(Engine::Sqlite, |config| config.rate_limit_scale = 1).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                tell(World::with(Engine::Postgres, |config| config.rate_limit_scale = 1).await).await;
            }
        }
    };
}

#[track_caller]
fn assert_limited(answer: &Answer, what: &str) {
    assert_eq!(answer.status, 429, "{what}: {}", answer.json());
    answer.refused(429, "rate_limited");
    let seconds: u64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=3600).contains(&seconds), "{what}: {seconds}");
}

/// So many tries are answered, one more is not; then one in each share of the time, and after all of it as many again.
/// `attempt` is told how many went before.
async fn assert_fires(
    world: &World,
    what: &str,
    (most, period): (u32, Duration),
    attempt: impl AsyncFn(u32) -> Answer,
) {
    let mut count = 0;
    let mut go = async |times: u32, is_allowed: bool| {
        for time in 1..=times {
            let answer = attempt(count).await;
            count += 1;
            let what = format!("{what}, {time} of {times}");
            match is_allowed {
                true => assert!(answer.status != 429 && answer.status < 500, "{what}: {}", answer.json()),
                false => assert_limited(&answer, &what),
            }
        }
    };
    go(most, true).await;
    go(2, false).await;
    world.wait(period / most);
    go(1, true).await;
    go(1, false).await;
    world.wait(period);
    go(most, true).await;
    go(1, false).await;
}

/// A browser at an address of its own.
fn at(world: &World, address: u32) -> Browser {
    let browser = world.browser();
    browser.move_to(&std::net::Ipv4Addr::from(0x0a00_0000 + address).to_string());
    browser
}

/// People who are signed in, with all limits fresh again.
async fn people<const COUNT: usize>(world: &World, names: [&str; COUNT]) -> Vec<Browser> {
    let mut people = Vec::new();
    for name in names {
        people.push(world.person(name).await);
    }
    world.wait(HOUR);
    people
}

fn guess(identifier: &str) -> Value {
    json!({ "identifier": identifier, "password": "guessed password" })
}

limited! {
    async fn five_sign_ins_a_minute_for_one_name_known_or_not(world: World) {
        people(&world, ["ann"]).await;
        for path in ["/api/v1/auth/login", "/api/v1/auth/restore"] {
            for (number, name) in ["ann", "nobody", "ann@example.org", "nobody@example.org"].into_iter().enumerate() {
                let base = 1000 * u32::try_from(number).unwrap();
                // Each try comes from another address.
                let attempt = async |count: u32| {
                    let answer = at(&world, base + count).post(path, guess(name)).await;
                    assert!([401, 429].contains(&answer.status));
                    answer
                };
                assert_fires(&world, &format!("{path} as {name}"), (5, MINUTE), attempt).await;
            }
            // Who knows the password has to wait as well, or the limit would tell it.
            let right = json!({ "identifier": " ANN ", "password": PASSWORD });
            for count in 0..5 {
                at(&world, 90_000 + count).post(path, guess("ann")).await;
            }
            assert_limited(&at(&world, 90_100).post(path, right.clone()).await, path);
            at(&world, 90_101).post(path, guess("other")).await.refused(401, "wrong_credentials");
            world.wait(MINUTE);
            at(&world, 90_102).post(path, right).await.expect(200);
            world.wait(MINUTE);
        }
    }
}

limited! {
    async fn twenty_sign_ins_a_minute_from_one_address(world: World) {
        for (number, path) in [(1, "/api/v1/auth/login"), (2, "/api/v1/auth/restore")] {
            let browser = at(&world, number);
            let attempt = async |count: u32| browser.post(path, guess(&format!("name{count}"))).await;
            assert_fires(&world, path, (20, MINUTE), attempt).await;
            at(&world, 100 + number).post(path, guess("another")).await.refused(401, "wrong_credentials");
        }
    }
}

limited! {
    async fn five_registrations_an_hour_from_one_address(world: World) {
        let browser = at(&world, 1);
        let attempt = async |count: u32| {
            browser.post("/api/v1/auth/register", registration(&format!("somebody{count}"))).await
        };
        assert_fires(&world, "register", (5, HOUR), attempt).await;
        at(&world, 2).post("/api/v1/auth/register", registration("another")).await.expect(202);
    }
}

/// How many mails somebody got, once all of them are there.
async fn mails(world: &World, to: &str, link: &str, guard: &str) -> usize {
    // A mail to somebody else, asked for later, is sent later.
    world.wait(Duration::from_secs(1));
    at(world, 4_000_000).register(guard).await;
    world.token(&email(guard), "/verify#").await;
    let list = world.browser().get("/api/v1/outbox").await.expect(200);
    let is_it = |mail: &&Value| mail["to"] == json!(email(to)) && mail["text"].as_str().unwrap().contains(link);
    list["items"].as_array().unwrap().iter().filter(is_it).count()
}

limited! {
    async fn three_mails_an_hour_to_one_address_and_nobody_sees_where_it_ends(world: World) {
        people(&world, ["ann"]).await;
        let ask = async |path: &str, body: Value| {
            for count in 0..5 {
                let answer = at(&world, 10_000 + count).post(path, body.clone()).await;
                assert_eq!(answer.expect(202), json!({}));
            }
        };
        ask("/api/v1/auth/forgot", json!({ "email": email("ann") })).await;
        assert_eq!(mails(&world, "ann", "/reset#", "guard1").await, 3);
        world.wait(HOUR);
        ask("/api/v1/auth/forgot", json!({ "email": " ANN@example.org" })).await;
        assert_eq!(mails(&world, "ann", "/reset#", "guard2").await, 6);
        // The mail of the registration counts.
        at(&world, 1).register("ben").await;
        ask("/api/v1/auth/resend", json!({ "email": email("ben") })).await;
        assert_eq!(mails(&world, "ben", "/verify#", "guard3").await, 3);
        world.wait(HOUR);
        // So do those about registrations with an address that has an account.
        let mut again = registration("other");
        again["email"] = json!(email("ann"));
        ask("/api/v1/auth/register", again).await;
        assert_eq!(mails(&world, "ann", "", "guard4").await, 1 + 6 + 3);
    }
}

limited! {
    async fn thirty_requests_for_mails_an_hour_from_one_address(world: World) {
        for (number, path) in [(1, "/api/v1/auth/forgot"), (2, "/api/v1/auth/resend")] {
            let browser = at(&world, number);
            let attempt = async |count: u32| browser.post(path, json!({ "email": email(&format!("x{count}")) })).await;
            assert_fires(&world, path, (30, HOUR), attempt).await;
            at(&world, 100 + number).post(path, json!({ "email": email("y") })).await.expect(202);
        }
    }
}

limited! {
    async fn sixty_links_an_hour_from_one_address(world: World) {
        for (number, path) in [(1, "/api/v1/auth/verify"), (2, "/api/v1/auth/reset")] {
            let body = |count| match number {
                1 => json!({ "token": format!("guess{count}") }),
                _ => json!({ "token": format!("guess{count}"), "password": PASSWORD }),
            };
            let browser = at(&world, number);
            assert_fires(&world, path, (60, HOUR), async |count| browser.post(path, body(count)).await).await;
            at(&world, 100 + number).post(path, body(0)).await.refused(400, "invalid_token");
        }
    }
}

limited! {
    async fn five_confirmations_a_minute_for_one_account(world: World) {
        let people = people(&world, ["ann", "ben", "carl", "dora"]).await;
        let bodies = |password: &str| [
            ("/api/v1/me/password", json!({ "current": password, "new": "another good password" })),
            ("/api/v1/me/export", json!({ "password": password })),
            ("/api/v1/me/deletion", json!({ "password": password })),
        ];
        let (wrong, right) = (bodies("guessed password"), bodies(PASSWORD));
        for ((person, (path, body)), (_, right)) in people.iter().zip(wrong).zip(right) {
            let attempt = async |count: u32| {
                person.move_to(&format!("10.9.0.{}", count % 200));
                let answer = person.post(path, body.clone()).await;
                assert!([403, 429].contains(&answer.status));
                answer
            };
            assert_fires(&world, path, (5, MINUTE), attempt).await;
            assert_limited(&person.post(path, right.clone()).await, path);
            people[3].post("/api/v1/me/export", json!({ "password": PASSWORD })).await.expect(200);
            world.wait(MINUTE);
            assert!(person.post(path, right).await.status < 300);
        }
    }
}

limited! {
    async fn twenty_uploads_an_hour_for_one_account(world: World) {
        let people = people(&world, ["ann", "ben"]).await;
        for (person, path) in people.iter().zip(["/api/v1/me/picture", "/api/v1/me/cover"]) {
            // What is no picture counts too.
            let attempt = async |count: u32| {
                person.move_to(&format!("10.9.0.{}", count % 200));
                person.put(path, b"no picture".to_vec()).await
            };
            assert_fires(&world, path, (20, HOUR), attempt).await;
            assert_limited(&person.put(path, picture()).await, path);
        }
        world.wait(HOUR);
        people[0].put("/api/v1/me/picture", picture()).await.expect(200);
    }
}

limited! {
    async fn posts_comments_likes_and_images_each_have_a_limit_for_one_account(world: World) {
        let [ann, ben] = &people(&world, ["ann", "ben"]).await[..] else { unreachable!() };
        let post = async |person: &Browser| {
            let wish = json!({ "client_id": fresh_id(), "text": "Hello", "audience": "public" });
            person.post("/api/v1/posts", wish).await
        };
        assert_fires(&world, "posts", (10, MINUTE), async |_| post(ann).await).await;
        let path = format!("/api/v1/posts/{}", post(ben).await.expect(201)["id"].as_str().unwrap());
        let comment = async |_| {
            ann.post(&format!("{path}/comments"), json!({ "client_id": fresh_id(), "text": "Hello" })).await
        };
        assert_fires(&world, "comments", (30, MINUTE), comment).await;
        let like = async |count: u32| match count % 2 {
            0 => ann.put(&format!("{path}/like"), Vec::new()).await,
            _ => ann.delete(&format!("{path}/like")).await,
        };
        assert_fires(&world, "likes", (120, MINUTE), like).await;
        let upload = async |_| {
            let upload = ann.request(Method::POST, "/api/v1/me/post-images").body(b"no picture".to_vec());
            ann.send(upload).await
        };
        assert_fires(&world, "images of posts", (60, HOUR), upload).await;
    }
}

limited! {
    async fn attachments_and_their_chunks_each_have_a_limit_for_one_account(world: World) {
        let [ann, ben] = &people(&world, ["ann", "ben"]).await[..] else { unreachable!() };
        // What there is already counts against other limits than this one, and so does what is refused by them.
        let begin = async |_| {
            ann.post("/api/v1/attachments", json!({ "client_id": fresh_id(), "name": "a", "size": 1 })).await
        };
        assert_fires(&world, "attachments", (120, HOUR), begin).await;
        let path = crate::attachments::begin(ben, "a", 10).await;
        let chunk = async |_| crate::attachments::chunk(ben, &path, 5, b"x").await;
        assert_fires(&world, "chunks", (300, MINUTE), chunk).await;
    }
}

limited! {
    async fn thirty_letters_an_hour_for_one_account(world: World) {
        let people = people(&world, ["ann", "ben", "carl"]).await;
        let letter = || json!({ "client_id": fresh_id(), "to": "ben", "subject": "Hello", "text": "Hello" });
        let attempt = async |count: u32| {
            people[0].move_to(&format!("10.9.0.{}", count % 200));
            people[0].post("/api/v1/letters", letter()).await
        };
        assert_fires(&world, "letters", (30, HOUR), attempt).await;
        people[2].post("/api/v1/letters", letter()).await.expect(201);
    }
}

limited! {
    async fn thirty_edits_a_minute_for_one_account(world: World) {
        let people = people(&world, ["ann", "ben"]).await;
        let attempt = async |count: u32| {
            people[0].move_to(&format!("10.9.0.{}", count % 200));
            people[0].patch("/api/v1/me/profile", json!({ "bio": format!("{count}") })).await
        };
        assert_fires(&world, "edits", (30, MINUTE), attempt).await;
        people[1].patch("/api/v1/me/profile", json!({ "bio": "x" })).await.expect(200);
    }
}

limited! {
    async fn sixty_changes_of_connections_a_minute_for_one_account(world: World) {
        let people = people(&world, ["ann", "ben"]).await;
        for path in ["follow", "friend", "block"] {
            let attempt = async |count: u32| {
                people[0].move_to(&format!("10.9.0.{}", count % 200));
                people[0].delete(&format!("/api/v1/people/ben/{path}")).await
            };
            assert_fires(&world, path, (60, MINUTE), attempt).await;
            assert_limited(&people[0].send(people[0].request(Method::PUT, "/api/v1/people/ben/follow")).await, path);
            world.wait(MINUTE);
        }
        people[1].delete("/api/v1/people/ann/follow").await.expect(200);
    }
}

limited! {
    async fn one_search_a_second_after_three_minutes_worth_for_one_account(world: World) {
        let people = people(&world, ["ann", "ben"]).await;
        for path in ["/api/v1/search", "/api/v1/search/people", "/api/v1/search/posts"] {
            let attempt = async |count: u32| {
                people[0].move_to(&format!("10.9.0.{}", count % 200));
                people[0].get(&format!("{path}?q=ann")).await
            };
            assert_fires(&world, path, (180, 3 * MINUTE), attempt).await;
            people[1].get(&format!("{path}?q=ann")).await.expect(200);
            world.wait(HOUR);
        }
    }
}

limited! {
    async fn two_marks_of_notifications_and_letters_a_second_for_one_account(world: World) {
        let people = people(&world, ["ann", "ben"]).await;
        let unknown = format!("/api/v1/notifications/{}", fresh_id());
        let letter = format!("/api/v1/letters/{}", fresh_id());
        let settings = json!({ "muted": [] });
        let attempt = async |count: u32| {
            people[0].move_to(&format!("10.9.0.{}", count % 200));
            match count % 7 {
                0 => people[0].put("/api/v1/notifications/read", Vec::new()).await,
                1 => people[0].put(&format!("{unknown}/read"), Vec::new()).await,
                2 => people[0].delete(&unknown).await,
                3 => people[0].delete("/api/v1/notifications").await,
                4 => people[0].delete(&letter).await,
                5 => people[0].put(&format!("{letter}/read"), Vec::new()).await,
                _ => {
                    let change = people[0].request(Method::PUT, "/api/v1/me/notification-settings");
                    people[0].send(change.json(&settings)).await
                }
            }
        };
        assert_fires(&world, "marks", (120, MINUTE), attempt).await;
        people[1].put("/api/v1/notifications/read", Vec::new()).await.expect(204);
    }
}

limited! {
    async fn conversations_messages_and_reading_each_have_a_limit_for_one_account(world: World) {
        let [ann, ben] = &people(&world, ["ann", "ben"]).await[..] else { unreachable!() };
        ben.put("/api/v1/people/ann/follow", Vec::new()).await.expect(200);
        let begin = async |_| ann.put("/api/v1/people/ben/conversation", Vec::new()).await;
        assert_fires(&world, "conversations", (60, HOUR), begin).await;
        let title = json!({ "title": "Ours", "people": [] });
        assert_limited(&ann.post("/api/v1/conversations", title).await, "groups");
        world.wait(HOUR);
        let path = begin(0).await.expect(200)["id"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/conversations/{path}");
        let write = async |_| {
            ann.post(&format!("{path}/messages"), json!({ "client_id": fresh_id(), "text": "Hello" })).await
        };
        assert_fires(&world, "messages", (30, MINUTE), write).await;
        let read = async |count: u32| {
            let mark = ann.request(Method::PUT, &format!("{path}/read")).json(&json!({ "seq": count }));
            ann.send(mark).await
        };
        assert_fires(&world, "reading", (240, MINUTE), read).await;
    }
}

limited! {
    async fn ten_calls_and_sixty_answers_a_minute_for_one_account(world: World) {
        let [ann, ben] = &people(&world, ["ann", "ben"]).await[..] else { unreachable!() };
        ben.put("/api/v1/people/ann/follow", Vec::new()).await.expect(200);
        let here = ann.put("/api/v1/people/ben/conversation", Vec::new()).await.expect(200);
        let path = format!("/api/v1/conversations/{}/rings", here["id"].as_str().unwrap());
        let ring = async |_| ann.post(&path, json!({ "media": "audio" })).await;
        assert_fires(&world, "calls", (10, MINUTE), ring).await;
        world.wait(MINUTE);
        let ring = format!("/api/v1/rings/{}", ring(0).await.expect(201)["id"].as_str().unwrap());
        let answer = async |_| {
            ben.send(ben.request(Method::PUT, &format!("{ring}/answer")).json(&json!({ "accept": true }))).await
        };
        assert_fires(&world, "answers", (60, MINUTE), answer).await;
        let stop = async |_| ann.delete(&ring).await;
        assert_fires(&world, "giving up", (60, MINUTE), stop).await;
    }
}

limited! {
    async fn three_hundred_profiles_a_minute_from_one_address(world: World) {
        let browser = at(&world, 1);
        let attempt = async |count: u32| browser.get(&format!("/api/v1/people/name{count}")).await;
        assert_fires(&world, "profiles", (300, MINUTE), attempt).await;
        at(&world, 2).get("/api/v1/people/ann").await.refused(404, "not_found");
    }
}

limited! {
    async fn whatever_strangers_may_change_has_a_limit(world: World) {
        let open = operations(&world).into_iter().filter(|operation| operation.is_open() && !operation.is_safe());
        // Who is nobody already changes nothing by signing out.
        for (number, operation) in open.filter(|operation| operation.path != "/api/v1/auth/logout").enumerate() {
            let browser = at(&world, u32::try_from(number).unwrap());
            let mut tries = 0;
            while browser.send(operation.call(&browser)).await.status != 429 {
                tries += 1;
                assert!(tries <= 60, "{}", operation.name());
            }
            assert_ne!(operation.method, Method::GET);
        }
    }
}
