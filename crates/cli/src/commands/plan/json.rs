//! A plan as JSON. The fields are documented in docs/guide.md.

use assumerole_core::plan::{Call, Content, Decided, Fact, SourceKind};
use assumerole_session::cache::Entry;
use serde::{Serialize, Serializer};

use super::Outlook;

/// The whole.
#[derive(Serialize)]
pub(super) struct JsonPlan<'a> {
    /// The role's name in the file.
    name: &'a str,
    /// What is done, in order. Work starts after the last step that is cached.
    steps: Vec<JsonStep<'a>>,
    /// What a person is asked for: `role_name`, `mfa_code`.
    asks: Vec<&'static str>,
    /// The names that are to be typed.
    confirm: &'a [String],
    /// What is called, such as `GetSessionToken` and `AssumeRole`.
    requests: Vec<&'static str>,
    /// The region to export.
    region: Value<'a>,
    /// What `credential-process` and `serve` hand out.
    programs: JsonPrograms,
}

/// What a program gets.
#[derive(Serialize)]
struct JsonPrograms {
    /// With at least so many seconds to live; null: what the source gives.
    least_seconds: Option<i64>,
    /// How long their session lasts; null: as long as the source says.
    duration_seconds: Option<u32>,
}

/// A step.
#[derive(Serialize)]
struct JsonStep<'a> {
    /// `profile_keys` and other sources, `mfa_session`, `assume_role`.
    step: &'static str,
    /// The name of the role or profile in the files.
    name: &'a str,
    /// Whether it has to be done.
    needed: bool,
    /// Its result in the cache.
    cached: Option<Cached>,
    /// Its values by their names.
    values: Values<'a>,
}

/// A session in the cache.
#[derive(Serialize)]
struct Cached {
    /// RFC 3339.
    expires: String,
    seconds_left: i64,
    /// Whether it would be handed out now: an end that is near is too near.
    usable: bool,
}

/// A value and who decided it.
#[derive(Serialize)]
struct Value<'a> {
    /// Null where there is none, and of a secret.
    value: Plain<'a>,
    from: From<'a>,
}

/// A string, a number, a boolean, or null.
#[derive(Serialize)]
#[serde(untagged)]
enum Plain<'a> {
    Text(&'a str),
    Number(u32),
    Switch(bool),
    Null,
}

/// Who decided.
#[derive(Serialize)]
#[serde(untagged)]
enum From<'a> {
    File {
        file: &'a str,
        line: u32,
        column: u32,
    },
    Flag {
        flag: &'a str,
    },
    Variable {
        variable: &'a str,
    },
    Rule {
        rule: &'a str,
    },
}

/// Facts as an object, in their order.
struct Values<'a>(&'a [Fact]);

impl Serialize for Values<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|fact| (fact.name, value(fact))))
    }
}

impl<'a> JsonPlan<'a> {
    pub(super) fn of(outlook: &'a Outlook) -> Self {
        let cached = |entry: &Entry| Cached {
            expires: entry.expires.to_string(),
            seconds_left: entry.left(outlook.now).as_secs(),
            usable: entry.is_fresh(outlook.now),
        };
        let facts = std::iter::once(&outlook.why.source).chain(&outlook.why.steps);
        let step = |(number, facts): (usize, &'a Vec<Fact>)| JsonStep {
            step: kind(outlook, number),
            name: match outlook.step(number).map(|step| &step.call) {
                Some(Call::Assume(assume)) => &assume.name,
                _ => &outlook.plan.source.profile.value,
            },
            needed: outlook.is_needed(number),
            cached: outlook.entries[number].as_ref().map(cached),
            values: Values(facts),
        };
        Self {
            name: &outlook.plan.name,
            steps: facts.enumerate().map(step).collect(),
            asks: [
                (!outlook.confirmed.is_empty()).then_some("role_name"),
                outlook.asks().then_some("mfa_code"),
            ]
            .into_iter()
            .flatten()
            .collect(),
            confirm: &outlook.confirmed,
            requests: outlook.requests(),
            region: value(&outlook.why.region),
            programs: JsonPrograms {
                least_seconds: outlook.programs.least(),
                duration_seconds: outlook.programs.seconds(),
            },
        }
    }
}

/// The kind of result `number`.
fn kind(outlook: &Outlook, number: usize) -> &'static str {
    match outlook.step(number).map(|step| &step.call) {
        Some(Call::Session(_)) => "mfa_session",
        Some(Call::Assume(_)) => "assume_role",
        None => match &outlook.plan.source.kind {
            SourceKind::Keys { .. } => "profile_keys",
            SourceKind::Stored { .. } => "stored_key",
            SourceKind::Process { .. } => "credential_process",
            SourceKind::Sso(_) => "sso",
            SourceKind::WebIdentity(_) => "web_identity",
            SourceKind::Login(_) => "login_session",
            SourceKind::Environment { .. } => "environment",
            SourceKind::Container { .. } => "container",
            SourceKind::Instance { .. } => "instance",
        },
    }
}

fn value(fact: &Fact) -> Value<'_> {
    Value {
        value: match &fact.content {
            Content::Text(text) => Plain::Text(text),
            Content::Number(number) => Plain::Number(*number),
            Content::Switch(on) => Plain::Switch(*on),
            Content::Secret | Content::Nothing => Plain::Null,
        },
        from: match &fact.decided {
            Decided::File(at) => From::File {
                file: &at.path,
                line: at.line,
                column: at.column,
            },
            Decided::Flag(flag) => From::Flag { flag },
            Decided::Variable(variable) => From::Variable { variable },
            Decided::Rule(rule) => From::Rule { rule },
            Decided::Default => From::Rule { rule: "default" },
        },
    }
}
