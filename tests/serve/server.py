# SPDX-License-Identifier: MIT
"""Start the server and ask it; TAP lines."""
import atexit, http.client, json, os, re, select, subprocess, sys, time

TOP, TMP, GSCRAPE = os.environ['TOP'], os.environ['TMP'], os.environ['GSCRAPE']
BOUND = 60  # seconds until what does not come is a failure, on a machine that has much else to do
count = 0


def ok(passed, what, note=''):
    global count
    count += 1
    print(('ok' if passed else 'not ok'), count, '-', what, flush=True)
    if not passed and note != '':
        print('# ' + str(note)[:600], flush=True)


def same(got, want, what):
    ok(got == want, what, f'got {got!r}, wanted {want!r}')


def index(*folders, db=None):
    db = db or TMP + '/db'
    for f in folders:
        subprocess.run([GSCRAPE, '--index', f, '--archive-tz', 'UTC', '--db', db], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return db


class Server:
    def __init__(self, db, *options, address='127.0.0.1:0', serve='--serve', **how):
        self.process = subprocess.Popen([GSCRAPE, serve] + ([address] if address else []) + ['--db', db, *options], stdout=subprocess.PIPE, text=True, **how)
        atexit.register(self.process.kill)  # a test that dies leaves nothing running
        ready, _, _ = select.select([self.process.stdout], [], [], BOUND)
        self.url = self.process.stdout.readline().strip() if ready else ''
        m = re.fullmatch(r'https?://(.*):(\d+)/', self.url)
        self.host, self.port = (m[1].strip('[]'), int(m[2])) if m else (None, None)

    def ask(self, path, headers=None, method='GET'):
        """Status, headers and body of one answer."""
        c = http.client.HTTPConnection(self.host, self.port, timeout=BOUND)
        try:
            c.request(method, path, headers=headers or {})
            r = c.getresponse()
            return r.status, r.headers, r.read()
        finally:
            c.close()

    def json(self, path):
        status, _, body = self.ask(path)
        assert status == 200, (path, status, body[:300])
        return json.loads(body)

    def rss(self):
        with open(f'/proc/{self.process.pid}/status') as f:
            return int(re.search(r'VmRSS:\s+(\d+)', f.read())[1]) * 1024

    def stop(self):
        self.process.terminate()
        try:
            return self.process.wait(BOUND)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return 'killed'


def until(fn, seconds=BOUND):
    """Wait until fn() is true; what it was at last."""
    end = time.monotonic() + seconds
    while True:
        got = fn()
        if got or time.monotonic() > end:
            return got
        time.sleep(0.05)


def finish():
    print(f'1..{count}')
