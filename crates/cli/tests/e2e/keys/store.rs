//! `keys add`, `list`, `show`, `remove`, `export` and `store`.

use std::io::Write as _;
use std::process::Stdio;

use super::{BY_COMMAND, pair};
use crate::harness::{KEY, Ran, SECRET, Stage};
use crate::support::{Checks, check};
use crate::terminal::Terminal;

fn add(stage: &Stage, args: &[&str], input: &str) -> Ran {
    let mut command = stage.in_path(&[&["keys", "add"], args].concat());
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    Ran {
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        status: output.status.code().unwrap_or(-1),
    }
}

fn by_command<'a>(args: &[&'a str]) -> Vec<&'a str> {
    [args, &BY_COMMAND].concat()
}

#[test]
fn a_key_is_added_shown_and_removed_and_no_file_has_its_secret() {
    let stage = Stage::new();
    stage.write(".aws/credentials", "");
    let mut checks = Checks::default();
    let line = "to use it, put this into profile base of ~/.aws/credentials: credential_process = assumerole credential-process --session base\n";
    checks.ran(
        "add",
        &add(&stage, &by_command(&["base"]), &pair()),
        "",
        &format!("the key {KEY} is stored as base\n{line}"),
        0,
    );
    checks.same("secret", &format!("{:?}", stage.secret_at()), "[]");
    let json = stage.keys(&["list", "--json"]);
    checks.same(
        "json",
        &json
            .stdout
            .contains(&format!("\"access_key_id\": \"{KEY}\""))
            .to_string(),
        "true",
    );
    let shown = stage.keys(&["show", "base"]);
    checks.same(
        "show",
        &shown
            .stdout
            .starts_with(&format!(
                "name           base\naccess key ID  {KEY}\nstored         "
            ))
            .to_string(),
        "true",
    );
    for args in [
        &["list"][..],
        &["list", "--json"],
        &["show", "base"],
        &["show", "--json", "base"],
        &["store"],
        &["store", "--json"],
        &["unlock"],
        &["lock"],
        &["remove", "base"],
        &["export", "base"],
    ] {
        let ran = stage.keys(args);
        let all = format!("{}{}", ran.stdout, ran.stderr);
        checks.same(
            &format!("{args:?}"),
            &all.contains(SECRET).to_string(),
            "false",
        );
    }
    checks.ran(
        "remove without a terminal",
        &stage.keys(&["remove", "base"]),
        "",
        "error: the key base is not removed: there is no terminal to ask at\n  hint: confirm it if you mean it: assumerole keys remove --yes base\n",
        5,
    );
    let ran = stage.keys(&["remove", "--yes", "base"]);
    checks.number("remove", ran.status as usize, 0);
    checks.ran(
        "show again",
        &stage.keys(&["show", "base"]),
        "",
        "error: no key \"base\" is stored\n  hint: see which keys are stored: assumerole keys list\n",
        4,
    );
    checks.ran(
        "list again",
        &stage.keys(&["list"]),
        "",
        "no key is stored; store one: assumerole keys add NAME\n",
        0,
    );
}

/// Each of them would make the store, and its key with the same program.
#[test]
fn those_who_make_the_store_at_once_agree_on_one() {
    let stage = Stage::new();
    let names = ["a", "b", "c", "d"];
    std::thread::scope(|scope| {
        let all = names.map(|name| {
            let stage = &stage;
            scope.spawn(move || add(stage, &by_command(&[name]), &pair()))
        });
        for one in all {
            let ran = one.join().unwrap();
            assert_eq!(ran.status, 0, "{ran:?}");
        }
    });
    for name in names {
        stage.keys(&["lock"]);
        let ran = stage.keys(&["export", "--yes", name]);
        assert_eq!(ran.status, 0, "{ran:?}");
    }
}

