//! What the databases make of the questions that large communities ask most: each is asked by its own function, of a
//! database that only explains it. Whoever reads a table from one end to the other for a page of it fails here.

#[path = "../tests/http/support/postgres.rs"]
#[allow(dead_code, unreachable_pub, reason = "stories over HTTP use more of it")]
pub(crate) mod postgres;
#[path = "../benches/network/run/mod.rs"]
#[allow(dead_code, unreachable_pub, missing_docs, reason = "the bench uses more of it")]
pub(crate) mod run;

use self::run::Size;
use self::run::seed::YEAR;
use crate::clock::{Clock as _, Moment, SystemClock};
use crate::connections::lists;
use crate::db::{Db, DbError, Record, Sql, Value, args};
use crate::id::{AccountId, ConversationId, LetterId, PostId};
use crate::page::Cursor;
use crate::scratch::Scratch;
use crate::{comments, conversations, letters, messages, notifications, posts, presence, rings, search};

/// So many that Postgres would rather use an index than read them all.
const SIZE: Size = Size { accounts: 3_000, follows: 60_000, posts: 30_000, seconds: 0, searches: 0 };

/// Tables that grow with a community.
const LARGE: [&str; 8] = [
    "posts",
    "follows",
    "comments",
    "notifications",
    "notification_actors",
    "post_letters",
    "post_likes",
    "name_words",
];

/// Asks a database how it would answer. The answer is then none.
struct Explained {
    db: Db,
    lines: Vec<String>,
}

impl Explained {
    async fn explain(&mut self, sql: &'static str, args: Vec<Value>) -> Result<(), DbError> {
        let is_sqlite = matches!(self.db, Db::Sqlite { .. });
        let verb = if is_sqlite { "EXPLAIN QUERY PLAN" } else { "EXPLAIN" };
        // The verbs take texts that live as long as the program; so do these few.
        let sql = Box::leak(format!("{verb} {sql}").into_boxed_str());
        if is_sqlite {
            let lines: Vec<(i64, i64, i64, String)> = self.db.all(sql, args).await?;
            self.lines.extend(lines.into_iter().map(|(.., line)| line));
        } else {
            let lines: Vec<(String,)> = self.db.all_planned(sql, args).await?;
            self.lines.extend(lines.into_iter().map(|(line,)| line));
        }
        Ok(())
    }

    /// Fails if one of the plans since the last time reads a large table as a whole, or sorts although an index has the
    /// order.
    fn check(&mut self, question: &str, may_sort: bool) {
        let lines = std::mem::take(&mut self.lines);
        let plan = lines.join("\n");
        assert!(!lines.is_empty(), "{question}");
        for line in &lines {
            let is_whole = match self.db {
                // What follows SCAN is a table's name in the question: here those of tables, and not of parts of it.
                Db::Sqlite { .. } => [
                    "p", "c", "na", "w", "e", "a", "l", "g", "m", "ps", "r", "rp", "follows", "posts", "members",
                    "messages",
                ]
                .iter()
                .any(|table| *line == format!("SCAN {table}") || line.starts_with(&format!("SCAN {table} USING"))),
                Db::Postgres(_) => LARGE.iter().any(|table| line.contains(&format!("Seq Scan on {table} "))),
            };
            assert!(!is_whole, "{question}: {line}\n{plan}");
            // Nearly all accounts are not about to be deleted: that is no way to find one.
            assert!(!line.contains("accounts_deletion"), "{question}: {line}\n{plan}");
            let is_sorted = line.contains("TEMP B-TREE FOR ORDER BY") || line.trim_start().starts_with("Sort ");
            assert!(may_sort || !is_sorted, "{question}: {line}\n{plan}");
        }
        println!("{question}\n{plan}\n");
    }
}

impl Sql for Explained {
    async fn all<T: Record>(&mut self, sql: &'static str, args: Vec<Value>) -> Result<Vec<T>, DbError> {
        self.explain(sql, args).await.map(|()| Vec::new())
    }

    async fn all_planned<T: Record>(&mut self, sql: &'static str, args: Vec<Value>) -> Result<Vec<T>, DbError> {
        self.explain(sql, args).await.map(|()| Vec::new())
    }

    async fn opt<T: Record>(&mut self, sql: &'static str, args: Vec<Value>) -> Result<Option<T>, DbError> {
        self.explain(sql, args).await.map(|()| None)
    }

    async fn run(&mut self, sql: &'static str, args: Vec<Value>) -> Result<u64, DbError> {
        self.explain(sql, args).await.map(|()| 0)
    }
}

