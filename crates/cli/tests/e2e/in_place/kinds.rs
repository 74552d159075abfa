//! Every kind of variable that a shell has, and what a role makes of it: in no
//! role a program sees the person's value, in a role it does not.

use super::super::harness::{Ran, Stage};
use super::super::support::Checks;
use super::shells::run_script;

/// What is said at most: a role that sets no region and no token.
const ROLE: &str = "plain";

/// What a role takes away, and sets nothing in its place.
const NAMES: [&str; 9] = [
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_SECURITY_TOKEN",
    "AWS_ACCESS_KEY",
    "AWS_SECRET_KEY",
    "CODEARTIFACT_AUTH_TOKEN",
    "AWS_VAULT",
];

/// What fish cannot hide while it is universal: no SDK takes it empty.
const NEVER_EMPTY: [&str; 4] = [
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
];

/// Prints what a program sees of NAME, in brackets, or `none`.
const SEEN: &str = "sh -c 'printf \"%s \" \"${NAME+[$NAME]}\"'";

fn ran(stage: &Stage, start: &[&str], script: &str, name: &str) -> Ran {
    let script = script
        .replace("SEEN", SEEN)
        .replace("NAME", name)
        .replace("ROLE", ROLE);
    stage.ran(&mut run_script(stage, start, &script))
}

/// What is seen before the role, in it and after it.
fn seen(checks: &mut Checks, stage: &Stage, case: &(&[&str], &str, &str), wanted: [&str; 3]) {
    let (start, set, init) = case;
    let script = format!(
        "{init}\n{set}\nSEEN\nassume ROLE >/dev/null 2>/dev/null\nSEEN\nassume --off \
         >/dev/null 2>/dev/null\nSEEN\n"
    );
    for name in NAMES {
        let ran = ran(stage, start, &script, name);
        let wanted = wanted.map(|one| format!("{one} ")).concat();
        let what = format!("{start:?} {set} {name}");
        checks.same(&what, ran.stdout.trim_end(), wanted.trim_end());
    }
}

const FISH: &[&str] = &["fish", "-c"];
const FISH_INIT: &str = "assumerole init fish | source";

#[test]
fn fish_shows_programs_nothing_of_what_a_role_takes_away() {
    let stage = Stage::new();
    stage.warm(ROLE);
    let mut checks = Checks::default();
    for (set, wanted) in [
        ("set -gx NAME us-west-2", ["[us-west-2]", "", "[us-west-2]"]),
        ("set -g NAME us-west-2", ["", "", ""]),
        ("set -eU NAME; set -U NAME us-west-2", ["", "", ""]),
        (
            "set -eU NAME; set -gx --path NAME us-west-2",
            ["[us-west-2]", "", "[us-west-2]"],
        ),
    ] {
        seen(&mut checks, &stage, &(FISH, set, FISH_INIT), wanted);
    }
}

/// fish exports a universal variable though one of the shell covers it, unless
/// that is exported, too. An empty one is as good as none to most programs, but
/// not for profiles and regions.
#[test]
fn fish_hides_a_universal_variable_or_takes_no_role() {
    let stage = Stage::new();
    stage.warm(ROLE);
    let mut checks = Checks::default();
    let ways = [
        ("assume ROLE", "assume --off"),
        (
            "assumerole export ROLE --format fish | source",
            "assumerole export --off --format fish | source",
        ),
    ];
    for name in NAMES {
        let refused = NEVER_EMPTY.contains(&name);
        for (take, leave) in ways {
            let script = format!(
                "{FISH_INIT}\nset -Ux NAME us-west-2\n{take}\necho \"status $status \
                 $AWS_ACCOUNT\"\nSEEN\n{leave} 2>/dev/null\nSEEN\nset -qg NAME; or echo -n not global"
            );
            let ran = ran(&stage, FISH, &script, name);
            let wanted = match refused {
                true => "status 1 \n[us-west-2] [us-west-2] not global",
                false => "status 0 plain\n[] [us-west-2] not global",
            };
            checks.same(&format!("{name} {take}"), &ran.stdout, wanted);
            let said = format!(
                "error: the role is not taken: {name} is a universal variable, which fish exports \
                 to every program\n"
            );
            checks.same(
                &format!("{name} {take}: stderr\n{}", ran.stderr),
                &ran.stderr.contains(&said).to_string(),
                &refused.to_string(),
            );
            if refused && take == "assume ROLE" {
                // Nothing was done before it was refused.
                let hint = hint_of(&ran.stderr);
                let more = match name.ends_with("REGION") {
                    true => "  hint: name a region: --region REGION\n",
                    false => "",
                };
                // `--off` says that there is no role.
                let stderr = ran.stderr.replace("this shell is in no role\n", "");
                checks.same(name, &stderr, &format!("{said}  hint: {hint}\n{more}"));
            }
        }
        // What the hint says helps, and the variable is there for other shells.
        let others = ran(&stage, FISH, "SEEN; set -qU NAME; and echo universal", name);
        checks.same(name, &others.stdout, "[us-west-2] universal\n");
        ran_well(&mut checks, &stage, name);
    }
}

