//! Many processes at once that want the same credentials.

use std::fs::{self, File};
use std::process::{Child, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{self, Sender};
use std::time::Duration;

use rustix::process::Signal;

use super::harness::{Ran, Stage};
use super::terminal::{CTRL_C, PATIENCE, QUESTION, Terminal, eventually};

/// As many as a loop over accounts starts, or an editor with its plug-ins.
const MANY: usize = 40;

/// What a process says that waits for another one.
const WAITING: &str = "which is obtaining the same credentials";

/// Processes that run at the same time, their output in files.
struct Crowd<'s> {
    stage: &'s Stage,
    name: &'static str,
    children: Vec<Child>,
}

impl<'s> Crowd<'s> {
    /// So many, with the same arguments.
    fn start(stage: &'s Stage, name: &'static str, count: usize, args: &[&str]) -> Self {
        let stream = |kind: &str, at: usize| {
            File::create(stage.path(&format!("{name}-{kind}-{at}"))).unwrap()
        };
        let start = |at: usize| {
            let mut command = stage.command(args);
            let command = command.stdout(Stdio::from(stream("out", at)));
            command.stderr(stream("err", at)).spawn().unwrap()
        };
        Self {
            stage,
            name,
            children: (0..count).map(start).collect(),
        }
    }

    /// How many wait for another one.
    fn waiting(&self) -> usize {
        (0..self.children.len())
            .filter(|at| self.said("err", *at).contains(WAITING))
            .count()
    }

    fn said(&self, kind: &str, at: usize) -> String {
        let name = format!("{}-{kind}-{at}", self.name);
        fs::read_to_string(self.stage.path(&name)).unwrap()
    }

    /// What each left in the end, without its words about waiting.
    fn end(mut self) -> Vec<Ran> {
        let mut all = Vec::new();
        for at in 0..self.children.len() {
            let status = self.children[at].wait().unwrap();
            let talk = self.said("err", at);
            let talk = talk.lines().filter(|line| !line.ends_with(WAITING));
            all.push(Ran {
                stdout: self.said("out", at),
                stderr: talk.map(|line| format!("{line}\n")).collect(),
                status: status.code().unwrap(),
            });
        }
        all
    }
}

