#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A recording in a terminal whose times are of another zone than the machine's: each frame asks the zone, while the scraper
asks the environment for proxies. Many targets at a short interval, and keys all the time."""
import os
import selectors
import signal
import socket
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "tui"))
from pty_lib import *  # noqa: E402,F403

TARGETS = 19
STEPS = 250
DUMP = b"goroutine 1 [running]:\nmain.main()\n\t/src/a.go:2 +0x1d\n\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s" % (len(DUMP), DUMP)


def serve(listeners):
    """The same dump for everybody who asks, in a process of its own, until it is killed."""
    sel = selectors.DefaultSelector()
    for s in listeners:
        sel.register(s, selectors.EVENT_READ, True)
    while True:
        for key, _ in sel.select():
            try:
                if key.data:
                    sel.register(key.fileobj.accept()[0], selectors.EVENT_READ, False)
                elif key.fileobj.recv(65536):
                    key.fileobj.sendall(ANSWER)
                else:
                    raise ConnectionError
            except OSError:
                sel.unregister(key.fileobj)
                key.fileobj.close()


listeners = [socket.create_server((f"127.0.0.{i + 1}", 0), backlog=64) for i in range(TARGETS)]
server = os.fork()
if server == 0:
    serve(listeners)
hosts = ["%s:%d" % s.getsockname() for s in listeners]
for s in listeners:
    s.close()

os.environ.pop("TZ", None)
db = f"{TMP}/live.db"
t = Term("--tz", "Europe/Berlin", "-i", "20ms", "--no-archive", *hosts, size=(120, 40), db=db, wait=False)
try:
    shown = t.wait(lambda: t.shows("127.0.0.1"))
    for i in range(STEPS):  # what the keys paint is seen in the frames; the end of each is not waited for
        os.write(t.master, b"h" if i % 2 else b"l")
        select.select([t.master], [], [], 0.1)
        t.drain()
        if t.ended():
            break
    alive = not t.ended()
    ok("it records, and takes keys", shown and alive, t.status, t.seen[-200:], open(f"{TMP}/err").read()[-2000:])
    if alive:
        os.write(t.master, b"Q")
        t.wait(lambda: t.ended())
    ok("and ends in peace", t.status == 0, t.status, open(f"{TMP}/err").read()[-2000:])
finally:
    t.close()
    os.kill(server, signal.SIGKILL)
    os.waitpid(server, 0)
finish()
