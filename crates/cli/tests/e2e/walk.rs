//! Every call by every broken URL, and to every broken answer: nothing that was
//! sent comes back to the person, nor is it left anywhere.

mod answers;
mod home;

use std::os::unix::process::ExitStatusExt as _;
use std::process::Command;
use std::thread;
use std::time::Duration;

use answers::{ANSWERS, refusal};
use home::{
    ACCESS, AGENT, CLIENT, CODE, CORP, DEV, LOGIN, OLD, OVER, PASSWORD, PROXY, QUERY, REFRESH,
    USER, secrets, stage,
};

use super::harness::{Stage, world};
use super::hostile::{Hostile, Manner, http};
use super::secrecy::{Secret, files, watched_by};
use super::support::Checks;
use super::terminal::{CTRL_C, Terminal, eventually, kill};
use super::users::Someone;
use aws_sandbox::Options;
use rustix::process::Signal;

/// A call: what makes the program send it, and the variable that says where to.
struct Call {
    name: &'static str,
    args: &'static [&'static str],
    variable: &'static str,
}

/// All that can be had without a terminal; `ListMFADevices` is asked for at one.
static CALLS: [Call; 12] = [
    Call {
        name: "AssumeRole with a code",
        args: &["-vv", "exec", "coded", "--mfa-code", CODE, "--", "true"],
        variable: "AWS_ENDPOINT_URL",
    },
    Call {
        name: "AssumeRole with a session token",
        args: &["-vv", "exec", "temporary", "--", "true"],
        variable: "AWS_ENDPOINT_URL_STS",
    },
    Call {
        name: "GetSessionToken",
        args: &["-vv", "exec", "session", "--mfa-code", CODE, "--", "true"],
        variable: "AWS_ENDPOINT_URL",
    },
    Call {
        name: "AssumeRoleWithWebIdentity",
        args: &["-vv", "exec", "web", "--", "true"],
        variable: "AWS_ENDPOINT_URL_STS",
    },
    Call {
        name: "GetCallerIdentity",
        args: &["-vv", "doctor"],
        variable: "AWS_ENDPOINT_URL_STS",
    },
    Call {
        name: "GetRoleCredentials",
        args: &["-vv", "exec", "portal", "--", "true"],
        variable: "AWS_ENDPOINT_URL_SSO",
    },
    Call {
        name: "CreateToken",
        args: &["-vv", "exec", "renewed", "--", "true"],
        variable: "AWS_ENDPOINT_URL_SSO_OIDC",
    },
    Call {
        name: "CreateOAuth2Token",
        args: &["-vv", "exec", "login", "--", "true"],
        variable: "AWS_ENDPOINT_URL_SIGNIN",
    },
    Call {
        name: "GetAuthorizationToken",
        args: &["-vv", "codeartifact", "artifacts", "--print"],
        variable: "AWS_ENDPOINT_URL_CODEARTIFACT",
    },
    Call {
        name: "GetRepositoryEndpoint",
        args: &["-vv", "codeartifact", "endpoints"],
        variable: "AWS_ENDPOINT_URL_CODEARTIFACT",
    },
    Call {
        name: "container",
        args: &["-vv", "exec", "container", "--", "true"],
        variable: "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    },
    Call {
        name: "instance",
        args: &["-vv", "exec", "instance", "--", "true"],
        variable: "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    },
];

/// What of `output` is secret, also with something put between its characters.
fn found(secrets: &[Secret], output: &[u8]) -> String {
    let bare: Vec<u8> = output
        .iter()
        .copied()
        .filter(u8::is_ascii_graphic)
        .collect();
    let in_it = |secret: &&Secret| secret.is_in(output) || secret.is_in(&bare);
    let names: Vec<&str> = secrets.iter().filter(in_it).map(Secret::name).collect();
    names.join(", ")
}

/// The program with the arguments of `call`.
fn command(stage: &Stage, call: &Call) -> Command {
    if call.args.contains(&CODE) {
        // A code that was spent is not sent again.
        let _ = std::fs::remove_dir_all(stage.path(".assumerole.d"));
    }
    let mut command = stage.command(call.args);
    command
        .env("AWS_MAX_ATTEMPTS", "1")
        .env("RUST_LOG", "trace")
        .env("RUST_BACKTRACE", "full")
        .env("AWS_CONTAINER_AUTHORIZATION_TOKEN", AGENT);
    command
}

/// Runs it; what went wrong with that, if anything did.
struct Walk {
    secrets: Vec<Secret>,
    checks: Checks,
    runs: usize,
}

impl Walk {
    fn new() -> Self {
        Self {
            secrets: secrets(),
            checks: Checks::default(),
            runs: 0,
        }
    }

    /// Runs `command`, which fails and says so within bounds; what it said.
    fn run(&mut self, case: &str, command: &mut Command) -> String {
        self.runs += 1;
        let output = command.output().unwrap();
        let both = [&output.stdout[..], &output.stderr].concat();
        let text = String::from_utf8_lossy(&both).into_owned();
        self.checks.same(case, &found(&self.secrets, &both), "");
        let wild = |c: &char| c.is_control() && *c != '\n';
        let wild: String = text.chars().filter(wild).collect();
        self.checks.same(&format!("{case}: {text}"), &wild, "");
        let fails = output.status.code().is_some_and(|code| code > 0);
        if !fails || text.chars().count() > 8_000 {
            self.checks.same(case, &text, "an error of bounded length");
        }
        text
    }

    /// Looks into every file, but for those where the secrets are.
    fn files(&mut self, stage: &Stage) {
        let own = [
            ".assumerole",
            ".aws/credentials",
            "web-token",
            CORP,
            OVER,
            DEV,
        ];
        for (path, bytes) in files(stage.home()) {
            let name = path.strip_prefix(stage.home().to_str().unwrap());
            let name = name.unwrap().trim_start_matches('/');
            if !own.contains(&name) {
                self.checks.same(name, &found(&self.secrets, &bytes), "");
            }
        }
    }
}

/// Runs `work` for every call, two at a time, each in a home of its own; how
/// many runs there were.
fn for_every_call(work: fn(&mut Walk, &Stage, &Call)) -> usize {
    let half = CALLS.len().div_ceil(2);
    let walk = move |calls: &'static [Call]| {
        let mut walk = Walk::new();
        for call in calls {
            let stage = stage();
            work(&mut walk, &stage, call);
            walk.files(&stage);
        }
        walk.runs
    };
    let other = thread::spawn(move || walk(&CALLS[half..]));
    walk(&CALLS[..half]) + other.join().unwrap()
}

/// URLs that are none; `U` is a user with a password, `Q` a query.
const BROKEN: [&str; 18] = [
    "http://[::1",
    "http://U@[::1",
    "http://host:1:2?Q",
    "http://U@host:1:2",
    "http://a_b%zz",
    "http://U@a_b%zz/?Q",
    "http://U@",
    "http://?Q",
    "http://U@host:0",
    "http://U@host:65536",
    "http://U@ho st",
    "http://U@host\u{1b}[2J/",
    "http://U@host/\r\nX-Evil: 1",
    "ftp://U@host/",
    "U@host",
    "//U@host?Q",
    "http://U@a@b",
    "https://U@höst",
];

fn filled(url: &str) -> String {
    url.replace('U', &format!("{USER}:{PASSWORD}"))
        .replace('Q', &format!("token={QUERY}"))
}

#[test]
fn no_call_is_made_by_a_broken_url() {
    let runs = for_every_call(|walk, stage, call| {
        let before = stage.requests();
        for url in BROKEN {
            let case = format!("{} by {url:?}", call.name);
            let mut command = command(stage, call);
            command.env(call.variable, filled(url));
            let text = walk.run(&case, &mut command);
            if !text.contains(&format!("{} says so", call.variable)) {
                walk.checks.same(&case, &text, "the variable is named");
            }
        }
        // In a file it is refused with its place.
        if call.variable == "AWS_ENDPOINT_URL" || call.variable == "AWS_ENDPOINT_URL_STS" {
            for url in ["http://U@[::1", "http://U@host:0?Q", "http://U@ho st"] {
                let config = std::fs::read_to_string(stage.path(".aws/config")).unwrap();
                let line = format!("endpoint_url = {}\n", filled(url));
                let mut broken =
                    config.replace("[profile web]\n", &format!("[profile web]\n{line}"));
                for profile in ["base", "temporary"] {
                    broken += &format!("[profile {profile}]\n{line}");
                }
                stage.write(".aws/config", &broken);
                let case = format!("{} by {url:?} in a file", call.name);
                let text = walk.run(&case, &mut command(stage, call));
                if !text.contains("~/.aws/config:") && !text.contains("/.aws/config:") {
                    walk.checks.same(&case, &text, "the place is named");
                }
                stage.write(".aws/config", &config);
            }
        }
        // `doctor` asks for the keys of every role, by whatever way it has.
        if call.name != "GetCallerIdentity" {
            walk.checks.number(call.name, stage.requests(), before);
        }
    });
    assert!(runs >= 200, "{runs}");
}

/// A URL of `server` with a user, a password and a query.
fn url(server: &Hostile, call: &Call) -> String {
    let url = format!("http://{USER}:{PASSWORD}@{}", server.authority());
    match call.variable {
        // Only this one is called as it is, the query too.
        "AWS_CONTAINER_CREDENTIALS_FULL_URI" => format!("{url}/x?token={QUERY}"),
        _ => format!("{url}/?token={QUERY}"),
    }
}

#[test]
fn no_answer_brings_back_what_was_sent() {
    let runs = for_every_call(|walk, stage, call| {
        for (name, manner) in ANSWERS {
            let server = Hostile::start(manner);
            let case = format!("{} answered by {name}", call.name);
            let mut command = command(stage, call);
            command.env(call.variable, url(&server, call));
            walk.run(&case, &mut command);
            if server.connections() == 0 {
                walk.checks
                    .same(&case, "nobody was asked", "the server was");
            }
        }
    });
    assert!(runs >= 200, "{runs}");
}

#[test]
fn proxies_and_redirects_get_nothing_and_bring_nothing_back() {
    let runs = for_every_call(|walk, stage, call| {
        let metadata = call.name == "container" || call.name == "instance";
        // A redirect is followed by nobody, wherever it leads.
        let elsewhere = Hostile::start(|_| http("200 OK", b""));
        for status in ["301", "302", "307", "308"] {
            let server = Hostile::start(|heard| {
                let to = heard.path().split("to=").nth(1).unwrap_or("127.0.0.1:9");
                let echo = heard.whole().replace(['\r', '\n', ' '], "+");
                let status = heard.path().split('/').nth(1).unwrap_or("302");
                http(
                    &format!("{status} Elsewhere\r\nlocation: http://{to}/?{echo}"),
                    b"",
                )
            });
            let case = format!("{} redirected by {status}", call.name);
            let mut command = command(stage, call);
            let to = format!(
                "http://{}/{status}/to={}",
                server.authority(),
                elsewhere.authority()
            );
            command.env(call.variable, to);
            walk.run(&case, &mut command);
            walk.checks.number(&case, server.connections().min(1), 1);
        }
        walk.checks.number(call.name, elsewhere.connections(), 0);
        if metadata {
            return;
        }
        let refuses: Manner = |heard| {
            let page = format!("<html>no way: {}</html>", heard.whole());
            http("403 Forbidden\r\ncontent-type: text/html", page.as_bytes())
        };
        let proxy = Hostile::start(refuses);
        let through = format!("http://{USER}:{PROXY}@{}", proxy.authority());
        for (variable, url) in [
            ("HTTP_PROXY", "http://sts.invalid"),
            ("HTTPS_PROXY", "https://sts.invalid"),
        ] {
            let mut command = command(stage, call);
            // What has to be granted before is beside us.
            command.envs([
                (variable, through.as_str()),
                (call.variable, url),
                ("NO_PROXY", "127.0.0.1"),
            ]);
            walk.run(&format!("{} by {variable}", call.name), &mut command);
        }
        walk.checks.number(call.name, proxy.connections().min(2), 2);
        for broken in [
            "http://U@[::1",
            "U@host:1:2",
            "http://U@ho st",
            "socks5://U@host:1080",
            "ftp://U@host",
            "http://U@",
        ] {
            let mut command = command(stage, call);
            let broken = filled(broken);
            command.envs([
                ("HTTPS_PROXY", broken.as_str()),
                (call.variable, "https://sts.invalid"),
                ("NO_PROXY", "127.0.0.1"),
            ]);
            let case = format!("{} by the proxy {broken:?}", call.name);
            let text = walk.run(&case, &mut command);
            if !text.contains("the proxy in HTTPS_PROXY ") {
                walk.checks.same(&case, &text, "the variable is named");
            }
        }
        // A certificate of somebody's, trusted and for another host.
        let name = "a-name-of-somebody-else.example";
        let (server, pem) = Hostile::over_tls(name, |_| Vec::new());
        stage.write("somebody.pem", &pem);
        let mut command = command(stage, call);
        let url = format!("https://{USER}:{PASSWORD}@{}", server.authority());
        command
            .env(call.variable, url)
            .env("AWS_CA_BUNDLE", stage.path("somebody.pem"));
        let text = walk.run(&format!("{} by TLS", call.name), &mut command);
        walk.checks.number(&text, text.matches(name).count(), 0);
    });
    assert!(runs >= 100, "{runs}");
}

/// What cannot go into a request is not shown by whoever says so.
#[test]
fn a_token_that_cannot_be_sent_is_not_shown() {
    let mut walk = Walk::new();
    let stage = stage();
    let server = Hostile::start(|heard| refusal(heard, &heard.whole()));
    for (file, call) in [(CORP, &CALLS[5]), (OVER, &CALLS[6]), (DEV, &CALLS[7])] {
        let text = std::fs::read_to_string(stage.path(file)).unwrap();
        for part in ["\\n", "\\u0000", "\\u00e9", "\\u001b[2J", " "] {
            let broken = [ACCESS, REFRESH, CLIENT, LOGIN, OLD]
                .into_iter()
                .fold(text.clone(), |text, token| {
                    text.replace(token, &format!("{token}{part}{token}"))
                });
            stage.write(file, &broken);
            let mut command = command(&stage, call);
            command.env(call.variable, url(&server, call));
            walk.run(&format!("{} with {part:?}", call.name), &mut command);
        }
        stage.write(file, &text);
    }
}

/// `ListMFADevices` is asked for by somebody at a terminal.
#[test]
fn what_iam_is_sent_does_not_come_back_either() {
    let secrets = secrets();
    let answers = [0, 1, 4, 5, 7, 8, 14, 19].map(|number| ANSWERS[number]);
    for (name, manner) in answers {
        let server = Hostile::start(manner);
        let stage = Stage::with(world(), Options::default());
        std::fs::remove_file(stage.path(".assumerole")).unwrap();
        stage.write(
            ".aws/config",
            &format!(
                "[profile base]\nendpoint_url = http://{USER}:{PASSWORD}@{}/?token={QUERY}\nmax_attempts = 1\n",
                server.authority()
            ),
        );
        let line = "assumerole -vv add plain --profile base --account 123456789012";
        let mut terminal = Terminal::running(&stage, line);
        terminal.sees("its ARN:");
        terminal.types("plain\r");
        terminal.sees("Enter for none, ? to ask IAM:");
        terminal.types("?\r");
        terminal.sees_times("Enter for none, ? to ask IAM:", 2);
        let seen = terminal.all().into_bytes();
        assert_eq!(
            found(&secrets, &seen),
            "",
            "{name}: {}",
            String::from_utf8_lossy(&seen)
        );
        terminal.types(CTRL_C);
        assert_eq!(terminal.ends_by_signal(), "Interrupt");
        assert!(server.connections() > 0, "{name}");
    }
}

/// What a process holds while it waits for an answer stays in it, however it
/// ends.
#[test]
fn a_call_that_is_killed_leaves_no_core() {
    let server = Hostile::start(|_| {
        thread::sleep(Duration::from_secs(600));
        Vec::new()
    });
    let stage = stage();
    let someone = Someone::new();
    someone.moves_into(&stage);
    let script = format!(
        "ulimit -c $(ulimit -H -c); exec assumerole -vv exec coded --mfa-code {CODE} -- true"
    );
    let mut command = someone.shell(&stage, &script);
    command.env("AWS_ENDPOINT_URL", format!("http://{}", server.authority()));
    let mut child = command.spawn().unwrap();
    eventually("the request is under way", || server.connections() > 0);
    assert_eq!(watched_by(child.id()), 0);
    kill(child.id(), Signal::ABORT);
    let status = child.wait().unwrap();
    assert_eq!(status.signal(), Some(6), "{status:?}");
    assert!(!status.core_dumped());
    Walk::new().files(&stage);
}
