//! Blocks of files: put where they belong, and used.

use std::fs;
use std::process::Command;

use serde_json::Value;

use super::stage::{On, bare, warm};
use super::{Block, block, blocks_of};
use crate::harness::{Ran, Stage};
use crate::keys::BY_COMMAND;
use crate::support::{Checks, check, checkout};

const CONFIG: &str = "docs/config.md";
const EDITORS: &str = "docs/editors.md";
const GUIDE: &str = "docs/guide.md";
const RECIPES: &str = "docs/recipes.md";

/// Each has a test below.
const FILES: [(&str, &str); 12] = [
    (EDITORS, "\"terminal.integrated"),
    (EDITORS, "export AWS_PROFILE"),
    (EDITORS, "[env]"),
    (EDITORS, "{\n  \"image\""),
    (GUIDE, "[profile acme-read]"),
    (GUIDE, "[acme-bastion]"),
    (GUIDE, "{ \"credHelpers\""),
    (GUIDE, "users:"),
    (GUIDE, "Host i-*"),
    (RECIPES, "# BEGIN assumerole"),
    (CONFIG, "\"files.associations\""),
    ("docs/shell.md", "mkdir ($nu.data-dir"),
];

pub(super) fn has(block: &Block) -> bool {
    let is_message = block.page == CONFIG && block.fence == "text";
    is_message || FILES.iter().any(|(page, first)| block.is(page, first))
}

fn run(stage: &Stage, script: &str) -> Ran {
    let mut command = Command::new("setsid");
    command.args(["--wait", "sh", "-ec", script]).on(stage);
    stage.ran(&mut command)
}

#[test]
fn each_mistake_is_reported_as_the_page_has_it() {
    let stage = bare();
    let mut checks = Checks::default();
    let blocks = blocks_of(CONFIG);
    let pairs = blocks.windows(2).filter(|pair| pair[1].fence == "text");
    for pair in pairs {
        let [file, message] = pair else {
            unreachable!()
        };
        stage.write(".assumerole", &file.text);
        let ran = run(&stage, "assumerole check 2>&1 || true");
        let case = format!("{CONFIG}:{}\n{}", message.line, ran.stdout);
        let is_there = ran.stdout.contains(message.text.trim_end());
        checks.same(&case, &is_there.to_string(), "true");
    }
}

#[test]
fn a_profile_with_the_line_of_the_guide_is_the_role() {
    let stage = warm();
    let profile = block(GUIDE, "[profile acme-read]").text;
    let config = fs::read_to_string(stage.path(".aws/config")).unwrap();
    stage.write(".aws/config", &format!("{config}{profile}"));
    let who = "AWS_PROFILE=acme-read aws sts get-caller-identity --query Arn --output text";
    let arn = "arn:aws:sts::123456789012:assumed-role/read/jdoe\n";
    check(&run(&stage, who), arn, "", 0);
}

/// Where the pages have the program, and where it is here.
fn at_home(stage: &Stage, text: &str) -> String {
    let program = stage.path("bin/assumerole");
    text.replace("/usr/local/bin/assumerole", program.to_str().unwrap())
}

#[test]
fn an_import_leaves_the_profile_of_the_guide() {
    let stage = bare();
    let keys = fs::read_to_string(stage.path(".aws/credentials")).unwrap();
    let (keys, _) = keys.split_once("[base]").unwrap();
    stage.write(".aws/credentials", keys);
    let store = shell_words::join(BY_COMMAND);
    let ran = run(
        &stage,
        &format!("assumerole keys import --yes {store} acme-bastion"),
    );
    assert_eq!(ran.status, 0, "{ran:?}");
    let left = fs::read_to_string(stage.path(".aws/credentials")).unwrap();
    assert_eq!(left, at_home(&stage, &block(GUIDE, "[acme-bastion]").text));
}