impl Drop for Crowd<'_> {
    fn drop(&mut self) {
        for child in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Holds every answer of AWS back until something is sent or this is dropped.
fn hold_answers(stage: &Stage) -> Sender<()> {
    let (let_go, held) = mpsc::channel();
    let held = Mutex::new(held);
    stage.sandbox.watch(move |_| {
        let _ = held.lock().unwrap().recv_timeout(PATIENCE);
    });
    let_go
}

#[test]
fn one_code_is_enough_for_forty() {
    let stage = Stage::new();
    let answer = hold_answers(&stage);
    let code = stage.code();
    let args = [
        "exec",
        "read",
        "--mfa-code",
        &code,
        "--",
        "printenv",
        "AWS_ACCESS_KEY_ID",
    ];
    let crowd = Crowd::start(&stage, "forty", MANY, &args);
    eventually("all but one wait", || crowd.waiting() == MANY - 1);
    drop(answer);
    let all = crowd.end();
    assert_eq!(stage.sandbox.count("AssumeRole"), 1);
    assert!(all[0].stdout.starts_with("ASIA"), "{:?}", all[0]);
    for ran in &all {
        assert_eq!(ran, &all[0]);
        assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
    }
}

#[test]
fn forty_hear_the_same_refusal_of_one_request() {
    let stage = Stage::direct();
    let answer = hold_answers(&stage);
    let code = stage.code();
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let args = ["exec", "read", "--mfa-code", wrong, "--", "true"];
    let crowd = Crowd::start(&stage, "forty", MANY, &args);
    eventually("all but one wait", || crowd.waiting() == MANY - 1);
    drop(answer);
    let all = crowd.end();
    assert_eq!(stage.sandbox.count("AssumeRole"), 1);
    let refusal = "error: An error occurred (AccessDenied) when calling the AssumeRole operation: \
                   MultiFactorAuthentication failed with invalid MFA one time pass code.\n";
    assert!(all[0].stderr.starts_with(refusal), "{:?}", all[0]);
    for ran in &all {
        assert_eq!(ran, &all[0]);
        assert_eq!(ran.status, 125);
    }
    // It was theirs: who comes later asks AWS.
    drop(stage.run(&args));
    assert_eq!(stage.sandbox.count("AssumeRole"), 2);
}

#[test]
fn a_slow_answer_is_waited_for() {
    let stage = Stage::new();
    stage.sandbox.set_latency(Duration::from_millis(1500));
    let crowd = Crowd::start(
        &stage,
        "five",
        5,
        &["exec", "plain", "--", "printenv", "AWS_ACCESS_KEY_ID"],
    );
    let all = crowd.end();
    assert_eq!(stage.sandbox.count("AssumeRole"), 1);
    assert!(
        all.iter().all(|ran| ran == &all[0] && ran.status == 0),
        "{all:?}"
    );
}

#[test]
fn forty_of_one_terminal_ask_one_question() {
    let stage = Stage::new();
    let script = format!(
        "for at in $(seq {MANY}); do
            assumerole --quiet exec read -- printenv AWS_ACCESS_KEY_ID >out-$at || echo failed &
        done
        wait
        echo $(cat out-* | wc -l) answers, $(sort -u out-* | wc -l) key"
    );
    let mut terminal = Terminal::running(&stage, &script);
    terminal.is_asked(1);
    let code = stage.code();
    terminal.types(&format!("{code}\r"));
    assert_eq!(terminal.ends(), 0);
    assert_eq!(
        terminal.screen(),
        format!("{QUESTION} ••••••\n{MANY} answers, 1 key")
    );
    terminal.is_as_before();
    assert_eq!(stage.sandbox.count("AssumeRole"), 1);
}

/// Ten of each of four roles: one question, one session, one request a role.
#[test]
fn forty_of_four_roles_ask_one_question() {
    let stage = Stage::new();
    let role = |at: usize| {
        format!(
            r#""r{at}": {{"aws_profile": "base", "aws_account": "123456789012", "aws_role": "read", "session_name": "r{at}", "aws_mfa_arn": "arn:aws:iam::210987654321:mfa/jdoe"}}"#
        )
    };
    stage.roles(&(0..4).map(role).collect::<Vec<_>>().join(","));
    let script = format!(
        "for at in $(seq {MANY}); do
            assumerole --quiet exec r$((at % 4)) -- printenv AWS_ACCESS_KEY_ID >out-$at || echo failed &
        done
        wait
        echo $(cat out-* | wc -l) answers, $(sort -u out-* | wc -l) keys"
    );
    let mut terminal = Terminal::running(&stage, &script);
    terminal.is_asked(1);
    let code = stage.code();
    terminal.types(&format!("{code}\r"));
    assert_eq!(terminal.ends(), 0);
    assert_eq!(
        terminal.screen(),
        format!("{QUESTION} ••••••\n{MANY} answers, 4 keys")
    );
    assert_eq!(stage.sandbox.count("GetSessionToken"), 1);
    assert_eq!(stage.sandbox.count("AssumeRole"), 4);
}

/// One process that asks, and another one at another terminal that waits.
fn one_asks_and_one_waits(stage: &Stage) -> (Terminal, Terminal) {
    let script = "exec assumerole exec read -- echo done";
    let asking = Terminal::running(stage, script);
    asking.is_asked(1);
    let waiting = Terminal::running(stage, script);
    waiting.sees(WAITING);
    assert!(
        waiting
            .screen()
            .contains(&format!("process {}", asking.pid()))
    );
    (asking, waiting)
}

#[test]
fn the_turn_passes_on_when_the_one_who_asks_is_killed() {
    let stage = Stage::new();
    let (asking, mut waiting) = one_asks_and_one_waits(&stage);
    asking.kills(Signal::KILL);
    waiting.is_asked(1);
    waiting.types(&format!("{}\r", stage.code()));
    assert_eq!(waiting.ends(), 0);
    assert!(waiting.screen().ends_with("\ndone"), "{}", waiting.screen());
    waiting.is_as_before();
    assert_eq!(stage.sandbox.count("AssumeRole"), 1);
}

/// A signal was meant for the one who got it.
#[test]
fn the_turn_passes_on_when_the_one_who_asks_is_ended() {
    for signal in [Signal::TERM, Signal::HUP] {
        let stage = Stage::new();
        let (mut asking, mut waiting) = one_asks_and_one_waits(&stage);
        asking.kills(signal);
        asking.is_ended_by(signal);
        waiting.is_asked(1);
        waiting.types(&format!("{}\r", stage.code()));
        assert_eq!(waiting.ends(), 0);
        assert_eq!(stage.sandbox.count("AssumeRole"), 1);
    }
}

/// Nobody wants to say no forty times.
#[test]
fn who_gives_up_gives_up_for_all() {
    let stage = Stage::new();
    let (mut asking, mut waiting) = one_asks_and_one_waits(&stage);
    asking.types(CTRL_C);
    assert_eq!(asking.ends_by_signal(), "Interrupt");
    // Nobody pressed a key there.
    assert_eq!(waiting.ends(), 130);
    waiting.is_as_before();
    assert_eq!(stage.sandbox.count("AssumeRole"), 0);
}

#[test]
fn who_waits_can_be_ended() {
    let stage = Stage::new();
    let (mut asking, mut waiting) = one_asks_and_one_waits(&stage);
    waiting.kills(Signal::TERM);
    assert_eq!(waiting.ends_by_signal(), "Terminated");
    waiting.is_as_before();
    asking.types(&format!("{}\r", stage.code()));
    assert_eq!(asking.ends(), 0);
    assert_eq!(stage.sandbox.count("AssumeRole"), 1);
}

/// That one has nobody to ask says nothing about the next one.
#[test]
fn who_can_ask_nobody_fails_for_nobody_else() {
    let stage = Stage::new();
    let asking = Terminal::running(&stage, "exec assumerole exec read -- true");
    asking.is_asked(1);
    let without = Crowd::start(&stage, "without", 5, &["exec", "read", "--", "true"]);
    let code = stage.code();
    let args = ["exec", "read", "--mfa-code", &code, "--", "true"];
    let with = Crowd::start(&stage, "with", 1, &args);
    eventually("all wait", || without.waiting() + with.waiting() == 6);
    asking.kills(Signal::TERM);
    let with = with.end().remove(0);
    assert_eq!((with.stderr.as_str(), with.status), ("", 0));
    for ran in without.end() {
        // It came before the code, or after it.
        let failed = ran
            .stderr
            .contains("because: there is no terminal to ask at");
        assert!(ran.status == if failed { 125 } else { 0 }, "{ran:?}");
    }
    assert_eq!(stage.sandbox.count("AssumeRole"), 1);
}
