//! What was obtained for one caller is for no other, though it comes from the
//! same place: another token, login, role of a machine, or way to run a process.

use std::collections::BTreeMap;
use std::fs;

use aws_sandbox::{Container, Instance, Login, Options, Role, SsoSession, SsoUser, User, World};

use super::login::{FILE, PAST, session};
use super::sso::{CORP, LATER, login, renewable};
use super::{PROVIDER, READ, START, Stage, everything};
use crate::harness::{BASE_ACCOUNT, KEY, Ran, SECRET};
use crate::support::{Checks, environment};

const OTHER_KEY: &str = "AKIAI44QH8DHBEXAMPLE";
const OTHER_SECRET: &str = "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY";

/// A second caller for each source.
pub(super) fn two_of_each() -> World {
    let other = "arn:aws:iam::222222222222:role/other";
    let mut world = everything();
    let eve = SsoUser::new("eve@example.com")
        .assigned("222222222222", "Admin")
        .session(SsoSession::new("eve-token"));
    world.identity_centers[0].users.push(eve);
    world
        .role(Role::new(other).trusting(PROVIDER))
        .role(Role::new("arn:aws:iam::444444444444:role/hub").trusting(PROVIDER))
        .role(Role::new("arn:aws:iam::123456789012:role/both").trusting("*"))
        .user(User::new("jane", BASE_ACCOUNT).key(OTHER_KEY, OTHER_SECRET))
        .user(User::new("eve", "222222222222"))
        .login(Login::new(
            "arn:aws:iam::222222222222:user/eve",
            "eve-refresh",
        ))
        .container(Container::pod("pod-2", other, "other-token"))
        .container(Container::task("task-2", other))
}

/// Variables and the folder, below the home, in which a caller runs.
#[derive(Default)]
pub(super) struct Caller {
    pub(super) env: Vec<(&'static str, String)>,
    folder: &'static str,
}

impl Caller {
    fn with(name: &'static str, value: impl Into<String>) -> Self {
        Self::default().and(name, value)
    }

