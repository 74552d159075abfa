//! `sso login --device-code`: a page, and a code to type there.

use std::os::unix::fs::PermissionsExt as _;
use std::sync::Mutex;

use aws_sandbox::Fault;
use jiff::{SignedDuration, Timestamp};
use rustix::process::{Pid, Signal, kill_process};

use super::{CORP, JDOE, SSO_CONFIG, Waiting, approve, python};
use crate::harness::Stage;
use crate::hostile::{Heard, Hostile, http};
use crate::support::Checks;
use crate::terminal::Terminal;

const LOGIN: [&str; 4] = ["sso", "login", "--device-code", "corp"];

/// Files of logins and registrations.
fn files(stage: &Stage) -> Vec<String> {
    match stage.path(".aws/sso/cache").exists() {
        true => stage.list(".aws/sso/cache"),
        false => Vec::new(),
    }
}

#[test]
fn a_login_is_where_the_aws_cli_has_it_and_is_used() {
    let stage = Stage::of_sources(SSO_CONFIG);
    let mut checks = Checks::default();
    let mut shown = String::new();
    let ran = stage.logs_in(&["sso", "login", "--device-code"], |sandbox, code| {
        code.clone_into(&mut shown);
        approve(sandbox, code);
    });
    checks.same("stdout", &ran.stdout, "");
    checks.number("status", ran.status.unsigned_abs() as usize, 0);
    let lines: Vec<&str> = ran.stderr.lines().collect();
    let expected = format!(
        "Sign in to sso-session corp on any device, at
  $STS/device
and type this code there: {shown}
The same page with the code in it:
  $STS/device?user_code={shown}"
    );
    checks.same("shown", &lines[..5].join("\n"), &expected);
    assert!(lines[5].starts_with("Waiting until "), "{ran:?}");
    assert!(lines[6].starts_with("logged in to sso-session corp: until "));
    assert!(lines[6].ends_with("; it is renewed when it is used; accounts: hub"));
    let token = stage.json(CORP);
    let members: Vec<&String> = token.as_object().unwrap().keys().collect();
    checks.same(
        "members",
        &format!("{members:?}"),
        r#"["accessToken", "clientId", "clientSecret", "expiresAt", "refreshToken", "region", "registrationExpiresAt", "startUrl"]"#,
    );
    checks.same(
        "url",
        token["startUrl"].as_str().unwrap(),
        "https://acme.awsapps.com/start",
    );
    checks.same("region", token["region"].as_str().unwrap(), "eu-west-1");
    for name in ["expiresAt", "registrationExpiresAt"] {
        let time = token[name].as_str().unwrap();
        let parsed: Timestamp = time.parse().unwrap();
        let again = parsed.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        checks.same(name, time, &again);
    }
    for (path, mode) in [(CORP, 0o600), (".aws/sso/cache", 0o700)] {
        let is = std::fs::metadata(stage.path(path)).unwrap();
        checks.number(path, (is.permissions().mode() & 0o777) as usize, mode);
    }
    let show = ["exec", "q", "--", "sh", "-c", "echo $AWS_ACCOUNT_ID"];
    checks.ran("used", &stage.run(&show), "222222222222\n", "", 0);
    let registered = stage.sandbox.journal();
    let registered = registered.iter().find(|one| one.action == "RegisterClient");
    checks.same(
        "client",
        &registered.unwrap().parameters["clientName"],
        "assumerole-corp",
    );
}

/// botocore uses the token that we wrote; we use the one that it renewed.
#[test]
fn botocore_and_we_share_a_login() {
    let stage = Stage::of_sources(&SSO_CONFIG.replace("STS\n", "STS\nregion = eu-west-1\n"));
    let mut checks = Checks::default();
    stage.logs_jdoe_in();
    let who = "import boto3; print(boto3.Session(profile_name='q').client('sts').get_caller_identity()['Account'])";
    let before = stage.sandbox.count("CreateToken");
    let renewals = || stage.sandbox.count("CreateToken") - before;
    checks.ran("ours", &python(&stage, who), "222222222222\n", "", 0);
    checks.number("not renewed", renewals(), 0);
    // Fourteen minutes before its end botocore renews it.
    let mut token = stage.json(CORP);
    let soon = Timestamp::now() + SignedDuration::from_mins(14);
    token["expiresAt"] = soon.strftime("%Y-%m-%dT%H:%M:%SZ").to_string().into();
    let before = token.clone();
    stage.write(CORP, &token.to_string());
    checks.ran("renewed", &python(&stage, who), "222222222222\n", "", 0);
    let after = stage.json(CORP);
    assert_ne!(after["accessToken"], before["accessToken"]);
    assert_ne!(after["refreshToken"], before["refreshToken"]);
    let show = [
        "exec",
        "q",
        "--fresh",
        "--",
        "sh",
        "-c",
        "echo $AWS_ACCOUNT_ID",
    ];
    checks.ran("theirs", &stage.run(&show), "222222222222\n", "", 0);
    checks.number("renewed once", renewals(), 1);
    let mut token = after;
    token["expiresAt"] = "2020-01-01T00:00:00Z".into();
    stage.write(CORP, &token.to_string());
    checks.ran("renewed by us", &stage.run(&show), "222222222222\n", "", 0);
    checks.ran(
        "used by them",
        &python(&stage, who),
        "222222222222\n",
        "",
        0,
    );
    checks.number("renewed twice", renewals(), 2);
}

