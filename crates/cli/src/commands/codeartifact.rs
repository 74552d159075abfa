//! `codeartifact ROLE`: the CodeArtifact token of a role, and the package tools
//! that use it, without a shell.

use assumerole_core::config::MfaProviderName;
use assumerole_core::plan::Fresh;
use assumerole_core::request::Request;
use assumerole_core::{Error, Kind, Result};
use assumerole_session::Report as _;
use assumerole_session::artifacts::Renew;
use secrecy::ExposeSecret;

use super::assume::{checked, obtained};
use super::confirm::ByName;
use super::previous;
use crate::app::App;
use crate::integrations::codeartifact::{self, Done};
use crate::outcome::Outcome;
use crate::ui::time;

/// Bring package tools up to date with a CodeArtifact token
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Print the token
    #[arg(long)]
    print: bool,

    /// Ask for a new token in any case
    #[arg(long)]
    fresh: bool,

    /// The MFA code; else it is asked for if needed
    #[arg(long, value_name = "CODE")]
    mfa_code: Option<String>,

    /// Assume without typing the name of ROLE (or of NAME)
    #[arg(
        long,
        value_name = "NAME",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "",
        action = clap::ArgAction::Append
    )]
    yes: Vec<String>,

    /// Who has the MFA code: 1password, yubikey, pass ...
    #[arg(long, value_name = "PROVIDER", value_parser = str::parse::<MfaProviderName>)]
    mfa: Option<MfaProviderName>,

    /// The role that asks for the token; - for the previous one
    role: String,
}

pub(crate) fn run(app: &App<'_>, args: Args) -> Result<Outcome> {
    let code = checked(args.mfa_code)?;
    let typed = args.role.clone();
    let name = previous::or_named(app, args.role)?;
    let target = app.target(&name)?;
    let plan = app.plan(&target, &Request::default())?;
    let Some(wanted) = codeartifact::wanted(app, &target, &plan)? else {
        return Err(not_configured(&name));
    };
    let confirm = ByName::new(app, Some(&typed), &args.yes);
    let obtained = obtained(app, &plan, confirm, code, args.mfa, Fresh::default())?;
    let renew = if args.fresh {
        Renew::Always
    } else {
        Renew::Old
    };
    let mut done = wanted.run(app, &plan, &obtained.credentials, renew)?;
    // The last is the error that ends it.
    let last = done.failures.pop();
    for (tool, error) in done.failures.drain(..) {
        app.warn(&codeartifact::no_new_token(tool, error));
    }
    if args.print {
        app.data(&format!("{}\n", done.granted.token.expose_secret()))?;
    } else if last.is_none() || !done.files.is_empty() {
        let domain = &wanted.found.domain.value;
        app.printer.note(&said(app, domain, &done));
    }
    match last {
        Some((_, error)) => Err(error),
        None => Ok(Outcome::Done),
    }
}

fn not_configured(role: &str) -> Error {
    Error::new(
        Kind::Config,
        format!("no CodeArtifact domain is configured for {role}"),
    )
    .hint(r#"add to ~/.assumerole: "codeartifact": {"domain": "NAME", "domain_owner": "ACCOUNT"}"#)
}

fn said(app: &App<'_>, domain: &str, done: &Done) -> String {
    let now = app.host.clock.now();
    let ends = done.granted.ends;
    let files = match done.files.as_slice() {
        [] => "no file had to be changed".to_owned(),
        files => format!("now in {}", files.join(", ")),
    };
    format!(
        "token for {domain} {} ({}); {files}",
        time::until(ends, now, &time::system_zone()),
        time::left(ends.duration_since(now)),
    )
}
