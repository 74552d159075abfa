//! `rds-token ROLE HOST USER`: the password of a database user whom IAM lets in.

use assumerole_aws::presigned::rds_token;
use assumerole_core::aws::database::DatabaseHost;
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::shell::command_line::argument;
use assumerole_core::{Error, Kind, Result};
use assumerole_session::history::Way;
use secrecy::ExposeSecret as _;

use super::assume::assume;
use super::credential_process::for_token;
use super::own::Command;
use super::previous;
use crate::app::App;
use crate::options::Obtain;
use crate::outcome::Outcome;

const COMMAND: Command = Command {
    name: "rds-token",
    usage: "assumerole rds-token [OPTIONS] <ROLE> <HOST[:PORT]> <USER>",
};

/// Print the password of a database user of RDS
#[derive(Debug, clap::Args)]
#[command(override_usage = COMMAND.usage, after_help = AFTER_HELP)]
pub(crate) struct Args {
    /// The port [default: 5432; MySQL and MariaDB: 3306]
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,

    #[command(flatten)]
    obtain: Obtain,

    /// The role; - for the previous one
    role: Option<String>,

    /// Where the database is, as RDS names it
    #[arg(value_name = "HOST[:PORT]", value_parser = str::parse::<DatabaseHost>)]
    host: Option<DatabaseHost>,

    /// The database user
    user: Option<String>,
}

const AFTER_HELP: &str = "\
Example:
  PGPASSWORD=\"$(assumerole rds-token acme-read HOST app)\" psql -h HOST -U app

The token lets in for 15 minutes, and is made without contacting anybody. It is
signed for the host, the port and the region: the region is the one in the name
of the host, unless --region says otherwise, else the role's.";

pub(crate) fn run(app: &mut App<'_>, mut args: Args) -> Result<Outcome> {
    let missing = match (&args.role, &args.host, &args.user) {
        (None, _, _) => Some("ROLE"),
        (_, None, _) => Some("HOST"),
        (_, _, None) => Some("USER"),
        _ => None,
    };
    if let Some(missing) = missing {
        return Err(COMMAND.incomplete(app, missing));
    }
    let (Some(role), Some(host), Some(user)) = (args.role, args.host, args.user) else {
        return Err(COMMAND.incomplete(app, "ROLE"));
    };
    let host = match args.port {
        Some(port) => host.at(port),
        None => host,
    };
    if user.is_empty() || user.chars().any(char::is_control) {
        let message = format!("{user:?} is not the name of a database user");
        return Err(Error::new(Kind::Usage, message));
    }
    for_token(app);
    let mut name = role.clone();
    previous::stand_in(app, &mut name, &mut args.obtain.session)?;
    let way = Way::Token(COMMAND.name);
    let named = args.obtain.session.request()?.region;
    let assumed = assume(app, &name, Some(&role), None, &args.obtain, way)?;
    let region = named
        .or_else(|| host.region())
        .or_else(|| assumed.plan.region.value.clone());
    let Some(region) = region else {
        let message = format!("cannot tell in which region {host} is");
        return Err(Error::new(Kind::Usage, message)
            .because(format!("{} has no region either", one_line(&name)))
            .hint(format!(
                "name it: assumerole rds-token --region REGION {} {host} {}",
                argument(&name),
                argument(&user)
            )));
    };
    let now = app.host.clock.now();
    let token = rds_token(&assumed.credentials, now, &region, &host, &user)?;
    app.data(&format!("{}\n", token.expose_secret()))
}
