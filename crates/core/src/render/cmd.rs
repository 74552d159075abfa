//! cmd.exe: `for /f "delims=" %i in ('assumerole export ROLE') do %i`, or a
//! batch file.

use super::format::Format;
use super::handover::{cannot, text};
use super::lines::LineSyntax;
use crate::diagnostic::Result;
use crate::environment::Names;

pub(super) const FORMAT: Format = Format {
    names: Names::AnyCase,
    ..Format::shell("cmd", "cmd.exe: set lines", &["cmd"], &Cmd)
};

/// Characters of a line of cmd.exe.
///
/// <https://learn.microsoft.com/troubleshoot/windows-client/shell-experience/command-line-string-limitation>
const LONGEST: usize = 8191;

/// Between quotes only a few characters mean something. How they are escaped
/// is not the same in a batch file and in `for`: so they are refused. `set`
/// takes its line up to the last quote, but those between end and begin what is
/// quoted.
struct Cmd;

impl LineSyntax for Cmd {
    fn set(&self, out: &mut Vec<u8>, name: &str, value: &[u8]) -> Result<()> {
        let value = text("cmd", name, value)?;
        if value.contains(|c: char| c.is_control() || "%!".contains(c)) {
            let why = "it has a control character, % or !";
            return Err(cannot("cmd", name, why));
        }
        if value.contains('"') && value.contains(|c| "&|<>^".contains(c)) {
            let why = "it has a double quote and one of & | < > ^";
            return Err(cannot("cmd", name, why));
        }
        if value.is_empty() {
            return Err(cannot(
                "cmd",
                name,
                "it is empty, which is the same as unset",
            ));
        }
        let line = ["set \"", name, "=", value, "\"\r\n"];
        let length: usize = line.iter().map(|part| part.encode_utf16().count()).sum();
        if length > LONGEST {
            return Err(cannot("cmd", name, "its line is too long"));
        }
        for part in line {
            out.extend_from_slice(part.as_bytes());
        }
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
