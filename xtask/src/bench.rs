//! `cargo xtask bench`: what a cached call costs, beside what others cost.

mod base;
mod chooser;
mod crowd;
mod distance;
mod far;
mod limits;
mod measure;
mod near;
mod order;
mod rivals;
mod server;
mod table;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use crate::debian::{self, Need};
use crate::process::{Context as _, Failure, Result, capture, run};
use crate::stage::{DEVICE_SECRET, ROLES, Stage, config, entry};
use crate::workspace::{self, Programs};
use crate::{dist, ui};
use measure::Contender;
pub(crate) use order::order;

/// How often a quick command is run when nobody says.
const ROUNDS: u32 = 300;
/// Rounds before anything counts.
const WARM_UP: u32 = 20;
/// The row that the others are held against.
const FLOOR: &str = "floor";
/// The role of the measured calls.
const ROLE: &str = "acme-sandbox-read";
/// The row of completion with the large configuration file.
const COMPLETION: &str = "completion, 10,000 roles";
/// Roles in the large configuration file.
const MANY: usize = 10_000;

/// The options of the task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Options {
    rounds: u32,
    only: Option<String>,
    base: Option<String>,
    /// Only near and far, and the page of it.
    limits: bool,
}

impl Options {
    /// Reads `--rounds N`, `--only NAME`, `--base COMMIT` and `--limits`.
    ///
    /// # Errors
    /// Anything else, or a value that makes no sense.
    pub(crate) fn parse(args: &[String]) -> Result<Self> {
        let mut options = Self {
            rounds: ROUNDS,
            only: None,
            base: None,
            limits: false,
        };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            if arg == "--limits" {
                options.limits = true;
                continue;
            }
            let value = args.next();
            match (arg.as_str(), value) {
                ("--rounds", Some(value)) => {
                    let rounds = value.parse().ok().filter(|rounds| *rounds > 0);
                    options.rounds = rounds
                        .ok_or_else(|| Failure::new(format!("--rounds {value:?}: a number?")))?;
                }
                ("--only", Some(value)) => options.only = Some(value.clone()),
                ("--base", Some(value)) => options.base = Some(value.clone()),
                ("--rounds" | "--only" | "--base", None) => {
                    return Err(Failure::new(format!("{arg} needs a value")));
                }
                _ => return Err(Failure::new(format!("bench has no option {arg:?}"))),
            }
        }
        Ok(options)
    }

    fn wants(&self, name: &str) -> bool {
        let only = self.only.as_deref();
        name == FLOOR || only.is_none_or(|only| name.contains(only))
    }
}

/// Measures, and prints a table.
///
/// # Errors
/// Something cannot be set up, a command fails, or a cold role takes more than
/// one request. A missed target is said, not a failure: times are not tests.
pub(crate) fn bench(options: &Options) -> Result {
    debian::ensure(Need::Bench)?;
    if let Some(commit) = &options.base {
        let mut programs = workspace::build(&["--package", "aws-sandbox"])?;
        let runner = |stage: &Stage| Ok(Tools::compile(stage)?.runner);
        return base::compare(commit, options.rounds, &mut programs, &runner);
    }
    if options.only.is_none() {
        limits(options)?;
    }
    if options.limits {
        return Ok(());
    }
    let builds = builds(options)?;
    let mut programs = workspace::build(&["--package", "aws-sandbox"])?;
    let scratch = target_dir(&programs)?.join("bench");
    if let Some((_, program)) = builds.first() {
        programs.add("assumerole", program);
    }
    let stage = Stage::new(&programs)?;
    let tools = Tools::compile(&stage)?;

    let mut contenders = vec![Contender::new(FLOOR, [tools.floor.as_path()])];
    let (mut cold, mut installations) = (Vec::new(), Vec::new());
    for (name, program) in &builds {
        let program = installed(&stage, name, program)?;
        cold.push((*name, cold_call(&stage, &program)?));
        contenders.extend(cached_calls(&stage, name, &program)?);
        installations.push((many(name), program));
    }
    contenders.extend(rivals::all(&stage, &scratch, &|name| options.wants(name))?);
    contenders.retain(|contender| options.wants(&contender.name));
    for contender in &contenders {
        // Warms its cache, and says what is wrong if something is.
        capture(&mut contender.command(&environment(&stage)))?;
    }
    ui::say(format!("measuring, {} rounds", options.rounds));
    let measures = measure::all(
        &tools.runner,
        &contenders,
        &environment(&stage),
        (WARM_UP, options.rounds),
    )?;
    ui::data(table::render(&contenders, &measures, FLOOR));
    for (name, program) in &builds {
        ui::data(crowd::measure(&programs, name, program)?);
        ui::data(server::memory(&programs, name, program)?);
    }
    let args = ["--release", "--package", "assumerole-server", "--example"];
    let example = workspace::build(&[&args[..], &[server::EXAMPLE]].concat())?;
    ui::data(server::requests(&example, options.rounds)?);
    for (name, requests) in cold {
        ui::data(format!("cold role, {name}: 1 request ({requests})"));
    }
    for (name, program) in installations {
        let mut environment = environment(&stage);
        environment.push(large_file(&stage));
        let waits = chooser::measure(&tools.chooser, &program, &environment)?;
        ui::data(chooser::line(&name, &waits));
    }
    Ok(())
}

