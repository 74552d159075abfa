//! What assuming the role picked out would do, below the list.

use assumerole_core::diagnostic::sanitize::one_line;

use super::roles::{Detail, Roles};
use super::row::{ABOUT, ChooserRows};
use crate::ui::look::{Look, styles};
use crate::ui::width;

/// Columns of the widest label that is not cut.
const LABEL: usize = 12;
/// Columns between a label and its value.
const GAP: usize = 2;

/// The lines of the role picked out last.
pub(crate) struct Preview<'a> {
    roles: &'a dyn Roles,
    last: Option<(usize, Vec<Detail>)>,
}

impl<'a> Preview<'a> {
    pub(crate) fn new(roles: &'a dyn Roles) -> Self {
        Self { roles, last: None }
    }

    /// The lines of the role at `at`, harmless to a terminal: what it is for
    /// comes last, whole, if its row in `rows` says so. They are asked for when
    /// the role is another one than the last time.
    pub(crate) fn of(&mut self, at: Option<usize>, rows: &ChooserRows<'_>) -> &[Detail] {
        let Some(at) = at else { return &[] };
        if self.last.as_ref().is_none_or(|(last, _)| *last != at) {
            let mut details = self.roles.preview(at);
            let row = rows.get(at);
            let about = row.text(ABOUT).shown();
            if !row.is_faulty() && !about.is_empty() {
                details.push(Detail::new("about", about));
            }
            for detail in &mut details {
                detail.value = one_line(&detail.value);
            }
            self.last = Some((at, details));
        }
        self.last.as_ref().map_or(&[], |(_, details)| details)
    }
}

/// `details` in exactly `rows` lines of at most `columns` columns, below a
/// line that parts them from the list. Nothing has no such line.
pub(crate) fn lines(details: &[Detail], look: Look, columns: usize, rows: usize) -> Vec<String> {
    if details.is_empty() {
        return vec![String::new(); rows];
    }
    let margin = "  ";
    let room = columns.saturating_sub(margin.len());
    let rule = if look.utf8 { "─" } else { "-" }.repeat(room);
    let mut lines = vec![format!("{margin}{}", look.paint(styles::FAINT, &rule))];
    let widest = details.iter().map(|detail| width::of(&detail.label)).max();
    let widest = widest.unwrap_or(0).min(LABEL);
    let shown = details.iter().take(rows.saturating_sub(1));
    lines.extend(shown.map(|detail| {
        let label = width::fit(&detail.label, widest.min(room), look.ellipsis());
        let used = width::of(&label);
        let mut line = format!("{margin}{}", look.paint(styles::FAINT, &label));
        let value_at = widest + GAP;
        if room > value_at {
            width::pad(&mut line, value_at - used);
            line.push_str(&width::fit(&detail.value, room - value_at, look.ellipsis()));
        }
        line
    }));
    lines.resize(rows, String::new());
    lines
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::super::Item;
    use super::*;

    struct Counted(Cell<u32>);

    impl Roles for Counted {
        fn count(&self) -> usize {
            2
        }
        fn name(&self, _: usize) -> &str {
            ""
        }
        fn item(&self, at: usize) -> Item {
            Item {
                description: Some("for all".to_owned()),
                fault: (at == 0).then(|| "wrong".to_owned()),
                ..Item::default()
            }
        }
        fn preview(&self, at: usize) -> Vec<Detail> {
            self.0.set(self.0.get() + 1);
            vec![Detail::new("role", format!("{at}\n\u{1b}[2J"))]
        }
    }

    #[test]
    fn it_is_asked_for_once_and_only_for_the_role_picked_out() {
        let roles = Counted(Cell::new(0));
        let rows = ChooserRows::new(&roles);
        let mut preview = Preview::new(&roles);
        assert_eq!(preview.of(None, &rows), []);
        assert_eq!(roles.0.get(), 0);
        let one = [
            Detail::new("role", "1 �[2J"),
            Detail::new("about", "for all"),
        ];
        assert_eq!(preview.of(Some(1), &rows), one);
        assert_eq!(preview.of(Some(1), &rows), one);
        assert_eq!(roles.0.get(), 1);
        assert_eq!(preview.of(Some(0), &rows), [Detail::new("role", "0 �[2J")]);
        assert_eq!(roles.0.get(), 2);
    }

    #[test]
    fn it_has_the_room_that_it_was_given_and_no_more() {
        let details = [
            Detail::new("role", "arn:aws:iam::123456789012:role/read"),
            Detail::new("profile", "日本"),
            Detail::new("MFA", "none"),
        ];
        let ascii = |columns, rows| lines(&details, Look::PLAIN, columns, rows).join("\n");
        assert_eq!(
            ascii(30, 4),
            "  ----------------------------\n  role     arn:aws:iam::12345~\n  profile  日本\n  MFA      none"
        );
        assert_eq!(ascii(8, 2), "  ------\n  role");
        assert_eq!(ascii(2, 1), "  ");
        assert!(ascii(80, 6).ends_with("none\n\n"));
        assert_eq!(lines(&[], Look::PLAIN, 80, 2), ["", ""]);
    }
}
