//! `sso login` with the browser of this machine.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use jiff::Timestamp;
use rustix::process::Signal;

use super::{CORP, JDOE, SSO_CONFIG, Waiting};
use crate::harness::{Ran, Stage};
use crate::hostile::{Heard, Hostile, http};
use crate::support::Checks;
use crate::terminal::{Terminal, eventually};

/// A browser with a person at it: opens the page, follows where it is sent, types
/// user and password on the page of AWS and allows or denies. Notes its arguments
/// and what it saw.
pub(crate) const BROWSER: &str = r#"#!/usr/bin/env python3
import os, re, sys, urllib.error, urllib.parse, urllib.request

home = os.environ["HOME"]
note = open(home + "/browser.log", "a")
print("argument", sys.argv[1], file=note)
decision = open(home + "/decision").read().strip()

class Shown(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, request, fp, code, msg, headers, url):
        print("sent", code, url.split("?")[0], file=note)
        return super().redirect_request(request, fp, code, msg, headers, url)

opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), Shown())
page = opener.open(sys.argv[1])
text = page.read().decode()
token = re.search(r'name="page_token" value="([^"]+)"', text)[1]
who = home + "/who"
user = open(who).read().strip() if os.path.exists(who) else "jdoe@example.com"
form = {"page_token": token, "username": user, "password": "password", "decision": decision}
there = urllib.parse.urljoin(page.url, re.search(r'action="([^"]+)"', text)[1])
try:
    end = opener.open(there, urllib.parse.urlencode(form).encode())
except urllib.error.HTTPError as error:
    end = error
print("end", end.status, urllib.parse.urlparse(end.url).path, end.url.count("?"), file=note)
for name in ["Cache-Control", "Referrer-Policy", "Content-Security-Policy"]:
    print(name, end.headers[name], file=note)
text = end.read().decode()
shown = re.search(r'id="code">([^<]+)<', text)
if shown:
    open(home + "/code", "w").write(shown[1])
    sys.exit()
print(text.split("<p>")[1].split("<")[0], file=note)
"#;

impl Stage {
    /// A stage of Identity Center with such a browser, whose person decides so.
    pub(super) fn with_browser(decision: &str) -> Self {
        let stage = Self::of_sources(SSO_CONFIG);
        stage.script("browser", BROWSER);
        stage.write("decision", decision);
        stage
    }

    fn browses(&self, args: &[&str], env: &[(&str, &str)]) -> Ran {
        let browser = format!("'{}'", self.path("browser").display());
        let mut command = self.command(args);
        command.env("BROWSER", browser).envs(env.iter().copied());
        self.ran(&mut command)
    }
}

/// What the browser noted, when it has ended.
fn log(stage: &Stage) -> String {
    let read = || std::fs::read_to_string(stage.path("browser.log")).unwrap_or_default();
    eventually("the browser ends", || read().contains("terminal"));
    read()
}

#[test]
fn a_browser_signs_in_and_is_started_on_a_page_without_secrets() {
    let stage = Stage::with_browser("allow");
    let mut checks = Checks::default();
    let ran = stage.browses(&["sso", "login"], &[]);
    let lines: Vec<&str> = ran.stderr.lines().collect();
    checks.number("status", ran.status.unsigned_abs() as usize, 0);
    checks.same(
        "first",
        lines[0],
        "Sign in to sso-session corp in the browser; waiting for five minutes (Ctrl-C to cancel)",
    );
    assert!(
        lines[1].starts_with("logged in to sso-session corp: until "),
        "{ran:?}"
    );
    checks.number("lines", lines.len(), 2);
    let show = ["exec", "q", "--", "sh", "-c", "echo $AWS_ACCOUNT_ID"];
    checks.ran("used", &stage.run(&show), "222222222222\n", "", 0);
    let log = log(&stage);
    let argument = log.lines().next().unwrap();
    let page = argument.strip_prefix("argument http://127.0.0.1:").unwrap();
    let (port, path) = page.split_once('/').unwrap();
    assert!(
        port.parse::<u16>().is_ok() && path.len() == 32,
        "{argument}"
    );
    checks.same(
        "log",
        &log.replace(argument, "ARGUMENT")
            .replace(&stage.sandbox.endpoint(), "$STS")
            .replace(&format!("127.0.0.1:{port}"), "HERE"),
        "\
ARGUMENT
sent 303 $STS/authorize
sent 302 http://HERE/oauth/callback
sent 303 http://HERE/oauth/done
end 200 /oauth/done 0
Cache-Control no-store
Referrer-Policy no-referrer
Content-Security-Policy default-src 'none'
You may close this window and go back to the terminal.
",
    );
    let journal = stage.sandbox.journal();
    let asked: Vec<&str> = journal.iter().map(|one| one.action.as_str()).collect();
    checks.same(
        "asked",
        &asked.join(" "),
        "RegisterClient Authorize SignIn CreateToken ListAccounts GetRoleCredentials",
    );
    checks.same(
        "scopes",
        &journal[1].parameters["scopes"],
        "sso:account:access",
    );
    checks.same("who", journal[3].caller.as_deref().unwrap(), JDOE);
    // Nothing of it is left but the login and the registration.
    checks.number("files", stage.list(".aws/sso/cache").len(), 2);
    let token = stage.json(CORP);
    let ends: Timestamp = token["expiresAt"].as_str().unwrap().parse().unwrap();
    assert!(ends > stage.sandbox.now() && token["refreshToken"].is_string());
    // The next login uses the registration.
    checks.number(
        "again",
        stage.browses(&["sso", "login"], &[]).status.unsigned_abs() as usize,
        0,
    );
    checks.number("once", stage.sandbox.count("RegisterClient"), 1);
}

