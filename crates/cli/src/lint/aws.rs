//! What is wrong with `~/.aws`, whoever uses it.

use assumerole_core::aws_config::profiles::OwnProcess;
use assumerole_core::aws_config::{AwsFile, AwsFiles, ProblemKind, differences};
use assumerole_core::plan::request::Request;
use assumerole_core::plan::{Target, has_credentials, is_role, wrong_sections, wrong_settings};
use assumerole_core::{Error, Kind};
use assumerole_session::signin::refresh_token_in_clear;

use super::{Lint, Rule, Severity, said};
use crate::commands::assume::context;
use crate::commands::logins::{self, LoginAt};

impl Lint<'_, '_> {
    /// The profiles that are no roles: whether each gives the credentials that
    /// it speaks of. What a role of theirs was found wrong for is not said once
    /// more.
    pub(crate) fn profiles(&mut self) {
        let Ok(aws) = self.app.aws_files() else {
            return;
        };
        let names = aws.profile_names();
        let others = names.iter().filter(|name| {
            let profile = aws.profile(name);
            profile.is_some_and(|profile| has_credentials(&profile) && !is_role(&profile))
        });
        for name in others {
            let target = Target::Profile(name.to_string());
            let planned = match self.app.config_unsaid() {
                Ok(_) => self.app.plan(&target, &Request::default()),
                Err(_) => self.of_aws_alone(&target),
            };
            if let Err(error) = planned {
                self.once(Severity::Error, Rule::Plan, error);
            }
        }
    }

    /// What all profiles and sections of `~/.aws` say of how AWS is reached,
    /// whoever uses them.
    pub(crate) fn settings(&mut self) {
        let Ok(aws) = self.app.aws_files() else {
            return;
        };
        for name in aws.profile_names() {
            let profile = aws.profile(&name);
            for error in profile.map_or_else(Vec::new, |one| wrong_settings(aws, &one)) {
                self.once(Severity::Error, Rule::Plan, error);
            }
        }
        for error in wrong_sections(aws) {
            self.once(Severity::Error, Rule::Plan, error);
        }
    }

    /// The refresh tokens that whoever reads the AWS CLI's files can renew a login with.
    fn tokens_in_clear(&mut self) {
        let cache = self.app.cache_unsaid();
        let (Ok(context), Ok(logins)) = (context(self.app, cache.as_ref()), logins::all(self.app))
        else {
            return;
        };
        for login in logins {
            let LoginAt::Portal(portal) = &login.at else {
                continue;
            };
            let Some(place) = refresh_token_in_clear(&context, portal) else {
                continue;
            };
            let message = format!(
                "the refresh token of {} is in clear in {place}",
                login.name()
            );
            let error = Error::new(Kind::Config, message)
                .because("whoever reads that file can renew the login")
                .hint("keep it sealed: \"sso_token_store\": \"sealed\" in ~/.assumerole");
            let path = &self.app.places.aws_config;
            self.add(Severity::Warning, Rule::Mode, path, error);
            self.advice += 1;
        }
    }

    /// The lines that run this program by the older spelling: it does the same.
    fn older_spellings(&mut self, files: &AwsFiles) {
        for name in files.profile_names() {
            let profile = files.profile(&name);
            let Some(line) = profile.and_then(|profile| profile.get("credential_process")) else {
                continue;
            };
            let Some(own) =
                OwnProcess::read(line.text()).filter(|_| OwnProcess::is_older(line.text()))
            else {
                continue;
            };
            if let Ok(new) = own.line() {
                let message = "credential_process uses the older spelling of credential-process";
                let error = Error::new(Kind::Config, message).at(line.snippet());
                let error = error.hint(format!("write: credential_process = {new}"));
                self.push(Severity::Warning, Rule::Line, error);
            }
        }
    }

    /// The lines of both files of `~/.aws`.
    pub(crate) fn lines(&mut self) {
        let files = match self.app.aws_files() {
            Ok(files) => files,
            Err(error) => return self.once(Severity::Error, Rule::File, error),
        };
        for problem in files.problems() {
            // The value cannot be used, and the line is shown already.
            let at = problem.snippet();
            if problem.kind() == ProblemKind::CommentInValue && self.shown.contains(&self.line(at))
            {
                continue;
            }
            // One that the AWS CLI refuses costs every other tool the file.
            let costs = problem.hides_something()
                || problem.refused_by_aws_cli()
                || problem.ends_aws_cli_calls();
            let severity = match costs {
                true => Severity::Error,
                false => Severity::Warning,
            };
            let error = said(&problem.to_warning());
            let error = match problem.refused_by_aws_cli() {
                true => error.because("because of it, the AWS CLI refuses the whole file"),
                false => error,
            };
            let error = match problem.kind() {
                ProblemKind::OutsideSection => error.because("so does the AWS SDK for Java"),
                _ => error,
            };
            self.push(severity, Rule::Line, error);
        }
        self.older_spellings(files);
        differences(files, &mut |found| {
            self.push(Severity::Warning, Rule::Line, said(&found.warning));
            self.advice += usize::from(found.is_advice);
        });
        self.tokens_in_clear();
        let paths = [
            &self.app.places.aws_config,
            &self.app.places.aws_credentials,
        ];
        for (file, path) in [&files.config, &files.credentials].into_iter().zip(paths) {
            let more = file.as_ref().map_or(0, AwsFile::more_problems);
            if let (Some(file), 1..) = (file, more) {
                let message = format!("{more} more lines of {} are wrong", file.path());
                let error = Error::new(Kind::Config, message);
                let error = error.hint("correct those that are shown first");
                self.add(Severity::Error, Rule::Line, path, error);
            }
        }
        if files.files().next().is_none() {
            let places = &self.app.places;
            let error = Error::new(
                Kind::Config,
                format!(
                    "there is neither {} nor {}",
                    places.show(&places.aws_credentials),
                    places.show(&places.aws_config)
                ),
            );
            let error = error.hint("create them: aws configure --profile NAME");
            self.add(Severity::Error, Rule::File, &places.aws_credentials, error);
        }
    }
}
