//! Where STS is asked: endpoints that are set, and AWS's own.

use aws_sandbox::{Options, Sandbox};

use super::harness::{Stage, world};
use super::support::Checks;
use super::wire::{Manner, Proxy};

#[test]
fn service_goes_before_global_and_environment_before_file() {
    let stage = Stage::new();
    // A server for each place that an endpoint can be set at.
    let places = [
        "global profile",
        "services",
        "AWS_ENDPOINT_URL",
        "AWS_ENDPOINT_URL_STS",
    ];
    let servers = places.map(|_| Sandbox::start(world(), Options::default()).unwrap());
    let [global, services, all, sts] = servers.each_ref().map(Sandbox::endpoint);
    let mut checks = Checks::default();
    for (case, in_profile, env, asked) in [
        ("profile", "g", "", "global profile"),
        ("services", "gs", "", "services"),
        ("services alone", "s", "", "services"),
        ("variable", "gs", "a", "AWS_ENDPOINT_URL"),
        (
            "variable of the service",
            "gs",
            "as",
            "AWS_ENDPOINT_URL_STS",
        ),
        (
            "variable of the service alone",
            "",
            "s",
            "AWS_ENDPOINT_URL_STS",
        ),
    ] {
        let mut config = "[profile base]\nregion = eu-west-1\n".to_owned();
        if in_profile.contains('g') {
            config += &format!("endpoint_url = {global}\n");
        }
        if in_profile.contains('s') {
            config += &format!(
                "services = local\n[services local]\ns3 =\n  endpoint_url = http://127.0.0.1:9\nsts =\n  endpoint_url = {services}\n"
            );
        }
        stage.write(".aws/config", &config);
        let mut command = stage.command(&["exec", "--fresh", "plain", "true"]);
        command.envs(env.contains('a').then_some(("AWS_ENDPOINT_URL", &all)));
        command.envs(env.contains('s').then_some(("AWS_ENDPOINT_URL_STS", &sts)));
        checks.ran(case, &stage.ran(&mut command), "", "", 0);
        let counts: Vec<(&str, usize)> = places
            .into_iter()
            .zip(servers.each_ref().map(|server| server.journal().len()))
            .filter(|(_, requests)| *requests > 0)
            .collect();
        checks.same(case, &format!("{counts:?}"), &format!("{:?}", [(asked, 1)]));
        servers.iter().for_each(Sandbox::clear_journal);
    }
}

/// Runs the role through a proxy that refuses, and says whom it was asked for.
fn host(stage: &Stage, proxy: &Proxy, config: &str, env: &[(&str, &str)]) -> String {
    stage.write(".aws/config", config);
    let url = proxy.url();
    let mut command = stage.command(&["exec", "--fresh", "plain", "true"]);
    command
        .env("HTTPS_PROXY", url)
        .env("AWS_MAX_ATTEMPTS", "1")
        .envs(env.iter().copied());
    let ran = stage.ran(&mut command);
    assert_eq!((ran.stdout.as_str(), ran.status), ("", 125), "{ran:?}");
    proxy.asked().join(", ")
}

#[test]
fn the_host_is_aws_own_for_the_region_with_fips_and_dual_stack() {
    let stage = Stage::new();
    let proxy = Proxy::start(Manner::Refuses);
    let fips = ("AWS_USE_FIPS_ENDPOINT", "true");
    let no_fips = ("AWS_USE_FIPS_ENDPOINT", "false");
    let dual = ("AWS_USE_DUALSTACK_ENDPOINT", "true");
    let mut checks = Checks::default();
    for (region, profile, env, host_name) in [
        ("", "", &[][..], "sts.us-east-1.amazonaws.com"),
        ("us-east-1", "", &[], "sts.us-east-1.amazonaws.com"),
        ("eu-central-1", "", &[], "sts.eu-central-1.amazonaws.com"),
        ("us-west-2", "", &[fips], "sts-fips.us-west-2.amazonaws.com"),
        (
            "us-west-2",
            "use_fips_endpoint = true\n",
            &[],
            "sts-fips.us-west-2.amazonaws.com",
        ),
        (
            "us-west-2",
            "use_fips_endpoint = true\n",
            &[no_fips],
            "sts.us-west-2.amazonaws.com",
        ),
        ("us-west-2", "", &[dual], "sts.us-west-2.api.aws"),
        (
            "us-west-2",
            "use_dualstack_endpoint = true\n",
            &[],
            "sts.us-west-2.api.aws",
        ),
        ("us-west-2", "", &[fips, dual], "sts-fips.us-west-2.api.aws"),
    ] {
        let config = format!("[profile base]\nregion = {region}\n{profile}");
        let expected = format!("CONNECT {host_name}:443");
        checks.same(
            &format!("{region} {profile}{env:?}"),
            &host(&stage, &proxy, &config, env),
            &expected,
        );
    }
    stage.roles(r#""plain": {"aws_profile": "base", "aws_role": "arn:aws-cn:iam::123456789012:role/plain"}"#);
    let china = host(&stage, &proxy, "[profile base]\n", &[]);
    checks.same(
        "China",
        &china,
        "CONNECT sts.cn-north-1.amazonaws.com.cn:443",
    );
    stage.roles(r#""plain": {"aws_profile": "base", "aws_role": "arn:aws-us-gov:iam::123456789012:role/plain"}"#);
    let gov = host(
        &stage,
        &proxy,
        "[profile base]\nregion = us-gov-east-1\n",
        &[],
    );
    checks.same(
        "GovCloud",
        &gov,
        "CONNECT sts.us-gov-east-1.amazonaws.com:443",
    );
}

#[test]
fn end_points_that_are_set_can_be_ignored() {
    let stage = Stage::new();
    let proxy = Proxy::start(Manner::Refuses);
    let endpoint = stage.sandbox.endpoint();
    let set = [
        ("AWS_ENDPOINT_URL", endpoint.as_str()),
        ("AWS_ENDPOINT_URL_STS", &endpoint),
    ];
    let config = format!("[profile base]\nregion = eu-west-1\nendpoint_url = {endpoint}\n");
    let aws = "CONNECT sts.eu-west-1.amazonaws.com:443";
    let mut checks = Checks::default();
    let ignore = ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
    let with = [&set[..], &[ignore]].concat();
    checks.same("variable", &host(&stage, &proxy, &config, &with), aws);
    let in_file = format!("{config}ignore_configured_endpoint_urls = true\n");
    checks.same("file", &host(&stage, &proxy, &in_file, &set), aws);
    checks.number("requests", stage.requests(), 0);
    // The variable also switches the file's wish off.
    stage.write(".aws/config", &in_file);
    let off = [("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false")];
    let ran = stage.run_in(&["exec", "plain", "echo", "works"], &off);
    checks.ran("switched off", &ran, "works\n", "", 0);
}
