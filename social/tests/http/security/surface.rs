//! Every route that there is, and how it is called rightly.

use reqwest::{Method, RequestBuilder};
use serde_json::{Map, Value, json};

use crate::support::{Browser, PASSWORD, World};

/// What somebody may do who has no account: paths, with a method where others of the path need an account. Every other
/// route is for people who are signed in.
pub const OPEN: [&str; 17] = [
    "/api/v1/server",
    "/api/v1/outbox",
    "/api/v1/auth/register",
    "/api/v1/auth/resend",
    "/api/v1/auth/verify",
    "/api/v1/auth/forgot",
    "/api/v1/auth/reset",
    "/api/v1/auth/login",
    "/api/v1/auth/restore",
    "/api/v1/auth/logout",
    "/api/v1/people/{username}",
    "/api/v1/people/{username}/posts",
    "GET /api/v1/posts/{id}",
    "GET /api/v1/posts/{id}/comments",
    "GET /api/v1/comments/{id}",
    "/api/v1/comments/{id}/replies",
    "/media/{key}",
];

/// A method of a path.
#[derive(Debug, Clone)]
pub struct Operation {
    pub method: Method,
    pub path: String,
    /// Names of the parameters in its path.
    pub in_path: Vec<String>,
    /// Names of the parameters behind its `?`.
    pub in_query: Vec<String>,
    pub body: Body,
}

/// What an operation takes.
#[derive(Debug, Clone)]
pub enum Body {
    None,
    Bytes,
    /// JSON by this schema, in which nothing refers to anything else.
    Json(Value),
}

/// All operations of a server.
pub fn operations(world: &World) -> Vec<Operation> {
    let (_, api) = confab_social::routes::<()>(&world.social);
    let api = serde_json::to_value(api).unwrap();
    let mut found = Vec::new();
    for (path, methods) in api["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            found.push(describe(&api, path, method, operation));
        }
    }
    assert!(found.len() >= 28, "the description has lost routes");
    found
}

fn describe(api: &Value, path: &str, method: &str, operation: &Value) -> Operation {
    let name = |parameter: &Value| parameter["name"].as_str().unwrap().to_owned();
    let list = operation["parameters"].as_array().cloned().unwrap_or_default();
    let of = |place: &str| list.iter().filter(|parameter| parameter["in"] == place).map(name).collect::<Vec<_>>();
    let (in_path, in_query) = (of("path"), of("query"));
    assert_eq!(in_path.len() + in_query.len(), list.len(), "{path}: a parameter of an unknown place");
    assert_eq!(path.matches('{').count(), in_path.len(), "{path}: an undescribed parameter");
    let content = operation["requestBody"]["content"].as_object().cloned().unwrap_or_default();
    let body = match content.iter().next() {
        None => Body::None,
        Some((kind, _)) if kind == "application/octet-stream" => Body::Bytes,
        Some((kind, media)) if kind == "application/json" => Body::Json(resolve(api, &media["schema"])),
        Some((kind, _)) => panic!("{path}: nobody knows how to send {kind}"),
    };
    let method = method.to_uppercase().parse().unwrap();
    Operation { method, path: path.to_owned(), in_path, in_query, body }
}

/// A schema with what it refers to put in.
fn resolve(api: &Value, schema: &Value) -> Value {
    if let Some(name) = schema["$ref"].as_str() {
        let place = name.strip_prefix('#').unwrap();
        return resolve(api, api.pointer(place).unwrap());
    }
    match schema {
        Value::Object(fields) => fields.iter().map(|(key, value)| (key.clone(), resolve(api, value))).collect(),
        Value::Array(items) => items.iter().map(|item| resolve(api, item)).collect(),
        plain => plain.clone(),
    }
}

impl Operation {
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    pub fn is_safe(&self) -> bool {
        self.method == Method::GET
    }

    pub fn is_open(&self) -> bool {
        OPEN.contains(&self.path.as_str()) || OPEN.contains(&self.name().as_str())
    }

    /// Its path with one value for each parameter.
    pub fn path_with(&self, value: &str) -> String {
        let encoded = encode(value);
        self.in_path.iter().fold(self.path.clone(), |path, name| path.replace(&format!("{{{name}}}"), &encoded))
    }

    /// The same with a name of its own for whoever the path names behind something else.
    pub fn path_about(&self, value: &str, username: &str) -> String {
        let path = match self.in_path.first().map(String::as_str) {
            Some("username") | None => self.path.clone(),
            Some(_) => self.path.replace("{username}", &encode(username)),
        };
        self.in_path.iter().fold(path, |path, name| path.replace(&format!("{{{name}}}"), &encode(value)))
    }

    /// Its path with something in it that has the right form and that there is not.
    pub fn some_path(&self) -> String {
        let value = self.in_path.first().map_or("", |name| match name.as_str() {
            "id" => "01970000-0000-7000-8000-000000000000",
            "username" => "nobody",
            "key" => "00000000000000000000000000000000.jpg",
            other => panic!("{}: nobody knows a value for {other}; say one here", self.path),
        });
        self.path_with(value)
    }

    /// A body that is right.
    pub fn good_body(&self) -> Option<Value> {
        match &self.body {
            Body::Json(schema) => Some(example(&self.path, "", schema)),
            _ => None,
        }
    }

    /// A right call.
    pub fn call(&self, browser: &Browser) -> RequestBuilder {
        self.call_with(browser, self.good_body())
    }

