//! What holds for every file.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::corpus::files;
use super::{TOKEN, edited};

/// Some other program's opinion: whether `bytes` are well-formed XML.
/// Encodings other than UTF-8, XML 1.1 and what we are more lenient in are
/// beyond it.
fn well_formed(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    let lower = text.to_ascii_lowercase();
    if ["8859", "ascii", "latin"]
        .iter()
        .any(|name| lower.contains(name))
    {
        return false;
    }
    let options = roxmltree::ParsingOptions {
        allow_dtd: true,
        ..roxmltree::ParsingOptions::default()
    };
    roxmltree::Document::parse_with_options(text, options).is_ok()
}

/// The passwords that the servers called `codeartifact` have to that program.
fn passwords(bytes: &[u8]) -> Vec<String> {
    let text = std::str::from_utf8(bytes).unwrap();
    let options = roxmltree::ParsingOptions {
        allow_dtd: true,
        ..roxmltree::ParsingOptions::default()
    };
    let document = roxmltree::Document::parse_with_options(text, options).unwrap();
    let text_of = |node: roxmltree::Node<'_, '_>| {
        let texts = node.children().filter(roxmltree::Node::is_text);
        let whole: String = texts.filter_map(|text| text.text()).collect();
        whole.trim().to_owned()
    };
    let named = |node: &roxmltree::Node<'_, '_>, name: &str| {
        let namespace = node.tag_name().namespace().unwrap_or_default();
        let path = namespace.split_once("://").unwrap_or_default();
        let of_maven = ["http", "https"].contains(&path.0);
        let of_maven = of_maven && path.1.starts_with("maven.apache.org/SETTINGS/");
        let ours = namespace.is_empty() || of_maven;
        node.tag_name().name() == name && ours
    };
    let root = document.root_element();
    let servers = root
        .children()
        .filter(|node| named(node, "servers"))
        .flat_map(|servers| servers.children().filter(|node| named(node, "server")));
    let ours = servers.filter(|server| {
        let mut ids = server.children().filter(|node| named(node, "id"));
        let plain = |id: roxmltree::Node<'_, '_>| !id.children().any(|node| node.is_element());
        ids.any(|id| plain(id) && text_of(id) == "codeartifact")
    });
    ours.flat_map(|server| server.children().filter(|node| named(node, "password")))
        .map(text_of)
        .collect()
}

/// Whether `after` is `before` with parts replaced or added, none of them
/// longer than what may change: that is, every line that is gone held a
/// password or was the tag that something was put into.
fn differs_only_in_the_edit(before: &[u8], after: &[u8]) -> bool {
    let same = |(a, b): &(&u8, &u8)| a == b;
    let start = before.iter().zip(after).take_while(same).count();
    let most = before.len().min(after.len()) - start;
    let ends = before.iter().rev().zip(after.iter().rev());
    let end = ends.take(most).take_while(same).count();
    let gone = &before[start..before.len() - end];
    // The end of an empty tag, or what a password was.
    gone.len() < 400 && !gone.windows(2).any(|two| two == b"</")
}

/// Where every server had a password already: what is not password is the same,
/// byte for byte, however many there are.
fn only_passwords_differ(before: &str, after: &str, password: &str) -> bool {
    let mut parts = after.split(password);
    let Some(mut rest) = parts.next().and_then(|first| before.strip_prefix(first)) else {
        return false;
    };
    for part in parts {
        // The last one goes to the end.
        let Some(at) = rest.find(part).filter(|_| !part.is_empty()) else {
            return false;
        };
        if rest[..at].contains('<') {
            return false;
        }
        rest = &rest[at + part.len()..];
    }
    rest.is_empty()
}

/// Everything that must hold of one edit.
fn check(bytes: &[u8], password: &str) {
    let Ok(Some(after)) = edited(bytes, password) else {
        return;
    };
    assert_eq!(edited(&after, password), Ok(None), "a second time changes");
    if well_formed(bytes) {
        assert!(well_formed(&after), "{}", String::from_utf8_lossy(&after));
        let set = passwords(&after);
        let right = !set.is_empty() && set.iter().all(|one| one == password);
        assert!(right, "{}", String::from_utf8_lossy(&after));
    }
    // And back: nothing but the token was different.
    let back = edited(&after, "another").unwrap();
    let direct = edited(bytes, "another").unwrap();
    let or_same = |changed: Option<Vec<u8>>, same: &[u8]| changed.unwrap_or_else(|| same.to_vec());
    assert_eq!(or_same(back, &after), or_same(direct, bytes));
}

#[test]
fn of_every_file_only_the_edit_differs() {
    let mut single = 0;
    for (name, bytes) in files() {
        check(&bytes, TOKEN);
        let Ok(Some(after)) = edited(&bytes, TOKEN) else {
            continue;
        };
        if !name.contains("several_with") && !name.contains("two_passwords") {
            single += 1;
            assert!(differs_only_in_the_edit(&bytes, &after), "{name}");
        }
    }
    assert!(single > 50);
}

fn corpus_file() -> impl Strategy<Value = Vec<u8>> {
    let files: Vec<Vec<u8>> = files().into_iter().map(|(_, bytes)| bytes).collect();
    // The deep one is slow to mutate and says little.
    let files: Vec<Vec<u8>> = files.into_iter().filter(|f| f.len() < 4096).collect();
    select(files)
}

