//! Posts: written once, read by their audience, changed, liked and removed.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Answer, Browser, PASSWORD, World, fresh_id, photo, soon, story};

/// Writes a post; its id.
pub async fn post(browser: &Browser, text: &str, audience: &str) -> String {
    let wish = json!({ "client_id": fresh_id(), "text": text, "audience": audience });
    browser.post("/api/v1/posts", wish).await.expect(201)["id"].as_str().unwrap().to_owned()
}

pub async fn put(browser: &Browser, path: &str) -> Answer {
    browser.put(path, Vec::new()).await
}

/// Makes two people friends, who then follow each other.
async fn befriend((one, name): (&Browser, &str), (other, other_name): (&Browser, &str)) {
    put(one, &format!("/api/v1/people/{other_name}/friend")).await.expect(200);
    put(other, &format!("/api/v1/people/{name}/friend")).await.expect(200);
}

async fn upload(browser: &Browser) -> Value {
    let request = browser.request(reqwest::Method::POST, "/api/v1/me/post-images").body(photo(3000, 1000));
    browser.send(request).await.expect(201)
}

story! {
    async fn a_post_is_written_changed_and_removed(world: World) {
        let ann = world.person("ann").await;
        let wish = json!({ "client_id": fresh_id(), "text": " Hello\r\nthere ", "audience": "public" });
        let made = ann.post("/api/v1/posts", wish.clone()).await.expect(201);
        assert_eq!((&made["text"], &made["is_mine"], &made["liked"]), (&json!("Hello\nthere"), &json!(true), &json!(false)));
        assert_eq!((&made["author"]["username"], &made["edited_at"]), (&json!("ann"), &Value::Null));
        assert_eq!(made["counts"], json!({ "likes": 0, "comments": 0 }));
        assert_eq!(ann.post("/api/v1/posts", wish).await.expect(200), made);
        let path = format!("/api/v1/posts/{}", made["id"].as_str().unwrap());
        let mut seen = made.clone();
        seen["is_mine"] = json!(false);
        assert_eq!(world.browser().get(&path).await.expect(200), seen);
        assert_eq!(ann.get("/api/v1/people/ann").await.expect(200)["counts"]["posts"], 1);

        world.wait(Duration::from_secs(1));
        let changed = ann.patch(&path, json!({ "text": "Bye", "audience": "friends" })).await.expect(200);
        assert_eq!((&changed["text"], &changed["audience"]), (&json!("Bye"), &json!("friends")));
        assert_eq!(changed["edited_at"].as_i64().unwrap(), made["created_at"].as_i64().unwrap() + 1000);
        world.browser().get(&path).await.refused(404, "not_found");
        world.wait(Duration::from_secs(1));
        ann.patch(&path, json!({ "text": "Bye bye" })).await.expect(200);
        ann.patch(&path, json!({ "text": "Bye bye" })).await.expect(200);
        let history = ann.get(&format!("{path}/history")).await.expect(200);
        let version = |text: &str, audience: &str, at: &Value| json!({ "text": text, "audience": audience, "at": at });
        let expected = [version("Bye", "friends", &changed["edited_at"]), version("Hello\nthere", "public", &made["created_at"])];
        assert_eq!(history["items"], json!(expected));

        let ben = world.person("ben").await;
        ben.get(&format!("{path}/history")).await.refused(404, "not_found");
        ben.patch(&path, json!({ "text": "Mine" })).await.refused(404, "not_found");
        ben.delete(&path).await.refused(404, "not_found");
        ann.delete(&path).await.expect(204);
        ann.delete(&path).await.refused(404, "not_found");
        ann.get(&path).await.refused(404, "not_found");
        assert_eq!(ann.get("/api/v1/people/ann").await.expect(200)["counts"]["posts"], 0);
        let done = ann.get("/api/v1/me/activity").await.expect(200);
        let kinds: Vec<_> = done["items"].as_array().unwrap().iter().map(|entry| entry["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds[..4], ["post_deleted", "post_edited", "post_edited", "posted"]);
        assert_eq!(done["items"][3]["detail"], made["id"]);
    }
}

story! {
    async fn what_is_no_post_is_refused(world: World) {
        let ann = world.person("ann").await;
        let wish = |text: &str, images: Value| json!({ "client_id": fresh_id(), "text": text, "audience": "public", "images": images });
        for text in ["", " \n ", "a\0b", "\u{202e}abc", "a\u{7}", &"x".repeat(5001)] {
            ann.post("/api/v1/posts", wish(text, json!([]))).await.invalid("text");
        }
        ann.post("/api/v1/posts", wish(&"é".repeat(5000), json!([]))).await.expect(201);
        let id = fresh_id();
        let unknown = json!([{ "id": id, "alt": "" }]);
        let five: Vec<_> = (0..5).map(|_| json!({ "id": fresh_id(), "alt": "" })).collect();
        for images in [unknown, json!([{ "id": id, "alt": "" }, { "id": id, "alt": "" }]), json!(five)] {
            ann.post("/api/v1/posts", wish("x", images)).await.invalid("images");
        }
        let mut odd = wish("x", json!([]));
        odd["audience"] = json!("everybody");
        ann.post("/api/v1/posts", odd).await.refused(400, "invalid_message");
        assert_eq!(ann.get("/api/v1/people/ann").await.expect(200)["counts"]["posts"], 1);
    }
}

story! {
    async fn each_audience_reads_what_is_for_it(world: World) {
        let ann = world.person("ann").await;
        let [friend, follower, stranger, blocked] =
            [world.person("friend").await, world.person("follower").await, world.person("stranger").await, world.person("blocked").await];
        befriend((&friend, "friend"), (&ann, "ann")).await;
        put(&follower, "/api/v1/people/ann/follow").await.expect(200);
        put(&blocked, "/api/v1/people/ann/follow").await.expect(200);
        put(&ann, "/api/v1/people/blocked/block").await.expect(204);
        let readers = [("ann", &ann), ("friend", &friend), ("follower", &follower), ("stranger", &stranger), ("blocked", &blocked), ("nobody", &world.browser())];
        for (audience, may) in [
            ("public", [true, true, true, true, false, true]),
            ("followers", [true, true, true, false, false, false]),
            ("friends", [true, true, false, false, false, false]),
        ] {
            let id = post(&ann, audience, audience).await;
            ann.post(&format!("/api/v1/posts/{id}/comments"), json!({ "client_id": fresh_id(), "text": "c" })).await.expect(201);
            for ((name, reader), may) in readers.iter().zip(may) {
                for path in [format!("/api/v1/posts/{id}"), format!("/api/v1/posts/{id}/comments")] {
                    assert_eq!(reader.get(&path).await.status, if may { 200 } else { 404 }, "{name} {audience}");
                }
                let list = reader.get("/api/v1/people/ann/posts").await.json();
                let found = list["items"].as_array().is_some_and(|items| items.iter().any(|item| item["id"] == json!(id)));
                assert_eq!(found, may, "{name} {audience} in the profile");
                if *name == "nobody" {
                    put(reader, &format!("/api/v1/posts/{id}/like")).await.refused(401, "not_signed_in");
                    continue;
                }
                for path in ["/like", "/likes"] {
                    let answer = match path {
                        "/like" => put(reader, &format!("/api/v1/posts/{id}/like")).await,
                        _ => reader.get(&format!("/api/v1/posts/{id}/likes")).await,
                    };
                    assert_eq!(answer.status, if may { 200 } else { 404 }, "{name} {audience} {path}");
                }
                let home = reader.get("/api/v1/feed/home").await.expect(200);
                let in_home = home["items"].as_array().unwrap().iter().any(|item| item["id"] == json!(id));
                assert_eq!(in_home, may && *name != "stranger", "{name} {audience} at home");
                let discover = reader.get("/api/v1/feed/discover").await.expect(200);
                let found = discover["items"].as_array().unwrap().iter().any(|item| item["id"] == json!(id));
                assert_eq!(found, audience == "public" && may, "{name} {audience} discovered");
            }
        }
    }
}

story! {
    async fn likes_are_counted_once(world: World) {
        let (ann, ben) = (world.person("ann").await, world.person("ben").await);
        let id = post(&ann, "Hello", "public").await;
        let path = format!("/api/v1/posts/{id}/like");
        assert_eq!(put(&ben, &path).await.expect(200), json!({ "liked": true, "likes": 1 }));
        assert_eq!(put(&ben, &path).await.expect(200), json!({ "liked": true, "likes": 1 }));
        assert_eq!(put(&ann, &path).await.expect(200), json!({ "liked": true, "likes": 2 }));
        let likes = ben.get(&format!("/api/v1/posts/{id}/likes")).await.expect(200);
        assert_eq!(likes["items"].as_array().unwrap().len(), 2);
        assert_eq!(ben.delete(&path).await.expect(200), json!({ "liked": false, "likes": 1 }));
        assert_eq!(ben.delete(&path).await.expect(200), json!({ "liked": false, "likes": 1 }));
        assert_eq!(ann.get(&format!("/api/v1/posts/{id}")).await.expect(200)["counts"]["likes"], 1);
    }
}

story! {
    async fn the_same_post_sent_twenty_times_at_once_is_one(world: World) {
        let ann = world.person("ann").await;
        let image = upload(&ann).await;
        let images = json!([{ "id": image["id"], "alt": "A cat" }]);
        let wish = json!({ "client_id": fresh_id(), "text": "Once", "audience": "public", "images": images });
        let answers = futures_util::future::join_all((0..20).map(|_| ann.post("/api/v1/posts", wish.clone()))).await;
        let made = answers.iter().filter(|answer| answer.status == 201).count();
        assert_eq!(made, 1);
        for answer in &answers {
            assert!([200, 201].contains(&answer.status), "{}", answer.json());
            assert_eq!(answer.json()["id"], answers[0].json()["id"]);
            assert_eq!(answer.json()["images"][0]["id"], image["id"]);
        }
        assert_eq!(ann.get("/api/v1/people/ann").await.expect(200)["counts"]["posts"], 1);
        assert_eq!(ann.get("/api/v1/people/ann/posts").await.expect(200)["items"].as_array().unwrap().len(), 1);
    }
}

story! {
    async fn images_belong_to_one_post_and_go_with_it(world: World) {
        let (ann, ben) = (world.person("ann").await, world.person("ben").await);
        let (first, second) = (upload(&ann).await, upload(&ann).await);
        assert_eq!((&first["width"], &first["height"], &first["alt"]), (&json!(2048), &json!(683), &json!("")));
        let url = |image: &Value| image["url"].as_str().unwrap().to_owned();
        // While it waits only its owner sees it.
        assert_eq!(ann.get(&url(&first)).await.status, 200);
        ben.get(&url(&first)).await.refused(404, "not_found");
        let small = image::load_from_memory(&ann.get(first["small_url"].as_str().unwrap()).await.bytes).unwrap();
        assert_eq!((small.width(), small.height()), (640, 213));
        let wish = |images: Value| json!({ "client_id": fresh_id(), "text": "", "audience": "friends", "images": images });
        ben.post("/api/v1/posts", wish(json!([{ "id": first["id"], "alt": "" }]))).await.invalid("images");
        let images = json!([{ "id": second["id"], "alt": " Two " }, { "id": first["id"], "alt": "One" }]);
        let made = ann.post("/api/v1/posts", wish(images)).await.expect(201);
        let alts: Vec<_> = made["images"].as_array().unwrap().iter().map(|image| image["alt"].clone()).collect();
        assert_eq!(alts, [json!("Two"), json!("One")]);
        ann.post("/api/v1/posts", wish(json!([{ "id": first["id"], "alt": "" }]))).await.invalid("images");
        ann.delete(&format!("/api/v1/me/post-images/{}", first["id"].as_str().unwrap())).await.refused(404, "not_found");
        // Whoever may not read the post does not see it.
        ben.get(&url(&first)).await.refused(404, "not_found");
        befriend((&ben, "ben"), (&ann, "ann")).await;
        assert_eq!(ben.get(&url(&first)).await.status, 200);
        world.browser().get(&url(&first)).await.refused(404, "not_found");
        let path = format!("/api/v1/posts/{}", made["id"].as_str().unwrap());
        let fewer = ann.patch(&path, json!({ "images": [{ "id": first["id"], "alt": "Alone" }] })).await.expect(200);
        assert_eq!((fewer["images"].as_array().unwrap().len(), &fewer["images"][0]["alt"]), (1, &json!("Alone")));
        ann.get(&url(&second)).await.refused(404, "not_found");
        assert_eq!(world.images().len(), 2);
        ann.patch(&path, json!({ "images": [] })).await.invalid("text");
        assert_eq!(world.images().len(), 2);
        ann.delete(&path).await.expect(204);
        assert_eq!(world.images().len(), 0);
        ann.get(&url(&first)).await.refused(404, "not_found");
    }
}

story! {
    async fn images_that_wait_are_few_and_go_after_a_day(world: World) {
        let ann = world.person("ann").await;
        let mut last = Value::Null;
        for _ in 0..20 {
            last = upload(&ann).await;
        }
        let request = || ann.request(reqwest::Method::POST, "/api/v1/me/post-images").body(photo(8, 8));
        ann.send(request()).await.refused(409, "limit_reached");
        ann.delete(&format!("/api/v1/me/post-images/{}", last["id"].as_str().unwrap())).await.expect(204);
        assert_eq!(world.images().len(), 38);
        ann.send(request()).await.expect(201);
        world.wait(Duration::from_secs(24 * 3600));
        world.social.sweep().await.unwrap();
        // The server keeps house at the same moment, and may have taken the rows whose files it is removing.
        soon(async {
            while !world.images().is_empty() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await;
        ann.send(request()).await.expect(201);
    }
}

story! {
    async fn nothing_of_a_purged_account_is_left_or_counted(world: World) {
        let (ann, ben, carl) = (world.person("ann").await, world.person("ben").await, world.person("carl").await);
        let id = post(&ann, "Hello", "public").await;
        let path = format!("/api/v1/posts/{id}");
        let comment = async |browser: &Browser, parent: Option<&str>| {
            let wish = json!({ "client_id": fresh_id(), "text": "A comment", "parent": parent });
            browser.post(&format!("{path}/comments"), wish).await.expect(201)["id"].as_str().unwrap().to_owned()
        };
        upload(&ben).await;
        put(&ben, &format!("{path}/like")).await.expect(200);
        put(&carl, &format!("{path}/like")).await.expect(200);
        // One alone, one with a reply of another, one with a reply of the same, and a reply to somebody.
        comment(&ben, None).await;
        let answered = comment(&ben, None).await;
        comment(&carl, Some(&answered)).await;
        let own = comment(&ben, None).await;
        comment(&ben, Some(&own)).await;
        let carls = comment(&carl, None).await;
        comment(&ben, Some(&carls)).await;
        put(&ben, &format!("/api/v1/comments/{carls}/like")).await.expect(200);
        // A thread that is there only for a reply that goes.
        let removed = comment(&carl, None).await;
        comment(&ben, Some(&removed)).await;
        carl.delete(&format!("/api/v1/comments/{removed}")).await.expect(204);
        assert_eq!(ann.get(&path).await.expect(200)["counts"], json!({ "likes": 2, "comments": 9 }));
        ben.post("/api/v1/me/deletion", json!({ "password": PASSWORD })).await.expect(200);
        // It is hidden at once, with the threads below it.
        let shown = ann.get(&format!("{path}/comments")).await.expect(200);
        assert_eq!(shown["items"].as_array().unwrap().len(), 2);
        world.wait(Duration::from_secs(14 * 24 * 3600));
        world.social.purge().await.unwrap();
        assert_eq!(world.images().len(), 0);
        let after = world.browser();
        assert_eq!(after.get(&path).await.expect(200)["counts"], json!({ "likes": 1, "comments": 3 }));
        let list = after.get(&format!("{path}/comments")).await.expect(200);
        let by_id = |id: &str| list["items"].as_array().unwrap().iter().find(|item| item["id"] == id).unwrap();
        let [tombstone, other] = [by_id(&answered), by_id(&carls)];
        assert_eq!((&tombstone["author"], &tombstone["text"], &tombstone["replies"]), (&Value::Null, &json!(""), &json!(1)));
        assert_eq!((&other["id"], &other["replies"], &other["likes"]), (&json!(carls), &json!(0), &json!(0)));
        assert_eq!(list["items"].as_array().unwrap().len(), 2);
    }
}
