//! Answers of AWS that have ended, or never end: of every call that gives
//! something.

use aws_sandbox::{Fault, Options};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::login::{CONFIG as SIGNIN, FILE, PAST, session};
use super::sso::{CONFIG as SSO, CORP, LATER, login, renewable};
use super::{PROVIDER, Stage, everything};
use crate::codeartifact::{DOMAIN, SETTINGS, XML, artifacts, configure};
use crate::harness::{Ran, SECRET};
use crate::support::{Checks, base_keys};

/// A call, and a profile that makes it.
struct Case {
    action: &'static str,
    profile: &'static str,
    /// How the service writes 1970.
    zero: &'static str,
    /// The longest that may come out, seconds.
    most: i64,
    /// Whether it needs no end.
    endless: bool,
}

const STS: &str = "1970-01-01T00:00:00Z";

const fn case(
    action: &'static str,
    profile: &'static str,
    zero: &'static str,
    most: i64,
    endless: bool,
) -> Case {
    Case {
        action,
        profile,
        zero,
        most,
        endless,
    }
}

const CASES: [Case; 8] = [
    case("AssumeRole", "role", STS, 900, false),
    case("GetSessionToken", "base", STS, 43_200, false),
    case("AssumeRoleWithWebIdentity", "web", STS, 1800, false),
    case("GetRoleCredentials", "q", "0", 43_200, false),
    case("CreateToken", "q", "0", 43_200, false),
    case("CreateOAuth2Token", "l", "0", 43_200, false),
    case("GetContainerCredentials", "c", STS, 3600, true),
    case("GetInstanceCredentials", "i", STS, 3600, true),
];

fn stage() -> Stage {
    let stage = Stage::with(everything(), Options::default());
    std::fs::remove_file(stage.path(".assumerole")).unwrap();
    let machine = |name: &str, source: &str| {
        format!(
            "[profile {name}]\nrole_arn = arn:aws:iam::123456789012:role/last\ncredential_source = {source}\nSTS\n"
        )
    };
    let config = [
        "[profile base]\nSTS\n[profile role]\nrole_arn = arn:aws:iam::123456789012:role/plain\nduration_seconds = 900\nsource_profile = base\nSTS\n[profile web]\nrole_arn = arn:aws:iam::222222222222:role/hub\nduration_seconds = 1800\nweb_identity_token_file = ~/token\nSTS\n",
        SSO,
        &SIGNIN.replace("[profile q]", "[profile l]"),
        &machine("c", "EcsContainer"),
        &machine("i", "Ec2InstanceMetadata"),
    ];
    stage.config(&config.concat());
    stage.write(".aws/credentials", &base_keys());
    stage.write("token", &stage.sandbox.identity_token(PROVIDER, "me", 600));
    stage.write(CORP, &login("good-token", LATER, ""));
    stage.write(FILE, &session(PAST));
    stage
}

fn run(stage: &Stage, case: &Case) -> Ran {
    if case.action == "CreateToken" {
        stage.write(CORP, &login("old-token", PAST, &renewable(LATER)));
    }
    let endpoint = stage.sandbox.endpoint();
    let env = [
        (
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            &*format!("{endpoint}/v2/credentials/task-1"),
        ),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", &endpoint),
    ];
    let format = ["export", "--format", "credential-process", case.profile];
    stage.run_in(&format, &env)
}

fn files(stage: &Stage) -> String {
    [FILE, CORP]
        .map(|file| std::fs::read_to_string(stage.path(file)).unwrap())
        .concat()
}

#[test]
fn what_has_ended_or_has_no_end_is_refused_and_kept_nowhere() {
    let mut checks = Checks::default();
    for case in &CASES {
        for (what, fault) in [
            ("an hour ago", Fault::expire_in(-3600)),
            ("ten years ago", Fault::expire_in(-315_360_000)),
            ("this second", Fault::expire_in(0)),
            ("1970", Fault::expire_as(Some(case.zero))),
            ("no time", Fault::expire_as(Some("soon"))),
            ("nothing", Fault::expire_as(None)),
        ] {
            let name = format!("{}: {what}", case.action);
            let stage = stage();
            let before = files(&stage);
            stage.sandbox.inject(fault.on(case.action).always());
            let ran = run(&stage, case);
            let legal = case.endless && what == "nothing";
            checks.number(&name, ran.status as usize, if legal { 0 } else { 6 });
            assert!(!ran.stderr.contains(SECRET), "{name}");
            if legal {
                continue;
            }
            checks.same(&name, &ran.stdout, "");
            checks.number(&name, ran.stderr.matches("error: ").count(), 1);
            checks.number(&format!("{name}: kept"), stage.entries().len(), 0);
            if case.action != "CreateToken" {
                checks.same(&format!("{name}: files"), &files(&stage), &before);
            }
        }
    }
}

