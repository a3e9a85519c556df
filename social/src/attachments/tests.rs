//! What messages do with attachments, on both databases.

use axum::body::Bytes;
use uuid::Uuid;

use super::*;
use crate::conversations::store as conversations;
use crate::conversations::{MemberState, Role};
use crate::db::{Sql as _, Tx, args};
use crate::error::{ApiError, Code};
use crate::id::{AccountId, AttachmentId, ConversationId, MessageId};
use crate::limits::{MAX_ATTACHED, MAX_STORED_BYTES};
use crate::messages::MessageKind;
use crate::messages::store::{self as messages, NewRow};
use crate::plans::{postgres, run};
use crate::scratch::Scratch;
use crate::state::Social;

/// An account, by its number.
async fn account(social: &Social, number: u128) -> AccountId {
    let (id, name) = (AccountId(Uuid::from_u128(number)), format!("person{number}"));
    let sql = "INSERT INTO accounts (id, username, username_key, email, email_key, first_name, last_name, password,
            is_admin, is_suspended, created_at, verified_at)
        VALUES ($1, $2, $2, $2, $2, $2, $2, $2, $3, $3, 0, 0)";
    let mut db = social.db();
    db.run(sql, args![id, name, false]).await.unwrap();
    let sql = "INSERT INTO account_counts (account_id, followers, following, friends, posts) VALUES ($1, 0, 0, 0, 0)";
    db.run(sql, args![id]).await.unwrap();
    let sql = "INSERT INTO profiles (account_id, links, visibility, findable_by_email) VALUES ($1, '[]', '{}', $2)";
    db.run(sql, args![id, false]).await.unwrap();
    id
}

/// An upload of a text, of which all or only the first letter has arrived.
async fn upload(social: &Social, owner: AccountId, text: &'static str, is_whole: bool) -> AttachmentId {
    let wish = (Uuid::from_u128(rand::random()), format!("{text}.txt"), i64::try_from(text.len()).unwrap());
    let row = write::begin(social, owner, wish).await.unwrap().unwrap();
    let bytes = if is_whole { text } else { &text[..1] };
    let state = write::append(social, (owner, row.id), 0, Bytes::from(bytes)).await.unwrap();
    assert_eq!(state.attachment.is_some(), is_whole);
    row.id
}

/// A message in a conversation of its author's own; its id.
async fn message(social: &Social, author: AccountId) -> Uuid {
    let now = social.clock.now();
    let (here, id) = (ConversationId(Uuid::from_u128(rand::random())), MessageId(Uuid::from_u128(rand::random())));
    let mut tx = social.db().begin().await.unwrap();
    conversations::add(&mut tx, here, conversations::New::Group("Files"), now).await.unwrap();
    conversations::add_member(&mut tx, (here, author), (Role::Owner, MemberState::Joined), now).await.unwrap();
    let (author, kind) = (Some(author), MessageKind::Text);
    let new = NewRow { id, conversation: here, seq: 1, author, client_id: id.0, kind, text: "See", reply_to: None };
    messages::add(&mut tx, &new, now).await.unwrap();
    tx.commit().await.unwrap();
    id.0
}

async fn attach(social: &Social, owner: AccountId, message: Uuid, ids: &[AttachmentId]) -> Result<(), ApiError> {
    let mut tx = social.db().begin().await.unwrap();
    store::attach(&mut tx, owner, message, ids).await?;
    tx.commit().await.unwrap();
    Ok(())
}

async fn names(social: &Social, messages: &[Uuid]) -> Vec<Vec<String>> {
    let mut found = store::of_messages(&mut social.db(), messages).await.unwrap();
    let mut of = |id| found.remove(id).unwrap_or_default().into_iter().map(|attachment| attachment.name).collect();
    messages.iter().map(&mut of).collect()
}

async fn remove(social: &Social, message: Uuid) {
    let mut tx: Tx = social.db().begin().await.unwrap();
    let files = store::remove_of_message(&mut tx, message).await.unwrap();
    tx.commit().await.unwrap();
    forget(social, files).await;
}

/// How many files there are.
fn stored(folder: &std::path::Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.map(|path| if path.is_dir() { stored(&path) } else { 1 }).sum()
}

