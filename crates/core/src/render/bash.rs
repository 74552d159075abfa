//! bash: `eval "$(assumerole export ROLE)"`.

use super::Format;
use super::lines::Lines;
use super::sh::{Posix, cover_list, uncover_list};
use crate::error::Result;

pub(super) const FORMAT: Format = Format::shell("bash", "bash, to eval", &["bash"], &Bash);

/// As POSIX has it, but a variable may be a list.
struct Bash;

impl Lines for Bash {
    fn set(&self, out: &mut Vec<u8>, name: &str, value: &[u8]) -> Result<()> {
        Posix.set(out, name, value)
    }

    fn unset(&self, out: &mut Vec<u8>, name: &str) {
        Posix.unset(out, name);
    }

    fn keep(&self, out: &mut Vec<u8>, name: &str, value: &[u8]) -> Result<()> {
        Posix.keep(out, name, value)
    }

    fn bring_back(&self, out: &mut Vec<u8>) {
        Posix.bring_back(out);
    }

    fn at_once(&self, names: &[&str]) -> Option<(String, &'static str)> {
        Posix.at_once(names)
    }

    fn cover(&self, out: &mut Vec<u8>, name: &str) {
        cover_list(out, name);
    }

    fn uncover(&self, out: &mut Vec<u8>, name: &str) {
        uncover_list(out, name);
    }
}
