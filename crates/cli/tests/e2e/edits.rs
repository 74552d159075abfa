//! One rule for the files of other programs: what of them stays, and what is
//! left alone.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::process::Command;

use super::codeartifact;
use super::harness::{Ran, Stage};
use super::support::Checks;
use super::users::Someone;

/// The tools that have a file, and the file.
const TOOLS: [(&str, &str, &str); 5] = [
    ("maven", ".m2/settings.xml", codeartifact::XML),
    ("npm", ".npmrc", "fund=false\n"),
    ("pip", ".config/pip/pip.conf", "[global]\ntimeout = 5\n"),
    (
        "twine",
        ".pypirc",
        "[distutils]\nindex-servers =\n    pypi\n",
    ),
    ("nuget", ".nuget/NuGet/NuGet.Config", "<configuration />\n"),
];

fn stage_of(tool: &str) -> Stage {
    codeartifact::stage(&format!(
        r#"{{"domain": "my-artifacts", "domain_owner": "123456789012", "region": "eu-central-1", "repository": "shop", "tools": ["{tool}"]}}"#
    ))
}

fn run(stage: &Stage) -> Ran {
    stage.run(&["codeartifact", "plain"])
}

fn mode(stage: &Stage, file: &str) -> u32 {
    fs::metadata(stage.path(file)).unwrap().mode() & 0o7777
}

fn set_mode(stage: &Stage, file: &str, mode: u32) {
    let mode = fs::Permissions::from_mode(mode);
    fs::set_permissions(stage.path(file), mode).unwrap();
}

fn folder_of(file: &str) -> &str {
    file.rsplit_once('/').map_or(".", |(folder, _)| folder)
}

#[test]
fn modes_stay_and_a_file_that_others_can_read_is_told() {
    let mut checks = Checks::default();
    for (tool, file, text) in TOOLS {
        for before in [0o600, 0o400 | 0o200, 0o640, 0o604, 0o644, 0o664, 0o2600] {
            let stage = stage_of(tool);
            stage.write(file, text);
            set_mode(&stage, file, before);
            let ran = run(&stage);
            let case = format!("{file} {before:04o}");
            checks.number(&case, ran.status as usize, 0);
            checks.number(&case, mode(&stage, file) as usize, before as usize);
            assert_ne!(fs::read_to_string(stage.path(file)).unwrap(), text);
            let told = format!(
                "warning: other users can read ~/{file} (mode {before:04o}), which now holds a token\n  \
                 hint: keep it to yourself: chmod 600 ~/{file}\n"
            );
            let is_open = before & 0o044 != 0;
            assert_eq!(
                ran.stderr.contains(&told),
                is_open,
                "{case}: {}",
                ran.stderr
            );
            // The command says it as long as it is so.
            let again = run(&stage).stderr;
            assert_eq!(again.contains(&told), is_open, "{case}: {again}");
            let warnings = again.matches("warning").count();
            checks.number(&case, warnings, usize::from(is_open));
        }
    }
}

/// An access control list of Linux: `user::rw-`, `user:12345:r--`,
/// `group::---`, the mask `rw-`, `other::---`; see acl(5).
#[cfg(target_os = "linux")]
fn list() -> Vec<u8> {
    let entries: [(u16, u16, u32); 5] = [
        (0x01, 6, u32::MAX),
        (0x02, 4, 12345),
        (0x04, 0, u32::MAX),
        (0x10, 6, u32::MAX),
        (0x20, 0, u32::MAX),
    ];
    let entry = |(tag, rights, id): (u16, u16, u32)| {
        let parts = [
            &tag.to_le_bytes()[..],
            &rights.to_le_bytes(),
            &id.to_le_bytes(),
        ];
        parts.concat()
    };
    let entries = entries.into_iter().flat_map(entry);
    2_u32.to_le_bytes().into_iter().chain(entries).collect()
}

/// Where the file system has such things; what it has is kept.
#[test]
#[cfg(target_os = "linux")]
fn lists_and_attributes_stay() {
    use rustix::fs::{XattrFlags, getxattr, setxattr};
    let names = [c"user.note", c"system.posix_acl_access"];
    for (tool, file, text) in TOOLS {
        let stage = stage_of(tool);
        stage.write(file, text);
        let path = stage.path(file);
        let _ = setxattr(&path, names[0], b"mine", XattrFlags::empty());
        let _ = setxattr(&path, names[1], &list(), XattrFlags::empty());
        let attributes = || {
            names.map(|name| {
                let mut buffer = vec![0; 256];
                getxattr(&path, name, &mut buffer)
                    .ok()
                    .map(|len| buffer[..len].to_vec())
            })
        };
        let before = (mode(&stage, file), attributes());
        assert_eq!(run(&stage).status, 0);
        assert_ne!(fs::read_to_string(&path).unwrap(), text);
        assert_eq!((mode(&stage, file), attributes()), before, "{file}");
    }
}

