//! The token for a cluster of EKS: a signed request to STS, which the cluster
//! sends to learn who has signed it.
//!
//! <https://github.com/kubernetes-sigs/aws-iam-authenticator#api-authorization-from-outside-a-cluster>

use std::time::Duration;

use assumerole_core::{Credentials, Result};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};

use super::Presigned;
use crate::connection::Connection;
use crate::endpoint;

/// Says which token it is.
const PREFIX: &str = "k8s-aws-v1.";

/// As the AWS CLI has it; a cluster takes the token for 15 minutes whatever this
/// says.
const LASTS: Duration = Duration::from_secs(60);

/// The header that binds a token to one cluster.
const CLUSTER: &str = "x-k8s-aws-id";

/// A token for `cluster`, signed with `keys` at `now`, that lets STS of
/// `connection` be asked who has them.
///
/// # Errors
/// The keys are none of AWS's.
pub fn eks_token(
    connection: &Connection,
    keys: &Credentials,
    now: Timestamp,
    cluster: &str,
) -> Result<SecretString> {
    let (url, region) = endpoint::of(connection);
    let presigned = Presigned {
        service: "sts",
        region: &region,
        url: format!("{url}/?Action=GetCallerIdentity&Version=2011-06-15"),
        headers: &[(CLUSTER, cluster)],
        lasts: LASTS,
    };
    let url = presigned.url(keys, now)?;
    let encoded = BASE64_URL_SAFE_NO_PAD.encode(url.expose_secret());
    Ok(format!("{PREFIX}{encoded}").into())
}
