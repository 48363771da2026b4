# SPDX-License-Identifier: MIT
"""Targets that are found by themselves: a server that speaks Prometheus' http_sd."""
import base64
import os
import sys
sys.path.insert(0, os.path.dirname(__file__))
from lib import *


class Directory:
    """A server of targets, whose answer can be changed."""

    def __init__(self, groups=(), code=200, hang=False):
        self.set(groups, code)
        self.free = threading.Event()
        if not hang:
            self.free.set()
        self.server = Server(self.answer)
        self.url = 'http://%s/sd?env=test' % self.server.host

    def set(self, groups, code=200):
        self.body = groups if isinstance(groups, bytes) else json.dumps(groups).encode()
        self.code = code

    def answer(self, h):
        self.free.wait(BOUND)
        h.send(self.body, self.code, Content_Type='application/json')

    @property
    def asked(self):
        return len(self.server.seen)


def group(*hosts, **labels):
    return {'targets': list(hosts), 'labels': labels}


def messages(s, what):
    return [e['message'] for e in list(s.events) if what in e.get('message', '')] + [e for e in list(s.errors) if what in e]


def found_and_found_again():
    """targets of a URL are recorded with their labels, what comes and goes while we run, too; what is missing once is kept"""
    a, b = good(3), good(4)
    d = Directory([group(a.host, job='api', zone='eu-1', __meta_x='y')])
    s = Scraper('url', '--interval', '100ms', '--refresh', '100ms', '--targets-url', d.url)
    until(lambda: s.of(a.host), 'the first target')
    d.set([group(a.host, job='api', zone='eu-2'), group(b.host, job='web')])
    until(lambda: s.of(b.host), 'the second one')
    until(lambda: [r for r in rows('url', '--hosts') if r.get('labels') == 'job=api,zone=eu-2'], 'the new label')
    d.set([group(b.host, job='web')])
    until(lambda: messages(s, 'targets read again: 1'), 'the removal')
    assert len(messages(s, '1 target is missing from what was found now: kept, unless')) == 1, s.events
    n = len(a.seen), len(b.seen)
    until(lambda: len(b.seen) > n[1] + 4, 'more of the second')
    assert len(a.seen) <= n[0] + 1, 'the removed target is still asked'
    assert s.stop() == 0 and not s.errors, s.errors
    assert d.server.seen[0][0] == '/sd?env=test'
    assert {r['host']: r.get('labels') for r in rows('url', '--hosts')} == {a.host: 'job=api,zone=eu-2', b.host: 'job=web'}


def trouble_while_running():
    """whatever the server answers later, the targets stay as they were, and that is said once; then it answers again"""
    a = good(3)
    d = Directory([group(a.host)])
    s = Scraper('trouble', '--interval', '100ms', '--refresh', '50ms', '--targets-url', d.url)
    until(lambda: s.of(a.host), 'the first target')
    told = 0
    for body, code, why in ((b'no', 503, 'HTTP 503'), (b'[{"targets": ["x:1"', 200, 'JSON'), (b'{"a": 1}', 200, 'no list of target groups'),
                            (b'[{"targets": ["x:1", "y"]}]', 200, "group 1: target 'y': no port"), (b'x' * (51 << 20), 200, 'longer than 50 MiB'),
                            (json.dumps([group(*['h%d:1' % i for i in range(100001)])]).encode(), 200, 'names 100001 targets, more than 100000'),
                            (b'[' + b',' * 8000001 + b']', 200, 'more than 8000000 values')):
        d.set(body, code)
        until(lambda: [e for e in s.errors if why in e and e.endswith('the targets stay as they were')], 'word of ' + why)
        n = len(s.of(a.host)), d.asked
        until(lambda: len(s.of(a.host)) > n[0] + 1 and d.asked > n[1] + 1, 'both going on')
        told += 1
        assert len(s.errors) == told, s.errors
        d.set([group(a.host)])
        s.p.send_signal(signal.SIGHUP)  # no waiting for the next try
        until(lambda: len(messages(s, 'answers again, after')) == told, 'word of its end')
    assert s.stop() == 0


def flapping():
    """a target that each second answer leaves out is asked all the time, and that is told once"""
    a, b = good(3), good(3)
    d = Directory([group(a.host, b.host)])
    s = Scraper('flap', '--interval', '100ms', '--refresh', '1h', '--targets-url', d.url)
    until(lambda: s.of(a.host), 'the first target')
    for i in range(6):
        d.set([group(a.host)] if i % 2 == 0 else [group(a.host, b.host)])
        n = d.asked, len(s.of(b.host))
        s.p.send_signal(signal.SIGHUP)
        until(lambda: d.asked > n[0] and len(s.of(b.host)) > n[1] + 2, 'the next answer')
    assert s.stop() == 0
    assert len(messages(s, 'is missing from what was found now')) == 1, s.events
    assert len(rows('flap', '--hosts')) == 2 and b.connections == 1, b.connections


