//! AWS Organizations, as far as its accounts are looked at:
//! <https://docs.aws.amazon.com/organizations/latest/APIReference/API_Operations.html>

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use crate::fault::Trouble;
use crate::refusal::Refusal;
use crate::rest;
use crate::service::{Body, Request, RequestTarget, Service};
use crate::state::State;
use crate::world::{Organization, ROOT_ID};

/// The most that is given at once, and what is given if nothing is said.
const MOST: u64 = 20;

/// Organizations.
pub(super) struct Organizations;

impl Service for Organizations {
    fn name(&self) -> &'static str {
        "organizations"
    }

    fn operation<'a>(&self, asked: &RequestTarget<'a>) -> Option<Cow<'a, str>> {
        let action = asked.typed_action("AWSOrganizationsV20161128");
        action.map(Cow::Borrowed)
    }

    fn answer(&self, state: &mut State, request: &Request<'_>) -> Result<Body, Refusal> {
        let action = request.action;
        let (list, of_parent) = match action {
            "ListRoots" => ("Roots", false),
            "ListOrganizationalUnitsForParent" => ("OrganizationalUnits", true),
            "ListAccountsForParent" => ("Accounts", true),
            _ => return Err(rest::unknown_operation()),
        };
        let asked = rest::object(request.wire)?;
        let caller = request.caller()?;
        let world = &state.world;
        world.allow(&caller.principal, &format!("organizations:{action}"), "*")?;
        let account = caller.principal.account();
        let Some(organization) = &world.organization else {
            return Err(Refusal::new(
                400,
                "AWSOrganizationsNotInUseException",
                "Your account is not a member of an organization.",
            ));
        };
        if !organization.shows_itself_to(account) {
            return Err(Refusal::new(
                400,
                "AccessDeniedException",
                "You don't have permissions to access this resource.",
            ));
        }
        let parent = asked.get("ParentId").and_then(Value::as_str);
        let all = match parent {
            None if of_parent => return Err(invalid("You must provide a parent ID.")),
            None => vec![root(organization, &world.partition)],
            Some(parent) if !organization.has_parent(parent) => {
                return Err(Refusal::new(
                    400,
                    "ParentNotFoundException",
                    "You specified parent that doesn't exist.",
                ));
            }
            Some(parent) => children(organization, &world.partition, parent, list),
        };
        Ok(rest::typed_answer(&page(&asked, all, list)?))
    }

    fn refuse(&self, refusal: &Refusal, _request_id: &str) -> Body {
        rest::typed_error(refusal)
    }

    fn trouble(&self, trouble: Trouble) -> Refusal {
        match trouble {
            Trouble::Throttled => Refusal::new(
                400,
                "TooManyRequestsException",
                "AWS Organizations can't complete your request because too many requests are in progress. Try again later.",
            ),
            Trouble::Internal => Refusal::new(
                500,
                "ServiceException",
                "AWS Organizations can't complete your request because of an internal service error. Try again later.",
            ),
            Trouble::Unavailable => rest::trouble(trouble),
        }
    }
}

fn invalid(message: &str) -> Refusal {
    Refusal::new(400, "InvalidInputException", message)
}

fn root(organization: &Organization, partition: &str) -> Value {
    let (management, id) = (&organization.management, &organization.id);
    json!({
        "Id": ROOT_ID,
        "Arn": format!("arn:{partition}:organizations::{management}:root/{id}/{ROOT_ID}"),
        "Name": "Root",
        "PolicyTypes": [],
    })
}

/// The units or the accounts that are in `parent` itself.
fn children(organization: &Organization, partition: &str, parent: &str, list: &str) -> Vec<Value> {
    let is_here = |own: &Option<String>| own.as_deref().unwrap_or(ROOT_ID) == parent;
    let (management, id) = (&organization.management, &organization.id);
    let start = format!("arn:{partition}:organizations::{management}");
    if list == "OrganizationalUnits" {
        let units = organization
            .units
            .iter()
            .filter(|unit| is_here(&unit.parent));
        let shown = units.map(|unit| {
            json!({
                "Id": unit.id,
                "Arn": format!("{start}:ou/{id}/{}", unit.id),
                "Name": unit.name,
            })
        });
        return shown.collect();
    }
    let accounts = organization.accounts.iter();
    let accounts = accounts.filter(|account| is_here(&account.parent));
    let shown = accounts.map(|account| {
        json!({
            "Id": account.id,
            "Arn": format!("{start}:account/{id}/{}", account.id),
            "Email": format!("{}@example.com", account.id),
            "Name": account.name,
            "State": account.state,
            "JoinedMethod": "CREATED",
            "JoinedTimestamp": 1_700_000_000.0,
            "Paths": [],
        })
    });
    shown.collect()
}

/// The part of `all` that is asked for, and where the next one begins.
fn page(asked: &Map<String, Value>, all: Vec<Value>, list: &str) -> Result<Value, Refusal> {
    let most = match asked.get("MaxResults") {
        None | Some(Value::Null) => MOST,
        Some(given) => given
            .as_u64()
            .filter(|most| (1..=MOST).contains(most))
            .ok_or_else(|| invalid("You specified an invalid value for MaxResults."))?,
    };
    let from = match asked.get("NextToken").and_then(Value::as_str) {
        None => 0,
        Some(token) => token
            .strip_prefix("page-")
            .and_then(|from| from.parse::<usize>().ok())
            .ok_or_else(|| invalid("You specified an invalid value for NextToken."))?,
    };
    let most = usize::try_from(most).unwrap_or_default();
    let left = all.len().saturating_sub(from);
    let page: Vec<Value> = all.into_iter().skip(from).take(most).collect();
    let mut answer = json!({list: page});
    if left > most {
        answer["NextToken"] = format!("page-{}", from + most).into();
    }
    Ok(answer)
}
