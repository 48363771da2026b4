#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Bytes per frame, view by view: a step of time and a row down must stay cheap in each of them, not only in one."""
import os
import statistics
import sys

sys.path.insert(0, os.path.dirname(__file__))
from pty_lib import *  # noqa: E402,F403

# Where suspects scroll, each row has a chart, whose cells are of three bytes.
LIMITS = {(80, 24): dict(busy=(120, 400), step=4000, down=350, charts=400, panes=2000, whole=4000),
          (160, 48): dict(busy=(150, 700), step=4000, down=500, charts=500, panes=7000, whole=14000)}
BUSY = ("--host", "127.0.0.1:16060")
VIEWS = [  # a view, where, keys typed first, and whether panes follow each row down: another host's, another function's
    ("overview", ("--host", "127.0.0.1:6060"), "", True),
    ("host", BUSY, "", False),
    ("host", BUSY, "E", False),
    ("goroutine", BUSY + ("--id", "50"), "", False),
    ("goroutine", BUSY + ("--id", "50"), "\t", False),
    ("goroutine", BUSY + ("--id", "1"), "\t\t", False),
    ("functions", BUSY, "", True),
    ("leaks", BUSY, "", True),
    ("functions", BUSY, "fmain.\r\t", False),
    ("functions", BUSY, "fmain.\re\t", False),
]



def rows_down(t, n, follows):
    """Bytes of the frame of each of the first rows down, and of the one that follows when the selection rests."""
    downs, panes = [], []
    for _ in range(n):
        downs.append(t.key("j"))
        if follows:
            t.wait(lambda: len(t.sync_frames()) >= 2)
            downs[-1], rest = t.sync_frames()
            panes.append(rest)
    return downs, panes


for size, most in LIMITS.items():
    for view, args, first, follows in VIEWS:
        name = "%dx%d, %s %r" % (*size, view, first)
        t = Term("--view", view, *args, *(["--sync"] if follows else []), size=size)
        for k in first:
            t.key(k)
        downs, panes = rows_down(t, 4 if view == "overview" else 8, follows)
        down = most["charts" if view == "leaks" else "down"]
        ok(f"{name}: one row down: at most {down} bytes {downs} (figure 7)", downs and max(downs) <= down)
        if follows:
            ok(f"{name}: then what is of that row: at most {most['panes']} bytes {panes}", panes and max(panes) <= most["panes"])
        t.key("$")
        steps = sorted(t.key("h") for _ in range(20))
        figures = steps[9], sum(steps) // 20, steps[-1]
        ok(f"{name}: a step of time: median, mean, most bytes {figures} (figures 1, 2)", figures[2] <= most["step"])
        if view == "goroutine":
            moved = [n for n in steps if n]
            figures = int(statistics.median(moved)), sum(moved) // len(moved)
            ok(f"{name}: those that changed anything: median and mean {figures}, at most {most['busy']}", figures[0] <= most["busy"][0] and figures[1] <= most["busy"][1])
        whole = min(t.key("\x0c") for _ in range(3))  # what a step left to do may come behind one of them
        ok(f"{name}: painted whole: {whole} bytes (figure 8)", whole <= most["whole"])
        t.key("Q")
        t.close()
finish()
