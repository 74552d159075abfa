//! bash: `eval "$(assumerole export ROLE)"`.

use super::Format;
use super::sh::Posix;

pub(super) const FORMAT: Format = Format::shell("bash", "bash, to eval", &["bash"], &Posix);