#[test]
fn what_goes_wrong_is_told_and_nothing_is_written() {
    let mut checks = Checks::default();
    let denied = "\
error: the sign-in was denied
  because: whoever was asked on the page of AWS did not allow it
  because: nothing was written
";
    let late = "\
error: nobody signed in in time
  because: the code was good for 600 s
  because: nothing was written
  hint: run this again
";
    type Act = fn(&aws_sandbox::Sandbox, &str);
    let rows: [(&str, Act, &str, i32); 3] = [
        (
            "denied",
            |sandbox, code| assert!(sandbox.deny_device(code)),
            denied,
            6,
        ),
        (
            "too late",
            |sandbox, _| sandbox.advance(SignedDuration::from_secs(601)),
            late,
            8,
        ),
        (
            "unreadable",
            |sandbox, code| {
                approve(sandbox, code);
                sandbox.inject(Fault::garbage().on("CreateToken").always());
            },
            "",
            6,
        ),
    ];
    for (case, act, said, status) in rows {
        let stage = Stage::of_sources(SSO_CONFIG);
        let ran = stage.logs_in(&LOGIN, act);
        checks.number(case, ran.status.unsigned_abs() as usize, status as usize);
        let (_, after) = ran.stderr.split_once("(Ctrl-C to cancel)\n").unwrap();
        if !said.is_empty() {
            checks.same(case, after, said);
        }
        checks.number(case, files(&stage).len(), 0);
    }
    // Trouble on the way is waited out.
    let stage = Stage::of_sources(SSO_CONFIG);
    let ran = stage.logs_in(&LOGIN, |sandbox, code| {
        sandbox.inject(Fault::internal_error().on("CreateToken").times(4));
        sandbox.inject(Fault::throttle().on("CreateToken"));
        approve(sandbox, code);
    });
    checks.number("trouble", ran.status.unsigned_abs() as usize, 0);
    // A refusal before anything is shown.
    let stage = Stage::of_sources(&SSO_CONFIG.replace("acme.awsapps", "other.awsapps"));
    checks.ran(
        "no such portal",
        &stage.run(&LOGIN),
        "",
        "error: An error occurred (InvalidRequestException) when calling the StartDeviceAuthorization operation: Invalid start url provided\n",
        6,
    );
}

#[test]
fn ctrl_c_ends_the_wait_and_nothing_is_written() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let stage = Stage::of_sources(SSO_CONFIG);
        let mut terminal = Terminal::new();
        terminal.start(&stage, "exec assumerole sso login --device-code", &[]);
        terminal.sees("(Ctrl-C to cancel)");
        terminal.kills(signal);
        terminal.is_ended_by(signal);
        assert_eq!(files(&stage), [""; 0]);
        terminal.is_as_before();
    }
}

/// Quiet, and without a terminal: where to sign in is shown all the same.
#[test]
fn the_page_is_shown_whatever_is_quiet() {
    let stage = Stage::of_sources(SSO_CONFIG);
    let mut command = stage.command(&["--quiet", "sso", "login", "--device-code"]);
    let mut waiting = Waiting::start(&mut command);
    let code = waiting.code().unwrap();
    approve(&stage.sandbox, &code);
    let ran = waiting.ends(&stage);
    assert_eq!(ran.status, 0);
    assert!(ran.stderr.ends_with("(Ctrl-C to cancel)\n"), "{ran:?}");
}

