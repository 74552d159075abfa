//! `logout`, and the plain files that the shell script left behind.

use std::fs;
use std::path::Path;

use aws_sandbox::{Domain, Fault, Options, Repository, Role};

use super::harness::{ACCOUNT, DEVICE, Stage, program, world};
use super::support::{Checks, base_keys, check};

fn warm() -> Stage {
    let stage = Stage::direct();
    stage.warm("plain");
    stage.warm("read");
    stage
}

#[test]
fn without_a_name_everything_goes_and_the_key_too() {
    let stage = warm();
    let mut checks = Checks::default();
    checks.ran("all", &stage.run(&["logout"]), "", "forgot 2 sessions\n", 0);
    checks.number("entries", stage.entries().len(), 0);
    checks.same(
        "key",
        &stage.path(".assumerole.d/sealing-key").exists().to_string(),
        "false",
    );
    checks.ran(
        "again",
        &stage.run(&["logout"]),
        "",
        "nothing was cached\n",
        0,
    );
    checks.ran("quiet", &stage.run(&["-q", "logout"]), "", "", 0);
    checks.ran(
        "status",
        &stage.run(&["status"]),
        "",
        "nothing is cached; assume a role: assumerole ROLE\n",
        0,
    );
    checks.ran("anew", &stage.run(&["exec", "plain", "true"]), "", "", 0);
    checks.number("requests", stage.requests(), 3);
}

#[test]
fn with_names_those_go_and_no_other() {
    let stage = warm();
    let mut checks = Checks::default();
    checks.ran(
        "one",
        &stage.run(&["logout", "read"]),
        "",
        "forgot 1 session\n",
        0,
    );
    checks.ran(
        "gone already",
        &stage.run(&["logout", "read"]),
        "",
        "nothing was cached\n",
        0,
    );
    checks.ran(
        "the other is there",
        &stage.run(&["exec", "plain", "true"]),
        "",
        "",
        0,
    );
    checks.number("requests", stage.requests(), 2);
    checks.ran(
        "unknown",
        &stage.run(&["logout", "plian"]),
        "",
        "\
error: there is no role \"plian\" in ~/.assumerole or ~/.aws
  hint: did you mean plain?
  hint: see all roles: assumerole list
",
        4,
    );
    stage.warm("read");
    checks.ran(
        "both",
        &stage.run(&["logout", "read", "plain"]),
        "",
        "forgot 2 sessions\n",
        0,
    );
    checks.number("entries", stage.entries().len(), 0);
}

#[test]
fn a_role_that_left_the_file_can_still_be_forgotten() {
    let stage = warm();
    stage.roles("");
    check(
        &stage.run(&["logout", "plain"]),
        "",
        "forgot 1 session\n",
        0,
    );
    assert_eq!(stage.entries().len(), 1);
    fs::remove_file(stage.path(".assumerole")).unwrap();
    check(&stage.run(&["logout"]), "", "forgot 1 session\n", 0);
    assert_eq!(stage.entries().len(), 0);
}

#[test]
fn what_cannot_be_opened_goes_too() {
    let stage = warm();
    for name in stage.entries() {
        fs::write(stage.path(".assumerole.d/cache").join(name), "damaged").unwrap();
    }
    check(&stage.run(&["logout"]), "", "forgot 2 sessions\n", 0);
    assert_eq!(stage.entries().len(), 0);
}

/// What the script wrote, with something that tells when it is run.
const SCRIPT: &str = "\
export AWS_ACCESS_KEY_ID=ASIAOLD
export AWS_SECRET_ACCESS_KEY='old'
export AWS_SESSION_TOKEN=\"old\"
export ROLE=read ACCOUNT=123456789012
touch \"$HOME/marker\"
";

#[test]
fn files_of_the_script_are_deleted_and_never_run() {
    let stage = Stage::new();
    let script = |name: &str| stage.write(&format!(".assumerole.d/cache/{name}"), SCRIPT);
    script("read");
    script("acme-sandbox-read_123456789012");
    // Not the script's: a note, however it got there.
    stage.write(".assumerole.d/cache/notes.txt", "remember the milk\n");
    let mut checks = Checks::default();
    let ran = stage.run(&[
        "exec",
        "plain",
        "sh",
        "-c",
        "echo $AWS_ACCESS_KEY_ID | cut -c1-4; echo $ROLE",
    ]);
    checks.ran(
        "cold",
        &ran,
        "ASIA\n\n",
        "deleted 2 plain-text cache files of the old script\n",
        0,
    );
    let mut left = stage.list(".assumerole.d/cache");
    left.retain(|name| !name.contains('.') || name == "notes.txt");
    checks.number("left", left.len(), 2);
    checks.same(
        "left",
        &left.contains(&"notes.txt".to_owned()).to_string(),
        "true",
    );

    script("read");
    checks.ran(
        "logout",
        &stage.run(&["logout"]),
        "",
        "\
deleted 1 plain-text cache file of the old script
forgot 1 session
",
        0,
    );
    checks.same(
        "left",
        &stage
            .list(".assumerole.d/cache")
            .contains(&"read".to_owned())
            .to_string(),
        "false",
    );
    script("plain");
    let ran = stage.run(&["-q", "exec", "plain", "echo", "works"]);
    checks.ran("quiet", &ran, "works\n", "", 0);
    checks.same("run", &stage.path("marker").exists().to_string(), "false");
}

