//! Which region STS is asked in, which one is exported, and which partition a
//! role is in.

use aws_sandbox::{Options, Role, User, World};

use super::harness::{BASE_ACCOUNT, KEY, SECRET, Stage};
use super::support::{Checks, check};

#[test]
fn the_region_of_sts_and_the_region_that_is_exported() {
    let stage = Stage::new();
    let role = |region: &str| {
        format!(
            r#""plain": {{{region} "aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain"}}"#
        )
    };
    let own = r#""aws_region": "eu-west-1","#;
    let (none, profile) = ("", "region = eu-west-2\n");
    let default = r#""aws_region": "eu-west-3", "#;
    let new = ("AWS_REGION", "us-west-1");
    let old = ("AWS_DEFAULT_REGION", "us-west-2");
    let mut checks = Checks::default();
    for (case, role_has, file_has, profile_has, env, asked, exported) in [
        ("nothing", none, none, none, &[][..], "us-east-1", ""),
        ("old variable", none, none, none, &[old], "us-west-2", ""),
        (
            "new variable",
            none,
            none,
            none,
            &[old, new],
            "us-west-1",
            "",
        ),
        (
            "variable that is none",
            none,
            none,
            none,
            &[("AWS_REGION", "not a region")],
            "us-east-1",
            "",
        ),
        (
            "profile",
            none,
            none,
            profile,
            &[new],
            "eu-west-2",
            "eu-west-2",
        ),
        (
            "file",
            none,
            default,
            none,
            &[new],
            "eu-west-3",
            "eu-west-3",
        ),
        (
            "file and profile",
            none,
            default,
            profile,
            &[new],
            "eu-west-2",
            "eu-west-3",
        ),
        ("role", own, default, none, &[new], "eu-west-1", "eu-west-1"),
        (
            "all",
            own,
            default,
            profile,
            &[new],
            "eu-west-2",
            "eu-west-1",
        ),
    ] {
        stage.write(
            ".assumerole",
            &format!("{{{file_has}\"assume_roles\": {{{}}}}}", role(role_has)),
        );
        let endpoint = stage.sandbox.endpoint();
        stage.write(
            ".aws/config",
            &format!("[profile base]\nendpoint_url = {endpoint}\n{profile_has}"),
        );
        let ran = stage.run_in(
            &[
                "exec",
                "--fresh",
                "plain",
                "sh",
                "-c",
                "echo $AWS_REGION$AWS_DEFAULT_REGION",
            ],
            env,
        );
        checks.ran(case, &ran, &format!("{exported}{exported}\n"), "", 0);
        checks.same(case, &stage.sandbox.journal().last().unwrap().region, asked);
    }
}

#[test]
fn the_partition_is_that_of_the_device_or_of_the_region() {
    let device = "arn:aws-cn:iam::210987654321:mfa/jdoe";
    let world = World::new("aws-cn")
        .user(
            User::new("jdoe", BASE_ACCOUNT)
                .key(KEY, SECRET)
                .mfa(device, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"),
        )
        .role(Role::new("arn:aws-cn:iam::123456789012:role/read").trusting(BASE_ACCOUNT));
    let stage = Stage::with(world, Options::default());
    let role = |more: &str| {
        format!(
            r#""read": {{"aws_profile": "base", "aws_account": "123456789012", "aws_role": "read", {more}}}"#
        )
    };
    stage.roles(&role(&format!(
        "\"aws_mfa_arn\": \"{device}\", \"mfa_session\": false"
    )));
    let code = stage.sandbox.code(device);
    let show = "echo $AWS_ACCOUNT $AWS_REGION";
    let ran = stage.run_in(
        &["exec", "read", "--mfa-code", &code, "sh", "-c", show],
        &[("AWS_REGION", "eu-west-1")],
    );
    check(&ran, "read\n", "", 0);
    assert_eq!(stage.sandbox.journal()[0].region, "cn-north-1");
    stage.roles(&role("\"aws_region\": \"cn-northwest-1\""));
    check(
        &stage.run(&["exec", "read", "sh", "-c", show]),
        "read cn-northwest-1\n",
        "",
        0,
    );
    assert_eq!(stage.sandbox.journal()[1].region, "cn-northwest-1");
}
