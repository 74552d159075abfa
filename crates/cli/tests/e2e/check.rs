//! `check`: everything that is wrong with the files, with its place.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::harness::{CONFIG, Stage};
use super::support::{Checks, base_keys, check};

#[test]
fn good_files_are_said_to_be_good() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    let said = "nothing is wrong with ~/.assumerole (3 roles)\n";
    checks.ran("check", &stage.run(&["check"]), "", said, 0);
    checks.ran("strict", &stage.run(&["check", "--strict"]), "", said, 0);
    checks.ran("quiet", &stage.run(&["-q", "check"]), "", "", 0);
    let none = "{\n  \"findings\": [],\n  \"errors\": 0,\n  \"warnings\": 0\n}\n";
    checks.ran("JSON", &stage.run(&["check", "--json"]), none, "", 0);
    // It reads and nothing else.
    checks.number("requests", stage.requests(), 0);
    checks.same("state", &format!("{:?}", stage.list(".assumerole.d")), "[]");
}

/// A file with something wrong in nearly every line.
const WRONG: &str = r#"{
  "aws_regoin": 1,
  "assume_roles": {
    "list": { "aws_profile": "base", "aws_role": "arn:aws:iam::123456789012:role/x" },
    "a": { "aws_profile": "base", "aws_account": "12", "aws_role": "x", "sshkey": 1 },
    "b": { "aws_profile": "bsae", "aws_account": "123456789012", "aws_role": "x" },
    "c": { "aws_profile": "base", "aws_account": "123456789012", "aws_role": "x",
      "environment": [ { "name": "A", "value": "$NOT_SET" } ],
      "policy": "~/none.json" }
  }
}
"#;

#[test]
fn everything_is_found_at_once_each_with_its_place() {
    let stage = Stage::new();
    stage.write(".assumerole", WRONG);
    let endpoint = stage.sandbox.endpoint();
    stage.write(
        ".aws/config",
        &format!("[profile base]\nendpoint_url = {endpoint}\nregion = a\nregion = b\n[other]\nregion = c\n"),
    );
    stage.write(".aws/credentials", &format!("{}nonsense\n", base_keys()));
    fs::set_permissions(
        stage.path(".aws/credentials"),
        fs::Permissions::from_mode(0o640),
    )
    .unwrap();
    check(&stage.run(&["check"]), "\
warning: the file has an unknown key \"aws_regoin\"
 --> ~/.assumerole:2:3
  |
2 |   \"aws_regoin\": 1,
  |   ^^^^^^^^^^^^
  hint: did you mean aws_region?

warning: role \"list\" has the name of a command
 --> ~/.assumerole:4:5
  |
4 |     \"list\": { \"aws_profile\": \"base\", \"aws_role\": \"arn:aws:iam::123456789012:role/x\" },
  |     ^^^^^^
  hint: assume the role: assumerole -- list

error: role \"a\": aws_account is not valid
 --> ~/.assumerole:5:50
  |
5 |     \"a\": { \"aws_profile\": \"base\", \"aws_account\": \"12\", \"aws_role\": \"x\", \"sshkey\": 1 },
  |                                                  ^^^^
  = because: an AWS account has 12 digits, this has 2

error: role \"a\": sshkey must be a string, this is a number
 --> ~/.assumerole:5:83
  |
5 |     \"a\": { \"aws_profile\": \"base\", \"aws_account\": \"12\", \"aws_role\": \"x\", \"sshkey\": 1 },
  |                                                                                   ^

error: role b uses profile bsae, which does not exist
 --> ~/.assumerole:6:27
  |
6 |     \"b\": { \"aws_profile\": \"bsae\", \"aws_account\": \"123456789012\", \"aws_role\": \"x\" },
  |                           ^^^^^^
  = because: looked in ~/.aws/config and ~/.aws/credentials
  = because: ~/.aws/config:5:1: not a profile: the config file needs [profile NAME]
  = because: ~/.aws/credentials:4:1: ignored: not a `key = value` line
  hint: did you mean base?
  hint: create it: aws configure --profile bsae

error: the policy of role c cannot be used: ~/none.json
 --> ~/.assumerole:9:17
  |
9 |       \"policy\": \"~/none.json\" }
  |                 ^^^^^^^^^^^^^
  = because: there is no such file

error: profile base has region twice in ~/.aws/config
 --> ~/.aws/config:4:1
  |
4 | region = b
  | ^^^^^^
  = because: the first is at ~/.aws/config:3:1
  = because: it is unclear which of the two is meant, and the AWS CLI refuses the file
  hint: remove one of the two

error: duplicate key (first set on line 3): whatever uses it is refused
 --> ~/.aws/config:4:1
  |
4 | region = b
  | ^^^^^^
  = because: because of it, the AWS CLI refuses the whole file

error: not a profile: the config file needs [profile NAME]
 --> ~/.aws/config:5:1
  |
5 | [other]
  | ^^^^^^^
  hint: write [profile other]

error: ignored: not a `key = value` line
 --> ~/.aws/credentials:4:1
  |
4 | nonsense
  | ^^^^^^^^
  = because: because of it, the AWS CLI refuses the whole file

error: ~/.aws/credentials has mode 640: other users may read it
  hint: chmod 600 ~/.aws/credentials
", "9 errors, 2 warnings\n", 1);
}

#[test]
fn an_availability_zone_is_no_region() {
    let stage = Stage::new();
    let role = r#""aws_profile": "base", "aws_role": "arn:aws:iam::123456789012:role/x""#;
    let file = format!(
        r#"{{
"aws_region": "us-east-1a",
"codeartifact": {{ "domain": "d", "domain_owner": "123456789012", "region": "us-east-1b" }},
"assume_roles": {{
"r": {{ {role},
  "aws_region": "us-west-2-lax-1a" }},
"s": {{ {role},
  "aws_region": "us-gov-west-1" }}
}}
}}
"#
    );
    stage.write(".assumerole", &file);
    let why = "is an Availability Zone, not a region";
    let shown = |what: &str, line: u32, column: u32, text: &str, zone: &str, region: &str| {
        let marks = "^".repeat(zone.len() + 2);
        let before = " ".repeat(usize::try_from(column).unwrap() - 1);
        format!(
            "error: {what} {why}\n --> ~/.assumerole:{line}:{column}\n  |\n{line} | {text}\n  | \
             {before}{marks}\n  = because: no service of AWS is reached by that name\n  \
             hint: write {region}\n"
        )
    };
    let lines: Vec<&str> = file.lines().collect();
    let said = [
        shown("aws_region", 2, 15, lines[1], "us-east-1a", "us-east-1"),
        shown(
            "codeartifact: region",
            3,
            76,
            lines[2],
            "us-east-1b",
            "us-east-1",
        ),
        shown(
            "role \"r\": aws_region",
            6,
            17,
            lines[5],
            "us-west-2-lax-1a",
            "us-west-2",
        ),
    ];
    check(&stage.run(&["check"]), &said.join("\n"), "3 errors\n", 1);
}

