use super::super::Item;
use super::*;

fn items() -> Vec<Item> {
    [
        ("acme-sandbox-read", "123456789012"),
        ("acme-prod-admin", "210987654321"),
        ("acme-prod-read", "210987654321"),
        ("globex-Café-read", "333333333333"),
        ("acme-admin-prod", "444444444444"),
    ]
    .map(|(name, account)| Item::new(name, account))
    .into()
}

fn all_made(roles: &Vec<Item>) -> ChooserRows<'_> {
    let mut rows = ChooserRows::new(roles);
    rows.make_more(usize::MAX);
    rows
}

fn names(text: &str) -> Vec<String> {
    names_of(&items(), text)
}

/// The names of those of `items` that fit `text`, the best first.
fn names_of(items: &[Item], text: &str) -> Vec<String> {
    let roles = items.to_vec();
    let rows = all_made(&roles);
    let mut filter = Filter::new(rows.count());
    filter.set(text, &rows);
    let name = |hit: &u32| items[*hit as usize].name.clone();
    filter.hits().iter().map(name).collect()
}

#[test]
fn nothing_typed_lets_everything_through_in_the_order_given() {
    assert_eq!(names("").len(), 5);
    assert_eq!(names("   "), names(""));
    assert_eq!(names("")[0], "acme-sandbox-read");
}

#[test]
fn every_word_must_fit_the_name_or_the_account() {
    assert_eq!(names("prod read"), ["acme-prod-read"]);
    assert_eq!(names("read prod"), ["acme-prod-read"]);
    assert_eq!(names("2109 admin"), ["acme-prod-admin"]);
    assert_eq!(names("SBX"), ["acme-sandbox-read"]);
    assert_eq!(names("cafe"), ["globex-Café-read"]);
    assert_eq!(names("CAFÉ"), ["globex-Café-read"]);
    assert!(names("zzz").is_empty());
    // No word may begin in the name and end in the account.
    assert!(names("read210").is_empty());
}

#[test]
fn the_operators_of_fzf_work() {
    assert_eq!(names("prod$"), ["acme-admin-prod"]);
    assert_eq!(names("^glob"), ["globex-Café-read"]);
    assert_eq!(names("!acme"), ["globex-Café-read"]);
    assert_eq!(names("!2109 !read"), ["acme-admin-prod"]);
    assert!(names("'apr").is_empty());
    assert_eq!(names("'read 'glob"), ["globex-Café-read"]);
    assert_eq!(names("^globex-café-read$"), ["globex-Café-read"]);
    assert_eq!(names("^acme-prod-admin$"), ["acme-prod-admin"]);
    assert_eq!(names("^acme !prod"), ["acme-sandbox-read"]);
}

#[test]
fn a_part_is_found_wherever_it_stands() {
    for name in ["12ab", "x12ab", "12abx", "X12AB-é", "é12ab", "日12aB"] {
        for (text, fits) in [("'12ab", true), ("!12ab", false), ("'2A", true)] {
            let fitting = names_of(&[Item::new(name, "")], text);
            assert_eq!(fitting.len() == 1, fits, "{text} in {name}");
        }
    }
}

#[test]
fn the_best_comes_first_and_equals_keep_their_order() {
    assert_eq!(names("read")[0], "acme-sandbox-read");
    assert_eq!(names("prod-r")[0], "acme-prod-read");
}

#[test]
fn a_whole_name_comes_before_those_that_begin_with_it() {
    let first = |names: &[&str], text: &str| {
        let items: Vec<Item> = names.iter().map(|name| Item::new(*name, "")).collect();
        names_of(&items, text)[0].clone()
    };
    assert_eq!(first(&["prod-admin", "my-prod", "prod"], "prod"), "prod");
    assert_eq!(first(&["prod-admin", "PROD"], " Prod "), "PROD");
    assert_eq!(
        first(&["two words more", "two words"], "two words"),
        "two words"
    );
    for written in ["café", "cafe\u{301}"] {
        let names = ["cafe-2", "caf\u{e9}"];
        assert_eq!(first(&names, written), "caf\u{e9}");
        assert_eq!(first(&["café-2", "CAFE"], written), "CAFE");
    }
    assert_eq!(first(&["本番-2", "本番"], "本番"), "本番");
    // Of two, the one used more.
    assert_eq!(first(&["prod-admin", "CAFE", "café"], "café"), "CAFE");
}

#[test]
fn typing_on_gives_what_typing_anew_gives() {
    let items = items();
    let rows = all_made(&items);
    let mut typed = Filter::new(rows.count());
    for text in [
        "a",
        "ac",
        "acm",
        "acm ",
        "acm p",
        "acm pr",
        "acm pr!",
        "acm pr",
        "acm",
        "2",
        "21",
        "21$",
        "2",
        "!a",
        "!ac",
        "",
        "p",
        "p^",
        "p^r",
        "e",
        "e\u{301}",
        "é",
        "éx",
        "",
        "caf",
        "cafe",
        "cafe\u{301}",
        "cafe\u{301}-",
    ] {
        typed.set(text, &rows);
        let mut anew = Filter::new(rows.count());
        anew.set(text, &rows);
        assert_eq!(typed.hits(), anew.hits(), "{text:?}");
    }
}

