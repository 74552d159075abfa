//! `~/.aws/config` and `~/.aws/credentials`: every text is read, and what was
//! read stands where it says.
#![no_main]

use assumerole_core::aws_config::profiles::Block;
use assumerole_core::aws_config::{AwsFile, AwsFiles, FileKind};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for kind in [FileKind::Config, FileKind::Credentials] {
        let file = AwsFile::parse(kind, "~/.aws/file", text.to_owned());
        for section in file.sections() {
            for property in section.properties() {
                assert_eq!(&text[property.key_span()], property.written_key());
                let _ = (property.value(), property.nested());
            }
        }
        let _ = format!("{:?}", file.problems());
        let _ = Block::find(&file);
    }
    let files = AwsFiles {
        config: Some(AwsFile::parse(FileKind::Config, "a", text.to_owned())),
        credentials: Some(AwsFile::parse(FileKind::Credentials, "b", text.to_owned())),
    };
    for name in files.profile_names() {
        let _ = files.profile(&name).map(|profile| profile.keys());
    }
});
