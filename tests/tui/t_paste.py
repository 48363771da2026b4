#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What is pasted is text: it goes to an open prompt, or nowhere; never is it taken for commands. Nor are the bytes of a key that
TERM does not know."""
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
from pty_lib import *  # noqa: E402,F403

ON, OFF, BEGIN, END = b"\x1b[?2004h", b"\x1b[?2004l", "\x1b[200~", "\x1b[201~"

t = Term("--host", "127.0.0.1:6060", "--view", "leaks")
ok("the terminal is asked to mark what is pasted", t.seen.count(ON) == 1, t.seen[:200])
t.key(BEGIN + "Qiii\r2" + END)
ok("a pasted Q quits nothing, and the rest does nothing either", not t.ended() and not t.shows("ignored") and t.shows("goes to a prompt"), t.seen[-300:])
ok("and nothing was written beside the configuration", not os.path.exists(f"{os.environ['XDG_CONFIG_HOME']}/gscrape-tui/leak-ignore"))
t.key("/")
t.key(BEGIN + "main.fe\rtch" + END)
ok("at a prompt it is text, in one line", b"main.fetch" in plain(t.frame), t.frame)
t.key(ESC)
t.key("&")
for part in (BEGIN, "ma", "in", "\x1b", "[20", "1~"):  # as a slow line brings it
    os.write(t.master, part.encode())
    t.wait()
t.key("X")
ok("a mark that comes in pieces ends it all the same", t.shows("mainX") or b"X" in plain(t.frame), t.frame)
t.key(ESC)
t.key("Q")
t.wait(t.ended)
ok("Q from the keyboard quits", t.ended() and t.status == 0, t.status)
ok("and the terminal marks no more", t.seen.rfind(OFF) > t.seen.rfind(ON), t.seen[-200:])
t.close()

t = Term("--host", "127.0.0.1:6060")
t.kill(signal.SIGTERM)
ok("nor after a signal", t.seen.rfind(OFF) > t.seen.rfind(ON), t.seen[-200:])
t.close()

t = Term("--host", "127.0.0.1:6060", "--view", "host", size=(80, 30))
for sequence in ("\x1b[1;2P", "\x1b[57362u", "\x1b[?1;2c", "\x1bOj", "\x1b[25;5~"):
    cost = t.key(sequence)
    ok(f"a sequence that TERM does not know is no command: {sequence!r}", cost == 0 and not t.ended(), t.frame)
ok("a key behind one is", t.key("\x1b[1;2Pj") > 0 and not t.ended(), t.frame)
t.close()

t = Term(term="vt100")
ok("a terminal that does not know it is not asked", ON not in t.seen, t.seen[:100])
t.close()
finish()
