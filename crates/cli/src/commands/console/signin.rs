//! The URL that signs in to a role.

use assumerole_aws::Connection;
use assumerole_aws::federation::{Signin, is_sent_safely, signin_token};
use assumerole_core::Credentials;
use assumerole_core::aws::console::{Console, ConsolePage, portal_url, service};
use assumerole_core::aws::ids::{Partition, Region};
use assumerole_core::aws::url::EndpointUrl;
use assumerole_core::diagnostic::Warning;
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::plan::request::Request;
use assumerole_core::plan::{Plan, SourceKind, Target};
use assumerole_core::shell::command_line::argument;
use assumerole_core::{Error, Kind, Result};
use assumerole_session::connect;
use assumerole_session::history::Way;
use secrecy::SecretString;

use super::asked::{Args, SignIn};
use super::user;
use crate::app::App;
use crate::commands::assume::assume;

/// How one is signed in: where, and by which connection.
struct Gate {
    console: Console,
    destination: String,
    federation: EndpointUrl,
    connection: Connection,
}

/// What signs in to the role `name`, as `args` say.
///
/// # Errors
/// No such role, AWS said no, or what is asked for does not fit together.
pub(super) fn sign_in(app: &App<'_>, args: &Args, name: &str) -> Result<SignIn> {
    let target = app.target(name)?;
    let plan = app.plan(&target, &Request::default())?;
    if args.portal {
        return by_portal(app, args, &plan);
    }
    if plan.role_arn().is_none() && user::is_user(&plan) {
        return of_user(app, args, &target, &plan);
    }
    if args.full {
        return Err(Error::new(
            Kind::Usage,
            format!(
                "--full is for the keys of a user, and {} is a role",
                one_line(name)
            ),
        )
        .hint("leave it out: a role's session may do all that the role may"));
    }
    let partition = plan.partition().ok_or_else(|| unknown_partition(name))?;
    let gate = Gate::of(app, args, &plan, &partition)?;
    let assumed = assume(app, name, Some(name), None, &args.obtain(), Way::Console)?;
    let mut duration = args.duration;
    if duration.is_some() && assumed.plan.is_chained() {
        let message = "--duration is left out: AWS takes none for a role that is assumed from \
                       another one";
        app.printer.warning(&Warning::new(message));
        duration = None;
    }
    let token = gate.token(app, name, &assumed.credentials, duration)?;
    let whose = plan
        .role_arn()
        .map_or_else(|| name.to_owned(), ToString::to_string);
    gate.finish(args, &plan, whose, &token)
}

/// What signs in with the keys of a user.
fn of_user(app: &App<'_>, args: &Args, target: &Target, plan: &Plan) -> Result<SignIn> {
    let name = &plan.name;
    user::refuse_mfa(app, plan)?;
    let region = args.region.as_ref().or(plan.region.value.as_ref());
    let region = region
        .cloned()
        .unwrap_or_else(|| Partition::aws().default_region());
    let partition = Partition::of_region(&region);
    let gate = Gate::of(app, args, plan, &partition)?;
    let (credentials, arn) = user::federate(app, args, target, plan, &partition, region)?;
    let token = gate.token(app, name, &credentials, None)?;
    gate.finish(args, plan, arn, &token)
}

/// The URL by which the portal of Identity Center signs in.
fn by_portal(app: &App<'_>, args: &Args, plan: &Plan) -> Result<SignIn> {
    let name = &plan.name;
    let sso = match (&plan.source.kind, plan.steps.as_slice()) {
        (SourceKind::Sso(sso), []) if sso.access.is_none() => Some(sso),
        _ => None,
    };
    let Some(sso) = sso else {
        let message = format!("{} is not a role of IAM Identity Center", one_line(name));
        return Err(Error::new(Kind::Usage, message).hint(format!(
            "leave out --portal: assumerole console {}",
            argument(name)
        )));
    };
    let partition = plan.partition().ok_or_else(|| unknown_partition(name))?;
    let place = place(app, args);
    let console = console(args, plan, &partition)?;
    let destination = match (&place, &args.region) {
        (ConsolePage::Home, None) => None,
        _ => Some(console.destination(&place)?),
    };
    let account = sso.account.value.as_str();
    let url = portal_url(
        &sso.at.start_url.value,
        account,
        &sso.role.value,
        destination.as_deref(),
    );
    Ok(SignIn {
        name: name.clone(),
        whose: format!("{account} {}", sso.role.value),
        url: url.into(),
        about: about(args, plan, name),
    })
}

