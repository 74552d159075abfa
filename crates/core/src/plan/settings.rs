//! What the environment and the command line say, resolved once, before any
//! effect. Every field is filled by the program; nothing here reads anything.

use std::collections::BTreeMap;

use crate::aws::ids::Region;
use crate::aws::service::Service;
use crate::plan::consumer::Consumer;
use crate::plan::origin::Sourced;

/// Settings that decide how credentials are obtained.
#[derive(Clone, Debug, Default)]
pub struct RunSettings {
    /// Whether somebody waits for a prompt meanwhile: AWS is asked once, and
    /// briefly.
    pub hurried: bool,
    /// Who uses the credentials.
    pub consumer: Consumer,
    /// `AWS_STS_DURATION_SECONDS`: the duration of a role whose entry names
    /// none, seconds.
    pub duration: Option<u32>,
    /// `AWS_REGION`, else `AWS_DEFAULT_REGION`: where STS is asked when
    /// neither the profile nor the role names a region. Never exported.
    pub region: Option<Sourced<Region>>,
    /// `AWS_ENDPOINT_URL_STS` and those of other services.
    pub endpoint_urls: BTreeMap<Service, String>,
    /// `AWS_ENDPOINT_URL`.
    pub endpoint_url: Option<String>,
    /// `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS`: `true` leaves out every
    /// configured endpoint, those of the environment too.
    pub ignore_endpoint_urls: Option<bool>,
    /// `AWS_CA_BUNDLE`: path of the certificates that alone are trusted.
    pub ca_bundle: Option<String>,
    /// `SSL_CERT_FILE`: path of the certificates that are trusted in place of
    /// the system's, where no bundle is named.
    pub system_bundle: Option<String>,
    /// Whether `SSL_CERT_DIR` names more of them.
    pub system_bundle_folder: bool,
    /// `AWS_USE_FIPS_ENDPOINT`.
    pub fips: Option<bool>,
    /// `AWS_USE_DUALSTACK_ENDPOINT`.
    pub dual_stack: Option<bool>,
    /// `AWS_MAX_ATTEMPTS`.
    pub max_attempts: Option<u32>,
    /// `AWS_STS_REGIONAL_ENDPOINTS`: `regional` or `legacy`.
    pub sts_regional_endpoints: Option<String>,
    /// The keys that the environment came with, for `credential_source =
    /// Environment`. None where they are those of a role of ours.
    pub environment_keys: Option<EnvironmentKeys>,
    /// Where a container gets its credentials: the variable and its value, of
    /// `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` and `…_FULL_URI`.
    pub container_uri: Option<Sourced<String>>,
    /// The metadata service of an instance.
    pub metadata: MetadataSettings,
    /// `AWS_EC2_METADATA_DISABLED`.
    pub metadata_disabled: bool,
    /// `HTTPS_PROXY` (or lower-case), else `ALL_PROXY`, as written.
    pub https_proxy: Option<Sourced<String>>,
    /// `HTTP_PROXY` (lower-case too), else `ALL_PROXY`, as written.
    pub http_proxy: Option<Sourced<String>>,
    /// `NO_PROXY` (or lower-case).
    pub no_proxy: String,
    /// The name of the person on this machine: the session name of a role
    /// without an MFA device.
    pub user: String,
}

/// What the environment says of the metadata service of an instance, as
/// written: it makes no difference to whoever does not ask there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetadataSettings {
    /// `AWS_EC2_METADATA_SERVICE_ENDPOINT`.
    pub endpoint: Option<String>,
    /// `AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE`: `IPv4` or `IPv6`.
    pub endpoint_mode: Option<String>,
    /// `AWS_IMDS_USE_IPV6`: the older word for that.
    pub use_ipv6: Option<String>,
    /// `AWS_METADATA_SERVICE_NUM_ATTEMPTS`.
    pub attempts: Option<String>,
    /// `AWS_METADATA_SERVICE_TIMEOUT`, seconds.
    pub timeout: Option<String>,
}

/// Keys in the environment; the secret ones stay there until they are needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvironmentKeys {
    /// `AWS_ACCESS_KEY_ID`.
    pub access_key_id: String,
    /// Whether `AWS_SESSION_TOKEN` is set too.
    pub temporary: bool,
}
