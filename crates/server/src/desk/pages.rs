//! What lies at a desk.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;
use tokio::time::Instant;

use super::LASTS;
use crate::token::Token;

/// Where a browser that came back is sent on to, so that the code is in no address
/// that it keeps.
pub(super) const DONE: &str = "/oauth/done";
/// The same, if it brought a refusal.
pub(super) const REFUSED: &str = "/oauth/refused";

/// What the system tells of visitors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Peers {
    /// Whose they are.
    Known,
    /// Nothing: macOS. The address of a page is secret then.
    Unknown,
    /// Whose they are, but for those that Windows passes on to its Linux: they
    /// are the system's, or nobody's.
    Relayed,
}

/// A page, laid out for one visitor.
pub(super) struct Page {
    path: Token,
    url: SecretString,
    until: Instant,
    state: PageState,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PageState {
    /// It can be had.
    Open,
    /// The browser has it.
    Taken,
    /// Somebody else wanted it.
    Spent,
}

impl Page {
    pub(super) fn new(path: Token, url: SecretString) -> Self {
        Self {
            path,
            url,
            until: Instant::now() + LASTS,
            state: PageState::Open,
        }
    }
}

/// What a sign-in has sent with the browser.
pub struct Back {
    /// What it is exchanged for a token.
    pub code: Result<SecretString, String>,
}

/// Shows no code.
impl fmt::Debug for Back {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Back")
            .field("error", &self.code.as_ref().err())
            .finish()
    }
}

struct Expected {
    path: String,
    state: SecretString,
    come: bool,
}

#[derive(Default)]
struct All {
    pages: Vec<Page>,
    expected: Option<Expected>,
}

/// All pages of a desk, which its listener knows too.
#[derive(Clone, Default)]
pub(super) struct Pages(Arc<Mutex<All>>);

/// What a path leads to.
pub(super) enum Found {
    /// A page, by its number, and whether its time is up.
    Page(usize, PageState, bool),
    /// The place that a sign-in comes back to, and whether one has.
    Return(bool),
    /// What is shown once it has: whether it was granted.
    End(bool),
    /// Nothing.
    Nothing,
}

impl Pages {
    fn all(&self) -> MutexGuard<'_, All> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add(&self, page: Page) -> usize {
        let mut all = self.all();
        all.pages.push(page);
        all.pages.len() - 1
    }

    pub(super) fn expect(&self, path: &str, state: SecretString) {
        self.all().expected = Some(Expected {
            path: path.to_owned(),
            state,
            come: false,
        });
    }

    pub(super) fn find(&self, path: &str) -> Found {
        let all = self.all();
        let shown = path.strip_prefix('/').unwrap_or(path).as_bytes();
        let mut found = Found::Nothing;
        for (number, page) in all.pages.iter().enumerate() {
            if page.path.is(shown) {
                found = Found::Page(number, page.state, page.until <= Instant::now());
            }
        }
        let come = all.expected.as_ref().is_some_and(|expected| expected.come);
        match path {
            DONE if come => return Found::End(true),
            REFUSED if come => return Found::End(false),
            _ => {}
        }
        match (&found, &all.expected) {
            (Found::Nothing, Some(expected)) if expected.path == path => {
                Found::Return(expected.come)
            }
            _ => found,
        }
    }

    /// Takes the URL of a page that can be had; nobody has it afterwards.
    pub(super) fn take(&self, number: usize) -> Option<SecretString> {
        let mut all = self.all();
        let page = all.pages.get_mut(number)?;
        if page.state != PageState::Open || page.until <= Instant::now() {
            return None;
        }
        page.state = PageState::Taken;
        Some(std::mem::take(&mut page.url))
    }

    /// Nobody gets the page any more.
    pub(super) fn spend(&self, number: usize) {
        let mut all = self.all();
        if let Some(page) = all.pages.get_mut(number) {
            page.url = SecretString::default();
            page.state = PageState::Spent;
        }
    }

    /// Whether `shown` is the state of the sign-in that is waited for; true once.
    pub(super) fn comes_back(&self, shown: &str) -> bool {
        let mut all = self.all();
        let Some(expected) = &mut all.expected else {
            return false;
        };
        let right: bool = expected
            .state
            .expose_secret()
            .as_bytes()
            .ct_eq(shown.as_bytes())
            .into();
        let first = right && !expected.come;
        expected.come |= right;
        first
    }
}
