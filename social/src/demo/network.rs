//! Who follows whom, who are friends, and who has asked.

use super::DemoError;
use super::cast::{Cast, Member};
use super::dice::Dice;
use super::story::{Happening, Teller, What};
use crate::connections::store::{self, Pair};
use crate::events::EventKind;
use crate::id::AccountId;
use crate::notifications::NotificationKind;
use crate::notifications::notify::{self, About, Notice};

const MINUTE: u64 = 60 * 1000;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Whom people follow besides their friends.
pub(super) const FOLLOWS: [(&str, &[&str]); 24] = [
    ("demo", &["haruto.sato", "mateo", "kwame", "soyeon.kim", "ingrid", "aroha", "nok", "joao"]),
    ("amara", &["haruto.sato", "lena", "omar", "priya", "tomas.novak", "jean-luc", "yusuf"]),
    ("haruto.sato", &["demo", "ingrid", "jean-luc", "nok", "joao", "yusuf", "maximiliane"]),
    ("lena", &["ingrid", "grace", "soyeon.kim", "tomas.novak", "aroha", "fatima", "noa"]),
    ("omar", &["amara", "lena", "tomas.novak", "yusuf", "aroha", "nok", "eleni"]),
    ("priya", &["amara", "haruto.sato", "liwei", "eleni", "olena", "grace"]),
    ("mateo", &["demo", "lena", "fatima", "omar", "nok", "yusuf"]),
    ("grace", &["soyeon.kim", "fatima", "kwame", "lena", "noa", "maximiliane", "omar", "sam_w"]),
    ("kwame", &["demo", "fatima", "liwei", "lena", "omar", "joao", "aroha"]),
    ("soyeon.kim", &["grace", "lena", "mateo", "olena", "joao", "noa"]),
    ("yusuf", &["omar", "mateo", "jean-luc", "noa", "aroha", "haruto.sato"]),
    ("ingrid", &["demo", "lena", "haruto.sato", "noa", "tomas.novak"]),
    ("fatima", &["grace", "lena", "kwame", "noa", "mateo"]),
    ("liwei", &["priya", "haruto.sato", "kwame", "demo", "grace"]),
    ("olena", &["soyeon.kim", "eleni", "priya", "maximiliane", "omar"]),
    ("tomas.novak", &["omar", "amara", "lena", "aroha", "soyeon.kim", "ingrid"]),
    ("aroha", &["demo", "omar", "lena", "yusuf", "noa", "tomas.novak", "kwame"]),
    ("eleni", &["priya", "amara", "noa", "nok", "haruto.sato"]),
    ("jean-luc", &["amara", "yusuf", "grace", "haruto.sato", "nok"]),
    ("nok", &["mateo", "omar", "fatima", "haruto.sato", "demo"]),
    ("maximiliane", &["olena", "grace", "haruto.sato", "jean-luc"]),
    ("joao", &["demo", "amara", "soyeon.kim", "haruto.sato", "priya"]),
    ("noa", &["grace", "lena", "yusuf", "eleni", "ingrid"]),
    ("sam_w", &["grace", "nok", "kwame", "amara"]),
];

/// Old friends, the one who asked first.
pub(super) const FRIENDS: [(&str, &str); 20] = [
    ("amara", "demo"),
    ("demo", "lena"),
    ("grace", "demo"),
    ("yusuf", "demo"),
    ("demo", "priya"),
    ("kwame", "amara"),
    ("soyeon.kim", "haruto.sato"),
    ("ingrid", "jean-luc"),
    ("aroha", "ingrid"),
    ("fatima", "omar"),
    ("fatima", "eleni"),
    ("nok", "liwei"),
    ("tomas.novak", "olena"),
    ("grace", "aroha"),
    ("priya", "kwame"),
    ("yusuf", "eleni"),
    ("maximiliane", "lena"),
    ("olena", "grace"),
    ("nok", "soyeon.kim"),
    ("liwei", "joao"),
];

/// New friends: who asked, who agreed, and how long ago either was.
pub(super) const NEW_FRIENDS: [(&str, &str, u64, u64); 2] =
    [("demo", "tomas.novak", 3 * DAY, 2 * DAY + HOUR), ("joao", "mateo", 5 * HOUR, 2 * HOUR)];

/// Who has asked whom to be friends, and how long ago; nobody has answered yet.
pub(super) const REQUESTS: [(&str, &str, u64); 5] = [
    ("noa", "demo", 2 * DAY),
    ("demo", "eleni", DAY),
    ("aroha", "tomas.novak", 10 * HOUR),
    ("sam_w", "nok", 3 * HOUR),
    ("jean-luc", "demo", 96 * MINUTE),
];

