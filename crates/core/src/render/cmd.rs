//! cmd.exe: `for /f "delims=" %i in ('assumerole export ROLE') do %i`, or a
//! batch file.

use super::Format;
use super::handover::{cannot, text};
use super::lines::Lines;
use crate::error::Result;

pub(super) const FORMAT: Format = Format::shell("cmd", "cmd.exe: set lines", &["cmd"], &Cmd);

/// Between quotes only a few characters mean something. How they are escaped
/// is not the same in a batch file and in `for`: so they are refused.
struct Cmd;

impl Lines for Cmd {
    fn set(&self, out: &mut Vec<u8>, name: &str, value: &[u8]) -> Result<()> {
        let value = text("cmd", name, value)?;
        let special = |c: char| c.is_control() || "\"%!".contains(c);
        if value.contains(special) {
            let why = "it has a control character, a double quote, % or !";
            return Err(cannot("cmd", name, why));
        }
        out.extend_from_slice(format!("set \"{name}={value}\"\r\n").as_bytes());
        Ok(())
    }

    fn unset(&self, out: &mut Vec<u8>, name: &str) {
        out.extend_from_slice(format!("set \"{name}=\"\r\n").as_bytes());
    }

    /// cmd has no variables but those of the environment, and so nothing that
    /// changes it in place.
    fn keep(&self, _: &mut Vec<u8>, _: &str, _: &[u8]) -> Result<()> {
        Ok(())
    }

    fn bring_back(&self, _: &mut Vec<u8>) {}
}