#[test]
fn accents_count_on_neither_side() {
    let items = [
        Item::new("münchen-read", ""),
        Item::new("mu\u{308}nster-read", ""),
        Item::new("munich-read", ""),
        Item::new("straße", ""),
        Item::new("Việt-Nam", ""),
        Item::new("日本-本番", ""),
    ];
    for (text, fitting) in [
        ("munchn", &["münchen-read"][..]),
        ("Münchn", &["münchen-read"]),
        ("mu\u{308}nchn", &["münchen-read"]),
        ("munst", &["mu\u{308}nster-read"]),
        ("münst", &["mu\u{308}nster-read"]),
        ("münich", &["munich-read"]),
        ("^mün$", &[]),
        (
            "^mün",
            &["münchen-read", "mu\u{308}nster-read", "munich-read"],
        ),
        ("'nchen-", &["münchen-read"]),
        ("!mün !viet !本", &["straße"]),
        ("strasse", &["straße"]),
        ("STRAẞE", &["straße"]),
        ("viêt", &["Việt-Nam"]),
        ("本番", &["日本-本番"]),
        ("日番", &["日本-本番"]),
    ] {
        assert_eq!(names_of(&items, text), fitting, "{text}");
    }
}

fn described() -> Vec<Item> {
    let item = |name: &str, description: &str, tags: &[&str]| Item {
        description: Some(description.to_owned()),
        tags: tags.iter().copied().map(Into::into).collect(),
        ..Item::new(name, "123456789012")
    };
    vec![
        item(
            "a1",
            "Payments of the shop, read only",
            &["env=prod", "web"],
        ),
        item("b2", "Logs für Zürich", &["env=test"]),
        item("payments", "", &[]),
        item("c3", "Everything", &["env=prod"]),
    ]
}

#[test]
fn descriptions_and_tags_are_searched_word_by_word() {
    for (text, fitting) in [
        // The name counts more.
        ("payments", &["payments", "a1"][..]),
        ("pymnts", &["payments", "a1"]),
        ("zurich", &["b2"]),
        ("env=prod", &["a1", "c3"]),
        ("prod web", &["a1"]),
        ("!prod b", &["b2"]),
        ("!payments !env", &[]),
        ("^log", &["b2"]),
        ("shop,$", &["a1"]),
        ("'shop 'only", &["a1"]),
        ("shop,\\ read", &["a1"]),
        // No word is put together out of several.
        ("shoponly", &[]),
        ("podo", &[]),
    ] {
        assert_eq!(names_of(&described(), text), fitting, "{text}");
    }
}

#[test]
fn a_row_that_is_not_made_fits_by_its_name_alone() {
    let items = described();
    let mut rows = ChooserRows::new(&items);
    let mut filter = Filter::new(rows.count());
    assert!(filter.set("payments", &rows));
    assert_eq!(filter.hits(), [2]);
    rows.make_more(1);
    assert!(filter.set("payments ", &rows));
    assert_eq!(filter.hits(), [2, 0]);
    rows.make_more(usize::MAX);
    assert!(filter.set("env=prod", &rows));
    assert_eq!(filter.hits(), [0, 3]);
    assert!(!filter.complete(&rows));
    // Longer text looks at more, too, if not all was there before.
    let mut rows = ChooserRows::new(&items);
    let mut filter = Filter::new(rows.count());
    filter.set("env=pro", &rows);
    assert!(filter.hits().is_empty());
    rows.make_more(usize::MAX);
    filter.set("env=prod", &rows);
    assert_eq!(filter.hits(), [0, 3]);
    // Or the same text is looked for once more.
    let mut rows = ChooserRows::new(&items);
    let mut filter = Filter::new(rows.count());
    filter.set("zurich", &rows);
    rows.make_more(usize::MAX);
    assert!(filter.complete(&rows));
    assert_eq!(filter.hits(), [1]);
    assert!(!filter.complete(&rows));
}

#[test]
fn marks_are_where_the_words_fit() {
    let marks = |item: Item, text: &str| {
        let roles = vec![item];
        let rows = all_made(&roles);
        let mut filter = Filter::new(1);
        filter.set(text, &rows);
        assert_eq!(filter.hits(), [0], "{text}");
        let marks = filter.marks(rows.get(0));
        [NAME, ACCOUNT, ABOUT].map(|column| marks.of(column).to_vec())
    };
    let item = Item::new("日本-e\u{301}x", "210987654321");
    assert_eq!(
        marks(item, "ex 2109 !foo"),
        [vec![3, 4], vec![0, 1, 2, 3], vec![]]
    );
    // Only the accent, written apart, is not ASCII.
    let item = Item::new("cafe\u{301}-admin", "");
    assert_eq!(marks(item, "adm")[0], [5, 6, 7]);
    // One that is seen may be two that are searched.
    assert_eq!(marks(Item::new("straße-x", ""), "asse")[0], [3, 4, 5]);
    let described = described();
    assert_eq!(marks(described[0].clone(), "shop a1")[2], [16, 17, 18, 19]);
    assert_eq!(marks(described[1].clone(), "zur")[2], [9, 10, 11]);
}
