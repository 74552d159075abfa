//! The roles of the chooser, each looked at when it is needed.

use std::cell::{Cell, OnceCell};
use std::ops::Range;

use anstyle::Style;

use super::roles::{Item, Roles};
use super::text::Text;
use crate::ui::look::styles;
use crate::ui::{time, width};

/// The columns, from the left.
pub(crate) const NAME: usize = 0;
pub(crate) const ACCOUNT: usize = 1;
pub(crate) const LEFT: usize = 2;
pub(crate) const REGION: usize = 3;
pub(crate) const ORIGIN: usize = 4;
pub(crate) const ABOUT: usize = 5;
pub(crate) const COLUMNS: usize = 6;

/// A role as it is shown and searched.
pub(crate) struct ChooserRow {
    texts: [Text; COLUMNS],
    left: Style,
    is_faulty: bool,
    /// The words of `ABOUT`.
    words: Vec<Range<usize>>,
}

impl ChooserRow {
    /// `item`, made harmless to a terminal.
    pub(crate) fn of(item: Item) -> Self {
        let (left, left_style) = match item.left {
            Some(left) => (time::left(left), time::left_style(left)),
            None => (String::new(), Style::new()),
        };
        let is_faulty = item.fault.is_some();
        let about = item
            .fault
            .unwrap_or_else(|| about(item.description, &item.tags));
        let texts = [
            item.name,
            item.account,
            left,
            item.region.unwrap_or_default(),
            item.origin.unwrap_or_default(),
            about,
        ]
        .map(Text::new);
        Self {
            words: texts[ABOUT].words(),
            texts,
            left: left_style,
            is_faulty,
        }
    }

    /// What stands in a column.
    pub(crate) fn text(&self, column: usize) -> &Text {
        &self.texts[column]
    }

    /// How it looks there.
    pub(crate) fn style(&self, column: usize) -> Style {
        match column {
            LEFT => self.left,
            REGION | ORIGIN => styles::FAINT,
            ABOUT if self.is_faulty => styles::BAD,
            ABOUT => styles::FAINT,
            _ => Style::new(),
        }
    }

    /// Whether something is wrong with it, which `ABOUT` says.
    pub(crate) fn is_faulty(&self) -> bool {
        self.is_faulty
    }

    /// The words of what is said about it.
    pub(crate) fn words(&self) -> &[Range<usize>] {
        &self.words
    }
}

/// The description and behind it the tags, so that both are seen and found.
fn about(description: Option<String>, tags: &[String]) -> String {
    let mut about = description.unwrap_or_default();
    if !tags.is_empty() {
        if !about.is_empty() {
            about.push_str("  ");
        }
        about.push_str(&tags.join(" "));
    }
    about
}

/// All rows. Each is made when it is asked for, and once.
pub(crate) struct ChooserRows<'a> {
    roles: &'a dyn Roles,
    rows: Vec<OnceCell<Box<ChooserRow>>>,
    /// The width of the widest cell of each column so far; of the names all.
    widest: Cell<[usize; COLUMNS]>,
    /// The origin of the first row made, and whether another one has another.
    origin: OnceCell<String>,
    has_origins: Cell<bool>,
    /// Those before it are made.
    next: usize,
}

