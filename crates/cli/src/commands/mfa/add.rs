//! `mfa add DEVICE`.

use std::path::{Path, PathBuf};

use assumerole_core::aws::ids::MfaDevice;
use assumerole_core::aws::totp::TotpSecret;
use assumerole_core::config::MfaProvider;
use assumerole_core::diagnostic::Warning;
use assumerole_core::shell::command_line::argument;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::fs;
use secrecy::ExposeSecret as _;
use zeroize::Zeroizing;

use super::{no_secret, of_device, qr};
use crate::app::App;
use crate::commands::keys::{Enrol, offer_removal, open};
use crate::outcome::Outcome;

/// Bytes of standard input; a secret has 64.
const LARGEST: usize = 64 * 1024;

/// Characters: those of the longest URL.
const LONGEST: usize = 2048;

/// Seconds for which a code is shown.
const STEP: i64 = 30;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Prompts for the secret: what AWS shows under \"Show secret key\" when you assign
a virtual MFA device. Without a terminal, reads it from standard input. It may
be an otpauth URL. No secret is ever an argument.
With the access key in the same store, the code is no second factor any more
where the store is unlocked: see docs/security.md.")]
pub(super) struct Args {
    /// Read the secret from its QR code: a PNG file
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::AnyPath)]
    qr: Option<PathBuf>,

    /// Prove it: obtain the MFA session with a code of it
    #[arg(long)]
    verify: bool,

    /// Prove it with this profile [default: that of the device]
    #[arg(long, value_name = "NAME", requires = "verify")]
    profile: Option<String>,

    /// Replace a stored secret of the device
    #[arg(long)]
    replace: bool,

    /// Remove FILE afterwards without asking
    #[arg(long)]
    yes: bool,

    #[command(flatten)]
    enrol: Enrol,

    /// The ARN or the serial number of the device
    #[arg(value_name = "DEVICE", value_parser = str::parse::<MfaDevice>)]
    mfa_device: MfaDevice,
}

pub(super) fn run(app: &App<'_>, args: &Args) -> Result<Outcome> {
    let device = &args.mfa_device;
    no_secret([device.as_str()])?;
    let existing = open::existing(app)?;
    let old = existing.as_ref().map(|store| store.device(device));
    let old = old.transpose()?.flatten();
    if old.is_some() && !args.replace {
        return Err(Error::new(
            Kind::Usage,
            format!("a secret of {device} is stored already"),
        )
        .hint(format!(
            "replace it: assumerole mfa add --replace {}",
            argument(device.as_str())
        )));
    }
    let secret = match &args.qr {
        Some(path) => of_picture(app, path)?,
        None => typed(app)?,
    };
    let proved = match args.verify {
        true => Some(of_device::prove(
            app,
            device,
            &secret,
            args.profile.as_deref(),
        )?),
        false => None,
    };
    let (store, unlocked) = open::or_made(app, &args.enrol)?;
    store.write_device(&open::desk(app)?, &unlocked, device, &secret)?;
    app.printer
        .note(&format!("the secret of {device} is stored sealed"));
    app.printer.warning(&Warning::new(match store.keys()?.is_empty() {
        false => "whoever unlocks the key store has the access key and the codes: there they are one factor, no longer two",
        true => "whoever unlocks the key store has the codes: keep the access key elsewhere, or they are one factor, no longer two",
    }));
    match &proved {
        Some((plan, _)) => app.printer.note(&format!(
            "AWS has taken a code of it: the MFA session of profile {} is there",
            plan.source.profile.value
        )),
        None => compare(app, device, &secret),
    }
    if let Some(path) = &args.qr {
        offer_removal(app, path, args.yes, "the secret")?;
    }
    how_to_use(app, device)?;
    super::super::keys::no_second_way(app, &store)?;
    Ok(Outcome::Done)
}

fn of_picture(app: &App<'_>, path: &Path) -> Result<TotpSecret> {
    if !fs::exists(path) {
        no_secret(path.to_str())?;
    }
    let text = qr::read(app, path)?;
    TotpSecret::read(&text).map_err(|why| {
        let shown = app.places.show(path);
        Error::new(
            Kind::Usage,
            format!("the QR code in {shown} has no secret of an MFA device"),
        )
        .because(why)
    })
}

/// At the terminal, where standard input is one; else from standard input.
fn typed(app: &App<'_>) -> Result<TotpSecret> {
    if !app.host.streams.input_is_terminal {
        let bytes = fs::read(Path::new("/dev/stdin"), LARGEST)?.map(Zeroizing::new);
        let bytes = bytes.unwrap_or_else(|| Zeroizing::new(Vec::new()));
        let text = std::str::from_utf8(&bytes).unwrap_or_default();
        return TotpSecret::read(text).map_err(|why| {
            Error::new(Kind::Usage, "standard input has no secret of an MFA device").because(why)
        });
    }
    let hint =
        "give the secret on standard input, or as a picture: assumerole mfa add --qr FILE DEVICE";
    let mut tty = open::terminal(app, "no secret was stored", hint)?;
    loop {
        use std::io::Write as _;
        let answer = tty.prompt_masked("Secret of the device: ", |c| !c.is_control(), LONGEST)?;
        match TotpSecret::read(answer.expose_secret()) {
            Ok(secret) => return Ok(secret),
            Err(why) => {
                let _ = writeln!(tty, "  {why}");
            }
        }
    }
}

/// Shows the code for a person to compare with what the phone shows.
fn compare(app: &App<'_>, device: &MfaDevice, secret: &TotpSecret) {
    let tty = app.host.tty().ok().flatten();
    let now = app.host.clock.now();
    let code = tty.and_then(|_| secret.code_at(now));
    app.printer.note(&match code {
        Some(code) => format!(
            "its code is {} for {} s more: compare it with the code of your other device",
            code.expose_secret(),
            STEP - now.as_second().rem_euclid(STEP)
        ),
        None => format!(
            "nothing has proved it yet; to prove it: assumerole mfa add --replace --verify {}",
            argument(device.as_str())
        ),
    });
}

/// A secret that the file does not name is not used.
fn how_to_use(app: &App<'_>, device: &MfaDevice) -> Result<()> {
    let said = app.config_unsaid()?.mfa_for(None, device, None)?;
    let is_used = said.is_some_and(|mfa| matches!(mfa.provider, MfaProvider::Totp { .. }));
    if !is_used {
        app.printer.note(&format!(
            "to use it, put this into ~/.assumerole: \"mfa_devices\": {{\"{device}\": \"totp\"}}"
        ));
    }
    Ok(())
}
