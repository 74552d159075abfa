//! What keeps the consoles of roles apart in one browser.

use std::borrow::Cow;

use assumerole_core::aws::console::{AddOn, container_link, look, profile_folder};
use assumerole_core::config::Isolation;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::browser::{Browser, Family, Profiles};

use super::asked::SignIn;
use crate::app::App;

/// How one console is kept from the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Apart {
    /// It is not.
    No,
    /// A container of Firefox.
    Container(AddOn),
    /// A profile of Chromium.
    Profile,
}

impl Apart {
    /// What `wanted` means for `browsers`.
    ///
    /// # Errors
    /// The browser has nothing of the kind, or nobody can tell.
    pub(super) fn of(wanted: Isolation, browsers: &[Browser]) -> Result<Self> {
        let family = browsers
            .first()
            .map_or(Family::Other, |browser| browser.family);
        match (wanted, family) {
            (Isolation::Off, _) => Ok(Self::No),
            // An add-on may be in a browser that goes by another name.
            (Isolation::Container, Family::Firefox | Family::Other)
            | (Isolation::OfTheBrowser, Family::Firefox) => Ok(Self::Container(AddOn::OpenUrl)),
            (Isolation::Granted, Family::Firefox | Family::Other) => {
                Ok(Self::Container(AddOn::Granted))
            }
            (Isolation::Profile | Isolation::OfTheBrowser, Family::Chromium) => Ok(Self::Profile),
            _ => {
                let program = browsers.first().and_then(|browser| browser.words.first());
                let program = program.map_or("the browser", String::as_str);
                let message = format!("cannot keep consoles apart in {program}");
                let error = Error::new(Kind::Usage, message);
                let error = match family {
                    Family::Other => error.because("it is not known as a Firefox or a Chromium"),
                    Family::Firefox => error.because("a Firefox has containers, not profiles"),
                    Family::Chromium => error.because("a Chromium has profiles, not containers"),
                };
                Err(error.hint("name the browser: --browser firefox, --browser chromium"))
            }
        }
    }

    /// What opens the console of `one` in `browsers`.
    ///
    /// # Errors
    /// The folder of a profile cannot be made.
    pub(super) fn browsers<'b>(
        self,
        app: &App<'_>,
        browsers: &'b [Browser],
        one: &SignIn,
    ) -> Result<Cow<'b, [Browser]>> {
        if self != Self::Profile {
            return Ok(Cow::Borrowed(browsers));
        }
        let profiles = Profiles::create(&app.env, app.state_dir()?)?;
        profiles.sweep(app.host.clock.now());
        let folder = profile_folder(&one.name, &one.whose);
        let path = profiles.open(&folder, &one.name, look(&one.name).rgb)?;
        let path = path.to_string_lossy();
        let of = |browser: &Browser| browser.in_profile(&path);
        Ok(browsers.iter().map(of).collect())
    }

    /// What the browser is told to open `page`, for the role `name`.
    pub(super) fn page(self, name: &str, page: &str) -> String {
        match self {
            Self::Container(add_on) => container_link(add_on, name, page),
            _ => page.to_owned(),
        }
    }
}
