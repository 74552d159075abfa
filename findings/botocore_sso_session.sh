#!/usr/bin/env bash
# botocore 1.44.5: how a profile's `sso_session` and `s3` affect calls that have
# nothing to do with either.
#
# Expected: a profile works if its keys are found before its `sso_session` is read,
# and a wrong `s3` affects only S3.
#
# Seen: botocore returns the keys, but then creates no client for any service. It
# looks for the session again, for a token that no such service uses.
# An `s3` that is not a block of sub-keys, for example because an editor removed the
# indentation, makes every call fail with "'str' object has no attribute 'get'", and
# so does a wrong value in the block. Only the profile that you ask for is affected:
# a source profile may have both.
#
# Needs Python 3.9 or later with venv, and the Python package index.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" --quiet --disable-pip-version-check install botocore==1.44.5
mkdir -p "$work/home/.aws"
cat > "$work/home/.aws/config" <<'CONFIG'
[profile keys]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = secret
[profile session]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = secret
sso_session = gone
[profile block]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = secret
s3 =
addressing_style = path
[profile style]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = secret
s3 =
  addressing_style = "path"
[profile role]
role_arn = arn:aws:iam::123456789012:role/read
source_profile = session
CONFIG

env -i HOME="$work/home" PATH="$PATH" "$work/venv/bin/python" - <<'PYTHON'
import sys

import botocore
import botocore.session

print("botocore", botocore.__version__)
failed = 0
for profile, wanted in [
    ("keys", "a client"),
    ("session", "InvalidConfigError"),
    ("block", "AttributeError"),
    ("style", "InvalidS3AddressingStyleError"),
    ("role", "a client"),
]:
    session = botocore.session.Session(profile=profile)
    assert session.get_credentials(), profile
    try:
        session.create_client("sts", region_name="us-east-1")
        got = "a client"
    except Exception as error:
        got = type(error).__name__
    print(f"{profile:10} {got}")
    if got != wanted:
        print(f"  changed: it was {wanted}")
        failed = 1
sys.exit(failed)
PYTHON
