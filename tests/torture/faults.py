#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# needs: cc
"""A call of the system fails, or the program is killed before it, while it indexes, records one target or many, copies hosts into a
store, compacts one or drops history with the names that nobody uses any more.

Each case takes a call (write, head, sync, rename, truncate, open, alloc), a number N of it and how it fails: EIO, ENOSPC, EDQUOT,
EMFILE, ENOMEM, a short write, one of these from then on, or a kill. N is each from 1 to what an unbroken run makes, up to 200;
an allocation fails for one reason alone, and there some beyond 200 are tried, too. The program ends with a sentence; --verify
finds nothing; what was committed before is there; when the archive is indexed once more, the store has all that the archive
has, and after all but a recording tells, to the byte, what that of an unbroken run does.
JOBS cases run side by side. CASE='index write:1:5' (what a failure prints) does one case alone; KEEP=DIR leaves its store there."""
import collections, errno, os, random, shutil, sys
from concurrent.futures import ThreadPoolExecutor
sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/torture/lib"))
from torture import *

KEEP = os.environ.get("KEEP")
JOBS = int(os.environ.get("JOBS") or os.cpu_count() or 2)
ERRORS = [errno.EIO, errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENOMEM]
BEYOND = 100 # allocations that are tried beyond MOST


def numbers(call, n):
    return [*range(1, min(MOST, n) + 1), *(range(MOST + 1, n + 1, (n - MOST) // BEYOND + 1) if call == "alloc" else ())]


def hows(call, n):
    """What happens to call number n."""
    if call == "alloc":
        return [f"{n}:{errno.ENOMEM}", f"{n}:kill" if n % 2 else f"{n}+:{errno.ENOMEM}"]
    return [f"{n}:{e}" for e in ERRORS + ["short"] * (call in ("write", "head")) + ["kill"]] + [f"{n}+:{ERRORS[n % len(ERRORS)]}"]


def fault(k):
    name, what = k.rsplit(" ", 1)
    s, cwd = scenes[name], os.path.join(TMP, "run " + k)
    shutil.copytree(s.base, cwd)
    status, out, err = s.run(cwd, LD_PRELOAD=so, FAULT=what)
    why = judge(s, cwd, status, err, what.endswith(":kill"))
    if why:
        print(f"# CASE='{k}': {why} ({status}: {err.strip()[-200:]!r})", flush=True)
    if KEEP:
        shutil.copytree(cwd, KEEP, dirs_exist_ok=True)
    shutil.rmtree(cwd)
    return name, what.split(":")[0], f"CASE='{k}': {why}" if why else None


so, big = shim(), os.path.join(TMP, "archive")
gen(big, 2, 24, 40, 200)
scenes = {s.name: s for s in (Index(big), Record(big), Many(), Copy(big), Compact(big), Retain(big))}
for s in scenes.values():
    unbroken(s, so)
every = [f"{s.name} {call}:{how}" for s in scenes.values() for call in s.counts for n in numbers(call, s.counts[call]) for how in hows(call, n)]
print(f"# {len(every)} cases", flush=True)
random.Random(1).shuffle(every) # so that a share has something of everything
done, bad = collections.Counter(), collections.defaultdict(list)
with ThreadPoolExecutor(JOBS) as pool:
    for name, call, why in pool.map(fault, cases(every)):
        done[name, call] += 1
        bad[name, call] += [why] if why else []
        if sum(done.values()) % 500 == 0:
            print(f"# {sum(done.values())} done", flush=True)
for name, call in sorted(done):
    ok(f"{name}: {call} fails, {done[name, call]} times: all is told, nothing is lost", not bad[name, call], *bad[name, call])
for s in scenes.values():
    s.end()
finish()
