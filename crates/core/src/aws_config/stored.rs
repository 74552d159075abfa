//! A key pair leaves a file of `~/.aws`, and a `credential_process` or a
//! `login_session` takes its place. Every other byte stays as it is.

use std::ops::Range;

use secrecy::zeroize::Zeroizing;

use super::{AwsFile, Property, Section, SectionName};

/// The two halves of a key.
const PAIR: [&str; 2] = ["aws_access_key_id", "aws_secret_access_key"];

/// What stands beside the pair of a key that ends.
const TOKENS: [&str; 2] = ["aws_session_token", "aws_security_token"];

impl AwsFile {
    /// The file with `credential_process = command` in place of the key pair of
    /// profile `name`, in all of its sections; `None` if it has none. Of several
    /// lines the first is replaced and the others go.
    pub fn with_process(&self, name: &str, command: &str) -> Option<Zeroizing<Vec<u8>>> {
        let bytes = self.as_bytes();
        let mut out = Zeroizing::new(Vec::with_capacity(bytes.len() + command.len() + 64));
        let (mut at, mut written) = (0, false);
        for property in self.pair_of(name) {
            let lines = property.span();
            out.extend_from_slice(&bytes[at..lines.start]);
            at = lines.end;
            if !std::mem::replace(&mut written, true) {
                out.extend_from_slice(format!("credential_process = {command}").as_bytes());
                out.extend_from_slice(line_end(&bytes[lines]));
            }
        }
        out.extend_from_slice(&bytes[at..]);
        written.then_some(out)
    }

    /// The file without the key pair and the token of profile `name`; `None` if it
    /// has none.
    pub fn without_keys(&self, name: &str) -> Option<Zeroizing<Vec<u8>>> {
        let bytes = self.as_bytes();
        let mut out = Zeroizing::new(Vec::with_capacity(bytes.len()));
        let mut at = 0;
        for property in self.properties_of(name, &[PAIR, TOKENS].concat()) {
            let lines = property.span();
            out.extend_from_slice(&bytes[at..lines.start]);
            at = lines.end;
        }
        out.extend_from_slice(&bytes[at..]);
        (at > 0).then_some(out)
    }

    /// The config file with `login_session = session` in profile `name`: in place of
    /// the line that it has, else as its first line; with the profile, if the file
    /// has none.
    pub fn with_login(&self, name: &str, session: &str) -> Vec<u8> {
        let bytes = self.as_bytes();
        let line = format!("login_session = {session}");
        let (before, new, after) = match self.place_of_login(name) {
            Some((span, end)) => {
                let header = match span.is_empty() && !bytes[..span.start].ends_with(end) {
                    // The header is the last line, and has no end.
                    true => "\n",
                    false => "",
                };
                let end = String::from_utf8_lossy(end);
                (
                    &bytes[..span.start],
                    format!("{header}{line}{end}"),
                    &bytes[span.end..],
                )
            }
            None => {
                let blank = match bytes {
                    [] => "",
                    [.., b'\n'] => "\n",
                    _ => "\n\n",
                };
                let header = match name {
                    "default" => "default".to_owned(),
                    name => format!("profile {name}"),
                };
                (bytes, format!("{blank}[{header}]\n{line}\n"), &[][..])
            }
        };
        [before, new.as_bytes(), after].concat()
    }

    /// Where `login_session` stands in profile `name`, or where it shall stand, and how
    /// the line ends.
    fn place_of_login(&self, name: &str) -> Option<(Range<usize>, &[u8])> {
        let bytes = self.as_bytes();
        let ended = |lines: &Range<usize>| match line_end(&bytes[lines.clone()]) {
            [] => &b"\n"[..],
            end => end,
        };
        if let Some(there) = self.properties_of(name, &["login_session"]).first() {
            let lines = there.span();
            return Some((lines.clone(), ended(&lines)));
        }
        let section = self.sections_of(name).next()?;
        let from = section.header_span().end;
        let to = bytes[from..].iter().position(|byte| *byte == b'\n');
        let to = to.map_or(bytes.len(), |at| from + at + 1);
        Some((to..to, ended(&(from..to))))
    }

