#!/usr/bin/env python3
"""Random files of ~/.aws with what botocore reads from them.

    fuzz.py --out DIR [--count N] [--seed S]

writes N cases into DIR, each as `expected.py` writes those of the corpus. Then

    AWS_FILES_CORPUS=DIR cargo test -p assumerole-core --test aws_config botocore

compares our reading with them. The same seed gives the same files.
"""

import argparse
import pathlib
import random

import expected

NAMES = ["a", "b", "default", "'a'", '"a b"', "a\\ b", "a b", "", '"', "é", "a#b", "x]y", "[z"]
WORDS = ["profile", "profile", "profile", "profiles", "sso-session", "services", "Profile", ""]
KEYS = ["region", "Region", "é", "É", "k v", "[x", "a.b"] + [f"k{n}" for n in range(40)]
DELIMITERS = ["=", " = ", ":", " : ", " =", "= ", "==", "\t=\t", "\u3000=\u3000", "\x0b=\x0c"]
VALUES = ["", "", "", "one", "a = b", "c: d", "x # y", "#z", "[v]", "é\u2028w", "p\x0bq = r", "\x1f"]
BROKEN = ["word", "two words", "= x", "[", "]", "[]", "[a", "\ufeff", "\x00"]
INDENTS = ["", "", "", "", " ", "  ", "    ", "\t", "\u00a0", "\x1c "]
TAILS = ["", "", "", "", " ", "\t", " # note", "\u3000"]


def line(pick):
    """One line without its end."""
    if not pick(range(60)):
        return pick(INDENTS) + pick(BROKEN)
    kind = pick(["header"] * 3 + ["key"] * 6 + ["nested"] * 3 + ["blank", "comment"])
    indent = pick(INDENTS)
    if kind == "header":
        word = pick(WORDS)
        name = pick(["DEFAULT", "default", "plugins", f"{word} {pick(NAMES)}", f" {word}", pick(NAMES)])
        return indent + "[" + name + pick(["]"] * 12 + ["]]", "] x", "]x]"]) + pick(TAILS)
    if kind == "key":
        return indent + pick(KEYS) + pick(DELIMITERS) + pick(VALUES) + pick(TAILS)
    if kind == "nested":
        return pick(["  ", "    ", "\t"]) + pick(KEYS) + pick([" = ", "="]) + pick(VALUES)
    if kind == "comment":
        return indent + pick("#;") + pick(VALUES)
    return indent


def file(pick):
    """One file's bytes. Most have few lines: botocore refuses at one error."""
    end = pick(["\n"] * 8 + ["\r\n", "\r"])
    lines = [line(pick) for _ in range(pick(range(12)))]
    # Mostly with a header first, else the rest of the file says nothing.
    if pick(range(10)):
        lines.insert(0, pick(["[default]", "[profile a]", "[a]", "[DEFAULT]"]))
    text = end.join(lines) + pick([end, end, ""])
    data = bytearray(text.encode())
    if not pick(range(60)):
        data.insert(pick(range(len(data) + 1)), 0xFF)
    if not pick(range(60)):
        data[:0] = b"\xef\xbb\xbf"
    return bytes(data)


def main():
    expected.clear_environment()
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    pick = random.Random(args.seed).choice
    refused = 0
    for number in range(args.count):
        case = args.out / f"{number:06}"
        case.mkdir(parents=True)
        for name in pick([["config"], ["config"], ["credentials"], ["config", "credentials"]]):
            (case / name).write_bytes(file(pick))
        found = expected.expected(case)
        refused += any("error" in view for view in found.values())
        (case / "expected.json").write_text(expected.as_text(found), encoding="utf-8")
    print(f"{args.count} cases, botocore refuses {refused}")


if __name__ == "__main__":
    main()
