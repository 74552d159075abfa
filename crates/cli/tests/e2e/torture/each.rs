//! Each kind of edit.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use aws_sandbox::{IdentityCenter, Options, PermissionSet, SsoSession, SsoUser};

use super::{Edit, left_beside, left_in_state, mode, rounds};
use crate::codeartifact::{self, DOMAIN, SETTINGS, XML};
use crate::harness::{CONFIG, KEY, SECRET, Stage, program, world};
use crate::keys::rotate::without_device;

/// A file whose new content is always the same.
fn of_file(
    name: &'static str,
    stage: Stage,
    args: Vec<&'static str>,
    file: &'static str,
    old: &str,
) -> Edit {
    stage.write(file, old);
    let path = stage.path(file);
    // More than its owner may read it: the rights are part of the edit.
    fs::set_permissions(&path, fs::Permissions::from_mode(0o2644)).unwrap();
    let ran = stage.run(&args);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let (old, new) = (old.as_bytes().to_vec(), fs::read(&path).unwrap());
    assert!(new != old);
    let left = new.clone();
    Edit {
        name,
        stage,
        args,
        env: Vec::new(),
        reset: Box::new({
            let old = old.clone();
            move |_, _| fs::write(&path, &old).unwrap()
        }),
        made: Box::new(move |stage, _| {
            let now = fs::read(stage.path(file)).unwrap();
            assert!(now == old || now == new, "{} bytes", now.len());
            assert_eq!(mode(stage, file), 0o2644);
            now == new
        }),
        left: Box::new(move |stage, _| left_beside(stage, file, &left)),
        succeeds: true,
    }
}

/// The file of one package tool.
fn of_tool(name: &'static str, tool: &str, file: &'static str, old: &str) -> Edit {
    let entry = format!(
        r#"{{"domain": "my-artifacts", "domain_owner": "123456789012", "region": "eu-central-1", "repository": "shop", "tools": ["{tool}"]}}"#
    );
    let stage = codeartifact::stage(&entry);
    of_file(name, stage, vec!["codeartifact", "plain"], file, old)
}

#[test]
fn settings_xml() {
    let stage = codeartifact::stage(DOMAIN);
    of_file(
        "settings.xml",
        stage,
        vec!["codeartifact", "plain"],
        SETTINGS,
        XML,
    )
    .torture();
}

#[test]
fn npmrc() {
    of_tool(".npmrc", "npm", ".npmrc", "fund=false\n; last line").torture();
}

#[test]
fn pip_conf() {
    let old = "[global]\ntimeout = 5\n";
    of_tool("pip.conf", "pip", ".config/pip/pip.conf", old).torture();
}

#[test]
fn pypirc() {
    let old = "[distutils]\nindex-servers =\n    pypi\n";
    of_tool(".pypirc", "twine", ".pypirc", old).torture();
}

#[test]
fn nuget_config() {
    let file = ".nuget/NuGet/NuGet.Config";
    of_tool(
        "NuGet.Config",
        "nuget",
        file,
        "<configuration>\n</configuration>\n",
    )
    .torture();
}

#[test]
fn profiles_of_roles() {
    let stage = Stage::new();
    std::os::unix::fs::symlink(program(), stage.path("assumerole")).unwrap();
    let mut write = stage.command(&["profiles", "write"]);
    write.env("PATH", format!("{}:/usr/bin:/bin", stage.home().display()));
    assert_eq!(stage.ran(&mut write).status, 0);
    let old = fs::read_to_string(stage.path(".aws/config")).unwrap();
    of_file(
        "profiles",
        stage,
        vec!["profiles", "remove", "plain"],
        ".aws/config",
        &old,
    )
    .torture();
}

