//! What the command line asks of a session, held against what AWS's call can
//! carry: what would be dropped on the way is refused, before anybody is
//! asked for anything. A session that is wider, other or longer than the
//! flags say is none that was asked for.

use crate::aws::ids::{Partition, PolicyArn, SessionTag};
use crate::diagnostic::{Error, Kind, Result};
use crate::plan::origin::{Origin, Sourced};
use crate::plan::request::{Policies, Request};
use crate::shell::command_line::argument;

use super::hop::Hop;
use super::source::{ManagedAccess, Source, SourceKind, WebIdentity};
use super::steps::CHAINED;
use super::{Call, Inputs, Step};

const DURATION: &str = "--duration";

/// The flags of `request` that say what the session shall be, by their names.
/// `--region` is none of them: it says what is exported beside it.
fn asked(request: &Request) -> Vec<&'static str> {
    // Without `..`: a new flag does not compile until it is weighed.
    let Request {
        duration,
        session_name,
        tags,
        policies,
        region: _,
    } = request;
    let policies = match policies {
        Policies::OfTheFile => None,
        Policies::Managed(_) => Some("--policy-arn"),
        Policies::ReadOnly => Some("--read-only"),
        Policies::ViewOnly => Some("--view-only"),
    };
    let others = [
        (!tags.is_empty()).then_some("--tag"),
        duration.is_some().then_some(DURATION),
        session_name.is_some().then_some("--session-name"),
    ];
    policies
        .into_iter()
        .chain(others.into_iter().flatten())
        .collect()
}

/// Refuses the flags that the last call of a plan cannot carry. `steps` are
/// what is made of `source`; `name` is that of the plan.
///
/// # Errors
/// [`Kind::Usage`]: there are such flags.
pub(super) fn check(inputs: Inputs<'_>, name: &str, source: &Source, steps: &[Step]) -> Result<()> {
    let can = can(source, steps);
    let mut flags = asked(inputs.request);
    flags.retain(|flag| !can.flags.contains(flag));
    if flags.is_empty() {
        return Ok(());
    }
    let message = format!("profile {name} cannot be used with {}", flags.join(" and "));
    let profile = &source.profile.value;
    let error = Error::new(Kind::Usage, message)
        .maybe_at(place(source).snippet(inputs.config, inputs.aws))
        .because(can.why);
    let error = match (flags.contains(&DURATION), can.length) {
        (true, Some(length)) => error.hint(length),
        _ => error,
    };
    Err(error
        .hint(format!(
            "use a role that is assumed from it, which takes all of them: assumerole add --profile {profile}"
        ))
        .hint(format!(
            "write one in ~/.aws/config: role_arn = ARN, source_profile = {profile}"
        )))
}

/// What a call can carry.
struct Can {
    /// These flags.
    flags: &'static [&'static str],
    /// Why no others.
    why: &'static str,
    /// Who decides how long the session lasts, where no flag can.
    length: Option<&'static str>,
}

fn can(source: &Source, steps: &[Step]) -> Can {
    const ALL: &[&str] = &[
        "--policy-arn",
        "--read-only",
        "--view-only",
        "--tag",
        DURATION,
        "--session-name",
    ];
    let none = |why, length| Can {
        flags: &[],
        why,
        length,
    };
    let last = steps.last().map(|step| &step.call);
    match (last, &source.kind) {
        (Some(Call::Assume(_)), _) => Can {
            flags: ALL,
            why: "",
            length: None,
        },
        // Whether there is a GetSessionToken at all is only seen when the
        // process has run.
        (_, SourceKind::Process { .. }) => none(
            "what its credential_process prints cannot be narrowed, named or shortened",
            Some("the program of credential_process decides how long they last"),
        ),
        (Some(Call::Session(_)), _) => Can {
            flags: &[DURATION],
            why: "it has a user's access keys, and GetSessionToken takes nothing but a duration",
            length: None,
        },
        (None, SourceKind::WebIdentity(_)) => Can {
            flags: &[
                "--policy-arn",
                "--read-only",
                "--view-only",
                DURATION,
                "--session-name",
            ],
            why: "AssumeRoleWithWebIdentity takes no tags: those of the session stand in the token",
            length: None,
        },
        (None, SourceKind::Sso(sso)) if sso.access.is_some() => Can {
            flags: &[DURATION, "--session-name"],
            why: "account access manager gives the whole role, and takes nothing but a duration and a name",
            length: None,
        },
        (None, SourceKind::Sso(_)) => none(
            "IAM Identity Center gives the whole permission set, and takes nothing that narrows or names the session",
            Some("the permission set decides how long its sessions last"),
        ),
        (None, SourceKind::Login(_)) => none(
            "its credentials are those of `aws login`, which takes nothing that narrows or names them",
            Some(
                "whoever signs in gets credentials of 15 minutes, renewed as long as the login lasts",
            ),
        ),
        (
            None,
            SourceKind::Keys { .. } | SourceKind::Stored { .. } | SourceKind::Environment { .. },
        ) => none(
            "its keys are temporary, and handed over as they are",
            Some("whoever issued the keys decided how long they last"),
        ),
        (None, SourceKind::Container { .. } | SourceKind::Instance { .. }) => none(
            "the machine's role is handed over as it is",
            Some("AWS decides how long the credentials of a machine last"),
        ),
    }
}

