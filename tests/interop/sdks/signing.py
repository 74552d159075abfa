"""Signs by boto3 while hours pass; prints the seconds at which a process started."""

import json
import os
import pathlib

import botocore.auth
import botocore.awsrequest
import botocore.session

HOURS, AN_HOUR = 5, 200


def main():
    times = pathlib.Path(os.environ["FAKETIME_TIMESTAMP_FILE"])
    starts = pathlib.Path.home() / "starts"
    credentials = botocore.session.Session(profile="acme").get_credentials()
    found, before = [], 0
    for number in range(HOURS * AN_HOUR):
        at = number * 3600 // AN_HOUR
        new = times.with_suffix(".new")
        new.write_text(f"+{at}s\n", encoding="utf-8")
        new.rename(times)
        request = botocore.awsrequest.AWSRequest("GET", "https://sts.eu-central-1.amazonaws.com/")
        botocore.auth.SigV4Auth(credentials, "sts", "eu-central-1").add_auth(request)
        count = len(starts.read_text(encoding="utf-8").splitlines())
        found += [at] * (count - before)
        before = count
    print(json.dumps(found))


if __name__ == "__main__":
    main()
