//! Roles with `"confirm": true`: nobody is asked for their credentials, and
//! nobody gets cached ones, before their name was typed, whichever entry,
//! profile or command leads to their ARN.

use aws_sandbox::{
    Domain, IdentityCenter, OidcProvider, Options, PermissionSet, Repository, Role, SsoSession,
    SsoUser, World,
};

use super::harness::{ACCOUNT, BASE_ACCOUNT, Ran, Stage, world};
use super::support::Checks;
use super::terminal::Terminal;

const PROVIDER: &str = "arn:aws:iam::222222222222:oidc-provider/token.example.com";
const START: &str = "https://acme.awsapps.com/start";
/// What stands for the login of the portal at [`START`].
const PORTAL: &str = ".aws/sso/cache/40169cea58ca6cbf23fb27b2542923fb5f524af0.json";

const CONFIG: &str = r#"{
  "codeartifact": {"domain": "my-artifacts", "domain_owner": "123456789012", "region": "eu-central-1"},
  "assume_roles": {
    "prod": {"aws_profile": "base", "aws_account": "222222222222", "aws_role": "ops/Admin", "confirm": true},
    "alias": {"aws_profile": "base", "aws_account": "222222222222", "aws_role": "ops/Admin"},
    "through": {"via": "prod", "aws_account": "123456789012", "aws_role": "last"},
    "free": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain"}
  }
}
"#;

const AWS_CONFIG: &str = "\
[profile base]
STS
[profile arn]
role_arn = arn:aws:iam::222222222222:role/ops/Admin
source_profile = base
STS
[profile chain]
role_arn = arn:aws:iam::123456789012:role/last
source_profile = arn
STS
[profile web]
role_arn = arn:aws:iam::222222222222:role/ops/Admin
web_identity_token_file = ~/token
STS
[profile after-web]
role_arn = arn:aws:iam::123456789012:role/last
source_profile = web
STS
[profile portal]
sso_start_url = https://acme.awsapps.com/start
sso_region = eu-west-1
sso_account_id = 222222222222
sso_role_name = Admin
STS
[profile after-portal]
role_arn = arn:aws:iam::123456789012:role/last
source_profile = portal
STS
";

/// Every way to the role that `prod` protects, and what is said of it.
const WAYS: [(&str, &str); 9] = [
    ("prod", "it has \"confirm\": true in ~/.assumerole"),
    (
        "alias",
        "it is the role of prod, which has \"confirm\": true at ~/.assumerole:4:93",
    ),
    (
        "through",
        "it is assumed from prod, which has \"confirm\": true at ~/.assumerole:4:93",
    ),
    (
        "arn",
        "it is the role of prod, which has \"confirm\": true at ~/.assumerole:4:93",
    ),
    (
        "chain",
        "it is assumed from prod, which has \"confirm\": true at ~/.assumerole:4:93",
    ),
    (
        "web",
        "it is the role of prod, which has \"confirm\": true at ~/.assumerole:4:93",
    ),
    (
        "after-web",
        "it is assumed from prod, which has \"confirm\": true at ~/.assumerole:4:93",
    ),
    (
        "portal",
        "it is the role of prod, which has \"confirm\": true at ~/.assumerole:4:93",
    ),
    (
        "after-portal",
        "it is assumed from prod, which has \"confirm\": true at ~/.assumerole:4:93",
    ),
];

fn guarded() -> World {
    let admin = "arn:aws:iam::222222222222:role/ops/Admin";
    let artifacts = |role: Role| {
        role.allowing("codeartifact:*")
            .allowing("sts:GetServiceBearerToken")
    };
    let jdoe = SsoUser::new("jdoe@example.com")
        .assigned("222222222222", "Admin")
        .session(SsoSession::new("good-token"));
    world()
        .role(artifacts(
            Role::new(admin).trusting(BASE_ACCOUNT).trusting(PROVIDER),
        ))
        .role(artifacts(
            Role::new(format!("arn:aws:iam::{ACCOUNT}:role/last")).trusting("222222222222"),
        ))
        .oidc_provider(OidcProvider::new(PROVIDER, "signing key"))
        .single_sign_on(
            IdentityCenter::new(START)
                .account("222222222222", "far")
                .permission_set(PermissionSet::new("Admin"))
                .user(jdoe),
        )
        .domain(Domain::new("my-artifacts", ACCOUNT).repository(Repository::new("shop")))
}

