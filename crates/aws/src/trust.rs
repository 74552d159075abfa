//! Whom a TLS connection trusts: the machine's certificates, or those of
//! `AWS_CA_BUNDLE`, which the Rust SDK leaves out (aws-sdk-rust#1362).

use assumerole_core::{Error, Kind, Result};
use aws_smithy_http_client::tls::{TlsContext, TrustStore};
use rustls_pki_types::{CertificateDer, pem::PemObject};

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// The trust of a connection. With a bundle it alone is trusted, as in the
/// AWS CLI. Certificates of the bundle that cannot be read are passed over,
/// because the SDK's client would panic on them; a bundle without a single
/// good one is an error.
pub(crate) fn context(bundle: Option<&(String, Vec<u8>)>) -> Result<TlsContext> {
    let store = match bundle {
        None => TrustStore::default(),
        Some((path, pem)) => {
            let good = certificates(pem);
            if good.is_empty() {
                return Err(Error::new(
                    Kind::Config,
                    format!("the CA bundle {path} contains no readable certificate"),
                )
                .hint("point AWS_CA_BUNDLE (or ca_bundle of the profile) at a PEM file"));
            }
            good.into_iter()
                .fold(TrustStore::empty(), TrustStore::with_pem_certificate)
        }
    };
    with(store)
}

/// No trust at all: for what is called in plain text, and reads no certificate.
pub(crate) fn nobody() -> Result<TlsContext> {
    with(TrustStore::empty())
}

fn with(store: TrustStore) -> Result<TlsContext> {
    TlsContext::builder()
        .with_trust_store(store)
        .build()
        .map_err(|error| Error::new(Kind::Failed, "TLS cannot be set up").because(error))
}

/// The blocks of `pem` that are certificates webpki can use as an anchor.
fn certificates(pem: &[u8]) -> Vec<Vec<u8>> {
    let text = String::from_utf8_lossy(pem);
    let mut blocks = Vec::new();
    let mut rest = text.as_ref();
    while let Some(start) = rest.find(BEGIN) {
        rest = &rest[start..];
        let Some(end) = rest.find(END) else { break };
        let block = &rest[..end + END.len()];
        rest = &rest[block.len()..];
        let usable = CertificateDer::from_pem_slice(block.as_bytes())
            .is_ok_and(|der| webpki::anchor_from_trusted_cert(&der).is_ok());
        if usable {
            blocks.push(format!("{block}\n").into_bytes());
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_without_certificates_is_an_error_that_names_it() {
        for pem in [
            "",
            "hello",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            "-----BEGIN CERTIFICATE-----",
        ] {
            let error = context(Some(&("/x/ca.pem".to_owned(), pem.into()))).map(|_| ());
            assert!(
                error.is_err_and(|e| e.message().contains("/x/ca.pem")),
                "{pem}"
            );
        }
    }
}