/// Measures near and far, and writes `docs/PERFORMANCE.md`.
///
/// # Errors
/// Something does not compile, or a call fails.
fn limits(options: &Options) -> Result {
    let programs = match Programs::from_environment() {
        Some(programs) => programs,
        None => {
            let this = dist::static_program()?;
            let mut programs = workspace::build(&["--package", "aws-sandbox"])?;
            programs.add("assumerole", &this);
            programs
        }
    };
    let this = programs.get("assumerole")?.to_owned();
    let base = base::earlier(&target_dir(&programs)?.join("bench"))?;
    let page = limits::measure(
        &programs,
        base.as_deref(),
        &this,
        options.rounds,
        far::DELAY,
    )?;
    ui::data(&page);
    let path = workspace::root().join("docs/PERFORMANCE.md");
    fs::write(&path, page).context(path.display())
}

/// Goes through all of [`limits()`] with what is built already, and with so few
/// rounds that its figures say nothing.
///
/// # Errors
/// A call fails.
pub(crate) fn for_form(programs: &Programs) -> Result {
    let this = programs.get("assumerole")?;
    let delay = Duration::from_millis(1);
    limits::measure(programs, Some(this), this, 2, delay)?;
    ui::say(server::memory(programs, "for its form", this)?);
    ui::say(server::requests(programs, 2)?);
    Ok(())
}

/// The load average of the last minute.
fn load() -> Option<String> {
    let text = fs::read_to_string("/proc/loadavg").ok()?;
    text.split(' ').next().map(str::to_owned)
}

/// The builds of the program that are wanted, by name.
fn builds(options: &Options) -> Result<Vec<(&'static str, PathBuf)>> {
    let mut builds = Vec::new();
    let wants = |name: &str| options.wants(name) || options.wants(&many(name));
    if wants("static") || options.wants(COMPLETION) {
        builds.push(("static", dist::static_program()?));
    }
    if wants("ordinary") {
        let programs = workspace::build(&["--release", "--package", "assumerole"])?;
        builds.push(("ordinary", programs.get("assumerole")?.to_owned()));
    }
    if builds.is_empty() {
        // Somebody else alone is measured; the stage still needs a program.
        let programs = workspace::build(&["--package", "assumerole"])?;
        builds.push(("debug", programs.get("assumerole")?.to_owned()));
    }
    Ok(builds)
}

fn many(name: &str) -> String {
    format!("{name}, 10,000 roles")
}

/// A copy of `program`, as an installed program is one. What the linker wrote
/// itself is kept by the kernel in smaller pieces, and starts slower: 0.1 ms of
/// a static build (measured).
fn installed(stage: &Stage, name: &str, program: &Path) -> Result<PathBuf> {
    let copy = stage.path(&format!("{name}-installed"));
    fs::copy(program, &copy).context(program.display())?;
    Ok(copy)
}

/// The target folder, which is above every built program.
fn target_dir(programs: &Programs) -> Result<PathBuf> {
    let sandbox = programs.get("aws-sandbox")?;
    let folder = sandbox.ancestors().nth(2);
    folder
        .map(Path::to_owned)
        .ok_or_else(|| Failure::new("cargo built outside a folder"))
}

/// The C programs.
struct Tools {
    floor: PathBuf,
    runner: PathBuf,
    chooser: PathBuf,
}

impl Tools {
    fn compile(stage: &Stage) -> Result<Self> {
        let compiled = |name| compiled(stage, name, &[]);
        Ok(Self {
            floor: compiled("floor")?,
            runner: compiled("runner")?,
            chooser: compiled("chooser")?,
        })
    }
}

