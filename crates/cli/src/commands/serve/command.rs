//! `serve ROLE…`: a server of its own, which is asked until it is ended.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use assumerole_core::diagnostic::Id;
use assumerole_core::diagnostic::Warning;
use assumerole_core::{Consumer, Error, Kind, Result};
use assumerole_host::fs::PrivateDir;
use assumerole_session::history::Way;
use clap::ValueHint;

use super::super::assume::{assume, planned};
use super::super::previous;
use super::check;
use super::detached::{self, Detached};
use super::door;
use super::janitor::Janitor;
use super::launch::{TOKEN_ALONE, confirmed};
use super::lines::{Lines, Served};
use super::papers::{self, absolute};
use super::running::{Running, asks_nobody};
use super::spec::{AwsPaths, Place, Ready, Role, Spec};
use super::token_file::TokenFile;
use crate::app::App;
use crate::options::Obtain;
use crate::outcome::Outcome;

/// Hand a role's credentials out to programs, by a server
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Args {
    /// The port to listen on [default: one that is free]
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,

    /// Write the token to FILE, for this user alone
    #[arg(long, value_name = "FILE", value_hint = ValueHint::AnyPath)]
    token_file: Option<PathBuf>,

    /// Listen at a socket
    #[arg(
        long,
        value_name = "PATH",
        value_hint = ValueHint::AnyPath,
        conflicts_with_all = ["port", "listen", "docker", "imds"]
    )]
    unix: Option<PathBuf>,

    /// Listen at this address [default: 127.0.0.1]
    #[arg(long, value_name = "ADDR", value_parser = address)]
    listen: Option<IpAddr>,

    /// Print what a container needs
    #[arg(long)]
    docker: bool,

    /// Stand in for an EC2 instance's metadata service
    #[arg(long, conflicts_with_all = ["listen", "docker"])]
    imds: bool,

    /// Serve in the background, or add to the server there
    #[arg(long, conflicts_with_all = ["status", "stop"])]
    detach: bool,

    /// Show what the server in the background hands out
    #[arg(long, conflicts_with = "stop")]
    status: bool,

    /// End the server in the background
    #[arg(long)]
    stop: bool,

    /// Say which SDKs get ROLE from a server, and why not
    #[arg(
        long,
        conflicts_with_all = ["detach", "status", "stop", "unix", "docker", "imds", "token_file"]
    )]
    check: bool,

    /// With --status or --check: print JSON, an object
    #[arg(long)]
    json: bool,

    /// The MFA code [default: prompt when needed]
    #[arg(long, value_name = "CODE")]
    mfa_code: Option<String>,

    #[command(flatten)]
    obtain: Obtain,

    /// The roles to hand out; - for the previous one
    #[arg(value_name = "ROLE", required_unless_present_any = ["detach", "status", "stop"])]
    names: Vec<String>,
}

const AFTER_HELP: &str = "\
Prints what to set, and answers until Ctrl-C. Each role has a path, /role/NAME.
Credentials are renewed for as long as that takes no question. /healthcheck says
whether the server runs. For one command:
  assumerole exec --serve ROLE -- COMMAND

--detach prints the same and leaves the server running, one for each file of
roles; without ROLE, it prints the lines of the one that runs. --status exits
with 1 if none does. --check asks for ROLE as boto3 and the SDKs for JavaScript,
Go, Java and Rust would, and exits with 1 if one of them would not get it.";

/// Not one that stands for all: programs ask one, and say so in `Host`.
fn address(text: &str) -> Result<IpAddr, &'static str> {
    let address: Result<IpAddr, _> = text.parse();
    match address {
        Ok(address) if !address.is_unspecified() && !address.is_multicast() => Ok(address),
        _ => Err("not the IP address by which programs reach this machine"),
    }
}

impl Args {
    /// One of the flags that say how a server is reached.
    fn of_server(&self) -> Option<&'static str> {
        [
            (self.port.is_some(), "--port"),
            (self.token_file.is_some(), "--token-file"),
            (self.unix.is_some(), "--unix"),
            (self.listen.is_some(), "--listen"),
            (self.imds, "--imds"),
        ]
        .into_iter()
        .find_map(|(given, flag)| given.then_some(flag))
    }
}

