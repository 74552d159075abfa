#!/bin/sh
# Becomes the program for this machine. npm links to this file.
here=$(readlink -f -- "$0") || exit 125
program=${here%/*}/bin/assumerole-$(uname -m)
[ -x "$program" ] || {
    echo "error: this package has no program for $(uname -m)" >&2
    exit 125
}
exec "$program" "$@"
