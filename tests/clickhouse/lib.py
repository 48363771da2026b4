# SPDX-License-Identifier: MIT
"""What the tests of a store in ClickHouse share: TAP lines, the program, a recorder of four replayed targets, and what a store tells."""
import atexit
import glob
import json
import os
import subprocess
import sys
import time

TMP, TOP, GSCRAPE = os.environ["TMP"], os.environ["TOP"], os.environ["GSCRAPE"]
SERIES = f"{TOP}/tests/data/series"
B = os.path.dirname(GSCRAPE)
n = failed = 0
os.chdir(TMP)


def check(what, good, why=""):
    global n, failed
    n += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {n} - {what}", flush=True)
    if not good:
        print("#", str(why)[-1500:].replace("\n", "\n# "), flush=True)
    return good


def skip(what, why):
    print(f"ok 1 - {what} # SKIP {why}\n1..1")
    sys.exit()


def done():
    print(f"1..{n}")
    sys.exit(bool(failed))


def run(*words):
    p = subprocess.run([GSCRAPE, *words], capture_output=True, text=True, timeout=240, stdin=subprocess.DEVNULL)
    return p.returncode, p.stdout, p.stderr


def until(what, fn):
    """Wait for what has to happen; two minutes are a fault."""
    end = time.monotonic() + 120
    while not fn():
        if time.monotonic() > end:
            check(what, False, log())
            done()
        time.sleep(0.05)


def targets():
    """Four hosts, whose next snapshot each request gets."""
    p = subprocess.Popen([f"{B}/tools/replay", "--loop", "--hosts", "4", "--targets-file", "targets.json", SERIES], stdout=subprocess.PIPE, text=True)
    atexit.register(p.kill)
    for _ in range(4):
        p.stdout.readline()


def record(url, *more):
    p = subprocess.Popen([GSCRAPE, "--scrape", "--targets-file", "targets.json", "-i", "250ms", "--db", url, *more], stdin=subprocess.DEVNULL,
                         stdout=open("log", "a"), stderr=subprocess.STDOUT)
    atexit.register(p.kill)
    return p


def log():
    return open("log").read() if os.path.exists("log") else ""


def told():
    return [line for line in log().splitlines() if " store: " in line]


def waiting():
    return sorted(glob.glob("spool/gs.*/*.rows"))


def stored(server):
    """Snapshots of all hosts; 0 as long as there are no tables."""
    if server.ask("SELECT count() FROM system.tables WHERE database = 'gs' AND name = 'gscrape_schema'").strip() == "0":
        return 0
    return int(server.ask("SELECT sum(l) FROM (SELECT max(last_seq) AS l FROM gs.host GROUP BY name)"))


def last_of_each(server):
    rows = server.ask("SELECT name, max(last_seq) FROM gs.host GROUP BY name").splitlines()
    return {name: int(last) for name, last in (row.split("\t") for row in rows)}


def times(db):
    return {(r["host"], r["time"]) for r in map(json.loads, run("--stats", "--json", "--db", db)[1].splitlines())}


def answers(db):
    told = [run(*words, "--json", "--db", db) for words in (["--lives"], ["--goroutines", "--group-by", "none"], ["--list-funcs"])]
    rows = [json.loads(line) for line in run("--stats", "--json", "--db", db)[1].splitlines()]
    for r in rows:
        r.pop("took", None)  # of which an archive knows nothing
    return [t[:2] for t in told] + [rows]


def same_as_archive(what, url):
    """All that is told is what the archive tells, but for what was not committed when the recorder was killed: how much that was."""
    run("--index", "output", "--db", "all.db")
    recorded = times("all.db")
    dropped = recorded - times(url)
    for host in {host for host, _ in dropped}:  # a file's place among its host's, whose names go by time, is its snapshot's
        files, of_host = sorted(glob.glob(f"output/{host.replace(':', '_')}/*.gz")), sorted(at for h, at in recorded if h == host)
        check(f"each file of {host} is a snapshot", len(files) == len(of_host), (len(files), len(of_host)))
        for file, at in zip(files, of_host):
            if (host, at) in dropped:
                os.unlink(file)
    run("--index", "output", "--db", "file.db")
    here, there = answers(url), answers("file.db")
    check(what, here == there, [a for a, b in zip(here, there) if a != b][:1])
    return len(dropped)
