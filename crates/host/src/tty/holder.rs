//! What is said of the process whose question stands at the terminal.

use std::fmt;
use std::fs::File;
use std::io::Write;

use assumerole_core::diagnostic::sanitize::one_line;

/// What stands at a terminal, for those who have to wait.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shown<'a> {
    /// This question, and the cursor behind it.
    Question(&'a str),
    /// Something else; what its process does at this terminal, as "runs op".
    Other(&'a str),
    /// As [`Self::Other`], drawn: nobody else should write there.
    Screen(&'a str),
}

/// Who has the turn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TurnHolder {
    /// Its process, where that can be told.
    pub pid: Option<u32>,
    /// What it does at this terminal; a question as `asks …`.
    does: Option<String>,
    is_screen: bool,
}

impl TurnHolder {
    /// What to do about it.
    pub fn hints(&self) -> Vec<String> {
        match self.pid {
            Some(pid) => vec![
                "answer it first".to_owned(),
                format!("or end that process: kill {pid}"),
            ],
            None => vec!["answer it first".to_owned()],
        }
    }
}

impl fmt::Display for TurnHolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pid {
            Some(pid) => write!(f, "process {pid}, which ")?,
            None => f.write_str("another process, which ")?,
        }
        match &self.does {
            Some(does) => write!(f, "{does} at this terminal"),
            None => f.write_str("asks something at this terminal"),
        }
    }
}

/// What the file says: a line for programs, then what is shown.
#[derive(Default)]
pub(super) struct Words {
    pub(super) pid: Option<u32>,
    /// Whether its process has the device's lock.
    pub(super) by_device: bool,
    kind: Kind,
    shown: Option<String>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Kind {
    Question,
    #[default]
    Other,
    Screen,
}

impl Words {
    pub(super) fn text(by_device: bool, shown: Shown<'_>) -> String {
        let pid = std::process::id();
        let how = if by_device { "device" } else { "file" };
        let (kind, text) = match shown {
            Shown::Question(text) => ("question", text),
            Shown::Other(text) => ("other", text),
            Shown::Screen(text) => ("screen", text),
        };
        format!("{pid} {how} {kind}\n{}", one_line(text))
    }

    pub(super) fn read(text: &str) -> Option<Self> {
        let (line, shown) = text.split_once('\n')?;
        let mut words = line.split(' ');
        Some(Self {
            pid: words.next()?.parse().ok(),
            by_device: words.next()? == "device",
            kind: match words.next()? {
                "question" => Kind::Question,
                "screen" => Kind::Screen,
                _ => Kind::Other,
            },
            shown: shown.lines().next().map(one_line),
        })
    }

    pub(super) fn holder(self, pid: Option<u32>) -> TurnHolder {
        let pid = pid.or(self.pid);
        let is_screen = self.kind == Kind::Screen;
        let does = self.shown.map(|text| match self.kind {
            Kind::Question => format!("asks \"{}\"", text.trim_end_matches([':', ' '])),
            Kind::Other | Kind::Screen => text,
        });
        TurnHolder {
            pid,
            does,
            is_screen,
        }
    }
}

/// Says at the terminal whom this process waits for. Whole screens are left
/// alone.
pub(super) fn say(mut terminal: &File, holder: &TurnHolder) {
    if !holder.is_screen {
        // A terminal that is gone is noticed by the question.
        let _ = terminal.write_all(format!("\nwaiting for {holder}\n").as_bytes());
    }
}
