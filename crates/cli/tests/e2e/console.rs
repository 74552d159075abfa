//! `console`: the console of AWS in a browser.
//!
//! Stand-ins for browsers write down what they were started with, and open the
//! page as a browser does.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use super::harness::{KEY, Ran, SECRET, Stage, world};
use super::support::Checks;

/// Opens the page that stands in its last argument, and follows where it is sent.
pub(crate) const BROWSER: &str = r#"#!/bin/sh
printf '%s\n' "$#" "$@" >>"$HOME/started"
env >>"$HOME/environment"
for word; do case $word in *127.0.0.1*) last=$word ;; esac; done
last=${last#--flag=}
case $last in
    ext+*) last=$(printf %s "$last" | sed 's/.*&url=//; s/&.*//; s/%3A/:/g; s/%2F/\//g') ;;
esac
curl -s -i -A stand-in "$last" >"$HOME/page"
where=$(sed -n 's/^location: //p' "$HOME/page" | tr -d '\r')
curl -s "$where" >"$HOME/console"
"#;

fn stage() -> Stage {
    let stage = Stage::new();
    stage.warm("plain");
    put(&stage, "firefox", BROWSER);
    put(&stage, "chromium", BROWSER);
    put(&stage, "broken", "#!/bin/sh\nexit 3\n");
    stage
}

fn put(stage: &Stage, name: &str, text: &str) {
    let name = format!("browsers/{name}");
    stage.write(&name, text);
    fs::set_permissions(stage.path(&name), fs::Permissions::from_mode(0o755)).unwrap();
}

fn command(stage: &Stage, args: &[&str]) -> Command {
    let args = [&["console"], args].concat();
    let mut command = stage.command(&args);
    let folder = stage.path("browsers");
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", folder.display());
    command
        .env("PATH", path)
        .env("AWS_ENDPOINT_URL_SIGNIN", stage.sandbox.endpoint());
    command
}

fn run(stage: &Stage, args: &[&str]) -> Ran {
    stage.ran(&mut command(stage, args))
}

fn print(stage: &Stage, args: &[&str]) -> Ran {
    run(stage, &[&["--print"], args].concat())
}

fn read(stage: &Stage, name: &str) -> String {
    fs::read_to_string(stage.path(name)).unwrap_or_default()
}

