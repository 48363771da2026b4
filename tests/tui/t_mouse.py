#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The mouse as terminals report it, in both codings: wheel, rows, tabs, charts; any other button does nothing and blocks nothing."""
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
from pty_lib import *  # noqa: E402,F403

PRESS, RELEASE = True, False


def report(t, button, x, y, press=PRESS):
    """What the terminal sends for cell x, y from 0: SGR where it was asked for, else the old way."""
    if b"1006" in t.seen:
        return "\x1b[<%d;%d;%d%s" % (button, x + 1, y + 1, "M" if press else "m")
    return "\x1b[M%c%c%c" % (32 + (button if press else 3), 33 + x, 33 + y)


def click(t, x, y):
    t.key(report(t, 0, x, y))
    t.key(report(t, 0, x, y, RELEASE))


def whole(t):
    t.key("\x0c")
    t.wait(lambda: b"gscrape" in plain(t.frame))
    return plain(t.frame)


for term in ("xterm-256color", "tmux-256color", "screen-256color", "xterm"):  # the console of Linux has its mouse from gpm
    t = Term("--host", "127.0.0.1:2019", term=term)
    ok(f"{term}: the mouse is off at the start", b"\x1b[?1000h" not in t.seen and b"1006" not in t.seen)
    t.key("M")
    ok(f"{term}: M switches it on", b"1000h" in t.seen, t.frame)
    t.key(report(t, 65, 10, 5))
    ok(f"{term}: the wheel goes three rows down", b">127.0.0.1:12019" in whole(t), plain(t.frame)[:400])
    t.key(report(t, 64, 10, 5))
    ok(f"{term}: and up", b">127.0.0.1:2019" in whole(t), plain(t.frame)[:400])
    click(t, 4, 3)
    ok(f"{term}: a click selects a row", b">127.0.0.1:6060" in whole(t), plain(t.frame)[:400])
    before = whole(t)
    click(t, 20, 15)
    ok(f"{term}: a click on the chart moves T", whole(t) != before)
    for button in (1, 2, 4, 8, 66, 67):
        t.key(report(t, button, 30, 10))
        t.key(report(t, button, 30, 10, RELEASE))
    t.key("2")
    ok(f"{term}: other buttons do nothing and block nothing", b"groups by" in whole(t))
    click(t, 27, 0)
    ok(f"{term}: a click on a tab opens it", b"[3 Gor]" in whole(t), plain(t.frame)[:80])
    click(t, 76, 0)
    ok(f"{term}: and on ?=help the help", b"help: keys of" in whole(t), plain(t.frame)[:160])
    t.key("q")
    t.key("M")
    ok(f"{term}: M switches it off", t.wait(lambda: b"1000l" in t.seen))
    t.key("Q")
    ok(f"{term}: quits as ever", t.status == 0 and t.modes_back())
    t.close()
finish()
