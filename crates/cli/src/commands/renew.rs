//! `renew`: what the scripts of `init` call when credentials end soon. Asks
//! nobody, and says in a line what came of it.
//!
//! Whatever comes of it, stdout changes the shell: at the least it says when to
//! look next. The status is that of `export`: 5 where a question is needed.

use assumerole_core::alive::{self, Look};
use assumerole_core::environment::{CHECK_AT, Change, EXPIRES, FLAGS, is_in_role, table};
use assumerole_core::render::Format;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::Env;
use clap::{Args as _, FromArgMatches};

use super::assume::{Quietly, quietly};
use crate::app::App;
use crate::deliver;
use crate::options::{Global, Obtain};
use crate::outcome::Outcome;

/// Renew the credentials of the shell that asks, without a question
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How to write them
    #[arg(long, value_parser = super::export::formats(), hide_possible_values = true)]
    format: &'static Format,

    /// The function that changes the role
    #[arg(long, default_value = "assume")]
    cmd: String,

    /// Those with which the shell's role was assumed.
    #[arg(skip)]
    obtain: Obtain,
}

impl Args {
    /// Takes over the flags with which the role of the environment was
    /// assumed: a session that may only read is not renewed as another one.
    pub(crate) fn adopt(&mut self, env: &Env, global: &mut Global) -> Result<()> {
        let Some(text) = env.text_or_error(FLAGS)? else {
            return Ok(());
        };
        let wrong = |why: String| {
            Error::new(Kind::Usage, format!("{FLAGS} is not what it was: {text:?}"))
                .because(why)
                .hint("assume the role anew")
        };
        let words = shell_words::split(text).map_err(|why| wrong(why.to_string()))?;
        let command = clap::Command::new("flags").no_binary_name(true);
        let command = Global::augment_args(Obtain::augment_args(command));
        let found = command.try_get_matches_from(words);
        let found = found.map_err(|why| wrong(why.kind().to_string()))?;
        let read = |error: clap::Error| wrong(error.kind().to_string());
        self.obtain = Obtain::from_arg_matches(&found).map_err(read)?;
        let flags = Global::from_arg_matches(&found).map_err(read)?;
        global.config = global.config.take().or(flags.config);
        Ok(())
    }
}

pub(crate) fn run(app: &App<'_>, args: &Args) -> Result<Outcome> {
    let env = &app.host.env;
    let role = env.text(table::ROLE);
    let ends = env.text(EXPIRES).and_then(|ends| ends.parse().ok());
    let (Some(role), Some(ends)) = (role, ends) else {
        return Ok(Outcome::Done);
    };
    if !is_in_role(&env.pairs().to_vec()) {
        return Ok(Outcome::Done);
    }
    let key = env.text(table::ACCESS_KEY_ID);
    let look = match quietly(app, role, &args.obtain) {
        Ok(Quietly { assumed, .. }) if Some(assumed.access_key_id()) != key => {
            return deliver::renewed(app, &assumed, args.format);
        }
        Ok(Quietly { would_ask, .. }) if would_ask => Look::WouldAsk,
        Ok(_) => Look::Well,
        Err(error) if matches!(error.kind(), Kind::CannotAsk | Kind::Mfa) => Look::WouldAsk,
        Err(error) => Look::Failed(error),
    };
    let now = app.host.clock.now().as_second();
    let command = format!("{} {}", args.cmd, shell_words::quote(role));
    if let Some(line) = alive::said(&look, role, &command, ends, now) {
        app.printer.note(&line);
    }
    let next = alive::next_look(&look, ends, now);
    let change = Change {
        name: CHECK_AT.to_owned(),
        value: next.map(|at| at.to_string().into_bytes().into()),
    };
    deliver::change(app, &[change], args.format)?;
    Ok(match look {
        Look::Well => Outcome::Done,
        Look::WouldAsk => Outcome::Failed {
            kind: Kind::CannotAsk,
            running: false,
        },
        Look::Failed(error) => Outcome::failed(&error, false),
    })
}