/// At each moment the file or the store has the key, and run again it goes on.
#[test]
fn a_key_that_is_imported() {
    const FILE: &str = ".aws/credentials";
    let stage = Stage::new();
    let old = fs::read(stage.path(FILE)).unwrap();
    let get = "/bin/cat store-key";
    let put = "/bin/sh -c 'cat > store-key'";
    let args = vec![
        "keys", "import", "--yes", "--store", "command", "--get", get, "--put", put, "base",
    ];
    let folder = Path::new(program()).parent().unwrap().display().to_string();
    let env = vec![("PATH", format!("{folder}:/usr/bin:/bin"))];
    let again = (args.clone(), env.clone());
    let line = format!(
        "[base]\ncredential_process = {} credential-process --session base\n",
        shell_words::quote(program())
    );
    let (before, left) = (old.clone(), line.clone());
    Edit {
        name: "keys import",
        stage,
        args,
        env,
        reset: Box::new(move |stage, _| {
            let _ = fs::remove_dir_all(stage.path(".assumerole.d/keys"));
            fs::write(stage.path(FILE), &before).unwrap();
        }),
        made: Box::new(move |stage, _| {
            let stored = |stage: &Stage| {
                let ran = stage.run(&["keys", "export", "--yes", "base"]);
                ran.stdout.contains(SECRET)
            };
            let now = fs::read(stage.path(FILE)).unwrap();
            let made = now == line.as_bytes();
            assert!(made || now == old, "{} bytes", now.len());
            if !made {
                let (args, env) = &again;
                let mut command = stage.command(args);
                let ran = stage.ran(command.envs(env.iter().map(|(name, value)| (name, value))));
                assert_eq!(ran.status, 0, "{}", ran.stderr);
                assert_eq!(fs::read(stage.path(FILE)).unwrap(), line.as_bytes());
            }
            assert!(stored(stage), "neither the file nor the store has the key");
            made
        }),
        left: Box::new(move |stage, _| {
            let mut left = left_beside(stage, FILE, left.as_bytes());
            let unfinished = stage.list(".assumerole.d/keys").into_iter();
            left.extend(unfinished.filter(|name| name.starts_with(".tmp-")));
            left
        }),
        succeeds: true,
    }
    .torture();
}

/// At each moment the store or the file has a key that works, and run again it
/// goes on until one key is left.
fn rotated(name: &'static str, stage: Stage) -> Edit {
    const FILE: &str = ".aws/credentials";
    let (file, user) = (
        fs::read(stage.path(FILE)).unwrap(),
        stage.sandbox.world().users[0].clone(),
    );
    copy(&stage, ".assumerole.d", "before");
    let args = vec!["keys", "rotate", "--yes", "base"];
    let again = args.clone();
    Edit {
        name,
        stage,
        args,
        env: Vec::new(),
        reset: Box::new(move |stage, _| {
            fs::write(stage.path(FILE), &file).unwrap();
            copy(stage, "before", ".assumerole.d");
            stage.sandbox.add_user(user.clone()).unwrap();
        }),
        made: Box::new(move |stage, _| {
            let works = || {
                let ran = stage.run(&["exec", "plain", "--fresh", "--", "true"]);
                assert_eq!(ran.status, 0, "{}", ran.stderr);
            };
            works();
            let made = matches!(stage.iam_keys().as_slice(), [only] if only.id != KEY);
            let ran = stage.run(&again);
            assert_eq!(ran.status, 0, "{}", ran.stderr);
            let keys = stage.iam_keys();
            assert!(keys.len() == 1 && keys[0].id != KEY, "{keys:?}");
            works();
            made
        }),
        left: Box::new(move |stage, _| {
            let mut left = left_beside(stage, FILE, &fs::read(stage.path(FILE)).unwrap());
            let files = stage.list(".assumerole.d/keys").into_iter();
            left.extend(files.filter(|name| !name.ends_with(".key") && name != "store"));
            left
        }),
        succeeds: true,
    }
}

fn copy(stage: &Stage, from: &str, to: &str) {
    let _ = fs::remove_dir_all(stage.path(to));
    let copied = std::process::Command::new("cp")
        .args(["-a", "-T"])
        .args([stage.path(from), stage.path(to)])
        .status();
    assert!(copied.unwrap().success());
}

#[test]
fn a_stored_key_that_is_replaced() {
    let stage = without_device();
    stage.import_base();
    rotated("keys rotate, stored", stage).torture();
}

