//! The credentials of a container: of a task of ECS, or of a pod of EKS.
//!
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html>

use std::net::IpAddr;
use std::time::Duration;

use ::http::Uri;
use assumerole_core::{Credentials, Error, Kind, Result};
use secrecy::SecretString;
use serde::Deserialize;

use super::http::{Answer, Request, send};
use super::read;

/// Where AWS gives them without TLS: ECS, EKS, and EKS by IPv6.
const HOSTS: [&str; 3] = ["169.254.170.2", "169.254.170.23", "fd00:ec2::23"];

/// As in the AWS CLI.
const WAIT: Duration = Duration::from_secs(2);
const ATTEMPTS: u32 = 3;

/// Between two attempts; an agent that starts needs a moment.
const PAUSE: Duration = Duration::from_millis(300);

/// Whether `url` is one that credentials may be asked for at: over TLS, on this
/// machine, or at an address that AWS has for that. Whoever could name another
/// one would be sent the token.
///
/// # Errors
/// It is none.
pub fn check_container_url(url: &str) -> Result<()> {
    let fail = |why: String| {
        Error::new(
            Kind::Config,
            format!("credentials of a container are not asked for at {url:?}"),
        )
        .because(why)
    };
    let uri: Uri = url
        .parse()
        .map_err(|_| fail("it is not a URL".to_owned()))?;
    let (Some(scheme), Some(host)) = (uri.scheme_str(), uri.host()) else {
        return Err(fail("it is not a URL".to_owned()));
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let loopback = |host: &str| host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    let trusted = HOSTS.contains(&host) || host.eq_ignore_ascii_case("localhost") || loopback(host);
    match scheme {
        "https" => Ok(()),
        "http" if trusted => Ok(()),
        "http" => Err(fail(format!(
            "{host} is neither this machine nor an address of AWS ({})",
            HOSTS.join(", ")
        ))
        .hint("write it as https://…")),
        _ => Err(fail("it is neither http:// nor https://".to_owned())),
    }
}

/// Asks `url` for the credentials of this container, showing `authorization`
/// where there is some. `ca_bundle`: the certificates that alone are trusted,
/// and their path. `pause` waits between two attempts.
///
/// # Errors
/// Another URL than [`check_container_url`] lets through; no answer; no
/// credentials.
pub fn container(
    url: &str,
    authorization: Option<&SecretString>,
    ca_bundle: Option<&(String, Vec<u8>)>,
    pause: impl Fn(Duration),
) -> Result<Credentials> {
    check_container_url(url)?;
    let accept = SecretString::from("application/json");
    let mut headers = vec![("accept", &accept)];
    headers.extend(authorization.map(|value| ("authorization", value)));
    let request = Request {
        method: "GET",
        url,
        headers: &headers,
        wait: WAIT,
        ca_bundle,
    };
    let mut left = ATTEMPTS;
    loop {
        let answer = send(&request)?;
        left -= 1;
        let again = match &answer {
            Ok(answer) => answer.status == 429 || answer.status >= 500,
            Err(_) => true,
        };
        if again && left > 0 {
            pause(PAUSE);
            continue;
        }
        return match answer {
            Ok(answer) if answer.status == 200 => read(url, &answer.body),
            Ok(answer) => Err(refused(url, &answer)),
            Err(why) => Err(Error::new(
                Kind::Unreachable,
                format!("the container's credentials could not be had from {url}"),
            )
            .because(why)
            .hint("see whether this container has a role: it must be set up where it is started")),
        };
    }
}

/// A refusal in the words of whoever answers there.
fn refused(url: &str, answer: &Answer) -> Error {
    #[derive(Deserialize)]
    struct Said {
        code: Option<String>,
        message: Option<String>,
    }
    const LONGEST: usize = 300;
    let said = serde_json::from_slice(&answer.body).ok();
    let words = match said {
        Some(Said {
            code: Some(code),
            message: Some(message),
        }) => format!("{code}: {message}"),
        Some(Said {
            message: Some(message),
            ..
        }) => message,
        _ => answer.text(),
    };
    let words: String = words.chars().take(LONGEST).collect();
    let error = Error::new(
        Kind::Refused,
        format!("the container's credentials were refused by {url}"),
    );
    match words.is_empty() {
        true => error.because(format!("HTTP status {}", answer.status)),
        false => error.because(format!("HTTP status {}: {words}", answer.status)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_those_that_the_sdks_ask() {
        for url in [
            "http://169.254.170.2/v2/credentials/x",
            "http://169.254.170.23/v1/credentials",
            "http://[fd00:ec2::23]/v1/credentials",
            "http://127.0.0.1:8080/x?y",
            "http://127.1.2.3/",
            "http://[::1]:1/",
            "http://localhost/x",
            "https://example.com/x",
        ] {
            assert_eq!(check_container_url(url), Ok(()), "{url}");
        }
        for url in [
            "http://example.com/x",
            "http://169.254.170.2@example.com/x",
            "http://169.254.170.2.example.com/x",
            "http://169.254.169.254/x",
            "http://localhost.example.com/x",
            "http://10.0.0.1/x",
            "ftp://127.0.0.1/x",
            "//127.0.0.1/x",
            "/x",
            "127.0.0.1",
            "http://",
            "http://127.0.0.1\r\nx: y/",
            "",
        ] {
            assert!(check_container_url(url).is_err(), "{url}");
        }
    }
}
