//! What the tests of programs with MFA codes share: stand-ins that take only
//! what the real ones document, and say what they say.

use std::fs;

use super::harness::{Ran, Stage};
use super::terminal::Terminal;

/// `op` 2: <https://developer.1password.com/docs/cli/reference>.
pub(crate) const OP: &str = include_str!("stand_ins/op");
/// `ykman` 5: <https://docs.yubico.com/software/yubikey/tools/ykman/OATH_Commands.html>.
pub(crate) const YKMAN: &str = include_str!("stand_ins/ykman");
/// `pass` with the extension `pass otp`: <https://github.com/tadfisher/pass-otp>.
pub(crate) const PASS: &str = include_str!("stand_ins/pass");
/// `bw`: <https://bitwarden.com/help/cli/>.
pub(crate) const BW: &str = include_str!("stand_ins/bw");

/// A stage where these programs are installed, and have a code.
pub(crate) fn stage(programs: &[(&str, &str)]) -> Stage {
    let stage = Stage::new();
    for (name, text) in programs {
        stage.script(&format!("bin/{name}"), text);
    }
    stage.write("code", &format!("{}\n", stage.code()));
    stage
}

/// The programs are in PATH.
pub(crate) fn path(stage: &Stage) -> String {
    format!("{}:/usr/bin:/bin", stage.path("bin").display())
}

/// Runs `true` in `read`, with more arguments and variables.
pub(crate) fn run(stage: &Stage, args: &[&str], env: &[(&str, &str)]) -> Ran {
    let args = [&["exec", "read"], args, &["--", "echo", "in"]].concat();
    let path = path(stage);
    let env = [&[("PATH", path.as_str())], env].concat();
    stage.run_in(&args, &env)
}

/// How the programs were called, since this was asked last.
pub(crate) fn calls(stage: &Stage) -> String {
    let calls = fs::read_to_string(stage.path("calls")).unwrap_or_default();
    let _ = fs::remove_file(stage.path("calls"));
    calls
}

/// Gives the role `read` this member.
pub(crate) fn with(stage: &Stage, member: &str) {
    let role = r#""aws_profile": "base", "aws_account": "123456789012", "aws_role": "read", "aws_mfa_arn": "arn:aws:iam::210987654321:mfa/jdoe""#;
    stage.roles(&format!(r#""read": {{{role}, {member}}}"#));
}

pub(crate) const ONEPASS: [(&str, &str); 2] =
    [("ONEPASS_ACCOUNT", "work"), ("ONEPASS_ENTRY", "AWS")];

/// What is said where there is nobody to ask after `warning`.
pub(crate) fn then_nobody(warning: &str) -> String {
    format!(
        "{warning}\
error: role read needs an MFA code of arn:aws:iam::210987654321:mfa/jdoe
  because: there is no terminal to ask at
  hint: give the code: assumerole read CODE
  hint: give it to other commands so: assumerole exec --mfa-code CODE read COMMAND
"
    )
}

/// A person at a terminal, whose stdout and stderr are captured.
pub(crate) fn at_terminal(stage: &Stage, args: &str, env: &[(&str, &str)]) -> Terminal {
    let script = format!(
        "PATH={}:$PATH; out=$(assumerole exec read {args} -- echo in 2>err); \
         echo \"status $?, got <$out>, said <$(cat err)>\"",
        stage.path("bin").display()
    );
    let mut terminal = Terminal::new();
    terminal.start(stage, &script, env);
    terminal
}

pub(crate) const DONE: &str = "status 0, got <in>, said <>";