#[test]
fn a_file_of_aws_that_cannot_be_read_is_said_once() {
    let mut checks = Checks::default();
    for name in [".aws/credentials", ".aws/config"] {
        let stage = Stage::new();
        fs::remove_file(stage.path(name)).unwrap();
        fs::create_dir(stage.path(name)).unwrap();
        fs::set_permissions(stage.path(name), fs::Permissions::from_mode(0o700)).unwrap();
        let said = format!("error: cannot read ~/{name}\n  because: Is a directory\n");
        let ran = stage.run(&["check"]);
        checks.ran(name, &ran, &said, "1 error\n", 1);
        let json = stage.run(&["check", "--json"]);
        checks.number(name, json.stdout.matches("\"rule\": \"file\"").count(), 1);
    }
}

#[test]
fn a_warning_counts_only_if_it_is_asked_to() {
    let stage = Stage::new();
    stage.roles(
        r#""c": {"aws_profile": "base", "aws_role": "arn:aws:iam::123456789012:role/x", "environment": [{"name": "A", "value": "$NOT_SET"}]}"#,
    );
    let json = r#"{
  "findings": [
    {
      "severity": "warning",
      "rule": "plan",
      "file": "$HOME/.assumerole",
      "line": 1,
      "column": 135,
      "message": "the value of A in the environment of role c cannot be expanded",
      "because": [
        "the environment variable NOT_SET is not set"
      ],
      "hints": [
        "set that variable first, or take the name out of the value"
      ]
    }
  ],
  "errors": 0,
  "warnings": 1
}
"#;
    let mut checks = Checks::default();
    checks.ran("JSON", &stage.run(&["check", "--json"]), json, "", 0);
    checks.ran(
        "strict",
        &stage.run(&["check", "--json", "--strict"]),
        json,
        "",
        1,
    );
}

#[test]
fn another_file_is_looked_at_even_where_nobody_has_profiles() {
    let stage = Stage::new();
    stage.write("team.json", CONFIG);
    stage.write(".assumerole", "{");
    let mut checks = Checks::default();
    let good = "nothing is wrong with ~/team.json (3 roles)\n";
    checks.ran(
        "with profiles",
        &stage.run(&["check", "team.json"]),
        "",
        "nothing is wrong with team.json (3 roles)\n",
        0,
    );
    fs::remove_dir_all(stage.path(".aws")).unwrap();
    let path = stage.path("team.json");
    let without = format!("{good}there is no ~/.aws here, so the profiles were not checked\n");
    checks.ran(
        "without",
        &stage.run(&["check", path.to_str().unwrap()]),
        "",
        &without,
        0,
    );
    let missing = stage.run(&["check", "none.json"]);
    checks.same(
        "missing",
        missing.stdout.lines().next().unwrap(),
        "error: there is no none.json",
    );
    checks.number("missing", missing.status.try_into().unwrap(), 1);
    let broken = stage.run(&["check"]);
    checks.same(
        "broken",
        broken.stdout.lines().next().unwrap(),
        "error: this { is never closed",
    );
}

