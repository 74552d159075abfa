//! `serve --check ROLE`: whether programs of this environment get a role from a
//! server, and what keeps them from it.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};
use std::path::Path;
use std::time::Duration;

use assumerole_core::aws::url::ContainerUrl;
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::environment::sdks::{
    Obstacle, ProfileCredentials, SDKS, Sdk, SdkScene, SdkWay,
};
use assumerole_core::environment::table;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::error::reason;
use assumerole_host::fs;
use assumerole_server::role_path;
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::spec::Ready;
use crate::app::App;
use crate::files::{self, Places};
use crate::outcome::Outcome;
use crate::ui::time;

/// Bytes of an answer and its head, more than any SDK reads.
const LARGEST: u64 = 64 * 1024;

/// Bytes of a token and its line break.
const LARGEST_TOKEN: usize = 16 * 1024;

/// Whether programs of this environment are led to a server already.
pub(super) fn is_led(app: &App<'_>) -> bool {
    app.host.env.is_set(table::CONTAINER_URI)
}

/// What is found for one SDK.
#[derive(Serialize)]
struct SdkFinding {
    sdk: &'static str,
    /// `server`, `other_credentials` or `fails`.
    result: &'static str,
    /// RFC 3339; of the server's credentials.
    expires: Option<Timestamp>,
    problem: Option<String>,
    fix: Option<String>,
}

/// What `--json` prints.
#[derive(Serialize)]
struct CheckObject<'a> {
    role: &'a str,
    sdks: Vec<SdkFinding>,
}

/// Asks for `role` as each SDK would in this environment; where that leads to no
/// server, with what leads to the one of `ready`.
///
/// # Errors
/// A file of `~/.aws` cannot be read.
pub(super) fn run(app: &App<'_>, role: &str, ready: Option<&Ready>, json: bool) -> Result<Outcome> {
    let env = &app.host.env;
    let places = Places::find(env, None);
    let files = files::aws(&places)?;
    let given = |name: &str| -> Option<String> {
        let ready = ready?;
        match name {
            table::CONTAINER_URI => Some(format!("{}{}", ready.origin, role_path(role))),
            table::CONTAINER_TOKEN => Some(ready.token.expose_secret().to_owned()),
            table::CONTAINER_TOKEN_FILE => ready.token_file.clone(),
            _ => None,
        }
    };
    let variable = |name: &str| given(name).or_else(|| env.text(name).map(str::to_owned));
    let file = |path: &str| match fs::read_regular(Path::new(path), LARGEST_TOKEN) {
        Ok(Some(bytes)) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Ok(None) => Err(format!("there is no {path}")),
        Err(error) => Err(reason(&error.source)),
    };
    let profile = |name: &str| match files.gives_credentials(name) {
        None => ProfileCredentials::Missing,
        Some(true) => ProfileCredentials::Gives,
        Some(false) => ProfileCredentials::None,
    };
    let scene = SdkScene {
        variable: &variable,
        file: &file,
        profile: &profile,
    };
    let findings: Vec<SdkFinding> = SDKS.iter().map(|sdk| finding(sdk, &scene, role)).collect();
    let all = findings.iter().all(|finding| finding.result == "server");
    let outcome = match all {
        true => Outcome::Done,
        false => Outcome::Problems,
    };
    if json {
        let sdks = findings;
        app.json(&CheckObject { role, sdks })?;
        return Ok(outcome);
    }
    let (now, zone) = (app.host.clock.now(), app.host.time_zone());
    let mut text = String::new();
    for finding in &findings {
        let what = match (&finding.problem, finding.expires) {
            (Some(problem), _) => problem.clone(),
            (None, Some(ends)) => {
                format!("gets credentials {}", time::until(ends, now, &zone))
            }
            (None, None) => "gets credentials".to_owned(),
        };
        text.push_str(&format!("{:<10} {}\n", finding.sdk, one_line(&what)));
        if let Some(fix) = &finding.fix {
            text.push_str(&format!("{:<10} fix: {}\n", "", one_line(fix)));
        }
    }
    app.data(&text)?;
    Ok(outcome)
}

fn finding(sdk: &Sdk, scene: &SdkScene<'_>, role: &str) -> SdkFinding {
    let (result, obstacle) = match sdk.way(scene) {
        SdkWay::Elsewhere(obstacle) => ("other_credentials", obstacle),
        SdkWay::Fails(obstacle) => ("fails", obstacle),
        SdkWay::Asks { url, token } => match asked(sdk, &url, token, role) {
            Ok(expires) => {
                return SdkFinding {
                    sdk: sdk.name,
                    result: "server",
                    expires: Some(expires),
                    problem: None,
                    fix: None,
                };
            }
            Err(obstacle) => ("fails", obstacle),
        },
    };
    SdkFinding {
        sdk: sdk.name,
        result,
        expires: None,
        problem: Some(obstacle.what),
        fix: Some(obstacle.fix).filter(|fix| !fix.is_empty()),
    }
}

