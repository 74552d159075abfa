//! What is asked for in the table, and what has to come of it: said here once
//! more, from the documentation of AWS's calls, and not by the planner.

use std::collections::BTreeMap;

const A: &str = "arn:aws:iam::aws:policy/A";
const B: &str = "arn:aws:iam::aws:policy/B";
const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";

pub(super) const ENTRIES: &str = r#"{"assume_roles": {
  "plain": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain"},
  "policy": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain", "policy": {"Statement": []}},
  "arns": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain", "policy_arns": ["arn:aws:iam::aws:policy/A"]},
  "tags": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain", "session_tags": {"team": "x"}},
  "other-tags": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain", "session_tags": {"team": "y"}},
  "short": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain", "max_session_duration": 1800, "session_name": "of-file"},
  "mfa": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "read", "aws_mfa_arn": "arn:aws:iam::210987654321:mfa/jdoe"},
  "hub": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain", "policy_arns": ["arn:aws:iam::aws:policy/B"]},
  "via": {"via": "hub", "aws_account": "123456789012", "aws_role": "chained"},
  "of-sso": {"aws_profile": "sso", "aws_account": "123456789012", "aws_role": "last"},
  "of-web": {"aws_profile": "web", "aws_account": "123456789012", "aws_role": "last"}
}}
"#;

pub(super) const PROFILES: &str = "\
[profile base]
STS
[profile temporary]
aws_access_key_id = TEMPORARY
aws_secret_access_key = KEYS
aws_session_token = TOKEN
STS
[profile process]
credential_process = PROCESS
STS
[profile sso]
sso_session = corp
sso_account_id = 222222222222
sso_role_name = Admin
STS
[sso-session corp]
sso_start_url = https://acme.awsapps.com/start
sso_region = eu-west-1
[profile signed-in]
login_session = arn:aws:iam::222222222222:user/dev
region = eu-central-1
STS
[profile web]
role_arn = arn:aws:iam::222222222222:role/hub
role_session_name = ci
web_identity_token_file = ~/token
STS
[profile r-base]
role_arn = arn:aws:iam::123456789012:role/plain
source_profile = base
STS
[profile r-temporary]
role_arn = arn:aws:iam::123456789012:role/plain
source_profile = temporary
STS
[profile r-process]
role_arn = arn:aws:iam::123456789012:role/plain
source_profile = process
STS
[profile r-sso]
role_arn = arn:aws:iam::123456789012:role/last
source_profile = sso
STS
[profile r-login]
role_arn = arn:aws:iam::123456789012:role/last
source_profile = signed-in
STS
[profile r-web]
role_arn = arn:aws:iam::123456789012:role/last
source_profile = web
STS
[profile r-environment]
role_arn = arn:aws:iam::123456789012:role/plain
credential_source = Environment
STS
[profile r-container]
role_arn = arn:aws:iam::123456789012:role/last
credential_source = EcsContainer
STS
[profile r-instance]
role_arn = arn:aws:iam::123456789012:role/last
credential_source = Ec2InstanceMetadata
STS
";

/// The call at the end.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Last {
    AssumeRole,
    WebIdentity,
    GetSessionToken,
    /// Credentials of which AWS's call takes nothing.
    Whole(&'static str),
    /// Credentials that are there already.
    There,
}

/// What is asked for.
pub(super) struct Target {
    pub(super) name: &'static str,
    last: Last,
    /// What its file says of the session.
    says: &'static [(&'static str, &'static str)],
    /// Flags that could widen that.
    widens: &'static [&'static str],
}

const fn role(name: &'static str) -> Target {
    entry(name, &[], &[])
}

const fn entry(
    name: &'static str,
    says: &'static [(&'static str, &'static str)],
    widens: &'static [&'static str],
) -> Target {
    Target {
        name,
        last: Last::AssumeRole,
        says,
        widens,
    }
}

const fn alone(name: &'static str, last: Last) -> Target {
    Target {
        name,
        last,
        says: &[],
        widens: &[],
    }
}

