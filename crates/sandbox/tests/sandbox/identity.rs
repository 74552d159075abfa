//! GetCallerIdentity, and the form of answers.

use aws_sandbox::{Role, User, World};

use crate::client::{Client, KEY, READ, SECRET, USER, sandbox, start};

#[test]
fn a_user_and_a_session_learn_who_they_are() {
    let sandbox = sandbox();
    let client = Client::new(&sandbox);
    let user = client.call("GetCallerIdentity", &[]).good();
    assert_eq!(user.text("Arn"), USER);
    assert_eq!(user.text("Account"), "210987654321");
    assert!(user.text("UserId").starts_with("AIDA"));

    let role = client.with(&client.assume(&[]).good());
    let role = role.call("GetCallerIdentity", &[]).good();
    assert_eq!(
        role.text("Arn"),
        "arn:aws:sts::123456789012:assumed-role/read/jdoe"
    );
    assert_eq!(role.text("Account"), "123456789012");
    let id = role.text("UserId");
    assert!(id.starts_with("AROA") && id.ends_with(":jdoe"), "{id}");
}

#[test]
fn answers_have_the_form_of_the_query_protocol() {
    let sandbox = sandbox();
    sandbox.set_now("2015-08-30T12:36:00Z".parse().unwrap());
    let client = Client::new(&sandbox);
    let answer = client.call("GetCallerIdentity", &[]).good();
    assert_eq!(answer.header("content-type"), "text/xml");
    assert_eq!(answer.header("x-amzn-requestid"), answer.text("RequestId"));
    assert_eq!(answer.text("RequestId").len(), 36);
    let date = answer.header("date");
    assert!(date.starts_with("Sun, 30 Aug 2015 12:3"), "{date}");
    assert!(date.ends_with(" GMT"), "{date}");
    let root = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  \
         <GetCallerIdentityResult>\n    <Arn>";
    assert!(answer.body.starts_with(root), "{}", answer.body);

    let refusal = client.call("GetBogus", &[]);
    refusal.is(
        400,
        "InvalidAction",
        "Could not find operation GetBogus for version 2011-06-15",
    );
    assert_eq!(refusal.text("Type"), "Sender");
    assert_eq!(
        refusal.header("x-amzn-requestid"),
        refusal.text("RequestId")
    );
    let root = "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  <Error>";
    assert!(refusal.body.starts_with(root), "{}", refusal.body);
}

#[test]
fn actions_need_a_name_and_the_right_version() {
    let sandbox = sandbox();
    let client = Client::new(&sandbox);
    let send = |body: &str| client.send(&client.request(body)).unwrap();
    send("Version=2011-06-15").is(400, "MissingAction", "Missing Action");
    send("Action=GetCallerIdentity&Version=2011-06-14").is(
        400,
        "InvalidAction",
        "Could not find operation GetCallerIdentity for version 2011-06-14",
    );
    send("Action=GetCallerIdentity&Version=2011-06-15&X=%ff").is(
        400,
        "MalformedInput",
        "The request is not valid UTF-8",
    );
}

#[test]
fn another_partition_has_its_own_names_and_regions() {
    let world = World::new("aws-cn")
        .user(User::new("jdoe", "210987654321").key(KEY, SECRET))
        .role(Role::new("arn:aws-cn:iam::123456789012:role/a/read").trusting("210987654321"));
    let sandbox = start(world);
    let mut client = Client::new(&sandbox);
    client.region = "cn-north-1";
    let who = client.call("GetCallerIdentity", &[]).good();
    assert_eq!(who.text("Arn"), "arn:aws-cn:iam::210987654321:user/jdoe");
    let role = client
        .assume_role("arn:aws-cn:iam::123456789012:role/a/read", &[])
        .good();
    assert_eq!(
        role.text("Arn"),
        "arn:aws-cn:sts::123456789012:assumed-role/read/jdoe"
    );
    client
        .assume_role(READ, &[])
        .is(400, "ValidationError", "Request ARN is invalid");
    client.region = "eu-central-1";
    client.call("GetCallerIdentity", &[]).is(
        403,
        "SignatureDoesNotMatch",
        "Credential should be scoped to a valid region. ",
    );
}

#[test]
fn a_region_switched_off_gives_no_credentials() {
    let sandbox = sandbox();
    sandbox
        .edit(|world| world.disabled_regions.push("eu-central-1".into()))
        .unwrap();
    let mut client = Client::new(&sandbox);
    let message = "STS is not activated in this region for account:210987654321. \
                   Your account administrator can activate STS in this region using the \
                   IAM Console.";
    client
        .assume(&[])
        .is(403, "RegionDisabledException", message);
    client
        .call("GetSessionToken", &[])
        .is(403, "RegionDisabledException", message);
    client.call("GetCallerIdentity", &[]).good();
    client.region = "us-east-1";
    client.assume(&[]).good();
}
