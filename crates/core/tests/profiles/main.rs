//! The marked block in `~/.aws/config`: what is written is read back, and
//! nothing else differs by a byte.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails loudly")]

mod props;

use assumerole_core::Error;
use assumerole_core::aws_config::profiles::{Block, BlockProfile, Decision, Update, update};
use assumerole_core::aws_config::{AwsFile, FileKind, fits_header};

const SOURCE: &str = "~/.assumerole";

fn file(text: &str) -> AwsFile {
    AwsFile::parse(FileKind::Config, "~/.aws/config", text.to_owned())
}

fn entry(role: &str, region: Option<&str>) -> BlockProfile {
    BlockProfile {
        profile: role.to_owned(),
        role: role.to_owned(),
        command: format!("/bin/assumerole credential-process -- {role}"),
        region: region.map(str::to_owned),
        sso: None,
    }
}

/// `text` with the profiles of `roles` alone.
fn written(text: &str, roles: &[&str]) -> String {
    let order: Vec<String> = roles.iter().map(|role| (*role).to_owned()).collect();
    let mut decide = |role: &str| match roles.contains(&role) {
        true => Decision::Set(entry(role, Some("eu-west-1"))),
        false => Decision::Drop,
    };
    let update = update(&file(text), SOURCE, &order, false, &mut decide);
    String::from_utf8(update.unwrap().content).unwrap()
}

fn removed(text: &str) -> String {
    written(text, &[])
}

fn failed(text: &str) -> Error {
    Block::find(&file(text)).map(|_| ()).unwrap_err()
}

fn keep(_: &str) -> Decision {
    Decision::Keep
}

#[test]
fn a_block_is_written_at_the_end_and_leaves_nothing_behind() {
    let block = "\
# BEGIN assumerole: written by `assumerole profiles write`; do not edit
# source: ~/.assumerole 1c13d6df
[profile a]
credential_process = /bin/assumerole credential-process -- a
region = eu-west-1

[profile b]
credential_process = /bin/assumerole credential-process -- b
region = eu-west-1
# END assumerole
";
    for (before, shown) in [
        ("", block.to_owned()),
        ("[default]\n", format!("[default]\n{block}")),
        ("[default]", format!("[default]\n{}", block.trim_end())),
        (
            "[default]\r\nregion = x\r\n",
            format!("[default]\r\nregion = x\r\n{}", block.replace('\n', "\r\n")),
        ),
        ("[default]\r", format!("[default]\r{block}")),
        ("\u{feff}", format!("\u{feff}\n{}", block.trim_end())),
    ] {
        let text = written(before, &["a", "b"]);
        assert_eq!(text, shown, "{before:?}");
        assert_eq!(written(&text, &["a", "b"]), text, "{before:?}");
        assert_eq!(removed(&text), before, "{before:?}");
    }
}

#[test]
fn a_block_stays_where_it_is() {
    let text = written("[x]\n", &["a"]) + "[profile y]\n";
    let more = written(&text, &["b", "a"]);
    let lines: Vec<&str> = more
        .lines()
        .filter(|line| line.starts_with(['[', '#']))
        .collect();
    assert_eq!(lines[0], "[x]");
    assert_eq!(
        lines[3..],
        [
            "[profile b]",
            "[profile a]",
            "# END assumerole",
            "[profile y]"
        ]
    );
    assert_eq!(removed(&more), "[x]\n[profile y]\n");
}

