mod story;

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Duration;

use rand::SeedableRng as _;
use rand::rngs::StdRng;

use super::landscapes::{self, Scene, landscape};
use super::people::{PEOPLE, Person};
use super::portraits::{self, Looks, portrait};
use super::{PASSWORD, accounts};
use crate::activity;
use crate::auth::Password;
use crate::auth::password::Verdict;
use crate::clock::ManualClock;
use crate::config::{MailConfig, SocialConfig};
use crate::db::{Sql as _, args};
use crate::id::AccountId;
use crate::page::Cursor;
use crate::profiles::{self, Profile, rules, view};
use crate::scratch::Scratch;
use crate::state::Social;

async fn open(scratch: &Scratch, seed: u64) -> Social {
    let config = SocialConfig {
        database_url: None,
        data_dir: scratch.path().to_owned(),
        base_url: "http://localhost".to_owned(),
        registration: true,
        development: true,
        deletion_grace: Duration::from_secs(24 * 3600),
        hash_threads: 1,
        rate_limit_scale: 1,
        mail: MailConfig::Outbox,
    };
    Social::open(config, Arc::new(ManualClock::new()), StdRng::seed_from_u64(seed)).await.unwrap()
}

/// The profile as its owner sees it, and what belongs to the account.
async fn check(social: &Social, person: &Person) -> Profile {
    let mut db = social.db();
    let account = accounts::store::by_email(&mut db, &person.email()).await.unwrap().unwrap();
    assert_eq!(account.username, person.username);
    assert_eq!(account.verified_at, Some(account.created_at));
    let verdict = social.hasher.verify(Password::from(PASSWORD), Some(account.password)).await.unwrap();
    assert_eq!(verdict, Verdict::Right);
    let mut history = activity::store::list(&mut db, account.id, (Cursor::NEWEST, 1000)).await.unwrap();
    history.retain(|entry| !["posted", "post_edited", "commented", "liked"].contains(&entry.kind.as_str()));
    let images = usize::from(person.looks.is_some()) + usize::from(person.scene.is_some());
    assert_eq!(history.len(), 2 + images);

    let own = profiles::own(&mut db, account.id).await.unwrap().unwrap();
    let hidden = own
        .visibility
        .into_iter()
        .filter(|(field, shown)| person.visibility().get(field).copied().unwrap_or_default() != *shown);
    assert_eq!(hidden.count(), 0);
    assert_eq!(own.findable_by_email, person.findable_by_email);
    let row = profiles::store::by_username(&mut db, account.id, person.username).await.unwrap().unwrap();
    view::profile(row, profiles::store::counts(&mut db, account.id).await.unwrap())
}

#[tokio::test]
async fn an_empty_data_folder_is_filled_once() {
    let scratch = Scratch::new();
    let social = open(&scratch, 1).await;
    let said = social.fill_with_demo().await.unwrap();
    assert!(said.contains("`demo`") && said.contains("`confab-demo`") && said.contains("not for a server that others"));

    let mut files = HashSet::new();
    for person in &PEOPLE {
        let profile = check(&social, person).await;
        assert_eq!((profile.first_name.as_str(), profile.last_name.as_str()), person.name);
        assert_eq!(profile.bio.as_deref().unwrap_or(""), person.bio);
        assert_eq!(profile.about.as_deref().unwrap_or(""), person.about);
        assert_eq!(profile.address.as_deref().unwrap_or(""), person.address);
        assert_eq!(profile.country.as_deref(), Some(person.country));
        assert_eq!(profile.links, person.links());
        for (image, expected, wanted) in [
            (profile.picture, (512, 512), person.looks.is_some()),
            (profile.cover, (1500, 500), person.scene.is_some()),
        ] {
            assert_eq!(image.as_ref().map(|image| (image.width, image.height)), wanted.then_some(expected));
            for url in image.into_iter().flat_map(|image| [image.url, image.small_url]) {
                let key = url.strip_prefix("/media/").unwrap();
                let bytes = profiles::read_blob(&social, key).await.unwrap();
                assert!(bytes.starts_with(b"\xff\xd8"), "a JPEG");
                assert!(files.insert(bytes), "{} has somebody else's picture", person.username);
            }
        }
    }
    let listed = profiles::store::list(&mut social.db(), AccountId::NOBODY, (Cursor::NEWEST, 100)).await.unwrap();
    let newest_first: Vec<_> = listed.iter().map(|row| row.username.as_str()).collect();
    let came: Vec<_> = PEOPLE.iter().rev().map(|person| person.username).collect();
    assert_eq!(newest_first, came);
    let now = social.clock.now().millis();
    assert!(listed.iter().all(|row| row.created_at < now));
    assert_eq!(PEOPLE.iter().map(|person| person.days).collect::<BTreeSet<_>>().len(), PEOPLE.len());

    story::check(&social).await;

    let keys = profiles::store::all_blob_keys(&mut social.db()).await.unwrap();
    let said = social.fill_with_demo().await.unwrap();
    assert!(said.contains("nothing was changed"), "{said}");
    let again = profiles::store::list(&mut social.db(), AccountId::NOBODY, (Cursor::NEWEST, 100)).await.unwrap();
    assert_eq!(again.len(), listed.len());
    assert_eq!(profiles::store::all_blob_keys(&mut social.db()).await.unwrap(), keys);
    social.close().await;
}