pub(super) const TARGETS: [Target; 25] = [
    alone("base", Last::GetSessionToken),
    alone("temporary", Last::There),
    alone("process", Last::There),
    alone("sso", Last::Whole("GetRoleCredentials")),
    alone("signed-in", Last::Whole("CreateOAuth2Token")),
    Target {
        name: "web",
        last: Last::WebIdentity,
        says: &[("RoleSessionName", "ci")],
        widens: &[],
    },
    role("r-base"),
    role("r-temporary"),
    role("r-process"),
    role("r-sso"),
    role("r-login"),
    role("r-web"),
    role("r-environment"),
    role("r-container"),
    role("r-instance"),
    role("plain"),
    entry(
        "policy",
        &[("Policy", "{\"Statement\":[]}")],
        &["--read-only", A, B],
    ),
    // The very same is no other.
    entry(
        "arns",
        &[("PolicyArns.member.1.arn", A)],
        &["--read-only", B],
    ),
    entry(
        "tags",
        &[("Tags.member.1.Key", "team"), ("Tags.member.1.Value", "x")],
        &[],
    ),
    entry("other-tags", &[], &["team=x"]),
    entry(
        "short",
        &[("DurationSeconds", "1800"), ("RoleSessionName", "of-file")],
        &[],
    ),
    entry("mfa", &[("RoleSessionName", "jdoe")], &[]),
    role("via"),
    role("of-sso"),
    role("of-web"),
];

pub(super) const FLAGS: [&[&str]; 10] = [
    &[],
    &["--read-only"],
    &["--policy-arn", A],
    &["--policy-arn", B, "--policy-arn", A],
    &["--tag", "team=x"],
    &["--duration", "15m"],
    &["--session-name", "by-flag"],
    &["--region", "eu-west-3"],
    &["--policy-arn", A, "--tag", "team=x"],
    &[
        "--read-only",
        "--duration",
        "900",
        "--session-name",
        "by-flag",
    ],
];

pub(super) type Parameters = BTreeMap<String, String>;

impl Target {
    /// What goes with the request; `None`: the flags are refused.
    pub(super) fn wanted(&self, flags: &[&str]) -> Option<Parameters> {
        let takes: &[&str] = match self.last {
            Last::AssumeRole => &[
                "--read-only",
                "--policy-arn",
                "--tag",
                "--duration",
                "--session-name",
            ],
            Last::WebIdentity => &[
                "--read-only",
                "--policy-arn",
                "--duration",
                "--session-name",
            ],
            Last::GetSessionToken => &["--duration"],
            Last::Whole(_) | Last::There => &[],
        };
        let refused = |word: &&&str| {
            let flag = word.starts_with("--") && **word != "--region";
            (flag && !takes.contains(word)) || self.widens.contains(word)
        };
        if flags.iter().find(refused).is_some() {
            return None;
        }
        let mut wanted = Parameters::new();
        let mut set = |name: &str, value: &str| {
            wanted.insert(name.to_owned(), value.to_owned());
        };
        match self.last {
            Last::AssumeRole | Last::WebIdentity => {
                set("DurationSeconds", "3600");
                set("RoleSessionName", "tester");
            }
            Last::GetSessionToken => set("DurationSeconds", "43200"),
            Last::Whole(_) | Last::There => return Some(wanted),
        }
        if self.name == "other-tags" {
            set("Tags.member.1.Key", "team");
            set("Tags.member.1.Value", "y");
        }
        for (name, value) in self.says {
            set(name, value);
        }
        let has = |word: &str| flags.contains(&word);
        let mut arns = [A, B]
            .into_iter()
            .filter(|arn| has(arn))
            .collect::<Vec<_>>();
        if has("--read-only") {
            arns.push(READ_ONLY);
        }
        for (number, arn) in arns.iter().enumerate() {
            set(&format!("PolicyArns.member.{}.arn", number + 1), arn);
        }
        if has("--tag") {
            set("Tags.member.1.Key", "team");
            set("Tags.member.1.Value", "x");
        }
        if has("--duration") {
            set("DurationSeconds", "900");
        }
        if has("--session-name") {
            set("RoleSessionName", "by-flag");
        }
        Some(wanted)
    }

    pub(super) fn action(&self) -> Option<&'static str> {
        match self.last {
            Last::AssumeRole => Some("AssumeRole"),
            Last::WebIdentity => Some("AssumeRoleWithWebIdentity"),
            Last::GetSessionToken => Some("GetSessionToken"),
            Last::Whole(action) => Some(action),
            Last::There => None,
        }
    }
}
