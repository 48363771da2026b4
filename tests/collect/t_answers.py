# SPDX-License-Identifier: MIT
"""What targets answer, good and bad: recorded as what it is, in archive, store and events."""
import os
import sys
sys.path.insert(0, os.path.dirname(__file__))
from lib import *

LIMIT = 64 << 20


def a_good_dump():
    """a good dump is in the archive to the byte, in the store, and told"""
    srv = good(7)
    s, code = once('good', srv.host)
    assert code == 0, (code, s.errors)
    event, = s.of(srv.host)
    assert (event['status'], event['goroutines'], event['bytes']) == ('ok', 7, len(dump(7))), event
    path, = files('good')
    assert gzip.open(path).read() == dump(7)
    assert re.fullmatch(r'.*/output/127\.0\.0\.1_%d/[0-9-]{10}T[0-9-]{8}\.[0-9]{3}Z\.goroutines\.txt\.gz' % srv.port, path), path
    row, = rows('good', '--stats')
    assert (row['host'], row['goroutines'], row['status']) == (srv.host, 7, 'ok'), row
    assert row['time'] == event['time'], (row, event)


def bad_answers():
    """answers that are no dump fail and say what they were; nothing of them is archived"""
    page = b'<!DOCTYPE html>\n<html><body>502 upstream</body></html>'

    def hang_up(h):
        h.connection.shutdown(socket.SHUT_RDWR)
        h.close_connection = True
    cases = {
        'an HTML page': lambda h: h.send(page),
        'HTTP 404 "Unknown profile^[[2J"': lambda h: h.send(b'Unknown profile\x1b[2J\nmore\n', 404),
        'HTTP 503 with an HTML page': lambda h: h.send(page, 503),
        'HTTP 302 points to http://elsewhere/x: redirects are not followed':
            lambda h: h.send(b'', 302, Location='http://elsewhere/x?token=s3cret'),
        'JSON': lambda h: h.send(b'{"error": "no"}'),
        'debug=1': lambda h: h.send(b'goroutine profile: total 3\n3 @ 0x1\n'),
        'compressed data': lambda h: h.send(gzip.compress(b'profile')),
        'answered nothing': lambda h: h.send(b''),
        'refused|connect': None,
        'reset|closed|recv|reply': hang_up,
    }
    with socket.socket() as unused:
        unused.bind(('127.0.0.1', 0))
        host = {k: Server(a).host if a else '127.0.0.1:%d' % unused.getsockname()[1] for k, a in cases.items()}
        s, code = once('bad', *host.values())
    assert code == 1, code
    for want, h in host.items():
        event, = s.of(h)
        assert event['status'] == 'failed', event
        assert re.search(re.escape(want) if '|' not in want else want, event['note'], re.I), (want, event)
        assert 's3cret' not in event['note'] and '\x1b' not in event['note']
    assert files('bad') == []
    assert {r['status'] for r in rows('bad', '--stats')} == {'failed'}
    assert len(rows('bad', '--hosts')) == len(host)


def cut_bodies():
    """a transfer that breaks off is partial with what came; a text that ends in mid-line is truncated"""
    body = dump(100)
    whole = body.index(b'goroutine 50 ')
    broken = Server(lambda h: h.send(body[:whole + 40], length=len(body)))
    between = Server(lambda h: h.send(body[:whole], length=len(body)))
    midline = Server(lambda h: h.send(body[:-20]))
    s, code = once('cut', broken.host, between.host, midline.host)
    assert code == 0, code
    for srv, status, at_least in ((broken, 'partial', 49), (between, 'partial', 49), (midline, 'truncated', 99)):
        event, = s.of(srv.host)
        assert event['status'] == status and event['goroutines'] >= at_least, event
        assert event['note'], event
    status = {r['host']: r['status'] for r in rows('cut', '--stats')}
    assert status == {broken.host: 'partial', between.host: 'partial', midline.host: 'truncated'}, status
    subprocess.run([GSCRAPE, '--index', '--db', 'again.db'], cwd=s.folder, capture_output=True, timeout=BOUND)
    status = {r['host']: r['status'] for r in rows('cut', '--stats', '--db', 'again.db')}
    assert status == {h: 'truncated' for h in (broken.host, between.host, midline.host)}, status  # the archive tells it too
    assert all(r['note'] == 'ends in the middle of a goroutine' for r in rows('cut', '--stats', '--db', 'again.db'))


