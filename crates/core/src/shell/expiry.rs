//! When a shell looks whether its credentials still live long enough, and what
//! is said when they do not.

use crate::diagnostic::{Error, Kind};

/// Seconds before the end at which a person is told, where renewing takes a
/// question.
const TOLD: [i64; 3] = [600, 120, 0];

/// Seconds before the end at which a shell looks. Five minutes is when
/// credentials are renewed, but for short sessions, of which only the last
/// tenth is.
const LOOKS: [i64; 5] = [600, 300, 120, 60, 0];

/// Seconds until another try when the end has come and AWS was out of reach.
const AGAIN: i64 = 300;

/// What came of a look, short of new credentials.
#[derive(Debug)]
pub enum Look {
    /// They live long enough, and will be renewed without a question.
    Well,
    /// Renewing takes a question.
    WouldAsk,
    /// They could not be renewed.
    Failed(Error),
}

/// When a shell looks next, seconds since 1970; `None`: never again.
pub fn next_look(look: &Look, ends: i64, now: i64) -> Option<i64> {
    let after = |moments: &[i64]| moments.iter().map(|m| ends - m).find(|at| *at > now);
    match look {
        Look::Well => after(&LOOKS),
        Look::WouldAsk => after(&TOLD),
        Look::Failed(_) => after(&TOLD).or(Some(now + AGAIN)),
    }
}

/// What a person is told, if anything. `command` assumes the role again.
pub fn said(look: &Look, role: &str, command: &str, ends: i64, now: i64) -> Option<String> {
    let time = time(ends - now);
    match look {
        Look::Well => None,
        Look::WouldAsk => Some(format!(
            "{role}: the credentials {time}; renew them: {command}"
        )),
        // A kind that says nothing itself.
        Look::Failed(error) if matches!(error.kind(), Kind::Cancelled | Kind::Interrupted) => None,
        Look::Failed(error) => Some(format!(
            "{role}: the credentials {time} and could not be renewed: {error}"
        )),
    }
}

/// Minutes, begun ones whole: what is said at ten minutes is said a moment
/// later.
fn time(left: i64) -> String {
    let minutes = |seconds: i64| (seconds + 59) / 60;
    match left {
        1.. => format!("expire in {} min", minutes(left)),
        -59..=0 => "have just expired".to_owned(),
        _ => format!("expired {} min ago", -left / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENDS: i64 = 10_000;

    /// A shell that shows a prompt every second: what it is told, and when it
    /// started a process.
    fn lived(look: impl Fn() -> Look, from: i64, to: i64) -> (Vec<(i64, String)>, Vec<i64>) {
        let (mut said_at, mut looked) = (Vec::new(), Vec::new());
        let mut check = next_look(&Look::Well, ENDS, ENDS - from);
        for now in ENDS - from..=ENDS - to {
            if check.is_some_and(|at| now >= at) {
                looked.push(ENDS - now);
                let look = look();
                said_at
                    .extend(said(&look, "read", "assume read", ENDS, now).map(|s| (ENDS - now, s)));
                check = next_look(&look, ENDS, now);
            }
        }
        (said_at, looked)
    }

    #[test]
    fn a_person_is_told_at_ten_and_two_minutes_and_after_the_end_once_each() {
        let (said, looked) = lived(|| Look::WouldAsk, 3600, -3600);
        let texts = ["expire in 10 min", "expire in 2 min", "have just expired"];
        let texts =
            texts.map(|text| format!("read: the credentials {text}; renew them: assume read"));
        assert_eq!(
            said,
            [600, 120, 0].into_iter().zip(texts).collect::<Vec<_>>()
        );
        assert_eq!(looked, [600, 120, 0]);
    }

    #[test]
    fn what_needs_no_question_is_looked_at_and_not_spoken_of() {
        assert_eq!(lived(|| Look::Well, 3600, -3600), (vec![], LOOKS.to_vec()));
    }

    #[test]
    fn a_network_that_is_out_of_reach_is_tried_again_after_the_end() {
        let (said, looked) = lived(
            || Look::Failed(Error::new(Kind::Unreachable, "no route")),
            3600,
            -700,
        );
        assert_eq!(looked, [600, 120, 0, -300, -600]);
        assert_eq!(
            said[4].1,
            "read: the credentials expired 10 min ago and could not be renewed: no route"
        );
    }

    #[test]
    fn a_shell_that_comes_late_is_told_once_for_all() {
        for (left, text) in [
            (599, "expire in 10 min"),
            (500, "expire in 9 min"),
            (121, "expire in 3 min"),
            (1, "expire in 1 min"),
            (0, "have just expired"),
            (-59, "have just expired"),
            (-60, "expired 1 min ago"),
            (-86_400, "expired 1440 min ago"),
        ] {
            let said = said(&Look::WouldAsk, "r", "c", ENDS, ENDS - left);
            assert_eq!(
                said.unwrap(),
                format!("r: the credentials {text}; renew them: c")
            );
        }
        assert_eq!(
            next_look(&Look::WouldAsk, ENDS, ENDS - 500),
            Some(ENDS - 120)
        );
        assert_eq!(next_look(&Look::WouldAsk, ENDS, ENDS + 1), None);
        assert_eq!(next_look(&Look::Well, ENDS, ENDS - 500), Some(ENDS - 300));
    }
}
