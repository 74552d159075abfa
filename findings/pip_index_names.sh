#!/usr/bin/env bash
# pip 26.3: which of its settings selects the index.
#
# Expected: `index-url` in `[global]`, in the newest of the user's files, and
# PIP_INDEX_URL in preference to it. Another spelling is ignored or an error.
#
# Seen: there is a second name, `pypi-url`, which no page of the manual lists, as a
# key and as PIP_PYPI_URL. Of the two variables, the later one in the environment
# wins. A key can have the leading dashes of the command line, two or four, but not
# three. If one section has two spellings, pip refuses to start. The section of a
# command takes precedence over `[global]` whichever file it is in, so `[download]`
# in the legacy ~/.pip/pip.conf beats the newer file. `pip config list` lists
# `[Download]`, but pip never reads it.
#
# Before you write `index-url`, look for all of these: a second spelling breaks pip,
# and a line that you leave may take precedence.
#
# Needs Python 3.9 or later with venv, and PyPI.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" --quiet --disable-pip-version-check install pip==26.3
mkdir -p "$work/home/.config/pip" "$work/home/.pip"

failed=0
# see WHAT EXPECTED SETTINGS LEGACY NAME=VALUE…: which index pip looks in.
see() {
    local what=$1 wanted=$2 got
    # shellcheck disable=SC2059 # the line breaks in them are meant
    printf "$3" >"$work/home/.config/pip/pip.conf"
    # shellcheck disable=SC2059
    printf "$4" >"$work/home/.pip/pip.conf"
    shift 4
    got=$(env -i HOME="$work/home" PATH="$PATH" "$@" "$work/venv/bin/pip" \
        --disable-pip-version-check download nosuch --retries 0 --timeout 1 2>&1 || true) && got=$(printf '%s\n' "$got" |
        sed -n 's/^Looking in indexes: //p; s/.*option .* already exists$/refused/p' | head -1)
    printf '%-34s %s\n' "$what" "${got:-none}"
    if [[ ${got:-none} != "$wanted" ]]; then
        printf '  changed: it was %s\n' "$wanted"
        failed=1
    fi
}

"$work/venv/bin/pip" --version
a=http://127.0.0.1:1/a
b=http://127.0.0.1:1/b
see 'index-url' "$a" "[global]\nindex-url = $a\n" ''
see 'index_url, in capitals' "$a" "[global]\nINDEX_URL = $a\n" ''
see 'pypi-url' "$a" "[global]\npypi-url = $a\n" ''
see 'two dashes' "$a" "[global]\n--index-url = $a\n" ''
see 'three dashes' none "[global]\n---index-url = $a\n" ''
see 'four dashes' "$a" "[global]\n----index-url = $a\n" ''
see 'two spellings' refused "[global]\nindex-url = $a\nindex_url = $b\n" ''
see 'a command, in the legacy file' "$b" "[global]\nindex-url = $a\n" "[download]\nindex-url = $b\n"
see 'all commands, in the legacy file' "$a" "[global]\nindex-url = $a\n" "[global]\nindex-url = $b\n"
see 'a command in capitals' "$a" "[global]\nindex-url = $a\n[Download]\nindex-url = $b\n" ''
see 'PIP_PYPI_URL' "$b" "[global]\nindex-url = $a\n" '' "PIP_PYPI_URL=$b"
see 'PIP_INDEX_URL last' "$b" '' '' "PIP_PYPI_URL=$a" "PIP_INDEX_URL=$b"
see 'PIP_PYPI_URL last' "$b" '' '' "PIP_INDEX_URL=$a" "PIP_PYPI_URL=$b"
see 'a variable in small letters' "$a" "[global]\nindex-url = $a\n" '' "pip_index_url=$b"
exit "$failed"
