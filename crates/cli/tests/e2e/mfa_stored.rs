//! `mfa …`: secrets of MFA devices that are stored sealed, and the devices of a
//! user.

mod list;
mod qr;

use std::io::Write as _;
use std::process::{Command, Stdio};

use jiff::Timestamp;

use super::completion_places::completed;
use super::harness::{CONFIG, DEVICE, Ran, Stage};
use super::keys::BY_COMMAND;
use super::mfa_stage::then_nobody;
use super::support::{Checks, check};
use super::terminal::{Terminal, eventually};

/// The secret of the device.
const MFA_SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

/// Another one.
const OTHER: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

const STORED: &str = "the secret of arn:aws:iam::210987654321:mfa/jdoe is stored sealed\n";

const ALONE: &str = "warning: whoever unlocks the key store has the codes: keep the access key elsewhere, or they are one factor, no longer two\n";

const BESIDE: &str = "warning: whoever unlocks the key store has the access key and the codes: there they are one factor, no longer two\n";

const UNPROVED: &str = "nothing has proved it yet; to prove it: assumerole mfa add --replace --verify arn:aws:iam::210987654321:mfa/jdoe\n";

const TO_USE: &str = "to use it, put this into ~/.assumerole: \"mfa_devices\": {\"arn:aws:iam::210987654321:mfa/jdoe\": \"totp\"}\n";

const SECOND_WAY: &str =
    "there is no second way to unlock the store; set one: assumerole keys store --recovery\n";

impl Stage {
    /// Runs `mfa` with `input`.
    fn mfa(&self, args: &[&str], input: &str) -> Ran {
        let mut command = self.in_path(&[&["mfa"], args].concat());
        given(self, &mut command, input)
    }

    /// Stores the secret of the device, and has it used.
    fn with_secret(&self, provider: &str) {
        let ran = self.mfa(&[&["add", DEVICE][..], &BY_COMMAND].concat(), MFA_SECRET);
        assert_eq!(ran.status, 0, "{ran:?}");
        self.with_config(provider);
    }

    fn with_config(&self, provider: &str) {
        self.write(
            ".assumerole",
            &CONFIG.replacen('{', &format!("{{ \"mfa\": {provider},"), 1),
        );
    }

    /// Where below the home folder the secret stands in clear.
    fn mfa_secret_at(&self) -> Vec<String> {
        let ran = Command::new("grep")
            .args(["-rliF", MFA_SECRET, "."])
            .current_dir(self.home())
            .output()
            .unwrap();
        let text = String::from_utf8(ran.stdout).unwrap();
        text.lines().map(str::to_owned).collect()
    }
}

fn given(stage: &Stage, command: &mut Command, input: &str) -> Ran {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // One that refuses its arguments does not read.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| {
        let text = String::from_utf8(bytes).unwrap();
        text.replace(stage.home().to_str().unwrap(), "$HOME")
    };
    Ran {
        stdout: text(output.stdout),
        stderr: text(output.stderr),
        status: output.status.code().unwrap_or(-1),
    }
}

#[test]
fn a_secret_is_stored_and_forgotten_and_no_file_has_it() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    let add = |args: &[&str], input: &str| {
        stage.mfa(&[&["add", DEVICE], args, &BY_COMMAND].concat(), input)
    };
    let ran = add(&[], "jbsw y3dp ehpk 3pxp JBSW-Y3DP-EHPK-3PXP====\n");
    let told = format!("{STORED}{ALONE}{UNPROVED}{TO_USE}{SECOND_WAY}");
    checks.ran("add", &ran, "", &told, 0);
    checks.same("no file", &format!("{:?}", stage.mfa_secret_at()), "[]");
    let ran = add(&[], MFA_SECRET);
    let there = "error: a secret of arn:aws:iam::210987654321:mfa/jdoe is stored already\n  hint: replace it: assumerole mfa add --replace arn:aws:iam::210987654321:mfa/jdoe\n";
    checks.ran("again", &ran, "", there, 2);
    let ran = add(&["--replace"], "no secret");
    let none = "error: standard input has no secret of an MFA device\n  because: it is too short for a secret: those of AWS have 64 characters\n";
    checks.ran("none", &ran, "", none, 2);
    let url = format!("otpauth://totp/AWS:jdoe?secret={MFA_SECRET}&issuer=AWS");
    let ran = add(&["--replace"], &url);
    checks.ran("url", &ran, "", &told, 0);
    for (input, why) in [
        (
            "otpauth-migration://offline?data=CjE",
            "Google Authenticator",
        ),
        (&format!("{url}&digits=8"), "8 digits"),
        (&format!("{url}&period=60"), "60 seconds"),
        (&format!("{url}&algorithm=MD5"), "MD5"),
    ] {
        let ran = add(&["--replace"], input);
        let is = (
            ran.status,
            ran.stderr.contains(why),
            ran.stderr.contains("JBSW"),
        );
        checks.same(
            &format!("{why} {ran:?}"),
            &format!("{is:?}"),
            "(2, true, false)",
        );
    }
    // With the access key beside it, that is said.
    stage.keys(&[&["import", "--yes", "--keep", "base"][..], &BY_COMMAND].concat());
    let ran = add(&["--replace"], MFA_SECRET);
    let told = format!("{STORED}{BESIDE}{UNPROVED}{TO_USE}{SECOND_WAY}");
    checks.ran("beside the key", &ran, "", &told, 0);

    let remove = |args: &[&str]| stage.mfa(&[&["remove", DEVICE], args].concat(), "");
    let ran = remove(&[]);
    let asks = "error: the secret of arn:aws:iam::210987654321:mfa/jdoe is not removed: there is no terminal to ask at\n  hint: confirm it if you mean it: assumerole mfa remove --yes arn:aws:iam::210987654321:mfa/jdoe\n";
    checks.ran("remove", &ran, "", asks, 5);
    let ran = remove(&["--yes"]);
    let gone = "the secret of arn:aws:iam::210987654321:mfa/jdoe is removed; in IAM the device stays as it is\n";
    checks.ran("remove --yes", &ran, "", gone, 0);
    let ran = remove(&["--yes"]);
    let none = "error: no secret of arn:aws:iam::210987654321:mfa/jdoe is stored\n  hint: see which devices have one: assumerole mfa list\n";
    checks.ran("remove again", &ran, "", none, 4);
    let mut left = stage.list(".assumerole.d/keys");
    left.retain(|name| name.ends_with(".totp"));
    checks.same("files", &format!("{left:?}"), "[]");
}

