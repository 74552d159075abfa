//! What holds for every text.

use proptest::prelude::*;

use super::ini::{pip, twine};
use super::npm::npm;
use super::nuget::nuget;

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 512,
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(20_261_125),
        ..ProptestConfig::default()
    }
}

/// Text that has some of what such files are made of.
const LINES: &str = "(\u{feff}|[#;] c|\\[global\\]|\\[distutils\\]|\\[codeartifact\\]|\\[x|index-url *[=:] ?|index-servers ?=|registry ?=|password:|@a:registry=|pypi| |\t|\r|\n|=|é|https://a.d.codeartifact.x/){0,25}";
const TAGS: &str = "(<add key=\"acme/shop\" value=\"u\"/>|<add/>|<packageSources>|</packageSources>|<packageSourceCredentials>|</packageSourceCredentials>|<packageSources/>|<acme_x002F_shop/>|<!-- c -->| |\n|é|&amp;){0,12}";

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_second_time_changes_nothing(text in LINES, tags in TAGS) {
        for edit in [pip, twine, npm] {
            if let Ok(Some(after)) = edit(&text) {
                prop_assert_eq!(edit(&after), Ok(None), "{}", after);
            }
        }
        let xml = format!("<configuration>{tags}</configuration>");
        if let Ok(Some(after)) = nuget(&xml) {
            prop_assert_eq!(nuget(&after), Ok(None), "{}", after);
        }
    }

    #[test]
    fn nothing_makes_it_panic(text in any::<String>()) {
        for edit in [pip, twine, npm, nuget] {
            let _ = edit(&text);
        }
    }

    /// What is not ours is there, and in its order.
    #[test]
    fn lines_of_others_stay(text in LINES) {
        for edit in [pip, twine, npm] {
            let Ok(Some(after)) = edit(&text) else { continue };
            let mut rest = after.as_str();
            for line in text.split('\n') {
                let said = line.trim();
                if !said.starts_with(['#', ';', '[', '@']) || said.contains('\r') {
                    continue;
                }
                let at = rest.find(line);
                prop_assert!(at.is_some(), "{:?} is gone: {}", line, after);
                rest = &rest[at.unwrap_or_default() + line.len()..];
            }
        }
    }
}