/// One thing that goes wrong with a file.
#[derive(Clone, Debug)]
enum Mutation {
    Remove(Index, usize),
    Insert(Index, Vec<u8>),
    Repeat(Index, Index),
    Swap(Index, Index),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    #[rustfmt::skip]
    let parts = [
        "<", ">", "</", "/>", "&", ";", "&lt;", "&#65;", "<!--", "-->", "<![CDATA[", "]]>", "<?x ",
        "?>", "'", "\"", "=", "\n", "\r", "\t", " ", "<servers>", "</servers>", "<servers/>",
        "<server>", "</server>", "<id>codeartifact</id>", "<id>", "</id>", "<password>",
        "</password>", "<password/>", "xmlns=\"\"", " xmlns:m='http://maven.apache.org/SETTINGS/1.0.0'",
        "m:", "<!DOCTYPE settings>", "é", "\u{feff}", "\0", "codeartifact", "<settings>",
    ];
    let parts = select(parts.map(|part| part.as_bytes().to_vec()).to_vec());
    prop_oneof![
        (any::<Index>(), 1..30_usize).prop_map(|(at, count)| Mutation::Remove(at, count)),
        (
            any::<Index>(),
            prop_oneof![8 => parts, 1 => vec(any::<u8>(), 1..5)]
        )
            .prop_map(|(at, bytes)| Mutation::Insert(at, bytes)),
        (any::<Index>(), any::<Index>()).prop_map(|(from, to)| Mutation::Repeat(from, to)),
        (any::<Index>(), any::<Index>()).prop_map(|(one, two)| Mutation::Swap(one, two)),
    ]
}

fn mutate(mut bytes: Vec<u8>, mutations: &[Mutation]) -> Vec<u8> {
    for mutation in mutations {
        let place = |index: &Index| index.index(bytes.len() + 1);
        match mutation {
            Mutation::Remove(at, count) => {
                let start = place(at);
                let end = (start + count).min(bytes.len());
                bytes.drain(start..end);
            }
            Mutation::Insert(at, more) => {
                let at = place(at);
                bytes.splice(at..at, more.iter().copied());
            }
            Mutation::Repeat(from, to) => {
                let (from, to) = (place(from), place(to));
                let (from, to) = (from.min(to), from.max(to));
                let part = bytes[from..to].to_vec();
                bytes.splice(to..to, part);
            }
            Mutation::Swap(one, two) => {
                let (one, two) = (place(one), place(two));
                if one < bytes.len() && two < bytes.len() {
                    bytes.swap(one, two);
                }
            }
        }
    }
    bytes
}

/// A whole file of some shape, with or without the server.
fn settings() -> impl Strategy<Value = String> {
    let space = || {
        select(vec![
            "",
            " ",
            "\n",
            "\r\n",
            "\n  ",
            "\r\n\t",
            "<!-- c -->",
            "\n<?p x?>\n",
        ])
    };
    let word = || "[a-z&é]{0,8}".prop_map(|word| word.replace('&', "&amp;"));
    let id = prop_oneof![Just("codeartifact".to_owned()), word()];
    let password = prop_oneof![
        word().prop_map(|word| format!("<password>{word}</password>")),
        word().prop_map(|word| format!("<password><![CDATA[{word}]]></password>")),
        Just("<password/>".to_owned()),
        Just(String::new()),
    ];
    let server = (id, password, space(), space()).prop_map(|(id, password, a, b)| {
        format!("<server>{a}<id>{id}</id>{b}{password}{a}</server>")
    });
    let servers = (vec((server, space()), 0..4), space()).prop_map(|(servers, space)| {
        let servers: String = servers
            .iter()
            .map(|(s, space)| format!("{space}{s}"))
            .collect();
        format!("<servers>{servers}{space}</servers>")
    });
    let servers =
        prop_oneof![4 => servers, 1 => Just("<servers/>".to_owned()), 1 => Just(String::new())];
    let start = select(vec![
        "<settings>",
        "\u{feff}<settings>",
        "<?xml version='1.0'?>\n<settings xmlns=\"http://maven.apache.org/SETTINGS/1.0.0\">",
    ]);
    (start, space(), servers, space()).prop_map(|(start, a, servers, b)| {
        format!("{start}{a}<offline/>{a}{servers}{b}</settings>{a}")
    })
}

/// No white space around it, which Maven would drop, and no `]]>`, which turns
/// a CDATA section into text for good.
const PASSWORD: &str = "[!-Z^-~é€]([ -Z^-~é€]{0,38}[!-Z^-~é€])?";

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 512,
        failure_persistence: None,
        // The same cases everywhere; for others, take another number.
        rng_seed: proptest::test_runner::RngSeed::Fixed(20_261_125),
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_file_of_any_shape_gets_the_password_and_keeps_the_rest(
        xml in settings(), password in PASSWORD
    ) {
        prop_assert!(edited(xml.as_bytes(), &password).is_ok(), "{}", xml);
        check(xml.as_bytes(), &password);
        let marked = edited(xml.as_bytes(), "%%%").unwrap().unwrap();
        let marked = String::from_utf8(marked).unwrap();
        let tags = |text: &str| text.matches("<password>").count();
        if tags(&marked) == tags(&xml) {
            prop_assert!(only_passwords_differ(&xml, &marked, "%%%"), "{}", marked);
        } else {
            // One element was added or opened; all else is there.
            prop_assert!(marked.len() > xml.len() || xml.contains("/>"));
        }
    }

    #[test]
    fn a_mutated_file_is_edited_right_or_refused(
        bytes in corpus_file(), mutations in vec(mutation(), 1..6), password in PASSWORD
    ) {
        check(&mutate(bytes, &mutations), &password);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in vec(any::<u8>(), 0..200), password in any::<String>()) {
        let _ = edited(&bytes, &password);
    }

    #[test]
    fn no_markup_makes_it_panic(text in "[<>/!?\\[\\]CDATA&;#x0-9 a-z='\"-]{0,80}") {
        let _ = edited(format!("<settings>{text}</settings>").as_bytes(), TOKEN);
        let _ = edited(text.as_bytes(), TOKEN);
    }
}
