//! `serve ROLE…`: a server of its own, which is asked until it is ended.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use assumerole_core::diagnostic::Warning;
use assumerole_core::{Consumer, Error, Kind, Result};
use assumerole_host::fs;
use assumerole_session::history::Way;
use clap::ValueHint;

use super::super::assume::assume;
use super::door;
use super::janitor::Janitor;
use super::launch::confirmed;
use super::lines::{Lines, Served};
use super::papers;
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

    #[command(flatten)]
    obtain: Obtain,

    /// The roles to hand out
    #[arg(required = true, value_name = "ROLE")]
    names: Vec<String>,
}

const AFTER_HELP: &str = "\
Prints what to set, and answers until Ctrl-C. Each role has a path, /role/NAME.
Credentials are renewed for as long as that takes no question. /healthcheck says
whether the server runs. For one command:
  assumerole exec --serve ROLE -- COMMAND";

/// Not one that stands for all: programs ask one, and say so in `Host`.
fn address(text: &str) -> Result<IpAddr, &'static str> {
    let address: Result<IpAddr, _> = text.parse();
    match address {
        Ok(address) if !address.is_unspecified() && !address.is_multicast() => Ok(address),
        _ => Err("not the IP address by which programs reach this machine"),
    }
}

pub(crate) fn run(app: &mut App<'_>, args: &Args) -> Result<Outcome> {
    let mut names = args.names.clone();
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    if args.imds && names.len() > 1 {
        return Err(Error::new(
            Kind::Usage,
            "--imds takes one role: an instance has no more",
        )
        .hint("start a server for each: assumerole serve --imds ROLE"));
    }
    app.settings.consumer = Consumer::Program;
    app.credentials_only = true;
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
    let dir = papers::folder(app).ok();
    // All that can be refused, before a code is asked for.
    if let Some(path) = &token_file {
        TokenFile::check(path)?;
    } else if dir.is_none() && (args.unix.is_some() || args.docker) {
        return Err(Error::new(
            Kind::Failed,
            "there is no private folder for the file of the token",
        )
        .hint("name a file: --token-file FILE"));
    }
    let janitor = Janitor::start(Arc::clone(&app.host.clock));
    let opened = door::open(&place)?;
    if let (Some(janitor), Some(socket)) = (&janitor, &opened.file) {
        janitor.knows(socket.file());
    }
    if !opened.tells {
        unknown_users(app, args)?;
    }
    let (mut roles, mut served) = (Vec::new(), Vec::new());
    for name in &names {
        let assumed = assume(app, name, Some(name), None, &args.obtain, Way::Serve)?;
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
        aws_files: (args.unix.is_none() && !args.docker).then(|| AwsPaths {
            config: app.places.aws_config.clone(),
            credentials: app.places.aws_credentials.clone(),
        }),
        place,
        instance: args.imds,
        token_file,
    };
    let (running, ready) = Running::start(app, &spec, dir.as_ref(), opened, janitor)?;
    say(app, args, &spec, &ready, &served)?;
    asks_nobody(app);
    Ok(match running.run(app) {
        Some(signal) => Outcome::Cancelled {
            signal: Some(signal),
        },
        None => Outcome::Done,
    })
}

/// Says once that other users are not told apart.
fn unknown_users(app: &App<'_>, args: &Args) -> Result<()> {
    if args.imds {
        return Err(Error::new(
            Kind::Failed,
            "cannot stand in for a metadata service: the system does not tell which user asks",
        )
        .hint("use a token: assumerole serve ROLE"));
    }
    let text = "the system does not tell which user asks here: the token alone decides";
    app.printer.warning(&Warning::new(text));
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
        place: &spec.place,
        roles: served,
    };
    let text = match &spec.place {
        Place::Socket(path) => lines.for_socket(path),
        Place::Address(..) if args.docker => lines.for_docker(),
        Place::Address(..) if args.imds => lines.for_instance(),
        Place::Address(..) => lines.for_shell(),
    };
    app.data(&text)
}

fn absolute(path: &Path) -> Result<PathBuf> {
    match path.is_absolute() {
        true => Ok(path.to_owned()),
        false => Ok(fs::current_dir()?.join(path)),
    }
}
