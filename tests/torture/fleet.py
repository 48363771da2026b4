#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""200 targets of 2,000 goroutines each, asked every 5 s for $FLEET seconds (600, or their share of that), while a terminal shows them,
the recorder's own page is asked, and others read the store: no tick is missed, nothing fails, and memory and descriptors have stopped
growing by the second half. Where other work has more than two tasks wait for each processor, one tick in fifty may be missed."""
import json, os, re, signal, subprocess, sys, time, urllib.request
sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/torture/lib"))
sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/tui"))
from torture import *

SECONDS = max(40, int(os.environ.get("FLEET", 600)) // SHARE)
TARGETS = 200
os.chdir(TMP)


def resident(pid):
    with open(f"/proc/{pid}/statm") as f:
        return int(f.read().split()[1]) * 4096


def metrics():
    with urllib.request.urlopen(url + "metrics", timeout=60) as r:
        text = r.read().decode()
    return {what: sum(int(n) for n in re.findall(rf"^gscrape_target_{what}_total\{{.*\}} (\d+)", text, re.M))
            for what in ("scrapes", "failed_scrapes", "missed_scrapes")}


# Where the archive begins anew each target is a new process, with twice as much to be told: not in the second half alone.
gen("archive", 4, 12 if SECONDS > 300 else 12 + SECONDS // 5, 2000, 50)
servers = subprocess.Popen([f"{B}/tools/replay", "--loop", "--seconds", str(SECONDS * 2 + 600), "--hosts", str(TARGETS), "--targets-file", "fleet.json",
                            "archive"], stdout=subprocess.PIPE, text=True)
for _ in range(TARGETS):
    servers.stdout.readline()
log = open("log", "w")
recorder = subprocess.Popen([G, "--scrape", "--targets-file", "fleet.json", "--serve=127.0.0.1:0", "-i", "5s", "--no-archive", "--db", "fleet.db"],
                            stdout=subprocess.PIPE, stderr=log, text=True)
url = recorder.stdout.readline().strip()
while metrics()["scrapes"] < TARGETS and recorder.poll() is None:
    time.sleep(1)
os.environ["GSCRAPE"] = G
import pty_lib
term = pty_lib.Term(db="fleet.db", wait=False)
began, seen, answers, page, busy = time.monotonic(), [], 0, 0, 0
while time.monotonic() - began < SECONDS and recorder.poll() is None:
    answers += run(["--hosts", "--json", "--db", "fleet.db"], TMP)[0] == 0
    with urllib.request.urlopen(url + "api/v1/hosts", timeout=60) as r:
        page += len(json.load(r)) == TARGETS
    term.drain()
    busy = max(busy, os.getloadavg()[0])
    seen.append((time.monotonic() - began, resident(recorder.pid), len(os.listdir(f"/proc/{recorder.pid}/fd"))))
    time.sleep(1)
m = metrics()
may_miss = m["scrapes"] // 50 if busy > 3 * os.cpu_count() else 0
ok(f"{TARGETS} targets for {SECONDS} s: {m['scrapes']} scrapes, {m['missed_scrapes']} missed, {m['failed_scrapes']} failed; {answers} readers, {page} answers of the page; load {busy:.0f}",
   m["scrapes"] and m["missed_scrapes"] <= may_miss and not m["failed_scrapes"] and answers and page, m)
first, half = ([s for s in seen if (s[0] >= SECONDS / 2) == second] for second in (False, True))
memory, files = ([max(s[k] for s in part) for part in (first, half)] for k in (1, 2))
ok(f"memory does not grow in the second half: {memory[0] / 1e6:.0f} MB, {memory[1] / 1e6:.0f} MB", memory[1] < 1.2 * memory[0], seen)
ok(f"nor do descriptors: {files[0]}, {files[1]}", files[1] <= files[0] + 8, seen)
ok(f"the terminal is still there, and has written {len(term.seen)} bytes", not term.ended() and len(term.seen) > 2000)
os.kill(term.pid, signal.SIGKILL)
recorder.send_signal(signal.SIGTERM)
ok("it ends when it is asked to", recorder.wait(120) == 0, open("log").read())
verified = run(["--verify", "--db", "fleet.db"], TMP, 600)
ok("the store is whole", verified[0] == 0, verified)
servers.terminate()
finish()
