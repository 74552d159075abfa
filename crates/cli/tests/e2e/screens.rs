//! Tables, a plan and errors as they look on terminals of the usual widths: long
//! names, wide characters, values that are missing.

use super::harness::{CONFIG, DEVICE, Stage};
use super::support::zone_where_it_is;
use super::terminal::Terminal;

const WIDTHS: [u16; 3] = [60, 80, 120];

/// One cached, and others of every kind.
fn stage() -> Stage {
    let stage = Stage::new();
    let role = |name: &str, more: &str| {
        format!(
            r#""{name}": {{ "aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain"{more} }}"#
        )
    };
    let mfa = format!(r#", "aws_mfa_arn": "{DEVICE}""#);
    let roles = [
        role(
            "acme-sandbox-read",
            &format!(r#"{mfa}, "aws_region": "eu-central-1", "description": "Look, do not touch""#),
        ),
        role(
            "acme-production-administrator-with-break-glass",
            r#", "aws_region": "ap-southeast-4", "description": "Only with a ticket that somebody else approved""#,
        ),
        role(
            "グローベックス-本番",
            r#", "aws_region": "ap-northeast-1", "description": "東京""#,
        ),
        role("café-e\u{301}tage", ""),
    ];
    stage.write(
        ".assumerole",
        &format!("{{ \"assume_roles\": {{ {} }} }}", roles.join(",")),
    );
    // The first row last: it ends last, if a second begins in between.
    for name in [
        "グローベックス-本番",
        "acme-production-administrator-with-break-glass",
    ] {
        let ran = stage.run(&["exec", name, "--", "true"]);
        assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
    }
    stage
}

/// What `assumerole args` leaves on a terminal, where it is noon: so that no
/// session ends tomorrow.
fn screen(stage: &Stage, columns: u16, args: &str) -> String {
    let mut terminal = Terminal::of_size(columns, 60);
    let zone = zone_where_it_is(12);
    terminal.start(stage, &format!("assumerole {args}"), &[("TZ", &zone)]);
    terminal.ends();
    terminal.screen()
}

/// Times with every digit as 0, and a bar that is whole.
fn steady(screen: &str) -> String {
    let words = screen.split_inclusive([' ', '\n']).map(|word| {
        let is_time = |word: &str| {
            let units = word.trim_end().trim_matches(|c: char| c.is_ascii_digit());
            ["m", "h", ":"].contains(&units)
        };
        match is_time(word) {
            true => word.replace(|c: char| c.is_ascii_digit(), "0"),
            false => word.replace('░', "█"),
        }
    });
    words.collect()
}

#[test]
fn roles_in_a_table() {
    let stage = stage();
    for columns in WIDTHS {
        let screen = steady(&screen(&stage, columns, "list"));
        insta::assert_snapshot!(format!("list_at_{columns}"), screen);
    }
}

#[test]
fn sessions_in_a_table() {
    let stage = stage();
    for columns in WIDTHS {
        let screen = steady(&screen(&stage, columns, "status"));
        insta::assert_snapshot!(format!("status_at_{columns}"), screen);
    }
}

#[test]
fn history_in_a_table() {
    let stage = Stage::new();
    stage.write(
        ".assumerole.d/history",
        r#"{"at":"2026-11-22T08:00:00Z","role":"acme-sandbox-read"}
{"at":"2026-11-22T09:30:00Z","role":"グローベックス-本番","expires":"2026-11-22T10:29:59Z","cached":false,"way":"exec","parent":"terraform-provider"}
{"at":"2026-11-23T10:00:59Z","role":"acme-production-administrator-with-break-glass","expires":"2026-11-23T11:59:59Z","cached":true,"way":"shell","parent":"zsh"}
{"at":"2026-11-23T10:00:59Z","role":"café-étage","expires":"2026-11-23T10:59:59Z","cached":true,"way":"exec","parent":"make\u001b[2J"}
"#,
    );
    for columns in WIDTHS {
        let mut terminal = Terminal::of_columns(columns);
        terminal.start(&stage, "exec assumerole history", &[]);
        assert_eq!(terminal.ends(), 0);
        insta::assert_snapshot!(format!("history_at_{columns}"), terminal.screen());
    }
}

#[test]
fn a_plan() {
    let stage = stage();
    // Nobody is called: nobody need be there.
    stage.write(".aws/config", "[profile base]\nregion = eu-central-1\n");
    for columns in WIDTHS {
        let screen = screen(&stage, columns, "plan acme-sandbox-read");
        insta::assert_snapshot!(format!("plan_at_{columns}"), screen);
    }
}

#[test]
fn errors() {
    let stage = Stage::new();
    stage.write("wrong", "{\"assume_roles\": {\n");
    let lost = r#""lost": { "aws_profile": "nowhere", "aws_account": "123456789012", "aws_role": "r" },
    "plain": {"#;
    stage.write(".assumerole", &CONFIG.replacen("\"plain\": {", lost, 1));
    for columns in WIDTHS {
        let mut shown = Vec::new();
        for args in [
            "exec deplyo -- true",
            "history --lines many",
            "exec plain",
            "export plain --format docker-compose",
            "--config wrong list",
            "exec lost -- true",
        ] {
            shown.push(format!(
                "$ assumerole {args}\n{}",
                screen(&stage, columns, args)
            ));
        }
        insta::assert_snapshot!(format!("errors_at_{columns}"), shown.join("\n\n"));
    }
}
