//! Which roles fit what was typed, and how well.

use std::cmp::Reverse;

use nucleo_matcher::pattern::{Atom, AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str, chars};

use super::Row;

/// Characters that mean something else at the end of a longer text: with one
/// of them, more typing may let more roles through.
const OPERATORS: [char; 5] = ['!', '^', '$', '\'', '\\'];

/// The rows that fit a text of words, all of which must fit, each in the name
/// or in the account: `!word`, `^word`, `word$` and `'word` as in fzf.
pub(crate) struct Filter {
    matcher: Matcher,
    text: String,
    words: Vec<Atom>,
    hits: Vec<u32>,
    /// Scratch memory of the matcher.
    chars: Vec<char>,
}

impl Filter {
    /// Lets all of `count` rows through.
    pub(crate) fn new(count: usize) -> Self {
        Self {
            matcher: Matcher::new(Config::DEFAULT),
            text: String::new(),
            words: Vec::new(),
            hits: every(count),
            chars: Vec::new(),
        }
    }

    /// The rows that fit, best first, of equals in the order given.
    pub(crate) fn hits(&self) -> &[u32] {
        &self.hits
    }

    /// Filters `rows`, always the same ones, by `text`. Where it only became
    /// longer, only what fitted before is looked at. Answers whether the text
    /// is another one than before.
    pub(crate) fn set(&mut self, text: &str, rows: &[Row<'_>]) -> bool {
        if text == self.text {
            return false;
        }
        let narrows = text.starts_with(&self.text) && !text.contains(OPERATORS);
        if !narrows {
            self.hits = every(rows.len());
        }
        text.clone_into(&mut self.text);
        self.words = Pattern::parse(text, CaseMatching::Ignore, Normalization::Smart).atoms;
        let mut scored: Vec<(u32, u32)> = Vec::with_capacity(self.hits.len());
        for hit in std::mem::take(&mut self.hits) {
            if let Some(score) = self.score(&rows[hit as usize]) {
                scored.push((score, hit));
            }
        }
        scored.sort_unstable_by_key(|(score, hit)| (Reverse(*score), *hit));
        self.hits = scored.into_iter().map(|(_, hit)| hit).collect();
        true
    }

    /// Which characters of `row` fit: places in its name and in its account,
    /// counted in what a person sees as one character, sorted.
    pub(crate) fn marks(&mut self, row: &Row<'_>) -> (Vec<u32>, Vec<u32>) {
        let (mut in_name, mut in_account) = (Vec::new(), Vec::new());
        for word in self.words.iter().filter(|word| !word.negative) {
            let mut indices = |text: &str, into: &mut Vec<u32>| {
                let text = searchable(text, word, &mut self.chars);
                word.indices(text, &mut self.matcher, into)
            };
            let (mut name, mut account) = (Vec::new(), Vec::new());
            if indices(&row.name, &mut name) >= indices(&row.account, &mut account) {
                in_name.extend(name);
            } else {
                in_account.extend(account);
            }
        }
        for marks in [&mut in_name, &mut in_account] {
            marks.sort_unstable();
            marks.dedup();
        }
        (in_name, in_account)
    }

    /// How well all words fit; `None` if one does not.
    fn score(&mut self, row: &Row<'_>) -> Option<u32> {
        let mut total = 0;
        for word in &self.words {
            let mut score = |text: &str| {
                let text = searchable(text, word, &mut self.chars);
                word.score(text, &mut self.matcher)
            };
            let (name, account) = (score(&row.name), score(&row.account));
            let score = if word.negative {
                // Not in the name and not in the account.
                name.and(account)?
            } else {
                name.max(account)?
            };
            total += u32::from(score);
        }
        Some(total)
    }
}

/// `text` as the matcher wants it for `word`. Two mistakes of nucleo-matcher
/// 0.3.1 are kept out: `Utf32Str::new` takes accents written apart (`e` and
/// U+0301) for ASCII; and substrings are not found at the end of other text,
/// hence the space there, nor in ASCII if they begin with digits.
/// <https://github.com/helix-editor/nucleo/pull/104>
fn searchable<'a>(text: &'a str, word: &Atom, buffer: &'a mut Vec<char>) -> Utf32Str<'a> {
    let ascii = text.is_ascii();
    let first = || word.needle_text().chars().next();
    let begins_with_letter = || first().is_some_and(|c| c.is_ascii_lowercase());
    if ascii && (word.kind != AtomKind::Substring || begins_with_letter()) {
        return Utf32Str::Ascii(text.as_bytes());
    }
    buffer.clear();
    if ascii {
        buffer.extend(text.chars());
    } else {
        buffer.extend(chars::graphemes(text));
    }
    buffer.push(' ');
    Utf32Str::Unicode(buffer)
}

fn every(count: usize) -> Vec<u32> {
    (0..u32::try_from(count).unwrap_or(u32::MAX)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::Item;
    use super::*;

    fn items() -> Vec<Item> {
        [
            ("acme-sandbox-read", "123456789012"),
            ("acme-prod-admin", "210987654321"),
            ("acme-prod-read", "210987654321"),
            ("globex-Café-read", "333333333333"),
            ("acme-admin-prod", "444444444444"),
        ]
        .map(|(name, account)| Item::new(name, account))
        .into()
    }

    fn names(text: &str) -> Vec<String> {
        let items = items();
        let rows: Vec<Row<'_>> = items.iter().map(Row::of).collect();
        let mut filter = Filter::new(rows.len());
        filter.set(text, &rows);
        let name = |hit: &u32| items[*hit as usize].name.clone();
        filter.hits().iter().map(name).collect()
    }

    #[test]
    fn nothing_typed_lets_everything_through_in_the_order_given() {
        assert_eq!(names("").len(), 5);
        assert_eq!(names("   "), names(""));
        assert_eq!(names("")[0], "acme-sandbox-read");
    }

    #[test]
    fn every_word_must_fit_the_name_or_the_account() {
        assert_eq!(names("prod read"), ["acme-prod-read"]);
        assert_eq!(names("read prod"), ["acme-prod-read"]);
        assert_eq!(names("2109 admin"), ["acme-prod-admin"]);
        assert_eq!(names("SBX"), ["acme-sandbox-read"]);
        assert_eq!(names("cafe"), ["globex-Café-read"]);
        assert_eq!(names("CAFÉ"), ["globex-Café-read"]);
        assert!(names("zzz").is_empty());
        // No word may begin in the name and end in the account.
        assert!(names("read210").is_empty());
    }

    #[test]
    fn the_operators_of_fzf_work() {
        assert_eq!(names("prod$"), ["acme-admin-prod"]);
        assert_eq!(names("^glob"), ["globex-Café-read"]);
        assert_eq!(names("!acme"), ["globex-Café-read"]);
        assert_eq!(names("!2109 !read"), ["acme-admin-prod"]);
        assert!(names("'apr").is_empty());
        assert_eq!(names("'read 'glob"), ["globex-Café-read"]);
        assert_eq!(names("^globex-café-read$"), ["globex-Café-read"]);
        assert_eq!(names("^acme-prod-admin$"), ["acme-prod-admin"]);
        assert_eq!(names("^acme !prod"), ["acme-sandbox-read"]);
    }

    #[test]
    fn a_part_is_found_wherever_it_stands() {
        for name in ["12ab", "x12ab", "12abx", "X12AB-é", "é12ab", "日12aB"] {
            for (text, fits) in [("'12ab", true), ("!12ab", false), ("'2A", true)] {
                let item = Item::new(name, "");
                let mut filter = Filter::new(1);
                filter.set(text, &[Row::of(&item)]);
                assert_eq!(filter.hits().len() == 1, fits, "{text} in {name}");
            }
        }
    }

    #[test]
    fn the_best_comes_first_and_equals_keep_their_order() {
        assert_eq!(names("read")[0], "acme-sandbox-read");
        assert_eq!(names("prod-r")[0], "acme-prod-read");
    }

    #[test]
    fn typing_on_gives_what_typing_anew_gives() {
        let items = items();
        let rows: Vec<Row<'_>> = items.iter().map(Row::of).collect();
        let mut typed = Filter::new(rows.len());
        for text in [
            "a", "ac", "acm", "acm ", "acm p", "acm pr", "acm pr!", "acm pr", "acm", "2", "21",
            "21$", "2", "!a", "!ac", "", "p", "p^", "p^r", "e", "é", "éx",
        ] {
            typed.set(text, &rows);
            let mut anew = Filter::new(rows.len());
            anew.set(text, &rows);
            assert_eq!(typed.hits(), anew.hits(), "{text:?}");
        }
    }

    #[test]
    fn marks_are_where_the_words_fit() {
        let item = Item::new("日本-e\u{301}x", "210987654321");
        let row = Row::of(&item);
        let mut filter = Filter::new(1);
        filter.set("ex 2109 !foo", std::slice::from_ref(&row));
        assert_eq!(filter.hits(), [0]);
        assert_eq!(filter.marks(&row), (vec![3, 4], vec![0, 1, 2, 3]));
        // Only the accent, written apart, is not ASCII.
        let item = Item::new("cafe\u{301}-admin", "");
        let row = Row::of(&item);
        filter.set("adm", std::slice::from_ref(&row));
        assert_eq!(filter.marks(&row).0, [5, 6, 7]);
    }
}