#[tokio::test]
async fn a_folder_with_one_account_stays_as_it_is() {
    let scratch = Scratch::new();
    let social = open(&scratch, 1).await;
    let sql = "INSERT INTO accounts (id, username, username_key, email, email_key, first_name, last_name, password,
        is_admin, is_suspended, created_at) VALUES ($1, $2, $2, $2, $2, $2, $2, $2, $3, $3, $4)";
    let id = social.rng.with(|rng| crate::id::AccountId::new(social.clock.now(), rng));
    social.db().run(sql, args![id, "ann", false, 0]).await.unwrap();
    // Never verified, so that no list has it.
    assert!(social.fill_with_demo().await.unwrap().contains("nothing was changed"));
    assert!(
        profiles::store::list(&mut social.db(), AccountId::NOBODY, (Cursor::NEWEST, 100)).await.unwrap().is_empty()
    );
    social.close().await;
}

#[test]
fn people_keep_the_rules_that_hold_for_everybody() {
    Password::from(PASSWORD).check("password").unwrap();
    for person in &PEOPLE {
        let name = person.username;
        assert_eq!(accounts::rules::username(name).unwrap(), name);
        assert_eq!(accounts::rules::email(&person.email()).unwrap(), person.email());
        for part in [person.name.0, person.name.1] {
            assert_eq!(accounts::rules::name(part, "name").unwrap(), part);
        }
        let told = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        assert_eq!(rules::line(person.bio, 200, "bio").unwrap(), told(person.bio), "{name}");
        assert_eq!(rules::line(person.address, 200, "address").unwrap(), told(person.address), "{name}");
        assert_eq!(rules::text(person.about, 5000, "about").unwrap(), told(person.about), "{name}");
        assert_eq!(rules::country(person.country).unwrap(), told(person.country), "{name}");
        assert_eq!(rules::links(person.links()).unwrap(), person.links(), "{name}");
    }
    assert_eq!(PEOPLE[0].username, "demo");
    assert!(PEOPLE.iter().any(|person| person.looks.is_none()));
}

fn pixel(rgb: &[u8], width: u32, (x, y): (u32, u32)) -> [u8; 3] {
    let at = 3 * (y * width + x) as usize;
    rgb[at..at + 3].try_into().unwrap()
}

#[test]
fn portraits_show_a_face_and_are_the_same_each_time() {
    let all: Vec<Looks> = PEOPLE.iter().filter_map(|person| person.looks).collect();
    let mut seen = HashSet::new();
    for (looks, seed) in all.iter().zip(1..) {
        let drawn = portrait(looks, seed);
        assert_eq!(drawn.len(), 3 * (portraits::SIZE * portraits::SIZE) as usize);
        // Between the eyes there is skin, whatever else somebody wears.
        let forehead = pixel(&drawn, portraits::SIZE, (portraits::SIZE / 2, 240));
        let off = looks.skin.rgb().into_iter().zip(forehead).map(|(skin, seen)| (skin - f32::from(seen)).abs());
        assert!(off.fold(0.0, f32::max) < 2.0, "{looks:?}: {forehead:?}");
        // Edges are smooth: many pixels are neither of two colours.
        let colours: HashSet<&[u8]> = drawn.chunks(3).collect();
        assert!(colours.len() > 1000, "{looks:?}: {} colours", colours.len());
        assert!(seen.insert(drawn));
    }
    assert!(seen.contains(&portrait(&all[0], 1)), "the same each time");
    assert!(!seen.contains(&portrait(&all[0], 2)), "another seed, another portrait");
}

#[test]
fn landscapes_have_a_sky_above_and_are_the_same_each_time() {
    let scenes = [Scene::Mountains, Scene::Sea, Scene::Hills, Scene::City, Scene::Dunes, Scene::Night];
    let (width, height) = landscapes::COVER;
    for scene in scenes {
        let drawn = landscape(scene, 7, landscapes::COVER);
        assert_eq!(drawn.len(), 3 * (width * height) as usize);
        assert_eq!(drawn, landscape(scene, 7, landscapes::COVER), "{scene:?}");
        assert_ne!(drawn, landscape(scene, 8, landscapes::COVER), "{scene:?}");
        assert!(!drawn.chunks(3).any(|pixel| pixel == [u8::MAX; 3]), "{scene:?} leaves paper white");
        assert_ne!(pixel(&drawn, width, (5, 5)), pixel(&drawn, width, (5, height - 5)), "{scene:?}");
    }
}