/// Refuses `--duration` for role `name` where STS gives less: a default of a
/// file gives way there, a demand is met or refused. `source` says what kind
/// of credentials the role is assumed with.
///
/// # Errors
/// [`Kind::Usage`]: the flag asks for more than that.
pub(super) fn length(name: &str, duration: &Sourced<u32>, source: &str) -> Result<()> {
    if !matches!(duration.from, Origin::Flag(_)) || duration.value <= CHAINED {
        return Ok(());
    }
    let message = format!(
        "role {name} cannot last {} s, as {DURATION} asks",
        duration.value
    );
    Err(Error::new(Kind::Usage, message)
        .because(format!(
            "it is assumed with {source}, and STS gives an hour at most from temporary credentials"
        ))
        .hint(format!(
            "ask for an hour at most: assumerole {DURATION} 1h {}",
            argument(name)
        ))
        .hint("assume it with a user's access keys: only such a role can last longer"))
}

/// What makes the source what it is.
fn place(source: &Source) -> &Origin {
    match &source.kind {
        SourceKind::Keys { access_key_id, .. } | SourceKind::Stored { access_key_id, .. } => {
            &access_key_id.from
        }
        SourceKind::Process { command } => &command.from,
        SourceKind::Sso(sso) => &sso.role.from,
        SourceKind::WebIdentity(web) => &web.arn.from,
        SourceKind::Login(login) => &login.session.from,
        SourceKind::Environment { from, .. }
        | SourceKind::Container { from, .. }
        | SourceKind::Instance { from, .. } => from,
    }
}

/// Puts into `web`, whose session is what comes out at the end, what the
/// command line says; [`check`] has refused what it cannot carry. `seconds` is
/// `AWS_STS_DURATION_SECONDS`, for a profile that names no duration.
pub(super) fn into_web_identity(web: &mut WebIdentity, request: &Request, seconds: Option<u32>) {
    if let Some(name) = &request.session_name {
        web.session_name = Sourced::new(name.clone(), Origin::Flag("--session-name"));
    }
    if let Some(seconds) = request.duration {
        web.duration = Sourced::new(seconds, Origin::Flag(DURATION));
    } else if let Some(seconds) = seconds.filter(|_| web.duration.from == Origin::Default) {
        web.duration = Sourced::new(seconds, Origin::Variable("AWS_STS_DURATION_SECONDS"));
    }
    web.policy_arns =
        of_flags(request, &web.arn.value.partition).unwrap_or_else(|| Sourced::default(Vec::new()));
}

/// Puts into `access`, whose session is what comes out at the end, what the command
/// line says. `seconds` is `AWS_STS_DURATION_SECONDS`.
pub(super) fn into_access(access: &mut ManagedAccess, request: &Request, seconds: Option<u32>) {
    if let Some(name) = &request.session_name {
        access.session_name = Some(Sourced::new(name.clone(), Origin::Flag("--session-name")));
    }
    if let Some(seconds) = request.duration {
        access.duration = Some(Sourced::new(seconds, Origin::Flag(DURATION)));
    } else if let (Some(seconds), None) = (seconds, &access.duration) {
        let from = Origin::Variable("AWS_STS_DURATION_SECONDS");
        access.duration = Some(Sourced::new(seconds, from));
    }
}