/// The C program `name`, compiled with `flags` besides.
fn compiled(stage: &Stage, name: &str, flags: &[&str]) -> Result<PathBuf> {
    let source = workspace::root().join(format!("xtask/bench/{name}.c"));
    let name = format!("{name}{}", flags.concat());
    let program = stage.path(&name);
    run(Command::new("cc")
        .args(["-O2", "-Wall"])
        .args(flags)
        .arg("-o")
        .args([&program, &source]))?;
    installed(stage, &name, &program)
}

/// The environment of every measured command.
fn environment(stage: &Stage) -> Vec<(String, String)> {
    let mut environment = stage.environment();
    // The sealing key where people have it, in the kernel where that can be.
    environment.retain(|(name, _)| name != "ASSUMEROLE_KEY_STORE");
    environment
}

/// Obtains the MFA session that the roles come from, unless there is one.
fn log_in(stage: &Stage, program: &Path) -> Result {
    let code = stage.sandbox.unused_code(DEVICE_SECRET)?;
    let mut login = Contender::new("login", [program]);
    login
        .words
        .extend(["login", "--mfa-code", &code, ROLE].map(str::to_owned));
    capture(&mut login.command(&environment(stage))).map(drop)
}

/// Assumes the role for the first time with `program`: what AWS was asked.
fn cold_call(stage: &Stage, program: &Path) -> Result<String> {
    log_in(stage, program)?;
    let before = stage.sandbox.requests()?.len();
    let mut call = Contender::new("cold", [program]);
    let words = ["exec", "--fresh", ROLE, "--", "/bin/true"];
    call.words.extend(words.map(str::to_owned));
    capture(&mut call.command(&environment(stage)))?;
    let requests = stage.sandbox.requests()?.split_off(before);
    if requests.len() == 1 {
        return Ok(requests.concat());
    }
    Err(Failure::new(format!(
        "a cold role took {} requests: {}",
        requests.len(),
        requests.join(", ")
    )))
}

/// The measured calls of one build: with the ordinary configuration file, and
/// with a large one; of the static build, completion with that one, too.
fn cached_calls(stage: &Stage, name: &str, program: &Path) -> Result<Vec<Contender>> {
    let (variable, large) = large_file(stage);
    fs::write(&large, large_config().to_string()).context(&large)?;
    let (floor, words) = (FLOOR.to_owned(), ["exec", ROLE, "--", "/bin/true"]);
    let limit = if name == "static" { 0.15 } else { 1.2 };
    let mut one = Contender::new(name, [program]);
    one.words.extend(words.map(str::to_owned));
    let mut ten_thousand = one.clone();
    one.target = Some((floor, limit));
    ten_thousand.name = many(name);
    ten_thousand.target = Some((name.to_owned(), 2.0));
    ten_thousand.env.push((variable, large));
    let mut completion = Contender::new(COMPLETION, [program]);
    // Nearly all of them begin so.
    let words = [
        "complete",
        "--shell",
        "bash",
        "--",
        "assumerole",
        "exec",
        "team-",
    ];
    completion.words.extend(words.map(str::to_owned));
    completion.env.clone_from(&ten_thousand.env);
    completion.target = Some((FLOOR.to_owned(), 10.0));
    let mut calls = vec![one, ten_thousand];
    calls.extend((name == "static").then_some(completion));
    Ok(calls)
}

/// The variable that names the large configuration file, and the file.
fn large_file(stage: &Stage) -> (String, String) {
    let large = stage.path("many-roles.json");
    ("ASSUMEROLE_CONFIG".to_owned(), large.display().to_string())
}

/// A configuration of [`MANY`] roles, the measured one in the middle.
fn large_config() -> Value {
    let (_, like) = entry(&ROLES[0]);
    let other = |number: usize| (format!("team-{number:05}-read"), like.clone());
    let half = (MANY - 1) / 2;
    config(
        (0..half)
            .map(other)
            .chain(ROLES.iter().filter(|role| role.name == ROLE).map(entry))
            .chain((half..MANY - 1).map(other)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_large_file_has_ten_thousand_roles_and_the_measured_one() {
        let config = large_config();
        let roles = config["assume_roles"].as_object().unwrap();
        assert_eq!(roles.len(), MANY);
        assert_eq!(roles[ROLE], entry(&ROLES[0]).1);
    }

    #[test]
    fn only_keeps_the_floor_and_what_it_names() {
        let args = ["--only", "static", "--rounds", "7"].map(str::to_owned);
        let options = Options::parse(&args).unwrap();
        assert_eq!(options.rounds, 7);
        assert!(options.wants(FLOOR) && options.wants("static, 10,000 roles"));
        assert!(!options.wants("ordinary"));
        assert!(Options::parse(&[]).unwrap().wants("awsume"));
    }
}
