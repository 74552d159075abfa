//! Where a database of RDS is.

use std::fmt;
use std::str::FromStr;

use super::ids::{Invalid, Region};

/// The port where none is named: PostgreSQL's.
const PORT: u16 = 5432;

/// A host and a port. Both are part of what is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseHost {
    host: String,
    port: u16,
}

impl DatabaseHost {
    /// The same, at `port`.
    #[must_use]
    pub fn at(self, port: u16) -> Self {
        Self { port, ..self }
    }

    /// The region that stands in the host's name, as in
    /// `db.cxyz.eu-west-1.rds.amazonaws.com`.
    pub fn region(&self) -> Option<Region> {
        let labels: Vec<&str> = self.host.split('.').collect();
        let at = labels.iter().position(|label| *label == "rds")?;
        let of_aws = labels.get(at + 1).is_some_and(|next| *next == "amazonaws");
        labels[..at].last().filter(|_| of_aws)?.parse().ok()
    }
}

impl FromStr for DatabaseHost {
    type Err = Invalid;

    /// Reads `HOST` and `HOST:PORT`.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let invalid = || Invalid(format!("{text:?} is not HOST or HOST:PORT"));
        let (host, port) = match text.split_once(':') {
            Some((host, port)) => (host, port.parse().map_err(|_| invalid())?),
            None => (text, PORT),
        };
        let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
        let is_host = !host.is_empty() && host.len() <= 253 && host.bytes().all(fits);
        match is_host && port > 0 {
            true => Ok(Self {
                // As clients send it, and as it is signed.
                host: host.to_ascii_lowercase(),
                port,
            }),
            false => Err(invalid()),
        }
    }
}

impl fmt::Display for DatabaseHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_port_and_region() {
        for (text, is, region) in [
            ("db", "db:5432", None),
            ("DB.Example:3306", "db.example:3306", None),
            (
                "db.cxyz.eu-west-1.rds.amazonaws.com",
                "db.cxyz.eu-west-1.rds.amazonaws.com:5432",
                Some("eu-west-1"),
            ),
            (
                "p.proxy-x.cn-north-1.rds.amazonaws.com.cn:1",
                "p.proxy-x.cn-north-1.rds.amazonaws.com.cn:1",
                Some("cn-north-1"),
            ),
            (
                "db.eu-west-1.rds.example",
                "db.eu-west-1.rds.example:5432",
                None,
            ),
            ("rds.amazonaws.com", "rds.amazonaws.com:5432", None),
        ] {
            let host: DatabaseHost = text.parse().unwrap();
            assert_eq!(host.to_string(), is, "{text}");
            let region_of = host.region();
            assert_eq!(region_of.as_ref().map(Region::as_str), region, "{text}");
            assert_eq!(host.at(7).to_string().rsplit(':').next(), Some("7"));
        }
        for text in [
            "", ":5432", "db:", "db:0", "db:65536", "db:1:2", "a b", "a/b", "é", "[::1]",
        ] {
            assert!(text.parse::<DatabaseHost>().is_err(), "{text}");
        }
    }
}
