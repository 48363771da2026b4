#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Two shards, each of which is killed and comes again: nothing is lost and nothing doubled, and what is read meanwhile is said to be a part
of it on each face, and is whole again afterwards without a word."""
import os
import re
import signal
import subprocess
import sys
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lib import *
from server import Server, free_ports

if not Server.there():
    skip("two shards", "no clickhouse-server here")
ports = free_ports(6)
cluster = "".join(f"<shard><internal_replication>true</internal_replication><replica><host>127.0.0.1</host><port>{tcp}</port></replica></shard>"
                  for tcp in (ports[1], ports[4]))
shards = [Server(f"shard{i}", ports[3 * i:3 * i + 3], f"<remote_servers><two>{cluster}</two></remote_servers>").start() for i in (0, 1)]
at = ",".join(f"127.0.0.1:{s.http}" for s in shards)
url = f"clickhouse://{at}/gs?cluster=two&spool=spool"
shown = url.partition("?")[0]
PARTIAL = f"partial: a shard cannot be reached, and what it keeps is missing here ({shown})"

# --- whole ---
rc, out, err = run("--index", SERIES, "--db", url)
check("an archive goes to both", rc == 0, err)
rows = [int(s.ask("SELECT count() FROM gs.event_l")) for s in shards]
check("each has a part of the events", min(rows) > 0, rows)
hosts = [s.ask("SELECT DISTINCT name FROM gs.host_l").split() for s in shards]
check("a host is on one of them", not set(hosts[0]) & set(hosts[1]) and all(hosts), hosts)
run("--index", SERIES, "--db", "whole.db")
faces = [["--hosts"], ["--goroutines"], ["--leaks"], ["--list-funcs"], ["--dump", "overview"]]
whole = [run(*words, "--db", "whole.db")[1] for words in faces]
check("both together tell what a file tells", [run(*words, "--db", url) for words in faces] ==
      [(0, out.replace("whole.db", url), "") for out in whole])


def names(db):
    return sorted(json.loads(line)["host"] for line in run("--hosts", "--json", "--db", db)[1].splitlines())


class Page:
    def __init__(self):
        self.process = subprocess.Popen([GSCRAPE, "--serve", "127.0.0.1:0", "--db", url], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True)
        atexit.register(self.process.kill)
        while not (found := re.search(r"http://[0-9.:]+", self.process.stdout.readline())):
            pass
        self.at = found.group()

    def ask(self, path):
        try:
            answer = urllib.request.urlopen(self.at + path, timeout=60)
        except urllib.error.HTTPError as e:
            return e.code, None, json.load(e)
        return answer.status, answer.headers["Gscrape-Note"], json.load(answer)


page = Page()
first, functions = page.ask("/api/v1/hosts"), page.ask("/api/v1/functions")
check("the page has all hosts, and no note", first[1] is None and sorted(h["host"] for h in first[2]) == sorted(hosts[0] + hosts[1]), first)

# --- one is away: either, the first address or the second ---
for gone, left in ((1, 0), (0, 1)):
    which = ("first", "second")[gone]
    shards[gone].kill()
    for words, out in zip(faces, whole):
        rc, told, err = run(*words, "--db", url)
        check(f"the {which} away, {' '.join(words)}: a part is told, is said to be one, and has status 1",
              rc == 1 and err == f"gscrape-tui: {PARTIAL}\n" and told and told != out.replace("whole.db", url), (rc, told, err))
    check("the hosts of the one that is there", names(url) == sorted(hosts[left]), names(url))
    mine, theirs = hosts[left][0], hosts[gone][0]
    check("what is told of them is what a file tells",
          run("--stats", "--host", mine, "--json", "--db", url)[1] == run("--stats", "--host", mine, "--json", "--db", "whole.db")[1])
    rc, out, err = run("--stats", "--host", theirs, "--db", url)
    check("one that is not seen is told as such, and why", rc == 1 and "no host" in err and "partial" in err and not out, err)
    check("a screen says so in its title and at its foot", all(word in run("--dump", "host", "--host", mine, "--size", "80x24", "--db", url)[1]
                                                               for word in ("PARTIAL", "partial: a shard cannot be reached, and what it keeps is missing here")))
    status, note, told = page.ask("/api/v1/hosts")
    groups = run("--goroutines", "--host", mine, "--db", url)[1]
    check("a stack that the other one keeps is told as that", "(away)" in groups and "(away) (root)" not in groups, groups)
    metrics = urllib.request.urlopen(f"{page.at}/metrics", timeout=60).read().decode()
    check("and so do metrics", "\ngscrape_store_partial 1\n" in metrics, metrics)
    check("a page that was there before answers with a note", status == 200 and note == PARTIAL and sorted(h["host"] for h in told) == sorted(hosts[left]),
          (status, note, told))
    rc, out, err = run("--report", "leaks.html", "--db", url)
    check("a report says it, too", rc == 1 and "a shard cannot be reached" in open("leaks.html").read(), err)
    os.unlink("leaks.html")
    rc, out, err = run("--index", SERIES, "--db", f"{url}&timeout=3&spool=spool")
    check("who writes is not content with a part", rc == 1 and "partial" not in err and "shard" in err, (rc, err))
    rc, out, err = run("--copy", "copy.db", "--db", url)
    check("and a copy is none of a part", rc == 1 and err == f"gscrape-tui: {PARTIAL}\n" and not os.path.exists("copy.db"), (rc, err))
    shards[gone].start()
    check("it is there again: all is told, and nothing else", [run(*words, "--db", url) for words in faces] ==
          [(0, out.replace("whole.db", url), "") for out in whole])
    until("the page is whole again", lambda: page.ask("/api/v1/hosts")[1] is None)
    check("as it was", page.ask("/api/v1/hosts") == first and page.ask("/api/v1/functions") == functions)
rc, out, err = run("--copy", "copy.db", "--db", url, "-q")
check("a copy of both in a file tells the same", (rc, err) == (0, "") and [run(*words, "--db", "copy.db")[1] for words in faces] ==
      [out.replace("whole.db", "copy.db") for out in whole], err)
page.process.send_signal(signal.SIGTERM)
page.process.wait()

# --- while it is recorded ---
url = url.replace("/gs?", "/live?")
targets()
recorder = record(url)


def recorded():
    if shards[0].ask("SELECT count() FROM system.tables WHERE database = 'live' AND name = 'gscrape_schema'").strip() == "0":
        return 0
    return int(shards[0].ask("SELECT sum(l) FROM (SELECT max(last_seq) AS l FROM live.host GROUP BY name)"))


def waits():
    return glob.glob("spool/live.*/*.rows")


until("it records", lambda: recorded() > 8)
for shard in shards:
    shard.kill()
    until("what is committed waits", lambda: len(waits()) > 1)
    shard.start()
    until("and is delivered", lambda: not waits())
    before = recorded()
    until("it goes on", lambda: recorded() > before)
recorder.send_signal(signal.SIGTERM)
recorder.wait()
check("each time that it was away is told, and that it is over", log().count("what waited has been delivered") == 2, log())
dropped = same_as_archive("all that is told is what the archive tells", url)
check("nothing is lost, nothing is there twice", dropped == 0 and "lost" not in log(), (dropped, log()))
done()
