# SPDX-License-Identifier: MIT
# needs: cc
"""A disk that fails once, when a commit is written: the recorder tells, goes on, and loses no more than what it told; who reads in
the same process goes on, too."""
import concurrent.futures, itertools, urllib.request
from lib import *

SHIM = os.path.join(TMP, 'shim.so')
subprocess.run(['cc', '-shared', '-fPIC', '-O1', '-o', SHIM, os.path.join(TOP, 'tests/torture/lib/shim.c'), '-ldl'], check=True)
# A sanitizer wants to be the first library, and to have the allocations for itself.
SANITIZED = b'__asan_init' in open(GSCRAPE, 'rb').read() or b'__tsan_init' in open(GSCRAPE, 'rb').read()


def growing():
    """New names in each dump."""
    n = itertools.count()
    return Server(lambda h: h.send(b''.join(b'goroutine %d [select]:\nmain.f%d()\n\t/src/f.go:%d +0x1d\n\n' % (i, k, i)
                                            for k in [next(n)] for i in range(1, 9))))


def with_fault(what, where, *args):
    srv = growing()
    assert once(where, '--no-archive', srv.host)[1] == 0
    return srv, Scraper(where, '--interval', '50ms', '--no-archive', *args, srv.host, json_out=False,
                        env={'LD_PRELOAD': SHIM, 'FAULT': what})


def said(s, text):
    return [e for e in s.errors + s.events if text in e]


def goes_on(what, s, srv):
    """A commit each half second: the fault is behind after some; a note of a commit that cannot be written is written with the next."""
    until(lambda: len(srv.seen) > 60, 'scrapes')
    until(lambda: not said(s, 'store: gscrape.db: ') or said(s, 'store: works again'), 'recovery after ' + what)
    n = len(srv.seen)
    until(lambda: len(srv.seen) > n + 25, 'more scrapes')
    return len(srv.seen)


def is_whole(what, s, n):
    assert s.stop() == 0, s.errors
    got = len(rows(os.path.basename(s.folder), '--stats'))
    assert got > n - 30, (what, got, n)
    v = subprocess.run([GSCRAPE, '--verify'], cwd=s.folder, capture_output=True, text=True, timeout=BOUND)
    assert v.returncode == 0, (what, v.stdout, v.stderr)


def one_head(n):
    what = 'head:%d:5' % n
    srv, s = with_fault(what, 'head%d' % n)
    is_whole(what, s, goes_on(what, s, srv))
    return len(said(s, 'store: gscrape.db: '))


def each_head():
    """whichever write of a commit's head fails, the next commits are stored, and the store is whole"""
    with concurrent.futures.ThreadPoolExecutor(4) as some:
        told = sum(some.map(one_head, range(1, 9)))
    assert told >= 3, told


def read_meanwhile():
    """a server in the same process goes on answering"""
    srv, s = with_fault('head:6:5', 'served', '--serve=127.0.0.1:0')
    url = until(lambda: re.findall(r'http://127\.0\.0\.1:\d+', ' '.join(s.events + s.errors)), 'the server')[0] + '/api/v1/hosts'
    end = threading.Event()

    def answer():
        return urllib.request.urlopen(url, timeout=BOUND).read()

    def ask():
        while not end.is_set():
            try:
                answer()
            except OSError:
                pass  # while the store cannot be read, that is the answer
    askers = [threading.Thread(target=ask, daemon=True) for _ in range(2)]
    for t in askers:
        t.start()
    n = goes_on('head:6:5', s, srv)
    assert said(s, 'store: gscrape.db: Input/output error'), s.errors
    first = answer()
    until(lambda: answer() != first, 'newer answers')
    end.set()
    for t in askers:
        t.join(BOUND)
    is_whole('head:6:5', s, n)


if SANITIZED:
    print('ok 1 - a write fails # SKIP a sanitizer has the allocations\n1..1')
else:
    run([each_head, read_meanwhile])
