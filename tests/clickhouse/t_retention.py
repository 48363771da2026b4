#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What is old goes out of ClickHouse, from the server's disk too: while two recorders share a database, from a host that nobody records
any more, by hand; and never takes a host from who records it."""
import json
import os
import signal
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lib import *
from server import Server

if not Server.there():
    skip("retention in a server", "no clickhouse-server here")
server = Server("server").start()
url = f"clickhouse://127.0.0.1:{server.http}/gs"
targets()
names = [name for group in json.load(open("targets.json")) for name in group["targets"]]


def recorder(i, hosts):
    """Its log is log.I, its spool its own."""
    p = subprocess.Popen([GSCRAPE, "--scrape", "--no-archive", "--targets", ",".join(hosts), "-i", "100ms", "--retain", "3s", "--db",
                          f"{url}?spool=spool.{i}"], stdin=subprocess.DEVNULL, stdout=open(f"log.{i}", "w"), stderr=subprocess.STDOUT)
    atexit.register(p.kill)
    return p


def places():
    rows = server.ask("SELECT name, argMax(first_seq, ver), argMax(last_seq, ver) FROM gs.host GROUP BY name HAVING argMax(gone, ver) = 0").splitlines()
    return {name: (int(first), int(last)) for name, first, last in (row.split("\t") for row in rows)}


def oldest():
    return dict(row.split("\t") for row in server.ask("SELECT host, toString(min(seq)) FROM gs.snapshot GROUP BY host").splitlines())


def rows_of(host):
    return sum(int(server.ask(f"SELECT count() FROM gs.{table} WHERE host = '{host}'")) for table in ("event", "child", "snapshot", "holding"))


# Two recorders, beside what somebody recorded days ago: each drops what is old of its own hosts and what is nobody's, and takes none of the other's.
run("--index", SERIES, "--archive-tz", "UTC", "--db", url)
old = sorted(set(places()))
check("there is an old recording", len(old) == 7 and all(rows_of(n) for n in old), old)
recorders = [recorder(1, names[:2]), recorder(2, names[2:])]
until("what is old of each host is dropped", lambda: all(n in places() and places()[n][0] > 20 for n in names))
until("the server deletes it", lambda: all(int(oldest()[n]) > 1 for n in names))
until("hosts that nobody records go as a whole", lambda: not set(old) & set(places()))
until("and leave no row", lambda: not any(rows_of(n) for n in old))
before = places()
until("all go on", lambda: all(places()[n][1] > before[n][1] + 20 for n in names))
rc, out, err = run("--expire", "1s", "--db", url)
check("by hand none is taken from who records it", rc == 1 and "4 hosts with a snapshot of the last hour are left as they are" in err, (rc, out, err))
for p in recorders:
    p.send_signal(signal.SIGTERM)
    p.wait()
told = [open(f"log.{i}").read() for i in (1, 2)]
check("no write failed", all("failed" not in text.replace(" 0 failed", "") and "registered" not in text for text in told),
      [line for text in told for line in text.splitlines() if "failed" in line or "store:" in line])
rows = [json.loads(line) for line in run("--stats", "--json", "--db", url)[1].splitlines()]
check("each has all its snapshots", {n: len([r for r in rows if r["host"] == n]) for n in names} ==
      {n: last - first + 1 for n, (first, last) in places().items()}, places())

# By hand: the same as of a file, and the rows are gone.
where = {"file": "file.db", "server": f"clickhouse://127.0.0.1:{server.http}/by_hand"}
for db in where.values():
    run("--index", SERIES, "--archive-tz", "UTC", "--db", db)
count = lambda: [int(server.ask(f"SELECT count() FROM by_hand.{t}")) for t in ("event", "child", "snapshot")]
was = count()
age = f"{int(time.time()) - 1795451090}s"  # 2026-11-23T16:24:50Z
for db in where.values():
    rc, out, err = run("--expire", age, "--db", db)
    check(f"{db[:10]}: by hand it says how much went", rc == 0 and "47 snapshots of 4 hosts are dropped" in err, (rc, out, err))
until("the server deletes it", lambda: all(a < b for a, b in zip(count(), was)))
until("it has nothing more to delete", lambda: "has nothing to give back" in run("--compact", "--db", where["server"])[2])
questions = [["--stats"], ["--lives"], ["--leaks"], ["--goroutines", "--group-by", "none"], ["--goroutines", "--at", "2026-11-23T16:27:00Z"], ["--waiters"]]
told = {db: [run(*words, "--json", "--tz", "UTC", "--db", db)[:2] for words in questions] for db in where.values()}
check("and both tell the same of what is left", told[where["file"]] == told[where["server"]] and all(out for _, out in told["file.db"]),
      [(words, a, b) for words, a, b in zip(questions, *told.values()) if a != b][:1])
rc, out, err = run("--expire", "30d", "--db", "none.db")
check("of no store it makes none", rc == 1 and "no such store" in err and not os.path.exists("none.db"), (rc, err))
rc, out, err = run("--expire", "0s", "--db", "file.db")
check("a duration that is none is refused", rc == 2 and "--expire" in err, (rc, err))
done()