#[test]
fn a_refusal_ends_the_wait_in_the_words_of_aws() {
    let stage = Stage::with_browser("deny");
    let ran = stage.browses(&["sso", "login"], &[]);
    let (_, said) = ran.stderr.split_once("(Ctrl-C to cancel)\n").unwrap();
    let mut checks = Checks::default();
    checks.same(
        "said",
        said,
        "\
error: AWS did not sign you in to sso-session corp
  because: access_denied: The user denied the request
  because: nothing was written
",
    );
    checks.number("status", ran.status.unsigned_abs() as usize, 6);
    assert!(!stage.path(".aws/sso").exists());
    let log = log(&stage);
    assert!(
        log.ends_with("\nThe sign-in was refused. The terminal says why.\n"),
        "{log}"
    );
}

/// What somebody does who knows the port.
fn visit(port: u16, request: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream
        .write_all(request.replace("PORT", &port.to_string()).as_bytes())
        .unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    answer.lines().next().unwrap_or_default().to_owned()
}

/// The address that is shown.
fn shown(waiting: &mut Waiting) -> String {
    waiting
        .until("Open this page in a browser of this machine")
        .unwrap();
    let url = waiting.until("/authorize?").unwrap();
    waiting.until("Ctrl-C to cancel").unwrap();
    url.trim().to_owned()
}

fn parameter(url: &str, name: &str) -> String {
    let (_, query) = url.split_once('?').unwrap();
    let pairs = form_urlencoded::parse(query.as_bytes());
    let mut found = pairs.filter(|(key, _)| key == name);
    found.next().unwrap().1.into_owned()
}

#[test]
fn hostile_visitors_are_refused_and_do_not_end_the_wait() {
    let stage = Stage::with_browser("allow");
    let mut checks = Checks::default();
    let mut waiting = Waiting::start(&mut stage.command(&["sso", "login", "--no-browser"]));
    let url = shown(&mut waiting);
    let redirect = parameter(&url, "redirect_uri");
    let port = redirect.strip_prefix("http://127.0.0.1:").unwrap();
    let port: u16 = port
        .strip_suffix("/oauth/callback")
        .unwrap()
        .parse()
        .unwrap();
    let state = parameter(&url, "state");
    let get = |target: &str, host: &str, more: &str| {
        format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n{more}\r\n")
    };
    let here = "127.0.0.1:PORT";
    let good = format!("/oauth/callback?code=x&state={state}");
    let (slow, _) = (TcpStream::connect(("127.0.0.1", port)).unwrap(), ());
    for (case, request, answer) in [
        (
            "wrong state",
            get("/oauth/callback?code=x&state=wrong", here, ""),
            "403 Forbidden",
        ),
        (
            "no state",
            get("/oauth/callback?code=x", here, ""),
            "403 Forbidden",
        ),
        (
            "two states",
            get(&format!("{good}&state={state}"), here, ""),
            "403 Forbidden",
        ),
        (
            "another name",
            get(&good, "localhost:PORT", ""),
            "403 Forbidden",
        ),
        (
            "evil name",
            get(&good, "evil.example:PORT", ""),
            "403 Forbidden",
        ),
        ("favicon", get("/favicon.ico", here, ""), "404 Not Found"),
        (
            "another path",
            get(&good.replace("callback", "callback/"), here, ""),
            "404 Not Found",
        ),
        (
            "done already",
            get("/oauth/done", here, ""),
            "404 Not Found",
        ),
        (
            "POST",
            get(&good, here, "").replace("GET", "POST"),
            "405 Method Not Allowed",
        ),
        (
            "HEAD",
            get(&good, here, "").replace("GET", "HEAD"),
            "405 Method Not Allowed",
        ),
        (
            "script",
            get(&good, here, "Origin: https://evil.example\r\n"),
            "403 Forbidden",
        ),
        (
            "image",
            get(
                &good,
                here,
                "Sec-Fetch-Dest: image\r\nSec-Fetch-Mode: no-cors\r\n",
            ),
            "403 Forbidden",
        ),
        (
            "ahead of time",
            get(&good, here, "Purpose: prefetch\r\n"),
            "403 Forbidden",
        ),
        (
            "no HTTP",
            "\x16\x03\x01\r\n\r\n".to_owned(),
            "400 Bad Request",
        ),
    ] {
        let line = visit(port, &request);
        checks.same(
            case,
            line.strip_prefix("HTTP/1.1 ").unwrap_or(&line),
            answer,
        );
    }
    checks.number("no token asked for", stage.sandbox.count("CreateToken"), 0);
    // The person comes, by hand.
    let mut browser = std::process::Command::new("python3");
    browser.arg(stage.path("browser")).arg(&url);
    stage.clear(&mut browser);
    let came = stage.ran(&mut browser);
    checks.number(&format!("{came:?}"), came.status.unsigned_abs() as usize, 0);
    let ran = waiting.ends(&stage);
    checks.number(&format!("{ran:?}"), ran.status.unsigned_abs() as usize, 0);
    drop(slow);
    // It is closed.
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
}

