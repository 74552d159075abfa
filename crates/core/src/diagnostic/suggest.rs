//! The names a person may have meant.

use std::sync::atomic::{AtomicUsize, Ordering};

/// So many names one process compares for [`suggested`]. A file of a hundred
/// thousand faults would be compared with itself, name by name, and nobody reads
/// the thousandth suggestion.
static LEFT: AtomicUsize = AtomicUsize::new(1_000_000);

/// As [`nearest`], of names that are gathered for it: of none, once very many were
/// looked through.
pub(crate) fn suggested<S: AsRef<str>>(
    wanted: &str,
    names: impl FnOnce() -> Vec<S>,
    most: usize,
) -> Vec<String> {
    if LEFT.load(Ordering::Relaxed) == 0 {
        return Vec::new();
    }
    let names = names();
    let less = |left: usize| Some(left.saturating_sub(names.len()));
    let _ = LEFT.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    let near = nearest(wanted, names.iter().map(AsRef::as_ref), most);
    near.into_iter().map(str::to_owned).collect()
}

/// Up to `most` of `names` that look like `wanted`, best first.
pub fn nearest<'a>(
    wanted: &str,
    names: impl IntoIterator<Item = &'a str>,
    most: usize,
) -> Vec<&'a str> {
    let wanted = wanted.to_lowercase();
    let mut scored: Vec<(f64, &str)> = names
        .into_iter()
        .filter_map(|name| {
            let lower = name.to_lowercase();
            let part = !wanted.is_empty() && lower.contains(&wanted);
            let score = strsim::jaro_winkler(&wanted, &lower) + if part { 0.5 } else { 0.0 };
            (score > 0.8).then_some((score, name))
        })
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    scored.truncate(most);
    scored.into_iter().map(|(_, name)| name).collect()
}

/// The one of `names` that `wanted` is with a slip of the fingers, or two in a
/// longer one.
pub fn slip<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = wanted.chars().count();
    let most = match length {
        0..=2 => return None,
        3..=5 => 1,
        _ => 2,
    };
    let far = |name: &str| strsim::damerau_levenshtein(wanted, name);
    let names = names.into_iter().map(|name| (far(name), name));
    let (far, name) = names.min_by_key(|(far, _)| *far)?;
    (far <= most).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::{nearest, slip};

    #[test]
    fn a_slip_is_near_and_a_word_of_its_own_is_none() {
        let names = ["exec", "prompt", "export", "list"];
        for (wanted, name) in [
            ("exce", Some("exec")),
            ("exe", Some("exec")),
            ("exprot", Some("export")),
            ("promt", Some("prompt")),
            ("prod", None),
            ("li", None),
            ("", None),
        ] {
            assert_eq!(slip(wanted, names), name, "{wanted}");
        }
    }

    #[test]
    fn a_typing_error_and_a_part_are_found_and_the_far_is_not() {
        let names = ["acme-sandbox-read", "acme-prod-admin", "other"];
        assert_eq!(nearest("acme-sandbx-read", names, 1), ["acme-sandbox-read"]);
        assert_eq!(nearest("prod", names, 3), ["acme-prod-admin"]);
        assert!(nearest("zzz", names, 3).is_empty());
        assert!(nearest("", names, 3).is_empty());
    }
}
