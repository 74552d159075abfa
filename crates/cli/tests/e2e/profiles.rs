//! `profiles diff|write|remove`: a profile for each role in one marked block
//! of `~/.aws/config`.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::harness::{CONFIG, KEY, Ran, SECRET, Stage, program};
use super::support::{Checks, check};

/// The usual stage, with the program in PATH.
fn stage() -> Stage {
    let stage = Stage::new();
    fs::create_dir(stage.path("bin")).unwrap();
    symlink(program(), stage.path("bin/assumerole")).unwrap();
    stage
}

fn run(stage: &Stage, args: &[&str]) -> Ran {
    run_in(stage, args, &[])
}

fn run_in(stage: &Stage, args: &[&str], env: &[(&str, &str)]) -> Ran {
    let path = format!("{}:/usr/bin:/bin", stage.path("bin").display());
    let args = [&["profiles"], args].concat();
    stage.ran(
        stage
            .command(&args)
            .env("PATH", path)
            .envs(env.iter().copied()),
    )
}

/// `~/.aws/config`, the home folder and the endpoint as in what is printed.
fn config(stage: &Stage) -> String {
    let text = fs::read_to_string(stage.path(".aws/config")).unwrap();
    text.replace(stage.home().to_str().unwrap(), "$HOME")
        .replace(&stage.sandbox.endpoint(), "$STS")
}

const BASE: &str = "[profile base]\nendpoint_url = $STS\n";

/// The block's lines but for its markers.
fn profiles(stage: &Stage) -> Vec<String> {
    let text = config(stage);
    let lines = text.strip_prefix(BASE).unwrap_or(&text).lines();
    let lines = lines.filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.map(str::to_owned).collect()
}

#[test]
fn each_role_gets_a_profile_and_leaves_nothing_behind() {
    let stage = stage();
    let before = config(&stage);
    let mut checks = Checks::default();
    let diff = "\
--- ~/.aws/config
+++ ~/.aws/config
+[profile read]
+credential_process = $HOME/bin/assumerole credential-process -- read
+region = eu-central-1
+[profile plain]
+credential_process = $HOME/bin/assumerole credential-process -- plain
+[profile deploy]
+credential_process = $HOME/bin/assumerole credential-process -- deploy
";
    checks.ran("diff", &run(&stage, &["diff"]), diff, "", 1);
    checks.ran("dry", &run(&stage, &["write", "--dry-run"]), diff, "", 1);
    checks.same("untouched", &config(&stage), &before);
    let told = "Added to ~/.aws/config:\n  read\n  plain\n  deploy\n";
    checks.ran("write", &run(&stage, &["write"]), told, "", 0);
    let written = config(&stage);
    let (kept, block) = written.split_at(before.len());
    checks.same("kept", kept, &before);
    let mut lines = block.lines();
    checks.same(
        "begin",
        lines.next().unwrap(),
        "# BEGIN assumerole: written by `assumerole profiles write`; do not edit",
    );
    let source = lines.next().unwrap();
    checks.same(
        "source",
        &source[..source.len() - 8],
        "# source: ~/.assumerole ",
    );
    checks.same(
        "rest",
        &lines.collect::<Vec<_>>().join("\n"),
        "\
[profile read]
credential_process = $HOME/bin/assumerole credential-process -- read
region = eu-central-1

[profile plain]
credential_process = $HOME/bin/assumerole credential-process -- plain

[profile deploy]
credential_process = $HOME/bin/assumerole credential-process -- deploy
# END assumerole",
    );
    let same = "There is nothing to change in ~/.aws/config: it has all 3 profiles already.\n";
    let inode =
        || std::os::unix::fs::MetadataExt::ino(&fs::metadata(stage.path(".aws/config")).unwrap());
    let number = inode();
    checks.ran("again", &run(&stage, &["write"]), same, "", 0);
    checks.ran("no diff", &run(&stage, &["diff"]), same, "", 0);
    checks.same(
        "not written again",
        &inode().to_string(),
        &number.to_string(),
    );
    let told = "Removed from ~/.aws/config:\n  read\n  plain\n  deploy\n";
    checks.ran("remove", &run(&stage, &["remove"]), told, "", 0);
    checks.same("as before", &config(&stage), &before);
    let none = "There is nothing to change in ~/.aws/config: it has no profile of a role.\n";
    checks.ran("nothing left", &run(&stage, &["remove"]), none, "", 0);
    checks.number("requests", stage.requests(), 0);
}

