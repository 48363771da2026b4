# SPDX-License-Identifier: MIT
"""What may stand between a program and a server: a relay that holds answers back, loses them, or changes a word of theirs."""
import socket
import threading


class Relay:
    """Each question goes through at once. An answer waits while `held`, and from question `hold_at` on; with `lose` it never
    comes; `words` are replaced in it, by others of the same length."""

    def __init__(self, port):
        self.to, self.lose, self.words, self.asked = port, False, {}, 0
        self.hold_at = None  # a number as `asked` counts them
        self.open = threading.Event()
        self.open.set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def hold(self):
        self.open.clear()

    def release(self):
        self.open.set()

    def serve(self):
        while True:
            near = self.listener.accept()[0]
            far = socket.create_connection(("127.0.0.1", self.to))
            threading.Thread(target=self.pump, args=(near, far, True), daemon=True).start()
            threading.Thread(target=self.pump, args=(far, near, False), daemon=True).start()

    def pump(self, a, b, question):
        try:
            while data := a.recv(1 << 16):
                if question:
                    self.asked += 1
                    if self.asked == self.hold_at:
                        self.hold()
                else:
                    self.open.wait()
                    if self.lose:
                        break
                    for was, is_ in self.words.items():
                        data = data.replace(was, is_)
                b.sendall(data)
        except OSError:
            pass
        for s in a, b:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
