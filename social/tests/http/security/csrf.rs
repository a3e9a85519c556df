//! Requests that a foreign page makes a browser send.

use reqwest::header::{HeaderName, ORIGIN};
use serde_json::json;

use super::surface::{everything_of, operations, picture};
use crate::support::{World, email, story};

story! {
    async fn what_changes_something_needs_our_header_and_an_origin(world: World) {
        let ann = world.person("ann").await;
        ann.put("/api/v1/me/picture", picture()).await.expect(200);
        ann.put("/api/v1/me/cover", picture()).await.expect(200);
        world.browser().sign_in("ann", crate::support::PASSWORD).await.expect(200);
        let before = everything_of(&ann).await;
        let mut tried = 0;
        for operation in operations(&world).iter().filter(|operation| !operation.is_safe()) {
            let ours = HeaderName::from_static("x-confab");
            for missing in [&[ours.clone()][..], &[ORIGIN], &[ours, ORIGIN]] {
                let mut request = operation.call(&ann).build().unwrap();
                for name in missing {
                    assert!(request.headers_mut().remove(name).is_some());
                }
                let answer = ann.send(rebuild(request)).await;
                assert_eq!(
                    (answer.status, answer.json()["error"]["code"].as_str()), (403, Some("csrf")),
                    "{} without {missing:?}", operation.name(),
                );
                assert!(!answer.headers.contains_key("set-cookie"));
            }
            // With both it is refused for other reasons at most.
            let answer = world.browser().send(operation.call(&world.browser())).await;
            assert_ne!(answer.json()["error"]["code"], "csrf", "{}", operation.name());
            tried += 1;
        }
        assert!(tried >= 17, "{tried}");
        assert_eq!(before, everything_of(&ann).await);
        // Not even a mail was sent to her; the one to somebody else shows that all before it have gone.
        world.browser().register("last").await;
        world.token(&email("last"), "/verify#").await;
        let mails = world.browser().get("/api/v1/outbox").await.expect(200);
        let to_ann = mails["items"].as_array().unwrap().iter().filter(|mail| mail["to"] == json!(email("ann")));
        assert_eq!(to_ann.count(), 1);
    }
}

/// A request that was taken apart, as one that can be sent.
fn rebuild(request: reqwest::Request) -> reqwest::RequestBuilder {
    reqwest::RequestBuilder::from_parts(reqwest::Client::new(), request)
}