#[test]
fn a_key_of_the_file_that_is_replaced() {
    let stage = without_device();
    fs::create_dir(stage.path(".assumerole.d")).unwrap();
    fs::set_permissions(
        stage.path(".assumerole.d"),
        fs::Permissions::from_mode(0o700),
    )
    .unwrap();
    rotated("keys rotate, file", stage).torture();
}

#[test]
fn a_role_that_is_added() {
    let args = vec![
        "add",
        "more",
        "--profile",
        "base",
        "--account",
        "123456789012",
        "--role",
        "plain",
    ];
    let old = CONFIG;
    of_file("~/.assumerole", Stage::new(), args, ".assumerole", old).torture();
}

#[test]
fn a_role_that_is_changed() {
    let args = vec!["edit", "plain", "--region", "eu-west-1"];
    of_file("edit", Stage::new(), args, ".assumerole", CONFIG).torture();
}

#[test]
fn a_role_that_is_renamed() {
    let args = vec!["rename", "plain", "other"];
    of_file("rename", Stage::new(), args, ".assumerole", CONFIG).torture();
}

#[test]
fn a_role_that_is_removed() {
    let args = vec!["remove", "--yes", "plain"];
    of_file("remove", Stage::new(), args, ".assumerole", CONFIG).torture();
}

#[test]
fn a_file_of_github_actions() {
    let stage = Stage::of_roles(
        r#""plain": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain"}"#,
    );
    assert_eq!(stage.run(&["exec", "plain", "--", "true"]).status, 0);
    let path = stage.path("github-env").to_str().unwrap().to_owned();
    let old = "BEFORE=1\n";
    Edit {
        name: "GITHUB_ENV",
        stage,
        args: vec!["export", "--format", "github", "plain"],
        env: vec![("GITHUB_ENV", path)],
        reset: Box::new(move |stage, _| stage.write("github-env", old)),
        made: Box::new(move |stage, _| {
            let now = fs::read_to_string(stage.path("github-env")).unwrap();
            // Every line that opens a value has the one that closes it.
            let mut lines = now.strip_prefix(old).unwrap().lines();
            let mut values = 0;
            while let Some(line) = lines.next() {
                let (_, end) = line.split_once("<<").unwrap();
                assert!(lines.any(|line| line == end), "{now}");
                values += 1;
            }
            assert!(values == 0 || values > 5 && now.ends_with('\n'), "{now}");
            values > 0
        }),
        left: Box::new(|stage, _| left_in_state(stage)),
        succeeds: true,
    }
    .torture();
}

#[test]
fn an_entry_of_the_cache() {
    let stage = Stage::new();
    assert_eq!(stage.run(&["exec", "plain", "--", "true"]).status, 0);
    Edit {
        name: "cache entry",
        stage,
        args: vec!["exec", "plain", "--fresh", "--", "true"],
        env: Vec::new(),
        reset: Box::new(|stage, _| {
            // As if the last entry had been read by somebody since.
            let _ = fs::remove_file(stage.path("before"));
            let entry = stage.entries().remove(0);
            let path = stage.path(".assumerole.d/cache").join(entry);
            fs::copy(path, stage.path("before")).unwrap();
        }),
        made: Box::new(|stage, _| {
            let [entry] = <[String; 1]>::try_from(stage.entries()).unwrap();
            let path = stage.path(".assumerole.d/cache").join(&entry);
            let read = || fs::read(&path).unwrap();
            let now = read();
            // The next one is served from it, without asking anybody.
            let ran = stage.run(&["exec", "plain", "--", "printenv", "AWS_ACCESS_KEY_ID"]);
            assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
            assert!(read() == now, "it was not cached");
            assert_eq!(mode(stage, &format!(".assumerole.d/cache/{entry}")), 0o600);
            now != fs::read(stage.path("before")).unwrap()
        }),
        left: Box::new(|stage, _| left_in_state(stage)),
        succeeds: true,
    }
    .torture();
}

