//! The terminal while the chooser has it: every key comes here, the view
//! stands below the cursor, and afterwards all is as it was.

use std::fs::File;
use std::io::{self, Read, Write};
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use assumerole_host::signals;
use assumerole_host::tty::Tty;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, ioctl_fionread};
use rustix::termios::{
    LocalModes, OptionalActions, QueueSelector, SpecialCodeIndex, Termios, tcflush, tcgetattr,
    tcgetwinsize, tcsetattr,
};

use super::draw::Frame;

/// What this process does at the terminal.
pub(super) const DOES: &str = "lets you choose a role";

/// Wrapping off: a character that the terminal draws wider than we think must
/// not move what is below. Cursor off: it would be seen running.
const BEGIN: &str = "\u{1b}[?25l\u{1b}[?7l\r";
const END: &str = "\u{1b}[?7h\u{1b}[?25h";
/// What is pasted comes between marks: a line break in it is no Enter.
const PASTE_MARKED: &str = "\u{1b}[?2004h";
const PASTE_PLAIN: &str = "\u{1b}[?2004l";
/// The screen that has no scroll-back, and back with the cursor where it was.
const OTHER_SCREEN: &str = "\u{1b}[?1049h";
const FIRST_SCREEN: &str = "\u{1b}[?1049l";
/// Everything from the cursor's line down is empty. That line for itself: where
/// it is the first one, tmux keeps a screen that is erased as a whole in its
/// scroll-back.
const ERASE_BELOW: &str = "\r\u{1b}[K\u{1b}7\u{1b}[B\u{1b}[J\u{1b}8";
const ERASE_REST_OF_LINE: &str = "\u{1b}[K";
/// A tenth of a second.
const TENTH: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 100_000_000,
};
/// What a terminal that does not say is taken for.
const USUAL_SIZE: (usize, usize) = (80, 24);

/// The terminal, ours until dropped.
pub(crate) struct Terminal {
    screen: Arc<Screen>,
    during: Termios,
    /// How many bytes were typed before the terminal was ours.
    ahead: u64,
}

/// What must be put back in order, by whoever comes to it first: the end, or
/// a panic (which ends a release build without unwinding).
struct Screen {
    file: File,
    before: Mutex<Option<Termios>>,
    /// Whether the other screen is shown.
    is_other: AtomicBool,
}

impl Terminal {
    /// Takes the terminal. What was typed before stays to be read.
    pub(crate) fn take(tty: &Tty) -> io::Result<Self> {
        let file = File::from(rustix::io::fcntl_dupfd_cloexec(tty, 0)?);
        let before = tcgetattr(&file)?;
        let mut during = before.clone();
        during.make_raw();
        // A read ends after a tenth of a second, so that signals and a new
        // size are noticed. Not by poll(2) alone: macOS has it not for
        // terminals.
        during.special_codes[SpecialCodeIndex::VMIN] = 0;
        during.special_codes[SpecialCodeIndex::VTIME] = 1;
        let screen = Arc::new(Screen {
            file,
            before: Mutex::new(Some(before)),
            is_other: AtomicBool::new(false),
        });
        restore_at_panic(Arc::clone(&screen));
        let mut terminal = Self {
            screen,
            during,
            ahead: 0,
        };
        terminal.enter()?;
        terminal.ahead = ioctl_fionread(&terminal.screen.file)?;
        Ok(terminal)
    }

    fn enter(&self) -> io::Result<()> {
        tcsetattr(&self.screen.file, OptionalActions::Now, &self.during)?;
        self.screen.write(PASTE_MARKED)
    }

    /// Columns and rows.
    ///
    /// # Errors
    /// The terminal is gone.
    pub(crate) fn size(&self) -> io::Result<(usize, usize)> {
        let size = tcgetwinsize(&self.screen.file)?;
        Ok(match (size.ws_col, size.ws_row) {
            (0, _) | (_, 0) => USUAL_SIZE,
            (columns, rows) => (columns.into(), rows.into()),
        })
    }

