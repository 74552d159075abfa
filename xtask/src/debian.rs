//! What tests and tasks need from the system, and how it gets there: from
//! Debian's packages, by us when we are root, else by the person.

use std::path::Path;
use std::process::Command;

use crate::process::{Failure, Result, is_root, run, succeeds, which};
use crate::ui;

/// A part of the work that needs programs of the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// `cargo xtask test`.
    Tests,
    /// The static build.
    Static,
    /// `cargo xtask dist`.
    Dist,
    /// `cargo xtask bench`.
    Bench,
}

/// How a package shows that it is there.
enum Proof {
    /// A program on PATH.
    Program(&'static str),
    /// A file: a program that others ship under the same name.
    File(&'static str),
    /// A Python module that Debian splits off.
    Module(&'static str),
}

struct Package {
    name: &'static str,
    what_for: &'static str,
    proof: Proof,
    needed_by: &'static [Need],
}

const fn package(
    name: &'static str,
    what_for: &'static str,
    proof: Proof,
    needed_by: &'static [Need],
) -> Package {
    Package {
        name,
        what_for,
        proof,
        needed_by,
    }
}

use Need::{Bench, Dist, Static, Tests};
use Proof::{File, Module, Program};

/// Version 2 of the AWS CLI, as Debian installs it.
pub(crate) const AWS_CLI_2: &str = "/usr/bin/aws";

#[rustfmt::skip]
const PACKAGES: &[Package] = &[
    package("gcc", "links, and compiles ring's C", Program("cc"), &[Tests, Static, Bench]),
    package("libc6-dev", "headers for C", Program("cc"), &[Tests, Static, Bench]),
    package("bash", "shell output, read by bash", Program("bash"), &[Tests]),
    package("zsh", "shell output, read by zsh", Program("zsh"), &[Tests]),
    package("fish", "shell output, read by fish", Program("fish"), &[Tests]),
    package("dash", "shell output, read by a plain POSIX shell", Program("dash"), &[Tests]),
    package("tcsh", "shell output, read by tcsh", Program("tcsh"), &[Tests]),
    package("elvish", "shell output, read by elvish", Program("elvish"), &[Tests]),
    package("maven", "reads settings.xml and sends the token that was put there", Program("mvn"), &[Tests]),
    package("tmux", "the recipe for its status line", Program("tmux"), &[Tests]),
    package("zsh-theme-powerlevel9k", "the recipe for its prompt", File("/usr/share/powerlevel9k/powerlevel9k.zsh-theme"), &[Tests]),
    package("faketime", "lets hours pass in shells", Program("faketime"), &[Tests]),
    package("npm", "fetches nushell, which Debian does not have", Program("npm"), &[Tests, Dist]),
    package("bsdutils", "gives the demo a terminal", Program("script"), &[Tests]),
    package("shellcheck", "lints the shell scripts", Program("shellcheck"), &[Tests]),
    package("openssh-client", "ssh-agent, ssh-add and ssh-keygen", Program("ssh-add"), &[Tests]),
    package("strace", "shows that a cached call touches no network and starts nothing", Program("strace"), &[Tests]),
    package("python3", "moto, the AWS CLI and boto3", Program("python3"), &[Tests, Bench, Dist]),
    package("python3-venv", "a Python environment of our own", Module("ensurepip"), &[Tests, Bench, Dist]),
    package("awscli", "version 2 of the AWS CLI, which PyPI does not have", File(AWS_CLI_2), &[Bench]),
    package("musl-tools", "the C compiler of the static build", Program("musl-gcc"), &[Static]),
    package("rpm", "installs the package of Fedora", Program("rpm"), &[Tests, Dist]),
    package("binutils", "strips the program that is packed", Program("strip"), &[Tests]),
    package("ruby", "reads the formula of Homebrew", Program("ruby"), &[Dist]),
    package("nix-bin", "reads flake.nix", Program("nix-instantiate"), &[Dist]),
    package("makepkg", "reads PKGBUILD", Program("makepkg"), &[Dist]),
];

/// The compiler for the other architecture, and what runs its programs.
#[cfg(target_arch = "x86_64")]
#[rustfmt::skip]
const CROSS: &[Package] = &[
    package("gcc-aarch64-linux-gnu", "links for aarch64, and compiles ring's C", Program("aarch64-linux-gnu-gcc"), &[Dist]),
    package("libc6-dev-arm64-cross", "headers for C", File("/usr/aarch64-linux-gnu/include/stdio.h"), &[Dist]),
    package("qemu-user-static", "runs programs of aarch64", Program("qemu-aarch64-static"), &[Dist]),
];
#[cfg(not(target_arch = "x86_64"))]
#[rustfmt::skip]
const CROSS: &[Package] = &[
    package("gcc-x86-64-linux-gnu", "links for x86_64, and compiles ring's C", Program("x86_64-linux-gnu-gcc"), &[Dist]),
    package("libc6-dev-amd64-cross", "headers for C", File("/usr/x86_64-linux-gnu/include/stdio.h"), &[Dist]),
    package("qemu-user-static", "runs programs of x86_64", Program("qemu-x86_64-static"), &[Dist]),
];

/// Sees to it that everything `need` asks for is there.
///
/// # Errors
/// Something is missing and cannot be installed from here: the failure names
/// it, and the command to type.
pub(crate) fn ensure(need: Need) -> Result {
    let missing = missing(need, &is_there);
    if missing.is_empty() {
        return Ok(());
    }
    for package in &missing {
        ui::say(format!("missing: {} ({})", package.name, package.what_for));
    }
    let names: Vec<&str> = missing.iter().map(|package| package.name).collect();
    if which("apt-get").is_none() {
        return Err(Failure::new(format!(
            "install what Debian calls {}, then try again",
            names.join(", ")
        )));
    }
    if !is_root()? {
        return Err(Failure::new(format!(
            "only root can install packages; type this, then try again:\n  \
             sudo apt-get update && sudo apt-get install --no-install-recommends {}",
            names.join(" ")
        )));
    }
    install(&names)?;
    let still: Vec<&str> = self::missing(need, &is_there)
        .iter()
        .map(|package| package.name)
        .collect();
    if still.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "installed, and still not to be found: {}",
        still.join(", ")
    )))
}

