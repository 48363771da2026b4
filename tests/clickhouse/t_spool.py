#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A recorder whose ClickHouse goes away loses nothing and stores nothing twice: what it committed waits on its disk, across its own
death too, and arrives in order. The yardstick is the archive that it wrote meanwhile, indexed into a file."""
import glob
import json
import os
import re
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lib import *
from server import Server

if not Server.there():
    skip("a server that is away", "no clickhouse-server here")
server = Server("server").start()
url = f"clickhouse://127.0.0.1:{server.http}/gs?spool=spool"
targets()
recorder = record(url)
until("it records", lambda: stored(server) > 8)

# The server dies, again and again, whatever is on its way by then.
for _ in range(2):
    server.kill()
    until("what is committed waits", lambda: len(waiting()) > 1)
    server.start()
    until("and is delivered", lambda: not waiting())
    before = stored(server)
    until("it goes on", lambda: stored(server) > before)
check("that it is away is told each time, and how much waits", log().count("MB wait in spool/gs.") == 2, told())
check("and that it is over", log().count("what waited has been delivered") == 2, told())

# Both die: the recorder's next life delivers what the last one left.
server.kill()
until("it waits", lambda: len(waiting()) > 1)
recorder.kill()
recorder.wait()
left, known = waiting(), log()
rc, out, err = run("--scrape", "--once", "--targets-file", "targets.json", "--db", url)
check("who starts while the server is away says so, and puts what comes behind what waits",
      rc == 0 and waiting() == left and len(glob.glob("spool/gs.1/*.kept")) == 1 and "MB wait in spool/gs.1" in out + err, (rc, out, err))
server.start()
before = stored(server)
recorder = record(url)
until("the next life delivers it", lambda: not waiting())
check("what waited is there", stored(server) > before)
before = stored(server)
until("and it goes on", lambda: stored(server) > before)
recorder.send_signal(signal.SIGTERM)
recorder.wait()
check("nothing is left of the spool", not glob.glob("spool*"), glob.glob("spool/*"))
dropped = same_as_archive("each snapshot is there once, and all that is told is what the archive tells", url)
check("what was lost is what the recorder had not committed when it was killed", dropped <= 4 * 40, dropped)
check("nothing was said to be lost", "lost" not in log() and "failed" not in log().replace(" 0 failed", ""), told())

# A spool that is full.
os.unlink("log")
url = f"clickhouse://127.0.0.1:{server.http}/gs?spool=spool&spool-size=1M"
before = last_of_each(server)
recorder = record(url, "--no-archive")
until("it records each host again", lambda: all(last > before[host] for host, last in last_of_each(server).items()))
server.kill()
until("it is full", lambda: "the spool is full" in log())
size = sum(os.path.getsize(f) for f in waiting())
check("what waits is no more than is allowed", 0 < size <= 1050000, size)
server.start()
until("what waited is delivered", lambda: not waiting())
before = stored(server)
until("and it goes on", lambda: stored(server) > before)
recorder.send_signal(signal.SIGTERM)
recorder.wait()
check("that it was full was one sentence", log().count("spool is full") == 1 and log().count("store: works again") == 1 and
      re.search(r"spool is full \([01]\.\d of 1\.0 MB in spool/gs\.1\): what comes from now on is lost", log()), told())
rows = [json.loads(line) for line in run("--stats", "--json", "--db", url)[1].splitlines()]
check("what is stored is whole", len(rows) == stored(server) == len({(r["host"], r["time"]) for r in rows}), (len(rows), stored(server)))
done()
