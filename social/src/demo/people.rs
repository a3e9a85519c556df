//! Who lives in the demo.

mod table;

use super::landscapes::{self, Scene, landscape};
use super::portraits::{self, Looks, portrait};
use super::{DemoError, PASSWORD};
use crate::accounts::rules;
use crate::accounts::store::{self as accounts, NewAccount};
use crate::activity::{ActivityKind, store as activity};
use crate::auth::Password;
use crate::clock::Moment;
use crate::db::DbError;
use crate::id::AccountId;
use crate::profiles::images::Received;
use crate::profiles::{ImageKind, Link, MessagesFrom, ProfileField, Visibilities, store as profiles};
use crate::state::Social;
use crate::uploads::image::{Processed, process};
use crate::uploads::{Encoded, Extension, Format, ImageError};
use crate::visibility::Visibility;

pub(super) use self::table::PEOPLE;

/// Somebody made up. What is empty is not told.
pub(super) struct Person {
    pub(super) username: &'static str,
    /// First and last name.
    pub(super) name: (&'static str, &'static str),
    /// For how many days there has been an account.
    pub(super) days: u64,
    pub(super) country: &'static str,
    pub(super) address: &'static str,
    pub(super) bio: &'static str,
    pub(super) about: &'static str,
    /// Titles, and addresses below <https://example.org>.
    pub(super) links: &'static [(&'static str, &'static str)],
    /// Fields that are not for everybody.
    pub(super) hidden: &'static [(ProfileField, Visibility)],
    pub(super) findable_by_email: bool,
    /// What the picture shows.
    pub(super) looks: Option<Looks>,
    /// What the cover shows.
    pub(super) scene: Option<Scene>,
}

impl Person {
    /// An address that can receive nothing (<https://www.rfc-editor.org/rfc/rfc2606.html#section-3>).
    pub(super) fn email(&self) -> String {
        format!("{}@example.org", self.username)
    }

    pub(super) fn links(&self) -> Vec<Link> {
        let link = |&(title, path): &(&str, &str)| Link {
            title: title.to_owned(),
            url: format!("https://example.org/{path}"),
        };
        self.links.iter().map(link).collect()
    }

    pub(super) fn visibility(&self) -> Visibilities {
        self.hidden.iter().copied().collect()
    }

    /// A number that is the same each time and that others do not have.
    fn seed(&self) -> u64 {
        self.username.bytes().fold(0, |seed: u64, letter| seed.wrapping_mul(31).wrapping_add(letter.into()))
    }

    /// When the account was made: on its day, at some hour of it.
    pub(super) fn created(&self, now: Moment) -> Moment {
        const DAY: u64 = 24 * 3600 * 1000;
        let age = self.days * DAY + self.seed() % DAY;
        Moment { at: now.at, unix_millis: now.unix_millis.saturating_sub(age) }
    }

    fn texts(&self) -> Result<profiles::Texts, serde_json::Error> {
        let told = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Ok(profiles::Texts {
            bio: told(self.bio),
            about: told(self.about),
            address: told(self.address),
            country: told(self.country),
            links: serde_json::to_string(&self.links())?,
            visibility: serde_json::to_string(&self.visibility())?,
            findable_by_email: self.findable_by_email,
            messages_from: MessagesFrom::default(),
            shows_presence: true,
        })
    }

    /// Picture and cover as somebody would upload them.
    fn drawings(&self) -> Result<Vec<(ImageKind, Vec<u8>)>, ImageError> {
        let seed = self.seed();
        let mut drawings = Vec::new();
        if let Some(looks) = &self.looks {
            let size = (portraits::SIZE, portraits::SIZE);
            drawings.push((ImageKind::Picture, png(&portrait(looks, seed), size)?));
        }
        if let Some(scene) = self.scene {
            drawings.push((ImageKind::Cover, png(&landscape(scene, seed, landscapes::COVER), landscapes::COVER)?));
        }
        Ok(drawings)
    }
}

/// Without loss: the upload is encoded once more.
pub(super) fn png(rgb: &[u8], (width, height): (u32, u32)) -> Result<Vec<u8>, ImageError> {
    use image::{ExtendedColorType, ImageEncoder as _, codecs::png::PngEncoder};

    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes).write_image(rgb, width, height, ExtendedColorType::Rgb8)?;
    Ok(bytes)
}

/// Gives a person an account with a profile. Files first, then all rows at once, as for every upload.
pub(super) async fn add(social: &Social, person: &'static Person, now: Moment) -> Result<AccountId, DemoError> {
    let hash = social.hasher.hash(Password::from(PASSWORD)).await?;
    let images = keep_images(social, person).await?;
    let created = person.created(now);
    let id = social.rng.with(|rng| AccountId::new(created, rng));
    let (first_name, last_name) = person.name;
    let email = person.email();
    let account = NewAccount {
        id,
        username: person.username,
        username_key: &rules::username_key(person.username),
        email: &email,
        email_key: &rules::email_key(&email),
        first_name,
        last_name,
        password: &hash,
    };
    let mut tx = social.db().begin().await?;
    if !accounts::create(&mut tx, &account, created).await? {
        return Err(DemoError::Taken(person.username));
    }
    accounts::verify(&mut tx, id, created).await?;
    profiles::set_texts(&mut tx, id, person.texts()?).await?;
    note(social, &mut tx, id, ActivityKind::Registered, created).await?;
    note(social, &mut tx, id, ActivityKind::EmailVerified, created).await?;
    for (kind, Received { keys, size }) in &images {
        profiles::add_image(&mut tx, (id, *kind), keys, *size, created).await?;
        let changed = match kind {
            ImageKind::Picture => ActivityKind::PictureChanged,
            ImageKind::Cover => ActivityKind::CoverChanged,
        };
        note(social, &mut tx, id, changed, created).await?;
    }
    tx.commit().await?;
    Ok(id)
}

async fn note(
    social: &Social,
    tx: &mut crate::db::Tx,
    account: AccountId,
    kind: ActivityKind,
    at: Moment,
) -> Result<u64, DbError> {
    activity::note(tx, (social.entry_id(at), account), (kind, None), at).await
}

async fn keep_images(social: &Social, person: &'static Person) -> Result<Vec<(ImageKind, Received)>, DemoError> {
    // On a thread without the deadline of the pool for uploads: nobody waits at a browser, and a slow machine is fine.
    let make = move || -> Result<Vec<_>, ImageError> {
        let drawings = person.drawings()?.into_iter();
        drawings.map(|(kind, png)| Ok((kind, process(&png, None, kind)?))).collect()
    };
    let made = tokio::task::spawn_blocking(make).await.map_err(|_| DemoError::Drawing)??;
    let mut kept = Vec::new();
    for (kind, image) in made {
        kept.push((kind, keep(social, image).await?));
    }
    Ok(kept)
}

/// Keeps the files of an image.
pub(super) async fn keep(social: &Social, image: Processed) -> Result<Received, DemoError> {
    let extension = match image.format {
        Format::Jpeg => Extension::Jpeg,
        Format::Png => Extension::Png,
    };
    let size = (image.large.width, image.large.height);
    let keys = [keep_file(social, image.large, extension).await?, keep_file(social, image.small, extension).await?];
    Ok(Received { keys, size })
}

async fn keep_file(social: &Social, image: Encoded, extension: Extension) -> Result<String, DemoError> {
    let kept = social.rng.with(|rng| social.blobs.put(image.bytes, extension, rng));
    Ok(kept.await?.to_string())
}
