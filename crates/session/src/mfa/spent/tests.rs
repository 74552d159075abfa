//! Spent codes with a stepped clock and scripted people and programs.

use assumerole_aws::{Failure, Reason};
use assumerole_core::Consumer;
use assumerole_core::aws::ids::MfaDevice;
use assumerole_host::Clock;
use assumerole_host::clock::SteppedClock;

use super::*;
use crate::scene::Scene;

const DEVICE: &str = "arn:aws:iam::210987654321:mfa/jdoe";

/// Thirteen seconds into a window.
const START: &str = "2026-11-23T10:00:13Z";

/// A program: the code of the window that it is; or always the same one.
struct Program<'a> {
    clock: &'a SteppedClock,
    stuck: bool,
    asked: u32,
}

fn code_at(clock: &SteppedClock) -> String {
    format!("{:06}", clock.now().as_second() / 30 % 1_000_000)
}

impl Ask for Program<'_> {
    fn code(&mut self, _: Wanted<'_>) -> Result<SecretString> {
        self.asked += 1;
        Ok(if self.stuck {
            "424242".into()
        } else {
            code_at(self.clock).into()
        })
    }
    fn can_ask_again(&self) -> bool {
        true
    }
    fn is_automatic(&self, _: &Wanted<'_>) -> bool {
        true
    }
}

/// A person who types these; `told` is what they were told before each.
struct Person {
    types: Vec<&'static str>,
    told: Vec<Option<String>>,
    again: bool,
}

