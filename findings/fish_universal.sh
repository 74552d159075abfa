#!/usr/bin/env bash
# fish 3.6.0: what a child gets of a variable that is universal and exported,
# when a nearer scope sets the same name.
#
# Expected: a variable of a nearer scope hides the universal one, from the shell
# and from what it starts alike; where the nearer one is not exported, a child
# gets nothing.
#
# Seen: the shell sees the nearer value and the child the universal one: `echo
# $NAME` and `env` in one line disagree. Without a flag, a global does not take
# the export over either. Only a nearer variable that is exported itself reaches
# the child, an empty one as `NAME=`; so there is no way to start a child without
# the name while the universal variable is there. With `--no-config` none of this
# is so: universal variables are then those of the process.
#
# Whoever sets a variable for a child, or wants one gone, has to look for an
# exported universal one first (`set -Uxq NAME`), and cannot hide it.
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
