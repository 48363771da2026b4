#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Targets that misbehave in every way we know of: each is told as what it is, none costs the others a scrape, memory is bounded,
and nothing of them reaches the terminal or other machines."""
import os
import struct
import sys
import zlib
sys.path.insert(0, os.path.dirname(__file__))
from lib import *

MB = 1 << 20
MOST = 256 * MB
GOOD = dump(200)


def peak(pid):
    with open('/proc/%d/status' % pid) as f:
        return int(re.search(r'VmHWM:\s*(\d+) kB', f.read()).group(1)) * 1024


def sanitized():
    """Built so that it takes more memory and time."""
    program = open(GSCRAPE, 'rb').read()
    return b'__asan_init' in program or b'__tsan_init' in program


def raw(data):
    """Bytes as they are, then the connection ends."""
    def answer(h):
        h.close_connection = True
        h.wfile.write(data)
    return answer


def head(*lines):
    return ''.join(line + '\r\n' for line in ('HTTP/1.1 200 OK',) + lines).encode() + b'\r\n'


def pour(first, chunk, times=4000):
    """A body without a length, and without an end that anybody waits for."""
    def answer(h):
        h.send_response(200)
        h.end_headers()
        h.close_connection = True
        h.wfile.write(first)
        for i in range(times):
            h.wfile.write(chunk(i) if callable(chunk) else chunk)
    return answer


def rising(i):
    """Each goroutine another one."""
    return b''.join(b'goroutine %d [select]:\nmain.f(0x1)\n\t/src/a.go:3 +0x1\n\n' % (500 * i + k + 1000) for k in range(500))


def bomb(first, megabytes, lie=False):
    c = zlib.compressobj(9, zlib.DEFLATED, 31)
    data = c.compress(first) + b''.join(c.compress(bytes(MB)) for _ in range(megabytes)) + c.flush()
    return data[:-4] + struct.pack('<I', 1000) if lie else data


def packed(data):
    return lambda h: h.send(data, Content_Encoding='gzip')


def reset(h):
    h.send_response(200)
    h.send_header('Content-Length', str(len(GOOD)))
    h.end_headers()
    h.wfile.write(GOOD[:3000])
    h.wfile.flush()
    h.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    h.connection.close()
    h.close_connection = True


def trickle(h):
    h.send_response(200)
    h.send_header('Content-Length', str(len(GOOD)))
    h.end_headers()
    for i in range(len(GOOD)):
        h.wfile.write(GOOD[i:i + 1])
        h.wfile.flush()
        time.sleep(0.05)


def cookies(h):
    h.send(GOOD, Set_Cookie='id=1; Path=/')


free = threading.Event()
thief = Server(lambda h: h.send(GOOD))
names = [b'a\x1b[2J\x1b]0;x\x07', '\u202eback'.encode(), b'<script>alert(1)</script>', b'"><img src=x>', b'=cmd|x!A1', b'a,b"c', b'%s%n',
         b'$(touch PWNED)', b'../../etc/passwd', b'\xff\xfe', b'\xc0\x80', b'\xed\xa0\x80', b'\x00', b'x' * 5000]
evil = b''.join(b'goroutine %d [chan receive]:\nmain.%s(0x1)\n\t/src/a.go:1 +0x1\ncreated by main.%s in goroutine 1\n\t/src/b.go:2 +0x2\n\n'
                % (i + 1, n, n) for i, n in enumerate(names))
deep = b'goroutine 1 [running]:\n' + b'main.f(0x1)\n\t/a.go:1 +0x1\n' * 5000 + b'\n'
ids = b''.join(b'goroutine %s [select]:\nmain.f()\n\t/a.go:1 +0x1\n\n' % i for i in
               (b'7', b'99999999999999999999', b'18446744073709551615', b'-5', b'7', b'0', b'0x10', b'20', b'21'))
states = b''.join(b'goroutine %d [state%d]:\nmain.f()\n\t/a.go:1 +0x1\n\n' % (i, i) for i in range(1, 3000))
waits = b'goroutine 1 [select, 99999999999999999999 minutes]:\nmain.f()\n\t/a.go:99999999999999999999 +0x1\n\n' + GOOD
junk = b'goroutine 1 [running]:\n' + bytes(range(33, 127)) * 50 + b'\n\t:\nmain.f(\n\t/a:\ncreated by\ncreated by  in goroutine \n\n' + GOOD
length = 'Content-Length: %d' % len(GOOD)

# What it answers, and what it is told as: a pattern over status and note.
KINDS = {
    'trickle': (trickle, r'^(failed|partial) .*timed out'),
    'silent': (lambda h: free.wait(BOUND), r'^failed timed out after 1s \(--timeout\)'),
    'endless': (pour(GOOD, rising), r'^(failed longer than 8 MiB|(failed|partial) .*timed out)'),
    'endless line': (pour(GOOD + b'goroutine 9 [', b'x' * MB, 100), r'^(failed longer than 8 MiB|(failed|partial) .*timed out)'),
    'bomb': (packed(bomb(b'', 50)), r'^failed longer than'),
    'bomb behind a dump': (packed(bomb(GOOD, 50)), r'^failed longer than'),
    'bomb that lies': (packed(bomb(GOOD, 50, lie=True)), r'^failed longer than'),
    'small bomb': (packed(bomb(GOOD, 7)), r'^failed inflates to more than 400 times'),
    'broken gzip': (packed(gzip.compress(GOOD)[:-30]), r'^(partial|failed) '),
    'no gzip': (packed(GOOD), r'^failed .*ncoding'),
    'too long a length': (lambda h: h.send(GOOD, length=len(GOOD) + 1000), r'^partial broke off'),
    'too short a length': (lambda h: h.send(GOOD, length=len(GOOD) // 2), r'^truncated '),
    'negative length': (raw(head('Content-Length: -5') + GOOD), r'^(ok|failed)'),
    'bad chunks': (raw(head('Transfer-Encoding: chunked') + b'ZZZ\r\n' + GOOD), r'^failed '),
    'huge chunk': (raw(head('Transfer-Encoding: chunked') + b'FFFFFFFFFFFFFFF\r\n' + GOOD), r'^partial '),
    'to itself': (lambda h: h.send(b'', 302, Location=h.path), r'^failed HTTP 302 points to'),
    'to another': (lambda h: h.send(b'', 302, Location='http://%s/steal?token=s3cret' % thief.host), r'^failed HTTP 302 points to http://%s/steal:' % thief.host),
    'to a file': (lambda h: h.send(b'', 302, Location='file:///etc/passwd'), r'^failed HTTP 302'),
    'one long header': (raw(head('X-A: ' + 'a' * MB, length) + GOOD), r'^(ok|failed)'),
    'many headers': (raw(head(*['X-%d: a' % i for i in range(20000)], length) + GOOD), r'^(ok|failed)'),
    'informed for ever': (raw(b'HTTP/1.1 100 Continue\r\n\r\n' * 20000 + head(length) + GOOD), r'^(ok|failed)'),
    'cookies': (cookies, r'^ok'),
    '401': (lambda h: h.send(b'<html>\x1b[2Jno</html>', 401), r'^failed HTTP 401 with an HTML page: the password or token is not accepted'),
    '404': (lambda h: h.send(b'404 page not found\n', 404), r'^failed HTTP 404 "404 page not found": is net/http/pprof registered'),
    '500': (raw(b'HTTP/1.1 500 \x1b[31mEvil\x07\r\nContent-Length: 0\r\n\r\n'), r'^failed HTTP 500'),
    'a page': (lambda h: h.send(b'<html><script>alert(1)</script></html>'), r'^failed answered an HTML page, not a goroutine dump: is it a login'),
    'debug=1': (lambda h: h.send(b'goroutine profile: total 3\n3 @ 0x1 0x2\n'), r'^failed answered a grouped goroutine profile'),
    'a log': (lambda h: h.send(b'2026/11/23 10:00:00 it hangs:\n' + GOOD + b'2026/11/23 10:00:01 and goes on\n'), r'^failed answered a text in which goroutines stand behind'),
    'a log of workers': (lambda h: h.send(b'goroutine 7 [worker]: done\n' * 50), r'^failed HTTP 200 with "goroutine 7 \[worker\]: done" is not a goroutine dump: is the path right\?'),
    'a word': (lambda h: h.send(b'\n\x1b[2Jfine' + b'!' * 99, Content_Type='text/plain; charset=utf-8'), r'^failed HTTP 200 with text/plain "[^"\x1b]*\[2Jfine!{20,40}" is not a goroutine dump: is the path right\?'),
    'a profile': (lambda h: h.send(gzip.compress(b'\x0a\x04\x08\x01\x10\x02' * 100)), r'^failed answered'),
    'nothing': (lambda h: h.send(b''), r'^failed answered nothing'),
    'no HTTP': (raw(b'SSH-2.0-OpenSSH_9\r\n'), r'^failed what answers there does not speak HTTP'),
    'hangs up': (raw(b''), r'^failed closed the connection without an answer'),
    'reset': (reset, r'^(partial|failed) '),
    'names': (lambda h: h.send(evil), r'^(ok|truncated)'),
    'long names': (lambda h: h.send(b'goroutine 1 [select]:\nmain.%s()\n\t/a.go:1 +0x1\n\n' % (b'n' * MB)), r'^(ok|truncated)'),
    'deep': (lambda h: h.send(deep), r'^ok'),
    'ids': (lambda h: h.send(ids), r'^(ok|truncated)'),
    'states': (lambda h: h.send(states), r'^ok'),
    'waits': (lambda h: h.send(waits), r'^(ok|truncated)'),
    'junk': (lambda h: h.send(junk), r'^(ok|truncated)'),
}


def all_kinds():
    """of each kind it is told what it is, beside a good target that goes on; nothing gets further than it should"""
    servers = {k: Server(answer) for k, (answer, _) in KINDS.items()}
    best = good(200)
    s = Scraper('kinds', '--interval', '400ms', '--timeout', '1s', '--max-body', '8MiB', '--user', 'me:pa55word', best.host,
                *[x.host for x in servers.values()])
    until(lambda: len(s.of(best.host)) > 4 and all(s.of(x.host) for x in servers.values()), 'each kind')
    most = peak(s.p.pid)
    assert s.stop() == 0, s.errors
    wrong = []
    for kind, (_, want) in KINDS.items():
        e = s.of(servers[kind].host)[0]
        if not re.search(want, '%s %s' % (e['status'], e.get('note', '')), re.S):
            wrong.append((kind, e))
    assert not wrong, wrong
    assert all(e['status'] == 'ok' for e in s.of(best.host)), s.of(best.host)
    assert not thief.seen, thief.seen
    text = repr(s.events) + repr(s.errors) + repr(rows('kinds', '--stats'))
    assert not re.search(r'\\x1b|\\x07|pa55word|s3cret', text), text
    assert sanitized() or most < MOST, most
    assert subprocess.run([GSCRAPE, '--verify', '-q'], cwd=s.folder, timeout=BOUND).returncode == 0
    names = [f.decode() for _, _, fs in os.walk(s.folder.encode()) for f in fs]
    assert 'PWNED' not in names and not [n for n in names if '.tmp.' in n], names


def beside(kind, answer, n, args=()):
    """A good target, asked twice a second, beside n of a kind."""
    best, others = good(200), [Server(answer) for _ in range(n)]
    s = Scraper(kind, '--interval', '500ms', *args, best.host, *[x.host for x in others])
    until(lambda: len(s.of(best.host)) > 12 and all(s.of(x.host) for x in others), 'a dozen good scrapes beside ' + kind)
    most = peak(s.p.pid)
    assert s.stop() == 0, s.errors
    assert sanitized() or most < MOST, most
    return s, others


def endless_ones():
    """two that never end starve nobody"""
    s, others = beside('endless', pour(GOOD, rising, 100000), 2)
    assert all('longer than 64 MiB' in s.of(x.host)[0]['note'] for x in others), s.events


def bombs():
    """nor do twelve bombs"""
    s, others = beside('bombs', packed(bomb(GOOD, 300)), 12)
    assert all('longer than 64 MiB' in s.of(x.host)[0]['note'] for x in others), s.events


def large_ones():
    """large dumps rest after they were written; what is small does not wait behind them"""
    large = dump(400)
    large = large * ((40 << 20) // len(large))
    s, others = beside('large', lambda h: h.send(large), 3, ['--no-archive'])
    for x in others:
        times = [e['time'] for e in s.of(x.host)]
        assert times, s.events


def password_in_a_redirect():
    """a relative redirect is resolved by a library that knows the password: it is told without it, whoever asks"""
    srv = Server(lambda h: h.send(b'', 302, Location='/login?token=t0ps3cret'))
    echo = Server(lambda h: h.send(h.headers['Authorization'].encode() + b' me:t0ps3cret is wrong', 403))
    with open(TMP + '/password', 'w') as f:
        f.write('me:t0ps3cret\n')
    for i, args in enumerate((['-u', 'me:t0ps3cret', srv.host, echo.host], ['--user-file', TMP + '/password', srv.host, echo.host],
                              ['http://me:t0ps3cret@' + srv.host, 'me:t0ps3cret@' + echo.host],
                              ['http://%s/debug/pprof/goroutine?token=t0ps3cret' % srv.host],
                              ['--targets', 'me:t0ps3cret@%s,%s/x?token=t0ps3cret' % (srv.host, echo.host)])):
        where = 'redirect%d' % i
        s = Scraper(where, '--interval', '200ms', *args)
        until(lambda: len(s.events) > 3, 'events')
        title = open('/proc/%d/cmdline' % s.p.pid, 'rb').read()
        assert s.stop() == 0
        told = repr(s.events + s.errors + rows(where, '--stats') + rows(where, '--hosts'))
        stored = open(os.path.join(s.folder, 'gscrape.db'), 'rb').read()
        assert 's3cret' not in told and b's3cret' not in stored and b's3cret' not in title, (args, told, title)
        assert i > 2 or echo.seen[-1][1]['Authorization'] == 'Basic bWU6dDBwczNjcmV0', echo.seen[-1]
        assert 'bWU6dDBwczNjcmV0' not in told and b'bWU6dDBwczNjcmV0' not in stored, told  # nor in base 64
    bad = subprocess.run([GSCRAPE, '--scrape', '--once', 'me:t0ps3cret@host', '--db', TMP + '/none.db'], capture_output=True, text=True, timeout=BOUND)
    assert bad.returncode == 1 and 's3cret' not in bad.stderr, bad


run([all_kinds, endless_ones, bombs, large_ones, password_in_a_redirect])