#[test]
fn what_matches_is_written_and_what_is_gone_is_dropped() {
    let stage = stage();
    let mut checks = Checks::default();
    let told = "Added to ~/.aws/config:\n  plain\n";
    checks.ran("one", &run(&stage, &["write", "pl*"]), told, "", 0);
    checks.ran(
        "others",
        &run(&stage, &["write", "account:123456789012", "--no-prompt"]),
        "\
Added to ~/.aws/config:
  read
  deploy
Changed in ~/.aws/config:
  plain
",
        "",
        0,
    );
    checks.same(
        "no prompt",
        &profiles(&stage)[1],
        "credential_process = $HOME/bin/assumerole credential-process --no-prompt -- read",
    );
    // A role that is gone, one that changed, one that was not asked about.
    stage.write(
        ".assumerole",
        &CONFIG
            .replace("\"deploy\"", "\"release\"")
            .replace("eu-central-1", "eu-west-2"),
    );
    let diff = "\
--- ~/.aws/config
+++ ~/.aws/config
 [profile read]
-credential_process = $HOME/bin/assumerole credential-process --no-prompt -- read
-region = eu-central-1
+credential_process = $HOME/bin/assumerole credential-process -- read
+region = eu-west-2
-[profile deploy]
-credential_process = $HOME/bin/assumerole credential-process --no-prompt -- deploy
";
    checks.ran("diff", &run(&stage, &["diff", "read"]), diff, "", 1);
    let told = "Changed in ~/.aws/config:\n  read\nRemoved from ~/.aws/config:\n  deploy\n";
    checks.ran("write", &run(&stage, &["write", "read"]), told, "", 0);
    checks.same(
        "not asked about",
        &profiles(&stage)[4],
        "credential_process = $HOME/bin/assumerole credential-process --no-prompt -- plain",
    );
    let told = "Changed in ~/.aws/config:\n  aws-read (was read)\n";
    checks.ran(
        "prefix",
        &run(&stage, &["write", "--prefix", "aws-", "read"]),
        told,
        "",
        0,
    );
    let told = "Removed from ~/.aws/config:\n  aws-read\n";
    checks.ran("remove", &run(&stage, &["remove", "read"]), told, "", 0);
    checks.ran(
        "nobody",
        &run(&stage, &["write", "raed"]),
        "",
        "\
error: no role matches \"raed\"
  hint: did you mean read?
",
        4,
    );
    checks.ran(
        "nobody",
        &run(&stage, &["remove", "release"]),
        "",
        "\
error: no role matches \"release\"
  hint: see all roles: assumerole list
",
        4,
    );
    // One that is gone can still be named.
    stage.roles("");
    let told = "Removed from ~/.aws/config:\n  plain\n";
    checks.ran("gone", &run(&stage, &["remove", "plain"]), told, "", 0);
    checks.same("as before", &config(&stage), BASE);
}