def wrong_starts():
    """what cannot be used at the start is said in a sentence, and nothing is made"""
    nobody = Server(lambda h: h.send(b''))
    silent = nobody.host
    nobody.shutdown()
    nobody.server_close()
    for answer, why in (((b'no', 404), 'HTTP 404'), ((b'<html>', 200), 'JSON'), ((b'', 200), 'JSON'), ((b'x' * (51 << 20), 200), '50 MiB'),
                        (([group('a b:1')], 200), 'group 1'), ((b'', 302), 'redirects are not followed'), ((b'', 401), 'a name and a password'),
                        (([], 200), 'no target to scrape'), (([group()], 200), 'no target to scrape')):
        d = Directory(*answer)
        s, code = once('wrong', '--targets-url', d.url)
        assert code == 1 and len(s.errors) == 1 and why in s.errors[0], (why, code, s.errors)
        assert os.listdir(s.folder) == [], os.listdir(s.folder)
    for url, why, status in (('http://%s/' % silent, silent, 1), ('ftp://a/', 'is no http or https URL', 2), ('http://', 'is no http', 2)):
        s, code = once('wrong', '--targets-url', url)
        assert code == status and len(s.errors) == 1 and why in s.errors[0], (url, code, s.errors)


def nothing_yet():
    """an answer without targets is waited on"""
    a, d = good(3), Directory([])
    s = Scraper('none', '--interval', '100ms', '--refresh', '50ms', '--targets-url', d.url)
    until(lambda: d.asked > 3, 'some questions')
    d.set([group(a.host, a.host, 'http://%s/' % a.host)])
    until(lambda: s.of(a.host), 'the target')
    assert s.stop() == 0
    assert messages(s, 'is named more than once') and len({h for h, _ in a.seen}) == 1, s.events


def who_learns_what():
    """the password in the URL goes to that server alone, the targets' token to the targets alone, and neither is shown"""
    token = os.path.join(TMP, 'token')
    with open(token, 'w') as f:
        f.write('targets-token\n')
    a = good(3)
    d = Directory([group(a.host)])
    url = d.url.replace('http://', 'http://me:dir-secret@')
    s = Scraper('secrets', '--interval', '100ms', '--refresh', '50ms', '--bearer-file', token, '--header', 'X-Mine: targets-header',
                '--targets-url', url)
    until(lambda: s.of(a.host), 'the target')
    with open('/proc/%d/cmdline' % s.p.pid) as f:
        assert 'dir-secret' not in f.read()
    d.set(b'me:dir-secret', 500)
    until(lambda: s.errors, 'the trouble')
    assert s.stop() == 0
    assert a.seen[0][1]['Authorization'] == 'Bearer targets-token' and a.seen[0][1]['X-Mine'] == 'targets-header'
    for _, headers in d.server.seen:
        assert headers['Authorization'] == 'Basic ' + base64.b64encode(b'me:dir-secret').decode() and 'X-Mine' not in headers, headers
    assert 'secret' not in str(s.errors) + str(s.events)


def a_server_that_hangs():
    """a server of targets that hangs delays neither dumps nor the end"""
    a = good(3)
    d = Directory([group(a.host)])
    s = Scraper('hang', '--interval', '50ms', '--refresh', '50ms', '--targets-url', d.url)
    until(lambda: s.of(a.host), 'the target')
    d.free.clear()
    n = d.asked
    until(lambda: d.asked > n, 'a question without answer')
    n = len(s.of(a.host))
    until(lambda: len(s.of(a.host)) > n + 10, 'ten dumps meanwhile')
    assert s.stop() == 0
    d.free.set()


def many():
    """a hundred thousand targets, of which this part is asked"""
    d = Directory([group(*['127.%d.%d.%d:1' % (1 + i // 62500, i // 250 % 250, i % 250) for i in range(100000)], job='api')])
    s, code = once('many', '--shard', '7/500', '--quiet', '--targets-url', d.url)
    assert code == 1 and not s.errors, (code, s.errors)  # nobody listens there
    assert 120 < len(rows('many', '--hosts')) < 280


run([found_and_found_again, trouble_while_running, flapping, wrong_starts, nothing_yet, who_learns_what, a_server_that_hangs, many])
