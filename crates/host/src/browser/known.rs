//! The browsers that people know by name.

/// What a browser understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Containers, by an add-on.
    Firefox,
    /// A folder of its own for each profile (`--user-data-dir`).
    Chromium,
    /// Nothing but a page.
    Other,
}

/// A name that people use.
pub(super) struct Known {
    pub(super) name: &'static str,
    pub(super) family: Family,
    /// What the program is called, on one system or the other.
    pub(super) programs: &'static [&'static str],
    /// What the application is called on macOS.
    pub(super) application: &'static str,
}

pub(super) const KNOWN: [Known; 12] = [
    firefox("firefox", &["firefox", "firefox-esr"], "Firefox"),
    firefox("librewolf", &["librewolf"], "LibreWolf"),
    firefox("waterfox", &["waterfox"], "Waterfox"),
    firefox("zen", &["zen-browser", "zen"], "Zen"),
    chromium(
        "chrome",
        &["google-chrome", "google-chrome-stable"],
        "Google Chrome",
    ),
    chromium("chromium", &["chromium", "chromium-browser"], "Chromium"),
    chromium("brave", &["brave-browser", "brave"], "Brave Browser"),
    chromium(
        "edge",
        &["microsoft-edge", "microsoft-edge-stable"],
        "Microsoft Edge",
    ),
    chromium("vivaldi", &["vivaldi", "vivaldi-stable"], "Vivaldi"),
    chromium("opera", &["opera"], "Opera"),
    Known {
        name: "safari",
        family: Family::Other,
        programs: &[],
        application: "Safari",
    },
    Known {
        name: "epiphany",
        family: Family::Other,
        programs: &["epiphany", "epiphany-browser"],
        application: "Epiphany",
    },
];

const fn firefox(
    name: &'static str,
    programs: &'static [&'static str],
    application: &'static str,
) -> Known {
    Known {
        name,
        family: Family::Firefox,
        programs,
        application,
    }
}

const fn chromium(
    name: &'static str,
    programs: &'static [&'static str],
    application: &'static str,
) -> Known {
    Known {
        name,
        family: Family::Chromium,
        programs,
        application,
    }
}

impl Known {
    pub(super) fn find(name: &str) -> Option<&'static Self> {
        KNOWN
            .iter()
            .find(|known| known.name.eq_ignore_ascii_case(name))
    }
}

/// What the command of these words starts.
pub(super) fn family(words: &[String]) -> Family {
    let name = |word: &String| {
        let name = word.rsplit('/').next().unwrap_or_default();
        KNOWN.iter().find(|known| {
            known.name == name || known.programs.contains(&name) || known.application == name
        })
    };
    words
        .iter()
        .find_map(name)
        .map_or(Family::Other, |known| known.family)
}

/// What [`Known::find`] finds, in the order of the alphabet.
pub const NAMES: [&str; KNOWN.len()] = [
    "brave",
    "chrome",
    "chromium",
    "edge",
    "epiphany",
    "firefox",
    "librewolf",
    "opera",
    "safari",
    "vivaldi",
    "waterfox",
    "zen",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_names_are_known() {
        assert!(NAMES.is_sorted());
        assert!(NAMES.iter().all(|name| Known::find(name).is_some()));
    }
}
