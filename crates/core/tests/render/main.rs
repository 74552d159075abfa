//! What the formats write, read by the programs that it is for.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests touch the machine and may panic"
)]

mod files;
mod python;
mod shells;
mod values;

use assumerole_core::Credentials;
use assumerole_core::environment::{Variable, VariableChange};
use assumerole_core::render::{self, Format, Handover, Rendered, Script};

/// The format of that name.
fn format(name: &str) -> &'static Format {
    render::named(name).unwrap()
}

/// Credentials that nobody has.
fn credentials() -> Credentials {
    Credentials {
        access_key_id: "ASIAEXAMPLE".to_owned(),
        secret_access_key: "secret/+=".into(),
        session_token: Some("token/+==".into()),
        expires: Some("2026-11-23T10:00:00Z".parse().unwrap()),
    }
}

/// What `format` makes of variables that a role sets.
fn data(format: &Format, variables: &[(String, String)]) -> Result<Rendered, String> {
    let variables: Vec<Variable> = variables
        .iter()
        .map(|(name, value)| Variable {
            name: name.clone(),
            value: value.as_str().into(),
        })
        .collect();
    let handover = Handover {
        role: "read",
        credentials: &credentials(),
        account: None,
        region: Some(&"eu-west-1".parse().unwrap()),
        variables: &variables,
        nonce: "0123456789abcdef",
    };
    let rendered = format.render(&handover, &Script::default());
    rendered.map_err(|error| error.to_string())
}

/// What `format` makes of changes of a shell's environment.
fn script(format: &Format, changes: &[(String, Option<Vec<u8>>)]) -> Result<Vec<u8>, String> {
    let changes: Vec<VariableChange> = changes
        .iter()
        .map(|(name, value)| VariableChange {
            name: name.clone(),
            value: value.clone().map(Into::into),
        })
        .collect();
    let handover = Handover {
        role: "read",
        credentials: &credentials(),
        account: None,
        region: None,
        variables: &[],
        nonce: "",
    };
    let script = Script {
        changes: &changes,
        ..Script::default()
    };
    let rendered = format.render(&handover, &script);
    let rendered = rendered.map_err(|error| error.to_string())?;
    assert!(rendered.file.is_none());
    Ok(rendered.out.to_vec())
}
