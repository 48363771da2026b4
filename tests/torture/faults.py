#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# needs: cc
"""A call of the system fails, or the program is killed before it, while it indexes or records.

Each case takes a call (write, sync, rename, truncate, open, alloc), a number of it up to what an unbroken run makes (200 at
most), and how it fails: EIO, ENOSPC, EDQUOT, EMFILE, ENOMEM, a short write, this once or from then on; or a kill. The program
ends with a sentence; --verify finds nothing; what was committed before is there; when the archive is indexed once more, the
store has all that the archive has, and after an index tells, to the byte, what that of an unbroken run does.
CASE=N does one case alone; KEEP=DIR leaves its store there."""
import collections, errno, json, os, random, shutil, subprocess, sys
sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/torture/lib"))
from torture import *

CASES = 2000
KEEP = os.environ.get("KEEP")
ERRORS = [errno.EIO, errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENOMEM]
ASKED = [["--stats", "--json"], ["--goroutines", "--group-by", "none", "--json"], ["--lives", "--json"], ["--list-funcs", "--json"],
         ["--export", "folded"]]


def told(db, cwd):
    """What the store answers, to the byte; the sentence where it cannot."""
    return [run(c + ["--db", db], cwd) for c in ASKED]


def snapshots(db, cwd):
    """(host, time) of each snapshot that is stored, none where there is no store."""
    status, out, err = run(["--stats", "--json", "--db", db], cwd)
    rows = [json.loads(l) for l in out.decode().splitlines()] if status == 0 else []
    return {(r["host"], r["time"]) for r in rows}


class Index:
    """The second half of an archive, into a store of the first."""
    name = "index"

    def __init__(self, big):
        part = os.path.join(TMP, "part")
        part_of(big, part, 12)
        self.archive, self.base = big, os.path.join(TMP, "index")
        os.makedirs(self.base)
        index(part, "s.db", self.base)
        self.before = snapshots("s.db", self.base)

    def run(self, cwd, **more):
        return index(self.archive, "s.db", cwd, **more)


class Record:
    """Two rounds of recording, archive and all, into a store that has some."""
    name = "record"

    def __init__(self, big):
        self.server = subprocess.Popen([os.path.join(B, "tools/replay"), "--loop", big], stdout=subprocess.PIPE, text=True)
        self.target = self.server.stdout.readline().split()[1]
        self.archive, self.base = "output", os.path.join(TMP, "record")
        os.makedirs(self.base)
        self.run(self.base)
        self.before = snapshots("s.db", self.base)

    def run(self, cwd, **more):
        status, out, err = 0, b"", ""
        for _ in range(2):
            s, o, e = run(["--scrape", "--once", self.target, "--db", "s.db", "--output", "output"], cwd, **more)
            status, out, err = s or status, out + o, err + e
        return status, out, err


def judge(s, cwd, status, err, killed):
    """What is wrong, or None."""
    if status == "hang":
        return "hangs"
    if status not in (0, 1) and not (killed and status == -9):
        return f"ends with {status}"
    if status == 1 and not err.strip():
        return "says nothing"
    v = run(["--verify", "--db", "s.db"], cwd)
    if v[0] != 0:
        return f"--verify: {v[1].decode()}{v[2]}"
    lost = s.before - snapshots("s.db", cwd)
    if lost:
        return f"lost {sorted(lost)[:3]}"
    again = index(s.archive, "s.db", cwd)
    if again[0] != 0 or again[2]:
        return f"the next run: {again[2]}"
    if s.name == "index":
        return None if told("s.db", cwd) == s.want else "another result than an unbroken run's"
    index(s.archive, "fresh.db", cwd)
    missing = snapshots("fresh.db", cwd) - snapshots("s.db", cwd)
    if missing:
        return f"the archive has what the store never gets: {sorted(missing)[:3]}"
    v = run(["--verify", "--db", "s.db"], cwd)
    return None if v[0] == 0 else f"--verify after the next run: {v[1].decode()}"


def fault(k, scenes):
    rng = random.Random(k)
    s = rng.choice(scenes)
    call = rng.choice([c for c in s.counts if s.counts[c]] + ["write"])
    how = rng.choice(ERRORS + (["short", "kill", "kill"] if call == "write" else ["kill"]))
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


so, big = os.path.join(TMP, "shim.so"), os.path.join(TMP, "archive")
subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", so, os.path.join(TOP, "tests/torture/lib/shim.c"), "-ldl"], check=True)
gen(big, 2, 24, 40, 200)
scenes = []
for make in Index, Record:
    s = make(big)
    cwd = os.path.join(TMP, "unbroken")
    shutil.copytree(s.base, cwd)
    status, out, err = s.run(cwd, LD_PRELOAD=so, FAULT_COUNT=os.path.join(TMP, "counts"))
    s.counts = {k: int(v) for k, v in (l.split() for l in open(os.path.join(TMP, "counts")))}
    s.want = told("s.db", cwd)
    ok(f"without a fault it can {s.name}: {s.counts}", status == 0, err)
    shutil.rmtree(cwd)
    scenes.append(s)
done, bad = collections.Counter(), collections.defaultdict(list)
for k in cases(CASES):
    name, call, why = fault(k, scenes)
    done[name, call] += 1
    bad[name, call] += [f"CASE={k}: {why}"] if why else []
for name, call in sorted(done):
    ok(f"{name}: {call} fails, {done[name, call]} times: all is told, nothing is lost", not bad[name, call], *bad[name, call])
scenes[1].server.terminate()
finish()
