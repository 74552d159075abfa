//! The credentials server: what a request costs beside a bare one, and what it
//! holds in memory.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::environment;
use crate::process::{Context as _, Failure, Result, capture};
use crate::stage::{ROLES, Stage, config, entry};
use crate::workspace::Programs;

/// How many roles it hands out.
const MANY: usize = 100;
/// How many connections idle there.
const IDLE: usize = 500;
/// How much it may take, MiB.
const MEMORY: f64 = 12.0;
/// How much longer than at a bare hyper server a request may take.
const RATIO: f64 = 1.5;

/// The example that measures requests.
pub(super) const EXAMPLE: &str = "beside_hyper";

/// Measures requests, by the example among `programs`, which prints what they take.
///
/// # Errors
/// It does not run.
pub(super) fn requests(programs: &Programs, rounds: u32) -> Result<String> {
    let mut command = Command::new(programs.get(EXAMPLE)?);
    let said = capture(command.arg((rounds * 10).to_string()))?;
    let line = |line: &str| format!("{line} ({RATIO}: {})", verdict(ratio(line) <= RATIO));
    let lines: Vec<String> = said.lines().map(line).collect();
    Ok(lines.join("\n"))
}

/// The ratio at the end of a line.
fn ratio(line: &str) -> f64 {
    let last = line.rsplit(' ').next();
    last.and_then(|word| word.parse().ok()).unwrap_or(f64::NAN)
}

fn verdict(reached: bool) -> &'static str {
    if reached { "reached" } else { "missed" }
}

/// Measures what `program` holds in memory as a server, and says it in a line.
///
/// # Errors
/// It does not serve.
pub(super) fn memory(programs: &Programs, name: &str, program: &Path) -> Result<String> {
    let stage = Stage::new(programs)?;
    let one = ROLES.iter().find(|role| !role.mfa);
    let one = one.ok_or_else(|| Failure::new("each role takes a code"))?;
    let names: Vec<String> = (0..MANY).map(|number| format!("role-{number}")).collect();
    let roles = names.iter().map(|name| {
        let mut own = entry(one);
        // Each has a session of its own.
        own.1["session_name"] = name.as_str().into();
        (name.clone(), own.1)
    });
    stage.write(".assumerole", &format!("{:#}\n", config(roles)))?;
    let mut server = Running::start(&stage, program, &names)?;
    for name in &names {
        server.ask(name)?;
    }
    let asked = server.mebibytes()?;
    let mut idle = Vec::with_capacity(IDLE);
    for name in names.iter().cycle().take(IDLE) {
        idle.push(server.ask(name)?);
    }
    let held = server.mebibytes()?;
    Ok(format!(
        "server of {MANY} roles, {name}: {asked:.1} MiB resident ({MEMORY}: {}), with {IDLE} idle connections {held:.1} MiB",
        verdict(asked < MEMORY)
    ))
}

/// A server that ends when this is dropped.
struct Running {
    child: Child,
    host: String,
    token: String,
}

impl Running {
    fn start(stage: &Stage, program: &Path, names: &[String]) -> Result<Self> {
        let mut command = stage.command(program);
        command.env_clear().envs(environment(stage));
        command.arg("serve").args(names);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context(program.display())?;
        let stdout = child.stdout.take();
        let mut server = Self {
            child,
            host: String::new(),
            token: String::new(),
        };
        let last = format!("/role/{}", names.last().map_or("", String::as_str));
        for line in stdout
            .into_iter()
            .flat_map(|out| BufReader::new(out).lines())
        {
            let line = line.context("the server")?;
            if let Some(file) = line.strip_prefix("export AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=")
            {
                server.token = fs::read_to_string(file).context(file)?;
            }
            if let Some(host) = line.strip_suffix(&last) {
                server.host = host.rsplit('/').next().unwrap_or_default().to_owned();
                return Ok(server);
            }
        }
        Err(Failure::new("the server ended at once"))
    }

    /// Asks for a role; the connection is kept.
    fn ask(&self, role: &str) -> Result<TcpStream> {
        let (host, token) = (&self.host, &self.token);
        let mut stream = TcpStream::connect(host).context(host)?;
        let request =
            format!("GET /role/{role} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {token}\r\n\r\n");
        stream.write_all(request.as_bytes()).context(host)?;
        let mut answer = [0; 16];
        stream.read_exact(&mut answer).context(host)?;
        match answer.starts_with(b"HTTP/1.1 200 ") {
            true => Ok(stream),
            false => Err(Failure::new(format!("{role} was refused"))),
        }
    }

    fn mebibytes(&mut self) -> Result<f64> {
        let path = format!("/proc/{}/status", self.child.id());
        let status = fs::read_to_string(&path).context(path)?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        let kib: f64 = kib.ok_or_else(|| Failure::new("the kernel says no VmRSS"))?;
        Ok(kib / 1024.0)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ratio_is_the_last_word() {
        assert_eq!(ratio("a request: 8 us, ratio 1.25"), 1.25);
        assert!(ratio("nothing").is_nan());
    }
}