    /// A call with this body, if it takes JSON.
    pub fn call_with(&self, browser: &Browser, body: Option<Value>) -> RequestBuilder {
        // Whoever searches has to say what for.
        let query = if self.in_query.iter().any(|name| name == "q") { "?q=Ann" } else { "" };
        let request = browser.request(self.method.clone(), &(self.some_path() + query));
        match (&self.body, body) {
            (Body::Json(_), Some(body)) => request.json(&body),
            (Body::Bytes, _) => request.body(picture()),
            _ => request,
        }
    }

    /// The places of all texts in its body, as JSON pointers.
    pub fn texts(&self) -> Vec<String> {
        let mut found = Vec::new();
        if let Some(body) = self.good_body() {
            leaves(&body, "", &mut |place, leaf| {
                if leaf.is_string() {
                    found.push(place.to_owned());
                }
            });
        }
        found
    }

    /// The places of all values in its body.
    pub fn values(&self) -> Vec<String> {
        let mut found = Vec::new();
        if let Some(body) = self.good_body() {
            leaves(&body, "", &mut |place, _| found.push(place.to_owned()));
        }
        found
    }

    /// The places of all objects in its body.
    pub fn objects(&self) -> Vec<String> {
        let mut found = vec![String::new()];
        found.extend(self.values().iter().filter_map(|place| Some(place.rsplit_once('/')?.0.to_owned())));
        found.sort();
        found.dedup();
        let body = self.good_body().unwrap_or_default();
        found.retain(|place| body.pointer(place).is_some_and(Value::is_object));
        found
    }
}

fn leaves(value: &Value, place: &str, tell: &mut dyn FnMut(&str, &Value)) {
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(key, value)| leaves(value, &format!("{place}/{key}"), tell));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| leaves(item, &format!("{place}/{index}"), tell));
        }
        leaf => tell(place, leaf),
    }
}

/// A value that a schema allows, by the name of its field.
fn example(path: &str, field: &str, schema: &Value) -> Value {
    let is =
        |kind: &str| schema["type"] == kind || schema["type"].as_array().is_some_and(|all| all.contains(&kind.into()));
    if let Some(choice) = schema["oneOf"].as_array().or(schema["anyOf"].as_array()) {
        let some = choice.iter().find(|choice| choice["type"] != "null").unwrap();
        return example(path, field, some);
    }
    if is("object") && schema["properties"].is_object() {
        let fields = schema["properties"].as_object().unwrap();
        let fields = fields.iter().map(|(name, schema)| (name.clone(), example(path, name, schema)));
        return Value::Object(fields.collect::<Map<_, _>>());
    }
    match field {
        // What a post shows must have been uploaded by the same person before, and whom one invites must be there.
        "images" | "people" | "attachments" => json!([]),
        _ if is("array") => json!([example(path, field, &schema["items"])]),
        "visibility" => json!({ "bio": "followers" }),
        "" if is("object") => json!({}),
        _ if is("boolean") => json!(true),
        "size" => json!(1000),
        _ if is("integer") => json!(1),
        _ if is("string") => json!(text(path, field)),
        _ => panic!("{path}: nobody knows a value for {field}: {schema}"),
    }
}

fn text(path: &str, field: &str) -> &'static str {
    match field {
        "email" => "somebody@example.org",
        "identifier" | "username" | "to" => "somebody",
        "first_name" | "last_name" | "name" | "title" | "bio" | "about" | "address" | "subject" => "Changed",
        "password" | "current" => PASSWORD,
        "new" => "another good password",
        "token" => "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "country" => "JP",
        "text" => "Changed",
        "audience" => "friends",
        "media" => "video",
        "role" => "moderator",
        "client_id" | "parent" | "reply_to" => "01970000-0000-7000-8000-0000000000c1",
        "url" => "https://example.org/changed",
        "endpoint" => "https://push.example.org/changed",
        "muted" => "mention",
        other => panic!("{path}: nobody knows a text for {other}; say one here"),
    }
}

/// A text as a part of a path or the value of a parameter.
pub fn encode(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    let encode = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(encode).collect()
}

/// A small picture.
pub fn picture() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(64, 64).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// Puts a value into a body.
pub fn with(mut body: Value, place: &str, value: Value) -> Value {
    *body.pointer_mut(place).unwrap() = value;
    body
}

/// All that somebody can see of their own, and would miss or wonder about.
pub async fn everything_of(browser: &Browser) -> Vec<Value> {
    let mut all = Vec::new();
    for path in [
        "/me",
        "/me/profile",
        "/me/sessions",
        "/me/logins",
        "/me/activity",
        "/notifications",
        "/me/push",
        "/conversations",
        "/letters/inbox",
        "/letters/sent",
    ] {
        all.push(browser.get(&format!("/api/v1{path}")).await.expect(200));
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_can_be_called_by_its_description() {
    let world = World::new(crate::support::Engine::Sqlite).await;
    let operations = operations(&world);
    for path in OPEN {
        let is_it = |operation: &Operation| operation.path == path || operation.name() == path;
        assert!(operations.iter().any(is_it), "{path} is gone; take it out of the list");
    }
    for (index, operation) in operations.iter().enumerate() {
        let browser = world.person(&format!("person{index}")).await;
        let answer = browser.send(operation.call(&browser)).await;
        let json = answer.json();
        let code = json["error"]["code"].as_str().unwrap_or("");
        let is_known = ["not_found", "invalid_token", "wrong_credentials", "email_not_verified"].contains(&code);
        let is_good = answer.status < 300 || (is_known && answer.status < 500);
        // A WebSocket's handshake is more than a request.
        assert!(is_good || operation.path == "/api/v1/events", "{}: {} {json}", operation.name(), answer.status);
    }
    assert!(operations.iter().flat_map(Operation::texts).count() >= 27, "the fields of bodies are found");
}
