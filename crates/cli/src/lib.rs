//! The program behind `assumerole`: arguments in, [`Outcome`] out.

mod agents;
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
use args::{Cli, CommandArgs};
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

/// The command line, with the words of `--help`. Also what the manual pages are made
/// of.
pub fn command() -> clap::Command {
    Cli::command()
}

fn run_and_say(args: impl IntoIterator<Item = OsString>, host: &Host) -> Outcome {
    // Where it cannot be done there is nobody to do it better.
    let _ = assumerole_host::harden::disable_core_dumps();
    let line = commands::docker_credential::line(args.into_iter().collect());
    let mut cli = match Cli::read(&line) {
        Ok(cli) => cli,
        Err(error) => return said_by_clap(&error, &line, host),
    };
    let agent = agents::of(host);
    let silent;
    let host = match (&agent, cli.global.no_prompt) {
        (Some(_), _) => {
            silent = host.of_agent();
            &silent
        }
        (None, true) => {
            silent = host.without_prompts();
            &silent
        }
        (None, false) => host,
    };
    if let Some(CommandArgs::Prompt(args)) = &cli.command {
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
    let command = cli.command.is_none() && env.is_set(names::ASSUMEROLE_COMMAND);
    let completing = matches!(cli.command, Some(CommandArgs::Complete(_)));
    // So does a program that takes a word beside its answer for a failure.
    let for_program = match &cli.command {
        Some(CommandArgs::Export(args)) => args.answers(),
        subcommand => matches!(subcommand, Some(CommandArgs::CredentialProcess(_))),
    };
    let for_token = matches!(
        cli.command,
        Some(
            CommandArgs::DockerCredential(_) | CommandArgs::EksToken(_) | CommandArgs::RdsToken(_)
        )
    );
    let answering = (for_program || for_token) && cli.global.verbose == 0;
    let quiet =
        cli.global.quiet || env.flag(names::ASSUMEROLE_QUIET) || command || completing || answering;
    let running = matches!(cli.command, None | Some(CommandArgs::Exec(_)));
    let printer = Printer::new(&env, quiet)
        .in_lines(for_program)
        .with_names(cli.global.verbose > 0);
    let settings = match (settings::read(&env, &host.env), &mut cli.command) {
        (Ok(settings), _) => settings,
        // Whatever is wrong there, whoever waits for a prompt is told in a line.
        (Err(error), Some(CommandArgs::Renew(args))) => args.stopped_by(error),
        (Err(error), _) => return said(&printer, &error, running),
    };
    match &mut cli.command {
        Some(CommandArgs::Check(args)) => args.adopt(&mut cli.global),
        Some(CommandArgs::Complete(args)) => args.adopt(&mut cli.global, Cli::command),
        _ => {}
    }
    let global = &cli.global;
    // What it has read goes with the process.
    let app = App::new(host, env, settings, printer, global, quiet, Cli::command);
    let mut app = ManuallyDrop::new(app);
    let only_for_people = agent.as_ref().and(cli.command.as_ref());
    let only_for_people = only_for_people.and_then(CommandArgs::only_for_people);
    app.agent = agent;
    let alone = cli.command.as_ref().and_then(|_| alone(&line));
    let done = commands::own::not_a_role(&app, alone.as_deref());
    let done = done.and_then(|()| agents::allow(app.agent.as_ref(), only_for_people));
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
    let is_command = |first: &&str| app.commands().iter().any(|command| command == first);
    let subcommand = words.before_a_code().filter(is_command);
    let hint = subcommand.and_then(|subcommand| {
        words.role_hint(subcommand, |name| commands::own::is_role(app, name))
    });
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
    let Some(subcommand) = cli.command else {
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
    match subcommand {
        CommandArgs::Exec(args) => exec::run(app, args),
        CommandArgs::Export(args) => export::run(app, args),
        CommandArgs::CredentialProcess(args) => credential_process::run(app, args),
        CommandArgs::List(args) => list::run(app, &args),
        CommandArgs::Status(args) => status::run(app, &args),
        CommandArgs::Info(args) => info::run(app, args),
        CommandArgs::Accountlist => accountlist::run(app, accountlist::Decoration::Terminal),
        CommandArgs::AccountlistText => accountlist::run(app, accountlist::Decoration::None),
        CommandArgs::Completions(args) => completions::run(app, &args),
        // It has no need of an `App`.
        CommandArgs::Prompt(args) => prompt::run(app.host, &app.printer, &args),
        CommandArgs::Complete(args) => complete::run(app, &args),
        CommandArgs::Init(args) => init::run(app, &args),
        CommandArgs::Renew(args) => renew::run(app, &args),
        CommandArgs::Plan(args) => plan::run(app, args),
        CommandArgs::History(args) => history::run(app, &args),
        CommandArgs::Serve(args) => serve::run(app, &args),
        CommandArgs::ServerProcess(args) => serve::process(app, &args),
        CommandArgs::Login(args) => login::run(app, args),
        CommandArgs::Sso(args) => commands::sso::run(app, &args),
        CommandArgs::EcrLogin(args) => commands::ecr_login::run(app, args),
        CommandArgs::DockerCredential(args) => commands::docker_credential::run(app, &args),
        CommandArgs::SshProxy(args) => commands::ssh_proxy::run(app, args),
        CommandArgs::EksToken(args) => commands::eks_token::run(app, args),
        CommandArgs::RdsToken(args) => commands::rds_token::run(app, args),
        CommandArgs::Accounts(args) => commands::accounts::run(app, args),
        CommandArgs::Each(args) => commands::each::run(app, &args),
        CommandArgs::Console(args) => commands::console::run(app, &args),
        CommandArgs::Codeartifact(args) => codeartifact::run(app, args),
        CommandArgs::Logout(args) => logout::run(app, &args),
        CommandArgs::Add(args) => commands::add::run(app, args),
        CommandArgs::Edit(args) => commands::edit::run(app, &args),
        CommandArgs::Rename(args) => commands::rename::run(app, &args),
        CommandArgs::Remove(args) => commands::remove::run(app, &args),
        CommandArgs::Import(args) => commands::import::run(app, &args),
        CommandArgs::Keys(args) => commands::keys::run(app, &args),
        CommandArgs::Mfa(args) => commands::mfa::run(app, &args),
        CommandArgs::Profiles(args) => commands::profiles::run(app, &args, cli.global.no_prompt),
        CommandArgs::Check(args) => commands::check::run(app, &args),
        CommandArgs::Schema => schema::run(app),
        CommandArgs::Doctor(args) => doctor::run(app, &args),
        CommandArgs::Help(args) => commands::help::run(app, &args),
    }
}

/// The error of a `word` before a command, which is a role, or another command
/// with a slip in it.
fn before_a_command(app: &App<'_>, word: &str) -> Error {
    let subcommand =
        synonym::command(word, &app.commands()).filter(|_| !app.is_known(word).unwrap_or(true));
    if let Some(subcommand) = subcommand {
        return Error::new(Kind::Usage, format!("there is no command {word:?}"))
            .hint(format!("did you mean: assumerole {subcommand} …?"))
            .hint("see: assumerole --help");
    }
    Error::new(
        Kind::Usage,
        format!("unexpected argument {word:?} before the command"),
    )
    .hint(format!(
        "run a command in a role: assumerole exec {} -- COMMAND",
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
            let subcommands = grammar::command_names(Cli::command);
            let words = Words::of(args);
            let is_command = |word: &&str| subcommands.iter().any(|subcommand| subcommand == word);
            let subcommand = words.first().filter(is_command);
            let running = match subcommand {
                Some(subcommand) => subcommand == "exec",
                None => words.first().is_some(),
            };
            let is_role = |name: &str| is_role(host, args, name);
            // What clap does not understand may be a secret, and it would show it.
            let typed = args.iter().skip(1).filter_map(|arg| arg.to_str());
            let told = match subcommand {
                Some("mfa") => commands::mfa::no_secret(typed).err(),
                _ => None,
            };
            let told = told.unwrap_or_else(|| {
                usage::explain(error, subcommand, &words, &subcommands, is_role)
            });
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