#[test]
fn devices_are_completed() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    let of = |words: &[&str]| completed(&stage, words).join(" ");
    checks.same("add", &of(&["mfa", "add", "arn"]), DEVICE);
    checks.same("remove", &of(&["mfa", "remove", "arn"]), "");
    stage.with_secret("\"totp\"");
    checks.same("remove", &of(&["mfa", "remove", ""]), DEVICE);
    checks.same("provider", &of(&["exec", "--mfa", "t"]), "totp");
}

/// What the shell would keep in its history is not repeated, wherever it stands.
#[test]
fn a_secret_among_the_arguments_is_refused_and_not_shown() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    let blanks = "jbsw y3dp ehpk 3pxp jbsw y3dp ehpk 3pxp";
    let url = format!("otpauth://totp/x?secret={MFA_SECRET}");
    let option = format!("--secret={MFA_SECRET}");
    let split: Vec<&str> = blanks.split(' ').collect();
    let lines: [&[&str]; 9] = [
        &["add", MFA_SECRET],
        &["add", DEVICE, MFA_SECRET],
        &["add", blanks],
        &["add", DEVICE, blanks],
        &["add", DEVICE, &url],
        &["add", &url],
        &["add", DEVICE, &option],
        &["add", "--qr", MFA_SECRET, DEVICE],
        &[MFA_SECRET],
    ];
    let mut lines = lines.map(<[&str]>::to_vec).to_vec();
    lines.push([&["add", DEVICE], split.as_slice()].concat());
    for line in lines {
        let ran = stage.mfa(&line, "");
        let told = "error: an argument looks like the secret of an MFA device\n  because: every user of this machine can read the arguments of a program, and the shell keeps them in its history\n  hint: remove the line from the history of the shell\n  hint: type the secret when you are asked for it, or give it on standard input: assumerole mfa add DEVICE\n";
        checks.ran(&format!("{line:?}"), &ran, "", told, 2);
    }
    assert!(!stage.path(".assumerole.d/keys").exists());
}