impl<'a> ChooserRows<'a> {
    pub(crate) fn new(roles: &'a dyn Roles) -> Self {
        let count = roles.count();
        let mut widest = [0; COLUMNS];
        let names = (0..count).map(|at| width::of(roles.name(at)));
        widest[NAME] = names.max().unwrap_or(0);
        Self {
            roles,
            rows: std::iter::repeat_with(OnceCell::new).take(count).collect(),
            widest: Cell::new(widest),
            origin: OnceCell::new(),
            has_origins: Cell::new(false),
            next: 0,
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.rows.len()
    }

    /// The row at `at` if it has been made.
    pub(crate) fn made(&self, at: usize) -> Option<&ChooserRow> {
        self.rows[at].get().map(|row| &**row)
    }

    /// The name of the role at `at`.
    pub(crate) fn name(&self, at: usize) -> &str {
        self.roles.name(at)
    }

    /// The row at `at`, made now if it has not been.
    pub(crate) fn get(&self, at: usize) -> &ChooserRow {
        self.rows[at].get_or_init(|| {
            let row = ChooserRow::of(self.roles.item(at));
            let mut widest = self.widest.get();
            for (widest, text) in widest.iter_mut().zip(&row.texts) {
                *widest = width::of(text.shown()).max(*widest);
            }
            self.widest.set(widest);
            let origin = row.text(ORIGIN).shown();
            // That of a faulty role may not be known.
            if !origin.is_empty() && self.origin.get_or_init(|| origin.to_owned()) != origin {
                self.has_origins.set(true);
            }
            Box::new(row)
        })
    }

    /// Makes up to `most` more rows; whether that were the last ones.
    pub(crate) fn make_more(&mut self, most: usize) -> bool {
        let end = self.count().min(self.next.saturating_add(most));
        for at in self.next..end {
            self.get(at);
        }
        self.next = end;
        self.are_made()
    }

    /// Whether all rows are made.
    pub(crate) fn are_made(&self) -> bool {
        self.next == self.count()
    }

    /// The width of the widest cell of each column, of the rows made so far.
    /// Where they all are from says nothing if it is the same file.
    pub(crate) fn widest(&self) -> [usize; COLUMNS] {
        let mut widest = self.widest.get();
        if !self.has_origins.get() {
            widest[ORIGIN] = 0;
        }
        widest
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::ui::chooser::Detail;

    /// Says which roles it was asked about.
    #[derive(Default)]
    struct Asked(RefCell<Vec<usize>>);

    impl Roles for Asked {
        fn count(&self) -> usize {
            5
        }
        fn name(&self, _: usize) -> &str {
            "a name"
        }
        fn item(&self, at: usize) -> Item {
            self.0.borrow_mut().push(at);
            Item {
                description: Some("x".repeat(at)),
                ..Item::new("a name", "1")
            }
        }
        fn preview(&self, _: usize) -> Vec<Detail> {
            panic!("nobody asked for it")
        }
    }

    #[test]
    fn each_role_is_looked_at_once_and_when_it_is_needed() {
        let asked = Asked::default();
        let mut rows = ChooserRows::new(&asked);
        assert_eq!((rows.count(), rows.widest()), (5, [6, 0, 0, 0, 0, 0]));
        rows.get(3);
        rows.get(3);
        assert_eq!(rows.widest(), [6, 1, 0, 0, 0, 3]);
        assert!(!rows.make_more(2));
        assert!(!rows.are_made());
        assert!(rows.make_more(usize::MAX));
        assert!(rows.make_more(1));
        assert_eq!(*asked.0.borrow(), [3, 0, 1, 2, 4]);
        assert_eq!(rows.widest(), [6, 1, 0, 0, 0, 4]);
    }

    #[test]
    fn where_roles_are_from_is_said_if_there_are_several_files() {
        let item = |origin: &str| Item {
            origin: Some(origin.to_owned()),
            ..Item::new("a", "1")
        };
        let widest = |origins: &[&str]| {
            let items: Vec<Item> = origins.iter().copied().map(item).collect();
            let mut rows = ChooserRows::new(&items);
            rows.make_more(usize::MAX);
            rows.widest()[ORIGIN]
        };
        assert_eq!(widest(&["~/.a", "", "~/.a"]), 0);
        assert_eq!(widest(&["~/.a", "~/.a", "~/.bcd"]), 6);
        assert_eq!(widest(&[]), 0);
    }

    #[test]
    fn what_is_known_of_a_role_stands_in_its_columns() {
        let item = Item {
            description: Some("Reads\nlogs".to_owned()),
            tags: vec!["env=prod".to_owned(), "web".to_owned()],
            origin: Some("~/.aws/config".to_owned()),
            ..Item::new("a", "1")
        };
        let row = ChooserRow::of(item.clone());
        assert_eq!(row.text(ABOUT).shown(), "Reads logs  env=prod web");
        assert_eq!(row.text(ORIGIN).shown(), "~/.aws/config");
        assert_eq!(row.words().len(), 4);
        let row = ChooserRow::of(Item {
            description: None,
            ..item.clone()
        });
        assert_eq!(row.text(ABOUT).shown(), "env=prod web");
        let row = ChooserRow::of(Item {
            fault: Some("wrong".to_owned()),
            ..item
        });
        assert_eq!(row.text(ABOUT).shown(), "wrong");
        assert_eq!(row.style(ABOUT), styles::BAD);
    }
}
