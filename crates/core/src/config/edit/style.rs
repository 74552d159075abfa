//! How a person lays JSON out: read off an object, to write another like it.

use serde_json::Value;

use super::quote;
use crate::config::node::Node;

/// The layout of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Style {
    /// What stands between a key and its value.
    colon: String,
    layout: Layout,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Layout {
    /// All on one line: what follows the opening brace, and a comma.
    Line { gap: String, space: String },
    /// Each member on its own line: what is before a member, and before the
    /// closing brace, line end included.
    Lines { before: String, after: String },
}

impl Style {
    /// The style of `object`, which has `members`. None of an empty one.
    pub(super) fn of(object: &Node<'_>, members: &[(Node<'_>, Node<'_>)]) -> Option<Self> {
        let (raw, start) = (object.raw(), object.span().start);
        let between = |from: usize, to: usize| raw.get(from - start..to - start);
        let (first, _) = members.first()?;
        let (key, value) = members.last()?;
        let gap = between(start + 1, first.span().start)?;
        let space = match members {
            [.., (_, before), (next, _)] => {
                let text = between(before.span().end, next.span().start)?;
                text.split_once(',').map(|(_, space)| space)
            }
            _ => None,
        };
        let colon = between(key.span().end, value.span().start)?;
        let layout = match last_line(space.unwrap_or(gap)) {
            Some(before) => Layout::Lines {
                before: before.to_owned(),
                after: between(value.span().end, object.span().end - 1)
                    .and_then(last_line)
                    .unwrap_or_default()
                    .to_owned(),
            },
            None => {
                let usual = if colon.ends_with(' ') { " " } else { "" };
                Layout::Line {
                    gap: gap.to_owned(),
                    space: space.unwrap_or(usual).to_owned(),
                }
            }
        };
        let colon = colon.to_owned();
        Some(Self { colon, layout })
    }

    /// The style of a file that has none yet, but perhaps line ends.
    pub(super) fn usual(text: &str) -> Self {
        let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
        Self {
            colon: ": ".to_owned(),
            layout: Layout::Lines {
                before: format!("{end}  "),
                after: end.to_owned(),
            },
        }
    }

    /// The white space before a member on a line of its own, unless there is
    /// none.
    pub(super) fn indent(&self) -> Option<&str> {
        match &self.layout {
            Layout::Lines { before, .. } => {
                Some(before.trim_start_matches(['\r', '\n'])).filter(|indent| !indent.is_empty())
            }
            Layout::Line { .. } => None,
        }
    }

    /// The style of an object that is the value of a member in this style.
    pub(super) fn nested(&self, unit: &str) -> Self {
        let layout = match &self.layout {
            Layout::Lines { before, .. } => Layout::Lines {
                before: [before, unit].concat(),
                after: before.clone(),
            },
            line @ Layout::Line { .. } => line.clone(),
        };
        Self {
            colon: self.colon.clone(),
            layout,
        }
    }

    /// What stands before the first member.
    pub(super) fn before(&self) -> &str {
        match &self.layout {
            Layout::Line { gap, .. } => gap,
            Layout::Lines { before, .. } => before,
        }
    }

    /// What stands behind the comma between two members.
    pub(super) fn between(&self) -> &str {
        match &self.layout {
            Layout::Line { space, .. } => space,
            Layout::Lines { before, .. } => before,
        }
    }

    /// What stands behind the last member.
    pub(super) fn after(&self) -> &str {
        match &self.layout {
            Layout::Line { gap, .. } => gap,
            Layout::Lines { after, .. } => after,
        }
    }

    /// A member, both of whose parts are written.
    pub(super) fn member(&self, key: &str, value: &str) -> String {
        [key, &self.colon, value].concat()
    }

    /// An object of members that are written.
    pub(super) fn object(&self, members: &[(String, String)]) -> String {
        let members: Vec<String> = members
            .iter()
            .map(|(key, value)| self.member(key, value))
            .collect();
        let comma = [",", self.between()].concat();
        ["{", self.before(), &members.join(&comma), self.after(), "}"].concat()
    }

    /// Any value on one line.
    pub(super) fn inline(&self, value: &Value) -> String {
        let space = if self.colon.ends_with(' ') { " " } else { "" };
        let (comma, colon) = (format!(",{space}"), format!(":{space}"));
        match value {
            Value::Array(items) => {
                let items: Vec<String> = items.iter().map(|item| self.inline(item)).collect();
                ["[", &items.join(&comma), "]"].concat()
            }
            Value::Object(members) => {
                let member = |(key, value): (&String, &Value)| {
                    [quote(key), colon.clone(), self.inline(value)].concat()
                };
                let members: Vec<String> = members.iter().map(member).collect();
                ["{", &members.join(&comma), "}"].concat()
            }
            other => other.to_string(),
        }
    }
}

/// The last line end of `space` with what follows it.
fn last_line(space: &str) -> Option<&str> {
    let at = space.rfind('\n')?;
    let at = at - usize::from(space[..at].ends_with('\r'));
    space.get(at..)
}
