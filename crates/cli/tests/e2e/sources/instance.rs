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
            "error: the instance metadata service at $STS gave {what}\n  because: HTTP status {status}\n"
        )
    };
    let hop = "  hint: from inside a container: the instance may have to let more hops through (HttpPutResponseHopLimit)\n";
    let error = |action: &str, status| Fault::error("Any", "any", status).on(action);
    for (case, fault, stderr) in [
        ("no token", error("GetMetadataToken", 403), gave("no token", 403) + hop),
        ("no list", error("GetMetadata", 500), gave("no role", 500)),
        ("no name", Fault::garbage().on("GetMetadata"), gave("no name of a role", 200)),
        ("no credentials", error("GetInstanceCredentials", 500), gave("no credentials", 500)),
        (
            "no JSON",
            Fault::garbage().on("GetInstanceCredentials"),
            "error: $STS/latest/meta-data/iam/security-credentials/hub gave an answer without credentials\n  because: it is no JSON object\n".to_owned(),
        ),
        (
            "cut",
            Fault::cut_mid_body().on("GetInstanceCredentials"),
            "error: the instance metadata service does not answer at $STS\n  because: the answer ended early\n  hint: this works on an EC2 instance, with its metadata service switched on\n".to_owned(),
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
        "error: this instance has no role\n  hint: give it one: aws ec2 associate-iam-instance-profile\n",
        125,
    );
    checks.ran(
        "nobody",
        &run(&stage, "http://127.0.0.1:9"),
        "",
        "error: the instance metadata service does not answer at http://127.0.0.1:9\n  because: tcp connect error: Connection refused\n  hint: this works on an EC2 instance, with its metadata service switched on\n",
        125,
    );
    checks.ran(
        "no URL",
        &run(&stage, "127.0.0.1"),
        "",
        "error: the end point of the instance metadata service is not a URL: \"127.0.0.1\"\n  because: it begins with neither http:// nor https://\n  because: AWS_EC2_METADATA_SERVICE_ENDPOINT says so\n  hint: write it as http://host[:port]\n",
        125,
    );
}
