//! Letters: sent, read, answered, deleted by each side for itself, and what is left of those whose other side has gone.

use std::time::Duration;

use confab_social::Social;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::notifications::{brief, list, people, put, unread};
use crate::support::database::Database;
use crate::support::{Answer, Browser, Events, PASSWORD, World, fresh_id, story};

/// What somebody fills in to send a letter.
fn wish(to: &str, subject: &str) -> Value {
    json!({ "client_id": fresh_id(), "to": to, "subject": subject, "text": format!("{subject}, at length") })
}

pub async fn send(browser: &Browser, to: &str, subject: &str) -> Value {
    browser.post("/api/v1/letters", wish(to, subject)).await.expect(201)
}

async fn reply(browser: &Browser, to: &str, subject: &str, reply_to: &str) -> Answer {
    let mut wish = wish(to, subject);
    wish["reply_to"] = json!(reply_to);
    browser.post("/api/v1/letters", wish).await
}

pub fn id(value: &Value) -> String {
    value["id"].as_str().unwrap().to_owned()
}

fn path(letter: &Value) -> String {
    format!("/api/v1/letters/{}", id(letter))
}

/// What the letters of a list are about.
async fn subjects(browser: &Browser, list: &str) -> Vec<String> {
    let page = browser.get(&format!("/api/v1/letters/{list}")).await.expect(200);
    page["items"].as_array().unwrap().iter().map(|letter| letter["subject"].as_str().unwrap().to_owned()).collect()
}

async fn unread_letters(browser: &Browser) -> Value {
    browser.get("/api/v1/letters/unread").await.expect(200)["unread"].clone()
}

async fn purge(social: &Social) {
    social.purge().await.unwrap();
}

const LETTERS: &str = "SELECT COUNT(*) FROM letters";

/// Letters of which the number of copies is wrong.
const WRONG: &str =
    "SELECT COUNT(*) FROM letters l WHERE copies <> (SELECT COUNT(*) FROM letter_copies WHERE letter_id = l.id)";

story! {
    async fn a_letter_is_sent_read_and_deleted(world: World) {
        let [ann, ben] = people(&world, ["ann", "ben"]).await;
        let letter = json!({ "client_id": fresh_id(), "to": " BEN ", "subject": " Trip\n", "text": " Dear Ben,\r\n\r\nsee you. " });
        let sent = ann.post("/api/v1/letters", letter.clone()).await.expect(201);
        assert_eq!((&sent["subject"], &sent["text"]), (&json!("Trip"), &json!("Dear Ben,\n\nsee you.")));
        assert_eq!((&sent["from"]["username"], &sent["to"]["username"]), (&json!("ann"), &json!("ben")));
        assert_eq!((&sent["is_mine"], &sent["is_read"], &sent["reply_to"]), (&json!(true), &json!(true), &Value::Null));
        assert_eq!(ann.post("/api/v1/letters", letter).await.expect(200), sent);
        let inbox = ben.get("/api/v1/letters/inbox").await.expect(200);
        let shown = json!({
            "id": sent["id"], "from": sent["from"], "to": sent["to"], "subject": "Trip", "excerpt": "Dear Ben, see you.",
            "created_at": sent["created_at"], "is_read": false, "is_mine": false,
        });
        assert_eq!(inbox, json!({ "items": [shown], "next": null }));
        assert_eq!((unread_letters(&ben).await, unread_letters(&ann).await), (json!(1), json!(0)));
        assert_eq!((subjects(&ann, "sent").await, subjects(&ann, "inbox").await), (vec!["Trip".to_owned()], vec![]));
        assert!(subjects(&ben, "sent").await.is_empty());

        // Looking at it is not reading it: a browser may look ahead.
        let thread = ben.get(&path(&sent)).await.expect(200);
        assert_eq!((&thread["letter"]["text"], &thread["earlier"]), (&sent["text"], &json!([])));
        assert_eq!(unread_letters(&ben).await, 1);
        for _ in 0..2 {
            put(&ben, &format!("letters/{}/read", id(&sent))).await;
            assert_eq!(unread_letters(&ben).await, 0);
        }
        assert_eq!(ben.get(&path(&sent)).await.expect(200)["letter"]["is_read"], true);

        // Each deletes it for oneself; when both have, nothing is left.
        let mut database = Database::open(&world).await;
        ann.delete(&path(&sent)).await.expect(204);
        ann.delete(&path(&sent)).await.refused(404, "not_found");
        ann.get(&path(&sent)).await.refused(404, "not_found");
        assert_eq!((subjects(&ann, "sent").await, subjects(&ben, "inbox").await), (vec![], vec!["Trip".to_owned()]));
        assert_eq!(database.number(LETTERS).await, 1);
        ben.delete(&path(&sent)).await.expect(204);
        assert!(subjects(&ben, "inbox").await.is_empty());
        assert_eq!(database.number(LETTERS).await, 0);
    }
}

