#!/usr/bin/env bash
# twine 7.0.0: environment variables that are set to an empty value.
#
# Expected: empty variables count as unset, as in pip and npm, or each of them is
# used.
#
# Seen: an empty TWINE_REPOSITORY_URL counts as unset. An empty TWINE_USERNAME or
# TWINE_PASSWORD is used as an empty name or password in place of the value in
# ~/.pypirc. The upload is refused, and no message says why. CI systems set the
# variable to an empty value if a secret has none.
#
# Needs Python 3.10 or later with venv, and PyPI.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" --quiet --disable-pip-version-check install twine==7.0.0
mkdir "$work/home"
cat >"$work/home/.pypirc" <<'PYPIRC'
[distutils]
index-servers = acme

[acme]
repository = https://acme.example/
username = me
password = mine
PYPIRC
cat >"$work/show.py" <<'PYTHON'
import argparse
from twine import settings

parser = argparse.ArgumentParser()
settings.Settings.register_argparse_arguments(parser)
found = settings.Settings.from_argparse(parser.parse_args(["-r", "acme", "--non-interactive"]))
print(found.repository_config["repository"], repr(found.username), repr(found.password))
PYTHON

failed=0
# see WHAT EXPECTED NAME=VALUE…: where twine uploads to, as whom.
see() {
    local what=$1 wanted=$2 got
    shift 2
    got=$(env -i HOME="$work/home" PATH="$PATH" "$@" "$work/venv/bin/python" "$work/show.py")
    printf '%-28s %s\n' "$what" "$got"
    if [[ $got != "$wanted" ]]; then
        printf '  changed: it was %s\n' "$wanted"
        failed=1
    fi
}

"$work/venv/bin/twine" --version
see 'none is set' "https://acme.example/ 'me' 'mine'"
see 'an empty address' "https://acme.example/ 'me' 'mine'" TWINE_REPOSITORY_URL=
see 'an empty password' "https://acme.example/ 'me' ''" TWINE_PASSWORD=
see 'an empty user name' "https://acme.example/ '' 'mine'" TWINE_USERNAME=
exit "$failed"
