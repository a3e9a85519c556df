//! Taking one's data along, and leaving for good.

use std::time::Duration;

use image::{DynamicImage, ImageFormat};
use serde_json::{Value, json};

use crate::support::{Browser, Engine, PASSWORD, World, fresh_id, photo, postgres, soon, story};

const CANARY: &str = "canary7391";

/// Somebody whose every field says the canary's name.
async fn canary(world: &World) -> Browser {
    let browser = world.browser();
    let wish = json!({
        "email": format!("{CANARY}@example.org"), "first_name": CANARY, "last_name": CANARY,
        "username": CANARY, "password": PASSWORD,
    });
    browser.post("/api/v1/auth/register", wish).await.expect(202);
    let token = world.token(&format!("{CANARY}@example.org"), "/verify#").await;
    browser.post("/api/v1/auth/verify", json!({ "token": token })).await.expect(200);
    let sign_in = browser.request(reqwest::Method::POST, "/api/v1/auth/login").header("user-agent", CANARY);
    let body = json!({ "identifier": CANARY, "password": PASSWORD });
    browser.send(sign_in.json(&body)).await.expect(200);
    let fill = json!({
        "bio": CANARY, "about": CANARY, "address": CANARY, "country": "DE",
        "links": [{ "title": CANARY, "url": format!("https://{CANARY}.example.org") }],
    });
    browser.patch("/api/v1/me/profile", fill).await.expect(200);
    let mut picture = std::io::Cursor::new(Vec::new());
    DynamicImage::new_rgb8(64, 64).write_to(&mut picture, ImageFormat::Png).unwrap();
    browser.put("/api/v1/me/picture", picture.into_inner()).await.expect(200);
    write(world, &browser).await;
    browser
}

/// Has the canary say its name wherever one writes: in a post with an image, in what the post said before, in a comment of
/// its own and in one that somebody answers, which stays as an empty place.
async fn write(world: &World, browser: &Browser) {
    let upload = browser.request(reqwest::Method::POST, "/api/v1/me/post-images").body(photo(64, 64));
    let image = browser.send(upload).await.expect(201)["id"].clone();
    let images = json!([{ "id": image, "alt": CANARY }]);
    let wish = json!({ "client_id": fresh_id(), "text": CANARY, "audience": "public", "images": images });
    let own = id(&browser.post("/api/v1/posts", wish).await.expect(201));
    browser.patch(&format!("/api/v1/posts/{own}"), json!({ "text": format!("{CANARY} again") })).await.expect(200);
    let whole = crate::attachments::attach(browser, &format!("{CANARY}.txt"), CANARY.as_bytes()).await;
    assert_eq!(whole["kind"], "file");
    crate::attachments::attach(browser, "picture.jpg", &photo(64, 64)).await;
    let half = crate::attachments::begin(browser, &format!("{CANARY}.zip"), 100).await;
    crate::attachments::chunk(browser, &half, 0, CANARY.as_bytes()).await.expect(200);
    let other = world.person("neighbour").await;
    let post = id(&other
        .post("/api/v1/posts", json!({ "client_id": fresh_id(), "text": "Hi", "audience": "public" }))
        .await
        .expect(201));
    // Who keeps a letter keeps what it says; here nobody does.
    let letter = json!({ "client_id": fresh_id(), "to": "neighbour", "subject": CANARY, "text": CANARY });
    let letter = id(&browser.post("/api/v1/letters", letter).await.expect(201));
    other.delete(&format!("/api/v1/letters/{letter}")).await.expect(204);
    let comments = format!("/api/v1/posts/{post}/comments");
    browser
        .post(&comments, json!({ "client_id": fresh_id(), "text": format!("{CANARY} @neighbour") }))
        .await
        .expect(201);
    let answered =
        browser.post(&comments, json!({ "client_id": fresh_id(), "text": CANARY })).await.expect(201)["id"].clone();
    other.post(&comments, json!({ "client_id": fresh_id(), "text": "I see", "parent": answered })).await.expect(201);
    for path in [format!("posts/{own}/like"), format!("people/{CANARY}/follow"), format!("people/{CANARY}/friend")] {
        other.put(&format!("/api/v1/{path}"), Vec::new()).await.expect(200);
    }
}

