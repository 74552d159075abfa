//! The other process in this crate's tests: it holds locks, asks questions,
//! writes without end and becomes other programs, so that tests can watch it,
//! type to it and kill it. Not part of the program.

use std::error::Error;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use assumerole_host::clock::{SteppedClock, SystemClock};
use assumerole_host::fs::{Holds, PrivateDir, replace};
use assumerole_host::keystore::KeyStore;
use assumerole_host::lock::Lock;
use assumerole_host::tty::{AskError, Screen, Tty};
use assumerole_host::{Env, harden, process};
use secrecy::{ExposeSecret, SecretString};

type Outcome = Result<(), Box<dyn Error>>;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let outcome = match args.as_slice() {
        ["ask", most] => ask(most, false),
        ["ask-for-a-line"] => ask_for_a_line(),
        ["ask-impatiently"] => ask_impatiently(),
        ["ask-and-wait", most] => ask(most, true),
        ["ask-detached", most] => ask_detached(most),
        ["ask-and-read-on", most] => ask_and_read_on(most),
        ["panic-on-screen"] => panic_on_screen(),
        ["lock", dir, name] => lock(dir, name),
        ["lock-and-exec", dir, name, rest @ ..] => lock_and_exec(dir, name, rest),
        ["lock-and-spawn", dir, name, rest @ ..] => lock_and_spawn(dir, name, rest),
        ["count", dir, times] => count(dir, times),
        ["write", dir, name] => write(dir, name),
        ["replace", path] => replace_forever(path),
        ["write-once", dir, size] => write_once(dir, size),
        ["exec", rest @ ..] => exec(rest),
        ["harden-and-exec", rest @ ..] => harden_and_exec(rest),
        ["key", dir] => key(dir),
        _ => Err(format!("unknown: {args:?}").into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "probe: {error}");
            ExitCode::FAILURE
        }
    }
}

/// To a test that reads line by line.
fn say(line: impl std::fmt::Display) -> Outcome {
    let mut out = std::io::stdout();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

fn forever() -> Outcome {
    std::io::stdin().read_to_end(&mut Vec::new())?;
    std::thread::sleep(Duration::from_secs(3600));
    Ok(())
}

fn ask(most: &str, then_wait: bool) -> Outcome {
    let Some(mut tty) = Tty::open(&Env::from_process(), Arc::new(SystemClock::new()))? else {
        return say("no terminal");
    };
    let answer = tty.prompt_masked("Code: ", |c| c.is_ascii_digit(), most.parse()?);
    answered(answer)?;
    if then_wait { forever() } else { Ok(()) }
}

fn ask_for_a_line() -> Outcome {
    let tty = Tty::open(&Env::from_process(), Arc::new(SystemClock::new()))?;
    answered(tty.ok_or("no terminal")?.prompt_line("Name: "))
}

/// With a clock that goes by as one waits.
fn ask_impatiently() -> Outcome {
    let start = jiff::Timestamp::from_second(1_800_000_000)?;
    let tty = Tty::open(&Env::from_process(), Arc::new(SteppedClock::new(start)))?;
    answered(tty.ok_or("no terminal")?.prompt_line("Name: "))
}

fn answered(answer: Result<SecretString, AskError>) -> Outcome {
    say(match answer {
        Ok(answer) => format!("answer {}", answer.expose_secret()),
        Err(AskError::Interrupted(signal)) => format!("interrupted {signal}"),
        Err(AskError::Closed) => "closed".to_owned(),
        Err(AskError::Cancelled) => "cancelled".to_owned(),
        Err(AskError::TooLate) => "too late".to_owned(),
        Err(AskError::GivenUp) => "given up".to_owned(),
        Err(error @ AskError::TimedOut { .. }) => format!("timed out: {error}"),
        Err(AskError::Background) => "background".to_owned(),
        Err(AskError::Io(error)) => format!("failed {error}"),
    })
}

fn ask_detached(most: &str) -> Outcome {
    rustix::process::setsid()?;
    ask(most, false)
}

fn ask_and_read_on(most: &str) -> Outcome {
    ask(most, false)?;
    let mut line = String::new();
    BufReader::new(std::fs::File::open("/dev/tty")?).read_line(&mut line)?;
    say(format!("then {}", line.trim_end()))
}

/// As a release build does, which does not unwind.
fn panic_on_screen() -> Outcome {
    std::panic::set_hook(Box::new(|_| std::process::abort()));
    let tty =
        Tty::open(&Env::from_process(), Arc::new(SystemClock::new()))?.ok_or("no terminal")?;
    let screen = Screen::take(&tty)?;
    screen.go_to_other_screen()?;
    screen.draw(&["Role: ".to_owned()], 6)?;
    panic!("as it was told");
}

fn held<'a>(dir: &'a PrivateDir, name: &str) -> Result<Lock<'a>, Box<dyn Error>> {
    let deadline = Duration::from_secs(300);
    let lock = Lock::acquire(dir, name, &SystemClock::new(), deadline, &mut |_| {})?;
    Ok(lock)
}

