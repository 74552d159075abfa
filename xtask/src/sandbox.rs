//! The private AWS, run beside a task: started, asked for codes, read, ended.

use std::cell::RefCell;
use std::fs::{self, File};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::process::{Context as _, Failure, Result, capture};

/// How long it may take until it listens.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running `aws-sandbox`. It ends when this is dropped.
pub(crate) struct Sandbox {
    program: PathBuf,
    child: Child,
    /// What it says on stderr: a line for each request.
    log: PathBuf,
    last_code: RefCell<String>,
    /// Where it listens, such as `http://127.0.0.1:41234`.
    pub(crate) endpoint: String,
}

impl Sandbox {
    /// Starts `program` with `world`; its files go to the folder `dir`. Every
    /// answer is kept back for `latency`; with `tls`, its authority's certificate is
    /// in the file `ca.pem` there.
    ///
    /// # Errors
    /// It does not start, refuses the world or does not listen in time: its
    /// own words are in the failure.
    pub(crate) fn start(
        program: &Path,
        world: &Value,
        dir: &Path,
        latency: Duration,
        tls: bool,
    ) -> Result<Self> {
        let mut command = Command::new(program);
        if tls {
            command.arg("--ca-file").arg(dir.join("ca.pem"));
        }
        let (world_path, address) = (dir.join("world.json"), dir.join("sandbox.address"));
        let log = dir.join("sandbox.log");
        fs::write(&world_path, world.to_string()).context(world_path.display())?;
        let create = |path: &Path| File::create(path).context(path.display());
        let child = command
            .arg("--world")
            .arg(&world_path)
            .arg("--log")
            .args(["--latency", &latency.as_millis().to_string()])
            .env_clear()
            .stdin(Stdio::null())
            .stdout(create(&address)?)
            .stderr(create(&log)?)
            // Ctrl-C in the demo's shell is not for it.
            .process_group(0)
            .spawn()
            .context(format!("cannot run {}", program.display()))?;
        let mut sandbox = Self {
            program: program.to_owned(),
            child,
            log,
            last_code: RefCell::default(),
            endpoint: String::new(),
        };
        sandbox.endpoint = sandbox.wait_until_it_listens(&address).map_err(|why| {
            let said = fs::read_to_string(&sandbox.log).unwrap_or_default();
            Failure::new(format!("the sandbox {why}\n{}", said.trim_end()))
        })?;
        Ok(sandbox)
    }

    fn wait_until_it_listens(&mut self, address: &Path) -> Result<String, String> {
        let started = Instant::now();
        loop {
            let said = fs::read_to_string(address).unwrap_or_default();
            if let Some(endpoint) = endpoint(&said) {
                return Ok(endpoint.to_owned());
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(format!("ended at once: {status}"));
            }
            if started.elapsed() > PATIENCE {
                return Err(format!("does not listen after {PATIENCE:?}"));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// The command that prints the code which a device with `secret` shows now.
    pub(crate) fn code_command(&self, secret: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.args(["code", secret]);
        command
    }

    /// The code which a device with `secret` shows now.
    ///
    /// # Errors
    /// The program fails.
    pub(crate) fn code(&self, secret: &str) -> Result<String> {
        Ok(capture(&mut self.code_command(secret))?.trim().to_owned())
    }

    /// A code of the device with `secret` that this did not return before: each
    /// works once, so the next may take half a minute.
    ///
    /// # Errors
    /// The program fails.
    pub(crate) fn unused_code(&self, secret: &str) -> Result<String> {
        loop {
            let code = self.code(secret)?;
            if self.last_code.replace(code.clone()) != code {
                return Ok(code);
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// The requests so far: `AssumeRole OK`, `AssumeRole AccessDenied`…
    ///
    /// # Errors
    /// What it printed cannot be read.
    pub(crate) fn requests(&self) -> Result<Vec<String>> {
        let said = fs::read_to_string(&self.log).context(self.log.display())?;
        Ok(said.lines().filter_map(request).collect())
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // It may have ended by itself; nothing more can be done about it here.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The address in what the sandbox prints at the start, once the line is whole:
/// `endpoint http://127.0.0.1:41234`.
fn endpoint(said: &str) -> Option<&str> {
    said.split_once('\n')?.0.strip_prefix("endpoint ")
}

/// The request in a line of the log: `07:30:12 AssumeRole 200 OK CALLER…`.
fn request(line: &str) -> Option<String> {
    let mut words = line.split(' ').skip(1);
    let (action, status, outcome) = (words.next()?, words.next()?, words.next()?);
    status.parse::<u16>().ok()?;
    Some(format!("{action} {outcome}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_read_once_its_line_is_whole() {
        assert_eq!(endpoint("endpoint http://127.0.0.1:4"), None);
        let said = "endpoint http://127.0.0.1:4123\n";
        assert_eq!(endpoint(said), Some("http://127.0.0.1:4123"));
        assert_eq!(endpoint("ready\n"), None);
    }

    #[test]
    fn requests_are_read_from_the_log_and_other_lines_are_not() {
        let line = "07:30:12 AssumeRole 403 AccessDenied arn:aws:iam::1:user/j -> arn";
        assert_eq!(request(line).as_deref(), Some("AssumeRole AccessDenied"));
        assert_eq!(request("aws-sandbox: something is wrong"), None);
        assert_eq!(request(""), None);
    }

    #[test]
    fn a_sandbox_that_ends_at_once_says_why() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("aws-sandbox");
        fs::write(&program, "#!/bin/sh\necho bad world >&2\nexit 2\n").unwrap();
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let Err(failure) =
            Sandbox::start(&program, &Value::Null, folder.path(), Duration::ZERO, false)
        else {
            panic!("it started");
        };
        assert!(failure.to_string().contains("exit status: 2"), "{failure}");
        assert!(failure.to_string().contains("bad world"), "{failure}");
    }
}
