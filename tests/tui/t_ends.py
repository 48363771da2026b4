#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whatever way the program ends or stops, the terminal is as it was before: modes, mouse, cursor, screen; the exit status
tells the signal; and what was looked at is kept."""
import os
import signal
import sys
import tempfile

sys.path.insert(0, os.path.dirname(__file__))
from pty_lib import *  # noqa: E402,F403

SIGNALS = ("TERM", "HUP", "INT", "QUIT", "SEGV", "ABRT", "BUS", "FPE", "ILL")


def restored(t, mouse):
    """The end of the stream: mouse off, colours off, the cursor seen, the keypad and the other screen left."""
    end = t.seen[-400:]
    want = [b"\x1b[?1049l", b"\x1b[?1l"] + ([b"\x1b[?1006;1000l", b"\x1b[?1000l"] if mouse else [])
    mouse_is_off = not mouse or any(w in end for w in want[2:])
    cursor = t.seen.rfind(b"\x1b[?25l") <= max(t.seen.rfind(b"\x1b[?25h"), t.seen.rfind(b"\x1b[?12l"), t.seen.rfind(b"\x1b[34h"))
    return all(w in end for w in want[:2]) and mouse_is_off and cursor


for mouse in (False, True):
    with_mouse = ", the mouse on" if mouse else ""
    for name in SIGNALS:
        sig = getattr(signal, "SIG" + name)
        t = Term(*(["--mouse"] if mouse else []))
        status = t.kill(sig)
        ok(f"SIG{name}{with_mouse}: modes and screen are back, the status tells the signal",
           t.modes_back() and restored(t, mouse) and os.WIFSIGNALED(status) and os.WTERMSIG(status) == sig,
           status, t.modes_back(), t.seen[-100:])
        t.close()
    for keys, what in (("Q", "Q"), ("q", "q at the first view"), ("\x03\x03", "Ctrl-C twice"), (":quit\r", ":quit"), ("\x1b[21~", "F10")):
        t = Term(*(["--mouse"] if mouse else []))
        t.key(keys)
        ok(f"{what}{with_mouse}: status 0, modes and screen are back",
           t.ended() and t.status == 0 and t.modes_back() and restored(t, mouse), t.status, t.modes_back(), t.seen[-100:])
        t.close()

# What is shown out of a file is in a store of its own, which goes too.
for name in ("TERM", "HUP", "INT", "QUIT", "ABRT", "ALRM", "USR1"):
    with tempfile.TemporaryDirectory() as there:
        t = Term(os.path.join(os.environ["TOP"], "tests/data/texts/00-plain.txt"), db=False, env={"TMPDIR": there})
        while_shown = len(os.listdir(there))
        status = t.kill(getattr(signal, "SIG" + name))
        ok(f"SIG{name}: the store of a file goes too",
           while_shown == 1 and not os.listdir(there) and t.modes_back() and os.WIFSIGNALED(status) and signal.Signals(os.WTERMSIG(status)).name == "SIG" + name,
           while_shown, os.listdir(there), status)
        t.close()

t = Term(term="vt100", env={"LC_ALL": "C"})
t.kill(signal.SIGABRT)
ok("vt100: the restoring string has no pauses in it", b"$<" not in t.seen[-60:] and t.modes_back(), t.seen[-60:])
t.close()

# Ctrl-C once asks, Esc and time leave it at that.
t = Term()
t.key("\x03")
ok("Ctrl-C once says how to quit", not t.ended() and t.shows("again to quit"))

# Stop and go on: what a shell does.
for how in ("Ctrl-Z", "SIGTSTP from elsewhere"):
    t.stopped = False
    if how == "Ctrl-Z":
        os.write(t.master, b"\x1a")
    else:
        os.kill(t.pid, signal.SIGTSTP)
    t.wait(lambda: t.ended() or t.stopped)
    ok(f"{how}: it stops, and the terminal is as before", t.stopped and t.modes_back() and restored(t, False), t.stopped, t.seen[-100:])
    t.frame = b""
    t.stopped = False
    t.woken(lambda: os.kill(t.pid, signal.SIGCONT))
    ok(f"{how}, then fg: all is painted again, once", plain(t.frame).count(b"127.0.0.1:2379") == 1 and not t.modes_back(), t.frame[:200])
t.key("2")
ok("and takes keys", t.shows("groups by"))
os.kill(t.pid, signal.SIGSTOP)
t.wait(lambda: t.ended() or t.stopped)
t.stopped = False
t.frame = b""
t.woken(lambda: os.kill(t.pid, signal.SIGCONT))
ok("SIGSTOP and SIGCONT: painted again", b"groups by" in plain(t.frame), t.frame[:200])
t.key("Q")
ok("and it quits as ever", t.ended() and t.status == 0 and t.modes_back())
t.close()

# The line stands still: nobody takes what is painted. It must end when asked, all the same.
t = Term(size=(160, 48))
try:
    os.set_blocking(t.master, False)
    for _ in range(400):  # each paints the whole screen, until nothing goes any more
        os.write(t.master, b"\x0c")
        time.sleep(0.002)
        if not t.polling():
            break
except BlockingIOError:
    pass
os.kill(t.pid, signal.SIGTERM)
end = time.monotonic() + MOST
while not t.ended() and time.monotonic() < end:
    time.sleep(0.001)
os.set_blocking(t.master, True)
ok("a line that stands still: SIGTERM ends it, and the modes are back", t.ended() and os.WIFSIGNALED(t.status) and t.modes_back(), t.status)
t.close()

# The line drops: what one looked at is kept, and comes back.
home = f"{TMP}/state"
env = {"XDG_STATE_HOME": home}
t = Term(state=True, env=env)
t.key(":host 127.0.0.1:16060\r")
t.key("/shop\r")
t.key("&main\r")
t.key("ma")
t.kill(signal.SIGHUP)
t.close()
kept = sorted(os.listdir(f"{home}/gscrape-tui"))
ok("SIGHUP: state and history are written", len(kept) == 2 and "history" in kept, kept)
t = Term(state=True, env=env)
ok("the next run begins there", t.shows("groups by") and t.shows("127.0.0.1:16060") and t.shows("main"), plain(t.seen)[:300])
t.key("/")
t.key("\x1bOA")
ok("and knows what was searched for", b"shop" in plain(t.frame) or t.shows("/shop"), plain(t.frame))
t.key("\x1b")
t.wait()
os.close(t.master)  # the terminal is gone altogether
t.master = os.open("/dev/null", os.O_RDWR)
end = time.monotonic() + MOST
while not t.ended() and time.monotonic() < end:
    time.sleep(0.001)
ok("a terminal that is gone ends it, by SIGHUP or by itself", t.ended() and (t.status == 0 or os.WTERMSIG(t.status) == signal.SIGHUP), t.status)
t.close()

# The options menu: what is chosen acts, is written, and holds the next time.
env = {"XDG_CONFIG_HOME": f"{TMP}/config"}
t = Term(env=env)
t.key("o")
t.key("\r")
t.key("jjjj")
t.key("\r")
ok("the menu switches the mouse on at once", b"1000h" in t.seen)
t.key("Q")
t.close()
with open(f"{TMP}/config/gscrape-tui/config") as f:
    kept = f.read()
ok("and what was chosen is in the config file", kept == "theme = light\nmouse = yes\n", kept)
t = Term(env=env)
ok("the next run begins with it", b"1000h" in t.seen)
t.key("Q")
t.close()

# Nothing to paint on.
import subprocess  # noqa: E402
for term, what in (("dumb", "TERM=dumb"), ("", "an empty TERM"), (None, "no TERM")):
    pid, fd = pty.fork()
    if pid == 0:
        env = {k: v for k, v in os.environ.items() if k != "TERM"}
        if term is not None:
            env["TERM"] = term
        os.execve(GSCRAPE, [GSCRAPE, "--db", store()], env)
    out = b""
    try:
        while True:
            data = os.read(fd, 4096)
            if not data:
                break
            out += data
    except OSError:
        pass
    status = os.waitpid(pid, 0)[1]
    os.close(fd)
    ok(f"{what}: status 2, one line that names what prints (figure 22)", os.WEXITSTATUS(status) == 2 and out.count(b"\n") == 1 and b"--dump" in out, status, out)
r = subprocess.run([GSCRAPE, "--db", store()], stdin=subprocess.DEVNULL, capture_output=True)
ok("no terminal: the same, and nothing on standard output", r.returncode == 2 and r.stdout == b"" and r.stderr.count(b"\n") == 1, r)

# a recording of this process is not stopped unasked
t = Term("-i", "1s", "--output", f"{TMP}/out", "127.0.0.1:1", db=f"{TMP}/live.db")
t.key("\x1a")
ok("Ctrl-Z that would stop a recording asks", t.await_text("stops the recording until fg"), plain(t.seen)[-200:])
t.key("j")
t.key("\x1a")
os.write(t.master, b"\x1a")
t.wait(lambda: t.ended() or t.stopped)
ok("asked anew, it stops, and says what stopped with it", t.stopped and b"and the recording with it" in t.seen and t.modes_back(), t.seen[-200:])
t.stopped = False
os.kill(t.pid, signal.SIGCONT)
ok("and goes on", t.wait(lambda: b"1049h" in t.seen[t.seen.rfind(b"and the recording"):]), t.seen[-200:])
t.close()

finish()
