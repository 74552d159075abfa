//! No secret where it does not belong: output, arguments of processes, files,
//! memory that others can read.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::harness::{ACCOUNT, BASE_ACCOUNT, SECRET, Stage};
use super::terminal::Terminal;
use super::users::Someone;

/// Something secret, in every form in which it might be left somewhere.
pub(crate) struct Secret {
    name: &'static str,
    forms: Vec<Vec<u8>>,
}

/// Characters of a piece: a third of a secret is secret too.
const PIECE: usize = 14;

impl Secret {
    pub(crate) fn new(name: &'static str, text: &str) -> Self {
        assert!(text.len() >= PIECE, "{name} is {text:?}");
        let pieces = text.as_bytes().chunks_exact(PIECE);
        let forms = pieces.flat_map(forms).collect();
        Self { name, forms }
    }

    /// An MFA code: too short to be taken in pieces.
    pub(crate) fn code(code: &str) -> Self {
        Self {
            name: "MFA code",
            forms: vec![
                code.as_bytes().to_vec(),
                utf16(code.as_bytes(), u16::to_le_bytes),
            ],
        }
    }

    /// Whether any form of it is in `bytes`.
    pub(crate) fn is_in(&self, bytes: &[u8]) -> bool {
        self.forms.iter().any(|form| contains(bytes, form))
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    #[track_caller]
    fn is_not_in(&self, place: &str, bytes: &[u8]) {
        assert!(
            !self.is_in(bytes),
            "{} is in {place}:\n{}",
            self.name,
            String::from_utf8_lossy(bytes)
        );
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    let first = part.first().copied();
    bytes
        .windows(part.len())
        .any(|window| window.first().copied() == first && window == part)
}

fn forms(piece: &[u8]) -> Vec<Vec<u8>> {
    let hex = |upper: bool| -> Vec<u8> {
        let digits = piece.iter().map(|byte| match upper {
            true => format!("{byte:02X}"),
            false => format!("{byte:02x}"),
        });
        digits.collect::<String>().into_bytes()
    };
    let mut forms = vec![
        piece.to_vec(),
        piece.iter().rev().copied().collect(),
        hex(false),
        hex(true),
        utf16(piece, u16::to_le_bytes),
        utf16(piece, u16::to_be_bytes),
    ];
    // As URLs, JSON and XML write it.
    let percent: String = piece.iter().map(|byte| format!("%{byte:02X}")).collect();
    forms.push(percent.to_lowercase().into_bytes());
    forms.push(percent.into_bytes());
    let text = String::from_utf8_lossy(piece);
    for (plain, escaped) in [
        ("/", "\\/"),
        ("/", "%2F"),
        ("/", "\\u002f"),
        ("+", "%2B"),
        ("+", "&#43;"),
    ] {
        forms.push(text.replace(plain, escaped).into_bytes());
    }
    let encoded = forms.len();
    // Wherever it begins in what was encoded.
    forms.extend((0..3).map(|shift| base64(&piece[shift..])));
    let url_safe = |form: &Vec<u8>| -> Vec<u8> {
        let safe = |byte: &u8| match byte {
            b'+' => b'-',
            b'/' => b'_',
            other => *other,
        };
        form.iter().map(safe).collect()
    };
    let safe: Vec<Vec<u8>> = forms[encoded..].iter().map(url_safe).collect();
    forms.extend(safe);
    forms
}

fn utf16(text: &[u8], bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.iter()
        .flat_map(|byte| bytes(u16::from(*byte)))
        .collect()
}

/// Of the whole groups of three bytes.
fn base64(bytes: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |three: &[u8]| {
        let bits = three
            .iter()
            .fold(0, |bits, byte| bits << 8 | usize::from(*byte));
        [18, 12, 6, 0].map(|shift| DIGITS[bits >> shift & 63])
    };
    bytes.chunks_exact(3).flat_map(group).collect()
}

#[test]
fn the_search_would_find_a_secret() {
    assert_eq!(base64(b"Many hands"), b"TWFueSBoYW5k");
    let secret = Secret::new("a secret", "0123456789abcdefghijklmnop/+");
    let found = |text: &str| {
        let text = text.as_bytes();
        secret.forms.iter().any(|form| contains(text, form))
    };
    for text in [
        "x0123456789abcdx",
        "xefghijklmnop/+",
        "xdcba9876543210x",
        "x3031323334353637383961626364x",
        "MDEyMzQ1Njc4OWFiY2Rl",
        "eDAxMjM0NTY3ODlhYmNk",
        "eHgwMTIzNDU2Nzg5YWJjZA",
        "0\u{0}1\u{0}2\u{0}3\u{0}4\u{0}5\u{0}6\u{0}7\u{0}8\u{0}9\u{0}a\u{0}b\u{0}c\u{0}d\u{0}",
    ] {
        assert!(found(text), "{text}");
    }
    for text in ["", "0123456789", "303132333435363738396162", "a secret"] {
        assert!(!found(text), "{text}");
    }
}

/// Every file below `folder`: its name and what is in it.
pub(crate) fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.push((path.to_str().unwrap().to_owned(), fs::read(&path).unwrap()));
        }
    }
    all
}

