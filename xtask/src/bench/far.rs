//! What a role costs that is not cached, when AWS is far away: round trips
//! between the code and the command, and the time that they take.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::distance::Distance;
use super::{ROLE, environment};
use crate::process::{Context as _, Failure, Result, capture};
use crate::stage::{DEVICE_SECRET, Stage};
use crate::workspace::Programs;

/// A round trip to a region of another continent.
pub(super) const DELAY: Duration = Duration::from_millis(100);

/// How the code is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Code {
    /// At the question: measured is from the Enter key to the end.
    Typed,
    /// On the command line: measured is the whole call.
    Given,
}

/// One call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Wait {
    /// Round trips in the time that is measured.
    pub(super) trips: usize,
    /// Milliseconds.
    pub(super) time: f64,
}

/// A role through an MFA session, neither of them cached, by `program`. Each call
/// has a home and an AWS of its own, which have seen no code yet.
///
/// # Errors
/// Something cannot be started, or the call fails.
pub(super) fn call(
    programs: &Programs,
    program: &Path,
    enter: &Path,
    code: Code,
    delay: Duration,
) -> Result<Wait> {
    let stage = Stage::with_tls(programs)?;
    let port = stage.sandbox.endpoint.rsplit(':').next();
    let port = port.ok_or_else(|| Failure::new("the sandbox has no port"))?;
    let way = Distance::to(&format!("127.0.0.1:{port}"), delay)?;
    stage.go_by(&format!("https://127.0.0.1:{}", way.port))?;
    let digits = stage.sandbox.code(DEVICE_SECRET)?;
    let mut words = vec!["--quiet", "exec"];
    if code == Code::Given {
        words.extend(["--mfa-code", &digits]);
    }
    words.extend([ROLE, "--", "/bin/true"]);
    let mut command = match code {
        Code::Given => Command::new(program),
        Code::Typed => {
            let mut command = Command::new(enter);
            command.arg(&digits).arg(program);
            command
        }
    };
    command.args(words).env_clear().envs(environment(&stage));
    command.env("AWS_CA_BUNDLE", stage.path("ca.pem"));
    let time = match code {
        Code::Given => {
            let started = Instant::now();
            capture(&mut command)?;
            started.elapsed().as_secs_f64() * 1000.0
        }
        Code::Typed => typed(&mut command, &way)?,
    };
    let trips = way.trips();
    stage.remove()?;
    Ok(Wait { trips, time })
}

/// Runs `bench/enter.c`, and forgets the round trips before the Enter key.
fn typed(command: &mut Command, way: &Distance) -> Result<f64> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().context("enter")?;
    let (Some(mut stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(Failure::new("enter has no streams"));
    };
    let mut lines = BufReader::new(stdout).lines();
    let mut line = || lines.next().and_then(Result::ok);
    if line().is_some() {
        way.trips();
        stdin.write_all(b"\n").context("enter")?;
    }
    let time = line();
    let status = child.wait().context("enter")?;
    match time.and_then(|time| time.parse::<f64>().ok()) {
        Some(nanoseconds) if status.success() => Ok(nanoseconds / 1e6),
        _ => Err(Failure::new(format!("enter: {status}"))),
    }
}
