//! The cache with a stepped clock, without the program around it.

mod forgotten;

use std::time::Duration;

use assumerole_core::aws_config::{AwsFile, AwsFiles, FileKind};
use assumerole_core::config::Config;
use assumerole_core::plan::request::Request;
use assumerole_core::plan::settings::RunSettings;
use assumerole_core::plan::{Inputs, Target, plan};
use assumerole_core::{Error, Kind};
use assumerole_host::Env;

use super::entry::tests::entry;
use super::*;
use crate::scene::Scene;

/// The time it is at the start.
const START: &str = "2026-11-23T10:00:00Z";

impl Scene {
    fn mine<'a>(&self, cache: &'a Cache, key: &CacheKey) -> Slot<'a> {
        match cache
            .claim(key, &self.host, &self.heard, Terms::new(Patience::People))
            .unwrap()
        {
            Claim::Mine(slot) => slot,
            other => panic!("{other:?}"),
        }
    }

    fn now(&self) -> Timestamp {
        self.host.clock.now()
    }
}

fn hour() -> Entry {
    entry("2026-11-23T10:00:00Z", "2026-11-23T11:00:00Z")
}

/// The key of some role.
fn key(role: &str) -> CacheKey {
    let text = format!(
        r#"{{"assume_roles": {{"r": {{"aws_profile": "b", "aws_account": "123456789012", "aws_role": "{role}"}}}}}}"#
    );
    let config = Config::parse("f", text).unwrap();
    let credentials = "[b]\naws_access_key_id = A\naws_secret_access_key = s\n";
    let aws = AwsFiles {
        config: None,
        credentials: Some(AwsFile::parse(
            FileKind::Credentials,
            "c",
            credentials.to_owned(),
        )),
    };
    let settings = RunSettings::default();
    let inputs = Inputs {
        config: &config,
        aws: &aws,
        settings: &settings,
        request: &Request::default(),
        policies: &Default::default(),
        stored: &std::collections::BTreeMap::new(),
    };
    let target = Target::find(&config, &aws, "r").unwrap().unwrap();
    plan(inputs, &target).unwrap().fingerprint()
}

#[test]
fn what_was_filled_is_found_until_its_margin() {
    let scene = Scene::at(START);
    let cache = scene.cache();
    assert!(cache.lookup(&key("a"), scene.now()).is_none());
    scene
        .mine(&cache, &key("a"))
        .fill(&hour(), &Lineage::default(), &scene.host)
        .unwrap();
    assert!(cache.lookup(&key("a"), scene.now()).is_some());
    assert!(cache.lookup(&key("b"), scene.now()).is_none());
    assert!(cache.snapshot(scene.now()).get(&key("a")).is_some());
    scene.clock.advance(Duration::from_secs(55 * 60));
    assert!(cache.lookup(&key("a"), scene.now()).is_none());
    assert_eq!(cache.entries().len(), 1, "still shown by status");
}

#[test]
fn an_ended_entry_is_removed_by_whoever_claims_it() {
    let scene = Scene::at(START);
    let cache = scene.cache();
    scene
        .mine(&cache, &key("a"))
        .fill(&hour(), &Lineage::default(), &scene.host)
        .unwrap();
    scene.clock.advance(Duration::from_secs(2 * 3600));
    drop(scene.mine(&cache, &key("a")));
    assert!(cache.entries().is_empty());
}

#[test]
fn an_entry_in_anothers_place_is_a_miss_and_goes() {
    let scene = Scene::at(START);
    let cache = scene.cache();
    scene
        .mine(&cache, &key("a"))
        .fill(&hour(), &Lineage::default(), &scene.host)
        .unwrap();
    let (from, to) = (
        cache.seal.file_name(&key("a")),
        cache.seal.file_name(&key("b")),
    );
    let bytes = cache.dir.read(&from, LARGEST).unwrap().unwrap();
    cache.dir.write(&to, &bytes).unwrap();
    // Whoever only looks removes nothing: another process may be writing there.
    assert!(cache.lookup(&key("b"), scene.now()).is_none());
    assert!(cache.dir.read(&to, LARGEST).unwrap().is_some());
    drop(scene.mine(&cache, &key("b")));
    assert!(cache.dir.read(&to, LARGEST).unwrap().is_none());
    assert!(cache.lookup(&key("a"), scene.now()).is_some());
}

#[test]
fn a_refusal_before_the_wait_is_not_shared_and_one_during_it_is() {
    let scene = Scene::at(START);
    let cache = scene.cache();
    let no = Error::new(Kind::Mfa, "no code");
    scene.mine(&cache, &key("a")).refuse(&no, &scene.host, true);
    // Old: whoever comes now asks for itself.
    let slot = scene.mine(&cache, &key("a"));
    std::thread::scope(|threads| {
        let waiter = threads.spawn(|| {
            let mut host = Host::system();
            host.env = Env::from_pairs([("ASSUMEROLE_KEY_STORE", "file")]);
            cache
                .claim(&key("a"), &host, &scene.heard, Terms::new(Patience::People))
                .unwrap()
        });
        while scene.heard.0.lock().unwrap().is_empty() {
            std::thread::yield_now();
        }
        slot.refuse(&no, &scene.host, true);
        match waiter.join().unwrap() {
            Claim::Refused(error) => assert_eq!(error, no),
            other => panic!("{other:?}"),
        }
    });
    let heard = scene.heard.0.lock().unwrap().clone();
    let own = assumerole_host::process::own_pid();
    assert_eq!(
        heard,
        [format!(
            "waiting for process {own}, which is obtaining the same credentials"
        )]
    );
}

