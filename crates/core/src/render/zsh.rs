//! zsh: `eval "$(assumerole export ROLE)"`.

use super::format::Format;
use super::sh::Posix;

/// zsh takes no line break between single quotes under `setopt
/// csh_junkie_quotes`.
pub(super) const FORMAT: Format = Format::shell(
    "zsh",
    "zsh, to eval",
    &["zsh"],
    &Posix {
        has_lists: true,
        breaks_quoted: true,
        unset_uncovers: false,
    },
);
