#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A year of five hosts, a million snapshots, in $YEAR seconds (2000, or their share of that): a hundred a second of each host, whose
processes start again now and then, as the recorder does, by a signal or a kill, and who all have a function in each that was never there
before. Retention keeps an eighth of the time; somebody reads all the while. Once retention has begun to drop, the store's size, the recorder's memory and the time that an answer takes are at a level:
in the last quarter they are at most what they were in the quarter after the first, and a fifth and a megabyte more (answers: half more)."""
import json, os, re, signal, statistics, subprocess, sys, time, urllib.request
sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/torture/lib"))
from torture import *

SECONDS = int(os.environ.get("YEAR", 2000)) // SHARE
LIVES, HOSTS, LOOKS = 8, 5, 96
os.chdir(TMP)


def resident(pid):
    with open(f"/proc/{pid}/statm") as f:
        return int(f.read().split()[1]) * 4096


def answer():
    """What the list of goroutines takes of a processor's time, since others are at work here, too: the least of three."""
    took = []
    for _ in range(3):
        p = subprocess.Popen([G, "--goroutines", "--json", "--db", "year.db"], stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(p.pid, 0)
        p.returncode = os.waitstatus_to_exitcode(status)
        if p.returncode:
            raise subprocess.CalledProcessError(p.returncode, p.args)
        took.append(used.ru_utime + used.ru_stime)
    return min(took)


def scraped(url):
    with urllib.request.urlopen(url + "metrics", timeout=60) as r:
        return sum(int(n) for n in re.findall(r"^gscrape_target_scrapes_total\{.*\} (\d+)", r.read().decode(), re.M))


gen("archive", HOSTS, 200, 40, 100)
servers = subprocess.Popen([f"{B}/tools/replay", "--loop", "--fresh", "--seconds", str(SECONDS * 2 + 600), "--hosts", str(HOSTS), "archive"],
                           stdout=subprocess.PIPE, text=True)
targets = [servers.stdout.readline().split("http://")[1].strip() for _ in range(HOSTS)]
began, seen, total, bad = time.monotonic(), [], 0, []
for life in range(LIVES):
    with open(f"log{life}", "w") as log:
        recorder = subprocess.Popen([G, "--scrape", *targets, "--serve=127.0.0.1:0", "-i", "10ms", "--retain", f"{max(2, SECONDS // 8)}s",
                                     "--no-archive", "--db", "year.db"], stdout=subprocess.PIPE, stderr=log, text=True)
    url = recorder.stdout.readline().strip()
    while time.monotonic() - began < SECONDS * (life + 1) / LIVES and recorder.poll() is None:
        time.sleep(SECONDS / LOOKS)
        try:
            seen.append((time.monotonic() - began, os.stat("year.db").st_size, resident(recorder.pid), answer()))
        except subprocess.CalledProcessError as e:
            bad.append(str(e))
    if recorder.poll() is not None:
        bad.append(open(f"log{life}").read())
        break
    total += scraped(url)
    recorder.send_signal(signal.SIGTERM if life % 2 else signal.SIGKILL)
    if recorder.wait(60) not in (0, -signal.SIGKILL):
        bad.append(open(f"log{life}").read())
took = time.monotonic() - began
ok(f"{total} snapshots of {HOSTS} hosts in {took:.0f} s, the recorder started {LIVES} times, {len(seen)} times read", not bad and total, *bad[:3])
for k, what, most, unit in (1, "the store", 1.2, 1e6), (2, "the recorder's memory", 1.2, 1e6), (3, "the time of an answer", 1.5, 1e-3):
    fn = statistics.median if k == 3 else max
    start, end = (fn(s[k] for s in seen if a <= s[0] / took < a + .25) / unit for a in (.25, .75))
    ok(f"{what} is at a level: {start:.1f} {'ms' if k == 3 else 'MB'}, at the end {end:.1f}", end <= most * start + (k != 3), seen)
verified = run(["--verify", "--db", "year.db"], TMP, 600)
ok("the store is whole", verified[0] == 0, verified)
servers.terminate()
finish()
