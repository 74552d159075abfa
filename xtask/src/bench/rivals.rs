//! The programs of others, with their caches warm.

use std::fs;
use std::path::Path;

use super::measure::Contender;
use super::{ROLE, environment};
use crate::debian::AWS_CLI_2;
use crate::process::{Context as _, Failure, Result, capture};
use crate::python::{self, Venv};
use crate::stage::{DEVICE, DEVICE_SECRET, PROFILE, ROLES, Role, Stage};
use crate::workspace;

const AWS: &str = "aws export-credentials";
const AWSUME: &str = "awsume";
/// The AWS CLI asks for a code at the terminal alone: its role has no MFA.
const WITHOUT_MFA: &str = "acme-data-etl";
/// They take hundreds of milliseconds: fewer rounds will do.
const EVERY: u32 = 10;

/// Those that are wanted, ready to be measured.
///
/// # Errors
/// Python cannot be set up, or one of them does not take its role.
pub(super) fn all(
    stage: &Stage,
    scratch: &Path,
    wants: &dyn Fn(&str) -> bool,
) -> Result<Vec<Contender>> {
    if !wants(AWS) && !wants(AWSUME) {
        return Ok(Vec::new());
    }
    fs::create_dir_all(scratch).context(scratch.display())?;
    let list = workspace::root().join("xtask/bench/requirements.txt");
    let venv = python::ensure(&scratch.join("venv"), &list)?;
    add_profiles(stage)?;
    let mut all = Vec::new();
    if wants(AWS) {
        all.push(aws(stage, &venv)?);
    }
    if wants(AWSUME) {
        all.push(awsume(stage, &venv)?);
    }
    Ok(all)
}

/// Only version 2 exports credentials, and Debian's may be older than
/// `endpoint_url`: version 1 of PyPI fills the cache that they share.
fn aws(stage: &Stage, venv: &Venv) -> Result<Contender> {
    let mut warm = stage.command(venv.program("aws"));
    capture(warm.args(["sts", "get-caller-identity", "--profile", WITHOUT_MFA]))?;
    let call = ["configure", "export-credentials", "--profile", WITHOUT_MFA];
    let mut contender = Contender::new(AWS, [AWS_CLI_2].iter().chain(&call));
    contender.every = EVERY;
    Ok(contender)
}

/// awsume keeps the MFA session and assumes the role each time. Measured is its
/// program; its shell function comes on top.
fn awsume(stage: &Stage, venv: &Venv) -> Result<Contender> {
    let mut contender = Contender::new(AWSUME, [venv.program("awsumepy"), ROLE.into()]);
    contender.every = EVERY;
    let code = stage.sandbox.unused_code(DEVICE_SECRET)?;
    capture(
        contender
            .command(&environment(stage))
            .args(["--mfa-token", &code]),
    )?;
    Ok(contender)
}

/// The roles as the AWS CLI and awsume know them: profiles.
fn add_profiles(stage: &Stage) -> Result {
    let path = stage.home().join(".aws/config");
    let mut text = fs::read_to_string(&path).context(path.display())?;
    for name in [ROLE, WITHOUT_MFA] {
        let role = ROLES.iter().find(|role| role.name == name);
        let role = role.ok_or_else(|| Failure::new(format!("there is no role {name}")))?;
        text.push_str(&profile(role, &stage.sandbox.endpoint));
    }
    stage.write(".aws/config", &text)
}

fn profile(role: &Role, endpoint: &str) -> String {
    let mut text = format!(
        "\n[profile {}]\nrole_arn = arn:aws:iam::{}:role/{}\nsource_profile = {PROFILE}\n\
         region = {}\nendpoint_url = {endpoint}\n",
        role.name, role.account, role.role, role.region
    );
    if role.mfa {
        text.push_str(&format!("mfa_serial = {DEVICE}\n"));
    }
    text
}
