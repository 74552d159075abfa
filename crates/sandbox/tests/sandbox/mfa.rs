//! MFA codes: each works once.

use aws_sandbox::{Role, User};
use jiff::SignedDuration;

use crate::client::{Answer, Client, DEVICE, READ, SECRET, sandbox, sandbox_with};

const WRONG: &str = "MultiFactorAuthentication failed with invalid MFA one time pass code. ";
const UNABLE: &str = "MultiFactorAuthentication failed, unable to validate MFA code.  \
                      Please verify your MFA serial number is valid and associated with this user.";
const BOTH: &str =
    "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.";

fn session(client: &Client<'_>, device: &str, code: &str) -> Answer {
    let mfa = [("SerialNumber", device), ("TokenCode", code)];
    client.call("GetSessionToken", &mfa)
}

#[test]
fn the_code_of_now_and_of_its_neighbours_work_once_each() {
    let sandbox = sandbox_with(Role::with_mfa);
    let client = Client::new(&sandbox);
    for _ in 0..3 {
        let code = sandbox.code(DEVICE);
        let mfa = [("SerialNumber", DEVICE), ("TokenCode", code.as_str())];
        client.assume(&mfa).good();
        // Spent for both actions.
        client.assume(&mfa).is(403, "AccessDenied", WRONG);
        session(&client, DEVICE, &code).is(403, "AccessDenied", WRONG);
    }
    assert_eq!(sandbox.unspent_code(DEVICE), None);
    let shown = sandbox.current_code(DEVICE).unwrap();
    session(&client, DEVICE, &shown).is(403, "AccessDenied", WRONG);
    sandbox.advance(SignedDuration::from_secs(30));
    session(&client, DEVICE, &sandbox.code(DEVICE)).good();
}

#[test]
#[should_panic(expected = "are spent")]
fn a_test_that_runs_out_of_codes_is_told() {
    let sandbox = sandbox();
    let client = Client::new(&sandbox);
    for _ in 0..4 {
        session(&client, DEVICE, &sandbox.code(DEVICE)).good();
    }
}

#[test]
#[should_panic(expected = "no MFA device arn:aws:iam::1:mfa/x")]
fn a_test_that_asks_an_unknown_device_is_told() {
    sandbox().code("arn:aws:iam::1:mfa/x");
}

#[test]
fn a_code_is_spent_though_the_request_is_refused() {
    let sandbox = sandbox_with(|role| role.with_mfa().with_external_id("acme"));
    let client = Client::new(&sandbox);
    let code = sandbox.code(DEVICE);
    let mfa = [("SerialNumber", DEVICE), ("TokenCode", code.as_str())];
    let no = "User: arn:aws:iam::210987654321:user/team/jdoe is not authorized to perform: \
              sts:AssumeRole on resource: arn:aws:iam::123456789012:role/read";
    client.assume(&mfa).is(403, "AccessDenied", no);
    session(&client, DEVICE, &code).is(403, "AccessDenied", WRONG);
}

#[test]
fn a_code_survives_what_is_refused_before_it_is_looked_at() {
    let sandbox = sandbox();
    let client = Client::new(&sandbox);
    let code = sandbox.code(DEVICE);
    let mfa = [
        ("SerialNumber", DEVICE),
        ("TokenCode", code.as_str()),
        ("DurationSeconds", "1"),
    ];
    let (_, no, _) = client.assume(&mfa).refusal();
    assert_eq!(no, "ValidationError");
    session(&client, DEVICE, &code).good();
}

#[test]
fn wrong_codes_and_wrong_devices_are_told_apart() {
    let sandbox = sandbox();
    let other = "arn:aws:iam::210987654321:mfa/other";
    sandbox
        .add_user(
            User::new("other", "210987654321")
                .key("AKIAI44QH8DHBEXAMPLE", SECRET)
                .mfa(other, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"),
        )
        .unwrap();
    let client = Client::new(&sandbox);
    let old = sandbox.code(DEVICE);
    sandbox.advance(SignedDuration::from_secs(60));
    session(&client, DEVICE, &old).is(403, "AccessDenied", WRONG);
    session(&client, DEVICE, "000000").is(403, "AccessDenied", WRONG);
    let nobody = "arn:aws:iam::210987654321:mfa/nobody";
    session(&client, nobody, "123456").is(403, "AccessDenied", UNABLE);
    // Somebody else's device, with its right code, which is not spent by it.
    let code = sandbox.code(other);
    session(&client, other, &code).is(403, "AccessDenied", UNABLE);
    let mut owner = client.clone();
    owner.key = "AKIAI44QH8DHBEXAMPLE".to_owned();
    session(&owner, other, &code).good();
}

#[test]
fn serial_and_code_come_together() {
    let sandbox = sandbox();
    let client = Client::new(&sandbox);
    for action in ["GetSessionToken", "AssumeRole"] {
        let role = [("RoleArn", READ), ("RoleSessionName", "jdoe")];
        for half in [("SerialNumber", DEVICE), ("TokenCode", "123456")] {
            let [arn, name] = role;
            let answer = client.call(action, &[arn, name, half]);
            answer.is(403, "AccessDenied", BOTH);
        }
    }
}

#[test]
fn a_session_has_no_device_to_show() {
    let sandbox = sandbox();
    let user = Client::new(&sandbox);
    let code = sandbox.code(DEVICE);
    let mfa = [("SerialNumber", DEVICE), ("TokenCode", code.as_str())];
    for given in [user.call("GetSessionToken", &[]), user.assume(&[])] {
        let session = user.with(&given.good());
        session.assume(&mfa).is(403, "AccessDenied", UNABLE);
    }
    user.assume(&mfa).good();
}

#[test]
fn of_many_at_once_one_spends_the_code() {
    let sandbox = sandbox();
    let code = sandbox.code(DEVICE);
    let good = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..20)
            .map(|_| scope.spawn(|| session(&Client::new(&sandbox), DEVICE, &code).status))
            .collect();
        let statuses = tries.into_iter().map(|one| one.join().unwrap());
        statuses.filter(|status| *status == 200).count()
    });
    assert_eq!(good, 1);
    assert_eq!(sandbox.count("GetSessionToken"), 20);
}
