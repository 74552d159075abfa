//! The program behind `assumerole`: arguments in, [`Outcome`] out.

mod app;
mod args;
mod assumed;
mod commands;
mod complete;
mod deliver;
mod files;
mod grammar;
mod help;
mod integrations;
mod lint;
mod mistyped;
mod options;
mod outcome;
mod policy_file;
mod role_file;
mod settings;
mod shell;
mod synonym;
mod ui;
mod usage;

use std::ffi::OsString;
use std::mem::ManuallyDrop;

use assumerole_core::plan::settings::RunSettings;
use assumerole_core::{Error, Kind, Result, environment};
use assumerole_host::Host;
use assumerole_host::env::{Env, names};
use clap::CommandFactory as _;
use clap::error::ErrorKind;

use app::App;
use args::{Cli, Verb};
use complete::Typed;
use mistyped::Words;
use options::Global;
pub use outcome::Outcome;
use ui::{Printer, WriteError};

/// Runs the program once. Everything it touches is reached through `host`, so
/// that it can be called more than once.
pub fn run(args: impl IntoIterator<Item = OsString>, host: &Host) -> Outcome {
    host.clock.deadline().begin(host.clock.monotonic());
    let outcome = run_and_say(args, host);
    // Not before: what was said would stand behind the next one's question.
    assumerole_host::tty::let_others_ask();
    outcome
}

fn run_and_say(args: impl IntoIterator<Item = OsString>, host: &Host) -> Outcome {
    // Where it cannot be done there is nobody to do it better.
    let _ = assumerole_host::harden::disable_core_dumps();
    let line: Vec<OsString> = args.into_iter().collect();
    let mut cli = match Cli::read(&line) {
        Ok(cli) => cli,
        Err(error) => return said_by_clap(&error, &line, host),
    };
    let silent;
    let host = match cli.global.no_prompt {
        true => {
            silent = host.without_prompts();
            &silent
        }
        false => host,
    };
    if let Some(Verb::Prompt(args)) = &cli.verb {
        let printer = Printer::new(&host.env, false);
        // It reads no file, unless a person calls it and not a prompt.
        if host.streams.out_is_terminal
            && Words::of(&line).alone().is_some()
            && is_role(host, &line, "prompt")
        {
            let hint = commands::own::with_option("prompt");
            return said(&printer, &commands::own::both("prompt", &hint), false);
        }
        return match commands::prompt::run(host, &printer, args) {
            Ok(outcome) => outcome,
            Err(error) => said(&printer, &error, false),
        };
    }
    // What the role of an outer shell set there says nothing about this one.
    let env = Env::from_pairs(environment::without_role(host.env.pairs().to_vec()));
    // A loop over accounts wants the command's output and nothing else.
    let command = cli.verb.is_none() && env.is_set(names::ASSUMEROLE_COMMAND);
    let completing = matches!(cli.verb, Some(Verb::Complete(_)));
    // So does a program that takes a word beside its answer for a failure.
    let for_program = match &cli.verb {
        Some(Verb::Export(args)) => args.answers(),
        verb => matches!(verb, Some(Verb::CredentialProcess(_))),
    };
    let answering = for_program && cli.global.verbose == 0;
    let quiet =
        cli.global.quiet || env.flag(names::ASSUMEROLE_QUIET) || command || completing || answering;
    let running = matches!(cli.verb, None | Some(Verb::Exec(_)));
    let printer = Printer::new(&env, quiet).in_lines(for_program);
    let settings = match (settings::read(&env, &host.env), &mut cli.verb) {
        (Ok(settings), _) => settings,
        // Whatever is wrong there, whoever waits for a prompt is told in a line.
        (Err(error), Some(Verb::Renew(args))) => args.stopped_by(error),
        (Err(error), _) => return said(&printer, &error, running),
    };
    match &mut cli.verb {
        Some(Verb::Check(args)) => args.adopt(&mut cli.global),
        Some(Verb::Complete(args)) => args.adopt(&mut cli.global, Cli::command),
        _ => {}
    }
    let global = &cli.global;
    // What it has read goes with the process.
    let app = App::new(host, env, settings, printer, global, quiet, Cli::command);
    let mut app = ManuallyDrop::new(app);
    let alone = cli.verb.as_ref().and_then(|_| alone(&line));
    let done = commands::own::not_a_role(&app, alone.as_deref());
    match done.and_then(|()| dispatch(&mut app, cli)) {
        Ok(outcome) => outcome,
        Err(error) => {
            let error = or_a_role(&app, &Words::of(&line), error);
            said(&app.printer, &error, running)
        }
    }
}

