//! `~/.assumerole`: the roles and the settings beside them.
//!
//! A file is read as far as it is asked: [`Config::parse`] checks that it is
//! JSON, that no role is there twice and the settings at the top; a role is
//! checked by [`Config::role`] and nobody else, so that a fault in one role
//! stands in the way of no other.

mod access_manager;
mod agents;
mod askpass;
mod behind;
mod browser;
mod codeartifact;
mod diagnose;
mod document;
mod edit;
mod environment;
mod fault;
mod fields;
mod file_schema;
pub(crate) mod guard;
mod keys;
mod label;
mod lint;
mod mask;
mod mfa;
mod node;
mod package_tools;
pub mod pattern;
mod protected;
mod registries;
mod role;
mod scan;
mod schema;
mod session;
mod settings;
mod token;
mod token_store;
mod values;
mod zone;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::aws::ids::{MfaDevice, Region};
use crate::diagnostic::text::{Snippet, Spanned};
use crate::diagnostic::{Error, Result, Warning};
use document::Document;
use fault::{Fault, Finding, Read};
use node::Node;

pub use access_manager::AccessManager;
pub use agents::AgentSettings;
pub use askpass::Askpass;
pub use browser::Isolation;
pub use codeartifact::CodeArtifact;
pub use edit::{
    NewRole, RoleChange, change_role, check_entry, insert_role, insert_roles, remove_role,
    rename_role, replace_role, role_exists, written_role,
};
pub use environment::EnvVar;
pub use file_schema::schema;
pub use keys::{KeyProvider, KeySettings};
pub use label::Label;
pub use lint::Lint;
pub use mfa::{Mfa, MfaProvider, MfaProviderName};
pub use package_tools::Tool;
pub(crate) use protected::{Covers, Protected};
pub use registries::Registries;
pub use role::Role;
pub use session::{Policy, Session};
pub use token_store::TokenStore;

/// The content of `~/.assumerole`.
pub struct Config {
    path: String,
    document: Document,
}

impl Config {
    /// Reads `text`, the content of the file that a person calls `path`.
    ///
    /// # Errors
    /// `Kind::Config`, with the place: the text is not JSON or no object, a
    /// role or a setting is there twice, `assume_roles` is no object, a
    /// setting at the top has a wrong value.
    pub fn parse(path: &str, text: impl Into<Arc<String>>) -> Result<Self> {
        let document = Document::read(text.into()).map_err(|(fault, text)| {
            let snippet = |span| Snippet::of(path, &text, span);
            fault.into_error(|span| mask::snippet(&text, span, snippet))
        })?;
        Ok(Self {
            path: path.to_owned(),
            document,
        })
    }

    /// As [`Config::parse`], from the bytes of the file.
    ///
    /// # Errors
    /// As there, and if the bytes are not UTF-8.
    pub fn from_bytes(path: &str, bytes: Vec<u8>) -> Result<Self> {
        // UTF-16 of plain letters without a mark at its start is UTF-8, too.
        if let [first, second, ..] = *bytes
            && (first == 0) != (second == 0)
        {
            return Err(not_utf8(path, &bytes));
        }
        let text = String::from_utf8(bytes).map_err(|e| not_utf8(path, &e.into_bytes()))?;
        Self::parse(path, text)
    }

