//! What every command works with.

mod accounts;
mod session;

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::sync::Weak;

use assumerole_core::aws::assigned::names;
use assumerole_core::aws_config::AwsFiles;
use assumerole_core::config::{AccessManager, Config};
use assumerole_core::diagnostic::Warning;
use assumerole_core::diagnostic::suggest::nearest;
use assumerole_core::environment::agents::Agent;
use assumerole_core::plan::request::Request;
use assumerole_core::plan::settings::RunSettings;
use assumerole_core::plan::{
    Inputs, Marks, Plan, StoredKeyIds, Target, Why, passed_over, plan, role_names, sso_session,
};
use assumerole_core::shell::note::Again;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::Host;
use assumerole_host::env::Env;
use assumerole_host::fs::PrivateDir;
use assumerole_host::process;
use assumerole_session::cache::Cache;
use assumerole_session::history::{self, Record, Way};
use assumerole_session::organization::OrganizationAccount;
use assumerole_session::signin::known_directory;
use assumerole_session::{Obtained, Report, stored_keys};
use jiff::Timestamp;
use serde::Serialize;

use crate::files::{self, Places};
use crate::grammar::{Grammar, command_names};
use crate::options::Global;
use crate::outcome::Outcome;
use crate::policy_file;
use crate::synonym;
use crate::ui::Printer;
pub(crate) use session::here;
use session::written;

/// What every command works with: the machine, the printer, and the person's
/// files, each read when first asked for and once.
pub(crate) struct App<'h> {
    pub(crate) host: &'h Host,
    /// The person's own environment: this process's, without what the role of
    /// an outer shell set in it, and without credentials.
    pub(crate) env: Env,
    pub(crate) printer: Printer,
    pub(crate) places: Places,
    pub(crate) settings: RunSettings,
    pub(crate) quiet: bool,
    /// The AI agent that runs this, if one does.
    pub(crate) agent: Option<Agent>,
    /// Whether not even a program that is run may write to stderr.
    pub(crate) silent: bool,
    /// Whether nothing is wanted of a role but its credentials: no token of
    /// CodeArtifact, no key in the ssh agent.
    pub(crate) credentials_only: bool,
    /// Whether what is set up around a role is variables alone: no file of a package
    /// tool, no key in the ssh agent.
    pub(crate) variables_only: bool,
    /// Whether new entries of the cache wait for the disk together, at the end.
    pub(crate) syncs_later: bool,
    /// Whether a person typed the command, and waits for what it does.
    pub(crate) is_typed: bool,
    /// `--config` as it stands on the command line, absolute.
    pub(crate) config_flag: Option<String>,
    verbose: u8,
    /// Whether it was said that nothing is cached.
    not_cached_said: Cell<bool>,
    /// When this process began its work.
    begun: Timestamp,
    grammar: Grammar,
    state_dir: OnceCell<Result<PrivateDir>>,
    config: OnceCell<Config>,
    /// The same, with the roles of the file that `accounts sync` writes.
    extended: OnceCell<Config>,
    /// Whether that file was looked for.
    accounts_said: Cell<bool>,
    /// What is known of accounts, by their IDs.
    accounts: OnceCell<HashMap<String, OrganizationAccount>>,
    usual_config: OnceCell<Option<Config>>,
    aws_files: OnceCell<AwsFiles>,
    /// The same, with the roles of IAM Identity Center that are known.
    assigned: OnceCell<AwsFiles>,
    /// The text of `~/.assumerole` as it was read last to be changed, while somebody
    /// has it.
    pub(crate) last_text: RefCell<Weak<String>>,
}

impl<'h> App<'h> {
    /// Touches no file.
    pub(crate) fn new(
        host: &'h Host,
        env: Env,
        settings: RunSettings,
        printer: Printer,
        global: &Global,
        quiet: bool,
        grammar: Grammar,
    ) -> Self {
        Self {
            places: Places::find(&env, global.config.as_deref()),
            host,
            env,
            printer,
            settings,
            quiet,
            agent: None,
            silent: false,
            credentials_only: false,
            variables_only: false,
            syncs_later: false,
            is_typed: true,
            config_flag: global.config.as_deref().and_then(written),
            verbose: global.verbose,
            not_cached_said: Cell::new(false),
            begun: host.clock.now(),
            grammar,
            state_dir: OnceCell::new(),
            config: OnceCell::new(),
            extended: OnceCell::new(),
            accounts_said: Cell::new(false),
            accounts: OnceCell::new(),
            usual_config: OnceCell::new(),
            aws_files: OnceCell::new(),
            assigned: OnceCell::new(),
            last_text: RefCell::default(),
        }
    }

    /// When this run began.
    pub(crate) fn begun(&self) -> Timestamp {
        self.begun
    }

