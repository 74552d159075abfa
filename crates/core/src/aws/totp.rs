//! The secret of a virtual MFA device, and its codes (RFC 6238): as AWS, people
//! and QR codes write it down.
//!
//! <https://github.com/google/google-authenticator/wiki/Key-Uri-Format>

use std::fmt;

use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use totp_rs::{Algorithm, Builder, Secret};
use zeroize::Zeroizing;

use super::ids::Invalid;

/// Seconds for which a code is shown: that of every device that AWS takes.
const PERIOD: &str = "30";

/// How many digits its codes have.
const DIGITS: &str = "6";

/// A secret has so many bytes at least: that of RFC 4226 is 16, and many a
/// service gives 10.
const SHORTEST: usize = 10;

/// A text of so many characters that are all of base32 is taken for a secret.
const LIKE_ONE: usize = 16;

/// The hash of the codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TotpHash {
    /// That of AWS.
    #[serde(rename = "SHA1")]
    Sha1,
    /// SHA-256.
    #[serde(rename = "SHA256")]
    Sha256,
    /// SHA-512.
    #[serde(rename = "SHA512")]
    Sha512,
}

/// What a virtual MFA device makes its codes of.
#[derive(Debug)]
pub struct TotpSecret {
    /// The hash.
    pub hash: TotpHash,
    /// In base32: capital letters and digits.
    base32: SecretString,
}

impl TotpSecret {
    /// The secret that `base32` is: blanks, hyphens, padding and small letters
    /// are let pass.
    ///
    /// # Errors
    /// It is none, and why. Nothing of it is shown.
    pub fn new(hash: TotpHash, base32: &str) -> Result<Self, Invalid> {
        let plain = plain(base32);
        if !plain.bytes().all(is_base32) || plain.is_empty() {
            return Err(Invalid(
                "a secret has the letters A to Z and the digits 2 to 7 (base32)".to_owned(),
            ));
        }
        // Of 8 characters; with some numbers of others, bits are missing.
        let bytes = match plain.len() % 8 {
            0 | 2 | 4 | 5 | 7 => bytes(&plain),
            _ => None,
        };
        let bytes = bytes.ok_or_else(|| Invalid("a part of the secret is missing".to_owned()))?;
        if bytes.as_bytes().len() < SHORTEST {
            return Err(Invalid(
                "it is too short for a secret: those of AWS have 64 characters".to_owned(),
            ));
        }
        Ok(Self {
            hash,
            base32: plain.as_str().into(),
        })
    }

    /// The secret in `text`: in base32, or as the URL that a QR code has.
    ///
    /// # Errors
    /// There is none, or its codes are none that AWS takes. Nothing of it is
    /// shown but what is no secret.
    pub fn read(text: &str) -> Result<Self, Invalid> {
        let text = text.trim_start_matches('\u{feff}').trim();
        let Some((scheme, rest)) = text.split_once("://") else {
            return Self::new(TotpHash::Sha1, text);
        };
        match scheme.to_ascii_lowercase().as_str() {
            "otpauth" => Self::of_url(rest),
            "otpauth-migration" => Err(Invalid(
                "it is an export of Google Authenticator (otpauth-migration), which is not read: take the QR code or the secret that AWS showed for the device"
                    .to_owned(),
            )),
            _ => Err(Invalid(
                "it is a URL, and not the otpauth URL of an MFA device".to_owned(),
            )),
        }
    }

