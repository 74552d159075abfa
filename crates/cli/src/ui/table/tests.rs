use super::*;

const ASCII: Look = Look::PLAIN;
const UTF8: Look = Look {
    color: false,
    utf8: true,
};

fn roles() -> Table {
    let mut table = Table::new([
        Column::new("ROLE").shrinks_to(20),
        Column::new("ACCOUNT"),
        Column::new("PROFILE").shrinks_to(8).dropped_at(3),
        Column::new("REGION").dropped_at(2),
        Column::new("LEFT").right().dropped_at(1),
        Column::new("DESCRIPTION").shrinks_to(11).dropped_at(4),
    ]);
    let rows: [[&str; 6]; 4] = [
        [
            "acme-sandbox-read",
            "123456789012",
            "acme-bastion",
            "eu-central-1",
            "59m",
            "Look, do not touch",
        ],
        [
            "acme-prod-administrator",
            "210987654321",
            "acme-bastion",
            "",
            "1h 02m",
            "",
        ],
        [
            "日本-production",
            "333333333333",
            "x",
            "ap-northeast-1",
            "",
            "東京の本番環境です、気をつけて",
        ],
        [
            "a",
            "444444444444",
            "",
            "us-east-1",
            "expired",
            "last\tone\u{1b}[2J",
        ],
    ];
    for row in rows {
        table.row(row.map(Cell::from));
    }
    table
}

/// No line is wider than it may be and none ends in a space.
fn checked(text: &str, room: usize) -> &str {
    for line in text.lines() {
        assert!(width::of(line) <= room, "{line:?}");
        assert_eq!(line, line.trim_end());
    }
    text
}

#[test]
fn a_table_fits_its_terminal() {
    for room in [40, 60, 80, 120] {
        let text = roles().render(UTF8, Some(room));
        insta::assert_snapshot!(format!("at_{room}"), checked(&text, room));
    }
}

#[test]
fn a_table_fits_any_terminal() {
    for room in 0..140 {
        checked(&roles().render(ASCII, Some(room)), room);
    }
}

#[test]
fn a_pipe_gets_every_value_whole_and_every_field_filled() {
    let text = roles().render(ASCII, None);
    insta::assert_snapshot!("whole", checked(&text, usize::MAX));
    for line in text.lines() {
        assert!(line.split("  ").filter(|field| !field.is_empty()).count() >= 6);
    }
}

#[test]
fn colour_changes_no_column() {
    let mut table = Table::new([Column::new("A"), Column::new("B").right(), Column::new("C")]);
    table.row([
        Cell::styled("x", styles::GOOD),
        Cell::styled("1", styles::BAD),
        Cell::default(),
    ]);
    table.row(["long".into(), "1000".into(), "y".into()]);
    let color = Look {
        color: true,
        ..ASCII
    };
    let text = table.render(color, Some(80));
    assert_eq!(
        anstream::adapter::strip_str(&text).to_string(),
        table.render(ASCII, Some(80))
    );
    assert!(text.starts_with("\u{1b}[1mA\u{1b}[0m        \u{1b}[1mB"));
    assert!(text.contains("\n\u{1b}[32mx\u{1b}[0m        \u{1b}[31m1\u{1b}[0m\n"));
}

#[test]
fn a_column_that_would_be_empty_is_left_out_on_a_terminal() {
    let table = |last: &str| {
        let mut table = Table::new([
            Column::new("A"),
            Column::new("B").if_any(),
            Column::new("C").if_any(),
        ]);
        table.row(["x".into(), Cell::default(), last.into()]);
        table
    };
    assert_eq!(table("z").render(ASCII, Some(80)), "A  C\nx  z\n");
    assert_eq!(table("").render(ASCII, Some(80)), "A\nx\n");
    assert_eq!(table("").render(ASCII, None), "A  B  C\nx  -  -\n");
}

#[test]
fn a_table_without_rows_is_its_head() {
    let table = Table::new([Column::new("A"), Column::new("B")]);
    assert_eq!(table.render(ASCII, Some(80)), "A  B\n");
    assert_eq!(Table::new([]).render(ASCII, Some(80)), "\n");
}

#[test]
fn a_short_row_is_filled_up() {
    let mut table = Table::new([Column::new("A"), Column::new("B")]);
    table.row(["x".into()]);
    table.row(["x".into(), "y".into(), "z".into()]);
    assert_eq!(table.render(ASCII, Some(80)), "A  B\nx\nx  y\n");
    assert_eq!(table.render(ASCII, None), "A  B\nx  -\nx  y\n");
}