pub(crate) fn run(app: &mut App<'_>, args: &Args) -> Result<Outcome> {
    if (args.status || args.stop) && !args.names.is_empty() {
        let flag = if args.status { "--status" } else { "--stop" };
        return Err(
            Error::new(Kind::Usage, format!("{flag} takes no role")).hint(format!(
                "give it to the whole server: assumerole serve {flag}"
            )),
        );
    }
    if args.json && !args.status && !args.check {
        return Err(
            Error::new(Kind::Usage, "--json is for --status and --check")
                .hint("see: assumerole serve --help"),
        );
    }
    if args.check {
        check::the_role(&args.names)?;
    }
    match (args.status, args.stop) {
        (true, _) => detached::status(app, args.json),
        (_, true) => detached::stop(app),
        _ => serve(app, args),
    }
}

/// The roles, each once, with what they are asked for with.
fn wanted(app: &mut App<'_>, args: &Args) -> Result<Vec<ServedRole>> {
    let mut wanted: Vec<ServedRole> = Vec::new();
    for typed in &args.names {
        let (mut name, mut obtain) = (typed.clone(), args.obtain.clone());
        previous::stand_in(app, &mut name, &mut obtain.session)?;
        if !wanted.iter().any(|other| other.name == name) {
            let typed = typed.clone();
            wanted.push(ServedRole {
                name,
                typed,
                obtain,
            });
        }
    }
    if args.imds && wanted.len() > 1 {
        return Err(Error::new(
            Kind::Usage,
            "--imds takes one role: an instance has no more",
        )
        .hint("start a server for each: assumerole serve --imds ROLE"));
    }
    Ok(wanted)
}

/// A role that shall be handed out.
struct ServedRole {
    name: String,
    /// As it stands on the command line.
    typed: String,
    obtain: Obtain,
}

fn serve(app: &mut App<'_>, args: &Args) -> Result<Outcome> {
    let names = wanted(app, args)?;
    app.settings.consumer = Consumer::Program;
    app.credentials_only = true;
    app.is_typed = false;
    if let (true, Some(role)) = (args.check, names.first()) {
        if check::is_led(app) {
            return check::run(app, &role.name, None, args.json);
        }
        let running = detached::look(app)?.map(|(_, running)| running);
        if let Some(running) = running.filter(|running| running.hands_out(&role.name)) {
            return check::run(app, &role.name, Some(&running.ready()), args.json);
        }
    }
    let place = match &args.unix {
        Some(path) => Place::Socket(absolute(path)?),
        None => match (args.listen, args.port.unwrap_or(0)) {
            (Some(address), port) => Place::Address(address, port),
            (None, port) => match Place::LOOPBACK {
                Place::Address(address, _) => Place::Address(address, port),
                other => other,
            },
        },
    };
    let token_file = args.token_file.as_deref().map(absolute).transpose()?;
    let dir = match args.detach {
        true => Some(PrivateDir::create(&detached::path(app)?)?),
        false => papers::folder(app).ok(),
    };
    let runs = match &dir {
        Some(dir) if args.detach => detached::find(app, dir)?,
        _ => None,
    };
    if let Some(running) = &runs {
        if let Some(flag) = args.of_server() {
            return Err(Error::new(
                Kind::Usage,
                format!(
                    "a server is running already at {}: {flag} is for a new one",
                    running.state.origin
                ),
            )
            .hint("end it first: assumerole serve --stop"));
        }
    } else if names.is_empty() {
        return Err(Error::new(Kind::Usage, "no server is running: name a role")
            .hint("start one: assumerole serve --detach ROLE"));
    }
    // All that can be refused, before a code is asked for.
    if let Some(path) = &token_file {
        TokenFile::check(path)?;
    } else if dir.is_none() && (args.unix.is_some() || args.docker) {
        return Err(Error::new(
            Kind::Failed,
            "there is no private folder for the file of the token",
        )
        .called(Id::ServerFailed)
        .hint("name a file: --token-file FILE"));
    }
    let janitor = Janitor::start(Arc::clone(&app.host.clock));
    let opened = match &runs {
        Some(_) => None,
        None => Some(door::open(&place)?),
    };
    if let Some(opened) = &opened {
        if let (Some(janitor), Some(socket)) = (&janitor, &opened.file) {
            janitor.knows(socket.file());
        }
        if !opened.tells {
            unknown_users(app, args)?;
        }
    }
    let (mut roles, mut served) = (Vec::new(), Vec::new());
    let mut code = args.mfa_code.clone();
    for wanted in &names {
        let ServedRole {
            name,
            typed,
            obtain,
        } = wanted;
        // One code is good for one question.
        let asks = planned(app, name, obtain)?.plan;
        let asks = asks.steps.iter().any(|step| step.device().is_some());
        let code = code.take_if(|_| asks);
        let assumed = assume(app, name, Some(typed), code, obtain, Way::Serve)?;
        let region = assumed.plan.region.value.as_ref();
        served.push(Served {
            name: assumed.plan.name.clone(),
            region: region.map(ToString::to_string),
        });
        roles.push(Role::of(&assumed, confirmed(app, &assumed)?)?);
    }
    let spec = Spec {
        roles,
        watch: None,
        // At a socket and in a container, nobody reads these files.
        aws_files: (args.unix.is_none() && !args.docker && !args.check).then(|| AwsPaths {
            config: app.places.aws_config.clone(),
            credentials: app.places.aws_credentials.clone(),
        }),
        place,
        instance: args.imds,
        token_file,
        detached: match args.detach {
            true => Some(absolute(&app.places.config)?),
            false => None,
        },
    };
    if let (true, Some(dir)) = (args.detach, &dir) {
        // Its process opens it once more.
        drop((opened, janitor));
        return detach(app, args, dir, spec, runs.as_ref(), served);
    }
    let opened = match opened {
        Some(opened) => opened,
        None => door::open(&spec.place)?,
    };
    let (running, ready) = Running::start(app, &spec, dir.as_ref(), opened, janitor)?;
    if args.check {
        let outcome = check::run(app, &served[0].name, Some(&ready), args.json);
        drop(running);
        return outcome;
    }
    say(app, args, &spec, &ready, &served)?;
    asks_nobody(app);
    Ok(match running.run(app) {
        Some(signal) => Outcome::Cancelled {
            signal: Some(signal),
        },
        None => Outcome::Done,
    })
}

