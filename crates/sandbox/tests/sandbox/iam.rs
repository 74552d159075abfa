//! IAM: a person's own user, keys and devices.

use aws_sandbox::{Fault, Role, Sandbox, User, World};

use crate::client::{Client, DEVICE, KEY, READ, SECRET, USER, start};

fn sandbox() -> Sandbox {
    let user = User::new("team/jdoe", "210987654321")
        .key(KEY, SECRET)
        .key("AKIAI44QH8DHBEXAMPLE", "other")
        .mfa(DEVICE, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
        .mfa("GAHT12345678", "GEZDGNBV")
        .allowing("iam:Get*")
        .allowing("iam:List*");
    let role = Role::new(READ).trusting(USER).allowing("iam:*");
    start(
        World::default()
            .user(user)
            .user(User::new("robot", "210987654321"))
            .user(User::new("nearby", "123456789012"))
            .role(role),
    )
}

/// The user, at IAM.
fn client(sandbox: &Sandbox) -> Client<'_> {
    Client {
        service: "iam",
        region: "us-east-1",
        version: "2010-05-08",
        ..Client::new(sandbox)
    }
}

#[test]
fn a_user_is_told_about_themselves() {
    let sandbox = sandbox();
    sandbox.set_key_active("AKIAI44QH8DHBEXAMPLE", false);
    let client = client(&sandbox);
    let devices = client.call("ListMFADevices", &[]).good();
    assert_eq!(devices.text("SerialNumber"), DEVICE);
    assert_eq!(devices.text("UserName"), "jdoe");
    assert_eq!(devices.text("IsTruncated"), "false");
    assert!(
        devices
            .body
            .contains("<SerialNumber>GAHT12345678</SerialNumber>")
    );
    let root = "<ListMFADevicesResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">";
    assert!(devices.body.starts_with(root), "{}", devices.body);
    let keys = client.call("ListAccessKeys", &[]).good();
    assert_eq!(
        (keys.text("AccessKeyId"), keys.text("Status")),
        (KEY.into(), "Active".into())
    );
    assert!(
        keys.body.contains("<Status>Inactive</Status>"),
        "{}",
        keys.body
    );
    let user = client.call("GetUser", &[]).good();
    assert_eq!(user.text("Path"), "/team/");
    assert_eq!(user.text("Arn"), USER);
    assert!(user.text("UserId").starts_with("AIDA"));
    let entry = sandbox.journal().pop().unwrap();
    assert_eq!(
        (
            entry.service.as_str(),
            entry.action.as_str(),
            entry.region.as_str()
        ),
        ("iam", "GetUser", "us-east-1")
    );
    assert_eq!(entry.caller.as_deref(), Some(USER));
}

#[test]
fn others_can_be_asked_for_in_the_same_account() {
    let sandbox = sandbox();
    let client = client(&sandbox);
    let robot = client.call("GetUser", &[("UserName", "robot")]).good();
    assert_eq!(robot.text("Path"), "/");
    let none = client
        .call("ListMFADevices", &[("UserName", "robot")])
        .good();
    assert!(
        none.body.contains("<MFADevices>\n    </MFADevices>"),
        "{}",
        none.body
    );
    for absent in ["nearby", "nobody"] {
        client.call("GetUser", &[("UserName", absent)]).is(
            404,
            "NoSuchEntity",
            &format!("The user with name {absent} cannot be found."),
        );
    }
    // A role has no user of its own, but may ask for one.
    let role = client.with(&Client::new(&sandbox).assume(&[]).good());
    role.call("ListMFADevices", &[]).is(
        400,
        "ValidationError",
        "Must specify userName when calling with non-User credentials",
    );
    role.call("GetUser", &[("UserName", "nearby")]).good();
}