#[test]
fn export_gives_the_profile_back_and_only_when_it_is_meant() {
    let stage = Stage::new();
    stage.write(".aws/credentials", "");
    add(&stage, &by_command(&["base"]), &pair());
    let ran = stage.keys(&["export", "base"]);
    assert_eq!((ran.stdout.as_str(), ran.status), ("", 5));
    check(
        &stage.keys(&["export", "--yes", "base"]),
        &format!("[base]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n"),
        "",
        0,
    );
}

#[test]
fn what_is_no_key_is_refused_and_not_shown() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    for (input, why) in [
        (
            String::new(),
            "it is neither the console's CSV file nor an access key ID and a secret key",
        ),
        (
            format!("{SECRET}\n{KEY}\n"),
            "an access key ID has 16 or more capital letters and digits, such as AKIAIOSFODNN7EXAMPLE",
        ),
        (
            format!("ASIAIOSFODNN7EXAMPLE {SECRET}"),
            "it is a temporary key, which ends by itself and is not stored",
        ),
    ] {
        checks.ran(
            &input.replace(SECRET, "SECRET"),
            &add(&stage, &by_command(&["base"]), &input),
            "",
            &format!("error: standard input has no access key\n  because: {why}\n"),
            2,
        );
    }
    checks.same("nothing", &stage.list(".assumerole.d/keys").join(" "), "");
}

#[test]
fn the_consoles_file_is_read_and_removed_if_one_says_so() {
    let stage = Stage::new();
    stage.write(".aws/credentials", "");
    let csv = format!("\u{feff}Access key ID,Secret access key\r\n{KEY},{SECRET}\r\n");
    stage.write("jdoe_accessKeys.csv", &csv);
    let args = by_command(&["--csv", "jdoe_accessKeys.csv", "base"]);
    let ran = add(&stage, &args, "");
    assert!(
        ran.stderr.contains("jdoe_accessKeys.csv still has the secret key in clear; remove it: rm jdoe_accessKeys.csv\n"),
        "{ran:?}"
    );
    assert_eq!(stage.secret_at(), ["./jdoe_accessKeys.csv"]);
    let args = ["--replace", "--yes", "--csv", "jdoe_accessKeys.csv", "base"];
    let ran = add(&stage, &args, "");
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(
        ran.stderr.contains("removed jdoe_accessKeys.csv"),
        "{ran:?}"
    );
    assert!(stage.secret_at().is_empty());
}

#[test]
fn a_key_that_is_there_is_not_lost_by_accident() {
    let stage = Stage::new();
    add(&stage, &by_command(&["base"]), &pair());
    let other = format!("AKIAOTHEROTHEROTHER1 {SECRET}");
    let mut checks = Checks::default();
    checks.ran(
        "another",
        &add(&stage, &["base"], &other),
        "",
        &format!("error: a key \"base\" is stored already: {KEY}\n  hint: replace it: assumerole keys add --replace base\n"),
        2,
    );
    let ran = add(&stage, &["--replace", "base"], &other);
    checks.number("replaced", ran.status as usize, 0);
    let shown = stage.keys(&["show", "base"]).stdout;
    checks.same(
        "is the other",
        &shown.contains("AKIAOTHEROTHEROTHER1").to_string(),
        "true",
    );
}

#[test]
fn at_a_terminal_both_halves_are_typed_and_the_secret_is_not_seen() {
    let stage = Stage::new();
    stage.write(".aws/credentials", "");
    let mut terminal = Terminal::new();
    let line = format!(
        "keys add {} base",
        BY_COMMAND.map(|word| format!("\"{word}\"")).join(" ")
    );
    terminal.start(&stage, &format!("assumerole {line}"), &[]);
    terminal.sees("Access key ID:");
    terminal.types("nonsense\r");
    terminal.sees("an access key ID has 16 or more");
    // What is typed before a question is not its answer.
    terminal.sees_times("Access key ID:", 2);
    terminal.types(&format!("{KEY}\r"));
    terminal.sees("Secret access key:");
    terminal.types(&format!("{SECRET}\r"));
    terminal.sees("Recovery passphrase");
    terminal.types("\r");
    assert_eq!(terminal.ends(), 0);
    assert!(!terminal.all().contains(SECRET));
    assert_eq!(stage.keys(&["show", "base"]).status, 0);
}

