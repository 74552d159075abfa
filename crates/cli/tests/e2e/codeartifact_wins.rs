//! What a person has that wins over what a package tool is told, or stands in
//! its place: it stays, and is told.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::codeartifact::{DOMAIN, SETTINGS, XML, configure, stage};
use super::harness::Stage;
use super::support::{Checks, check};

/// An entry that sets up `tools`.
fn tools(tools: &str) -> String {
    format!(
        r#"{{"domain": "my-artifacts", "domain_owner": "123456789012", "region": "eu-central-1", "repository": "shop", "tools": [{tools}]}}"#
    )
}

fn read(stage: &Stage, file: &str) -> String {
    fs::read_to_string(stage.path(file)).unwrap_or_default()
}

#[test]
fn variables_that_a_tool_takes_first_are_told_without_their_values() {
    let stage = stage(&tools(r#""pip", "npm", "twine""#));
    let mut checks = Checks::default();
    let run = |env: &[(&str, &str)]| stage.run_in(&["exec", "plain", "true"], env);
    checks.ran("none", &run(&[]), "", "", 0);
    let warning = |tool: &str, name: &str, file: &str| {
        format!(
            "warning: {tool} prefers the variable {name} to {file}\n  hint: take it out of the environment: unset {name}\n"
        )
    };
    for (tool, file, name, value) in [
        (
            "pip",
            "~/.config/pip/pip.conf",
            "PIP_INDEX_URL",
            "https://me:hush@pypi.example/simple",
        ),
        (
            "pip",
            "~/.config/pip/pip.conf",
            "PIP_PYPI_URL",
            "https://me:hush@pypi.example/simple",
        ),
        ("pip", "~/.config/pip/pip.conf", "PIP_NO_INDEX", "1"),
        (
            "npm",
            "~/.npmrc",
            "npm_config_registry",
            "https://me:hush@registry.example/",
        ),
        (
            "npm",
            "~/.npmrc",
            "NPM_CONFIG_REGISTRY",
            "https://me:hush@registry.example/",
        ),
        ("twine", "~/.pypirc", "TWINE_PASSWORD", "hush"),
        (
            "twine",
            "~/.pypirc",
            "TWINE_REPOSITORY_URL",
            "https://pypi.example/",
        ),
    ] {
        let said = warning(tool, name, file);
        checks.ran(name, &run(&[(name, value)]), "", &said, 0);
        let quiet = stage.run_in(&["-q", "exec", "plain", "true"], &[(name, value)]);
        checks.ran("quiet", &quiet, "", "", 0);
    }
    let command = stage.run_in(&["codeartifact", "plain"], &[("TWINE_USERNAME", "me")]);
    let said = warning("twine", "TWINE_USERNAME", "~/.pypirc");
    checks.same(
        "the command",
        &command.stderr.starts_with(&said).to_string(),
        "true",
    );
    // Those that win over nothing.
    for (name, value) in [
        ("PIP_EXTRA_INDEX_URL", "https://pypi.example/simple"),
        ("PIP_NO_INDEX", "0"),
        ("npm_config_@acme:registry", "https://registry.example/"),
        ("TWINE_REPOSITORY", "pypi"),
    ] {
        checks.ran(name, &run(&[(name, value)]), "", "", 0);
    }
    let scoped = tools(r#""npm""#).replace('{', r#"{"namespace": ["@acme", "@Old"], "#);
    configure(&stage, &scoped);
    let name = "npm_config_@acme:registry";
    let said = format!(
        "warning: npm prefers the variable {name} to ~/.npmrc\n  hint: take it out of the environment\n"
    );
    checks.ran(
        name,
        &run(&[(name, "https://registry.example/")]),
        "",
        &said,
        0,
    );
    let written = read(&stage, ".npmrc").contains("\n@Old:registry=");
    checks.same("capitals", &written.to_string(), "true");
}

#[test]
fn the_file_of_a_python_environment_is_told_where_it_names_another_index() {
    let stage = stage(&tools(r#""pip""#));
    let mut checks = Checks::default();
    let folder = stage.path("venv");
    let run = || {
        let env = [("VIRTUAL_ENV", folder.to_str().unwrap())];
        stage.run_in(&["exec", "plain", "true"], &env)
    };
    checks.ran("none", &run(), "", "", 0);
    stage.write("venv/pip.conf", "[global]\ntimeout = 60\n");
    checks.ran("without one", &run(), "", "", 0);
    let text = "[install]\nindex-url = https://me:hush@pypi.example/simple\n";
    stage.write("venv/pip.conf", text);
    let said = "warning: pip prefers the index in ~/venv/pip.conf to ~/.config/pip/pip.conf\n  hint: remove it from ~/venv/pip.conf\n";
    checks.ran("another", &run(), "", said, 0);
    checks.same("it stays", &read(&stage, "venv/pip.conf"), text);
}

#[test]
fn what_stands_in_the_place_of_a_tools_entry_is_left_with_a_warning() {
    let mut checks = Checks::default();
    for (tool, file, text, place, said) in [
        (
            "pip",
            ".config/pip/pip.conf",
            "[install]\nindex-url = https://pypi.example/simple\n",
            ":2:13",
            "names another index",
        ),
        (
            "pip",
            ".config/pip/pip.conf",
            "[global]\n--index-url = https://pypi.example/simple\n",
            ":2:15",
            "names another index",
        ),
        (
            "pip",
            ".pip/pip.conf",
            "[global]\nindex-url = https://pypi.example/simple\n",
            ":2:13",
            "names another index",
        ),
        (
            "twine",
            ".pypirc",
            "[distutils]\nindex-servers = codeartifact\n[codeartifact]\nrepository = https://pypi.example/legacy/\npassword = hush\n",
            ":4:14",
            "has another server codeartifact",
        ),
        (
            "nuget",
            ".nuget/NuGet/NuGet.Config",
            "<configuration>\n<packageSources>\n<add key=\"my-artifacts/shop\" value=\"https://nuget.example/v3/index.json\"/>\n</packageSources>\n</configuration>\n",
            ":3:1",
            "has another source my-artifacts/shop",
        ),
        (
            "npm",
            ".npmrc",
            "registry=https://registry.example/\n",
            ":1:10",
            "names another registry",
        ),
    ] {
        let stage = stage(&tools(&format!("\"{tool}\"")));
        stage.write(file, text);
        let ran = stage.run(&["exec", "plain", "echo", "works"]);
        let first = ran.stderr.lines().take(2).collect::<Vec<_>>().join("\n");
        let wanted = format!(
            "warning: {tool} has no new token: ~/{file} {said}, which is left as it is\n --> ~/{file}{place}"
        );
        checks.same(file, &first, &wanted);
        checks.same(file, &ran.stdout, "works\n");
        checks.same(file, &ran.stderr.contains("hush").to_string(), "false");
        checks.same(file, &read(&stage, file), text);
        // Nor is another file made that would win over it.
        let new = stage.path(".config/pip/pip.conf").exists() && file == ".pip/pip.conf";
        checks.same(file, &new.to_string(), "false");
    }
}

#[test]
fn a_source_that_is_switched_off_is_told() {
    let stage = stage(&tools(r#""nuget""#));
    let file = ".nuget/NuGet/NuGet.Config";
    let text = "<configuration>\n<disabledPackageSources>\n<add key=\"my-artifacts/shop\" value=\"true\"/>\n</disabledPackageSources>\n</configuration>\n";
    stage.write(file, text);
    let said = "\
warning: ~/.nuget/NuGet/NuGet.Config disables the source my-artifacts/shop
 --> ~/.nuget/NuGet/NuGet.Config:3:1
  |
3 | <add ***=\"**-*********/****\" *****=\"****\"/>
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  hint: remove that line to take packages from it
";
    let ran = stage.run(&["exec", "plain", "true"]);
    check(&ran, "", said, 0);
    let kept = read(&stage, file).contains("<add key=\"my-artifacts/shop\" value=\"true\"/>");
    assert!(kept);
}

/// What AWS's guides say to write; the variable is exported.
#[test]
fn a_reference_to_the_exported_variable_stays() {
    let stage = stage(&tools(r#""maven", "npm""#));
    let host = stage.sandbox.endpoint().replace("http://", "");
    let at = format!("{host}/d/my-artifacts-123456789012/eu-central-1/npm/shop/");
    let npmrc = format!("registry=http://{at}\n//{at}:_authToken=${{CODEARTIFACT_AUTH_TOKEN}}\n");
    let xml = XML.replace("old", "${env.CODEARTIFACT_AUTH_TOKEN}");
    stage.write(".npmrc", &npmrc);
    stage.write(SETTINGS, &xml);
    let mut checks = Checks::default();
    let ran = stage.run(&[
        "exec",
        "plain",
        "sh",
        "-c",
        "echo ${CODEARTIFACT_AUTH_TOKEN:+set}",
    ]);
    checks.ran("exported", &ran, "set\n", "", 0);
    let ran = stage.run(&["codeartifact", "plain"]);
    let none = ran.stderr.ends_with("; no file had to be changed\n");
    checks.same(&ran.stderr, &none.to_string(), "true");
    checks.same("npm", &read(&stage, ".npmrc"), &npmrc);
    checks.same("Maven", &read(&stage, SETTINGS), &xml);
}

#[test]
fn a_token_that_others_can_read_is_told_by_whoever_looks() {
    let stage = stage(DOMAIN);
    let mode = |mode| {
        let mode = fs::Permissions::from_mode(mode);
        fs::set_permissions(stage.path(SETTINGS), mode).unwrap();
    };
    let mut checks = Checks::default();
    let good = "nothing is wrong with ~/.assumerole (1 role)\n";
    mode(0o644);
    checks.ran("no token yet", &stage.run(&["check"]), "", good, 0);
    let said = "warning: other users can read ~/.m2/settings.xml (mode 0644), which now holds a token\n  \
                hint: keep it to yourself: chmod 600 ~/.m2/settings.xml\n";
    let ran = stage.run(&["exec", "plain", "true"]);
    checks.ran("written", &ran, "", said, 0);
    checks.ran("there", &stage.run(&["exec", "plain", "true"]), "", "", 0);
    let command = stage.run(&["codeartifact", "plain"]);
    checks.same(
        "codeartifact",
        &command.stderr.starts_with(said).to_string(),
        "true",
    );
    checks.number("once", command.stderr.matches("other users").count(), 1);
    checks.ran("check", &stage.run(&["check"]), said, "1 warning\n", 0);
    let doctor = stage.run(&["doctor"]).stdout;
    let told = doctor.contains("other users can read ~/.m2/settings.xml (mode 0644)");
    checks.same(&doctor, &told.to_string(), "true");
    mode(0o600);
    checks.ran("closed", &stage.run(&["check"]), "", good, 0);
    // A reference is no token.
    stage.write(
        SETTINGS,
        &XML.replace("old", "${env.CODEARTIFACT_AUTH_TOKEN}"),
    );
    mode(0o644);
    checks.ran("reference", &stage.run(&["check"]), "", good, 0);
}
