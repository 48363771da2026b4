#!/usr/bin/env python3
# needs: tmux
# SPDX-License-Identifier: MIT
"""What one wants to know in a bad night, at 80x24, and how many keys it takes."""
import http.server
import json
import os
import re
import subprocess
import sys
import threading

sys.path.insert(0, os.path.dirname(__file__))
from pty_lib import GSCRAPE, TMP, finish, ok, store  # noqa: E402
from tmux_lib import Tmux  # noqa: E402

HOST, AT = "127.0.0.1:6060", "2026-11-23T16:24:58Z"
db = store()


def asked(*args):
    out = subprocess.run([GSCRAPE, "--db", db, "--tz", "UTC", *args], capture_output=True, text=True, check=True).stdout
    return [json.loads(line) for line in out.splitlines()]


def job(what, most, keys, holds, *args, at=AT, **more):
    """With no more than `most` keys the screen says so."""
    t = Tmux(re.sub(r"\W", "", what), "--db", db, "--host", HOST, *(("--at", at) if at else ()), *args, **more)
    try:
        t.until(f"{what}: it starts", lambda s: "?=help" in s)
        t.type(keys)
        s = t.until(what, holds)
        ok(f"{what}: {t.typed} keys, no more than {most}", t.typed <= most)
    finally:
        t.close()
    return s


# 1 to 3: what leaks
job("which host leaks", 0, "", lambda s: re.search(re.escape(HOST) + " .*!$", s, re.M), at=None)
job("which statement, since when", 1, "5", lambda s: re.search(r"go in main\.\S+ \w+\.go:\d+, since", s), at=None)
# 4: between two times
moved = {m["group"]: m["net"] for m in asked("--diff", "--host", HOST, "--from", "2026-11-23T16:10:00Z", "--to", "2026-11-23T16:25:00Z", "--json")}
most = max(moved.values(), key=abs)
job("16:10 against 16:25", 15, "t16:10\rxt16:25\r", lambda s: f"+{most:,} " in s and "to T (pinned 16:10:00)" in s)
# the fleet: one scale, two hosts over each other, what moved anywhere
job("what moved, on all hosts", 1, "A", lambda s: "what moved on all hosts" in s and len(set(re.findall(r"^ +[+-]\d+  (127\S+) ", s, re.M))) > 1, at="2026-11-23T16:22:00Z")
s = job("the last of it, and who they are", 4, "A\tG\r", lambda s: "[2 Host]" in s and "& created_by =" in s, at="2026-11-23T16:22:00Z")
ok("of its host, when they were there", "127.0.0.1:2379 by created-by" in s and " 1 of 1 " in s and re.search(r"none of them is there at 16:2\d:\d\d: T is 16:1\d:\d\d, when there was one", s))
most = max(h["goroutines"] for h in asked("--hosts", "--json"))
job("one scale for all", 1, "c", lambda s: f"0..{most:,}, all" in s)
job("two hosts over each other", 2, "Cj", lambda s: re.search(r"\u2022 127.0.0.1:6060 *$", s, re.M) and re.search(r"^\u2500\u2500 127.0.0.1:16060", s, re.M), at="2026-11-23T16:22:00Z")
# hosts in groups by a label: one row each, of all their hosts together, that opens
sizes = {}


class Dumps(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        n = sizes[self.server.server_port]
        text = b"\n".join(b"goroutine %d [select, 5 minutes]:\nmain.work()\n\t/src/a.go:7\ncreated by main.main in goroutine 1\n\t/src/a.go:3 +0x1\n" % (i + 1) for i in range(n))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *args):
        pass


servers = [http.server.HTTPServer(("127.0.0.1", 0), Dumps) for _ in range(4)]
for k, s in enumerate(servers):
    sizes[s.server_port] = (3, 4, 7, 2)[k]
    threading.Thread(target=s.serve_forever, daemon=True).start()
with open(f"{TMP}/apps.json", "w") as f:
    json.dump([{"targets": [f"127.0.0.1:{s.server_port}"], "labels": {"app": app} if app else {}} for s, app in zip(servers, ("api", "api", "web", ""))] + [
        {"targets": ["127.0.0.1:1"], "labels": {"app": "api,2"}}], f)