#[test]
fn what_must_not_be_replaced_is_left_alone_with_the_reason() {
    type Spoil = fn(&Stage, &str);
    let spoilers: [(&str, Spoil); 4] = [
        ("it has 2 names (hard links)", |stage, file| {
            fs::hard_link(stage.path(file), stage.path("other")).unwrap();
        }),
        (
            "other users can write (mode 0777) to the folder",
            |stage, file| {
                set_mode(stage, folder_of(file), 0o777);
            },
        ),
        (
            "other users can write (mode 0722) to the folder",
            |stage, file| {
                // Where a link leads to.
                fs::create_dir(stage.path("shared")).unwrap();
                fs::rename(stage.path(file), stage.path("shared/file")).unwrap();
                symlink(stage.path("shared/file"), stage.path(file)).unwrap();
                set_mode(stage, "shared", 0o722);
            },
        ),
        ("Permission denied", |stage, file| {
            set_mode(stage, file, 0o400);
        }),
    ];
    for (tool, file, text) in TOOLS {
        for (why, spoil) in spoilers {
            // Root may write to a file that nobody may.
            if why.starts_with("Permission") && rustix::process::geteuid().is_root() {
                continue;
            }
            let stage = stage_of(tool);
            stage.write(file, text);
            spoil(&stage, file);
            let before = fs::metadata(stage.path(file)).unwrap();
            let ran = run(&stage);
            assert!(
                ran.status != 0 && ran.stderr.contains(why),
                "{file}: {ran:?}"
            );
            assert!(ran.stderr.contains("hint: "), "{file}: {ran:?}");
            assert_eq!(fs::read_to_string(stage.path(file)).unwrap(), text);
            let after = fs::metadata(stage.path(file)).unwrap();
            assert_eq!((after.ino(), after.mode()), (before.ino(), before.mode()));
            let folder = fs::canonicalize(stage.path(file)).unwrap();
            let folder = fs::read_dir(folder.parent().unwrap()).unwrap();
            let names = folder.map(|entry| entry.unwrap().file_name());
            assert!(
                names
                    .into_iter()
                    .all(|name| !name.to_string_lossy().ends_with(".tmp"))
            );
            // A role goes on without.
            let ran = stage.run(&["exec", "plain", "--", "echo", "works"]);
            assert_eq!((ran.stdout.as_str(), ran.status), ("works\n", 0));
            assert!(ran.stderr.contains(why), "{file}: {}", ran.stderr);
            set_mode(&stage, folder_of(file), 0o755);
        }
    }
}

#[test]
fn a_file_of_another_user_is_left_alone() {
    for (tool, file, text) in TOOLS {
        let stage = stage_of(tool);
        stage.write(file, text);
        set_mode(&stage, file, 0o666);
        if std::os::unix::fs::chown(stage.path(file), Some(12345), None).is_err() {
            // Only root gives files away.
            return;
        }
        let ran = run(&stage);
        let why = "it belongs to user 12345, this is user 0";
        assert!(
            ran.status != 0 && ran.stderr.contains(why),
            "{file}: {ran:?}"
        );
        let after = fs::metadata(stage.path(file)).unwrap();
        assert_eq!((after.uid(), after.mode() & 0o7777), (12345, 0o666));
        assert_eq!(fs::read_to_string(stage.path(file)).unwrap(), text);
    }
}

/// What a build before this one left, and this one's killed processes too.
#[test]
fn what_was_left_goes_with_the_next_run_whether_or_not_it_has_to_change_something() {
    for (tool, file, text) in TOOLS {
        let stage = stage_of(tool);
        stage.write(file, text);
        let (folder, name) = file.rsplit_once('/').unwrap_or((".", file));
        let left = format!("{folder}/.{name}.0123456789abcdef.tmp");
        let others = [
            format!("{folder}/.{name}.tmp"),
            format!("{folder}/{name}.0123456789abcdef.tmp"),
            format!("{folder}/.{name}.0123456789abcdeg.tmp"),
        ];
        for args in [&["codeartifact", "plain"][..], &["exec", "plain", "true"]] {
            for file in others.iter().chain([&left]) {
                stage.write(file, "token");
            }
            assert_eq!(stage.run(args).status, 0);
            assert!(!stage.path(&left).exists(), "{left}");
            for other in &others {
                assert!(stage.path(other).exists(), "{other}");
            }
        }
    }
}

