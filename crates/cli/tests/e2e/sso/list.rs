//! `sso list`, and roles that stand in no file.

use std::process::Stdio;

use aws_sandbox::{Fault, IdentityCenter, Options, PermissionSet, SsoUser};

use super::JDOE;
use crate::harness::{Stage, world};
use crate::support::Checks;

const CONFIG: &str = "\
[default]
STS
[profile acme/Read]
region = eu-west-1
[sso-session corp]
sso_start_url = https://acme.awsapps.com/start
sso_region = eu-west-1
sso_registration_scopes = sso:account:access
";

/// A directory of `count` accounts with two roles each, besides a few whose names
/// are strange.
pub(super) fn stage(count: usize, a_second: u32) -> Stage {
    let strange = [
        ("111111111111", "acme"),
        ("222222222222", "two words"),
        ("333333333333", "two words"),
        ("444444444444", "$(touch x)\n[profile default]\u{202e}"),
    ];
    let mut center = IdentityCenter::new("https://acme.awsapps.com/start")
        .limited_to(a_second)
        .permission_set(PermissionSet::new("Read"))
        .permission_set(PermissionSet::new("Admin"));
    let mut jdoe = SsoUser::new(JDOE);
    for (id, name) in strange {
        center = center.account(id, name);
        jdoe = jdoe.assigned(id, "Read");
    }
    for number in 0..count {
        let id = format!("{:012}", 500_000_000_000 + number);
        center = center.account(&id, format!("team-{number:03}"));
        jdoe = jdoe.assigned(&id, "Read").assigned(&id, "Admin");
    }
    let stage = Stage::with(
        world().single_sign_on(center.user(jdoe)),
        Options::default(),
    );
    std::fs::remove_file(stage.path(".assumerole")).unwrap();
    stage.config(CONFIG);
    stage
}