#[test]
fn docker_finds_the_helper_of_the_guide() {
    let stage = warm();
    let config: Value = serde_json::from_str(&block(GUIDE, "{ \"credHelpers\"").text).unwrap();
    let helpers = config["credHelpers"].as_object().unwrap();
    let (registry, helper) = helpers.iter().next().unwrap();
    let roles = fs::read_to_string(stage.path(".assumerole")).unwrap();
    let registries = format!("{{\"registries\": {{\"{registry}\": \"acme-read\"}},");
    stage.write(".assumerole", &roles.replacen('{', &registries, 1));
    let link = block(GUIDE, "mkdir -p ~/.local/bin").text;
    let ask = format!(
        "{link}printf %s {registry} | PATH=~/.local/bin:$PATH docker-credential-{} get",
        helper.as_str().unwrap()
    );
    let ran = run(&stage, &ask);
    assert_eq!((ran.stderr.as_str(), ran.status), ("", 0), "{ran:?}");
    let answer: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(answer["Username"], "AWS");
}

#[test]
fn kubectl_gets_a_token_by_the_lines_of_the_guide() {
    let stage = warm();
    let file = block(GUIDE, "users:").text;
    let value = |key: &str| {
        let mut lines = file.lines();
        let line = lines.find_map(|line| line.trim().strip_prefix(key)?.strip_prefix(": "));
        line.unwrap().to_owned()
    };
    let args = value("args").replace(['[', ']', ','], "");
    let version = value("apiVersion");
    let info = format!(
        r#"{{"apiVersion": "{version}", "kind": "ExecCredential", "spec": {{"interactive": false}}}}"#
    );
    let ran = run(
        &stage,
        &format!("KUBERNETES_EXEC_INFO='{info}' {} {args}", value("command")),
    );
    assert_eq!((ran.stderr.as_str(), ran.status), ("", 0), "{ran:?}");
    let answer: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(answer["apiVersion"], version.as_str());
    assert!(answer["status"]["token"].is_string());
}

#[test]
fn ssh_starts_the_proxy_of_the_guide() {
    let stage = warm();
    let file = block(GUIDE, "Host i-*").text;
    let (_, proxy) = file.split_once("ProxyCommand ").unwrap();
    let proxy = proxy
        .replace("%h", "i-0123456789abcdef0")
        .replace("%p", "22");
    let plugin = r#"plugin for {"DocumentName":"AWS-StartSSHSession","Parameters":{"portNumber":["22"]},"Target":"i-0123456789abcdef0"}"#;
    check(&run(&stage, &proxy), &format!("{plugin}\n"), "", 0);
}

#[test]
fn the_block_of_profiles_is_that_of_the_recipes() {
    let stage = warm();
    let ran = run(&stage, "assumerole profiles write -q acme-read");
    assert_eq!((ran.stderr.as_str(), ran.status), ("", 0), "{ran:?}");
    let config = fs::read_to_string(stage.path(".aws/config")).unwrap();
    let start = config.find("# BEGIN").unwrap();
    let digest = |text: &str| {
        let (_, rest) = text.split_once("# source: ~/.assumerole ").unwrap();
        rest.split('\n').next().unwrap().to_owned()
    };
    let wanted = at_home(&stage, &block(RECIPES, "# BEGIN assumerole").text);
    // Of lines with the path of the program.
    let wanted = wanted.replace(&digest(&wanted), &digest(&config));
    assert_eq!(config[start..], wanted);
}

#[test]
fn the_settings_of_vs_code_name_the_file_of_the_schema() {
    let settings = block(CONFIG, "\"files.associations\"").text;
    let settings: Value = serde_json::from_str(&format!("{{{settings}}}")).unwrap();
    let [schema] = settings["json.schemas"].as_array().unwrap().as_slice() else {
        panic!("one schema: {settings}");
    };
    let url = schema["url"].as_str().unwrap();
    let name = url.rsplit('/').next().unwrap();
    let written = block(CONFIG, "assumerole schema").text;
    assert!(
        written.trim_end().ends_with(&format!("> ~/{name}")),
        "{written}"
    );
    assert_eq!(schema["fileMatch"][0], ".assumerole");
    assert_eq!(settings["files.associations"][".assumerole"], "json");
}

