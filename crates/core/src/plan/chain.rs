//! From a role or a profile back to the first credentials: who is assumed
//! from whom.

use crate::aws::ids::Region;
use crate::aws_config::{AwsFile, AwsFiles, Profile, SectionSettings, Twice, Value};
use crate::config::Role;
use crate::config::guard;
use crate::diagnostic::suggest::suggested;
use crate::diagnostic::{Error, Kind, Result};
use crate::plan::origin::{Origin, Sourced, at};

use super::hop::Hop;
use super::route::region_of;
use super::source::Source;
use super::{Inputs, Sourcing, StaticKeys, own_process, ways};

/// As many roles may lead to a role: more than anybody waits for, since each is
/// a request, and few enough for a look at each of 100,000 roles.
pub(super) const MOST_BEFORE: usize = 20;

/// The way to a role.
#[derive(Debug)]
pub(super) struct Chain {
    /// The profile that the role of `~/.assumerole` at the beginning names;
    /// else the first credentials' own.
    pub(super) named: String,
    /// The first credentials.
    pub(super) source: Source,
    /// The roles, in the order in which they are assumed.
    pub(super) hops: Vec<Hop>,
}

/// Who asks for a profile, for errors.
#[derive(Clone, Debug)]
pub(super) struct Asking<'a> {
    /// `role x`, `profile y`; `None`: the person.
    pub(super) who: Option<String>,
    /// Where it says so.
    pub(super) at: Origin,
    /// The names of profiles on the way here, to see a loop.
    pub(super) path: Vec<&'a str>,
    /// The profile that a person, or a role of `~/.assumerole`, named: how AWS
    /// is reached is its to say, for all profiles on the way, as in the AWS CLI.
    pub(super) reached_by: Option<&'a Profile<'a>>,
}

/// The way to `role`, over the roles that its `via` names.
///
/// # Errors
/// One of them is not there, or they go round in a circle, or are too many, or
/// the profile at their end is wrong.
pub(super) fn of_role(inputs: Inputs<'_>, role: &Role) -> Result<Chain> {
    check_length(inputs, role)?;
    let mut roles = vec![role.clone()];
    while let Some(via) = roles.last().and_then(|role| role.via.clone()) {
        roles.push(next_role(inputs, &roles, &via.value, via.span)?);
    }
    // The last one has no `via`, so it has a profile.
    let first = &roles[roles.len() - 1];
    let Some(profile_name) = &first.aws_profile else {
        let message = format!("role {} has no aws_profile", first.name.value);
        return Err(Error::new(Kind::Config, message));
    };
    for role in &roles {
        agrees(inputs, role, profile_name.value.as_str(), &first.name.value)?;
    }
    own_process::check_circle(inputs, &roles, &profile_name.value)?;
    let from = Origin::Config(profile_name.span.clone());
    // What is wrong with a profile that all roles take is one thing.
    let of_top = inputs.config.aws_profile();
    let who = match of_top.is_some_and(|top| top.span == profile_name.span) {
        true => format!("the top of {}", inputs.config.path()),
        false => format!("role {}", first.name.value),
    };
    let profile = inputs.aws.profile(&profile_name.value);
    let asking = Asking {
        who: Some(who),
        at: from.clone(),
        path: Vec::new(),
        reached_by: profile.as_ref(),
    };
    let mut chain = of_base(inputs, &profile_name.value, from, &asking)?;
    chain.named.clone_from(&profile_name.value);
    for role in roles.iter().rev() {
        let region = role_region(inputs, role, profile.as_ref())?;
        let hop = Hop::of_role(role, region.as_ref(), inputs.policies)?;
        chain.hops.push(hop);
    }
    Ok(chain)
}

/// Makes sure that the way to `role` ends, or comes back to itself, before it is
/// read: the roles of a file may all be on one way.
///
/// # Errors
/// It leads on.
fn check_length(inputs: Inputs<'_>, role: &Role) -> Result<()> {
    let Some(via) = &role.via else {
        return Ok(());
    };
    let mut way = vec![role.name.value.clone(), via.value.clone()];
    while let Some(next) = way.last().and_then(|last| inputs.config.via_of(last)) {
        if way.contains(&next) {
            break;
        }
        if way.len() > MOST_BEFORE {
            return Err(too_long("via", "role", &role.name.value)
                .at(inputs.config.snippet(via.span.clone()))
                .hint("give one of them an aws_profile in place of \"via\""));
        }
        way.push(next);
    }
    Ok(())
}

