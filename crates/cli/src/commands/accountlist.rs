//! `accountlist`, `accountlist_text`: the names, one a line. Prompts and
//! completion scripts call them.

use assumerole_core::Result;
use assumerole_core::sanitize::one_line;

use crate::app::App;
use crate::outcome::Outcome;
use crate::ui::look::styles;

/// How the names look.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Decoration {
    /// On a terminal they are bold.
    Terminal,
    /// Never anything but the name.
    None,
}

pub(crate) fn run(app: &App<'_>, decoration: Decoration) -> Result<Outcome> {
    let look = app.printer.settings().out;
    let mut text = String::new();
    for name in app.role_names()? {
        let name = one_line(&name);
        match decoration {
            Decoration::Terminal => text.push_str(&look.paint(styles::STRONG, &name)),
            Decoration::None => text.push_str(&name),
        }
        text.push('\n');
    }
    app.data(&text)
}
