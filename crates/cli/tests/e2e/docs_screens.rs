//! docs/screens.md is what people see, and so is the chooser in docs/guide.md and
//! in docs/chooser.svg, which README.md shows: every screen is drawn by the
//! program, on a terminal of 80 columns. To write them anew after a change:
//! `WRITE_SCREENS=1 cargo test -p assumerole --test e2e docs_screens`.

use std::fs;

use aws_sandbox::{Options, Role};

use super::harness::{BASE_ACCOUNT, KEY, SECRET, Stage, world};
use super::picture;
use super::support::{checkout, zone_where_it_is};
use super::terminal::{ESC, Terminal};

const CONFIG: &str = r#"{
  "assume_roles": {
    "acme-sandbox-admin": {
      "aws_profile": "acme-bastion", "aws_account": "123456789012", "aws_role": "admin",
      "aws_region": "eu-central-1", "description": "Play here", "tags": { "env": "sandbox" }
    },
    "acme-prod-read": {
      "aws_profile": "acme-bastion", "aws_account": "444455556666", "aws_role": "read",
      "aws_mfa_arn": "arn:aws:iam::210987654321:mfa/jdoe", "aws_region": "eu-west-1",
      "description": "Look only", "tags": { "env": "prod" }
    },
    "acme-prod-deploy": {
      "aws_profile": "acme-bastion", "aws_account": "444455556666", "aws_role": "deploy",
      "aws_mfa_arn": "arn:aws:iam::210987654321:mfa/jdoe", "aws_region": "eu-west-1",
      "description": "Releases", "tags": { "env": "prod" }
    },
    "globex-read": {
      "aws_profile": "acme-bastion", "aws_account": "666677778888", "aws_role": "read",
      "aws_region": "us-east-1", "description": "Globex", "tags": { "env": "prod" }
    },
    "münchen-lager": {
      "aws_profile": "acme-bastion", "aws_account": "777788889999", "aws_role": "ops",
      "aws_region": "eu-central-1", "description": "Warehouse"
    }
  }
}
"#;

const HISTORY: &str = r#"{"at":"2026-11-22T16:20:00Z","role":"globex-read","expires":"2026-11-22T17:19:59Z","cached":false,"way":"shell","parent":"zsh"}
{"at":"2026-11-23T09:31:00Z","role":"acme-sandbox-admin","expires":"2026-11-23T10:30:59Z","cached":false,"way":"shell","parent":"zsh"}
{"at":"2026-11-23T09:47:00Z","role":"acme-prod-read","expires":"2026-11-23T10:46:59Z","cached":false,"way":"exec","parent":"make"}
{"at":"2026-11-23T10:02:00Z","role":"acme-prod-read","expires":"2026-11-23T10:46:59Z","cached":true,"way":"exec","parent":"make"}
"#;

/// How the chooser begins on a page.
const CHOOSER: &str = "```text\n$ assumerole\nRole: ";
const PAGE: &str = "docs/screens.md";
const PICTURE: &str = "docs/chooser.svg";

fn stage() -> Stage {
    let mut world = world();
    for arn in [
        "arn:aws:iam::444455556666:role/read",
        "arn:aws:iam::123456789012:role/admin",
    ] {
        world = world.role(Role::new(arn).trusting(BASE_ACCOUNT));
    }
    let stage = Stage::with(world, Options::default());
    stage.write(".assumerole", CONFIG);
    let endpoint = stage.sandbox.endpoint();
    stage.write(
        ".aws/config",
        &format!("[profile acme-bastion]\nendpoint_url = {endpoint}\n"),
    );
    stage.write(
        ".aws/credentials",
        &format!("[acme-bastion]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n"),
    );
    stage.warm("acme-prod-read");
    let ran = stage.run(&["exec", "acme-sandbox-admin", "--", "true"]);
    assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
    // Whoever tests may do so at midnight.
    stage.write(".assumerole.d/history", HISTORY);
    stage
}

/// What stands on the terminal after `assumerole args`, in a zone where it is
/// afternoon; the history's times are not of today.
fn screen(stage: &Stage, args: &str) -> String {
    let mut terminal = Terminal::of_columns(80);
    let zone = match args {
        "history" => "UTC".to_owned(),
        _ => zone_where_it_is(15),
    };
    terminal.start(stage, &format!("assumerole {args}"), &[("TZ", &zone)]);
    terminal.ends();
    match args {
        "history" => terminal.screen(),
        _ => steady(&terminal.screen()),
    }
}