#[test]
fn what_becomes_of_each_profile_is_told() {
    let text = written("", &["a", "b", "c", "gone"]);
    let order = ["a", "b", "new", "c"].map(str::to_owned);
    let mut decide = |role: &str| match role {
        "a" => Decision::Keep,
        "c" | "gone" => Decision::Drop,
        "new" => Decision::Set(entry("new", None)),
        _ => Decision::Set(entry(role, None)),
    };
    let Update { changes, .. } = update(&file(&text), SOURCE, &order, false, &mut decide).unwrap();
    let told: Vec<String> = changes
        .iter()
        .map(|change| {
            let name =
                |entry: &Option<BlockProfile>| entry.as_ref().map(|entry| entry.profile.clone());
            format!(
                "{} {} {}",
                name(&change.before).unwrap_or_default(),
                name(&change.after).unwrap_or_default(),
                change.is_none()
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "a a true",
            "b b false",
            " new false",
            "c  false",
            "gone  false"
        ]
    );
}

#[test]
fn the_part_of_another_source_stays_as_it_is() {
    let other =
        "# source: sso-session corp 00000000\n[profile corp]\nsso_session = corp\nwhatever\n";
    let text = written("", &["a"]).replace("# END", &format!("{other}# END"));
    let more = written(&text, &["a", "b"]);
    assert!(more.contains(other), "{more}");
    assert!(more.contains("[profile b]"), "{more}");
    let gone = removed(&more);
    let block = "# BEGIN assumerole: written by `assumerole profiles write`; do not edit\n";
    assert_eq!(gone, format!("{block}{other}# END assumerole\n"));
    assert!(written(&gone, &["a"]).contains("[profile a]"));
}

#[test]
fn an_edit_by_hand_is_seen() {
    let text = written("", &["a"]);
    for (from, to, place) in [
        ("eu-west-1", "eu-west-2", "~/.aws/config:2:1"),
        ("region = ", "region=", "~/.aws/config:5:1"),
        ("# END", "output = json\n# END", "~/.aws/config:6:1"),
        ("# END", "# mine\n# END", "~/.aws/config:6:1"),
        ("credential-process", "exec", "~/.aws/config:4:1"),
        ("[profile a]", "[profile a b]", "~/.aws/config:3:1"),
        ("[profile a]\n", "", "~/.aws/config:3:1"),
        ("region", "[profile b]\nregion", "~/.aws/config:2:1"),
        (
            "# source: ~/.assumerole ",
            "# source: ~/.assumerole 0",
            "~/.aws/config:2:1",
        ),
    ] {
        let edited = text.replacen(from, to, 1);
        let error = update(&file(&edited), SOURCE, &[], false, &mut keep).unwrap_err();
        assert_eq!(
            error.message(),
            "the assumerole block in ~/.aws/config was edited by hand"
        );
        assert_eq!(error.snippet().unwrap().place(), place, "{from}");
        let mut set = |role: &str| Decision::Set(entry(role, Some("eu-west-1")));
        let order = ["a".to_owned()];
        let forced = update(&file(&edited), SOURCE, &order, true, &mut set).unwrap();
        assert_eq!(String::from_utf8(forced.content).unwrap(), text, "{from}");
    }
    // Another line end, or a blank line more at its end, is nobody's edit.
    for (from, to) in [("\n", "\r\n"), ("# END", "\n\n# END")] {
        let same = text.replace(from, to);
        update(&file(&same), SOURCE, &[], false, &mut keep).unwrap();
    }
}

#[test]
fn broken_markers_are_told_with_their_place() {
    let block = written("", &["a"]);
    for (text, message, line) in [
        (
            "[x]\n# BEGIN assumerole\n[profile a]\n".to_owned(),
            "the assumerole block in ~/.aws/config does not end",
            2,
        ),
        (
            "[x]\n# END assumerole\n".to_owned(),
            "~/.aws/config ends an assumerole block that does not begin",
            2,
        ),
        (
            format!("{block}[x]\n{block}"),
            "~/.aws/config has a second assumerole block",
            8,
        ),
        (
            format!("# BEGIN assumerole\n{block}"),
            "~/.aws/config has a second assumerole block",
            2,
        ),
        (
            format!("{block}# END assumerole\n"),
            "~/.aws/config ends an assumerole block that does not begin",
            7,
        ),
        (
            format!("{block}\n# comment\noutput = json\n[x]\n"),
            "this line belongs to the last profile of the assumerole block",
            9,
        ),
        (
            format!("{block}  [profile x]\nregion = y\n"),
            "this line belongs to the last profile of the assumerole block",
            7,
        ),
        (
            block.replace("# source", "region = y\n# source"),
            "the assumerole block in ~/.aws/config was edited by hand",
            2,
        ),
        (
            block.replace(
                "# END",
                &format!(
                    "{}# END",
                    &block[block.find("# source").unwrap()..block.find("# END").unwrap()]
                ),
            ),
            "the assumerole block has two parts of one source",
            6,
        ),
    ] {
        let error = failed(&text);
        assert_eq!(error.message(), message, "{text}");
        assert_eq!(error.snippet().unwrap().line, line, "{text}");
        assert!(!error.hints().is_empty(), "{text}");
    }
    let utf16 = AwsFile::from_bytes(FileKind::Config, "~/.aws/config", vec![0xff, 0xfe, b'[', 0]);
    let error = Block::find(&utf16).unwrap_err();
    assert_eq!(
        error.message(),
        "cannot edit ~/.aws/config: it is UTF-16, not UTF-8"
    );
    // Words that only begin as a marker does are none.
    for text in [
        "# BEGIN assumerole-old\n",
        "# BEGIN assumeroles\n[x]\n",
        "# END assumerole2\n",
    ] {
        assert!(Block::find(&file(text)).unwrap().is_none(), "{text}");
    }
}

#[test]
fn bytes_that_are_no_text_stay() {
    let bytes = b"[x]\nname = \xff\xfe\n";
    let read = AwsFile::from_bytes(FileKind::Config, "~/.aws/config", bytes.to_vec());
    let mut set = |role: &str| Decision::Set(entry(role, None));
    let order = ["a".to_owned()];
    let update = update(&read, SOURCE, &order, false, &mut set).unwrap();
    assert!(update.content.starts_with(bytes));
}

#[test]
fn names_that_all_sdks_find_fit_a_header() {
    for (name, fits) in [
        ("acme-read", true),
        ("Acme_1/read.only%x@y:z+w", true),
        ("", false),
        ("a b", false),
        ("a]b", false),
        ("a\nb", false),
        ("é", false),
        ("a=b", false),
        ("a\"b", false),
        ("a#b", false),
    ] {
        assert_eq!(fits_header(name), fits, "{name:?}");
    }
}