/// What is made: two entries of one ARN and one with a flag, one of an MFA
/// session, one by another profile of the same keys, chains of both files, and
/// the CodeArtifact token of one.
const MADE: [(&str, &[&str]); 9] = [
    ("direct", &["exec", "direct"]),
    ("short", &["exec", "direct", "--duration", "900"]),
    ("same", &["exec", "same"]),
    ("mfa", &["exec", "mfa"]),
    ("aliased", &["exec", "aliased"]),
    ("far", &["exec", "far"]),
    ("hub-profile", &["exec", "hub-profile"]),
    ("far-profile", &["exec", "far-profile"]),
    ("token", &["codeartifact", "far"]),
];

fn made_stage() -> Stage {
    let role = |name: &str, by: &str| {
        Role::new(format!("arn:aws:iam::{ACCOUNT}:role/{name}")).trusting(by)
    };
    let base = super::harness::BASE_ACCOUNT;
    let mut far = role("far", ACCOUNT);
    far.allow = vec![
        "codeartifact:*".to_owned(),
        "sts:GetServiceBearerToken".to_owned(),
    ];
    let world = world()
        .role(role("second", base))
        .role(role("hub", base))
        .role(role("farther", ACCOUNT))
        .role(far)
        .domain(Domain::new("my-artifacts", ACCOUNT).repository(Repository::new("shop")));
    let stage = Stage::with(world, Options::default());
    made_files(&stage);
    stage
}

