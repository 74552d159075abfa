use jiff::SignedDuration;

use super::*;
use crate::ui::chooser::Item;
use crate::ui::chooser::keys::Key;

const UTF8: Look = Look {
    color: false,
    utf8: true,
};
const COLOR: Look = Look {
    color: true,
    utf8: true,
};

fn items() -> Vec<Item> {
    let item = |name: &str, account: &str, region: &str, left, description: &str| Item {
        name: name.to_owned(),
        account: account.to_owned(),
        region: (!region.is_empty()).then(|| region.to_owned()),
        left: (left > 0).then(|| SignedDuration::from_mins(left)),
        description: (!description.is_empty()).then(|| description.to_owned()),
    };
    vec![
        item(
            "acme-sandbox-read",
            "123456789012",
            "eu-central-1",
            59,
            "Look, do not touch",
        ),
        item(
            "acme-prod-read",
            "210987654321",
            "eu-central-1",
            0,
            "Production, read only",
        ),
        item(
            "acme-prod-administrator-with-break-glass",
            "210987654321",
            "eu-central-1",
            3,
            "",
        ),
        item(
            "グローベックス-本番",
            "333333333333",
            "ap-northeast-1",
            62,
            "東京",
        ),
        item("globex-café-admin", "444444444444", "", 0, "a\u{1b}[2Jb"),
        item("initech-dev", "555555555555", "us-east-1", 0, ""),
    ]
}

/// The screen of a terminal, `|` at the cursor.
fn screen(typed: &str, keys: &[Key], size: (usize, usize), look: Look) -> String {
    let items = items();
    let mut state = State::new(&items, typed);
    let drawing = Drawing::new(state.rows(), look);
    let height = drawing.height(size.1);
    state.set_page(height.page);
    for key in keys {
        state.press(*key);
    }
    let frame = drawing.frame(&mut state, size.0, height);
    assert_eq!(frame.lines.len(), height.total);
    assert!(height.total <= size.1.max(1), "{height:?}");
    for line in &frame.lines {
        let plain = anstream::adapter::strip_str(line).to_string();
        assert!(width::of(&plain) < size.0.max(1), "{size:?} {plain:?}");
        assert!(!plain.chars().any(char::is_control), "{plain:?}");
    }
    assert!(frame.cursor < size.0.max(1));
    let mut lines = frame.lines.clone();
    if !look.color {
        let before = width::prefix(&lines[0], frame.cursor).len();
        let blank = " ".repeat(frame.cursor - width::of(&lines[0][..before]));
        lines[0].insert_str(before, &format!("{blank}|"));
    }
    lines.join("\n")
}

#[test]
fn the_screen_at_the_usual_widths() {
    for columns in [20, 40, 60, 80, 120] {
        let text = screen("", &[Key::Down], (columns, 24), UTF8);
        insta::assert_snapshot!(format!("at_{columns}"), text);
    }
}

#[test]
fn the_screen_while_typing() {
    insta::assert_snapshot!("typed", screen("ac pr", &[], (80, 24), UTF8));
    insta::assert_snapshot!("nothing", screen("acme zzz", &[], (80, 24), UTF8));
    insta::assert_snapshot!("ascii", screen("acme", &[Key::Down], (60, 24), Look::PLAIN));
    insta::assert_snapshot!("small", screen("acme", &[Key::Down], (20, 3), UTF8));
}

#[test]
fn what_fits_is_marked() {
    let text = screen("sbx 1234", &[], (80, 24), COLOR);
    let row = text.lines().nth(1).unwrap();
    let row = row.replace('\u{1b}', "^");
    for part in [
        "^[1m^[36m▌ ^[0m^[1macme-^[0m^[1m^[32ms^[0m^[1mand^[0m^[1m^[32mb^[0m^[1mo^[0m",
        "  ^[1m^[32m1234^[0m56789012  ",
        "  ^[32m59m^[0m  ",
    ] {
        assert!(row.contains(part), "{part} in {row}");
    }
}

#[test]
fn what_is_cut_is_not_marked() {
    let text = screen("glass", &[], (30, 24), COLOR);
    let row = text.lines().nth(1).unwrap();
    assert!(
        row.ends_with("\u{1b}[1macme-prod-administrator-wi…\u{1b}[0m"),
        "{row:?}"
    );
}

#[test]
fn colour_changes_no_column() {
    for typed in ["", "a", "ca 4", "本", "zzz"] {
        let with = screen(typed, &[], (80, 24), COLOR);
        let without = screen(typed, &[], (80, 24), UTF8);
        assert_eq!(
            anstream::adapter::strip_str(&with).to_string(),
            without.replacen('|', "", 1)
        );
    }
}

#[test]
fn every_size_can_be_drawn() {
    let long = "日本 acme-prod ".repeat(20);
    for columns in (0..50).chain([80, 500]) {
        for rows in [0, 1, 2, 3, 5, 6, 24] {
            for typed in ["", "zzz", &long] {
                screen(typed, &[Key::Down], (columns, rows), UTF8);
            }
            screen("a", &[Key::Left, Key::Left], (columns, rows), Look::PLAIN);
        }
    }
}

#[test]
fn a_long_text_shows_where_the_cursor_is() {
    let text = screen("one two three four five six", &[Key::Left], (30, 24), UTF8);
    assert_eq!(text.lines().next(), Some("Role: …ree four five si|x  0/6"));
    let text = screen(
        "one two three four five six",
        &[Key::Ctrl('a')],
        (30, 24),
        UTF8,
    );
    assert_eq!(text.lines().next(), Some("Role: |one two three four  0/6"));
}

#[test]
fn the_height_is_two_fifths_within_limits() {
    let rows: Vec<Item> = (0..100).map(|at| Item::new(format!("r{at}"), "")).collect();
    let rows: Vec<Row<'_>> = rows.iter().map(Row::of).collect();
    let height = |count: usize, of: usize| {
        let height = Drawing::new(&rows[..count], UTF8).height(of);
        (height.total, height.page)
    };
    assert_eq!(height(100, 200), (15, 13));
    assert_eq!(height(100, 30), (12, 10));
    assert_eq!(height(100, 24), (10, 8));
    assert_eq!(height(100, 8), (8, 6));
    assert_eq!(height(100, 5), (5, 4));
    assert_eq!(height(100, 3), (3, 2));
    assert_eq!(height(100, 1), (1, 0));
    assert_eq!(height(100, 0), (1, 0));
    assert_eq!(height(3, 24), (5, 3));
    assert_eq!(height(0, 24), (3, 1));
}
