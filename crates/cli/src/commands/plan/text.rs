//! A plan for a person: its steps, each with its values and, beside or below
//! each value, who decided it.

use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::plan::{Call, Content, Decided, Fact, SourceKind};
use assumerole_session::cache::Entry;

use super::Outlook;
use crate::ui::look::styles;
use crate::ui::{Look, time, width};

/// Columns before a label.
const INDENT: usize = 3;
/// Columns of the widest label and the gap behind it.
const LABEL: usize = 16;
/// Columns between a value and who decided it.
const GAP: usize = 2;

/// Labels of the facts that are always shown, and of those that are only
/// where somebody decided them.
const ALWAYS: [(&str, &str); 35] = [
    ("profile", "profile"),
    ("credential_process", "process"),
    ("credential_source", "taken from"),
    ("metadata_url", "asked at"),
    ("sso_session", "SSO session"),
    ("sso_start_url", "start URL"),
    ("tenant", "tenant"),
    ("sso_region", "SSO region"),
    ("sso_account_id", "account"),
    ("sso_role_name", "permission set"),
    ("web_identity_token_file", "token file"),
    ("login_session", "logged in as"),
    ("signin_region", "region"),
    ("caller", "identified by"),
    ("caller_unseen", "not looked at"),
    ("kept", "kept"),
    ("access_key_id", "access key"),
    ("secret_access_key", "secret key"),
    ("session_token", "session token"),
    ("arn", "role"),
    ("account", "account"),
    ("session_name", "session name"),
    ("duration_seconds", "seconds"),
    ("duration_asked", "asked for"),
    ("mfa", "MFA device"),
    ("mfa_way", "because"),
    ("external_id", "external ID"),
    ("source_identity", "source identity"),
    ("session_tags", "session tags"),
    ("policy_arns", "policies"),
    ("policy", "policy"),
    ("sts_region", "region of STS"),
    ("endpoint_url", "endpoint"),
    ("time_left", "time left"),
    ("session", "session"),
];
const DECIDED: [(&str, &str); 6] = [
    ("metadata_attempts", "attempts"),
    ("metadata_timeout", "timeout"),
    ("fips", "FIPS"),
    ("dual_stack", "dual stack"),
    ("ca_bundle", "CA bundle"),
    ("attempts", "attempts"),
];

/// A line of a step.
struct StepLine {
    label: &'static str,
    value: String,
    from: String,
}

/// The text, for a terminal of `columns` or, without, for a pipe.
pub(super) fn of(outlook: &Outlook, look: Look, columns: Option<usize>) -> String {
    let why = &outlook.why;
    let export = StepLine {
        label: "region",
        value: content(&why.region, "none"),
        from: decided(&why.region.decided),
    };
    let mut steps = vec![(title(outlook, 0), lines(&why.source))];
    for (number, facts) in why.steps.iter().enumerate() {
        steps.push((title(outlook, number + 1), lines(facts)));
    }
    steps.push(("export".to_owned(), vec![export]));
    let programs = outlook.programs.facts();
    let title_of = "programs (credential-process, serve)".to_owned();
    steps.push((title_of, lines(&programs)));
    let page = Page {
        look,
        from_at: from_at(&steps, columns),
    };
    let head = format!("{}: {}", one_line(&outlook.plan.name), asked(outlook));
    let mut text = format!("{}\n", look.paint(styles::STRONG, &head));
    for (number, (title, lines)) in steps.iter().enumerate() {
        let title = format!("{}. {}", number + 1, one_line(title));
        text.push_str(&format!("\n{}\n", look.paint(styles::STRONG, &title)));
        for line in lines {
            page.line(&mut text, line);
        }
    }
    text
}

fn asked(outlook: &Outlook) -> String {
    let calls = called(outlook);
    match outlook.confirmed.as_slice() {
        [] => calls.to_owned(),
        names => {
            let names: Vec<String> = names.iter().map(|name| one_line(name)).collect();
            // The name is prompted for.
            let calls = calls.replace("no prompt", "no other prompt");
            format!("asks you to type {} first; {calls}", names.join(" and "))
        }
    }
}

fn called(outlook: &Outlook) -> &'static str {
    let calls = !outlook.requests().is_empty();
    match (outlook.is_all_cached(), outlook.asks()) {
        (true, _) => "cached: no AWS call, no prompt",
        (false, true) => "calls AWS and prompts for an MFA code",
        (false, false) if outlook.wants_code() => "calls AWS and a program for the MFA code",
        (false, false) if calls => "calls AWS, no prompt",
        (false, false) => "no AWS call, no prompt",
    }
}

