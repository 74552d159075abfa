//! PowerShell: `assumerole export ROLE | Out-String | Invoke-Expression`.

use super::format::Format;
use super::handover::text;
use super::lines::{KEPT, LineSyntax};
use crate::diagnostic::Result;

pub(super) const FORMAT: Format = Format::shell(
    "powershell",
    "PowerShell: Out-String | Invoke-Expression",
    &["pwsh", "powershell"],
    &PowerShell,
);

struct PowerShell;

impl LineSyntax for PowerShell {
    fn set(&self, out: &mut Vec<u8>, name: &str, value: &[u8]) -> Result<()> {
        assign(out, "env:", name, value)
    }

    fn unset(&self, out: &mut Vec<u8>, name: &str) {
        let line = format!("Remove-Item -LiteralPath Env:{name} -ErrorAction Ignore\n");
        out.extend_from_slice(line.as_bytes());
    }

    fn keep(&self, out: &mut Vec<u8>, name: &str, value: &[u8]) -> Result<()> {
        assign(out, "global:", name, value)
    }

    fn bring_back(&self, out: &mut Vec<u8>) {
        let lines = format!(
            "if ($global:{KEPT}) {{ Invoke-Expression $global:{KEPT} }}\n\
             $global:{KEPT} = ''\n"
        );
        out.extend_from_slice(lines.as_bytes());
    }
}

fn assign(out: &mut Vec<u8>, scope: &str, name: &str, value: &[u8]) -> Result<()> {
    let value = text("powershell", name, value)?;
    out.extend_from_slice(format!("${scope}{name} = ").as_bytes());
    quote(out, value);
    out.push(b'\n');
    Ok(())
}

/// Single quotes; PowerShell takes four more characters for one. What breaks
/// lines, or may, is put together from its number, because the text is passed
/// on line by line.
///
/// <https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_quoting_rules>
fn quote(out: &mut Vec<u8>, value: &str) {
    out.push(b'\'');
    for c in value.chars() {
        match c {
            '\'' | '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}' => {
                out.extend_from_slice(format!("{c}{c}").as_bytes());
            }
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => {
                out.extend_from_slice(format!("' + [char]{} + '", u32::from(c)).as_bytes());
            }
            c => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    out.push(b'\'');
}
