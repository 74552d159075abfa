//! Opening a page, in the first program that does it.

use std::ffi::OsString;
use std::process::{Child, Stdio};
use std::vec::IntoIter;

use std::os::unix::process::CommandExt as _;

use super::Browser;
use crate::env::{Env, names};
use crate::process::{command, find_in_path};

/// What no browser is to have.
const SECRETS: [&str; 4] = [
    names::AWS_ACCESS_KEY_ID,
    names::AWS_SECRET_ACCESS_KEY,
    names::AWS_SESSION_TOKEN,
    names::AWS_SECURITY_TOKEN,
];

/// A page that is being opened. Dropping it leaves the browser alone.
#[derive(Debug)]
pub struct Opening {
    page: String,
    env: Env,
    left: IntoIter<Browser>,
    running: Option<(String, Child)>,
    failed: Vec<String>,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// A program has it, and has said nothing against it.
    Asked,
    /// No program is left: see [`Opening::failures`].
    Failed,
}

impl Opening {
    /// Starts the first of `browsers` that starts, with `page` as an argument,
    /// which is no secret. It has neither our streams nor our signals.
    pub fn start(browsers: Vec<Browser>, page: &str, env: &Env) -> Self {
        let mut env = env.clone();
        for name in SECRETS {
            env.remove(name);
        }
        let mut opening = Self {
            page: page.to_owned(),
            env,
            left: browsers.into_iter(),
            running: None,
            failed: Vec::new(),
        };
        opening.next();
        opening
    }

    /// Looks at the program; where it has failed, the next one is started.
    pub fn look(&mut self) -> Progress {
        while let Some((program, child)) = &mut self.running {
            let why = match child.try_wait() {
                Ok(Some(status)) if !status.success() => {
                    format!("{program} ended with {status}")
                }
                // Whoever has handed the page on ends at once, and well.
                Ok(_) => return Progress::Asked,
                Err(error) => format!("{program}: {}", crate::error::reason(&error)),
            };
            self.failed.push(why);
            self.next();
        }
        Progress::Failed
    }

    /// Why programs did not open it, a sentence each.
    pub fn failures(&self) -> &[String] {
        &self.failed
    }

    fn next(&mut self) {
        self.running = None;
        for browser in self.left.by_ref() {
            if !browser.takes(&self.page) {
                continue;
            }
            let words = browser.command(&self.page);
            let Some((program, args)) = words.split_first() else {
                continue;
            };
            match start(program, args, &self.env) {
                Ok(child) => {
                    self.running = Some((program.clone(), child));
                    return;
                }
                Err(why) => self.failed.push(why),
            }
        }
    }
}

fn start(program: &str, args: &[String], env: &Env) -> Result<Child, String> {
    let file = find_in_path(program.as_ref(), env.get(names::PATH))
        .ok_or_else(|| format!("{program}: command not found"))?;
    let args: Vec<OsString> = args.iter().map(OsString::from).collect();
    command(file.as_os_str(), &args, env.pairs())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // Ctrl-C at the terminal is meant for us.
        .process_group(0)
        .spawn()
        .map_err(|error| format!("cannot run {program}: {}", crate::error::reason(&error)))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn of(line: &str) -> Browser {
        Browser::new(shell_words::split(line).unwrap())
    }

    fn settled(opening: &mut Opening) -> Progress {
        for _ in 0..500 {
            if opening.look() == Progress::Failed {
                return Progress::Failed;
            }
            std::thread::sleep(Duration::from_millis(20));
            if let Some((_, child)) = &mut opening.running
                && matches!(child.try_wait(), Ok(Some(status)) if status.success())
            {
                return Progress::Asked;
            }
        }
        panic!("it does not end");
    }

    #[test]
    fn the_next_one_is_tried_where_one_fails() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a page");
        let env = Env::from_pairs([
            ("PATH", "/usr/bin:/bin"),
            ("AWS_SESSION_TOKEN", "secret"),
            ("KEPT", "kept"),
        ]);
        let line = format!(
            r#"sh -c 'printf "%%s\n" "$1" "$KEPT" "$AWS_SESSION_TOKEN" >"$0"' '{}'"#,
            file.display()
        );
        // `%%s` holds a place for the page otherwise.
        let line = line.replace("%%s\\n", "%b\\n");
        let browsers = vec![of("no-such-browser-here"), of("false"), of(&line)];
        let mut opening = Opening::start(browsers, "http://127.0.0.1:1/page", &env);
        assert_eq!(settled(&mut opening), Progress::Asked);
        assert_eq!(
            std::fs::read_to_string(&file).unwrap(),
            "http://127.0.0.1:1/page\nkept\n\n"
        );
        assert_eq!(
            opening.failures(),
            [
                "no-such-browser-here: command not found",
                "false ended with exit status: 1"
            ]
        );
    }

    #[test]
    fn none_is_a_failure() {
        let env = Env::from_pairs([("PATH", "/usr/bin:/bin")]);
        let mut none = Opening::start(Vec::new(), "http://x", &env);
        assert_eq!(none.look(), Progress::Failed);
        let mut failing = Opening::start(vec![of("false")], "http://x", &env);
        assert_eq!(settled(&mut failing), Progress::Failed);
        assert_eq!(failing.look(), Progress::Failed);
        assert_eq!(failing.failures().len(), 1);
    }
}
