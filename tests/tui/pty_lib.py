# SPDX-License-Identifier: MIT
"""The program on a pseudo terminal of ours: exact bytes, modes, signals and exit status.

Nothing sleeps for a length of time that matters: a frame is there when the program waits again. It waits when it sleeps
in its one poll, all keys are read and nothing is left to be taken from the terminal.
"""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

GSCRAPE, TOP, TMP = os.environ["GSCRAPE"], os.environ["TOP"], os.environ["TMP"]
LEFT, RIGHT, UP, DOWN, ENTER, ESC = "\x1bOD", "\x1bOC", "\x1bOA", "\x1bOB", "\r", "\x1b"  # as keypad mode has them
MOST = 60  # seconds after which something is broken
count = 0


def ok(what, good, *why):
    global count
    count += 1
    print(f"{'ok' if good else 'not ok'} {count} - {what}")
    if not good:
        for w in why:
            print("#", "\n# ".join(w.splitlines()) if isinstance(w, str) else repr(w)[:2000])
    sys.stdout.flush()
    return good


def finish():
    print(f"1..{count}")


def store(name="series", folder="tests/data/series"):
    db = f"{TMP}/{name}.db"
    if not os.path.exists(db):
        rc = os.spawnl(os.P_WAIT, GSCRAPE, GSCRAPE, "--index", f"{TOP}/{folder}", "--archive-tz", "UTC", "--db", db, "-q")
        assert rc == 0, rc
    return db