/// What result `number` is, and whether it is there.
fn title(outlook: &Outlook, number: usize) -> String {
    let what = match outlook.step(number).map(|step| &step.call) {
        None => outlook.plan.source.describe(),
        Some(Call::Session(session)) if session.device.is_none() => {
            match outlook.plan.source.kind {
                SourceKind::Process { .. } => {
                    "user session (GetSessionToken), if the keys are long-term ones".to_owned()
                }
                _ => "user session (GetSessionToken)".to_owned(),
            }
        }
        Some(Call::Session(_)) => "MFA session (GetSessionToken)".to_owned(),
        Some(Call::Assume(assume)) => format!("AssumeRole {}", assume.name),
    };
    match state(outlook, number) {
        Some(state) => format!("{what}: {state}"),
        None => what,
    }
}

fn state(outlook: &Outlook, number: usize) -> Option<String> {
    let until = |entry: &Entry| {
        format!(
            "cached {} ({})",
            time::until(entry.ends(), outlook.now, &outlook.zone),
            time::left(entry.left(outlook.now)),
        )
    };
    let entry = outlook.entries.get(number).and_then(Option::as_ref);
    match entry {
        Some(entry) if outlook.is_cached(number) => Some(until(entry)),
        Some(entry) if outlook.is_needed(number) && outlook.is_renewed(number) => {
            let mfa =
                matches!(outlook.step(number), Some(step) if matches!(step.call, Call::Session(_)));
            let flag = match mfa || !outlook.fresh.role {
                true => "--fresh-mfa",
                false => "--fresh",
            };
            Some(format!("{flag}; {}", until(entry)))
        }
        _ if !outlook.is_needed(number) => Some("not needed".to_owned()),
        Some(entry) => Some(format!("{}, too little time left", until(entry))),
        None if outlook.unseen[number] => Some("known only then".to_owned()),
        None if outlook.plan.is_kept(number) => Some("not cached".to_owned()),
        None => None,
    }
}

fn lines(facts: &[Fact]) -> Vec<StepLine> {
    let label = |labels: &[(&str, &'static str)], fact: &Fact| {
        let found = labels.iter().find(|(name, _)| *name == fact.name);
        found.map(|(_, label)| *label)
    };
    let line = |fact: &Fact| {
        let decided_by_somebody = fact.decided != Decided::Default;
        let label = match label(&ALWAYS, fact) {
            Some(label) => label,
            None if decided_by_somebody => label(&DECIDED, fact)?,
            None => return None,
        };
        Some(StepLine {
            label,
            value: content(fact, nothing(fact)),
            from: decided(&fact.decided),
        })
    };
    facts.iter().filter_map(line).collect()
}

/// What is said where there is none.
fn nothing(fact: &Fact) -> &'static str {
    match fact.name {
        "endpoint_url" => "AWS's own",
        _ => "none",
    }
}

fn content(fact: &Fact, nothing: &str) -> String {
    match &fact.content {
        Content::Text(text) => one_line(text),
        Content::Number(number) => number.to_string(),
        Content::Switch(on) => if *on { "on" } else { "off" }.to_owned(),
        Content::Secret => "(not shown)".to_owned(),
        Content::Nothing => nothing.to_owned(),
    }
}

fn decided(decided: &Decided) -> String {
    match decided {
        Decided::File(at) => one_line(&at.place()),
        Decided::Flag(name) | Decided::Variable(name) => (*name).to_owned(),
        Decided::Rule(rule) => (*rule).to_owned(),
        Decided::Default => "default".to_owned(),
    }
}

/// The column of who decided: behind the longest value, or as far right as
/// the longest origin allows; then longer values have it on the next line.
fn from_at(steps: &[(String, Vec<StepLine>)], columns: Option<usize>) -> usize {
    let longest = |of: fn(&StepLine) -> &str| {
        let lines = steps.iter().flat_map(|(_, lines)| lines);
        let widths = lines.map(|line| width::of(of(line)));
        widths.max().unwrap_or(0)
    };
    let natural = INDENT + LABEL + longest(|line| &line.value) + GAP;
    let room = columns.map(|columns| columns.saturating_sub(longest(|line| &line.from)));
    let least = INDENT + LABEL + GAP;
    room.map_or(natural, |room| natural.min(room).max(least))
}

struct Page {
    look: Look,
    from_at: usize,
}

impl Page {
    /// Nothing is cut: what a person copies has to be whole.
    fn line(&self, text: &mut String, line: &StepLine) {
        width::pad(text, INDENT);
        text.push_str(line.label);
        width::pad(text, LABEL.saturating_sub(width::of(line.label)));
        text.push_str(&line.value);
        let used = INDENT + LABEL + width::of(&line.value);
        match self.from_at.checked_sub(used).filter(|gap| *gap >= GAP) {
            Some(gap) => width::pad(text, gap),
            None => {
                text.push('\n');
                width::pad(text, self.from_at);
            }
        }
        text.push_str(&self.look.paint(styles::FAINT, &line.from));
        text.push('\n');
    }
}