fn next_role(
    inputs: Inputs<'_>,
    before: &[Role],
    name: &str,
    span: std::ops::Range<usize>,
) -> Result<Role> {
    let role = &before[before.len() - 1].name.value;
    let fail =
        |kind, message: String| Error::new(kind, message).at(inputs.config.snippet(span.clone()));
    if let Some(from) = before.iter().position(|role| role.name.value == name) {
        return Err(circle_of_roles(inputs, &before[from..]));
    }
    if let Some(found) = inputs.config.role(name)? {
        return Ok(found);
    }
    let error = fail(
        Kind::UnknownName,
        format!("role {role} is assumed via {name}, which does not exist"),
    );
    let names = || inputs.config.role_names();
    Err(match suggested(name, names, 3) {
        near if near.is_empty() => error.hint("name another role of this file in \"via\""),
        near => error.suggest(&near),
    })
}

/// The error of the `what` called `name`, whose `key` leads on and on.
fn too_long(key: &str, what: &str, name: &str) -> Error {
    let message = format!("\"{key}\" of {what} {name} leads through more than {MOST_BEFORE} roles");
    Error::new(Kind::Config, message)
        .because("each of them is a request to AWS, and a session lasts an hour at most")
}

/// The error of `roles`, each of which comes by the next, and the last by the
/// first: the same one for each of them, and for whoever comes by one, with the
/// one first that the file has first.
fn circle_of_roles(inputs: Inputs<'_>, roles: &[Role]) -> Error {
    let place = |role: &Role| role.name.span.start;
    let first = (0..roles.len()).min_by_key(|at| place(&roles[*at]));
    let (before, from) = roles.split_at(first.unwrap_or(0));
    let way: Vec<&Role> = from.iter().chain(before).chain(from.first()).collect();
    let names: Vec<&str> = way.iter().map(|role| role.name.value.as_str()).collect();
    let message = format!(
        "\"via\" of role {} forms a cycle: {}",
        names.first().unwrap_or(&""),
        names.join(" → ")
    );
    let via = way.first().and_then(|role| role.via.as_ref());
    Error::new(Kind::Config, message)
        .maybe_at(via.map(|via| inputs.config.snippet(via.span.clone())))
        .hint("take \"via\" out of one of them and give it an aws_profile")
}

/// A role with `via` may repeat the profile, and may not contradict it.
fn agrees(inputs: Inputs<'_>, role: &Role, profile: &str, first: &str) -> Result<()> {
    match (&role.aws_profile, &role.via) {
        (Some(own), Some(via)) if own.value != profile => {
            let message = format!(
                "role {} sets the profile {}, but is assumed via {}, which uses profile {profile}",
                role.name.value, own.value, via.value
            );
            Err(Error::new(Kind::Config, message)
                .at(inputs.config.snippet(own.span.clone()))
                .because(format!("the keys of role {first} are used"))
                .hint("remove aws_profile or via"))
        }
        _ => Ok(()),
    }
}

/// The role's region, the file's default, the profile's; else none.
pub(super) fn role_region(
    inputs: Inputs<'_>,
    role: &Role,
    profile: Option<&Profile<'_>>,
) -> Result<Option<Sourced<Region>>> {
    let said = role.aws_region.as_ref().or(inputs.config.aws_region());
    match (said, profile) {
        (Some(region), _) => Ok(Some(Sourced::of(region))),
        (None, Some(profile)) => region_of(profile),
        (None, None) => Ok(None),
    }
}

/// The way to the profile `name` that a person named: its role wins over keys
/// that stand beside it.
pub(super) fn of_profile(inputs: Inputs<'_>, name: &str) -> Result<Chain> {
    let mut asking = Asking {
        who: None,
        at: Origin::Default,
        path: Vec::new(),
        reached_by: None,
    };
    let profile = find(inputs, name, &asking)?;
    asking.reached_by = Some(&profile);
    match role_of(&profile)? {
        Some(arn) => over(inputs, &profile, &arn, &asking),
        None => first(inputs, &profile, Origin::Default, &asking),
    }
}

