//! What keeps the consoles of roles apart: how a container or a profile of a
//! role is called, what it looks like, and how the add-ons of Firefox open one.

use super::encoded;

/// How a container or a profile looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContainerLook {
    /// As Firefox names it.
    pub color: &'static str,
    /// Red, green and blue.
    pub rgb: u32,
    /// As Firefox names it.
    pub icon: &'static str,
}

/// As Firefox shows them. Red is kept for what is dangerous.
const COLORS: [(&str, u32); 7] = [
    ("blue", 0x37_ad_ff),
    ("turquoise", 0x00_c7_9a),
    ("green", 0x51_cd_00),
    ("yellow", 0xff_cb_00),
    ("orange", 0xff_9f_00),
    ("pink", 0xff_4b_da),
    ("purple", 0xaf_51_f5),
];

const RED: (&str, u32) = ("red", 0xff_61_3d);

/// What names of dangerous roles have in them, as a word or at the start of one.
const DANGEROUS: [&str; 3] = ["prod", "prd", "live"];

/// The look of `role`: always the same, and red for `prod`.
pub fn look(role: &str) -> ContainerLook {
    let lower = role.to_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphanumeric());
    let danger = words.any(|word| DANGEROUS.iter().any(|start| word.starts_with(start)));
    let number = lower.bytes().fold(5381_usize, |all, byte| {
        all.wrapping_mul(33) ^ usize::from(byte)
    });
    let (color, rgb) = match danger {
        true => RED,
        false => COLORS[number % COLORS.len()],
    };
    ContainerLook {
        color,
        rgb,
        icon: if danger { "briefcase" } else { "fingerprint" },
    }
}

/// An add-on of Firefox that opens links in containers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddOn {
    /// "Open external links in a container":
    /// <https://github.com/honsiorovskyi/open-url-in-container>
    OpenUrl,
    /// "Granted Containers": <https://github.com/common-fate/granted-containers>
    Granted,
}

/// What opens `page` in the container of `role`.
pub fn container_link(add_on: AddOn, role: &str, page: &str) -> String {
    let scheme = match add_on {
        AddOn::OpenUrl => "ext+container",
        AddOn::Granted => "ext+granted-containers",
    };
    let look = look(role);
    format!(
        "{scheme}:name={}&url={}&color={}&icon={}",
        encoded(role),
        encoded(page),
        look.color,
        look.icon
    )
}

/// Digits of the part of a folder's name that tells roles of one name apart.
const DIGITS: usize = 16;

/// The name of the folder for the browser's profile of `role`, whose ARN or other
/// identity is `whose`: console cookies of one role are never another's.
pub fn profile_folder(role: &str, whose: &str) -> String {
    let digest = xxhash_rust::xxh3::xxh3_64(whose.as_bytes());
    format!("{}-{digest:016x}", folder_start(role))
}

/// Whether `folder` is one of `role`, whatever it was at the time.
pub fn is_profile_of(folder: &str, role: &str) -> bool {
    let digits = folder.strip_prefix(&folder_start(role));
    let digits = digits.and_then(|rest| rest.strip_prefix('-'));
    digits.is_some_and(|digits| {
        digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

/// The name in characters that every file system keeps apart.
fn folder_start(role: &str) -> String {
    const LONGEST: usize = 120;
    let mut start = String::new();
    for byte in role.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' => start.push(char::from(byte)),
            _ => start.push_str(&format!("%{byte:02X}")),
        }
    }
    if start.len() > LONGEST {
        let digest = xxhash_rust::xxh3::xxh3_64(role.as_bytes());
        start.truncate(LONGEST);
        start.push_str(&format!("~{digest:016x}"));
    }
    start
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn prod_is_red_and_nothing_else_is() {
        for role in ["prod", "acme-prod", "PRODUCTION.read", "eu_prd1", "live"] {
            assert_eq!(look(role).color, "red", "{role}");
        }
        let others: Vec<ContainerLook> = [
            "dev",
            "reproduce",
            "alive",
            "acme-read",
            "product".get(1..).unwrap(),
        ]
        .map(look)
        .to_vec();
        assert!(others.iter().all(|look| look.color != "red"));
        assert_eq!(look("dev"), look("dev"));
    }

    /// The parser of the add-on reads `name`, `url`, `color` and `icon` as a form,
    /// and knows eight colours and twelve icons.
    #[test]
    fn links_are_those_of_the_add_ons() {
        assert_eq!(
            container_link(AddOn::OpenUrl, "a&b prod", "http://127.0.0.1:1/0f"),
            "ext+container:name=a%26b%20prod&url=http%3A%2F%2F127.0.0.1%3A1%2F0f&color=red&icon=briefcase"
        );
        let granted = container_link(AddOn::Granted, "prod", "http://127.0.0.1:1/0f");
        assert_eq!(
            granted,
            "ext+granted-containers:name=prod&url=http%3A%2F%2F127.0.0.1%3A1%2F0f&color=red&icon=briefcase"
        );
        let known = [
            "blue",
            "turquoise",
            "green",
            "yellow",
            "orange",
            "red",
            "pink",
            "purple",
        ];
        for (color, _) in COLORS {
            assert!(known.contains(&color));
        }
    }

    #[test]
    fn each_identity_has_a_folder() {
        let long = "é/".repeat(300);
        let roles = ["a", "A", "a-", "a/b", "../..", "", &long];
        let mut seen = HashSet::new();
        for role in roles {
            for whose in ["arn:1", "arn:2"] {
                let folder = profile_folder(role, whose);
                assert!(
                    !folder.contains(['/', '.']) && folder.len() < 200,
                    "{folder}"
                );
                assert!(seen.insert(folder.to_lowercase()), "{folder}");
                for other in roles {
                    assert_eq!(
                        is_profile_of(&folder, other),
                        role == other,
                        "{folder} {other}"
                    );
                }
            }
        }
    }
}
