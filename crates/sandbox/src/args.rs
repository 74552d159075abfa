//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use jiff::SignedDuration;

/// What `--help` prints.
pub(crate) const HELP: &str = "\
A private AWS on loopback, as strict as AWS. Runs until interrupted.

Usage: aws-sandbox [OPTIONS]
       aws-sandbox code SECRET     print the MFA code that SECRET (base32) gives now
       aws-sandbox [--world FILE] token PROVIDER SUBJECT
                                   print an ID token of the OIDC provider with that
                                   ARN for SUBJECT, good for an hour

Options:
  --world FILE          users, keys, MFA devices and roles (JSON); without it a sample
  --print-world         print that JSON and end
  --port N              port on 127.0.0.1 [default: any that is free]
  --tls                 speak TLS with a certificate authority made for this run
  --ca-file FILE        write that authority's certificate to FILE (implies --tls)
  --clock-offset SECS   run ahead of the machine's clock, or behind it (negative)
  --latency MS          keep every answer back for so long
  --json                print a line of JSON (endpoint, port, ca_pem) at the start
  --log                 print a line on stderr for each request
  -h, --help            print this
  -V, --version         print the version

At the start it prints `endpoint http://127.0.0.1:PORT`. Point a client at it:
  AWS_ENDPOINT_URL_STS=http://127.0.0.1:PORT aws sts get-caller-identity
";

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Serve,
    PrintWorld,
    Code(String),
    Token { provider: String, subject: String },
    Help,
    Version,
}

/// The command line, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Args {
    pub(crate) command: Command,
    pub(crate) world: Option<PathBuf>,
    pub(crate) port: u16,
    pub(crate) tls: bool,
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) clock_offset: SignedDuration,
    pub(crate) latency: Duration,
    pub(crate) json: bool,
    pub(crate) log: bool,
}

impl Args {
    /// # Errors
    /// One sentence about the first word that makes no sense.
    pub(crate) fn parse(words: impl Iterator<Item = OsString>) -> Result<Self, String> {
        let mut args = Self {
            command: Command::Serve,
            world: None,
            port: 0,
            tls: false,
            ca_file: None,
            clock_offset: SignedDuration::ZERO,
            latency: Duration::ZERO,
            json: false,
            log: false,
        };
        let mut words = words;
        while let Some(word) = words.next() {
            let text = word.to_string_lossy().into_owned();
            // Both `--port 80` and `--port=80`.
            let (name, joined) = match text.split_once('=') {
                Some((name, value)) if name.starts_with("--") => {
                    (name.to_owned(), Some(OsString::from(value)))
                }
                _ => (text, None),
            };
            let flag = joined.is_none();
            let mut value = || {
                joined
                    .clone()
                    .or_else(|| words.next())
                    .ok_or_else(|| format!("{name} needs a value"))
            };
            match name.as_str() {
                "--world" => args.world = Some(value()?.into()),
                "--port" => args.port = number(&name, &value()?)?,
                "--ca-file" => args.ca_file = Some(value()?.into()),
                "--clock-offset" => {
                    args.clock_offset = SignedDuration::from_secs(number(&name, &value()?)?);
                }
                "--latency" => args.latency = Duration::from_millis(number(&name, &value()?)?),
                "--tls" if flag => args.tls = true,
                "--json" if flag => args.json = true,
                "--log" if flag => args.log = true,
                "--print-world" if flag => args.command = Command::PrintWorld,
                "-h" | "--help" if flag => args.command = Command::Help,
                "-V" | "--version" if flag => args.command = Command::Version,
                "code" if args.command == Command::Serve => {
                    let secret = words.next().ok_or("code needs the secret of a device")?;
                    args.command = Command::Code(secret.to_string_lossy().into_owned());
                }
                "token" if args.command == Command::Serve => {
                    let mut next = || words.next().map(|word| word.to_string_lossy().into_owned());
                    let (Some(provider), Some(subject)) = (next(), next()) else {
                        return Err("token needs the ARN of a provider and a subject".to_owned());
                    };
                    args.command = Command::Token { provider, subject };
                }
                _ => return Err(format!("{name:?} is not an option of it")),
            }
        }
        Ok(args)
    }
}

fn number<N: std::str::FromStr>(name: &str, value: &OsString) -> Result<N, String> {
    let text = value.to_string_lossy();
    text.parse()
        .map_err(|_| format!("{name} {text:?} is not a number that it can be"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Args, String> {
        Args::parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn options_are_understood() {
        let args = parse("--port=80 --world w.json --clock-offset -90 --latency 5 --log").unwrap();
        assert_eq!((args.port, args.log, args.tls), (80, true, false));
        assert_eq!(args.world, Some("w.json".into()));
        assert_eq!(args.clock_offset, SignedDuration::from_secs(-90));
        assert_eq!(args.latency, Duration::from_millis(5));
        assert_eq!(
            parse("code ABC").unwrap().command,
            Command::Code("ABC".into())
        );
        assert_eq!(parse("-h").unwrap().command, Command::Help);
        assert_eq!(parse("--print-world").unwrap().command, Command::PrintWorld);
    }

    #[test]
    fn nonsense_is_refused_by_name() {
        for (line, about) in [
            ("--prot 1", "--prot"),
            ("--port", "needs a value"),
            ("--port 70000", "70000"),
            ("--latency -1", "-1"),
            ("--tls=yes", "--tls"),
            ("code", "secret"),
            ("token arn", "subject"),
            ("extra", "extra"),
        ] {
            let said = parse(line).unwrap_err();
            assert!(said.contains(about), "{line}: {said}");
        }
    }
}
