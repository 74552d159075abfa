//! Questions to a person at the controlling terminal, each asked until the
//! answer is good.

use std::io::Write as _;

use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::tty::{AskError, Tty};
use secrecy::ExposeSecret;

/// More are not listed; they can be typed.
const MOST_LISTED: usize = 30;

/// Somebody to ask.
pub(crate) struct Questions {
    tty: Tty,
}

impl Questions {
    /// Asks at `tty`, which is taken until this is dropped: what this process
    /// `does` there is told to others that have a question.
    ///
    /// # Errors
    /// Another process has it, and does not let go.
    pub(crate) fn new(tty: Tty, does: &str) -> Result<Self> {
        tty.begin_turn(does)?;
        Ok(Self { tty })
    }

    /// Tells something.
    ///
    /// # Errors
    /// The terminal is gone.
    pub(crate) fn say(&mut self, text: &str) -> Result<()> {
        let lines: String = text
            .lines()
            .map(|line| format!("{}\n", one_line(line)))
            .collect();
        self.tty
            .write_all(lines.as_bytes())
            .map_err(|error| AskError::from(error).into())
    }

    /// Asks `question`; `read` makes a value of the answer, or says why not.
    ///
    /// # Errors
    /// There is no answer.
    pub(crate) fn ask<T>(
        &mut self,
        question: &str,
        mut read: impl FnMut(&str) -> Result<T, String>,
    ) -> Result<T> {
        loop {
            let answer = self.line(question)?;
            match read(answer.trim()) {
                Ok(value) => return Ok(value),
                Err(why) => self.say(&format!("  {why}"))?,
            }
        }
    }

    /// Lists `choices` and asks for one of them, by its number or by its name,
    /// which need not be in the list if `read` takes it.
    ///
    /// # Errors
    /// There is no answer.
    pub(crate) fn choose<T>(
        &mut self,
        heading: &str,
        choices: &[String],
        question: &str,
        mut read: impl FnMut(&str) -> Result<T, String>,
    ) -> Result<T> {
        let width = choices.len().min(MOST_LISTED).to_string().len();
        let listed = choices.iter().take(MOST_LISTED).zip(1..);
        let mut text = format!("{heading}\n");
        for (choice, number) in listed {
            text.push_str(&format!("  {number:>width$}  {}\n", one_line(choice)));
        }
        if choices.len() > MOST_LISTED {
            let more = choices.len() - MOST_LISTED;
            text.push_str(&format!("  {:>width$}  and {more} more\n", ""));
        }
        self.say(&text)?;
        self.ask(question, |answer| {
            let number = answer.parse::<usize>().ok();
            let listed = number.filter(|number| *number <= MOST_LISTED);
            let chosen = listed.and_then(|number| choices.get(number.checked_sub(1)?));
            read(chosen.map_or(answer, String::as_str)).map_err(|why| match number {
                Some(number) if chosen.is_none() => format!("there is no {number} in this list"),
                _ => why,
            })
        })
    }

    /// Asks for yes or no; Enter alone is `usual`.
    ///
    /// # Errors
    /// There is no answer.
    pub(crate) fn yes(&mut self, question: &str, usual: bool) -> Result<bool> {
        let letters = if usual { "[Y/n]" } else { "[y/N]" };
        self.ask(&format!("{question} {letters} "), |answer| {
            match answer.to_ascii_lowercase().as_str() {
                "" => Ok(usual),
                "y" | "yes" => Ok(true),
                "n" | "no" => Ok(false),
                _ => Err("y or n, please.".to_owned()),
            }
        })
    }

    fn line(&mut self, question: &str) -> Result<String> {
        let answer = self.tty.prompt_line(question).map_err(|error| {
            let error = Error::from(error);
            match error.kind() {
                kind @ (Kind::Interrupted | Kind::Cancelled) => {
                    Error::new(kind, format!("{}, nothing was written", error.message()))
                }
                _ => error,
            }
        })?;
        Ok(answer.expose_secret().to_owned())
    }
}
