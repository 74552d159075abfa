//! `codeartifact ROLE`: the CodeArtifact token of a role, and the package tools
//! that use it, without a shell.

use std::path::PathBuf;

use assumerole_core::config::MfaProviderName;
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::plan::Fresh;
use assumerole_core::shell::note::{
    Here, ReplacedKeys, SessionDifference, SessionIdentity, Unreadable,
};
use assumerole_core::{Error, Kind, Result};
use assumerole_session::Report as _;
use assumerole_session::artifacts::Renew;
use secrecy::ExposeSecret;

use super::assume::{checked, obtained};
use super::confirm::ByName;
use super::previous;
use crate::app::App;
use crate::integrations::codeartifact::{self, Done};
use crate::options::Session;
use crate::outcome::Outcome;
use crate::ui::time;

/// Give package tools a fresh CodeArtifact token
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Print the token
    #[arg(long)]
    print: bool,

    /// Request a new token even if one is cached
    #[arg(long)]
    fresh: bool,

    /// The MFA code [default: prompt when needed]
    #[arg(long, value_name = "CODE")]
    mfa_code: Option<String>,

    /// Confirm ROLE (or NAME) without typing its name
    #[arg(
        long,
        value_name = "NAME",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "",
        action = clap::ArgAction::Append
    )]
    yes: Vec<String>,

    /// Get the MFA code from: 1password, yubikey, pass ...
    #[arg(long, value_name = "PROVIDER", value_parser = str::parse::<MfaProviderName>)]
    mfa: Option<MfaProviderName>,

    #[command(flatten)]
    session: Session,

    /// The role that asks for the token; - for the previous one
    role: String,
}

pub(crate) fn run(app: &mut App<'_>, mut args: Args) -> Result<Outcome> {
    let code = checked(args.mfa_code)?;
    let typed = args.role.clone();
    previous::stand_in(app, &mut args.role, &mut args.session)?;
    let name = args.role;
    let request = in_force(app, &name, args.session)?.request()?;
    let target = app.target(&name)?;
    let plan = app.plan(&target, &request)?;
    let Some(wanted) = codeartifact::wanted(app, &target, &plan)? else {
        return Err(not_configured(&name));
    };
    app.warn_passed_over(&plan)?;
    let confirm = ByName::new(app, Some(&typed), &args.yes).of("codeartifact");
    let obtained = obtained(app, &plan, confirm, code, args.mfa, Fresh::default())?;
    let renew = if args.fresh {
        Renew::Always
    } else {
        Renew::Old
    };
    let mut done = wanted.run(app, &plan, &obtained, renew)?;
    // The last is the error that ends it.
    let last = done.failures.pop();
    for (tool, error) in done.failures.drain(..) {
        app.warn(&codeartifact::no_new_token(tool, error));
    }
    // A file that was changed has been spoken of.
    let token = Some(&done.granted.token);
    for (path, warning) in codeartifact::exposed(app, &wanted.found.tools, token) {
        if !done.files.contains(&app.places.show(&path)) {
            app.warn(&warning);
        }
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

/// The flags that count: those that are `given`, and in a role's shell those
/// that its session was asked for with, so that no token comes of a wider
/// session than the shell has. The session of another role is narrowed likewise.
///
/// # Errors
/// Nobody can say which session the shell is in, the role is another one by
/// now, or the flags do not go together.
fn in_force(app: &mut App<'_>, name: &str, given: Session) -> Result<Session> {
    let note = match app.here() {
        Here::In(note) => note,
        Here::Nowhere => return Ok(given),
        Here::Left(_, keys) => {
            let why = match keys {
                ReplacedKeys::Gone => "the credentials of the role were taken out of this shell",
                ReplacedKeys::Other => "this shell now has other credentials than the role's",
            };
            return Err(unknown(why, name));
        }
        Here::Unknown(why) => return Err(unknown(&why.to_string(), name)),
    };
    let Some(before) = Session::of_words(&note.flags) else {
        return Err(unknown(&Unreadable::Garbled.to_string(), name));
    };
    let named = app.config_flag.as_ref().map(PathBuf::from);
    let is_same = note.role == name && named.is_none_or(|named| named == note.files.config);
    let before = match is_same {
        true => {
            app.adopt(&note.files, note.duration);
            let plan = app.plan(&app.target(name)?, &before.request()?)?;
            let today = SessionIdentity::of(&plan, &plan.fingerprints());
            if let Some(difference) = note.identity.differs(&today) {
                return Err(another(name, &difference));
            }
            before
        }
        false => before.narrowing(),
    };
    // How long a session lasts narrows it, too, whoever said so.
    let of_shell = note.identity.seconds.filter(|_| is_same);
    let most = before.duration.or(of_shell);
    if let (Some(asked), Some(most)) = (given.duration, most)
        && asked > most
    {
        return Err(longer(name, asked, most));
    }
    let flags = shell_words::join(before.clone().left_open_by(&given).words());
    let session = given.over(before)?;
    if !flags.is_empty() {
        app.printer
            .note(&format!("{} as this shell: {flags}", one_line(name)));
    }
    Ok(session)
}

fn unknown(why: &str, role: &str) -> Error {
    Error::new(
        Kind::Usage,
        format!("no token is requested for {role}: {why}"),
    )
    .because("it could come from a wider session than this shell's")
    .hint(format!(
        "assume it again: assume {}",
        shell_words::quote(role)
    ))
    .hint("leave the role of this shell: assume --off")
}

fn longer(role: &str, asked: u32, most: u32) -> Error {
    Error::new(
        Kind::Usage,
        format!("--duration {asked} would make a longer session of {role} than this shell has"),
    )
    .because(format!("this shell's session was requested for {most} s"))
    .hint("leave out the flag, or run this outside of any role")
}

fn another(role: &str, difference: &SessionDifference) -> Error {
    Error::new(
        Kind::Usage,
        format!("{role} is now a different role than the one this shell is in"),
    )
    .because(difference)
    .hint(format!(
        "assume it again: assume {}",
        shell_words::quote(role)
    ))
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
        time::until(ends, now, &app.host.time_zone()),
        time::left(ends.duration_since(now)),
    )
}
