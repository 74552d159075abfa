//! Regions as people type them: `us-west-2`, `uw2`, `usw2`.

use crate::aws::ids::{Invalid, REGIONS, Region};

/// The region that `text` is: its code, or a short form of one.
///
/// # Errors
/// It is neither, or short for two.
pub fn region(text: &str) -> Result<Region, Invalid> {
    let known = |code: &str| REGIONS.iter().any(|(known, _)| *known == code);
    if text.contains('-') || known(text) {
        return text.parse();
    }
    let text = text.to_ascii_lowercase();
    let is_meant = |code: &&str| short(code).contains(&text);
    let codes = REGIONS.iter().map(|(code, _)| *code);
    let meant: Vec<&str> = codes.filter(is_meant).collect();
    match meant.as_slice() {
        [code] => code.parse(),
        [] => Err(Invalid(format!(
            "{text:?} is neither a region nor short for one"
        ))),
        several => Err(Invalid(format!(
            "{text:?} is short for {}",
            several.join(" and ")
        ))),
    }
}

/// `uw2` and `usw2` for `us-west-2`, `ase1` and `apse1` for `ap-southeast-1`.
fn short(code: &str) -> [String; 2] {
    let mut parts = code.split('-');
    let area = parts.next().unwrap_or_default();
    let rest: String = parts.map(initials).collect();
    [
        format!("{}{rest}", area.get(..1).unwrap_or_default()),
        format!("{area}{rest}"),
    ]
}

fn initials(part: &str) -> String {
    for (direction, initials) in [
        ("northeast", "ne"),
        ("northwest", "nw"),
        ("southeast", "se"),
        ("southwest", "sw"),
    ] {
        if part == direction {
            return initials.to_owned();
        }
    }
    match part.parse::<u8>() {
        Ok(number) => number.to_string(),
        Err(_) => part.get(..1).unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_region_has_a_short_form() {
        for (text, code) in [
            ("us-west-2", "us-west-2"),
            ("uw2", "us-west-2"),
            ("UE1", "us-east-1"),
            ("ew1", "eu-west-1"),
            ("ec1", "eu-central-1"),
            ("ase2", "ap-southeast-2"),
            ("apse2", "ap-southeast-2"),
            ("ane1", "ap-northeast-1"),
            ("ugw1", "us-gov-west-1"),
            ("cnw1", "cn-northwest-1"),
            ("xx-new-9", "xx-new-9"),
        ] {
            assert_eq!(region(text).unwrap().as_str(), code, "{text}");
        }
        for (text, why) in [
            ("as1", "\"as1\" is short for af-south-1 and ap-south-1"),
            ("mc1", "\"mc1\" is short for me-central-1 and mx-central-1"),
            ("nope", "\"nope\" is neither a region nor short for one"),
        ] {
            assert_eq!(region(text).unwrap_err().to_string(), why);
        }
        for (code, _) in REGIONS {
            let [_, long] = short(code);
            assert_eq!(region(&long).unwrap().as_str(), *code);
        }
    }
}
