//! A terminal that hands over every key and shows none of them.

use std::fs::File;
use std::io;

use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
};

use super::keys::Special;

/// While this lives, the terminal shows nothing by itself, keeps no line and
/// makes no signal of a key; then it is as it was.
pub(super) struct Quiet<'a> {
    file: &'a File,
    before: Termios,
    during: Termios,
}

impl<'a> Quiet<'a> {
    /// What was typed before stays to be read.
    pub(super) fn enter(file: &'a File) -> io::Result<Self> {
        let before = tcgetattr(file)?;
        let mut during = before.clone();
        during.local_modes -= LocalModes::ECHO
            | LocalModes::ECHONL
            | LocalModes::ICANON
            | LocalModes::ISIG
            | LocalModes::IEXTEN;
        end_reads(&mut during);
        tcsetattr(file, OptionalActions::Now, &during)?;
        Ok(Self {
            file,
            before,
            during,
        })
    }

    /// The keys that the person has chosen with stty(1).
    pub(super) fn special(&self) -> Special {
        let code = |index| {
            let code = self.before.special_codes[index];
            // _POSIX_VDISABLE: 0 on Linux, 255 on macOS.
            (code != 0 && code != 0xff).then_some(code)
        };
        Special {
            interrupt: code(SpecialCodeIndex::VINTR),
            end: code(SpecialCodeIndex::VEOF),
            suspend: code(SpecialCodeIndex::VSUSP),
            erase: code(SpecialCodeIndex::VERASE),
            kill: code(SpecialCodeIndex::VKILL),
            word: code(SpecialCodeIndex::VWERASE),
        }
    }

    /// Makes the terminal quiet again if somebody changed it: a shell does,
    /// when this process is stopped and continued. Returns whether that was
    /// so.
    ///
    /// # Errors
    /// The terminal is gone: a read tells this apart from silence only here.
    pub(super) fn renew(&self) -> io::Result<bool> {
        let now = tcgetattr(self.file)?;
        if now.local_modes == self.during.local_modes {
            return Ok(false);
        }
        tcsetattr(self.file, OptionalActions::Now, &self.during)?;
        Ok(true)
    }
}

/// Ends a read after a tenth of a second, so that signals and a new size are
/// noticed even where poll(2) knows no terminals.
pub(super) fn end_reads(modes: &mut Termios) {
    modes.special_codes[SpecialCodeIndex::VMIN] = 0;
    modes.special_codes[SpecialCodeIndex::VTIME] = 1;
}

impl Drop for Quiet<'_> {
    fn drop(&mut self) {
        // A terminal that is gone needs no order.
        let _ = tcsetattr(self.file, OptionalActions::Now, &self.before);
    }
}
