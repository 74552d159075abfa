//! Signing in to an account as in the console: the session of a profile with
//! `login_session`, in the file and by the parameters of `aws login`.
//!
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-login-credentials.html>

use assumerole_aws::signin::{
    LoginGrant, ProofKey, Renewed, SignInClient, create_oauth2_token, sign_in_base, sign_in_url,
};
use assumerole_core::aws::login::{is_sign_in_page, is_signed_in, subject};
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::plan::Login;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::deadline::uncounted;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret as _, SecretString};

use super::browser::{CALLBACK, challenge, random_text};
use super::{Browser, nothing_written};
use crate::connect::connect;
use crate::context::{Context, aws_clock};
use crate::sources::login::{ConsoleLogin, set_credentials};
use crate::sources::token_file::Document;

/// A browser that is not sent back here.
pub trait Elsewhere {
    /// Shows the page, and asks for what the browser shows at its end.
    ///
    /// # Errors
    /// There is no answer.
    fn code(&mut self, url: &SecretString) -> Result<SecretString>;
}

/// How a person signs in.
pub enum SignIn<'a> {
    /// In the browser of this machine.
    Browser(&'a mut dyn Browser),
    /// In a browser anywhere.
    Elsewhere(&'a mut dyn Elsewhere),
}

/// Lets the person sign in to the session `login` of `profile`, and keeps it where the
/// AWS CLI does; the file, for people.
///
/// # Errors
/// AWS's refusal or silence, the person's, or somebody else signed in; nothing is
/// written then.
pub fn sign_in(
    context: &Context<'_>,
    login: &Login,
    profile: &str,
    person: SignIn<'_>,
) -> Result<String> {
    let given = SignedIn::ask(context, login, profile, person)?;
    let session = login.session.value.as_str();
    if given.whose.as_deref() != Some(session) {
        let whose = given.whose.as_deref().map(one_line);
        let whose = whose.unwrap_or_else(|| "somebody unknown".to_owned());
        let message = format!("you signed in as {whose}");
        return Err(nothing_written(
            Error::new(Kind::Refused, message)
                .because(format!("profile {profile} has login_session = {session}"))
                .hint(format!("sign out of the console, and sign in as {session}")),
        ));
    }
    given.keep(context, login, profile)
}

/// As [`sign_in`], for whoever signs in: the session that `profile` gets, and its file,
/// for people.
///
/// # Errors
/// AWS's refusal or silence, or the person's; nothing is written then.
pub fn sign_in_anew(
    context: &Context<'_>,
    login: &Login,
    profile: &str,
    person: SignIn<'_>,
) -> Result<(String, String)> {
    let given = SignedIn::ask(context, login, profile, person)?;
    let Some(session) = given.whose.clone().filter(|whose| is_signed_in(whose)) else {
        let message = "AWS does not say who signed in";
        return Err(nothing_written(Error::new(Kind::Refused, message)));
    };
    let mut login = login.clone();
    login.session.value.clone_from(&session);
    let place = given.keep(context, &login, profile)?;
    Ok((session, place))
}

/// What AWS gives to a person who signed in.
struct SignedIn {
    given: Renewed,
    /// The private key that the session is bound to.
    pem: SecretString,
    client: SignInClient,
    /// As AWS says.
    whose: Option<String>,
}

impl SignedIn {
    fn ask(
        context: &Context<'_>,
        login: &Login,
        profile: &str,
        person: SignIn<'_>,
    ) -> Result<Self> {
        let held = ConsoleLogin::of(context, profile, login)?;
        let mut connection = connect(&login.route, context.settings, context.host)?;
        connection.route.region.value = login.region.value.clone();
        let base = sign_in_base(&connection)?;
        let (state, verifier) = (random_text()?, random_text()?);
        let (key, pem) = ProofKey::generate()?;
        let (client, redirect) = match &person {
            SignIn::Browser(browser) => (
                SignInClient::SameDevice,
                format!("http://127.0.0.1:{}{CALLBACK}", browser.port()),
            ),
            SignIn::Elsewhere(_) => (
                SignInClient::CrossDevice,
                format!("{base}/v1/sessions/confirmation"),
            ),
        };
        let url = sign_in_url(&base, client, &redirect, &state, &challenge(&verifier));
        let endpoint = connection.route.endpoint_url.value.as_ref();
        if !is_sign_in_page(url.expose_secret(), endpoint) {
            let message = "the sign-in page of this region is not at AWS";
            return Err(Error::new(Kind::Config, message).hint("check region and endpoint_url"));
        }
        let asked = uncounted(context.host.clock.as_ref(), || match person {
            SignIn::Browser(browser) => browser.sign_in(&url, state),
            SignIn::Elsewhere(person) => shown_code(&person.code(&url)?, &state),
        });
        let code = asked.map_err(nothing_written)?;
        let given = context.traced("CreateOAuth2Token", &connection, || {
            let grant = LoginGrant::Code {
                code: &code,
                verifier: &verifier,
                redirect: &redirect,
            };
            let clock = aws_clock(context.host);
            create_oauth2_token(&connection, &clock, client.id(), grant, key)
        });
        let given = given.map_err(|error| {
            let told = error.explain(&held.asked(profile, &connection));
            nothing_written(told)
        })?;
        let id_token = given.id_token.as_ref().map(SecretString::expose_secret);
        Ok(Self {
            whose: id_token.and_then(subject),
            given,
            pem,
            client,
        })
    }

    /// Writes it into the file of the session `login`; the file, for people.
    fn keep(&self, context: &Context<'_>, login: &Login, profile: &str) -> Result<String> {
        let held = ConsoleLogin::of(context, profile, login)?;
        let shown = held.file.shown();
        let _guard = context
            .cache
            .map(|cache| cache.guard(&shown, true, context.host));
        let mut document = match held.file.read()? {
            Some(Ok(document)) => document,
            _ => Document::default(),
        };
        set_credentials(&mut document, &self.given);
        let account = login.session.value.split(':').nth(4).unwrap_or_default();
        let id_token = self.given.id_token.as_ref();
        document.set("accessToken.accountId", account);
        document.set("tokenType", "aws_sigv4");
        document.set("clientId", self.client.id());
        document.set("idToken", id_token.map_or("", SecretString::expose_secret));
        document.set("dpopKey", self.pem.expose_secret());
        document.remove("signInRegion");
        held.file.write(&document)?;
        Ok(shown)
    }
}

/// The code in what AWS's page shows at its end, if it was shown to whom we sent
/// there: `state=…&code=…` in base64.
fn shown_code(shown: &SecretString, state: &SecretString) -> Result<SecretString> {
    let wrong = |why: &str| {
        Error::new(Kind::Refused, "that is not the code of this sign-in")
            .because(why)
            .hint("copy all of what the page shows, and run this again")
    };
    let text = shown.expose_secret().trim();
    let bytes = STANDARD
        .decode(text)
        .map_err(|_| wrong("it is cut off or changed"))?;
    let pairs: Vec<(String, String)> = form_urlencoded::parse(&bytes).into_owned().collect();
    let value = |name: &str| {
        let found = pairs.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    };
    let code = value("code").ok_or_else(|| wrong("it has no code in it"))?;
    if value("state") != Some(state.expose_secret()) {
        return Err(wrong("it is that of another sign-in"));
    }
    Ok(code.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_that_of_this_sign_in_alone() {
        let state: SecretString = "right".into();
        let read = |text: &str| shown_code(&STANDARD.encode(text).into(), &state);
        let code = read("state=right&code=a%2Bb").unwrap();
        assert_eq!(code.expose_secret(), "a+b");
        for wrong in ["", "state=right", "code=x", "state=other&code=x", "x"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        assert!(shown_code(&"c3RhdGU".into(), &state).is_err());
    }
}