subprocess.run([GSCRAPE, "--scrape", "--once", "--no-archive", "--targets-file", f"{TMP}/apps.json", "--db", f"{TMP}/apps.db", "-q"], check=False)
t = Tmux("groups", "--db", f"{TMP}/apps.db")
try:
    t.until("it starts", lambda s: "?=help" in s)
    t.type("v")
    t.until("pods of an app are one row: 1 key", lambda s: "hosts by label (4)" in s and re.search(r"api \(2\) .* 7 +7", s) and re.search(r"web \(1\) .* 7 +7", s) and
            re.search(r"\(none\) \(1\) .* 2 +2", s))
    t.until("and the chart is of them", lambda s: re.search(r"app=(api: 2 hosts|api\\x2c2: 1 host|web: 1 host|\(none\): 1 host) ", s))
    t.type("g\r")
    s = t.until("that opens: its hosts, no others that begin so", lambda s: "2 of 5" in s and f"127.0.0.1:{servers[0].server_port}" in s and f":{servers[2].server_port}" not in s)
finally:
    t.close()
# 5: a part of a number, of any host
ids = sorted({g["id"] for g in asked("--goroutines", "--host", "127.0.0.1:16060", "--group-by", "none", "--json")})
job("a part of a number", 5, "#77\r", lambda s: "goroutines with 77 in their number" in s and "all hosts" in s and s.count("77") > 15)
job("and open the first", 6, "#77\r\r", lambda s: re.search(r"> g\d*77\d* ", s))
# 6: children, and what they do
states = {g["id"]: g["state"] for g in asked("--goroutines", "--host", HOST, "--at", AT, "--group-by", "none", "--json")}


def child_with_its_state(s):
    """The first child's row, when its state is the one of --goroutines."""
    row = re.search(r"^ \*g(\d+) +(\S.*?)  +(\S+)", s, re.M)
    return row and states.get(int(row[1])) == row[2]


s = job("a child's state", 3, "#1\r", lambda s: "children " in s and child_with_its_state(s))
# 7: a function's goroutines
job("a function, and open one", 14, "fconn.serve\r\r\r", lambda s: re.search(r"\[3 Gor\].*\n.*> g\d+ ", s))
# 8: into a ticket, into the editor
job("file:line into a ticket", 2, "yf", lambda s: "bytes to tmux's buffer" in s or "to the clipboard" in s, "--view", "goroutine", "--id", "1")
frames = asked("--dump", "goroutine", "--host", HOST, "--id", "1", "--at", AT, "--format", "json")
file, line = frames[0]["at"].rsplit(":", 1)
os.makedirs(f"{TMP}/here", exist_ok=True)
with open(f"{TMP}/here/{os.path.basename(file)}", "w") as f:
    f.write("package main\n")
with open(f"{TMP}/editor", "w") as f:
    f.write('#!/bin/sh\necho "opened $1 $2"\nread key\n')
os.chmod(f"{TMP}/editor", 0o700)
source = ("--source", f"{os.path.dirname(file)}={TMP}/here", "--view", "goroutine", "--id", "1")
t = Tmux("editor", "--db", db, "--host", HOST, "--at", AT, *source, env={"VISUAL": "", "EDITOR": f"{TMP}/editor"})
try:
    t.until("view 3", lambda s: "?=help" in s)
    t.type("e")
    t.until("the source is open: 1 key", lambda s: f"opened +{line} {TMP}/here/{os.path.basename(file)}" in s)
    t.type("\r")
    s = t.until("and the screen is back", lambda s: "[3 Gor]" in s)
    ok("a source that was changed after T says so", "was changed after T" in s, s)
finally:
    t.close()
job("an editor that is not there", 1, "e", lambda s: "there is no editor 'no-such-editor'" in s, *source, env={"VISUAL": "", "EDITOR": "no-such-editor"})
job("an editor that fails", 1, "e", lambda s: "false ended with status 1" in s, *source, env={"VISUAL": "", "EDITOR": "false"})
job("a source that is not here", 1, "e", lambda s: "is not here; :set source FROM=TO" in s, "--view", "goroutine", "--id", "1", "--source", f"{file}=/nowhere/x.go")
# the holder of a lock, and what a goroutine waits for, of a dump somebody sent
locks = os.path.join(os.path.dirname(__file__), "../data/locks/go126.txt")
queues = [json.loads(x) for x in subprocess.run([GSCRAPE, "--waiters", "--json", locks], capture_output=True, text=True, check=True).stdout.splitlines()]
held, reads = [w for w in queues if w["object"]], [w for w in queues if not w["object"]]
t = Tmux("locks", locks)
try:
    t.until("the dump is open", lambda s: "?=help" in s)
    t.type("6")
    t.until("view 6 has read locks without an address by the line", lambda s: f"taken at {os.path.basename(reads[0]['at'])}" in s)
    t.type("j" * queues.index(held[0]))
    t.until("view 6 says who holds the lock, and why", lambda s: f"g{held[0]['holder']} seems to hold it: it {held[0]['holder_why'][:30]}" in s)
    ok("with 2 keys", t.typed == 2)
    t.type("p")
    t.until("the holder is open", lambda s: f"> g{held[0]['holder']} " in s)
    ok("with 3", t.typed == 3)
    t.type("q\r")
    t.until("those who wait, in view 2", lambda s: f"& wait_object == {held[0]['object']}" in s and s.count("Mutex.Lock") == held[0]["count"])
    one = next(w for w in held if w["count"] == 1)
    t.type(f"#{one['oldest_id']}\r6")
    t.until("from a goroutine to what it waits for", lambda s: f"{one['what']} {one['object']}" in s)
    t.type("q")
    t.until("and back", lambda s: f"> g{one['oldest_id']} " in s)
    t.type(f"#{reads[0]['oldest_id']}\r6")
    t.until("and from one that waits to read", lambda s: f"taken at {os.path.basename(reads[0]['at'])}" in s)
    t.type("\r")
    t.until("with all who do", lambda s: s.count("RWMutex.R") == reads[0]["count"])
