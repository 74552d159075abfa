//! Links of the book: each page and each heading that one leads to is there. What is
//! elsewhere on the web is not looked at: tests have no network.

use std::fs;
use std::path::Path;

use super::pages;
use crate::support::checkout;

/// The text without its code blocks and without `code`.
fn prose(text: &str) -> String {
    let mut is_code = false;
    let mut prose = String::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        } else if !is_code {
            let spans = line.split('`').step_by(2);
            prose.push_str(&spans.collect::<Vec<_>>().join("`"));
            prose.push('\n');
        }
    }
    prose
}

/// The targets of `[text](target)`, also of those that span two lines.
fn targets(text: &str) -> Vec<String> {
    let links = text.split("](").skip(1);
    let targets = links.filter_map(|link| link.split_once(')').map(|(target, _)| target));
    targets.map(str::to_owned).collect()
}

/// What GitHub and mdBook call the headings of a page.
fn anchors(text: &str) -> Vec<String> {
    let mut is_code = false;
    let mut anchors: Vec<String> = Vec::new();
    for line in text.lines() {
        is_code ^= line.trim_start().starts_with("```");
        let title = line.trim_start_matches('#');
        if is_code || !line.starts_with('#') || !title.starts_with(' ') {
            continue;
        }
        let kept = |c: char| match c {
            ' ' => Some('-'),
            c if c.is_alphanumeric() || "-_".contains(c) => Some(c),
            _ => None,
        };
        let slug: String = title
            .trim()
            .to_lowercase()
            .chars()
            .filter_map(kept)
            .collect();
        let again = anchors.iter().filter(|anchor| **anchor == slug).count();
        anchors.push(match again {
            0 => slug,
            again => format!("{slug}-{again}"),
        });
    }
    anchors
}

#[test]
fn every_link_leads_somewhere() {
    let (mut checked, mut wrong) = (0, String::new());
    for page in pages() {
        let text = fs::read_to_string(checkout().join(&page)).unwrap();
        for target in targets(&prose(&text)) {
            if target.contains("://") {
                continue;
            }
            checked += 1;
            let (path, anchor) = target.split_once('#').unwrap_or((&target, ""));
            let folder = Path::new(&page).parent().unwrap();
            let there = match path {
                "" => checkout().join(&page),
                path => checkout().join(folder).join(path),
            };
            let is_there = match anchor {
                "" => there.exists(),
                anchor => fs::read_to_string(&there)
                    .is_ok_and(|text| anchors(&text).iter().any(|found| found == anchor)),
            };
            if !is_there {
                wrong.push_str(&format!("{page}: {target}\n"));
            }
        }
    }
    assert!(checked > 100, "{checked} links");
    assert_eq!(wrong, "");
}