/// What SDKs need of an answer.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SdkAnswer {
    #[serde(rename = "AccessKeyId")]
    _access_key_id: String,
    #[serde(rename = "SecretAccessKey")]
    _secret_access_key: SecretString,
    #[serde(rename = "Token")]
    _token: SecretString,
    expiration: Timestamp,
}

/// What a refusal says.
#[derive(Deserialize)]
struct RefusalText {
    message: String,
}

/// Asks at `url`, and waits for as long as `sdk` does.
fn asked(sdk: &Sdk, url: &str, token: Option<String>, role: &str) -> Result<Timestamp, Obstacle> {
    let failed = |what: String| Obstacle {
        what,
        fix: "set what this prints: assumerole serve ROLE".to_owned(),
    };
    let path = url.find("://").map(|at| &url[at + 3..]);
    let path = path.and_then(|rest| Some(&rest[rest.find('/')?..]));
    let path = path.unwrap_or("/");
    if path != role_path(role) && path != "/" {
        return Err(failed(format!("asks for another role: {}", one_line(path))));
    }
    let token = token.map(Zeroizing::new);
    let answer = exchange(sdk, url, path, token.as_deref().map(String::as_str));
    let answer = answer.map_err(|error| {
        let why = reason(&error);
        failed(format!("gets no answer from the server: {why}"))
    })?;
    let split = answer.windows(4).position(|four| four == b"\r\n\r\n");
    let Some((head, body)) = split.map(|at| (&answer[..at], &answer[at + 4..])) else {
        return Err(failed("gets no answer that is HTTP".to_owned()));
    };
    let status = String::from_utf8_lossy(head);
    let status = status.split(' ').nth(1).unwrap_or_default();
    if status != "200" {
        let said = serde_json::from_slice(body).map(|said: RefusalText| said.message);
        let said = said.map(|said| format!(": {said}")).unwrap_or_default();
        return Err(failed(format!("is refused with status {status}{said}")));
    }
    let answer: Result<SdkAnswer, _> = serde_json::from_slice(body);
    answer
        .map(|answer| answer.expiration)
        .map_err(|_| failed("cannot read the answer".to_owned()))
}

fn exchange(
    sdk: &Sdk,
    url: &str,
    path: &str,
    token: Option<&str>,
) -> std::io::Result<Zeroizing<Vec<u8>>> {
    let wait = Duration::from_millis(sdk.patience);
    let wrong = || std::io::Error::from(std::io::ErrorKind::InvalidInput);
    let parsed = ContainerUrl::full(url).map_err(|_| wrong())?;
    if parsed.url().is_tls() {
        return Err(std::io::ErrorKind::Unsupported.into());
    }
    let authority = url.split('/').nth(2).ok_or_else(wrong)?;
    let address = match authority.contains(':') && !authority.ends_with(']') {
        true => authority.to_owned(),
        false => format!("{authority}:80"),
    };
    let addresses: Vec<SocketAddr> = address.to_socket_addrs()?.collect();
    let first = addresses.first().ok_or_else(wrong)?;
    let mut stream = TcpStream::connect_timeout(first, wait)?;
    stream.set_read_timeout(Some(wait))?;
    stream.set_write_timeout(Some(wait))?;
    let shown = token.map(|token| format!("Authorization: {token}\r\n"));
    let request = Zeroizing::new(format!(
        "GET {path} HTTP/1.1\r\nHost: {authority}\r\nAccept: application/json\r\n\
         User-Agent: assumerole-check/{}\r\n{}Connection: close\r\n\r\n",
        sdk.name,
        shown.as_deref().unwrap_or_default()
    ));
    stream.write_all(request.as_bytes())?;
    let mut answer = Zeroizing::new(Vec::with_capacity(64 * 1024));
    stream.take(LARGEST).read_to_end(&mut answer)?;
    Ok(answer)
}

/// The one role of `names`.
///
/// # Errors
/// There is none, or there are several.
pub(super) fn the_role(names: &[String]) -> Result<&str> {
    match names {
        [name] => Ok(name),
        _ => Err(Error::new(Kind::Usage, "--check takes one role")
            .hint("name it: assumerole serve --check ROLE")),
    }
}
