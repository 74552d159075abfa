use super::*;

fn console(partition: &str, region: Option<&str>) -> Console {
    let region = region.map(|region| region.parse().unwrap());
    Console::new(&partition.parse().unwrap(), region.as_ref()).unwrap()
}

#[test]
fn each_partition_has_its_own_hosts() {
    for (partition, region, federation, home) in [
        (
            "aws",
            None,
            "https://signin.aws.amazon.com/federation",
            "https://console.aws.amazon.com/console/home",
        ),
        (
            "aws",
            Some("us-east-1"),
            "https://signin.aws.amazon.com/federation",
            "https://console.aws.amazon.com/console/home?region=us-east-1",
        ),
        (
            "aws",
            Some("eu-west-1"),
            "https://eu-west-1.signin.aws.amazon.com/federation",
            "https://eu-west-1.console.aws.amazon.com/console/home?region=eu-west-1",
        ),
        (
            "aws-us-gov",
            Some("us-gov-east-1"),
            "https://us-gov-east-1.signin.amazonaws-us-gov.com/federation",
            "https://us-gov-east-1.console.amazonaws-us-gov.com/console/home?region=us-gov-east-1",
        ),
        (
            "aws-cn",
            Some("cn-north-1"),
            "https://signin.amazonaws.cn/federation",
            "https://console.amazonaws.cn/console/home?region=cn-north-1",
        ),
        (
            "aws-eusc",
            None,
            "https://signin.amazonaws-eusc.eu/federation",
            "https://console.amazonaws-eusc.eu/console/home",
        ),
    ] {
        let console = console(partition, region);
        assert_eq!(console.federation(), federation, "{partition} {region:?}");
        assert_eq!(
            console.destination(&ConsolePage::Home).unwrap(),
            home,
            "{partition} {region:?}"
        );
    }
    let region = "eu-west-1".parse().unwrap();
    assert!(Console::new(&"aws-cn".parse().unwrap(), Some(&region)).is_err());
    assert!(Console::new(&"aws-iso".parse().unwrap(), None).is_err());
}

#[test]
fn services_and_paths_lead_into_the_console() {
    let console = console("aws", Some("eu-west-1"));
    for (place, url) in [
        (
            ConsolePage::Service("s3".to_owned()),
            "https://eu-west-1.console.aws.amazon.com/s3/buckets?region=eu-west-1",
        ),
        (
            ConsolePage::Service("LOGS".to_owned()),
            "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:log-groups",
        ),
        (
            ConsolePage::Service("iam".to_owned()),
            "https://console.aws.amazon.com/iam/home",
        ),
        (
            ConsolePage::Service("new/one?x".to_owned()),
            "https://eu-west-1.console.aws.amazon.com/new%2Fone%3Fx/home?region=eu-west-1",
        ),
        (
            ConsolePage::Url("/s3/buckets/a?tab=b#c".to_owned()),
            "https://eu-west-1.console.aws.amazon.com/s3/buckets/a?tab=b&region=eu-west-1#c",
        ),
        (
            ConsolePage::Url("ec2/home?region=us-east-2".to_owned()),
            "https://eu-west-1.console.aws.amazon.com/ec2/home?region=us-east-2",
        ),
        (
            ConsolePage::Url("https://us-east-2.console.aws.amazon.com/ec2/home".to_owned()),
            "https://us-east-2.console.aws.amazon.com/ec2/home",
        ),
    ] {
        assert_eq!(console.destination(&place).unwrap(), url, "{place:?}");
    }
}

#[test]
fn other_hosts_are_no_destination() {
    let console = console("aws", None);
    for url in [
        "",
        "http://console.aws.amazon.com/",
        "https://evil.example/",
        "https://console.aws.amazon.com.evil.example/",
        "https://evilconsole.aws.amazon.com/",
        "https://user@console.aws.amazon.com/",
        "https://evil.example\\.console.aws.amazon.com/",
        "https://evil.example:443@x.console.aws.amazon.com/",
        "https://console.amazonaws.cn/",
        "javascript://console.aws.amazon.com/%0aalert(1)",
        "/a b",
        "/a\nb",
    ] {
        assert!(
            console
                .destination(&ConsolePage::Url(url.to_owned()))
                .is_err(),
            "{url}"
        );
    }
    // What has no scheme is a path of the console.
    let path = console.destination(&ConsolePage::Url("//evil.example/".to_owned()));
    assert_eq!(
        path.unwrap(),
        "https://console.aws.amazon.com/evil.example/"
    );
}

#[test]
fn a_token_is_asked_for_and_used() {
    let mut credentials = Credentials {
        access_key_id: "ASIA1".to_owned(),
        secret_access_key: "a/b+c".into(),
        session_token: Some("t=".into()),
        expires: None,
    };
    let request = Console::token_request(&credentials, Some(3600)).unwrap();
    assert_eq!(
        request.expose_secret(),
        "Action=getSigninToken&SessionDuration=3600&Session=%7B%22sessionId%22%3A%22ASIA1%22%2C%22sessionKey%22%3A%22a%2Fb%2Bc%22%2C%22sessionToken%22%3A%22t%3D%22%7D"
    );
    let request = Console::token_request(&credentials, None).unwrap();
    assert!(!request.expose_secret().contains("SessionDuration"));
    credentials.session_token = None;
    assert!(Console::token_request(&credentials, None).is_err());
    let aws = console("aws", None);
    let url = aws.login_url("https://console.aws.amazon.com/s3/?a=b", &"to&ken".into());
    assert_eq!(
        url.expose_secret(),
        "https://signin.aws.amazon.com/federation?Action=login&Issuer=assumerole&Destination=https%3A%2F%2Fconsole.aws.amazon.com%2Fs3%2F%3Fa%3Db&SigninToken=to%26ken"
    );
    let multi = aws.beside_others(&"https://x/?a=b&c".into()).unwrap();
    assert_eq!(
        multi.expose_secret(),
        "https://us-east-1.signin.aws.amazon.com/sessions/v1/opt-in?redirect_uri=https%3A%2F%2Fx%2F%3Fa%3Db%26c"
    );
    assert!(console("aws-cn", None).beside_others(&"x".into()).is_err());
    let here = aws.at(Some("http://127.0.0.1:1/"));
    assert_eq!(here.federation(), "http://127.0.0.1:1/federation");
}

#[test]
fn the_portal_has_a_short_cut() {
    for (start, destination, url) in [
        (
            "https://d-1.awsapps.com/start",
            None,
            "https://d-1.awsapps.com/start/#/console?account_id=123456789012&role_name=Read%20Only",
        ),
        (
            "https://d-1.awsapps.com/start/#/",
            Some("https://x/?a"),
            "https://d-1.awsapps.com/start/#/console?account_id=123456789012&role_name=Read%20Only&destination=https%3A%2F%2Fx%2F%3Fa",
        ),
    ] {
        assert_eq!(
            portal_url(start, "123456789012", "Read Only", destination),
            url
        );
    }
}
