//! `accountlist`, `accountlist_text`: the names, one a line. Prompts and
//! completion scripts call them.
//!
//! Those of people put the names where a shell expands them
//! (`complete -W "$(assumerole accountlist_text)"`), and hand them to programs. So
//! names that a shell would split, change or run, or a program take for an option,
//! are not printed. Only of those that it would change or run there is a word:
//! some of these scripts run at every Tab, where a word is in the way.

use assumerole_core::Result;
use assumerole_core::diagnostic::Warning;
use assumerole_core::diagnostic::sanitize::{is_expanded, is_plain, one_line};

use crate::app::App;
use crate::outcome::Outcome;
use crate::ui::look::styles;

/// So many names are in the warning, and so many characters of each.
const SHOWN: usize = 3;
const LONGEST: usize = 40;

/// How the names look.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Decoration {
    /// On a terminal they are bold.
    Terminal,
    /// Never anything but the name.
    None,
}

pub(crate) fn run(app: &App<'_>, decoration: Decoration) -> Result<Outcome> {
    app.show_accounts();
    let look = app.printer.settings().out;
    let (names, mut odd): (Vec<String>, Vec<String>) = app
        .role_names()?
        .into_iter()
        .partition(|name| is_plain(name));
    let mut text = String::new();
    for name in &names {
        match decoration {
            Decoration::Terminal => text.push_str(&look.paint(styles::STRONG, name)),
            Decoration::None => text.push_str(name),
        }
        text.push('\n');
    }
    let outcome = app.data(&text)?;
    odd.retain(|name| is_expanded(name));
    if !odd.is_empty() {
        app.printer.warning(&left_out(&odd));
    }
    Ok(outcome)
}

fn left_out(names: &[String]) -> Warning {
    let mut shown: Vec<String> = names
        .iter()
        .take(SHOWN)
        .map(|name| shortened(name))
        .collect();
    if let more @ 1.. = names.len() - shown.len() {
        shown.push(format!("{more} more"));
    }
    let them = match names.len() {
        1 => "it",
        _ => "them",
    };
    let message = format!("not listed, because a shell would change or run {them}");
    Warning::new(format!("{message}: {}", shown.join(", ")))
        .hint("rename these roles, using only letters, digits and - _ . in their names; see all: assumerole list")
}

fn shortened(name: &str) -> String {
    let name = one_line(name);
    match name.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name,
    }
}
