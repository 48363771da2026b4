#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The terminal's figures on a store: tui.py DB HOST ID. Bytes and writes as the pty has them, times of this machine."""
import os
import re
import select
import signal
import statistics
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
os.environ.setdefault("TOP", TOP)
os.environ.setdefault("GSCRAPE", f"{TOP}/{os.environ.get('B', 'build')}/gscrape-tui")
os.environ.setdefault("TMP", tempfile.mkdtemp())
for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
    os.environ[name] = os.environ["TMP"]
sys.path.insert(0, f"{TOP}/tests/tui")
from pty_lib import *  # noqa: E402,F403

DB, HOST, ID = sys.argv[1:4]
GOROUTINE = ("--host", HOST, "--view", "goroutine", "--id", ID)


def row(figure, what, value, asked):
    print(f"{figure:>3}  {what:<58} {value:<28} {asked}")
    sys.stdout.flush()


def share(values, part):
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def of(values):
    return f"{int(statistics.median(values))} / {int(statistics.mean(values))} / {share(values, .95)} / {max(values)}"


def end(t):
    t.key("Q")
    t.close()


def frames(size, term="xterm-256color", args=()):
    t = Term(*GOROUTINE, *args, size=size, term=term, db=DB)
    t.key("$")
    costs = [n for n in (t.key("h") for _ in range(100)) if n]
    said = stats(t)
    end(t)
    return costs, said


def key_times(t, keys):
    """ms from each key to the first byte of what follows."""
    times = []
    for k in keys:
        t.wait()
        begin = time.perf_counter()
        os.write(t.master, k.encode())
        if select.select([t.master], [], [], 1)[0]:
            times.append((time.perf_counter() - begin) * 1000)
        t.wait()
    return times


def cpu_ms(pid):
    """ms on a processor so far, to the microsecond."""
    with open(f"/proc/{pid}/schedstat") as f:
        return int(f.read().split()[0]) / 1e6


print("          all bytes as median / mean / p95 / most")
for figure, size, asked in ((1, (80, 24), "120 / 400 / 1200 / 4000"), (2, (160, 48), "150 / 700 / 2500")):
    costs, said = frames(size)
    row(figure, "a step of time, %dx%d" % size, of(costs), asked)
    for term in ("tmux-256color", "screen"):
        row(3, f"  in {term}, as a multiple", f"{sum(frames(size, term)[0]) / sum(costs):.2f}", "1.3")
    row(4, "  10 a second", f"{10 * statistics.mean(costs) / 1000:.1f} kB/s", "4 kB/s" if size[0] == 80 else "7 kB/s")
    row(9, "  writes per frame, as the program counts", f"{said[3] / said[2]:.2f}", "1")
    slow = frames(size, args=("--slow-link",))[0]
    row("", "  with --slow-link, a step; playback at 10x", f"{statistics.mean(slow):.0f} B; {2 * statistics.mean(slow) / 1000:.1f} kB/s", "")

for size, down, whole in (((80, 24), 350, "4 kB"), ((160, 48), 500, "14 kB")):
    t = Term("--host", HOST, size=size, db=DB)
    views = [len(t.seen)] + [t.key(k) for k in "23451"]
    row(8, "full paint and changes of view, %dx%d" % size, " ".join(map(str, views)), whole)
    t.key("2")
    row(7, "one row down in view 2, %dx%d" % size, " ".join(str(t.key("j")) for _ in range(5)), down)
    t.key("4")
    row(7, "one row down in view 4, %dx%d" % size, " ".join(str(t.key("j")) for _ in range(3)), down)
    t.key("1")
    before, n = cpu_ms(t.pid), 100
    for _ in range(n // 2):
        t.key("h")
        t.key("l")
    row(10, "CPU per frame of view 1, %dx%d" % size, f"{(cpu_ms(t.pid) - before) / n:.2f} ms", "2 ms")
    end(t)

t = Term(db=DB)
t.frame, wakes = b"", t.wakes()
time.sleep(10)
t.drain()
row(5, "idle for 10 s: bytes, times awake", f"{len(t.frame)}, {t.wakes() - wakes}", "0")
t.key("F")
t.frame, wakes = b"", t.wakes()
time.sleep(10)
t.drain()
row(6, "following, nothing new, for 10 s: bytes, times awake", f"{len(t.frame)}, {t.wakes() - wakes}", "0, 10")
end(t)

whole, first = [], []
for _ in range(5):
    begin = time.perf_counter()
    t = Term(db=DB, wait=False)
    select.select([t.master], [], [], 10)
    first.append((time.perf_counter() - begin) * 1000)
    t.wait(lambda: b"\x1b[" in t.seen)
    whole.append((time.perf_counter() - begin) * 1000)
    end(t)
row(11, "start to first byte; to the complete view 1", f"{statistics.median(first):.0f} ms; {statistics.median(whole):.0f} ms", "50 ms; 150 ms")

for view, keys in (("1", "hl"), ("2", "hljk"), ("3", "hl"), ("4", "jk")):
    t = Term("--host", HOST, "--id", ID, db=DB)
    t.key(view)
    t.key("$hh")
    times = key_times(t, keys * (200 // len(keys)))
    row(13, f"key to first byte, view {view}: p50, p99, most", f"{share(times, .5):.1f} {share(times, .99):.1f} {max(times):.1f} ms", "5, 16 ms")
    with open(f"/proc/{t.pid}/status") as f:
        status = f.read()
    if view == "4":
        rss = {k: int(re.search(rf"{k}:\s+(\d+)", status).group(1)) // 1024 for k in ("RssAnon", "RssFile")}
        row(31, "memory: own; mapped", f"{rss['RssAnon']} MiB; {rss['RssFile']} MiB", "200 MB above the index")
    end(t)

t = Term(db=DB)
t.key("f")
times = key_times(t, "http.serve")
row(16, "a key of the search for functions, most", f"{max(times):.1f} ms", "50 ms")
t.key(ESC)
times = []
for _ in range(5):
    t.key("/")
    times += key_times(t, ESC)
row(17, "Esc acts", f"{max(times):.0f} ms", "60 ms")
end(t)

for sig in (signal.SIGTERM, signal.SIGSEGV):
    t = Term(db=DB)
    t.kill(sig)
    row(20, f"{sig.name}: modes as before", "yes" if t.modes_back() else "no", "yes")
    t.close()
