# SPDX-License-Identifier: MIT
# needs: go openssl
"""A real Go program, scraped over HTTP, HTTPS and a unix socket; it leaks, is restarted and stopped meanwhile."""
import os
import sys
import urllib.request
sys.path.insert(0, os.path.dirname(__file__))
from lib import *

PROGRAM = os.path.join(TMP, 'target')


class Program:
    def __init__(self, *args):
        self.p = subprocess.Popen([PROGRAM, *args], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        atexit.register(self.p.kill)
        self.host = self.p.stdout.readline().strip()
        assert self.host, 'the program did not start'

    def ask(self, path):
        return urllib.request.urlopen('http://%s%s' % (self.host, path), timeout=BOUND).read()

    def kill(self):
        self.p.kill()
        self.p.wait()


def build():
    """the program builds"""
    subprocess.run(['go', 'build', '-o', PROGRAM, os.path.join(TOP, 'tests/collect/target/main.go')], check=True,
                   env=dict(os.environ, GO111MODULE='off', GOFLAGS='', GOTOOLCHAIN='local', GOPROXY='off',
                            XDG_CONFIG_HOME=TMP),  # where Go keeps its own counters
                   cwd=TMP, timeout=300)


def life():
    """a live program: its leak, its restart and its end are in the history"""
    prog = Program()
    host = prog.host
    s = Scraper('life', '--interval', '100ms', host)
    before = until(lambda: s.of(host), 'a first dump')[0]['goroutines']
    prog.ask('/leak?n=50')
    until(lambda: s.of(host)[-1].get('goroutines', 0) >= before + 50, 'the leak')
    until(lambda: rows('life', '--hosts'), 'the first commit')
    groups = until(lambda: [g for g in rows('life', '--goroutines', '--host', host) if g['count'] == 50], 'the leak in the store')
    assert 'main.leak' in groups[0]['group'] and groups[0]['states'] == {'chan send': 50}, groups
    prog.kill()
    until(lambda: s.of(host)[-1]['status'] == 'failed', 'its end')
    prog = Program('--addr', host)
    again = until(lambda: [e for e in s.of(host) if e.get('restarted')], 'its new life')[0]
    assert again['goroutines'] < before + 50, again
    prog.kill()
    failed = len([e for e in s.of(host) if e['status'] == 'failed'])
    until(lambda: len([e for e in s.of(host) if e['status'] == 'failed']) > failed, 'its second end')
    assert s.stop() == 0
    row, = rows('life', '--hosts')
    assert row['epochs'] == 2 and row['failed'] >= 2 and row['snapshots'] == len(s.of(host)), (row, len(s.of(host)))


def https_and_socket():
    """over TLS with a certificate of ours, and on a unix socket"""
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj',
                    '/CN=target', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2', '-keyout', 'key', '-out', 'cert'],
                   cwd=TMP, check=True, capture_output=True, timeout=60)
    cert, key, sock = (os.path.join(TMP, n) for n in ('cert', 'key', 'go.sock'))
    tls, local = Program('--cert', cert, '--key', key), Program('--addr', sock)
    s, code = once('tls', '--cacert', cert, 'https://' + tls.host, 'unix:' + sock)
    assert code == 0 and [e['status'] for e in s.events] == ['ok', 'ok'], (s.events, s.errors)
    assert all(e['goroutines'] >= 2 for e in s.events), s.events
    tls.kill()
    local.kill()


def kindness():
    """--max-goroutines takes a real debug=1; --goroutineleak does without where the profile is not there"""
    prog = Program()
    prog.ask('/leak?n=300')
    s, code = once('kind', '--max-goroutines', 100, prog.host)
    assert code == 0 and s.events[0]['status'] == 'grouped' and 300 <= s.events[0]['goroutines'] <= 400, s.events
    s, code = once('kind', '--goroutineleak', '--max-goroutines', 1000, prog.host)
    assert code == 0 and s.events[0]['status'] == 'ok' and s.events[0]['goroutines'] >= 300, s.events
    prog.kill()


def broken_off():
    """a dump that the server breaks off is partial"""
    prog = Program()
    prog.ask('/leak?n=300')
    s, code = once('abort', 'http://%s/abort/debug/pprof/' % prog.host)
    assert code == 0 and s.events[0]['status'] == 'partial' and 100 < s.events[0]['goroutines'] < 250, s.events
    prog.kill()


run([build, life, https_and_socket, kindness, broken_off])