fn made_files(stage: &Stage) {
    let url = stage.sandbox.endpoint();
    let role = |name: &str, of: &str, more: &str| {
        format!(r#""{name}": {{{of}, "aws_account": "{ACCOUNT}", "aws_role": {more}}}"#)
    };
    let base = r#""aws_profile": "base""#;
    let roles = [
        role("direct", base, r#""plain""#),
        role("same", base, r#""plain", "session_name": "other""#),
        role(
            "mfa",
            base,
            &format!(r#""read", "aws_mfa_arn": "{DEVICE}""#),
        ),
        role("aliased", r#""aws_profile": "alias""#, r#""second""#),
        role("far", r#""via": "direct""#, r#""far""#),
    ];
    stage.write(
        ".assumerole",
        &format!(
            r#"{{"codeartifact": {{"domain": "my-artifacts", "domain_owner": "{ACCOUNT}", "region": "eu-central-1", "repository": "shop"}}, "assume_roles": {{{}}}}}"#,
            roles.join(",")
        ),
    );
    stage.write(
        ".aws/config",
        &format!(
            "[profile base]\nendpoint_url = {url}\n[profile alias]\nendpoint_url = {url}\n\
             [profile hub-profile]\nrole_arn = arn:aws:iam::{ACCOUNT}:role/hub\nsource_profile = base\nendpoint_url = {url}\n\
             [profile far-profile]\nrole_arn = arn:aws:iam::{ACCOUNT}:role/farther\nsource_profile = hub-profile\nendpoint_url = {url}\n"
        ),
    );
    let keys = base_keys();
    let alias = keys.replace("[base]", "[alias]");
    stage.write(".aws/credentials", &format!("{keys}{alias}"));
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &to),
            false => drop(fs::copy(entry.path(), to).unwrap()),
        }
    }
    fs::set_permissions(to, fs::metadata(from).unwrap().permissions()).unwrap();
}

/// Which of [`MADE`] are still there: without AWS, only what is cached works.
fn still_there(stage: &Stage) -> String {
    stage.sandbox.inject(Fault::cut().always());
    let works = |(name, args): &(&'static str, &[&str])| {
        let command: &[&str] = match args[0] {
            "exec" => &["--", "true"],
            _ => &["--print"],
        };
        let mut args = args.to_vec();
        if args[0] == "codeartifact" {
            args.insert(1, "--print");
        } else {
            args.extend(command);
        }
        let mut command = stage.command(&args);
        command.env("AWS_MAX_ATTEMPTS", "1");
        (stage.ran(&mut command).status == 0).then_some(*name)
    };
    let there: Vec<&str> = MADE.iter().filter_map(works).collect();
    stage.sandbox.clear_faults();
    there.join(" ")
}

#[test]
fn what_is_named_goes_with_all_that_comes_from_it() {
    let stage = made_stage();
    stage.warm("mfa");
    for (name, args) in MADE.iter().filter(|(name, _)| *name != "mfa") {
        let mut args = args.to_vec();
        match args[0] {
            "exec" => args.extend(["--", "true"]),
            _ => args.insert(1, "--print"),
        }
        let ran = stage.run(&args);
        assert_eq!((ran.stderr.as_str(), ran.status), ("", 0), "{name}");
    }
    let all = MADE.map(|(name, _)| name).join(" ");
    let mut checks = Checks::default();
    checks.same("all", &still_there(&stage), &all);
    let (state, saved) = (stage.path(".assumerole.d"), stage.path("saved"));
    copy(&state, &saved);
    let arn = |name: &str| format!("arn:aws:iam::{ACCOUNT}:role/{name}");
    // What `aws sts get-caller-identity` prints.
    let session = |name: &str| format!("arn:aws:sts::{ACCOUNT}:assumed-role/{name}");
    let rest = "mfa aliased hub-profile far-profile";
    for (name, left) in [
        ("direct", rest),
        ("same", rest),
        (arn("plain").as_str(), rest),
        (arn("Plain").as_str(), rest),
        (arn("team/plain").as_str(), rest),
        (session("plain").as_str(), rest),
        (
            session("plain/tester").as_str(),
            "same mfa aliased hub-profile far-profile",
        ),
        (
            session("plain/other").as_str(),
            "direct short mfa aliased far hub-profile far-profile token",
        ),
        (session("plain/another").as_str(), all.as_str()),
        (
            session("read/jdoe").as_str(),
            "direct short same aliased far hub-profile far-profile token",
        ),
        (
            session("hub/tester").as_str(),
            "direct short same mfa aliased far token",
        ),
        (
            "mfa",
            "direct short same aliased far hub-profile far-profile token",
        ),
        (
            DEVICE,
            "direct short same aliased far hub-profile far-profile token",
        ),
        (
            "aliased",
            "direct short same mfa far hub-profile far-profile token",
        ),
        (
            "far",
            "direct short same mfa aliased hub-profile far-profile",
        ),
        (
            arn("far").as_str(),
            "direct short same mfa aliased hub-profile far-profile",
        ),
        ("hub-profile", "direct short same mfa aliased far token"),
        (
            "far-profile",
            "direct short same mfa aliased far hub-profile token",
        ),
        ("base", ""),
        ("alias", ""),
        (arn("nobody").as_str(), all.as_str()),
    ] {
        // By what the files say; and by what the entries say, when all of it
        // has left the files.
        for in_files in [true, false] {
            let case = format!("{name}, {in_files}");
            fs::remove_dir_all(&state).unwrap();
            copy(&saved, &state);
            if !in_files {
                stage.write(".assumerole", "{\"assume_roles\": {}}");
                stage.write(".aws/config", "");
                stage.write(".aws/credentials", "");
            }
            let ran = stage.run(&["logout", name]);
            checks.number(&case, ran.status.unsigned_abs() as usize, 0);
            made_files(&stage);
            checks.same(&case, &still_there(&stage), left);
        }
    }
    // The MFA session went with its device, its profile and the keys' other name.
    for (name, sessions) in [("mfa", 1), (DEVICE, 0), ("base", 0), ("alias", 0)] {
        fs::remove_dir_all(&state).unwrap();
        copy(&saved, &state);
        stage.run(&["logout", name]);
        let status = stage.run(&["status", "--json"]).stdout;
        checks.number(name, status.matches("\"session\"").count(), sessions);
    }
}

#[test]
fn an_arn_of_nothing_that_is_cached_is_an_error() {
    let stage = warm();
    let mut checks = Checks::default();
    for arn in [
        "arn:",
        "arn:aws:iam::210987654321:user/jdoe",
        "arn:aws:iam::210987654321:group/x",
        "arn:aws:iam::21098765432:role/read",
        "arn:aws:iam::210987654321:role/",
        "arn:aws:iam:eu-west-1:123456789012:role/read",
        "arn:aws:sts::123456789012:assumed-role",
        "arn:aws:sts::123456789012:assumed-role/read/me/too",
        "arn:aws:sts::123456789012:federated-user/jdoe",
        "arn:aws:s3:::bucket",
    ] {
        let stderr = format!(
            "\
error: {arn:?} is not the ARN of a role, a role session or an MFA device
  because: they look like arn:aws:iam::123456789012:role/NAME, arn:aws:sts::123456789012:assumed-role/NAME/SESSION, arn:aws:iam::123456789012:mfa/NAME
  hint: name it as shown by: assumerole status
"
        );
        checks.ran(arn, &stage.run(&["logout", arn]), "", &stderr, 4);
    }
    checks.number("entries", stage.entries().len(), 2);
    for arn in [
        "arn:aws:iam::123456789012:role/nobody",
        "arn:aws:sts::123456789012:assumed-role/nobody/me",
        "arn:aws:iam::123456789012:mfa/nobody",
    ] {
        let ran = stage.run(&["logout", arn]);
        checks.ran(arn, &ran, "", "nothing was cached\n", 0);
    }
}

/// A name that is unknown does not keep the others.
#[test]
fn all_that_are_known_go_though_one_is_not() {
    let stage = warm();
    let ran = stage.run(&["logout", "red", "plain", "read"]);
    check(
        &ran,
        "",
        "\
forgot 2 sessions
error: there is no role \"red\" in ~/.assumerole or ~/.aws
  hint: did you mean read?
  hint: see all roles: assumerole list
",
        4,
    );
    assert_eq!(stage.entries().len(), 0);
    // Neither does a file that is wrong.
    stage.warm("plain");
    stage.write(".assumerole", "{");
    check(
        &stage.run(&["logout", "plain"]),
        "",
        "forgot 1 session\n",
        0,
    );
}

/// Whatever is asked for while something is forgotten: the command works, and
/// nothing of it is kept.
#[test]
fn what_is_under_way_is_not_kept() {
    let mut checks = Checks::default();
    for forgets in ["logout", "logout p", "logout q", "logout r", "logout other"] {
        let stage = made_stage();
        let url = stage.sandbox.endpoint();
        // It gives keys, and forgets meanwhile.
        let tool = stage.script(
            "tool",
            &format!(
                "#!/bin/sh\n[ -e forget ] && '{}' -q {forgets} >&2\necho '{{\"Version\": 1, \"AccessKeyId\": \"{}\", \"SecretAccessKey\": \"{}\"}}'\n",
                program(),
                super::harness::KEY,
                super::harness::SECRET,
            ),
        );
        stage.write(
            ".aws/config",
            &format!(
                "[profile p]\ncredential_process = '{tool}'\nendpoint_url = {url}\n[profile q]\nrole_arn = arn:aws:iam::{ACCOUNT}:role/plain\nsource_profile = p\nendpoint_url = {url}\n"
            ),
        );
        stage.write(".aws/credentials", "");
        stage.write(
            ".assumerole",
            &format!(
                r#"{{"codeartifact": {{"domain": "my-artifacts", "domain_owner": "{ACCOUNT}", "region": "eu-central-1", "repository": "shop"}}, "assume_roles": {{
                    "r": {{"aws_profile": "q", "aws_account": "{ACCOUNT}", "aws_role": "far"}},
                    "other": {{"aws_profile": "p", "aws_account": "{ACCOUNT}", "aws_role": "second"}}}}}}"#
            ),
        );
        stage.write("forget", "");
        for run in [
            &["exec", "r", "--", "true"][..],
            &["codeartifact", "--print", "r"],
        ] {
            let ran = stage.run(run);
            checks.number(
                &format!("{forgets}: {run:?}"),
                ran.status.unsigned_abs() as usize,
                0,
            );
            checks.same(forgets, &ran.stderr, "");
            let kept = stage.list(".assumerole.d/cache");
            let is_kept = |name: &&String| name.len() == 32 || name.ends_with(".token");
            let kept = kept.iter().filter(is_kept).count();
            // What r comes from is no part of it, and another role of the same keys
            // has nothing to do with either.
            let expected = match (forgets, run[0]) {
                ("logout r", _) => 1,
                ("logout other", "exec") => 2,
                ("logout other", _) => 3,
                _ => 0,
            };
            checks.number(&format!("{forgets}: {run:?}"), kept, expected);
        }
        // Afterwards it is kept again.
        fs::remove_file(stage.path("forget")).unwrap();
        checks.ran(forgets, &stage.run(&["exec", "r", "--", "true"]), "", "", 0);
        let before = stage.requests();
        checks.ran(forgets, &stage.run(&["exec", "r", "--", "true"]), "", "", 0);
        checks.number(forgets, stage.requests(), before);
    }
}
