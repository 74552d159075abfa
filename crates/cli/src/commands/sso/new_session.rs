//! An `[sso-session]` that is not in `~/.aws/config` yet.

use assumerole_core::aws::ids::Region;
use assumerole_core::aws::url::EndpointUrl;
use assumerole_core::aws_config::{AwsFile, AwsFiles, FileKind, fits_header};
use assumerole_core::diagnostic::Id;
use assumerole_core::plan::{SsoPortal, sso_session};
use assumerole_core::{Error, Kind, Result};
use assumerole_host::fs::{self, Holds, Original, Replaced};

use crate::app::App;

/// A session, and the config file with it.
pub(super) struct NewSession {
    pub(super) portal: SsoPortal,
    name: String,
    section: String,
}

impl NewSession {
    /// The session `name`, else one that is called as the portal at `start_url`.
    ///
    /// # Errors
    /// There is another session of that name, or it makes no sense.
    pub(super) fn new(
        app: &App<'_>,
        name: Option<&str>,
        start_url: &str,
        region: &Region,
    ) -> Result<Self> {
        let wrong = |message: String| Error::new(Kind::Usage, message);
        let url = EndpointUrl::parse(start_url)
            .map_err(|fault| wrong(format!("{start_url:?} is not a start URL")).because(fault))?;
        if !url.is_tls() {
            return Err(wrong(format!("{start_url:?} is not a start URL"))
                .hint("give one like https://acme.awsapps.com/start"));
        }
        let own = url.host().split('.').next().unwrap_or_default();
        let name = name.unwrap_or(own).to_owned();
        if !fits_header(&name) {
            return Err(wrong(format!("{name:?} is no name for an sso-session"))
                .hint("use letters, digits, - and _"));
        }
        let files = app.aws_files()?;
        if let Some(there) = files.sso_session(&name) {
            let place = there.sections().next().map(|section| section.snippet());
            return Err(wrong(format!("there is an sso-session {name} already"))
                .maybe_at(place)
                .hint(format!("log in to it: assumerole sso login {name}"))
                .hint("give the new one another name: assumerole sso login NAME --start-url …"));
        }
        let section = format!(
            "[sso-session {name}]\nsso_start_url = {start_url}\nsso_region = {region}\n\
             sso_registration_scopes = sso:account:access\n"
        );
        let copy = |file: &AwsFile| {
            AwsFile::from_bytes(file.kind(), file.path(), file.as_bytes().to_vec())
        };
        let shown = app.places.show(&app.places.aws_config);
        let before = files.config.as_ref().map_or(&[][..], AwsFile::as_bytes);
        let with = AwsFiles {
            config: Some(AwsFile::from_bytes(
                FileKind::Config,
                &shown,
                added(before, &section),
            )),
            credentials: files.credentials.as_ref().map(copy),
        };
        Ok(Self {
            portal: sso_session(&with, &app.settings, app.access_manager(&name), &name)?,
            name,
            section,
        })
    }

    /// Writes it behind what `~/.aws/config` has.
    ///
    /// # Errors
    /// The file cannot be written; it is as it was.
    pub(super) fn write(&self, app: &App<'_>) -> Result<()> {
        let path = &app.places.aws_config;
        fs::create_folder_of(path)?;
        let original =
            Original::open(path, fs::LARGEST).map_err(|error| error.into_error(Kind::Config))?;
        let content = added(original.content().unwrap_or_default(), &self.section);
        let shown = app.places.show(path);
        if original.replace(&content, Holds::Settings)? == Replaced::Overtaken {
            return Err(Error::new(Kind::Failed, format!("cannot replace {shown}"))
                .called(Id::FileFailed)
                .because("another program changed it at the same time")
                .hint("run this again"));
        }
        let name = &self.name;
        app.printer
            .note(&format!("sso-session {name} is in {shown}"));
        Ok(())
    }
}

fn added(before: &[u8], section: &str) -> Vec<u8> {
    let mut content = before.to_vec();
    if !content.is_empty() {
        if content.last() != Some(&b'\n') {
            content.push(b'\n');
        }
        content.push(b'\n');
    }
    content.extend_from_slice(section.as_bytes());
    content
}
