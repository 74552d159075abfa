//! What is under way while something is forgotten.

use super::*;

/// What is asked for before something is forgotten may be just that, whoever
/// asks and however long it takes.
#[test]
fn what_was_under_way_is_not_kept() {
    let scene = Scene::at(START);
    let forget = |cache: &Cache| {
        scene.clock.advance(Duration::from_secs(1));
        let nothing = Forgotten::default();
        assert_eq!(cache.forget(nothing, &scene.host).unwrap(), 0);
        scene.clock.advance(Duration::from_secs(1));
    };
    let cache = scene.cache();
    let fill = |slot: Slot<'_>| {
        slot.fill(&hour(), &Lineage::default(), &scene.host)
            .unwrap();
    };
    let is_there = |name: &str| scene.cache().find(&key(name)).is_some();
    // The claim was made before.
    let slot = scene.mine(&cache, &key("a"));
    forget(&cache);
    fill(slot);
    assert!(!is_there("a"));
    // The claim is made after it, by a process that began before.
    fill(scene.mine(&cache, &key("b")));
    assert!(!is_there("b"));
    // The cache was opened after it, for such a process.
    let begun: Timestamp = START.parse().unwrap();
    let since = scene.cache().since(begun);
    fill(scene.mine(&since, &key("c")));
    assert!(!is_there("c"));
    // Whoever comes later is not concerned.
    fill(scene.mine(&scene.cache(), &key("d")));
    assert!(is_there("d"));
    // Everything is forgotten, the sealing key too.
    let cache = scene.cache();
    let slot = scene.mine(&cache, &key("e"));
    scene.clock.advance(Duration::from_secs(1));
    Cache::remove_all(&scene.state, &scene.host, &scene.heard).unwrap();
    let files = || {
        let dir = scene.state.create_child(FOLDER).unwrap();
        let files = dir.list().unwrap();
        files.iter().filter(|file| file.name.len() == 32).count()
    };
    fill(slot);
    assert_eq!(files(), 0);
    // A clock that was set back since does not keep the cache from work.
    scene.clock.set("2026-11-23T09:00:00Z".parse().unwrap());
    fill(scene.mine(&scene.cache(), &key("f")));
    assert!(is_there("f"));
}

/// What has none of the names that were forgotten is none of it.
#[test]
fn what_was_under_way_is_kept_if_something_else_was_meant() {
    let scene = Scene::at(START);
    let role = "arn:aws:iam::123456789012:role/read";
    let session = "arn:aws:sts::123456789012:assumed-role/read/jdoe";
    let text = format!("{{\"lineage\": [\"plain\", \"base\", {role:?}, {session:?}]}}");
    let lineage: Lineage = serde_json::from_str(&text).unwrap();
    let forget = |name: &str, all: &[&str]| {
        scene.clock.advance(Duration::from_secs(1));
        let what = Forgotten {
            name: name.to_owned(),
            role: name.parse().ok(),
            all: all.iter().map(|&name| name.to_owned()).collect(),
            ..Forgotten::default()
        };
        scene.cache().forget(what, &scene.host).unwrap();
    };
    for (number, (name, all, kept)) in [
        ("other", &["arn:other"][..], true),
        ("other", &["base"], false),
        ("plain", &["arn:x"], false),
        // Nothing tells what this is.
        ("other", &[], false),
        ("arn:aws:iam::123456789012:role/path/Read", &["x"], false),
        ("arn:aws:iam::123456789012:role/other", &["x"], true),
        ("arn:aws:iam::210987654321:role/read", &["x"], true),
        (session, &["x"], false),
        (
            "arn:aws:sts::123456789012:assumed-role/read/other",
            &["x"],
            true,
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let cache = scene.cache();
        // Two that were claimed before, one where the claim comes after it; and one
        // that does not say what it comes from.
        let keys = ["1", "2", "3", "4"].map(|more| key(&format!("{number}-{more}")));
        let claimed = keys.map(|key| (key, scene.mine(&cache, &key)));
        let [first, second, third, mute] = claimed;
        forget("before", &["z"]);
        let filled = first.1.fill(&hour(), &lineage, &scene.host).unwrap();
        assert!(filled, "{name}");
        drop(third.1);
        // Of several, one is enough.
        forget(name, all);
        forget("after", &["z"]);
        let filled =
            |slot: Slot<'_>, lineage: &Lineage| slot.fill(&hour(), lineage, &scene.host).unwrap();
        assert_eq!(filled(second.1, &lineage), kept, "{name} {all:?}");
        let third = scene.mine(&cache, &third.0);
        assert_eq!(filled(third, &lineage), kept, "{name} {all:?}");
        assert!(!filled(mute.1, &Lineage::default()), "{name}");
        assert_eq!(scene.cache().find(&second.0).is_some(), kept);
    }
    // A note that is gone, and one that another sealing key closed, say nothing.
    for damage in ["", "x"] {
        let cache = scene.cache();
        let slot = scene.mine(&cache, &key(&format!("damaged{damage}")));
        forget("other", &["z"]);
        let folder = scene.state.create_child(FOLDER).unwrap();
        let notes = folder.list().unwrap().into_iter();
        let notes = notes.filter(|file| file.name.to_string_lossy().ends_with(".meant"));
        for note in notes {
            match damage {
                "" => drop(folder.remove(&note.name)),
                damage => folder.write(&note.name, damage.as_bytes()).unwrap(),
            }
        }
        assert!(!slot.fill(&hour(), &lineage, &scene.host).unwrap());
    }
    // More than are looked at, whatever they were.
    let cache = scene.cache();
    let slot = scene.mine(&cache, &key("many"));
    for _ in 0..80 {
        forget("other", &["z"]);
    }
    assert!(!slot.fill(&hour(), &lineage, &scene.host).unwrap());
    // All notes go with everything.
    Cache::remove_all(&scene.state, &scene.host, &scene.heard).unwrap();
    let folder = scene.state.create_child(FOLDER).unwrap();
    let mut left = folder.list().unwrap().into_iter();
    assert!(!left.any(|file| file.name.to_string_lossy().ends_with(".meant")));
}