impl Person {
    fn new(types: &[&'static str]) -> Self {
        Self {
            types: types.to_vec(),
            told: Vec::new(),
            again: true,
        }
    }
}

impl Ask for Person {
    fn code(&mut self, wanted: Wanted<'_>) -> Result<SecretString> {
        self.told.push(wanted.refused.map(str::to_owned));
        Ok(self.types.remove(0).into())
    }
    fn can_ask_again(&self) -> bool {
        self.again
    }
}

/// A request with whichever code `ask` gives; `answer` is AWS's. Gives the
/// code that was sent.
fn send(
    scene: &Scene,
    cache: Option<&Cache>,
    ask: &mut dyn Ask,
    device: &str,
    answer: Option<Reason>,
) -> Result<String> {
    let device: MfaDevice = device.parse().unwrap();
    let wanted = Wanted {
        device: &device,
        role: "read",
        device_of: "read",
        why: None,
        refused: None,
        consumer: Consumer::Shell,
    };
    let mut sent = String::new();
    let answered = Codes::new(ask, cache, &scene.host, &scene.heard).send(wanted, |code| {
        sent = code.expose_secret().to_owned();
        match answer {
            None => Ok(()),
            Some(reason) => Err(failure(reason)),
        }
    })?;
    assert_eq!(answered.is_ok(), answer.is_none());
    Ok(sent)
}

fn failure(reason: Reason) -> CallError {
    CallError::Aws(Box::new(Failure {
        service: assumerole_core::aws::service::Service::Sts,
        operation: "AssumeRole",
        reason,
        code: None,
        message: String::new(),
        skew: None,
        endpoint: String::new(),
        pause: None,
    }))
}

#[test]
fn a_program_is_waited_for_and_not_asked_in_vain() {
    let scene = Scene::at(START);
    let cache = scene.cache();
    let mut program = Program {
        clock: &scene.clock,
        stuck: false,
        asked: 0,
    };
    let first = send(&scene, Some(&cache), &mut program, DEVICE, None).unwrap();
    assert_eq!((first, program.asked), (code_at(&scene.clock), 1));
    assert!(scene.heard().is_empty());

    // Another process, four seconds later.
    scene.clock.advance(Duration::from_secs(4));
    let cache = scene.cache();
    let second = send(&scene, Some(&cache), &mut program, DEVICE, None).unwrap();
    assert_eq!((second, program.asked), (code_at(&scene.clock), 2));
    assert_eq!(
        scene.heard(),
        [format!(
            "the current MFA code for {DEVICE} has already been used; waiting 13 s for the next one"
        )]
    );
    assert_eq!(scene.clock.now().to_string(), "2026-11-23T10:00:30.05Z");

    // Another device has codes of its own.
    let other = "arn:aws:iam::210987654321:mfa/other";
    send(&scene, Some(&cache), &mut program, other, None).unwrap();
    assert!(scene.heard().is_empty());
}

#[test]
fn a_program_that_asks_us_is_told_at_once_how_long_it_takes() {
    let scene = Scene::at(START);
    let cache = scene.cache();
    let mut program = Program {
        clock: &scene.clock,
        stuck: false,
        asked: 0,
    };
    send(&scene, Some(&cache), &mut program, DEVICE, None).unwrap();
    scene.clock.deadline().for_program();
    // Two windows later: whoever has the code has 45 seconds, of which 30 are
    // gone, and 17 are too many.
    scene.clock.sleep(Duration::from_secs(30));
    send(&scene, Some(&cache), &mut program, DEVICE, None).unwrap();
    let before = scene.clock.monotonic();
    let error = send(&scene, Some(&cache), &mut program, DEVICE, None).unwrap_err();
    assert_eq!(scene.clock.monotonic(), before);
    assert_eq!((error.kind(), program.asked), (Kind::Mfa, 2));
    assert_eq!(error.hints(), ["try again in 17 s"]);
    assert!(scene.heard().is_empty());
    // What fits is waited for, and the code after it is asked for.
    let run = scene.clock.deadline();
    run.begin(scene.clock.monotonic());
    run.for_program();
    send(&scene, Some(&cache), &mut program, DEVICE, None).unwrap();
    assert_eq!((program.asked, scene.heard().len()), (3, 1));
}

#[test]
fn a_code_that_comes_late_is_known_by_itself() {
    let scene = Scene::at(START);
    let cache = scene.cache();
    let mut person = Person::new(&["424242"]);
    send(&scene, Some(&cache), &mut person, DEVICE, None).unwrap();
    scene.clock.advance(Duration::from_secs(30));
    let mut program = Program {
        clock: &scene.clock,
        stuck: true,
        asked: 0,
    };
    let error = send(&scene, Some(&cache), &mut program, DEVICE, None).unwrap_err();
    assert_eq!(error.kind(), Kind::Mfa);
    assert_eq!(
        error.message(),
        format!("the MFA code for {DEVICE} has already been used")
    );
    assert!(!format!("{error:?}").contains("424242"));
    assert_eq!(scene.heard().len(), 2, "no wait is endless");
}

#[test]
fn a_person_is_told_and_asked_again() {
    let scene = Scene::at(START);
    let cache = scene.cache();
    let mut person = Person::new(&["424242", "424242", "111111"]);
    send(&scene, Some(&cache), &mut person, DEVICE, None).unwrap();
    let sent = send(&scene, Some(&cache), &mut person, DEVICE, None).unwrap();
    assert_eq!(sent, "111111");
    assert_eq!(
        person.told,
        [
            None,
            None,
            Some("This code has already been used.".to_owned())
        ]
    );
    assert!(scene.heard().is_empty());
    // Nobody to ask: no request.
    let mut script = Person::new(&["111111"]);
    script.again = false;
    let error = send(&scene, Some(&cache), &mut script, DEVICE, None).unwrap_err();
    assert_eq!(
        error.hints(),
        ["wait for the next one (at most 30 s): assumerole read CODE"]
    );
}

#[test]
fn what_aws_did_not_look_at_is_not_spent() {
    let all = [
        (Reason::WrongCode, false),
        (Reason::NotAuthorized, true),
        (Reason::OverMaximum, true),
        (Reason::TimedOut, false),
        (Reason::NoConnection, false),
        (Reason::Server, false),
        (Reason::Throttled, false),
        (Reason::WrongSecret, false),
        (Reason::Clock, false),
    ];
    for (reason, spent) in all {
        let scene = Scene::at(START);
        let cache = scene.cache();
        let mut person = Person::new(&["424242", "424242", "111111"]);
        send(&scene, Some(&cache), &mut person, DEVICE, Some(reason)).unwrap();
        let sent = send(&scene, Some(&cache), &mut person, DEVICE, None).unwrap();
        let expected = if spent { "111111" } else { "424242" };
        assert_eq!((reason, sent.as_str()), (reason, expected));
    }
}

#[test]
fn a_spent_code_is_forgotten_when_it_cannot_come_again() {
    let scene = Scene::at(START);
    let cache = scene.cache();
    for (seconds, told) in [(89, true), (121, false)] {
        let mut person = Person::new(&["424242", "424242", "111111"]);
        send(&scene, Some(&cache), &mut person, DEVICE, None).unwrap();
        scene.clock.advance(Duration::from_secs(seconds));
        let sent = send(&scene, Some(&cache), &mut person, DEVICE, None).unwrap();
        assert_eq!((seconds, sent == "111111"), (seconds, told));
        scene.clock.advance(Duration::from_secs(600));
    }
}

#[test]
fn no_code_can_be_read_off_the_folder() {
    let scene = Scene::at(START);
    let cache = scene.cache();
    let mut person = Person::new(&["424242"]);
    send(&scene, Some(&cache), &mut person, DEVICE, None).unwrap();
    let dir = scene.state.open_child("cache").unwrap().unwrap();
    let files = dir.list().unwrap();
    assert_eq!(files.len(), 1, "{files:?}");
    let name = files[0].name.to_str().unwrap();
    assert!(name.ends_with(".spent") && !name.contains("jdoe"), "{name}");
    let bytes = dir.read(name, 4096).unwrap().unwrap();
    let text = String::from_utf8_lossy(&bytes);
    assert!(!text.contains("424242") && !text.contains("digest"));
    // Rubbish in its place is no record.
    dir.write(name, b"rubbish").unwrap();
    let mut person = Person::new(&["424242"]);
    assert!(send(&scene, Some(&cache), &mut person, DEVICE, None).is_ok());
}

#[test]
fn without_a_cache_what_this_process_spent_is_remembered() {
    let scene = Scene::at(START);
    let device: MfaDevice = DEVICE.parse().unwrap();
    let mut program = Program {
        clock: &scene.clock,
        stuck: false,
        asked: 0,
    };
    let mut codes = Codes::new(&mut program, None, &scene.host, &scene.heard);
    let mut sent = Vec::new();
    for _ in 0..2 {
        let wanted = Wanted {
            device: &device,
            role: "read",
            device_of: "read",
            why: None,
            refused: None,
            consumer: Consumer::Shell,
        };
        let answer = codes.send(wanted, |code| {
            sent.push(code.expose_secret().to_owned());
            Ok(())
        });
        answer.unwrap().unwrap();
    }
    assert_ne!(sent[0], sent[1]);
    assert_eq!(scene.heard().len(), 1);
}

/// What was spent elsewhere is not known here; AWS says so, and what a program
/// gives in the same window is the same.
#[test]
fn a_code_that_aws_did_not_take_is_not_had_again_from_a_program() {
    let scene = Scene::at(START);
    let cache = scene.cache();
    let device: MfaDevice = DEVICE.parse().unwrap();
    let mut program = Program {
        clock: &scene.clock,
        stuck: false,
        asked: 0,
    };
    let mut codes = Codes::new(&mut program, Some(&cache), &scene.host, &scene.heard);
    let mut refused = None;
    let mut sent = Vec::new();
    loop {
        let wanted = Wanted {
            device: &device,
            role: "read",
            device_of: "read",
            why: None,
            refused,
            consumer: Consumer::Shell,
        };
        let answer = codes.send(wanted, |code| {
            sent.push(code.expose_secret().to_owned());
            Err::<(), _>(failure(Reason::WrongCode))
        });
        assert!(answer.unwrap().is_err());
        if !codes.can_ask_again(&wanted) {
            break;
        }
        refused = Some("AWS said no");
    }
    sent.dedup();
    assert_eq!(sent.len(), 3);
    let waited = |seconds| {
        format!(
            "the current MFA code for {DEVICE} has already been used; waiting {seconds} s for the next one"
        )
    };
    let no = "AWS said no".to_owned();
    assert_eq!(scene.heard(), [no.clone(), waited(17), no, waited(30)]);
}
