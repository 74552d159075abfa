//! Systems Manager, as far as ways to machines are opened:
//! <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_StartSession.html>

use std::borrow::Cow;

use serde_json::{Value, json};

use crate::constraints::Constraints;
use crate::fault::Trouble;
use crate::random;
use crate::refusal::Refusal;
use crate::rest;
use crate::service::{Body, Request, RequestTarget, Service};
use crate::state::State;

/// What opens a shell, and what lets ssh through.
const DOCUMENTS: [&str; 2] = ["SSM-SessionManagerRunShell", "AWS-StartSSHSession"];

/// Systems Manager.
pub(super) struct Ssm;

impl Service for Ssm {
    fn name(&self) -> &'static str {
        "ssm"
    }

    fn operation<'a>(&self, asked: &RequestTarget<'a>) -> Option<Cow<'a, str>> {
        asked.typed_action("AmazonSSM").map(Cow::Borrowed)
    }

    fn answer(&self, state: &mut State, request: &Request<'_>) -> Result<Body, Refusal> {
        if request.action != "StartSession" {
            return Err(rest::unknown_operation());
        }
        let asked = rest::object(request.wire)?;
        let text = |name: &str| asked.get(name).and_then(Value::as_str);
        let target = text("Target");
        let mut constraints = Constraints::default();
        let fits = |text: &str| text.chars().all(|c| c.is_ascii_graphic());
        constraints.shape("target", target, (1, 400), r"[\w\-.:/]+", fits);
        constraints.check()?;
        let (caller, world) = (request.caller()?, &state.world);
        let target = target.unwrap_or_default();
        let document = text("DocumentName").unwrap_or(DOCUMENTS[0]);
        let (region, account) = (&caller.region, caller.principal.account());
        let partition = &world.partition;
        let arn = format!("arn:{partition}:ec2:{region}:{account}:instance/{target}");
        world.allow(&caller.principal, "ssm:StartSession", &arn)?;
        if !DOCUMENTS.contains(&document) {
            let message = format!("Document with name {document} does not exist.");
            return Err(Refusal::new(400, "InvalidDocument", message));
        }
        if !world.managed.iter().any(|id| id == target) {
            let message = format!("{target} is not connected.");
            return Err(Refusal::new(400, "TargetNotConnected", message));
        }
        if document == DOCUMENTS[1] {
            check_port(asked.get("Parameters"))?;
        }
        let arn = caller.principal.arn();
        let user = arn.rsplit('/').next().unwrap_or_default();
        let session = format!("{user}-{}", &random::opaque()[..17].to_lowercase());
        let url = format!(
            "wss://ssmmessages.{region}.amazonaws.com/v1/data-channel/{session}?role=publish_subscribe"
        );
        Ok(rest::typed_answer(&json!({
            "SessionId": session,
            "StreamUrl": url,
            "TokenValue": (0..4).map(|_| random::opaque()).collect::<String>(),
        })))
    }

    fn refuse(&self, refusal: &Refusal, _request_id: &str) -> Body {
        rest::typed_error(refusal)
    }

    fn trouble(&self, trouble: Trouble) -> Refusal {
        rest::trouble(trouble)
    }
}

/// The one parameter of the document: `{"portNumber": ["22"]}`.
fn check_port(parameters: Option<&Value>) -> Result<(), Refusal> {
    let port = parameters
        .map_or(&json!("22"), |given| &given["portNumber"][0])
        .clone();
    let is_port = port
        .as_str()
        .is_some_and(|text| text.parse::<u16>().is_ok_and(|port| port > 0));
    match is_port {
        true => Ok(()),
        false => Err(Refusal::new(
            400,
            "InvalidParameters",
            "Parameter \"portNumber\" has an invalid value",
        )),
    }
}
