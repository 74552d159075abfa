//! Every way to change what a name means, and what a shell does about it when
//! its credentials are due: it renews the very session that it is in, or stays
//! exactly as it is and is told so once.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use aws_sandbox::{Options, Role, User, World};

use super::super::harness::{ACCOUNT, BASE_ACCOUNT, KEY, SECRET, Stage};
use super::super::support::environment;
use super::shells::{nu, run_script};

const OTHER_KEY: &str = "AKIAIOSFODNN7OTHERKEY";
const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";

/// A folder with all that a path can have.
const FOLDER: &str = "elsewhere/näh & far";

fn world() -> World {
    let role = |name: &str| {
        Role::new(format!("arn:aws:iam::{ACCOUNT}:role/{name}"))
            .trusting(BASE_ACCOUNT)
            .trusting(ACCOUNT)
            .lasting(43_200)
            .allowing("*")
    };
    let mut world = World::default()
        .user(User::new("jdoe", BASE_ACCOUNT).key(KEY, SECRET))
        .user(User::new("other", BASE_ACCOUNT).key(OTHER_KEY, SECRET));
    for name in ["a", "b", "hub", "prod"] {
        world = world.role(role(name));
    }
    world
}

/// An entry of `~/.assumerole`.
fn entry(name: &str, role: &str, more: &str) -> String {
    format!(
        r#""{name}": {{"aws_profile": "base", "aws_account": "{ACCOUNT}", "aws_role": "{role}"{more}}}"#
    )
}

