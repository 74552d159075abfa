//! `credential_source = Ec2InstanceMetadata`.

use aws_sandbox::{Fault, Instance};

use super::Stage;
use crate::harness::Ran;
use crate::support::Checks;

const CONFIG: &str = "[profile p]\nrole_arn = arn:aws:iam::123456789012:role/last\ncredential_source = Ec2InstanceMetadata\nSTS\n";

fn run(stage: &Stage, endpoint: &str) -> Ran {
    let show = [
        "exec",
        "--fresh",
        "p",
        "--",
        "sh",
        "-c",
        "echo $AWS_ACCOUNT_ID",
    ];
    let env = [
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", endpoint),
        ("HTTP_PROXY", "http://127.0.0.1:1"),
        ("NO_PROXY", "127.0.0.1"),
    ];
    stage.run_in(&show, &env)
}

#[test]
fn an_instance_has_a_role() {
    let stage = Stage::of_sources(CONFIG);
    let mut checks = Checks::default();
    let endpoint = stage.sandbox.endpoint();
    checks.ran("role", &run(&stage, &endpoint), "123456789012\n", "", 0);
    checks.ran(
        "slash",
        &run(&stage, &format!("{endpoint}/")),
        "123456789012\n",
        "",
        0,
    );
    let asked = "GetMetadataToken OK by \nGetMetadata OK by \nGetMetadata OK by \nGetInstanceCredentials OK by 222222222222:assumed-role/hub/i-0123456789abcdef0\nAssumeRole OK by 222222222222:assumed-role/hub/i-0123456789abcdef0\n";
    checks.same("asked", &stage.asked(), &asked.repeat(2));
}

#[test]
fn what_goes_wrong_is_told() {
    let stage = Stage::of_sources(CONFIG);
    let mut checks = Checks::default();
    let endpoint = stage.sandbox.endpoint();
    let gave = |what: &str, status: u16| {
        format!(
            "error: the instance metadata service at $STS returned {what}\n  because: HTTP status {status}\n"
        )
    };
    let hop = "  hint: raise the instance's HttpPutResponseHopLimit if this is a container\n";
    let error = |action: &str, status| Fault::error("Any", "any", status).on(action);
    for (case, fault, stderr) in [
        ("no token", error("GetMetadataToken", 403), gave("no token", 403) + hop),
        ("no list", error("GetMetadata", 500).times(3), gave("no role", 500)),
        ("no name", Fault::garbage().on("GetMetadata"), gave("no name of a role", 200)),
        ("no credentials", error("GetInstanceCredentials", 500).times(3), gave("no credentials", 500)),
        (
            "no JSON",
            Fault::garbage().on("GetInstanceCredentials").times(3),
            "error: $STS/latest/meta-data/iam/security-credentials/hub returned no credentials\n  because: it is not a JSON object\n".to_owned(),
        ),
        (
            "cut",
            Fault::cut_mid_body().on("GetInstanceCredentials"),
            "error: the instance metadata service does not answer at $STS\n  because: the answer ended early\n  hint: run it on an EC2 instance, with its metadata service switched on\n".to_owned(),
        ),
    ] {
        stage.sandbox.inject(fault);
        checks.ran(case, &run(&stage, &endpoint), "", &stderr, 125);
        stage.sandbox.clear_faults();
    }
    stage
        .sandbox
        .edit(|world| world.instance = Some(Instance::new("i-0123456789abcdef0", "eu-central-1")))
        .unwrap();
    checks.ran(
        "no role",
        &run(&stage, &endpoint),
        "",
        "error: this instance has no role\n  hint: attach one: aws ec2 associate-iam-instance-profile\n",
        125,
    );
    checks.ran(
        "nobody",
        &run(&stage, "http://127.0.0.1:9"),
        "",
        "error: the instance metadata service does not answer at http://127.0.0.1:9\n  because: tcp connect error: Connection refused\n  hint: run it on an EC2 instance, with its metadata service switched on\n",
        125,
    );
    checks.ran(
        "no URL",
        &run(&stage, "127.0.0.1"),
        "",
        "error: the endpoint of the instance metadata service is not a URL: \"127.0.0.1\"\n  because: it begins with neither http:// nor https://\n  because: AWS_EC2_METADATA_SERVICE_ENDPOINT says so\n  hint: write it as http://host[:port]\n",
        125,
    );
}