finally:
    t.close()
# 9: the overview's order
rows = job("by change", 2, "ss", lambda s: "by change" in s)
ok("the largest change first", re.search(r"^>?.?127\S+", rows.split("peak", 1)[1], re.M)[0].lstrip("> ") == HOST, rows)
job("hosts filtered", 9, "&:16060\r2", lambda s: "127.0.0.1:16060 > groups" in s and "&" not in s.splitlines()[1])
# 10: one's own code, what happened to a goroutine, the source around a frame
standard = re.compile(r"(runtime|net|http|sync|time|os|io|poll|bufio|json)\.")
s = job("the program's own functions first", 1, "4", lambda s: "by own code first" in s)
ok("none of the standard library in sight", not any(standard.match(x[46:]) for x in s.splitlines()[4:9]), s)
s = job("and alone, by how many have them at T", 3, "4sr", lambda s: "by AT T, r: others" in s)
life = asked("--goroutine", "50", "--host", "127.0.0.1:16060", "--json")[0]
s = job("the events of a goroutine, and T to the first", 3, "Eg\r", lambda s: re.search(r"^>\*\d\d:\d\d:\d\d .*", s, re.M) and "events 1/" in s,
        "--host", "127.0.0.1:16060", "--view", "goroutine", "--id", "50")
ok("T is there", re.search(r"^>\*(\S+)", s, re.M)[1] in s.split("events")[0], s)
with open(f"{TMP}/here/{os.path.basename(file)}", "w") as f:
    f.writelines(f"line {i} of the file\n" for i in range(1, int(line) + 9))
s = job("the source around a frame", 1, "v", lambda s: f"line {line} of the file" in s, *source)
ok("which is newer than the binary", "newer than the binary" in s, s)
# 11: out of here
job("a report to hand on", 9, ":report\r\r", lambda s: "of report written to gscrape-report-" in s)
reports = [f for f in os.listdir(TMP) if f.startswith("gscrape-report-")]
ok("and it is one", len(reports) == 1 and "<html" in open(f"{TMP}/{reports[0]}").read(2000), reports)
job("a name typed in the place of the proposed one", 23, ":export folded\rout.txt\r", lambda s: "of folded written to out.txt" in s)
ok("with stacks in it", " " in open(f"{TMP}/out.txt").readline() and ";" in open(f"{TMP}/out.txt").readline())
t = Tmux("complete", "--db", db, "--host", HOST)
try:
    t.until("view 1", lambda s: "?=help" in s)
    t.keys(":", "Tab")
    t.until("a command, with nothing typed", lambda s: s.splitlines()[-1].strip() == ":" and "next-change play slower" in s)
    t.keys("Escape", "/", "Tab")
    t.until("a search, with nothing typed", lambda s: s.splitlines()[-1].startswith(" /127.0.0.1"))
    t.keys("Escape", ":", "e", "x", "p", "o", "r", "t", "Space", "Tab")
    t.until("the formats of exports", lambda s: "pprof folded dump grouped dot svg trace" in s.splitlines()[-1])
finally:
    t.close()
# 12: a crash that somebody sent: what happened, and who did it
crash = os.path.join(os.path.dirname(__file__), "../data/single/quotes-panic.txt.gz")
t = Tmux("crash", crash)
try:
    t.until("a crash dump says what and who: 0 keys", lambda s: "panic: two; first came goroutine 1348" in s)
finally:
    t.close()
finish()
