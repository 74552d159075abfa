//! Values that the AWS CLI checks whatever it is asked for, and that say nothing
//! of credentials: one that is wrong ends its calls. What it takes was found by
//! trying.

/// A key, and what may stand behind it.
pub(super) struct Allowed {
    pub(super) key: &'static str,
    /// For people.
    pub(super) what: &'static str,
    pub(super) is: fn(&str) -> bool,
}

const fn allowed(key: &'static str, what: &'static str, is: fn(&str) -> bool) -> Allowed {
    Allowed { key, what, is }
}

/// Keys of a profile: every call ends.
pub(super) const OF_PROFILE: [Allowed; 8] = [
    allowed("retry_mode", "legacy, standard or adaptive", |text| {
        matches!(text, "legacy" | "standard" | "adaptive")
    }),
    allowed(
        "defaults_mode",
        "legacy, auto, standard, in-region, cross-region or mobile",
        |text| {
            let modes = [
                "",
                "legacy",
                "auto",
                "standard",
                "in-region",
                "cross-region",
                "mobile",
            ];
            any_case(text, &modes)
        },
    ),
    allowed("request_checksum_calculation", CHECKSUM, is_checksum),
    allowed("response_checksum_validation", CHECKSUM, is_checksum),
    allowed(
        "account_id_endpoint_mode",
        "preferred, disabled or required",
        |text| any_case(text, &["", "preferred", "disabled", "required"]),
    ),
    allowed("s3_disable_express_session_auth", "true or false", |text| {
        any_case(text, &["true", "false"])
    }),
    allowed("s3_us_east_1_regional_endpoint", REGIONAL, is_regional),
    allowed("cli_timestamp_format", "none, wire or iso8601", |text| {
        matches!(text, "none" | "wire" | "iso8601")
    }),
];

/// Sub-keys of `s3`: every call ends.
pub(super) const OF_S3: [Allowed; 2] = [
    allowed("addressing_style", "auto, path or virtual", |text| {
        matches!(text, "auto" | "path" | "virtual")
    }),
    allowed("us_east_1_regional_endpoint", REGIONAL, is_regional),
];

/// Sub-keys of `s3`: every transfer of `aws s3` ends.
pub(super) const OF_TRANSFERS: [Allowed; 5] = [
    allowed("max_concurrent_requests", NUMBER, is_number),
    allowed("max_queue_size", NUMBER, is_number),
    allowed("multipart_threshold", "a size, such as 8MB", is_size),
    allowed("multipart_chunksize", "a size, such as 8MB", is_size),
    allowed("max_bandwidth", "a rate, such as 10MB/s", |text| {
        let size = text.strip_suffix("B/s");
        size.is_some_and(|size| is_size(&format!("{size}B")))
    }),
];

const CHECKSUM: &str = "when_supported or when_required";
const REGIONAL: &str = "legacy or regional";
const NUMBER: &str = "a number above 0";

fn any_case(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.eq_ignore_ascii_case(word))
}

fn is_checksum(text: &str) -> bool {
    any_case(text, &["", "when_supported", "when_required"])
}

fn is_regional(text: &str) -> bool {
    matches!(text, "legacy" | "regional")
}

fn is_number(text: &str) -> bool {
    let digits = text.trim().strip_prefix('+').unwrap_or(text.trim());
    digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.bytes().any(|byte| byte != b'0')
}

/// Bytes, or with a unit behind.
fn is_size(text: &str) -> bool {
    const UNITS: [&str; 8] = ["kib", "mib", "gib", "tib", "kb", "mb", "gb", "tb"];
    let text = text.to_ascii_lowercase();
    let number = UNITS.iter().find_map(|unit| text.strip_suffix(unit));
    is_number(number.unwrap_or(&text))
}
