//! The folders that hold what one key seals, as a list of paths with a zero byte
//! between them. It lies beside the key.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// More home folders than one person has at once; of more the latest count.
const MOST: usize = 64;

fn paths(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    list.split(|byte| *byte == 0)
        .filter(|path| !path.is_empty())
}

/// Whether `folder` is in `list`.
pub(super) fn has(list: &[u8], folder: &Path) -> bool {
    let own = folder.as_os_str().as_bytes();
    paths(list).any(|path| path == own)
}

/// `list` with `folder` at its beginning; `None` if it is in it.
pub(super) fn with(list: &[u8], folder: &Path) -> Option<Vec<u8>> {
    if has(list, folder) {
        return None;
    }
    let own = folder.as_os_str().as_bytes();
    let all: Vec<&[u8]> = std::iter::once(own).chain(paths(list)).take(MOST).collect();
    Some(all.join(&0))
}

/// Those of `list` that `is_used` holds of, without `folder`.
pub(super) fn used(list: &[u8], folder: &Path, is_used: &dyn Fn(&Path) -> bool) -> Vec<u8> {
    let own = folder.as_os_str().as_bytes();
    let others = paths(list).filter(|path| *path != own);
    let others = others.filter(|path| is_used(Path::new(OsStr::from_bytes(path))));
    others.collect::<Vec<_>>().join(&0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_noted_once_and_those_that_are_used_are_known() {
        let list = |folder: &str, list: &[u8]| with(list, Path::new(folder));
        let one = list("/a", b"").unwrap();
        assert_eq!(one, b"/a");
        assert_eq!(list("/a", &one), None);
        let two = list("/b \u{e9}", &one).unwrap();
        assert_eq!(list("/a", &two), None);
        let left = |folder: &str, none: &str| {
            used(&two, Path::new(folder), &|path| path != Path::new(none))
        };
        assert_eq!(left("/a", ""), "/b \u{e9}".as_bytes());
        assert_eq!(left("/b \u{e9}", ""), b"/a");
        assert_eq!(left("/c", "/a"), "/b \u{e9}".as_bytes());
        assert_eq!(left("/a", "/b \u{e9}"), b"");
        let many = (0..100).fold(Vec::new(), |all, at| list(&format!("/{at}"), &all).unwrap());
        assert_eq!(paths(&many).count(), MOST);
        assert_eq!(paths(&many).next(), Some(&b"/99"[..]));
    }
}
