#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What screens make of what is odd: names of 4 kB and of wide letters, numbers of 19 digits, 500 hosts, 100,000 goroutines, a pipe as a source."""
import os
import re
import subprocess
import sys
import unicodedata

sys.path.insert(0, os.path.dirname(__file__))
from pty_lib import GSCRAPE, TMP, finish, ok  # noqa: E402

VIEWS = ("overview", "host", "goroutine", "functions", "leaks", "locks")
TOOLS = os.path.join(os.environ["TOP"], os.environ.get("B", "build"), "tools")


def cells(line):
    return sum(0 if unicodedata.combining(c) or unicodedata.category(c) in ("Cf", "Me") else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


def screen(view, size, *args):
    return subprocess.run([GSCRAPE, "--dump", view, "--size", size, "--tz", "UTC", *args], capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)


def fits(what, size, *args):
    w, h = map(int, size.split("x"))
    for view in VIEWS:
        r = screen(view, size, *args)
        lines = r.stdout.splitlines()
        ok(f"{what}, {view} at {size}", r.returncode == 0 and 0 < len(lines) <= h and max(map(cells, lines)) <= w, f"{r.returncode} {r.stderr} {[x for x in lines if cells(x) > w]}")


# --- names ---
names = ("包/模块.(*服务器).处理请求", "x." + "Long" * 1000, "e\u0301\u0301o\u0308.fn", "pkg.(*T).日本語[...]", "a/b.f\u202ereversed")
first = 10**18
with open(f"{TMP}/odd.txt", "w") as f:
    for i in range(60):
        f.write(f"goroutine {first + i} [chan receive, {i} minutes]:\n{names[i % 5]}(0xc000010000)\n\t/src/{'目录' * (1 if i % 2 else 600)}/文件.go:{10 + i % 7} +0x1d\n"
                f"created by {names[(i + 1) % 5]} in goroutine 1\n\t/src/中文/{'名' * (i % 3 * 30 + 1)}.go:9 +0x1\n\n")
    f.write("goroutine 1 [running]:\nmain.main()\n\t/src/main.go:3 +0x1\n")
for size in ("80x24", "160x48", "40x12"):
    fits("names of any length and width", size, f"{TMP}/odd.txt")
ok("numbers are whole among children", all(f"g{first + i} " in screen("goroutine", "80x24", f"{TMP}/odd.txt").stdout for i in range(4)))
ok("and among those who have a function", re.search(rf"^ +{first + 3} ", screen("functions", "80x24", f"{TMP}/odd.txt", "--keys", "f日本語<Enter>").stdout, re.M))
ok("what turns the direction of writing does not reach the terminal", "\u202e" not in "".join(screen(v, "160x48", f"{TMP}/odd.txt").stdout for v in VIEWS))

# --- many ---
with open(f"{TMP}/many.txt", "w") as f:
    for i in range(100000):
        f.write(f"goroutine {i + 1} [select]:\nmain.f{i % 200}(0x1)\n\t/src/a.go:{i % 200 + 1} +0x1\ncreated by main.g in goroutine {i // 300}\n\t/src/a.go:2 +0x1\n\n")
fits("100,000 goroutines", "80x24", f"{TMP}/many.txt")
ok("which are counted", "100,000 in " in screen("host", "80x24", f"{TMP}/many.txt").stdout)
subprocess.run([f"{TOOLS}/gen", os.path.join(os.environ["TOP"], "tests/data/series"), f"{TMP}/hosts", "500", "3", "8", "50"], check=True, stdout=subprocess.DEVNULL)
subprocess.run([GSCRAPE, "--index", f"{TMP}/hosts", "--archive-tz", "UTC", "--db", f"{TMP}/hosts.db", "-q"], check=True)
fits("500 hosts", "80x24", "--db", f"{TMP}/hosts.db")
ok("with the row that one is at", "(row 500 of 500)" in screen("overview", "80x24", "--db", f"{TMP}/hosts.db", "--keys", "G").stdout)

# --- a source that waits for a writer ---
os.mkfifo(f"{TMP}/f.go")
with open(f"{TMP}/pipe.txt", "w") as f:
    f.write("goroutine 1 [running]:\nmain.main()\n\t/nowhere/f.go:3 +0x1\n")
r = screen("goroutine", "80x24", f"{TMP}/pipe.txt", "--source", f"/nowhere={TMP}", "--keys", "v")
ok("a pipe is no source", r.returncode == 0 and "is no file but a folder, pipe or device" in " ".join(r.stdout.split()), r.stdout + r.stderr)
finish()
