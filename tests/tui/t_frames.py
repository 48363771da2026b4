#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What painting costs, from the raw stream: bytes and writes of each frame, what is never sent, and nothing while idle."""
import os
import re
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
from pty_lib import *  # noqa: E402,F403

GOROUTINE = ("--host", "127.0.0.1:16060", "--view", "goroutine", "--id", "50")  # a busy one
QUIET = ("--host", "127.0.0.1:6060", "--view", "goroutine", "--id", "1")
LIMITS = {(80, 24): dict(median=120, mean=400, p95=1200, most=4000, down=350, whole=4000),
          (160, 48): dict(median=150, mean=700, p95=2500, most=4000, down=500, whole=14000)}


def steps(size, term="xterm-256color", args=()):
    """Bytes of each step of time over two goroutines' lives, and the program's own count for the second."""
    frames = []
    for goroutine in (QUIET, GOROUTINE):
        t = Term(*goroutine, *args, size=size, term=term)
        t.key("$")
        frames += [t.key("h") for _ in range(30)]
        said = stats(t)
        total = len(t.seen)
        t.key("Q")
        t.close()
    return frames, said, total


def at(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


for size, most in LIMITS.items():
    name = "%dx%d" % size
    frames, said, total = steps(size)
    figures = (at(frames, .5), sum(frames) // len(frames), at(frames, .95), max(frames))
    ok(f"{name}: a step of time: median, mean, p95, most bytes {figures} (figures 1, 2)",
       figures[0] <= most["median"] and figures[1] <= most["mean"] and figures[2] <= most["p95"] and figures[3] <= most["most"])
    ok(f"{name}: one write for each frame (figure 9)", said is not None and said[2] == said[3] > 10, said)
    ok(f"{name}: what the program counts is what came", said is not None and abs(total - said[4] - len("last frame")) < 400, said, total)
    base = sum(frames)
    for term in ("tmux-256color", "screen"):
        other = sum(steps(size, term)[0])
        ok(f"{name}: TERM={term} costs at most 1.3 times as much ({other} for {base}) (figure 3)", other <= 1.3 * base)

    t = Term("--host", "127.0.0.1:6060", size=size)
    costs = [len(t.seen)] + [t.key(k) for k in "2345123o1"]
    ok(f"{name}: first paint and each change of view: at most {most['whole']} bytes {costs} (figure 8)", max(costs) <= most["whole"])
    t.key("2")
    costs = [t.key("j") for _ in range(6)]
    ok(f"{name}: one row down: at most {most['down']} bytes {costs} (figure 7)", max(costs) <= most["down"])
    t.key("$")  # panes that would follow at rest have followed
    t.frame = b""
    wakes = t.wakes()
    time.sleep(2)
    t.drain()
    ok(f"{name}: idle: not a byte, and not once awake in 2 s (figure 5)", t.frame == b"" and t.wakes() == wakes, t.frame, t.wakes() - wakes)
    t.key("Q")
    for what, pattern in (("it asks the terminal nothing (figure 26)", rb"\x1b\[(\??[0-9;]*[cn]|>[0-9]*[cq]|\?[0-9;]+\$p)|\x1b\][0-9]+;\?|\x1bP\+q"),
                          ("no bell, no blinking", rb"\x07|\x1b\[5m")):
        ok(f"{name}: {what}", not re.search(pattern, t.seen), re.findall(pattern, t.seen)[:3])
    ok(f"{name}: the screen is erased once, at the start (figure 19)", len(re.findall(rb"\x1b\[2J", t.seen)) <= 1)
    t.close()

# What asks for a whole new screen, and what may not.
t = Term()
t.seen = b""
for k in "2312345?qoq:set theme light\r~~~~":
    t.key(k)
ok("no view, menu, theme or set of glyphs erases the screen", not re.search(rb"\x1b\[2J|\x1b\[H\x1b\[J", t.seen))
t.key("\x0c")
ok("Ctrl-L does", re.search(rb"\x1b\[2J|\x1b\[H\x1b\[J", t.frame) is not None, t.frame[:80])
t.key("Q")
t.close()

t = Term(env={"LC_ALL": "C", "LANG": "C"})
for k in "2e3w451?qo~":
    t.key(k)
ok("LANG=C: not one byte above 0x7f in any view (figure 24)", not re.search(rb"[\x80-\xff]", t.seen), t.seen[:100])
t.key("Q")
t.close()

t = Term(env={"NO_COLOR": "1"})
for k in "2e3w451?qo":
    t.key(k)
color = rb"\x1b\[(?:[0-9;]*;)?(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;[0-9;]*)?m"
ok("NO_COLOR: no colour in any view (figure 25)", not re.search(color, t.seen), re.findall(color, t.seen)[:3])
t.key("Q")
t.close()
t = Term(env={"NO_COLOR": ""})
ok("an empty NO_COLOR is none", re.search(color, t.seen) is not None)
t.key("Q")
t.close()

t = Term("--sync", *GOROUTINE)
t.key("h")
t.wait(lambda: b"\x1b[?2026l" in t.frame)
ok("--sync: the frame stands between the two marks, in one write", t.frame.startswith(b"\x1b[?2026h") and t.frame.endswith(b"\x1b[?2026l"), t.frame)
t.key(":set sync no\r")
t.key("h")
ok("and not when it is switched off", b"2026" not in t.frame, t.frame)
t.key("Q")
t.close()

for size in LIMITS:
    fast = Term(*GOROUTINE, size=size)
    slow = Term(*GOROUTINE, "--slow-link", size=size)
    sizes = len(fast.seen), len(slow.seen)
    ok("%dx%d: --slow-link paints less: %d for %d" % (*size, sizes[1], sizes[0]), sizes[1] < sizes[0])
    for t in (fast, slow):
        t.key("Q")
        t.close()

# Five seconds of a key that repeats, all at once: T is where the key stopped, painted a few times, not 160 times.
t = Term(*QUIET)
t.key("0")
before = stats(t)
t.key("lllhhh" * 25 + "l" * 10)
after = stats(t)
t.key("\x0c")
ok("160 keys at once: T ends right there", b"sample 11/24" in plain(t.frame), plain(t.frame)[:300])
ok("and they are painted together, not one by one", after is not None and before is not None and after[2] - before[2] < 20, before, after)
t.key("Q")
t.close()
finish()