fn hint_of(stderr: &str) -> &str {
    let (_, hint) = stderr.split_once("  hint: ").unwrap_or_default();
    hint.lines().next().unwrap_or_default()
}

/// It moves the variable to where a role hides it: for other shells it is as
/// before, and in a role nobody sees it, in a shell that starts there neither.
#[test]
fn what_fish_is_told_to_type_helps() {
    let mut checks = Checks::default();
    for name in NEVER_EMPTY {
        for value in ["us-west-2", "a b'$HOME;"] {
            let stage = Stage::new();
            stage.warm(ROLE);
            let set = format!("set -Ux NAME {}", shell_words::quote(value));
            let script = format!("{FISH_INIT}\n{set}\nassume ROLE");
            let refused = ran(&stage, FISH, &script, name);
            let history = stage.run(&["history", "--json"]).stdout;
            checks.number("history", history.matches("\"at\"").count(), 1);
            let hint = hint_of(&refused.stderr);
            let (_, command) = hint.split_once(": ").unwrap();
            let typed = ran(&stage, FISH, command, name);
            checks.same(command, &format!("{}{}", typed.stderr, typed.status), "0");
            let shown = format!("[{value}]");
            let script = format!("SEEN\n{FISH_INIT}\nassume ROLE 2>/dev/null\nSEEN");
            checks.same(
                name,
                &ran(&stage, FISH, &script, name).stdout,
                &format!("{shown}  "),
            );
            stage.write("seen.fish", &SEEN.replace("NAME", name));
            let script = "env -u NAME AWS_ACCOUNT=x fish seen.fish";
            checks.same(name, &ran(&stage, FISH, script, name).stdout, " ");
        }
    }
}

fn ran_well(checks: &mut Checks, stage: &Stage, name: &str) {
    let script = format!("{FISH_INIT}\nset -Ue NAME\nassume ROLE 2>/dev/null; echo $AWS_ACCOUNT");
    checks.same(name, &ran(stage, FISH, &script, name).stdout, "plain\n");
}

#[test]
fn a_subshell_of_fish_hides_a_universal_variable_or_ends() {
    let stage = Stage::new();
    stage.warm(ROLE);
    let mut checks = Checks::default();
    for name in NAMES {
        ran(&stage, FISH, "set -Ux NAME us-west-2", name);
        let mut command = stage.command(&["--quiet", ROLE]);
        command.env("SHELL", "/usr/bin/fish");
        command.stdin(std::process::Stdio::piped());
        let mut child = command
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let script = format!("{}\n", SEEN.replace("NAME", name));
        // It may have ended by now.
        let _ = std::io::Write::write_all(&mut stdin, script.as_bytes());
        drop(stdin);
        let output = child.wait_with_output().unwrap();
        let found = format!(
            "{:?} {}",
            output.status.code(),
            String::from_utf8_lossy(&output.stdout).trim()
        );
        let wanted = match NEVER_EMPTY.contains(&name) {
            true => "Some(125) ",
            false => "Some(0) []",
        };
        checks.same(
            &format!("{name}: {}", String::from_utf8_lossy(&output.stderr)),
            &found,
            wanted,
        );
        ran(&stage, FISH, "set -Ue NAME", name);
    }
}

/// A variable of a block or a function is exported from there, whatever the
/// function `assume` does.
#[test]
fn fish_takes_no_role_where_a_local_variable_would_win() {
    let stage = Stage::new();
    stage.warm(ROLE);
    let mut checks = Checks::default();
    for name in NAMES {
        let script = format!(
            "{FISH_INIT}\nbegin; set -lx NAME us-west-2; assume ROLE; echo $status $AWS_ACCOUNT\n\
             assumerole export ROLE --format fish | source; echo $status $AWS_ACCOUNT; SEEN; end"
        );
        let ran = ran(&stage, FISH, &script, name);
        checks.same(
            &format!("{name}: {}", ran.stderr),
            ran.stdout.trim_end(),
            "1\n0 plain",
        );
        let said = format!(
            "error: the role is not taken: {name} is a local variable of the block or function that \
             calls\n  hint: leave that block, or erase it there: set -el {name}\n"
        );
        checks.same(name, &ran.stderr.starts_with(&said).to_string(), "true");
    }
}