/// Who has begun to follow whom of late, and how long ago.
pub(super) const NEW_FOLLOWS: [(&str, &str, u64); 5] = [
    ("eleni", "demo", 30 * HOUR),
    ("olena", "demo", 9 * HOUR),
    ("nok", "sam_w", 5 * HOUR),
    ("maximiliane", "demo", 70 * MINUTE),
    ("sam_w", "demo", 48 * MINUTE),
];

/// Makes up what happens between people.
pub(super) fn plan(cast: &Cast) -> Result<Vec<Happening>, DemoError> {
    let mut dice = Dice::new(1);
    let mut story = Vec::new();
    for (asking, asked) in FRIENDS {
        let (from, to) = (cast.member(asking)?, cast.member(asked)?);
        // Some time after both had come, and well before any post for friends.
        let asks = cast.since_both(from, to, dice.between(0.05, 0.35));
        let agrees = cast.since_both(from, to, dice.between(0.36, 0.4));
        story.push(Happening { at: asks, by: from.id, what: What::Ask(to.id) });
        story.push(Happening { at: agrees, by: to.id, what: What::Accept(from.id) });
    }
    for (username, all) in FOLLOWS {
        for followed in all {
            let (from, to) = (cast.member(username)?, cast.member(followed)?);
            let at = cast.since_both(from, to, dice.between(0.02, 0.25));
            story.push(Happening { at, by: from.id, what: What::Follow(to.id) });
        }
    }
    for (asking, asked, asks, agrees) in NEW_FRIENDS {
        let (from, to) = (cast.member(asking)?.id, cast.member(asked)?.id);
        story.push(Happening { at: cast.ago(asks), by: from, what: What::Ask(to) });
        story.push(Happening { at: cast.ago(agrees), by: to, what: What::Accept(from) });
    }
    for (list, what) in [(&REQUESTS, What::Ask as fn(AccountId) -> What), (&NEW_FOLLOWS, What::Follow)] {
        for &(from, to, ago) in list {
            let (Member { id: by, .. }, to) = (cast.member(from)?, cast.member(to)?);
            story.push(Happening { at: cast.ago(ago), by: *by, what: what(to.id) });
        }
    }
    Ok(story)
}

impl Teller<'_> {
    pub(super) async fn follow(&mut self, pair: Pair) -> Result<(), DemoError> {
        store::lock(&mut self.tx, pair).await?;
        if store::follow(&mut self.tx, pair, self.at).await? {
            self.notify_other(pair, NotificationKind::Follow).await?;
            self.connected(pair).await?;
        }
        Ok(())
    }

    pub(super) async fn ask(&mut self, pair: Pair) -> Result<(), DemoError> {
        store::lock(&mut self.tx, pair).await?;
        store::ask(&mut self.tx, pair, self.at).await?;
        self.notify_other(pair, NotificationKind::FriendRequest).await?;
        self.connected(pair).await
    }

    /// `from` agrees to what `to` has asked.
    pub(super) async fn accept(&mut self, pair: Pair) -> Result<(), DemoError> {
        store::lock(&mut self.tx, pair).await?;
        store::forget_request(&mut self.tx, pair.turned()).await?;
        let asked = self.notice(pair.turned(), NotificationKind::FriendRequest);
        notify::retract(&mut self.tx, &mut self.news, asked).await?;
        store::befriend(&mut self.tx, pair, self.at).await?;
        store::follow(&mut self.tx, pair, self.at).await?;
        store::follow(&mut self.tx, pair.turned(), self.at).await?;
        self.notify_other(pair, NotificationKind::FriendAccepted).await?;
        self.connected(pair).await
    }

    fn notice(&self, Pair { from, to }: Pair, kind: NotificationKind) -> Notice {
        Notice { to, by: from, kind, about: About::default(), at: self.at }
    }

    async fn notify_other(&mut self, pair: Pair, kind: NotificationKind) -> Result<(), DemoError> {
        let notice = self.notice(pair, kind);
        Ok(notify::notify(self.social, &mut self.tx, &mut self.news, notice).await?)
    }

    /// Tells both that something is different between them.
    async fn connected(&mut self, Pair { from, to }: Pair) -> Result<(), DemoError> {
        for account in [from.min(to), from.max(to)] {
            self.news.event(&mut self.tx, (account, EventKind::Connections), None, self.at).await?;
        }
        Ok(())
    }
}
