//! `keys rotate`: a new key takes the place of the old one, whatever happens.

use std::fs;

use aws_sandbox::{AccessKey, Fault, Options, User};
use jiff::SignedDuration;

use crate::harness::{BASE_ACCOUNT, CONFIG, KEY, Ran, SECRET, Stage, world};
use crate::support::{Checks, check};
use crate::terminal::Terminal;

/// A stage whose user may do with its keys what it likes.
pub(crate) fn stage() -> Stage {
    stage_allowing(&["iam:*"])
}

fn stage_allowing(actions: &[&str]) -> Stage {
    let mut world = world();
    world.users[0].allow = actions.iter().map(|action| (*action).to_owned()).collect();
    Stage::with(world, Options::default())
}

/// As [`stage`], where nothing names an MFA device.
pub(crate) fn without_device() -> Stage {
    let stage = stage();
    stage.write(
        ".assumerole",
        r#"{"assume_roles": {"plain": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain"}}}"#,
    );
    stage
}

impl Stage {
    /// The keys of the user, as IAM has them now.
    pub(crate) fn iam_keys(&self) -> Vec<AccessKey> {
        self.sandbox.world().users[0].access_keys.clone()
    }

    fn rotate(&self, args: &[&str]) -> Ran {
        let ran = self.keys(&[&["rotate"], args].concat());
        for key in self.iam_keys() {
            assert!(!format!("{ran:?}").contains(&key.secret), "{ran:?}");
        }
        ran
    }

    pub(crate) fn actions(&self) -> String {
        let journal = self.sandbox.journal();
        let actions: Vec<&str> = journal.iter().map(|call| call.action.as_str()).collect();
        actions.join(" ")
    }
}

#[test]
fn a_stored_key_is_replaced_with_one_code_and_roles_go_on() {
    let stage = stage();
    stage.import_base();
    stage.warm("read");
    stage.sandbox.clear_journal();
    let code = stage.code();
    let ran = stage.rotate(&["--yes", "--mfa-code", &code, "base"]);
    let [new] = <[AccessKey; 1]>::try_from(stage.iam_keys()).unwrap();
    check(
        &ran,
        "",
        &format!(
            "profile base has the key {} now, in place of {KEY}\n\
             obtained with the old key, and valid until they end: read, the session of profile base\n\
             disabled the old key {KEY}\n\
             deleted the old key {KEY}\n",
            new.id
        ),
        0,
    );
    assert_eq!(
        stage.actions(),
        "GetCallerIdentity ListAccessKeys CreateAccessKey GetCallerIdentity GetSessionToken \
         UpdateAccessKey GetAccessKeyLastUsed DeleteAccessKey"
    );
    // Nobody is asked for a code, and no file has a secret.
    check(&stage.run(&["exec", "read", "--", "true"]), "", "", 0);
    let shown = stage.keys(&["show", "--json", "base"]).stdout;
    assert!(shown.contains(&new.id), "{shown}");
    assert!(shown.contains("\"user\": \"arn:aws:iam::210987654321:user/jdoe\""));
    assert!(!shown.contains("\"created\": null"), "{shown}");
    let grep = std::process::Command::new("grep")
        .args(["-rlF", &new.secret, "."])
        .current_dir(stage.home())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(grep.stdout).unwrap(), "");
    assert!(stage.secret_at().is_empty());
    let mut left = stage.list(".assumerole.d/keys");
    left.retain(|name| !name.ends_with(".key") && name != "store");
    assert_eq!(left, Vec::<String>::new());
}

