//! `ssh-proxy ROLE HOST [PORT]`: the way of ssh to a machine, by Session Manager.
//!
//! <https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-getting-started-enable-ssh-connections.html>

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::time::Duration;

use assumerole_aws::ssm::{explain, start_ssh_session};
use assumerole_core::aws::service::Service;
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::shell::command_line::argument;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::env::names;
use assumerole_host::process::{self, Helper, Stderr, Stdin, find_in_path, run_captured};
use assumerole_session::history::Way;
use assumerole_session::{aws_clock, connect};
use secrecy::ExposeSecret as _;

use super::assume::assume;
use super::own::Command;
use super::previous;
use crate::app::App;
use crate::deliver;
use crate::options::Obtain;
use crate::outcome::Outcome;

const COMMAND: Command = Command {
    name: "ssh-proxy",
    usage: "assumerole ssh-proxy [OPTIONS] <ROLE> <INSTANCE> [PORT]",
};

/// Connect ssh to an instance, by Session Manager
#[derive(Debug, clap::Args)]
#[command(override_usage = COMMAND.usage, after_help = AFTER_HELP)]
pub(crate) struct Args {
    #[command(flatten)]
    obtain: Obtain,

    /// The role
    role: Option<String>,

    /// The instance: i-..., mi-...
    instance: Option<String>,

    /// The port of its ssh server
    #[arg(default_value_t = 22, value_parser = clap::value_parser!(u16).range(1..))]
    port: u16,
}

const AFTER_HELP: &str = "\
In ~/.ssh/config:
  Host i-* mi-*
    ProxyCommand assumerole ssh-proxy acme-read %h %p

It opens the way by StartSession, and gives it to session-manager-plugin of AWS,
of a version after 1.2.497.0: older ones take the session's token as an
argument, which every user of this machine can read.";

/// The program that speaks for Session Manager.
const PLUGIN: &str = "session-manager-plugin";

/// The variable that holds the session's token, and whose name it gets.
const VARIABLE: &str = "AWS_SSM_START_SESSION_RESPONSE";

/// The last version that takes the token as an argument.
const LAST_OLD: [u64; 4] = [1, 2, 497, 0];

/// Where to get it.
const INSTALL: &str = "https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html";

pub(crate) fn run(app: &mut App<'_>, mut args: Args) -> Result<Outcome> {
    let (role, instance) = match (args.role.take(), args.instance.take()) {
        (Some(role), Some(instance)) => (role, instance),
        (None, _) => return Err(COMMAND.incomplete(app, "ROLE")),
        (Some(_), None) => return Err(COMMAND.incomplete(app, "INSTANCE")),
    };
    // Before anybody is asked for anything.
    is_instance(&instance)?;
    let plugin = plugin(app)?;
    app.credentials_only = true;
    let mut name = role.clone();
    previous::stand_in(app, &mut name, &mut args.obtain.session)?;
    let way = Way::Token(COMMAND.name);
    let assumed = assume(app, &name, Some(&role), None, &args.obtain, way)?;
    let plan = &assumed.plan;
    let region = plan.region.value.clone().ok_or_else(|| {
        Error::new(
            Kind::Usage,
            format!("cannot tell in which region {instance} is"),
        )
        .because(format!("{} has no region", one_line(&name)))
        .hint(format!(
            "name it: assumerole ssh-proxy --region REGION {} {instance}",
            argument(&name)
        ))
    })?;
    let route = plan.route_to(
        Service::Ssm,
        app.aws_files()?,
        &app.settings,
        region.clone(),
    )?;
    let connection = connect(&route, &app.settings, app.host)?;
    let now = aws_clock(app.host);
    let keys = &assumed.credentials;
    let session = start_ssh_session(&connection, keys, &now, &instance, args.port)
        .map_err(|error| explain(&error, &connection, &plan.name, &instance))?;
    // It asks for the session again with the role's credentials when it was cut.
    let mut env = deliver::variables(app, &assumed, plugin.as_os_str())?;
    env.retain(|(name, _)| name != VARIABLE);
    env.push((VARIABLE.into(), session.answer.expose_secret().into()));
    let words = [
        VARIABLE,
        region.as_str(),
        "StartSession",
        // The profile, of which there is none.
        "",
        &session.request,
        &session.endpoint,
    ];
    let words = words.map(OsString::from);
    Err(process::exec(plugin.as_os_str(), &words, &env).into())
}

/// The plugin, of a version that keeps the token out of arguments.
fn plugin(app: &App<'_>) -> Result<std::path::PathBuf> {
    let path = find_in_path(OsStr::new(PLUGIN), app.env.get(names::PATH)).ok_or_else(|| {
        Error::new(Kind::NotFound, format!("{PLUGIN}: command not found"))
            .because("it is a program of AWS, which speaks for Session Manager")
            .hint(format!("install it: {INSTALL}"))
    })?;
    let version = version(app, &path)?;
    if is_new(&version) {
        return Ok(path);
    }
    Err(Error::new(
        Kind::CannotRun,
        format!("{PLUGIN} {} is too old", one_line(&version)),
    )
    .because("up to 1.2.497.0 it takes the session's token as an argument, which every user of this machine can read")
    .hint(format!("install a newer one: {INSTALL}")))
}

fn version(app: &App<'_>, plugin: &Path) -> Result<String> {
    let done = run_captured(&Helper {
        program: plugin.into(),
        args: vec!["--version".into()],
        env: app.env.pairs(),
        stdin: Stdin::Null,
        stderr: Stderr::Captured,
        timeout: Duration::from_secs(10),
        limit: 4096,
    })?;
    Ok(String::from_utf8_lossy(&done.stdout).trim().to_owned())
}

/// Whether `version` is one after [`LAST_OLD`].
fn is_new(version: &str) -> bool {
    let parts: Option<Vec<u64>> = version.split('.').map(|part| part.parse().ok()).collect();
    parts.is_some_and(|parts| parts.len() <= 4 && parts.as_slice() > LAST_OLD.as_slice())
}

/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_StartSession.html>
fn is_instance(text: &str) -> Result<()> {
    let id = text.strip_prefix("mi-").or_else(|| text.strip_prefix("i-"));
    let is_id = id.is_some_and(|id| {
        (8..=17).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_hexdigit())
    });
    match is_id {
        true => Ok(()),
        false => Err(Error::new(
            Kind::Usage,
            format!("{text:?} is not the ID of an instance"),
        )
        .hint("name it in ~/.ssh/config: HostName i-0123456789abcdef0")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        for new in ["1.2.497.1", "1.2.536.0", "1.2.764.0", "2.0", "1.3"] {
            assert!(is_new(new), "{new}");
        }
        for old in [
            "1.2.497.0",
            "1.2.497",
            "1.2.463.0",
            "1.2",
            "0",
            "",
            "x",
            "1.2.536.0.1",
            "1.2.536-rc",
        ] {
            assert!(!is_new(old), "{old}");
        }
    }

    #[test]
    fn instances() {
        for id in ["i-0123456789abcdef0", "mi-0123456789abcdef0", "i-01234567"] {
            assert!(is_instance(id).is_ok(), "{id}");
        }
        for text in [
            "",
            "i-",
            "web",
            "i-xyz",
            "i-0123456789abcdef0x",
            "x-01234567",
        ] {
            assert!(is_instance(text).is_err(), "{text}");
        }
    }
}