/// The mask of whoever runs it neither opens nor shuts what is made.
#[test]
fn a_mask_does_not_matter() {
    for mask in ["000", "022", "077", "0777"] {
        let someone = Someone::new();
        let stage = codeartifact::stage(
            r#"{"domain": "my-artifacts", "domain_owner": "123456789012", "region": "eu-central-1", "repository": "shop", "tools": ["npm", "pip", "twine", "nuget"]}"#,
        );
        someone.moves_into(&stage);
        for round in ["first", "second"] {
            let script = format!("umask {mask}; exec assumerole exec plain --fresh -- echo works");
            let ran = stage.ran(&mut someone.shell(&stage, &script));
            assert_eq!(
                (ran.stdout.as_str(), ran.stderr.as_str(), ran.status),
                ("works\n", "", 0),
                "{mask}, {round}"
            );
        }
        let found = Command::new("find")
            .arg(stage.home())
            .args(["(", "-newer"])
            .arg(stage.path(".assumerole"))
            .args([
                "-o",
                "-path",
                "*/.assumerole.d*",
                ")",
                "-printf",
                "%y %m %P\\n",
            ])
            .output()
            .unwrap();
        let found = String::from_utf8(found.stdout).unwrap();
        let made = [".config", ".npmrc", ".pypirc", ".nuget", ".assumerole.d"];
        let mut seen = 0;
        for line in found.lines() {
            let [kind, mode, path] = line.splitn(3, ' ').collect::<Vec<_>>()[..] else {
                panic!("{line}");
            };
            if !made.iter().any(|name| path.starts_with(name)) {
                continue;
            }
            seen += 1;
            let right = if kind == "d" { "700" } else { "600" };
            assert_eq!(mode, right, "{mask}: {path}");
        }
        assert!(seen > 10, "{found}");
    }
}

/// npm's rule, asked of npm itself where there is one.
#[test]
fn the_settings_of_npm_are_where_npm_looks() {
    let rows: [(&[(&str, &str)], &str); 6] = [
        (&[("NPM_CONFIG_USERCONFIG", "~/my.npmrc")], "my.npmrc"),
        (&[("npm_config_userconfig", "${HOME}/x")], "x"),
        (&[("Npm_Config_Userconfig", " ~/a b ")], "a b"),
        (
            &[
                ("NPM_CONFIG_USERCONFIG", "~/up"),
                ("npm_config_userconfig", ""),
            ],
            "up",
        ),
        (&[("NPM_CONFIG_USERCONFIG", "${FOLDER?}~/y")], "y"),
        (&[("NPM_CONFIG_USERCONFIG", "")], ".npmrc"),
    ];
    for (env, file) in rows {
        let stage = stage_of("npm");
        let ran = stage.run_in(&["codeartifact", "plain"], env);
        assert_eq!(ran.status, 0, "{env:?}: {}", ran.stderr);
        let text = fs::read_to_string(stage.path(file)).unwrap_or_default();
        assert!(
            text.contains(":_authToken="),
            "{env:?}: {:?}",
            stage.list(".")
        );
        assert!(!stage.path("~").exists(), "{env:?}");
        let mut npm = Command::new("npm");
        npm.args(["config", "get", "userconfig"]);
        stage.clear(&mut npm);
        if let Ok(said) = npm.envs(env.iter().copied()).output()
            && said.status.success()
        {
            let said = String::from_utf8(said.stdout).unwrap();
            assert_eq!(
                said.trim_end_matches('\n'),
                stage.path(file).to_str().unwrap()
            );
        }
    }
    let stage = stage_of("npm");
    let ran = stage.run_in(
        &["codeartifact", "plain"],
        &[("NPM_CONFIG_USERCONFIG", "${NOPE}/x")],
    );
    super::support::check(
        &ran,
        "",
        "\
error: NPM_CONFIG_USERCONFIG does not say where npm's settings are
  because: it has ${NOPE} in it, and NOPE is not set
  hint: set NOPE, or name the file in full: export NPM_CONFIG_USERCONFIG=~/.npmrc
",
        3,
    );
}

#[test]
fn the_settings_of_pip_are_where_pip_looks() {
    for (there, file) in [(true, "my.conf"), (false, ".config/pip/pip.conf")] {
        let stage = stage_of("pip");
        if there {
            stage.write("my.conf", "");
        }
        let named = stage.path("my.conf");
        let env = [("PIP_CONFIG_FILE", named.to_str().unwrap())];
        let ran = stage.run_in(&["codeartifact", "plain"], &env);
        assert_eq!(ran.status, 0, "{}", ran.stderr);
        let text = fs::read_to_string(stage.path(file)).unwrap();
        assert!(text.contains("index-url"), "{text}");
        let other = if there { ".config" } else { "my.conf" };
        assert!(!stage.path(other).exists());
    }
    let stage = stage_of("pip");
    let env = [("PIP_CONFIG_FILE", "/dev/null")];
    let ran = stage.run_in(&["codeartifact", "plain"], &env);
    super::support::check(
        &ran,
        "",
        "\
error: pip reads no settings, as PIP_CONFIG_FILE is /dev/null
  hint: unset PIP_CONFIG_FILE, or leave pip out of \"tools\"
",
        3,
    );
}
