#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A recorder that starts while its ClickHouse is away: what comes is put by as it came, across its own death too, and is recorded, in its
order and as a continuation of what is there, once the server answers. The yardstick is the archive, indexed into a file."""
import glob
import json
import os
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lib import *
from server import Server

if not Server.there():
    skip("a server that is away at first", "no clickhouse-server here")
server = Server("server")
url = f"clickhouse://127.0.0.1:{server.http}/gs?spool=spool"
targets()


def kept():
    return sorted(glob.glob("spool/gs.*/*.kept"))


def stop(recorder):
    recorder.send_signal(signal.SIGTERM)
    recorder.wait()


# There is no server, and never was one.
recorder = record(url)
until("what comes is put by", lambda: len(kept()) > 1)
check("that it waits is told once", log().count("MB wait in spool/gs.1") == 1, told())
recorder.kill()
recorder.wait()
left, size = kept(), len(log())
recorder = record(url)
until("the next life puts its own behind it", lambda: len(kept()) > len(left) and kept()[:len(left)] == left)

rc, out, err = run("--mark", "deploy 1.5", "--db", url)
check("--mark says what to do", rc == 1 and "onnect" in err and "once it answers, the same with --at 20" in err and err.count("\n") == 1, err)
when = err[err.index("--at"):].split(" names")[0].split()
rc, out, err = run("--hosts", "--db", url)
check("a reader is told that it does not answer", rc == 1 and "onnect" in err and err.count("\n") == 1 and not out, err)
rc, out, err = run("--index", "output", "--db", url)
check("and so is --index", rc == 1 and "onnect" in err and err.count("\n") == 1, err)

server.start()
until("the server comes, and all is recorded", lambda: not kept() and "what waited has been delivered" in log())
before = stored(server)
until("and it goes on", lambda: stored(server) > before)
check("the mark can be made now, at its time", run("--mark", "deploy 1.5", *when, "--db", url)[0] == 0, when)
check("and is there", "deploy 1.5" in run("--marks", "--db", url)[1], run("--marks", "--db", url))

# It goes again, and who starts then has hosts that the server knows: the history goes on where it stood.
stop(recorder)
server.kill()
targets_then = json.load(open("targets.json"))
for group in targets_then:
    group.setdefault("labels", {})["version"] = "1.5"
recorder = record(url)
until("what comes is put by", lambda: kept())
json.dump(targets_then, open("targets.new", "w"))
os.rename("targets.new", "targets.json")
until("the new labels are read", lambda: "targets read again" in log())
seen = len(kept())
until("and more comes", lambda: len(kept()) > seen + 1)
server.start()
until("and is recorded", lambda: not kept() and log().count("what waited has been delivered") == 2)
before = stored(server)
until("and it goes on", lambda: stored(server) > before)
stop(recorder)
check("labels are the newest", "version=1.5" in run("--hosts", "--json", "--db", url)[1] or '"1.5"' in run("--hosts", "--json", "--db", url)[1],
      run("--hosts", "--json", "--db", url))
check("nothing is left of the spool", not glob.glob("spool*"), glob.glob("spool/*"))
dropped = same_as_archive("each snapshot is there once, and all that is told is what the archive tells", url)
check("what was lost is what was in no file yet when the recorder was killed", dropped <= 4 * 40, dropped)
check("nothing was said to be lost", "lost" not in log() and "failed" not in log().replace(" 0 failed", ""), told())

# A store of a later version is refused when it comes, and left alone; what was put by stays.
server.ask("INSERT INTO gs.gscrape_schema VALUES (99)")
held = server.ask("SELECT count(), max(ver) FROM gs.host")
server.kill()
os.unlink("log")
recorder = record(url, "--no-archive")
until("what comes is put by", lambda: kept())
server.start()
until("it is refused", lambda: "later version" in log())
some = len(kept())
until("and what comes is put by still", lambda: len(kept()) > some)
stop(recorder)
check("in one sentence, and nothing was written", sum("later version" in line for line in told() if " stopped after " not in line) == 1 and
      server.ask("SELECT count(), max(ver) FROM gs.host") == held, told())
rc, out, err = run("--scrape", "--once", "--no-archive", "--targets-file", "targets.json", "--db", url)
check("who starts then is refused at once", rc == 1 and "later version" in err and len(kept()) >= some, err)
server.ask("ALTER TABLE gs.gscrape_schema DELETE WHERE version = 99")
until("the version is this one again", lambda: server.ask("SELECT max(version) FROM gs.gscrape_schema").strip() != "99")
before = stored(server)
rc, out, err = run("--scrape", "--once", "--no-archive", "--targets-file", "targets.json", "--db", url)
check("who starts later delivers it", rc == 0 and not glob.glob("spool*") and stored(server) > before + 4, (rc, err, glob.glob("spool/*/*")))

# What is damaged there is said, and stays.
server.kill()
run("--scrape", "--once", "--no-archive", "--targets-file", "targets.json", "--db", url)
with open(kept()[0], "r+b") as f:
    f.seek(40)
    f.write(b"damage")
server.start()
rc, out, err = run("--scrape", "--once", "--no-archive", "--targets-file", "targets.json", "--db", url)
check("a file that is damaged is named, and kept", rc == 1 and len(kept()) >= 1 and "is damaged; move it away" in out + err, (rc, out, err))
done()
