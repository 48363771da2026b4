# SPDX-License-Identifier: MIT
"""The program in a real terminal, as a person has it."""
import os
import subprocess
import time
from pty_lib import GSCRAPE, MOST, TMP, ok


class Tmux:
    """The program in a tmux of its own; `typed` keys so far."""

    def __init__(self, name, *args, size=(80, 24), env=None):
        self.typed = 0
        self.server = ["tmux", "-u", "-L", f"live{os.getpid()}-{name}", "-f", "/dev/null"]
        env = {k: v for k, v in os.environ.items() if k != "TMUX"} | (env or {})
        command = " ".join(f"'{a}'" for a in (GSCRAPE, "--tz", "UTC", "--no-state", *args))
        subprocess.check_call([*self.server, "new-session", "-d", "-x", str(size[0]), "-y", str(size[1]),
                               f"cd {TMP}; env TERM=xterm-256color LC_ALL=C.UTF-8 {command}; echo EXIT=$?; sleep 60"], env=env)
        subprocess.check_call([*self.server, "set", "-g", "status", "off"], env=env)
        subprocess.check_call([*self.server, "resize-window", "-x", str(size[0]), "-y", str(size[1])], env=env)

    def resize(self, columns, lines):
        subprocess.check_call([*self.server, "resize-window", "-x", str(columns), "-y", str(lines)])

    def screen(self):
        return subprocess.check_output([*self.server, "capture-pane", "-p"], text=True)

    def type(self, text):
        """Each character is a key; \r is Enter."""
        for c in text:
            self.keys("Enter" if c == "\r" else "Space" if c == " " else c)
            self.typed += 1

    def keys(self, *keys):
        subprocess.check_call([*self.server, "send-keys", *keys])

    def until(self, what, holds):
        """The first screen for which it holds."""
        end = time.monotonic() + MOST
        while time.monotonic() < end:
            s = self.screen()
            if holds(s):
                ok(what, True)
                return s
            time.sleep(0.05)
        ok(what, False, s)
        return s

    def close(self):
        subprocess.call([*self.server, "kill-server"], stderr=subprocess.DEVNULL)
