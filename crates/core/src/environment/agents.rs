//! Programs that are AI agents, known by the variables that they set for what
//! they run.

use std::ffi::OsStr;

/// An agent that runs this program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// What it is called.
    pub name: String,
    /// The variable by which it is known.
    pub variable: &'static str,
}

/// Says it outright: the agent's name, or `0` for a person.
const OUTRIGHT: &str = "ASSUMEROLE_AGENT";

/// The variables of agents, and what each is called; `None`: the variable's value
/// says it. As of November 2026.
const TABLE: [(&str, Option<&str>); 16] = [
    ("AI_AGENT", None),
    ("ANTIGRAVITY_AGENT", Some("antigravity")),
    ("AUGMENT_AGENT", Some("augment")),
    ("CLAUDECODE", Some("claude-code")),
    ("CLAUDE_CODE", Some("claude-code")),
    ("CLINE_ACTIVE", Some("cline")),
    ("CODEX_CI", Some("codex")),
    ("CODEX_SANDBOX", Some("codex")),
    ("CODEX_SANDBOX_NETWORK_DISABLED", Some("codex")),
    ("CODEX_THREAD_ID", Some("codex")),
    ("COPILOT_CLI", Some("copilot")),
    ("CURSOR_AGENT", Some("cursor")),
    ("GEMINI_CLI", Some("gemini-cli")),
    ("GOOSE_TERMINAL", Some("goose")),
    ("OPENCODE", Some("opencode")),
    ("OPENCODE_CLIENT", Some("opencode")),
];

/// More characters of a name are not shown, nor sent as a tag.
const LONGEST: usize = 64;

/// The agent that runs this program, by the variables `pairs`. `is_person` is
/// asked where [`OUTRIGHT`] is `0` beside the variable of an agent: whether
/// somebody sits at a terminal; only there it counts, so that a variable alone
/// never widens what an agent gets.
pub fn agent<'a>(
    pairs: impl IntoIterator<Item = (&'a OsStr, &'a OsStr)>,
    is_person: impl FnOnce() -> bool,
) -> Option<Agent> {
    let (mut found, mut outright) = (None, None);
    for (name, value) in pairs {
        let name = name.as_encoded_bytes();
        // Few names of others begin so: the rest is passed over at once.
        if !matches!(name, [b'A' | b'C' | b'G' | b'O', _, _, _, _, _, _, _, ..]) || value.is_empty()
        {
            continue;
        }
        let value = || value.to_string_lossy();
        if name == OUTRIGHT.as_bytes() {
            outright = Some(value());
        } else if let Some((variable, known)) = TABLE
            .iter()
            .find(|(variable, _)| name == variable.as_bytes())
            && found.is_none()
        {
            let value = value();
            // As people turn such a variable off.
            let off = matches!(&*value, "0" | "false");
            found = (!off).then(|| of(known.unwrap_or(&value), variable));
        }
    }
    match outright.as_deref() {
        None => found,
        Some("0") => found.filter(|_| !is_person()),
        Some(name) => Some(of(name, OUTRIGHT)),
    }
}

fn of(name: &str, variable: &'static str) -> Agent {
    let plain = |c: char| match c.is_ascii_alphanumeric() || "-_.@".contains(c) {
        true => c,
        false => '-',
    };
    Agent {
        name: name.chars().map(plain).take(LONGEST).collect(),
        variable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(pairs: &[(&str, &str)], at_terminal: bool) -> Option<(String, &'static str)> {
        let pairs = pairs
            .iter()
            .map(|(name, value)| (OsStr::new(*name), OsStr::new(*value)));
        agent(pairs, || at_terminal).map(|agent| (agent.name, agent.variable))
    }

    #[test]
    fn agents_are_known_by_their_variables() {
        let is = |name: &str, variable| Some((name.to_owned(), variable));
        assert_eq!(known(&[("HOME", "/x"), ("CODEX_HOME", "/x")], false), None);
        for (variable, name) in TABLE {
            let expected = is(name.unwrap_or("1"), variable);
            assert_eq!(known(&[(variable, "1")], true), expected);
            assert_eq!(known(&[(variable, "")], true), None);
        }
        assert_eq!(
            known(&[("AI_AGENT", "my agent\n")], true),
            is("my-agent-", "AI_AGENT")
        );
        assert_eq!(
            known(&[(OUTRIGHT, "mine"), ("CLAUDECODE", "1")], true),
            is("mine", OUTRIGHT)
        );
    }

    #[test]
    fn a_variable_alone_never_widens() {
        let both = [(OUTRIGHT, "0"), ("CLAUDECODE", "1")];
        assert_eq!(known(&both, true), None);
        assert!(known(&both, false).is_some());
        assert_eq!(known(&[(OUTRIGHT, "0")], false), None);
    }
}
