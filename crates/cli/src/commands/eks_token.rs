//! `eks-token ROLE CLUSTER`: what kubectl asks for by `exec` of a kubeconfig.
//!
//! <https://kubernetes.io/docs/reference/config-api/client-authentication.v1/>

use assumerole_aws::presigned::eks_token;
use assumerole_core::aws::ids::{Partition, Region};
use assumerole_core::aws::service::Service;
use assumerole_core::plan::Plan;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::env::names;
use assumerole_session::connect;
use assumerole_session::history::Way;
use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};

use super::assume::assume;
use super::credential_process::for_token;
use super::own::Command;
use super::previous;
use crate::app::App;
use crate::options::Obtain;
use crate::outcome::Outcome;

const COMMAND: Command = Command {
    name: "eks-token",
    usage: "assumerole eks-token [OPTIONS] <ROLE> <CLUSTER>",
};

/// Print a token for a cluster of EKS, for kubectl
#[derive(Debug, clap::Args)]
#[command(override_usage = COMMAND.usage, after_help = AFTER_HELP)]
pub(crate) struct Args {
    #[command(flatten)]
    obtain: Obtain,

    /// The role; - for the previous one
    role: Option<String>,

    /// The cluster's name
    cluster: Option<String>,
}

const AFTER_HELP: &str = "\
In the kubeconfig:
  users:
  - name: acme
    user:
      exec:
        apiVersion: client.authentication.k8s.io/v1
        interactiveMode: IfAvailable
        command: assumerole
        args: [eks-token, acme-read, CLUSTER]

Prints one JSON object, of the version that KUBERNETES_EXEC_INFO asks for. The
token lasts 14 minutes, and is made without contacting the cluster.";

/// The versions that are spoken; the first one is for whoever asks for none, as
/// with the AWS CLI.
const VERSIONS: [&str; 2] = [
    "client.authentication.k8s.io/v1beta1",
    "client.authentication.k8s.io/v1",
];

/// In which kubectl says what it asks for.
const INFO: &str = names::KUBERNETES_EXEC_INFO;

/// A cluster takes a token for 15 minutes; one less, so that none comes too late.
const LASTS: SignedDuration = SignedDuration::from_mins(14);

/// What kubectl says.
#[derive(Deserialize)]
struct ExecInfo {
    #[serde(rename = "apiVersion")]
    api_version: String,
}

/// What it reads.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExecCredential<'a> {
    kind: &'a str,
    api_version: &'a str,
    spec: NoSpec,
    status: Status<'a>,
}

#[derive(Serialize)]
struct NoSpec {}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Status<'a> {
    expiration_timestamp: String,
    token: &'a str,
}

pub(crate) fn run(app: &mut App<'_>, mut args: Args) -> Result<Outcome> {
    let (role, cluster) = match (args.role.take(), args.cluster.take()) {
        (Some(role), Some(cluster)) => (role, cluster),
        (None, _) => return Err(COMMAND.incomplete(app, "ROLE")),
        (Some(_), None) => return Err(COMMAND.incomplete(app, "CLUSTER")),
    };
    // Before anybody is asked for anything.
    let version = version(app.host.env.text_or_error(INFO)?)?;
    is_cluster(&cluster)?;
    for_token(app);
    let mut name = role.clone();
    previous::stand_in(app, &mut name, &mut args.obtain.session)?;
    let way = Way::Token(COMMAND.name);
    let assumed = assume(app, &name, Some(&role), None, &args.obtain, way)?;
    let plan = &assumed.plan;
    let route = plan.route_to(Service::Sts, app.aws_files()?, &app.settings, region(plan))?;
    let connection = connect(&route, &app.settings, app.host)?;
    let now = app.host.clock.now();
    let token = eks_token(&connection, &assumed.credentials, now, &cluster)?;
    let ends = now.checked_add(LASTS).unwrap_or(now);
    let ends = assumed.ends.map_or(ends, |own| own.min(ends));
    let credential = ExecCredential {
        kind: "ExecCredential",
        api_version: version,
        spec: NoSpec {},
        status: Status {
            expiration_timestamp: seconds(ends),
            token: token.expose_secret(),
        },
    };
    app.json(&credential)
}

/// A time as Kubernetes has it, in whole seconds.
fn seconds(time: Timestamp) -> String {
    Timestamp::from_second(time.as_second())
        .unwrap_or(time)
        .to_string()
}

/// Where STS is asked: in the role's region, as the cluster is, as a rule. Any
/// region of the partition does.
fn region(plan: &Plan) -> Region {
    let partition = || plan.partition().unwrap_or_else(Partition::aws);
    let region = plan.region.value.clone();
    region.unwrap_or_else(|| partition().default_region())
}

/// The version that the text in `INFO` asks for.
///
/// # Errors
/// It is none that there is.
fn version(info: Option<&str>) -> Result<&'static str> {
    let Some(info) = info else {
        return Ok(VERSIONS[0]);
    };
    let refused = |what: String| {
        Error::new(Kind::Usage, what).hint(format!(
            "write into the kubeconfig: apiVersion: {}",
            VERSIONS[1]
        ))
    };
    let asked: ExecInfo = serde_json::from_str(info)
        .map_err(|_| refused(format!("{INFO} does not say which apiVersion is wanted")))?;
    let known = VERSIONS.iter().find(|known| **known == asked.api_version);
    known.copied().ok_or_else(|| {
        let asked = asked.api_version;
        refused(format!(
            "{INFO} asks for {asked:?}, and there is only {}",
            VERSIONS.join(" and ")
        ))
    })
}

/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html>
fn is_cluster(name: &str) -> Result<()> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    let starts = name.starts_with(|c: char| c.is_ascii_alphanumeric());
    match starts && name.len() <= 100 && name.bytes().all(fits) {
        true => Ok(()),
        false => Err(Error::new(
            Kind::Usage,
            format!("{name:?} is not the name of a cluster"),
        )
        .hint("see the names: aws eks list-clusters")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        let info = |version: &str| {
            format!("{{\"apiVersion\": {version:?}, \"kind\": \"ExecCredential\"}}")
        };
        assert_eq!(version(None).unwrap(), VERSIONS[0]);
        for known in VERSIONS {
            assert_eq!(version(Some(&info(known))).unwrap(), known);
        }
        for wrong in ["client.authentication.k8s.io/v1alpha1", "v1", ""] {
            assert!(version(Some(&info(wrong))).is_err(), "{wrong}");
        }
        for garbage in ["", "{}", "[]", "x"] {
            assert!(version(Some(garbage)).is_err(), "{garbage}");
        }
    }

    #[test]
    fn names_of_clusters() {
        for name in ["a", "acme-1_x", "0"] {
            assert!(is_cluster(name).is_ok(), "{name}");
        }
        for name in ["", "-a", "a b", "a\n", "é", &"a".repeat(101)] {
            assert!(is_cluster(name).is_err(), "{name}");
        }
    }
}