    /// Whether `-v` was given.
    pub(crate) fn is_verbose(&self) -> bool {
        self.verbose > 0
    }

    /// `~/.assumerole.d`.
    ///
    /// # Errors
    /// It cannot be made, or others could write to it.
    pub(crate) fn state_dir(&self) -> Result<&PrivateDir> {
        let open = || files::state_dir(&self.places);
        self.state_dir
            .get_or_init(open)
            .as_ref()
            .map_err(Clone::clone)
    }

    /// `~/.assumerole.d` as it is; `None` if there is none. Makes nothing.
    ///
    /// # Errors
    /// Others could write to it.
    pub(crate) fn existing_state_dir(&self) -> Result<Option<PrivateDir>> {
        files::existing_state_dir(&self.places)
    }

    /// The sealed cache, opened. None where none can be had: said, and
    /// everything goes on without one.
    pub(crate) fn cache(&self) -> Option<Cache> {
        let opened = self
            .state_dir()
            .and_then(|dir| Cache::open(dir, self.host, self));
        match opened {
            Ok(cache) => Some(cache.since(self.begun).syncing_later(self.syncs_later)),
            Err(error) => {
                self.not_cached(&error);
                None
            }
        }
    }

    /// The sealed cache as it is; none is made. None where there is none.
    pub(crate) fn existing_cache(&self) -> Option<Cache> {
        self.peeked_cache().unwrap_or_else(|error| {
            self.not_cached(&error);
            None
        })
    }

    /// As [`App::existing_cache`], for what does not need it: nothing is said where it
    /// cannot be had.
    pub(crate) fn cache_unsaid(&self) -> Option<Cache> {
        self.peeked_cache().ok().flatten()
    }

    fn peeked_cache(&self) -> Result<Option<Cache>> {
        let opened = match self.existing_state_dir()? {
            Some(dir) => Cache::peek(&dir, self.host)?,
            None => None,
        };
        Ok(opened.map(|cache| cache.since(self.begun)))
    }

    /// `~/.assumerole`; what is odd at its top level is said when it is read.
    ///
    /// # Errors
    /// There is none, or it is wrong.
    pub(crate) fn config(&self) -> Result<&Config> {
        if let Some(extended) = self.extended.get() {
            return Ok(extended);
        }
        if let Some(config) = self.config.get() {
            return Ok(config);
        }
        let config = files::config(&self.places)?;
        for warning in config.warnings() {
            self.printer.warning(&warning);
        }
        Ok(self.config.get_or_init(|| config))
    }

    /// As [`App::config`], for a command that says itself what is odd in the file.
    ///
    /// # Errors
    /// As there.
    pub(crate) fn config_unsaid(&self) -> Result<&Config> {
        if let Some(extended) = self.extended.get() {
            return Ok(extended);
        }
        if let Some(config) = self.config.get() {
            return Ok(config);
        }
        let config = files::config(&self.places)?;
        Ok(self.config.get_or_init(|| config))
    }

    /// Makes the tree of commands.
    pub(crate) fn grammar(&self) -> Grammar {
        self.grammar
    }

    /// The names of the commands.
    pub(crate) fn commands(&self) -> Vec<String> {
        command_names(self.grammar)
    }

    /// `~/.assumerole`, if it has been read.
    pub(crate) fn config_if_read(&self) -> Option<&Config> {
        self.config.get()
    }

    /// The files whose roles with `"confirm": true` are confirmed by name: that
    /// of the home folder too, where another one was named.
    ///
    /// # Errors
    /// One cannot be read, or is wrong.
    pub(crate) fn guarding(&self) -> Result<Vec<&Config>> {
        let usual = match self.usual_config.get() {
            Some(usual) => usual,
            None => {
                let usual = files::usual_config(&self.places)?;
                self.usual_config.get_or_init(|| usual)
            }
        };
        Ok(std::iter::once(self.config()?).chain(usual).collect())
    }

    /// `~/.aws`.
    ///
    /// # Errors
    /// A file cannot be read.
    pub(crate) fn aws_files(&self) -> Result<&AwsFiles> {
        if let Some(assigned) = self.assigned.get() {
            return Ok(assigned);
        }
        if let Some(read) = self.aws_files.get() {
            return Ok(read);
        }
        let read = files::aws(&self.places)?;
        Ok(self.aws_files.get_or_init(|| read))
    }

