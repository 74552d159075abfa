//! The handle: journal, clock, world, start and end.

use std::io::{ErrorKind, Read as _};
use std::net::TcpStream;
use std::sync::mpsc;

use aws_sandbox::{Options, Role, Sandbox, World};

use crate::client::{Client, DEVICE, KEY, READ, USER, sandbox, start};

#[test]
fn the_journal_says_what_was_asked_and_holds_no_secret() {
    let sandbox = sandbox();
    let client = Client::new(&sandbox);
    let code = sandbox.code(DEVICE);
    let mfa = [("SerialNumber", DEVICE), ("TokenCode", code.as_str())];
    let answer = client.assume(&mfa).good();
    let session = client.with(&answer);
    session.call("GetCallerIdentity", &[]).good();
    session.assume_role("arn:aws:iam::123456789012:role/x", &[]);

    let journal = sandbox.journal();
    let [first, second, third] = journal.as_slice() else {
        panic!("{journal:?}");
    };
    assert_eq!(
        (first.service.as_str(), first.action.as_str()),
        ("sts", "AssumeRole")
    );
    assert_eq!((first.status, first.outcome.as_str()), (200, "OK"));
    assert_eq!(first.region, "eu-central-1");
    assert_eq!(first.access_key_id.as_deref(), Some(KEY));
    assert_eq!(first.caller.as_deref(), Some(USER));
    assert_eq!(first.user_agent.as_deref(), Some("test/1"));
    assert_eq!(first.request_id, answer.text("RequestId"));
    assert_eq!(first.fault, None);
    let params: Vec<(&str, &str)> = first
        .parameters
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(
        params,
        [
            ("RoleArn", READ),
            ("RoleSessionName", "jdoe"),
            ("SerialNumber", DEVICE),
            ("TokenCode", &code),
        ]
    );
    let arn = "arn:aws:sts::123456789012:assumed-role/read/jdoe";
    assert_eq!(second.caller.as_deref(), Some(arn));
    assert_eq!(
        (third.status, third.outcome.as_str()),
        (403, "AccessDenied")
    );

    let json = serde_json::to_string(&journal).unwrap();
    for secret in [&client.secret, &session.secret, &session.token.unwrap()] {
        assert!(!json.contains(secret.as_str()));
        assert!(!format!("{journal:?}{sandbox:?}").contains(secret.as_str()));
    }
    assert_eq!(sandbox.count("AssumeRole"), 2);
    sandbox.clear_journal();
    assert_eq!(sandbox.count("AssumeRole"), 0);
}

#[test]
fn a_watcher_hears_of_every_request() {
    let sandbox = sandbox();
    let (send, heard) = mpsc::channel();
    let send = std::sync::Mutex::new(send);
    sandbox.watch(move |entry| {
        let _ = send.lock().unwrap().send(entry.outcome.clone());
    });
    let client = Client::new(&sandbox);
    client.call("GetCallerIdentity", &[]).good();
    client.call("Bogus", &[]);
    assert_eq!(heard.recv().unwrap(), "OK");
    assert_eq!(heard.recv().unwrap(), "InvalidAction");
}

#[test]
fn a_change_that_makes_no_sense_changes_nothing() {
    let sandbox = sandbox();
    let before = sandbox.world();
    let wrong = sandbox.add_role(Role::new("read")).unwrap_err();
    assert!(wrong.contains("ARN"), "{wrong}");
    let wrong = sandbox.edit(|world| {
        world.roles.clear();
        world.partition = "aws-moon".to_owned();
    });
    assert!(wrong.unwrap_err().contains("aws-moon"));
    assert_eq!(sandbox.world(), before);
    // In place of the one with the same ARN.
    sandbox.add_role(Role::new(READ).lasting(7200)).unwrap();
    assert_eq!(sandbox.world().roles, [Role::new(READ).lasting(7200)]);
}

#[test]
fn a_world_that_makes_no_sense_does_not_start() {
    let world = World::default().role(Role::new("read"));
    let error = Sandbox::start(world, Options::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("\"read\""), "{error}");
}

#[test]
fn it_listens_on_loopback_until_it_is_dropped() {
    let sandbox = start(World::sample());
    let port = sandbox.port();
    assert_eq!(sandbox.endpoint(), format!("http://127.0.0.1:{port}"));
    assert_eq!(sandbox.ca_pem(), None);
    // A client that stays connected does not keep it alive.
    let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let taken = Options {
        port,
        ..Options::default()
    };
    assert!(Sandbox::start(World::sample(), taken).is_err());
    drop(sandbox);
    // The port itself may be another sandbox's by now.
    assert_eq!(client.read(&mut [0; 8]).unwrap_or(0), 0);
}