fn missing(need: Need, is_there: &dyn Fn(&Proof) -> bool) -> Vec<&'static Package> {
    PACKAGES
        .iter()
        .chain(CROSS)
        .filter(|package| package.needed_by.contains(&need) && !is_there(&package.proof))
        .collect()
}

fn is_there(proof: &Proof) -> bool {
    match proof {
        Program(name) => which(name).is_some(),
        File(path) => Path::new(path).is_file(),
        Module(name) => succeeds(Command::new("python3").args(["-c", &format!("import {name}")])),
    }
}

fn install(names: &[&str]) -> Result {
    let apt = |args: &[&str]| {
        run(Command::new("apt-get")
            .args(args)
            .env("DEBIAN_FRONTEND", "noninteractive"))
    };
    apt(&["update", "--quiet"])?;
    let mut args = vec!["install", "--quiet", "--yes", "--no-install-recommends"];
    args.extend(names);
    apt(&args)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(need: Need, is_there: &dyn Fn(&Proof) -> bool) -> Vec<&'static str> {
        missing(need, is_there).iter().map(|p| p.name).collect()
    }

    #[test]
    fn only_what_is_needed_and_missing_is_installed() {
        let no_zsh = |proof: &Proof| !matches!(proof, Program("zsh"));
        assert_eq!(names(Tests, &no_zsh), ["zsh"]);
        assert!(names(Static, &no_zsh).is_empty());
        assert!(names(Tests, &|_| true).is_empty());
        let nothing = names(Static, &|_| false);
        assert_eq!(nothing, ["gcc", "libc6-dev", "musl-tools"]);
    }

    #[test]
    fn a_split_off_python_module_is_looked_for_in_python() {
        assert!(is_there(&Module("sys")));
        assert!(!is_there(&Module("no_such_module_anywhere")));
    }
}
