#!/usr/bin/env bash
# npm 11.19.1: which file NPM_CONFIG_USERCONFIG names.
#
# Expected: the value is a path and is used as it is, like PIP_CONFIG_FILE in pip.
# If two spellings of the name are set, the exact one or the upper-case one wins.
#
# Seen: npm itself expands `~/` and `${NAME}` in the value, so even a quoted `'~/x'`
# works. A variable that is not set stays in the path with its braces, and the file
# is then in a folder called `${NOPE}` below the working folder; only `${NOPE?}`
# becomes empty. The name is not case-sensitive, and of two spellings the later one
# in the environment wins.
#
# A program that writes a token for npm has to do all of this, too. Otherwise the
# token lands in ./~/x, inside somebody's work tree.
#
# Needs Node.js 20 or later with npm, and the npm registry.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/home" "$work/here"
npm install --silent --no-audit --no-fund --prefix "$work" npm@11.19.1
cd "$work/here"

failed=0
# see WHAT EXPECTED NAME=VALUE…: what npm takes for the user's file.
see() {
    local what=$1 wanted=$2 got
    shift 2
    got=$(env -i HOME="$work/home" PATH="$PATH" "$@" "$work/node_modules/.bin/npm" config get userconfig)
    got=${got//"$work"/\$work}
    printf '%-28s %s\n' "$what" "$got"
    if [[ $got != "$wanted" ]]; then
        printf '  changed: it was %s\n' "$wanted"
        failed=1
    fi
}

printf 'npm %s\n' "$("$work/node_modules/.bin/npm" --version)"
# shellcheck disable=SC2016,SC2088 # literally: who expands them is the question
{
    see 'a tilde' '$work/home/x' 'NPM_CONFIG_USERCONFIG=~/x'
    see 'a variable' '$work/home/x' 'NPM_CONFIG_USERCONFIG=${HOME}/x'
    see 'one that is not set' '$work/here/${NOPE}/x' 'NPM_CONFIG_USERCONFIG=${NOPE}/x'
    see 'one that may be missing' '/x' 'NPM_CONFIG_USERCONFIG=${NOPE?}/x'
    see 'a backslash before it' '$work/here/${HOME}/x' 'NPM_CONFIG_USERCONFIG=\${HOME}/x'
    see 'nothing' '$work/home/.npmrc' 'NPM_CONFIG_USERCONFIG='
    see 'lower case later' '/b' 'NPM_CONFIG_USERCONFIG=/a' 'npm_config_userconfig=/b'
    see 'upper case later' '/a' 'npm_config_userconfig=/b' 'NPM_CONFIG_USERCONFIG=/a'
    see 'mixed case alone' '/c' 'Npm_Config_UserConfig=/c'
}
exit "$failed"
