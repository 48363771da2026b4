#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""--copy from a file into ClickHouse and back into another file: all three tell the same. Once more, and nothing is new; killed on its way
and begun again, it is complete."""
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lib import *
from relay import Relay
from server import Server

if not Server.there():
    skip("--copy to ClickHouse and back", "no clickhouse-server here")
server = Server("server").start()


def url(database, port=server.http):
    return f"clickhouse://127.0.0.1:{port}/{database}?spool=spool"


def all_of(db, most=9):
    """Everything that is asked of a store, and of its first hosts, at times from the first to the last."""
    hosts = [json.loads(line) for line in run("--hosts", "--json", "--db", db)[1].splitlines()]
    asked = [["--hosts"], ["--stats"], ["--leaks"], ["--waiters"], ["--lives"], ["--marks"], ["--list-funcs"]]
    for h in [h for h in hosts if h["snapshots"]][:most]:
        one = ["--host", h["host"]]
        for part in range(3):
            asked.append(["--goroutines", "--group-by", "none", "--at", str(h["first"] + (h["last"] - h["first"]) * part // 2), *one])
        asked += [["--goroutine", "1", *one], ["--waiters", *one], ["--diff", *one]]
        living = run("--goroutines", "--group-by", "none", "--json", "--db", db, *one)[1].splitlines()
        asked += [["--goroutine", str(json.loads(line)["id"]), *one] for line in living[:: len(living) // 3 + 1]]
    return [(words, *run(*words, "--json", "--db", db)[:2]) for words in asked]


def same(what, db, want, most=9):
    got = all_of(db, most)
    check(what, got == want and len(got) > 10, [pair for pair in zip(got, want) if pair[0] != pair[1]][:1] or len(got))


def rows(database):
    return [server.ask(f"SELECT count() FROM {database}.{table}") for table in ("event", "snapshot", "host", "stack", "holding", "mark")]


def copy(from_, to):
    rc, out, err = run("--copy", to, "--db", from_)
    check(f"{from_.split(':')[0]} to {to.split(':')[0]}", rc == 0 and err.count("\n") == 1 and "MB" in err, (rc, err))


run("--index", SERIES, "--db", "a.db")
run("--mark", "deploy 1.4", "--db", "a.db")
want = all_of("a.db")
copy("a.db", url("gs"))
same("ClickHouse tells what the file does", url("gs"), want)
before = rows("gs")
copy("a.db", url("gs"))
check("once more: nothing is new", rows("gs") == before and int(before[0]) > 1000, (before, rows("gs")))
copy(url("gs"), "back.db")
same("and so does the file that it goes back to", "back.db", want)
check("which has no fault", run("--verify", "--db", "back.db")[0] == 0)
copy(url("gs"), "back.db")
same("once more: nothing is new there", "back.db", want)
some, part_of = all_of("back.db", 1), len(want[1][2].splitlines())
copy(url("gs"), url("second"))
same("from one database into another", url("second"), some, 1)

# What was dropped stays dropped, and who was alive before stays so.
first = min(json.loads(line)["time"] for line in run("--stats", "--json", "--db", "a.db")[1].splitlines())
last = max(json.loads(line)["time"] for line in run("--stats", "--json", "--db", "a.db")[1].splitlines())
old = int(time.time() - (first + (last - first) * 0.4) / 1000)
run("--scrape", "--once", "--no-archive", "--retain", f"{old}s", "--db", "a.db", "127.0.0.1:1")
fewer = all_of("a.db", 3)


def kept(told):
    """Of what was dropped nobody knows how much it was; names of it may be there still."""
    hosts = [{k: v for k, v in json.loads(line).items() if k not in ("events", "bytes")} for line in told[0][2].splitlines()]
    return [hosts, *(t for t in told[1:] if t[0] != ["--list-funcs"])]


check("retention dropped some", len(fewer[1][2]) < len(want[1][2]) * 0.9 and fewer[1][2])
copy("a.db", url("fewer"))
copy(url("fewer"), "fewer.db")
for db in url("fewer"), "fewer.db":
    got, less = kept(all_of(db, 3)), kept(fewer)
    check(f"what is left is told by {db.split(':')[0]}", got == less, [p for p in zip(got, less) if p[0] != p[1]][:1])
check("without a fault", run("--verify", "--db", "fewer.db")[0] == 0)

# Killed on its way.
relay = Relay(server.http)
copy("back.db", url("whole", relay.port))
asked, parts = relay.asked, 0
for part in range(1, 4):
    database = f"killed{part}"
    relay.asked, relay.hold_at = 0, asked * part // 4
    p = subprocess.Popen([GSCRAPE, "--copy", url(database, relay.port), "--db", "back.db"], stdin=subprocess.DEVNULL,
                         stderr=subprocess.DEVNULL)
    until("it waits for an answer", lambda: not relay.open.is_set() or p.poll() is not None)
    p.kill()
    p.wait()
    relay.hold_at = None
    relay.release()
    there = server.ask(f"SELECT count() FROM system.tables WHERE database = '{database}' AND name = 'host'").strip() == "1"
    parts += there and 0 < len(run("--stats", "--json", "--db", url(database))[1].splitlines()) < part_of
    copy("back.db", url(database))
    same(f"killed after {part} of 4 questions, and begun again", url(database), some, 1)
check("some had been copied then", parts > 0, parts)

# What cannot be.
os.makedirs("odd/127.0.0.1_2379")
for name in sorted(os.listdir(f"{SERIES}/127.0.0.1_6060"))[:3]:
    shutil.copy(f"{SERIES}/127.0.0.1_6060/{name}", f"odd/127.0.0.1_2379/{name}")
run("--index", "odd", "--db", "odd.db")
rc, out, err = run("--copy", url("gs"), "--db", "odd.db")
refused = "has another history of 127.0.0.1:2379: nothing is copied"
check("another history is refused", rc == 1 and refused in err and rows("gs") == before, err)
for to, db, text in ((url("gs"), url("gs"), "cannot be copied into itself"), ("postgres://a/b", "a.db", "no store has such an address"),
                     (url("system"), "a.db", "another program"), ("clickhouse://127.0.0.1:1/gs?spool=none", "a.db", "connect"),
                     ("new.db", url("none"), "no such store")):
    rc, out, err = run("--copy", to, "--db", db)
    check(f"{text}: one sentence", rc and text in err and err.count("\n") == 1 and not os.path.exists("new.db"), (rc, err))
done()