/// All that the program can be asked to say, as loudly as it can; the talk
/// goes to `talk-*`, what the role's secrets are to `secrets`.
const EVERYTHING: &str = r#"
    export RUST_LOG=trace RUST_BACKTRACE=full
    assumerole -vv exec read --mfa-code $CODE -- \
        printenv AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN >secrets 2>talk-cold
    assumerole -vv exec read -- echo warm >talk-warm 2>&1
    ASSUMEROLE_COMMAND='echo command' assumerole -vv read >talk-command 2>&1
    SHELL=/bin/true assumerole -vv read >exports 2>talk-shell
    SHELL=/bin/true assumerole -vv read --quiet >talk-quiet 2>&1
    assumerole -vv exec deploy --mfa-code $WRONG -- true >talk-refused 2>&1
    AWS_ENDPOINT_URL=http://127.0.0.1:9 AWS_MAX_ATTEMPTS=1 \
        assumerole -vv exec plain -- true >talk-unreachable 2>&1
    assumerole -vv exec plain -- printenv AWS_SECRET_ACCESS_KEY >>secrets 2>talk-plain
    assumerole -vv exec read --mfa-code 12x456 -- true >talk-nonsense 2>&1
    assumerole -vv exec read -- /nonexistent >talk-missing 2>&1
    assumerole -vv status >talk-status 2>&1
    assumerole -vv status --json >talk-status-json 2>&1
    assumerole -vv list >talk-list 2>&1
    assumerole -vv list --json >talk-list-json 2>&1
    assumerole -vv info read >talk-info 2>&1
    assumerole -vv doctor >talk-doctor 2>&1
    assumerole -vv --help >talk-help 2>&1
    cat talk-* | wc -l
"#;

/// Runs [`EVERYTHING`] with the sealing key in `key_store`, and looks
/// everywhere.
fn nothing_is_left(key_store: &str) {
    let stage = Stage::new();
    let someone = Someone::new();
    someone.moves_into(&stage);
    let mut command = someone.shell_with_keyring(&stage, EVERYTHING);
    let code = stage.code();
    let wrong: String = code.chars().rev().collect();
    command.env("ASSUMEROLE_KEY_STORE", key_store);
    command.env("CODE", &code).env("WRONG", &wrong);
    let ran = stage.ran(&mut command);
    assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
    assert!(
        ran.stdout.trim().parse::<u32>().unwrap() > 50,
        "{}",
        ran.stdout
    );

    let text = fs::read_to_string(stage.path("secrets")).unwrap();
    fs::remove_file(stage.path("secrets")).unwrap();
    let exports = fs::read_to_string(stage.path("exports")).unwrap();
    fs::remove_file(stage.path("exports")).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let [key, token, other] = lines[..] else {
        panic!("{} lines", lines.len());
    };
    assert!(exports.contains(key) && exports.contains(token));
    let base = Secret::new("the base profile's key", SECRET);
    let secrets = [
        Secret::new("secret access key", key),
        Secret::new("session token", token),
        Secret::new("secret access key of plain", other),
        Secret::code(&code),
        Secret::code(&wrong),
    ];
    let all = files(stage.home());
    assert!(
        all.iter()
            .any(|(name, _)| name.contains("/.assumerole.d/cache/"))
    );
    for (name, bytes) in &all {
        for secret in &secrets {
            secret.is_not_in(name, bytes);
            secret.is_not_in("a file's name", name.as_bytes());
        }
        if !name.ends_with("/.aws/credentials") {
            base.is_not_in(name, bytes);
        }
    }
}

#[test]
fn no_secret_is_left_with_the_key_in_the_keyring() {
    nothing_is_left("keyring");
}

#[test]
fn no_secret_is_left_with_the_key_in_a_file() {
    nothing_is_left("file");
}

