//! How a person signs in: in the browser of this machine, or on any device.

use assumerole_host::Env;
use assumerole_host::browser::Desktop;
use assumerole_host::env::names;
use assumerole_host::fs;
use std::path::Path;

/// A way to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::commands) enum Flow {
    /// In a browser that is sent back to this machine's loopback.
    Browser,
    /// With a code that is typed on a page.
    Device,
}

impl Flow {
    /// The one that `browser` or `remote` says, else the usual one.
    pub(in crate::commands) fn said(env: &Env, browser: bool, remote: bool) -> Self {
        match (browser, remote) {
            (true, _) => Self::Browser,
            (_, true) => Self::Device,
            _ => usual(env),
        }
    }
}

/// The way where the command line says nothing: the browser, unless it would be one
/// of another machine, whose loopback is not ours. Whoever has set `BROWSER` knows
/// of one that works.
pub(super) fn usual(env: &Env) -> Flow {
    match env.is_set(names::BROWSER) || !is_elsewhere(env) {
        true => Flow::Browser,
        false => Flow::Device,
    }
}

/// Whether the person sits at another machine, or nobody does.
fn is_elsewhere(env: &Env) -> bool {
    const ELSEWHERE: [&str; 6] = [
        names::SSH_CONNECTION,
        names::SSH_TTY,
        names::CI,
        names::CODESPACES,
        names::REMOTE_CONTAINERS,
        names::KUBERNETES_SERVICE_HOST,
    ];
    let cloud_shell = env
        .text(names::AWS_EXECUTION_ENV)
        .is_some_and(|text| text.eq_ignore_ascii_case("CloudShell"));
    let container = ["/.dockerenv", "/run/.containerenv"];
    ELSEWHERE.iter().any(|name| env.is_set(name))
        || cloud_shell
        || container.iter().any(|path| fs::exists(Path::new(path)))
        || Desktop::of(env) == Desktop::None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browser_is_one_of_this_machine() {
        let desk = ("DISPLAY", ":0");
        let contained = ["/.dockerenv", "/run/.containerenv"];
        let contained = contained.iter().any(|path| fs::exists(Path::new(path)));
        let here = match contained {
            true => Flow::Device,
            false => Flow::Browser,
        };
        for (pairs, flow) in [
            (vec![desk], here),
            (vec![("WSL_DISTRO_NAME", "Debian")], here),
            (vec![desk, ("SSH_CONNECTION", "1 2 3 4")], Flow::Device),
            (vec![desk, ("SSH_TTY", "/dev/pts/0")], Flow::Device),
            (vec![desk, ("CI", "true")], Flow::Device),
            (vec![desk, ("CODESPACES", "true")], Flow::Device),
            (
                vec![desk, ("AWS_EXECUTION_ENV", "CloudShell")],
                Flow::Device,
            ),
            (vec![desk, ("AWS_EXECUTION_ENV", "EC2")], here),
            (
                vec![("SSH_TTY", "/dev/pts/0"), ("BROWSER", "w3m")],
                Flow::Browser,
            ),
        ] {
            assert_eq!(usual(&Env::from_pairs(pairs.clone())), flow, "{pairs:?}");
        }
        // macOS always has one.
        if !cfg!(target_os = "macos") {
            assert_eq!(usual(&Env::default()), Flow::Device);
        }
    }
}
