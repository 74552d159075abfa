//! What `import` tells: printed while it is made, for there may be a hundred
//! thousand roles.

use std::borrow::Cow;
use std::fmt::Write as _;

use assumerole_core::aws_config::import::{self, Foreign, Meaning};
use assumerole_core::aws_config::{AwsFiles, ProblemKind, SdkDifference, differences};
use assumerole_core::config::Config;
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::{Error, Result};

use super::{Args, ImportSummary, ReportLines};
use crate::app::App;

fn explained(found: &Foreign) -> String {
    let Foreign {
        profile: _,
        key,
        tool,
        place,
        meaning,
    } = found;
    let meaning = match meaning {
        Meaning::Imported => "an entry has a key of the same meaning".to_owned(),
        Meaning::TakenOver => "what it takes over stands in the entry".to_owned(),
        Meaning::Instead(other) => format!("only {tool} reads it; here {other} does the same"),
        Meaning::Copy => {
            "temporary credentials; remove the profile when nothing uses it".to_owned()
        }
        Meaning::Nothing => "has no meaning here".to_owned(),
    };
    format!("{place}: {key}, of {tool}: {meaning}")
}

/// The report, printed while it is made.
pub(super) struct ImportReport<'a, 'h> {
    app: &'a App<'h>,
    /// That of a part that has no line yet.
    heading: Option<&'static str>,
    /// Whether there was a part before.
    any: bool,
    text: ReportLines,
    failed: Option<Error>,
}

impl<'a, 'h> ImportReport<'a, 'h> {
    /// Bytes that are written at once.
    const PART: usize = 64 * 1024;

    pub(super) fn new(app: &'a App<'h>) -> Self {
        Self {
            app,
            heading: None,
            any: false,
            text: ReportLines::default(),
            failed: None,
        }
    }

    /// Prints what was `found` of the profiles `names`. The file was as `there` and
    /// is as `after`.
    ///
    /// # Errors
    /// stdout cannot be written to.
    pub(super) fn all(
        mut self,
        args: &Args,
        names: &[Cow<'_, str>],
        found: ImportSummary,
        (there, after): (&Config, Config),
    ) -> Result<()> {
        let files = self.app.aws_files()?;
        let all = args.profiles.is_empty();
        let chosen = |profile: &str| all || names.iter().any(|name| name == profile);
        let nothing = found.written.is_empty() && found.wrong.is_empty() && found.there.is_empty();

        self.part(match args.dry_run {
            true => "Would be written:",
            false => "Written:",
        });
        for number in found.written {
            let Some(name) = names.get(number) else {
                continue;
            };
            self.add(&match (args.dry_run, after.place_of_role(name)?) {
                (false, Some(place)) => format!("{name}, at {}", place.place()),
                _ => match import::entry(files, name) {
                    Ok(role) => role.beside(there).to_string(),
                    Err(why) => why,
                },
            });
            for reason in import::reasons(files, name) {
                self.add(&format!("  for {reason}"));
            }
        }
        self.lines("In ~/.assumerole already:", &found.there);
        self.lines(
            match nothing {
                true => "Nothing has to be imported. These roles are used where they are:",
                false => "Used where they are:",
            },
            &found.working,
        );
        self.lines("Cannot be used:", &found.wrong);
        self.part("Of other tools:");
        import::foreign(files, &mut |found| {
            if chosen(&found.profile) {
                self.add(&explained(&found));
            }
        });
        if !self.any {
            self.text
                .0
                .push_str("There is nothing to import: no profile of ~/.aws/config is a role.\n");
            self.any = true;
        }
        self.read_in_two_ways(files, all, &chosen);
        self.print();
        self.failed.map_or(Ok(()), Err)
    }

    /// What SDKs read in different ways of the profiles that are `chosen`, and, where
    /// those are `all`, of the lines that are of no profile.
    fn read_in_two_ways(&mut self, files: &AwsFiles, all: bool, chosen: &dyn Fn(&str) -> bool) {
        self.part("Read in different ways:");
        let problems = files
            .problems()
            .filter(|problem| all && problem.kind() == ProblemKind::OutsideSection);
        for problem in problems {
            let place = problem.snippet().place();
            self.add(&format!("{place}: the AWS CLI and the AWS SDK for Java refuse the file for a line above the first [section]"));
        }
        differences(files, &mut |SdkDifference {
                                     profile, warning, ..
                                 }| {
            if chosen(&profile) {
                let place = warning.at.map(|at| format!("{}: ", at.place()));
                let place = place.unwrap_or_default();
                self.add(&one_line(&format!("{place}{}", warning.message)));
            }
        });
    }

    fn part(&mut self, heading: &'static str) {
        self.heading = Some(heading);
    }

    fn begin(&mut self) {
        if let Some(heading) = self.heading.take() {
            let between = if self.any { "\n" } else { "" };
            let _ = writeln!(self.text.0, "{between}{heading}");
            self.any = true;
        }
    }

    fn lines(&mut self, heading: &'static str, lines: &ReportLines) {
        if !lines.is_empty() {
            self.part(heading);
            self.begin();
            self.print();
            self.write(&lines.0);
        }
    }

    fn add(&mut self, text: &str) {
        self.begin();
        self.text.add(text);
        if self.text.0.len() > Self::PART {
            self.print();
        }
    }

    fn print(&mut self) {
        let text = std::mem::take(&mut self.text.0);
        self.write(&text);
    }

    fn write(&mut self, text: &str) {
        if self.failed.is_none() {
            self.failed = self.app.data(text).err();
        }
    }
}
