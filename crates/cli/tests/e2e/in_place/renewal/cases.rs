//! The table: each way to change what a name means, and what comes of it.

/// One thing that happens to a shell.
#[derive(Clone, Copy)]
pub(super) enum Step {
    /// A line of the function `assume`.
    Assume(&'static str),
    /// The same, with a variable for this command alone.
    With(&'static str, &'static str, &'static str),
    /// `export NAME=VALUE`.
    Set(&'static str, &'static str),
    /// `unset NAME`.
    Unset(&'static str),
    /// A command of a POSIX shell, in another process.
    Sh(&'static str),
    /// Another `~/.assumerole`, of [`variants`].
    Roles(&'static str),
    /// The note as this script of `sed` has it.
    Edit(&'static str),
    /// Into another folder.
    Cd(&'static str),
}
pub(super) use Step::{Assume, Cd, Edit, Roles, Set, Sh, Unset, With};

/// What comes of it.
pub(super) enum Then {
    /// New credentials, by a request with these parameters; `-NAME` is one that
    /// is not sent, `by` whose key signs it.
    Renewed(&'static [(&'static str, &'static str)]),
    /// Nothing; the line that is said begins so.
    Stays(&'static str),
}
pub(super) use Then::{Renewed, Stays};

/// A name, what happens, and what comes of it.
pub(super) type Case = (&'static str, &'static [Step], Then);

const A: (&str, &str) = ("RoleArn", "arn:aws:iam::123456789012:role/a");
const NARROW: (&str, &str) = ("PolicyArns.member.1.arn", super::READ_ONLY);
const WHOLE: (&str, &str) = ("-PolicyArns.member.1.arn", "");
const NARROW_SESSION: (&str, &str) = ("RoleSessionName", "mine");

pub(super) fn cases() -> Vec<Case> {
    vec![
        ("nothing", &[Assume("a")], Renewed(&[A, WHOLE])),
        (
            "flags",
            &[Assume("--read-only --duration 15m --tag k=v a")],
            Renewed(&[
                A,
                NARROW,
                ("DurationSeconds", "900"),
                ("Tags.member.1.Value", "v"),
            ]),
        ),
        (
            "an outer role",
            &[Assume("hub"), Assume("--read-only a")],
            Renewed(&[A, NARROW]),
        ),
        // A file for one command alone.
        (
            "ASSUMEROLE_CONFIG",
            &[With("ASSUMEROLE_CONFIG", "{F}/narrow.json", "a")],
            Renewed(&[A, NARROW]),
        ),
        (
            "ASSUMEROLE_CONFIG, relative",
            &[
                Cd("elsewhere"),
                With("ASSUMEROLE_CONFIG", "näh & far/narrow.json", "a"),
                Cd("/"),
            ],
            Renewed(&[A, NARROW]),
        ),
        (
            "--config, relative",
            &[
                Cd("elsewhere"),
                Assume("--config 'näh & far/narrow.json' a"),
                Cd("/"),
            ],
            Renewed(&[A, NARROW]),
        ),
        (
            "--config, another file of that name here",
            &[
                Cd("elsewhere/näh & far"),
                Assume("--config narrow.json a"),
                Cd("elsewhere"),
            ],
            Renewed(&[A, NARROW]),
        ),
        (
            "its file is gone",
            &[
                With("ASSUMEROLE_CONFIG", "{F}/narrow.json", "a"),
                Sh("rm -r ~/elsewhere"),
            ],
            Stays("a "),
        ),
        (
            "ASSUMEROLE_CONFIG later",
            &[
                With("ASSUMEROLE_CONFIG", "{F}/narrow.json", "a"),
                Set("ASSUMEROLE_CONFIG", "{HOME}/.assumerole"),
            ],
            Renewed(&[A, NARROW]),
        ),
        (
            "AWS_CONFIG_FILE",
            &[With("AWS_CONFIG_FILE", "{F}/config", "p")],
            Renewed(&[A, NARROW_SESSION]),
        ),
        (
            "AWS_CONFIG_FILE later",
            &[Assume("p"), Set("AWS_CONFIG_FILE", "{F}/config")],
            Renewed(&[("RoleArn", "arn:aws:iam::123456789012:role/b")]),
        ),
        (
            "AWS_SHARED_CREDENTIALS_FILE",
            &[With("AWS_SHARED_CREDENTIALS_FILE", "{F}/credentials", "a")],
            Renewed(&[A, ("by", super::OTHER_KEY)]),
        ),
        (
            "AWS_SHARED_CREDENTIALS_FILE later",
            &[
                Assume("a"),
                Set("AWS_SHARED_CREDENTIALS_FILE", "{F}/credentials"),
            ],
            Renewed(&[A, ("by", super::KEY)]),
        ),
        (
            "AWS_STS_DURATION_SECONDS",
            &[With("AWS_STS_DURATION_SECONDS", "900", "a")],
            Renewed(&[A, ("DurationSeconds", "900")]),
        ),
        (
            "AWS_STS_DURATION_SECONDS later",
            &[Assume("a"), Set("AWS_STS_DURATION_SECONDS", "43200")],
            Renewed(&[A, ("DurationSeconds", "3600")]),
        ),
        (
            "AWS_STS_DURATION_SECONDS, nonsense",
            &[Assume("a"), Set("AWS_STS_DURATION_SECONDS", "for ever")],
            Stays("a has changed (the environment variable AWS_STS_DURATION_SECONDS is"),
        ),
        (
            "HOME",
            &[With("HOME", "{F}/home", "a")],
            Renewed(&[A, NARROW]),
        ),
        (
            "AWS_ENDPOINT_URL",
            &[With("AWS_ENDPOINT_URL", "{LOCALHOST}", "a")],
            Stays("a is a different role now ("),
        ),
        (
            "AWS_ENDPOINT_URL_STS",
            &[With("AWS_ENDPOINT_URL_STS", "{LOCALHOST}", "a")],
            Stays("a is a different role now ("),
        ),
        (
            "AWS_ENDPOINT_URL later",
            &[Assume("a"), Set("AWS_ENDPOINT_URL", "{LOCALHOST}")],
            Stays("a is a different role now ("),
        ),
        (
            "AWS_REGION",
            &[With("AWS_REGION", "us-west-2", "a")],
            Renewed(&[A]),
        ),
        (
            "AWS_REGION later",
            &[Assume("a"), Set("AWS_REGION", "us-west-2")],
            Renewed(&[A]),
        ),
        (
            "AWS_PROFILE later",
            &[Assume("a"), Set("AWS_PROFILE", "p")],
            Renewed(&[A]),
        ),
        // An edited file.
        (
            "a description",
            &[Assume("a"), Roles("described")],
            Renewed(&[A]),
        ),
        (
            "another role",
            &[Assume("a"), Roles("other")],
            Stays("a is a different role now (it is arn:aws:iam::123456789012:role/b): assume a"),
        ),
        (
            "prod under its name",
            &[Assume("a"), Roles("prod")],
            Stays(
                "a is a different role now (it is arn:aws:iam::123456789012:role/prod): assume a",
            ),
        ),
        (
            "narrowed no more",
            &[Roles("narrow"), Assume("a"), Roles("whole")],
            Stays(
                "a is a different role now (narrowed by nothing, not by ReadOnlyAccess): assume a",
            ),
        ),
        (
            "narrowed since",
            &[Assume("a"), Roles("narrow")],
            Stays(
                "a is a different role now (narrowed by ReadOnlyAccess, not by nothing): assume a",
            ),
        ),
        (
            "a policy since",
            &[Assume("a"), Roles("policy")],
            Stays("a is a different role now (narrowed by a policy"),
        ),
        (
            "longer since",
            &[Assume("a"), Roles("longer")],
            Stays("a is a different role now (it lasts 7200 s, not 3600 s): assume a"),
        ),
        (
            "a tag since",
            &[Assume("a"), Roles("tag")],
            Stays("a is a different role now (narrowed by tag team=x"),
        ),
        (
            "an external id since",
            &[Assume("a"), Roles("external")],
            Stays(
                "a is a different role now (its session is requested with other values): assume a",
            ),
        ),
        (
            "a source identity since",
            &[Assume("a"), Roles("identity")],
            Stays("a is a different role now (its session"),
        ),
        (
            "a session name since",
            &[Assume("a"), Roles("name")],
            Stays("a is a different role now (its session"),
        ),
        // The session is the same; what is exported beside it stays as it is.
        (
            "a region since",
            &[Assume("a"), Roles("region")],
            Renewed(&[A]),
        ),
        (
            "through a hub since",
            &[Assume("a"), Roles("via")],
            Stays("a is a different role now ("),
        ),
        (
            "its hub",
            &[
                Roles("via"),
                Assume("a"),
                Sh("sed -i 's/\"aws_role\": \"hub\"/\"aws_role\": \"b\"/' ~/.assumerole"),
            ],
            Stays("a is a different role now (it is assumed from another session): assume a"),
        ),
        (
            "removed",
            &[Assume("a"), Roles("none")],
            Stays("a has changed (there is no role \"a\""),
        ),
        (
            "no file",
            &[Assume("a"), Sh("rm ~/.assumerole")],
            Stays("a has changed ("),
        ),
        (
            "a file that is none",
            &[Assume("a"), Sh("echo '{' > ~/.assumerole")],
            Stays("a has changed ("),
        ),
        (
            "the base profile's key",
            &[
                Assume("a"),
                Sh("cp ~/'elsewhere/näh & far/credentials' ~/.aws/credentials"),
            ],
            Stays("a is a different role now (other credentials assume it): assume a"),
        ),
        (
            "no base profile",
            &[
                Assume("a"),
                Sh("echo > ~/.aws/credentials; echo > ~/.aws/config"),
            ],
            Stays("a has changed ("),
        ),
        // What an .envrc may say.
        (
            "AWS_ACCOUNT",
            &[Assume("--read-only a"), Set("AWS_ACCOUNT", "b")],
            Renewed(&[A, NARROW]),
        ),
        (
            "AWS_ACCOUNT of prod",
            &[
                Assume("a"),
                Set("AWS_ACCOUNT", "prod"),
                Set("AWSUME_PROFILE", "prod"),
            ],
            Renewed(&[A]),
        ),
        (
            "AWS_ACCOUNT unset",
            &[Assume("a"), Unset("AWS_ACCOUNT")],
            Renewed(&[A]),
        ),
        (
            "ASSUMEROLE_FLAGS lost",
            &[Assume("--read-only a"), Unset("ASSUMEROLE_FLAGS")],
            Renewed(&[A, NARROW]),
        ),
        (
            "ASSUMEROLE_FLAGS edited",
            &[
                Assume("--read-only a"),
                Set("ASSUMEROLE_FLAGS", "--duration 12h"),
            ],
            Renewed(&[A, NARROW]),
        ),
        (
            "ASSUMEROLE_FLAGS, nonsense",
            &[
                Assume("--read-only a"),
                Set("ASSUMEROLE_FLAGS", "--nonsense \"x"),
            ],
            Renewed(&[A, NARROW]),
        ),
        (
            "ASSUMEROLE_EXPIRES",
            &[Assume("a"), Set("ASSUMEROLE_EXPIRES", "1")],
            Renewed(&[A]),
        ),
        (
            "ASSUMEROLE_RESTORE lost",
            &[Assume("a"), Unset("ASSUMEROLE_RESTORE")],
            Renewed(&[A]),
        ),
        // The note.
        (
            "the note lost",
            &[Assume("--read-only a"), Unset("ASSUMEROLE_SESSION")],
            Stays(
                "a is not renewed: nothing says which session this shell is in (ASSUMEROLE_SESSION is not set); assume it again: assume a",
            ),
        ),
        (
            "the note emptied",
            &[Assume("a"), Set("ASSUMEROLE_SESSION", "")],
            Stays("a is not renewed: nothing says"),
        ),
        (
            "garbage",
            &[Assume("a"), Set("ASSUMEROLE_SESSION", "garbage")],
            Stays(
                "a is not renewed: nothing says which session this shell is in (ASSUMEROLE_SESSION was changed); assume it again: assume a",
            ),
        ),
        (
            "a later version",
            &[Assume("a"), Set("ASSUMEROLE_SESSION", r#"{"version":2}"#)],
            Stays(
                "a is not renewed: a later version of assumerole has set ASSUMEROLE_SESSION; assume it again: assume a",
            ),
        ),
        (
            "another role in it",
            &[
                Assume("a"),
                Edit(r#"s/"role":"a"/"role":"prod"/"#),
                Set("ASSUMEROLE_SESSION", "{edited}"),
            ],
            Stays(
                "prod is a different role now (it is arn:aws:iam::123456789012:role/prod): assume prod",
            ),
        ),
        (
            "another role and its ARN in it",
            &[
                Assume("a"),
                Edit(r#"s/"role":"a"/"role":"prod"/; s:role/a:role/prod:"#),
                Set("ASSUMEROLE_SESSION", "{edited}"),
            ],
            Stays("prod is a different role now ("),
        ),
        (
            "no flags in it",
            &[
                Assume("--read-only a"),
                Edit(r#"s/"flags":\[[^]]*\]/"flags":[]/"#),
                Set("ASSUMEROLE_SESSION", "{edited}"),
            ],
            Stays(
                "a is a different role now (narrowed by nothing, not by ReadOnlyAccess): assume a",
            ),
        ),
        (
            "other flags in it",
            &[
                Assume("--duration 15m a"),
                Edit(r#"s/"900"/"43200"/"#),
                Set("ASSUMEROLE_SESSION", "{edited}"),
            ],
            Stays("a is a different role now (it lasts 43200 s, not 900 s): assume a"),
        ),
        (
            "nonsense for flags in it",
            &[
                Assume("--read-only a"),
                Edit(r#"s/--read-only/--nonsense/"#),
                Set("ASSUMEROLE_SESSION", "{edited}"),
            ],
            Stays("a is not renewed: nothing says"),
        ),
        (
            "another file in it",
            &[
                With("ASSUMEROLE_CONFIG", "{F}/narrow.json", "a"),
                Edit(r#"s:elsewhere/[^"]*/narrow.json:.assumerole:"#),
                Set("ASSUMEROLE_SESSION", "{edited}"),
            ],
            Stays("a is a different role now (narrowed by nothing"),
        ),
        (
            "the note of another session",
            &[
                Assume("hub"),
                Sh("printenv ASSUMEROLE_SESSION > ~/edited"),
                Assume("a"),
                Set("ASSUMEROLE_SESSION", "{edited}"),
            ],
            Stays(
                "hub is not renewed: this shell now has other credentials; assume it again: assume hub",
            ),
        ),
        // Out of the role by hand.
        (
            "the keys unset",
            &[
                Assume("a"),
                Unset("AWS_ACCESS_KEY_ID"),
                Unset("AWS_SECRET_ACCESS_KEY"),
                Unset("AWS_SESSION_TOKEN"),
            ],
            Stays(
                "a is not renewed: its credentials were taken out of this shell; assume it again: assume a",
            ),
        ),
        (
            "the token unset",
            &[Assume("a"), Unset("AWS_SESSION_TOKEN")],
            Stays("a is not renewed: its credentials were taken out"),
        ),
        (
            "the secret emptied",
            &[Assume("a"), Set("AWS_SECRET_ACCESS_KEY", "")],
            Stays("a is not renewed: its credentials were taken out"),
        ),
        (
            "own keys",
            &[
                Assume("a"),
                Set("AWS_ACCESS_KEY_ID", "AKIAOWN"),
                Set("AWS_SECRET_ACCESS_KEY", "own"),
                Unset("AWS_SESSION_TOKEN"),
            ],
            Stays(
                "a is not renewed: this shell now has other credentials; assume it again: assume a",
            ),
        ),
        (
            "keys of another tool",
            &[
                Assume("a"),
                Set("AWS_ACCESS_KEY_ID", "ASIAOTHER"),
                Set("AWS_SECRET_ACCESS_KEY", "x"),
                Set("AWS_SESSION_TOKEN", "y"),
            ],
            Stays("a is not renewed: this shell now has other credentials"),
        ),
    ]
}