#[test]
fn the_login_of_another_directory_is_asked_about() {
    let other = super::super::sources::sso_login("their-token", "2999-01-01T00:00:00Z", "")
        .replace("acme.awsapps.com", "other.awsapps.com");
    let stage = Stage::of_sources(SSO_CONFIG);
    let mut checks = Checks::default();
    stage.write(CORP, &other);
    let refused = "\
error: the login of sso-session corp is for another directory
  because: it is for https://other.awsapps.com/start in eu-west-1, and sso-session corp has https://acme.awsapps.com/start
  because: there is no terminal to ask at
  hint: replace it: add --replace
";
    checks.ran("nobody", &stage.run(&LOGIN), "", refused, 5);
    for (answer, status, requests) in [("n", 130, 0), ("y", 0, 2)] {
        let mut terminal = Terminal::running(&stage, "exec assumerole sso login --device-code");
        terminal.sees("Replace it with one for https://acme.awsapps.com/start? [y/N]");
        assert_eq!(std::fs::read_to_string(stage.path(CORP)).unwrap(), other);
        terminal.types(&format!("{answer}\r"));
        if answer == "y" {
            terminal.sees("(Ctrl-C to cancel)");
            let screen = terminal.screen();
            let (_, rest) = screen.split_once("type this code there: ").unwrap();
            approve(&stage.sandbox, &rest[..9]);
        }
        checks.number(answer, terminal.ends() as usize, status);
        let begun = stage.sandbox.count("RegisterClient");
        checks.number(
            answer,
            begun + stage.sandbox.count("StartDeviceAuthorization"),
            requests,
        );
    }
    let ours = stage.json(CORP);
    checks.same(
        "ours",
        ours["startUrl"].as_str().unwrap(),
        "https://acme.awsapps.com/start",
    );
    stage.write(CORP, &other);
    let ran = stage.logs_in(&["sso", "login", "--device-code", "--replace"], approve);
    checks.number("--replace", ran.status.unsigned_abs() as usize, 0);
    // What the file of the same directory has besides is kept.
    let mut token = stage.json(CORP);
    token["other"] = serde_json::json!({"kept": [1, null]});
    let before = token["accessToken"].clone();
    stage.write(CORP, &token.to_string());
    stage.logs_jdoe_in();
    let token = stage.json(CORP);
    checks.same("kept", &token["other"].to_string(), r#"{"kept":[1,null]}"#);
    assert_ne!(token["accessToken"], before);
}

#[test]
fn a_client_is_registered_once_and_anew_before_it_ends() {
    let stage = Stage::of_sources(SSO_CONFIG);
    let mut checks = Checks::default();
    stage.logs_jdoe_in();
    stage.logs_jdoe_in();
    checks.number("once", stage.sandbox.count("RegisterClient"), 1);
    let mut names = files(&stage);
    names.retain(|name| !CORP.ends_with(name.as_str()));
    let [registration] = names.as_slice() else {
        panic!("{names:?}")
    };
    let path = format!(".aws/sso/cache/{registration}");
    let good = stage.json(&path);
    let soon = Timestamp::now() + SignedDuration::from_mins(14);
    for (case, ends, more) in [
        ("soon", soon.to_string(), 1),
        ("damaged", "x".to_owned(), 1),
        ("good", good["expiresAt"].as_str().unwrap().to_owned(), 0),
    ] {
        let before = stage.sandbox.count("RegisterClient");
        let mut json = stage.json(&path);
        json["expiresAt"] = ends.into();
        stage.write(&path, &json.to_string());
        stage.logs_jdoe_in();
        checks.number(case, stage.sandbox.count("RegisterClient") - before, more);
    }
}

/// The AWS CLI takes no lock: a refresh token that was spent meanwhile means that
/// the file has a newer login.
#[test]
fn a_login_that_another_program_renewed_meanwhile_is_used() {
    let stage = Stage::of_sources(SSO_CONFIG);
    let mut checks = Checks::default();
    stage.logs_jdoe_in();
    let mut ended = stage.json(CORP);
    let renewed = ended.to_string();
    ended["accessToken"] = "an-older-token".into();
    ended["refreshToken"] = "spent".into();
    ended["expiresAt"] = "2020-01-01T00:00:00Z".into();
    stage.write(CORP, &ended.to_string());
    let path = stage.path(CORP);
    let at_once = Mutex::new(Some(renewed));
    stage.sandbox.watch(move |entry| {
        if entry.outcome == "InvalidGrantException"
            && let Some(text) = at_once.lock().unwrap().take()
        {
            std::fs::write(&path, text).unwrap();
        }
    });
    let show = ["exec", "q", "--", "sh", "-c", "echo $AWS_ACCOUNT_ID"];
    checks.ran("used", &stage.run(&show), "222222222222\n", "", 0);
    let asked = stage.sandbox.journal();
    let last: Vec<&str> = asked.iter().rev().map(|one| one.outcome.as_str()).collect();
    checks.same("asked", &last[..2].join(" "), "OK InvalidGrantException");
}

/// A page that a server names is followed by a person who types a password there.
#[test]
fn a_page_elsewhere_is_not_shown() {
    let mut checks = Checks::default();
    let evil = |heard: &Heard| {
        let body = match heard.path() {
            "/client/register" => {
                r#"{"clientId": "c", "clientSecret": "s", "clientSecretExpiresAt": 4000000000}"#
            }
            _ => {
                r#"{"deviceCode": "d", "userCode": "ABCD-EFGH", "verificationUri": "https://device.sso.eu-west-1.amazonaws.com.evil.example/", "expiresIn": 600, "interval": 1}"#
            }
        };
        http("200 OK", body.as_bytes())
    };
    let code = |heard: &Heard| {
        let body = match heard.path() {
            "/client/register" => {
                r#"{"clientId": "c", "clientSecret": "s", "clientSecretExpiresAt": 4000000000}"#
            }
            _ => {
                "{\"deviceCode\": \"d\", \"userCode\": \"AB\\u001b[2J\", \"verificationUri\": \"https://device.sso.eu-west-1.amazonaws.com/\", \"expiresIn\": 600, \"interval\": 1}"
            }
        };
        http("200 OK", body.as_bytes())
    };
    for (case, server, said) in [
        (
            "page",
            Hostile::start(evil),
            "\
error: IAM Identity Center named a sign-in page that is not at AWS
  because: what answers there may want your password
  hint: check endpoint_url and the proxy
",
        ),
        (
            "code",
            Hostile::start(code),
            "error: the answer to StartDeviceAuthorization contains a user code that is missing or damaged; nothing of it was kept\n",
        ),
    ] {
        let stage = Stage::of_sources(SSO_CONFIG);
        let url = format!("endpoint_url = http://{}\n", server.authority());
        stage.write(".aws/config", &SSO_CONFIG.replace("STS\n", &url));
        checks.ran(case, &stage.run(&LOGIN), "", said, 6);
        checks.number(case, files(&stage).len(), 0);
    }
}

#[test]
fn a_session_is_named_or_the_only_one() {
    let stage = Stage::of_sources("[profile x]\nregion = eu-west-1\n");
    let mut checks = Checks::default();
    checks.ran(
        "none",
        &stage.run(&["sso", "login"]),
        "",
        "error: there is no sso-session in ~/.aws/config\n  hint: create one: assumerole sso login --start-url URL --region REGION\n",
        4,
    );
    let other = "[sso-session other]\nsso_start_url = https://x.awsapps.com/start\n";
    stage.config(&format!("{SSO_CONFIG}{other}"));
    checks.ran(
        "two",
        &stage.run(&["sso", "login"]),
        "",
        "\
error: there are 2 sso-sessions
  because: they are corp, other
  because: there is no terminal to ask at
  hint: name one: assumerole sso login corp
",
        2,
    );
    checks.ran(
        "misspelt",
        &stage.run(&["sso", "login", "crop"]),
        "",
        "error: there is no sso-session \"crop\" in ~/.aws/config\n  hint: did you mean corp?\n",
        4,
    );
    checks.ran(
        "half",
        &stage.run(&["sso", "login", "other"]),
        "",
        "\
error: the sso-session other has no sso_region
  --> ~/.aws/config:10:1
   |
10 | [sso-session other]
   | ^^^^^^^^^^^^^^^^^^^
  hint: complete it: aws configure sso-session
",
        3,
    );
    let mut terminal = Terminal::running(&stage, "exec assumerole sso login --device-code");
    terminal.sees("Which one?");
    terminal.types("1\r");
    terminal.sees("Sign in to sso-session corp");
    terminal.sees("(Ctrl-C to cancel)");
    let screen = terminal.screen();
    let (_, rest) = screen.split_once("type this code there: ").unwrap();
    approve(&stage.sandbox, &rest[..9]);
    assert_eq!(terminal.ends(), 0);
    checks.ran("alone", &stage.run(&["sso"]), "", "error: missing: <COMMAND>\n  hint: write: assumerole sso [OPTIONS] <COMMAND>\n  hint: see: assumerole sso --help\n", 2);
}

/// `login` does what its name needs.
#[test]
fn login_logs_in_where_a_role_starts() {
    let legacy = "[profile q]\nsso_start_url = https://acme.awsapps.com/start\nsso_region = eu-west-1\nsso_account_id = 222222222222\nsso_role_name = Admin\nSTS\n";
    let mut checks = Checks::default();
    for (case, config) in [("session", SSO_CONFIG), ("legacy", legacy)] {
        let stage = Stage::of_sources(config);
        let ran = stage.logs_in(&["login", "q"], approve);
        checks.number(case, ran.status.unsigned_abs() as usize, 0);
        let show = ["exec", "q", "--", "sh", "-c", "echo $AWS_ACCOUNT_ID"];
        checks.ran(case, &stage.run(&show), "222222222222\n", "", 0);
        let entry = stage.sandbox.journal().pop().unwrap();
        checks.same(case, entry.caller.as_deref().unwrap(), JDOE);
    }
    let stage = Stage::of_sources(SSO_CONFIG);
    checks.ran(
        "a code",
        &stage.run(&["login", "q", "123456"]),
        "",
        "\
error: q has no MFA session to log in to
  because: it starts at IAM Identity Center, profile q
  hint: log in there, without a code: assumerole login q
",
        2,
    );
}

/// A process that is killed while it writes leaves the old login or the new one.
#[test]
fn killed_at_its_end_it_leaves_a_whole_login() {
    let stage = Stage::of_sources(SSO_CONFIG);
    stage.logs_jdoe_in();
    for _ in 0..10 {
        let before = stage.json(CORP);
        let mut waiting = Waiting::start(&mut stage.command(&LOGIN));
        let code = waiting.code().unwrap();
        let pid = Pid::from_child(waiting.child());
        let killer = Mutex::new(Some(pid));
        stage.sandbox.watch(move |entry| {
            if entry.action == "CreateToken"
                && entry.outcome == "OK"
                && let Some(pid) = killer.lock().unwrap().take()
            {
                // The answer is on its way.
                std::thread::spawn(move || {
                    std::thread::sleep(std::time::Duration::from_millis(2));
                    let _ = kill_process(pid, Signal::KILL);
                });
            }
        });
        approve(&stage.sandbox, &code);
        waiting.ends(&stage);
        let after = stage.json(CORP);
        assert!(after["accessToken"].is_string() && after["refreshToken"].is_string());
        assert!(after == before || after["accessToken"] != before["accessToken"]);
    }
}

/// From nothing: the session is written once somebody has logged in to it.
#[test]
fn a_new_session_is_written_after_its_first_login() {
    let stage = Stage::of_sources("[default]\nSTS\noutput = json");
    let mut checks = Checks::default();
    let before = std::fs::read_to_string(stage.path(".aws/config")).unwrap();
    let new = [
        "sso",
        "login",
        "--device-code",
        "--start-url",
        "https://acme.awsapps.com/start",
        "--region",
        "eu-west-1",
    ];
    let denied = stage.logs_in(&new, |sandbox, code| assert!(sandbox.deny_device(code)));
    checks.number("denied", denied.status.unsigned_abs() as usize, 6);
    let now = || std::fs::read_to_string(stage.path(".aws/config")).unwrap();
    checks.same("as it was", &now(), &before);
    let ran = stage.logs_in(&new, approve);
    checks.number(&format!("{ran:?}"), ran.status.unsigned_abs() as usize, 0);
    assert!(
        ran.stderr
            .ends_with("\nsso-session acme is in ~/.aws/config\n"),
        "{ran:?}"
    );
    let section = "\n[sso-session acme]\nsso_start_url = https://acme.awsapps.com/start\nsso_region = eu-west-1\nsso_registration_scopes = sso:account:access\n";
    checks.same("written", &now(), &format!("{before}\n{section}"));
    // A role of the directory, without a profile.
    checks.number(
        "list",
        stage.run(&["sso", "list"]).status.unsigned_abs() as usize,
        0,
    );
    let show = [
        "exec",
        "hub/Admin",
        "--",
        "sh",
        "-c",
        "echo $AWS_ACCOUNT_ID",
    ];
    checks.ran("used", &stage.run(&show), "222222222222\n", "", 0);
    let twice = stage.run(&new);
    checks.number("twice", twice.status.unsigned_abs() as usize, 2);
    assert!(
        twice
            .stderr
            .contains("there is an sso-session acme already"),
        "{twice:?}"
    );
    for (url, said) in [
        ("http://acme.awsapps.com/start", "is not a start URL"),
        ("acme", "is not a start URL"),
    ] {
        let args = [
            "sso",
            "login",
            "x",
            "--start-url",
            url,
            "--region",
            "eu-west-1",
        ];
        let ran = stage.run(&args);
        checks.number(url, ran.status.unsigned_abs() as usize, 2);
        assert!(ran.stderr.contains(said), "{ran:?}");
    }
}
