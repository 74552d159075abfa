//! Secrets are not found in whatever form they come back, and everything else is.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

use super::*;

const KEY: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

fn hexadecimal(text: &str) -> String {
    text.bytes().map(|b| format!("{b:02x}")).collect()
}

fn percent(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

fn utf16(text: &str) -> String {
    text.chars().flat_map(|c| [c, '\0']).collect()
}

#[test]
fn no_form_of_a_secret_is_shown() {
    let key = SecretString::from(KEY);
    let sent = Sent::default().with(&key);
    let form = format!(
        "Action=AssumeRole&Key={}&Version=1",
        KEY.replace('/', "%2F").replace('+', "%2B")
    );
    let spread: String = KEY.chars().flat_map(|c| [c, '\u{200b}', '\n']).collect();
    for echo in [
        KEY.to_owned(),
        KEY[..20].to_owned(),
        KEY[20..].to_owned(),
        KEY.chars().rev().collect(),
        KEY.replace('/', "\\/"),
        KEY.replace('/', "\\u002f"),
        KEY.replace('+', "&#43;"),
        KEY.replace('+', "&#x2B;"),
        percent(KEY),
        percent(&percent(KEY)),
        percent(&KEY.replace('/', "\\/")),
        form.clone(),
        percent(&form),
        STANDARD.encode(KEY),
        STANDARD.encode(format!("x{KEY}")),
        STANDARD.encode(format!("xy{KEY}")),
        URL_SAFE.encode(&form),
        hexadecimal(KEY),
        hexadecimal(KEY).to_uppercase(),
        utf16(KEY),
        spread,
        format!("{}\u{1b}[31m{}", &KEY[..13], &KEY[13..]),
        format!("<Key>{KEY}</Key>"),
        format!("{{\"key\": \"{KEY}\"}}"),
    ] {
        let line = sent.line(&format!("before {echo} after"));
        let bare: String = line.chars().filter(char::is_ascii_graphic).collect();
        for piece in KEY.as_bytes().windows(9) {
            let piece = std::str::from_utf8(piece).unwrap();
            for form in [
                piece.to_owned(),
                percent(piece),
                hexadecimal(piece),
                hexadecimal(piece).to_uppercase(),
                STANDARD.encode(piece),
                URL_SAFE.encode(piece),
                piece.chars().rev().collect(),
            ] {
                assert!(!bare.contains(&form), "{form} of {echo:?} in {line:?}");
            }
        }
        assert!(
            line.starts_with("before ") && line.ends_with(" after"),
            "{line:?}"
        );
    }
}

#[test]
fn the_words_around_it_stay() {
    let (key, code) = (SecretString::from(KEY), SecretString::from("654321"));
    let sent = Sent::default()
        .with(&key)
        .with_code(Some(&code))
        .with_word("acme")
        .with_text("u:p%40ss");
    for (text, line) in [
        ("", ""),
        (
            "User: arn:aws:iam::210987654321:user/jdoe is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/acmeread",
            "User: arn:aws:iam::210987654321:user/jdoe is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/acmeread",
        ),
        ("TokenCode=654321&x=7654321", "TokenCode=***&x=7654321"),
        ("code 654321, 65-43-21", "code ***, 65-43-21"),
        ("654 321", "***"),
        ("654321 210987654321", "*** 210987654321"),
        ("ExternalId=acme&x", "ExternalId=***&x"),
        ("\"acme\" acme2 xacme", "\"***\" acme2 xacme"),
        ("user u:p@ss, u:p%40ss", "user ***, ***"),
        ("a\nb\tc\r\u{1b}[2J\u{202e}", "a b c��[2J�"),
        ("wJalrXU", "wJalrXU"),
        ("wJalrXUt", "***"),
        ("it's wJalrXUtnFEMI.", "it's ***."),
    ] {
        assert_eq!(sent.line(text), line);
    }
    assert_eq!(Sent::default().line("654321"), "654321");
    assert_eq!(sent.masked("\u{1b}acme"), "\u{1b}***");
    assert_eq!(format!("{sent:?}"), "Sent(5)");
}

#[test]
fn a_line_is_bounded_and_what_is_cut_is_no_way_around() {
    let key = SecretString::from(KEY);
    let sent = Sent::default().with(&key);
    let long = "é".repeat(5_000_000);
    assert_eq!(sent.line(&long).chars().count(), LONGEST + 1);
    assert_eq!(Sent::default().line(&long).chars().count(), LONGEST + 1);
    for before in (0..60).step_by(7) {
        for filler in [
            "x".repeat(LONGEST - before),
            format!("{KEY} ").repeat(LOOKED_AT / 41) + &"y".repeat(before),
        ] {
            let line = sent.line(&format!("{filler}{KEY}{KEY}"));
            assert!(
                !line.contains(&KEY[..PIECE]) && !line.contains(&KEY[KEY.len() - PIECE..]),
                "{before}"
            );
        }
    }
}

/// A short secret may be a part of other words: those stay, and the secret goes
/// wherever it can be told from them.
#[test]
fn a_short_secret_is_found_beside_letters_where_it_is_no_word() {
    const SAID: &str = "User is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/acmeread (a1b2c3d4)";
    for (secret, glued) in [
        // Letters alone: by their number.
        ("ab", false),
        ("acme", false),
        ("globe", false),
        ("globex", true),
        ("production", true),
        ("größe", false),
        ("größer", true),
        // No word, and long enough not to be met by chance.
        ("a1", false),
        ("a1b", false),
        ("x7q9", true),
        ("ab-c", true),
        ("a_b.", true),
        ("Acme", false),
        ("ACME", false),
        ("acMe", true),
        ("kX9vQ", true),
        ("kX9vQ2m1p", true),
        // Numbers, as a part of no other number.
        ("12", true),
        ("1234", true),
        ("99999", true),
        ("999999", true),
    ] {
        for sent in [
            Sent::default().with_word(secret),
            Sent::default().with_text(secret),
        ] {
            if secret.chars().count() >= PIECE && glued {
                assert_eq!(sent.line(&format!("x{secret}x")), "x***x");
            }
            for (before, after) in [("", ""), ("=", "&"), ("\"", "\""), (":", ",")] {
                let echo = format!("{before}{secret}{after}");
                assert_eq!(sent.line(&echo), format!("{before}***{after}"), "{echo}");
            }
            for (before, after) in [("x", ""), ("", "y"), ("x", "y"), ("id", "Z")] {
                let echo = format!("{before}{secret}{after}");
                let line = match glued {
                    true => format!("{before}***{after}"),
                    false => echo.clone(),
                };
                assert_eq!(sent.line(&echo), line, "{echo}");
            }
            let is_key = secret.chars().count() >= PIECE;
            let said = sent.line(SAID);
            assert!(is_key || said == SAID, "{secret}: {said}");
        }
    }
    // A word of the message itself goes, and no more of it than that.
    for (secret, line) in [
        ("isnota", SAID.to_owned()),
        ("User", SAID.replace("User", "***")),
        ("resource", SAID.replace("resource", "***")),
        ("123456789012", SAID.replace("123456789012", "***")),
        ("23456", SAID.to_owned()),
        ("a1b2c3d4", SAID.replace("a1b2c3d4", "***")),
    ] {
        assert_eq!(
            Sent::default().with_word(secret).line(SAID),
            line,
            "{secret}"
        );
    }
}