fn id(made: &Value) -> String {
    made["id"].as_str().unwrap().to_owned()
}

/// Where the canary's name stands in what is stored.
async fn traces(world: &World) -> Vec<String> {
    let files = world.stored().into_iter();
    let is_trace = |bytes: &[u8]| bytes.windows(CANARY.len()).any(|part| part.eq_ignore_ascii_case(CANARY.as_bytes()));
    let mut found: Vec<_> =
        files.filter(|(_, bytes)| is_trace(bytes)).map(|(path, _)| path.display().to_string()).collect();
    if world.engine == Engine::Postgres && postgres::dump(&world.database_url()).to_lowercase().contains(CANARY) {
        found.push("the database".to_owned());
    }
    found
}

story! {
    async fn a_deleted_account_comes_back_within_its_grace_period(world: World) {
        let ann = world.person("ann").await;
        ann.post("/api/v1/me/deletion", json!({ "password": "wrong" })).await.refused(403, "wrong_password");
        let pending = ann.post("/api/v1/me/deletion", json!({ "password": PASSWORD })).await.expect(200);
        let at = confab_social::clock::ManualClock::START_MILLIS + 14 * 24 * 3_600_000;
        assert_eq!(pending["deletion_at"].as_u64(), Some(at));
        ann.get("/api/v1/me").await.refused(401, "not_signed_in");
        ann.get("/api/v1/people/ann").await.refused(404, "not_found");
        let refused = ann.sign_in("ann", PASSWORD).await;
        refused.refused(403, "deletion_pending");
        assert_eq!(refused.json()["error"]["deletion_at"].as_u64(), Some(at));
        ann.sign_in("ann", "guessed password").await.refused(401, "wrong_credentials");
        world.mail("ann@example.org", |mail| mail.text.contains("delet")).await;
        world.wait(Duration::from_secs(13 * 24 * 3600));
        world.social.purge().await.unwrap();
        let restore = json!({ "identifier": "ann", "password": PASSWORD });
        assert_eq!(ann.post("/api/v1/auth/restore", restore).await.expect(200)["username"], "ann");
        ann.get("/api/v1/me").await.expect(200);
        world.wait(Duration::from_secs(5 * 24 * 3600));
        world.social.purge().await.unwrap();
        ann.get("/api/v1/people/ann").await.expect(200);
    }
}

