//! The files of `~/.aws`: our reading against the AWS CLI's on a corpus of
//! quirks, and properties that hold for any text.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test reads its corpus and fails loudly"
)]

mod against_botocore;
mod props;
mod timing;
