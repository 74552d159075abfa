//! A request to a service that has none of the official clients: it is sent,
//! signed, retried and timed by the same machinery as those of the clients, which
//! take up to a minute to compile and a megabyte each.

use std::fmt;

use assumerole_core::aws::ids::Region;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_runtime::auth::SigV4OperationSigningConfig;
use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
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

use secrecy::{ExposeSecret as _, SecretString};

use crate::dates::LastDate;

/// AWS's refusal.
#[derive(Debug)]
pub(crate) struct Refusal(ErrorMetadata);

impl Refusal {
    /// With what of it could be read.
    pub(crate) fn new(code: Option<String>, message: Option<String>) -> Self {
        let mut metadata = ErrorMetadata::builder();
        if let Some(code) = code {
            metadata = metadata.code(code);
        }
        if let Some(message) = message {
            metadata = metadata.message(message);
        }
        Self(metadata.build())
    }
}

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

/// What shows who asks.
pub(crate) enum Credential {
    /// A signature for a region.
    Signature(Region),
    /// A token of a login.
    Bearer(SecretString),
}

/// A request.
pub(crate) struct WireRequest {
    /// The service, as signatures name it.
    pub(crate) service: &'static str,
    pub(crate) method: &'static str,
    /// With the query, if it has one.
    pub(crate) path: String,
    /// The operation, as AWS names it.
    pub(crate) operation: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
    /// Where to, without the path.
    pub(crate) url: String,
    pub(crate) proof: Credential,
    /// Reads an answer that says no, whose header `x-amzn-errortype` comes first.
    pub(crate) refusal: fn(Option<&str>, &str) -> Refusal,
}

impl WireRequest {
    /// Sends it with the settings of `config`; the answer's text.
    pub(crate) async fn send(
        self,
        config: SdkConfig,
        date: LastDate,
    ) -> Result<String, SdkError<Refusal, HttpResponse>> {
        let usual = || RetryConfig::standard().with_max_attempts(1);
        let retries = config.retry_config().cloned().unwrap_or_else(usual);
        let timeouts = config.timeout_config().cloned();
        let builder = Operation::builder()
            .service_name(self.service)
            .operation_name(self.operation)
            .behavior_version(BehaviorVersion::v2026_01_12())
            .endpoint_url(&self.url)
            .standard_retry(&retries)
            .retry_classifier(HttpStatusCodeClassifier::default())
            .retry_classifier(AwsErrorCodeClassifier::<Refusal>::new())
            .timeout_config(timeouts.unwrap_or_else(TimeoutConfig::disabled))
            .interceptor(date);
        let keys = config.credentials_provider();
        let (mut builder, bearer) = match self.proof {
            Credential::Signature(region) => {
                let signing = signing(self.service, &region, keys);
                (builder.runtime_plugin(signing), None)
            }
            Credential::Bearer(token) => (builder.no_auth(), Some(token)),
        };
        if let Some(client) = config.http_client() {
            builder = builder.http_client(client);
        }
        if let Some(sleep) = config.sleep_impl() {
            builder = builder.sleep_impl(sleep);
        }
        if let Some(time) = config.time_source() {
            builder = builder.time_source(time);
        }
        let Self {
            headers,
            body,
            refusal,
            method,
            path,
            ..
        } = self;
        let operation = builder
            .serializer(move |body: String| {
                let mut request = HttpRequest::new(SdkBody::from(body));
                request.set_method(method)?;
                request.set_uri(path.as_str())?;
                let set = request.headers_mut();
                for (name, value) in &headers {
                    set.insert(*name, value.clone());
                }
                set.insert(
                    "user-agent",
                    concat!("assumerole/", env!("CARGO_PKG_VERSION")),
                );
                if let Some(token) = &bearer {
                    set.insert("authorization", format!("Bearer {}", token.expose_secret()));
                }
                Ok(request)
            })
            .deserializer(move |response: &HttpResponse| {
                let bytes = response.body().bytes().unwrap_or_default();
                let text = String::from_utf8_lossy(bytes);
                match response.status().is_success() {
                    true => Ok(text.into_owned()),
                    false => {
                        let kind = response.headers().get("x-amzn-errortype");
                        Err(OrchestratorError::operation(refusal(kind, &text)))
                    }
                }
            })
            .build();
        operation.invoke(body).await
    }
}

/// What signs for `service` in `region`.
fn signing(
    service: &'static str,
    region: &Region,
    keys: Option<SharedCredentialsProvider>,
) -> StaticRuntimePlugin {
    let mut layer = Layer::new("signing");
    layer.store_put(AuthSchemeOptionResolverParams::new(()));
    layer.store_put(SigV4OperationSigningConfig::default());
    layer.store_put(SigningName::from_static(service));
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
