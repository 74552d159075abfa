//! Handing a secret URL to the person's browser.

use std::ffi::OsString;
use std::io;
use std::time::Duration;

use assumerole_core::{Error, Kind, Result};
use assumerole_host::browser::{Browser, Opening, Progress};
use assumerole_host::env::Env;
use assumerole_host::fs::PrivateDir;
use assumerole_host::random;
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;

use crate::desk::{Desk, Event, LASTS, Laid};

/// How often to look at the browser.
const TICK: Duration = Duration::from_millis(50);

/// Names of files that send a browser on.
const START: &str = "open-";
const END: &str = ".html";

/// What is needed to hand something over.
pub struct Opener<'a> {
    /// The person's own environment.
    pub env: &'a Env,
    /// What may open a page, the first to try in front. May be empty.
    pub browsers: &'a [Browser],
    /// A folder for a file that lasts as long as a page, where the system does not
    /// tell whose a visitor is.
    pub folder: &'a PrivateDir,
    /// What time it is.
    pub now: Timestamp,
}

/// A URL that is being handed over. The browser is left alone when it is dropped,
/// and the file is removed.
pub struct Handing<'a> {
    /// The page.
    pub laid: Laid,
    opening: Opening,
    file: Option<File<'a>>,
    told: bool,
    waited: Duration,
}

/// What came of it.
#[derive(Debug)]
pub enum Handed {
    /// The browser has the URL.
    Taken,
    /// No browser has opened the page, a sentence for each that was tried. It may
    /// still be opened by hand: wait on.
    NotOpened(Vec<String>),
    /// Another user has asked for the page, who did not get it; nor will anybody
    /// else.
    Foreign(Option<u32>),
    /// Nobody has asked for the page while it could be had.
    Late,
    /// Something else has happened at the desk.
    Other(Event),
    /// Nothing yet.
    Waiting,
}

impl Opener<'_> {
    /// Has a browser open a page of `desk` that sends it on to `url`. `page` makes
    /// of the address of the page what the browser is to open, such as the link of
    /// an add-on.
    ///
    /// # Errors
    /// The system has no random numbers, or no place for a file that it needs.
    pub fn hand_over(
        &self,
        desk: &Desk,
        url: SecretString,
        page: &dyn Fn(&str) -> String,
    ) -> Result<Handing<'_>> {
        sweep(self.folder, self.now);
        let failed = |error: io::Error| {
            Error::new(Kind::Failed, "cannot prepare a page for the browser").because(error)
        };
        let laid = desk.lay_out(url).map_err(failed)?;
        let file = match desk.knows_visitors() {
            true => None,
            false => Some(File::write(self.folder, &laid.address)?),
        };
        let address = match &file {
            Some(file) => file.address(),
            None => laid.address.clone(),
        };
        let opening = Opening::start(self.browsers.to_vec(), &page(&address), self.env);
        Ok(Handing {
            laid,
            opening,
            file,
            told: false,
            waited: Duration::ZERO,
        })
    }
}

impl Handing<'_> {
    /// What a person may open by hand, in a browser of this machine.
    pub fn address(&self) -> String {
        match &self.file {
            Some(file) => file.address(),
            None => self.laid.address.clone(),
        }
    }

    /// Waits a short while. To be called until it is no longer
    /// [`Handed::Waiting`] or [`Handed::NotOpened`].
    pub fn wait(&mut self, desk: &Desk) -> Handed {
        match desk.wait(TICK) {
            Some(Event::Taken(number)) if number == self.laid.number => Handed::Taken,
            Some(Event::Foreign(number, user)) if number == self.laid.number => {
                Handed::Foreign(user)
            }
            Some(event) => Handed::Other(event),
            None => {
                self.waited += TICK;
                if self.waited >= LASTS {
                    return Handed::Late;
                }
                if !self.told && self.opening.look() == Progress::Failed {
                    self.told = true;
                    return Handed::NotOpened(self.opening.failures().to_vec());
                }
                Handed::Waiting
            }
        }
    }
}

/// A file of the person that sends a browser on to a page.
struct File<'a> {
    folder: &'a PrivateDir,
    name: OsString,
}

impl<'a> File<'a> {
    fn write(folder: &'a PrivateDir, address: &str) -> Result<Self> {
        let number = random::number().map_err(|error| {
            Error::new(Kind::Failed, "cannot name a file for the browser").because(error)
        })?;
        let file = Self {
            folder,
            name: format!("{START}{number:016x}{END}").into(),
        };
        let text = format!(
            "<!doctype html>\n<meta charset=\"utf-8\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
             <meta http-equiv=\"refresh\" content=\"0; url={address}\">\n<title>assumerole</title>\n"
        );
        folder.write(&file.name, text.as_bytes())?;
        Ok(file)
    }

    /// As a browser takes it.
    fn address(&self) -> String {
        use std::os::unix::ffi::OsStrExt as _;
        let path = self.folder.path().join(&self.name);
        let mut address = String::from("file://");
        for byte in path.as_os_str().as_bytes() {
            match byte {
                b'/' | b'.' | b'-' | b'_' => address.push(char::from(*byte)),
                byte if byte.is_ascii_alphanumeric() => address.push(char::from(*byte)),
                byte => address.push_str(&format!("%{byte:02X}")),
            }
        }
        address
    }
}

impl Drop for File<'_> {
    fn drop(&mut self) {
        let _ = self.folder.remove(&self.name);
    }
}

/// Removes the files that processes have left which were killed.
fn sweep(folder: &PrivateDir, now: Timestamp) {
    let Ok(entries) = folder.list() else { return };
    for entry in entries {
        let name = entry.name.to_string_lossy();
        let is_ours = name.starts_with(START) && name.ends_with(END);
        let age = now.duration_since(entry.modified);
        if is_ours && age.abs() > SignedDuration::from_mins(1) {
            let _ = folder.remove(&entry.name);
        }
    }
}

#[cfg(test)]
mod tests;