/// The policies that the command line names for a role of `partition`, sorted,
/// each once; `None` if it names none.
fn of_flags(request: &Request, partition: &Partition) -> Option<Sourced<Vec<PolicyArn>>> {
    match &request.policies {
        Policies::OfTheFile => None,
        Policies::Managed(arns) => Some(unique(Sourced::new(
            arns.clone(),
            Origin::Flag("--policy-arn"),
        ))),
        Policies::ReadOnly => Some(Sourced::new(
            vec![PolicyArn::read_only(partition)],
            Origin::Flag("--read-only"),
        )),
        Policies::ViewOnly => Some(Sourced::new(
            vec![PolicyArn::view_only(partition)],
            Origin::Flag("--view-only"),
        )),
    }
}

/// The managed policies of the last role: those of the command line, else of
/// the file.
///
/// AWS adds up what the session policies of a request allow, and cannot
/// intersect them: beside what the file narrows the role to, or in its place,
/// one more could only widen the session. A `Deny` of the file would be lost.
///
/// # Errors
/// [`Kind::Usage`]: the file narrows the role, and the flags say otherwise.
pub(super) fn policy_arns(inputs: Inputs<'_>, hop: &Hop) -> Result<Sourced<Vec<PolicyArn>>> {
    let own = unique(hop.policy_arns.clone());
    let Some(flags) = of_flags(inputs.request, &hop.arn.value.partition) else {
        return Ok(own);
    };
    let (key, from) = match (&hop.policy, own.value.is_empty()) {
        (Some(policy), _) => ("policy", &policy.from),
        (None, true) => return Ok(flags),
        // That is what the session is in any case.
        (None, false) if own.value == flags.value => return Ok(flags),
        (None, false) => ("policy_arns", &own.from),
    };
    let flag = asked(inputs.request)[0];
    let message = format!(
        "{flag} cannot be used with role {}, whose {key} narrows it already",
        hop.name
    );
    Err(Error::new(Kind::Usage, message)
        .maybe_at(from.snippet(inputs.config, inputs.aws))
        .because(
            "AWS adds up what the policies of a session allow: another one could only widen it",
        )
        .hint(format!(
            "leave {flag} out: assumerole {}",
            argument(&hop.name)
        ))
        .hint(format!(
            "write an entry of its own for it: the same role without {key}"
        )))
}

/// The role's tags with those of the command line.
///
/// # Errors
/// [`Kind::Usage`]: the file gives a tag another value. Policies grant by the
/// values of tags, so that another one is another session.
pub(super) fn tags(inputs: Inputs<'_>, hop: &Hop) -> Result<Sourced<Vec<SessionTag>>> {
    let asked = &inputs.request.tags;
    if asked.is_empty() {
        return Ok(hop.tags.clone());
    }
    let mut tags = hop.tags.value.clone();
    for (key, value) in asked {
        match tags.iter().find(|tag| tag.key.same(key.as_str())) {
            Some(own) if own.value == *value => {}
            Some(own) => {
                let message = format!(
                    "--tag {key} cannot be used with role {}, which has that session tag already",
                    hop.name
                );
                return Err(Error::new(Kind::Usage, message)
                    .maybe_at(hop.tags.from.snippet(inputs.config, inputs.aws))
                    .because(format!(
                        "it is {:?} there, and what a role may do can depend on it",
                        own.value.as_str()
                    ))
                    .hint(format!("leave it out: assumerole {}", argument(&hop.name)))
                    .hint("change it in session_tags of the role"));
            }
            None => tags.push(SessionTag {
                key: key.clone(),
                value: value.clone(),
                transitive: false,
            }),
        }
    }
    Ok(Sourced::new(tags, Origin::Flag("--tag")))
}

pub(super) fn unique(mut arns: Sourced<Vec<PolicyArn>>) -> Sourced<Vec<PolicyArn>> {
    arns.value.sort();
    arns.value.dedup();
    arns
}
