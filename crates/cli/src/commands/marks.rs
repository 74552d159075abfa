//! What tells a session from others of its role, in words.

use assumerole_core::plan::Marks;
use assumerole_core::shell::note::Note;
use jiff::SignedDuration;

use crate::ui::time;

/// A few words for each.
pub(super) fn words(marks: &Marks) -> Vec<String> {
    let Marks {
        narrowed,
        session_name,
        duration,
    } = marks;
    let lasts = duration.map(|seconds| SignedDuration::from_secs(seconds.into()));
    let lasts = lasts.map(|lasts| format!("for {}", time::left(lasts)));
    let name = session_name.as_ref().map(|name| format!("as {name}"));
    narrowed.iter().cloned().chain(lasts).chain(name).collect()
}

/// Those of the session that a shell is in, as far as its note says them.
pub(super) fn of_note(note: &Note) -> Marks {
    let value = |flag: &str| {
        let mut words = note.flags.iter();
        words.by_ref().find(|word| *word == flag)?;
        words.next().cloned()
    };
    let mut narrowed = note.identity.narrowed.clone();
    for (flag, name, short) in [
        ("--read-only", "ReadOnlyAccess", "read-only"),
        ("--view-only", "ViewOnlyAccess", "view-only"),
    ] {
        // The note has the policy's name.
        let policy = narrowed.iter_mut().find(|mark| *mark == name);
        if let Some(mark) = policy.filter(|_| note.flags.iter().any(|word| word == flag)) {
            short.clone_into(mark);
        }
    }
    let variable = note
        .duration
        .filter(|_| note.duration == note.identity.seconds);
    let flag = value("--duration").and_then(|seconds| seconds.parse().ok());
    Marks {
        narrowed,
        session_name: value("--session-name"),
        duration: flag.or(variable),
    }
}
