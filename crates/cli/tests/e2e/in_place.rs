//! `init`: a person's own shell goes into roles and out again.

mod alive;
mod case;
mod kinds;
mod options;
mod processes;
mod prompts;
mod renewal;
mod shells;

use std::collections::BTreeMap;

use super::harness::Stage;
use super::support::environment;
use super::terminal::{Terminal, eventually};
pub(crate) use shells::library as fake_time_library;
use shells::{SHELLS, Sh, Time};

/// What a person had set before the first role.
const BEFORE: [(&str, &str); 5] = [
    ("AWS_PROFILE", "mine"),
    ("AWS_REGION", "us-west-1"),
    ("AWS_SECRET_ACCESS_KEY", "it's \"my\" $own"),
    ("MYVAR1", "100% <o&l^d>!"),
    ("OTHER", "x"),
];

/// What was run last, and what libfaketime makes for each process.
const OF_THE_MOMENT: [&str; 4] = ["_", "LAST_EXIT_CODE", "CMD_DURATION_MS", "FAKETIME_SHARED"];

/// A person at a shell that has loaded `init`.
struct Person<'s> {
    sh: &'s Sh,
    stage: &'s Stage,
    terminal: Terminal,
    dumps: usize,
}

impl<'s> Person<'s> {
    fn at(stage: &'s Stage, sh: &'s Sh, env: &[(&str, &str)]) -> Self {
        let mut terminal = Terminal::new();
        sh.start(stage, &mut terminal, env);
        let person = Self {
            sh,
            stage,
            terminal,
            dumps: 0,
        };
        person.is_in("none");
        person
    }

    /// Types a line, when there is a prompt: not every shell takes what is typed
    /// before.
    #[track_caller]
    fn says(&mut self, line: &str) {
        let prompt = || self.after_prompt().is_some_and(|text| text.is_empty());
        self.terminal.eventually("a prompt", prompt);
        self.terminal.types(line);
        // Now the next empty prompt is another one.
        let there = || {
            self.after_prompt()
                .is_some_and(|text| text.starts_with(line))
        };
        self.terminal.eventually("what is typed", there);
        self.terminal.types("\r");
    }

    /// What stands behind the last prompt.
    fn after_prompt(&self) -> Option<String> {
        let screen = self.terminal.screen();
        let (_, text) = screen.rsplit_once(" ready>")?;
        Some(text.trim_start().replace('\n', ""))
    }

    /// Waits for an empty prompt of a role.
    #[track_caller]
    fn is_in(&self, role: &str) {
        let prompt = format!("{role} ready>");
        let last = |screen: &str| screen.lines().last() == Some(&prompt);
        self.terminal
            .eventually(&prompt, || last(&self.terminal.screen()));
    }

    /// Types a line, and waits for the prompt of a role on a clear screen.
    #[track_caller]
    fn goes(&mut self, line: &str, role: &str) {
        self.says(line);
        self.is_in(role);
    }

    /// Waits until what was said last has ended with `status`, where the shell
    /// has such a thing.
    #[track_caller]
    fn has_status(&mut self, status: u8) {
        let said = format!("status-{status}");
        let before = self.terminal.screen().matches(&said).count();
        if let Some(line) = self.sh.status {
            self.says(line);
            self.terminal.sees_times(&said, before + 1);
        }
    }

    /// The environment of what the shell starts.
    #[track_caller]
    fn environment(&mut self) -> BTreeMap<String, String> {
        self.dumps += 1;
        let name = format!("dump{}", self.dumps);
        self.says(&self.sh.dump.replace("DUMP", &name));
        let path = self.stage.path(&name);
        self.terminal
            .eventually("the environment is written", || path.exists());
        // What comes before a prompt is over: time may go on.
        let prompt = || self.after_prompt().is_some_and(|text| text.is_empty());
        self.terminal.eventually("a prompt", prompt);
        let mut found = environment(&std::fs::read_to_string(path).unwrap());
        found.retain(|name, _| !OF_THE_MOMENT.contains(&name.as_str()));
        found
    }
}

#[test]
fn a_shell_goes_into_roles_and_back_and_out_and_is_as_it_was() {
    for sh in SHELLS {
        let stage = Stage::new();
        let mut person = Person::at(&stage, sh, &BEFORE);
        let before = person.environment();
        assert_eq!(before["AWS_PROFILE"], "mine");

        person.goes("assume plain", "plain");
        let code = stage.code();
        person.goes(&format!("assume read {code}"), "read");
        let read = person.environment();
        for (name, value) in [
            ("AWS_ACCOUNT", "read"),
            ("AWS_REGION", "eu-central-1"),
            ("MYVAR1", "my value"),
            ("OTHER", "x"),
        ] {
            assert_eq!(read[name], value, "{}", sh.name);
        }
        assert!(!read.contains_key("AWS_PROFILE"), "{}", sh.name);
        assert_ne!(
            read["AWS_SECRET_ACCESS_KEY"],
            before["AWS_SECRET_ACCESS_KEY"]
        );
        // What the shell keeps for itself no other process sees.
        for (name, value) in &read {
            assert!(!name.starts_with("__assumerole"), "{}: {name}", sh.name);
            assert!(!value.contains("it's \"my\""), "{}: {name}", sh.name);
        }

        person.goes("assume -", "plain");
        let plain = person.environment();
        assert_eq!(
            (plain["MYVAR1"].as_str(), plain.get("AWS_REGION")),
            ("100% <o&l^d>!", None)
        );
        person.says("assume -");
        eventually("in read again", || {
            person.environment()["AWS_ACCOUNT"] == "read"
        });

        person.goes("assume --off", "none");
        assert_eq!(person.environment(), before, "{}", sh.name);
        // The previous role is that of this shell, whatever others did.
        assert_eq!(stage.run(&["exec", "plain", "true"]).status, 0);
        person.says("assume -");
        eventually("in read", || {
            person
                .environment()
                .get("AWS_ACCOUNT")
                .is_some_and(|role| role == "read")
        });
        person.says("assume --off");
        eventually("out again", || person.environment() == before);
        person.says("exit");
        person.terminal.ends();
        person.terminal.is_as_before();
    }
}

