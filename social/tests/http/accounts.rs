//! Registering, verifying, forgetting, changing the password.

use std::time::Duration;

use serde_json::json;

use crate::support::{PASSWORD, World, email, registration, story, token_in};

story! {
    async fn somebody_registers_verifies_and_signs_in(world: World) {
        let browser = world.browser();
        browser.register("Ann.Lee").await;
        browser.sign_in("ann.lee", PASSWORD).await.refused(403, "email_not_verified");
        let token = world.token(&email("Ann.Lee"), "https://meet.example.org/verify#").await;
        let verified = browser.post("/api/v1/auth/verify", json!({ "token": token })).await.expect(200);
        assert_eq!(verified, json!({ "username": "Ann.Lee" }));
        browser.post("/api/v1/auth/verify", json!({ "token": token })).await.refused(400, "invalid_token");
        for name in ["ann.lee", " ANN.LEE ", "Ann.Lee@EXAMPLE.org"] {
            let me = browser.sign_in(name, PASSWORD).await.expect(200);
            assert_eq!((&me["username"], &me["email"]), (&json!("Ann.Lee"), &json!("Ann.Lee@example.org")));
        }
        let me = browser.get("/api/v1/me").await.expect(200);
        assert_eq!((&me["first_name"], &me["is_admin"], &me["picture"]), (&json!("Ann"), &json!(false), &json!(null)));
        browser.post("/api/v1/auth/logout", json!({})).await.expect(204);
        assert_eq!(browser.cookie(), None);
        browser.get("/api/v1/me").await.refused(401, "not_signed_in");
    }
}

story! {
    async fn names_are_unique_whatever_their_case(world: World) {
        world.person("ann").await;
        let browser = world.browser();
        let mut wish = registration("ben");
        wish["username"] = json!("ANN");
        browser.post("/api/v1/auth/register", wish).await.refused(409, "username_taken");
        // The address is taken too, but only its owner is told.
        let mut wish = registration("ben");
        wish["email"] = json!("ANN@example.org");
        assert_eq!(browser.post("/api/v1/auth/register", wish).await.expect(202), json!({}));
        let mail = world.mail(&email("ann"), |mail| !mail.text.contains("/verify#")).await;
        assert!(mail.subject.contains("Confab"), "{}", mail.subject);
    }
}

story! {
    async fn a_registration_does_not_tell_by_its_account_who_has_one(world: World) {
        world.person("ann").await;
        // Whoever registers a foreign address could otherwise see by what became of it whether it was free.
        for address in ["ann@example.org", "nobody@example.org"] {
            let browser = world.browser();
            let username = format!("spy.{}", &address[..3]);
            let mut wish = registration(&username);
            wish["email"] = json!(address);
            browser.post("/api/v1/auth/register", wish.clone()).await.expect(202);
            browser.sign_in(&username, PASSWORD).await.refused(403, "email_not_verified");
            browser.post("/api/v1/auth/register", wish.clone()).await.expect(202);
            wish["email"] = json!("other@example.org");
            browser.post("/api/v1/auth/register", wish).await.refused(409, "username_taken");
            browser.get(&format!("/api/v1/people/{username}")).await.refused(404, "not_found");
        }
        world.wait(Duration::from_secs(49 * 3600));
        world.social.purge().await.unwrap();
        world.browser().sign_in("spy.ann", PASSWORD).await.refused(401, "wrong_credentials");
    }
}

story! {
    async fn a_registration_that_nobody_verified_gives_way(world: World) {
        let browser = world.browser();
        browser.register("ann").await;
        let first = world.token(&email("ann"), "/verify#").await;
        let mut wish = registration("ann");
        wish["username"] = json!("other");
        browser.post("/api/v1/auth/register", wish).await.expect(202);
        browser.post("/api/v1/auth/verify", json!({ "token": first })).await.refused(400, "invalid_token");
        let is_new = |text: &str| token_in(text, "/verify#") != first;
        let mail = world.mail(&email("ann"), |mail| mail.text.contains("/verify#") && is_new(&mail.text)).await;
        let token = token_in(&mail.text, "/verify#");
        let verified = browser.post("/api/v1/auth/verify", json!({ "token": token })).await.expect(200);
        assert_eq!(verified["username"], "other");
        // After two days a registration is forgotten, and its names are free.
        browser.register("carl").await;
        world.token(&email("carl"), "/verify#").await;
        world.wait(Duration::from_secs(49 * 3600));
        world.social.purge().await.unwrap();
        world.person("carl").await;
    }
}