/// What a file comes to say that a browser writes, which goes on by itself.
fn comes_to_say(stage: &Stage, name: &str, text: &str) -> String {
    for _ in 0..1500 {
        let found = read(stage, name);
        if found.contains(text) {
            return found;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    panic!("{name} never says {text:?}: {:?}", read(stage, name));
}

fn actions(stage: &Stage, from: usize) -> Vec<String> {
    let journal = stage.sandbox.journal().into_iter().skip(from);
    journal.map(|entry| entry.action).collect()
}

const SIGNED_IN: &str = "<p id=\"who\">arn:aws:sts::123456789012:assumed-role/plain/tester</p>";

#[test]
fn a_url_signs_in_to_the_role_by_one_request() {
    let stage = stage();
    let before = stage.requests();
    let mut checks = Checks::default();
    let ran = print(&stage, &["--service", "s3", "--region", "uw2", "plain"]);
    checks.same("stderr", &ran.stderr, "");
    checks.number("status", ran.status as usize, 0);
    let start = "$STS/federation?Action=login&Issuer=assumerole&Destination=https%3A%2F%2Fus-west-2.console.aws.amazon.com%2Fs3%2Fbuckets%3Fregion%3Dus-west-2&SigninToken=";
    checks.same("url", &ran.stdout.starts_with(start).to_string(), "true");
    checks.same(
        "requests",
        &actions(&stage, before).join(" "),
        "getSigninToken",
    );
    let last = stage.sandbox.journal().pop().unwrap();
    checks.same("secret", &last.parameters["Session"], "(secret)");
    checks.same(
        "no duration",
        &last.parameters.contains_key("SessionDuration").to_string(),
        "false",
    );
    // The page of the sandbox shows who is signed in.
    let url = ran.stdout.trim().replace("$STS", &stage.sandbox.endpoint());
    let mut curl = Command::new("curl");
    stage.clear(curl.args(["-s", &url]));
    let page = stage.ran(&mut curl).stdout;
    for part in [
        SIGNED_IN,
        "<p id=\"where\">https://us-west-2.console.aws.amazon.com/s3/buckets?region=us-west-2</p>",
    ] {
        checks.same(part, &page.contains(part).to_string(), "true");
    }
}

#[test]
fn the_browser_gets_the_url_and_its_arguments_do_not() {
    let stage = stage();
    let before = stage.requests();
    let ran = run(&stage, &["--browser", "firefox", "plain"]);
    assert_eq!(
        (ran.stderr.as_str(), ran.stdout.as_str(), ran.status),
        (
            "opened the console of plain (account 123456789012)\n",
            "",
            0
        )
    );
    let page = comes_to_say(&stage, "console", "id=\"who\"");
    assert!(page.contains(SIGNED_IN), "{page}");
    let started = read(&stage, "started");
    let address = started.strip_prefix("1\nhttp://127.0.0.1:").unwrap();
    let path = address.trim_end().split_once('/').unwrap().1;
    assert!(path.len() == 32 && path.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let answer = read(&stage, "page");
    for line in [
        "HTTP/1.1 303 See Other",
        "cache-control: no-store",
        "referrer-policy: no-referrer",
    ] {
        assert!(answer.contains(line), "{answer}");
    }
    let environment = read(&stage, "environment");
    assert!(!environment.contains("AWS_SESSION_TOKEN") && !environment.contains(SECRET));
    assert_eq!(actions(&stage, before), ["getSigninToken", "login"]);
    // Nothing of ours is left for the browser, and the history says what it was.
    let history = stage.run(&["history", "--json"]);
    assert!(history.stdout.contains("\"console\""), "{}", history.stdout);
}

#[test]
fn the_first_that_names_a_browser_decides() {
    let stage = stage();
    put(&stage, "own", BROWSER);
    let opened = |command: &mut Command, words: &[&str]| {
        let _ = fs::remove_file(stage.path("started"));
        let ran = stage.ran(command);
        assert_eq!(
            (ran.stderr.as_str(), ran.status),
            ("opened the console of plain (account 123456789012)\n", 0)
        );
        let started = comes_to_say(&stage, "started", "127.0.0.1");
        let started: Vec<&str> = started.lines().skip(1).collect();
        assert_eq!(started.len(), words.len(), "{started:?}");
        for (word, wanted) in started.iter().zip(words) {
            assert!(word.starts_with(wanted), "{word} {wanted}");
        }
    };
    let page = "http://127.0.0.1:";
    let mut list = command(&stage, &["plain"]);
    opened(
        list.env("BROWSER", "no-such:broken:own -x 'a b' %s -y"),
        &["-x", "a b", page, "-y"],
    );
    stage.write(
        ".assumerole",
        &super::harness::CONFIG.replacen('{', "{ \"browser\": \"own --setting\",", 1),
    );
    let mut setting = command(&stage, &["plain"]);
    opened(setting.env("BROWSER", "broken"), &["--setting", page]);
    let mut flag = command(&stage, &["--browser", "own --flag=%s", "plain"]);
    opened(&mut flag, &[&format!("--flag={page}")]);
}

#[test]
fn without_a_browser_the_page_is_named_and_waited_for() {
    let stage = stage();
    for (args, why) in [
        (vec!["plain"], ""),
        (
            vec!["--browser", "broken", "plain"],
            " (broken ended with exit status: 3)",
        ),
        (
            vec!["--browser", "/nowhere/b", "plain"],
            " (/nowhere/b: command not found)",
        ),
    ] {
        let mut child = command(&stage, &args)
            .stderr(fs::File::create(stage.path("said")).unwrap())
            .spawn()
            .unwrap();
        let said = comes_to_say(&stage, "said", "elsewhere");
        let (start, rest) = said.split_once("within a minute: ").unwrap();
        assert_eq!(
            start,
            format!("warning: no browser was opened{why}; open this page on this machine ")
        );
        let (page, hint) = rest.split_once('\n').unwrap();
        assert_eq!(
            hint,
            "  hint: open it elsewhere: print the URL: assumerole console --print plain\n"
        );
        let mut curl = Command::new("curl");
        stage.clear(curl.args(["-s", "-i", page]));
        assert!(stage.ran(&mut curl).stdout.contains("HTTP/1.1 303"));
        assert!(child.wait().unwrap().success());
        assert!(
            read(&stage, "said").ends_with("opened the console of plain (account 123456789012)\n")
        );
    }
}

#[test]
fn a_signal_ends_the_wait_and_nothing_is_left() {
    let stage = stage();
    let mut child = command(&stage, &["plain"]);
    child.stderr(fs::File::create(stage.path("said")).unwrap());
    let mut child = child.spawn().unwrap();
    let said = comes_to_say(&stage, "said", "elsewhere");
    // `setsid --wait` may be between.
    let children = format!("/proc/{}/task/{0}/children", child.id());
    let pid = match fs::read_to_string(children).unwrap().trim() {
        "" => child.id().to_string(),
        child => child.to_owned(),
    };
    let mut kill = Command::new("kill");
    assert!(kill.args(["-TERM", &pid]).status().unwrap().success());
    assert!(!child.wait().unwrap().success());
    let page = said.split_once("within a minute: ").unwrap().1;
    let mut curl = Command::new("curl");
    stage.clear(curl.args(["-s", page.lines().next().unwrap()]));
    assert_eq!(stage.ran(&mut curl).stdout, "");
    assert!(read(&stage, "said").contains("a signal ended this"));
}

#[test]
fn roles_are_kept_apart_in_containers() {
    let stage = stage();
    for (how, scheme) in [
        ("--isolate", "ext+container:"),
        ("--isolate=container", "ext+container:"),
        ("--isolate=granted", "ext+granted-containers:"),
    ] {
        let _ = fs::remove_file(stage.path("started"));
        let ran = run(&stage, &["--browser", "firefox", how, "plain"]);
        assert_eq!(
            (ran.stderr.as_str(), ran.status),
            ("opened the console of plain (account 123456789012)\n", 0)
        );
        let started = comes_to_say(&stage, "started", "ext+");
        let link = started.lines().nth(1).unwrap();
        let start = format!("{scheme}name=plain&url=http%3A%2F%2F127.0.0.1%3A");
        assert!(link.starts_with(&start), "{link}");
        assert!(
            link.contains("&color=") && link.ends_with("&icon=fingerprint"),
            "{link}"
        );
    }
    let ran = run(
        &stage,
        &["--browser", "firefox", "--isolate=profile", "plain"],
    );
    assert_eq!(
        (ran.stderr.as_str(), ran.status),
        (
            "error: cannot keep consoles apart in firefox\n  \
             because: a Firefox has containers, not profiles\n  \
             hint: name the browser: --browser firefox, --browser chromium\n",
            2
        )
    );
}

fn profiles(stage: &Stage) -> Vec<String> {
    let folder = fs::read_dir(stage.path(".assumerole.d/browser"));
    let Ok(folder) = folder else {
        return Vec::new();
    };
    let names = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.collect()
}

#[test]
fn roles_are_kept_apart_in_profiles_that_logout_removes() {
    let stage = stage();
    let open = || {
        let ran = run(&stage, &["--browser", "chromium", "--isolate", "plain"]);
        assert_eq!(
            (ran.stderr.as_str(), ran.status),
            ("opened the console of plain (account 123456789012)\n", 0)
        );
    };
    open();
    let started = comes_to_say(&stage, "started", "127.0.0.1");
    let words: Vec<&str> = started.lines().skip(1).collect();
    let folder = words[0].strip_prefix("--user-data-dir=").unwrap();
    assert_eq!(
        words[1..3],
        ["--no-first-run", "--no-default-browser-check"]
    );
    let all = profiles(&stage);
    assert!(all.len() == 1 && all[0].starts_with("plain-") && folder.ends_with(&all[0]));
    for path in [folder, &format!("{folder}/..")] {
        let mode = fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }
    let preferences = fs::read_to_string(format!("{folder}/Default/Preferences")).unwrap();
    assert!(preferences.contains("\"name\":\"plain\""), "{preferences}");
    open();
    assert_eq!(profiles(&stage), all, "one for each role");

    let ran = run(&stage, &["--forget", "read"]);
    assert_eq!(ran.stderr, "no browser profile was removed\n");
    let ran = run(&stage, &["--forget", "plain"]);
    assert_eq!(
        (ran.stderr.as_str(), ran.status),
        ("removed 1 browser profile\n", 0)
    );
    assert!(profiles(&stage).is_empty());

    open();
    // As Chromium says that it has the folder.
    let lock = format!("here-{}", std::process::id());
    std::os::unix::fs::symlink(lock, format!("{folder}/SingletonLock")).unwrap();
    let ran = run(&stage, &["--forget"]);
    assert_eq!(
        (ran.stderr.as_str(), ran.status),
        (
            "no browser profile was removed\nerror: 1 browser profile is in use\n  \
             hint: close its windows, and run this again\n",
            1
        )
    );
    fs::remove_file(format!("{folder}/SingletonLock")).unwrap();
    let ran = stage.run(&["logout", "plain"]);
    assert_eq!(ran.stderr, "removed 1 browser profile\nforgot 1 session\n");
    assert!(profiles(&stage).is_empty());
}

#[test]
fn a_duration_is_sent_when_given_and_left_out_where_it_is_refused() {
    let world = world().role(
        aws_sandbox::Role::new("arn:aws:iam::123456789012:role/second")
            .trusting("arn:aws:iam::123456789012:role/plain"),
    );
    let stage = Stage::with(world, aws_sandbox::Options::default());
    stage.roles(
        r#""plain": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain"},
           "second": {"via": "plain", "aws_account": "123456789012", "aws_role": "second"}"#,
    );
    let mut checks = Checks::default();
    let ran = print(&stage, &["--duration", "8h", "plain"]);
    checks.same("stderr", &ran.stderr, "");
    let sent = |stage: &Stage| stage.parameter("SessionDuration").unwrap_or_default();
    checks.same("sent", &sent(&stage), "28800");
    let ran = print(&stage, &["--duration", "8h", "second"]);
    checks.same(
        "chained",
        &ran.stderr,
        "warning: --duration is left out: AWS takes none for a role that is assumed from another one\n",
    );
    checks.number("chained: status", ran.status as usize, 0);
    checks.same("chained: not sent", &sent(&stage), "");
}

#[test]
fn a_user_is_signed_in_with_a_policy_and_without_mfa() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    let before = stage.requests();
    let ran = print(&stage, &["base"]);
    checks.same(
        "said",
        &ran.stderr,
        "base has the keys of a user: the console may do what the user may and ViewOnlyAccess allows (all that the user may: --full)\n",
    );
    checks.number("status", ran.status as usize, 0);
    let requests = stage.sandbox.journal().split_off(before);
    let actions: Vec<&str> = requests.iter().map(|entry| entry.action.as_str()).collect();
    checks.same(
        "requests",
        &actions.join(" "),
        "GetFederationToken getSigninToken",
    );
    let policy = |entry: &aws_sandbox::Entry| {
        let name = "PolicyArns.member.1.arn";
        entry.parameters.get(name).cloned().unwrap_or_default()
    };
    checks.same(
        "policy",
        &policy(&requests[0]),
        "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess",
    );
    let ran = print(&stage, &["--full", "--duration", "1h", "base"]);
    checks.same(
        "full",
        &ran.stderr,
        "base has the keys of a user: the console may do what the user may\n",
    );
    let journal = stage.sandbox.journal();
    let asked = &journal[journal.len() - 2];
    checks.same(
        "full: policy",
        &policy(asked),
        "arn:aws:iam::aws:policy/AdministratorAccess",
    );
    checks.same(
        "its own duration",
        &asked.parameters["DurationSeconds"],
        "3600",
    );
    checks.same(
        "none at sign-in",
        &stage.parameter("SessionDuration").unwrap_or_default(),
        "",
    );

    stage.write(
        ".aws/config",
        &format!(
            "[profile base]\nendpoint_url = {}\nmfa_serial = arn:aws:iam::210987654321:mfa/jdoe\n",
            stage.sandbox.endpoint()
        ),
    );
    let before = stage.requests();
    let ran = print(&stage, &["base"]);
    checks.ran(
        "with MFA",
        &ran,
        "",
        "error: the user of base has an MFA device, and cannot be signed in by keys\n  \
         because: GetFederationToken takes no MFA code: what asks for one would be refused\n  \
         hint: open the console in a role that is assumed with the code: assumerole console ROLE\n  \
         hint: see all roles: assumerole list\n",
        2,
    );
    checks.number("nobody was asked", stage.requests() - before, 0);
}

#[test]
fn what_does_not_fit_is_said_before_anybody_is_asked() {
    let stage = stage();
    let mut checks = Checks::default();
    let before = stage.requests();
    for (args, stderr, status) in [
        (
            vec!["--print", "--full", "plain"],
            "error: --full is for the keys of a user, and plain is a role\n  \
             hint: leave it out: a role's session may do all that the role may\n",
            2,
        ),
        (
            vec!["--print", "--portal", "plain"],
            "error: plain is not a role of IAM Identity Center\n  \
             hint: leave out --portal: assumerole console plain\n",
            2,
        ),
        (
            vec!["--print", "--url", "https://evil.example/", "plain"],
            "error: --url is no URL of the console\n  \
             because: its host is not console.aws.amazon.com, nor one below that\n  \
             hint: write a path (/s3/buckets/NAME), or copy a URL of the console\n",
            2,
        ),
        (
            vec!["--copy", "plain", "read"],
            "error: --copy takes one role: the clipboard holds one URL\n  \
             hint: print them: --print\n",
            2,
        ),
        (
            vec!["--browser", "brave", "plain"],
            "error: brave is not installed\n  \
             because: PATH has no brave-browser and no brave\n  \
             hint: name another one: --browser NAME, or a command line: --browser 'CMD %s'\n",
            127,
        ),
        (
            vec![],
            "error: missing: <ROLE>\n  \
             hint: write: assumerole console [OPTIONS] <ROLE>...\n  \
             hint: see: assumerole console --help\n",
            2,
        ),
    ] {
        let ran = run(&stage, &args);
        checks.ran(&args.join(" "), &ran, "", stderr, status);
    }
    checks.number("no request", stage.requests() - before, 0);
    // What would carry the credentials in plain text.
    let mut far = command(&stage, &["--print", "plain"]);
    far.env("AWS_ENDPOINT_URL_SIGNIN", "http://signin.example");
    checks.ran(
        "http",
        &stage.ran(&mut far),
        "",
        "error: the endpoint of AWS sign-in is not https\n  \
         because: it would get the credentials in plain text\n  \
         hint: write AWS_ENDPOINT_URL_SIGNIN with https://, or unset it\n",
        3,
    );
}

/// An endpoint that answers each request with the same words.
fn scripted(answer: &'static str) -> (String, std::thread::JoinHandle<Vec<String>>) {
    use std::io::{Read as _, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let thread = std::thread::spawn(move || {
        let mut requests = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut bytes = [0; 65536];
            let mut request = String::new();
            loop {
                let count = stream.read(&mut bytes).unwrap();
                request.push_str(&String::from_utf8_lossy(&bytes[..count]));
                let length = request
                    .lines()
                    .find_map(|line| {
                        line.to_lowercase()
                            .strip_prefix("content-length: ")?
                            .trim()
                            .parse::<usize>()
                            .ok()
                    })
                    .unwrap_or(0);
                let body = request.split_once("\r\n\r\n").map(|(_, body)| body.len());
                if count == 0 || body.is_some_and(|body| body >= length) {
                    break;
                }
            }
            if request.starts_with("STOP") || request.is_empty() {
                return requests;
            }
            requests.push(request);
            let _ = stream.write_all(answer.as_bytes());
        }
        requests
    });
    (endpoint, thread)
}

#[test]
fn nothing_secret_is_said_whatever_the_endpoint_answers() {
    let stage = stage();
    let token = stage.run(&["export", "--format", "json", "plain"]).stdout;
    let token: serde_json::Value = serde_json::from_str(&token).unwrap();
    let secrets = ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];
    let secrets = secrets.map(|name| token[name].as_str().unwrap().to_owned());
    for (answer, cause, requests) in [
        (
            "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/evil\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            "it redirects (HTTP status 302), and is not followed",
            1,
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\n<html/>",
            "its answer holds no token",
            1,
        ),
        (
            "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            "it answered with HTTP status 503",
            1,
        ),
        (
            "HTTP/1.1 400 Bad\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            "HTTP status 400",
            1,
        ),
        (
            "HTTP/1.1 405 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            "it answered with HTTP status 405",
            2,
        ),
        ("garbage\r\n\r\n", "", 1),
    ] {
        let (endpoint, thread) = scripted(answer);
        let mut command = command(&stage, &["-vv", "--print", "plain"]);
        let ran = stage.ran(command.env("AWS_ENDPOINT_URL_SIGNIN", &endpoint));
        assert!(ran.stderr.contains(cause), "{}", ran.stderr);
        assert_ne!(ran.status, 0);
        for secret in &secrets {
            assert!(!ran.stderr.contains(secret.as_str()), "{}", ran.stderr);
            let head = &secret[..12];
            assert!(!ran.stderr.contains(head), "{}", ran.stderr);
        }
        assert!(!ran.stderr.contains("federation?"), "{}", ran.stderr);
        drop(std::net::TcpStream::connect(
            endpoint.strip_prefix("http://").unwrap(),
        ));
        let all = thread.join().unwrap();
        assert!(all.len() <= requests, "{answer}: {}", all.len());
        assert!(
            all[0].starts_with("POST /federation HTTP/1.1\r\n"),
            "{}",
            all[0]
        );
        // What AWS documents, where no POST is known.
        let gets = all.iter().filter(|one| one.starts_with("GET /federation?"));
        assert_eq!(gets.count(), requests - 1, "{answer}");
    }
}

#[test]
#[expect(
    clippy::disallowed_macros,
    clippy::print_stderr,
    reason = "what is left out is said"
)]
fn another_user_who_asks_for_the_page_is_told_of() {
    let id = Command::new("id").arg("-u").output().unwrap();
    if id.stdout != b"0\n" {
        eprintln!("left out: only root can run a process as another user");
        return;
    }
    let stage = stage();
    put(
        &stage,
        "thief",
        "#!/bin/sh\nsetpriv --reuid=65534 --regid=65534 --clear-groups curl -s -i \"$1\" >\"$HOME/page\"\ncurl -s -i \"$1\" >>\"$HOME/page\"\n",
    );
    let ran = run(&stage, &["--browser", "thief", "plain"]);
    assert_eq!(
        (ran.stderr.as_str(), ran.status),
        (
            "error: the console of plain (account 123456789012) was not opened\n  \
             because: another user of this machine (65534) asked for the page, and nobody got the URL\n  \
             hint: print the URL: assumerole console --print plain\n",
            1
        )
    );
    let page = comes_to_say(&stage, "page", "HTTP/1.1 403");
    assert!(
        !page.contains("SigninToken") && !page.contains("location"),
        "{page}"
    );
}

