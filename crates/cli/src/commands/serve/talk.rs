//! What a server says of itself, beside a program that has the terminal.

use std::cell::RefCell;
use std::io;
use std::time::Duration;

use assumerole_host::Host;
use assumerole_host::process::{self, Helper, Stderr, Stdin};
use assumerole_host::tty::takes_lines;

use crate::ui::Printer;

/// Shows a message on the desktop.
const NOTIFIER: &str = "notify-send";

/// How long it may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// Says things at the terminal while that takes lines; else on the desktop, and
/// at the end.
pub(super) struct Talk<'h> {
    host: &'h Host,
    printer: Printer,
    /// What has not been said on stderr yet.
    later: RefCell<Vec<String>>,
    /// Where what is said on stderr has no reader.
    silent: bool,
}

impl<'h> Talk<'h> {
    pub(super) fn new(host: &'h Host, silent: bool) -> Self {
        Self {
            host,
            printer: Printer::new(&host.env, false),
            later: RefCell::default(),
            silent,
        }
    }

    /// Says `text`; `short`, which names nobody's account, where others may see
    /// it.
    pub(super) fn say(&self, text: &str, short: &str) {
        if !self.silent && may_write() {
            self.printer.note(text);
            return;
        }
        self.later.borrow_mut().push(text.to_owned());
        self.notify(short);
    }

    fn notify(&self, text: &str) {
        let env = self.host.env.pairs();
        let helper = Helper {
            program: NOTIFIER.into(),
            args: ["--app-name=assumerole", "assumerole", text]
                .map(Into::into)
                .to_vec(),
            env,
            stdin: Stdin::Null,
            stderr: Stderr::Captured,
            timeout: PATIENCE,
            limit: 4096,
        };
        // Where there is no desktop, it is said at the end.
        let _ = process::run_captured(&helper);
    }
}

impl Drop for Talk<'_> {
    fn drop(&mut self) {
        if !self.silent {
            for text in self.later.borrow_mut().drain(..) {
                self.printer.note(&text);
            }
        }
    }
}

/// Whether stderr is no terminal, or one that no program has for itself: on the
/// alternate screen, programs read single keys. The screen itself is the
/// terminal's to know, which tells whoever reads its input, and that is the program.
fn may_write() -> bool {
    takes_lines(stderr()).unwrap_or(true)
}

#[expect(clippy::disallowed_methods, reason = "asked about, not written to")]
fn stderr() -> io::Stderr {
    io::stderr()
}
