#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# needs: cc
"""A call of the system fails, or the program is killed before it, while it indexes, records, copies hosts into a store, compacts one
or drops history with the names that nobody uses any more.

Each case takes a call (write, head, sync, rename, truncate, open, alloc), a number of it up to what an unbroken run makes (200 at
most), and how it fails: EIO, ENOSPC, EDQUOT, EMFILE, ENOMEM, a short write, this once or from then on; or a kill. The program
ends with a sentence; --verify finds nothing; what was committed before is there; when the archive is indexed once more, the
store has all that the archive has, and after all but a recording tells, to the byte, what that of an unbroken run does.
CASE=N does one case alone; KEEP=DIR leaves its store there."""
import collections, errno, os, random, shutil, sys
sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/torture/lib"))
from torture import *

CASES = 2000
KEEP = os.environ.get("KEEP")
ERRORS = [errno.EIO, errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENOMEM]


def fault(k, scenes):
    rng = random.Random(k)
    s = rng.choice(scenes)
    call = rng.choice([c for c in s.counts if s.counts[c]] + ["write"])
    how = rng.choice(ERRORS + (["short", "kill", "kill"] if call in ("write", "head") else ["kill"]))
    n = rng.randint(1, min(200, s.counts[call]))
    what = f"{call}:{n}{'+' if rng.random() < .3 and how != 'kill' else ''}:{how}"
    cwd = os.path.join(TMP, "run")
    shutil.copytree(s.base, cwd)
    status, out, err = s.run(cwd, LD_PRELOAD=so, FAULT=what)
    why = judge(s, cwd, status, err, how == "kill")
    if why:
        print(f"# CASE={k}: {s.name} {what}: {why} ({status}: {err.strip()[-200:]!r})", flush=True)
    if KEEP:
        shutil.copytree(cwd, KEEP, dirs_exist_ok=True)
    shutil.rmtree(cwd)
    return s.name, call, why


so, big = shim(), os.path.join(TMP, "archive")
gen(big, 2, 24, 40, 200)
scenes = [Index(big), Record(big), Copy(big), Compact(big), Retain(big)]
for s in scenes:
    unbroken(s, so)
done, bad = collections.Counter(), collections.defaultdict(list)
for k in cases(CASES):
    name, call, why = fault(k, scenes)
    done[name, call] += 1
    bad[name, call] += [f"CASE={k}: {why}"] if why else []
for name, call in sorted(done):
    ok(f"{name}: {call} fails, {done[name, call]} times: all is told, nothing is lost", not bad[name, call], *bad[name, call])
for s in scenes[1], scenes[4]:
    s.server.terminate()
finish()
