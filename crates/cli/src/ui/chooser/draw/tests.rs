use jiff::SignedDuration;

use super::*;
use crate::ui::chooser::Item;
use assumerole_host::tty::Key;

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
        ..Item::default()
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

/// What the preview says of every role.
fn details() -> Vec<Detail> {
    vec![
        Detail::new("role", "arn:aws:iam::123456789012:role/read"),
        Detail::new("profile", "acme-bastion"),
        Detail::new(
            "MFA",
            "arn:aws:iam::210987654321:mfa/jdoe, prompts for a code",
        ),
        Detail::new("session", "1h, cached until 14:32"),
    ]
}

/// The screen of a terminal, `|` at the cursor.
fn screen(typed: &str, keys: &[Key], size: (usize, usize), look: Look) -> String {
    screen_of(&items(), typed, keys, size, look)
}

fn screen_of(
    items: &Vec<Item>,
    typed: &str,
    keys: &[Key],
    size: (usize, usize),
    look: Look,
) -> String {
    let mut state = ChooserState::new(items, typed);
    let drawing = Drawing::new(look);
    let height = drawing.height(state.rows().count(), size);
    state.set_page(height.page);
    for key in keys {
        state.press(*key);
    }
    let frame = drawing.frame(&mut state, &details(), size.0, height);
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
        return anstream::adapter::strip_str(&lines.join("\n")).to_string();
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
    let height = |count: usize, of: usize| {
        let height = Drawing::new(UTF8).height(count, (39, of));
        assert_eq!(height.preview, 0);
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

#[test]
fn the_preview_is_below_where_there_is_room() {
    let height = |count: usize, columns: usize, rows: usize| {
        let height = Drawing::new(UTF8).height(count, (columns, rows));
        (height.total, height.page, height.preview)
    };
    assert_eq!(height(100, 80, 24), (17, 8, 7));
    assert_eq!(height(100, 40, 20), (17, 8, 7));
    assert_eq!(height(100, 80, 60), (22, 13, 7));
    assert_eq!(height(3, 80, 24), (12, 3, 7));
    assert_eq!(height(100, 80, 19), (10, 8, 0));
    assert_eq!(height(0, 80, 24), (3, 1, 0));
}

#[test]
fn where_roles_are_from_and_what_is_wrong_stand_beside_them() {
    let mut items = items();
    for (item, origin) in items
        .iter_mut()
        .zip(["~/.assumerole", "~/.aws/config"].iter().cycle())
    {
        item.origin = Some((*origin).to_owned());
        item.tags = vec!["env=prod".to_owned(), "web".to_owned()];
    }
    items[3].fault = Some("role \"b\": aws_account: must be 12 digits".to_owned());
    for columns in [60, 80, 120] {
        let text = screen_of(&items, "", &[], (columns, 24), UTF8);
        insta::assert_snapshot!(format!("origins_at_{columns}"), text);
    }
    let text = screen_of(&items, "", &[], (120, 24), COLOR);
    assert!(text.contains("\u{1b}[31mrole \"b\""), "{text:?}");
}

/// The column that what is behind text that is not ASCII is moved to is the
/// one where it stands.
#[test]
fn columns_are_where_they_are_whatever_a_terminal_takes_for_wide() {
    let mut items = items();
    items.push(Item {
        description: Some("family".to_owned()),
        left: Some(SignedDuration::from_mins(5)),
        ..Item::new("e\u{301}👨‍👩‍👧-☁\u{fe0f}-🇩🇪", "666666666666")
    });
    let text = screen_of(&items, "", &[], (120, 24), COLOR);
    let rows: Vec<&str> = text.lines().skip(1).take(7).collect();
    for row in &rows {
        let ascii = !row.contains(['グ', 'é', '☁']);
        assert_eq!(!row.contains("G"), ascii, "{row:?}");
        for (at, _) in row.match_indices('G') {
            let Some((_, column)) = row[..at].rsplit_once("\u{1b}[") else {
                continue;
            };
            let column: usize = column.parse().unwrap();
            let plain = anstream::adapter::strip_str(&row[..at + 1]).to_string();
            assert_eq!(width::of(&plain), column - 1, "{row:?}");
        }
    }
    let column = |row: &str, text: &str| {
        let plain = anstream::adapter::strip_str(row).to_string();
        plain.find(text).map(|at| width::of(&plain[..at]))
    };
    assert_eq!(
        column(rows[0], "123456789012"),
        column(rows[6], "666666666666")
    );
    assert_eq!(
        column(rows[3], "333333333333"),
        column(rows[6], "666666666666")
    );
}

#[test]
fn hostile_text_is_harmless() {
    let hostile = "a\u{1b}]0;x\u{7}\n\r\t\u{9b}31m\u{202e}b\u{2066}\u{200b}";
    let items = vec![Item {
        region: Some(hostile.to_owned()),
        description: Some(hostile.to_owned()),
        tags: vec![hostile.to_owned()],
        origin: Some(hostile.to_owned()),
        ..Item::new(hostile, hostile)
    }];
    for columns in [20, 80, 200] {
        // `screen_of` looks for controls.
        let text = screen_of(&items, "", &[], (columns, 24), UTF8);
        assert!(!text.contains(['\u{202e}', '\u{2066}']), "{text:?}");
    }
}