/// Has a server in the background hand out the roles of `spec`, and says how it
/// is reached.
fn detach(
    app: &App<'_>,
    args: &Args,
    dir: &PrivateDir,
    mut spec: Spec,
    runs: Option<&Detached>,
    mut served: Vec<Served>,
) -> Result<Outcome> {
    if let Some(running) = runs {
        spec.place = running.state.place.clone();
        spec.instance = running.state.instance;
        spec.token_file.clone_from(&running.state.token_file);
        if served.is_empty() {
            served = running
                .report()?
                .into_iter()
                .map(|told| Served {
                    name: told.name,
                    region: told.region,
                })
                .collect();
        }
    }
    let roles = std::mem::take(&mut spec.roles);
    let given = Spec {
        roles,
        ..spec.shape()
    };
    let ready = detached::hand_over(app, dir, given)?;
    say(app, args, &spec, &ready, &served)
}

/// Says once that other users are not told apart.
fn unknown_users(app: &App<'_>, args: &Args) -> Result<()> {
    if args.imds {
        return Err(Error::new(
            Kind::Failed,
            "cannot stand in for a metadata service: the system does not tell which user asks",
        )
        .called(Id::ServerFailed)
        .hint("use a token: assumerole serve ROLE"));
    }
    app.printer.warning(&Warning::new(TOKEN_ALONE));
    Ok(())
}

fn say(
    app: &App<'_>,
    args: &Args,
    spec: &Spec,
    ready: &Ready,
    served: &[Served],
) -> Result<Outcome> {
    let wanted = spec.token_file.as_deref().and_then(Path::to_str);
    let lines = Lines {
        ready,
        token_file: wanted.or(ready.token_file.as_deref()),
        is_named: wanted.is_some(),
        place: &spec.place,
        roles: served,
    };
    let text = match &spec.place {
        Place::Socket(path) => lines.for_socket(path),
        Place::Address(..) if args.docker => lines.for_docker(),
        Place::Address(..) if spec.instance => lines.for_instance(),
        Place::Address(..) => lines.for_shell(),
    };
    app.data(&text)
}
