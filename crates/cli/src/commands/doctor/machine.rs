//! The cache, its key, and the programs beside us.

use std::ffi::OsStr;

use assumerole_core::config::{Config, KeyProvider, MfaProvider, MfaProviderName};
use assumerole_core::shell::command_line::quoted;
use assumerole_host::browser::{Desktop, Wanted, candidates};
use assumerole_host::env::names;
use assumerole_host::keystore::{Place, StoreState};
use assumerole_host::process::find_in_path;
use assumerole_session::cache::Cache;
use assumerole_session::stored_keys::{StoredKeys, protection};

use super::super::keys::age;
use super::super::serve;
use super::configuration::{RoleNeeds, count};
use super::report::Findings;
use super::second_factor;
use crate::app::App;

pub(super) fn check(app: &App<'_>, known: &RoleNeeds, findings: &mut Findings<'_, '_>) {
    cache(app, findings);
    keys(app, findings);
    let providers = providers(app, known);
    second_factor::check(app, known, &providers, findings);
    server(app, findings);
    programs(app, known, &providers, findings);
    browser(app, findings);
}

/// Nothing is said where nobody has named one.
fn browser(app: &App<'_>, findings: &mut Findings<'_, '_>) {
    let setting = app.config_if_read().and_then(|config| config.browser());
    let place = match (setting, app.env.is_set(names::BROWSER)) {
        (Some(_), _) => "\"browser\" of ~/.assumerole",
        (None, true) => "BROWSER",
        (None, false) => return,
    };
    let wanted = Wanted {
        flag: None,
        setting,
    };
    let found = match candidates(wanted, &app.env, Desktop::of(&app.env)) {
        Ok(found) => found,
        Err(error) => return findings.error(&error),
    };
    let path = app.env.get(names::PATH);
    let programs = found.iter().filter_map(|browser| browser.words.first());
    let there = programs
        .clone()
        .find(|program| find_in_path(OsStr::new(program), path).is_some());
    match (there, programs.clone().next()) {
        (Some(program), _) => findings.good(&format!("{place} opens pages with {program}")),
        (None, Some(program)) => findings.bad(
            &format!("{place} names {program}, which is not there"),
            &[format!("name another one in {place}, such as firefox")],
        ),
        (None, None) => findings.bad(
            &format!("{place} names no program"),
            &[format!("name one in {place}, such as firefox")],
        ),
    }
}

fn cache(app: &App<'_>, findings: &mut Findings<'_, '_>) {
    let dir = match app.state_dir() {
        Ok(dir) => dir,
        Err(error) => return findings.error(&error),
    };
    Cache::remove_left_over(dir);
    let shown = app.places.show(dir.path());
    match Cache::open(dir, app.host, app) {
        Ok(cache) => {
            let place = cache.key_place();
            let text = format!(
                "{shown} holds {}, sealed; the key is in {place}",
                count(cache.entries().len(), "session")
            );
            match place {
                Place::KeyFile => {
                    let (why, fix) = why_file(app, &cache_survey(app));
                    let fix = format!("{fix}: anyone who can read your files can open the cache");
                    findings.note(&format!("{text}, because {why}"), &[fix]);
                }
                _ => findings.good(&text),
            }
        }
        Err(error) => findings.error(&error),
    }
}

/// The store of access keys; nothing is said where there is none.
fn keys(app: &App<'_>, findings: &mut Findings<'_, '_>) {
    let state = match app.existing_state_dir() {
        Ok(Some(state)) => state,
        // That one was spoken of.
        _ => return,
    };
    let store = match StoredKeys::open(&state) {
        Ok(Some(store)) => store,
        Ok(None) => return,
        Err(error) => return findings.error(&error),
    };
    let told = store.describe().and_then(|by| {
        let name = store.provider()?;
        let stored = count(store.keys()?.len(), "access key");
        let text = format!("{stored} stored, unlocked by {by}: {}", protection(name));
        Ok((text, name))
    });
    let (text, name) = match told {
        Ok(told) => told,
        Err(error) => return findings.error(&error),
    };
    match store.has_recovery() || name == KeyProvider::Passphrase {
        true => findings.good(&text),
        false => findings.note(
            &text,
            &["set a second way to unlock the store: assumerole keys store --recovery".to_owned()],
        ),
    }
    let aged = match age::stored(app) {
        Ok(aged) => aged,
        Err(error) => return findings.error(&error),
    };
    for key in aged {
        match key.is_due {
            true => findings.bad(&key.text, &[format!("replace it: {}", key.command)]),
            false => findings.good(&key.text),
        }
    }
}