    /// `rest` is what stands behind `otpauth://`.
    fn of_url(rest: &str) -> Result<Self, Invalid> {
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let kind = path.split('/').next().unwrap_or_default();
        if kind.eq_ignore_ascii_case("hotp") {
            return Err(Invalid(
                "its codes are counted (HOTP), and those of AWS go by the time (TOTP)".to_owned(),
            ));
        }
        if !kind.eq_ignore_ascii_case("totp") {
            return Err(Invalid("its URL is not that of a TOTP device".to_owned()));
        }
        let mut found: [Option<Zeroizing<String>>; 4] = [const { None }; 4];
        for part in query.split('&') {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let known = ["secret", "algorithm", "digits", "period"];
            let Some(at) = known.iter().position(|one| name.eq_ignore_ascii_case(one)) else {
                continue;
            };
            if found[at].is_some() {
                return Err(Invalid(format!("its URL has two of {}", known[at])));
            }
            let value = Zeroizing::new(percent_decode_str(value).collect::<Vec<u8>>());
            let value = std::str::from_utf8(&value).unwrap_or_default().to_owned();
            found[at] = Some(Zeroizing::new(value));
        }
        let [secret, hash, digits, period] = &found;
        let secret = secret
            .as_ref()
            .ok_or_else(|| Invalid("its URL has no secret".to_owned()))?;
        let said = |value: &Option<Zeroizing<String>>, usual: &str| match value {
            Some(value) => shown(value),
            None => usual.to_owned(),
        };
        let digits = said(digits, DIGITS);
        if digits != DIGITS {
            return Err(Invalid(format!(
                "its codes have {digits} digits, and those of AWS have {DIGITS}"
            )));
        }
        let period = said(period, PERIOD);
        if period != PERIOD {
            return Err(Invalid(format!(
                "its codes last {period} seconds, and those of AWS last {PERIOD}"
            )));
        }
        let hash = said(hash, "SHA1");
        Self::new(TotpHash::of(&hash)?, secret)
    }

    /// In base32: capital letters and digits, without padding.
    pub fn base32(&self) -> &SecretString {
        &self.base32
    }

    /// The code at `now`; `None` before 1970.
    pub fn code_at(&self, now: Timestamp) -> Option<SecretString> {
        let seconds = u64::try_from(now.as_second()).ok()?;
        let device = Builder::new()
            .with_algorithm(match self.hash {
                TotpHash::Sha1 => Algorithm::SHA1,
                TotpHash::Sha256 => Algorithm::SHA256,
                TotpHash::Sha512 => Algorithm::SHA512,
            })
            .with_secret(bytes(self.base32.expose_secret())?)
            // Unchecked, because secrets may be shorter than RFC 4226 wants.
            .build_noncompliant();
        Some(device.generate(seconds).to_string().into())
    }
}

impl TotpHash {
    fn of(name: &str) -> Result<Self, Invalid> {
        match name.to_ascii_uppercase().replace('-', "").as_str() {
            "SHA1" => Ok(Self::Sha1),
            "SHA256" => Ok(Self::Sha256),
            "SHA512" => Ok(Self::Sha512),
            _ => Err(Invalid(format!(
                "its codes are made with {name}, which is none of SHA1, SHA256 and SHA512"
            ))),
        }
    }
}

impl fmt::Display for TotpHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha512 => "SHA512",
        })
    }
}

/// Whether one of `words` looks like the secret of a device, or some of them
/// together do: on a command line it is a mistake.
pub fn has_secret<'a>(words: impl IntoIterator<Item = &'a str>) -> bool {
    let mut together = 0;
    for word in words {
        if word.to_ascii_lowercase().contains("otpauth") {
            return true;
        }
        // That of an option, too.
        let value = word.split_once('=').map_or(word, |(_, value)| value);
        let value = if value.is_empty() { word } else { value };
        let plain = plain(value);
        together = match !plain.is_empty() && plain.bytes().all(is_base32) {
            true => together + plain.len(),
            false => 0,
        };
        if together >= LIKE_ONE {
            return true;
        }
    }
    false
}

/// `text` as a reader of base32 wants it.
fn plain(text: &str) -> Zeroizing<String> {
    let kept = text
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '='));
    Zeroizing::new(kept.map(|c| c.to_ascii_uppercase()).collect())
}

fn is_base32(byte: u8) -> bool {
    byte.is_ascii_uppercase() || (b'2'..=b'7').contains(&byte)
}

fn bytes(plain: &str) -> Option<Secret> {
    Secret::try_from_base32(plain).ok()
}

