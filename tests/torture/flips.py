#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""One byte of a store is another one than was written; then everything is asked.

Each answer is the one of the sound store, or a sentence and status 1; nothing dies by a signal, hangs, or takes memory.
What makes any command fail is found by --verify, too, and what --verify --repair keeps of it has no fault. Half of the bytes are anywhere, half in heads of pages and of rows.
CASE=N does one case alone; KEEP=DIR leaves its store, and a wrong answer, there."""
import collections, json, os, random, re, shutil, signal, subprocess, sys, time, urllib.request
sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/torture/lib"))
from torture import *

CASES, HEAP, SECONDS = 2000, 1 << 30, 60
KEEP = os.environ.get("KEEP")
TOLD = re.compile(r"damaged|is no store|is cut|is not there|no such host|another program|of format|faults?$|empty store", re.M)
COMMANDS = [["--hosts", "--json"], ["--stats", "--json"], ["--goroutines", "--json"], ["--goroutines", "--group-by", "none", "--json"],
            ["--goroutine", "N", "--host", "H", "--json"], ["--query", "main", "--json"], ["--list-funcs", "--json"], ["--leaks", "--json"],
            ["--diff", "--json"], ["--lives", "--json"], ["--waiters", "--json"], ["--export", "folded"],
            ["--goroutines", "--group-by", "stack", "--json"], ["--dump", "host"], ["--export", "pprof"]]


def served(cwd, host):
    """What the server answers; status as of the program where it does not start or does not end by itself."""
    p = subprocess.Popen([G, "--serve", "127.0.0.1:0", "--db", "s.db"], cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, preexec_fn=limited(HEAP))
    line = p.stdout.readline().decode()
    url = re.search(r"http://\S+?(?=/?\s|/?$)", line)
    got = []
    for path in ("hosts", f"goroutines?host={host}", f"snapshots?host={host}", f"leaks?host={host}") if url else ():
        try:
            with urllib.request.urlopen(f"{url.group(0)}/api/v1/{path}", timeout=SECONDS) as r:
                got.append(r.read())
        except urllib.error.HTTPError as e:
            got.append(b"%d " % e.code + e.read())
        except OSError as e:
            got.append(f"died: {e}".encode())
    if url and p.poll() is None:
        p.send_signal(signal.SIGTERM)
    rest = line + p.communicate(timeout=SECONDS)[0].decode(errors="replace")
    told = p.returncode or (1 if any(re.match(rb"[45]\d\d ", g) for g in got) else 0)
    return told, b"\n".join(got), rest + b"\n".join(got).decode(errors="replace")


def ask(cwd, more):
    """Every answer; --index goes on from a copy of the store with what comes after it."""
    answers, host = {}, sorted(os.listdir(more))[-1]
    words = {"H": host, "N": "1" if "127" in host else "2"}
    for c in COMMANDS:
        answers[" ".join(c)] = run([words.get(w, w) for w in c] + ["--db", "s.db"], cwd, SECONDS, HEAP)
    answers["--serve"] = served(cwd, host)
    answers["--verify"] = run(["--verify", "--db", "s.db"], cwd, SECONDS, HEAP)
    shutil.copy(os.path.join(cwd, "s.db"), os.path.join(cwd, "w.db"))
    status, out, err = index(more, "w.db", cwd, memory=HEAP)
    for c in (COMMANDS[1], COMMANDS[3]) if status == 0 else ():
        s, o, e = run(c + ["--db", "w.db"], cwd, SECONDS, HEAP)
        status, out, err = status or s, out + o, err + e
    answers["--index"] = status, out, err
    return answers


def await_past(db, cwd):
    """Until nothing in it is now: what was recorded a moment ago is answered differently a moment later."""
    until = time.monotonic() + SECONDS
    while any(json.loads(l)["now"] is not None for l in run(["--hosts", "--json", "--db", db], cwd)[1].splitlines()):
        assert time.monotonic() < until, "a recording that ended is still now"
        time.sleep(.1)


def make_stores():
    """Small; of many commits; with pages that are free; with names that went. Each with the archive that goes on from it."""
    work = os.path.join(TMP, "stores")
    os.makedirs(work)
    index(PAST, "small.db", work)
    big, part = os.path.join(TMP, "archive"), os.path.join(TMP, "part")
    gen(big, 2, 60, 60, 200)
    for n in range(10, 51, 10):
        part_of(big, part, n)
        index(part, "many.db", work)
    shutil.copy(os.path.join(work, "many.db"), os.path.join(work, "long.db"))
    part_of(big, part, 58)
    index(part, "long.db", work)
    retained = Retain(big)
    retained.run(retained.base)
    retained.server.terminate()
    index(PAST, "s.db", retained.base)
    await_past("s.db", retained.base)
    shutil.copy(os.path.join(retained.base, "s.db"), os.path.join(work, "dropped.db"))
    return [(os.path.join(work, f), a) for f, a in (("small.db", PAST), ("many.db", big), ("long.db", big), ("dropped.db", PAST))]


def place(data, rng):
    if rng.random() < .5:
        return rng.randrange(len(data))
    page = rng.randrange(len(data) // 4096) * 4096
    return page + rng.randrange(160 if page < 8192 else 400)


def judge(want, got):
    """None: right, or told. A word: what is wrong with it."""
    status, out, err = got
    if status == "hang":
        return "hang"
    if status < 0 or b"died" in out[:200] or "out of memory" in err:
        return "crash"
    if status == want[0] and out == want[1]:
        return None
    return None if status == 1 and TOLD.search(err) else "silent"


def flip(k, stores, wants):
    """The faults of case k, and whether anything was told."""
    rng = random.Random(k)
    i = rng.randrange(len(stores))
    data = bytearray(open(stores[i][0], "rb").read())
    at = place(data, rng)
    was = data[at]
    data[at] ^= rng.choice([1 << rng.randrange(8), rng.randrange(1, 256)])
    cwd = os.path.join(TMP, "flipped")
    os.makedirs(cwd)
    open(os.path.join(cwd, "s.db"), "wb").write(data)
    got = ask(cwd, stores[i][1])
    faults = [(judge(wants[i][c], g), c, g) for c, g in got.items() if judge(wants[i][c], g)]
    told = [c for c, g in got.items() if g[0] != 0]
    if told and got["--verify"][0] == 0:
        faults.append(("verify misses", ", ".join(told), got[told[0]]))
    if told:
        status, out, err = run(["--verify", "--repair", "--db", "s.db"], cwd, SECONDS, HEAP)
        if status != 0 or run(["--verify", "--db", "s.db.repaired"], cwd, SECONDS, HEAP)[0] != 0:
            faults.append(("not repaired", "--verify --repair", (status, out, err)))
    if KEEP:
        shutil.copytree(cwd, KEEP, dirs_exist_ok=True)
        for name, x in (("want", wants[i][faults[0][1]]), ("got", faults[0][2])) if faults and faults[0][1] in got else ():
            open(os.path.join(KEEP, name), "wb").write(x[1])
    shutil.rmtree(cwd)
    for w, c, g in faults:
        print(f"# CASE={k}: {w}: {os.path.basename(stores[i][0])} byte {at} {was:02x} to {data[at]:02x}: {c}: {g[0]} {g[2][-200:]!r}", flush=True)
    return [w for w, c, g in faults], bool(told)


found, told, stores, wants = collections.Counter(), 0, make_stores(), []
for path, more in stores:
    cwd = os.path.join(TMP, "sound")
    os.makedirs(cwd)
    shutil.copy(path, os.path.join(cwd, "s.db"))
    wants.append(ask(cwd, more))
    bad = [(c, g[2]) for c, g in wants[-1].items() if g[0] != 0]
    ok(f"the sound store {os.path.basename(path)} answers everything", not bad, bad)
    shutil.rmtree(cwd)
todo = cases(range(CASES))
for k in todo:
    faults, anything = flip(k, stores, wants)
    found.update(faults)
    told += anything
what = f"{len(todo)} stores with a byte flipped x {len(wants[0])} commands, {told} told of"
for w in "crash", "hang", "silent", "verify misses", "not repaired":
    ok(f"{what}: 0 {w}", not found[w], f"{found[w]} {w}")
finish()