#[test]
fn what_cannot_or_may_not_have_a_profile_is_left_out() {
    let stage = stage();
    let role = r#""aws_account": "123456789012", "aws_role": "plain""#;
    let other = r#""aws_account": "123456789012", "aws_role": "read""#;
    stage.roles(&format!(
        r#""good": {{"aws_profile": "base", {role}}},
  "base": {{"aws_profile": "base", {role}}},
  "hub": {{"aws_profile": "leaf", {role}}},
  "leaf": {{"via": "hub", {role}}},
  "one": {{"aws_profile": "two", {role}}},
  "two": {{"aws_profile": "one", {role}}},
  "a b": {{"aws_profile": "base", {role}}},
  "naïve": {{"aws_profile": "base", {role}}},
  "default": {{"aws_profile": "base", {role}}},
  "prod": {{"aws_profile": "base", "confirm": true, {other}}},
  "alias": {{"aws_profile": "base", {other}}},
  "there": {{"aws_profile": "base", {role}}},
  "keys": {{"aws_profile": "base", {role}}},
  "wrong": {{"aws_profile": "base"}}"#
    ));
    let mine = "[profile there]\nregion = eu-west-1\n";
    stage.write(
        ".aws/config",
        &format!(
            "{}{mine}",
            config(&stage).replace("$STS", &stage.sandbox.endpoint())
        ),
    );
    stage.write(
        ".aws/credentials",
        &format!("[base]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n[keys]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n"),
    );
    let left_out = "\
Left out:
  wrong: role \"wrong\" has no aws_role (~/.assumerole:14:3)
  base: its keys are those of profile base (~/.aws/credentials:1:1)
  leaf: its keys are those of profile leaf
  one: its keys would come from itself: one → two → one
  two: its keys would come from itself: two → one → two
  a b: not every SDK finds a profile of that name: letters and digits of ASCII and _-/.%@:+ are found by all
  naïve: not every SDK finds a profile of that name: letters and digits of ASCII and _-/.%@:+ are found by all
  default: every program without a profile would take it
  prod: it is confirmed by its name before it is assumed (~/.assumerole:10:3)
  alias: role prod is confirmed by its name before it is assumed (~/.assumerole:10:35)
  there: there is a profile there already (~/.aws/config:3:1)
  keys: there is a profile keys already (~/.aws/credentials:4:1)
";
    let mut checks = Checks::default();
    let told = format!("Added to ~/.aws/config:\n  good\n  hub\n{left_out}");
    checks.ran("write", &run(&stage, &["write"]), &told, "", 0);
    let ran = run(&stage, &["diff", "--json", "there", "good"]);
    let mut json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    json["profiles"].as_array_mut().unwrap().pop();
    checks.same(
        "json",
        &json.to_string(),
        &serde_json::json!({
            "file": "$HOME/.aws/config",
            "profiles": [{
                "profile": "good",
                "role": "good",
                "change": "unchanged",
                "credential_process": "$HOME/bin/assumerole credential-process -- good",
                "region": null,
                "was": null,
            }],
            "left_out": [{
                "profile": "there",
                "role": "there",
                "reason": "there is a profile there already",
                "at": "~/.aws/config:3:1",
            }],
        })
        .to_string(),
    );
    checks.number("json", ran.status as usize, 0);
    // With a prefix the name is another one.
    let ran = run(
        &stage,
        &["write", "--prefix", "x-", "base", "default", "keys"],
    );
    let told = "Added to ~/.aws/config:\n  x-base\n  x-default\n  x-keys\n";
    checks.ran("prefix", &ran, told, "", 0);
    // One that is left out from now on leaves the block.
    let text = fs::read_to_string(stage.path(".aws/credentials")).unwrap();
    stage.write(".aws/credentials", &format!("{text}[good]\nregion = x\n"));
    let told = "\
Removed from ~/.aws/config:
  good
Left out:
  good: there is a profile good already (~/.aws/credentials:7:1)
";
    checks.ran("later", &run(&stage, &["write", "good"]), told, "", 0);
}

