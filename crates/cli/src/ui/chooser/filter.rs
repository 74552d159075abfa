//! Which roles fit what was typed, and how well.

use std::cmp::Reverse;
use std::ops::Range;

use nucleo_matcher::pattern::{Atom, AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher};

use super::roles::Item;
use super::row::{ABOUT, ACCOUNT, ChooserRow, ChooserRows, NAME};
use super::text::{Text, fold};

/// Characters that mean something else at the end of a longer text: with one
/// of them, more typing may let more roles through.
const OPERATORS: [char; 5] = ['!', '^', '$', '\'', '\\'];

/// The rows that fit a text of words, all of which must fit, each in the name,
/// in the account, or in a word of the description or of the tags: `!word`,
/// `^word`, `word$` and `'word` as in fzf. Neither case nor accents count.
pub(crate) struct Filter {
    matcher: Matcher,
    text: String,
    words: Vec<Atom>,
    /// Fits a name that is the whole text.
    name: Option<Atom>,
    hits: Vec<u32>,
    /// Whether every row was there to be looked at.
    is_whole: bool,
    /// Scratch memory of the matcher.
    chars: Vec<char>,
}

/// Which characters of a row fit: places in its name, its account and what is
/// said about it, counted in what a person sees as one character, sorted.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct MatchedPlaces {
    name: Vec<u32>,
    account: Vec<u32>,
    about: Vec<u32>,
}

impl MatchedPlaces {
    /// Those of a column.
    pub(crate) fn of(&self, column: usize) -> &[u32] {
        match column {
            NAME => &self.name,
            ACCOUNT => &self.account,
            ABOUT => &self.about,
            _ => &[],
        }
    }
}

/// Where in a row a word fits best.
struct Best {
    score: u16,
    column: usize,
    part: Range<usize>,
}

impl Filter {
    /// Lets all of `count` rows through.
    pub(crate) fn new(count: usize) -> Self {
        Self {
            matcher: Matcher::new(Config::DEFAULT),
            text: String::new(),
            words: Vec::new(),
            name: None,
            hits: every(count),
            is_whole: true,
            chars: Vec::new(),
        }
    }

    /// The rows that fit, best first, of equals in the order given.
    pub(crate) fn hits(&self) -> &[u32] {
        &self.hits
    }

    /// Filters `rows`, always the same ones, by `text`. Where it only became
    /// longer, only what fitted before is looked at. A row that is not made
    /// yet can fit by its name alone. Answers whether the text is another one
    /// than before.
    pub(crate) fn set(&mut self, text: &str, rows: &ChooserRows<'_>) -> bool {
        if text == self.text {
            return false;
        }
        // What is not ASCII may become one with the character before it.
        let added = text.strip_prefix(&self.text);
        let narrows = added.is_some_and(str::is_ascii) && !text.contains(OPERATORS);
        if !narrows || !self.is_whole {
            self.hits = every(rows.count());
        }
        text.clone_into(&mut self.text);
        // Both sides are folded here, so that it works both ways.
        let never = Normalization::Never;
        let (folded, ignore) = (fold(text), CaseMatching::Ignore);
        self.words = Pattern::parse(&folded, ignore, never).atoms;
        let name = Atom::new(folded.trim(), ignore, never, AtomKind::Exact, false);
        self.name = Some(name);
        self.look_at(rows);
        true
    }

    /// Filters `rows` once more by the same text, if not all were made when it
    /// was set. Answers whether that was so.
    pub(crate) fn complete(&mut self, rows: &ChooserRows<'_>) -> bool {
        if self.is_whole {
            return false;
        }
        self.hits = every(rows.count());
        self.look_at(rows);
        true
    }

    /// Keeps those hits that fit.
    fn look_at(&mut self, rows: &ChooserRows<'_>) {
        self.is_whole = self.words.is_empty() || rows.are_made();
        if self.words.is_empty() {
            self.hits = every(rows.count());
            return;
        }
        let mut scored: Vec<(u32, u32)> = Vec::with_capacity(self.hits.len());
        for hit in std::mem::take(&mut self.hits) {
            let score = match rows.made(hit as usize) {
                Some(row) => self.score(row),
                None => self.score(&ChooserRow::of(Item::new(rows.name(hit as usize), ""))),
            };
            scored.extend(score.map(|score| (score, hit)));
        }
        scored.sort_unstable_by_key(|(score, hit)| (Reverse(*score), *hit));
        self.hits = scored.into_iter().map(|(_, hit)| hit).collect();
    }