    /// The file with another key pair wherever the key `old` stands; `None` if it
    /// stands nowhere.
    pub fn with_keys(&self, old: &str, id: &str, secret: &str) -> Option<Zeroizing<Vec<u8>>> {
        let has_old = |section: &Section<'_>| {
            let property = section.get(PAIR[0]);
            let value = property.and_then(|property| property.value());
            value.is_some_and(|value| value.text() == old)
        };
        let mut names = Vec::new();
        for section in self.sections().filter(has_old) {
            if let SectionName::Profile(name) = section.name()
                && !names.contains(&name)
            {
                names.push(name);
            }
        }
        let properties = names.iter().flat_map(|name| self.pair_of(name));
        let mut changes: Vec<_> = properties
            .filter_map(|property| {
                let new = if property.is(PAIR[0]) { id } else { secret };
                Some((property.value()?.span(), new))
            })
            .collect();
        changes.sort_by_key(|(span, _)| span.start);
        let bytes = self.as_bytes();
        let mut out = Zeroizing::new(Vec::with_capacity(bytes.len() + 128));
        let mut at = 0;
        for (span, new) in &changes {
            out.extend_from_slice(&bytes[at..span.start]);
            out.extend_from_slice(new.as_bytes());
            at = span.end;
        }
        out.extend_from_slice(&bytes[at..]);
        (!changes.is_empty()).then_some(out)
    }

    /// The lines of the key pair of profile `name`.
    pub fn pair_of(&self, name: &str) -> Vec<Property<'_>> {
        self.properties_of(name, &PAIR)
    }

    fn sections_of(&self, name: &str) -> impl Iterator<Item = Section<'_>> {
        let is_named = move |section: &Section<'_>| matches!(section.name(), SectionName::Profile(of) if of == name);
        self.sections().filter(is_named)
    }

    fn properties_of(&self, name: &str, keys: &[&str]) -> Vec<Property<'_>> {
        let properties = self
            .sections_of(name)
            .flat_map(|section| section.properties());
        let is_wanted = |property: &Property<'_>| keys.iter().any(|key| property.is(key));
        properties.filter(is_wanted).collect()
    }
}

