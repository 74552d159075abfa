//! Reading of it, and what a schema says.

use std::collections::HashMap;
use std::ops::Range;

use serde_json::{Value, json};

use super::{Mfa, MfaProvider, MfaProviderName};
use crate::aws::ids::MfaDevice;
use crate::config::fault::{Fault, Finding, Read, quoted};
use crate::config::fields::Fields;
use crate::config::node::{Node, Shape};
use crate::config::schema::{self, Form, keys};
use crate::config::values;
use crate::diagnostic::suggest::nearest;
use crate::diagnostic::text::Spanned;

/// An object, or a provider's name alone.
impl Form for Mfa {
    type Value = Self;

    fn read(node: &Node<'_>) -> Read<Self> {
        match node.shape() {
            Shape::String => by_name(node),
            Shape::Object => by_object(node),
            _ => Err(node
                .must_be("an object")
                .hint(r#"write {"provider": "yubikey", "name": "NAME"}"#)),
        }
    }

    fn schema() -> Value {
        let bare = MfaProviderName::ALL
            .iter()
            .filter(|name| name.bare().is_some());
        let bare: Vec<&str> = bare.map(|name| name.as_str()).collect();
        let mut object = schema::object::<MfaKeys>(&["provider"]);
        object["anyOf"] = json!([
            {"properties": {"provider": {"enum": bare}}},
            schema::with(&["command"]),
        ]);
        json!({"anyOf": [{"enum": bare}, object]})
    }
}

fn by_name(node: &Node<'_>) -> Read<Mfa> {
    let name = MfaProviderName::read(node)?;
    let provider = name.bare().ok_or_else(|| {
        Fault::new(node.span(), "is a provider that needs a command")
            .hint(r#"write {"provider": "process", "command": "PROGRAM ARGUMENTS"}"#)
    })?;
    Ok(Mfa {
        provider,
        findings: Vec::new(),
    })
}

keys! {
    /// The keys of all providers.
    struct MfaKeys {
        /// What provides the code.
        provider: MfaProviderName,
        /// For 1password and bitwarden: the item that holds the device. The default is
        /// ONEPASS_ENTRY, or the value of aws_mfa_arn.
        item: Argument,
        /// For 1password: the account. The default is ONEPASS_ACCOUNT, or the default of op.
        account: Argument,
        /// For yubikey and pass: the account on the key, or the entry. The default is
        /// the value of aws_mfa_arn.
        name: Argument,
        /// For yubikey: the serial number of the key, if more than one is plugged in.
        serial: Serial,
        /// For process: the program and its arguments, split as a shell would; no shell is run.
        command: Command,
        /// For totp: whether the stored secret is used where nobody is at a terminal, too. The
        /// default is false.
        unattended: bool,
    }
}

fn by_object(node: &Node<'_>) -> Read<Mfa> {
    let (keys, rest) = Fields::read("object", node.span(), node)?;
    let MfaKeys {
        provider,
        item,
        account,
        name,
        serial,
        command,
        unattended,
    } = keys;
    let example = "\"provider\": \"NAME\", such as 1password or yubikey";
    let called = rest.required("provider", provider, example)?.value;
    let span = |text: &Option<Spanned<String>>| text.as_ref().map(|text| text.span.clone());
    let given = [
        ("item", span(&item)),
        ("account", span(&account)),
        ("name", span(&name)),
        ("serial", span(&serial)),
        ("command", command.as_ref().map(|words| words.span.clone())),
        (
            "unattended",
            unattended.as_ref().map(|flag| flag.span.clone()),
        ),
    ];
    let value = |text: Option<Spanned<String>>| text.map(|text| text.value);
    let (provider, own): (_, &[&str]) = match called {
        MfaProviderName::Prompt => (MfaProvider::Prompt, &[]),
        MfaProviderName::OnePassword => {
            let (item, account) = (value(item), value(account));
            (
                MfaProvider::OnePassword { item, account },
                &["item", "account"],
            )
        }
        MfaProviderName::YubiKey => {
            let (name, serial) = (value(name), value(serial));
            (MfaProvider::YubiKey { name, serial }, &["name", "serial"])
        }
        MfaProviderName::Pass => (MfaProvider::Pass { name: value(name) }, &["name"]),
        MfaProviderName::Bitwarden => (MfaProvider::Bitwarden { item: value(item) }, &["item"]),
        MfaProviderName::Process => {
            let example = "\"command\": \"PROGRAM ARGUMENTS\"";
            let words = rest.required("command", command, example)?.value;
            (MfaProvider::Process { words }, &["command"])
        }
        MfaProviderName::Totp => {
            let unattended = unattended.is_some_and(|flag| flag.value);
            (MfaProvider::Totp { unattended }, &["unattended"])
        }
    };
    let mut findings: Vec<Finding> = rest.findings().collect();
    findings.extend(of_others(called, own, given));
    Ok(Mfa { provider, findings })
}

/// A warning for each key that is given and is another provider's.
fn of_others(
    provider: MfaProviderName,
    own: &[&str],
    given: impl IntoIterator<Item = (&'static str, Option<Range<usize>>)>,
) -> impl Iterator<Item = Finding> {
    let given = given.into_iter();
    given.filter_map(move |(key, span)| {
        let hint = match own {
            [] => "remove it".to_owned(),
            own => format!("{provider} has {}", own.join(" and ")),
        };
        (!own.contains(&key)).then_some(Finding {
            message: format!("object has {key}, which {provider} does not use"),
            span: span?,
            hint: Some(hint),
        })
    })
}

/// `mfa_process`: the command of a `process` alone.
pub(in crate::config) struct MfaProcess;

impl Form for MfaProcess {
    type Value = Mfa;

    fn read(node: &Node<'_>) -> Read<Mfa> {
        Ok(Mfa {
            provider: MfaProvider::Process {
                words: Command::read(node)?,
            },
            findings: Vec::new(),
        })
    }

    fn schema() -> Value {
        Command::schema()
    }
}

/// What a schema says of `mfa_devices`.
pub(in crate::config) fn devices_schema() -> Value {
    json!({
        "type": "object",
        "propertyNames": MfaDevice::schema(),
        "additionalProperties": {"anyOf": [Mfa::schema(), {"type": "null"}]},
    })
}

/// Reads what `mfa_devices` has for `device`.
pub(in crate::config) fn of_device(node: &Node<'_>, device: &MfaDevice) -> Read<Option<Mfa>> {
    let mut found: Option<(Node<'_>, Node<'_>)> = None;
    for (key, name, value) in devices(node)? {
        if name != device.as_str() {
            continue;
        }
        if let Some((first, _)) = found {
            return Err(twice(&key, &name, &first));
        }
        found = Some((key, value));
    }
    found.map_or(Ok(None), |(_, value)| of_top(&value, &of(device.as_str())))
}

/// Reads all of `mfa_devices`.
pub(in crate::config) fn of_devices(node: &Node<'_>) -> Read<Vec<Mfa>> {
    let mut all = Vec::new();
    let mut seen: HashMap<String, Node<'_>> = HashMap::new();
    for (key, name, value) in devices(node)? {
        if let Some(first) = seen.insert(name.clone(), key) {
            return Err(twice(&key, &name, &first));
        }
        MfaDevice::read(&key).map_err(|fault| fault.about("a key of mfa_devices"))?;
        all.extend(of_top(&value, &of(&name))?);
    }
    Ok(all)
}

/// The members of `mfa_devices`, with their names.
fn devices<'a>(node: &Node<'a>) -> Read<Vec<(Node<'a>, String, Node<'a>)>> {
    if node.shape() == Shape::Null {
        return Ok(Vec::new());
    }
    let about = |fault: Box<Fault>| fault.about("mfa_devices");
    if node.shape() != Shape::Object {
        return Err(about(node.must_be("an object").hint(
            r#"write {"ARN OF THE DEVICE": {"provider": "yubikey", "name": "NAME"}}"#,
        )));
    }
    let named = |(key, value): (Node<'a>, Node<'a>)| {
        let name = key.string().map_err(|fault| fault.about("this key"))?;
        Ok((key, name.into_owned(), value))
    };
    let members = node.members().map_err(about)?;
    members
        .into_iter()
        .map(named)
        .collect::<Read<_>>()
        .map_err(about)
}

fn of(device: &str) -> String {
    format!("mfa_devices of {}", quoted(device))
}

fn twice(key: &Node<'_>, name: &str, first: &Node<'_>) -> Box<Fault> {
    Fault::new(
        key.span(),
        format!("mfa_devices has {} twice", quoted(name)),
    )
    .see("the first is", first.span())
    .hint("remove one of the two")
}

/// Reads the `mfa` of `what`, which is none of a role's.
pub(in crate::config) fn of_top(node: &Node<'_>, what: &str) -> Read<Option<Mfa>> {
    if node.shape() == Shape::Null {
        return Ok(None);
    }
    let mut mfa = Mfa::read(node).map_err(|fault| fault.about(what))?;
    mfa.findings = mfa.findings_of(what);
    Ok(Some(mfa))
}

impl Form for MfaProviderName {
    type Value = Self;

    fn read(node: &Node<'_>) -> Read<Self> {
        let text = values::text(node)?;
        values::valid(node.span(), text.parse()).map_err(|fault| {
            let names = Self::ALL.iter().map(|name| name.as_str());
            match nearest(&text, names, 1).first() {
                Some(near) => fault.hint(format!("did you mean {near}?")),
                None => fault.hint("write \"provider\": \"process\" for any other program"),
            }
        })
    }

    fn schema() -> Value {
        json!({"type": "string"})
    }
}

/// What becomes an argument of a program; one that begins with a hyphen would
/// be an option of it.
struct Argument;

impl Form for Argument {
    type Value = String;

    fn read(node: &Node<'_>) -> Read<String> {
        let text = values::text(node)?;
        if text.starts_with('-') {
            return Err(Fault::new(node.span(), "begins with a hyphen")
                .because("the program would read it as an option"));
        }
        Ok(text)
    }

    fn schema() -> Value {
        schema::pattern(r"[^\u0000-][^\u0000]*")
    }
}

/// A string of digits, or the number.
struct Serial;

impl Form for Serial {
    type Value = String;

    fn read(node: &Node<'_>) -> Read<String> {
        let text = match node.shape() {
            Shape::Number => node.raw().to_owned(),
            Shape::String => node.string()?.into_owned(),
            _ => return Err(node.must_be("the serial number of a YubiKey")),
        };
        if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(
                Fault::new(node.span(), "must be the serial number of a YubiKey")
                    .hint("see those that are plugged in: ykman list --serials"),
            );
        }
        Ok(text)
    }

    fn schema() -> Value {
        json!({"type": ["string", "integer"], "pattern": "^[0-9]+$", "minimum": 0})
    }
}

/// A command line. It is split as a shell would, and no shell ever sees it.
pub(in crate::config) struct Command;

impl Form for Command {
    type Value = Vec<String>;

    fn read(node: &Node<'_>) -> Read<Vec<String>> {
        let text = values::text(node)?;
        let words = shell_words::split(&text).map_err(|why| {
            Fault::new(node.span(), "cannot be split into words")
                .because(why)
                .hint("close the quotes")
        })?;
        if words.first().is_none_or(String::is_empty) {
            return Err(Fault::new(node.span(), "names no program"));
        }
        Ok(words)
    }

    fn schema() -> Value {
        schema::pattern(r"[^\u0000]*[^\u0000\s][^\u0000]*")
    }
}
