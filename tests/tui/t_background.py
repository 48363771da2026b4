#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The terminal is asked for its background, and the light theme taken where it is light; no byte of an answer is a key."""
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
from pty_lib import *  # noqa: E402,F403

QUESTION = b"\x1b]11;?\x1b\\"
LIGHT = {"COLORFGBG": "0;15"}


def theme(t):
    t.key("o")
    s = plain(t.seen)[-3000:]
    t.key("q")
    return "light" if b"theme" in s and re.search(rb"theme +light", s) else "default"


for what, answer, env, expected in (
    ("white", "rgb:ffff/ffff/ffff\x1b\\", None, "light"), ("cream, two digits, ended by BEL", "rgb:fd/f6/e3\x07", None, "light"),
    ("black", "rgb:0000/0000/0000\x1b\\", None, "default"), ("black, where COLORFGBG has it white", "rgb:0/0/0\x07", LIGHT, "default"),
    ("no colour", "rgb:x/y\x1b\\", None, "default"), ("nothing", "\x1b\\", None, "default"),
):
    t = Term("--host", "127.0.0.1:6060", env=env)
    ok(f"{what}: it is asked, once", t.seen.count(QUESTION) == 1, t.seen[:200])
    t.key("\x1b]11;" + answer)
    ok(f"{what}: nothing was typed", not t.ended() and t.shows("[1 Over]"), t.seen[-300:])
    ok(f"{what}: the theme is {expected}", theme(t) == expected, plain(t.seen)[-1500:])
    t.key("Q")
    t.wait(t.ended)
    t.close()

t = Term("--host", "127.0.0.1:6060", "--theme", "colorblind")
ok("where a theme is asked for, the terminal is not", QUESTION not in t.seen)
t.close()
t = Term("--host", "127.0.0.1:6060", term="vt100")
ok("nor one that may not know the question", QUESTION not in t.seen)
t.close()
t = Term("--host", "127.0.0.1:6060")
t.key("]")
t.key("\x1b")
ok("one that never answers takes keys as ever", t.shows("[1 Over]") and not t.ended())
t.close()
finish()
