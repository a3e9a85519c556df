//! The SDK's types are generated from the protocol and from the answers of accounts and people; these tests write them
//! down and fail when they drift.

// Helpers of tests fail by panicking, like tests.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::Path;

use confab_sfu::control::Source;
use confab_signalling::protocol::{ClientMessage, SUBPROTOCOL, ServerMessage, VERSION};
use confab_social::{
    accounts, activity, attachments, comments, connections, conversations, letters, messages, notifications, posts,
    profiles, search, sessions,
};
use ts_rs::{Config, TS, TypeVisitor};

const HEADER: &str = "// Generated from signalling/src/protocol.rs; do not edit. To regenerate:\n\
                      // UPDATE_PROTOCOL=1 cargo nextest run -p confab-signalling types\n";

const SOCIAL_HEADER: &str = "// Generated from the answers of social/src; do not edit. To regenerate:\n\
                             // UPDATE_PROTOCOL=1 cargo nextest run -p confab-signalling types\n\
                             // All times are milliseconds since 1970.\n";

/// The line width that web/.prettierrc.json sets: the file must pass `prettier --check`.
const WIDTH: usize = 120;

/// The declarations of a type and of all that it uses, by name: ts-rs visits them in another order at each build.
struct Declarations {
    config: Config,
    types: BTreeMap<String, String>,
}

impl TypeVisitor for Declarations {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        // Only types that are declared somewhere have a path: no primitives, no lists.
        let name = T::ident(&self.config);
        if T::output_path().is_none() || self.types.contains_key(&name) {
            return;
        }
        let docs = comment(&T::docs().unwrap_or_default());
        self.types.insert(name, format!("\n{docs}\nexport {}\n", declaration(&T::decl(&self.config))));
        T::visit_dependencies(self);
    }
}

/// A documentation comment on one line.
fn comment(docs: &str) -> String {
    let lines = docs.lines().map(|line| line.trim().trim_start_matches('/').trim_end_matches('/'));
    let words: Vec<_> = lines.map(|line| line.trim_matches('*').trim()).filter(|line| !line.is_empty()).collect();
    format!("/** {} */", words.join(" "))
}

/// A declaration of ts-rs in the way prettier wants it: objects with a field a line, unions with a variant a line.
fn declaration(decl: &str) -> String {
    let (head, body) = decl.trim_end_matches(';').split_once(" = ").unwrap();
    if body.starts_with('"') {
        return union(head, &body.replace('"', "'").split(" | ").map(str::to_owned).collect::<Vec<_>>());
    }
    let objects: Vec<_> = body.split("} | {").map(|object| members(object.trim_matches(['{', '}']))).collect();
    match objects.as_slice() {
        [object] => format!("{head} = {}", braces(object, 0)),
        objects => union(head, &objects.iter().map(|object| braces(object, 4)).collect::<Vec<_>>()),
    }
}

fn union(head: &str, variants: &[String]) -> String {
    let all = variants.join(" | ");
    if !all.contains('\n') {
        if format!("export {head} = {all}").len() <= WIDTH {
            return format!("{head} = {all}");
        }
        if all.len() + 2 <= WIDTH {
            return format!("{head} =\n  {all}");
        }
    }
    format!("{head} =\n  | {}", variants.join("\n  | "))
}

fn braces(members: &[String], indent: usize) -> String {
    match members {
        [only] => format!("{{ {only} }}"),
        members => {
            let pad = " ".repeat(indent);
            format!("{{\n{pad}  {}\n{pad}}}", members.join(&format!("\n{pad}  ")))
        }
    }
}

/// The comments and fields of an object, in order.
fn members(mut object: &str) -> Vec<String> {
    let mut members = Vec::new();
    while let Some(first) = object.find(|letter: char| !letter.is_whitespace()) {
        object = &object[first..];
        let is_comment = object.starts_with("/**");
        let end = if is_comment { object.find("*/").unwrap() + 2 } else { object.find(',').unwrap_or(object.len()) };
        let (member, rest) = object.split_at(end);
        members.push(match is_comment {
            true => comment(member),
            false => member.trim().replace("\"type\":", "type:").replace('"', "'"),
        });
        object = rest.trim_start_matches(',');
    }
    members
}

