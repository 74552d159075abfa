//! Private registries of ECR, by the names of their hosts.
//!
//! <https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html>

use std::fmt;
use std::str::FromStr;

use super::ids::{AccountId, Invalid, Region};

/// A registry: `123456789012.dkr.ecr.eu-west-1.amazonaws.com`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registry {
    host: String,
    /// Whose it is.
    pub account: AccountId,
    /// Where it is.
    pub region: Region,
}

impl FromStr for Registry {
    type Err = Invalid;

    /// Reads a host, or what Docker makes of one: a URL, with or without a path.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let invalid = || Invalid(format!("{text:?} is not a registry of ECR"));
        let rest = text.trim();
        let rest = rest.strip_prefix("https://").unwrap_or(rest);
        let host = rest.split('/').next().unwrap_or_default();
        let host = host.to_ascii_lowercase();
        let labels: Vec<&str> = host.split('.').collect();
        let (account, region, domain) = match labels.as_slice() {
            [account, "dkr", "ecr" | "ecr-fips", region, domain @ ..] => (account, region, domain),
            [account, "dkr-ecr" | "dkr-ecr-fips", region, domain @ ..] => (account, region, domain),
            _ => return Err(invalid()),
        };
        let domain = domain.join(".");
        // Whoever else has such a host gets no token.
        if !DOMAINS.contains(&domain.as_str()) {
            return Err(invalid());
        }
        let account = account.parse().map_err(|_| invalid())?;
        let region = region.parse().map_err(|_| invalid())?;
        Ok(Self {
            host,
            account,
            region,
        })
    }
}

/// The domains of AWS that registries are in, those with IPv6 behind.
const DOMAINS: [&str; 11] = [
    "amazonaws.com",
    "amazonaws.com.cn",
    "amazonaws.eu",
    "c2s.ic.gov",
    "sc2s.sgov.gov",
    "cloud.adc-e.uk",
    "csp.hci.ic.gov",
    "on.aws",
    "on.amazonwebservices.com.cn",
    "on.amazonwebservices.eu",
    "on.aws.ic.gov",
];

impl fmt::Display for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registries() {
        for (text, host, region) in [
            (
                "https://123456789012.dkr.ecr.eu-west-1.amazonaws.com/v2/",
                "123456789012.dkr.ecr.eu-west-1.amazonaws.com",
                "eu-west-1",
            ),
            (
                "123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com\n",
                "123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com",
                "us-gov-west-1",
            ),
            (
                "123456789012.DKR.ecr.cn-north-1.amazonaws.com.cn",
                "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn",
                "cn-north-1",
            ),
            (
                "123456789012.dkr-ecr.eu-west-1.on.aws",
                "123456789012.dkr-ecr.eu-west-1.on.aws",
                "eu-west-1",
            ),
        ] {
            let registry: Registry = text.parse().unwrap();
            assert_eq!(registry.to_string(), host, "{text}");
            assert_eq!(registry.account.as_str(), "123456789012");
            assert_eq!(registry.region.as_str(), region);
        }
        for text in [
            "",
            "docker.io",
            "https://index.docker.io/v1/",
            "public.ecr.aws",
            "1234.dkr.ecr.eu-west-1.amazonaws.com",
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com.evil.example",
            "123456789012.dkr.ecr.eu-west-1.evil.example",
            "http://123456789012.dkr.ecr.eu-west-1.amazonaws.com",
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com:443",
            "user@123456789012.dkr.ecr.eu-west-1.amazonaws.com",
        ] {
            assert!(text.parse::<Registry>().is_err(), "{text}");
        }
    }
}
