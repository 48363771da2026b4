#!/usr/bin/env python3
# needs: tmux go
# SPDX-License-Identifier: MIT
"""A new user's first minute: a real Go program that leaks, recorded into a new store and watched in a real terminal. The window
is the recording and grows with it, the chart rises, view 5 names the place; what stands still says so, and what would end the
recording asks first."""
import http.server
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(__file__))
from pty_lib import GSCRAPE, TMP, TOP, finish, ok  # noqa: E402
from tmux_lib import Tmux  # noqa: E402


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def seconds(clock):
    h, m, s = map(int, clock.split(":"))
    return h * 3600 + m * 60 + s


def row(screen, host):
    """MIN, MAX, AT T, LAST of the overview's row; None where it shows no numbers."""
    m = re.search(re.escape(host) + r".*?((?:\s+[\d,.k-]+){4})\W*$", screen, re.M)
    return [int(n.replace(",", "")) if n != "-" else None for n in m.group(1).split()] if m else None


def edges(screen):
    """The window's begin, on the axis below the chart, and T; None where the screen has none."""
    axis = re.search(r"^ {7}(\d\d:\d\d:\d\d)", screen, re.M)
    t = re.search(r"goroutines +T (\d\d:\d\d:\d\d)", screen)
    return (axis.group(1), t.group(1)) if axis and t else None


def window(screen):
    """How long it is, seconds."""
    both = edges(screen)
    return seconds(both[1]) - seconds(both[0]) if both else None


def moments(db):
    """The times of the snapshots, as clocks."""
    out = subprocess.run([GSCRAPE, "--stats", "--json", "--db", db], capture_output=True, text=True).stdout
    return [time.strftime("%H:%M:%S", time.localtime(json.loads(x)["time"] // 1000)) for x in out.splitlines()]


def first_minute():
    prices = f"{TMP}/prices"
    env = {"HOME": TMP, **os.environ}
    subprocess.check_call(["go", "build", "-o", prices, f"{TOP}/contrib/example/prices.go"], env=env)
    port = free_port()
    service = subprocess.Popen([prices, "-addr", f"127.0.0.1:{port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    host, db = f"127.0.0.1:{port}", f"{TMP}/live.db"
    t = Tmux("prices", "-i", "250ms", "--db", db, "--output", f"{TMP}/out", host)
    try:
        watch(t, host, db)
    finally:
        t.close()
        service.kill()
        service.wait()


def watch(t, host, db):
    for length in (2, 5, 15):
        s = t.until(f"the window is {length} s long when the recording is", lambda s: (window(s) or 0) >= length)
        begin, end = edges(s)
        known = moments(db)
        ok(f"and begins with the recording, and ends with a snapshot ({length} s)", begin == known[0] and end in known, s, known)
    t.until("the chart rises", lambda s: (r := row(s, host)) and r[0] and r[3] and r[3] >= r[0] + 8)
    t.until("what moved names the place", lambda s: re.search(r"\+\d+ +main\.\(\*replicas\)\.ask", s))
    t.keys("5")
    t.until("view 5 says what leaks", lambda s: re.search(r"go in main\.\S+ prices.go:57, since", s) and "chan send" in s)
    t.keys("1")
    s = t.until("in the overview it is marked", lambda s: re.search(re.escape(host) + ".*!", s))
    t.keys("h")
    s = t.until("a step back: it is paused, and recorded meanwhile", lambda s: "paused, recording" in s)
    stood = re.search(r"T (\d\d:\d\d:\d\d) =", s).group(1)
    s = t.until("how much is newer is told", lambda s: re.search(r"paused, recording; [1-9]\d* newer", s))
    t.resize(120, 30)
    t.until("at 120 columns, too", lambda s: re.search(r"^ gscrape .*paused, recording; [1-9]\d* newer", s))
    t.keys("Home")  # as tmux sends it, whatever TERM says
    s = t.until("Home is no command made of its bytes", lambda s: "glyphs:" not in s and f"T {stood} = " in s)
    t.resize(80, 24)
    s = t.until("and 80 again", lambda s: len(s.splitlines()) <= 24 and "newer" in s)
    at, last = row(s, host)[2], row(s, host)[3]
    s = t.until("LAST goes on", lambda s: row(s, host)[3] != last)
    ok("T does not", f"T {stood} = " in s and row(s, host)[2] == at, s)
    t.keys("F")
    t.until("F goes on from the newest", lambda s: " LIVE " in s and row(s, host)[2] == row(s, host)[3])
    t.keys("q", "q", "q")  # back to view 5, and to the overview
    t.until("q asks before it ends the recording", lambda s: "ends the recording: q again does it" in s)
    t.keys("j")
    t.until("another key goes on", lambda s: "ends the recording" not in s and "EXIT" not in s)
    t.keys("q")
    t.until("asked anew", lambda s: "ends the recording: q again does it" in s)
    t.keys("q")
    t.until("and the second one ends it", lambda s: "EXIT=0" in s)


def a_target_that_fails():
    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(404)
            self.end_headers()
            self.wfile.write(b"<!DOCTYPE html><html><body>nothing here</body></html>")

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    host, refused = f"127.0.0.1:{server.server_port}", f"127.0.0.1:{free_port()}"
    t = Tmux("fails", "-i", "100ms", "--db", f"{TMP}/fails.db", "--output", f"{TMP}/fails", host, refused, size=(100, 30))
    try:
        t.until("its row says what is wrong, and since when", lambda s: re.search(re.escape(host) + r" +down since \d\d:\d\d:\d\d: HTTP 404", s))
        t.until("and so does the other one's", lambda s: re.search(re.escape(refused) + r" +down since \d\d:\d\d:\d\d: ", s))
        t.keys("j", "k")
        if host > refused:
            t.keys("j")
        t.until("the title says it whole, and how often", lambda s: re.search(
            re.escape(host) + r" +T \d\d:\d\d:\d\d: down since \d\d:\d\d:\d\d: HTTP 404 with an HTML page \((\d+) of \1\)", s))
        s = t.until("the last line says what to do", lambda s: s.rstrip().endswith("is net/http/pprof registered on the mux that listens there?"))
        ok("no number is there", row(s, host) in (None, [None, None, None, None]) and " 0┤" not in s.replace("     0┤", ""), s)
        t.keys("2")
        t.until("view 2 says it too", lambda s: "[2 Host]" in s and re.search(r"down since \d\d:\d\d:\d\d: HTTP 404", s))
    finally:
        t.close()
        server.shutdown()


def a_target_that_dies():
    class Once(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            text = b"goroutine 1 [select]:\nmain.main()\n\t/a.go:1 +0x1\n\n"
            self.send_response(200)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Once)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    host = f"127.0.0.1:{server.server_port}"
    t = Tmux("dies", "-i", "100ms", "--timeout", "1s", "--db", f"{TMP}/dies.db", "--no-archive", host, size=(80, 24))
    try:
        t.until("it is measured", lambda s: row(s, host) and row(s, host)[3] == 1)
        server.shutdown()
        server.server_close()
        t.until("at 80 columns the title says whole what is wrong, since when and how often", lambda s: re.search(
            re.escape(host) + r": down since \d\d:\d\d:\d\d: connection refused \(\d+ in a row\) ", s))
    finally:
        t.close()


first_minute()
a_target_that_fails()
a_target_that_dies()
finish()