/// The way to the credentials of profile `name`, which somebody else uses:
/// its own keys win over its role, as in the AWS CLI.
fn of_base(inputs: Inputs<'_>, name: &str, from: Origin, asking: &Asking<'_>) -> Result<Chain> {
    let profile = find(inputs, name, asking)?;
    if StaticKeys::are_meant(&profile) {
        return first(inputs, &profile, from, asking);
    }
    match role_of(&profile)? {
        Some(arn) => over(inputs, &profile, &arn, asking),
        None => first(inputs, &profile, from, asking),
    }
}

/// `role_arn`, if the role is assumed from somebody and not by a web identity.
///
/// # Errors
/// It is empty.
fn role_of<'a>(profile: &Profile<'a>) -> Result<Option<Value<'a>>> {
    match profile.property("web_identity_token_file") {
        Some(_) => Ok(None),
        None => ways::said(profile, profile.property("role_arn")),
    }
}

fn first(
    inputs: Inputs<'_>,
    profile: &Profile<'_>,
    from: Origin,
    asking: &Asking<'_>,
) -> Result<Chain> {
    let sourcing = Sourcing {
        inputs,
        profile,
        reached_by: asking.reached_by.unwrap_or(profile),
        named_by: from,
    };
    Ok(Chain {
        named: profile.name().to_owned(),
        source: sourcing.own(asking)?,
        hops: Vec::new(),
    })
}

/// The role of `profile`, and the way to whom it is assumed from.
fn over(
    inputs: Inputs<'_>,
    profile: &Profile<'_>,
    arn: &Value<'_>,
    asking: &Asking<'_>,
) -> Result<Chain> {
    let name = profile.name();
    let hop = Hop::of_profile(profile, arn)?;
    let source = ways::said(profile, profile.property("source_profile"))?;
    let machine = ways::said(profile, profile.property("credential_source"))?;
    let mut chain = match (source, machine) {
        (Some(source), Some(machine)) => {
            let message = format!("profile {name} has both source_profile and credential_source");
            return Err(Error::new(Kind::Config, message)
                .at(machine.snippet())
                .because(format!("source_profile is at {}", source.snippet().place()))
                .hint("remove one of the two"));
        }
        (None, None) => {
            let message =
                format!("profile {name} has role_arn, but no credentials to assume it with");
            return Err(Error::new(Kind::Config, message).at(arn.snippet()).lacking().hint(
                "add source_profile = NAME, credential_source = Environment, Ec2InstanceMetadata or EcsContainer, or web_identity_token_file = PATH",
            ));
        }
        (None, Some(machine)) => Chain {
            named: name.to_owned(),
            source: Sourcing {
                inputs,
                profile,
                reached_by: asking.reached_by.unwrap_or(profile),
                named_by: at(&machine),
            }
            .of_machine(&machine)?,
            hops: Vec::new(),
        },
        (Some(source), None) => {
            let next = source.text().trim();
            let itself = next == name;
            let mut path = asking.path.clone();
            path.push(name);
            if path.contains(&next) && !itself {
                return Err(circle(inputs, &path, next, &source));
            }
            if path.len() > MOST_BEFORE + 1 {
                return Err(profiles_too_long(inputs, &path, &source));
            }
            let asking = Asking {
                who: Some(format!("profile {name}")),
                at: at(&source),
                path,
                reached_by: asking.reached_by,
            };
            if itself && !StaticKeys::are_meant(profile) {
                return Err(circle(inputs, &asking.path, next, &source));
            }
            of_base(inputs, next, at(&source), &asking)?
        }
    };
    chain.hops.push(hop);
    Ok(chain)
}

/// As for roles, of the profiles of `path`, the last of which has `source`.
fn profiles_too_long(inputs: Inputs<'_>, path: &[&str], source: &Value<'_>) -> Error {
    let profile = path.first().and_then(|name| inputs.aws.profile(name));
    let first = profile.and_then(|profile| profile.get("source_profile"));
    too_long("source_profile", "profile", path.first().unwrap_or(&""))
        .at(first.as_ref().unwrap_or(source).snippet())
        .hint("name a profile with credentials of its own in one of them")
}