async fn attachments_go_with_their_messages(social: &Social, folder: &std::path::Path) {
    let (ann, ben) = (account(social, 1).await, account(social, 2).await);
    let [first, second] = [message(social, ann).await, message(social, ann).await];
    let [one, two, three] = [
        upload(social, ann, "one", true).await,
        upload(social, ann, "two", true).await,
        upload(social, ann, "three", true).await,
    ];
    attach(social, ann, first, &[two, one]).await.unwrap();
    attach(social, ann, second, &[three]).await.unwrap();
    assert_eq!(names(social, &[first, second]).await, [vec!["two.txt", "one.txt"], vec!["three.txt"]]);
    assert_eq!(names(social, &[Uuid::from_u128(9)]).await, [Vec::<String>::new()]);
    assert!(names(social, &[]).await.is_empty());

    // What is taken, somebody else's, not whole, unknown or named twice belongs to no other message, and nothing of such a
    // wish happens.
    let (foreign, half, free) = (
        upload(social, ben, "foreign", true).await,
        upload(social, ann, "half", false).await,
        upload(social, ann, "free", true).await,
    );
    let unknown = AttachmentId(Uuid::from_u128(7));
    for ids in [vec![free, one], vec![free, foreign], vec![free, half], vec![free, unknown], vec![free, free]] {
        let refused = attach(social, ann, second, &ids).await;
        assert_eq!(refused.unwrap_err().code(), Code::InvalidValue, "{ids:?}");
    }
    assert!(attach(social, ann, second, &[free; MAX_ATTACHED + 1]).await.is_err());
    assert_eq!(names(social, &[first, second]).await, [vec!["two.txt", "one.txt"], vec!["three.txt"]]);

    // They are no uploads any more: neither can they be taken back, nor do they go after a day.
    assert!(!write::discard(social, ann, one).await.unwrap());
    assert_eq!(stored(folder), 6);
    let mut tx = social.db().begin().await.unwrap();
    let mut later = social.clock.now();
    later.unix_millis += 25 * 3_600_000;
    let forgotten = store::remove_forgotten(&mut tx, later).await.unwrap();
    tx.commit().await.unwrap();
    forget(social, forgotten).await;
    assert_eq!(stored(folder), 3);
    remove(social, first).await;
    assert_eq!(names(social, &[first, second]).await, [vec![], vec!["three.txt"]]);
    assert_eq!(stored(folder), 1);
    assert!(store::shown(&mut social.db(), ann, one).await.unwrap().is_none());
    assert!(store::shown(&mut social.db(), ann, three).await.unwrap().is_some());
    assert!(store::shown(&mut social.db(), ben, three).await.unwrap().is_none());
    // Whose attachments take up all that they may attaches nothing more; others do.
    let sql = "UPDATE attachments SET size = $2 WHERE id = $1";
    social.db().run(sql, args![three, MAX_STORED_BYTES]).await.unwrap();
    let more = |owner| write::begin(social, owner, (Uuid::from_u128(rand::random()), "more".into(), 1));
    assert_eq!(more(ann).await.unwrap_err().code(), Code::LimitReached);
    assert!(more(ben).await.unwrap().is_some());
    // What goes with an account or a conversation leaves files that the sweep finds.
    social.db().run("DELETE FROM attachments WHERE account_id = $1", args![ann]).await.unwrap();
    write::sweep_files(social).await.unwrap();
    assert_eq!(stored(folder), 1, "they are new, as those are whose row is just being written");
    for path in ["parts", ""] {
        age(&folder.join(path));
    }
    write::sweep_files(social).await.unwrap();
    assert_eq!(stored(folder), 0);
}

/// Makes all files of a folder two hours old.
fn age(folder: &std::path::Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            age(&path);
        } else {
            let file = std::fs::File::options().write(true).open(path).unwrap();
            file.set_modified(std::time::SystemTime::now() - std::time::Duration::from_secs(7200)).unwrap();
        }
    }
}

async fn what_is_gone_from_the_disk_is_sent_again(social: &Social, folder: &std::path::Path) {
    let ann = account(social, 3).await;
    let id = upload(social, ann, "half of it", false).await;
    std::fs::remove_dir_all(folder.join("parts")).unwrap();
    let refused = write::append(social, (ann, id), 1, Bytes::from("alf of it")).await.unwrap_err();
    assert_eq!(refused.code(), Code::WrongOffset);
    let state = store::own(&mut social.db(), ann, id).await.unwrap().unwrap().state();
    assert_eq!((state.received, state.attachment), (0, None));
    let state = write::append(social, (ann, id), 0, Bytes::from("half of it")).await.unwrap();
    assert_eq!(state.attachment.unwrap().media_type, "text/plain");
}

async fn tell(postgres: Option<&str>) {
    let scratch = Scratch::new();
    let social = run::open(scratch.path(), postgres).await;
    let folder = scratch.path().join("attachments");
    attachments_go_with_their_messages(&social, &folder).await;
    what_is_gone_from_the_disk_is_sent_again(&social, &folder).await;
    social.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_have_attachments_on_sqlite() {
    tell(None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_have_attachments_on_postgres() {
    let url = postgres::database().await;
    tell(Some(&url)).await;
    postgres::remove(&url).await;
}
