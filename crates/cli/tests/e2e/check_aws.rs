//! `check` on `~/.aws`: what the AWS CLI stumbles over, or reads otherwise than
//! it looks.

use super::harness::Stage;
use super::support::{Checks, base_keys};

/// Rule, severity and place of each finding in `~/.aws`, a line each.
fn found(stage: &Stage) -> String {
    let ran = stage.run(&["check", "--json"]);
    let page: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let findings = page["findings"].as_array().expect("a list");
    let findings = findings.iter().map(|finding| {
        let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
        let file = text("file");
        let file = file.rsplit('/').next().unwrap_or_default();
        format!(
            "{} {} {file}:{}:{} {}\n",
            text("severity"),
            text("rule"),
            finding["line"],
            finding["column"],
            text("message")
        )
    });
    findings
        .filter(|line| !line.contains(" .assumerole:"))
        .collect()
}

#[test]
fn what_the_aws_cli_stumbles_over_is_found() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    let p = |lines: &str| format!("[profile p]\n{lines}\n");
    let no_block = "every call of the AWS CLI with this profile ends with an error: s3 is not a block of sub-keys";
    let comment =
        "what looks like a comment is part of the value: put comments on a line of their own";
    let name = "the blank at the beginning or end of this name is part of it";
    let no_profile = "not a profile: the config file needs [profile NAME]";
    for (config, findings) in [
        // Blocks that lost their indentation, or never had one.
        (p("s3 =\nsignature_version = s3v4"), format!("error line config:2:1 {no_block}\n")),
        (p("s3 = signature_version = s3v4"), format!("error line config:2:1 {no_block}\n")),
        (p("s3 =\n# note\n"), format!("error line config:2:1 {no_block}\n")),
        (p("s3 =\n  signature_version = s3v4"), String::new()),
        // Values that end calls.
        (
            p("s3 =\n  addressing_style = Path\n  max_queue_size = 1"),
            "error line config:3:22 every call of the AWS CLI with this profile ends with an error: addressing_style is auto, path or virtual\n".to_owned(),
        ),
        (
            p("s3 =\n  max_bandwidth = 5MB\n  us_east_1_regional_endpoint ="),
            "warning line config:3:19 every transfer of aws s3 with this profile ends with an error: max_bandwidth is a rate, such as 10MB/s\n\
             error line config:4:32 every call of the AWS CLI with this profile ends with an error: us_east_1_regional_endpoint is legacy or regional\n".to_owned(),
        ),
        (
            p("s3 =\n  max_bandwidth = 5MB/s\n  multipart_threshold = 64mb\n  multipart_chunksize = 1048576\n  max_concurrent_requests = 20\n  use_accelerate_endpoint = maybe"),
            String::new(),
        ),
        (
            p("retry_mode = Standard\ndefaults_mode = Auto"),
            "error line config:2:14 every call of the AWS CLI with this profile ends with an error: retry_mode is legacy, standard or adaptive\n".to_owned(),
        ),
        // Comments behind values.
        (p("output = json # mine"), format!("warning line config:2:15 {comment}\n")),
        (p("output = json ; mine"), format!("warning line config:2:15 {comment}\n")),
        (p("output = json\t#"), format!("warning line config:2:15 {comment}\n")),
        (p("sso_start_url = https://a.example/start#/"), String::new()),
        (p("# output = json # mine"), String::new()),
        (
            p("region = us-east-1 # home"),
            "error plan config:2:10 the region of profile p is not a region\n".to_owned(),
        ),
        // Zones for regions.
        (
            p("region = us-east-1a"),
            "error plan config:2:10 the region of profile p is an Availability Zone, not a region\n".to_owned(),
        ),
        (
            p("region = us-west-2-lax-1a"),
            "error plan config:2:10 the region of profile p is an Availability Zone, not a region\n".to_owned(),
        ),
        (p("region = us-gov-west-1"), String::new()),
        (
            "[sso-session s]\nsso_start_url = https://a.example\nsso_region = eu-west-1b\n".to_owned(),
            "error plan config:3:14 the sso_region of profile s is an Availability Zone, not a region\n".to_owned(),
        ),
        // Names with blanks.
        ("[ default ]\noutput = json\n".to_owned(), format!("error line config:1:1 {no_profile}\n")),
        ("[Default]\noutput = json\n".to_owned(), format!("error line config:1:1 {no_profile}\n")),
        ("[ profile p ]\noutput = json\n".to_owned(), format!("error line config:1:1 {no_profile}\n")),
        ("[Profile p]\noutput = json\n".to_owned(), format!("error line config:1:1 {no_profile}\n")),
        ("[profile p ]\noutput = json\n".to_owned(), String::new()),
        // What ends every request.
        (
            p("max_attempts = abc"),
            "error plan config:2:16 max_attempts of profile p is a number, not \"abc\"\n".to_owned(),
        ),
        (
            p("ignore_configured_endpoint_urls = yes"),
            "error plan config:2:35 ignore_configured_endpoint_urls of profile p is true or false, not \"yes\"\n".to_owned(),
        ),
        (
            p("services = gone"),
            "error plan config:2:12 profile p uses the services section gone, which does not exist\n".to_owned(),
        ),
        (
            "[services s]\nsts = https://sts.example.com\ns3 =\n  endpoint_url = http://x\n".to_owned(),
            "error plan config:2:1 sts of the services section s is not a block of sub-keys\n".to_owned(),
        ),
        (
            p("sso_session = gone"),
            "error plan config:2:15 profile p uses the sso-session gone, which does not exist\n".to_owned(),
        ),
        (
            p("ec2_metadata_service_endpoint_mode = ipv5"),
            "error plan config:2:38 the mode of the instance metadata service is IPv4 or IPv6, not \"ipv5\"\n".to_owned(),
        ),
        (
            p("endpoint_url = localhost:4566\nuse_fips_endpoint = true"),
            "error plan config:2:16 the endpoint of STS is not a URL: \"localhost:4566\"\n".to_owned(),
        ),
    ] {
        let endpoint = stage.sandbox.endpoint();
        stage.write(".aws/config", &format!("{config}[profile base]\nendpoint_url = {endpoint}\n"));
        checks.same(&config, &found(&stage), &findings);
    }
    stage.write(".aws/config", "");
    stage.write(
        ".aws/credentials",
        &format!(
            "{}[ default ]\n{}",
            base_keys(),
            base_keys().split_once('\n').unwrap().1
        ),
    );
    checks.same(
        "credentials",
        &found(&stage),
        &format!("error line credentials:4:1 {name}\n"),
    );
    checks.number("requests", stage.requests(), 0);
}
