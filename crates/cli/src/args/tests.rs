use super::*;

/// Words that a line with `exec`, `export` and `credential-process` is made of.
const WORDS: [&str; 19] = [
    "exec",
    "export",
    "a",
    "-",
    "--",
    "",
    "--format",
    "--config",
    "--no-prompt",
    "json",
    "credential-process",
    "--format=json",
    "--read-only",
    "123456",
    "-v",
    "-x",
    "list",
    "with blank",
    "\u{e9}",
];

/// Holds a line that is read without clap against clap; whether it is one.
fn agrees(args: &[OsString]) -> bool {
    let Some(plain) = Cli::plain(args) else {
        return false;
    };
    let parsed = Cli::try_parse_from(args).map(|cli| format!("{cli:?}"));
    let parsed = parsed.map_err(|error| error.to_string());
    assert_eq!(parsed, Ok(format!("{plain:?}")), "{args:?}");
    true
}

#[test]
fn what_is_read_without_clap_is_what_clap_reads() {
    let mut agreed = 0;
    for command in ["exec", "export", "credential-process"] {
        let mut lines = vec![vec![OsString::from("assumerole"), command.into()]];
        for _ in 0..3 {
            let longer = lines.iter().flat_map(|line| {
                WORDS.map(|word| line.iter().cloned().chain([word.into()]).collect())
            });
            lines = longer.collect();
            agreed += lines.iter().filter(|line| agrees(line)).count();
        }
    }
    assert!(agreed > 1000, "only {agreed}");
}

#[test]
fn the_lines_of_loops_are_read_without_clap() {
    use std::os::unix::ffi::OsStringExt as _;
    let words =
        |line: &str| -> Vec<OsString> { line.split_whitespace().map(OsString::from).collect() };
    for line in [
        "assumerole exec a true",
        "assumerole exec a -- aws s3 ls --recursive",
        "assumerole exec a -- x -- y",
        "assumerole exec a x -- y",
        "assumerole export a --format json",
        "assumerole export --format credential-process a",
        "assumerole credential-process a",
        "assumerole credential-process -- -a",
        "assumerole credential-process --config /c --no-prompt -- a",
        "assumerole credential-process --no-prompt --config /c a",
        "assumerole prompt",
        "assumerole complete --shell bash --breaks =: --line assumerole",
        "assumerole complete --shell bash-list --in-place --breaks = --line -x",
        "assumerole complete --shell zsh -- assumerole exec -- --shell",
        "assumerole complete --shell tab --in-place --",
    ] {
        assert!(agrees(&words(line)), "{line}");
    }
    for line in [
        "assumerole",
        "assumerole a",
        "assumerole exec",
        "assumerole exec a",
        "assumerole exec a --",
        "assumerole exec - true",
        "assumerole exec -v a true",
        "assumerole exec a -- --read-only",
        "assumerole -q exec a true",
        "assumerole export a",
        "assumerole export a --format",
        "assumerole export --format no-format a",
        "assumerole export --format json --off",
        "assumerole credential-process",
        "assumerole credential-process a b",
        "assumerole credential-process a --no-prompt",
        "assumerole credential-process --read-only a",
        "assumerole credential-process --config=/c a",
        "assumerole list",
        "assumerole prompt --shell sh",
        "assumerole complete",
        "assumerole complete --shell",
        "assumerole complete --shell no-shell -- a",
        "assumerole complete --shell zsh",
        "assumerole complete --shell zsh a",
        "assumerole complete --shell bash --breaks -- --line a",
        "assumerole complete --shell bash --breaks = --line a b",
    ] {
        assert!(Cli::plain(&words(line)).is_none(), "{line}");
    }
    let mut odd = words("assumerole exec a --");
    odd.push(OsString::from_vec(b"\xff".to_vec()));
    assert!(agrees(&odd));
}
