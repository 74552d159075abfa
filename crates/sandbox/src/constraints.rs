//! The constraints of AWS's models on parameters, and how AWS says which of
//! them a value breaks: all that are broken in one message.

use crate::refusal::Refusal;

/// A pattern as AWS prints it, and which characters it lets pass.
#[derive(Clone, Copy)]
pub(crate) struct Pattern(pub(crate) &'static str, pub(crate) fn(char) -> bool);

/// `[\w+=,.@-]*`: names of sessions, source identities.
pub(crate) const NAME: Pattern = Pattern(r"[\w+=,.@-]*", |c| word(c) || "+=,.@-".contains(c));
/// `[\w+=,.@-]+`: names of users.
pub(crate) const NAME_SOME: Pattern = Pattern(r"[\w+=,.@-]+", NAME.1);
/// `[\u0020-\u00FF]+`: where a list goes on.
pub(crate) const MARKER: Pattern =
    Pattern(r"[\u0020-\u00FF]+", |c| matches!(c, '\u{20}'..='\u{ff}'));
/// `[\w+=,.@:\/-]*`: external IDs.
pub(crate) const EXTERNAL_ID: Pattern =
    Pattern(r"[\w+=,.@:\/-]*", |c| word(c) || "+=,.@:/-".contains(c));
/// `[\w+=/:,.@-]*`: serial numbers of MFA devices.
pub(crate) const SERIAL: Pattern = Pattern(r"[\w+=/:,.@-]*", |c| word(c) || "+=/:,.@-".contains(c));
/// `[\d]*`: MFA codes.
pub(crate) const DIGITS: Pattern = Pattern(r"[\d]*", |c| c.is_ascii_digit());
/// ARNs: any text.
pub(crate) const ARN: Pattern = Pattern(
    r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+",
    |c| matches!(c, '\t' | '\n' | '\r' | '\u{85}') || !c.is_control(),
);
/// Policies: Latin-1 text.
pub(crate) const POLICY: Pattern = Pattern(r"[\u0009\u000A\u000D\u0020-\u00FF]+", |c| {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{ff}')
});
/// Any text: where AWS's model has no pattern.
pub(crate) const ANY: Pattern = Pattern(".*", |_| true);
/// The text of tags.
pub(crate) const TAG: Pattern = Pattern(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*", |c| {
    let space = c.is_whitespace() && !c.is_control();
    c.is_alphanumeric() || space || "_.:/=+-@".contains(c)
});

fn word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// What is wrong with the parameters of one request.
#[derive(Debug, Default)]
pub(crate) struct Constraints(Vec<String>);

impl Constraints {
    fn fail(&mut self, value: Option<&str>, name: &str, constraint: &str) {
        let value = value.map_or_else(|| "null".to_owned(), |value| format!("'{value}'"));
        self.0.push(format!(
            "Value {value} at '{name}' failed to satisfy constraint: Member must {constraint}"
        ));
    }

    /// A text that may be missing. Lengths are in characters.
    pub(crate) fn text(
        &mut self,
        name: &str,
        value: Option<&str>,
        (least, most): (usize, usize),
        pattern: Pattern,
    ) {
        let Some(text) = value else { return };
        // A `+` at the end of a pattern wants one character at least.
        if !text.chars().all(pattern.1) || (text.is_empty() && pattern.0.ends_with('+')) {
            let wanted = format!("satisfy regular expression pattern: {}", pattern.0);
            self.fail(value, name, &wanted);
        }
        self.length(name, text, text, (least, most));
    }

    fn length(&mut self, name: &str, text: &str, shown: &str, (least, most): (usize, usize)) {
        let length = text.chars().count();
        if length > most {
            let wanted = format!("have length less than or equal to {most}");
            self.fail(Some(shown), name, &wanted);
        }
        if length < least {
            let wanted = format!("have length greater than or equal to {least}");
            self.fail(Some(shown), name, &wanted);
        }
    }

    /// A text that must be there and be of a shape, written as `pattern`.
    pub(crate) fn shape(
        &mut self,
        name: &str,
        value: Option<&str>,
        lengths: (usize, usize),
        pattern: &str,
        fits: impl Fn(&str) -> bool,
    ) {
        self.required(name, value, lengths, ANY);
        if value.is_some_and(|text| !fits(text)) {
            let wanted = format!("satisfy regular expression pattern: {pattern}");
            self.fail(value, name, &wanted);
        }
    }

    /// A text that must be one of these.
    pub(crate) fn one_of(&mut self, name: &str, value: Option<&str>, these: &[&str]) {
        if value.is_none_or(|text| !these.contains(&text)) {
            let wanted = format!("satisfy enum value set: [{}]", these.join(", "));
            self.fail(value, name, &wanted);
        }
    }

