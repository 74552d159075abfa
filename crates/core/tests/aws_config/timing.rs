//! How long reading takes. Nothing is asserted: this machine's time is nobody
//! else's. `cargo test --release -p assumerole-core --test aws_config -- \
//! --ignored --nocapture`

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use assumerole_core::aws_config::{AwsFile, AwsFiles, FileKind};

fn config(profiles: usize) -> String {
    let mut text = String::from("[default]\nregion = eu-central-1\n");
    for n in 0..profiles {
        write!(
            text,
            "\n[profile acme-{n}-administrator]\nrole_arn = arn:aws:iam::{n:012}:role/path/administrator\n\
             source_profile = acme-bastion\nmfa_serial = arn:aws:iam::210987654321:mfa/jdoe\n\
             region = eu-central-1\ns3 =\n  max_concurrent_requests = 20\n"
        )
        .unwrap();
    }
    text
}

fn median(mut once: impl FnMut() -> Duration) -> Duration {
    let mut times: Vec<Duration> = (0..101).map(|_| once()).collect();
    times.sort();
    times[times.len() / 2]
}

#[test]
#[ignore = "prints times"]
#[expect(
    clippy::print_stderr,
    clippy::disallowed_macros,
    reason = "prints times"
)]
fn a_thousand_profiles() {
    let text = config(1000);
    let parse = || AwsFile::parse(FileKind::Config, "config", text.clone());
    let timed = |work: &dyn Fn(&AwsFiles)| {
        median(|| {
            let files = AwsFiles {
                config: Some(parse()),
                credentials: None,
            };
            let start = Instant::now();
            work(&files);
            start.elapsed()
        })
    };
    let reading = median(|| {
        let text = text.clone();
        let start = Instant::now();
        let file = AwsFile::parse(FileKind::Config, "config", text);
        let time = start.elapsed();
        drop(file);
        time
    });
    let wiping = median(|| {
        let file = parse();
        let start = Instant::now();
        drop(file);
        start.elapsed()
    });
    let found = timed(&|files| {
        let profile = files.profile("acme-777-administrator").unwrap();
        assert_eq!(profile.get("region").unwrap().text(), "eu-central-1");
    });
    let names = timed(&|files| assert_eq!(files.profile_names().len(), 1001));
    let problems = timed(&|files| assert_eq!(files.problems().count(), 0));
    eprintln!(
        "{} bytes: parse {reading:?}, first look-up {found:?}, names {names:?}, problems {problems:?}, drop {wiping:?}",
        text.len()
    );
}
