//! What people tell of themselves, and to whom.

use serde_json::{Value, json};

use crate::support::{World, story};

story! {
    async fn a_profile_is_edited_field_by_field(world: World) {
        let ann = world.person("ann").await;
        let change = json!({
            "first_name": " Änne ", "last_name": "李", "bio": "I say \"hello\" <b>often</b>.",
            "about": "Line one\n\nLine two", "address": "Main Street 1", "country": "DE",
            "links": [{ "title": "Site", "url": "https://example.org/ann" }], "findable_by_email": true,
        });
        let own = ann.patch("/api/v1/me/profile", change.clone()).await.expect(200);
        for field in ["last_name", "bio", "about", "address", "country", "links", "findable_by_email"] {
            assert_eq!(own[field], change[field], "{field}");
        }
        assert_eq!(own["first_name"], "Änne");
        assert_eq!(own, ann.get("/api/v1/me/profile").await.expect(200));
        assert_eq!(ann.get("/api/v1/me").await.expect(200)["first_name"], "Änne");
        let removed = json!({ "bio": null, "about": "", "country": null, "links": [] });
        let own = ann.patch("/api/v1/me/profile", removed).await.expect(200);
        assert_eq!((&own["bio"], &own["about"], &own["country"]), (&Value::Null, &Value::Null, &Value::Null));
        assert_eq!((&own["links"], &own["address"]), (&json!([]), &json!("Main Street 1")), "what is absent stays");
        let activity = ann.get("/api/v1/me/activity").await.expect(200);
        assert_eq!(activity["items"][0]["kind"], "profile_changed");
        assert_eq!(activity["items"][0]["detail"], "bio, about, country, links");
    }
}

story! {
    async fn bad_values_change_nothing(world: World) {
        let ann = world.person("ann").await;
        let before = ann.get("/api/v1/me/profile").await.expect(200);
        let many: Vec<_> = (0..9).map(|_| json!({ "title": "Site", "url": "https://example.org" })).collect();
        for (change, field) in [
            (json!({ "first_name": "" }), "first_name"),
            (json!({ "last_name": "x".repeat(61) }), "last_name"),
            (json!({ "bio": "x".repeat(201) }), "bio"),
            (json!({ "bio": "a\nb" }), "bio"),
            (json!({ "about": "x".repeat(5001) }), "about"),
            (json!({ "address": "\u{202e}x" }), "address"),
            (json!({ "country": "XX" }), "country"),
            (json!({ "links": [{ "title": "x", "url": "javascript:alert(1)" }] }), "links"),
            (json!({ "links": many }), "links"),
        ] {
            ann.patch("/api/v1/me/profile", change).await.invalid(field);
        }
        for change in [
            json!({ "is_admin": true }), json!({ "username": "eve" }), json!({ "visibility": { "email": "public" } }),
            json!({ "visibility": { "bio": "friends" } }), json!({ "links": [{ "title": "x", "url": "https://x.org", "id": 1 }] }),
            json!([]), json!("x"),
        ] {
            ann.patch("/api/v1/me/profile", change).await.refused(400, "invalid_message");
        }
        assert_eq!(before, ann.get("/api/v1/me/profile").await.expect(200));
    }
}

story! {
    async fn each_field_is_shown_to_whom_its_owner_wants(world: World) {
        let ann = world.person("ann").await;
        let ben = world.person("ben").await;
        let fill = json!({
            "bio": "bio", "about": "about", "address": "address", "country": "JP",
            "links": [{ "title": "Site", "url": "https://example.org" }],
            "visibility": { "about": "followers", "address": "nobody", "links": "nobody" },
        });
        let own = ann.patch("/api/v1/me/profile", fill).await.expect(200);
        assert_eq!(own["visibility"]["bio"], "public");
        assert_eq!(own["visibility"]["address"], "nobody");
        for viewer in [&ben, &world.browser()] {
            let shown = viewer.get("/api/v1/people/ANN").await.expect(200);
            assert_eq!((&shown["bio"], &shown["country"]), (&json!("bio"), &json!("JP")));
            assert_eq!((&shown["about"], &shown["address"], &shown["links"]), (&Value::Null, &Value::Null, &json!([])));
            assert_eq!(shown["is_me"], false);
            let text = shown.to_string();
            assert!(!text.contains("@example.org") && !text.contains("visibility"), "{text}");
        }
        let mine = ann.get("/api/v1/people/ann").await.expect(200);
        assert_eq!((&mine["address"], &mine["is_me"]), (&json!("address"), &json!(true)));
        ben.get("/api/v1/people/nobody").await.refused(404, "not_found");
    }
}