fn lock(dir: &str, name: &str) -> Outcome {
    let dir = PrivateDir::create(Path::new(dir))?;
    let _lock = held(&dir, name)?;
    say("locked")?;
    forever()
}

fn lock_and_exec(dir: &str, name: &str, rest: &[&str]) -> Outcome {
    let dir = PrivateDir::create(Path::new(dir))?;
    let _lock = held(&dir, name)?;
    say("locked")?;
    exec(rest)
}

fn lock_and_spawn(dir: &str, name: &str, rest: &[&str]) -> Outcome {
    let dir = PrivateDir::create(Path::new(dir))?;
    let _lock = held(&dir, name)?;
    let child = std::process::Command::new(rest[0])
        .args(&rest[1..])
        .spawn()?;
    say(format!("child {}", child.id()))?;
    forever()
}

/// Reads a number, adds one, writes it back.
fn count(dir: &str, times: &str) -> Outcome {
    let dir = PrivateDir::create(Path::new(dir))?;
    for _ in 0..times.parse()? {
        let _lock = held(&dir, "count.lock")?;
        let before = dir.read("count", 100)?.unwrap_or_default();
        let before: u64 = String::from_utf8(before)?.parse().unwrap_or(0);
        dir.write("count", (before + 1).to_string().as_bytes())?;
    }
    Ok(())
}

/// Content that shows whether it is whole: each byte is the first one, and
/// that one tells how many there are.
fn whole(round: u8) -> Vec<u8> {
    vec![round, 1]
        .into_iter()
        .chain(std::iter::repeat_n(round, usize::from(round) * 997))
        .collect()
}

fn write(dir: &str, name: &str) -> Outcome {
    let dir = PrivateDir::create(Path::new(dir))?;
    for round in (0..=u8::MAX).cycle() {
        dir.write(name, &whole(round))?;
        if round == 0 {
            say("round")?;
        }
    }
    Ok(())
}

fn replace_forever(path: &str) -> Outcome {
    for round in (0..=u8::MAX).cycle() {
        let _ = replace(Path::new(path), &whole(round), Holds::Settings)?;
        if round == 0 {
            say("round")?;
        }
    }
    Ok(())
}

fn write_once(dir: &str, size: &str) -> Outcome {
    let dir = PrivateDir::create(Path::new(dir))?;
    Ok(dir.write("entry", &vec![b'x'; size.parse()?])?)
}

fn exec(rest: &[&str]) -> Outcome {
    let (program, args) = rest.split_first().ok_or("exec what?")?;
    let args: Vec<OsString> = args.iter().map(OsString::from).collect();
    let env = Env::from_process();
    Err(process::exec(program.as_ref(), &args, env.pairs()).into())
}

fn harden_and_exec(rest: &[&str]) -> Outcome {
    harden::disable_core_dumps()?;
    exec(rest)
}

fn key(dir: &str) -> Outcome {
    let dir = PrivateDir::create(Path::new(dir))?;
    let clock = SystemClock::new();
    let key = KeyStore::new(None, &dir, &clock).open()?;
    let first = key.key.expose_secret()[0];
    say(format!("{} {} {first}", key.place.as_str(), key.created))?;
    if let Some(warning) = key.warning {
        say(warning.message)?;
    }
    Ok(())
}