/// `error` of the command line `words`, with the role that may have been meant.
fn or_a_role(app: &App<'_>, words: &Words, error: Error) -> Error {
    let verbs = app.verbs();
    let verb = words
        .first()
        .filter(|first| verbs.iter().any(|verb| verb == first));
    let hint =
        verb.and_then(|verb| words.role_hint(verb, |name| commands::own::is_role(app, name)));
    match hint {
        Some(hint) => error.hint(hint),
        None => error,
    }
}

/// The command that `line` has, if nothing follows it.
fn alone(line: &[OsString]) -> Option<String> {
    // What stands behind a command belongs to it: no need to look closer.
    let option = |word: &OsString| word.to_string_lossy().starts_with('-');
    if line.len() > 2 && line.get(1).is_some_and(|first| !option(first)) {
        return None;
    }
    Words::of(line).alone().map(str::to_owned)
}

fn dispatch(app: &mut App<'_>, cli: Cli) -> Result<Outcome> {
    use commands::{
        accountlist, codeartifact, complete, completions, credential_process, doctor, exec, export,
        history, info, init, list, login, logout, plan, prompt, renew, schema, serve, shell,
        status,
    };
    let Some(verb) = cli.verb else {
        return shell::run(app, cli.shell);
    };
    if let Some(role) = &cli.shell.role {
        return Err(before_a_command(app, role));
    }
    // Passed over, `--read-only` would give a session that may write.
    let serve = cli.shell.serve.then_some("--serve");
    if let Some(flag) = cli.shell.obtain.given().or(serve) {
        return Err(Error::new(
            Kind::Usage,
            format!("unexpected argument {flag} before the command"),
        )
        .hint(format!(
            "put the option after the command: assumerole exec {flag} …"
        )));
    }
    match verb {
        Verb::Exec(args) => exec::run(app, args),
        Verb::Export(args) => export::run(app, args),
        Verb::CredentialProcess(args) => credential_process::run(app, args),
        Verb::List(args) => list::run(app, &args),
        Verb::Status(args) => status::run(app, &args),
        Verb::Info(args) => info::run(app, args),
        Verb::Accountlist => accountlist::run(app, accountlist::Decoration::Terminal),
        Verb::AccountlistText => accountlist::run(app, accountlist::Decoration::None),
        Verb::Completions(args) => completions::run(app, &args),
        // It has no need of an `App`.
        Verb::Prompt(args) => prompt::run(app.host, &app.printer, &args),
        Verb::Complete(args) => complete::run(app, &args),
        Verb::Init(args) => init::run(app, &args),
        Verb::Renew(args) => renew::run(app, &args),
        Verb::Plan(args) => plan::run(app, args),
        Verb::History(args) => history::run(app, &args),
        Verb::Serve(args) => serve::run(app, &args),
        Verb::ServerProcess(args) => serve::process(app, &args),
        Verb::Login(args) => login::run(app, args),
        Verb::Codeartifact(args) => codeartifact::run(app, args),
        Verb::Logout(args) => logout::run(app, &args),
        Verb::Add(args) => commands::add::run(app, args),
        Verb::Edit(args) => commands::edit::run(app, &args),
        Verb::Rename(args) => commands::rename::run(app, &args),
        Verb::Remove(args) => commands::remove::run(app, &args),
        Verb::Import(args) => commands::import::run(app, &args),
        Verb::Profiles(args) => commands::profiles::run(app, &args, cli.global.no_prompt),
        Verb::Check(args) => commands::check::run(app, &args),
        Verb::Schema => schema::run(app),
        Verb::Doctor(args) => doctor::run(app, &args),
        Verb::Help(args) => commands::help::run(app, &args),
    }
}

