//! Errors and warnings as text: what, where, why, and what to type next.
//!
//! Words are not wrapped: a terminal does that, and they stay whole for whoever
//! copies or searches them. A line of a file is cut to the terminal, or the mark
//! under it would stand under something else.

use std::fmt::Write as _;

use anstyle::Style;
use assumerole_core::diagnostic::sanitize;
use assumerole_core::diagnostic::text::Snippet;
use assumerole_core::diagnostic::{Error, Warning};

use super::look::{Look, styles};
use super::width;

/// A tab of a file's line, in columns.
const TAB: &str = "    ";
/// Characters of an error in one line: far less than what an SDK's pipe holds.
const LONGEST: usize = 4000;
/// Columns between the line's number and the line.
const FRAME: usize = 3;

/// How errors and warnings are written down.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Report<'a> {
    /// Colour or none.
    pub(crate) look: Look,
    /// The home folder, which is shown as `~`.
    pub(crate) home: Option<&'a str>,
    /// Columns of the terminal; `None` if it is none.
    pub(crate) width: Option<usize>,
    /// Whether the name of an error is shown, and what tells more about it.
    pub(crate) names: bool,
}

impl Report<'_> {
    /// `error` over several lines, each with its line feed.
    pub(crate) fn error(&self, error: &Error) -> String {
        let mut text = self.headline("error", styles::ERROR, error.message());
        if let Some(snippet) = error.snippet() {
            self.place(&mut text, snippet, styles::ERROR);
        }
        // Without a file the causes stand where the hints stand.
        let lead = match error.snippet() {
            Some(snippet) => {
                let frame = format!("{} =", " ".repeat(gutter(snippet)));
                self.look.paint(styles::FRAME, &frame).into_owned()
            }
            None => " ".to_owned(),
        };
        for cause in error.causes() {
            self.entry(&mut text, &lead, "because", styles::STRONG, cause);
        }
        for hint in error.hints() {
            self.entry(&mut text, " ", "hint", styles::HINT, hint);
        }
        if self.names {
            let command = format!("assumerole help {}", error.id());
            self.entry(&mut text, " ", "more", styles::HINT, &command);
        }
        text
    }

    /// `error` in one line that says all by itself: a program shows it, or
    /// writes it into a log, in whatever way.
    pub(crate) fn line(&self, error: &Error) -> String {
        let mut text = format!("error: {error}");
        if let Some(snippet) = error.snippet() {
            text.push_str(&format!(" (at {})", snippet.place()));
        }
        for (number, hint) in error.hints().iter().enumerate() {
            text.push_str(if number == 0 { "; " } else { ", " });
            text.push_str(hint);
        }
        let mut line: String = sanitize::one_line(&self.clean(&text))
            .chars()
            .take(LONGEST)
            .collect();
        line.push('\n');
        line
    }

    /// `warning` over several lines, each with its line feed.
    pub(crate) fn warning(&self, warning: &Warning) -> String {
        let mut text = self.headline("warning", styles::WARNING, &warning.message);
        if let Some(snippet) = &warning.at {
            self.place(&mut text, snippet, styles::WARNING);
        }
        for hint in &warning.hints {
            self.entry(&mut text, " ", "hint", styles::HINT, hint);
        }
        text
    }

    /// Foreign text fit for a person: no control characters, home as `~`.
    pub(crate) fn clean(&self, text: &str) -> String {
        let clean = sanitize::clean(text);
        match self.home {
            Some(home) => shorten_home(&clean, home),
            None => clean.into_owned(),
        }
    }

    fn headline(&self, label: &str, style: Style, message: &str) -> String {
        let message = self.clean(message);
        let label = format!("{label}:");
        let indent = format!("\n{}", " ".repeat(label.len() + 1));
        let message = message.trim_end().replace('\n', &indent);
        let (label, message) = (
            self.look.paint(style, &label),
            self.look.paint(styles::STRONG, &message),
        );
        format!("{label} {message}\n")
    }

    /// `lead label: content`, its further lines under its first one.
    fn entry(&self, text: &mut String, lead: &str, label: &str, style: Style, content: &str) {
        let content = self.clean(content);
        let mut lines = content.trim_end().lines();
        let (first, label) = (lines.next().unwrap_or_default(), format!("{label}:"));
        let painted = self.look.paint(style, &label);
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{lead} {painted} {first}");
        let indent = width::of(&anstream::adapter::strip_str(lead).to_string()) + label.len() + 2;
        for line in lines {
            let _ = writeln!(text, "{}{line}", " ".repeat(indent));
        }
    }

    /// The file, the line and a mark under what is meant.
    fn place(&self, text: &mut String, snippet: &Snippet, style: Style) {
        let gutter = gutter(snippet);
        let blank = " ".repeat(gutter);
        let frame = |part: &str| self.look.paint(styles::FRAME, part).into_owned();
        let place = self.clean(&snippet.place());
        let arrow = frame(&format!("{blank}-->"));
        let (mut before, meant, mut line) = shown(snippet);
        let mut marked = width::of(&meant).max(1);
        if let Some(columns) = self.width {
            let room = columns.saturating_sub(gutter + FRAME);
            let ellipsis = if self.look.utf8 { "…" } else { "~" };
            (before, line) = fitted(before, &meant, line, room, ellipsis);
            marked = marked.min(room.saturating_sub(width::of(&before)).max(1));
        }
        let mark = "^".repeat(marked);
        let mark = self.look.paint(style, &mark);
        let bar = frame(&format!("{blank} |"));
        let number = frame(&format!("{:>gutter$} |", snippet.line));
        let pad = " ".repeat(width::of(&before) + 1);
        let _ = writeln!(text, "{arrow} {place}");
        let _ = writeln!(text, "{bar}");
        let _ = writeln!(text, "{}", format!("{number} {line}").trim_end());
        let _ = writeln!(text, "{bar}{pad}{mark}");
    }
}

