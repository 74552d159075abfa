//! What may be shown of a line.

use std::ops::Range;

use crate::aws::credentials::is_no_key_id;
use crate::diagnostic::text::Snippet;

use super::FileKind;
use super::file::AwsFile;
use super::lines::{Line, is_comment, line_at, strip};

/// What stands for a text that is not shown. Its length says nothing.
pub(super) const MASK: &str = "********";

/// Keys of the AWS CLI and of this program whose values are no secrets.
const PUBLIC: [&str; 34] = [
    "aws_access_key_id",
    "aws_account_id",
    "aws_mfa_serial",
    "ca_bundle",
    "cli_auto_prompt",
    "cli_pager",
    "credential_source",
    "defaults_mode",
    "duration_seconds",
    "endpoint_url",
    "external_id",
    "ignore_configured_endpoint_urls",
    "login_session",
    "max_attempts",
    "mfa_serial",
    "output",
    "parameter_validation",
    "region",
    "retry_mode",
    "role_arn",
    "role_session_name",
    "s3",
    "services",
    "source_profile",
    "sso_account_id",
    "sso_region",
    "sso_registration_scopes",
    "sso_role_name",
    "sso_session",
    "sso_start_url",
    "sts_regional_endpoints",
    "use_dualstack_endpoint",
    "use_fips_endpoint",
    "web_identity_token_file",
];

/// Whether what `key` is set to may be shown. In the config file: unless the
/// key sounds like a secret; in the credentials file, where a key may be
/// misspelt before a secret: only if the key is known.
pub(super) fn value_is_public(kind: FileKind, key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    let known = PUBLIC.binary_search(&key.as_str()).is_ok();
    known || (kind == FileKind::Config && !sounds_secret(&key) && !runs_a_program(&key))
}

/// Whether `key` is set to a command line, such as `credential_process` and the
/// `mfa_process` of other tools: passwords and tokens stand among its arguments.
fn runs_a_program(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    key.ends_with("_process") || key.ends_with("_command")
}

fn sounds_secret(lower: &str) -> bool {
    [
        "secret",
        "token",
        "password",
        "passphrase",
        "passwd",
        "private",
    ]
    .iter()
    .any(|word| lower.contains(word))
}

/// Whether `text` can be a key, and so is no part of a pasted secret: those
/// have digits and both cases, but for short scraps.
fn looks_like_key(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let one_case = text == lower || (text.contains('_') && text == text.to_ascii_uppercase());
    let fits = |b: u8| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-');
    PUBLIC.binary_search(&lower.as_str()).is_ok()
        || (one_case && (1..=32).contains(&text.len()) && text.bytes().all(fits))
}

/// Whether `key` may be the last line of a pasted secret, which often ends
/// with `=`.
fn may_be_scrap(kind: FileKind, key: &str) -> bool {
    let long_word = key.len() > 8 && !key.contains([' ', '_', '-', '.', '[']);
    !looks_like_key(key) && (kind == FileKind::Credentials || long_word)
}

/// `key` as it may be shown.
pub(super) fn key(key: &str) -> &str {
    if looks_like_key(key) { key } else { MASK }
}

/// The place of `span`, with its line masked from where a secret may stand.
pub(super) fn snippet(file: &AwsFile, span: Range<usize>) -> Snippet {
    let line = line_at(file.as_str(), span.start);
    let number = file.line_number(line.start);
    snippet_in(file, line, number, span)
}

/// As [`snippet`], for who knows the line and its number.
pub(super) fn snippet_in(file: &AwsFile, line: Line, number: u32, span: Range<usize>) -> Snippet {
    let text = file.as_str();
    let first = line.start.max(file.text_start());
    let public = public_end(file, line.start, line.end).max(first);
    let mut shown = text[first..public].to_owned();
    // Inside the mask every place is its start: a column would tell lengths.
    let start = span.start.clamp(first, public) - first;
    let mut end = span.end.clamp(first, line.end) - first;
    if public < line.end {
        if end > shown.len() {
            end = shown.len() + MASK.len();
        }
        shown.push_str(MASK);
    }
    let snippet = Snippet::of(file.path(), &shown, start..end.max(start));
    Snippet {
        line: number,
        ..snippet
    }
}