#[test]
fn a_url_is_copied_by_the_desktop() {
    let stage = stage();
    put(
        &stage,
        "xclip",
        "#!/bin/sh\nprintf '%s ' \"$@\" >\"$HOME/clip\"\ncat >>\"$HOME/clip\"\n",
    );
    let mut copy = command(&stage, &["--copy", "plain"]);
    let ran = stage.ran(copy.env("DISPLAY", ":0"));
    assert_eq!(
        (ran.stderr.as_str(), ran.stdout.as_str(), ran.status),
        (
            "URL of plain (account 123456789012) copied by xclip; it signs in whoever opens it within 15 minutes\n",
            "",
            0
        )
    );
    let clip = read(&stage, "clip");
    assert!(
        clip.starts_with("-selection clipboard http://127.0.0.1:"),
        "{clip}"
    );
    assert!(clip.contains("SigninToken="));
    let ran = stage.ran(&mut command(&stage, &["--copy", "plain"]));
    assert!(
        ran.stderr
            .starts_with("error: the URL cannot be copied: no clipboard was found\n")
    );
    assert_eq!(ran.status, 1);
}

#[test]
fn several_roles_are_opened_one_after_the_other() {
    let stage = stage();
    stage.write(
        ".aws/config",
        &format!(
            "[profile base]\nendpoint_url = {0}\n[profile second]\nrole_arn = arn:aws:iam::123456789012:role/plain\nsource_profile = base\nendpoint_url = {0}\nregion = eu-west-1\n",
            stage.sandbox.endpoint()
        ),
    );
    let ran = run(&stage, &["--browser", "firefox", "plain", "second"]);
    assert_eq!(
        ran.stderr,
        "warning: a browser has one console at a time: the last role is signed in\n  \
         hint: keep them apart: --isolate, or keep all in one browser: --multi\n\
         opened the console of plain (account 123456789012)\n\
         opened the console of second (account 123456789012) in eu-west-1\n"
    );
    let ran = print(&stage, &["--multi", "plain", "second"]);
    let start = "https://us-east-1.signin.aws.amazon.com/sessions/v1/opt-in?redirect_uri=http";
    assert_eq!(ran.stderr, "");
    assert_eq!(ran.stdout.lines().count(), 2);
    assert!(
        ran.stdout.lines().all(|line| line.starts_with(start)),
        "{}",
        ran.stdout
    );
    let _ = KEY;
}
