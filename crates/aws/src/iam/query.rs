//! A request of AWS's query protocol: a form in, XML out.
//!
//! <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>

use std::fmt;

use assumerole_core::aws::ids::Region;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_runtime::auth::SigV4OperationSigningConfig;
use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_smithy_runtime::client::identity::IdentityCache;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::HttpStatusCodeClassifier;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::auth::{
    AuthSchemeOptionResolverParams, SharedAuthScheme, SharedAuthSchemeOptionResolver,
};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::identity::SharedIdentityResolver;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::region::SigningRegion;
use aws_types::{SdkConfig, SigningName};

use super::answer::text_within;
use crate::dates::LastDate;

/// AWS's refusal.
#[derive(Debug)]
pub(super) struct Refusal(ErrorMetadata);

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Refusal {}

impl ProvideErrorMetadata for Refusal {
    fn meta(&self) -> &ErrorMetadata {
        &self.0
    }
}

/// A call to IAM.
pub(super) struct Query {
    /// As AWS names it.
    pub(super) operation: &'static str,
    /// The form that is sent.
    pub(super) form: &'static str,
    /// Where to.
    pub(super) url: String,
    /// The region that is signed for.
    pub(super) region: Region,
}

/// Sends it with the settings of `config`; the answer's text.
pub(super) async fn send(
    query: Query,
    config: SdkConfig,
    date: LastDate,
) -> Result<String, SdkError<Refusal, HttpResponse>> {
    let usual = || RetryConfig::standard().with_max_attempts(1);
    let retries = config.retry_config().cloned().unwrap_or_else(usual);
    let timeouts = config.timeout_config().cloned();
    let mut builder = Operation::builder()
        .service_name("iam")
        .operation_name(query.operation)
        .behavior_version(BehaviorVersion::v2026_01_12())
        .endpoint_url(&query.url)
        .standard_retry(&retries)
        .retry_classifier(HttpStatusCodeClassifier::default())
        .timeout_config(timeouts.unwrap_or_else(TimeoutConfig::disabled))
        .interceptor(date)
        .runtime_plugin(signing(&query.region, config.credentials_provider()));
    if let Some(client) = config.http_client() {
        builder = builder.http_client(client);
    }
    if let Some(sleep) = config.sleep_impl() {
        builder = builder.sleep_impl(sleep);
    }
    if let Some(time) = config.time_source() {
        builder = builder.time_source(time);
    }
    let operation = builder
        .serializer(|form: &'static str| {
            let mut request = HttpRequest::new(SdkBody::from(form));
            request.set_method("POST")?;
            request.set_uri("/")?;
            let headers = request.headers_mut();
            headers.insert("content-type", "application/x-www-form-urlencoded");
            headers.insert(
                "user-agent",
                concat!("assumerole/", env!("CARGO_PKG_VERSION")),
            );
            Ok(request)
        })
        .deserializer(|response: &HttpResponse| {
            let bytes = response.body().bytes().unwrap_or_default();
            let text = String::from_utf8_lossy(bytes);
            match response.status().is_success() {
                true => Ok(text.into_owned()),
                false => Err(OrchestratorError::operation(refusal(&text))),
            }
        })
        .build();
    operation.invoke(query.form).await
}

/// What signs for IAM in `region`.
fn signing(region: &Region, keys: Option<SharedCredentialsProvider>) -> StaticRuntimePlugin {
    let mut layer = Layer::new("signing");
    layer.store_put(AuthSchemeOptionResolverParams::new(()));
    layer.store_put(SigV4OperationSigningConfig::default());
    layer.store_put(SigningName::from_static("iam"));
    let region = aws_types::region::Region::new(region.to_string());
    layer.store_put(SigningRegion::from(region));
    let options = StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID]);
    let mut components = RuntimeComponentsBuilder::new("signing");
    components.set_auth_scheme_option_resolver(Some(SharedAuthSchemeOptionResolver::new(options)));
    components.push_auth_scheme(SharedAuthScheme::new(SigV4AuthScheme::new()));
    components.set_identity_cache(Some(IdentityCache::no_cache()));
    if let Some(keys) = keys {
        components.set_identity_resolver(SCHEME_ID, SharedIdentityResolver::new(keys));
    }
    StaticRuntimePlugin::new()
        .with_config(layer.freeze())
        .with_runtime_components(components)
}

fn refusal(text: &str) -> Refusal {
    let mut metadata = ErrorMetadata::builder();
    let found = |name| text_within(text, &["Error"], name).into_iter().next();
    if let Some(code) = found("Code") {
        metadata = metadata.code(code);
    }
    if let Some(message) = found("Message") {
        metadata = metadata.message(message);
    }
    Refusal(metadata.build())
}
