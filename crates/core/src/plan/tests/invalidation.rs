//! What makes a new session of what is asked for in either file, and what does
//! not.

use super::Case;
use super::chains::{READ, profile};

/// Every field of a profile with a role, of its chain, and of a source that
/// changes the credentials changes the key; what only says how things are
/// called or reached does not.
#[test]
fn keys_of_profiles() {
    let base = format!(
        "[profile p]\n{READ}source_profile = q\n[profile q]\nrole_arn = arn:aws:iam::222222222222:role/hub\nsource_profile = base\n"
    );
    let sso = "[profile p]\nsso_session = s\nsso_account_id = 222222222222\nsso_role_name = A\n[sso-session s]\nsso_start_url = https://x\nsso_region = eu-west-1\n";
    let web = format!("[profile p]\n{READ}web_identity_token_file = /t\n");
    let process = "[profile p]\ncredential_process = cmd a\n";
    let login =
        "[profile p]\nlogin_session = arn:aws:iam::222222222222:user/x\nregion = eu-west-1\n";
    let key = |config: &str| profile(config).planned().fingerprint();
    for (what, config, from, to, same) in [
        ("role", base.as_str(), "role/read", "role/write", false),
        (
            "account",
            base.as_str(),
            "123456789012",
            "123456789013",
            false,
        ),
        (
            "role on the way",
            base.as_str(),
            "role/hub",
            "role/bub",
            false,
        ),
        (
            "duration",
            base.as_str(),
            "source_profile = q",
            "duration_seconds = 900\nsource_profile = q",
            false,
        ),
        (
            "duration on the way",
            base.as_str(),
            "source_profile = base",
            "duration_seconds = 900\nsource_profile = base",
            false,
        ),
        (
            "external ID",
            base.as_str(),
            "source_profile = q",
            "external_id = x1\nsource_profile = q",
            false,
        ),
        (
            "external ID on the way",
            base.as_str(),
            "source_profile = base",
            "external_id = x1\nsource_profile = base",
            false,
        ),
        (
            "session name",
            base.as_str(),
            "source_profile = q",
            "role_session_name = x1\nsource_profile = q",
            false,
        ),
        (
            "device on the way",
            base.as_str(),
            "source_profile = base",
            "mfa_serial = arn:aws:iam::210987654321:mfa/x\nsource_profile = base",
            false,
        ),
        (
            "region",
            base.as_str(),
            "source_profile = q",
            "region = eu-west-1\nsource_profile = q",
            false,
        ),
        (
            "endpoint",
            base.as_str(),
            "source_profile = q",
            "endpoint_url = http://x\nsource_profile = q",
            false,
        ),
        (
            "FIPS",
            base.as_str(),
            "source_profile = q",
            "use_fips_endpoint = true\nsource_profile = q",
            false,
        ),
        (
            "global endpoint",
            base.as_str(),
            "source_profile = q",
            "sts_regional_endpoints = legacy\nsource_profile = q",
            false,
        ),
        (
            "source",
            base.as_str(),
            "source_profile = base",
            "credential_source = Ec2InstanceMetadata",
            false,
        ),
        (
            "an hour, said",
            base.as_str(),
            "source_profile = q",
            "duration_seconds = 3600\nsource_profile = q",
            true,
        ),
        (
            "attempts",
            base.as_str(),
            "source_profile = q",
            "max_attempts = 9\nsource_profile = q",
            true,
        ),
        (
            "an unknown key",
            base.as_str(),
            "source_profile = q",
            "output = json\nsource_profile = q",
            true,
        ),
        ("SSO account", sso, "222222222222", "222222222223", false),
        ("SSO role", sso, "= A", "= B", false),
        ("SSO portal", sso, "https://x", "https://y", false),
        ("SSO region", sso, "eu-west-1", "eu-west-2", false),
        ("name of the SSO session", sso, "s\n", "t\n", false),
        ("token file", web.as_str(), "/t", "/u", false),
        (
            "web identity's role",
            web.as_str(),
            "role/read",
            "role/write",
            false,
        ),
        (
            "web identity's name",
            web.as_str(),
            "web_",
            "role_session_name = x1\nweb_",
            false,
        ),
        (
            "web identity's duration",
            web.as_str(),
            "web_",
            "duration_seconds = 900\nweb_",
            false,
        ),
        ("command", process, "cmd a", "cmd b", false),
        ("login", login, "user/x", "user/y", false),
        (
            "region of the login",
            login,
            "eu-west-1",
            "eu-west-2",
            false,
        ),
    ] {
        let changed = match what {
            // In both its places. The portal is the same one, and who logged in
            // there by another name may be another person.
            "name of the SSO session" => config
                .replace("= s\n", "= t\n")
                .replace("sso-session s]", "sso-session t]"),
            _ => config.replacen(from, to, 1),
        };
        assert_ne!(changed, config, "{what}");
        assert_eq!(key(&changed) == key(config), same, "{what}");
    }
}

/// The same for what `~/.assumerole` says of sessions and chains.
#[test]
fn keys_of_chains() {
    let hub = r#", "a": {"aws_profile": "base", "aws_account": "222222222222", "aws_role": "hub", "aws_mfa_arn": "arn:aws:iam::210987654321:mfa/jdoe"}"#;
    let via = r#""via": "a", "aws_account": "123456789012", "aws_role": "read""#;
    let key = |role: &str, more: &str, top: &str| {
        let case = Case {
            role: role.into(),
            more: more.into(),
            top: top.into(),
            ..Case::default()
        };
        case.planned().fingerprint()
    };
    let base = key(via, hub, "");
    for (what, changed, same) in [
        (
            "the way",
            key(
                &via.replace(r#""via": "a""#, r#""aws_profile": "base""#),
                hub,
                "",
            ),
            false,
        ),
        (
            "role on the way",
            key(via, &hub.replace("hub", "bub"), ""),
            false,
        ),
        (
            "device on the way",
            key(via, &hub.replace("mfa/jdoe", "mfa/jane"), ""),
            false,
        ),
        (
            "tag on the way",
            key(
                via,
                &hub.replace(r#""hub""#, r#""hub", "session_tags": {"a": "b"}"#),
                "",
            ),
            false,
        ),
        (
            "session",
            key(
                via,
                &hub.replace(r#""hub""#, r#""hub", "mfa_session": false"#),
                "",
            ),
            false,
        ),
        (
            "seconds of the session",
            key(
                via,
                &hub.replace(r#""hub""#, r#""hub", "mfa_session_seconds": 900"#),
                "",
            ),
            false,
        ),
        (
            "seconds for all",
            key(via, hub, r#""mfa_session_seconds": 900,"#),
            false,
        ),
        (
            "no session for all",
            key(via, hub, r#""mfa_session": false,"#),
            false,
        ),
        (
            "name of the one on the way",
            key(
                &via.replace(r#""a""#, r#""b""#),
                &hub.replace(r#""a":"#, r#""b":"#),
                "",
            ),
            true,
        ),
        (
            "to be confirmed",
            key(&format!(r#"{via}, "confirm": true"#), hub, ""),
            true,
        ),
        (
            "12 hours, said",
            key(via, hub, r#""mfa_session_seconds": 43200,"#),
            true,
        ),
    ] {
        assert_eq!(changed == base, same, "{what}");
    }
}
