//! What a session is cached under.

use std::fmt;

use sha2::{Digest, Sha256};

use super::{AssumeRole, Source, StsConnection};
use crate::ids::{ExternalId, MfaDevice, SessionPolicy, SessionTag, SourceIdentity};

/// A digest over everything that changes the credentials, so that an edited
/// file is a miss and never a stale role.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CacheKey([u8; 32]);

/// Raised when the meaning of a field changes.
const VERSION: &str = "assumerole role session 1";

impl CacheKey {
    /// The key of `assume` called from `source` through `sts`. Destructured
    /// without `..`: a new field does not compile until it is weighed here.
    pub(super) fn of(source: &Source, assume: &AssumeRole, sts: &StsConnection) -> Self {
        let mut fields = Fields::new(VERSION);
        let Source::Profile {
            // The keys decide, not what they are called.
            name: _,
            access_key_id,
            temporary,
        } = source;
        fields.text("source", "profile");
        fields.text("access_key_id", access_key_id);
        fields.text("temporary", if *temporary { "yes" } else { "no" });
        let AssumeRole {
            arn,
            session_name,
            duration,
            duration_from: _,
            mfa,
            external_id,
            source_identity,
            tags,
            policy_arns,
            policy,
        } = assume;
        fields.text("arn", &arn.to_string());
        fields.text("session_name", session_name.as_str());
        fields.text("duration", &duration.to_string());
        fields.option("mfa", mfa.as_ref().map(MfaDevice::as_str));
        fields.option("external_id", external_id.as_ref().map(ExternalId::as_str));
        let identity = source_identity.as_ref().map(SourceIdentity::as_str);
        fields.option("source_identity", identity);
        for SessionTag {
            key,
            value,
            transitive,
        } in tags
        {
            fields.text("tag", key.as_str());
            fields.text("value", value.as_str());
            fields.text("transitive", if *transitive { "yes" } else { "no" });
        }
        for arn in policy_arns {
            fields.text("policy_arn", arn.as_str());
        }
        fields.option("policy", policy.as_ref().map(SessionPolicy::as_str));
        let StsConnection {
            region,
            endpoint_url,
            fips,
            dual_stack,
            // How the same AWS is reached, not what it answers.
            ca_bundle: _,
            attempts: _,
        } = sts;
        fields.text("region", region.as_str());
        fields.option("endpoint_url", endpoint_url.as_deref());
        fields.text("fips", if *fips { "yes" } else { "no" });
        fields.text("dual_stack", if *dual_stack { "yes" } else { "no" });
        Self(fields.finish())
    }

    /// The 32 bytes.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CacheKey(")?;
        for byte in &self.0[..4] {
            write!(f, "{byte:02x}")?;
        }
        f.write_str("…)")
    }
}

/// Names and values, each with its length before it, so that no two lists of
/// fields have the same bytes.
struct Fields(Sha256);

impl Fields {
    fn new(version: &str) -> Self {
        let mut fields = Self(Sha256::new());
        fields.part(version);
        fields
    }

    fn part(&mut self, text: &str) {
        self.0.update((text.len() as u64).to_le_bytes());
        self.0.update(text);
    }

    fn text(&mut self, name: &str, value: &str) {
        self.option(name, Some(value));
    }

    fn option(&mut self, name: &str, value: Option<&str>) {
        self.part(name);
        match value {
            None => self.0.update([0]),
            Some(value) => {
                self.0.update([1]);
                self.part(value);
            }
        }
    }

    fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}