#[test]
fn a_refusal_leaves_the_shell_as_it_was_with_the_programs_status() {
    for sh in SHELLS {
        let stage = Stage::new();
        let mut person = Person::at(&stage, sh, &BEFORE);
        person.goes("assume plain", "plain");
        let plain = person.environment();
        for (line, status) in [
            ("assume nobody", 4),
            ("assume --nonsense", 2),
            ("assume read 12345", 2),
        ] {
            person.says(line);
            person.has_status(status);
            assert_eq!(person.environment(), plain, "{}: {line}", sh.name);
        }
        // The help is for the person, and is not evaluated.
        person.says("assume --help");
        person
            .terminal
            .sees("Leave the role: the shell is as it was before");
        assert_eq!(person.environment(), plain, "{}", sh.name);
        person.says("assume --off");
        eventually("out", || !person.environment().contains_key("AWS_ACCOUNT"));
        person.says("assume --off");
        person.terminal.sees("this shell is in no role");
        person.says("exit");
        person.terminal.end_of_shell();
    }
}

/// stdout is captured, and the terminal is there all the same.
#[test]
fn a_code_is_asked_for_and_a_role_is_chosen_at_the_terminal() {
    for sh in SHELLS {
        let stage = Stage::new();
        let mut person = Person::at(&stage, sh, &[]);
        person.says("assume read");
        person.terminal.is_asked(1);
        let code = stage.code();
        person.terminal.types(&format!("{code}\r"));
        person.is_in("read");
        person.says("assume");
        person.terminal.sees("deploy");
        person.terminal.types("plain\r");
        person.is_in("plain");
        person.says("assume");
        person.terminal.sees("deploy");
        person.terminal.types("\x1b");
        person.terminal.eventually("the chooser is gone", || {
            !person.terminal.screen().contains("Role:")
        });
        person.has_status(130);
        assert_eq!(person.environment()["AWS_ACCOUNT"], "plain", "{}", sh.name);
        person.says("exit");
        person.terminal.end_of_shell();
    }
}

/// The shell as well hears of that key, as it does where a program does not
/// read it.
#[test]
fn ctrl_c_at_a_question_leaves_the_shell_as_it_was() {
    for sh in SHELLS {
        let stage = Stage::new();
        let mut person = Person::at(&stage, sh, &[]);
        let before = person.environment();
        for round in 1..3 {
            person.says("assume read");
            person.terminal.is_asked(round);
            person.terminal.types("12");
            person.terminal.sees_times("••", round);
            person.terminal.types("\x03");
            person.terminal.eventually("the question is over", || {
                !person.terminal.screen().ends_with("••")
            });
            assert_eq!(person.environment(), before, "{}", sh.name);
        }
        person.goes("assume plain", "plain");
        person.says("assume");
        person.terminal.sees("deploy");
        person.terminal.types("\x03");
        person.terminal.eventually("the chooser is gone", || {
            !person.terminal.screen().contains("Role:")
        });
        assert_eq!(person.environment()["AWS_ACCOUNT"], "plain", "{}", sh.name);
        person.says("exit");
        person.terminal.end_of_shell();
    }
}

/// One that `assumerole ROLE` started.
#[test]
fn a_subshell_of_a_role_goes_into_others_and_out() {
    for sh in SHELLS {
        let Some(path) = sh.path else { continue };
        let stage = Stage::new();
        stage.warm("read");
        let env = [BEFORE.as_slice(), &[("SHELL", path)]].concat();
        let mut person = Person::at(&stage, sh, &env);
        let before = person.environment();
        person.goes(sh.quiet_subshell, "read");
        person.goes("assume plain", "plain");
        person.goes("assume --off", "none");
        let out = person.environment();
        for (name, value) in &before {
            let gone = ["AWS_PROFILE", "AWS_SECRET_ACCESS_KEY", "SHLVL"].contains(&name.as_str());
            assert!(gone || out.get(name) == Some(value), "{}: {name}", sh.name);
        }
        assert!(
            !out.keys()
                .any(|name| name.starts_with("ASSUMEROLE_RESTORE"))
        );
        person.says("exit");
        person.has_status(0);
        assert_eq!(person.environment(), before, "{}", sh.name);
        person.says("exit");
        person.terminal.end_of_shell();
    }
}