#[test]
fn what_is_not_allowed_is_denied_before_anything_is_looked_up() {
    let sandbox = sandbox();
    sandbox
        .edit(|world| world.users[0].allow = vec!["iam:GetUser".into()])
        .unwrap();
    let client = client(&sandbox);
    client.call("GetUser", &[]).good();
    for (params, name) in [(&[][..], "jdoe"), (&[("UserName", "nobody")][..], "nobody")] {
        for action in ["ListMFADevices", "ListAccessKeys"] {
            let message = format!(
                "User: {USER} is not authorized to perform: iam:{action} on resource: user \
                 {name} because no identity-based policy allows the iam:{action} action"
            );
            client
                .call(action, params)
                .is(403, "AccessDenied", &message);
        }
    }
}

#[test]
fn a_session_of_a_user_needs_mfa_for_iam() {
    let sandbox = sandbox();
    let sts = Client::new(&sandbox);
    let iam = client(&sandbox);
    let without = iam.with(&sts.call("GetSessionToken", &[]).good());
    without.call("ListMFADevices", &[]).is(
        403,
        "InvalidClientTokenId",
        "The security token included in the request is invalid",
    );
    let code = sandbox.code(DEVICE);
    let mfa = [("SerialNumber", DEVICE), ("TokenCode", code.as_str())];
    let with = iam.with(&sts.call("GetSessionToken", &mfa).good());
    with.call("ListMFADevices", &[]).good();
}

#[test]
fn lists_come_in_pages() {
    let sandbox = sandbox();
    let client = client(&sandbox);
    let first = client.call("ListMFADevices", &[("MaxItems", "1")]).good();
    assert_eq!(first.text("SerialNumber"), DEVICE);
    assert_eq!(first.text("IsTruncated"), "true");
    let marker = first.text("Marker");
    let more = [("MaxItems", "1"), ("Marker", marker.as_str())];
    let second = client.call("ListMFADevices", &more).good();
    assert_eq!(second.text("SerialNumber"), "GAHT12345678");
    assert_eq!(
        (second.text("IsTruncated"), second.text("Marker")),
        ("false".into(), String::new())
    );
    client
        .call("ListMFADevices", &[("Marker", "x")])
        .is(400, "ValidationError", "Invalid Marker.");
    client.call("ListMFADevices", &[("MaxItems", "0")]).is(
        400,
        "ValidationError",
        "1 validation error detected: Value '0' at 'maxItems' failed to satisfy constraint: \
         Member must have value greater than or equal to 1",
    );
    client.call("GetUser", &[("UserName", "a/b")]).is(
        400,
        "ValidationError",
        "1 validation error detected: Value 'a/b' at 'userName' failed to satisfy constraint: \
         Member must satisfy regular expression pattern: [\\w+=,.@-]+",
    );
}

#[test]
fn iam_has_a_version_and_actions_of_its_own() {
    let sandbox = sandbox();
    let mut client = client(&sandbox);
    client.region = "eu-nowhere-1";
    client.call("GetUser", &[]).is(
        403,
        "SignatureDoesNotMatch",
        "Credential should be scoped to a valid region. ",
    );
    client.region = "eu-central-1";
    client.call("GetCallerIdentity", &[]).is(
        400,
        "InvalidAction",
        "Could not find operation GetCallerIdentity for version 2010-05-08",
    );
    client.version = "2011-06-15";
    client.call("GetUser", &[]).is(
        400,
        "InvalidAction",
        "Could not find operation GetUser for version 2011-06-15",
    );
    client.version = "2010-05-08";
    client.secret.push('x');
    let (status, code, _) = client.call("GetUser", &[]).refusal();
    assert_eq!((status, code.as_str()), (403, "SignatureDoesNotMatch"));
}

#[test]
fn faults_happen_to_iam_too() {
    let sandbox = sandbox();
    let client = client(&sandbox);
    sandbox.inject(Fault::throttle().on("ListMFADevices"));
    client
        .call("ListMFADevices", &[])
        .is(400, "Throttling", "Rate exceeded");
    client.call("ListMFADevices", &[]).good();
}

