//! What `add`, `import`, `plan`, `doctor` and completion say of profiles.

use std::fs;

use super::harness::{DEVICE, KEY, SECRET, Stage};
use super::support::Checks;

const ARN: &str = "arn:aws:iam::123456789012:role/plain";

fn stage(aws: &str) -> Stage {
    let stage = Stage::new();
    stage.write(".assumerole", "{\"assume_roles\": {}}\n");
    stage.write(".aws/config", aws);
    stage
}

fn file(stage: &Stage) -> String {
    fs::read_to_string(stage.path(".assumerole")).unwrap()
}

#[test]
fn add_with_flags_takes_the_device_that_the_profile_names() {
    let base = format!("[profile base]\nmfa_serial = {DEVICE}\n");
    let said = format!("MFA device {DEVICE}, from ~/.aws/config:2:14 (--no-mfa: none)\n");
    let mut checks = Checks::default();
    for (case, aws, more, device, note) in [
        ("it", base.as_str(), &[][..], true, said.as_str()),
        ("none", &base, &["--no-mfa"], false, ""),
        (
            "another",
            &base,
            &["--mfa-arn", "arn:aws:iam::210987654321:mfa/x"],
            false,
            "",
        ),
        ("not named", "[profile base]\n", &[], false, ""),
        (
            "rubbish",
            "[profile base]\nmfa_serial = a b\n",
            &[],
            false,
            "",
        ),
    ] {
        let stage = stage(aws);
        let args = [&["add", "n", "--profile", "base", "--role", ARN], more].concat();
        let ran = stage.run(&args);
        let stderr = format!("{note}role n is in ~/.assumerole:1:19\nassume it: assumerole n\n");
        checks.ran(
            case,
            &ran,
            "",
            &stderr.replace("1:19", place(&ran.stderr)),
            0,
        );
        checks.same(
            case,
            &file(&stage).contains(DEVICE).to_string(),
            &device.to_string(),
        );
    }
}

/// Where the role is said to be.
fn place(stderr: &str) -> &str {
    let from = stderr.find("~/.assumerole:").unwrap() + "~/.assumerole:".len();
    stderr[from..].lines().next().unwrap()
}

#[test]
fn import_writes_nothing_that_could_not_be_assumed() {
    let role = format!("role_arn = {ARN}\nsource_profile = base\nsession_tags = team=a\n");
    let mut checks = Checks::default();
    for (base, hint) in [
        (
            "[profile base]\nregion = eu-west-1\n",
            "add access keys: aws configure --profile base",
        ),
        ("", "create it: aws configure --profile base"),
        (
            "[profile base]\nsso_session = s\n[sso-session s]\nsso_start_url = https://x.awsapps.com/start\nsso_region = eu-west-1\n",
            "choose them: aws configure sso --profile base",
        ),
        (
            "[profile base]\ngranted_sso_start_url = https://x.awsapps.com/start\n",
            "choose them: aws configure sso --profile base",
        ),
    ] {
        let stage = stage(&format!("{base}[profile tagged]\n{role}"));
        stage.write(".aws/credentials", "");
        let ran = stage.run(&["import"]);
        checks.number(base, ran.status as usize, 1);
        checks.same(base, &file(&stage), "{\"assume_roles\": {}}\n");
        checks.same(
            &format!("{base}: {}", ran.stdout),
            &ran.stdout.contains(hint).to_string(),
            "true",
        );
        checks.same(base, &ran.stdout.contains("Written").to_string(), "false");
    }
}

#[test]
fn a_secret_in_the_place_of_a_key_id_is_not_shown() {
    let mut checks = Checks::default();
    for (aws, args) in [
        (
            format!(
                "[profile base]\naws_access_key_id = {SECRET}\naws_secret_access_key = {KEY}\n"
            ),
            vec!["plan", "base"],
        ),
        (
            format!(
                "[profile base]\naws_access_key_id = {SECRET}\naws_secret_access_key = {KEY}\n"
            ),
            vec!["plan", "base", "--json"],
        ),
        (
            format!("[profile base]\naws_access_key_id = {SECRET}\n"),
            vec!["plan", "base"],
        ),
        (
            format!("[profile base]\naws_access_key_id = {SECRET}\n"),
            vec!["check"],
        ),
        (
            format!("[profile base]\naws_access_key_id = {SECRET}\n"),
            vec!["doctor", "--offline"],
        ),
    ] {
        let stage = stage(&aws);
        stage.write(".aws/credentials", "");
        let ran = stage.run(&args);
        let shown = ran.stdout.contains(SECRET) || ran.stderr.contains(SECRET);
        checks.same(&format!("{args:?}"), &shown.to_string(), "false");
        checks.same(
            &format!("{args:?}"),
            &(ran.stdout.len() + ran.stderr.len() > 20).to_string(),
            "true",
        );
    }
    let stage = stage(&format!(
        "[profile base]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n"
    ));
    checks.same(
        "an ID",
        &stage
            .run(&["plan", "base"])
            .stdout
            .contains(KEY)
            .to_string(),
        "true",
    );
}

#[test]
fn a_profile_of_settings_alone_is_not_offered() {
    let stage = stage("[default]\nregion = eu-west-1\n[profile sets]\noutput = json\n");
    let offered = stage
        .run(&["complete", "--shell", "tab", "--", "assumerole", "exec", ""])
        .stdout;
    let names: Vec<&str> = offered
        .lines()
        .map(|line| line.split('\t').next().unwrap())
        .collect();
    assert_eq!(names, ["base"]);
}

