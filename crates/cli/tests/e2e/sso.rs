//! `sso`: logins at IAM Identity Center that this program makes.

mod access;
mod account;
pub(crate) mod browser;
mod device;
mod first_login;
mod list;
mod logout;
mod offer;
mod profiles;
mod revoke;
mod whose;

use std::io::{BufRead, BufReader, Read as _};
use std::process::{Child, Command, Stdio};

use aws_sandbox::Sandbox;
use serde_json::Value;

use super::harness::{Ran, Stage};
pub(crate) use super::sources::{CORP, SSO_CONFIG};

/// Who signs in.
pub(crate) const JDOE: &str = "jdoe@example.com";

/// A login that waits for its person.
pub(crate) struct Waiting {
    child: Child,
    reader: BufReader<std::process::ChildStderr>,
    said: String,
}

impl Waiting {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            reader: BufReader::new(child.stderr.take().unwrap()),
            child,
            said: String::new(),
        }
    }

    /// Reads on until a line with `text` comes; that line. `None`: it ended first.
    pub(crate) fn until(&mut self, text: &str) -> Option<String> {
        loop {
            let mut line = String::new();
            if self.reader.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            self.said.push_str(&line);
            if line.contains(text) {
                return Some(line.trim_end().to_owned());
            }
        }
    }

    /// The code that a person types on the page.
    pub(crate) fn code(&mut self) -> Option<String> {
        let line = self.until("type this code there: ")?;
        let code = line.rsplit(' ').next()?.to_owned();
        self.until("Ctrl-C to cancel");
        Some(code)
    }

    pub(crate) fn child(&self) -> &Child {
        &self.child
    }

    /// What it left.
    pub(crate) fn ends(mut self, stage: &Stage) -> Ran {
        self.reader.read_to_string(&mut self.said).unwrap();
        let mut out = String::new();
        let stdout = self.child.stdout.take();
        stdout.unwrap().read_to_string(&mut out).unwrap();
        let status = self.child.wait().unwrap();
        let tidy = |text: String| {
            text.replace(stage.home().to_str().unwrap(), "$HOME")
                .replace(&stage.sandbox.endpoint(), "$STS")
        };
        Ran {
            stdout: tidy(out),
            stderr: tidy(self.said),
            status: status.code().unwrap_or(-1),
        }
    }
}

impl Stage {
    /// Runs a login in which somebody does `act` when the code is shown.
    pub(crate) fn logs_in(&self, args: &[&str], act: impl FnOnce(&Sandbox, &str)) -> Ran {
        let mut waiting = Waiting::start(&mut self.command(args));
        if let Some(code) = waiting.code() {
            act(&self.sandbox, &code);
        }
        waiting.ends(self)
    }

    /// Logs jdoe in to the session `corp`.
    pub(crate) fn logs_jdoe_in(&self) {
        let ran = self.logs_in(&["sso", "login", "corp", "--device-code"], approve);
        assert_eq!(ran.status, 0, "{ran:?}");
    }

    /// The JSON in a file.
    pub(crate) fn json(&self, path: &str) -> Value {
        serde_json::from_slice(&std::fs::read(self.path(path)).unwrap()).unwrap()
    }
}

/// jdoe allows it.
pub(crate) fn approve(sandbox: &Sandbox, code: &str) {
    assert!(sandbox.approve_device(code, JDOE), "{code}");
}

/// What Python of the environment with boto3 prints for `script`.
pub(crate) fn python(stage: &Stage, script: &str) -> Ran {
    let venv = std::env::var_os("ASSUMEROLE_TEST_VENV").expect("run cargo xtask test");
    let mut command = Command::new(std::path::Path::new(&venv).join("bin/python"));
    command.args(["-B", "-c", script]);
    stage.clear(&mut command);
    stage.ran(&mut command)
}