async fn check(postgres: Option<&str>) {
    let scratch = Scratch::new();
    let now = SystemClock.now();
    run::fill(scratch.path(), postgres, &SIZE, now.millis()).await;
    let social = run::open(scratch.path(), postgres).await;
    social.index_all().await.unwrap();
    let mut db = social.db();
    let find = "SELECT id FROM accounts WHERE username_key = $1";
    let (viewer,): (AccountId,) = db.one(find, args!["person7"]).await.unwrap();
    let (busy,): (AccountId,) = db.one(find, args!["person500"]).await.unwrap();
    let (star,): (AccountId,) = db.one(find, args!["person0"]).await.unwrap();
    let (post,): (PostId,) =
        db.one("SELECT id FROM posts WHERE comments > 2 ORDER BY id DESC LIMIT 1", args![]).await.unwrap();
    let mut asked = Explained { db, lines: Vec::new() };
    for before in [PostId(uuid::Uuid::max()), PostId::first_at(now.millis() - YEAR / 2)] {
        feeds(&mut asked, [viewer, busy, star], before, now).await;
    }
    posts::store::by_ids(&mut asked, viewer, &[post]).await.unwrap();
    asked.check("a page of posts", true);
    comments::store::on_post(&mut asked, viewer, post, (Cursor::OLDEST, 25)).await.unwrap();
    asked.check("comments", false);
    lists::rows(&mut asked, lists::FOLLOWERS, [viewer, star], (Cursor::NEWEST, 25)).await.unwrap();
    asked.check("followers", false);
    // Postgres decides these by how many rows there are, and rightly reads tables as a whole that are as small as here.
    if postgres.is_none() {
        notices_and_searches(&mut asked, [viewer, star]).await;
        conversations(&mut asked, viewer).await;
        letters(&mut asked, viewer).await;
    }
    social.close().await;
}

async fn notices_and_searches(asked: &mut Explained, [viewer, star]: [AccountId; 2]) {
    notifications::store::list(asked, star, false, (Cursor::NEWEST, 25)).await.unwrap();
    // It sorts the people of the few that it shows.
    asked.check("notifications", true);
    for query in ["the", "zinkel", "東京", "über qué"] {
        let wanted = search::posts::Wanted::of(query).unwrap();
        search::posts::find(asked, viewer, wanted, (Cursor::NEWEST, 9)).await.unwrap();
        asked.check(query, false);
    }
    for query in ["anna", "王", "ann l"] {
        let wanted = search::people::Wanted::of(query).unwrap();
        search::people::find(asked, viewer, wanted, (Cursor::NEWEST, 9)).await.unwrap();
        asked.check(query, true);
    }
}

/// SQLite, which has no statistics, plans these the same however many there are.
async fn conversations(asked: &mut Explained, viewer: AccountId) {
    let id = ConversationId(uuid::Uuid::max());
    conversations::store::joined(asked, viewer, (Cursor::NEWEST, 25)).await.unwrap();
    // One's own conversations are put in order.
    asked.check("conversations", true);
    // It always has a row, which whoever only explains lacks.
    conversations::store::unread(asked, viewer).await.unwrap_err();
    asked.check("unread conversations", true);
    conversations::store::members(asked, viewer, (id, false), (Cursor::OLDEST, 25)).await.unwrap();
    asked.check("members", true);
    messages::store::before(asked, viewer, id, (i64::MAX, 25)).await.unwrap();
    asked.check("messages", false);
    messages::store::changed(asked, viewer, id, (0, 100)).await.unwrap();
    asked.check("changes", false);
    messages::store::told(asked, id, (0, 100)).await.unwrap();
    asked.check("what tabs are told", false);
    presence::store::watchers(asked, viewer).await.unwrap();
    asked.check("who is told that somebody is here", true);
    messages::store::had_read_all(asked, id, (viewer, 1)).await.unwrap();
    asked.check("who is notified of a message", true);
    rings::store::ringing(asked, viewer, SystemClock.now()).await.unwrap();
    asked.check("who rings", true);
    rings::store::last(asked, viewer, id).await.unwrap();
    asked.check("the last ring", false);
    rings::store::others(asked, viewer, id, SystemClock.now()).await.unwrap();
    asked.check("who can be rung", true);
}

async fn letters(asked: &mut Explained, viewer: AccountId) {
    for is_sent in [false, true] {
        letters::store::list(asked, viewer, is_sent, (Cursor::NEWEST, 25)).await.unwrap();
        asked.check("letters", false);
    }
    letters::store::list_unread(asked, viewer, (Cursor::NEWEST, 25)).await.unwrap();
    asked.check("unread letters", false);
    letters::store::find(asked, viewer, LetterId(uuid::Uuid::max())).await.unwrap();
    asked.check("a letter", false);
    letters::store::unread(asked, viewer).await.unwrap_err();
    asked.check("how many letters are unread", false);
}

async fn feeds(asked: &mut Explained, [viewer, busy, star]: [AccountId; 3], before: PostId, now: Moment) {
    for who in [viewer, busy] {
        posts::feed::home_ids(asked, who, (before, 25), now).await.unwrap();
        // Posts of several people are put in order.
        asked.check("home feed", true);
    }
    posts::feed::discover_ids(asked, viewer, (before, 25)).await.unwrap();
    asked.check("discover", false);
    posts::feed::author_ids(asked, [viewer, star], (before, 25)).await.unwrap();
    asked.check("posts of a person", false);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_question_reads_a_whole_table_on_sqlite() {
    check(None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_question_reads_a_whole_table_on_postgres() {
    let url = postgres::database().await;
    check(Some(&url)).await;
    postgres::remove(&url).await;
}
