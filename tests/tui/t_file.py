#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""One dump in the terminal: what was skipped or cut is told there too, its minutes count, and what one snapshot cannot tell is
not told."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from pty_lib import *  # noqa: E402,F403

DUMP = """panic: boom

goroutine 1 [chan receive, 97 minutes]:
main.main()
	/src/main.go:20 +0x1

goroutine 8 [sync.Mutex.Lock, 45 minutes]:
sync.(*Mutex).Lock(...)
	/go/mutex.go:90
main.worker(0x1)
	/src/main.go:11 +0x1
created by main.main in goroutine 1
	/src/main.go:6 +0x1
"""


def dump(view, path):
    return subprocess.run([GSCRAPE, "--dump", view, "--size", "100x30", path], capture_output=True, text=True).stdout


with open(f"{TMP}/whole.txt", "w") as f:
    f.write("one log line\n\nsome text of nobody\n" + DUMP)
with open(f"{TMP}/cut.txt", "w") as f:
    f.write(DUMP[:DUMP.index("created by")] + "created by main.ma")

t = Term(f"{TMP}/whole.txt", size=(250, 30))
ok("lines of no goroutine are told on the screen, which covers standard error", t.shows("of no goroutine skipped"), plain(t.seen)[-300:])
ok("and what the dump is", t.shows("panic: boom"), plain(t.seen)[-300:])
ok("it opens in view 2", t.shows("groups by created-by"), plain(t.seen)[-300:])
t.key("Q")
t.close()

s = dump("host", f"{TMP}/whole.txt")
lines = s.splitlines()
ok("what it is stands above its groups", lines[2].strip() == "one dump, whole" and
   lines[3].strip() == "panic: boom; first came goroutine 1 [chan receive]" and "2 lines of no goroutine skipped" in lines[4], s)
ok("where who waits longest comes first", lines[6].startswith(">") and " 1h37m " in lines[6] and " 45m " in lines[7] and "by oldest" in lines[5], s)
row = next((r for r in s.splitlines() if "worker" in r), "")
ok("the oldest is as old as the dump's minutes say", " 45m " in row, s)
ok("and nothing is compared with nothing", " - " in row and "+1" not in row, row)
s = dump("overview", f"{TMP}/whole.txt")
ok("nor in the overview", "nothing to compare with" in s and "(+" not in s, s)
ok("a file is not being recorded", "recorded ?" in s and "recording" not in s, s)
s = dump("leaks", f"{TMP}/whole.txt")
ok("view 5 says what one snapshot cannot tell", "1 snapshot" in s, s)

s = dump("overview", f"{TMP}/cut.txt")
ok("a cut dump has at least so many", "at least 2" in s and "2+" in s, s)
ok("and the last line says so", "the dump at T is cut" in s.splitlines()[-1], s)
s = dump("host", f"{TMP}/cut.txt")
ok("in view 2 as well", "at least 2 in " in s and "one dump, cut" in s, s)
finish()
