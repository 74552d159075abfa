//! What other tools take from the repository: plugin managers of shells, and the
//! feature of dev containers.

use std::fs;
use std::process::Command;

use super::harness::{Ran, Stage};
use super::support::{Checks, check, checkout};
use super::terminal::path_with_program;

fn run(stage: &Stage, words: &[&str], env: &[(&str, &str)]) -> Ran {
    let mut command = Command::new("setsid");
    command.arg("--wait").args(words);
    stage.clear(&mut command);
    stage.ran(
        command
            .env("PATH", path_with_program())
            // fish reads no é in PATH without it.
            .env("LANG", "C.UTF-8")
            .envs(env.iter().copied()),
    )
}

#[test]
fn a_plugin_of_zsh_loads_what_init_prints() {
    let stage = Stage::new();
    let plugin = checkout().join("assumerole.plugin.zsh");
    let script = "source $1; whence -w assume; assume plain; print $AWS_ACCOUNT";
    let words = [
        "zsh",
        "-f",
        "-i",
        "-c",
        script,
        "zsh",
        plugin.to_str().unwrap(),
    ];
    let ran = run(&stage, &words, &[]);
    assert!(ran.stdout.starts_with("assume: function\n"), "{ran:?}");
    assert!(ran.stdout.ends_with("plain\n"), "{ran:?}");
    // Without the program, nothing is said.
    let script = "path=(); source $1; print loaded";
    let words = [
        "/usr/bin/zsh",
        "-f",
        "-c",
        script,
        "zsh",
        plugin.to_str().unwrap(),
    ];
    check(&run(&stage, &words, &[]), "loaded\n", "", 0);
}

#[test]
fn a_plugin_of_fish_loads_what_init_prints() {
    let stage = Stage::new();
    // Where fisher puts it.
    let file = fs::read_to_string(checkout().join("conf.d/assumerole.fish")).unwrap();
    stage.write(".config/fish/conf.d/assumerole.fish", &file);
    let words = [
        "fish",
        "-i",
        "-c",
        "functions -q assume; and echo it is there",
    ];
    let mut checks = Checks::default();
    checks.same(
        "interactive",
        &run(&stage, &words, &[]).stdout,
        "it is there\n",
    );
    let words = ["fish", "-c", "functions -q assume; or echo it is not there"];
    checks.ran(
        "script",
        &run(&stage, &words, &[]),
        "it is not there\n",
        "",
        0,
    );
}

/// A release below `releases`, with a program that says who it is.
fn release(stage: &Stage) -> String {
    let arch = std::env::consts::ARCH;
    let name = format!("assumerole-9.8.7-{arch}-unknown-linux-musl");
    stage.script(&format!("{name}/assumerole"), "#!/bin/sh\necho it is me\n");
    let script = format!(
        "mkdir -p releases/v9.8.7 bin && tar -czf releases/v9.8.7/{name}.tar.gz {name} && rm -r {name} && \
         cd releases/v9.8.7 && sha256sum * >SHA256SUMS"
    );
    check(&run(stage, &["sh", "-ec", &script], &[]), "", "", 0);
    name
}

#[test]
fn the_feature_of_dev_containers_installs_what_has_the_digest() {
    let stage = Stage::new();
    let name = release(&stage);
    let install = checkout().join("packaging/devcontainer/src/assumerole/install.sh");
    let (releases, bin) = (
        format!("file://{}", stage.path("releases").display()),
        stage.path("bin"),
    );
    let installs = |version: &str| {
        let env = [
            ("VERSION", version),
            ("ASSUMEROLE_RELEASES", &releases),
            ("ASSUMEROLE_BIN", bin.to_str().unwrap()),
            ("TMPDIR", stage.home().to_str().unwrap()),
        ];
        run(&stage, &[install.to_str().unwrap()], &env)
    };
    let mut checks = Checks::default();
    let missing = installs("1.2.3");
    checks.same(
        "no such release",
        &(missing.status != 0).to_string(),
        "true",
    );
    checks.ran("installed", &installs("9.8.7"), "", "", 0);
    checks.ran(
        "runs",
        &run(&stage, &["bin/assumerole"], &[]),
        "it is me\n",
        "",
        0,
    );
    fs::remove_file(bin.join("assumerole")).unwrap();
    let sums = "releases/v9.8.7/SHA256SUMS";
    let wrong = fs::read_to_string(stage.path(sums)).unwrap();
    stage.write(sums, &format!("{}{}", "0".repeat(64), &wrong[64..]));
    let refused = installs("9.8.7");
    checks.same("another digest", &(refused.status != 0).to_string(), "true");
    stage.write(sums, "");
    let wanted = format!("SHA256SUMS of release 9.8.7 does not name {name}.tar.gz\n");
    checks.ran("no digest", &installs("9.8.7"), "", &wanted, 1);
    checks.same(
        "nothing",
        &bin.join("assumerole").exists().to_string(),
        "false",
    );
    // No folder of its own is left.
    let left = stage
        .list(".")
        .into_iter()
        .filter(|name| name.starts_with("tmp."));
    checks.number("left", left.count(), 0);
}

#[test]
fn the_feature_has_the_version_of_the_program() {
    let file = checkout().join("packaging/devcontainer/src/assumerole/devcontainer-feature.json");
    let file: serde_json::Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    assert_eq!(file["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(
        file["options"]["version"]["default"],
        env!("CARGO_PKG_VERSION")
    );
}

#[test]
fn the_schema_store_is_told_of_the_schema_in_the_repository() {
    let file = checkout().join("packaging/schemastore/catalog-entry.json");
    let file: serde_json::Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let url = file["url"].as_str().unwrap();
    let (_, path) = url.split_once("/main/").unwrap();
    assert!(checkout().join(path).is_file(), "{url}");
    assert_eq!(file["fileMatch"], serde_json::json!([".assumerole"]));
}