#[test]
fn what_would_last_for_years_lasts_as_long_as_was_asked() {
    let mut checks = Checks::default();
    let ten_years = 315_360_000;
    for case in &CASES {
        for seconds in [ten_years, 2 * 43_200, 60, 1200] {
            let name = format!("{}: {seconds} s", case.action);
            let stage = stage();
            stage
                .sandbox
                .inject(Fault::expire_in(seconds).on(case.action).always());
            let ran = run(&stage, case);
            checks.same(&name, &ran.stderr, "");
            checks.number(&name, ran.status as usize, 0);
            let Ok(answer) = serde_json::from_str::<Value>(&ran.stdout) else {
                continue;
            };
            let ends: Timestamp = answer["Expiration"].as_str().unwrap().parse().unwrap();
            let left = ends.duration_since(stage.sandbox.now()).as_secs();
            checks.same(&name, &(left <= case.most + 5).to_string(), "true");
            checks.same(&name, &(left > 0).to_string(), "true");
        }
    }
}

/// What is good is good whatever this machine's clock says: AWS's counts.
#[test]
fn a_wrong_clock_does_not_refuse_what_is_good() {
    let mut checks = Checks::default();
    // The proof of a login holds our time, and AWS takes no other: the last one.
    for case in &CASES[..5] {
        for hours in [-48, 48] {
            let name = format!("{}: {hours} h", case.action);
            let stage = stage();
            stage
                .sandbox
                .set_clock_offset(SignedDuration::from_hours(hours));
            stage.write("token", &stage.sandbox.identity_token(PROVIDER, "me", 600));
            let ran = run(&stage, case);
            checks.number(&name, ran.status as usize, 0);
        }
    }
}

#[test]
fn an_ended_token_of_codeartifact_changes_no_file() {
    let mut checks = Checks::default();
    for (what, fault) in [
        ("past", Fault::expire_in(-5)),
        ("now", Fault::expire_in(0)),
        ("1970", Fault::expire_as(Some("0"))),
        ("nothing", Fault::expire_as(None)),
        ("no time", Fault::expire_as(Some("soon"))),
    ] {
        let stage = crate::codeartifact::stage(DOMAIN);
        stage
            .sandbox
            .inject(fault.on("GetAuthorizationToken").always());
        let ran = stage.run(&["codeartifact", "plain"]);
        checks.number(what, ran.status as usize, 6);
        let settings = std::fs::read_to_string(stage.path(SETTINGS)).unwrap();
        checks.same(what, &settings, XML);
        // It is no failure of a role that it has none.
        let ran = stage.run(&[
            "exec",
            "plain",
            "--",
            "sh",
            "-c",
            "echo got $CODEARTIFACT_AUTH_TOKEN",
        ]);
        checks.same(what, &ran.stdout, "got\n");
        let settings = std::fs::read_to_string(stage.path(SETTINGS)).unwrap();
        checks.same(what, &settings, XML);
    }
    for (duration, most) in [
        ("", 43_200),
        (r#", "duration_seconds": 900"#, 900),
        (r#", "duration_seconds": 0"#, 3600),
    ] {
        let stage = Stage::with(artifacts(), Options::default());
        configure(&stage, &DOMAIN.replace('}', &format!("{duration}}}")));
        stage.write(SETTINGS, XML);
        let ten_years = Fault::expire_in(315_360_000).on("GetAuthorizationToken");
        stage.sandbox.inject(ten_years);
        let ran = stage.run(&["codeartifact", "plain"]);
        checks.number(duration, ran.status as usize, 0);
        let left = match most {
            900 => "15m",
            3600 => "60m",
            _ => "12h",
        };
        let said = ran.stderr.split('(').nth(1).unwrap_or_default();
        let close = [left, "14m", "59m", "11h 59m"]
            .iter()
            .any(|time| said.starts_with(time));
        checks.same(duration, &close.to_string(), "true");
    }
}