/// How the lines end; nothing where the file ends without one.
fn line_end(lines: &[u8]) -> &[u8] {
    let ends: [&[u8]; 3] = [b"\r\n", b"\n", b"\r"];
    let found = ends.into_iter().find(|end| lines.ends_with(end));
    found.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::FileKind;
    use super::*;

    fn with(text: &str) -> Option<String> {
        let file = AwsFile::parse(FileKind::Credentials, "c", text.to_owned());
        let bytes = file.with_process("base", "P")?;
        Some(String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[test]
    fn every_other_byte_stays() {
        for (before, after) in [
            (
                "[base]\naws_access_key_id = A\naws_secret_access_key = s\n",
                "[base]\ncredential_process = P\n",
            ),
            (
                "# mine\r\n[x]\r\naws_access_key_id=X\r\n[base]\r\n; old\r\naws_access_key_id=A\r\n\r\n# the secret\r\nAWS_SECRET_ACCESS_KEY = s\r\nregion = eu-west-1\r\n[y]\r\n",
                "# mine\r\n[x]\r\naws_access_key_id=X\r\n[base]\r\n; old\r\ncredential_process = P\r\n\r\n# the secret\r\nregion = eu-west-1\r\n[y]\r\n",
            ),
            (
                "[base]\naws_secret_access_key = s\nregion = r\naws_access_key_id = A",
                "[base]\ncredential_process = P\nregion = r\n",
            ),
            (
                "[base]\naws_access_key_id = A",
                "[base]\ncredential_process = P",
            ),
            // Sections of one name are taken together.
            (
                "[base]\naws_access_key_id = A\n[other]\nx = y\n[base]\naws_secret_access_key = s\noutput = json\n",
                "[base]\ncredential_process = P\n[other]\nx = y\n[base]\noutput = json\n",
            ),
        ] {
            assert_eq!(with(before).as_deref(), Some(after), "{before:?}");
        }
        assert_eq!(with("[other]\naws_access_key_id = A\n"), None);
    }

    #[test]
    fn another_pair_stands_wherever_the_old_one_stood() {
        let before = "# A\r\n[base]\r\naws_access_key_id=A\r\nregion = A\r\naws_secret_access_key = s \r\n[other]\naws_access_key_id = AB\naws_secret_access_key = s\n[default]\naws_secret_access_key = s\naws_access_key_id = A";
        let after = "# A\r\n[base]\r\naws_access_key_id=N\r\nregion = A\r\naws_secret_access_key = new \r\n[other]\naws_access_key_id = AB\naws_secret_access_key = s\n[default]\naws_secret_access_key = new\naws_access_key_id = N";
        let file = AwsFile::parse(FileKind::Credentials, "c", before.to_owned());
        let bytes = file.with_keys("A", "N", "new").unwrap();
        assert_eq!(String::from_utf8(bytes.to_vec()).unwrap(), after);
        assert!(file.with_keys("B", "N", "new").is_none());
    }

    #[test]
    fn a_login_stands_in_the_profile_alone() {
        let line = "login_session = L";
        for (before, after) in [
            ("", "[profile base]\nLINE\n"),
            ("[x]\n", "[x]\n\n[profile base]\nLINE\n"),
            ("[x]", "[x]\n\n[profile base]\nLINE\n"),
            ("[profile base]", "[profile base]\nLINE\n"),
            (
                "# a\r\n[profile base] # mine\r\nregion = r\r\n",
                "# a\r\n[profile base] # mine\r\nLINE\r\nregion = r\r\n",
            ),
            (
                "[profile base]\nregion = r\nlogin_session = old\n[y]\n",
                "[profile base]\nregion = r\nLINE\n[y]\n",
            ),
        ] {
            let file = AwsFile::parse(FileKind::Config, "c", before.to_owned());
            let bytes = file.with_login("base", "L");
            let after = after.replace("LINE", line);
            assert_eq!(String::from_utf8(bytes).unwrap(), after, "{before:?}");
        }
        let file = AwsFile::parse(FileKind::Config, "c", "[profile x]\n".to_owned());
        let bytes = file.with_login("default", "L");
        assert!(bytes.ends_with(b"\n[default]\nlogin_session = L\n"));
    }

    #[test]
    fn keys_go_with_their_token() {
        let before = "[base]\n# k\naws_access_key_id = A\nregion = r\naws_session_token = t\naws_secret_access_key = s\n[x]\naws_access_key_id = B\n";
        let file = AwsFile::parse(FileKind::Credentials, "c", before.to_owned());
        let bytes = file.without_keys("base").unwrap();
        assert_eq!(
            bytes.as_slice(),
            b"[base]\n# k\nregion = r\n[x]\naws_access_key_id = B\n"
        );
        assert!(file.without_keys("y").is_none());
    }

    #[test]
    fn bytes_that_are_no_text_stay() {
        let mut bytes = b"[base]\n# caf\xe9\naws_access_key_id = A\n".to_vec();
        bytes.extend_from_slice(b"aws_secret_access_key = s\n# \xff\n");
        let file = AwsFile::from_bytes(FileKind::Credentials, "c", bytes);
        let after = file.with_process("base", "P").unwrap();
        assert_eq!(
            after.as_slice(),
            b"[base]\n# caf\xe9\ncredential_process = P\n# \xff\n"
        );
    }
}
