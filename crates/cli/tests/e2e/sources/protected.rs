//! A machine whose role a file protects: which role it has is only known when it
//! has answered, and is looked at before anything is made of it.

use std::fs;

use super::callers::{instance_of, show, task_of, two_of_each};
use crate::harness::Stage;
use crate::support::Checks;
use aws_sandbox::Options;

const HUB: &str = "arn:aws:iam::222222222222:role/hub";

fn refused() -> String {
    let hint = "add --yes=prod";
    format!(
        "error: role p is not assumed: this machine has the role of prod\n  because: prod has \
         \"confirm\": true at ~/.assumerole:1:AT\n  hint: {hint} if you mean it\n"
    )
}

#[test]
fn the_role_of_a_machine_may_be_protected() {
    let mut checks = Checks::default();
    for source in ["EcsContainer", "Ec2InstanceMetadata"] {
        for (protected, is) in [
            (r#""aws_account": "222222222222", "aws_role": "hub""#, true),
            (
                r#""aws_account": "222222222222", "aws_role": "team/Hub""#,
                true,
            ),
            (
                r#""aws_account": "222222222222", "aws_role": "other""#,
                false,
            ),
            (r#""aws_account": "444444444444", "aws_role": "hub""#, false),
            (r#""aws_role": "hub""#, true),
        ] {
            let stage = Stage::with(two_of_each(), Options::default());
            let endpoint = stage.sandbox.endpoint();
            stage.write(
                ".aws/config",
                &format!("[profile p]\nrole_arn = arn:aws:iam::123456789012:role/both\ncredential_source = {source}\nregion = eu-central-1\nendpoint_url = {endpoint}\n"),
            );
            let machine = match source {
                "EcsContainer" => task_of(&stage, HUB),
                _ => instance_of(&stage, HUB),
            };
            // Before it was protected: then it is in the cache.
            fs::remove_file(stage.path(".assumerole")).unwrap();
            let case = format!("{source} {protected}");
            checks.number(&case, show(&stage, "p", &machine).status as usize, 0);
            stage.write(
                ".assumerole",
                &format!(r#"{{"assume_roles": {{"prod": {{"aws_profile": "p", {protected}, "confirm": true}}}}}}"#),
            );
            let ran = show(&stage, "p", &machine);
            let at = ran.stderr.split("assumerole:1:").nth(1).unwrap_or_default();
            let at: String = at.chars().take_while(char::is_ascii_digit).collect();
            let (stderr, status) = match is {
                true => (refused().replace("AT", &at), 125),
                false => (String::new(), 0),
            };
            checks.same(&case, &ran.stderr, &stderr);
            checks.number(&case, ran.status as usize, status);
            let mut command = stage.command(&["exec", "--yes=prod", "p", "--", "true"]);
            command.envs(machine.env.iter().map(|(name, value)| (name, value)));
            checks.number(&case, stage.ran(&mut command).status as usize, 0);
        }
    }
}