fn stage() -> Stage {
    let stage = Stage::with(guarded(), Options::default());
    stage.write(".assumerole", CONFIG);
    let sts = format!("endpoint_url = {}", stage.sandbox.endpoint());
    stage.write(".aws/config", &AWS_CONFIG.replace("STS", &sts));
    let token = stage.sandbox.identity_token(PROVIDER, "me", 3600);
    stage.write("token", &token);
    stage.write(
        PORTAL,
        &format!(r#"{{"startUrl": "{START}", "region": "eu-west-1", "accessToken": "good-token", "expiresAt": "2999-01-01T00:00:00Z"}}"#),
    );
    stage
}

/// Arguments, and variables.
type Command<'a> = (Vec<&'a str>, &'static [(&'static str, &'static str)]);

/// Every command that hands something of a role to somebody, for `name`.
fn commands<'a>(name: &'a str, yes: &[&'a str]) -> Vec<Command<'a>> {
    const SKIP: (&str, &str) = ("ASSUMEROLE_SKIP_CODEARTIFACT", "1");
    const TRUE: (&str, &str) = ("SHELL", "/bin/true");
    const COMMAND: (&str, &str) = ("ASSUMEROLE_COMMAND", "true");
    let args = |words: &[&'a str], rest: &[&'a str]| [words, yes, &[name], rest].concat();
    vec![
        (args(&["exec"], &["--", "true"]), &[SKIP]),
        (args(&["exec", "--fresh"], &["--", "true"]), &[SKIP]),
        (args(&["export", "--format", "json"], &[]), &[SKIP]),
        (
            args(&["export", "--format", "credential-process"], &[]),
            &[SKIP],
        ),
        (
            args(&["export", "--format", "bash", "--in-place"], &[]),
            &[SKIP],
        ),
        (args(&[], &[]), &[SKIP, TRUE]),
        (args(&["-q"], &[]), &[SKIP, TRUE]),
        (args(&[], &[]), &[SKIP, COMMAND]),
        (args(&["console", "--print"], &[]), &[SKIP]),
        (args(&["credential-process"], &[]), &[SKIP]),
        (args(&["codeartifact", "--print"], &[]), &[]),
    ]
}

fn run(stage: &Stage, (args, env): &Command<'_>) -> Ran {
    stage.run_in(args, env)
}

#[test]
fn no_command_goes_round_the_gate_by_any_way() {
    let mut checks = Checks::default();
    for (way, because) in WAYS {
        let stage = stage();
        for cached in [false, true] {
            if cached {
                let ran = stage.run(&["exec", "--yes=prod", way, "--", "true"]);
                checks.ran(&format!("{way}: warm"), &ran, "", "", 0);
            }
            let before = stage.requests();
            for command in commands(way, &[]) {
                let case = format!("{:?} cached: {cached}", command.0);
                let ran = run(&stage, &command);
                checks.same(&case, &ran.stdout, "");
                let line =
                    format!("error: role {way} is not assumed: there is no terminal to type ");
                checks.number(&case, usize::from(ran.stderr.starts_with(&line)), 1);
                let found = ran.stderr.contains(because);
                checks.same(&case, if found { because } else { &ran.stderr }, because);
                let runs = command.0[0] == "exec"
                    || command.0.last() == Some(&way)
                        && !["export", "codeartifact", "console", "credential-process"]
                            .contains(&command.0[0]);
                checks.number(
                    &case,
                    ran.status.try_into().unwrap(),
                    if runs { 125 } else { 5 },
                );
                checks.number(&case, stage.requests(), before);
            }
        }
        for command in commands(way, &["--yes=prod"]) {
            // The permission set may have no tokens of packages.
            if way == "portal" && command.0[0] == "codeartifact" {
                continue;
            }
            let case = format!("{:?}", command.0);
            checks.number(&case, run(&stage, &command).status.try_into().unwrap(), 0);
        }
        // It counts for the role that was named, and that is the one that is
        // protected.
        for command in commands(way, &["--yes"]) {
            let case = format!("{:?}", command.0);
            let ran = run(&stage, &command);
            checks.number(
                &case,
                usize::from(ran.status == 0),
                usize::from(way == "prod"),
            );
        }
        for command in commands(way, &["--yes=other", "--yes=PROD"]) {
            let case = format!("{:?}", command.0);
            checks.number(&case, usize::from(run(&stage, &command).status == 0), 0);
        }
        for (yes, said) in [
            (
                &[][..],
                "asks you to type prod first; cached: no AWS call, no other prompt",
            ),
            (&["--yes=prod"], "cached: no AWS call, no prompt"),
        ] {
            let ran = stage.run(&[&["plan"], yes, &[way]].concat());
            let head = format!("{way}: {said}");
            checks.same(way, ran.stdout.lines().next().unwrap(), &head);
        }
        let plan = stage.run(&["plan", "--json", way]).stdout;
        checks.number(way, usize::from(plan.contains("\"role_name\"")), 1);
    }
}

#[test]
fn what_protects_nothing_is_asked_nothing() {
    let stage = stage();
    let mut checks = Checks::default();
    for command in commands("free", &[]).into_iter().take(8) {
        let case = format!("{:?}", command.0);
        checks.number(&case, run(&stage, &command).status.try_into().unwrap(), 0);
    }
    let plan = stage.run(&["plan", "--json", "free"]).stdout;
    checks.number("plan", usize::from(plan.contains("\"role_name\"")), 0);
    // The session of the user is nobody's role.
    let ran = stage.run(&["plan", "base"]);
    checks.number("keys", usize::from(ran.stdout.contains("typed")), 0);
}

/// A shell that was in the role gets no new credentials before a prompt.
#[test]
fn a_protected_role_is_not_renewed_without_a_question() {
    let stage = stage();
    let env = stage
        .run(&["exec", "--yes=prod", "prod", "--", "env", "-0"])
        .stdout;
    let env = super::support::environment(&env);
    let mut checks = Checks::default();
    assert_eq!(stage.run(&["logout", "prod"]).status, 0);
    let before = stage.requests();
    let mut command = stage.command(&["renew", "--format", "sh"]);
    let ran = stage.ran(command.envs(&env));
    checks.number(
        "keys",
        usize::from(ran.stdout.contains("AWS_SECRET_ACCESS_KEY")),
        0,
    );
    checks.number("requests", stage.requests(), before);
}

#[test]
fn a_minus_names_no_role() {
    let stage = stage();
    let mut checks = Checks::default();
    checks.ran(
        "prod",
        &stage.run(&["exec", "--yes", "prod", "true"]),
        "",
        "",
        0,
    );
    let refused = stage.run(&["exec", "--yes", "-", "--", "true"]);
    checks.number("-", refused.status.try_into().unwrap(), 125);
    let found = refused
        .stderr
        .contains("hint: add --yes=prod if you mean it\n");
    checks.number(&refused.stderr, usize::from(found), 1);
    let ran = stage.run(&["exec", "--yes=prod", "-", "--", "true"]);
    checks.number("--yes=prod", ran.status.try_into().unwrap(), 0);
}

#[test]
fn another_file_takes_nothing_from_the_one_at_home() {
    let stage = stage();
    let other = CONFIG.replace(", \"confirm\": true", "");
    stage.write("other.json", &other);
    let mut checks = Checks::default();
    let path = stage.path("other.json");
    let path = path.to_str().unwrap();
    let home = stage.path(".assumerole");
    for args in [
        &["exec", "--config", path, "prod", "true"][..],
        &["exec", "--config", path, "through", "true"],
        &["exec", "--config", path, "alias", "true"],
    ] {
        let ran = stage.run(args);
        checks.number(args[3], ran.status.try_into().unwrap(), 125);
        checks.number(
            &ran.stderr,
            usize::from(ran.stderr.contains("there is no terminal")),
            1,
        );
    }
    let env = [("ASSUMEROLE_CONFIG", path)];
    let by_env = || stage.run_in(&["exec", "arn", "true"], &env);
    checks.number("variable", by_env().status.try_into().unwrap(), 125);
    // One that is the same file protects once.
    let home = home.to_str().unwrap();
    let ran = stage.run(&["exec", "--config", home, "--yes", "prod", "true"]);
    checks.ran("the same", &ran, "", "", 0);
    let before = stage.requests();
    // One that is broken may protect the role.
    stage.write(".assumerole", &CONFIG.replacen('{', "{,", 1));
    let ran = by_env();
    checks.number("broken", ran.status.try_into().unwrap(), 125);
    checks.number(
        &ran.stderr,
        usize::from(ran.stderr.contains("whichever file is named")),
        1,
    );
    // That it does so cannot be said of this one.
    stage.write(".assumerole", "{,");
    checks.ran("broken, and protects nothing", &by_env(), "", "", 0);
    checks.number("requests", stage.requests(), before);
    for (case, text) in [
        ("another key", CONFIG.replace("assume_roles", "assume_role")),
        ("another word", CONFIG.replace("assume_roles", "roles")),
        (
            "another case",
            CONFIG.replace("assume_roles", "Assume_Roles"),
        ),
        ("a list", format!("[{CONFIG}]")),
        (
            "a word",
            CONFIG.replace("confirm", "cofnrim").replacen('{', "{,", 1),
        ),
        ("single quotes", CONFIG.replace('"', "'")),
    ] {
        stage.write(".assumerole", &text);
        for quiet in [&[][..], &["-q"]] {
            let ran = stage.run_in(&[quiet, &["exec", "arn", "true"]].concat(), &env);
            checks.number(case, ran.status.try_into().unwrap(), 125);
            let told =
                ran.stderr.contains("error: ") && ran.stderr.contains("whichever file is named");
            checks.number(&ran.stderr, usize::from(told), 1);
        }
    }
    for (from, mark) in [("UTF-16", true), ("UTF-16LE", false), ("UTF-16BE", false)] {
        let mark = if mark { "\u{feff}" } else { "" };
        let units = format!("{mark}{CONFIG}");
        let bytes: Vec<u8> = units
            .encode_utf16()
            .flat_map(|unit| match from {
                "UTF-16BE" => unit.to_be_bytes(),
                _ => unit.to_le_bytes(),
            })
            .collect();
        std::fs::write(home, bytes).unwrap();
        let ran = by_env();
        checks.number(from, ran.status.try_into().unwrap(), 125);
        let hint = format!("convert it: iconv -f {from} -t UTF-8 ~/.assumerole\n");
        checks.number(&ran.stderr, usize::from(ran.stderr.contains(&hint)), 1);
    }
    checks.number("requests", stage.requests(), before);
    for (case, text) in [("empty", ""), ("nothing in it", "{}"), ("null", "null")] {
        stage.write(".assumerole", text);
        checks.ran(case, &by_env(), "", "", 0);
    }
    std::fs::remove_file(home).unwrap();
    std::os::unix::fs::symlink("/dev/null", home).unwrap();
    checks.ran("/dev/null", &by_env(), "", "", 0);
    std::fs::remove_file(home).unwrap();
    checks.ran("none", &by_env(), "", "", 0);
}

/// Who wrote `confirm` meant some role to be safe: until it is told which one,
/// all are that it may be.
#[test]
fn an_entry_whose_role_cannot_be_told_protects_what_it_may_mean() {
    let stage = stage();
    let mut checks = Checks::default();
    let x = r#""x": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain"}"#;
    let base = r#""aws_profile": "base", "confirm": true"#;
    for keys in [
        r#""aws_role": "plain""#,
        r#""aws_role": "plain", "aws_account": "1234-5678-9012""#,
        r#""aws_role": "plain", "aws_account": "12345678901""#,
        r#""aws_role": "arn:aws:iam::123456789012:role/plain ""#,
        r#""aws_account": "123456789012""#,
    ] {
        let entry = format!("\n\"p\": {{{base}, {keys}}}");
        stage.write(
            ".assumerole",
            &format!("{{\"assume_roles\": {{{x},{entry}}}}}"),
        );
        let said = "error: role x is not assumed: role \"p\" of ~/.assumerole may protect it\n --> ~/.assumerole:2:";
        let refused = |checks: &mut Checks, args: &[&str]| {
            let ran = stage.run(args);
            checks.number(&format!("{keys} {args:?}"), usize::from(ran.status == 0), 0);
            let found = ran.stderr.starts_with(said) && ran.stderr.contains("\n  hint: ");
            checks.number(&ran.stderr, usize::from(found), 1);
        };
        refused(&mut checks, &["exec", "x", "--", "true"]);
        refused(&mut checks, &["-q", "exec", "--yes", "x", "--", "true"]);
        refused(&mut checks, &["plan", "x"]);
        stage.write(".assumerole", &format!("{{\"assume_roles\": {{{entry}}}}}"));
        stage.write("other.json", &format!("{{\"assume_roles\": {{{x}}}}}"));
        let other = stage.path("other.json");
        let other = other.to_str().unwrap();
        refused(&mut checks, &["exec", "--config", other, "x", "--", "true"]);
    }
    checks.number("requests", stage.requests(), 0);
}

#[test]
fn a_link_that_leads_nowhere_is_no_missing_file() {
    let stage = stage();
    let home = stage.path(".assumerole");
    std::fs::remove_file(&home).unwrap();
    std::os::unix::fs::symlink(stage.path("dotfiles/assumerole"), &home).unwrap();
    let mut checks = Checks::default();
    for (args, status) in [
        (&["exec", "arn", "true"][..], 125),
        (&["export", "arn", "--format", "json"], 3),
        (&["plan", "arn"], 3),
    ] {
        checks.ran(
            args[0],
            &stage.run(args),
            "",
            "\
error: cannot read ~/.assumerole: it is a link to ~/dotfiles/assumerole, which does not exist
  hint: put the file there, or remove the link: rm ~/.assumerole
",
            status,
        );
    }
    stage.write("dotfiles/assumerole", CONFIG);
    let ran = stage.run(&["exec", "arn", "true"]);
    checks.number(
        "there",
        usize::from(ran.stderr.contains("which has \"confirm\": true")),
        1,
    );
    checks.number("requests", stage.requests(), 0);
}

#[test]
fn the_name_that_is_protected_is_typed() {
    let stage = stage();
    let mut checks = Checks::default();
    for (name, question) in [
        (
            "alias",
            "alias is the role of prod. Type prod to assume it:",
        ),
        (
            "through",
            "through is assumed from prod. Type prod to go on:",
        ),
        (
            "portal",
            "portal is the role of prod. Type prod to assume it:",
        ),
    ] {
        for (typed, status) in [("prod", 0), (name, 130), ("", 130), ("\u{4}", 130)] {
            let mut terminal = Terminal::new();
            terminal.start(&stage, &format!("exec assumerole exec {name} -- true"), &[]);
            terminal.sees(question);
            terminal.types(&format!("{typed}\r"));
            checks.number(&format!("{name} {typed}"), terminal.ends() as usize, status);
        }
    }
}

/// `--yes` is for the role that was named, and not for the one that was picked.
#[test]
fn a_role_that_was_picked_was_not_named() {
    let stage = stage();
    let mut checks = Checks::default();
    for (command, typed) in [
        ("assumerole --yes prd", ""),
        ("assumerole --yes pro", ""),
        ("assumerole --yes", "prod"),
        ("assumerole export --format json --yes", "prod"),
    ] {
        let mut terminal = Terminal::new();
        let script = format!("{command}; echo status $?");
        terminal.start(&stage, &script, &[("SHELL", "/bin/true")]);
        terminal.sees("Esc cancel");
        terminal.types(typed);
        terminal.sees("1/");
        // What is typed before the question stands there does not count.
        terminal.types("\rprod\r");
        terminal.sees("Type prod to assume it:");
        terminal.types("\r");
        terminal.sees("status 130");
        checks.number(command, terminal.ends() as usize, 0);
    }
    checks.number("requests", stage.requests(), 0);
}
