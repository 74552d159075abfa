//! `accounts`: the accounts of AWS Organizations, and a role for each.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use aws_sandbox::{Fault, Options, Organization, Role};

use rustix::process::Signal;

use super::harness::{Ran, Stage, world};
use super::support::Checks;
use super::terminal::{CTRL_C, Terminal};

const MANAGEMENT: &str = "999999999999";

/// An organization of a few accounts whose names are strange, and `count` more.
fn organization(count: usize) -> Organization {
    let mut organization = Organization::new("o-exampleorg", MANAGEMENT)
        .delegated_to("888888888888")
        .unit("ou-abcd-11111111", "Work loads", "")
        .unit("ou-abcd-22222222", "Prod", "ou-abcd-11111111")
        .unit("ou-abcd-33333333", "Test", "ou-abcd-11111111")
        .account(MANAGEMENT, "management", "")
        .account("111111111111", "Acme Prod", "ou-abcd-22222222")
        .account("222222222222", "acme-test", "ou-abcd-33333333")
        .account("333333333333", "twice", "ou-abcd-33333333")
        .account("444444444444", "twice", "ou-abcd-33333333")
        .account("555555555555", "old", "ou-abcd-33333333")
        .in_state("CLOSED")
        .account("666666666666", "bad", "ou-abcd-33333333")
        .in_state("SUSPENDED");
    for number in 0..count {
        let id = format!("{:012}", 700_000_000_000_usize + number);
        organization = organization.account(id, format!("team-{number}"), "ou-abcd-11111111");
    }
    organization
}

/// A stage with a role `org` that may list accounts, and `read` in each of some.
fn stage(count: usize) -> Stage {
    let mut world = world()
        .role(
            Role::new(format!("arn:aws:iam::{MANAGEMENT}:role/org"))
                .trusting("210987654321")
                .allowing("organizations:*"),
        )
        .role(
            Role::new("arn:aws:iam::123456789012:role/member")
                .trusting("210987654321")
                .allowing("organizations:*"),
        )
        .role(
            Role::new("arn:aws:iam::888888888888:role/org")
                .trusting("210987654321")
                .allowing("organizations:List*"),
        )
        .organized(organization(count));
    for id in ["111111111111", "222222222222", "333333333333"] {
        let arn = format!("arn:aws:iam::{id}:role/read");
        world = world.role(Role::new(arn).trusting("210987654321"));
    }
    let stage = Stage::with(world, Options::default());
    stage.roles(ROLES);
    stage
}

const ROLES: &str = r#"
    "org": {"aws_profile": "base", "aws_account": "999999999999", "aws_role": "org"},
    "member": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "member"},
    "plain": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain"},
    "bastion-read": {"aws_profile": "base", "aws_account": "111111111111", "aws_role": "read", "aws_region": "eu-west-1", "tags": ["reading"]}
"#;

const SYNC: [&str; 5] = ["accounts", "sync", "--like", "bastion-read", "org"];
const FILE: &str = ".assumerole.accounts";

const TOLD: &str = "\
+ Acme-Prod/read  111111111111  Work-loads/Prod
+ acme-test/read  222222222222  Work-loads/Test
+ management/read  999999999999  Root
+ twice/read-333333333333  333333333333  Work-loads/Test
+ twice/read-444444444444  444444444444  Work-loads/Test
";

impl Stage {
    fn syncs(&self, more: &[&str]) -> Ran {
        self.run(&[&SYNC[..], more].concat())
    }