class Term:
    """The program in a terminal of w x h; `seen` is all it wrote, `frame` what it wrote since the last wait. db: False is none, None
    the store of the tests' data."""

    def __init__(self, *args, size=(80, 24), term="xterm-256color", env=None, db=None, state=False, wait=True):
        base = {k: v for k, v in os.environ.items() if k not in ("TMUX", "NO_COLOR")}
        base.update({"TERM": term, "LC_ALL": "C.UTF-8"}, **(env or {}))
        argv = [GSCRAPE] + ([] if db is False else ["--db", db or store()]) + ["--tz", "UTC"] + ([] if state else ["--no-state"]) + list(args)
        self.master, self.slave = pty.openpty()
        self.resize(*size, wait=False)
        self.before = termios.tcgetattr(self.slave)
        self.seen = self.frame = b""
        self.status = None
        self.stopped = False
        self.news, tell = os.pipe()
        self.shell = os.fork()
        if self.shell == 0:
            self.be_shell(argv, base, tell)
        os.close(tell)
        self.pid = int(self.tidings())
        if wait:
            self.wait(lambda: b"\x1b[" in self.seen)

    def be_shell(self, argv, env, tell):
        """What a shell is to the program: its parent, in its session, who hears of stops and of the end."""
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        os.setsid()
        fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)
        os.close(self.master)
        pid = os.fork()
        if pid == 0:
            os.setpgid(0, 0)
            os.tcsetpgrp(self.slave, os.getpid())
            signal.signal(signal.SIGTTOU, signal.SIG_DFL)
            signal.signal(signal.SIGHUP, signal.SIG_DFL)
            for fd in (0, 1):
                os.dup2(self.slave, fd)
            os.dup2(os.open(f"{TMP}/err", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 2)
            os.closerange(3, 100)
            os.execve(GSCRAPE, argv, env)
        os.write(tell, b"%d\n" % pid)
        while True:
            _, status = os.waitpid(pid, os.WUNTRACED)
            os.write(tell, b"%d\n" % status)
            if not os.WIFSTOPPED(status):
                os._exit(0)

    def tidings(self):
        """The next line from the shell."""
        line = b""
        while not line.endswith(b"\n"):
            line += os.read(self.news, 1)
        return line

    def wakes(self):
        """How often it went to sleep by itself: it does so once for each event."""
        try:
            with open(f"/proc/{self.pid}/status") as f:
                return int(re.search(r"^voluntary_ctxt_switches:\s*(\d+)", f.read(), re.M).group(1))
        except (OSError, AttributeError):
            return 1 << 60

    def woken(self, do, until=lambda: True):
        """Do something that wakes it, and wait until it has done what follows."""
        before = self.wakes()
        do()
        return self.wait(lambda: self.wakes() > before and until())

    def resize(self, w, h, wait=True):
        if wait:
            return self.woken(lambda: self.resize(w, h, False))
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", h, w, 0, 0))
        return True

    def drain(self):
        got = False
        while select.select([self.master], [], [], 0)[0]:
            try:
                data = os.read(self.master, 65536)
            except OSError:
                break
            if not data:
                break
            self.seen += data
            self.frame += data
            got = True
        return got

    def ended(self):
        while self.status is None and select.select([self.news], [], [], 0)[0]:
            status = int(self.tidings())
            self.stopped = os.WIFSTOPPED(status)
            if not self.stopped:
                self.status = status
                os.waitpid(self.shell, 0)
        return self.status is not None

    def polling(self):
        """Does the main thread sleep in poll, with every key read?"""
        try:
            with open(f"/proc/{self.pid}/stat") as f:
                state = f.read().rsplit(")", 1)[1].split()[0]
            with open(f"/proc/{self.pid}/wchan") as f:
                where = f.read()
        except OSError:
            return False
        waiting = struct.unpack("i", fcntl.ioctl(self.slave, termios.FIONREAD, b"\0" * 4))[0]
        return state == "S" and waiting == 0 and (where in ("", "0") or "poll" in where)

    def wait(self, until=lambda: True):
        """Until the program has done all there was to do (and `until` holds), or has ended. True unless that never came."""
        end, calm = time.monotonic() + MOST, 0
        while time.monotonic() < end:
            if self.drain():
                calm = 0
            elif self.ended() or self.stopped:
                self.drain()
                return True
            elif self.polling() and until(): # calm counts from then on: what it does about it comes after
                calm += 1
                if calm >= 3:
                    return True
            else:
                calm = 0
            time.sleep(0.001)
        return False

    def has_read(self):
        """How many bytes it has read in its life; 0 where nobody may know."""
        try:
            with open(f"/proc/{self.pid}/io") as f:
                return int(re.search(r"^rchar:\s*(\d+)", f.read(), re.M).group(1))
        except (OSError, AttributeError):
            return 0

    def key(self, keys):
        """What keys cost: the bytes of the frame that follows. A terminal hands keys on some time after they were written to it."""
        self.frame = b""
        keys = keys.encode()
        before = self.has_read()
        assert self.woken(lambda: os.write(self.master, keys), lambda: not before or self.has_read() >= before + len(keys)), "the program hangs"
        return len(self.frame)

    def sync_frames(self):
        """Under --sync, where each frame says where it ends: the bytes of each since the last key, without the two marks."""
        return [len(f) - 8 for f in self.frame.split(b"\x1b[?2026l")[:-1]]

    def await_text(self, text):
        return self.wait(lambda: text.encode() in plain(self.seen))

    def shows(self, text):
        return text.encode() in plain(self.seen)

    def kill(self, sig):
        os.kill(self.pid, sig)
        self.wait(lambda: self.ended())
        return self.status

    def modes_back(self):
        return termios.tcgetattr(self.slave) == self.before

    def close(self):
        if not self.ended():
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.shell, 0)
        for fd in (self.master, self.slave, self.news):
            os.close(fd)


def plain(data):
    """The text in a stream, without what moves and paints. Good for looking for one word that was painted at once."""
    return re.sub(rb"\x1b(\[[0-9;?>]*[a-zA-Z]|[()][A-Z0-9]|[=>78]|\][^\x07]*\x07)|[\x0e\x0f]", b"", data)


def stats(t):
    """What the program says that painting cost: last frame, mean, frames, writes, bytes."""
    t.key(":stats")
    t.key(ENTER)
    m = re.search(rb"last frame (\d+) bytes, mean (\d+), (\d+) frames, (\d+) writes, (\d+) bytes", plain(t.seen[-20000:]))
    return tuple(int(x) for x in m.groups()) if m else None