/// The one code gives the session that IAM is asked with; it goes on with the new
/// key, because AWS ends no session with the key that it came from.
#[test]
fn one_code_is_enough_where_no_session_is_cached() {
    let stage = stage();
    stage.import_base();
    let code = stage.code();
    let ran = stage.rotate(&["--yes", "--mfa-code", &code, "base"]);
    let [new] = <[AccessKey; 1]>::try_from(stage.iam_keys()).unwrap();
    check(
        &ran,
        "",
        &format!(
            "profile base has the key {} now, in place of {KEY}\n\
             obtained with the old key, and valid until they end: the session of profile base\n\
             disabled the old key {KEY}\n\
             deleted the old key {KEY}\n",
            new.id
        ),
        0,
    );
    assert_eq!(
        stage.actions(),
        "GetSessionToken GetCallerIdentity ListAccessKeys CreateAccessKey GetCallerIdentity \
         UpdateAccessKey GetAccessKeyLastUsed DeleteAccessKey"
    );
    // Nobody is asked for a code, and it is the session of the new key.
    check(&stage.run(&["exec", "read", "--", "true"]), "", "", 0);
    assert_eq!(stage.sandbox.count("GetSessionToken"), 1);
    let ran = stage.run(&["logout", "base"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(stage.run(&["exec", "read", "--", "true"]).status, 125);
}

/// With a session that is cached, and nobody to ask for a code, that one goes on.
#[test]
fn nobody_has_to_be_there_where_a_session_is_cached() {
    let stage = stage();
    stage.import_base();
    stage.warm("read");
    let ran = stage.rotate(&["--yes", "base"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(!ran.stderr.contains("no MFA session"), "{ran:?}");
    check(&stage.run(&["exec", "read", "--", "true"]), "", "", 0);
    assert_eq!(stage.sandbox.count("GetSessionToken"), 1);
}

/// AWS refuses the first requests of a new key; nothing is switched before.
#[test]
fn a_key_in_the_file_is_replaced_there_when_aws_knows_the_new_one() {
    let stage = without_device();
    let text = |id: &str, secret: &str| {
        format!(
            "# mine\n[other]\naws_access_key_id = {id}\naws_secret_access_key={secret}\n[base]\n; x\naws_access_key_id = {id}\naws_secret_access_key = {secret}\nregion = eu-west-1"
        )
    };
    stage.write(".aws/credentials", &text(KEY, SECRET));
    stage.sandbox.set_new_keys_unknown_for(2);
    let ran = stage.rotate(&["--yes", "base"]);
    let [new] = <[AccessKey; 1]>::try_from(stage.iam_keys()).unwrap();
    check(
        &ran,
        "",
        &format!(
            "created the key {id}; waiting until AWS knows it\n\
             profile base has the key {id} now, in place of {KEY}\n\
             disabled the old key {KEY}\n\
             deleted the old key {KEY}\n",
            id = new.id
        ),
        0,
    );
    assert_eq!(
        fs::read_to_string(stage.path(".aws/credentials")).unwrap(),
        text(&new.id, &new.secret)
    );
    assert_eq!(
        stage.actions(),
        "GetCallerIdentity ListAccessKeys CreateAccessKey GetCallerIdentity GetCallerIdentity \
         GetCallerIdentity UpdateAccessKey GetAccessKeyLastUsed DeleteAccessKey"
    );
    check(&stage.run(&["exec", "plain", "--", "true"]), "", "", 0);
}

#[test]
fn an_answer_that_is_lost_leaves_no_key_behind() {
    for action in [
        "ListAccessKeys",
        "CreateAccessKey",
        "UpdateAccessKey",
        "GetAccessKeyLastUsed",
        "DeleteAccessKey",
    ] {
        let stage = without_device();
        stage.import_base();
        // As often as it is asked in one run.
        stage.sandbox.inject(Fault::cut().on(action).always());
        let first = stage.rotate(&["--yes", "base"]);
        assert_ne!(first.status, 0, "{action}: {first:?}");
        stage.sandbox.clear_faults();
        let works = stage.run(&["exec", "plain", "--fresh", "--", "true"]);
        assert_eq!(works.status, 0, "{action}: {works:?}");
        let again = stage.rotate(&["--yes", "base"]);
        assert_eq!(again.status, 0, "{action}: {again:?}");
        let lost = again.stderr.contains(", whose secret was lost");
        assert_eq!(lost, action == "CreateAccessKey", "{again:?}");
        let [new] = <[AccessKey; 1]>::try_from(stage.iam_keys()).unwrap();
        assert_ne!(new.id, KEY, "{action}");
        let works = stage.run(&["exec", "plain", "--fresh", "--", "true"]);
        assert_eq!(works.status, 0, "{action}: {works:?}");
    }
}

#[test]
fn a_second_key_is_described_and_not_touched() {
    let stage = without_device();
    stage
        .sandbox
        .edit(|world| {
            let user = world.users[0].clone();
            world.users[0] = user.key("AKIAOTHEROTHEROTHER1", "other");
        })
        .unwrap();
    stage.sandbox.set_key_active("AKIAOTHEROTHEROTHER1", false);
    let ran = stage.rotate(&["--yes", "base"]);
    assert_eq!(ran.status, 6, "{ran:?}");
    for text in [
        "error: user jdoe has two access keys, and IAM allows no third\n",
        &format!("{KEY} (profile base): created "),
        "AKIAOTHEROTHEROTHER1: created ",
        ", never used, inactive\n",
        "hint: delete it if nothing uses AKIAOTHEROTHEROTHER1: assumerole exec base -- aws iam delete-access-key --user-name jdoe --access-key-id AKIAOTHEROTHEROTHER1\n",
    ] {
        assert!(ran.stderr.contains(text), "{text}\n{}", ran.stderr);
    }
    assert_eq!(stage.iam_keys().len(), 2);
    // Nothing was begun that would have to be carried on.
    assert!(
        stage
            .list(".assumerole.d/keys")
            .iter()
            .all(|name| !name.ends_with(".rotation"))
    );
}

#[test]
fn what_may_not_be_done_says_which_statement_is_missing() {
    let stage = stage_allowing(&["iam:List*", "iam:Create*", "iam:Get*"]);
    stage.write(".assumerole", "{\"assume_roles\": {}}");
    let ran = stage.rotate(&["--yes", "base"]);
    assert_eq!(ran.status, 6, "{ran:?}");
    for text in [
        "is not authorized to perform: iam:UpdateAccessKey",
        "have an administrator allow iam:UpdateAccessKey to the user",
        r#""Resource": "arn:*:iam::*:user/${aws:username}"}"#,
        "carry on: assumerole keys rotate base",
    ] {
        assert!(ran.stderr.contains(text), "{text}\n{}", ran.stderr);
    }
    stage
        .sandbox
        .edit(|world| world.users[0].allow = vec!["iam:*".to_owned()])
        .unwrap();
    let ran = stage.rotate(&["base"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(stage.iam_keys().len(), 1);
}

#[test]
fn the_key_of_the_root_user_is_refused() {
    let root = User::new("<root_account>", BASE_ACCOUNT).key(KEY, SECRET);
    let stage = Stage::with(aws_sandbox::World::default().user(root), Options::default());
    stage.write(".assumerole", "{\"assume_roles\": {}}");
    check(
        &stage.rotate(&["--yes", "base"]),
        "",
        "error: this is the key of the root user, which is not replaced\n  because: a key of the root user can do everything, and no policy limits it\n  hint: delete it in the AWS console (Security credentials), and use that of an IAM user\n",
        2,
    );
    assert_eq!(stage.iam_keys()[0].id, KEY);
}

#[test]
fn the_old_key_is_kept_as_long_as_one_says() {
    let stage = without_device();
    let ran = stage.rotate(&["--yes", "--grace", "7d", "base"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(
        ran.stderr
            .contains(&format!("to delete {KEY}, run this again after ")),
        "{ran:?}"
    );
    let is_off = |stage: &Stage| {
        let keys = stage.iam_keys();
        keys.len() == 2 && keys.iter().any(|key| key.id == KEY && !key.active)
    };
    assert!(is_off(&stage));
    let ran = stage.rotate(&["base"]);
    assert!(ran.stderr.starts_with("to delete AKIA"), "{ran:?}");
    assert!(is_off(&stage));
    let ran = stage.rotate(&["--grace", "0d", "base"]);
    check(&ran, "", &format!("deleted the old key {KEY}\n"), 0);
    assert_eq!(stage.iam_keys().len(), 1);
}

#[test]
fn a_key_that_something_else_still_uses_is_disabled_and_not_deleted() {
    let stage = without_device();
    stage
        .sandbox
        .inject(Fault::cut().on("UpdateAccessKey").always());
    assert_ne!(stage.rotate(&["--yes", "base"]).status, 0);
    stage.sandbox.clear_faults();
    // The cut came after the deed.
    stage.sandbox.set_key_active(KEY, true);
    // A copy of the key, in another home.
    stage.sandbox.advance(SignedDuration::from_secs(60));
    let other = Stage::new();
    let endpoint = stage.sandbox.endpoint();
    other.write(
        ".aws/config",
        &format!("[profile base]\nendpoint_url = {endpoint}\n"),
    );
    assert_eq!(other.run(&["exec", "plain", "--", "true"]).status, 0);
    let ran = stage.rotate(&["base"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(
        ran.stderr
            .contains("(sts in us-east-1), after the new key had taken its place"),
        "{ran:?}"
    );
    assert_eq!(stage.iam_keys().len(), 2);
    let ran = stage.rotate(&["base"]);
    check(&ran, "", &format!("deleted the old key {KEY}\n"), 0);
}

#[test]
fn every_stored_key_is_replaced_once_wherever_it_stands() {
    let stage = without_device();
    let pair = format!("aws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n");
    stage.write(
        ".aws/credentials",
        &format!("[base]\n{pair}[default]\n{pair}"),
    );
    stage.import_base();
    let ran = stage.keys(&["import", "--yes", "--keep", "default"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    let ran = stage.rotate(&["--yes", "--all"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    let [new] = <[AccessKey; 1]>::try_from(stage.iam_keys()).unwrap();
    let listed = stage.keys(&["list", "--json"]).stdout;
    assert_eq!(listed.matches(&new.id).count(), 2, "{listed}");
    let file = fs::read_to_string(stage.path(".aws/credentials")).unwrap();
    assert!(file.contains(&new.secret) && !file.contains(SECRET));
}

#[test]
fn it_is_asked_first_and_refused_where_it_makes_no_sense() {
    let stage = without_device();
    let mut checks = Checks::default();
    checks.ran(
        "nobody to ask",
        &stage.rotate(&["base"]),
        "",
        "error: no key was replaced: there is no terminal to ask at\n  hint: confirm it if you mean it: assumerole keys rotate --yes base\n",
        5,
    );
    checks.ran(
        "no profile",
        &stage.rotate(&["--yes", "nobody"]),
        "",
        "error: there is no profile nobody\n  hint: see the profiles: aws configure list-profiles\n",
        4,
    );
    checks.ran(
        "nothing stored",
        &stage.rotate(&["--yes", "--all"]),
        "",
        "error: no key is stored\n  hint: store one: assumerole keys add NAME\n",
        4,
    );
    checks.number("asked", stage.requests(), 0);
    let mut terminal = Terminal::new();
    terminal.start(&stage, "exec assumerole keys rotate base", &[]);
    terminal.sees("Replace the key of profile base? [y/N]");
    terminal.types(crate::terminal::CTRL_C);
    terminal.is_ended_by(rustix::process::Signal::INT);
    checks.number("asked", stage.requests(), 0);
    let mut terminal = Terminal::new();
    terminal.start(&stage, "assumerole keys rotate base", &[]);
    terminal.sees("Replace the key of profile base? [y/N]");
    terminal.types("y\r");
    assert_eq!(terminal.ends(), 0);
    assert_ne!(stage.iam_keys()[0].id, KEY);
    drop(checks);
}

#[test]
fn doctor_and_status_say_how_old_a_key_is() {
    let stage = stage();
    let config = CONFIG.replacen('{', "{\"keys\": {\"rotate_after_days\": 90},", 1);
    stage.write(".assumerole", &config);
    stage.import_base();
    let folder = stage.path(".assumerole.d/keys");
    let file = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|ending| ending == "key"))
        .unwrap();
    let text = fs::read_to_string(&file).unwrap();
    let old = text.replacen(
        "\"created\":null",
        "\"created\":\"2024-01-01T00:00:00Z\"",
        1,
    );
    assert_ne!(text, old);
    fs::write(&file, old).unwrap();
    let doctor = stage.run(&["doctor", "--offline"]);
    let all = format!("{}{}", doctor.stdout, doctor.stderr);
    assert!(
        all.contains("replace it: assumerole keys rotate base"),
        "{all}"
    );
    let status = stage.run(&["status"]);
    assert!(
        status.stderr.contains("the key base is ")
            && status
                .stderr
                .contains(" days old: assumerole keys rotate base"),
        "{status:?}"
    );
}
