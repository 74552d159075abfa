//! `doctor`: a line a check, with the way to fix it; its status says if
//! anything is wrong.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use aws_sandbox::{Options, Sandbox};
use jiff::SignedDuration;

use super::harness::{KEY, Ran, Stage, world};
use super::support::{Checks, base_keys};

/// A stage whose `PATH` holds what it is told to, and nothing of the machine.
fn stage(programs: &[&str]) -> Stage {
    let stage = Stage::new();
    fs::create_dir(stage.path("bin")).unwrap();
    symlink("/usr/bin/setsid", stage.path("bin/setsid")).unwrap();
    for name in programs {
        stage.script(&format!("bin/{name}"), "#!/bin/sh\nexit 99\n");
    }
    stage
}

fn doctor(stage: &Stage, args: &[&str], env: &[(&str, &str)]) -> Ran {
    let mut command = stage.command(&[&["doctor"], args].concat());
    command
        .env("PATH", stage.path("bin"))
        .envs(env.iter().copied());
    stage.ran(&mut command)
}

#[test]
fn all_is_well() {
    let stage = stage(&["op", "ssh-add", "aws"]);
    let mut checks = Checks::default();
    checks.ran("cold", &doctor(&stage, &[], &[]), "\
ok  ~/.assumerole names 3 roles
ok  ~/.assumerole has mode 600
ok  ~/.aws/credentials has mode 600
ok  ~/.aws/config has mode 600
ok  keys of profile base: for 3 roles
-   ~/.assumerole.d holds 0 sessions, sealed; the key is in a key file, because ASSUMEROLE_KEY_STORE says so
    fix: unset ASSUMEROLE_KEY_STORE: anyone who can read your files can open the cache
ok  op is ~/bin/op
ok  ssh-add is ~/bin/ssh-add
ok  aws is ~/bin/aws
ok  STS accepts the keys of profile base: arn:aws:iam::210987654321:user/jdoe
ok  the clock agrees with that of STS
", "", 0);
    checks.number("requests", stage.requests(), 1);
    checks.same(
        "action",
        &stage.sandbox.journal()[0].action,
        "GetCallerIdentity",
    );
    checks.ran("UTF-8", &doctor(&stage, &["--offline"], &[("LC_ALL", "en_US.UTF-8")]), "\
✓ ~/.assumerole names 3 roles
✓ ~/.assumerole has mode 600
✓ ~/.aws/credentials has mode 600
✓ ~/.aws/config has mode 600
✓ keys of profile base: for 3 roles
- ~/.assumerole.d holds 0 sessions, sealed; the key is in a key file, because ASSUMEROLE_KEY_STORE says so
  fix: unset ASSUMEROLE_KEY_STORE: anyone who can read your files can open the cache
✓ op is ~/bin/op
✓ ssh-add is ~/bin/ssh-add
✓ aws is ~/bin/aws
- keys and clock against STS: left out (--offline)
", "", 0);
    checks.number("offline", stage.requests(), 1);
}

#[test]
fn the_programs_with_mfa_codes_are_those_of_the_file() {
    let stage = stage(&[]);
    let device = "arn:aws:iam::210987654321:mfa/jdoe";
    let role = |name: &str, more: &str| {
        format!(
            r#""{name}": {{"aws_profile": "base", "aws_role": "arn:aws:iam::123456789012:role/x", "aws_mfa_arn": "{device}"{more}}}"#
        )
    };
    let roles = [
        role("a", ""),
        role("b", ""),
        role("c", r#", "mfa": "bitwarden""#),
        role("d", r#", "mfa": {"provider": "pass", "item": "x"}"#),
    ];
    stage.write(
        ".assumerole",
        &format!(
            r#"{{"mfa": {{"provider": "yubikey", "nam": "x"}}, "assume_roles": {{{}}}}}"#,
            roles.join(", ")
        ),
    );
    let ran = doctor(&stage, &["--offline"], &[]);
    let mut checks = Checks::default();
    for line in [
        "BAD ykman is not in PATH, but needed for MFA codes from a YubiKey\n",
        "BAD pass is not in PATH, but needed for MFA codes from pass\n",
        "BAD bw is not in PATH, but needed for MFA codes from Bitwarden\n",
        "-   op is not in PATH (MFA codes from 1Password)\n",
        "mfa object has an unknown key \"nam\"",
        "role \"d\": mfa object has item, which pass does not use",
    ] {
        checks.number(line, ran.stdout.matches(line).count(), 1);
    }
}

#[test]
fn programs_are_missed_only_where_they_are_needed() {
    let stage = stage(&[]);
    stage.roles(
        r#""plain": {"aws_profile": "base", "aws_role": "arn:aws:iam::123456789012:role/plain", "sshkey": "~/.ssh/id"}"#,
    );
    let env = [("ONEPASS_ACCOUNT", "acme"), ("ONEPASS_ENTRY", "aws")];
    let ran = doctor(&stage, &["--offline"], &env);
    let of_programs: String = ran
        .stdout
        .lines()
        .filter(|line| {
            line.contains("PATH") || line.contains("fix: http") || line.contains("OpenSSH")
        })
        .map(|line| format!("{line}\n"))
        .collect();
    let mut checks = Checks::default();
    checks.same(
        "needed",
        &of_programs,
        "\
BAD op is not in PATH, but needed for MFA codes from 1Password
    fix: https://developer.1password.com/docs/cli
BAD ssh-add is not in PATH, but needed for \"sshkey\" of a role
    fix: install the OpenSSH client
-   aws is not in PATH (the AWS CLI, for use inside a role)
",
    );
    checks.same("status", &ran.status.to_string(), "1");
    let ran = doctor(&stage, &["--offline"], &env[..1]);
    checks.same(
        "half of 1Password",
        &ran.stdout.contains("-   op is not in PATH").to_string(),
        "true",
    );
}

/// The lines that are bad, each with its ways to fix it.
fn bad(ran: &Ran) -> String {
    let mut text = String::new();
    let mut keep = false;
    for line in ran.stdout.lines() {
        if !line.starts_with(' ') {
            keep = line.starts_with("BAD");
        }
        if keep {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

#[test]
fn each_thing_that_is_wrong_is_named_with_the_way_to_mend_it() {
    let mut checks = Checks::default();
    type Edit = fn(&Stage);
    let rows: [(&str, Edit, &str); 13] = [
        ("no file of roles", |stage| fs::remove_file(stage.path(".assumerole")).unwrap(), "\
BAD there is no role: no ~/.assumerole, and no profile with role_arn in ~/.aws
    fix: create a profile with keys: aws configure --profile NAME
    fix: add a role that uses it: assumerole add
"),
        ("broken file of roles", |stage| stage.write(".assumerole", "{"), "\
BAD ~/.assumerole:1:1: this { is never closed: the file ends at ~/.assumerole:1:2
    fix: add the missing }
"),
        ("a broken role", |stage| {
            stage.roles("\n\"a\": {\"aws_profile\": \"base\"},\n\"b\": {\"aws_profile\": \"base\", \"aws_role\": \"arn:aws:iam::123456789012:role/plain\"}");
        }, "\
BAD ~/.assumerole:2:1: role \"a\" has no aws_role
    fix: add \"aws_role\": \"NAME\", the name of the role in its account
"),
        ("roles that others may change", |stage| mode(stage, ".assumerole", 0o666), "\
BAD ~/.assumerole has mode 666: other users may change it
    fix: chmod go-w ~/.assumerole
"),
        ("no files of AWS", |stage| fs::remove_dir_all(stage.path(".aws")).unwrap(), "\
BAD there is neither ~/.aws/credentials nor ~/.aws/config
    fix: create them: aws configure --profile NAME
BAD ~/.assumerole:4:22: role read uses profile base, which does not exist: neither ~/.aws/credentials nor ~/.aws/config could be found
    fix: create it: aws configure --profile base
"),
        ("keys that others may read", |stage| mode(stage, ".aws/credentials", 0o644), "\
BAD ~/.aws/credentials has mode 644: other users may read it
    fix: chmod 600 ~/.aws/credentials
"),
        ("profiles that others may change", |stage| mode(stage, ".aws/config", 0o620), "\
BAD ~/.aws/config has mode 620: other users may change it
    fix: chmod go-w ~/.aws/config
"),
        ("no profile", |stage| stage.write(".aws/credentials", "[bass]\n"), "\
BAD ~/.assumerole:4:22: profile base of role read has no aws_access_key_id and no aws_secret_access_key: looked in ~/.aws/config and ~/.aws/credentials
    fix: add access keys: aws configure --profile base
"),
        ("an unknown key", |stage| {
            stage.write(".aws/credentials", &base_keys().replace(KEY, "AKIAUNKNOWNUNKNOWN00"));
        }, "\
BAD An error occurred (InvalidClientTokenId) when calling the GetCallerIdentity operation: The security token included in the request is invalid.
    fix: see whether the access key of profile base (~/.aws/credentials:2:21) was deleted, is inactive, or belongs to another partition of AWS
    fix: replace it with a working key: aws configure --profile base
"),
        ("nobody there", |stage| {
            stage.write(".aws/config", "[profile base]\nendpoint_url = http://127.0.0.1:9\nmax_attempts = 1\n");
        }, "\
BAD AWS STS could not be reached at http://127.0.0.1:9: tcp connect error: Connection refused
    fix: check the network, the proxy (HTTPS_PROXY, NO_PROXY) and endpoint_url
"),
        ("a clock that is wrong", |stage| {
            stage.sandbox.set_clock_offset(SignedDuration::from_secs(3630));
        }, "BAD this machine's clock is 1 h 0 min behind AWS's: set it (timedatectl set-ntp true)\n"),
        ("a clock that is days ahead", |stage| {
            stage.sandbox.set_clock_offset(SignedDuration::from_secs(-2 * 24 * 3600 - 1800));
        }, "BAD this machine's clock is 2 days 0 h ahead of AWS's: set it (timedatectl set-ntp true)\n"),
        ("a folder that is a link", |stage| {
            symlink("/none", stage.path(".assumerole.d")).unwrap();
        }, "\
BAD cannot use ~/.assumerole.d: it is a symbolic link, which others could point elsewhere
    fix: move it away; a new folder is created when needed
"),
    ];
    for (case, edit, expected) in rows {
        let stage = stage(&["op", "ssh-add", "aws"]);
        edit(&stage);
        let ran = doctor(&stage, &[], &[]);
        checks.same(case, &bad(&ran), expected);
        checks.same(case, &ran.status.to_string(), "1");
        checks.same(case, &ran.stderr, "");
    }
}

fn mode(stage: &Stage, name: &str, mode: u32) {
    fs::set_permissions(stage.path(name), fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn what_is_odd_is_told_and_nothing_is_wrong() {
    let stage = stage(&["op", "ssh-add", "aws"]);
    stage.roles(
        r#""plain": {"aws_profile": "base", "aws_role": "arn:aws:iam::123456789012:role/plain", "aws_regoin": "eu-west-1"}"#,
    );
    let endpoint = stage.sandbox.endpoint();
    stage.write(
        ".aws/config",
        &format!("[profile base]\nendpoint_url = {endpoint}\nnonsense\n"),
    );
    let ran = doctor(&stage, &["--offline"], &[]);
    let notes: Vec<&str> = ran
        .stdout
        .lines()
        .filter(|line| line.contains(':') && !line.starts_with("ok"))
        .collect();
    let mut checks = Checks::default();
    checks.same(
        "notes",
        &(notes.join("\n") + "\n"),
        "\
-   ~/.assumerole:1:104: role \"plain\" has an unknown key \"aws_regoin\"
    fix: did you mean aws_region?
-   ~/.aws/config:3:1: ignored: not a `key = value` line: because of it, the AWS CLI refuses the whole file
    fix: unset ASSUMEROLE_KEY_STORE: anyone who can read your files can open the cache
-   keys and clock against STS: left out (--offline)
",
    );
    checks.same("status", &ran.status.to_string(), "0");
}

#[test]
fn each_profile_is_asked_once_and_by_its_own_endpoint() {
    let stage = stage(&["op", "ssh-add", "aws"]);
    let other = Sandbox::start(world(), Options::default()).unwrap();
    stage.write(
        ".aws/credentials",
        &format!(
            "{}{}",
            base_keys(),
            base_keys().replace("[base]", "[second]")
        ),
    );
    stage.write(
        ".aws/config",
        &format!(
            "[profile base]\nendpoint_url = {}\n[profile second]\nendpoint_url = {}\n",
            stage.sandbox.endpoint(),
            other.endpoint()
        ),
    );
    let role = |name: &str, profile: &str| {
        format!(
            "\"{name}\": {{\"aws_profile\": \"{profile}\", \"aws_role\": \"arn:aws:iam::123456789012:role/plain\"}}"
        )
    };
    stage.roles(&[role("a", "base"), role("b", "base"), role("c", "second")].join(","));
    let ran = doctor(&stage, &[], &[]);
    assert_eq!(
        (stage.requests(), other.journal().len(), ran.status),
        (1, 1, 0),
        "{}",
        ran.stdout
    );
    assert!(
        ran.stdout.contains("keys of profile base: for 2 roles"),
        "{}",
        ran.stdout
    );
}

#[test]
fn offline_it_asks_nobody_whatever_is_wrong() {
    let stage = stage(&[]);
    stage.write(
        ".aws/config",
        "[profile base]\nendpoint_url = http://127.0.0.1:9\n",
    );
    let ran = doctor(&stage, &["--offline"], &[]);
    let mut checks = Checks::default();
    checks.same("bad", &bad(&ran), "");
    checks.same("status", &ran.status.to_string(), "0");
    checks.same(
        "said",
        &ran.stdout.contains("left out (--offline)").to_string(),
        "true",
    );
    checks.number("requests", stage.requests(), 0);
}