    /// From now on, the roles of IAM Identity Center that are known are there as
    /// profiles; whether there are some. Asks nobody.
    pub(crate) fn show_assigned(&self) -> bool {
        if self.assigned.get().is_some() {
            return true;
        }
        let Ok(files) = self.aws_files() else {
            return false;
        };
        let sessions = files.sso_session_names();
        if sessions.is_empty() {
            return false;
        }
        let Some(cache) = self.existing_cache() else {
            return false;
        };
        let template = self.config_unsaid().map(Config::sso_name);
        let template = template.unwrap_or_default();
        let access = |session: &str| self.access_manager(session);
        let known = sessions.iter().filter_map(|session| {
            let portal = sso_session(files, &self.settings, access(session), session).ok()?;
            let mut known = known_directory(&cache, &portal, self.host)?;
            // Of another tenant than the file names now.
            let tenant = portal.access.as_ref().map(|tenant| &tenant.id);
            if known.tenant.as_ref() != tenant {
                known.managed.clear();
            }
            let roles = known.roles();
            let names = names(&roles, &template).into_iter();
            Some((session.to_string(), names.zip(roles).collect()))
        });
        let known: Vec<_> = known.collect();
        if known.is_empty() {
            return false;
        }
        let _ = self.assigned.set(files.with_assigned(&known));
        true
    }

    /// The tenant of account access manager that `session` is for, if
    /// `~/.assumerole` can be read and names one.
    pub(crate) fn access_manager(&self, session: &str) -> Option<&AccessManager> {
        let config = self.config_unsaid().ok()?;
        config
            .access_manager_of(session)
            .map(|access| &access.value)
    }

    /// The role or the profile called exactly `name`.
    ///
    /// # Errors
    /// There is none of that name (the nearest are named), or it is wrong.
    pub(crate) fn target(&self, name: &str) -> Result<Target> {
        let config = self.config()?;
        // Only who is not in ~/.assumerole is looked for elsewhere.
        let target = match config.role(name)? {
            Some(role) => Some(Target::Role(Box::new(role))),
            None => match Target::find(config, self.aws_files()?, name)? {
                // Only who is in no file is looked for among these.
                None => self.elsewhere(name)?,
                found => found,
            },
        };
        let (target, config) = match target {
            Some(target) if self.leads_to_accounts(config, &target) && self.show_accounts() => {
                let config = self.config()?;
                (Target::find(config, self.aws_files()?, name)?, config)
            }
            target => (target, self.config()?),
        };
        let Some(target) = target else {
            return Err(self.no_such_role(config, name));
        };
        for warning in target
            .role()
            .map(|role| config.warnings_of(role))
            .unwrap_or_default()
        {
            self.printer.warning(&warning);
        }
        Ok(target)
    }

    /// The role called `name` of an account, or of IAM Identity Center.
    ///
    /// # Errors
    /// It is there and wrong.
    fn elsewhere(&self, name: &str) -> Result<Option<Target>> {
        if self.show_accounts()
            && let Some(found) = Target::find(self.config()?, self.aws_files()?, name)?
        {
            return Ok(Some(found));
        }
        match self.show_assigned() {
            true => Target::find(self.config()?, self.aws_files()?, name),
            false => Ok(None),
        }
    }

    /// Whether there is a role or a profile of that name.
    ///
    /// # Errors
    /// It is there and wrong, or a file cannot be read.
    pub(crate) fn is_known(&self, name: &str) -> Result<bool> {
        let config = self.config()?;
        Ok(
            config.role(name)?.is_some()
                || Target::find(config, self.aws_files()?, name)?.is_some(),
        )
    }

    /// The names of all roles, those of `~/.assumerole` first.
    ///
    /// # Errors
    /// A file cannot be read.
    pub(crate) fn role_names(&self) -> Result<Vec<String>> {
        role_names(self.config()?, self.aws_files()?)
    }

    /// The error of a `name` that nothing has.
    pub(crate) fn no_such_role(&self, config: &Config, name: &str) -> Error {
        let names = self.role_names().unwrap_or_default();
        let near = nearest(name, names.iter().map(String::as_str), 3);
        let command = synonym::command(name, &self.commands());
        let error = Error::new(
            Kind::UnknownName,
            format!("there is no role {name:?} in {} or ~/.aws", config.path()),
        );
        let error = match (near.as_slice(), command) {
            ([], Some(command)) => {
                error.hint(format!("did you mean the command: assumerole {command}?"))
            }
            ([], _) => error,
            (near, _) => error.suggest(near),
        };
        error.hint("see all roles: assumerole list")
    }

    /// The plan for `target`, as `request` asks for it.
    ///
    /// # Errors
    /// Its profile does not exist, has no credentials, or says something wrong;
    /// a policy cannot be read.
    pub(crate) fn plan(&self, target: &Target, request: &Request) -> Result<Plan> {
        self.plan_in(self.config()?, target, request)
    }