#[test]
fn keys_in_the_config_file_are_as_secret_as_elsewhere() {
    let stage = Stage::new();
    let endpoint = stage.sandbox.endpoint();
    let keys = base_keys().replace("[base]", "[profile base]");
    stage.write(".aws/config", &format!("{keys}endpoint_url = {endpoint}\n"));
    fs::remove_file(stage.path(".aws/credentials")).unwrap();
    fs::set_permissions(stage.path(".aws/config"), fs::Permissions::from_mode(0o644)).unwrap();
    check(
        &stage.run(&["check"]),
        "error: ~/.aws/config has mode 644: other users may read it\n  hint: chmod 600 ~/.aws/config\n",
        "1 error\n",
        1,
    );
}

#[test]
fn roles_of_aws_config_are_looked_at_too() {
    let stage = Stage::new();
    let endpoint = stage.sandbox.endpoint();
    let arn = "arn:aws:iam::123456789012:role/read";
    stage.write(
        ".aws/config",
        &format!(
            "[profile base]\nendpoint_url = {endpoint}\n\
             [profile read]\nrole_arn = {arn}\nsource_profile = base\n\
             [profile status]\nrole_arn = {arn}\nsource_profile = nobody\n"
        ),
    );
    check(
        &stage.run(&["check"]),
        "\
warning: role \"read\" hides the one at ~/.aws/config:3:1
 --> ~/.assumerole:3:5
  |
3 |     \"read\": {
  |     ^^^^^^
  hint: give one of the two another name

warning: role \"status\" has the name of a command
 --> ~/.aws/config:6:1
  |
6 | [profile status]
  | ^^^^^^^^^^^^^^^^
  hint: assume the role: assumerole -- status

error: profile status uses profile nobody, which does not exist
 --> ~/.aws/config:8:18
  |
8 | source_profile = nobody
  |                  ^^^^^^
  = because: looked in ~/.aws/config and ~/.aws/credentials
  hint: create it: aws configure --profile nobody
",
        "1 error, 2 warnings\n",
        1,
    );
}

#[test]
fn nothing_at_all_is_wrong_too() {
    let stage = Stage::new();
    fs::remove_file(stage.path(".assumerole")).unwrap();
    fs::remove_dir_all(stage.path(".aws")).unwrap();
    let ran = stage.run(&["check"]);
    let said: Vec<&str> = ran
        .stdout
        .lines()
        .filter(|line| line.starts_with("error"))
        .collect();
    assert_eq!(
        said,
        [
            "error: there is no role: no ~/.assumerole, and no profile with role_arn in ~/.aws",
            "error: there is neither ~/.aws/credentials nor ~/.aws/config",
        ]
    );
    assert_eq!(ran.status, 1);
}

/// A file of `count` roles, each of which is wrong.
fn wrong_roles(count: usize) -> String {
    let role = |number: usize| {
        format!(
            "\"r{number}\": {{\"aws_profile\": \"base\", \"aws_account\": \"12\", \"aws_role\": \"x\"}}"
        )
    };
    let roles: Vec<String> = (0..count).map(role).collect();
    roles.join(",\n")
}

#[test]
fn a_hundred_findings_are_printed_and_all_are_counted() {
    let stage = Stage::of_roles(&wrong_roles(250));
    let mut checks = Checks::default();
    let lines = |text: &str| {
        text.lines()
            .filter(|line| line.starts_with("error: "))
            .count()
    };
    let some = stage.run(&["check"]);
    checks.number("printed", lines(&some.stdout), 100);
    let first = "error: role \"r0\": aws_account is not valid";
    checks.same("first", some.stdout.lines().next().unwrap(), first);
    let said = "250 errors\n150 more are not shown; see all: assumerole check --all\n";
    checks.same("said", &some.stderr, said);
    checks.number("status", some.status.try_into().unwrap(), 1);
    let all = stage.run(&["check", "--all"]);
    checks.number("all", lines(&all.stdout), 250);
    checks.same("said of all", &all.stderr, "250 errors\n");
    let json = stage.run(&["check", "--json"]);
    checks.number("json", json.stdout.matches("\"severity\"").count(), 250);
    // `list` has as many warnings, and one that counts the others.
    let list = stage.run(&["list"]);
    let warnings = list
        .stderr
        .lines()
        .filter(|line| line.starts_with("warning: "));
    checks.number("list", warnings.count(), 101);
    let last: Vec<&str> = list.stderr.lines().rev().take(2).collect();
    let more = [
        "  hint: see all: assumerole check --all",
        "warning: 150 more roles have errors",
    ];
    checks.same("list says", &last.join("\n"), &more.join("\n"));
}