fn typescript() -> String {
    let mut types = Declarations { config: Config::new(), types: BTreeMap::new() };
    types.visit::<ClientMessage>();
    types.visit::<ServerMessage>();
    let sources = Source::ALL.map(|source| serde_json::to_string(&source).unwrap()).join(" | ").replace('"', "'");
    let values = [
        ("The protocol's version, for `hello`.", format!("const VERSION = {VERSION}")),
        ("The WebSocket subprotocol.", format!("const SUBPROTOCOL = '{SUBPROTOCOL}'")),
        ("What a published track carries.", format!("type Source = {sources}")),
    ];
    let values: String = values.iter().map(|(docs, value)| format!("\n/** {docs} */\nexport {value}\n")).collect();
    types.types.into_values().fold(format!("{HEADER}{values}"), |text, declaration| text + &declaration)
}

/// The answers of accounts and people.
fn social() -> String {
    let mut types = Declarations { config: Config::new(), types: BTreeMap::new() };
    types.visit::<confab_social::ServerInfo>();
    types.visit::<accounts::Me>();
    types.visit::<accounts::own::DeletionPending>();
    types.visit::<accounts::routes::Verified>();
    types.visit::<profiles::OwnProfile>();
    types.visit::<profiles::Profile>();
    types.visit::<profiles::ProfileField>();
    types.visit::<profiles::MessagesFrom>();
    types.visit::<confab_social::presence::Presence>();
    types.visit::<confab_social::page::Page<profiles::Person>>();
    types.visit::<profiles::Person>();
    types.visit::<connections::Connection>();
    types.visit::<connections::Suggestions>();
    types.visit::<posts::Post>();
    types.visit::<posts::Liked>();
    types.visit::<posts::PostVersion>();
    types.visit::<comments::Comment>();
    types.visit::<attachments::UploadState>();
    types.visit::<letters::Letter>();
    types.visit::<letters::LetterSummary>();
    types.visit::<letters::LetterThread>();
    types.visit::<letters::UnreadLetters>();
    types.visit::<notifications::Notification>();
    types.visit::<notifications::Unread>();
    types.visit::<notifications::NotificationSettings>();
    types.visit::<confab_social::rings::Ring>();
    types.visit::<search::SearchResult>();
    types.visit::<conversations::Conversation>();
    types.visit::<conversations::Member>();
    types.visit::<conversations::ChatRoom>();
    types.visit::<conversations::UnreadConversations>();
    types.visit::<messages::MessageChanges>();
    types.visit::<sessions::SessionInfo>();
    types.visit::<sessions::LoginEntry>();
    types.visit::<activity::ActivityEntry>();
    types.visit::<confab_social::mail::OutboxMail>();
    types.visit::<confab_social::events::SocialEvent>();
    types.visit::<confab_social::events::SocialRequest>();
    types.visit::<confab_social::visibility::Visibility>();
    types.visit::<confab_social::error::Code>();
    types.types.into_values().fold(SOCIAL_HEADER.to_owned(), |text, declaration| text + &declaration)
}

#[test]
fn types_of_the_protocol_are_up_to_date() {
    check("protocol.ts", &typescript());
}

#[test]
fn types_of_people_are_up_to_date() {
    check("social-types.ts", &social());
}

fn check(file: &str, generated: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../web/sdk/src").join(file);
    if std::env::var_os("UPDATE_PROTOCOL").is_some() {
        std::fs::write(&path, generated).unwrap();
    }
    let present = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(present == generated, "web/sdk/src/{file} is out of date: run this test with UPDATE_PROTOCOL=1");
}
