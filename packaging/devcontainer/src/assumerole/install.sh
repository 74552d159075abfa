#!/bin/sh
# Installs the static program of a release, after a look at its digest. It runs
# as root while the image is built, and has VERSION from the options.
set -eu
version=${VERSION:?the release to install}
releases=${ASSUMEROLE_RELEASES:-https://github.com/assumerole/assumerole/releases/download}
case $(uname -m) in
    x86_64) arch=x86_64 ;;
    aarch64 | arm64) arch=aarch64 ;;
    *) echo "assumerole has no release for $(uname -m)" >&2; exit 1 ;;
esac
name=assumerole-$version-$arch-unknown-linux-musl
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
fetch() {
    if command -v curl >/dev/null; then
        curl --fail --silent --show-error --location --output "$folder/$1" "$releases/v$version/$1"
    elif command -v wget >/dev/null; then
        wget --quiet --output-document "$folder/$1" "$releases/v$version/$1"
    else
        echo "cannot download $1: neither curl nor wget is installed" >&2
        exit 1
    fi
}
fetch "$name.tar.gz"
fetch SHA256SUMS
cd "$folder"
grep " $name.tar.gz\$" SHA256SUMS >wanted || {
    echo "SHA256SUMS of release $version does not name $name.tar.gz" >&2
    exit 1
}
sha256sum -c wanted >/dev/null
tar -xzf "$name.tar.gz"
install -m 755 "$name/assumerole" "${ASSUMEROLE_BIN:-/usr/local/bin}/assumerole"
