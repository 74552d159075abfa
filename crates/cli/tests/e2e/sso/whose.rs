//! Whose a new login is, and where its secrets lie.

use super::list::stage;
use super::{CORP, approve};
use crate::harness::Stage;
use crate::hostile::{Heard, Hostile, http};
use crate::support::Checks;
use crate::terminal::Terminal;

const LOGIN: &str = "assumerole sso login corp --device-code";
const QUESTION: &str = "Is it yours? [y/N]";

/// The code on the screen of a login.
fn code(terminal: &Terminal) -> String {
    terminal.sees("Ctrl-C to cancel");
    let screen = terminal.screen();
    let (_, rest) = screen.rsplit_once("type this code there: ").unwrap();
    rest.split_whitespace().next().unwrap().to_owned()
}

#[test]
fn a_login_with_other_accounts_is_asked_about() {
    let stage = stage(1, 1000);
    let mut checks = Checks::default();
    stage.logs_jdoe_in();
    stage.run(&["sso", "list"]);
    let token = stage.json(CORP);
    // Whoever signs in now has none of these accounts.
    let (old, new) = ("500000000000", "600000000000");
    stage
        .sandbox
        .edit(|world| {
            let center = &mut world.identity_centers[0];
            let user = &mut center.users[0];
            user.assignments.retain(|one| one.account == old);
            let ours = user.assignments.iter_mut().map(|one| &mut one.account);
            let all = center.accounts.iter_mut().map(|one| &mut one.id);
            for id in ours.chain(all).filter(|id| *id == old) {
                new.clone_into(id);
            }
        })
        .unwrap();
    for (answer, status) in [("n\r", 130), ("y\r", 0)] {
        let mut terminal = Terminal::of_size(160, 40);
        terminal.start(&stage, LOGIN, &[]);
        let code = code(&terminal);
        approve(&stage.sandbox, &code);
        terminal.sees("has none of the accounts from before. Its accounts: team-000.");
        terminal.sees(QUESTION);
        assert_eq!(stage.json(CORP), token);
        terminal.types(answer);
        checks.number(answer, terminal.ends() as usize, status);
    }
    assert_ne!(stage.json(CORP), token);
    checks.number("ended at AWS", stage.sandbox.count("Logout"), 1);
    let nobody = stage.logs_in(&["sso", "login", "corp", "--device-code"], approve);
    checks.number("nobody", nobody.status.unsigned_abs() as usize, 5);
    let hint = "hint: add --replace if it is yours";
    assert!(nobody.stderr.contains(hint), "{nobody:?}");
}

/// Whatever lies below the home folder.
fn all_files(stage: &Stage) -> String {
    let mut folders = vec![stage.home().to_owned()];
    let mut all = String::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            match entry.file_type().unwrap() {
                kind if kind.is_dir() => folders.push(entry.path()),
                kind if kind.is_file() => {
                    let bytes = std::fs::read(entry.path()).unwrap();
                    all.push_str(&String::from_utf8_lossy(&bytes));
                }
                _ => {}
            }
        }
    }
    all
}

#[test]
fn sealed_secrets_are_in_no_file_and_renew_the_login() {
    let stage = stage(1, 1000);
    let mut checks = Checks::default();
    // What was registered before is not left in clear either.
    stage.logs_jdoe_in();
    stage.write(".assumerole", r#"{"sso_token_store": "sealed"}"#);
    stage.logs_jdoe_in();
    let files = all_files(&stage);
    for name in ["refreshToken", "clientSecret"] {
        assert!(!files.contains(name), "{name}");
    }
    stage.run(&["sso", "list"]);
    let mut token = stage.json(CORP);
    assert!(token["accessToken"].is_string() && token["clientId"].is_string());
    token["expiresAt"] = "2020-01-01T00:00:00Z".into();
    stage.write(CORP, &token.to_string());
    let show = [
        "exec",
        "team-000/Read",
        "--",
        "sh",
        "-c",
        "echo $AWS_ACCOUNT_ID",
    ];
    checks.ran("renewed", &stage.run(&show), "500000000000\n", "", 0);
    assert_ne!(stage.json(CORP)["accessToken"], token["accessToken"]);
    assert!(!all_files(&stage).contains("refreshToken"));
    // Another program's login has nothing to do with them.
    token["accessToken"] = "theirs".into();
    stage.write(CORP, &token.to_string());
    let ran = stage.run(&["exec", "team-000/Admin", "true"]);
    assert!(ran.stderr.contains("has expired"), "{ran:?}");
    let out = stage.run(&["sso", "logout"]);
    checks.number("out", out.status.unsigned_abs() as usize, 0);
}

#[test]
fn a_qr_code_is_shown_on_request() {
    let stage = stage(1, 1000);
    let mut terminal = Terminal::of_size(160, 60);
    terminal.start(&stage, "assumerole sso login corp --qr", &[]);
    let code = code(&terminal);
    let all = terminal.all();
    assert!(
        all.contains('\u{2588}') && all.contains('\u{2580}'),
        "{all}"
    );
    approve(&stage.sandbox, &code);
    assert_eq!(terminal.ends(), 0);
}

/// A company's own address of the portal.
fn leads_to_aws(_: &Heard) -> Vec<u8> {
    http("302 Found\r\nlocation: https://acme.awsapps.com/start", b"")
}

fn leads_elsewhere(_: &Heard) -> Vec<u8> {
    http(
        "302 Found\r\nlocation: https://acme.awsapps.com.evil.example/start",
        b"",
    )
}

#[test]
fn an_address_of_the_company_is_followed_once_and_to_aws_alone() {
    let mut checks = Checks::default();
    for (server, status) in [
        (Hostile::start(leads_to_aws), 0),
        (Hostile::start(leads_elsewhere), 6),
    ] {
        let stage = stage(1, 1000);
        let config = std::fs::read_to_string(stage.path(".aws/config")).unwrap();
        let own = format!("http://{}/start", server.authority());
        stage.write(
            ".aws/config",
            &config.replace("https://acme.awsapps.com/start", &own),
        );
        let ran = stage.logs_in(&["sso", "login", "corp", "--device-code"], approve);
        checks.number(
            &format!("{ran:?}"),
            ran.status.unsigned_abs() as usize,
            status,
        );
        checks.number("once", server.connections(), 1);
        match status {
            // The AWS CLI looks for what its config says.
            0 => assert_eq!(stage.json(CORP)["startUrl"], own.as_str()),
            _ => {
                assert!(ran.stderr.contains("does not lead to AWS"), "{ran:?}");
                checks.number("requests", stage.requests(), 0);
            }
        }
    }
}
