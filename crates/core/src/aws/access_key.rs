//! A user's access key, as the console, the AWS CLI and people write it down.

use secrecy::SecretString;
use zeroize::Zeroizing;

use super::credentials::is_sendable;
use super::ids::Invalid;

/// A user's access key.
#[derive(Debug)]
pub struct AccessKey {
    /// The access key ID.
    pub id: String,
    /// The secret key.
    pub secret: SecretString,
}

/// The names of the two columns in the console's file.
const COLUMNS: [&str; 2] = ["access key id", "secret access key"];

impl AccessKey {
    /// Both halves, if they are those of a user's key.
    ///
    /// # Errors
    /// They are not, and why. The secret is not shown.
    pub fn new(id: &str, secret: &str) -> Result<Self, Invalid> {
        check_id(id)?;
        check_secret(secret)?;
        Ok(Self {
            id: id.to_owned(),
            secret: secret.into(),
        })
    }

    /// The key in `text`: the file that the console offers (`Access key
    /// ID,Secret access key`, with or without other columns), or the two halves
    /// with a blank, a comma or a line's end between them.
    ///
    /// # Errors
    /// There is none, or more than one. Nothing of the text is shown.
    pub fn read(text: &str) -> Result<Self, Invalid> {
        let text = text.trim_start_matches('\u{feff}').trim();
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let first = lines.next().unwrap_or_default();
        let titles = fields(first);
        let column = |name: &str| {
            let is = |title: &Zeroizing<String>| title.eq_ignore_ascii_case(name);
            titles.iter().position(is)
        };
        if let [Some(id), Some(secret)] = COLUMNS.map(column) {
            let row = lines.next().unwrap_or_default();
            if lines.next().is_some() {
                return Err(Invalid("it has more than one key".to_owned()));
            }
            let row = fields(row);
            let field = |at: usize| row.get(at).map_or("", |field| field.as_str());
            return Self::new(field(id), field(secret));
        }
        let separates = |c: char| c == ',' || c.is_whitespace();
        let mut words = text.split(separates).filter(|word| !word.is_empty());
        match (words.next(), words.next(), words.next()) {
            (Some(id), Some(secret), None) => Self::new(id, secret),
            _ => Err(Invalid(
                "it is neither the console's CSV file nor an access key ID and a secret key"
                    .to_owned(),
            )),
        }
    }
}

/// Whether `id` is the ID of a key that does not end.
///
/// # Errors
/// It is not, and why.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids>
pub fn check_id(id: &str) -> Result<(), Invalid> {
    let is_id = |id: &str| {
        (16..=128).contains(&id.len())
            && id
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    };
    if !is_id(id) {
        return Err(Invalid(
            "an access key ID has 16 or more capital letters and digits, such as AKIAIOSFODNN7EXAMPLE"
                .to_owned(),
        ));
    }
    match id.starts_with("ASIA") {
        true => Err(Invalid(
            "it is a temporary key, which ends by itself and is not stored".to_owned(),
        )),
        false => Ok(()),
    }
}

/// Whether `secret` can be a secret key.
///
/// # Errors
/// It cannot.
pub fn check_secret(secret: &str) -> Result<(), Invalid> {
    match is_sendable(secret) && (16..=128).contains(&secret.len()) {
        true => Ok(()),
        false => Err(Invalid(
            "it is not a secret key: those of AWS have 40 characters without blanks".to_owned(),
        )),
    }
}

/// The fields of a line of CSV (RFC 4180, without line ends in fields).
fn fields(line: &str) -> Vec<Zeroizing<String>> {
    let mut fields = Vec::new();
    let mut field = Zeroizing::new(String::with_capacity(line.len()));
    let (mut quoted, mut chars) = (false, line.chars().peekable());
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                field.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => {
                let next = Zeroizing::new(String::with_capacity(line.len()));
                fields.push(std::mem::replace(&mut field, next));
            }
            _ => field.push(c),
        }
    }
    fields.push(field);
    for field in &mut fields {
        let trimmed = Zeroizing::new(field.trim().to_owned());
        *field = trimmed;
    }
    fields
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    const ID: &str = "AKIAIOSFODNN7EXAMPLE";
    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    #[test]
    fn every_usual_form_is_read() {
        for text in [
            format!("\u{feff}Access key ID,Secret access key\r\n{ID},{SECRET}\r\n"),
            format!(
                "User name,Password,Access key ID,Secret access key,Console login link\njdoe,,{ID},{SECRET},https://x\n"
            ),
            format!("\"Access key ID\",\"Secret access key\"\n\"{ID}\",\"{SECRET}\"\n"),
            format!("{ID} {SECRET}"),
            format!("{ID}\n{SECRET}\n"),
            format!("{ID},{SECRET}\n"),
        ] {
            let key = AccessKey::read(&text).unwrap();
            assert_eq!(key.id, ID, "{text}");
            assert_eq!(key.secret.expose_secret(), SECRET);
            assert!(!format!("{key:?}").contains(SECRET));
        }
    }

    #[test]
    fn everything_else_is_refused_and_not_shown() {
        for text in [
            String::new(),
            ID.to_owned(),
            format!("{SECRET} {ID}"),
            format!("{ID} {SECRET} more"),
            format!("ASIAIOSFODNN7EXAMPLE {SECRET}"),
            format!("{ID} short"),
            format!("Access key ID,Secret access key\n{ID}\n"),
            format!("Access key ID,Secret access key\n{ID},{SECRET}\n{ID},{SECRET}\n"),
        ] {
            let error = AccessKey::read(&text).unwrap_err();
            assert!(!error.to_string().contains(SECRET), "{text}");
        }
    }
}