    fn names_of(&self, args: &[&str]) -> String {
        let ran = self.run(args);
        assert_eq!(ran.status, 0, "{ran:?}");
        let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        let rows = json.as_array().unwrap().iter();
        let names = rows.map(|row| row["name"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>().join(" ")
    }
}

#[test]
fn a_command_line_without_a_role_names_what_to_write() {
    let ran = stage(0).run(&["accounts", "sync"]);
    let told = "error: missing: <ROLE>
  hint: write: assumerole accounts sync <ROLE>
  hint: see: assumerole accounts --help
";
    Checks::default().ran("no role", &ran, "", told, 2);
}

#[test]
fn each_account_gets_a_role_in_a_file_of_its_own() {
    let stage = stage(0);
    let mut checks = Checks::default();
    let own = fs::read_to_string(stage.path(".assumerole")).unwrap();
    checks.ran(
        "nothing is known",
        &stage.run(&["accounts", "list"]),
        "",
        "no accounts are known; ask AWS for them: assumerole accounts sync ROLE\n",
        0,
    );
    // Without --like nothing but the names.
    let known = "7 accounts of o-exampleorg are known, 2 of them closed or suspended\n";
    let sync = stage.run(&["accounts", "sync", "org"]);
    checks.ran("names", &sync, "", known, 0);
    checks.same("no file", &stage.path(FILE).exists().to_string(), "false");
    let dry = stage.syncs(&["--dry-run"]);
    checks.ran("dry", &dry, TOLD, known, 0);
    checks.same(
        "dry: no file",
        &stage.path(FILE).exists().to_string(),
        "false",
    );
    checks.ran(
        "nobody is there to ask",
        &stage.syncs(&[]),
        TOLD,
        &format!(
            "{known}error: ~/.assumerole.accounts is not written: there is no terminal to ask at\n  \
             hint: confirm it if you mean it: assumerole accounts sync --yes org\n"
        ),
        5,
    );
    let yes = stage.syncs(&["--yes"]);
    let written = format!("{known}~/.assumerole.accounts is written\n");
    checks.ran("yes", &yes, TOLD, &written, 0);
    let mode = fs::metadata(stage.path(FILE)).unwrap().permissions().mode();
    checks.number("mode", (mode & 0o777) as usize, 0o600);
    checks.same(
        "the person's own file",
        &fs::read_to_string(stage.path(".assumerole")).unwrap(),
        &own,
    );
    // What was said once is known.
    let again = stage.run(&["accounts", "sync", "org"]);
    let nothing = format!("{known}there is nothing to change in ~/.assumerole.accounts\n");
    checks.ran("again", &again, "", &nothing, 0);
    checks.same(
        "roles",
        &stage.names_of(&["list", "--json"]),
        "org member plain bastion-read Acme-Prod/read acme-test/read management/read twice/read-333333333333 twice/read-444444444444",
    );
    let show = [
        "exec",
        "acme-test/read",
        "--",
        "sh",
        "-c",
        "echo $AWS_ACCOUNT_ID $AWS_REGION",
    ];
    checks.ran("used", &stage.run(&show), "222222222222 eu-west-1\n", "", 0);
    checks.same(
        "by tag",
        &stage.names_of(&["list", "--json", "tag:reading", "account:2*"]),
        "bastion-read Acme-Prod/read acme-test/read management/read twice/read-333333333333 twice/read-444444444444",
    );
    let wrong = stage.run(&["exec", "acme-tst/read", "true"]);
    assert!(
        wrong.stderr.contains("did you mean acme-test/read"),
        "{wrong:?}"
    );
    let complete = [
        "complete",
        "--shell",
        "bash",
        "--",
        "assumerole",
        "exec",
        "tw",
    ];
    checks.ran(
        "completion",
        &stage.run(&complete),
        "twice/read-333333333333\ntwice/read-444444444444\n",
        "",
        0,
    );
    let edit = stage.run(&["remove", "--yes", "acme-test/read"]);
    assert!(
        edit.stderr
            .contains("acme-test/read is a role that accounts sync has written"),
        "{edit:?}"
    );
    assert_eq!(stage.run(&["check"]).status, 0);
}

#[test]
fn units_pick_roles_once_they_are_known() {
    let stage = stage(0);
    let mut checks = Checks::default();
    let unknown = "\
error: no role matches \"ou:Work-loads\"; the units of accounts are not known
  hint: ask AWS Organizations for them: assumerole accounts sync ROLE
";
    for args in [
        &["list", "ou:Work-loads"][..],
        &["each", "ou:Work-loads", "--", "true"],
        &["each", "all", "--except", "ou:Work-loads", "--", "true"],
    ] {
        checks.ran("unknown", &stage.run(args), "", unknown, 4);
    }
    stage.syncs(&["--yes"]);
    let script = "echo $AWS_ACCOUNT_ID";
    let ran = stage.run(&[
        "each",
        "ou:Work loads",
        "--except",
        "twice*",
        "--",
        "sh",
        "-c",
        script,
    ]);
    checks.ran(
        "a unit and those below it",
        &ran,
        "== bastion-read\n111111111111\n== Acme-Prod/read\n111111111111\n== acme-test/read\n222222222222\n",
        "3 ok\n",
        0,
    );
    checks.same(
        "one",
        &stage.names_of(&["list", "--json", "ou:*/Prod"]),
        "bastion-read Acme-Prod/read",
    );
    checks.same(
        "none",
        &stage.names_of(&["list", "--json", "ou:Root"]),
        "org management/read",
    );
    let near = stage.run(&["list", "ou:Work-lods"]);
    checks.ran(
        "near",
        &near,
        "",
        "error: no role matches \"ou:Work-lods\"\n  hint: did you mean ou:Work-loads or ou:Work-loads/Prod or ou:Work-loads/Test?\n",
        4,
    );
    let listed = stage.run(&["list", "management/read"]);
    checks.ran(
        "list",
        &listed,
        "\
NAME             ACCOUNT       ACCOUNT NAME  UNIT  ROLE  PROFILE  REGION     MFA  FROM                    LEFT  DESCRIPTION
management/read  999999999999  management    Root  read  base     eu-west-1  -    ~/.assumerole.accounts     -  -
",
        "",
        0,
    );
    let known = stage.run(&["accounts", "list"]);
    checks.ran(
        "accounts",
        &known,
        "\
ACCOUNT       ACCOUNT NAME  UNIT             STATE   EMAIL
999999999999  management    Root             -       999999999999@example.com
111111111111  Acme Prod     Work-loads/Prod  -       111111111111@example.com
222222222222  acme-test     Work-loads/Test  -       222222222222@example.com
333333333333  twice         Work-loads/Test  -       333333333333@example.com
444444444444  twice         Work-loads/Test  -       444444444444@example.com
555555555555  old           Work-loads/Test  closed  555555555555@example.com
666666666666  bad           Work-loads/Test  closed  666666666666@example.com
",
        "",
        0,
    );
    let json = stage.run(&["accounts", "list", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(json[5]["account_name"], "old");
    assert_eq!(
        (&json[5]["active"], &json[5]["unit"]),
        (&false.into(), &"Work-loads/Test".into())
    );
    // No plain file has a name.
    for file in fs::read_dir(stage.path(".assumerole.d/cache")).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(9).any(|part| part == b"acme-test"));
    }
}

#[test]
fn what_a_person_wrote_wins_and_old_roles_go_only_with_prune() {
    let stage = stage(0);
    let mut checks = Checks::default();
    stage.syncs(&["--yes"]);
    stage.roles(&format!(
        "{ROLES}, \"acme-test/read\": {{\"aws_profile\": \"base\", \"aws_account\": \"333333333333\", \"aws_role\": \"read\"}}"
    ));
    stage.config("[profile base]\nSTS\n[profile Acme-Prod/read]\nregion = eu-west-1\nrole_arn = arn:aws:iam::222222222222:role/read\nsource_profile = base\nSTS\n");
    let account = |name: &str| {
        let ran = stage.run(&["exec", name, "--", "sh", "-c", "echo $AWS_ACCOUNT_ID"]);
        ran.stdout.trim().to_owned() + &ran.stderr
    };
    checks.same(
        "in ~/.assumerole",
        &account("acme-test/read"),
        "333333333333",
    );
    checks.same("in ~/.aws", &account("Acme-Prod/read"), "222222222222");
    checks.same(
        "in neither",
        &account("twice/read-333333333333"),
        "333333333333",
    );
    // An account is closed, one has a new name.
    let edited = stage.sandbox.edit(|world| {
        let accounts = &mut world.organization.as_mut().unwrap().accounts;
        accounts[3].state = "PENDING_CLOSURE".to_owned();
        accounts[2].name = "acme-new".to_owned();
    });
    edited.unwrap();
    let kept = stage.run(&["accounts", "sync", "--yes", "org"]);
    let told = "\
+ acme-new/read  222222222222  Work-loads/Test
+ twice/read  444444444444  Work-loads/Test
  acme-test/read  is of no account any more; take it out: --prune
  twice/read-333333333333  is of no account any more; take it out: --prune
  twice/read-444444444444  is of no account any more; take it out: --prune
";
    checks.same("kept", &kept.stdout, told);
    let pruned = stage.run(&["accounts", "sync", "--prune", "--yes", "org"]);
    checks.same(
        "pruned",
        &pruned.stdout,
        "- acme-test/read\n- twice/read-333333333333\n- twice/read-444444444444\n",
    );
    // Another template.
    let named = [
        "--name",
        "{account_id}.{role_name:upper}",
        "--prune",
        "--yes",
    ];
    let ran = stage.syncs(&named);
    assert_eq!(ran.status, 0, "{ran:?}");
    checks.same(
        "names",
        &stage.names_of(&["list", "--json", "*.READ"]),
        "111111111111.READ 222222222222.READ 444444444444.READ 999999999999.READ",
    );
    // A role via one of them, and a profile that runs this program for one.
    stage.roles(&format!(
        "{ROLES}, \"far\": {{\"via\": \"222222222222.READ\", \"aws_account\": \"123456789012\", \"aws_role\": \"plain\"}}"
    ));
    let far = stage.run(&["plan", "far"]);
    assert!(far.stdout.contains("222222222222"), "{far:?}");
}

#[test]
fn the_pace_is_kept_and_refusals_are_told_apart() {
    let stage = stage(41);
    let mut checks = Checks::default();
    stage
        .sandbox
        .inject(Fault::throttle().on("ListAccountsForParent").times(2));
    let begun = std::time::Instant::now();
    let ran = stage.run(&["accounts", "sync", "org"]);
    checks.ran(
        "pages",
        &ran,
        "",
        "48 accounts of o-exampleorg are known, 2 of them closed or suspended\n",
        0,
    );
    // Three pages of one unit, and one of each other; two that were refused.
    checks.number("accounts", stage.sandbox.count("ListAccountsForParent"), 8);
    checks.number(
        "units",
        stage.sandbox.count("ListOrganizationalUnitsForParent"),
        4,
    );
    let requests = 13;
    assert!(
        begun.elapsed().as_millis() > 200 * (requests - 1),
        "{:?}",
        begun.elapsed()
    );
    checks.ran(
        "another account",
        &stage.run(&["accounts", "sync", "member"]),
        "",
        "error: An error occurred (AccessDeniedException) when calling the ListRoots operation: You don't have permissions to access this resource.\n  \
         hint: use a role of the account that manages the organization, or of a delegated administrator; member is none\n",
        6,
    );
    let plain = stage.run(&["accounts", "sync", "plain"]);
    assert!(
        plain
            .stderr
            .contains("give plain the permission organizations:ListRoots"),
        "{plain:?}"
    );
    checks.ran(
        "no such template",
        &stage.run(&["accounts", "sync", "--like", "bastion-red", "org"]),
        "",
        "error: there is no role \"bastion-red\" in ~/.assumerole to make others like it\n  hint: did you mean bastion-read?\n  \
         hint: name one that is written there: --like ROLE\n",
        4,
    );
    stage.roles(&format!(
        "{ROLES}, \"delegate\": {{\"aws_profile\": \"base\", \"aws_account\": \"888888888888\", \"aws_role\": \"org\"}}"
    ));
    checks.number(
        "a delegated administrator",
        stage
            .run(&["accounts", "sync", "delegate"])
            .status
            .unsigned_abs() as usize,
        0,
    );
    stage.write(FILE, "{\"assume_roles\": ");
    let broken = stage.run(&["list", "org"]);
    assert!(
        broken.status == 0 && broken.stderr.contains("~/.assumerole.accounts:1:"),
        "{broken:?}"
    );
    let check = stage.run(&["check"]);
    assert!(
        check.status == 1 && check.stdout.contains("~/.assumerole.accounts:1:"),
        "{check:?}"
    );
    assert_eq!(stage.run(&["exec", "plain", "true"]).stderr, "");
}

#[test]
fn a_person_is_asked_and_may_end_it() {
    let stage = stage(0);
    let mut terminal = Terminal::new();
    terminal.start(
        &stage,
        "exec assumerole accounts sync --like bastion-read org",
        &[],
    );
    terminal.sees("Write this into ~/.assumerole.accounts? [Y/n]");
    terminal.types("n\r");
    assert_eq!(terminal.ends(), 130);
    assert!(!stage.path(FILE).exists());
    let mut terminal = Terminal::new();
    terminal.start(
        &stage,
        "exec assumerole accounts sync --like bastion-read org",
        &[],
    );
    terminal.sees("accounts of 1 of 2 units");
    terminal.types(CTRL_C);
    terminal.is_ended_by(Signal::INT);
    assert!(
        terminal.screen().contains("nothing is kept"),
        "{}",
        terminal.screen()
    );
    let mut terminal = Terminal::new();
    terminal.start(
        &stage,
        "exec assumerole accounts sync --like bastion-read org",
        &[],
    );
    terminal.sees("Write this into ~/.assumerole.accounts? [Y/n]");
    terminal.types("\r");
    assert_eq!(terminal.ends(), 0);
    assert!(stage.path(FILE).exists());
}

/// An agent is denied what is in a unit, and what may be in it.
#[test]
fn agents_are_denied_units() {
    let stage = stage(0);
    let agents = "\"agents\": {\"deny\": [\"ou:Work-loads/Prod\"]}";
    stage.write(
        ".assumerole",
        &format!("{{{agents}, \"assume_roles\": {{{ROLES}}}}}"),
    );
    let may = |role: &str| {
        let ran = stage.run_in(&["exec", role, "--", "true"], &[("AI_AGENT", "robot")]);
        ran.status == 0
    };
    assert!(!may("bastion-read") && !may("plain"));
    stage.syncs(&["--yes"]);
    assert!(!may("bastion-read") && !may("Acme-Prod/read"));
    assert!(may("acme-test/read"));
    // Nobody knows where that account is.
    assert!(!may("plain"));
}
