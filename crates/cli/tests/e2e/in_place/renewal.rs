//! Every way to change what a name means, and what a shell does about it when
//! its credentials are due: it renews the very session that it is in, or stays
//! exactly as it is and is told so once.

mod cases;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use aws_sandbox::{Options, Role, User, World};

use super::super::harness::{ACCOUNT, BASE_ACCOUNT, KEY, SECRET, Stage};
use super::super::support::environment;
use super::shells::{nu, run_script};
use cases::{Assume, Case, Cd, Edit, Renewed, Roles, Set, Sh, Stays, Step, Unset, With, cases};

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