    /// A byte that was typed; `None` after a tenth of a second without one.
    /// One at a time: what follows the choice belongs to the next reader.
    ///
    /// # Errors
    /// The terminal is gone.
    pub(crate) fn read(&mut self) -> io::Result<Option<u8>> {
        if !self.answers()? {
            return Ok(None);
        }
        let mut byte = [0];
        match (&self.screen.file).read(&mut byte) {
            Ok(0) => Ok(None),
            Ok(_) if self.is_early_choice(byte[0]) => Ok(None),
            Ok(_) => Ok(Some(byte[0])),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether a read will end at once, or in a tenth of a second. One waits
    /// for a whole line where the modes are somebody else's again: those of a
    /// shell, after this process was stopped and goes on.
    fn answers(&self) -> io::Result<bool> {
        let mut polled = [PollFd::new(&self.screen.file, PollFlags::IN)];
        // What macOS says of terminals, it says at once.
        match poll(&mut polled, Some(&TENTH)) {
            Ok(count) => Ok(count > 0),
            Err(Errno::INTR) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// What was typed before the list stood there filters it, but an Enter
    /// among it was meant for something else: nobody has seen what it takes.
    fn is_early_choice(&mut self, byte: u8) -> bool {
        let early = self.ahead > 0;
        self.ahead = self.ahead.saturating_sub(1);
        early && matches!(byte, b'\r' | b'\n')
    }

    /// Whether more was typed already: then drawing can wait.
    pub(crate) fn has_input(&self) -> bool {
        ioctl_fionread(&self.screen.file).is_ok_and(|bytes| bytes > 0)
    }

    /// Takes the terminal again if somebody changed it: a shell does, when
    /// this process is stopped and continued. Answers whether that was so.
    ///
    /// # Errors
    /// The terminal is gone: a read tells this apart from silence only here.
    pub(crate) fn renew(&self) -> io::Result<bool> {
        let now = tcgetattr(&self.screen.file)?;
        // Not all of them: the system itself sets some (PENDIN).
        let cooked = LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG;
        if !now.local_modes.intersects(cooked) {
            return Ok(false);
        }
        self.enter()?;
        Ok(true)
    }

    /// Puts the terminal in order, stops this process as Ctrl-Z does
    /// elsewhere, and takes the terminal again when it goes on. Not where
    /// nobody would let it go on.
    ///
    /// # Errors
    /// The terminal is gone, or another process has it and does not let go.
    pub(crate) fn suspend(&self, tty: &Tty) -> io::Result<()> {
        if !signals::can_stop_job() {
            return Ok(());
        }
        self.screen.clear()?;
        if let Some(before) = self.screen.before() {
            tcsetattr(&self.screen.file, OptionalActions::Now, &before)?;
        }
        tty.suspended().map_err(io::Error::other)?;
        tty.begin_screen(DOES).map_err(io::Error::other)?;
        // What was typed to the shell meanwhile.
        tcflush(&self.screen.file, QueueSelector::IFlush)?;
        self.enter()
    }

    /// Goes to the other screen, unless it is shown already. With another
    /// width most terminals break the lines that are there anew: what was drawn
    /// on the first screen would go into its scroll-back, piece by piece, with
    /// each step of a window that is made narrower.
    pub(crate) fn go_to_other_screen(&self) -> io::Result<()> {
        if self.screen.is_other.swap(true, Ordering::SeqCst) {
            return Ok(());
        }
        self.screen.write(&format!("{ERASE_BELOW}{OTHER_SCREEN}"))
    }

    /// Makes room for `rows` lines from the cursor's line down; the screen
    /// scrolls if there are fewer. The cursor stays in the first one.
    pub(crate) fn make_room(&self, rows: usize) -> io::Result<()> {
        let below = rows.saturating_sub(1);
        let mut text = format!("{ERASE_BELOW}{}", "\n".repeat(below));
        if below > 0 {
            text.push_str(&format!("\u{1b}[{below}A"));
        }
        self.screen.write(&text)
    }

    /// Draws `frame`, in one write, where room was made for it.
    pub(crate) fn draw(&self, frame: &Frame) -> io::Result<()> {
        let mut text = BEGIN.to_owned();
        for (at, line) in frame.lines.iter().enumerate() {
            if at > 0 {
                text.push_str("\r\n");
            }
            // Where the terminal may take a character for narrower than we do,
            // spaces do not cover what stood there.
            if !line.is_ascii() {
                text.push_str(ERASE_REST_OF_LINE);
            }
            text.push_str(line);
            text.push_str(ERASE_REST_OF_LINE);
        }
        let below = frame.lines.len().saturating_sub(1);
        text.push('\r');
        for (count, letter) in [(below, 'A'), (frame.cursor, 'C')] {
            // 0 means 1 to a terminal.
            if count > 0 {
                text.push_str(&format!("\u{1b}[{count}{letter}"));
            }
        }
        text.push_str(END);
        self.screen.write(&text)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.screen.restore();
    }
}

impl Screen {
    fn write(&self, text: &str) -> io::Result<()> {
        (&self.file).write_all(text.as_bytes())
    }

    /// Takes away all that was drawn.
    fn clear(&self) -> io::Result<()> {
        let first = match self.is_other.swap(false, Ordering::SeqCst) {
            true => FIRST_SCREEN,
            false => "",
        };
        self.write(&format!("{ERASE_BELOW}{first}{END}{PASTE_PLAIN}"))
    }

    /// How the terminal was, until it is so again.
    fn before(&self) -> Option<Termios> {
        let before = self.before.lock();
        before.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Once, whoever calls it. A terminal that is gone needs no order.
    fn restore(&self) {
        let before = self
            .before
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(before) = before {
            let _ = self.clear();
            let _ = tcsetattr(&self.file, OptionalActions::Now, &before);
        }
    }
}

/// From now on a panic restores the terminal before it says anything. The
/// hook stays: once the terminal is restored, it does nothing.
fn restore_at_panic(screen: Arc<Screen>) {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        screen.restore();
        usual(info);
    }));
}

/// Whether `error` is what a terminal says when its other end is gone.
pub(crate) fn is_gone(error: &io::Error) -> bool {
    Errno::from_io_error(error) == Some(Errno::IO)
}
