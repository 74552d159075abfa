//! `ecr-login ROLE`: lets Docker into the registries of ECR that a role may use.

use std::ffi::OsString;
use std::time::Duration;

use assumerole_aws::ecr::RegistryLogin;
use assumerole_core::aws::ids::{AccountId, Region};
use assumerole_core::aws::service::Service;
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::shell::command_line::argument;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::process::{Helper, Stderr, Stdin, run_captured};
use assumerole_session::artifacts::{Bearer, Broker};
use assumerole_session::cache::{Lineage, TokenAbout};
use assumerole_session::history::Way;
use clap::ValueEnum;
use secrecy::ExposeSecret as _;

use super::assume::assume;
use super::own::Command;
use super::previous;
use crate::app::App;
use crate::assumed::Assumed;
use crate::options::Obtain;
use crate::outcome::Outcome;
use crate::ui::time;

const COMMAND: Command = Command {
    name: "ecr-login",
    usage: "assumerole ecr-login [OPTIONS] <ROLE>",
};

/// Log Docker in to the registries of ECR
#[derive(Debug, clap::Args)]
#[command(override_usage = COMMAND.usage, after_help = AFTER_HELP)]
pub(crate) struct Args {
    /// Which program logs in [default: docker]
    #[arg(
        long,
        value_name = "PROGRAM",
        default_value = "docker",
        hide_default_value = true,
        hide_possible_values = true
    )]
    program: Program,

    /// The registry of this account, not of the role's
    #[arg(long, value_name = "ACCOUNT", value_parser = str::parse::<AccountId>)]
    account: Option<AccountId>,

    /// Print the password, and log in nowhere
    #[arg(long, conflicts_with = "program")]
    print: bool,

    #[command(flatten)]
    obtain: Obtain,

    /// The role; - for the previous one
    role: Option<String>,
}

const AFTER_HELP: &str = "\
The login is to the registry of the role's account and region. It ends with the
session of the role.
PROGRAM is docker, podman or finch; it gets the password by its stdin. Others:
  assumerole ecr-login --print ROLE |
    helm registry login -u AWS --password-stdin HOST

Docker asks by itself where assumerole has a second name,
docker-credential-assumerole, that is named in ~/.docker/config.json:
  \"credHelpers\": {\"ACCOUNT.dkr.ecr.REGION.amazonaws.com\": \"assumerole\"}
The role is the one of the registry's account, or in ~/.assumerole:
  \"registries\": {\"ACCOUNT.dkr.ecr.REGION.amazonaws.com\": \"ROLE\"}";

/// What logs in.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Program {
    Docker,
    Podman,
    Finch,
}

impl Program {
    fn name(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::Podman => "podman",
            Self::Finch => "finch",
        }
    }
}

/// How long a program may take to log in: it asks the registry.
const PATIENCE: Duration = Duration::from_secs(60);

/// Bytes of what it says.
const LIMIT: usize = 64 * 1024;

pub(crate) fn run(app: &mut App<'_>, mut args: Args) -> Result<Outcome> {
    let Some(role) = args.role.take() else {
        return Err(COMMAND.incomplete(app, "ROLE"));
    };
    app.credentials_only = true;
    let mut name = role.clone();
    previous::stand_in(app, &mut name, &mut args.obtain.session)?;
    let way = Way::Token(COMMAND.name);
    let assumed = assume(app, &name, Some(&role), None, &args.obtain, way)?;
    let region = assumed.plan.region.value.clone().ok_or_else(|| {
        let message = "cannot tell in which region the registry is";
        Error::new(Kind::Usage, message)
            .because(format!("{} has no region", one_line(&name)))
            .hint(format!(
                "name it: assumerole ecr-login --region REGION {}",
                argument(&name)
            ))
    })?;
    let login = login(app, &assumed, region, false)?;
    if args.print {
        return app.data(&format!("{}\n", login.password.expose_secret()));
    }
    let registry = match (&args.account, login.registry.split_once('.')) {
        (Some(account), Some((_, rest))) => format!("{account}.{rest}"),
        _ => login.registry.clone(),
    };
    log_in(app, args.program, &registry, &login)?;
    let now = app.host.clock.now();
    app.printer.note(&format!(
        "{} is logged in to {registry}, {} ({})",
        args.program.name(),
        time::until(login.expires, now, &app.host.time_zone()),
        time::left(login.expires.duration_since(now)),
    ));
    Ok(Outcome::Done)
}

/// What lets the role of `assumed` into registries in `region`: what is `kept`, or a
/// new login.
///
/// # Errors
/// AWS said no or nothing.
pub(super) fn login(
    app: &App<'_>,
    assumed: &Assumed,
    region: Region,
    kept: bool,
) -> Result<RegistryLogin> {
    let plan = &assumed.plan;
    let route = plan.route_to(Service::Ecr, app.aws_files()?, &app.settings, region)?;
    let cache = app.existing_cache().filter(|_| kept && assumed.cached);
    let broker = Broker {
        host: app.host,
        settings: &app.settings,
        cache: cache.as_ref(),
        report: app,
    };
    let about = TokenAbout {
        role: plan.name.clone(),
        profile: plan.source.profile.value.clone(),
    };
    let last = plan.steps.len();
    let bearer = Bearer {
        about: &about,
        key: assumed.keys.last().and_then(Option::as_ref),
        lineage: &Lineage::of(plan, &assumed.keys, last, cache.as_ref()),
        credentials: &assumed.credentials,
        ends: assumed.ends,
    };
    broker.registry_login(&route, bearer)
}

/// Has `program` log in to `registry`. It gets the password by its stdin.
fn log_in(app: &App<'_>, program: Program, registry: &str, login: &RegistryLogin) -> Result<()> {
    let words = [
        "login",
        "--username",
        &login.user,
        "--password-stdin",
        registry,
    ];
    let helper = Helper {
        program: program.name().into(),
        args: words.map(OsString::from).to_vec(),
        env: app.env.pairs(),
        stdin: Stdin::Given(login.password.expose_secret().as_bytes()),
        stderr: Stderr::Captured,
        timeout: PATIENCE,
        limit: LIMIT,
    };
    let done = run_captured(&helper).map_err(|error| {
        Error::from(error).hint("see how another program gets it: assumerole ecr-login --help")
    })?;
    if done.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&done.stderr);
    // It may repeat what it was given.
    let said = said.replace(login.password.expose_secret(), "(secret)");
    let name = program.name();
    Err(
        Error::new(Kind::Failed, format!("{name} did not log in to {registry}"))
            .because(one_line(said.trim()))
            .hint(format!("see whether it runs: {name} info")),
    )
}