/// Neither the name of a role, nor its account, nor a guess at either.
#[test]
fn the_cache_does_not_say_what_is_in_it() {
    let stage = Stage::direct();
    stage.warm("read");
    stage.warm("plain");
    let ran = stage.run(&["exec", "deploy", "--mfa-code", "000000", "--", "true"]);
    assert_eq!(ran.status, 125);
    let id = stage
        .run(&["exec", "read", "--", "printenv", "AWS_ACCESS_KEY_ID"])
        .stdout;
    let all = files(&stage.path(".assumerole.d/cache"));
    assert_eq!(stage.entries().len(), 2);
    assert!(all.len() > 2, "a refusal is left too");
    for (path, bytes) in all {
        let name = path.rsplit('/').next().unwrap();
        for word in [
            "arn:",
            "role",
            "read",
            "plain",
            "deploy",
            "base",
            "jdoe",
            "AccessDenied",
            "eu-central-1",
            ACCOUNT,
            BASE_ACCOUNT,
            "123456789",
            id.trim_end(),
            "ASIA",
            "expir",
        ] {
            assert!(!contains(&bytes, word.as_bytes()), "{word} is in {path}");
            assert!(!name.contains(word), "{word} is in the name {name}");
        }
    }
    // Another sealing key, another name for the same role.
    let before = stage.entries();
    assert_eq!(stage.run(&["logout"]).status, 0);
    stage.warm("plain");
    assert!(!before.contains(&stage.entries()[0]));
}

#[test]
fn arguments_of_processes_hold_no_secret() {
    let arguments = |pid: u32| {
        let bytes = fs::read(format!("/proc/{pid}/cmdline")).unwrap();
        String::from_utf8(bytes).unwrap().replace('\0', " ")
    };
    let stage = Stage::new();
    let code = stage.code();
    let mut terminal = Terminal::running(
        &stage,
        "exec assumerole exec read -- sh -c 'echo started; read line'",
    );
    terminal.is_asked(1);
    let said = "assumerole exec read -- sh -c echo started; read line ";
    assert_eq!(arguments(terminal.pid()), said);
    terminal.types(&format!("{code}\r"));
    terminal.sees("\nstarted");
    assert_eq!(arguments(terminal.pid()), "sh -c echo started; read line ");
    terminal.types("\r");
    assert_eq!(terminal.ends(), 0);

    // The code that was an argument is gone when the shell has started.
    let script = stage.script("shell", "#!/bin/sh\necho started\nread line\n");
    let mut terminal = Terminal::new();
    let line = "exec assumerole --quiet deploy $(cat code)";
    stage.sandbox.advance(jiff::SignedDuration::from_secs(60));
    stage.write("code", &stage.code());
    terminal.start(&stage, line, &[("SHELL", &script)]);
    terminal.sees("started");
    assert_eq!(arguments(terminal.pid()), format!("/bin/sh {script} "));
    terminal.types("\r");
    assert_eq!(terminal.ends(), 0);
}

/// Whom the system lets look into a process: its user, or root alone.
pub(crate) fn watched_by(pid: u32) -> u32 {
    fs::metadata(format!("/proc/{pid}/environ")).unwrap().uid()
}

#[test]
fn while_it_waits_no_other_process_of_the_user_can_look_into_it() {
    let stage = Stage::new();
    let someone = Someone::new();
    someone.moves_into(&stage);
    let line = "exec assumerole exec read -- sh -c 'echo started; read line'";
    let mut terminal = Terminal::new();
    terminal.start_command(&someone.shell(&stage, line));
    terminal.is_asked(1);
    assert_eq!(watched_by(terminal.pid()), 0);
    terminal.types(&format!("{}\r", stage.code()));
    terminal.sees("\nstarted");
    // What runs in the role is the person's own, to debug as ever.
    assert_eq!(watched_by(terminal.pid()), someone.uid());
    terminal.types("\r");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn what_runs_in_a_role_may_dump_core_as_before() {
    let stage = Stage::new();
    let someone = Someone::new();
    someone.moves_into(&stage);
    let script = "ulimit -c $(ulimit -H -c)\nulimit -S -c; ulimit -H -c
        assumerole exec plain -- sh -c 'ulimit -S -c; ulimit -H -c'";
    let ran = stage.ran(&mut someone.shell(&stage, script));
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!((lines.len(), ran.stderr.as_str(), ran.status), (4, "", 0));
    assert_eq!(lines[..2], lines[2..]);
}