#[test]
fn a_file_of_rubbish_in_the_place_of_aws_config_is_told_in_few_words() {
    let stage = Stage::new();
    let good = fs::read_to_string(stage.path(".aws/config")).unwrap();
    let rubbish = |lines: usize| good.clone() + &"rubbish\n".repeat(lines);
    let mut checks = Checks::default();
    stage.write(".aws/config", &rubbish(3_000));
    let ran = stage.run(&["check"]);
    let said = "1001 errors\n901 more are not shown; see all: assumerole check --all\n";
    checks.same("bad lines", &ran.stderr, said);
    let ran = stage.run(&["check", "--all"]);
    let last = ran.stdout.lines().rev().nth(1).unwrap();
    checks.same(
        "the rest",
        last,
        "error: 2000 more lines of ~/.aws/config are wrong",
    );
    stage.write(".aws/config", &rubbish(300_000));
    for args in [&["list"][..], &["exec", "plain", "true"], &["check"]] {
        let ran = stage.run(args);
        let told = ran.stdout + &ran.stderr;
        let lines = "  because: it has 300002 lines; the limit is 200000\n";
        checks.same(args[0], &told.contains(lines).to_string(), "true");
    }
}

/// A file of faults is not compared with itself, name by name, to its end.
#[test]
fn so_many_names_are_looked_through_for_suggestions() {
    const ROLES: usize = 2000;
    let stage = Stage::new();
    let role = |number: usize| {
        format!(
            "\"r{number:04}\": {{\"via\": \"x{number:04}\", \"aws_account\": \"123456789012\", \
             \"aws_role\": \"x\"}}"
        )
    };
    let roles: Vec<String> = (0..ROLES).map(role).collect();
    stage.write(
        ".assumerole",
        &format!("{{\"assume_roles\": {{{}}}}}", roles.join(",\n")),
    );
    let ran = stage.run(&["check", "--all"]);
    assert_eq!(ran.status, 1);
    let told = ran.stderr.matches("which does not exist").count()
        + ran.stdout.matches("which does not exist").count();
    assert_eq!(told, ROLES);
    let suggested =
        ran.stderr.matches("did you mean").count() + ran.stdout.matches("did you mean").count();
    assert_eq!(suggested, 1_000_000 / ROLES);
}

#[test]
fn a_registry_whose_role_there_is_not_is_found() {
    let stage = Stage::new();
    let registry = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
    let with = |role: &str| {
        let registries = format!("{{\n\"registries\": {{\"{registry}\": \"{role}\"}},");
        stage.write(".assumerole", &CONFIG.replacen('{', &registries, 1));
        stage.run(&["check"])
    };
    check(
        &with("plian"),
        &format!(
            "\
warning: registries: {registry} names \"plian\", which is no role
 --> ~/.assumerole:2:64
  |
2 | \"registries\": {{\"{registry}\": \"plian\"}},
  |                                                                ^^^^^^^
  hint: did you mean plain?
  hint: see all roles: assumerole list
"
        ),
        "1 warning\n",
        0,
    );
    for good in ["plain", "base"] {
        let ran = with(good);
        assert_eq!(ran.stdout, "", "{ran:?}");
    }
}

#[test]
fn an_access_manager_whose_login_there_is_not_is_found() {
    let stage = Stage::new();
    let session = "[sso-session corp]\nsso_start_url = https://acme.awsapps.com/start\nsso_region = eu-west-1\n";
    let config = fs::read_to_string(stage.path(".aws/config")).unwrap();
    stage.write(".aws/config", &format!("{config}{session}"));
    let with = |session: &str| {
        let access = format!(
            "{{\n\"access_manager\": {{\"tenant\": \"aa-1\", \"sso_session\": \"{session}\"}},"
        );
        stage.write(".assumerole", &CONFIG.replacen('{', &access, 1));
        stage.run(&["check"])
    };
    check(
        &with("crop"),
        "\
warning: access_manager names sso-session crop, which is not in ~/.aws/config
 --> ~/.assumerole:2:19
  |
2 | \"access_manager\": {\"tenant\": \"aa-1\", \"sso_session\": \"crop\"},
  |                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  hint: did you mean corp?
  hint: create it: assumerole sso login --start-url URL --region REGION crop
",
        "1 warning\n",
        0,
    );
    check(
        &with("corp"),
        "",
        "nothing is wrong with ~/.assumerole (3 roles)\n",
        0,
    );
}
