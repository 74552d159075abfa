//! `cargo xtask`: everything around the program that is not the program.
//!
//! Sets up what is missing, tests, benchmarks, packs, and writes the generated
//! pages. It drives the built program and the private AWS from outside, as a
//! person would, and depends on neither, so that it compiles in seconds.

#[cfg(not(unix))]
compile_error!("xtask drives Unix tools; build the program alone: cargo build -p assumerole");

mod bench;
mod book;
mod debian;
mod demo;
mod dist;
mod docs;
mod elf;
mod fuzz;
mod npm;
mod process;
mod python;
mod reliability;
mod rooms;
mod sandbox;
mod stage;
mod test;
mod torture;
mod ui;
mod workspace;

use std::process::ExitCode;

use process::{Failure, Result};

const HELP: &str = "\
Usage: cargo xtask TASK

Tasks:
  test [FILTER…]   Set up what is missing, then run every test (with FILTER: those of that name)
  demo             Try the program without an AWS account; also: cargo demo
  bench            Time a cached call against a C program, awsume and the AWS CLI
                     --rounds N    how often each is run (default 300)
                     --only NAME   only the rows whose name has NAME in it, and the floor
                     --limits      only what docs/PERFORMANCE.md shows, which it writes
                     --base COMMIT instead of all that: the static build beside that of COMMIT,
                                   and that one beside itself
  torture          Read N random texts and N/2 random graphs of ~/.aws as the AWS CLI does; kill the
                   program in the middle of every kind of edit, and look at what it left
                     --rounds N    how many, and how often in each (default 2000)
  fuzz [TARGET…]   Run the fuzz targets, all or those named; needs a nightly toolchain and cargo-fuzz
                     --seconds N   how long each runs (default 600)
  rooms            Print how many lines each crate has and which of its files import each other
  order            Write crates/cli/order.ld: what the static program's linker puts side by side
  dist             Pack archives and packages of the static program into dist/
                     --check       install, upgrade and remove each, and build the program once
                                   more elsewhere
                     --quick       only pack and install what the tests have built
  book             Make the pages of docs/ a book with a search box, in target/book; installs mdBook
  docs [--check]   Write docs/cli.md and docs/assumerole.schema.json as the program prints them,
                   or check that they are up to date

Exit status: 0 done, 1 failed, 2 the command line makes no sense.";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let task = match parse(&args) {
        Ok(task) => task,
        Err(why) => {
            ui::say(format!("error: {why}\n\n{HELP}"));
            return ExitCode::from(2);
        }
    };
    match run(task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            ui::say(format!("error: {failure}"));
            ExitCode::FAILURE
        }
    }
}

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
enum Task {
    Help,
    Test { filters: Vec<String> },
    Demo,
    Bench(bench::Options),
    Torture { rounds: u32 },
    Fuzz(fuzz::Options),
    Rooms,
    Order,
    Book,
    Dist(dist::Extent),
    Docs { check: bool },
}

fn parse(args: &[String]) -> Result<Task> {
    let Some((task, rest)) = args.split_first() else {
        return Ok(Task::Help);
    };
    if rest.iter().any(|arg| arg == "--help" || arg == "-h") {
        return Ok(Task::Help);
    }
    let alone = |task| match rest {
        [] => Ok(task),
        [extra, ..] => Err(Failure::new(format!("what is {extra:?}?"))),
    };
    match task.as_str() {
        "help" | "--help" | "-h" => Ok(Task::Help),
        "test" => match rest.iter().find(|arg| arg.starts_with('-')) {
            None => Ok(Task::Test {
                filters: rest.to_vec(),
            }),
            Some(option) => Err(Failure::new(format!("test has no option {option:?}"))),
        },
        "demo" => alone(Task::Demo),
        "bench" => bench::Options::parse(rest).map(Task::Bench),
        "torture" => torture::rounds(rest).map(|rounds| Task::Torture { rounds }),
        "fuzz" => fuzz::Options::parse(rest).map(Task::Fuzz),
        "rooms" => alone(Task::Rooms),
        "order" => alone(Task::Order),
        "book" => alone(Task::Book),
        "dist" => dist::Extent::parse(rest).map(Task::Dist),
        "docs" if rest == ["--check"] => Ok(Task::Docs { check: true }),
        "docs" => alone(Task::Docs { check: false }),
        other => Err(Failure::new(format!("there is no task {other:?}"))),
    }
}

fn run(task: Task) -> Result {
    match task {
        Task::Help => {
            ui::data(HELP);
            Ok(())
        }
        Task::Test { filters } => test::test(&filters),
        Task::Demo => demo::demo(),
        Task::Bench(options) => bench::bench(&options),
        Task::Torture { rounds } => torture::torture(rounds),
        Task::Fuzz(options) => fuzz::fuzz(&options),
        Task::Rooms => rooms::rooms(),
        Task::Order => bench::order(),
        Task::Book => book::book(),
        Task::Dist(extent) => dist::dist(extent),
        Task::Docs { check } => docs::docs(check),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Task> {
        let args: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        parse(&args)
    }

    #[test]
    fn a_command_line_names_one_task() {
        assert_eq!(parsed("").unwrap(), Task::Help);
        assert_eq!(parsed("dist --help").unwrap(), Task::Help);
        assert_eq!(parsed("dist").unwrap(), Task::Dist(dist::Extent::Pack));
        assert_eq!(parsed("docs --check").unwrap(), Task::Docs { check: true });
        let rounds = 2000;
        assert_eq!(parsed("torture").unwrap(), Task::Torture { rounds });
        let rounds = 7;
        assert_eq!(
            parsed("torture --rounds 7").unwrap(),
            Task::Torture { rounds }
        );
        assert!(parsed("fuzz --seconds 5 xml ini").is_ok());
        let filters = vec!["cache".to_owned(), "mfa".to_owned()];
        assert_eq!(parsed("test cache mfa").unwrap(), Task::Test { filters });
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for wrong in [
            "tests",
            "dist now",
            "docs --chekc",
            "docs --check twice",
            "test --release",
            "bench --rounds",
            "bench --rounds 0",
            "bench --rounds many",
            "bench --fast",
            "torture --rounds",
            "torture --rounds 0",
            "torture npmrc",
            "fuzz --seconds",
            "fuzz --seconds 0",
            "fuzz --minutes 1",
        ] {
            assert!(parsed(wrong).is_err(), "{wrong}");
        }
    }
}