/// As [`circle_of_roles`], of the profiles of `path`, the last of which names
/// `next`, which is one of them, at `source`.
fn circle(inputs: Inputs<'_>, path: &[&str], next: &str, source: &Value<'_>) -> Error {
    let from = path.iter().position(|name| *name == next).unwrap_or(0);
    let circle = path.get(from..).unwrap_or(path);
    let place = |name: &str| {
        let profile = inputs.aws.profile(name)?;
        profile.sections().next().map(|section| section.line())
    };
    let first = (0..circle.len()).min_by_key(|at| (place(circle[*at]), circle[*at]));
    let (before, from) = circle.split_at(first.unwrap_or(0));
    let way: Vec<&str> = from
        .iter()
        .chain(before)
        .chain(from.first())
        .copied()
        .collect();
    let profile = way.first().and_then(|name| inputs.aws.profile(name));
    let first = profile.and_then(|profile| profile.get("source_profile"));
    let source = first.as_ref().unwrap_or(source);
    let message = format!("source_profile forms a cycle: {}", way.join(" → "));
    Error::new(Kind::Config, message)
        .at(source.snippet())
        .hint("name a profile with credentials of its own in one of them")
}

fn find<'a>(inputs: Inputs<'a>, name: &str, asking: &Asking<'_>) -> Result<Profile<'a>> {
    let files = inputs.aws;
    if let Some(profile) = files.profile(name) {
        return once(profile, "profile");
    }
    let message = match &asking.who {
        Some(who) => format!("{who} uses profile {name}, which does not exist"),
        None => format!("there is no profile {name}"),
    };
    let error = Error::new(Kind::UnknownName, message)
        .lacking()
        .maybe_at(asking.at.snippet(inputs.config, files))
        .because(looked_in(files));
    let near = suggested(name, || files.profile_names(), 3);
    let error = error.suggest(&near);
    Err(error.hint(format!("create it: aws configure --profile {name}")))
}

/// Keys of `~/.aws` that narrow or guard a session, or say whose it is.
const DECIDING: [&str; 11] = [
    "credential_process",
    "credential_source",
    "duration_seconds",
    "external_id",
    "mfa_serial",
    "role_arn",
    "role_session_name",
    "source_profile",
    "sso_account_id",
    "sso_role_name",
    "web_identity_token_file",
];

fn decides(key: &str) -> bool {
    DECIDING.contains(&key) || guard::meant(key, &["external_id", "duration_seconds"]).is_some()
}

/// `settings`, a `what` of `~/.aws`, if nothing in it stands twice: of two
/// external IDs, or two roles, nobody can tell which one is meant. Nor may a
/// line be left out that would have narrowed the session.
///
/// # Errors
/// [`Kind::Config`]: something does, or such a line is.
pub(super) fn once<'a>(settings: SectionSettings<'a>, what: &str) -> Result<SectionSettings<'a>> {
    // Many headers stand twice in any case.
    let left_out = || settings.left_out(decides);
    if let Some((key, at)) = (!settings.is_crowd()).then(left_out).flatten() {
        let message = format!(
            "{what} {} has a line that begins with {key} and cannot be read",
            settings.name()
        );
        return Err(Error::new(Kind::Config, message)
            .at(at)
            .because("without it the session may be another one than is meant, and the AWS CLI refuses the file")
            .hint(format!("write {key} = VALUE in a line that is not indented, or remove it")));
    }
    let Some(Twice { key, first, second }) = settings.twice() else {
        return Ok(settings);
    };
    let (name, file) = (settings.name(), second.path.clone());
    let message = match key {
        Some(key) => format!("{what} {name} has {key} twice in {file}"),
        None => format!("{what} {name} stands twice in {file}"),
    };
    Err(Error::new(Kind::Config, message)
        .at(second)
        .because(format!("the first is at {}", first.place()))
        .because("it is unclear which of the two is meant, and the AWS CLI refuses the file")
        .hint("remove one of the two"))
}

/// Which files there are: one that a variable names may not be there.
pub(super) fn looked_in(files: &AwsFiles) -> String {
    let read: Vec<&str> = files.files().map(AwsFile::path).collect();
    match read.as_slice() {
        [] => "neither ~/.aws/credentials nor ~/.aws/config could be found".to_owned(),
        read => format!("looked in {}", read.join(" and ")),
    }
}
