//! What a program gets that asks again by itself: more time than a shell, and
//! perhaps another way through MFA.

use assumerole_core::Consumer;
use assumerole_core::plan::{Call, Content, Decided, Fact, MfaWay, Plan, SourceKind, Step};
use jiff::SignedDuration;

/// What `credential-process` and `serve` hand out of a role, as facts.
pub(super) struct Programs {
    /// With at least so much left; `None`: what the source gives, as it is.
    margin: Option<SignedDuration>,
    /// How long their session lasts, in seconds.
    seconds: Option<u32>,
    /// Whether they have it through the MFA session, where a shell does not.
    by_session: bool,
}

impl Programs {
    /// What `plan`, made for a program, gives one; `shell` is the same for a
    /// shell.
    pub(super) fn of(plan: &Plan, shell: &Plan) -> Self {
        // Of what a process prints, STS is asked for a session if it has to be:
        // what is temporary is handed on.
        let is_process = matches!(plan.source.kind, SourceKind::Process { .. });
        let seconds = match plan.steps.as_slice() {
            [only] if is_process && matches!(only.call, Call::Session(_)) => None,
            steps => steps.last().map(seconds),
        };
        let life = seconds.map(|seconds| SignedDuration::from_secs(seconds.into()));
        let way = |plan: &Plan| match plan.steps.last().map(|step| &step.call) {
            Some(Call::Assume(assume)) => assume.way,
            _ => MfaWay::None,
        };
        Self {
            margin: life.map(|life| Consumer::Program.margin(life)),
            seconds,
            by_session: way(plan) == MfaWay::Session && way(shell) != MfaWay::Session,
        }
    }

    pub(super) fn facts(&self) -> Vec<Fact> {
        let (Some(least), Some(all)) = (self.margin, self.seconds) else {
            let text = "what the source gives, as it is".to_owned();
            return vec![fact("time_left", text, "its life is the source's to say")];
        };
        let least = least.as_secs();
        let rule = match least * 2 == i64::from(all) {
            true => "half of the session",
            false => "SDKs renew what has 15 min left",
        };
        let mut facts = vec![fact("time_left", format!("{} or more", said(least)), rule)];
        if self.by_session {
            let text = format!("through the MFA session, {} at a time", said(all.into()));
            facts.push(fact("session", text, "a program renews by itself"));
        }
        facts
    }

    /// Seconds that are left at least.
    pub(super) fn least(&self) -> Option<i64> {
        self.margin.map(|margin| margin.as_secs())
    }

    /// Seconds of the session.
    pub(super) fn seconds(&self) -> Option<u32> {
        self.seconds
    }
}

fn seconds(step: &Step) -> u32 {
    match &step.call {
        Call::Session(session) => session.duration.value,
        Call::Assume(assume) => assume.duration.value,
    }
}

/// `seconds` in words.
fn said(seconds: i64) -> String {
    let parts = [
        (seconds / 3600, "h"),
        (seconds % 3600 / 60, "min"),
        (seconds % 60, "s"),
    ];
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = parts
        .map(|(count, unit)| format!("{count} {unit}"))
        .collect();
    parts.join(" ")
}

fn fact(name: &'static str, text: String, rule: &'static str) -> Fact {
    Fact {
        name,
        content: Content::Text(text),
        decided: Decided::Rule(rule),
    }
}