#[test]
fn ctrl_c_at_each_question_stores_nothing() {
    let stage = Stage::new();
    for answers in [&[][..], &[KEY][..], &[KEY, SECRET][..]] {
        let mut terminal = Terminal::new();
        let line = format!(
            "keys add {} base",
            BY_COMMAND.map(|word| format!("\"{word}\"")).join(" ")
        );
        terminal.start(&stage, &format!("exec assumerole {line}"), &[]);
        for (answer, question) in answers.iter().zip(["Access key ID:", "Secret access key:"]) {
            terminal.sees(question);
            terminal.types(&format!("{answer}\r"));
        }
        terminal.sees(
            [
                "Access key ID:",
                "Secret access key:",
                "Recovery passphrase",
            ][answers.len()],
        );
        terminal.types(crate::terminal::CTRL_C);
        terminal.is_ended_by(rustix::process::Signal::INT);
        assert!(!stage.path(".assumerole.d/keys/store").exists());
    }
}

#[test]
fn a_store_moves_to_another_program_with_its_keys() {
    let stage = Stage::new();
    stage.write(".aws/credentials", "");
    add(&stage, &by_command(&["base"]), &pair());
    let moved = stage.keys(&[
        "store",
        "command",
        "--get",
        "/bin/cat other-key",
        "--put",
        "/bin/sh -c 'cat > other-key'",
    ]);
    check(
        &moved,
        "",
        "the key store is unlocked by what /bin/cat prints now\nthere is no second way to unlock the store; set one: assumerole keys store --recovery\n",
        0,
    );
    std::fs::remove_file(stage.path("store-key")).unwrap();
    stage.keys(&["lock"]);
    assert_eq!(stage.keys(&["export", "--yes", "base"]).status, 0);
}

#[test]
fn each_provider_says_what_it_lacks() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    checks.ran(
        "command",
        &add(&stage, &["--store", "command", "base"], &pair()),
        "",
        "error: missing: --get COMMAND\n  hint: write: assumerole keys store command --get 'pass show assumerole' --put 'pass insert -m assumerole'\n",
        2,
    );
    checks.ran(
        "agent",
        &add(&stage, &["--store", "ssh-agent", "base"], &pair()),
        "",
        "error: the ssh agent cannot protect the key store\n  because: SSH_AUTH_SOCK is not set\n  hint: load an Ed25519 key: ssh-add ~/.ssh/id_ed25519\n",
        1,
    );
    checks.ran(
        "passphrase",
        &add(&stage, &["base"], &pair()),
        "",
        "error: a passphrase is needed, and there is no terminal to ask for it\n  hint: run this in a terminal\n",
        8,
    );
    checks.ran(
        "none",
        &stage.keys(&["unlock"]),
        "",
        "error: no key is stored\n  hint: store one: assumerole keys add NAME\n",
        4,
    );
    checks.same("nothing", &stage.list(".assumerole.d/keys").join(" "), "");
}

/// Nobody asks AWS for it: it is noted when AWS says it.
#[test]
fn whose_a_key_is_is_known_as_soon_as_aws_has_said_it() {
    let stage = Stage::new();
    stage.import_base();
    let user = "\"user\": \"arn:aws:iam::210987654321:user/jdoe\"";
    let is_known = || {
        stage
            .keys(&["show", "--json", "base"])
            .stdout
            .contains(user)
    };
    assert!(!is_known());
    assert_eq!(stage.run(&["exec", "plain", "--", "true"]).status, 0);
    assert_eq!(stage.requests(), 1);
    assert!(!is_known());
    stage.run(&["doctor"]);
    // Where the kernel holds no keys, the store is locked again by then.
    if stage
        .keys(&["store", "--json"])
        .stdout
        .contains("\"unlocked\": true")
    {
        assert!(is_known());
    }
    // The key is as it was.
    let ran = stage.run(&["exec", "--fresh", "plain", "--", "true"]);
    check(&ran, "", "", 0);
}