/// The error of a `word` before a command, which is a role, or another command
/// with a slip in it.
fn before_a_command(app: &App<'_>, word: &str) -> Error {
    let verb = synonym::verb(word, &app.verbs()).filter(|_| !app.is_known(word).unwrap_or(true));
    if let Some(verb) = verb {
        return Error::new(Kind::Usage, format!("there is no command {word:?}"))
            .hint(format!("did you mean: assumerole {verb} …?"))
            .hint("see: assumerole --help");
    }
    Error::new(
        Kind::Usage,
        format!("unexpected argument {word:?} before the command"),
    )
    .hint(format!(
        "to run a command in a role: assumerole exec {} -- COMMAND",
        shell_words::quote(word)
    ))
    .hint("see: assumerole --help")
}

/// Says an error, once, and makes it the outcome.
fn said(printer: &Printer, error: &Error, running: bool) -> Outcome {
    if error.kind() != Kind::Cancelled || !error.message().is_empty() {
        printer.error(error);
    }
    Outcome::failed(error, running)
}

/// How a run ends whose help was `written`. A reader that has gone (`| head`)
/// has what it wanted.
fn helped(printer: &Printer, written: Result<(), WriteError>) -> Outcome {
    match written {
        Err(error) if !error.reader_gone() => said(printer, &error.into(), false),
        _ => Outcome::Done,
    }
}

/// Help and version are data; what clap does not understand is an error.
fn said_by_clap(error: &clap::Error, args: &[OsString], host: &Host) -> Outcome {
    let printer = Printer::new(&host.env, false);
    match error.kind() {
        ErrorKind::DisplayHelp => {
            let error = help::command(Cli::command).try_get_matches_from(args).err();
            // Where a shell evaluates stdout, it is for the person.
            if args.iter().any(|arg| arg == "--in-place") {
                printer.help_aside(&help::in_place(Cli::command));
                return Outcome::Done;
            }
            let written = error.map(|error| printer.help(&error.render()));
            helped(&printer, written.unwrap_or(Ok(())))
        }
        ErrorKind::DisplayVersion => helped(&printer, printer.help(&error.render())),
        _ => {
            let verbs = grammar::verb_names(Cli::command);
            let words = Words::of(args);
            let is_verb = |word: &&str| verbs.iter().any(|verb| verb == word);
            let verb = words.first().filter(is_verb);
            let running = match verb {
                Some(verb) => verb == "exec",
                None => words.first().is_some(),
            };
            let is_role = |name: &str| is_role(host, args, name);
            let told = usage::explain(error, verb, &words, &verbs, is_role);
            let for_program = args.iter().any(|arg| arg == "credential-process");
            printer.in_lines(for_program).error(&told);
            Outcome::Usage { running }
        }
    }
}

/// Whether there is a role of that name, be it wrong, as far as a command line
/// says that makes no sense.
fn is_role(host: &Host, args: &[OsString], name: &str) -> bool {
    let global = Global {
        config: Typed::new(args.to_vec(), Cli::command).config(),
        quiet: true,
        no_prompt: true,
        verbose: 0,
    };
    let (settings, printer) = (RunSettings::default(), Printer::new(&host.env, true));
    let grammar = Cli::command;
    let env = host.env.clone();
    let app = App::new(host, env, settings, printer, &global, true, grammar);
    commands::own::is_role(&app, name)
}