#[test]
fn posix_shells_show_programs_nothing_of_what_a_role_takes_away() {
    let stage = Stage::new();
    stage.warm(ROLE);
    let mut checks = Checks::default();
    let back = ["[us-west-2]", "", "[us-west-2]"];
    for shell in ["bash", "zsh", "sh"] {
        let start: &[&str] = match shell {
            "bash" => &["bash", "-c"],
            "zsh" => &["zsh", "-fc"],
            _ => &["dash", "-c"],
        };
        let init = format!("eval \"$(assumerole init {shell})\"");
        let mut kinds = vec![
            ("export NAME=us-west-2", back),
            ("NAME=us-west-2", ["", "", ""]),
            ("set -a; NAME=us-west-2; set +a", back),
            // Not to be unset: the shell stays as it is, and says so.
            ("export NAME=us-west-2; readonly NAME", ["[us-west-2]"; 3]),
        ];
        match shell {
            "bash" => kinds.extend([
                ("declare -x NAME=us-west-2", back),
                ("NAME=(us-west-2 b)", ["", "", ""]),
                ("declare -rx NAME=us-west-2", ["[us-west-2]"; 3]),
            ]),
            "zsh" => kinds.extend([
                ("typeset -gx NAME=us-west-2", back),
                ("typeset -gxT NAME tied=(us-west-2)", back),
                ("NAME=(us-west-2 b)", ["", "", ""]),
                ("typeset -grx NAME=us-west-2", ["[us-west-2]"; 3]),
            ]),
            _ => {}
        }
        for (set, wanted) in kinds {
            seen(&mut checks, &stage, &(start, set, &init), wanted);
        }
    }
}

/// A function of the person has a variable of its own, and calls.
#[test]
fn a_local_variable_of_a_posix_shell_is_hidden_as_is_the_one_that_it_covers() {
    let stage = Stage::new();
    stage.warm(ROLE);
    let mut checks = Checks::default();
    for (start, init, local) in [
        (&["bash", "-c"][..], "bash", "local -x NAME=us-west-2"),
        (&["zsh", "-fc"], "zsh", "local -x NAME=us-west-2"),
        (&["dash", "-c"], "sh", "local NAME; export NAME=us-west-2"),
    ] {
        for name in NAMES {
            let script = format!(
                "eval \"$(assumerole init {init})\"\nexport NAME=us-west-1\ninner() {{ {local}; \
                 assume ROLE 2>/dev/null; SEEN; }}\nouter() {{ {local}; inner; }}\nouter; \
                 test \"$AWS_ACCOUNT\" = ROLE && echo in"
            );
            let ran = ran(&stage, start, &script, name);
            checks.same(&format!("{init} {name}"), ran.stdout.trim(), "in");
        }
    }
}

#[test]
fn other_shells_show_programs_nothing_of_what_a_role_takes_away() {
    let stage = Stage::new();
    stage.warm(ROLE);
    let mut checks = Checks::default();
    let tcsh = "eval \"`assumerole export ROLE --format tcsh`\"";
    for (start, script, wanted) in [
        (
            &["tcsh", "-fc"][..],
            format!("setenv NAME us-west-2; {tcsh}; SEEN"),
            "",
        ),
        (
            &["tcsh", "-fc"],
            format!("set NAME = us-west-2; {tcsh}; SEEN"),
            "",
        ),
        (
            &["elvish", "-norc", "-c"],
            "set-env NAME us-west-2; eval (assumerole export ROLE --format elvish | slurp); SEEN"
                .to_owned(),
            "",
        ),
    ] {
        for name in NAMES {
            let script = script.replace("NAME", name).replace("\"%s \"", "'%s '");
            let ran = ran(&stage, start, &script, name);
            let what = format!("{start:?} {name} {}", ran.stderr);
            checks.same(&what, ran.stdout.trim(), wanted);
        }
    }
    let nu = super::shells::nu();
    for set in ["'us-west-2'", "[us-west-2 b]", "{a: 1}"] {
        for name in NAMES {
            let script = format!(
                "$env.NAME = {set}; assumerole export ROLE --format nu | from json | load-env; \
                 ^env | lines | where $it =~ '^NAME=' | length"
            );
            let ran = ran(&stage, &[nu.as_str(), "-n", "-c"], &script, name);
            let what = format!("nu {set} {name} {}", ran.stderr);
            checks.same(&what, ran.stdout.trim(), "0");
        }
    }
}
