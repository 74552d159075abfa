//! Stored secrets of MFA devices: whether those that are named are there, and what
//! they are worth.

use assumerole_core::Result;
use assumerole_core::config::MfaProvider;
use assumerole_core::plan::{SourceKind, Step};
use assumerole_core::shell::command_line::argument;
use assumerole_session::stored_keys::StoredKeys;

use super::configuration::{RoleNeeds, count};
use super::report::Findings;
use crate::app::App;

/// Says what there is to say of them; nothing where there are none.
pub(super) fn check(
    app: &App<'_>,
    known: &RoleNeeds,
    providers: &[MfaProvider],
    findings: &mut Findings<'_, '_>,
) {
    let store = app.existing_state_dir().and_then(|state| match state {
        Some(state) => StoredKeys::open(&state),
        None => Ok(None),
    });
    // One that is wrong was spoken of.
    let store = store.unwrap_or_default();
    if let Some(store) = &store
        && let Err(error) = worth(store, findings)
    {
        findings.error(&error);
    }
    if providers.contains(&MfaProvider::Totp { unattended: true }) {
        findings.note(
            "\"unattended\": true of \"mfa\": any program that runs as you gets MFA codes, with nobody there",
            &["take it out, unless programs need it while you are away".to_owned()],
        );
    }
    if let Err(error) = missing(app, known, store.as_ref(), findings) {
        findings.error(&error);
    }
}

/// What a second factor is worth that lies beside the first.
fn worth(store: &StoredKeys, findings: &mut Findings<'_, '_>) -> Result<()> {
    let devices = store.devices()?;
    let stored = match devices.as_slice() {
        [] => return Ok(()),
        [_] => "the secret of 1 MFA device is stored".to_owned(),
        several => format!(
            "the secrets of {} are stored",
            count(several.len(), "MFA device")
        ),
    };
    match store.keys()?.is_empty() {
        true => findings.good(&stored),
        false => findings.note(
            &format!("{stored} with access keys: whoever unlocks the store has both factors"),
            &["keep the codes elsewhere, if MFA is to protect from that: assumerole mfa remove DEVICE".to_owned()],
        ),
    }
    Ok(())
}

/// Devices that have the provider, and no secret.
fn missing(
    app: &App<'_>,
    known: &RoleNeeds,
    store: Option<&StoredKeys>,
    findings: &mut Findings<'_, '_>,
) -> Result<()> {
    // One that is wrong was spoken of.
    let Some(config) = app.config_if_read() else {
        return Ok(());
    };
    let mut said = Vec::new();
    for plan in &known.plans {
        let is_key = matches!(
            plan.source.kind,
            SourceKind::Keys { .. } | SourceKind::Stored { .. }
        );
        let device = plan.steps.iter().find_map(Step::device).filter(|_| is_key);
        let Some(device) = device.filter(|device| !said.contains(device)) else {
            continue;
        };
        let role = config.role(&plan.name)?;
        let mfa = config.mfa_for(role.as_ref(), device, None)?;
        let is_totp = mfa.is_some_and(|mfa| matches!(mfa.provider, MfaProvider::Totp { .. }));
        let stored = store.map(|store| store.device(device)).transpose()?;
        if is_totp && stored.flatten().is_none() {
            said.push(device);
            findings.bad(
                &format!("no secret of {device} is stored, and \"mfa\" says that its codes come from there"),
                &[format!("store it: assumerole mfa add {}", argument(device.as_str()))],
            );
        }
    }
    Ok(())
}