/// The chooser as text, and as a picture.
fn chooser(stage: &Stage) -> (String, String) {
    let mut terminal = Terminal::of_columns(80);
    let zone = zone_where_it_is(15);
    terminal.start(stage, "assumerole", &[("TZ", &zone)]);
    terminal.sees("Esc cancel");
    terminal.types("prod");
    terminal.sees("3/5");
    let text = steady(&terminal.screen());
    let picture = terminal.drawn(|screen| picture::svg(screen, "assumerole", steady_line));
    terminal.types(ESC);
    terminal.ends();
    (text, picture)
}

/// The screen as it is a moment after the sessions began, at four.
fn steady(screen: &str) -> String {
    let lines: Vec<String> = screen.lines().map(steady_line).collect();
    lines.join("\n")
}

fn steady_line(line: &str) -> String {
    let end = match line.contains("tomorrow") {
        true => "03:59",
        false => "16:59",
    };
    let steady = |word: &str| {
        let bare = word.trim_end_matches([' ', ')']);
        let digits = bare.trim_start_matches('(').trim_end_matches('m');
        let is_clock = bare.len() == 5 && bare.as_bytes()[2] == b':';
        if is_clock {
            word.replace(bare, end)
        } else if digits.starts_with('5') && bare.ends_with('m') && digits.len() == 2 {
            word.replace(digits, "59")
        } else {
            word.replace("██████████", "█████████░")
        }
    };
    line.split_inclusive([' ', ')']).map(steady).collect()
}

/// The page, and the picture of the chooser.
fn page(stage: &Stage) -> (String, String) {
    let mut page = "\
# What it looks like

These are screens of a terminal with 80 columns. A wider one shows more, a narrower one less.
The program draws every screen in a test.
"
    .to_owned();
    let mut add = |title: &str, typed: &str, screen: &str| {
        let command = format!("$ assumerole {typed}");
        let command = command.trim_end();
        page.push_str(&format!(
            "\n## {title}\n\n```text\n{command}\n{screen}\n```\n"
        ));
    };
    let (text, picture) = chooser(stage);
    add("Choosing a role", "", &text);
    for (title, typed) in [
        ("Roles", "list"),
        ("Cached sessions", "status"),
        ("History", "history"),
        ("A misspelled name", "exec acme-prod-raed -- aws s3 ls"),
    ] {
        add(title, typed, &screen(stage, typed));
    }
    // Nobody is called: nobody need be there.
    stage.write(
        ".aws/config",
        "[profile acme-bastion]\nregion = eu-central-1\n",
    );
    let typed = "plan globex-read";
    add("A plan, and the reasons", typed, &screen(stage, typed));
    stage.write(
        ".assumerole",
        &CONFIG.replacen("\"123456789012\"", "\"12345678901\"", 1),
    );
    let typed = "acme-sandbox-admin";
    add("A mistake in ~/.assumerole", typed, &screen(stage, typed));
    (page, picture)
}

/// `text` with `chooser` in the place of the chooser that it shows.
fn with_chooser(text: &str, chooser: &str) -> String {
    let (before, rest) = text.split_once(CHOOSER).expect("a chooser");
    let (_, after) = rest.split_once("```").expect("its end");
    format!("{before}{chooser}{after}")
}

#[test]
fn the_screens_in_the_docs_are_those_of_the_program() {
    let root = checkout();
    let (drawn, picture) = page(&stage());
    let (_, chooser) = drawn.split_once(CHOOSER).unwrap();
    let chooser = format!("{CHOOSER}{}```", chooser.split("```").next().unwrap());
    // The chooser is the first impression.
    for name in [PAGE, PICTURE, "docs/guide.md"] {
        let path = root.join(name);
        let found = fs::read_to_string(&path).unwrap_or_default();
        let wanted = match name {
            PAGE => drawn.clone(),
            PICTURE => picture.clone(),
            _ => with_chooser(&found, &chooser),
        };
        if found != wanted && std::env::var_os("WRITE_SCREENS").is_some() {
            fs::write(&path, &wanted).unwrap();
            continue;
        }
        assert!(
            found == wanted,
            "{name} does not show what people see (how to write it stands at the head of this test):\n{wanted}"
        );
    }
}
