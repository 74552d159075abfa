#!/usr/bin/env bash
# botocore 1.44.5: an environment variable that is set to an empty value.
#
# Expected: the same rule for all variables. The AWS CLI's documentation of
# environment variables mentions only unsetting them, and most programs treat an
# empty variable as unset.
#
# Seen: five rules. Empty keys, endpoints, roles and switches count as unset. An
# empty file name means a file that does not exist: botocore silently ignores the
# default file, so there are no credentials or no region. An empty profile means a
# profile whose name is the empty string, which does not exist. An empty region is
# used as a region, and the request goes to `https://sts..amazonaws.com`, which is
# rejected as a URL. An empty number, retry mode or CA bundle is an error that does
# not name the variable (the error for a number is Python's).
#
# If you set a variable to an empty value to "clear" it for a child process, the AWS
# CLI fails with a message about something else. Unset the variable instead.
#
# Needs Python 3.10 or later with venv, and PyPI.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check botocore==1.44.5
mkdir -p "$work/home/.aws"
printf '[default]\nregion = eu-west-1\n' >"$work/home/.aws/config"
printf '[default]\naws_access_key_id = AKIDFILE\naws_secret_access_key = secret\n' >"$work/home/.aws/credentials"
cat >"$work/ask.py" <<'PY'
import botocore.session

try:
    session = botocore.session.Session()
    credentials = session.get_credentials()
    client = session.create_client("sts")
    print(credentials.access_key if credentials else "no keys", client.meta.endpoint_url)
except Exception as error:
    print(type(error).__name__ + ":", str(error).split(". ")[0])
PY

failed=0
# see NAME EXPECTED: what a client makes of NAME, set and empty.
see() {
    local got
    got=$(env -i HOME="$work/home" PATH="$PATH" "$1=" "$work/venv/bin/python" "$work/ask.py")
    printf '%-28s %s\n' "$1=" "$got"
    if [[ $got != "$2" ]]; then
        printf '  changed: it was %s\n' "$2"
        failed=1
    fi
}

printf 'botocore %s\n' "$("$work/venv/bin/python" -c 'import botocore; print(botocore.__version__)')"
as_unset='AKIDFILE https://sts.eu-west-1.amazonaws.com'
for name in AWS_ACCESS_KEY_ID AWS_ENDPOINT_URL AWS_ROLE_ARN \
    AWS_WEB_IDENTITY_TOKEN_FILE AWS_STS_REGIONAL_ENDPOINTS AWS_USE_FIPS_ENDPOINT; do
    see "$name" "$as_unset"
done
see AWS_SHARED_CREDENTIALS_FILE 'no keys https://sts.eu-west-1.amazonaws.com'
see AWS_CONFIG_FILE 'AKIDFILE https://sts.amazonaws.com'
see AWS_PROFILE 'ProfileNotFound: The config profile () could not be found'
see AWS_DEFAULT_PROFILE 'ProfileNotFound: The config profile () could not be found'
see AWS_DEFAULT_REGION 'ValueError: Invalid endpoint: https://sts..amazonaws.com'
see AWS_MAX_ATTEMPTS "ValueError: invalid literal for int() with base 10: ''"
see AWS_RETRY_MODE "InvalidRetryModeError: Invalid value provided to \"mode\": \"\" must be one of: ('legacy', 'standard', 'adaptive')"
see AWS_CA_BUNDLE 'InvalidConfigError: Invalid CA bundle: the configured value (ca_bundle, AWS_CA_BUNDLE, REQUESTS_CA_BUNDLE, or verify) resolved to an empty or whitespace-only string'
exit "$failed"