/// How many columns the line number takes.
fn gutter(snippet: &Snippet) -> usize {
    snippet.line.to_string().len()
}

/// What stands before the place, what is meant, and the whole line, as shown.
fn shown(snippet: &Snippet) -> (String, String, String) {
    let tidy = |text: String| sanitize::clean(&text.replace('\t', TAB)).into_owned();
    let mut rest = snippet.text.chars();
    let before: String = rest.by_ref().take(snippet.indent()).collect();
    let meant: String = rest.take(snippet.width as usize).collect();
    (tidy(before), tidy(meant), tidy(snippet.text.clone()))
}

/// `before` and `line` in at most `room` columns: the end of the line goes
/// first; then, if `meant` is not seen whole, the beginning.
fn fitted(
    before: String,
    meant: &str,
    line: String,
    room: usize,
    ellipsis: &str,
) -> (String, String) {
    if width::of(&line) <= room {
        return (before, line);
    }
    let rest = line.get(before.len()..).unwrap_or_default();
    // The last column may have to say that more follows.
    let most = room.saturating_sub(width::of(meant) + 1).max(room / 3);
    let before = if width::of(&before) <= most {
        before
    } else {
        let kept = width::suffix(&before, most.saturating_sub(1));
        format!("{ellipsis}{kept}")
    };
    let line = width::fit(&format!("{before}{rest}"), room, ellipsis);
    (before, line)
}

/// `~` for the home folder wherever a word of `text` begins with it.
fn shorten_home(text: &str, home: &str) -> String {
    let home = home.trim_end_matches('/');
    if home.is_empty() {
        return text.to_owned();
    }
    let mut short = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(home) {
        let (before, after) = (&rest[..at], &rest[at + home.len()..]);
        let begins = match before.chars().next_back().or(short.chars().next_back()) {
            None => true,
            Some(c) => c.is_whitespace() || c == '(',
        };
        // `/home/jo` is no part of `/home/joe`.
        let ends = after
            .chars()
            .next()
            .is_none_or(|c| c == '/' || c.is_whitespace() || ":,;)".contains(c));
        short.push_str(before);
        short.push_str(if begins && ends { "~" } else { home });
        rest = after;
    }
    short.push_str(rest);
    short
}

#[cfg(test)]
mod tests;