story! {
    async fn what_is_no_letter_is_refused(world: World) {
        let [ann, _ben] = people(&world, ["ann", "ben"]).await;
        let with = |field: &str, text: &str| {
            let mut wish = wish("ben", "Trip");
            wish[field] = json!(text);
            wish
        };
        for text in ["", " \n ", "a\0b", "\u{202e}abc", &"x".repeat(201), "two\nlines"] {
            ann.post("/api/v1/letters", with("subject", text)).await.invalid("subject");
        }
        for text in ["", " \n ", "a\0b", "\u{202e}abc", &"x".repeat(20_001)] {
            ann.post("/api/v1/letters", with("text", text)).await.invalid("text");
        }
        for name in ["nobody", "", "ben\0", "ben@example.org", "admin"] {
            ann.post("/api/v1/letters", with("to", name)).await.refused(404, "not_found");
        }
        ann.post("/api/v1/letters", with("to", "Ann")).await.invalid("to");
        world.browser().register("unverified").await;
        ann.post("/api/v1/letters", with("to", "unverified")).await.refused(404, "not_found");
        assert!(subjects(&ann, "sent").await.is_empty());
        ann.post("/api/v1/letters", with("text", &"€".repeat(20_000))).await.expect(201);
        ann.post("/api/v1/letters", with("subject", &"é".repeat(200))).await.expect(201);
    }
}

story! {
    async fn lists_are_paged_and_unread_ones_can_be_found(world: World) {
        let [ann, ben, carl] = people(&world, ["ann", "ben", "carl"]).await;
        let mut sent = Vec::new();
        for (number, from) in [&ben, &carl, &ben].into_iter().enumerate() {
            world.wait(Duration::from_secs(1));
            sent.push(send(from, "ann", &format!("Letter {number}")).await);
        }
        put(&ann, &format!("letters/{}/read", id(&sent[1]))).await;
        assert_eq!(subjects(&ann, "inbox").await, ["Letter 2", "Letter 1", "Letter 0"]);
        assert_eq!(subjects(&ann, "inbox?unread=true").await, ["Letter 2", "Letter 0"]);
        for (list, expected) in [("inbox?", ["Letter 2", "Letter 1", "Letter 0"]), ("inbox?unread=true&", ["Letter 2", "Letter 0", ""])] {
            let (mut seen, mut after) = (Vec::new(), String::new());
            loop {
                let page = ann.get(&format!("/api/v1/letters/{list}limit=1{after}")).await.expect(200);
                seen.push(page["items"][0]["subject"].as_str().unwrap().to_owned());
                let Some(next) = page["next"].as_str() else { break };
                after = format!("&after={next}");
            }
            let expected: Vec<_> = expected.into_iter().filter(|subject| !subject.is_empty()).collect();
            assert_eq!(seen, expected);
        }
        assert_eq!(subjects(&ben, "sent?limit=1").await, ["Letter 2"]);
        ann.get("/api/v1/letters/inbox?limit=0").await.invalid("limit");
        ann.get("/api/v1/letters/inbox?after=x").await.invalid("after");
    }
}

