# SPDX-License-Identifier: MIT
"""Pprof servers of many kinds in this process, the scraper beside it, and TAP."""
import atexit, gzip, http.server, json, os, re, signal, socket, socketserver, ssl, subprocess, sys, threading, time, traceback

GSCRAPE, TMP, TOP = os.environ['GSCRAPE'], os.environ['TMP'], os.environ['TOP']
signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell may have had it ignored
BOUND = 60  # seconds until a condition that does not come is a failure, on a machine that has much else to do


def dump(n, first=1, width=2):
    """A dump of n goroutines, like Go's."""
    head = 'goroutine %d [running]:\nmain.main()\n\t/src/a.go:%d +0x1d\n\n'
    rest = ('goroutine %d [chan receive, 3 minutes]:\nmain.work(0xc000012345)\n\t/src/a.go:12 +0x1d\n'
            'created by main.main in goroutine 1\n\t/src/a.go:7 +0x9c\n\n')
    return (head % (first, width) + ''.join(rest % (first + i) for i in range(1, n))).encode()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def do_GET(self):
        self.server.seen.append((self.path, dict(self.headers)))
        self.server.answer(self)

    def send(self, body, code=200, length=None, **headers):
        self.send_response(code)
        for k, v in headers.items():
            self.send_header(k.replace('_', '-'), v)
        self.send_header('Content-Length', str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)
        if length is not None:
            self.close_connection = True

    def address_string(self):
        return 'somebody'

    def log_message(self, *a):
        pass


class Server(http.server.ThreadingHTTPServer):
    """answer(handler) is called for each request; on a loopback port, or a unix socket."""
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, answer, address=('127.0.0.1', 0), tls=None):
        self.answer, self.seen, self.connections = answer, [], 0
        if isinstance(address, str):
            self.address_family = socket.AF_UNIX
        elif ':' in address[0]:
            self.address_family = socket.AF_INET6
        super().__init__(address, Handler)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def server_bind(self):
        socketserver.TCPServer.server_bind(self)  # HTTPServer's asks for a name
        self.server_name, self.server_port = 'localhost', 0

    def get_request(self):
        self.connections += 1
        return super().get_request()

    def handle_error(self, *a):
        pass

    @property
    def port(self):
        return self.socket.getsockname()[1]

    @property
    def host(self):
        return '127.0.0.1:%d' % self.port


def good(n=5):
    return Server(lambda h: h.send(dump(n)))


def until(condition, what):
    end = time.monotonic() + BOUND
    while time.monotonic() < end:
        got = condition()
        if got:
            return got
        time.sleep(0.02)
    raise AssertionError('waited in vain for ' + what)


class Scraper:
    """A running --scrape; its events come line by line."""

    def __init__(self, where, *args, env=None, json_out=True, **kw):
        self.events, self.errors = [], []
        self.folder = os.path.join(TMP, where)
        os.makedirs(self.folder, exist_ok=True)
        cmd = [GSCRAPE, '--scrape'] + (['--json'] if json_out else []) + [str(a) for a in args]
        self.p = subprocess.Popen(cmd, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  stdin=subprocess.DEVNULL, text=True, env=dict(os.environ, **(env or {})), **kw)
        atexit.register(self.p.kill)  # a test that fails leaves nothing running
        self.threads = [threading.Thread(target=self.read, args=a, daemon=True)
                        for a in ((self.p.stdout, self.events, json_out), (self.p.stderr, self.errors, False))]
        for t in self.threads:
            t.start()

    def read(self, stream, to, parse):
        for line in stream:
            to.append(json.loads(line) if parse else line.rstrip('\n'))

    def of(self, host):
        return [e for e in list(self.events) if e.get('host') == host]

    def end(self):
        try:
            code = self.p.wait(BOUND)
        finally:
            self.p.kill()
        for t in self.threads:
            t.join(BOUND)
        return code

    def stop(self, sig=signal.SIGTERM):
        self.p.send_signal(sig)
        return self.end()


def once(where, *args, **kw):
    s = Scraper(where, '--once', *args, **kw)
    return s, s.end()


def files(where):
    out = []
    for d, _, names in os.walk(os.path.join(TMP, where, 'output')):
        out += [os.path.join(d, n) for n in names]
    return sorted(out)


def rows(where, command, *args):
    """What the store answers, from the command line."""
    out = subprocess.run([GSCRAPE, command, '--json', *args], cwd=os.path.join(TMP, where), capture_output=True, text=True,
                         timeout=BOUND)
    assert out.returncode == 0, out.stderr
    return [json.loads(line) for line in out.stdout.splitlines()]


def run(tests):
    failed = 0
    for i, test in enumerate(tests, 1):
        try:
            test()
            print('ok %d - %s' % (i, test.__doc__), flush=True)
        except Exception:
            failed = 1
            print('not ok %d - %s' % (i, test.__doc__), flush=True)
            print(''.join('# ' + line + '\n' for line in traceback.format_exc().splitlines()), flush=True)
    sys.exit(failed)