    fn and(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.env.push((name, value.into()));
        self
    }
}

/// A source and two callers of it. Each is set up by a function.
struct Row {
    name: &'static str,
    config: String,
    /// One who is let in, and another one.
    callers: [fn(&Stage) -> Caller; 2],
    /// Nobody, or somebody whom AWS refuses.
    nobody: Option<fn(&Stage) -> Caller>,
    /// Whether the first one finds what was cached for them after the other.
    finds: bool,
}

pub(super) fn show(stage: &Stage, name: &str, caller: &Caller) -> Ran {
    let show = ["exec", name, "--", "sh", "-c", "echo $AWS_ACCESS_KEY_ID"];
    let mut command = stage.command(&show);
    command.envs(caller.env.iter().map(|(name, value)| (name, value)));
    command.current_dir(stage.path(caller.folder));
    stage.ran(&mut command)
}

const FULL: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const TOKEN: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
const TOKEN_FILE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";

fn container(stage: &Stage, path: &str) -> Caller {
    Caller::with(FULL, format!("{}{path}", stage.sandbox.endpoint()))
}

fn pod(stage: &Stage, token: &str) -> Caller {
    container(stage, "/v1/credentials").and(TOKEN, token)
}

fn pod_by_file(stage: &Stage, token: &str) -> Caller {
    stage.write("pod-token", token);
    let file = stage.path("pod-token").into_os_string();
    container(stage, "/v1/credentials").and(TOKEN_FILE, file.into_string().unwrap())
}

/// The task at one place has this role.
pub(super) fn task_of(stage: &Stage, role: &str) -> Caller {
    let role = role.to_owned();
    let change = |world: &mut World| world.containers[0].role = role;
    stage.sandbox.edit(change).unwrap();
    container(stage, "/v2/credentials/task-1")
}

pub(super) fn instance_of(stage: &Stage, role: &str) -> Caller {
    let instance = Instance::new("i-0123456789abcdef0", "eu-central-1").role(role);
    stage
        .sandbox
        .edit(|world| world.instance = Some(instance))
        .unwrap();
    Caller::with(
        "AWS_EC2_METADATA_SERVICE_ENDPOINT",
        stage.sandbox.endpoint(),
    )
}

fn token_of(stage: &Stage, subject: &str) -> Caller {
    let file = format!("token of {subject}");
    // Another one at each call would be another caller.
    if !stage.path(&file).is_file() {
        stage.write(&file, &stage.sandbox.identity_token(PROVIDER, subject, 600));
    }
    fs::copy(stage.path(&file), stage.path("token")).unwrap();
    Caller::default()
}

/// The claims of the first one, and a signature that is none.
fn forged_token(stage: &Stage) -> Caller {
    token_of(stage, "first");
    let token = fs::read_to_string(stage.path("token")).unwrap();
    let (claims, _) = token.rsplit_once('.').unwrap();
    stage.write("token", &format!("{claims}.c2lnbmF0dXJl"));
    Caller::default()
}

fn no_token(stage: &Stage) -> Caller {
    let _ = fs::remove_file(stage.path("token"));
    Caller::default()
}

fn logged_in(stage: &Stage, token: &str) -> Caller {
    stage.write(CORP, &login(token, LATER, ""));
    Caller::default()
}

fn logged_out(stage: &Stage) -> Caller {
    fs::remove_file(stage.path(CORP)).unwrap();
    Caller::default()
}

/// Whose session it is, unless it is there: it is renewed there.
fn signed_in(stage: &Stage, refresh: &str) -> Caller {
    let there = fs::read_to_string(stage.path(FILE)).unwrap_or_default();
    let mark = format!("\"idToken\":\"{refresh}\"");
    if !there.replace(": ", ":").contains(&mark) {
        let file = session(PAST)
            .replace("login-refresh", refresh)
            .replace(r#""idToken": "id""#, &format!(r#""idToken": "{refresh}""#));
        stage.write(FILE, &file);
    }
    Caller::default()
}

fn signed_out(stage: &Stage) -> Caller {
    fs::remove_file(stage.path(FILE)).unwrap();
    Caller::default()
}

fn rows() -> Vec<Row> {
    let machine = |source: &str| format!("[profile p]\n{READ}credential_source = {source}\nSTS\n");
    let web = format!(
        "[profile q]\nrole_arn = arn:aws:iam::222222222222:role/hub\nrole_session_name = ci\nweb_identity_token_file = ~/token\nSTS\n[profile p]\n{READ}source_profile = q\nSTS\n"
    );
    let sso = format!(
        "[profile q]\nsso_session = corp\nsso_account_id = 222222222222\nsso_role_name = Admin\nSTS\n[sso-session corp]\nsso_start_url = {START}\nsso_region = eu-west-1\n[profile p]\n{READ}source_profile = q\nSTS\n"
    );
    let signin = format!(
        "[profile q]\nlogin_session = arn:aws:iam::222222222222:user/dev\nregion = eu-central-1\nSTS\n[profile p]\n{READ}source_profile = q\nSTS\n"
    );
    let row = |name, config: &str, first, second, nobody| Row {
        name,
        config: config.to_owned(),
        callers: [first, second],
        nobody,
        finds: true,
    };
    vec![
        row(
            "web identity",
            &web,
            |stage| token_of(stage, "first"),
            |stage| token_of(stage, "second"),
            Some(no_token),
        ),
        row(
            "forged web identity",
            &web,
            |stage| token_of(stage, "first"),
            |stage| token_of(stage, "second"),
            Some(forged_token),
        ),
        row(
            "Identity Center",
            &sso,
            |stage| logged_in(stage, "good-token"),
            |stage| logged_in(stage, "eve-token"),
            Some(logged_out),
        ),
        row(
            "Identity Center, refused",
            &sso,
            |stage| logged_in(stage, "good-token"),
            |stage| logged_in(stage, "eve-token"),
            Some(|stage| logged_in(stage, "no-token")),
        ),
        Row {
            // What was renewed is written back: a file of before is no login.
            finds: false,
            ..row(
                "aws login",
                &signin,
                |stage| signed_in(stage, "login-refresh"),
                |stage| signed_in(stage, "eve-refresh"),
                Some(signed_out),
            )
        },
        row(
            "pod",
            &machine("EcsContainer"),
            |stage| pod(stage, "pod-token"),
            |stage| pod(stage, "other-token"),
            Some(|stage| pod(stage, "no-token")),
        ),
        row(
            "pod by a file",
            &machine("EcsContainer"),
            |stage| pod_by_file(stage, "pod-token"),
            |stage| pod_by_file(stage, "other-token"),
            Some(|stage| pod_by_file(stage, "no-token")),
        ),
        row(
            "task",
            &machine("EcsContainer"),
            |stage| container(stage, "/v2/credentials/task-1"),
            |stage| container(stage, "/v2/credentials/task-2"),
            Some(|stage| container(stage, "/v2/credentials/none")),
        ),
        row(
            "task of another role",
            &machine("EcsContainer"),
            |stage| task_of(stage, "arn:aws:iam::222222222222:role/hub"),
            |stage| task_of(stage, "arn:aws:iam::222222222222:role/other"),
            None,
        ),
        row(
            "instance",
            &machine("Ec2InstanceMetadata"),
            |stage| instance_of(stage, "arn:aws:iam::222222222222:role/hub"),
            |stage| instance_of(stage, "arn:aws:iam::222222222222:role/other"),
            None,
        ),
        row(
            "instance in another account",
            &machine("Ec2InstanceMetadata").replace("role/last", "role/both"),
            |stage| instance_of(stage, "arn:aws:iam::222222222222:role/hub"),
            |stage| instance_of(stage, "arn:aws:iam::444444444444:role/hub"),
            None,
        ),
        row(
            "environment",
            "[profile p]\nrole_arn = arn:aws:iam::123456789012:role/plain\ncredential_source = Environment\nSTS\n",
            |_| Caller::with("AWS_ACCESS_KEY_ID", KEY).and("AWS_SECRET_ACCESS_KEY", SECRET),
            |_| {
                Caller::with("AWS_ACCESS_KEY_ID", OTHER_KEY)
                    .and("AWS_SECRET_ACCESS_KEY", OTHER_SECRET)
            },
            Some(|_| Caller::default()),
        ),
    ]
}

/// What tells two runs of a process apart.
fn processes() -> Vec<Row> {
    let config = |command: &str| {
        format!(
            "[profile q]\ncredential_process = {command}\nSTS\n[profile p]\nrole_arn = arn:aws:iam::123456789012:role/plain\nsource_profile = q\nSTS\n"
        )
    };
    let row = |name, command: &str, first, second| Row {
        name,
        config: config(command),
        callers: [first, second],
        nobody: None,
        finds: true,
    };
    vec![
        row(
            "process by an AWS variable",
            "HOME/creds",
            |_| Caller::with("AWS_WHO", "jdoe"),
            |_| Caller::with("AWS_WHO", "jane"),
        ),
        row(
            "process by another variable",
            "HOME/creds",
            |_| Caller::with("WHO", "jdoe"),
            |_| Caller::with("WHO", "jane"),
        ),
        row(
            "process by a variable that is not there",
            "HOME/creds",
            |_| Caller::default(),
            |_| Caller::with("WHO", "jane"),
        ),
        row(
            "process by the folder",
            "HOME/creds",
            |_| Caller {
                folder: "jdoe",
                ..Caller::default()
            },
            |_| Caller {
                folder: "jane",
                ..Caller::default()
            },
        ),
        row(
            "process by PATH",
            "creds",
            |stage| path(stage, "jdoe"),
            |stage| path(stage, "jane"),
        ),
    ]
}

fn path(stage: &Stage, folder: &str) -> Caller {
    let folder = stage.path(folder).into_os_string().into_string().unwrap();
    Caller::with("PATH", format!("{folder}:/usr/local/bin:/usr/bin:/bin"))
}

/// A process that prints the keys of whom `$AWS_WHO`, `$WHO`, the file `who` here
/// or its own folder names.
fn scripts(stage: &Stage, keys: &[(&str, String); 2]) {
    let script = format!(
        "#!/bin/sh\nwho=${{AWS_WHO:-${{WHO:-$(cat who 2>/dev/null || cat \"${{0%/*}}/who\" 2>/dev/null)}}}}\ncase $who in jane) cat <<'EOF'\n{}\nEOF\n;; *) cat <<'EOF'\n{}\nEOF\n;; esac\n",
        keys[1].1, keys[0].1
    );
    for (who, _) in keys {
        stage.write(&format!("{who}/who"), who);
        stage.script(&format!("{who}/creds"), &script);
    }
    stage.script("creds", &script);
}

fn check(checks: &mut Checks, stage: &Stage, row: &Row, profile: &str) {
    let home = stage.home().to_str().unwrap();
    // Paths may hold blanks.
    let config = row.config.replace("HOME/creds", &format!("'{home}/creds'"));
    stage.config(&config);
    let name = format!("{}, {profile}", row.name);
    let key_id = |checks: &mut Checks, case: &str, caller: &Caller| {
        let ran = show(stage, profile, caller);
        checks.same(&format!("{name}: {case}"), &ran.stderr, "");
        ran.stdout
    };
    let [one, other] = row.callers;
    let first = key_id(checks, "the first", &one(stage));
    let again = key_id(checks, "the first again", &one(stage));
    checks.same(&format!("{name}: cached"), &again, &first);
    let second = key_id(checks, "another", &other(stage));
    checks.same(
        &format!("{name}: another's"),
        &(second != first && second.starts_with("AS")).to_string(),
        "true",
    );
    if row.finds {
        let third = key_id(checks, "the first, back", &one(stage));
        checks.same(&format!("{name}: found again"), &third, &first);
    }
    if let Some(nobody) = row.nobody {
        let ran = show(stage, profile, &nobody(stage));
        checks.same(&format!("{name}: nobody gets nothing"), &ran.stdout, "");
        checks.number(&format!("{name}: nobody"), ran.status as usize, 125);
    }
}

#[test]
fn nobody_gets_the_session_of_another_caller() {
    let mut checks = Checks::default();
    for row in rows() {
        let profiles: &[&str] = match row.config.contains("profile q") {
            true => &["p", "q"],
            false => &["p"],
        };
        for profile in profiles {
            let stage = Stage::with(two_of_each(), Options::default());
            fs::remove_file(stage.path(".assumerole")).unwrap();
            check(&mut checks, &stage, &row, profile);
        }
    }
}

#[test]
fn a_process_that_is_run_in_another_way_may_be_another_persons() {
    let mut checks = Checks::default();
    let long_term = |id: &str, secret: &str| {
        format!(r#"{{"Version": 1, "AccessKeyId": "{id}", "SecretAccessKey": "{secret}"}}"#)
    };
    let temporary = |id: &str| {
        format!(
            r#"{{"Version": 1, "AccessKeyId": "{id}", "SecretAccessKey": "s", "SessionToken": "t", "Expiration": "2999-01-01T00:00:00Z"}}"#
        )
    };
    for row in processes() {
        for profile in ["p", "q"] {
            let stage = Stage::with(two_of_each(), Options::default());
            let keys = [
                ("jdoe", long_term(KEY, SECRET)),
                ("jane", long_term(OTHER_KEY, OTHER_SECRET)),
            ];
            scripts(&stage, &keys);
            check(&mut checks, &stage, &row, profile);
        }
        let stage = Stage::with(two_of_each(), Options::default());
        scripts(
            &stage,
            &[("jdoe", temporary("ASIA1")), ("jane", temporary("ASIA2"))],
        );
        check(&mut checks, &stage, &row, "q");
    }
}

/// What a process reads otherwise is not seen; what it prints is.
#[test]
fn keys_of_a_process_are_known_by_their_id_wherever_it_is_run() {
    let stage = Stage::with(two_of_each(), Options::default());
    let mut checks = Checks::default();
    let script = format!(
        "#!/bin/sh\necho run >> ~/runs\necho '{{\"Version\": 1, \"AccessKeyId\": \"{KEY}\", \"SecretAccessKey\": \"{SECRET}\"}}'\n"
    );
    let script = stage.script("creds", &script);
    stage.config(&format!(
        "[profile q]\ncredential_process = '{script}'\nSTS\n[profile p]\nrole_arn = arn:aws:iam::123456789012:role/read\nmfa_serial = arn:aws:iam::210987654321:mfa/jdoe\nsource_profile = q\nSTS\n"
    ));
    let code = stage.code();
    let ran = stage.run(&["exec", "p", "--mfa-code", &code, "--", "true"]);
    checks.ran("with a code", &ran, "", "", 0);
    // Another folder: the process is asked, the code is not.
    fs::create_dir(stage.path("elsewhere")).unwrap();
    for times in 0..2 {
        let mut command = stage.command(&["exec", "p", "--", "true"]);
        let ran = stage.ran(command.current_dir(stage.path("elsewhere")));
        checks.ran(&format!("elsewhere {times}"), &ran, "", "", 0);
    }
    let runs = fs::read_to_string(stage.path("runs")).unwrap();
    checks.same("runs", &runs, "run\nrun\n");
    checks.number("requests", stage.requests(), 2);
}

/// `plan` says whom it looks for, and claims nothing of what it cannot see.
#[test]
fn a_plan_says_what_tells_callers_apart_and_what_it_cannot_see() {
    let mut checks = Checks::default();
    let unseen = "\n2. AssumeRole p: known only then\n";
    for row in rows().iter().chain(&processes()) {
        let stage = Stage::with(two_of_each(), Options::default());
        fs::remove_file(stage.path(".assumerole")).unwrap();
        scripts(&stage, &[("jdoe", String::new()), ("jane", String::new())]);
        let home = stage.home().to_str().unwrap();
        stage.config(&row.config.replace("HOME/creds", &format!("'{home}/creds'")));
        let caller = row.callers[0](&stage);
        let mut command = stage.command(&["plan", "p"]);
        command.envs(caller.env.iter().map(|(name, value)| (name, value)));
        let ran = stage.ran(command.current_dir(stage.path(caller.folder)));
        checks.number(row.name, ran.status as usize, 0);
        let is_named = row.config.contains("Environment");
        let says = ran.stdout.contains("   identified by   ");
        checks.same(row.name, &says.to_string(), &(!is_named).to_string());
        let asks_first = ["EcsContainer", "Ec2Instance", "credential_process"];
        let asks_first = asks_first.iter().any(|word| row.config.contains(word));
        let claims = ran.stdout.contains(unseen);
        checks.same(row.name, &claims.to_string(), &asks_first.to_string());
        checks.number(row.name, stage.requests(), 0);
    }
}

/// The environment of a program in the role `profile`, for `caller`.
fn inside(stage: &Stage, profile: &str, caller: &Caller) -> BTreeMap<String, String> {
    let mut command = stage.command(&["exec", profile, "--", "env", "-0"]);
    command.envs(caller.env.iter().map(|(name, value)| (name, value)));
    command.current_dir(stage.path(caller.folder));
    let printed = stage.ran(&mut command).stdout;
    let printed = printed.replace("$STS", &stage.sandbox.endpoint());
    environment(&printed.replace("$HOME", stage.home().to_str().unwrap()))
}

/// Renewal in that environment, of what is not cached any more, where `caller`
/// is whom the source gives credentials.
fn renew(stage: &Stage, env: &BTreeMap<String, String>, caller: &Caller) -> Ran {
    let cache = stage.path(".assumerole.d/cache");
    assert!(cache.is_dir(), "nothing is cached");
    for name in stage.list(".assumerole.d/cache") {
        // What is known of renewals is no session.
        if !name.ends_with(".renewed") {
            fs::remove_file(cache.join(name)).unwrap();
        }
    }
    let mut command = stage.command(&["renew", "--format", "sh"]);
    command.envs(env);
    command.envs(caller.env.iter().map(|(name, value)| (name, value)));
    stage.ran(command.current_dir(stage.path(caller.folder)))
}

/// `other`: whether it is another caller who would get it.
fn check_renewed(checks: &mut Checks, name: &str, profile: &str, ran: &Ran, other: bool) {
    let has_keys = ran.stdout.contains("AWS_SECRET_ACCESS_KEY");
    let (keys, status, line) = match other {
        false => ("true", 0, String::new()),
        true => (
            "false",
            5,
            format!(
                "{profile} is not renewed: cannot tell whether the same caller would assume it; assume it again: assume {profile}\n"
            ),
        ),
    };
    let name = format!("{name}, {profile}, other: {other}");
    checks.same(&name, &ran.stderr, &line);
    checks.same(&format!("{name}: keys"), &has_keys.to_string(), keys);
    checks.number(&format!("{name}: status"), ran.status as usize, status);
}

#[test]
fn a_shell_is_not_renewed_with_the_credentials_of_another_caller() {
    let mut checks = Checks::default();
    let rows = rows();
    // A role covers the variables of its caller.
    let rows = rows.iter().filter(|row| row.name != "environment");
    for row in rows {
        let profiles: &[&str] = match row.config.contains("profile q") {
            true => &["p", "q"],
            false => &["p"],
        };
        for profile in profiles {
            // The credentials of a login are new when it is renewed, no sooner.
            if (row.name, *profile) == ("aws login", "q") {
                continue;
            }
            let stage = Stage::with(two_of_each(), Options::default());
            fs::remove_file(stage.path(".assumerole")).unwrap();
            stage.config(&row.config);
            let [one, other] = row.callers;
            let env = inside(&stage, profile, &one(&stage));
            let ran = renew(&stage, &env, &one(&stage));
            check_renewed(&mut checks, row.name, profile, &ran, false);
            inside(&stage, profile, &one(&stage));
            if row.name == "task" {
                // The variable is covered in the role: what counts is what it was.
                let mut env = env;
                let restore = env.get_mut("ASSUMEROLE_RESTORE").unwrap();
                *restore = restore.replace("task-1", "task-2");
                let ran = renew(&stage, &env, &Caller::default());
                let line = "p is a different role now (other credentials assume it): assume p\n";
                checks.same(row.name, &ran.stderr, line);
                checks.number(row.name, ran.status as usize, 5);
                continue;
            }
            let ran = renew(&stage, &env, &other(&stage));
            check_renewed(&mut checks, row.name, profile, &ran, true);
        }
    }
}

/// A token that takes the place of another one of the same subject.
#[test]
fn a_shell_is_renewed_with_a_new_token_of_the_same_subject() {
    let mut checks = Checks::default();
    let row = &rows()[0];
    let stage = Stage::with(two_of_each(), Options::default());
    fs::remove_file(stage.path(".assumerole")).unwrap();
    stage.config(&row.config);
    let env = inside(&stage, "p", &row.callers[0](&stage));
    let token = stage.sandbox.identity_token(PROVIDER, "first", 900);
    stage.write("token", &token);
    let ran = renew(&stage, &env, &Caller::default());
    check_renewed(&mut checks, row.name, "p", &ran, false);
}

/// A login that we renew ourselves stays that of the same person.
#[test]
fn a_shell_is_renewed_with_a_login_that_is_renewed_for_it() {
    let mut checks = Checks::default();
    let rows = rows();
    let row = rows.iter().find(|row| row.name == "Identity Center");
    let row = row.unwrap();
    let stage = Stage::with(two_of_each(), Options::default());
    fs::remove_file(stage.path(".assumerole")).unwrap();
    stage.config(&row.config);
    let env = inside(&stage, "p", &logged_in(&stage, "good-token"));
    let of_another_shell = inside(&stage, "q", &Caller::default());
    let ended = login("good-token", super::sso::PAST, &renewable(LATER));
    stage.write(CORP, &ended);
    let ran = renew(&stage, &env, &Caller::default());
    check_renewed(&mut checks, row.name, "p", &ran, false);
    // For another shell that came from the earlier login, too.
    let ran = renew(&stage, &of_another_shell, &Caller::default());
    check_renewed(&mut checks, "another shell", "q", &ran, false);
    // And once more.
    let text = fs::read_to_string(stage.path(CORP)).unwrap();
    let mut renewed: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_ne!(renewed["accessToken"], "good-token");
    renewed["expiresAt"] = super::sso::PAST.into();
    stage.write(CORP, &renewed.to_string());
    for (env, profile) in [(&of_another_shell, "q"), (&env, "p")] {
        let ran = renew(&stage, env, &Caller::default());
        check_renewed(&mut checks, "a second time", profile, &ran, false);
    }
    // What another program put there may be another person's.
    let other = row.callers[1](&stage);
    for (env, profile) in [(&of_another_shell, "q"), (&env, "p")] {
        let ran = renew(&stage, env, &other);
        check_renewed(&mut checks, "other", profile, &ran, true);
    }
}

#[test]
fn a_shell_is_not_renewed_with_other_keys_of_a_process() {
    let mut checks = Checks::default();
    let keys = |id: &str, secret: &str| {
        format!(r#"{{"Version": 1, "AccessKeyId": "{id}", "SecretAccessKey": "{secret}"}}"#)
    };
    let print = |keys: &str| format!("#!/bin/sh\necho '{keys}'\n");
    let (first, second) = (keys(KEY, SECRET), keys(OTHER_KEY, OTHER_SECRET));
    for keeps_cache in [true, false] {
        let stage = Stage::with(two_of_each(), Options::default());
        fs::remove_file(stage.path(".assumerole")).unwrap();
        let script = stage.script("creds", &print(&first));
        stage.config(&format!(
            "[profile p]\nrole_arn = arn:aws:iam::123456789012:role/plain\nsource_profile = q\nSTS\n[profile q]\ncredential_process = '{script}'\nSTS\n"
        ));
        let env = inside(&stage, "p", &Caller::default());
        if !keeps_cache {
            let ran = renew(&stage, &env, &Caller::default());
            check_renewed(&mut checks, "the same", "p", &ran, false);
            // Another folder, another variable, the same key.
            inside(&stage, "p", &Caller::default());
            fs::create_dir(stage.path("elsewhere")).unwrap();
            let caller = Caller {
                folder: "elsewhere",
                ..Caller::with("ANYTHING", "else")
            };
            let ran = renew(&stage, &env, &caller);
            check_renewed(&mut checks, "elsewhere", "p", &ran, false);
            inside(&stage, "p", &Caller::default());
        }
        stage.script("creds", &print(&second));
        let ran = match keeps_cache {
            // Only the role is not there any more.
            true => {
                stage.run(&["logout", "p"]);
                let mut command = stage.command(&["renew", "--format", "sh"]);
                stage.ran(command.envs(&env))
            }
            false => renew(&stage, &env, &Caller::default()),
        };
        check_renewed(&mut checks, "another key", "p", &ran, true);
    }
}
