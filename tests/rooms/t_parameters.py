#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# needs: ctags
"""A function has at most six parameters: more are values that belong together, and want a struct with a name."""
import os
import subprocess
import sys

MOST = 6
GIVEN = {"request_access"}  # another library says what it is called with


def parameters(signature):
    depth, n = 0, 1
    for c in signature.strip()[1:-1]:
        depth += (c == "(") - (c == ")")
        n += c == "," and depth == 0
    return n - signature.endswith("...)")


def functions():
    """(file, name, signature) of each function that is defined."""
    tags = subprocess.check_output(
        ["ctags", "-R", "--languages=C", "--langmap=C:.c.h", "--kinds-C=f", "--fields=+S", "-f", "-", "src"], text=True)
    for line in tags.splitlines():
        fields = line.split("\t")
        for f in fields[3:]:
            if f.startswith("signature:"):
                yield fields[1], fields[0], f[len("signature:"):]


os.chdir(os.environ["TOP"])
all_of_them = list(functions())
large = sorted((file, name, n) for file, name, signature in all_of_them
               if (n := parameters(signature)) > MOST and name not in GIVEN)
good = len(all_of_them) > 1000 and not large
print(f"{'ok' if good else 'not ok'} 1 - functions with more than {MOST} parameters: {len(large)} of {len(all_of_them)}")
for file, name, n in large if not good else []:
    print(f"# {file}: {name} has {n}")
print("1..1")
sys.exit(not good)