    /// A text that must be there.
    pub(crate) fn required(
        &mut self,
        name: &str,
        value: Option<&str>,
        lengths: (usize, usize),
        pattern: Pattern,
    ) {
        if value.is_none() {
            self.fail(None, name, "not be null");
        }
        self.text(name, value, lengths, pattern);
    }

    /// A secret that must be there: what it is, is not repeated.
    pub(crate) fn required_secret(
        &mut self,
        name: &str,
        value: Option<&str>,
        lengths: (usize, usize),
    ) {
        match value {
            None => self.fail(None, name, "not be null"),
            Some(text) => self.length(name, text, "(secret)", lengths),
        }
    }

    /// How many members a list has.
    pub(crate) fn list(&mut self, name: &str, members: &[String], most: usize) {
        if members.len() > most {
            let wanted = format!("have length less than or equal to {most}");
            self.fail(Some(&format!("[{}]", members.join(", "))), name, &wanted);
        }
    }

    /// A number within bounds, or `default` if none was given.
    ///
    /// # Errors
    /// It is not a number.
    pub(crate) fn number(
        &mut self,
        name: &str,
        value: Option<&str>,
        (least, most): (i64, i64),
        default: i64,
    ) -> Result<i64, Refusal> {
        let Some(text) = value else {
            return Ok(default);
        };
        let number: i64 = text.parse().map_err(|_| {
            let text = format!("Invalid value '{text}' at '{name}': an integer is expected");
            Refusal::new(400, "MalformedInput", text)
        })?;
        if number > most {
            let wanted = format!("have value less than or equal to {most}");
            self.fail(value, name, &wanted);
        }
        if number < least {
            let wanted = format!("have value greater than or equal to {least}");
            self.fail(value, name, &wanted);
        }
        Ok(number)
    }

    /// # Errors
    /// `ValidationError`, if anything was wrong.
    pub(crate) fn check(self) -> Result<(), Refusal> {
        let errors = match self.0.len() {
            0 => return Ok(()),
            1 => "1 validation error".to_owned(),
            more => format!("{more} validation errors"),
        };
        Err(Refusal::validation(format!(
            "{errors} detected: {}",
            self.0.join("; ")
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(fill: impl FnOnce(&mut Constraints)) -> String {
        let mut constraints = Constraints::default();
        fill(&mut constraints);
        constraints
            .check()
            .map_or_else(|no| no.message, |()| String::new())
    }

    #[test]
    fn broken_constraints_are_told_in_the_words_of_aws() {
        assert_eq!(
            said(|c| c.required("roleSessionName", Some("PowerUser/hjacobs"), (2, 64), NAME)),
            "1 validation error detected: Value 'PowerUser/hjacobs' at 'roleSessionName' failed \
             to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*"
        );
        assert_eq!(
            said(|c| {
                let _ = c.number("durationSeconds", Some("43201"), (900, 43_200), 3600);
            }),
            "1 validation error detected: Value '43201' at 'durationSeconds' failed to satisfy \
             constraint: Member must have value less than or equal to 43200"
        );
        assert_eq!(
            said(|c| c.required("roleArn", Some(""), (20, 2048), ARN)),
            "2 validation errors detected: Value '' at 'roleArn' failed to satisfy constraint: \
             Member must satisfy regular expression pattern: \
             [\\u0009\\u000A\\u000D\\u0020-\\u007E\\u0085\\u00A0-\\uD7FF\\uE000-\\uFFFD\\u10000-\\u10FFFF]+; \
             Value '' at 'roleArn' failed to satisfy constraint: \
             Member must have length greater than or equal to 20"
        );
        assert_eq!(
            said(|c| c.required("roleArn", None, (20, 2048), ARN)),
            "1 validation error detected: Value null at 'roleArn' failed to satisfy constraint: \
             Member must not be null"
        );
        assert_eq!(said(|c| c.text("externalId", None, (2, 9), NAME)), "");
        assert_eq!(said(|c| c.text("x", Some("abc"), (2, 3), NAME)), "");
        assert!(said(|c| c.text("x", Some("abcd"), (2, 3), NAME)).ends_with("equal to 3"));
        assert!(said(|c| c.text("x", Some("\u{1b}"), (1, 9), ARN)).contains("pattern"));
        assert!(said(|c| c.list("tags", &["a".into(), "b".into()], 1)).contains("'[a, b]'"));
        let wrong = Constraints::default().number("n", Some("1e3"), (0, 9), 1);
        assert_eq!(wrong.unwrap_err().code, "MalformedInput");
    }
}
