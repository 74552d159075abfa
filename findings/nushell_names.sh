#!/usr/bin/env bash
# nushell 0.115.1 on Linux: names of environment variables that differ only in case.
#
# Expected: as in every other Unix shell, `ab` and `AB` are two variables, and a
# child gets both, each with the name that was set.
#
# Seen: they are one variable, on Linux as on Windows. Setting either of them changes
# both, and a child gets the new value under the spelling that existed *first*: after
# `$env.AB = "2"` in a process that inherited `ab`, a child has `ab=2` and no `AB`.
# Hiding one and setting the other brings back the old spelling with the new value.
#
# If you export a variable under two spellings for old scripts, you have to choose
# one of them in nushell, and you cannot rely on the spelling that you set.
#
# Needs Node.js 20 or later with npm, and the npm registry.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm install --silent --no-audit --no-fund --prefix "$work" nushell@0.115.1
nu=$(echo "$work"/node_modules/@nushell/*/bin/nu)
cd "$work"

failed=0
# see WHAT EXPECTED COMMAND NAME=VALUE…: what a child of nushell gets.
see() {
    local what=$1 wanted=$2 command=$3 got
    shift 3
    got=$(env -i HOME="$work" PATH="$PATH" "$@" "$nu" --no-config-file \
        -c "$command; ^env | ^grep -i '^ab=' | ^sort | print --raw" | tr '\n' ' ')
    got=${got%% }
    got=${got%% }
    printf '%-28s %s\n' "$what" "${got:-nothing}"
    if [[ $got != "$wanted" ]]; then
        printf '  changed: it was %s\n' "$wanted"
        failed=1
    fi
}

printf 'nushell %s\n' "$("$nu" --version)"
# shellcheck disable=SC2016 # nushell expands them
{
    see 'set anew in another case' 'ab=2' '$env.AB = "2"' ab=1
    see 'both set here' 'ab=2' '$env.ab = "1"; $env.AB = "2"'
    see 'both in one record' 'ab=2' 'load-env {ab: "1", AB: "2"}'
    see 'hidden, then set' 'ab=2' 'hide-env ab; $env.AB = "2"' ab=1
    see 'read in another case' 'ab=1' 'if $env.AB != "1" { exit 1 }' ab=1
}
exit "$failed"
