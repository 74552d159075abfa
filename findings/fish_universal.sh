#!/usr/bin/env bash
# fish 3.6.0: the value that a child process gets for a universal exported variable
# when a nearer scope sets the same name.
#
# Expected: a variable in a nearer scope hides the universal one, both from the
# shell and from the programs it starts. If the nearer variable is not exported, a
# child gets nothing.
#
# Seen: the shell sees the nearer value and the child sees the universal one: `echo
# $NAME` and `env` on the same line disagree. Without a flag, a global variable does
# not inherit the export either. Only a nearer variable that is itself exported
# reaches the child; an empty one arrives as `NAME=`. There is no way to start a
# child without the name as long as the universal variable exists. With
# `--no-config`, none of this happens: universal variables then belong to the process.
#
# Before you set a variable for a child, or remove one, look for an exported
# universal variable (`set -Uxq NAME`). You cannot hide it.
#
# Needs Debian 12 and its mirror.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir "$work/home"
cd "$work"
apt-get download --quiet --quiet fish=3.6.0-3.1+deb12u1 libpcre2-32-0 2>"$work/log" || {
    cat "$work/log" >&2
    exit 1
}
for package in ./*.deb; do dpkg -x "$package" "$work/root"; done

run() {
    env -i HOME="$work/home" PATH=/usr/bin:/bin LC_ALL=C.UTF-8 \
        LD_LIBRARY_PATH="$(echo "$work"/root/usr/lib/*-linux-gnu)" "$work/root/usr/bin/fish" "$@"
}

failed=0
# see WHAT EXPECTED FISH…: what the shell sees and what a child gets.
see() {
    local what=$1 wanted=$2 got
    shift 2
    got=$(run "$@" | tr '\n' ' ')
    got=${got% }
    printf '%-26s %s\n' "$what" "$got"
    if [[ $got != "$wanted" ]]; then
        printf '  changed: it was %s\n' "$wanted"
        failed=1
    fi
}

# shellcheck disable=SC2016 # fish expands them
{
    printf 'fish %s\n' "$(run -c 'echo $version')"
    run -c 'set -Ux NAME universal'
    both='echo "shell=$NAME"; env | string match "NAME=*"; true'
    see 'nothing nearer' 'shell=universal NAME=universal' -c "$both"
    see 'a global' 'shell=near NAME=universal' -c "set -g NAME near; $both"
    see 'a global, not exported' 'shell=near NAME=universal' -c "set -gu NAME near; $both"
    see 'a local of a function' 'shell=near NAME=universal' -c "function f; set -l NAME near; $both; end; f"
    see 'an exported global' 'shell=near NAME=near' -c "set -gx NAME near; $both"
    see 'one without a value' 'shell= NAME=' -c "set -gx NAME; $both"
    see 'after it is erased' 'shell=universal NAME=universal' -c "set -gx NAME near; set -eg NAME; $both"
    see 'without configuration' 'shell=near' --no-config -c "set -Ux NAME universal; set -gu NAME near; $both"
}
exit "$failed"
