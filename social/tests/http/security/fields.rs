//! Fields that nobody may set.

use serde_json::{Value, json};

use super::surface::{everything_of, operations, picture};
use crate::support::{PASSWORD, World, story};

/// What an attacker would like to set.
fn extras() -> Vec<(&'static str, Value)> {
    vec![
        ("role", json!("admin")),
        ("is_admin", json!(true)),
        ("id", json!("01970000-0000-7000-8000-000000000000")),
        ("account_id", json!("01970000-0000-7000-8000-000000000000")),
        ("created_at", json!(0)),
        ("verified_at", json!(1)),
        ("deletion_at", json!(1)),
        ("is_suspended", json!(false)),
        ("password", json!("another good password")),
        ("email", json!("eve@example.org")),
        ("username", json!("eve")),
        ("__proto__", json!({ "is_admin": true })),
    ]
}

story! {
    async fn a_body_has_its_own_fields_and_no_others(world: World) {
        let ann = world.person("ann").await;
        let before = everything_of(&ann).await;
        let mut tried = 0;
        for operation in operations(&world) {
            let Some(body) = operation.good_body() else { continue };
            for place in operation.objects() {
                for (field, value) in extras() {
                    let mut body = body.clone();
                    let object = body.pointer_mut(&place).unwrap().as_object_mut().unwrap();
                    if object.contains_key(field) {
                        continue;
                    }
                    object.insert(field.to_owned(), value);
                    let answer = ann.send(operation.call_with(&ann, Some(body))).await;
                    let code = answer.json()["error"]["code"].clone();
                    let name = operation.name();
                    assert_eq!((answer.status, &code), (400, &json!("invalid_message")), "{name}: {place}/{field}");
                    tried += 1;
                }
            }
        }
        assert!(tried >= 140, "{tried}");
        assert_eq!(before, everything_of(&ann).await);
        ann.sign_in("ann", PASSWORD).await.expect(200);
        world.browser().sign_in("somebody", PASSWORD).await.refused(401, "wrong_credentials");
    }
}

story! {
    async fn a_field_that_is_there_twice_is_refused(world: World) {
        let ann = world.person("ann").await;
        let before = everything_of(&ann).await;
        for operation in operations(&world) {
            let Some(Value::Object(fields)) = operation.good_body() else { continue };
            for (field, value) in &fields {
                let all = Value::Object(fields.clone()).to_string();
                let twice = format!("{{\"{field}\":{value},{}", &all[1..]);
                let request = ann.request(operation.method.clone(), &operation.path);
                let answer = ann.send(request.header("content-type", "application/json").body(twice)).await;
                answer.refused(400, "invalid_message");
            }
        }
        assert_eq!(before, everything_of(&ann).await);
    }
}

story! {
    async fn parameters_that_a_route_does_not_have_are_refused(world: World) {
        let ann = world.person("ann").await;
        let before = everything_of(&ann).await;
        for operation in operations(&world).iter().filter(|operation| !operation.in_query.is_empty()) {
            for query in ["is_admin=true", "account_id=x", "limit=1&limit=2", "x=1&x=2", "order=password"] {
                let request = ann.request(operation.method.clone(), &format!("{}?{query}", operation.path));
                ann.send(request.body(picture())).await.refused(400, "invalid_message");
            }
        }
        assert_eq!(before, everything_of(&ann).await);
    }
}