story! {
    async fn a_reply_shows_what_was_written_before_it(world: World) {
        let [ann, ben, carl] = people(&world, ["ann", "ben", "carl"]).await;
        let first = send(&ann, "ben", "Trip").await;
        world.wait(Duration::from_secs(1));
        let second = reply(&ben, "ann", "Re: Trip", &id(&first)).await.expect(201);
        world.wait(Duration::from_secs(1));
        let third = reply(&ann, "ben", "Re: Re: Trip", &id(&second)).await.expect(201);
        send(&ann, "ben", "Something else").await;
        assert_eq!((&second["reply_to"], &third["reply_to"]), (&first["id"], &second["id"]));
        let earlier = async |browser: &Browser| {
            let thread = browser.get(&path(&third)).await.expect(200);
            let earlier = thread["earlier"].as_array().unwrap().iter();
            earlier.map(|letter| letter["subject"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!((earlier(&ann).await, earlier(&ben).await), (vec!["Re: Trip".to_owned(), "Trip".to_owned()], vec!["Re: Trip".to_owned(), "Trip".to_owned()]));
        assert_eq!(ann.get(&path(&first)).await.expect(200)["earlier"], json!([]));
        // Only what one has not deleted.
        ben.delete(&path(&second)).await.expect(204);
        assert_eq!((earlier(&ann).await.len(), earlier(&ben).await), (2, vec!["Trip".to_owned()]));
        assert_eq!(ben.get(&path(&third)).await.expect(200)["letter"]["reply_to"], Value::Null);
        assert_eq!(ann.get(&path(&third)).await.expect(200)["letter"]["reply_to"], second["id"]);
        // One answers what one has, and to whom it was between.
        for (browser, to, letter) in [(&ben, "ann", &second), (&ben, "carl", &third), (&carl, "ann", &third), (&carl, "ben", &third)] {
            reply(browser, to, "Re", &id(letter)).await.invalid("reply_to");
        }
        reply(&ben, "ann", "Re", &fresh_id().to_string()).await.invalid("reply_to");
        assert!(subjects(&carl, "sent").await.is_empty());
    }
}

story! {
    async fn at_most_fifty_earlier_letters_are_shown(world: World) {
        let [ann, ben] = people(&world, ["ann", "ben"]).await;
        let mut last = send(&ann, "ben", "Letter 0").await;
        for number in 1..=52 {
            world.wait(Duration::from_secs(1));
            let (from, to) = if number % 2 == 0 { (&ann, "ben") } else { (&ben, "ann") };
            last = reply(from, to, &format!("Letter {number}"), &id(&last)).await.expect(201);
        }
        let earlier = ben.get(&path(&last)).await.expect(200)["earlier"].clone();
        let earlier: Vec<_> = earlier.as_array().unwrap().iter().map(|letter| letter["subject"].as_str().unwrap().to_owned()).collect();
        assert_eq!((earlier.len(), earlier[0].as_str(), earlier[49].as_str()), (50, "Letter 51", "Letter 2"));
    }
}

story! {
    async fn tabs_of_both_are_told_and_the_other_is_notified(world: World) {
        let [ann, ben, carl] = people(&world, ["ann", "ben", "carl"]).await;
        let (mut ann_hears, _) = Events::open(&ann).await;
        let (mut ben_hears, _) = Events::open(&ben).await;
        let (mut ben_too, _) = Events::open(&ben).await;
        let changed = |seq: i64, unread: i64, letters: i64| {
            json!({ "type": "letters_changed", "seq": seq, "unread": unread, "unread_letters": letters })
        };
        let letter = send(&ann, "ben", "Trip").await;
        assert_eq!(ann_hears.next().await, changed(1, 0, 0));
        for tab in [&mut ben_hears, &mut ben_too] {
            assert_eq!(tab.next().await, changed(1, 1, 1));
            let told = tab.next().await;
            assert_eq!((&told["type"], &told["notification"]["kind"]), (&json!("notification"), &json!("letter")));
            assert_eq!((&told["notification"]["letter"], &told["notification"]["excerpt"]), (&letter["id"], &json!("Trip")));
        }
        // Each letter is a notification of its own, which is read with it and goes with it.
        let second = send(&carl, "ben", "Second").await;
        let third = send(&ann, "ben", "Third").await;
        let briefs: Vec<_> = list(&ben).await.iter().map(brief).collect();
        assert_eq!(briefs, [json!(["letter", "ann", 0, false]), json!(["letter", "carl", 0, false]), json!(["letter", "ann", 0, false])]);
        for tab in [&mut ben_hears, &mut ben_too] {
            assert_eq!(tab.up_to(6).await.last().unwrap()["unread"], 3);
        }
        put(&ben, &format!("letters/{}/read", id(&second))).await;
        for tab in [&mut ben_hears, &mut ben_too] {
            assert_eq!(tab.next().await, changed(7, 2, 2));
            assert_eq!(tab.next().await, json!({ "type": "notifications_changed", "seq": 8, "unread": 2 }));
        }
        ben.delete(&path(&third)).await.expect(204);
        assert_eq!(ben_too.next().await, changed(9, 1, 1));
        assert_eq!((list(&ben).await.len(), unread(&ben).await), (2, json!(1)));
        // What the sender deletes stays where it is.
        ann.delete(&path(&letter)).await.expect(204);
        assert_eq!(ann_hears.up_to(3).await.last().unwrap()["type"], "letters_changed");
        assert_eq!((unread_letters(&ben).await, unread(&ben).await), (json!(1), json!(1)));
    }
}

story! {
    async fn who_does_not_want_to_be_notified_gets_letters_all_the_same(world: World) {
        let [ann, ben] = people(&world, ["ann", "ben"]).await;
        let mute = ben.request(reqwest::Method::PUT, "/api/v1/me/notification-settings").json(&json!({ "muted": ["letter"] }));
        ben.send(mute).await.expect(200);
        let (mut tab, _) = Events::open(&ben).await;
        send(&ann, "ben", "Trip").await;
        assert_eq!(tab.next().await, json!({ "type": "letters_changed", "seq": 1, "unread": 0, "unread_letters": 1 }));
        assert!(list(&ben).await.is_empty());
    }
}

story! {
    async fn a_block_hides_the_letters_of_both(world: World) {
        let [ann, ben, carl] = people(&world, ["ann", "ben", "carl"]).await;
        let to_ben = send(&ann, "ben", "To Ben").await;
        let to_ann = reply(&ben, "ann", "To Ann", &id(&to_ben)).await.expect(201);
        send(&carl, "ben", "From Carl").await;
        put(&ann, "people/ben/block").await;
        assert!(subjects(&ann, "inbox").await.is_empty() && subjects(&ann, "sent").await.is_empty());
        assert_eq!((subjects(&ben, "inbox").await, subjects(&ben, "sent").await), (vec!["From Carl".to_owned()], vec![]));
        assert_eq!(subjects(&ben, "inbox?unread=true").await, ["From Carl"]);
        assert_eq!((unread_letters(&ann).await, unread_letters(&ben).await), (json!(0), json!(1)));
        for letter in [&to_ben, &to_ann] {
            for browser in [&ann, &ben] {
                browser.get(&path(letter)).await.refused(404, "not_found");
                browser.put(&format!("{}/read", path(letter)), Vec::new()).await.refused(404, "not_found");
                browser.delete(&path(letter)).await.refused(404, "not_found");
            }
        }
        for (browser, to) in [(&ann, "ben"), (&ben, "ann")] {
            browser.post("/api/v1/letters", wish(to, "Hello?")).await.refused(404, "not_found");
        }
        // Both come back with the end of the block.
        ann.delete("/api/v1/people/ben/block").await.expect(204);
        assert_eq!((subjects(&ann, "inbox").await, subjects(&ben, "inbox").await.len()), (vec!["To Ann".to_owned()], 2));
    }
}

story! {
    async fn letters_of_who_leaves_are_hidden_and_then_nobodys(world: World) {
        let [ann, ben, carl] = people(&world, ["ann", "ben", "carl"]).await;
        let received = send(&ann, "ben", "From Ann").await;
        let sent = send(&ben, "ann", "To Ann").await;
        // What only the two of them have who both delete it, and what a block hides, goes with the account.
        let both = send(&ann, "ben", "Deleted").await;
        ben.delete(&path(&both)).await.expect(204);
        send(&ann, "carl", "Hidden").await;
        send(&carl, "ann", "Hidden too").await;
        send(&carl, "ben", "From Carl").await;
        put(&carl, "people/ann/block").await;
        ann.post("/api/v1/me/deletion", json!({ "password": PASSWORD })).await.expect(200);
        assert_eq!((subjects(&ben, "inbox").await, subjects(&ben, "sent").await), (vec!["From Carl".to_owned()], vec![]));
        ben.get(&path(&received)).await.refused(404, "not_found");
        ben.post("/api/v1/letters", wish("ann", "Where are you?")).await.refused(404, "not_found");
        assert_eq!(unread_letters(&ben).await, 1);
        world.wait(Duration::from_secs(14 * 24 * 3600));
        purge(&world.social).await;
        for (person, name) in [(&ben, "ben"), (&carl, "carl")] {
            person.sign_in(name, PASSWORD).await.expect(200);
        }
        let left = ben.get(&path(&received)).await.expect(200)["letter"].clone();
        assert_eq!((&left["from"], &left["to"]["username"], &left["subject"]), (&Value::Null, &json!("ben"), &json!("From Ann")));
        let left = ben.get(&path(&sent)).await.expect(200)["letter"].clone();
        assert_eq!((&left["from"]["username"], &left["to"], &left["text"]), (&json!("ben"), &Value::Null, &json!("To Ann, at length")));
        assert_eq!(unread_letters(&ben).await, 2);
        assert!(subjects(&carl, "inbox").await.is_empty());
        assert_eq!(subjects(&carl, "sent").await, ["From Carl"]);
        reply(&ben, "ann", "Re", &id(&received)).await.refused(404, "not_found");
        let mut database = Database::open(&world).await;
        assert_eq!((database.number(LETTERS).await, database.number(WRONG).await), (3, 0));
        put(&ben, &format!("letters/{}/read", id(&received))).await;
        for letter in [&received, &sent] {
            ben.delete(&path(letter)).await.expect(204);
        }
        assert_eq!((database.number(LETTERS).await, database.number(WRONG).await), (1, 0));
    }
}

story! {
    async fn letters_are_taken_along(world: World) {
        let [ann, ben] = people(&world, ["ann", "ben"]).await;
        let first = send(&ann, "ben", "Trip").await;
        world.wait(Duration::from_secs(1));
        let second = reply(&ben, "ann", "Re: Trip", &id(&first)).await.expect(201);
        let export = ann.post("/api/v1/me/export", json!({ "password": PASSWORD })).await.expect(200);
        let entry = |letter: &Value, is_read: bool| json!({
            "id": letter["id"], "from": letter["from"]["username"], "to": letter["to"]["username"],
            "subject": letter["subject"], "text": letter["text"], "created_at": letter["created_at"],
            "is_read": is_read, "reply_to": letter["reply_to"],
        });
        assert_eq!(export["letters"], json!([entry(&second, false), entry(&first, true)]));
    }
}

story! {
    async fn what_is_sent_and_deleted_at_once_happens_once(world: World) {
        let [ann, ben] = people(&world, ["ann", "ben"]).await;
        let mut database = Database::open(&world).await;
        for round in 0..10 {
            let wish = wish("ben", &format!("Round {round}"));
            let answers = join_all((0..6).map(|_| ann.post("/api/v1/letters", wish.clone()))).await;
            assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
            let letter = answers[0].json();
            assert!(answers.iter().all(|answer| answer.status <= 201 && answer.json()["id"] == letter["id"]));
            assert_eq!((unread_letters(&ben).await, list(&ben).await.len()), (json!(1), 1));
            let path = path(&letter);
            let read = format!("{path}/read");
            let answered = id(&letter);
            let answer = reply(&ben, "ann", "Re", &answered);
            let (one, other, read, answered) =
                tokio::join!(ann.delete(&path), ben.delete(&path), ben.put(&read, Vec::new()), answer);
            assert_eq!((one.status, other.status), (204, 204));
            assert!([204, 404].contains(&read.status) && [201, 422].contains(&answered.status), "{} {}", read.status, answered.status);
            if answered.status == 201 {
                let path = super::path(&answered.json());
                let (one, other) = tokio::join!(ann.delete(&path), ben.delete(&path));
                assert_eq!((one.status, other.status), (204, 204));
            }
            assert_eq!((database.number(LETTERS).await, database.number(WRONG).await), (0, 0));
            assert_eq!((unread_letters(&ben).await, list(&ben).await.len()), (json!(0), 0));
        }
    }
}

story! {
    async fn a_full_mailbox_takes_no_more(world: World) {
        let [ann, ben, carl] = people(&world, ["ann", "ben", "carl"]).await;
        let first = send(&ann, "ben", "First").await;
        let mut database = Database::writable(&world).await;
        database.fill_mailbox("ann", 4998).await;
        assert_eq!(database.number("SELECT COUNT(*) FROM letter_copies").await, 5000);
        send(&carl, "ann", "Last").await;
        let full = ann.post("/api/v1/letters", wish("ben", "Too many")).await;
        full.refused(409, "limit_reached");
        assert_eq!(full.json()["error"]["field"], Value::Null);
        let full = ben.post("/api/v1/letters", wish("ann", "Too many")).await;
        full.refused(409, "limit_reached");
        assert_eq!(full.json()["error"]["field"], "to");
        assert_eq!((subjects(&ben, "inbox").await, subjects(&ben, "sent").await), (vec!["First".to_owned()], vec![]));
        ann.delete(&path(&first)).await.expect(204);
        send(&ben, "ann", "Fits again").await;
    }
}