#[test]
fn a_key_in_a_file_is_not_said_to_be_there_by_a_variable_that_is_not_set() {
    let stage = Stage::new();
    assert_eq!(stage.run(&["exec", "plain", "true"]).status, 0);
    let said = |stage: &Stage| stage.run(&["doctor", "--offline"]).stdout;
    assert!(said(&stage).contains("because ASSUMEROLE_KEY_STORE says so"));
    let mut command = stage.command(&["doctor", "--offline"]);
    command.env_remove("ASSUMEROLE_KEY_STORE");
    let ran = stage.ran(&mut command);
    assert!(!ran.stdout.contains("says so"), "{}", ran.stdout);
}

#[test]
fn what_is_to_be_typed_is_right_for_a_role_of_any_name() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    let role = r#""aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain""#;
    let device = r#""aws_mfa_arn": "arn:aws:iam::210987654321:mfa/jdoe""#;
    for (name, argument) in [
        ("plain", "plain"),
        ("with space", "'with space'"),
        ("$(x)", "'$(x)'"),
        ("-x", "-- -x"),
        ("-x y", "-- '-x y'"),
    ] {
        for (key, args, hint) in [
            (
                "",
                vec!["remove", "--", name],
                "confirm it if you mean it: assumerole remove --yes NAME",
            ),
            (
                "",
                vec!["edit", "--", name],
                "name one: EDITOR=vi assumerole edit NAME",
            ),
            (
                "",
                vec!["rename", "--", "other", name],
                "choose another name, or change that role: assumerole edit NAME",
            ),
            (
                r#""confirm": true"#,
                vec!["--", name],
                "confirm it if you mean it: assumerole --yes NAME",
            ),
            (
                device,
                vec!["--", name],
                "give the code: assumerole NAME CODE",
            ),
            (
                device,
                vec!["exec", "--", name, "true"],
                "give it to other commands so: assumerole exec --mfa-code CODE NAME COMMAND",
            ),
        ] {
            let comma = if key.is_empty() { "" } else { ", " };
            stage.roles(&format!(
                "{name:?}: {{{role}{comma}{key}}}, \"other\": {{{role}}}"
            ));
            let ran = stage.run(&args);
            let hint = format!("  hint: {}\n", hint.replace("NAME", argument));
            checks.number(
                &format!("{name}: {hint}{}", ran.stderr),
                ran.stderr.matches(&hint).count(),
                1,
            );
        }
        // Of a word behind the role that is no code.
        let exec = match argument.strip_prefix("-- ") {
            Some(name) => format!("-- {name}"),
            None => format!("{argument} --"),
        };
        let hint = format!("  hint: run a command in the role: assumerole exec {exec} ls\n");
        let ran = stage.run(&["--", name, "ls"]);
        checks.number(&ran.stderr, ran.stderr.matches(&hint).count(), 1);
        let words = shell_words::split(&format!("exec {exec} echo ran")).unwrap();
        stage.roles(&format!("{name:?}: {{{role}}}"));
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        checks.ran(&exec, &stage.run(&words), "ran\n", "", 0);
    }
}

#[test]
fn who_hides_a_profile_is_told() {
    let mut checks = Checks::default();
    let stage = stage("[profile base]\n[profile work]\nregion = eu-west-1\n");
    let hides = "it hides the profile at ~/.aws/config:2:1\n";
    let mut says = |args: &[&str], said: &str| {
        checks.ran(&format!("{args:?}"), &stage.run(args), "", said, 0);
    };
    let add = |name| ["add", name, "--profile", "base", "--role", ARN, "--no-mfa"];
    let place = "~/.assumerole:1:19";
    says(
        &add("work"),
        &format!("role work is in {place}\nassume it: assumerole work\n{hides}"),
    );
    says(
        &["rename", "work", "other"],
        &format!("role work is other now, at {place}\nassume it: assumerole other\n"),
    );
    says(
        &["rename", "other", "work"],
        &format!("role other is work now, at {place}\nassume it: assumerole work\n{hides}"),
    );
    says(
        &["remove", "--yes", "work"],
        &format!(
            "role work is removed; it was at {place}\nwork is the profile at ~/.aws/config:2:1 from now on\n"
        ),
    );
}

#[test]
fn a_file_without_a_folder_is_told_with_the_folder_to_make() {
    let stage = stage("[profile base]\n");
    let mut checks = Checks::default();
    std::os::unix::fs::symlink("gone/roles", stage.path("link")).unwrap();
    for (config, file, folder) in [
        ("gone/roles", "~/gone/roles", "~/gone"),
        ("link", "~/gone/roles", "~/gone"),
        ("a b/c/roles", "~/a b/c/roles", "'$HOME/a b/c'"),
    ] {
        let path = stage.path(config).display().to_string();
        let ran = stage.run(&[
            "--config",
            &path,
            "add",
            "n",
            "--profile",
            "base",
            "--role",
            ARN,
        ]);
        let said = format!(
            "error: cannot create {file}\n  because: No such file or directory\n  hint: create its folder: mkdir -p {folder}\n"
        );
        checks.ran(config, &ran, "", &said, 1);
    }
}