    /// As [`App::plan`], of a file that is not written yet.
    ///
    /// # Errors
    /// As there.
    pub(crate) fn plan_in(
        &self,
        config: &Config,
        target: &Target,
        request: &Request,
    ) -> Result<Plan> {
        let policies = policy_file::read(self.places.home.as_deref(), config, target)?;
        let inputs = Inputs {
            config,
            aws: self.aws_files()?,
            settings: &self.settings,
            request,
            policies: &policies,
            stored: &StoredIds(&self.places),
        };
        plan(inputs, target).map_err(|error| self.blame_lines(error))
    }

    /// Says which keys on the way of `plan` somebody may count on in vain.
    ///
    /// # Errors
    /// A file cannot be read any more.
    pub(crate) fn warn_passed_over(&self, plan: &Plan) -> Result<()> {
        for warning in passed_over(self.aws_files()?, plan) {
            self.printer.warning(&warning);
        }
        Ok(())
    }

    /// A profile that is missing, or lacks something, may stand in a line of
    /// `~/.aws` that cannot be read.
    fn blame_lines(&self, error: Error) -> Error {
        const SHOWN: usize = 3;
        let files = match self.aws_files.get() {
            Some(files) if error.is_lacking() => files,
            _ => return error,
        };
        let hidden = || files.problems().filter(|problem| problem.hides_something());
        let error = hidden().take(SHOWN).fold(error, |error, problem| {
            let place = problem.snippet().place();
            error.because(format!("{place}: {}", problem.message()))
        });
        match hidden().count() {
            0..=SHOWN => error,
            _ => error.hint("see all ignored lines: assumerole doctor"),
        }
    }

    /// Why `plan` is as it is.
    ///
    /// # Errors
    /// A file cannot be read any more.
    pub(crate) fn why(&self, plan: &Plan) -> Result<Why> {
        Ok(Why::of(plan, self.config()?, self.aws_files()?))
    }

    /// Remembers that a role was assumed. What cannot be remembered is not
    /// worth a word.
    pub(crate) fn note_use(&self, again: Again, plan: &Plan, obtained: &Obtained, way: Way) {
        if way == Way::Each || way.is_by_program() && obtained.cached {
            // They are many, and no news.
            return;
        }
        if let Ok(dir) = self.state_dir() {
            let usual = self.places.usual();
            let files = again.files.filter(|files| *files != usual);
            let record = Record {
                at: self.host.clock.now(),
                role: again.role,
                expires: obtained.ends,
                cached: Some(obtained.cached),
                way: Some(way.as_str().to_owned()),
                parent: process::parent_name(),
                arn: again.arn,
                narrowed: Some(Marks::of(plan, plan.steps.len()).narrowed),
                flags: again.flags,
                duration: again.duration,
                files,
            };
            history::record(dir, &record);
        }
    }

    /// Writes data to stdout and is done. A reader that has gone (`| head`)
    /// has what it wanted.
    ///
    /// # Errors
    /// stdout cannot be written to.
    pub(crate) fn data(&self, text: &str) -> Result<Outcome> {
        self.bytes(text.as_bytes())
    }

    /// As [`App::data`], of bytes that need not be text.
    ///
    /// # Errors
    /// As there.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> Result<Outcome> {
        match self.printer.bytes(bytes) {
            Err(error) if !error.reader_gone() => Err(error.into()),
            _ => Ok(Outcome::Done),
        }
    }

    /// Writes `value` to stdout as JSON.
    ///
    /// # Errors
    /// stdout cannot be written to.
    pub(crate) fn json<T: Serialize + ?Sized>(&self, value: &T) -> Result<Outcome> {
        let text = serde_json::to_string_pretty(value)
            .map_err(|error| Error::new(Kind::Failed, "JSON cannot be written").because(error))?;
        self.data(&format!("{text}\n"))
    }
}

/// The keys that are stored in this home folder, looked up when a profile names
/// one.
#[derive(Debug)]
struct StoredIds<'a>(&'a Places);

impl StoredKeyIds for StoredIds<'_> {
    fn access_key_id(&self, name: &str) -> Result<Option<String>> {
        match files::existing_state_dir(self.0)? {
            Some(dir) => stored_keys::access_key_id(&dir, name),
            None => Ok(None),
        }
    }
}

impl Report for App<'_> {
    fn note(&self, text: &str) {
        self.printer.note(text);
    }

    fn warn(&self, warning: &Warning) {
        self.printer.warning(warning);
    }

    fn not_cached(&self, why: &Error) {
        if self.not_cached_said.replace(true) {
            return;
        }
        let mut warning = Warning::new(format!("nothing is cached: {why}"));
        warning.hints = why.hints().to_vec();
        self.printer.warning(&warning);
    }

    fn trace(&self, text: &str) {
        if self.verbose > 0 {
            self.printer.note(text);
        }
    }

    fn detail(&self, text: &str) {
        if self.wants_detail() {
            self.printer.note(text);
        }
    }

    fn wants_detail(&self) -> bool {
        self.verbose > 1
    }
}