/// Of a history that has grown too long the older half goes with this run.
#[test]
fn the_history() {
    const FILE: &str = ".assumerole.d/history";
    let stage = Stage::new();
    assert_eq!(stage.run(&["exec", "plain", "--", "true"]).status, 0);
    let line = |n| format!("{{\"at\":\"2026-01-01T00:00:00Z\",\"role\":\"role-{n:06}\"}}\n");
    let old: String = (0..5200).map(line).collect();
    assert!(old.len() > 256 * 1024);
    Edit {
        name: "history",
        stage,
        args: vec!["exec", "plain", "--", "true"],
        env: Vec::new(),
        reset: Box::new({
            let old = old.clone();
            move |stage, _| stage.write(FILE, &old)
        }),
        made: Box::new(move |stage, _| {
            let now = fs::read_to_string(stage.path(FILE)).unwrap();
            assert_eq!(mode(stage, FILE), 0o600);
            if now == old {
                return false;
            }
            // The newer lines, and the new ones, all of them whole.
            assert!(now.len() > old.len() / 3 && now.ends_with('\n'));
            let is_new = |line: &&str| line.contains("\"role\":\"plain\"");
            let newest_first = now.lines().rev();
            let new = newest_first.clone().take_while(is_new).count();
            assert!((1..=2).contains(&new), "{new}");
            let kept: Vec<&str> = newest_first.clone().skip(new).collect();
            let before: Vec<&str> = old.lines().rev().take(kept.len()).collect();
            assert!(kept == before);
            let is_whole = |line: &str| line.starts_with('{') && line.ends_with('}');
            assert!(newest_first.take(new).all(is_whole));
            true
        }),
        left: Box::new(|stage, _| left_in_state(stage)),
        succeeds: true,
    }
    .torture();
}

/// Each round has a login of its own: what was renewed once is renewed no more.
#[test]
fn a_login_that_is_renewed() {
    const FILE: &str = ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json";
    const START: &str = "https://acme.awsapps.com/start";
    const ENDED: &str = "2020-01-01T00:00:00Z";
    let mut jdoe = SsoUser::new("jdoe@example.com").assigned("222222222222", "Admin");
    for round in 0..=rounds() * 4 {
        let session = SsoSession::new(format!("old-{round}")).ending(ENDED.parse().unwrap());
        jdoe = jdoe.session(session.renewable(format!("refresh-{round}"), "client", "secret"));
    }
    let portal = IdentityCenter::new(START)
        .account("222222222222", "hub")
        .permission_set(PermissionSet::new("Admin"))
        .user(jdoe);
    let stage = Stage::with(world().single_sign_on(portal), Options::default());
    let config = format!(
        "[profile q]\nsso_session = corp\nsso_account_id = 222222222222\nsso_role_name = Admin\nendpoint_url = {}\n\
         [sso-session corp]\nsso_start_url = {START}\nsso_region = eu-west-1\nsso_registration_scopes = sso:account:access\n",
        stage.sandbox.endpoint()
    );
    stage.write(".aws/config", &config);
    let login = |round: usize| {
        format!(
            r#"{{"startUrl": "{START}", "region": "eu-west-1", "accessToken": "old-{round}", "expiresAt": "{ENDED}", "clientId": "client", "clientSecret": "secret", "registrationExpiresAt": "2999-01-01T00:00:00Z", "refreshToken": "refresh-{round}"}}"#
        )
    };
    Edit {
        name: "login of IAM Identity Center",
        stage,
        args: vec!["exec", "q", "--fresh", "--", "true"],
        env: Vec::new(),
        reset: Box::new(move |stage, round| stage.write(FILE, &login(round))),
        made: Box::new(move |stage, round| {
            let now = fs::read_to_string(stage.path(FILE)).unwrap();
            assert_eq!(mode(stage, FILE), 0o600);
            if now == login(round) {
                return false;
            }
            let now: serde_json::Value = serde_json::from_str(&now).unwrap();
            for kept in [
                "clientId",
                "clientSecret",
                "startUrl",
                "registrationExpiresAt",
            ] {
                assert!(now[kept].is_string(), "{kept}");
            }
            let is_new = |name: &str, old: &str| {
                let value = now[name].as_str().unwrap();
                assert!(!value.is_empty() && value != format!("{old}-{round}"));
            };
            is_new("accessToken", "old");
            is_new("refreshToken", "refresh");
            true
        }),
        left: Box::new(|stage, _| left_beside(stage, FILE, b"")),
        succeeds: false,
    }
    .torture();
}
