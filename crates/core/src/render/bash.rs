//! bash: `eval "$(assumerole export ROLE)"`.

use super::format::Format;
use super::sh::Posix;

pub(super) const FORMAT: Format = Format::shell(
    "bash",
    "bash, to eval",
    &["bash"],
    &Posix {
        has_lists: true,
        breaks_quoted: false,
        unset_uncovers: true,
    },
);