story! {
    async fn nothing_is_left_of_an_account_whose_time_is_over(world: World) {
        let ann = world.person("ann").await;
        let browser = canary(&world).await;
        assert!(!traces(&world).await.is_empty(), "the search finds what is there");
        let export = browser.post("/api/v1/me/export", json!({ "password": PASSWORD })).await;
        assert!(export.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
        let export = export.expect(200);
        for path in ["/account/email", "/profile/bio", "/profile/about", "/profile/address", "/profile/links/0/title", "/logins/0/device", "/sessions/0/device", "/posts/0/post/text", "/posts/0/versions/0/text", "/posts/0/post/images/0/alt", "/comments/0/text", "/comments/1/text", "/letters/0/subject", "/letters/0/text"] {
            assert!(export.pointer(path).unwrap().as_str().unwrap().contains(CANARY), "{path}: {export}");
        }
        let attached = export["attachments"].as_array().unwrap();
        assert!(attached.iter().any(|one| one["attachment"]["name"].as_str().unwrap().contains(CANARY)));
        assert_eq!(export["images"].as_array().unwrap().len(), 3);
        let attachments = export["attachments"].as_array().unwrap();
        let is_it = |own: &&Value| own["attachment"]["name"] == format!("{CANARY}.txt") && own["data"] == "Y2FuYXJ5NzM5MQ==";
        assert_eq!((attachments.iter().filter(is_it).count(), attachments.len()), (1, 2), "the half one is no attachment");
        let export = browser.post("/api/v1/me/export", json!({ "password": "wrong" })).await;
        export.refused(403, "wrong_password");
        browser.post("/api/v1/me/deletion", json!({ "password": PASSWORD })).await.expect(200);
        // Its last mail must leave before it does.
        world.mail(&format!("{CANARY}@example.org"), |mail| mail.text.contains("delet")).await;
        world.wait(Duration::from_secs(14 * 24 * 3600));
        world.social.purge().await.unwrap();
        // The house may have been quicker than the story, and still be cleaning up.
        let clean = async {
            while !traces(&world).await.is_empty() {
                world.social.purge().await.unwrap();
            }
        };
        soon(clean).await;
        assert!(world.images().is_empty(), "{:?}", world.images());
        let restore = json!({ "identifier": CANARY, "password": PASSWORD });
        browser.post("/api/v1/auth/restore", restore).await.refused(401, "wrong_credentials");
        ann.get("/api/v1/me").await.expect(200);
        // The names are free again.
        world.person(CANARY).await;
    }
}

story! {
    async fn connections_and_notifications_are_taken_along(world: World) {
        let ann = world.person("ann").await;
        let names = ["follower", "followed", "friend", "asked", "asking", "blocked"];
        let mut others = Vec::new();
        for name in names {
            others.push(world.person(name).await);
        }
        let [follower, _, friend, _, asking, blocked] = &others[..] else { unreachable!() };
        for (who, path) in [
            (follower, "people/ann/follow"), (&ann, "people/followed/follow"), (friend, "people/ann/friend"),
            (&ann, "people/friend/friend"), (&ann, "people/asked/friend"), (asking, "people/ann/friend"),
            (blocked, "people/ann/follow"), (&ann, "people/blocked/block"),
        ] {
            world.wait(Duration::from_secs(1));
            assert!(who.put(&format!("/api/v1/{path}"), Vec::new()).await.status < 300, "{path}");
        }
        let muted = json!({ "muted": ["mention"] });
        let mute = ann.request(reqwest::Method::PUT, "/api/v1/me/notification-settings").json(&muted);
        ann.send(mute).await.expect(200);
        let export = ann.post("/api/v1/me/export", json!({ "password": PASSWORD })).await.expect(200);
        let listed = |list: &str| {
            let people = export["connections"][list].as_array().unwrap().iter();
            people.map(|person| person["username"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(listed("following"), ["friend", "followed"]);
        assert_eq!(listed("followers"), ["friend", "follower"]);
        assert_eq!(listed("friends"), ["friend"]);
        assert_eq!(listed("requests_sent"), ["asked"]);
        assert_eq!(listed("requests_received"), ["asking"]);
        assert_eq!(listed("blocks"), ["blocked"]);
        let at = export["connections"]["blocks"][0]["at"].as_u64().unwrap();
        assert_eq!(at, confab_social::clock::ManualClock::START_MILLIS + 8000);
        assert_eq!(export["notification_settings"], muted);
        assert_eq!(export["notifications"], ann.get("/api/v1/notifications").await.expect(200)["items"]);
        assert_eq!(export["notifications"].as_array().unwrap().len(), 2);
        // Whoever is blocked does not learn of it by taking their data along.
        let export = blocked.post("/api/v1/me/export", json!({ "password": PASSWORD })).await.expect(200);
        assert!(!export.to_string().contains("\"ann\""), "{export}");
    }
}

story! {
    async fn an_account_goes_when_its_time_has_come_and_not_a_minute_later(world: World) {
        let ann = world.person("ann").await;
        let grace = world.social.config.deletion_grace;
        ann.post("/api/v1/me/deletion", json!({ "password": PASSWORD })).await.expect(200);
        ann.sign_in("ann", PASSWORD).await.refused(403, "deletion_pending");
        // Nobody purges here but the house, which this wakes, and which goes to sleep again.
        world.wait(grace - Duration::from_secs(1));
        ann.sign_in("ann", PASSWORD).await.refused(403, "deletion_pending");
        world.wait(Duration::from_secs(1));
        let gone = async {
            while ann.sign_in("ann", PASSWORD).await.status != 401 {}
        };
        soon(gone).await;
    }
}
