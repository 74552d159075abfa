//! The clipboard of the person's desktop.

use std::ffi::OsStr;
use std::io::Write as _;
use std::process::Stdio;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use crate::browser::Desktop;
use crate::env::{Env, names};
use crate::process::{command, find_in_path};
use crate::tty::Tty;

/// How long a program may take.
const PATIENCE: Duration = Duration::from_secs(5);
const TICK: Duration = Duration::from_millis(10);

/// The programs of a desktop, the one to try first in front.
fn programs(desktop: Desktop, env: &Env) -> &'static [&'static [&'static str]] {
    match desktop {
        Desktop::Wsl => &[&["clip.exe"], &["/mnt/c/Windows/System32/clip.exe"]],
        Desktop::Mac => &[&["pbcopy"]],
        Desktop::Screen if env.is_set(names::WAYLAND_DISPLAY) => {
            &[&["wl-copy"], &["xclip", "-selection", "clipboard"]]
        }
        Desktop::Screen => &[
            &["xclip", "-selection", "clipboard"],
            &["xsel", "--clipboard", "--input"],
        ],
        Desktop::None => &[],
    }
}

/// Puts `text` into the clipboard: by a program of the desktop, which gets it on
/// its standard input, else by the terminal `tty` (OSC 52), which reaches the
/// desktop from another machine too. What did it; `None`: nothing can.
pub fn copy(text: &SecretString, env: &Env, tty: Option<Tty>) -> Option<String> {
    let is_remote = env.is_set(names::SSH_TTY) || env.is_set(names::SSH_CONNECTION);
    if !is_remote {
        for words in programs(Desktop::of(env), env) {
            if by_program(words, text, env) {
                return words.first().map(|program| (*program).to_owned());
            }
        }
    }
    let mut tty = tty.filter(|_| env.text(names::TERM) != Some("dumb"))?;
    let sequence = osc_52(text);
    tty.write_all(sequence.as_bytes()).ok()?;
    tty.flush().ok()?;
    Some("the terminal".to_owned())
}

/// What has a terminal take `text` into the clipboard.
fn osc_52(text: &SecretString) -> Zeroizing<String> {
    let encoded = Zeroizing::new(BASE64_STANDARD.encode(text.expose_secret()));
    Zeroizing::new(format!("\x1b]52;c;{}\x07", *encoded))
}

fn by_program(words: &[&str], text: &SecretString, env: &Env) -> bool {
    let Some((program, args)) = words.split_first() else {
        return false;
    };
    let Some(file) = find_in_path(OsStr::new(program), env.get(names::PATH)) else {
        return false;
    };
    let args: Vec<_> = args.iter().map(Into::into).collect();
    let started = command(file.as_os_str(), &args, env.pairs())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = started else { return false };
    let written = match child.stdin.take() {
        Some(mut stdin) => stdin.write_all(text.expose_secret().as_bytes()).is_ok(),
        None => false,
    };
    let mut waited = Duration::ZERO;
    while waited < PATIENCE {
        match child.try_wait() {
            Ok(Some(status)) => return written && status.success(),
            Ok(None) => std::thread::sleep(TICK),
            Err(_) => return false,
        }
        waited += TICK;
    }
    let _ = child.kill();
    let _ = child.wait();
    false
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_program_gets_it_on_its_standard_input() {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| {
            let file = folder.path().join(name);
            std::fs::write(&file, text).unwrap();
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
        };
        put("wl-copy", "#!/bin/sh\nexit 1\n");
        put(
            "xclip",
            "#!/bin/sh\nexec >\"${0%/*}/told\"\necho \"$@\"\nexec /bin/cat\n",
        );
        let path = folder.path().to_str().unwrap();
        let env = Env::from_pairs([("PATH", path), ("WAYLAND_DISPLAY", "w")]);
        let done = copy(&"SECRET".into(), &env, None);
        assert_eq!(done.as_deref(), Some("xclip"));
        let told = std::fs::read_to_string(folder.path().join("told")).unwrap();
        assert_eq!(told, "-selection clipboard\nSECRET");
        let far = Env::from_pairs([("PATH", path), ("WAYLAND_DISPLAY", "w"), ("SSH_TTY", "t")]);
        assert_eq!(copy(&"SECRET".into(), &far, None), None);
        assert_eq!(copy(&"SECRET".into(), &Env::default(), None), None);
    }

    #[test]
    fn a_terminal_is_told_in_base_64() {
        assert_eq!(*osc_52(&"a?b".into()), "\x1b]52;c;YT9i\x07");
    }
}