/// Nothing is said where there is none.
fn server(app: &App<'_>, findings: &mut Findings<'_, '_>) {
    let survey = match serve::survey(app) {
        Ok(survey) => survey,
        Err(error) => return findings.error(&error),
    };
    if survey.dead > 0 {
        let servers = count(survey.dead, "credentials server");
        findings.note(&format!("removed what {servers} left behind"), &[]);
    }
    if let Some((origin, pid)) = &survey.running {
        findings.good(&format!(
            "a credentials server is running: {origin}, process {pid}"
        ));
    }
    if let Some((file, mode)) = &survey.open {
        findings.bad(
            &format!("other users can read the server's token in {file} (mode {mode:04o})"),
            &[format!("keep it to yourself: chmod 600 {}", quoted(file))],
        );
    }
}

fn cache_survey(app: &App<'_>) -> Vec<(Place, StoreState)> {
    app.state_dir()
        .and_then(|dir| Cache::survey_keys(dir, app.host))
        .unwrap_or_default()
}

/// Why the key is in a file, and what to do about it.
fn why_file(app: &App<'_>, survey: &[(Place, StoreState)]) -> (String, String) {
    let elsewhere = survey.iter().find_map(|(place, state)| match state {
        StoreState::Unavailable(why) => Some(format!("{place} is not available here ({why})")),
        _ => None,
    });
    match elsewhere {
        Some(why) => (why, "keep the folder out of backups".to_owned()),
        None if app.env.text(names::ASSUMEROLE_KEY_STORE) == Some(Place::KeyFile.as_str()) => {
            let name = names::ASSUMEROLE_KEY_STORE;
            (format!("{name} says so"), format!("unset {name}"))
        }
        None => {
            let places = survey.iter().map(|(place, _)| *place);
            let mut others = places.filter(|place| *place != Place::KeyFile);
            let (what, fix) = match others.next() {
                Some(place) => (
                    format!(
                        "{place} kept none when this one was made: its quota may have been used up, or {name} named the file",
                        name = names::ASSUMEROLE_KEY_STORE
                    ),
                    "for a new key, forget all sessions: assumerole logout",
                ),
                None => (
                    "there is no other place here".to_owned(),
                    "keep the folder out of backups",
                ),
            };
            (what, fix.to_owned())
        }
    }
}

/// A program is missed only where something in the set-up needs it.
fn programs(
    app: &App<'_>,
    known: &RoleNeeds,
    providers: &[MfaProvider],
    findings: &mut Findings<'_, '_>,
) {
    let env = &app.env;
    let has = |name| providers.iter().any(|provider| provider.name() == name);
    let one_password = env.is_set(names::ONEPASS_ACCOUNT) && env.is_set(names::ONEPASS_ENTRY)
        || has(MfaProviderName::OnePassword);
    for (program, needed, what_for, get) in [
        (
            "op",
            one_password,
            "MFA codes from 1Password",
            "https://developer.1password.com/docs/cli",
        ),
        (
            "ykman",
            has(MfaProviderName::YubiKey),
            "MFA codes from a YubiKey",
            "https://www.yubico.com/support/download/yubikey-manager",
        ),
        (
            "pass",
            has(MfaProviderName::Pass),
            "MFA codes from pass",
            "install pass and its extension pass-otp",
        ),
        (
            "bw",
            has(MfaProviderName::Bitwarden),
            "MFA codes from Bitwarden",
            "https://bitwarden.com/help/cli",
        ),
        (
            "ssh-add",
            known.has_ssh_key,
            "\"sshkey\" of a role",
            "install the OpenSSH client",
        ),
        (
            "aws",
            false,
            "the AWS CLI, for use inside a role",
            "https://aws.amazon.com/cli",
        ),
    ] {
        match find_in_path(OsStr::new(program), env.get(names::PATH)) {
            Some(path) => findings.good(&format!("{program} is {}", path.display())),
            None if needed => findings.bad(
                &format!("{program} is not in PATH, but needed for {what_for}"),
                &[get.to_owned()],
            ),
            // Of those, everybody has one at most.
            None if matches!(program, "ykman" | "pass" | "bw") => {}
            None => findings.note(&format!("{program} is not in PATH ({what_for})"), &[]),
        }
    }
}

/// The programs that the file names for MFA codes.
fn providers(app: &App<'_>, known: &RoleNeeds) -> Vec<MfaProvider> {
    let mut providers = known.providers.clone();
    // What is wrong with it was said.
    let all = app.config().and_then(Config::all_mfa).unwrap_or_default();
    providers.extend(all.into_iter().map(|mfa| mfa.provider));
    providers
}