/// What may be shown of a value of the URL.
fn shown(value: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-';
    match !value.is_empty() && value.len() < LIKE_ONE && value.chars().all(fits) {
        true => value.to_owned(),
        false => "another number of".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// That of RFC 6238, 20 bytes.
    const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    fn code(secret: &TotpSecret, second: i64) -> String {
        let at = Timestamp::from_second(second).unwrap();
        secret.code_at(at).unwrap().expose_secret().to_owned()
    }

    fn why(text: &str) -> String {
        TotpSecret::read(text).unwrap_err().to_string()
    }

    /// RFC 6238, appendix B, the last six of the eight digits.
    #[test]
    fn codes_are_those_of_the_rfc() {
        let of_32 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA";
        let of_64 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNA";
        for (hash, secret, codes) in [
            (TotpHash::Sha1, SECRET, ["287082", "081804", "279037"]),
            (TotpHash::Sha256, of_32, ["119246", "084774", "698825"]),
            (TotpHash::Sha512, of_64, ["693936", "091201", "618901"]),
        ] {
            let secret = TotpSecret::new(hash, secret).unwrap();
            let seconds = [59, 1_111_111_109, 2_000_000_000];
            for (second, is) in seconds.into_iter().zip(codes) {
                assert_eq!(code(&secret, second), is, "{hash} {second}");
            }
            assert!(
                secret
                    .code_at(Timestamp::from_second(-1).unwrap())
                    .is_none()
            );
            assert!(!format!("{secret:?}").contains("GEZD"));
        }
    }

    #[test]
    fn a_secret_is_read_however_it_is_written() {
        for text in [
            SECRET,
            "gezd gnbv gy3t qojq gezd gnbv gy3t qojq",
            "\u{feff}GEZD-GNBV-GY3T-QOJQ-GEZD-GNBV-GY3T-QOJQ====\r\n",
            "otpauth://totp/Amazon%20Web%20Services:jdoe@acme?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Amazon%20Web%20Services",
            "OTPAUTH://TOTP/x?digits=6&period=30&algorithm=sha-1&image=a&secret=gezdgnbvgy3tqojqgezdgnbvgy3tqojq%3D",
        ] {
            let secret = TotpSecret::read(text).unwrap();
            assert_eq!(secret.base32().expose_secret(), SECRET, "{text}");
            assert_eq!(code(&secret, 59), "287082");
        }
        let other = TotpSecret::read(&format!(
            "otpauth://totp/x?secret={SECRET}&algorithm=SHA256"
        ));
        assert_eq!(other.unwrap().hash, TotpHash::Sha256);
    }

    #[test]
    fn what_aws_does_not_take_is_refused_by_name() {
        let with = |more: &str| why(&format!("otpauth://totp/x?secret={SECRET}&{more}"));
        for (is, wanted) in [
            (
                why("otpauth-migration://offline?data=CjE"),
                "Google Authenticator",
            ),
            (
                why(&format!("otpauth://hotp/x?secret={SECRET}&counter=0")),
                "HOTP",
            ),
            (why("otpauth://push/x"), "TOTP device"),
            (why("https://example.com"), "it is a URL"),
            (why("otpauth://totp/x?issuer=y"), "no secret"),
            (with("secret=A"), "two of secret"),
            (with("digits=8"), "8 digits"),
            (with("period=60"), "60 seconds"),
            (with("algorithm=MD5"), "made with MD5"),
            (with("digits="), "another number of digits"),
            (
                with(&format!("period={SECRET}")),
                "another number of seconds",
            ),
            (why(""), "base32"),
            (why("123456"), "base32"),
            (why("234567"), "is missing"),
            (why("2345672"), "too short"),
            (why("JBSWY3DPEHPK3PXP8"), "base32"),
        ] {
            assert!(is.contains(wanted), "{is} / {wanted}");
            assert!(!is.contains("GEZD") && !is.contains("JBSW"), "{is}");
        }
    }

    #[test]
    fn secrets_among_words_are_noticed() {
        for words in [
            &[SECRET][..],
            &["mfa", "add", "gezd gnbv gy3t qojq gezd"],
            &["gezd", "gnbv", "gy3t", "qojq"],
            &["--secret=GEZDGNBVGY3TQOJQ"],
            &["x", "OTPAUTH://totp/x?secret=A"],
        ] {
            assert!(has_secret(words.iter().copied()), "{words:?}");
        }
        for words in [
            &["mfa", "add", "arn:aws:iam::210987654321:mfa/jdoe"][..],
            &["mfa", "list", "acme", "--json"],
            &[
                "mfa",
                "add",
                "--qr",
                "/home/j/screenshots/picture.png",
                "GAHT12345678",
            ],
            &["mfa", "add", "--profile=base", "123456"],
        ] {
            assert!(!has_secret(words.iter().copied()), "{words:?}");
        }
    }
}