    /// Which characters of `row` fit.
    pub(crate) fn marks(&mut self, row: &ChooserRow) -> MatchedPlaces {
        let mut marks = MatchedPlaces::default();
        let words = std::mem::take(&mut self.words);
        for word in words.iter().filter(|word| !word.negative) {
            let Some(best) = self.best(word, row) else {
                continue;
            };
            let text = row.text(best.column);
            let mut places = Vec::new();
            let part = text.part(best.part.clone(), word, &mut self.chars);
            word.indices(part, &mut self.matcher, &mut places);
            let start = u32::try_from(best.part.start).unwrap_or(u32::MAX);
            let seen = places.into_iter().map(|at| text.seen_at(start + at));
            match best.column {
                NAME => marks.name.extend(seen),
                ACCOUNT => marks.account.extend(seen),
                _ => marks.about.extend(seen),
            }
        }
        self.words = words;
        for marks in [&mut marks.name, &mut marks.account, &mut marks.about] {
            marks.sort_unstable();
            marks.dedup();
        }
        marks
    }

    /// How well all words fit; `None` if one does not.
    fn score(&mut self, row: &ChooserRow) -> Option<u32> {
        let words = std::mem::take(&mut self.words);
        let mut total = Some(0);
        for word in &words {
            let score = match word.negative {
                true => self.is_nowhere(word, row).then_some(0),
                false => self.best(word, row).map(|best| u32::from(best.score)),
            };
            total = total.zip(score).map(|(total, score)| total + score);
            if total.is_none() {
                break;
            }
        }
        self.words = words;
        total.map(|total| if self.is_named(row) { u32::MAX } else { total })
    }

    /// Whether the name of `row` is what was typed: no other fits better,
    /// though longer ones that begin with it fit as well to the matcher.
    fn is_named(&mut self, row: &ChooserRow) -> bool {
        let Some(name) = self.name.take() else {
            return false;
        };
        let text = row.text(NAME);
        let fits = self.fits(&name, text, text.whole()).is_some();
        self.name = Some(name);
        fits
    }

    /// Whether `word`, one with `!`, is right: in none of the texts.
    fn is_nowhere(&mut self, word: &Atom, row: &ChooserRow) -> bool {
        [NAME, ACCOUNT, ABOUT].into_iter().all(|column| {
            let text = row.text(column);
            self.fits(word, text, text.whole()).is_some()
        })
    }

    /// Where `word` fits best. In what is said about a role it counts half,
    /// and is not put together out of several words: there is nearly any
    /// text in a sentence.
    fn best(&mut self, word: &Atom, row: &ChooserRow) -> Option<Best> {
        let mut best: Option<Best> = None;
        let mut offer = |score: Option<u16>, column, part: Range<usize>| {
            let Some(score) = score else { return };
            if best.as_ref().is_none_or(|best| score > best.score) {
                best = Some(Best {
                    score,
                    column,
                    part,
                });
            }
        };
        for column in [NAME, ACCOUNT] {
            let text = row.text(column);
            offer(self.fits(word, text, text.whole()), column, text.whole());
        }
        let about = row.text(ABOUT);
        let whole = [about.whole()];
        let parts = match word.needle_text().chars().any(char::is_whitespace) {
            true => &whole,
            false => row.words(),
        };
        for part in parts {
            let score = self.fits(word, about, part.clone());
            offer(score.map(|score| score / 2), ABOUT, part.clone());
        }
        best
    }

    fn fits(&mut self, word: &Atom, text: &Text, part: Range<usize>) -> Option<u16> {
        word.score(text.part(part, word, &mut self.chars), &mut self.matcher)
    }
}

fn every(count: usize) -> Vec<u32> {
    (0..u32::try_from(count).unwrap_or(u32::MAX)).collect()
}

#[cfg(test)]
mod tests;
