//! Requests that are signed here and sent by somebody else: the tokens of EKS and
//! of databases. Nobody is contacted.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html>

mod eks;
mod rds;

use std::time::{Duration, SystemTime};

use assumerole_core::aws::ids::Region;
use assumerole_core::{Credentials, Error, Kind, Result};
use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign,
};
use aws_sigv4::sign::v4::SigningParams;
use aws_smithy_runtime_api::client::identity::Identity;
use jiff::Timestamp;
use secrecy::SecretString;

use crate::connection::key_pair;

pub use eks::eks_token;
pub use rds::rds_token;

/// A GET request.
struct Presigned<'a> {
    /// As signatures name it.
    service: &'static str,
    region: &'a Region,
    /// The whole URL, with a query.
    url: String,
    /// What the sender adds.
    headers: &'a [(&'a str, &'a str)],
    /// How long it may be sent.
    lasts: Duration,
}

impl Presigned<'_> {
    /// Its URL, with the signature of `keys` made at `now`.
    fn url(&self, keys: &Credentials, now: Timestamp) -> Result<SecretString> {
        if let Some(part) = keys.odd_part() {
            let message = format!("the {part} has characters that no credentials of AWS have");
            return Err(Error::new(Kind::Config, message));
        }
        // The words of the errors may repeat what is signed.
        let failed = || Error::new(Kind::Failed, "the token cannot be signed");
        let mut settings = SigningSettings::default();
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(self.lasts);
        let identity = Identity::from(key_pair(keys));
        let params = SigningParams::builder()
            .identity(&identity)
            .region(self.region.as_str())
            .name(self.service)
            .time(SystemTime::from(now))
            .settings(settings)
            .build()
            .map_err(|_| failed())?;
        let headers = self.headers.iter().copied();
        let body = SignableBody::Bytes(&[]);
        let request =
            SignableRequest::new("GET", &self.url, headers, body).map_err(|_| failed())?;
        let (signed, _) = sign(request, &params.into())
            .map_err(|_| failed())?
            .into_parts();
        let mut request = http::Request::get(&self.url)
            .body(())
            .map_err(|_| failed())?;
        signed.apply_to_request_http1x(&mut request);
        Ok(request.uri().to_string().into())
    }
}

#[cfg(test)]
mod tests;
