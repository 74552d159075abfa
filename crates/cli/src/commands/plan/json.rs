//! A plan as JSON. The fields are documented in docs/guide.md.

use assumerole_core::plan::{Content, Decided, Fact};
use assumerole_session::cache::Entry;
use serde::{Serialize, Serializer};

use super::Outlook;

/// The whole.
#[derive(Serialize)]
pub(super) struct Shown<'a> {
    /// The role's name in the file.
    name: &'a str,
    /// What is done, in order. Work starts after the last step that is cached.
    steps: [Step<'a>; 2],
    /// What a person is asked for: `mfa_code`.
    asks: Vec<&'static str>,
    /// What is called: `AssumeRole`.
    requests: Vec<&'static str>,
    /// The region to export.
    region: Value<'a>,
}

/// A step.
#[derive(Serialize)]
struct Step<'a> {
    /// `profile_keys` or `assume_role`.
    step: &'static str,
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

impl<'a> Shown<'a> {
    pub(super) fn of(outlook: &'a Outlook) -> Self {
        let needed = !outlook.is_cached();
        let cached = |entry: &Entry| Cached {
            expires: entry.expires.to_string(),
            seconds_left: entry.left(outlook.now).as_secs(),
            usable: entry.is_fresh(outlook.now),
        };
        let keys = Step {
            step: "profile_keys",
            needed,
            cached: None,
            values: Values(&outlook.why.source),
        };
        let assume = Step {
            step: "assume_role",
            needed,
            cached: outlook.entry.as_ref().map(cached),
            values: Values(&outlook.why.assume),
        };
        Self {
            name: &outlook.plan.role,
            steps: [keys, assume],
            asks: outlook.asks().then_some("mfa_code").into_iter().collect(),
            requests: needed.then_some("AssumeRole").into_iter().collect(),
            region: value(&outlook.why.region),
        }
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
