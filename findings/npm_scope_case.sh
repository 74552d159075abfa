#!/usr/bin/env bash
# npm 11.19.1: the registry of a scope with capitals.
#
# Expected: a file and the environment treat a scope in the same way: both are
# case-sensitive, or neither is.
#
# Seen: a file is case-sensitive, and some older packages do have such scopes
# (`@Acme/lib`). npm converts the name of an environment variable to lower case, so
# `npm_config_@Acme:registry` sets the registry of `@acme`. The environment cannot
# set the registry of `@Acme` at all, and a variable that seems to set it changes
# another scope. The key of a token, `//host/:_authToken`, is not converted.
#
# Needs Node.js 20 or later with npm, and the npm registry.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/home"
npm install --silent --no-audit --no-fund --prefix "$work" npm@11.19.1
cat >"$work/home/.npmrc" <<'NPMRC'
@Acme:registry=http://capitals.example/
@acme:registry=http://small.example/
NPMRC
cd "$work/home"

failed=0
# see WHAT EXPECTED KEY NAME=VALUE…: what npm takes for KEY.
see() {
    local what=$1 wanted=$2 key=$3 got
    shift 3
    got=$(env -i HOME="$work/home" PATH="$PATH" "$@" "$work/node_modules/.bin/npm" config get "$key")
    printf '%-34s %s\n' "$what" "$got"
    if [[ $got != "$wanted" ]]; then
        printf '  changed: it was %s\n' "$wanted"
        failed=1
    fi
}

printf 'npm %s\n' "$("$work/node_modules/.bin/npm" --version)"
see 'the file, capitals' http://capitals.example/ @Acme:registry
see 'the file, small letters' http://small.example/ @acme:registry
see 'a variable, small letters' http://env.example/ @acme:registry npm_config_@acme:registry=http://env.example/
see 'a variable, capitals' http://capitals.example/ @Acme:registry npm_config_@Acme:registry=http://env.example/
see 'which sets the other scope' http://env.example/ @acme:registry npm_config_@Acme:registry=http://env.example/
see 'a scope that no file has' undefined @Other:registry npm_config_@Other:registry=http://env.example/
exit "$failed"
