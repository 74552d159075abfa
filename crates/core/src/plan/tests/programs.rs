//! The way to credentials for a program, which asks again by itself.

use super::*;
use crate::plan::MfaWay;
use crate::plan::consumer::Consumer;

const MFA: &str = r#""aws_mfa_arn": "arn:aws:iam::210987654321:mfa/jdoe""#;

/// Steps, way and seconds of the role that `more` describes.
fn way(more: &str, top: &str, consumer: Consumer, flag: Option<u32>) -> (usize, MfaWay, u32) {
    let mut case = Case::role(&format!("{MFA}{more}"));
    case.top = top.into();
    case.settings.consumer = consumer;
    case.request.duration = flag;
    let plan = case.planned();
    assert_eq!(plan.consumer, consumer);
    (plan.steps.len(), assume(&plan).way, duration(&plan))
}

#[test]
fn a_long_role_is_had_an_hour_at_a_time() {
    let long = r#", "max_session_duration": 7200"#;
    let off = r#", "mfa_session": false"#;
    let both = format!("{long}{off}");
    let top = r#""mfa_session": false,"#;
    let (shell, program) = (Consumer::Shell, Consumer::Program);
    for (more, top, consumer, flag, expected) in [
        ("", "", shell, None, (2, MfaWay::Session, 3600)),
        ("", "", program, None, (2, MfaWay::Session, 3600)),
        (long, "", shell, None, (1, MfaWay::DirectForLong, 7200)),
        (long, "", program, None, (2, MfaWay::Session, 3600)),
        (off, "", program, None, (1, MfaWay::DirectAsSaid, 3600)),
        (&both, "", program, None, (1, MfaWay::DirectAsSaid, 7200)),
        (long, top, program, None, (1, MfaWay::DirectAsSaid, 7200)),
        // Whoever writes a flag into the line wants just that.
        (
            "",
            "",
            program,
            Some(7200),
            (1, MfaWay::DirectForLong, 7200),
        ),
        (long, "", program, Some(1800), (2, MfaWay::Session, 1800)),
    ] {
        assert_eq!(
            way(more, top, consumer, flag),
            expected,
            "{more} {consumer:?}"
        );
    }
}

/// A role that takes no code lasts as long as it may.
#[test]
fn without_a_device_nothing_changes() {
    let mut case = Case::role(r#""max_session_duration": 7200"#);
    case.settings.consumer = Consumer::Program;
    let plan = case.planned();
    assert_eq!((plan.steps.len(), duration(&plan)), (1, 7200));
}