    /// A file without a role, for who has none: `path` is where it would be.
    pub fn none(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            document: Document::empty(),
        }
    }

    /// This file and, behind its roles, those of `other` that have names of their own
    /// and that `keep` wants. Nothing else of `other` counts.
    ///
    /// # Errors
    /// `Kind::Config`: both together are too large.
    pub fn followed_by(&self, other: &Self, keep: &mut dyn FnMut(&str) -> bool) -> Result<Self> {
        let document = self
            .document
            .followed_by(&other.document, &other.path, keep)
            .map_err(|fault| fault.into_error(|span| self.document.snippet(&self.path, span)))?;
        Ok(Self {
            path: self.path.clone(),
            document,
        })
    }

    /// The file in which `role`, one of these, stands, as a person would write its name.
    pub fn path_of(&self, role: &Role) -> &str {
        let behind = self.document.path_behind(role.name.span.start);
        behind.unwrap_or(&self.path)
    }

    /// Whether this is [`Config::none`].
    pub fn is_absent(&self) -> bool {
        self.document.is_empty()
    }

    /// The content of the file.
    pub fn text(&self) -> &Arc<String> {
        self.document.text()
    }

    /// The file, as a person would write its name.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The names of all roles in file order.
    pub fn role_names(&self) -> Vec<String> {
        self.document.names().map(Into::into).collect()
    }

    /// The role called `name`, checked; `None` if there is none of that name.
    ///
    /// # Errors
    /// `Kind::Config`, with the place: something in this role is wrong.
    pub fn role(&self, name: &str) -> Result<Option<Role>> {
        let document = &self.document;
        let Some((key, value)) = document.role(name) else {
            return Ok(None);
        };
        role::read(&key, &value, &document.settings)
            .map(Some)
            .map_err(|fault| fault.into_error(|span| document.snippet(&self.path, span)))
    }

    /// What the role called `name` says that it is assumed via, without a look at
    /// the rest of it.
    pub(crate) fn via_of(&self, name: &str) -> Option<String> {
        let (_, value) = self.document.role(name)?;
        let members = value.members().ok()?;
        let is_via = |(key, _): &&(Node<'_>, Node<'_>)| key.string().is_ok_and(|key| key == "via");
        let (_, via) = members.iter().find(is_via)?;
        via.string().ok().map(Into::into)
    }

    /// Whether a file of this content, which may be none that can be read, can
    /// have a role that a person confirms by name.
    pub fn may_protect(bytes: &[u8]) -> bool {
        protected::possible_in_rubbish(bytes)
    }

    /// The roles of the file that a person confirms by name, in its order.
    pub(crate) fn protected(&self) -> Vec<Protected> {
        self.document.protected().collect()
    }

    /// Where Maven's token for the roles of `profile` comes from; `None` if
    /// nothing is said for it.
    ///
    /// # Errors
    /// `Kind::Config`, with the place: `codeartifact` is wrong.
    pub fn codeartifact_for(&self, profile: &str) -> Result<Option<CodeArtifact>> {
        let found = self.later("codeartifact", |node| codeartifact::read(node, profile));
        found.map(Option::flatten)
    }

    /// Which program has the code of `device`: what `role` says, else
    /// `mfa_devices`, else `mfa` of the top level; with `named`, the first of
    /// them that names this provider. `None` if nothing is said.
    ///
    /// # Errors
    /// `Kind::Config`, with the place: one of the last two is wrong.
    pub fn mfa_for(
        &self,
        role: Option<&Role>,
        device: &MfaDevice,
        named: Option<MfaProviderName>,
    ) -> Result<Option<Mfa>> {
        let fits = |mfa: &Mfa| named.is_none_or(|name| mfa.provider.name() == name);
        let of_role = role.and_then(|role| role.mfa.as_ref());
        if let Some(mfa) = of_role.map(|mfa| &mfa.value).filter(|mfa| fits(mfa)) {
            // What is odd in it is among what is odd in the role.
            let findings = Vec::new();
            let provider = mfa.provider.clone();
            return Ok(Some(Mfa { provider, findings }));
        }
        let of_device = self.later("mfa_devices", |node| mfa::of_device(node, device))?;
        if let Some(mfa) = of_device.flatten().filter(fits) {
            return Ok(Some(mfa));
        }
        let of_all = self.later("mfa", |node| mfa::of_top(node, "mfa"))?;
        Ok(of_all.flatten().filter(fits))
    }

    /// All that the top level says of it, whatever the device.
    ///
    /// # Errors
    /// As for [`Config::mfa_for`].
    pub fn all_mfa(&self) -> Result<Vec<Mfa>> {
        let of_devices = self.later("mfa_devices", mfa::of_devices)?;
        let of_all = self.later("mfa", |node| mfa::of_top(node, "mfa"))?;
        let mut all = of_devices.unwrap_or_default();
        all.extend(of_all.flatten());
        Ok(all)
    }

    /// What AI agents get, by this file.
    ///
    /// # Errors
    /// `Kind::Config`, with the place: `agents` is wrong.
    pub fn agents(&self) -> Result<AgentSettings> {
        let said = self.later("agents", agents::of_top)?;
        Ok(said.unwrap_or_default())
    }

    /// What the file says of stored access keys.
    ///
    /// # Errors
    /// `Kind::Config`, with the place: `keys` is wrong.
    pub fn keys(&self) -> Result<KeySettings> {
        let said = self.later("keys", keys::of_top)?;
        Ok(said.unwrap_or_default())
    }

    /// Which role lets Docker into which registry of ECR: `registries`.
    ///
    /// # Errors
    /// `Kind::Config`, with the place: it is wrong.
    pub fn registries(&self) -> Result<Registries> {
        let said = self.later("registries", registries::of_top)?;
        Ok(said.unwrap_or_default())
    }

    /// What `read` makes of the member `key` of the top level, one of those
    /// that are read when they are asked for; `None` if there is none.
    fn later<T>(&self, key: &str, read: impl Fn(&Node<'_>) -> Read<T>) -> Result<Option<T>> {
        let document = &self.document;
        let Some((_, value)) = document.setting(key) else {
            return Ok(None);
        };
        read(&value)
            .map(Some)
            .map_err(|fault| fault.into_error(|span| document.snippet(&self.path, span)))
    }

    /// Whether the `export` lines are printed: `print_exports`, true unless
    /// it says otherwise.
    pub fn print_exports(&self) -> bool {
        let said = self.document.settings.print_exports.as_ref();
        said.is_none_or(|flag| flag.value)
    }

    /// What opens pages, as the words of a command line: `browser`.
    pub fn browser(&self) -> Option<&[String]> {
        let said = self.document.settings.browser.as_ref()?;
        Some(&said.value)
    }

    /// What keeps the consoles of roles apart in one browser: `browser_isolate`.
    pub fn browser_isolate(&self) -> Isolation {
        let said = self.document.settings.browser_isolate.as_ref();
        said.map(|said| said.value).unwrap_or_default()
    }

    /// Whether somebody who has to log in is not asked first: `sso_auto_login`.
    pub fn sso_auto_login(&self) -> bool {
        let said = self.document.settings.sso_auto_login.as_ref();
        said.is_some_and(|flag| flag.value)
    }

    /// Where refresh tokens of IAM Identity Center are kept: `sso_token_store`.
    pub fn sso_token_store(&self) -> TokenStore {
        let said = self.document.settings.sso_token_store.as_ref();
        said.map(|said| said.value).unwrap_or_default()
    }

    /// What the roles of IAM Identity Center are called: `sso_name`.
    pub fn sso_name(&self) -> crate::aws::assigned::NameTemplate {
        let said = self.document.settings.sso_name.as_ref();
        said.map(|said| said.value.clone()).unwrap_or_default()
    }

    /// Seconds after which IAM Identity Center is asked again: `sso_index_seconds`.
    pub fn sso_index_seconds(&self) -> u32 {
        let said = self.document.settings.sso_index_seconds.as_ref();
        said.map_or(86_400, |said| said.value)
    }

    /// The tenant of account access manager, and where it is named: `access_manager`.
    pub fn access_manager(&self) -> Option<&Spanned<AccessManager>> {
        self.document.settings.access_manager.as_ref()
    }

    /// As [`Config::access_manager`], if the sso-session `session` is for it.
    pub fn access_manager_of(&self, session: &str) -> Option<&Spanned<AccessManager>> {
        let said = self.access_manager();
        said.filter(|said| said.value.sso_session == session)
    }

    /// Whether the shell that is started shows its role: `prompt`, true unless
    /// it says otherwise.
    pub fn prompt(&self) -> bool {
        let said = self.document.settings.prompt.as_ref();
        said.is_none_or(|flag| flag.value)
    }

    /// The profile of roles that have neither one of their own nor `via`.
    pub fn aws_profile(&self) -> Option<&Spanned<String>> {
        self.document.settings.aws_profile.as_ref()
    }

    /// The MFA device of the roles that take [`Config::aws_profile`].
    pub fn aws_mfa_arn(&self) -> Option<&Spanned<MfaDevice>> {
        self.document.settings.aws_mfa_arn.as_ref()
    }

    /// How long sessions of roles last that do not say it, in seconds.
    pub fn max_session_duration(&self) -> Option<&Spanned<u32>> {
        self.document.settings.max_session_duration.as_ref()
    }

    /// The region of roles that have none of their own.
    pub fn aws_region(&self) -> Option<&Spanned<Region>> {
        self.document.settings.aws_region.as_ref()
    }

    /// The variables of a role whose own `environment` is `own`: those for all
    /// roles that it does not set itself, then its own.
    pub fn environment_with(&self, own: &[EnvVar]) -> Vec<EnvVar> {
        environment::joined(&self.document.settings.environment.variables, own)
    }

    /// `mfa_session` of the roles that say nothing of it.
    pub(crate) fn mfa_session(&self) -> Option<&Spanned<bool>> {
        self.document.settings.mfa_session.as_ref()
    }

    /// `mfa_session_seconds` of the roles that say nothing of it.
    pub(crate) fn mfa_session_seconds(&self) -> Option<&Spanned<u32>> {
        self.document.settings.mfa_session_seconds.as_ref()
    }

    /// Who asks a person where there is no terminal.
    pub fn askpass(&self) -> Option<&Askpass> {
        let said = self.document.settings.askpass.as_ref()?;
        Some(&said.value)
    }

    /// What is odd at the top level of the file.
    pub fn warnings(&self) -> Vec<Warning> {
        self.warn(&self.document.settings.findings)
    }

    /// What is odd in `role`, one of this file.
    pub fn warnings_of(&self, role: &Role) -> Vec<Warning> {
        self.warn(&role.findings)
    }

    /// What is odd in what [`Config::mfa_for`] found at the top level of this
    /// file.
    pub fn warnings_of_mfa(&self, found: &Mfa) -> Vec<Warning> {
        self.warn(&found.findings)
    }

    /// What is odd in a `codeartifact` of this file.
    pub fn warnings_of_codeartifact(&self, found: &CodeArtifact) -> Vec<Warning> {
        self.warn(&found.findings)
    }

    /// The place of the bytes `span`, as a person reads it. Strings in its
    /// line that look like secrets are hidden.
    pub fn snippet(&self, span: Range<usize>) -> Snippet {
        self.document.snippet(&self.path, span)
    }

    fn warn(&self, findings: &[Finding]) -> Vec<Warning> {
        let warning = |finding: &Finding| {
            let mut warning = Warning::new(finding.message.as_str());
            warning.at = Some(self.snippet(finding.span.clone()));
            warning.hints.extend(finding.hint.clone());
            warning
        };
        findings.iter().map(warning).collect()
    }
}

impl fmt::Debug for Config {
    /// The name alone: values of `environment` may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// Bytes of what is no text that may be shown.
const BESIDE: usize = 1024;

/// The fault of bytes that are no UTF-8 text, at the first such byte.
fn not_utf8(path: &str, bytes: &[u8]) -> Error {
    let marked = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    let from = match bytes {
        [0, ..] => "UTF-16BE",
        [_, 0, ..] if !marked => "UTF-16LE",
        _ => "UTF-16",
    };
    let utf16 = marked || from != "UTF-16";
    let good = bytes.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    // What follows is not shown, and may be three times as long as a text.
    let shown = bytes.len().min(good.len() + BESIDE);
    let text = String::from_utf8_lossy(&bytes[..shown]);
    let fault = Fault::new(good.len()..good.len() + 1, "the file is not UTF-8 text");
    let fault = if utf16 {
        fault
            .because("it is UTF-16")
            .hint(format!("convert it: iconv -f {from} -t UTF-8 {path}"))
    } else {
        fault.hint("save it as UTF-8")
    };
    fault.into_error(|span| mask::snippet(&text, span, |span| Snippet::of(path, &text, span)))
}