def go_limit():
    """a dump that Go cut at 64 MiB is truncated"""
    frame = b'main.deep(0xc000012345, 0x1, 0x2)\n\t/src/deep.go:12 +0x1d\n'
    block = b'goroutine %d [select]:\n' + frame * 4000 + b'\n'
    body = b''.join(block % i for i in range(1, LIMIT // len(block) + 3))[:LIMIT]
    srv = Server(lambda h: h.send(body))
    s, code = once('limit', '--no-archive', srv.host)
    event, = s.of(srv.host)
    assert code == 0 and event['status'] == 'truncated' and '64 MiB' in event['note'], event
    assert event['bytes'] == LIMIT, event
    assert files('limit') == []


def endless():
    """an endless body is not taken beyond 64 MiB, or --max-body, when it is a dump, and given up early when it is none"""
    went = [0]

    def pour(chunk):
        def answer(h):
            h.send_response(200)
            h.end_headers()
            h.close_connection = True
            for _ in range(4000):
                h.wfile.write(chunk)
                went[0] += len(chunk)
        return answer
    block = dump(1000)[:-1] + b'\n'
    s, code = once('endless', '--no-archive', Server(pour(b'<html>' * 1000)).host)
    assert code == 1 and s.events[0]['status'] == 'failed' and 'HTML' in s.events[0]['note'], s.events
    assert went[0] < 16 << 20, went
    for args, most in (([], '64 MiB'), (['--max-body', '3MiB'], '3 MiB'), (['--max-body', '1000'], '1000 bytes')):
        s, code = once('endless', '--no-archive', *args, Server(pour(block)).host)
        assert code == 1 and s.events[0]['status'] == 'failed' and 'longer than ' + most in s.events[0]['note'], s.events


def timeouts():
    """a target that hangs fails after --timeout; one that hangs in the middle is partial"""
    free = threading.Event()

    def hang(h):
        free.wait(BOUND)

    def half(h):
        h.send_response(200)
        h.send_header('Content-Length', '99999')
        h.end_headers()
        h.wfile.write(dump(9))
        h.wfile.flush()
        free.wait(BOUND)
    a, b = Server(hang), Server(half)
    s, code = once('timeout', '--timeout', '400ms', a.host, b.host)
    free.set()
    assert code == 1, code
    assert s.of(a.host)[0]['status'] == 'failed' and 'timed out' in s.of(a.host)[0]['note'], s.events
    assert s.of(b.host)[0]['status'] == 'partial' and s.of(b.host)[0]['goroutines'] == 9, s.events


def count_first():
    """--max-goroutines asks for the grouped profile first, and leaves it at that when they are too many"""
    profile = b'goroutine profile: total 5\n5 @ 0x1\n#\t0x1\tmain.f+0x1\t/a.go:1\n'
    def answer(h):
        h.send(profile if 'debug=1' in h.path else dump(5))
    large, small = Server(answer), Server(answer)
    s, code = once('count', '--max-goroutines', 4, large.host)
    assert code == 0 and s.events[0]['status'] == 'grouped' and s.events[0]['goroutines'] == 5, s.events
    assert [p for p, _ in large.seen] == ['/debug/pprof/goroutine?debug=1'], large.seen
    s, code = once('count', '--max-goroutines', 5, small.host)
    assert code == 0 and s.events[0]['status'] == 'ok', s.events
    assert [p[-7:] for p, _ in small.seen] == ['debug=1', 'debug=2'], small.seen
    assert {r['host']: r['status'] for r in rows('count', '--stats')} == {large.host: 'grouped', small.host: 'ok'}
    s, code = once('grouped', '--grouped', small.host)
    assert code == 0 and s.events[0]['status'] == 'grouped' and len(small.seen) == 3, (s.events, small.seen)
    cut = Server(lambda h: h.send(profile.replace(b'total 5', b'total 9')))
    s, code = once('cut', '--grouped', cut.host)
    assert code == 0 and (s.events[0]['status'], s.events[0]['goroutines']) == ('counted', 9) and 'cut' in s.events[0]['note'], s.events

    def breaks_off(h):
        h.send_response(200)
        h.send_header('Content-Length', '99999')
        h.end_headers()
        h.close_connection = True
        h.wfile.write(profile[:profile.index(b'5 @')])
    s, code = once('broken', '--grouped', Server(breaks_off).host)
    assert code == 0 and (s.events[0]['status'], s.events[0]['goroutines']) == ('counted', 5) and 'not whole' in s.events[0]['note'], s.events
    long = Server(lambda h: h.send(profile * 100))
    s, code = once('long', '--grouped', '--max-body', '1000', long.host)
    assert code == 0 and (s.events[0]['status'], s.events[0]['goroutines']) == ('counted', 5) and 'too long' in s.events[0]['note'], s.events
    plain = Server(lambda h: h.send(dump(5)))
    s, code = once('plain', '--grouped', plain.host)
    assert code == 1 and s.events[0]['status'] == 'failed', s.events
    assert s.events[0]['note'].startswith('answered a goroutine dump, not a grouped goroutine profile'), s.events


def marked():
    """a byte order mark before a dump costs no goroutine"""
    srv = Server(lambda h: h.send(b'\xef\xbb\xbf' + dump(6)))
    s, code = once('mark', srv.host)
    assert code == 0 and (s.events[0]['status'], s.events[0]['goroutines']) == ('ok', 6), s.events


def leak_detector():
    """--goroutineleak asks Go's detector where it is there, and the plain profile elsewhere"""
    leaked = dump(3).replace(b'[chan receive, 3 minutes]', b'[chan receive (leaked)]')
    new = Server(lambda h: h.send(leaked if '/goroutineleak?' in h.path else dump(3)))
    old = Server(lambda h: h.send(b'Unknown profile', 404) if '/goroutineleak?' in h.path else h.send(dump(4)))
    app = Server(lambda h: h.send(b'<html>not found</html>') if '/goroutineleak?' in h.path else h.send(dump(5)))
    s = Scraper('leaks', '--goroutineleak', '--interval', '100ms', new.host, old.host, app.host)
    until(lambda: len(s.of(new.host)) > 1 and len(s.of(old.host)) > 2 and s.of(app.host), 'all')
    assert s.stop() == 0
    assert all(e['status'] == 'ok' for e in s.events if 'status' in e), s.events
    assert {p for p, _ in new.seen} == {'/debug/pprof/goroutineleak?debug=2'}, new.seen
    assert len([p for p, _ in old.seen if 'leak' in p]) == 1, old.seen  # asked once, remembered
    assert b'(leaked)' in gzip.open([f for f in files('leaks') if str(new.port) in f][0]).read()


def compressed():
    """a compressed transfer is accepted"""
    srv = Server(lambda h: h.send(gzip.compress(dump(6)), Content_Encoding='gzip'))
    s, code = once('gz', srv.host)
    assert code == 0 and s.events[0]['goroutines'] == 6, s.events
    assert gzip.open(files('gz')[0]).read() == dump(6)


run([a_good_dump, bad_answers, cut_bodies, go_limit, endless, timeouts, count_first, marked, leak_detector, compressed])