/// What `~/.assumerole` may say of `a`, beside `prod` and `hub`.
fn variants() -> Vec<(&'static str, String)> {
    let more = |more: &str| entry("a", "a", &format!(", {more}"));
    let via = entry("a", "a", "").replace(r#""aws_profile": "base""#, r#""via": "hub""#);
    vec![
        ("whole", entry("a", "a", "")),
        ("described", more(r#""description": "x""#)),
        (
            "narrow",
            more(&format!(r#""policy_arns": ["{READ_ONLY}"]"#)),
        ),
        ("policy", more(r#""policy": "~/policy.json""#)),
        ("other", entry("a", "b", "")),
        ("prod", entry("a", "prod", "")),
        ("longer", more(r#""max_session_duration": 7200"#)),
        ("tag", more(r#""session_tags": {"team": "x"}"#)),
        ("external", more(r#""external_id": "0815""#)),
        ("identity", more(r#""source_identity": "me""#)),
        ("name", more(r#""session_name": "mine""#)),
        ("region", more(r#""aws_region": "eu-west-1""#)),
        ("via", via),
        ("none", entry("c", "b", "")),
    ]
}

fn file(a: &str) -> String {
    let prod = entry("prod", "prod", r#", "confirm": true"#);
    let hub = entry("hub", "hub", "");
    format!(r#"{{"assume_roles": {{{a}, {prod}, {hub}}}}}"#)
}

fn keys(id: &str) -> String {
    format!("[base]\naws_access_key_id = {id}\naws_secret_access_key = {SECRET}\n")
}

/// One thing that happens to a shell.
#[derive(Clone, Copy)]
enum Step {
    /// A line of the function `assume`.
    Assume(&'static str),
    /// The same, with a variable for this command alone.
    With(&'static str, &'static str, &'static str),
    /// `export NAME=VALUE`.
    Set(&'static str, &'static str),
    /// `unset NAME`.
    Unset(&'static str),
    /// A command of a POSIX shell, in another process.
    Sh(&'static str),
    /// Another `~/.assumerole`, of [`variants`].
    Roles(&'static str),
    /// The note as this script of `sed` has it.
    Edit(&'static str),
    /// Into another folder.
    Cd(&'static str),
}
use Step::{Assume, Cd, Edit, Roles, Set, Sh, Unset, With};

/// What comes of it.
enum Then {
    /// New credentials, by a request with these parameters; `-NAME` is one that
    /// is not sent, `by` whose key signs it.
    Renewed(&'static [(&'static str, &'static str)]),
    /// Nothing; the line that is said begins so.
    Stays(&'static str),
}
use Then::{Renewed, Stays};

/// A name, what happens, and what comes of it.
type Case = (&'static str, &'static [Step], Then);

const A: (&str, &str) = ("RoleArn", "arn:aws:iam::123456789012:role/a");
const NARROW: (&str, &str) = ("PolicyArns.member.1.arn", READ_ONLY);
const WHOLE: (&str, &str) = ("-PolicyArns.member.1.arn", "");
const NARROW_SESSION: (&str, &str) = ("RoleSessionName", "mine");

fn cases() -> Vec<Case> {
    vec![
        ("nothing", &[Assume("a")], Renewed(&[A, WHOLE])),
        (
            "flags",
            &[Assume("--read-only --duration 15m --tag k=v a")],
            Renewed(&[
                A,
                NARROW,
                ("DurationSeconds", "900"),
                ("Tags.member.1.Value", "v"),
            ]),
        ),
        (
            "an outer role",
            &[Assume("hub"), Assume("--read-only a")],
            Renewed(&[A, NARROW]),
        ),
        // A file for one command alone.
        (
            "ASSUMEROLE_CONFIG",
            &[With("ASSUMEROLE_CONFIG", "{F}/narrow.json", "a")],
            Renewed(&[A, NARROW]),
        ),
        (
            "ASSUMEROLE_CONFIG, relative",
            &[
                Cd("elsewhere"),
                With("ASSUMEROLE_CONFIG", "näh & far/narrow.json", "a"),
                Cd("/"),
            ],
            Renewed(&[A, NARROW]),
        ),
        (
            "--config, relative",
            &[
                Cd("elsewhere"),
                Assume("--config 'näh & far/narrow.json' a"),
                Cd("/"),
            ],
            Renewed(&[A, NARROW]),
        ),
        (
            "--config, another file of that name here",
            &[
                Cd("elsewhere/näh & far"),
                Assume("--config narrow.json a"),
                Cd("elsewhere"),
            ],
            Renewed(&[A, NARROW]),
        ),
        (
            "its file is gone",
            &[
                With("ASSUMEROLE_CONFIG", "{F}/narrow.json", "a"),
                Sh("rm -r ~/elsewhere"),
            ],
            Stays("a "),
        ),
        (
            "ASSUMEROLE_CONFIG later",
            &[
                With("ASSUMEROLE_CONFIG", "{F}/narrow.json", "a"),
                Set("ASSUMEROLE_CONFIG", "{HOME}/.assumerole"),
            ],
            Renewed(&[A, NARROW]),
        ),
        (
            "AWS_CONFIG_FILE",
            &[With("AWS_CONFIG_FILE", "{F}/config", "p")],
            Renewed(&[A, NARROW_SESSION]),
        ),
        (
            "AWS_CONFIG_FILE later",
            &[Assume("p"), Set("AWS_CONFIG_FILE", "{F}/config")],
            Renewed(&[("RoleArn", "arn:aws:iam::123456789012:role/b")]),
        ),
        (
            "AWS_SHARED_CREDENTIALS_FILE",
            &[With("AWS_SHARED_CREDENTIALS_FILE", "{F}/credentials", "a")],
            Renewed(&[A, ("by", OTHER_KEY)]),
        ),
        (
            "AWS_SHARED_CREDENTIALS_FILE later",
            &[
                Assume("a"),
                Set("AWS_SHARED_CREDENTIALS_FILE", "{F}/credentials"),
            ],
            Renewed(&[A, ("by", KEY)]),
        ),
        (
            "AWS_STS_DURATION_SECONDS",
            &[With("AWS_STS_DURATION_SECONDS", "900", "a")],
            Renewed(&[A, ("DurationSeconds", "900")]),
        ),
        (
            "AWS_STS_DURATION_SECONDS later",
            &[Assume("a"), Set("AWS_STS_DURATION_SECONDS", "43200")],
            Renewed(&[A, ("DurationSeconds", "3600")]),
        ),
        (
            "AWS_STS_DURATION_SECONDS, nonsense",
            &[Assume("a"), Set("AWS_STS_DURATION_SECONDS", "for ever")],
            Stays("a is not what it was (the environment variable AWS_STS_DURATION_SECONDS is"),
        ),
        (
            "HOME",
            &[With("HOME", "{F}/home", "a")],
            Renewed(&[A, NARROW]),
        ),
        (
            "AWS_ENDPOINT_URL",
            &[With("AWS_ENDPOINT_URL", "{LOCALHOST}", "a")],
            Stays("a is another role now ("),
        ),
        (
            "AWS_ENDPOINT_URL_STS",
            &[With("AWS_ENDPOINT_URL_STS", "{LOCALHOST}", "a")],
            Stays("a is another role now ("),
        ),
        (
            "AWS_ENDPOINT_URL later",
            &[Assume("a"), Set("AWS_ENDPOINT_URL", "{LOCALHOST}")],
            Stays("a is another role now ("),
        ),
        (
            "AWS_REGION",
            &[With("AWS_REGION", "us-west-2", "a")],
            Renewed(&[A]),
        ),
        (
            "AWS_REGION later",
            &[Assume("a"), Set("AWS_REGION", "us-west-2")],
            Renewed(&[A]),
        ),
        (
            "AWS_PROFILE later",
            &[Assume("a"), Set("AWS_PROFILE", "p")],
            Renewed(&[A]),
        ),
        // An edited file.
        (
            "a description",
            &[Assume("a"), Roles("described")],
            Renewed(&[A]),
        ),
        (
            "another role",
            &[Assume("a"), Roles("other")],
            Stays("a is another role now (it is arn:aws:iam::123456789012:role/b): assume a"),
        ),
        (
            "prod under its name",
            &[Assume("a"), Roles("prod")],
            Stays("a is another role now (it is arn:aws:iam::123456789012:role/prod): assume a"),
        ),
        (
            "narrowed no more",
            &[Roles("narrow"), Assume("a"), Roles("whole")],
            Stays("a is another role now (narrowed by nothing, not by ReadOnlyAccess): assume a"),
        ),
        (
            "narrowed since",
            &[Assume("a"), Roles("narrow")],
            Stays("a is another role now (narrowed by ReadOnlyAccess, not by nothing): assume a"),
        ),
        (
            "a policy since",
            &[Assume("a"), Roles("policy")],
            Stays("a is another role now (narrowed by a policy"),
        ),
        (
            "longer since",
            &[Assume("a"), Roles("longer")],
            Stays("a is another role now (it lasts 7200 s, not 3600 s): assume a"),
        ),
        (
            "a tag since",
            &[Assume("a"), Roles("tag")],
            Stays("a is another role now (narrowed by tag team=x"),
        ),
        (
            "an external id since",
            &[Assume("a"), Roles("external")],
            Stays("a is another role now (its session is asked for with something else): assume a"),
        ),
        (
            "a source identity since",
            &[Assume("a"), Roles("identity")],
            Stays("a is another role now (its session"),
        ),
        (
            "a session name since",
            &[Assume("a"), Roles("name")],
            Stays("a is another role now (its session"),
        ),
        // The session is the same; what is exported beside it stays as it is.
        (
            "a region since",
            &[Assume("a"), Roles("region")],
            Renewed(&[A]),
        ),
        (
            "through a hub since",
            &[Assume("a"), Roles("via")],
            Stays("a is another role now ("),
        ),
        (
            "its hub",
            &[
                Roles("via"),
                Assume("a"),
                Sh("sed -i 's/\"aws_role\": \"hub\"/\"aws_role\": \"b\"/' ~/.assumerole"),
            ],
            Stays("a is another role now (it is assumed from another session): assume a"),
        ),
        (
            "removed",
            &[Assume("a"), Roles("none")],
            Stays("a is not what it was (there is no role \"a\""),
        ),
        (
            "no file",
            &[Assume("a"), Sh("rm ~/.assumerole")],
            Stays("a is not what it was ("),
        ),
        (
            "a file that is none",
            &[Assume("a"), Sh("echo '{' > ~/.assumerole")],
            Stays("a is not what it was ("),
        ),
        (
            "the base profile's key",
            &[
                Assume("a"),
                Sh("cp ~/'elsewhere/näh & far/credentials' ~/.aws/credentials"),
            ],
            Stays("a is another role now (other credentials assume it): assume a"),
        ),
        (
            "no base profile",
            &[
                Assume("a"),
                Sh("echo > ~/.aws/credentials; echo > ~/.aws/config"),
            ],
            Stays("a is not what it was ("),
        ),
        // What an .envrc may say.
        (
            "AWS_ACCOUNT",
            &[Assume("--read-only a"), Set("AWS_ACCOUNT", "b")],
            Renewed(&[A, NARROW]),
        ),
        (
            "AWS_ACCOUNT of prod",
            &[
                Assume("a"),
                Set("AWS_ACCOUNT", "prod"),
                Set("AWSUME_PROFILE", "prod"),
            ],
            Renewed(&[A]),
        ),
        (
            "AWS_ACCOUNT unset",
            &[Assume("a"), Unset("AWS_ACCOUNT")],
            Renewed(&[A]),
        ),
        (
            "ASSUMEROLE_FLAGS lost",
            &[Assume("--read-only a"), Unset("ASSUMEROLE_FLAGS")],
            Renewed(&[A, NARROW]),
        ),
        (
            "ASSUMEROLE_FLAGS edited",
            &[
                Assume("--read-only a"),
                Set("ASSUMEROLE_FLAGS", "--duration 12h"),
            ],
            Renewed(&[A, NARROW]),
        ),
        (
            "ASSUMEROLE_FLAGS, nonsense",
            &[
                Assume("--read-only a"),
                Set("ASSUMEROLE_FLAGS", "--nonsense \"x"),
            ],
            Renewed(&[A, NARROW]),
        ),
        (
            "ASSUMEROLE_EXPIRES",
            &[Assume("a"), Set("ASSUMEROLE_EXPIRES", "1")],
            Renewed(&[A]),
        ),
        (
            "ASSUMEROLE_RESTORE lost",
            &[Assume("a"), Unset("ASSUMEROLE_RESTORE")],
            Renewed(&[A]),
        ),
        // The note.
        (
            "the note lost",
            &[Assume("--read-only a"), Unset("ASSUMEROLE_SESSION")],
            Stays(
                "a is not renewed: nothing says which session this shell is in (ASSUMEROLE_SESSION is not set); assume it anew: assume a",
            ),
        ),
        (
            "the note emptied",
            &[Assume("a"), Set("ASSUMEROLE_SESSION", "")],
            Stays("a is not renewed: nothing says"),
        ),
        (
            "garbage",
            &[Assume("a"), Set("ASSUMEROLE_SESSION", "garbage")],
            Stays(
                "a is not renewed: nothing says which session this shell is in (ASSUMEROLE_SESSION was changed); assume it anew: assume a",
            ),
        ),
        (
            "a later version",
            &[Assume("a"), Set("ASSUMEROLE_SESSION", r#"{"version":2}"#)],
            Stays(
                "a is not renewed: a later version of assumerole has set ASSUMEROLE_SESSION; assume it anew: assume a",
            ),
        ),
        (
            "another role in it",
            &[
                Assume("a"),
                Edit(r#"s/"role":"a"/"role":"prod"/"#),
                Set("ASSUMEROLE_SESSION", "{edited}"),
            ],
            Stays(
                "prod is another role now (it is arn:aws:iam::123456789012:role/prod): assume prod",
            ),
        ),
        (
            "another role and its ARN in it",
            &[
                Assume("a"),
                Edit(r#"s/"role":"a"/"role":"prod"/; s:role/a:role/prod:"#),
                Set("ASSUMEROLE_SESSION", "{edited}"),
            ],
            Stays("prod is another role now ("),
        ),
        (
            "no flags in it",
            &[
                Assume("--read-only a"),
                Edit(r#"s/"flags":\[[^]]*\]/"flags":[]/"#),
                Set("ASSUMEROLE_SESSION", "{edited}"),
            ],
            Stays("a is another role now (narrowed by nothing, not by ReadOnlyAccess): assume a"),
        ),
        (
            "other flags in it",
            &[
                Assume("--duration 15m a"),
                Edit(r#"s/"900"/"43200"/"#),
                Set("ASSUMEROLE_SESSION", "{edited}"),
            ],
            Stays("a is another role now (it lasts 43200 s, not 900 s): assume a"),
        ),
        (
            "nonsense for flags in it",
            &[
                Assume("--read-only a"),
                Edit(r#"s/--read-only/--nonsense/"#),
                Set("ASSUMEROLE_SESSION", "{edited}"),
            ],
            Stays("a is not renewed: nothing says"),
        ),
        (
            "another file in it",
            &[
                With("ASSUMEROLE_CONFIG", "{F}/narrow.json", "a"),
                Edit(r#"s:elsewhere/[^"]*/narrow.json:.assumerole:"#),
                Set("ASSUMEROLE_SESSION", "{edited}"),
            ],
            Stays("a is another role now (narrowed by nothing"),
        ),
        (
            "the note of another session",
            &[
                Assume("hub"),
                Sh("printenv ASSUMEROLE_SESSION > ~/edited"),
                Assume("a"),
                Set("ASSUMEROLE_SESSION", "{edited}"),
            ],
            Stays(
                "hub is not renewed: this shell has other credentials by now; into it again: assume hub",
            ),
        ),
        // Out of the role by hand.
        (
            "the keys unset",
            &[
                Assume("a"),
                Unset("AWS_ACCESS_KEY_ID"),
                Unset("AWS_SECRET_ACCESS_KEY"),
                Unset("AWS_SESSION_TOKEN"),
            ],
            Stays(
                "a is not renewed: its credentials were taken out of this shell; into it again: assume a",
            ),
        ),
        (
            "the token unset",
            &[Assume("a"), Unset("AWS_SESSION_TOKEN")],
            Stays("a is not renewed: its credentials were taken out"),
        ),
        (
            "the secret emptied",
            &[Assume("a"), Set("AWS_SECRET_ACCESS_KEY", "")],
            Stays("a is not renewed: its credentials were taken out"),
        ),
        (
            "own keys",
            &[
                Assume("a"),
                Set("AWS_ACCESS_KEY_ID", "AKIAOWN"),
                Set("AWS_SECRET_ACCESS_KEY", "own"),
                Unset("AWS_SESSION_TOKEN"),
            ],
            Stays(
                "a is not renewed: this shell has other credentials by now; into it again: assume a",
            ),
        ),
        (
            "keys of another tool",
            &[
                Assume("a"),
                Set("AWS_ACCESS_KEY_ID", "ASIAOTHER"),
                Set("AWS_SECRET_ACCESS_KEY", "x"),
                Set("AWS_SESSION_TOKEN", "y"),
            ],
            Stays("a is not renewed: this shell has other credentials by now"),
        ),
    ]
}

/// The language of a shell, as far as it is needed.
struct Dialect {
    start: &'static [&'static str],
    init: &'static str,
    with: &'static str,
    set: &'static str,
    unset: &'static str,
    /// What comes before a prompt.
    hook: &'static str,
    /// What is in the file `~/edited`.
    edited: &'static str,
}

const BASH: Dialect = Dialect {
    start: &["bash", "-c"],
    init: "eval \"$(assumerole init bash)\"",
    with: "NAME='VALUE' assume LINE",
    set: "export NAME='VALUE'",
    unset: "unset NAME",
    hook: "eval \"$PROMPT_COMMAND\"",
    edited: "\"$(cat ~/edited)\"",
};

const ZSH: Dialect = Dialect {
    start: &["zsh", "-fc"],
    init: "eval \"$(assumerole init zsh)\"",
    hook: "for hook in $precmd_functions; do $hook; done",
    ..BASH
};

const FISH: Dialect = Dialect {
    start: &["fish", "-c"],
    init: "assumerole init fish | source",
    set: "set -gx NAME 'VALUE'",
    unset: "set -e NAME",
    hook: "emit fish_prompt",
    edited: "\"$(cat ~/edited)\"",
    ..BASH
};

/// A variable for one command is none of what it says in one line.
const NU: Dialect = Dialect {
    start: &[],
    init: "source init.nu",
    with: "",
    set: "$env.NAME = 'VALUE'",
    unset: "hide-env NAME",
    hook: "do --env $env.config.hooks.pre_prompt.0",
    edited: "(open --raw edited | str trim)",
};

/// A stage with all that the cases name.
fn stage() -> Stage {
    let stage = Stage::with(world(), Options::default());
    let config = |more: &str| {
        let sts = stage.sandbox.endpoint();
        format!(
            "[profile base]\nregion = us-east-1\nendpoint_url = {sts}\n\
             [profile p]\nsource_profile = base\nendpoint_url = {sts}\nregion = us-east-1\n{more}\n"
        )
    };
    let role = |name: &str| format!("role_arn = arn:aws:iam::{ACCOUNT}:role/{name}");
    for (name, text) in variants() {
        stage.write(&format!("variants/{name}"), &file(&text));
    }
    let narrow = file(&variants()[2].1);
    stage.write("policy.json", r#"{"Version":"2012-10-17","Statement":[]}"#);
    stage.write(".assumerole", &file(&entry("a", "a", "")));
    stage.write(".aws/config", &config(&role("b")));
    stage.write(".aws/credentials", &keys(KEY));
    let own = config(&format!("{}\nrole_session_name = mine", role("a")));
    stage.write(&format!("{FOLDER}/config"), &own);
    stage.write(&format!("{FOLDER}/credentials"), &keys(OTHER_KEY));
    stage.write(&format!("{FOLDER}/narrow.json"), &narrow);
    // Another file of that name.
    stage.write("elsewhere/narrow.json", &file(&entry("a", "b", "")));
    let home = format!("{FOLDER}/home");
    stage.write(&format!("{home}/.assumerole"), &narrow);
    stage.write(&format!("{home}/.aws/config"), &config(&role("b")));
    stage.write(&format!("{home}/.aws/credentials"), &keys(KEY));
    // The home of who marks a moment in the journal.
    stage.write("marker/.aws/config", &config(&role("b")));
    stage.write("marker/.aws/credentials", &keys(KEY));
    stage
}

/// Marks a moment in what is said.
const MOMENT: &str = "before the prompt: ";

/// Marks a moment in the journal.
const MARKER: &str = "env -i PATH=\"$PATH\" HOME=\"$HOME/marker\" ASSUMEROLE_KEY_STORE=file assumerole exec --fresh p --session-name marker -- true";

/// A line that runs `text` in a POSIX shell of its own.
fn sh(stage: &Stage, text: &str) -> String {
    let name = format!("lines/{}", stage.list("lines").len());
    stage.write(&name, text);
    format!("sh '{}'", stage.path(&name).display())
}

impl Dialect {
    fn line(&self, stage: &Stage, step: Step) -> String {
        let value = |text: &str| {
            let here = stage.sandbox.endpoint();
            text.replace("{F}", stage.path(FOLDER).to_str().unwrap())
                .replace("{HOME}", stage.home().to_str().unwrap())
                .replace("{LOCALHOST}", &here.replace("127.0.0.1", "localhost"))
        };
        let put = |template: &str, name: &str, text: &str| {
            let line = template.replace("NAME", name);
            match text {
                "{edited}" => line.replace("'VALUE'", self.edited),
                text => line.replace("VALUE", &value(text)),
            }
        };
        match step {
            Assume(line) => format!("assume {line}"),
            With(name, text, line) => put(self.with, name, text).replace("LINE", line),
            Set(name, text) => put(self.set, name, text),
            Unset(name) => self.unset.replace("NAME", name),
            Sh(line) => sh(stage, line),
            Roles(name) => sh(stage, &format!("cp ~/variants/{name} ~/.assumerole")),
            Edit(line) => sh(
                stage,
                &format!("printenv ASSUMEROLE_SESSION | sed '{line}' > ~/edited"),
            ),
            Cd(folder) => format!("cd '{}'", stage.path(folder).display()),
        }
    }

    /// The whole script of a case.
    fn script(&self, stage: &Stage, steps: &[Step]) -> String {
        let dump = |name: &str| sh(stage, &format!("env -0 > ~/{name}"));
        let mut lines = vec![self.init.to_owned()];
        lines.extend(steps.iter().map(|step| self.line(stage, *step)));
        lines.push(self.line(stage, Set("ASSUMEROLE_CHECK_AT", "0")));
        lines.push(dump("before"));
        // The cache is empty: whatever is renewed is asked for.
        lines.push(sh(
            stage,
            &format!("rm -rf ~/.assumerole.d/cache; {MARKER}; printf '{MOMENT}' >&2"),
        ));
        for name in ["after", "again"] {
            lines.push(self.hook.to_owned());
            lines.push(dump(name));
        }
        lines.join("\n")
    }

    /// Runs a case; what is wrong with it.
    fn wrong(&self, (name, steps, then): &Case) -> Option<String> {
        let stage = stage();
        let mut command = match self.start {
            [] => {
                stage.write("init.nu", &stage.run(&["init", "nu"]).stdout);
                stage.write("script.nu", &self.script(&stage, steps));
                run_script(&stage, &[&nu(), "--no-config-file"], "script.nu")
            }
            start => run_script(&stage, start, &self.script(&stage, steps)),
        };
        let output = command.output().unwrap();
        let talk = String::from_utf8_lossy(&output.stderr).into_owned();
        let read = |name: &str| std::fs::read_to_string(stage.path(name)).unwrap_or_default();
        let [before, after, again] = ["before", "after", "again"].map(|name| shown(&read(name)));
        // What is said by what comes before a prompt.
        let said = talk.split_once(MOMENT).map_or("", |(_, said)| said);
        let mut wrong = String::new();
        let mut is = |what: &str, holds: bool| {
            if !holds {
                let _ = writeln!(wrong, "  {what}");
            }
        };
        is(
            "it was in a role",
            before.contains_key("ASSUMEROLE_CHECK_AT"),
        );
        is("the second prompt changed something", after == again);
        let journal = stage.sandbox.journal();
        let marker = journal.iter().rposition(|entry| {
            entry
                .parameters
                .get("RoleSessionName")
                .is_some_and(|name| name == "marker")
        });
        is("a moment was marked", marker.is_some());
        let asked = &journal[marker.map_or(0, |at| at + 1)..];
        let changed: Vec<&str> = names(&before, &after)
            .into_iter()
            .filter(|name| before.get(*name) != after.get(*name))
            .collect();
        match then {
            Renewed(parameters) => {
                is("something was said", said.is_empty());
                is(
                    "other variables than those of a renewal",
                    changed == RENEWED,
                );
                let key = after.get("AWS_ACCESS_KEY_ID").map_or("", String::as_str);
                let note = after.get("ASSUMEROLE_SESSION").map_or("", String::as_str);
                is("the note has another key", note.contains(key));
                let last = asked.last();
                for (parameter, value) in *parameters {
                    let found = |name: &str| Some(last?.parameters.get(name)?.as_str());
                    is(
                        parameter,
                        match (parameter.strip_prefix('-'), *parameter) {
                            (Some(name), _) => found(name).is_none(),
                            (None, "by") => {
                                let by = last.and_then(|entry| entry.access_key_id.as_deref());
                                by == Some(value)
                            }
                            (None, name) => found(name) == Some(value),
                        },
                    );
                }
            }
            Stays(line) => {
                is("it was asked for", asked.is_empty());
                is("something changed", changed == ["ASSUMEROLE_CHECK_AT"]);
                is(
                    "it looks again",
                    after
                        .get("ASSUMEROLE_CHECK_AT")
                        .is_some_and(|at| at == "never"),
                );
                is("another line", said.starts_with(line));
                is("more than a line", said.matches('\n').count() == 1);
            }
        }
        if wrong.is_empty() {
            return None;
        }
        let parameters: Vec<_> = asked.iter().map(|entry| &entry.parameters).collect();
        Some(format!(
            "{name}:\n{wrong}  said: {said:?}\n  changed: {changed:?}\n  asked: {parameters:?}\n  {talk}\n"
        ))
    }

    fn wrongs(&self, cases: &[Case]) -> Vec<String> {
        cases.iter().filter_map(|case| self.wrong(case)).collect()
    }

    #[track_caller]
    fn all(&self, cases: &[Case]) {
        // A shell waits more than it works.
        let wrong: Vec<String> = std::thread::scope(|scope| {
            let part = |cases| scope.spawn(move || self.wrongs(cases));
            let parts: Vec<_> = cases.chunks(cases.len().div_ceil(4)).map(part).collect();
            parts
                .into_iter()
                .flat_map(|part| part.join().unwrap())
                .collect()
        });
        assert!(
            wrong.is_empty(),
            "{} of {} are wrong\n{}",
            wrong.len(),
            cases.len(),
            wrong.join("\n")
        );
    }
}

/// What is new when a session is renewed. It ends in the same second where the
/// test is fast.
const RENEWED: &[&str] = &[
    "ASSUMEROLE_CHECK_AT",
    "ASSUMEROLE_SESSION",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
];

/// Of the moment, or of the shell that wrote it down.
const OF_THE_MOMENT: &[&str] = &[
    "_",
    "SHLVL",
    "LAST_EXIT_CODE",
    "CMD_DURATION_MS",
    "ASSUMEROLE_EXPIRES",
    "AWS_EXPIRATION",
    "AWS_CREDENTIAL_EXPIRATION",
];

fn shown(text: &str) -> BTreeMap<String, String> {
    let mut found = environment(text);
    found.retain(|name, _| !OF_THE_MOMENT.contains(&name.as_str()));
    found
}

fn names<'a>(a: &'a BTreeMap<String, String>, b: &'a BTreeMap<String, String>) -> Vec<&'a str> {
    let all: std::collections::BTreeSet<&str> =
        a.keys().chain(b.keys()).map(String::as_str).collect();
    all.into_iter().collect()
}

#[test]
fn bash_renews_the_session_that_it_is_in_and_no_other() {
    BASH.all(&cases());
}

#[test]
fn zsh_renews_the_session_that_it_is_in_and_no_other() {
    ZSH.all(&some());
}

#[test]
fn fish_renews_the_session_that_it_is_in_and_no_other() {
    FISH.all(&some());
}

#[test]
fn nushell_renews_the_session_that_it_is_in_and_no_other() {
    let mut some = some();
    some.retain(|(_, steps, _)| !steps.iter().any(|step| matches!(step, With(..))));
    NU.all(&some);
}

/// Of each kind some.
fn some() -> Vec<Case> {
    let mut cases = cases();
    let names = [
        "flags",
        "ASSUMEROLE_CONFIG",
        "AWS_STS_DURATION_SECONDS later",
        "another role",
        "narrowed no more",
        "removed",
        "AWS_ACCOUNT of prod",
        "ASSUMEROLE_FLAGS lost",
        "the note lost",
        "garbage",
        "no flags in it",
        "the keys unset",
        "own keys",
    ];
    cases.retain(|(name, ..)| names.contains(name));
    assert_eq!(cases.len(), names.len());
    cases
}
