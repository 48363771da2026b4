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
ok("and nothing is compared with nothing", " - " not in row and "+1" not in row, row)
s = dump("overview", f"{TMP}/whole.txt")
ok("nor in the overview", "nothing to compare with" in s and "(+" not in s, s)
ok("a file is not being recorded", "recorded ?" in s and "recording" not in s, s)
s = dump("leaks", f"{TMP}/whole.txt")
ok("view 5 says what one snapshot cannot tell", "1 snapshot" in s, s)

# a name of thousands of bytes, of characters of three: cut, but no character is
NAME = "main.作" + "成者作" * 700
with open(f"{TMP}/long.txt", "w") as f:
    for i in range(1, 9):
        f.write(f"goroutine {i} [select, {i} minutes]:\nmain.処理{'理' * i * 113}()\n\t/src/{'道' * 400}/main.go:123457 +0x1\n"
                f"created by {NAME[:i * 250]}{i} in goroutine 1\n\t/src/創.go:77 +0x1\n\n")
for size in ("40x10", "80x24", "160x48", "250x60"):
    for view, keys in (("host", ""), ("host", "LLL"), ("host", "w"), ("host", "v"), ("goroutine", ""), ("goroutine", "w"), ("goroutine", "L"), ("functions", "")):
        s = subprocess.run([GSCRAPE, "--dump", view, "--size", size, "--id", "8", "--keys", keys, f"{TMP}/long.txt"], capture_output=True, text=True).stdout
        ok(f"no character is cut in two: {view} {keys} at {size}", s and "\ufffd" not in s, s)
s = dump("host", f"{TMP}/long.txt")
ok("and the line of the go statement stays", s.count(":77") >= 8, s)

# a crash: what failed and who, whole, at once, wherever it is looked at
WHAT = "panic: runtime error: " + "a long reason that says a lot, " * 6 + "index out of range [7] with length 2"
CRASH = WHAT + "\n\n" + """goroutine 7 [running]:
main.boom(...)
	/src/main.go:4
created by main.main in goroutine 1
	/src/main.go:9 +0x1

goroutine 1 [sleep, 9 minutes]:
main.main()
	/src/main.go:20 +0x1
""" + "".join(f"""
goroutine {i} [chan send, 8 minutes]:
main.send()
	/src/main.go:5 +0x1
created by main.main in goroutine 1
	/src/main.go:{9 if i < 12 else 6} +0x1
""" for i in (*range(2, 7), *range(20, 30)))


def crash(size, *more):
    return subprocess.run([GSCRAPE, "--dump", "host", "--size", size, f"{TMP}/crash.txt", *more], capture_output=True, text=True).stdout


with open(f"{TMP}/crash.txt", "w") as f:
    f.write(CRASH)
for size in ("80x24", "160x48"):
    s = crash(size)
    ok(f"at {size} all that failed and who", f"{WHAT}; first came goroutine 7 [running]" in " ".join(s.split()), s)
s = crash("40x10")
ok("at 40x10 how it begins, how it ends, and who", "panic: runtime" in s and "length 2; first came goroutine 7 [running]" in " ".join(s.split()), s)
for size in ("80x24", "40x10"):
    s = crash(size)
    ok(f"the group of the one that failed is first, marked and selected, at {size}", next(x for x in s.splitlines() if x[:1] == ">")[:9] == ">+!     6", s)
    ok("others are not marked", s.count("!") == 1, s)
s = crash("80x24", "--keys", "e")
row = next(i for i, x in enumerate(s.splitlines()) if x[:1] == ">")
ok("of its goroutines that one is first", s.splitlines()[row + 1].lstrip().startswith("!") and "g7 " in s.splitlines()[row + 1], s)
ok("each is there once", s.count("g7 ") == 1 and "g2 " in s and "3 more" in s, s)
ok("help explains the sign", "! it failed (a crash)" in crash("80x24", "--keys", "?"))
s = crash("80x24", "--keys", "s")
ok("a sort takes them all", "by state" in s and ">+     10" in s, s)
for size in ("80x24", "40x14"):
    s = " ".join(crash(size, "--screen-reader").split())
    ok(f"a screen reader hears what, and who, at {size}", ", panic: runtime error: " in s and "length 2; first came goroutine 7 [running]" in s, s)
    ok("and its group first", "> count 6, oldest 8m, wait 8m, group main.main /src/main.go:9" in s, s)
with open(f"{TMP}/quit.txt", "w") as f:
    f.write(CRASH.replace(WHAT, "SIGQUIT: quit\nPC=0x4 m=0 sigcode=0"))
s = subprocess.run([GSCRAPE, "--dump", "host", "--size", "80x24", f"{TMP}/quit.txt"], capture_output=True, text=True).stdout
ok("of a signal from outside nobody is marked", "SIGQUIT: quit" in s and "!" not in s and "first came" not in s, s)


# One dump has neither a time before nor one after it: no column of what changed or was, and the rows are the stack's.
with open(f"{TMP}/deep.txt", "w") as f:
    f.write("goroutine 7 [select, 9 minutes]:\n" + "".join(f"main.f{i}(0x1)\n\t/m.go:{i} +0x1\n" for i in range(1, 13)) + "created by main.main in goroutine 1\n\t/m.go:99 +0x1\n")
s = subprocess.run([GSCRAPE, "--dump", "host", "--size", "160x48", f"{TMP}/deep.txt"], capture_output=True, text=True).stdout
ok("a large screen has the whole stack", all(f"main.f{i} " in s for i in range(1, 13)) and "more frames" not in s, s)
ok("and nothing that one moment cannot tell", not any(w in s for w in ("births", "lifetime", "ACTIVITY", "window")), s)
ok("no column is empty", re.search(r"^ v  COUNT OLDEST +WAIT STATE|^ v  COUNT OLDEST +WAIT  STATE", s, re.M), s)
ok("one is one", "1 in 1 group" in s and "1 in 1 groups" not in s, s)
ok("for how long it waits, beside how old it is", re.search(r"^>\+ +1 +9m +9m +select", s, re.M), s)

s = dump("overview", f"{TMP}/cut.txt")
ok("a cut dump has at least so many", "at least 2" in s and "2+" in s, s)
ok("and the last line says so", "the dump at T is cut" in s.splitlines()[-1], s)
s = dump("host", f"{TMP}/cut.txt")
ok("in view 2 as well", "at least 2 in " in s and "one dump, cut" in s, s)
finish()
