//! The regions that AWS has, for whoever types one. Any other is taken, too.

/// Each with where it is.
///
/// <https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html>
pub const REGIONS: &[(&str, &str)] = &[
    ("af-south-1", "Cape Town"),
    ("ap-east-1", "Hong Kong"),
    ("ap-east-2", "Taipei"),
    ("ap-northeast-1", "Tokyo"),
    ("ap-northeast-2", "Seoul"),
    ("ap-northeast-3", "Osaka"),
    ("ap-south-1", "Mumbai"),
    ("ap-south-2", "Hyderabad"),
    ("ap-southeast-1", "Singapore"),
    ("ap-southeast-2", "Sydney"),
    ("ap-southeast-3", "Jakarta"),
    ("ap-southeast-4", "Melbourne"),
    ("ap-southeast-5", "Malaysia"),
    ("ap-southeast-6", "New Zealand"),
    ("ap-southeast-7", "Thailand"),
    ("ca-central-1", "Montreal"),
    ("ca-west-1", "Calgary"),
    ("cn-north-1", "Beijing"),
    ("cn-northwest-1", "Ningxia"),
    ("eu-central-1", "Frankfurt"),
    ("eu-central-2", "Zurich"),
    ("eu-north-1", "Stockholm"),
    ("eu-south-1", "Milan"),
    ("eu-south-2", "Spain"),
    ("eu-west-1", "Ireland"),
    ("eu-west-2", "London"),
    ("eu-west-3", "Paris"),
    ("eusc-de-east-1", "Brandenburg"),
    ("il-central-1", "Tel Aviv"),
    ("me-central-1", "United Arab Emirates"),
    ("me-south-1", "Bahrain"),
    ("mx-central-1", "Mexico"),
    ("sa-east-1", "São Paulo"),
    ("us-east-1", "Northern Virginia"),
    ("us-east-2", "Ohio"),
    ("us-gov-east-1", "GovCloud East"),
    ("us-gov-west-1", "GovCloud West"),
    ("us-west-1", "Northern California"),
    ("us-west-2", "Oregon"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::ids::Region;

    #[test]
    fn each_is_a_region_and_there_once() {
        assert!(REGIONS.is_sorted());
        for (code, _) in REGIONS {
            assert!(code.parse::<Region>().is_ok(), "{code}");
        }
    }
}
