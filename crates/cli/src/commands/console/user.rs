//! The console with the keys of an IAM user: by GetFederationToken, which grants
//! what the user may and a policy allows, and takes no MFA code.

use assumerole_aws::Asked;
use assumerole_aws::sts::{FederationToken, get_federation_token};
use assumerole_core::Credentials;
use assumerole_core::aws::ids::{Partition, PolicyArn, Region};
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::plan::{Plan, SourceKind, Target};
use assumerole_core::{Error, Kind, Result};
use assumerole_session::{aws_clock, connect, sources};

use super::asked::Args;
use crate::app::App;
use crate::commands::assume::context;

/// Seconds that AWS grants by default.
const SECONDS: u32 = 43_200;

/// Characters of the session's name.
const LONGEST_NAME: usize = 32;

/// Whether the plan gives the long-term keys of a user.
pub(super) fn is_user(plan: &Plan) -> bool {
    match &plan.source.kind {
        SourceKind::Keys { token_from, .. } => token_from.is_none(),
        SourceKind::Environment { temporary, .. } => !temporary,
        _ => false,
    }
}

/// Refuses a user with an MFA device: policies that ask for a code would refuse
/// the session everything.
///
/// # Errors
/// The files name a device.
pub(super) fn refuse_mfa(app: &App<'_>, plan: &Plan) -> Result<()> {
    let profile = &plan.source.profile.value;
    let files = app.aws_files()?;
    let serial = files.profile(profile);
    let has_serial = serial.is_some_and(|profile| profile.get("mfa_serial").is_some());
    let has_device = plan.steps.iter().any(|step| step.device().is_some());
    if !has_serial && !has_device {
        return Ok(());
    }
    Err(Error::new(
        Kind::Usage,
        format!(
            "the user of {} has an MFA device, and cannot be signed in by keys",
            one_line(&plan.name)
        ),
    )
    .because("GetFederationToken takes no MFA code: what asks for one would be refused")
    .hint("open the console in a role that is assumed with the code: assumerole console ROLE")
    .hint("see all roles: assumerole list"))
}

/// Credentials for the browser, and whose they are; says what they may do.
///
/// # Errors
/// AWS said no, or the keys are temporary.
pub(super) fn federate(
    app: &App<'_>,
    args: &Args,
    target: &Target,
    plan: &Plan,
    partition: &Partition,
    region: Region,
) -> Result<(Credentials, String)> {
    let name = target.name();
    let policies = policies(args, partition)?;
    app.printer.note(&format!(
        "{} has the keys of a user: the console may do what {}",
        one_line(name),
        said(args, &policies)
    ));
    // The keys themselves: AWS takes no session of theirs.
    let context = context(app, None)?;
    let keys = sources::written_keys(&context, &plan.source).ok_or_else(|| {
        let message = format!("the keys of {} are not written down", one_line(name));
        Error::new(Kind::Usage, message)
    })??;
    let route = plan.route_to_sts(app.aws_files()?, &app.settings, region)?;
    let connection = connect(&route, &app.settings, app.host)?;
    let session = session_name(&app.settings.user);
    let wanted = FederationToken {
        name: &session,
        duration: args.duration.unwrap_or(SECONDS),
        policies: &policies,
    };
    let asked = Asked {
        profile: plan.source.profile.value.clone(),
        region: route.region.value.to_string(),
        ..Asked::default()
    };
    let now = aws_clock(app.host);
    let granted = get_federation_token(&connection, &keys, &now, &wanted)
        .map_err(|error| error.explain(&asked))?;
    let whose = format!("{} federated-user/{session}", keys.access_key_id);
    Ok((granted.credentials, whose))
}

fn policies(args: &Args, partition: &Partition) -> Result<Vec<PolicyArn>> {
    if !args.policy_arns.is_empty() {
        return Ok(args.policy_arns.clone());
    }
    let name = match (args.full, args.read_only) {
        (true, _) => "AdministratorAccess",
        (_, true) => "ReadOnlyAccess",
        _ => "job-function/ViewOnlyAccess",
    };
    let arn = format!("arn:{partition}:iam::aws:policy/{name}");
    let arn: PolicyArn = arn
        .parse()
        .map_err(|why| Error::new(Kind::Failed, format!("{arn} is not a policy")).because(why))?;
    Ok(vec![arn])
}

fn said(args: &Args, policies: &[PolicyArn]) -> String {
    if args.full {
        return "the user may".to_owned();
    }
    let names: Vec<&str> = policies
        .iter()
        .map(|arn| arn.as_str().rsplit('/').next().unwrap_or_default())
        .collect();
    let chosen = args.read_only || args.view_only || !args.policy_arns.is_empty();
    let more = match !chosen {
        true => " (all that the user may: --full)",
        false => "",
    };
    format!("the user may and {} allows{more}", names.join(", "))
}

/// `user` in the characters that AWS takes.
fn session_name(user: &str) -> String {
    let fits = |c: &char| c.is_ascii_alphanumeric() || "_=,.@-".contains(*c);
    let name: String = user.chars().filter(fits).take(LONGEST_NAME).collect();
    match name.len() {
        0 | 1 => "assumerole".to_owned(),
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_characters_that_aws_takes() {
        for (user, name) in [
            ("jdoe", "jdoe"),
            ("J. Döe", "J.De"),
            ("", "assumerole"),
            ("é", "assumerole"),
            (&"a".repeat(40), &"a".repeat(32)),
        ] {
            assert_eq!(session_name(user), name);
        }
    }
}