fn names(stage: &Stage, args: &[&str]) -> Vec<String> {
    let ran = stage.run(args);
    assert_eq!(ran.status, 0, "{ran:?}");
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let rows = json.as_array().unwrap().iter();
    rows.map(|row| row["name"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn roles_of_a_directory_are_found_by_name_everywhere() {
    let stage = stage(3, 1000);
    let mut checks = Checks::default();
    let none = stage.run(&["sso", "list"]);
    checks.number("no login", none.status.unsigned_abs() as usize, 8);
    stage.logs_jdoe_in();
    let listed = names(&stage, &["sso", "list", "--json"]);
    checks.same(
        "names",
        &listed.join(" "),
        "acme/Read two-words/Read-222222222222 two-words/Read-333333333333 (touch-x)-profile-default/Read team-000/Read team-000/Admin team-001/Read team-001/Admin team-002/Read team-002/Admin",
    );
    // One page of accounts, one request an account.
    checks.number("pages", stage.sandbox.count("ListAccounts"), 2);
    checks.number("requests", stage.sandbox.count("ListAccountRoles"), 7);
    let before = stage.requests();
    checks.same(
        "kept",
        &names(&stage, &["sso", "list", "--json"]).join(" "),
        &listed.join(" "),
    );
    // What stands in a file wins: it is no role, and so not in the list.
    let shown = names(&stage, &["list", "--json"]);
    checks.same("list", &shown.join(" "), &listed[1..].join(" "));
    let complete = stage.run(&[
        "complete",
        "--shell",
        "bash",
        "--",
        "assumerole",
        "exec",
        "two",
    ]);
    checks.ran(
        "completion",
        &complete,
        "two-words/Read-222222222222\ntwo-words/Read-333333333333\n",
        "",
        0,
    );
    let script = stage.run(&["accountlist"]);
    checks.same("accountlist", &script.stdout, "");
    checks.number("nobody was asked", stage.requests() - before, 0);
    for (name, account) in [
        ("team-001/Admin", "500000000001"),
        ("two-words/Read-333333333333", "333333333333"),
        ("(touch-x)-profile-default/Read", "444444444444"),
    ] {
        let show = ["exec", name, "--", "sh", "-c", "echo $AWS_ACCOUNT_ID"];
        checks.ran(name, &stage.run(&show), &format!("{account}\n"), "", 0);
    }
    let wrong = stage.run(&["exec", "team-001/Admn", "true"]);
    assert!(
        wrong.stderr.contains("did you mean team-001/Admin"),
        "{wrong:?}"
    );
    let plan = stage.run(&["plan", "team-001/Admin"]);
    assert!(plan.stdout.contains("IAM Identity Center:"), "{plan:?}");
    // As the start of a chain.
    stage.config(&format!(
        "{CONFIG}[profile far]\nrole_arn = arn:aws:iam::123456789012:role/plain\nsource_profile = near\nSTS\n[profile near]\nsso_session = corp\nsso_account_id = 500000000002\nsso_role_name = Read\nSTS\n"
    ));
    let chained = stage.run(&["exec", "far", "true"]);
    assert!(chained.stderr.contains("AccessDenied"), "{chained:?}");
    // Logged out, nobody knows them any more.
    stage.run(&["sso", "logout"]);
    let gone = stage.run(&["exec", "team-001/Admin", "true"]);
    assert!(gone.stderr.contains("there is no role"), "{gone:?}");
}

/// Two processes at once, and a service that takes few: nobody is told to log in.
#[test]
fn all_processes_together_keep_the_pace() {
    let stage = stage(10, 15);
    let mut checks = Checks::default();
    stage.logs_jdoe_in();
    stage
        .sandbox
        .inject(Fault::throttle().on("ListAccounts").times(2));
    let start = || {
        let mut command = stage.command(&["sso", "list", "--refresh", "--json"]);
        command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let both = [start(), start()];
    for child in both {
        let output = child.wait_with_output().unwrap();
        checks.same("stderr", &String::from_utf8_lossy(&output.stderr), "");
        checks.same("status", &output.status.to_string(), "exit status: 0");
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        checks.number("roles", json.as_array().unwrap().len(), 24);
    }
    let answered = stage.sandbox.journal();
    let throttled = answered.iter().filter(|one| one.status == 429).count();
    assert!(throttled < 10, "{throttled}");
}

#[test]
fn a_template_names_the_roles_and_an_index_gets_old() {
    let stage = stage(1, 1000);
    let mut checks = Checks::default();
    stage.logs_jdoe_in();
    stage.write(
        ".assumerole",
        r#"{"sso_name": "{account_name:upper}.{role_name:lower}", "sso_index_seconds": 60}"#,
    );
    let listed = names(&stage, &["sso", "list", "--json"]);
    assert!(listed.contains(&"TEAM-000.admin".to_owned()), "{listed:?}");
    let show = [
        "exec",
        "TEAM-000.admin",
        "--",
        "sh",
        "-c",
        "echo $AWS_ACCOUNT_ID",
    ];
    checks.ran("used", &stage.run(&show), "500000000000\n", "", 0);
    let before = stage.sandbox.count("ListAccounts");
    names(&stage, &["sso", "list", "--json"]);
    checks.number("kept", stage.sandbox.count("ListAccounts") - before, 0);
    stage.write(".assumerole", r#"{"sso_name": "{role_name}"}"#);
    let wrong = stage.run(&["sso", "list"]);
    checks.number("wrong", wrong.status.unsigned_abs() as usize, 3);
    assert!(
        wrong
            .stderr
            .contains("without {account_name} or {account_id}"),
        "{wrong:?}"
    );
}

#[test]
fn what_was_had_before_a_failure_is_kept_and_asked_for_again() {
    let stage = stage(3, 1000);
    let mut checks = Checks::default();
    stage.logs_jdoe_in();
    stage
        .sandbox
        .inject(Fault::error("InvalidRequestException", "no", 400).on("ListAccountRoles"));
    checks.number(
        "fails",
        stage.run(&["sso", "list"]).status.unsigned_abs() as usize,
        6,
    );
    checks.number("whole", names(&stage, &["sso", "list", "--json"]).len(), 10);
}

/// All roles of a session of IAM Identity Center, profiles of a file and those in
/// none, and whoever is assumed from one of them.
#[test]
fn a_session_picks_its_roles_for_a_command_in_many() {
    let stage = stage(2, 1000);
    let mut checks = Checks::default();
    stage.logs_jdoe_in();
    names(&stage, &["sso", "list", "--json"]);
    stage.config(&format!(
        "{CONFIG}[profile own]\nsso_session = corp\nsso_account_id = 500000000001\nsso_role_name = Read\nSTS\n"
    ));
    let script = "echo $AWS_ACCOUNT_ID";
    let run = |more: &[&str]| {
        let command = ["--", "sh", "-c", script];
        stage.run(&[&["each"], more, &command].concat())
    };
    checks.ran(
        "session",
        &run(&[
            "sso:corp", "--except", "two*", "--except", "*touch*", "--except", "*/Admin",
        ]),
        "== own\n500000000001\n== team-000/Read\n500000000000\n== team-001/Read\n500000000001\n",
        "3 ok\n",
        0,
    );
    checks.ran(
        "a part of its name",
        &run(&["sso:c*", "--except", "*"]),
        "",
        "error: no role is left to run it in\n  hint: see which roles match: assumerole list PATTERN\n",
        4,
    );
    checks.ran(
        "near",
        &run(&["sso:crop"]),
        "",
        "error: no role matches \"sso:crop\"\n  hint: did you mean sso:corp?\n",
        4,
    );
    // The login is over: asked once where somebody is there, told to each where not.
    stage.run(&["sso", "logout"]);
    let out = run(&["sso:corp"]);
    assert!(
        out.stderr
            .contains("\n  because: in role own\n  hint: log in: assumerole sso login corp\n"),
        "{out:?}"
    );
    checks.number("logged out", out.status.unsigned_abs() as usize, 125);
}
