//! What a stream can show, decided from the environment that the caller hands
//! over, and the few styles used.

use std::borrow::Cow;

use anstyle::{AnsiColor, Style};

/// How text may look where it is going.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Look {
    /// Escape sequences for colour and weight are understood and wanted.
    pub(crate) color: bool,
    /// Characters outside ASCII can be drawn; else bars and marks are ASCII.
    pub(crate) utf8: bool,
}

impl Look {
    /// No colour, ASCII only: what a file or a pipe gets.
    #[cfg(test)]
    pub(crate) const PLAIN: Self = Self {
        color: false,
        utf8: false,
    };

    /// `text` in `style`, or as it is where colour is off.
    pub(crate) fn paint<'a>(self, style: Style, text: &'a str) -> Cow<'a, str> {
        if !self.color || style.is_plain() || text.is_empty() {
            return Cow::Borrowed(text);
        }
        Cow::Owned(format!("{style}{text}{style:#}"))
    }

    /// What stands for text that was cut off.
    pub(crate) fn ellipsis(self) -> &'static str {
        if self.utf8 { "…" } else { "~" }
    }
}

/// The styles of the house. Meaning never rests on them alone.
pub(crate) mod styles {
    use super::{AnsiColor, Style};

    /// `error:` and what it points at.
    pub(crate) const ERROR: Style = AnsiColor::Red.on_default().bold();
    /// `warning:` and what it points at.
    pub(crate) const WARNING: Style = AnsiColor::Yellow.on_default().bold();
    /// `hint:`.
    pub(crate) const HINT: Style = AnsiColor::Cyan.on_default().bold();
    /// Frames around a line of a file.
    pub(crate) const FRAME: Style = AnsiColor::Blue.on_default().bold();
    /// The sentence that matters, the head of a table.
    pub(crate) const STRONG: Style = Style::new().bold();
    /// What matters least.
    pub(crate) const FAINT: Style = Style::new().dimmed();
    /// All is well.
    pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
    /// Ends soon. Bold, for yellow alone is hard to see on white.
    pub(crate) const SOON: Style = AnsiColor::Yellow.on_default().bold();
    /// Ended, or wrong.
    pub(crate) const BAD: Style = AnsiColor::Red.on_default();
}

/// The environment variables that say what a terminal can show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TerminalVars {
    no_color: Option<String>,
    clicolor: Option<String>,
    clicolor_force: Option<String>,
    term: Option<String>,
    locale: Option<String>,
}

impl TerminalVars {
    /// Reads the variables through `get`, which answers the value of a name.
    pub(crate) fn read<S: Into<String>>(get: impl Fn(&str) -> Option<S>) -> Self {
        let get = |name: &str| get(name).map(Into::into);
        let set = |name: &str| get(name).filter(|value: &String| !value.is_empty());
        Self {
            no_color: get("NO_COLOR"),
            clicolor: get("CLICOLOR"),
            clicolor_force: get("CLICOLOR_FORCE"),
            term: get("TERM"),
            // The order of locale(7).
            locale: set("LC_ALL")
                .or_else(|| set("LC_CTYPE"))
                .or_else(|| set("LANG")),
        }
    }

    /// Whether a stream gets colour, in the order of everyone else:
    /// `NO_COLOR` (<https://no-color.org>), `CLICOLOR_FORCE`, `CLICOLOR=0`
    /// (<https://bixense.com/clicolors>), else a terminal that is not dumb.
    pub(crate) fn color(&self, is_terminal: bool) -> bool {
        let filled = |value: &Option<String>| value.as_deref().is_some_and(|v| !v.is_empty());
        if filled(&self.no_color) {
            return false;
        }
        if filled(&self.clicolor_force) && self.clicolor_force.as_deref() != Some("0") {
            return true;
        }
        if self.clicolor.as_deref() == Some("0") {
            return false;
        }
        is_terminal && self.can_move_cursor()
    }

    /// Whether a terminal understands escape sequences at all: `TERM` is set
    /// and is not `dumb`. Neither progress nor the chooser works without.
    pub(crate) fn can_move_cursor(&self) -> bool {
        match self.term.as_deref() {
            None | Some("") => cfg!(windows),
            Some(term) => term != "dumb",
        }
    }

    /// Whether the locale is one of UTF-8. macOS starts graphical programs
    /// without any, and is all UTF-8.
    pub(crate) fn utf8(&self) -> bool {
        let Some(locale) = &self.locale else {
            return !cfg!(target_os = "linux");
        };
        let locale = locale.to_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    }

    /// How text may look on a stream.
    pub(crate) fn look(&self, is_terminal: bool) -> Look {
        Look {
            color: self.color(is_terminal),
            utf8: self.utf8(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vars(pairs: &[(&str, &str)]) -> TerminalVars {
        TerminalVars::read(|name| {
            let found = pairs.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| *value)
        })
    }

    #[test]
    fn colour_is_decided_as_everywhere_else() {
        let xterm = ("TERM", "xterm-256color");
        for (pairs, piped, terminal) in [
            (vec![xterm], false, true),
            (vec![], false, false),
            (vec![("TERM", "dumb")], false, false),
            (vec![xterm, ("NO_COLOR", "1")], false, false),
            (vec![xterm, ("NO_COLOR", "")], false, true),
            (vec![xterm, ("CLICOLOR", "0")], false, false),
            (vec![xterm, ("CLICOLOR", "1")], false, true),
            (vec![xterm, ("CLICOLOR_FORCE", "1")], true, true),
            (vec![xterm, ("CLICOLOR_FORCE", "0")], false, true),
            (vec![xterm, ("CLICOLOR_FORCE", "")], false, true),
            (vec![("TERM", "dumb"), ("CLICOLOR_FORCE", "1")], true, true),
            (vec![("CLICOLOR", "0"), ("CLICOLOR_FORCE", "1")], true, true),
            (
                vec![("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")],
                false,
                false,
            ),
        ] {
            let vars = vars(&pairs);
            assert_eq!(vars.color(false), piped, "piped, {pairs:?}");
            assert_eq!(vars.color(true), terminal, "terminal, {pairs:?}");
        }
    }

    #[test]
    fn the_locale_decides_on_characters() {
        for (pairs, utf8) in [
            (vec![], !cfg!(target_os = "linux")),
            (vec![("LANG", "en_US.UTF-8")], true),
            (vec![("LANG", "de_DE.utf8")], true),
            (vec![("LANG", "C")], false),
            (vec![("LANG", "en_US.UTF-8"), ("LC_ALL", "C")], false),
            (vec![("LANG", "C"), ("LC_CTYPE", "C.UTF-8")], true),
            (vec![("LANG", "C.UTF-8"), ("LC_ALL", "")], true),
        ] {
            assert_eq!(vars(&pairs).utf8(), utf8, "{pairs:?}");
        }
    }

    #[test]
    fn paint_is_silent_without_colour() {
        let color = Look {
            color: true,
            utf8: true,
        };
        assert_eq!(Look::PLAIN.paint(styles::ERROR, "x"), "x");
        assert_eq!(color.paint(styles::BAD, "x"), "\u{1b}[31mx\u{1b}[0m");
        assert_eq!(color.paint(styles::BAD, ""), "");
        assert_eq!(color.paint(Style::new(), "x"), "x");
    }
}