/// What may be another answer a moment later is asked for again: three times, or
/// as often as somebody says.
#[test]
fn a_service_that_stumbles_is_asked_again() {
    let stage = Stage::of_sources(CONFIG);
    let mut checks = Checks::default();
    let endpoint = stage.sandbox.endpoint();
    let error = |action: &str, status| Fault::error("Any", "any", status).on(action);
    for action in ["GetMetadataToken", "GetMetadata", "GetInstanceCredentials"] {
        for (status, times, well) in [
            (500, 2, true),
            (503, 2, true),
            (429, 1, true),
            (500, 3, false),
            (403, 1, false),
        ] {
            stage.sandbox.inject(error(action, status).times(times));
            let ran = run(&stage, &endpoint);
            let case = format!("{action}: {status}, {times} times");
            let (stdout, code) = if well {
                ("123456789012\n", "0")
            } else {
                ("", "125")
            };
            checks.same(&case, &ran.stdout, stdout);
            checks.same(&case, &ran.status.to_string(), code);
            stage.sandbox.clear_faults();
        }
    }
    for (name, value, times, well) in [
        ("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "1", 1, false),
        ("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "5", 4, true),
    ] {
        stage
            .sandbox
            .inject(error("GetMetadataToken", 500).times(times));
        let env = [
            ("AWS_EC2_METADATA_SERVICE_ENDPOINT", endpoint.as_str()),
            (name, value),
        ];
        let ran = stage.run_in(&["exec", "--fresh", "p", "--", "true"], &env);
        checks.number(value, usize::from(ran.status == 0), usize::from(well));
        stage.sandbox.clear_faults();
    }
}

/// The profile may say where the service is, and how it is asked.
#[test]
fn the_profile_says_where_the_service_is() {
    let stage = Stage::of_sources(CONFIG);
    let endpoint = stage.sandbox.endpoint();
    let mut checks = Checks::default();
    let show = [
        "exec",
        "--fresh",
        "p",
        "--",
        "sh",
        "-c",
        "echo $AWS_ACCOUNT_ID",
    ];
    stage.config(&format!(
        "{CONFIG}ec2_metadata_service_endpoint = {endpoint}\nmetadata_service_num_attempts = 2\n"
    ));
    checks.ran("endpoint", &stage.run(&show), "123456789012\n", "", 0);
    let plan = stage.run(&["plan", "p"]).stdout;
    let row = |label: &str| {
        let line = plan
            .lines()
            .find(|line| line.trim_start().starts_with(label));
        line.unwrap_or_default()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    checks.same("plan", &row("asked at"), "asked at $STS ~/.aws/config:5:33");
    checks.same("plan", &row("attempts"), "attempts 2 ~/.aws/config:6:33");
    for (line, message) in [
        (
            "ec2_metadata_service_endpoint_mode = ipv5",
            "the mode of the instance metadata service is IPv4 or IPv6, not \"ipv5\"",
        ),
        (
            "metadata_service_timeout = soon",
            "the timeout of the instance metadata service is not a number: \"soon\"",
        ),
    ] {
        stage.config(&format!("{CONFIG}{line}\n"));
        let at = line.find('=').unwrap() + 3;
        for command in ["plan", "check"] {
            let ran = stage.run(&[command, "p"][..if command == "plan" { 2 } else { 1 }]);
            let place = format!("error: {message}\n --> ~/.aws/config:5:{at}\n");
            let said = format!("{}{}", ran.stdout, ran.stderr);
            assert!(said.contains(&place), "{command}: {said}");
        }
    }
}
