//! Where IAM is called: one host for each partition, whatever the region.
//!
//! <https://docs.aws.amazon.com/general/latest/gr/iam-service.html>

use assumerole_core::aws::ids::{Partition, Region};

use crate::connection::Connection;

/// Partition; its host, that with FIPS, that with IPv6. As botocore's rules
/// have them.
const HOSTS: [(&str, [&str; 3]); 8] = [
    (
        "aws",
        [
            "iam.amazonaws.com",
            "iam-fips.amazonaws.com",
            "iam.global.api.aws",
        ],
    ),
    (
        "aws-cn",
        [
            "iam.cn-north-1.amazonaws.com.cn",
            "iam-fips.amazonaws.com.cn",
            "iam.global.api.amazonwebservices.com.cn",
        ],
    ),
    (
        "aws-us-gov",
        [
            "iam.us-gov.amazonaws.com",
            "iam.us-gov.amazonaws.com",
            "iam.us-gov.api.aws",
        ],
    ),
    (
        "aws-eusc",
        [
            "iam.eusc-de-east-1.amazonaws.eu",
            "iam-fips.amazonaws.eu",
            "iam.global.api.amazonwebservices.eu",
        ],
    ),
    (
        "aws-iso",
        [
            "iam.us-iso-east-1.c2s.ic.gov",
            "iam-fips.us-iso-east-1.c2s.ic.gov",
            "iam.api.aws.ic.gov",
        ],
    ),
    (
        "aws-iso-b",
        [
            "iam.us-isob-east-1.sc2s.sgov.gov",
            "iam-fips.us-isob-east-1.sc2s.sgov.gov",
            "iam.api.aws.scloud",
        ],
    ),
    (
        "aws-iso-e",
        [
            "iam.eu-isoe-west-1.cloud.adc-e.uk",
            "iam-fips.cloud.adc-e.uk",
            "iam.api.cloud-aws.adc-e.uk",
        ],
    ),
    (
        "aws-iso-f",
        [
            "iam.us-isof-south-1.csp.hci.ic.gov",
            "iam-fips.csp.hci.ic.gov",
            "iam.api.aws.hci.ic.gov",
        ],
    ),
];

/// The URL that is called, and the region that is signed for: the one that
/// IAM of the partition lives in.
pub(super) fn of(connection: &Connection) -> (String, Region) {
    let partition = Partition::of_region(connection.region());
    let region = partition.default_region();
    if let Some(url) = connection.endpoint_url() {
        return (url.base().to_owned(), region);
    }
    let found = HOSTS
        .iter()
        .find(|(name, _)| *name == partition.as_str())
        .unwrap_or(&HOSTS[0]);
    let [plain, fips, dual_stack] = found.1;
    let host = match (
        connection.route.fips.value,
        connection.route.dual_stack.value,
    ) {
        (true, _) => fips,
        (false, true) => dual_stack,
        (false, false) => plain,
    };
    (format!("https://{host}"), region)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::in_region;
    use assumerole_core::aws::service::Service;
    use assumerole_core::aws::url::EndpointUrl;

    fn connection(region: &str, fips: bool, dual_stack: bool) -> Connection {
        let mut connection = in_region(Service::Iam, region);
        connection.route.fips.value = fips;
        connection.route.dual_stack.value = dual_stack;
        connection
    }

    #[test]
    fn each_partition_has_one_host_and_one_region() {
        for (region, fips, dual_stack, url, signed) in [
            (
                "eu-west-1",
                false,
                false,
                "https://iam.amazonaws.com",
                "us-east-1",
            ),
            (
                "eu-west-1",
                true,
                false,
                "https://iam-fips.amazonaws.com",
                "us-east-1",
            ),
            (
                "eu-west-1",
                false,
                true,
                "https://iam.global.api.aws",
                "us-east-1",
            ),
            (
                "cn-northwest-1",
                false,
                false,
                "https://iam.cn-north-1.amazonaws.com.cn",
                "cn-north-1",
            ),
            (
                "us-gov-east-1",
                false,
                false,
                "https://iam.us-gov.amazonaws.com",
                "us-gov-west-1",
            ),
            (
                "us-isob-east-1",
                false,
                false,
                "https://iam.us-isob-east-1.sc2s.sgov.gov",
                "us-isob-east-1",
            ),
        ] {
            let (is, region) = of(&connection(region, fips, dual_stack));
            assert_eq!((is.as_str(), region.as_str()), (url, signed));
        }
        let mut own = connection("eu-west-1", true, true);
        own.route.endpoint_url.value = EndpointUrl::parse("http://127.0.0.1:1").ok();
        assert_eq!(of(&own).0, "http://127.0.0.1:1");
    }
}
