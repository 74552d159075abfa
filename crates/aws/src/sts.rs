//! The calls to the Security Token Service.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/>

mod assume_role;
mod assume_role_with_web_identity;
mod get_caller_identity;
mod get_federation_token;
mod get_session_token;

pub use crate::call::CallError;
pub use crate::granted::Granted;
pub use assume_role::assume_role;
pub use assume_role_with_web_identity::assume_role_with_web_identity;
pub use get_caller_identity::{Identity, get_caller_identity};
pub use get_federation_token::{FederationToken, get_federation_token};
pub use get_session_token::get_session_token;

use assumerole_core::Credentials;
use assumerole_core::aws::ids::PolicyArn;
use assumerole_core::diagnostic::sent::Sent;
use aws_sdk_sts::Client;
use aws_sdk_sts::types::PolicyDescriptorType;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::SdkConfig;

use crate::call::{self, TimedAnswer};
use crate::connection::{Connection, Now};
use crate::dates::LastDate;

fn client(config: &SdkConfig, date: LastDate) -> Client {
    let config = aws_sdk_sts::config::Builder::from(config);
    Client::from_conf(config.interceptor(date).build())
}

/// An empty list is none: AWS takes it for a mistake.
fn list<T>(items: Vec<T>) -> Option<Vec<T>> {
    (!items.is_empty()).then_some(items)
}

/// Managed policies as a request has them.
fn policy_arns(arns: &[PolicyArn]) -> Option<Vec<PolicyDescriptorType>> {
    let one = |arn: &PolicyArn| PolicyDescriptorType::builder().arn(arn.as_str()).build();
    list(arns.iter().map(one).collect())
}

/// A call signed with `keys`; see [`call::signed`].
fn call<T, E, F>(
    operation: &'static str,
    connection: &Connection,
    keys: &Credentials,
    now: &Now,
    once: bool,
    sent: &Sent<'_>,
    send: impl Fn(Client) -> F,
) -> Result<TimedAnswer<T>, CallError>
where
    F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    call::signed(
        operation,
        connection,
        keys,
        now,
        once,
        sent,
        |config, date| send(client(&config, date)),
    )
}
