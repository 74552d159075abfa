//! What the environment and the command line say, resolved once, before any
//! effect. Every field is filled by the program; nothing here reads anything.

use crate::ids::Region;

/// Settings that decide how credentials are obtained.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// `AWS_STS_DURATION_SECONDS`: the duration of a role whose entry names
    /// none, seconds.
    pub duration: Option<u32>,
    /// `AWS_REGION`, else `AWS_DEFAULT_REGION`: where STS is asked when
    /// neither the profile nor the role names a region. Never exported.
    pub region: Option<Region>,
    /// `AWS_ENDPOINT_URL_STS`.
    pub endpoint_url_sts: Option<String>,
    /// `AWS_ENDPOINT_URL`.
    pub endpoint_url: Option<String>,
    /// `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS`: `true` leaves out every
    /// configured end point, those of the environment too.
    pub ignore_endpoint_urls: Option<bool>,
    /// `AWS_CA_BUNDLE`: path of the certificates that alone are trusted.
    pub ca_bundle: Option<String>,
    /// `AWS_USE_FIPS_ENDPOINT`.
    pub fips: Option<bool>,
    /// `AWS_USE_DUALSTACK_ENDPOINT`.
    pub dual_stack: Option<bool>,
    /// `AWS_MAX_ATTEMPTS`.
    pub max_attempts: Option<u32>,
    /// `HTTPS_PROXY` (or lower-case), else `ALL_PROXY`.
    pub https_proxy: Option<String>,
    /// `HTTP_PROXY` (lower-case too), else `ALL_PROXY`.
    pub http_proxy: Option<String>,
    /// `NO_PROXY` (or lower-case).
    pub no_proxy: String,
    /// The name of the person on this machine: the session name of a role
    /// without an MFA device.
    pub user: String,
}
