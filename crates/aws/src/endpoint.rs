//! The hosts of services that have none of the official clients: a name, a
//! region and the domain of the partition, as botocore's rules have them.
//!
//! <https://docs.aws.amazon.com/general/latest/gr/rande.html>

use assumerole_core::aws::ids::{Partition, Region};
use assumerole_core::aws::service::Service;

use crate::connection::Connection;

/// Partition; the domain of its hosts, that of hosts with IPv6.
const DOMAINS: [(&str, &str, &str); 8] = [
    ("aws", "amazonaws.com", "api.aws"),
    ("aws-cn", "amazonaws.com.cn", "api.amazonwebservices.com.cn"),
    ("aws-us-gov", "amazonaws.com", "api.aws"),
    ("aws-eusc", "amazonaws.eu", "api.amazonwebservices.eu"),
    ("aws-iso", "c2s.ic.gov", "api.aws.ic.gov"),
    ("aws-iso-b", "sc2s.sgov.gov", "api.aws.scloud"),
    ("aws-iso-e", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
    ("aws-iso-f", "csp.hci.ic.gov", "api.aws.hci.ic.gov"),
];

/// The URL at which the service of `connection` is called, without a slash at its
/// end, and the region that is signed for.
pub(crate) fn of(connection: &Connection) -> (String, Region) {
    let region = match connection.route.service {
        Service::Organizations => home_of_organizations(connection.region()),
        _ => connection.region().clone(),
    };
    if let Some(url) = connection.endpoint_url() {
        return (url.base().trim_end_matches('/').to_owned(), region);
    }
    let partition = Partition::of_region(&region);
    let (_, plain, dual) = domains(&partition);
    let route = &connection.route;
    let (fips, dual_stack) = (route.fips.value, route.dual_stack.value);
    let name = match route.service {
        // Where the registries themselves are not.
        Service::Ecr if !dual_stack => "api.ecr",
        service => service.key(),
    };
    // There, the plain hosts are those with FIPS, but for registries.
    let is_fips = partition.as_str() == "aws-us-gov" && route.service != Service::Ecr;
    let has_one = match route.service {
        Service::Organizations => !is_fips,
        _ => dual_stack || !is_fips,
    };
    let suffix = match fips && has_one {
        true => "-fips",
        false => "",
    };
    let domain = if dual_stack { dual } else { plain };
    (format!("https://{name}{suffix}.{region}.{domain}"), region)
}

fn domains(partition: &Partition) -> &'static (&'static str, &'static str, &'static str) {
    let mut all = DOMAINS.iter();
    all.find(|(name, _, _)| *name == partition.as_str())
        .unwrap_or(&DOMAINS[0])
}

/// The domain of hosts with IPv6 in the partition of `region`.
pub(crate) fn dual_stack_domain(region: &Region) -> &'static str {
    domains(&Partition::of_region(region)).2
}

/// Organizations is in one region of each partition.
fn home_of_organizations(region: &Region) -> Region {
    let partition = Partition::of_region(region);
    match partition.as_str() {
        "aws-cn" => "cn-northwest-1".parse(),
        _ => Ok(partition.default_region()),
    }
    .unwrap_or_else(|_| region.clone())
}

#[cfg(test)]
mod tests {
    use assumerole_core::aws::url::EndpointUrl;

    use super::*;
    use crate::connection::in_region;

    /// As botocore's rules have them.
    #[test]
    fn hosts() {
        for (service, region, ways) in [
            (
                Service::Sts,
                "eu-west-1",
                [
                    "sts.eu-west-1.amazonaws.com",
                    "sts-fips.eu-west-1.amazonaws.com",
                    "sts.eu-west-1.api.aws",
                    "sts-fips.eu-west-1.api.aws",
                ],
            ),
            (
                Service::Sts,
                "us-gov-west-1",
                [
                    "sts.us-gov-west-1.amazonaws.com",
                    "sts.us-gov-west-1.amazonaws.com",
                    "sts.us-gov-west-1.api.aws",
                    "sts-fips.us-gov-west-1.api.aws",
                ],
            ),
            (
                Service::Ecr,
                "us-gov-west-1",
                [
                    "api.ecr.us-gov-west-1.amazonaws.com",
                    "api.ecr-fips.us-gov-west-1.amazonaws.com",
                    "ecr.us-gov-west-1.api.aws",
                    "ecr-fips.us-gov-west-1.api.aws",
                ],
            ),
            (
                Service::Ssm,
                "cn-north-1",
                [
                    "ssm.cn-north-1.amazonaws.com.cn",
                    "ssm-fips.cn-north-1.amazonaws.com.cn",
                    "ssm.cn-north-1.api.amazonwebservices.com.cn",
                    "ssm-fips.cn-north-1.api.amazonwebservices.com.cn",
                ],
            ),
        ] {
            for (number, host) in ways.iter().enumerate() {
                let mut connection = in_region(service, region);
                connection.route.fips.value = number % 2 == 1;
                connection.route.dual_stack.value = number > 1;
                let (url, signed) = of(&connection);
                assert_eq!(url, format!("https://{host}"));
                assert_eq!(signed.as_str(), region);
            }
        }
        for (region, home, hosts) in [
            (
                "eu-west-1",
                "us-east-1",
                ["us-east-1.amazonaws.com", "us-east-1.api.aws"],
            ),
            (
                "cn-north-1",
                "cn-northwest-1",
                [
                    "cn-northwest-1.amazonaws.com.cn",
                    "cn-northwest-1.api.amazonwebservices.com.cn",
                ],
            ),
            (
                "us-gov-east-1",
                "us-gov-west-1",
                ["us-gov-west-1.amazonaws.com", "us-gov-west-1.api.aws"],
            ),
        ] {
            for number in 0..4 {
                let mut connection = in_region(Service::Organizations, region);
                connection.route.fips.value = number % 2 == 1;
                connection.route.dual_stack.value = number > 1;
                let (url, signed) = of(&connection);
                let fips = match number % 2 == 1 && home != "us-gov-west-1" {
                    true => "-fips",
                    false => "",
                };
                let host = hosts[usize::from(number > 1)];
                assert_eq!(url, format!("https://organizations{fips}.{host}"));
                assert_eq!(signed.as_str(), home);
            }
        }
        let mut own = in_region(Service::Sts, "eu-west-1");
        own.route.fips.value = true;
        own.route.endpoint_url.value = EndpointUrl::parse("http://127.0.0.1:1/").ok();
        assert_eq!(of(&own).0, "http://127.0.0.1:1");
    }
}