#[test]
fn keys_are_made_disabled_and_deleted() {
    let sandbox = sandbox();
    sandbox
        .edit(|world| world.users[0].allow = vec!["iam:*".into()])
        .unwrap();
    let client = client(&sandbox);
    let other = [("AccessKeyId", "AKIAI44QH8DHBEXAMPLE")];
    client.call("CreateAccessKey", &[]).is(
        409,
        "LimitExceeded",
        "Cannot exceed quota for AccessKeysPerUser: 2",
    );
    let deleted = client.call("DeleteAccessKey", &other).good();
    assert!(!deleted.body.contains("Result"), "{}", deleted.body);
    client.call("DeleteAccessKey", &other).is(
        404,
        "NoSuchEntity",
        "The Access Key with id AKIAI44QH8DHBEXAMPLE cannot be found.",
    );
    // The first requests of a new key are refused, as AWS refuses them.
    sandbox.set_new_keys_unknown_for(2);
    let made = client.call("CreateAccessKey", &[]).good();
    assert_eq!(made.text("UserName"), "jdoe");
    assert_eq!(made.text("CreateDate"), "2026-01-05T12:00:00Z");
    let id = made.text("AccessKeyId");
    assert!(id.starts_with("AKIA") && made.text("SecretAccessKey").len() == 40);
    let new = Client {
        key: id.clone(),
        secret: made.text("SecretAccessKey"),
        ..client.clone()
    };
    for _ in 0..2 {
        let (status, code, _) = new.call("GetUser", &[]).refusal();
        assert_eq!((status, code.as_str()), (403, "InvalidClientTokenId"));
    }
    new.call("GetUser", &[]).good();
    let its = [("AccessKeyId", id.as_str())];
    let used = client.call("GetAccessKeyLastUsed", &its).good();
    assert_eq!(
        (
            used.text("LastUsedDate"),
            used.text("ServiceName"),
            used.text("Region")
        ),
        (
            "2026-01-05T12:00:00Z".into(),
            "iam".into(),
            "us-east-1".into()
        )
    );
    let off = [its[0], ("Status", "Inactive")];
    client.call("UpdateAccessKey", &off).good();
    let (_, code, _) = new.call("GetUser", &[]).refusal();
    assert_eq!(code, "InvalidClientTokenId");
    let wrong = [its[0], ("Status", "Off")];
    let (status, code, _) = client.call("UpdateAccessKey", &wrong).refusal();
    assert_eq!((status, code.as_str()), (400, "ValidationError"));
    client.call("DeleteAccessKey", &its).good();
    assert_eq!(sandbox.world().users[0].access_keys.len(), 1);
}

/// Temporary credentials do not tell IAM whose keys are meant.
#[test]
fn a_session_names_the_user_whose_keys_it_means() {
    let sandbox = sandbox();
    let (sts, iam) = (Client::new(&sandbox), client(&sandbox));
    let code = sandbox.code(DEVICE);
    let mfa = [("SerialNumber", DEVICE), ("TokenCode", code.as_str())];
    let session = iam.with(&sts.call("GetSessionToken", &mfa).good());
    session.call("ListAccessKeys", &[]).is(
        400,
        "ValidationError",
        "Must specify userName when calling with non-User credentials",
    );
    session
        .call("ListAccessKeys", &[("UserName", "jdoe")])
        .good();
    let without = iam.with(&sts.call("GetSessionToken", &[]).good());
    for params in [&[][..], &[("UserName", "jdoe")][..]] {
        let (status, code, _) = without.call("ListAccessKeys", params).refusal();
        assert_eq!((status, code.as_str()), (403, "InvalidClientTokenId"));
    }
    let never = [("AccessKeyId", "AKIAI44QH8DHBEXAMPLE")];
    let never = iam.call("GetAccessKeyLastUsed", &never).good();
    assert_eq!(
        (never.text("LastUsedDate"), never.text("Region")),
        (String::new(), "N/A".into())
    );
}

#[test]
fn the_root_user_has_an_arn_of_its_own() {
    let root = User::new("<root_account>", "210987654321").key(KEY, SECRET);
    let sandbox = start(World::default().user(root));
    let answer = Client::new(&sandbox).call("GetCallerIdentity", &[]).good();
    assert_eq!(answer.text("Arn"), "arn:aws:iam::210987654321:root");
}