#[test]
fn without_a_terminal_it_is_used_only_if_the_file_says_so() {
    let stage = Stage::new();
    let exec = |env: &[(&str, &str)]| {
        let mut command = stage.in_path(&["exec", "read", "--", "echo", "in"]);
        stage.ran(command.envs(env.iter().copied()))
    };
    stage.with_secret("\"totp\"");
    let refused = "warning: no MFA code from the stored secret: there is no terminal\n  hint: let it be used without anybody, if you mean it: {\"provider\": \"totp\", \"unattended\": true}\n";
    check(&exec(&[]), "", &then_nobody(refused), 125);
    assert_eq!(stage.requests(), 0);
    let doctor = stage.run_in(&["doctor", "--offline"], &[]).stdout;
    assert!(!doctor.contains("unattended"), "{doctor}");
    assert!(
        doctor.contains("the secret of 1 MFA device is stored"),
        "{doctor}"
    );

    stage.with_config(r#"{"provider": "totp", "unattended": true}"#);
    let doctor = stage.run_in(&["doctor", "--offline"], &[]).stdout;
    assert!(
        doctor.contains("\"unattended\": true of \"mfa\""),
        "{doctor}"
    );
    // An agent gets no code all the same.
    let ran = exec(&[("CLAUDECODE", "1")]);
    let first = "warning: no MFA code from the stored secret: an AI agent runs this\n";
    assert!(ran.stderr.starts_with(first), "{ran:?}");
    assert_eq!((ran.status, stage.requests()), (125, 0));
    check(&exec(&[]), "in\n", "", 0);
    let told = format!("{:?}", stage.sandbox.count("GetSessionToken"));
    assert_eq!(told, "1");
    // What was there is not there any more.
    assert_eq!(stage.mfa(&["remove", "--yes", DEVICE], "").status, 0);
    let doctor = stage.run_in(&["doctor", "--offline"], &[]);
    let missing = "no secret of arn:aws:iam::210987654321:mfa/jdoe is stored, and \"mfa\" says";
    assert!(doctor.stdout.contains(missing), "{doctor:?}");
    let ran = stage.ran(&mut stage.in_path(&["exec", "--fresh-mfa", "read", "--", "true"]));
    let none = "warning: no MFA code from the stored secret: none is stored for arn:aws:iam::210987654321:mfa/jdoe\n  hint: store it: assumerole mfa add arn:aws:iam::210987654321:mfa/jdoe\n";
    assert!(ran.stderr.starts_with(none), "{ran:?}");
}

/// The flag names the secret that the file does not; a code that was just spent
/// is not sent again.
#[test]
fn at_a_terminal_it_is_used_and_a_spent_code_is_waited_for() {
    let stage = Stage::new();
    stage.with_secret("\"totp\"");
    let mut terminal = Terminal::new();
    terminal.start(
        &stage,
        "assumerole exec read -- true && assumerole exec deploy -- echo done",
        &[],
    );
    terminal.sees("the current MFA code for arn:aws:iam::210987654321:mfa/jdoe has already been used; waiting");
    terminal.sees("done");
    assert_eq!(terminal.ends(), 0);
    assert!(
        !terminal.all().contains("MFA code of"),
        "{}",
        terminal.all()
    );
    assert_eq!(stage.sandbox.count("GetSessionToken"), 1);
    assert_eq!(stage.sandbox.journal().len(), 3);
}

#[test]
fn one_call_proves_it_and_the_session_stays() {
    let stage = Stage::new();
    let verify = |args: &[&str], secret: &str| {
        let args = [&["add", "--verify", DEVICE], args, &BY_COMMAND].concat();
        stage.mfa(&args, secret)
    };
    let ran = verify(&[], OTHER);
    assert!(
        ran.stderr.contains("MultiFactorAuthentication failed"),
        "{ran:?}"
    );
    assert_eq!(ran.status, 5, "{ran:?}");
    assert_eq!(stage.sandbox.count("GetSessionToken"), 1);
    assert!(!stage.path(".assumerole.d/keys").exists());

    let ran = verify(&[], MFA_SECRET);
    let told = format!(
        "{STORED}{ALONE}AWS has taken a code of it: the MFA session of profile base is there\n{TO_USE}{SECOND_WAY}"
    );
    check(&ran, "", &told, 0);
    assert_eq!(stage.sandbox.count("GetSessionToken"), 2);
    // Roles are assumed from it with no further code.
    check(&stage.run(&["exec", "read", "--", "true"]), "", "", 0);
    assert_eq!(stage.sandbox.count("GetSessionToken"), 2);
    let other = "arn:aws:iam::210987654321:mfa/other";
    let ran = stage.mfa(&["add", "--verify", other], MFA_SECRET);
    let nobody = "error: no profile with an access key uses arn:aws:iam::210987654321:mfa/other\n  hint: name the profile of its user: --profile PROFILE\n";
    check(&ran, "", nobody, 2);
}

/// Typed without echo; the code is shown to compare; Ctrl-C stores nothing.
#[test]
fn a_person_types_it_and_sees_the_code() {
    let stage = Stage::new();
    stage.write("put", "#!/bin/sh\ncat > store-key\n");
    let line = format!(
        "assumerole mfa add --store command --get '/bin/cat store-key' --put '/bin/sh put' {DEVICE}"
    );
    let mut terminal = Terminal::new();
    terminal.start(&stage, &line, &[]);
    terminal.sees("Secret of the device:");
    terminal.types("\u{3}");
    assert_eq!(terminal.ends_by_signal(), "Interrupt");
    assert!(!stage.path(".assumerole.d/keys").exists());

    let mut terminal = Terminal::new();
    terminal.start(&stage, &line, &[]);
    terminal.sees("Secret of the device:");
    eventually("the terminal is silent", || !terminal.echoes());
    terminal.types("not one\r");
    terminal.sees("a part of the secret is missing");
    terminal.sees_times("Secret of the device:", 2);
    eventually("the terminal is silent", || !terminal.echoes());
    terminal.types(&format!("{}\r", MFA_SECRET.to_lowercase()));
    terminal.sees("Recovery passphrase");
    terminal.types("\r");
    terminal.sees("compare it with the code of your other device");
    assert_eq!(terminal.ends(), 0);
    let all = terminal.all().to_uppercase();
    assert!(!all.contains(MFA_SECRET), "{all}");
    let codes = [0, -30].map(|seconds| {
        let now = Timestamp::now().as_second() + seconds;
        let at = Timestamp::from_second(now).unwrap();
        aws_sandbox::code_at(MFA_SECRET, at).unwrap()
    });
    let is_shown = |code: &String| all.contains(&format!("ITS CODE IS {code} FOR"));
    assert!(codes.iter().any(is_shown), "{all}");
}