story! {
    async fn the_link_is_mailed_again_on_request(world: World) {
        let browser = world.browser();
        browser.register("ann").await;
        let first = world.token(&email("ann"), "/verify#").await;
        let again = browser.post("/api/v1/auth/resend", json!({ "email": email("ann") })).await.expect(202);
        assert_eq!(again, json!({}));
        let is_new = |text: &str| token_in(text, "/verify#") != first;
        world.mail(&email("ann"), |mail| mail.text.contains("/verify#") && is_new(&mail.text)).await;
        // Both links are good, until one is used or a day is over.
        world.wait(Duration::from_secs(24 * 3600));
        browser.post("/api/v1/auth/verify", json!({ "token": first })).await.refused(400, "invalid_token");
        let unknown = browser.post("/api/v1/auth/resend", json!({ "email": "nobody@example.org" })).await.expect(202);
        assert_eq!(unknown, json!({}));
    }
}

story! {
    async fn a_forgotten_password_is_set_anew_by_mail(world: World) {
        let ann = world.person("ann").await;
        let browser = world.browser();
        browser.post("/api/v1/auth/forgot", json!({ "email": "ANN@example.org" })).await.expect(202);
        let token = world.token(&email("ann"), "https://meet.example.org/reset#").await;
        let reset = |token: &str, password: &str| json!({ "token": token, "password": password });
        browser.post("/api/v1/auth/reset", reset(&token, "short")).await.invalid("password");
        browser.post("/api/v1/auth/reset", reset("guess", "a new long password")).await.refused(400, "invalid_token");
        browser.post("/api/v1/auth/reset", reset(&token, "a new long password")).await.expect(204);
        browser.post("/api/v1/auth/reset", reset(&token, "a new long password")).await.refused(400, "invalid_token");
        ann.get("/api/v1/me").await.refused(401, "not_signed_in");
        browser.sign_in("ann", PASSWORD).await.refused(401, "wrong_credentials");
        browser.sign_in("ann", "a new long password").await.expect(200);
        world.mail(&email("ann"), |mail| mail.text.contains("password") && !mail.text.contains("/reset#")).await;
        // Half an hour is all the time that there is.
        browser.post("/api/v1/auth/forgot", json!({ "email": email("ann") })).await.expect(202);
        let other = world.mail(&email("ann"), |mail| mail.text.contains("/reset#") && !mail.text.contains(&token)).await;
        world.wait(Duration::from_secs(30 * 60));
        let late = reset(&token_in(&other.text, "/reset#"), "a new long password");
        browser.post("/api/v1/auth/reset", late).await.refused(400, "invalid_token");
    }
}

story! {
    async fn the_password_is_changed_by_who_knows_it(world: World) {
        let ann = world.person("ann").await;
        let other = world.browser();
        other.sign_in("ann", PASSWORD).await.expect(200);
        let change = |current: &str, new: &str| json!({ "current": current, "new": new });
        ann.post("/api/v1/me/password", change("wrong", "a new long password")).await.refused(403, "wrong_password");
        ann.post("/api/v1/me/password", change(PASSWORD, "short")).await.invalid("new");
        ann.post("/api/v1/me/password", change(PASSWORD, "a new long password")).await.expect(204);
        ann.get("/api/v1/me").await.expect(200);
        other.get("/api/v1/me").await.refused(401, "not_signed_in");
        other.sign_in("ann", PASSWORD).await.refused(401, "wrong_credentials");
        other.sign_in("ann", "a new long password").await.expect(200);
        let activity = ann.get("/api/v1/me/activity").await.expect(200);
        let kinds: Vec<_> = activity["items"].as_array().unwrap().iter().map(|entry| entry["kind"].clone()).collect();
        assert_eq!(kinds, [json!("password_changed"), json!("email_verified"), json!("registered")]);
    }
}

story! {
    async fn an_administrator_is_made_by_the_operator(world: World) {
        let ann = world.person("ann").await;
        assert!(world.social.set_admin("ANN", true).await.unwrap());
        assert_eq!(ann.get("/api/v1/me").await.expect(200)["is_admin"], true);
        assert!(!world.social.set_admin("nobody", true).await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_may_close_registration() {
    let closed = |config: &mut confab_social::config::SocialConfig| config.registration = false;
    let world = World::with(crate::support::Engine::Sqlite, closed).await;
    let browser = world.browser();
    browser.post("/api/v1/auth/register", registration("ann")).await.refused(404, "not_found");
    assert_eq!(browser.get("/api/v1/server").await.expect(200)["registration"], false);
}
