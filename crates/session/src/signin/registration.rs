//! The client that this program is to a portal. Registered once for each session,
//! and kept beside its login for as long as it lasts, which is 90 days.

use assumerole_aws::sso::{Client, NewClient, register_client};
use assumerole_core::Result;
use assumerole_core::diagnostic::Warning;
use jiff::Timestamp;
use secrecy::ExposeSecret as _;
use sha1::{Digest as _, Sha1};

use super::held::NEARLY_ENDED;
use super::{SsoLogin, folder, scopes, sealed};
use crate::connect::connect;
use crate::context::aws_clock;
use crate::report::Report;
use crate::sources::token_file::{Document, TokenFile, written};

/// A client.
pub(super) struct Registration {
    pub(super) client: Client,
    pub(super) ends: Timestamp,
    file: TokenFile,
    /// What is to be written, where it is new.
    new: Option<Document>,
}

impl Registration {
    /// The client for `login` at the portal `start`: the one that is kept, else a new one. With
    /// `redirect`, it is one that a browser is sent back to.
    ///
    /// # Errors
    /// AWS's refusal or silence.
    pub(super) fn of(login: &SsoLogin<'_>, start: &str, redirect: Option<&str>) -> Result<Self> {
        let context = login.context;
        let scopes = scopes(login.portal);
        let file = TokenFile::new(&folder(context)?, &name(login, &scopes, redirect));
        let now = context.host.clock.now();
        // Its secret is in clear there.
        let is_sealed = sealed::is_on(context);
        if is_sealed {
            let _ = file.remove();
        }
        let kept = match file.read() {
            Ok(Some(Ok(document))) => kept(&document),
            _ => None,
        };
        if let Some((client, ends)) = kept
            && ends.duration_since(now) > NEARLY_ENDED
        {
            return Ok(Self {
                client,
                ends,
                file,
                new: None,
            });
        }
        let portal = login.portal;
        let connection = connect(&portal.oidc, context.settings, context.host)?;
        let named = portal.session.as_ref().map(|session| &session.value);
        let new = NewClient {
            name: &match named {
                // AWS takes these characters at least.
                Some(name) => format!("assumerole-{}", plain(name)),
                None => "assumerole".to_owned(),
            },
            scopes: &scopes,
            browser: redirect.map(|redirect| (redirect, start)),
        };
        let registered = context.traced("RegisterClient", &connection, || {
            register_client(&connection, &aws_clock(context.host), &new)
        });
        let (client, ends) =
            registered.map_err(|error| error.explain(&login.asked(&portal.oidc, None)))?;
        let mut document = Document::default();
        document.set("clientId", &client.id);
        document.set("clientSecret", client.secret.expose_secret());
        document.set("expiresAt", &written(ends));
        Ok(Self {
            client,
            ends,
            file,
            new: (!is_sealed).then_some(document),
        })
    }

    /// Forgets it: AWS knows it no more.
    pub(super) fn forget(&self) {
        // The next login fails in the same way then, and says so.
        let _ = self.file.remove();
    }

    /// Keeps it for the next login. Where that cannot be, the next one registers
    /// anew.
    pub(super) fn keep(&self, report: &dyn Report) {
        if let Some(document) = &self.new
            && let Err(error) = self.file.write(document)
        {
            report.warn(&Warning::new(format!(
                "the client registration is not kept: {error}"
            )));
        }
    }
}

fn kept(document: &Document) -> Option<(Client, Timestamp)> {
    let client = Client {
        id: document.text("clientId")?.to_owned(),
        secret: document.token("clientSecret")?,
    };
    Some((client, document.time("expiresAt")?))
}

/// What tells the registration from others: all that it depends on. The AWS CLI
/// has its own beside ours, whose name a person reads on the page of AWS.
fn name(login: &SsoLogin<'_>, scopes: &[String], redirect: Option<&str>) -> Vec<u8> {
    let portal = login.portal;
    let session = portal
        .session
        .as_ref()
        .map(|session| session.value.as_str());
    let parts = serde_json::json!({
        "tool": "assumerole",
        "startUrl": portal.start_url.value,
        "region": login.region(),
        "scopes": scopes,
        "session_name": session,
        "redirect": redirect,
    });
    Sha1::digest(parts.to_string().as_bytes()).to_vec()
}

/// `name` with nothing in it that a page or a service would not take.
fn plain(name: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    name.chars()
        .map(|c| if fits(c) { c } else { '-' })
        .take(64)
        .collect()
}
