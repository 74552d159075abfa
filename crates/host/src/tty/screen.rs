//! The terminal while something is drawn on it: every key comes here, what is
//! drawn stands below the cursor, and afterwards all is as it was.

use std::fs::File;
use std::io::{self, Write};
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::io::{Errno, ioctl_fionread};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr};

use super::{Tty, mode, read_byte};
use crate::signals;

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
/// What a terminal that does not say is taken for.
const USUAL_SIZE: (usize, usize) = (80, 24);

/// The terminal, ours until dropped.
#[derive(Debug)]
pub struct Screen {
    order: Arc<Order>,
    during: Termios,
    /// How many bytes were typed before the terminal was ours.
    ahead: u64,
}

/// What must be put back in order, by whoever comes to it first: the end, or
/// a panic (which ends a release build without unwinding).
#[derive(Debug)]
struct Order {
    file: File,
    before: Mutex<Option<Termios>>,
    /// Whether the other screen is shown.
    is_other: AtomicBool,
}

impl Screen {
    /// Takes the terminal. What was typed before stays to be read.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn take(tty: &Tty) -> io::Result<Self> {
        let file = tty.file.try_clone()?;
        let before = tcgetattr(&file)?;
        let mut during = before.clone();
        during.make_raw();
        mode::end_reads(&mut during);
        let order = Arc::new(Order {
            file,
            before: Mutex::new(Some(before)),
            is_other: AtomicBool::new(false),
        });
        restore_at_panic(Arc::clone(&order));
        let mut screen = Self {
            order,
            during,
            ahead: 0,
        };
        screen.enter()?;
        screen.ahead = ioctl_fionread(&screen.order.file)?;
        Ok(screen)
    }

    fn enter(&self) -> io::Result<()> {
        tcsetattr(&self.order.file, OptionalActions::Now, &self.during)?;
        self.order.write(PASTE_MARKED)
    }

    /// Columns and rows.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn size(&self) -> io::Result<(usize, usize)> {
        let size = tcgetwinsize(&self.order.file)?;
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
    pub fn read(&mut self) -> io::Result<Option<u8>> {
        let byte = read_byte(&self.order.file)?;
        Ok(byte.filter(|byte| !self.is_early_choice(*byte)))
    }

    /// What was typed before the list stood there filters it, but an Enter
    /// among it was meant for something else: nobody has seen what it takes.
    fn is_early_choice(&mut self, byte: u8) -> bool {
        let early = self.ahead > 0;
        self.ahead = self.ahead.saturating_sub(1);
        early && matches!(byte, b'\r' | b'\n')
    }

    /// Whether more was typed already: then drawing can wait.
    pub fn has_input(&self) -> bool {
        ioctl_fionread(&self.order.file).is_ok_and(|bytes| bytes > 0)
    }

    /// Takes the terminal again if somebody changed it: a shell does, when
    /// this process is stopped and continued. Answers whether that was so.
    ///
    /// # Errors
    /// The terminal is gone: a read tells this apart from silence only here.
    pub fn renew(&self) -> io::Result<bool> {
        let now = tcgetattr(&self.order.file)?;
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
    /// nobody would let it go on. What this process `does` is as in
    /// [`Tty::begin_screen`].
    ///
    /// # Errors
    /// The terminal is gone, or another process has it and does not let go.
    pub fn suspend(&self, tty: &Tty, does: &str) -> io::Result<()> {
        if !signals::can_stop_job() {
            return Ok(());
        }
        self.order.clear()?;
        if let Some(before) = self.order.before() {
            tcsetattr(&self.order.file, OptionalActions::Now, &before)?;
        }
        tty.suspended().map_err(io::Error::other)?;
        tty.begin_screen(does).map_err(io::Error::other)?;
        // What was typed to the shell meanwhile.
        tty.forget_typed()?;
        self.enter()
    }

    /// Goes to the other screen, unless it is shown already. With another
    /// width most terminals break the lines that are there anew: what was drawn
    /// on the first screen would go into its scroll-back, piece by piece, with
    /// each step of a window that is made narrower.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn go_to_other_screen(&self) -> io::Result<()> {
        if self.order.is_other.swap(true, Ordering::SeqCst) {
            return Ok(());
        }
        self.order.write(&format!("{ERASE_BELOW}{OTHER_SCREEN}"))
    }

    /// Makes room for `rows` lines from the cursor's line down; the screen
    /// scrolls if there are fewer. The cursor stays in the first one.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn make_room(&self, rows: usize) -> io::Result<()> {
        let below = rows.saturating_sub(1);
        let mut text = format!("{ERASE_BELOW}{}", "\n".repeat(below));
        if below > 0 {
            text.push_str(&format!("\u{1b}[{below}A"));
        }
        self.order.write(&text)
    }

    /// Draws `lines`, in one write, where room was made for them, and leaves
    /// the cursor in the first one, in the column `cursor` from 0.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn draw(&self, lines: &[String], cursor: usize) -> io::Result<()> {
        let mut text = BEGIN.to_owned();
        for (at, line) in lines.iter().enumerate() {
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
        let below = lines.len().saturating_sub(1);
        text.push('\r');
        for (count, letter) in [(below, 'A'), (cursor, 'C')] {
            // 0 means 1 to a terminal.
            if count > 0 {
                text.push_str(&format!("\u{1b}[{count}{letter}"));
            }
        }
        text.push_str(END);
        self.order.write(&text)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.order.restore();
    }
}

impl Order {
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
fn restore_at_panic(order: Arc<Order>) {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        order.restore();
        usual(info);
    }));
}

/// Whether `error` is what a terminal says when its other end is gone.
pub fn is_gone(error: &io::Error) -> bool {
    Errno::from_io_error(error) == Some(Errno::IO)
}