/// Up to where the line from `start` to `end` may be shown.
fn public_end(file: &AwsFile, start: usize, end: usize) -> usize {
    let text = file.as_str();
    let stripped = strip(text, start..end);
    if stripped.is_empty() {
        return end;
    }
    let entries = &file.parsed.entries;
    let owner = entries
        .partition_point(|entry| entry.line_start <= start)
        .checked_sub(1)
        .map(|index| &entries[index])
        .filter(|entry| start < entry.next && !file.is_damaged(stripped.clone()));
    let slice = &text[stripped.clone()];
    if let Some(entry) = owner.filter(|_| !is_comment(slice)) {
        let parent = &text[entry.key.clone()];
        let parent_is_public = value_is_public(file.kind(), parent);
        if entry.line_start != start {
            return continuation_end(file, stripped, end, parent_is_public);
        }
        if may_be_scrap(file.kind(), parent) {
            return stripped.start;
        }
        let is_id = parent.trim().eq_ignore_ascii_case("aws_access_key_id");
        if is_id && is_no_key_id(text[entry.value.clone()].trim()) {
            return entry.value.start;
        }
        return if parent_is_public {
            url_end(text, entry.value.start.max(start), end)
        } else if file.kind() == FileKind::Config && runs_a_program(parent.trim()) {
            program_end(text, entry.value.start.max(start), end)
        } else {
            entry.value.start
        };
    }
    if slice.starts_with('[') && !slice.contains(['=', ':']) {
        return end;
    }
    bad_line_end(text, stripped, end)
}

/// A line that continues a value: shown whole or up to its `=`.
fn continuation_end(
    file: &AwsFile,
    line: Range<usize>,
    end: usize,
    parent_is_public: bool,
) -> usize {
    let text = file.as_str();
    let slice = &text[line.clone()];
    if !parent_is_public {
        return line.start;
    }
    match slice.split_once('=') {
        Some((subkey, _)) if value_is_public(file.kind(), subkey.trim()) => {
            url_end(text, line.start + subkey.len() + 1, end)
        }
        _ => bad_line_end(text, line, end),
    }
}

/// Up to where a value that is no secret may be shown: a URL up to its user
/// and password, or its query.
fn url_end(text: &str, start: usize, end: usize) -> usize {
    let value = &text[start..end];
    let shown = match (value.find("://"), value.rfind('@')) {
        (Some(scheme), Some(at)) if scheme < at => Some(scheme + 3),
        (None, Some(_)) if value.contains(':') => Some(value.len() - value.trim_start().len()),
        (Some(_), _) => value.find('?').map(|query| query + 1),
        (None, _) => None,
    };
    shown.map_or(end, |shown| start + shown)
}

/// Up to where a command line may be shown: its program, and nothing where that
/// is not plainly the first word.
fn program_end(text: &str, start: usize, end: usize) -> usize {
    let value = &text[start..end];
    let first = start + value.len() - value.trim_start().len();
    let word = &text[first..end];
    let length = match word.strip_prefix('"') {
        Some(quoted) => quoted.find('"').map_or(0, |length| length + 2),
        None => word.find([' ', '\t']).unwrap_or(word.len()),
    };
    let program = word[..length].trim_matches('"');
    if program.contains(['=', '@', '?']) {
        return first;
    }
    // Ours takes no secret there.
    if program.rsplit('/').next() == Some("assumerole") {
        return end;
    }
    let rest = &word[length..];
    first + length + rest.len() - rest.trim_start().len()
}

/// A line that nobody can make sense of, or a comment: its first word, if that
/// is surely a key, and its delimiter. The rest may be a pasted secret.
fn bad_line_end(text: &str, line: Range<usize>, end: usize) -> usize {
    let slice = &text[line.clone()];
    let body = slice.trim_start_matches(['#', ';', ' ', '\t']);
    let body_start = line.start + slice.len() - body.len();
    let word = body.find([' ', '\t', '=', ':']).unwrap_or(body.len());
    if !looks_like_key(&body[..word]) {
        return body_start;
    }
    let rest = &body[word..];
    let gap = rest.len() - rest.trim_start_matches([' ', '\t', '=', ':']).len();
    (body_start + word + gap).min(end)
}