#[test]
fn fresh_takes_only_what_is_newer_than_the_question() {
    let scene = Scene::at(START);
    let cache = scene.cache();
    scene
        .mine(&cache, &key("a"))
        .fill(&hour(), &Lineage::default(), &scene.host)
        .unwrap();
    scene.clock.advance(Duration::from_secs(1));
    let claim = cache
        .claim(
            &key("a"),
            &scene.host,
            &scene.heard,
            Terms::new(Patience::People).fresh(true),
        )
        .unwrap();
    assert!(matches!(claim, Claim::Mine(_)));
    drop(claim);
    let claim = cache
        .claim(
            &key("a"),
            &scene.host,
            &scene.heard,
            Terms::new(Patience::People),
        )
        .unwrap();
    assert!(matches!(claim, Claim::Filled(_)));
}

#[test]
fn another_sealing_key_sees_nothing() {
    let scene = Scene::at(START);
    let cache = scene.cache();
    scene
        .mine(&cache, &key("a"))
        .fill(&hour(), &Lineage::default(), &scene.host)
        .unwrap();
    assert_eq!(
        Cache::remove_all(&scene.state, &scene.host, &scene.heard).unwrap(),
        1
    );
    let other = scene.cache();
    assert_ne!(
        other.seal.file_name(&key("a")),
        cache.seal.file_name(&key("a"))
    );
    assert!(other.lookup(&key("a"), scene.now()).is_none());
}

#[test]
fn what_another_key_sealed_is_left_to_whom_it_belongs() {
    let scene = Scene::at(START);
    let cache = scene.cache();
    scene
        .mine(&cache, &key("a"))
        .fill(&hour(), &Lineage::default(), &scene.host)
        .unwrap();
    let other = Cache {
        dir: scene.state.create_child(FOLDER).unwrap(),
        seal: Seal::new(secrecy::SecretBox::new(Box::new([7; 32]))),
        place: cache.place,
        begun: cache.begun,
        syncs_later: false,
    };
    assert!(other.entries().is_empty());
    assert!(other.snapshot(scene.now()).get(&key("a")).is_none());
    let what = Forgotten {
        name: "read".to_owned(),
        ..Forgotten::default()
    };
    assert_eq!(other.forget(what, &scene.host).unwrap(), 0);
    assert!(cache.lookup(&key("a"), scene.now()).is_some());
}

#[test]
fn the_scripts_files_are_deleted_and_others_are_left_alone() {
    let scene = Scene::at(START);
    let cache = scene.cache();
    let script = b"export AWS_ACCESS_KEY_ID=ASIA1\nexport AWS_SECRET_ACCESS_KEY=x\n";
    cache.dir.write("acme-read", script).unwrap();
    cache.dir.write("notes.txt", b"mine").unwrap();
    drop(scene.mine(&cache, &key("a")));
    assert!(cache.dir.read("acme-read", LARGEST).unwrap().is_none());
    assert!(cache.dir.read("notes.txt", LARGEST).unwrap().is_some());
    assert_eq!(
        *scene.heard.0.lock().unwrap(),
        ["deleted 1 plain-text cache file of the old script"]
    );
}

#[test]
fn files_of_long_ago_are_swept() {
    let scene = Scene::at(START);
    let cache = scene.cache();
    scene
        .mine(&cache, &key("a"))
        .fill(&hour(), &Lineage::default(), &scene.host)
        .unwrap();
    // The files carry the machine's time, the sweep the clock's.
    let later: Timestamp = "2100-01-01T00:00:00Z".parse().unwrap();
    cache.sweep(later);
    assert!(cache.entries().is_empty());
}

/// Whoever goes takes along what was obtained with it, and nobody else.
#[test]
fn what_comes_from_an_entry_goes_with_it() {
    let scene = Scene::at(START);
    let cache = scene.cache();
    let child_of = |parent: Option<&str>| {
        let mut entry = hour();
        entry.about.parent = parent.map(|parent| cache.entry_name(&key(parent)));
        entry
    };
    for (name, parent) in [("a", None), ("b", Some("a")), ("c", Some("b")), ("d", None)] {
        let slot = scene.mine(&cache, &key(name));
        slot.fill(&child_of(parent), &Lineage::default(), &scene.host)
            .unwrap();
    }
    let name = cache.entry_name(&key("a"));
    let what = Forgotten {
        all: [name].into(),
        ..Forgotten::default()
    };
    let removed = cache.forget(what, &scene.host).unwrap();
    assert_eq!((removed, cache.entries().len()), (3, 1));
    assert!(cache.lookup(&key("d"), scene.now()).is_some());
}

/// A token has no bound of its own.
#[test]
fn what_could_not_be_read_back_is_not_kept() {
    let scene = Scene::at(START);
    let cache = scene.cache();
    for (length, kept) in [(100_000, true), (300_000, false)] {
        let key = key(&format!("r{length}"));
        let claim = cache.claim_value::<CachedToken>(
            &key,
            &scene.host,
            &scene.heard,
            Terms::new(Patience::Services),
        );
        let Claim::Mine(slot) = claim.unwrap() else {
            panic!("nothing was there");
        };
        let token = CachedToken {
            obtained: scene.now(),
            ends: scene.now() + jiff::SignedDuration::from_hours(1),
            about: TokenAbout {
                role: "read".to_owned(),
                profile: "base".to_owned(),
            },
            said: Said::Granted("x".repeat(length).into(), Default::default()),
        };
        let filled = slot.fill(&token, &Lineage::default(), &scene.host);
        assert_eq!(filled.is_ok(), kept);
        let found: Option<CachedToken> = cache.lookup_value(&key, scene.now());
        assert_eq!(found.is_some(), kept);
    }
}
