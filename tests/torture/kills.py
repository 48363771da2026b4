#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# needs: cc
"""Killed anywhere while it indexes, and behind any event while it records: 300 times each.

--verify finds nothing, what was told to be recorded before the last commit is there, and when the archive is indexed once more
the store has all that the archive has; after an index it tells, to the byte, what that of an unbroken run does.
CASE=N does one case alone."""
import os, random, shutil, subprocess, sys
sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/torture/lib"))
from torture import *

CASES = 300


def killed_index(rng, cwd):
    """Before one of its allocations, of which there are some in everything that it does."""
    return index_scene.run(cwd, LD_PRELOAD=so, FAULT=f"alloc:{rng.randint(1, index_scene.counts['alloc'])}:kill")


def killed_record(rng, cwd):
    p = subprocess.Popen([G, "--scrape", record_scene.targets[0], "-i", "10ms", "--db", "s.db", "--output", "output", "--json"], cwd=cwd,
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    for _ in range(rng.randint(0, 40)):
        p.stdout.readline()
    p.kill()
    p.stdout.close()
    return p.wait(), b"", ""


def kill(s, fn, k):
    cwd = os.path.join(TMP, "run")
    shutil.copytree(s.base, cwd)
    status, out, err = fn(random.Random(k), cwd)
    why = judge(s, cwd, status, err, True)
    shutil.rmtree(cwd)
    return [f"CASE={k}: {why}"] if why else []


so, big = shim(), os.path.join(TMP, "archive")
gen(big, 2, 24, 40, 200)
index_scene, record_scene = Index(big), Record(big)
unbroken(index_scene, so)
todo = cases(range(CASES))
for s, fn in (index_scene, killed_index), (record_scene, killed_record):
    bad = [w for k in todo for w in kill(s, fn, k)]
    ok(f"{s.name}: killed {len(todo)} times, whole and complete each time", not bad, *bad)
record_scene.end()
finish()