#[test]
fn the_program_is_named_as_path_has_it() {
    let stage = stage();
    let mut checks = Checks::default();
    for (folder, path, said) in [
        ("no", "/usr/bin", "\
error: no profile can name the program
  because: assumerole is not in PATH
  hint: put its folder into PATH, or a link to it into one that is there
"),
        ("relative", "bin", "\
error: no profile can name the program
  because: PATH has it as bin/assumerole, which is another file in another folder
  hint: put its absolute path into PATH
"),
        ("it's", "$HOME/it's", "\
error: no quotes make one word of this path for all SDKs
  because: \"$HOME/it's/assumerole\": it has a quote or a backslash, which SDKs read in different ways
  hint: put the file, or a link to it, into a folder with a plain name
"),
    ] {
        fs::create_dir_all(stage.path(folder)).unwrap();
        let _ = symlink(program(), stage.path("it's/assumerole"));
        let path = path.replace("$HOME", stage.home().to_str().unwrap());
        for command in ["diff", "write"] {
            let path = format!("{path}:/usr/bin:/bin");
            checks.ran(folder, &run_in(&stage, &[command], &[("PATH", &path)]), "", said, 1);
        }
    }
    checks.same("untouched", &config(&stage), BASE);
    // A folder with a blank is quoted; the file of the roles is named by its
    // absolute path where another one is in force.
    fs::create_dir(stage.path("my tools")).unwrap();
    symlink(program(), stage.path("my tools/assumerole")).unwrap();
    stage.write("team file.json", CONFIG);
    let path = format!("{}:/usr/bin:/bin", stage.path("my tools").display());
    for (case, args, env) in [
        (
            "flag",
            &["write", "--config", "team file.json", "plain"][..],
            ("X", ""),
        ),
        (
            "variable",
            &["write", "plain"],
            ("ASSUMEROLE_CONFIG", "team file.json"),
        ),
    ] {
        let ran = run_in(&stage, args, &[("PATH", &path), env]);
        checks.ran(case, &ran, "Added to ~/.aws/config:\n  plain\n", "", 0);
        checks.same(case, &profiles(&stage).join("\n"), "\
[profile plain]
credential_process = '$HOME/my tools/assumerole' credential-process --config '$HOME/team file.json' -- plain");
        let source = "# source: $HOME/team file.json ";
        checks.same(case, &config(&stage).contains(source).to_string(), "true");
        // ~/.assumerole is another source: its part is another one, and a name
        // is only there once.
        let told = "\
Added to ~/.aws/config:
  read
  deploy
Left out:
  plain: there is a profile plain already (~/.aws/config:5:1)
";
        checks.ran(case, &run(&stage, &["write"]), told, "", 0);
        let told = "Removed from ~/.aws/config:\n  read\n  deploy\n";
        checks.ran(case, &run(&stage, &["remove"]), told, "", 0);
        let mut remove = args.to_vec();
        remove[0] = "remove";
        let ran = run_in(&stage, &remove, &[env]);
        checks.ran(case, &ran, "Removed from ~/.aws/config:\n  plain\n", "", 0);
        checks.same(case, &config(&stage), BASE);
    }
}

#[test]
fn a_file_that_is_not_there_is_made_and_one_that_is_keeps_what_it_is() {
    let stage = stage();
    fs::remove_file(stage.path(".aws/config")).unwrap();
    fs::remove_file(stage.path(".aws/credentials")).unwrap();
    fs::remove_dir(stage.path(".aws")).unwrap();
    let mut checks = Checks::default();
    run(&stage, &["diff"]);
    checks.same(
        "nothing is made",
        &stage.path(".aws").exists().to_string(),
        "false",
    );
    let told = "Added to ~/.aws/config:\n  plain\n";
    checks.ran("new", &run(&stage, &["write", "plain"]), told, "", 0);
    let mode = |name: &str| fs::metadata(stage.path(name)).unwrap().permissions().mode() & 0o7777;
    checks.same("folder", &format!("{:o}", mode(".aws")), "700");
    checks.same("file", &format!("{:o}", mode(".aws/config")), "600");
    // Through a link, and with the mode that it has.
    stage.write("dotfiles/config", "[default]\nregion = eu-west-1");
    fs::set_permissions(
        stage.path("dotfiles/config"),
        fs::Permissions::from_mode(0o640),
    )
    .unwrap();
    fs::remove_file(stage.path(".aws/config")).unwrap();
    symlink(stage.path("dotfiles/config"), stage.path(".aws/config")).unwrap();
    checks.ran("link", &run(&stage, &["write", "plain"]), told, "", 0);
    let link = fs::symlink_metadata(stage.path(".aws/config")).unwrap();
    checks.same("link", &link.is_symlink().to_string(), "true");
    checks.same("mode", &format!("{:o}", mode("dotfiles/config")), "640");
    run(&stage, &["remove"]);
    checks.same("whole", &config(&stage), "[default]\nregion = eu-west-1");
    // Another file, where a variable names one.
    stage.write("elsewhere", "");
    let elsewhere = stage.path("elsewhere");
    let env = [("AWS_CONFIG_FILE", elsewhere.to_str().unwrap())];
    let told = "Added to ~/elsewhere:\n  plain\n";
    checks.ran(
        "variable",
        &run_in(&stage, &["write", "plain"], &env),
        told,
        "",
        0,
    );
    checks.same("other", &config(&stage), "[default]\nregion = eu-west-1");
}

#[test]
fn a_block_that_is_broken_or_edited_is_told() {
    let stage = stage();
    run(&stage, &["write", "plain"]);
    let written = fs::read_to_string(stage.path(".aws/config")).unwrap();
    let mut checks = Checks::default();
    for (case, text, said) in [
        (
            "edited",
            written.replace("# END", "output = json\n# END"),
            "\
error: the assumerole block in ~/.aws/config was edited by hand
 --> ~/.aws/config:7:1
  |
7 | output = json
  | ^^^^^^^^^^^^^
  = because: `assumerole profiles write` writes no such line
  hint: move what you want to keep out of the block, under a name of its own
  hint: write the block anew: assumerole profiles write --force
",
        ),
        (
            "no end",
            written.replace("# END assumerole\n", ""),
            "\
error: the assumerole block in ~/.aws/config does not end
 --> ~/.aws/config:3:1
  |
3 | # BEGIN assumerole: written by `assumerole profiles write`; do not edit
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  hint: add a line \"# END assumerole\" behind the last profile of the block
",
        ),
        (
            "behind",
            format!("{written}output = json\n"),
            "\
error: this line belongs to the last profile of the assumerole block
 --> ~/.aws/config:8:1
  |
8 | output = json
  | ^^^^^^^^^^^^^
  = because: no [section] that begins its line stands between them
  hint: move it above the block, to the profile that it is meant for
",
        ),
    ] {
        stage.write(".aws/config", &text);
        for args in [&["diff"][..], &["write"], &["remove"]] {
            checks.ran(case, &run(&stage, args), "", said, 3);
        }
        let now = fs::read_to_string(stage.path(".aws/config")).unwrap();
        checks.same(case, &now, &text);
    }
    stage.write(
        ".aws/config",
        &written.replace("# END", "output = json\n# END"),
    );
    let told = "There is nothing to change in ~/.aws/config: it has the profile already.\n";
    checks.ran(
        "force",
        &run(&stage, &["write", "--force", "plain"]),
        told,
        "",
        0,
    );
    checks.same(
        "written anew",
        &fs::read_to_string(stage.path(".aws/config")).unwrap(),
        &written,
    );
}

/// With another name than the role, or the same one.
#[test]
fn our_own_reading_knows_the_profiles() {
    let stage = stage();
    let mut checks = Checks::default();
    run(&stage, &["write", "--prefix", "x-", "plain"]);
    run(&stage, &["write", "read"]);
    let ran = stage.run(&["accountlist_text"]);
    checks.ran("list", &ran, "read\nplain\ndeploy\n", "", 0);
    let ran = stage.run(&[
        "complete",
        "--shell",
        "bash",
        "--",
        "assumerole",
        "exec",
        "",
    ]);
    for name in ["read", "plain", "deploy", "x-plain"] {
        let times = ran
            .stdout
            .lines()
            .filter(|line| line.split('\t').next() == Some(name));
        checks.number(name, times.count(), usize::from(name != "x-plain"));
    }
    let ran = stage.run(&["exec", "x-plain", "--", "printenv", "AWS_ACCOUNT"]);
    checks.ran("as the role", &ran, "plain\n", "", 0);
    checks.number("one request", stage.requests(), 1);
    // Nothing is wrong with them, but for what one SDK does not read.
    let ran = stage.run(&["check"]);
    checks.same(
        "check",
        &ran.stdout.matches("warning: ").count().to_string(),
        "1",
    );
    checks.same(
        "check",
        &ran.stdout.contains("Java 1.x").to_string(),
        "true",
    );
    checks.number("check", ran.status as usize, 0);
    // A role whose keys would come from itself is told without running anything.
    let role = r#""aws_account": "123456789012", "aws_role": "plain""#;
    stage.roles(&format!(r#""plain": {{"aws_profile": "x-plain", {role}}}"#));
    let said = "\
error: role plain takes its keys from itself: plain → plain
 --> ~/.assumerole:1:44
  |
1 | {\"assume_roles\": {\"plain\": {\"aws_profile\": \"x-plain\", \"aws_account\": \"123456789012\", \"aws_role\": \"plain\"}}}
  |                                            ^^^^^^^^^
  = because: profile x-plain (~/.aws/config:9:1) has no keys of its own: it runs assumerole for a role
  hint: name a profile with keys as its aws_profile, or take the other one out: assumerole profiles remove
";
    checks.ran(
        "circle",
        &stage.run(&["exec", "plain", "true"]),
        "",
        said,
        125,
    );
}

#[test]
fn a_command_that_is_not_whole_is_told() {
    let stage = stage();
    let mut checks = Checks::default();
    checks.ran(
        "alone",
        &stage.run(&["profiles"]),
        "",
        "\
error: missing: <COMMAND>
  hint: write: assumerole profiles [OPTIONS] <COMMAND>
  hint: see: assumerole profiles --help
",
        2,
    );
    checks.ran(
        "unknown",
        &stage.run(&["profiles", "wirte"]),
        "",
        "\
error: profiles has no command \"wirte\"
  hint: did you mean write?
  hint: see: assumerole profiles --help
",
        2,
    );
    stage.roles(r#""profiles": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain"}"#);
    check(
        &stage.run(&["profiles"]),
        "",
        "\
error: profiles is both a command and a role; nothing was done
  hint: assume the role: assumerole -- profiles
  hint: run the command: assumerole profiles [OPTIONS] <COMMAND>
",
        2,
    );
    check(
        &stage.run(&["profiles", "123456"]),
        "",
        "\
error: profiles has no command \"123456\"
  hint: assume the role profiles: assumerole -- profiles 123456
  hint: see: assumerole profiles --help
",
        2,
    );
}