#[test]
fn the_settings_of_a_project_name_the_role() {
    let settings = block(EDITORS, "\"terminal.integrated").text;
    let settings: Value = serde_json::from_str(&format!("{{{settings}}}")).unwrap();
    for system in settings.as_object().unwrap().values() {
        assert_eq!(system["AWS_PROFILE"], "acme-read");
    }
    let container = block(EDITORS, "{\n  \"image\"").text;
    let container: Value = serde_json::from_str(&container).unwrap();
    let names = container["features"].as_object().unwrap().keys();
    let names: Vec<&str> = names.filter_map(|name| name.rsplit('/').next()).collect();
    let feature = "packaging/devcontainer/src/assumerole/devcontainer-feature.json";
    let feature = fs::read_to_string(checkout().join(feature)).unwrap();
    let feature: Value = serde_json::from_str(&feature).unwrap();
    assert_eq!(names, [feature["id"].as_str().unwrap()]);
}

/// With profiles for the roles.
fn with_profiles() -> Stage {
    let stage = warm();
    let ran = run(&stage, "assumerole profiles write -q");
    assert_eq!((ran.stderr.as_str(), ran.status), ("", 0), "{ran:?}");
    stage
}

const WHO: &str = "aws sts get-caller-identity --query Arn --output text";

#[test]
fn direnv_gives_a_project_its_role() {
    let stage = with_profiles();
    stage.write("project/.envrc", &block(EDITORS, "export AWS_PROFILE").text);
    let arn = "arn:aws:sts::123456789012:assumed-role/read/jdoe\n";
    check(
        &run(&stage, &format!("cd project\n. ./.envrc\n{WHO}")),
        arn,
        "",
        0,
    );
    if has_program("direnv") {
        let project = format!("cd project\ndirenv allow\ndirenv exec . {WHO} 2>/dev/null");
        check(&run(&stage, &project), arn, "", 0);
    }
}

#[test]
fn mise_gives_a_task_its_role() {
    let stage = with_profiles();
    let file = block(EDITORS, "[env]").text;
    let value = |key: &str| {
        let mut lines = file.lines();
        let value = lines.find_map(|line| line.strip_prefix(key)?.strip_prefix(" = "));
        value.unwrap().trim_matches('"').to_owned()
    };
    let arn = |role: &str| format!("arn:aws:sts::123456789012:assumed-role/{role}/jdoe\n");
    let both = format!(
        "AWS_PROFILE={} {WHO}\n{}",
        value("AWS_PROFILE"),
        value("run")
    );
    let arns = format!("{}{}", arn("read"), arn("admin"));
    check(&run(&stage, &both), &arns, "", 0);
    if has_program("mise") {
        stage.write("project/mise.toml", &file);
        let mise = "cd project\nmise trust -q\nmise run -q plan 2>/dev/null";
        check(&run(&stage, mise), &arn("admin"), "", 0);
    }
}

/// Whether the machine has a program that the suite does not install.
fn has_program(name: &str) -> bool {
    ["/usr/local/bin", "/usr/bin"]
        .iter()
        .any(|folder| std::path::Path::new(folder).join(name).is_file())
}

#[test]
fn nushell_loads_what_the_page_saves() {
    let nu = std::env::var("ASSUMEROLE_TEST_NU").expect("run cargo xtask test");
    let stage = bare();
    let nu = shell_words::quote(&nu).into_owned();
    stage.write("save.nu", &block("docs/shell.md", "mkdir ($nu").text);
    let loaded = run(
        &stage,
        &format!(
            "{nu} save.nu && cat .local/share/nushell/vendor/autoload/assumerole.nu >loaded.nu && {nu} -c 'source loaded.nu; which assume | get type.0'"
        ),
    );
    check(&loaded, "custom\n", "", 0);
}