fn unknown_partition(name: &str) -> Error {
    let message = format!(
        "cannot tell which console {} has: its credentials name no role",
        one_line(name)
    );
    Error::new(Kind::Usage, message)
        .hint(format!(
            "see where they come from: assumerole plan {}",
            argument(name)
        ))
        .hint("see all roles: assumerole list")
}

fn place(app: &App<'_>, args: &Args) -> ConsolePage {
    match (&args.service, &args.url) {
        (Some(name), _) => {
            if service(name).is_none() {
                let message =
                    format!("the service {name:?} is unknown; its name is tried as a path");
                app.printer.warning(&Warning::new(message));
            }
            ConsolePage::Service(name.clone())
        }
        (None, Some(url)) => ConsolePage::Url(url.clone()),
        (None, None) => ConsolePage::Home,
    }
}

fn console(args: &Args, plan: &Plan, partition: &Partition) -> Result<Console> {
    let region = args.region.as_ref().or(plan.region.value.as_ref());
    Console::new(partition, region)
}

fn about(args: &Args, plan: &Plan, name: &str) -> String {
    let mut about = one_line(name);
    if let Some(account) = plan.account() {
        about.push_str(&format!(" (account {account})"));
    }
    let region: Option<&Region> = args.region.as_ref().or(plan.region.value.as_ref());
    match (&args.service, region) {
        (Some(service), Some(region)) => {
            about.push_str(&format!(": {} in {region}", one_line(service)));
        }
        (Some(service), None) => about.push_str(&format!(": {}", one_line(service))),
        (None, Some(region)) => about.push_str(&format!(" in {region}")),
        (None, None) => {}
    }
    about
}

impl Gate {
    fn of(app: &App<'_>, args: &Args, plan: &Plan, partition: &Partition) -> Result<Self> {
        let console = console(args, plan, partition)?;
        if args.multi && !console.has_several() {
            let message = "--multi: only the partition aws has several sessions in one browser";
            return Err(Error::new(Kind::Usage, message).hint("leave out --multi"));
        }
        let region = args.region.as_ref().or(plan.region.value.as_ref());
        let region = region
            .cloned()
            .unwrap_or_else(|| partition.default_region());
        let route = plan.route_to_console(app.aws_files()?, &app.settings, region)?;
        let endpoint = route.endpoint_url.value.as_ref();
        if let Some(endpoint) = endpoint
            && !is_sent_safely(endpoint)
        {
            let message = "the endpoint of AWS sign-in is not https";
            return Err(Error::new(Kind::Config, message)
                .because("it would get the credentials in plain text")
                .hint("write AWS_ENDPOINT_URL_SIGNIN with https://, or unset it"));
        }
        let console = console.at(endpoint.map(EndpointUrl::base));
        let destination = console.destination(&place(app, args))?;
        let federation = EndpointUrl::parse(&console.federation()).map_err(|why| {
            Error::new(Kind::Config, "the endpoint of AWS sign-in is not a URL").because(why)
        })?;
        Ok(Self {
            connection: connect(&route, &app.settings, app.host)?,
            console,
            destination,
            federation,
        })
    }

    fn token(
        &self,
        app: &App<'_>,
        name: &str,
        credentials: &Credentials,
        duration: Option<u32>,
    ) -> Result<SecretString> {
        let ask = |duration| {
            let form = Console::token_request(credentials, duration)?;
            signin_token(&self.connection, &self.federation, &form, credentials)
        };
        let answer = match ask(duration)? {
            Signin::Refused(_) if duration.is_some() => {
                let answer = ask(None)?;
                if matches!(answer, Signin::Token(_)) {
                    let message = "--duration is left out: AWS sign-in refused it; the console's \
                                   session ends with the role's";
                    app.printer.warning(&Warning::new(message));
                }
                answer
            }
            answer => answer,
        };
        match answer {
            Signin::Token(token) => Ok(token),
            Signin::Refused(status) => Err(Error::new(
                Kind::Refused,
                format!("AWS sign-in refused the credentials of {}", one_line(name)),
            )
            .because(format!("HTTP status {status}"))
            .hint(format!(
                "forget them and try again: assumerole logout {}",
                argument(name)
            ))),
        }
    }

    fn finish(
        &self,
        args: &Args,
        plan: &Plan,
        whose: String,
        token: &SecretString,
    ) -> Result<SignIn> {
        let url = self.console.login_url(&self.destination, token);
        let url = match args.multi {
            true => self.console.beside_others(&url)?,
            false => url,
        };
        Ok(SignIn {
            name: plan.name.clone(),
            whose,
            url,
            about: about(args, plan, &plan.name),
        })
    }
}
