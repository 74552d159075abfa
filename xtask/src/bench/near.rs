//! What a cached call costs, beside a C program that does the least that can be
//! done, and beside an earlier build.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::measure::{self, Contender, Measures};
use super::{ROLE, WARM_UP, environment, load, log_in};
use crate::process::{Context as _, Failure, Result, capture, which};
use crate::stage::Stage;

/// The builds that are compared, by name: the earlier one, if there is one, a second
/// copy of it, and this one.
pub(super) const BASE: &str = "earlier build";
pub(super) const AGAIN: &str = "earlier build, a second copy";
pub(super) const THIS: &str = "this build";

/// The C programs that they are held against.
pub(super) struct Floors {
    pub(super) exec: PathBuf,
    pub(super) exec_dynamic: PathBuf,
    pub(super) print: PathBuf,
}

/// A row.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) measures: Measures,
    /// System calls, and instructions in user mode, where the machine has what
    /// counts them.
    pub(super) calls: Option<usize>,
    pub(super) instructions: Option<u64>,
}

/// The rows of one command; the first is the floor.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) title: &'static str,
    pub(super) rows: Vec<Row>,
    pub(super) load: Option<String>,
}

impl Table {
    fn row(&self, name: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.name == name)
    }

    /// What the row `name` takes over the floor, milliseconds.
    pub(super) fn own(&self, name: &str) -> Option<f64> {
        let floor = self.rows.first()?.measures.median()?;
        Some(self.row(name)?.measures.median()? - floor)
    }

    /// That of `name` by that of the earlier build.
    pub(super) fn ratio(&self, name: &str) -> Option<f64> {
        Some(self.own(name)? / self.own(BASE)?)
    }

    /// Whether ratios say anything: two copies of one build take the same time.
    pub(super) fn is_clear(&self) -> bool {
        self.ratio(AGAIN)
            .is_none_or(|again| (0.9..1.1).contains(&again))
    }
}

/// Measures `exec` and `export` of the builds.
///
/// # Errors
/// A call fails.
pub(super) fn measure(
    stage: &Stage,
    runner: &Path,
    floors: &Floors,
    builds: &[(&'static str, PathBuf)],
    rounds: u32,
) -> Result<Vec<Table>> {
    let exec = ["exec", ROLE, "--", "/bin/true"];
    let export = ["export", ROLE, "--format", "credential-process"];
    let mut printed = 0;
    for (_, program) in builds {
        log_in(stage, program)?;
        for words in [&exec[..], &export] {
            let mut contender = Contender::new("warm", [program]);
            contender
                .words
                .extend(words.iter().map(|w| (*w).to_owned()));
            printed = capture(&mut contender.command(&environment(stage)))?.len();
        }
    }
    let mut print = Contender::new("C program that prints as much, static", [&floors.print]);
    print.words.push(printed.to_string());
    let floors_of_exec = vec![
        Contender::new("C program that only execs, static", [&floors.exec]),
        Contender::new("C program that only execs, dynamic", [&floors.exec_dynamic]),
        Contender::new("/bin/true alone", ["/bin/true"]),
    ];
    Ok(vec![
        table(
            stage,
            runner,
            "exec ROLE -- /bin/true",
            floors_of_exec,
            builds,
            &exec,
            rounds,
        )?,
        table(
            stage,
            runner,
            "export ROLE --format credential-process",
            vec![print],
            builds,
            &export,
            rounds,
        )?,
    ])
}

fn table(
    stage: &Stage,
    runner: &Path,
    title: &'static str,
    mut contenders: Vec<Contender>,
    builds: &[(&'static str, PathBuf)],
    words: &[&str],
    rounds: u32,
) -> Result<Table> {
    for (name, program) in builds {
        let mut contender = Contender::new(name, [program]);
        contender
            .words
            .extend(words.iter().map(|w| (*w).to_owned()));
        contenders.push(contender);
    }
    let environment = environment(stage);
    let measures = measure::all(runner, &contenders, &environment, (WARM_UP, rounds))?;
    let load = load();
    let rows = contenders.into_iter().zip(measures);
    let row = |(contender, measures): (Contender, Measures)| {
        Ok(Row {
            calls: calls(&contender, &environment, &stage.path("strace"))?,
            instructions: instructions(&contender, &environment)?,
            name: contender.name,
            measures,
        })
    };
    Ok(Table {
        title,
        rows: rows.map(row).collect::<Result<_>>()?,
        load,
    })
}

/// How many system calls `contender` makes until another program takes its place.
fn calls(
    contender: &Contender,
    environment: &[(String, String)],
    log: &Path,
) -> Result<Option<usize>> {
    if which("strace").is_none() {
        return Ok(None);
    }
    let mut traced = contender.clone();
    let trace = ["/usr/bin/env", "strace", "-qq", "-o"].map(str::to_owned);
    let log_name = log.display().to_string();
    traced
        .words
        .splice(0..0, trace.into_iter().chain([log_name]));
    capture(&mut traced.command(environment))?;
    let text = fs::read_to_string(log).context(log.display())?;
    let own = text.lines().enumerate();
    // The first line is the start of the program itself.
    let end = own.skip(1).find(|(_, line)| {
        line.starts_with("execve(") && line.ends_with("= 0") || line.starts_with("exit_group(")
    });
    Ok(end.map(|(number, _)| number))
}

/// How many instructions it takes in user mode, as valgrind counts them; of a
/// command that is not there, because nothing is counted of one that takes the
/// program's place.
fn instructions(contender: &Contender, environment: &[(String, String)]) -> Result<Option<u64>> {
    if which("valgrind").is_none() {
        return Ok(None);
    }
    let mut counted = contender.clone();
    if let Some(last) = counted
        .words
        .iter_mut()
        .skip(1)
        .find(|word| *word == "/bin/true")
    {
        *last = "/nonexistent/x".to_owned();
    }
    let tool = ["/usr/bin/env", "valgrind", "--tool=callgrind"].map(str::to_owned);
    let out = "--callgrind-out-file=/dev/null".to_owned();
    counted.words.splice(0..0, tool.into_iter().chain([out]));
    let mut command: Command = counted.command(environment);
    let output = command.stdin(Stdio::null()).output().context("valgrind")?;
    let said = String::from_utf8_lossy(&output.stderr);
    let line = said.lines().find(|line| line.contains("Collected :"));
    Ok(line.and_then(|line| line.rsplit(' ').next()?.parse().ok()))
}

/// Fresh copies of `program` in one folder, as measured ones should be.
///
/// # Errors
/// It cannot be copied.
pub(super) fn copies(
    stage: &Stage,
    base: Option<&Path>,
    this: &Path,
) -> Result<Vec<(&'static str, PathBuf)>> {
    let mut all = Vec::new();
    let programs = [(BASE, base), (AGAIN, base), (THIS, Some(this))];
    for (name, program) in programs {
        let Some(program) = program else { continue };
        let copy = stage.path(&format!("copy-{}", all.len()));
        fs::copy(program, &copy).context(program.display())?;
        all.push((name, copy));
    }
    match all.is_empty() {
        true => Err(Failure::new("there is nothing to measure")),
        false => Ok(all),
    }
}