#[test]
fn without_a_browser_the_address_is_shown_and_the_wait_goes_on() {
    let mut checks = Checks::default();
    for (case, browser, said) in [
        (
            "failing",
            "false",
            "warning: no browser was opened (false ended with exit status: 1)",
        ),
        (
            "missing",
            "no-such-browser",
            "warning: no browser was opened (no-such-browser: command not found)",
        ),
    ] {
        let stage = Stage::with_browser("allow");
        let mut command = stage.command(&["sso", "login"]);
        let mut waiting = Waiting::start(command.env("BROWSER", browser));
        let warned = waiting.until("warning").unwrap();
        checks.same(case, &warned, said);
        let url = shown(&mut waiting);
        let mut browser = std::process::Command::new("python3");
        browser.arg(stage.path("browser")).arg(&url);
        stage.clear(&mut browser);
        stage.ran(&mut browser);
        checks.number(case, waiting.ends(&stage).status.unsigned_abs() as usize, 0);
    }
    let stage = Stage::with_browser("allow");
    let ran = stage.run(&["sso", "login", "--browser", "brave"]);
    assert!(ran.stderr.contains("brave is not installed"), "{ran:?}");
    checks.number("requests", stage.requests(), 0);
}

#[test]
fn where_the_browser_is_elsewhere_a_code_is_shown() {
    let stage = Stage::with_browser("allow");
    for env in [
        vec![("DISPLAY", ":0"), ("SSH_CONNECTION", "1 2 3 4")],
        vec![("DISPLAY", ":0"), ("CI", "true")],
        vec![("DISPLAY", ":0"), ("CODESPACES", "true")],
        vec![("DISPLAY", ":0"), ("AWS_EXECUTION_ENV", "CloudShell")],
        vec![],
    ] {
        let mut command = stage.command(&["sso", "login"]);
        let mut waiting = Waiting::start(command.envs(env.clone()));
        let code = waiting.code();
        assert!(code.is_some(), "{env:?}");
        super::approve(&stage.sandbox, &code.unwrap());
        assert_eq!(waiting.ends(&stage).status, 0, "{env:?}");
    }
}

#[test]
fn ctrl_c_ends_the_wait_for_the_browser() {
    for signal in [Signal::INT, Signal::TERM] {
        let stage = Stage::with_browser("allow");
        let mut terminal = Terminal::new();
        terminal.start(&stage, "exec assumerole sso login --no-browser", &[]);
        terminal.sees("Ctrl-C to cancel");
        terminal.kills(signal);
        terminal.is_ended_by(signal);
        assert!(!stage.path(".aws/sso").exists());
        terminal.is_as_before();
    }
}

/// A server that gives what is no token, or redirects, gives nothing.
#[test]
fn lying_servers_give_no_login() {
    let lies = |heard: &Heard| match heard.path() {
        "/client/register" => http(
            "200 OK",
            br#"{"clientId": "c", "clientSecret": "s", "clientSecretExpiresAt": 4000000000}"#,
        ),
        "/token" => http(
            "200 OK",
            br#"{"accessToken": "a b", "tokenType": "Bearer", "expiresIn": 3600}"#,
        ),
        _ => http("404 No", b"{}"),
    };
    let server = Hostile::start(lies);
    let stage = Stage::with_browser("allow");
    let url = format!("endpoint_url = http://{}\n", server.authority());
    stage.write(".aws/config", &SSO_CONFIG.replace("STS\n", &url));
    let mut waiting = Waiting::start(&mut stage.command(&["sso", "login", "--no-browser"]));
    let url = shown(&mut waiting);
    let redirect = parameter(&url, "redirect_uri");
    let state = parameter(&url, "state");
    let port = redirect.strip_prefix("http://127.0.0.1:").unwrap();
    let port: u16 = port
        .strip_suffix("/oauth/callback")
        .unwrap()
        .parse()
        .unwrap();
    let request = format!(
        "GET /oauth/callback?code=x&state={state} HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n"
    );
    assert_eq!(visit(port, &request), "HTTP/1.1 303 See Other");
    let ran = waiting.ends(&stage);
    assert_eq!(ran.status, 6, "{ran:?}");
    assert!(
        ran.stderr.contains(
            "contains an access token that is missing or damaged; nothing of it was kept"
        ),
        "{ran:?}"
    );
    eventually("nothing is there", || !stage.path(".aws/sso").exists());
}
