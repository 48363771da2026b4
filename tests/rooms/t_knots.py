#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Files that cannot be understood without each other: those that call one another in a circle, by the symbols they link. A
view's files may know each other; no view may be needed to understand what lies below it, nor the program around it."""
import glob
import os
import subprocess
import sys

MOST = 6
BUILD = os.environ.get("B", "build")


def calls(room):
    """File -> files of the room whose functions or tables it uses."""
    has, needs = {}, {}
    for source in sorted(glob.glob(f"src/{room}/*.c")):
        name = source[len(f"src/{room}/"):-2]
        needs[name] = set()
        for line in subprocess.check_output(["nm", f"{BUILD}/src/{room}/{name}.o"], text=True).splitlines():
            kind, symbol = line.split()[-2:]
            if kind == "U":
                needs[name].add(symbol)
            elif kind in "TDRB":
                has[symbol] = name
    return {f: {has[s] for s in used if s in has} - {f} for f, used in needs.items()}


def reached(graph, start):
    seen, todo = set(), [start]
    while todo:
        for f in graph[todo.pop()] - seen:
            seen.add(f)
            todo.append(f)
    return seen


def knots(graph):
    reach = {f: reached(graph, f) for f in graph}
    return {frozenset(g for g in reach[f] if f in reach[g]) for f in graph if f in reach[f]}


os.chdir(os.environ["TOP"])
rooms = sorted(os.path.relpath(d, "src") for d, _, files in os.walk("src") if d != "src" and any(f.endswith(".c") for f in files))
failed = 0
for n, room in enumerate(rooms, 1):
    found = sorted(knots(calls(room)), key=len)
    large = [sorted(k) for k in found if len(k) > MOST]
    failed += bool(large)
    print(f"{'not ok' if large else 'ok'} {n} - no knot of more than {MOST} files in {room}; the largest has {max(map(len, found), default=0)}")
    for k in large:
        print("#", *k)
views = glob.glob("src/tui/view_*.[ch]") + glob.glob("src/tui/draw_*.c")
app = sorted(f for f in views if '#include "app.h"' in open(f).read())
print(f"{'not ok' if app else 'ok'} {len(rooms) + 1} - no view knows the program around it")
for f in app:
    print("#", f)
print(f"1..{len(rooms) + 1}")
sys.exit(bool(failed or app))
