#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A recorder whose ClickHouse goes away loses nothing and stores nothing twice: what it committed waits on its disk, across its own
death too, and arrives in order. The yardstick is the archive that it wrote meanwhile, indexed into a file."""
import glob
import json
import os
import re
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from server import Server

TMP, TOP, GSCRAPE = os.environ["TMP"], os.environ["TOP"], os.environ["GSCRAPE"]
B = os.path.dirname(GSCRAPE)
n = failed = 0
os.chdir(TMP)


def check(what, good, why=""):
    global n, failed
    n += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {n} - {what}")
    if not good:
        print("#", str(why)[-1500:].replace("\n", "\n# "))
    return good


def run(*words):
    p = subprocess.run([GSCRAPE, *words], capture_output=True, text=True, timeout=240, stdin=subprocess.DEVNULL)
    return p.returncode, p.stdout, p.stderr


def until(what, fn):
    """Wait for what has to happen; a minute is a fault."""
    end = time.monotonic() + 60
    while not fn():
        if time.monotonic() > end:
            print(f"not ok {n + 1} - {what}\n# {open('log').read()[-900:]}")
            finish(1)
        time.sleep(0.05)


def finish(rc):
    for p in (recorder, targets):
        if p and p.poll() is None:
            p.kill()
    server.kill()
    sys.exit(rc)


def record(*more):
    return subprocess.Popen([GSCRAPE, "--scrape", "--targets-file", "targets.json", "-i", "250ms", "--db", url, *more],
                            stdin=subprocess.DEVNULL, stdout=open("log", "a"), stderr=subprocess.STDOUT)


def log():
    return open("log").read()


def told():
    return [line for line in log().splitlines() if " store: " in line]


def waiting():
    return sorted(glob.glob("spool/gs.*/*.rows"))


def stored():
    return int(server.ask("SELECT sum(l) FROM (SELECT max(last_seq) AS l FROM gs.host GROUP BY name)"))


def times(db):
    return {(r["host"], r["time"]) for r in map(json.loads, run("--stats", "--json", "--db", db)[1].splitlines())}


def answers(db):
    told = [run(*words, "--json", "--db", db) for words in (["--lives"], ["--goroutines", "--group-by", "none"], ["--list-funcs"])]
    rows = [json.loads(line) for line in run("--stats", "--json", "--db", db)[1].splitlines()]
    for r in rows:
        r.pop("took", None)  # of which an archive knows nothing
    return [t[:2] for t in told] + [rows]


def archive_as(db):
    """The archive in a file, without what the store does not have: what was not committed when the recorder was killed."""
    kept, dropped = times(url), 0
    run("--index", "output", "--db", "all.db")
    for host, at in times("all.db") - kept:
        for f in glob.glob(f"output/{host.replace(':', '_')}/*.gz"):
            run("--index", f, "--db", "one.db")
            if (host, at) in times("one.db"):
                os.unlink(f)
                dropped += 1
            os.unlink("one.db")
    run("--index", "output", "--db", db)
    return dropped


if not Server.there():
    print("ok 1 - a server that is away # SKIP no clickhouse-server here\n1..1")
    sys.exit()
recorder = targets = None
server = Server("server").start()
url = f"clickhouse://127.0.0.1:{server.http}/gs?spool=spool"
targets = subprocess.Popen([f"{B}/tools/replay", "--loop", "--hosts", "4", "--targets-file", "targets.json", f"{TOP}/tests/data/series"],
                           stdout=subprocess.PIPE, text=True)
for _ in range(4):
    targets.stdout.readline()
recorder = record()
until("it records", lambda: "gs" in server.ask("SHOW DATABASES") and
      server.ask("EXISTS TABLE gs.gscrape_schema").strip() == "1" and stored() > 8)

# The server dies, again and again, whatever is on its way by then.
for _ in range(2):
    server.kill()
    until("what is committed waits", lambda: len(waiting()) > 1)
    server.start()
    until("and is delivered", lambda: not waiting())
    before = stored()
    until("it goes on", lambda: stored() > before)
check("that it is away is told each time, and how much waits", log().count("MB wait in spool/gs.") == 2, told())
check("and that it is over", log().count("what waited has been delivered") == 2, told())

# Both die: the recorder's next life delivers what the last one left.
server.kill()
until("it waits", lambda: len(waiting()) > 1)
recorder.kill()
recorder.wait()
left, known = waiting(), log()
rc, out, err = run("--scrape", "--once", "--no-archive", "--targets-file", "targets.json", "--db", url)
check("who starts while the server is away says so, and leaves what waits", rc == 1 and waiting() == left and err.count("\n") == 1, err)
server.start()
before = stored()
recorder = record()
until("the next life delivers it", lambda: not waiting())
check("what waited is there", stored() > before)
before = stored()
until("and it goes on", lambda: stored() > before)
recorder.send_signal(signal.SIGTERM)
recorder.wait()
check("nothing is left of the spool", not glob.glob("spool*"), glob.glob("spool/*"))
dropped = archive_as("file.db")
check("what was lost is what the recorder had not committed when it was killed", dropped <= 4 * 40, dropped)
here, there = answers(url), answers("file.db")
check("each snapshot is there once, and all that is told is what the archive tells", here == there, [a for a, b in zip(here, there) if a != b][:1])
check("nothing was said to be lost", "lost" not in log() and "failed" not in log().replace(" 0 failed", ""), told())

# A spool that is full.
os.unlink("log")
url = f"clickhouse://127.0.0.1:{server.http}/gs?spool=spool&spool-size=250K"
recorder = record("--no-archive")
before = stored()
until("it records again", lambda: stored() > before)
server.kill()
until("it is full", lambda: "the spool is full" in log())
size = sum(os.path.getsize(f) for f in waiting())
check("what waits is no more than is allowed", 0 < size <= 257000, size)
server.start()
until("what waited is delivered", lambda: not waiting())
before = stored()
until("and it goes on", lambda: stored() > before)
recorder.send_signal(signal.SIGTERM)
recorder.wait()
check("that it was full was one sentence", log().count("spool is full") == 1 and log().count("store: works again") == 1 and
      re.search(r"spool is full \(0\.[012] of 0\.2 MB in spool/gs\.1\): what comes from now on is lost", log()), told())
rows = [json.loads(line) for line in run("--stats", "--json", "--db", url)[1].splitlines()]
check("what is stored is whole", len(rows) == stored() == len({(r["host"], r["time"]) for r in rows}), (len(rows), stored()))
print(f"1..{n}")
finish(bool(failed))
