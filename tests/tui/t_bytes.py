#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Bytes per frame, view by view: a step of time and a row down must stay cheap in each of them, not only in one."""
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
from pty_lib import *  # noqa: E402,F403

LIMITS = {(80, 24): dict(step=4000, down=350, whole=4000), (160, 48): dict(step=4000, down=500, whole=14000)}
BUSY = ("--host", "127.0.0.1:16060")
VIEWS = [  # a view, where, keys typed first, and whether each row down is another page: another host's, another function's
    ("overview", BUSY, "", True),
    ("host", BUSY, "", False),
    ("host", BUSY, "E", False),
    ("goroutine", BUSY + ("--id", "50"), "", False),
    ("goroutine", BUSY + ("--id", "50"), "\t", False),
    ("goroutine", BUSY + ("--id", "1"), "\t\t", False),
    ("functions", BUSY, "", True),
    ("functions", BUSY, "fmain.\r\t", False),
    ("functions", BUSY, "fmain.\re\t", False),
]

for size, most in LIMITS.items():
    for view, args, first, page in VIEWS:
        name = "%dx%d, %s %r" % (*size, view, first)
        t = Term("--view", view, *args, size=size)
        for k in first:
            t.key(k)
        downs = [t.key("j") for _ in range(8)]
        limit = most["whole" if page else "down"]
        ok(f"{name}: one row down: at most {limit} bytes {downs} (figure {8 if page else 7})", max(downs) <= limit)
        t.key("$")
        steps = sorted(t.key("h") for _ in range(20))
        figures = steps[9], sum(steps) // 20, steps[-1]
        ok(f"{name}: a step of time: median, mean, most bytes {figures} (figures 1, 2)", figures[2] <= most["step"])
        whole = t.key("\x0c")
        ok(f"{name}: painted whole: {whole} bytes (figure 8)", whole <= most["whole"])
        t.key("Q")
        t.close()
finish()
