//! The chooser with made-up roles, to look at it and to test it:
//! `ui_chooser [COUNT [TYPED]]` prints the name chosen to stdout.
//!
//! With `UI_CHOOSER_PANIC` set it panics while choosing, as a release build
//! does: without unwinding.

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Duration;

use assumerole::ui::chooser::{Choice, Detail, Item, Roles, choose};
use assumerole::ui::{Printer, TerminalVars};
use assumerole_core::{Error, Kind};
use assumerole_host::Host;
use jiff::SignedDuration;

#[expect(
    clippy::disallowed_methods,
    reason = "an example is a program of its own"
)]
fn main() -> ExitCode {
    let host = Host::system();
    let printer = Printer::new(&host.env, false);
    if host.env.is_set("UI_CHOOSER_PANIC") {
        std::panic::set_hook(Box::new(|_| std::process::abort()));
        std::thread::spawn(|| {
            std::thread::sleep(Duration::from_secs(1));
            panic!("as asked");
        });
    }
    match run(&host, &printer, std::env::args_os().skip(1).collect()) {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            printer.error(&error);
            ExitCode::FAILURE
        }
    }
}

fn run(host: &Host, printer: &Printer, args: Vec<OsString>) -> Result<u8, Error> {
    let mut args = args
        .into_iter()
        .map(|arg| arg.to_string_lossy().into_owned());
    let count = args
        .next()
        .and_then(|count| count.parse().ok())
        .unwrap_or(40);
    let typed = args.next().unwrap_or_default();
    let Ok(Some(tty)) = host.tty() else {
        return Err(Error::new(Kind::Usage, "there is no terminal to choose on"));
    };
    let look = TerminalVars::read(|name| host.env.text(name)).look(true);
    let roles = Company(items(count));
    match choose(&tty, &roles, &typed, look)? {
        Choice::Picked(at) => {
            printer.data(&format!("{}\n", roles.name(at)))?;
            Ok(0)
        }
        Choice::Cancelled { signal } => Ok(128 + signal.map_or(2, |signal| signal as u8)),
    }
}

struct Company(Vec<Item>);

impl Roles for Company {
    fn count(&self) -> usize {
        self.0.len()
    }

    fn name(&self, at: usize) -> &str {
        &self.0[at].name
    }

    fn item(&self, at: usize) -> Item {
        self.0[at].clone()
    }

    fn preview(&self, at: usize) -> Vec<Detail> {
        let Item { name, account, .. } = &self.0[at];
        vec![
            Detail::new("role", format!("arn:aws:iam::{account}:role/{name}")),
            Detail::new("profile", "bastion"),
        ]
    }
}

/// Roles as a company has them, the same ones every time.
fn items(count: usize) -> Vec<Item> {
    const TEAMS: [&str; 9] = [
        "acme", "globex", "initech", "umbrella", "hooli", "stark", "wayne", "tyrell", "søren",
    ];
    const STAGES: [&str; 5] = ["sandbox", "dev", "test", "staging", "prod"];
    const RIGHTS: [&str; 5] = ["read", "admin", "deploy", "billing", "audit"];
    const REGIONS: [&str; 3] = ["eu-central-1", "us-east-1", "ap-northeast-1"];
    let item = |at: usize| {
        let team = TEAMS[at % 9];
        let stage = STAGES[at / 9 % 5];
        let right = RIGHTS[at / 45 % 5];
        let number = match at / 225 {
            0 => String::new(),
            number => format!("-{number:02}"),
        };
        Item {
            name: format!("{team}-{stage}{number}-{right}"),
            account: format!("{:012}", 100_000_000_000_u64 + at as u64 * 7_919),
            region: Some(REGIONS[at % 3].to_owned()),
            left: match at {
                0 => Some(SignedDuration::from_mins(59)),
                1 => Some(SignedDuration::from_mins(62)),
                4 => Some(SignedDuration::from_mins(3)),
                _ => None,
            },
            description: at
                .is_multiple_of(4)
                .then(|| format!("{team}'s {stage}, {right} only")),
            tags: vec![format!("env={stage}")],
            ..Item::default()
        }
    };
    (0..count).map(item).collect()
}
