# SPDX-License-Identifier: MIT
"""--on-leak: a command for each new leak, while scraping."""
import os
import sys
sys.path.insert(0, os.path.dirname(__file__))
from lib import *

STUCK = ('goroutine %d [chan send]:\nmain.ask.func1()\n\t/src/a.go:50 +0x1d\n'
         'created by main.ask in goroutine 1\n\t/src/a.go:49 +0x9c\n\n')


def leaking():
    """A target in which one more goroutine is stuck each time that it is asked."""
    def answer(h):
        n = len(h.server.seen)
        h.send(dump(5) + b''.join((STUCK % (100 + i)).encode() for i in range(n)))
    return Server(answer)


def told(path):
    try:
        with open(path) as f:
            return [json.loads(line) for line in f]
    except (OSError, ValueError):
        return []


def it_is_told():
    """a new leak is told once, with its JSON on standard input"""
    srv, out = leaking(), os.path.join(TMP, 'told')
    s = Scraper('leak', '--interval', '100ms', '--no-archive', '--on-leak', 'cat >>' + out, srv.host)
    until(lambda: told(out), 'the command')
    n = len(s.events)
    until(lambda: len(s.events) >= n + 20, 'twenty more dumps')
    assert s.stop() == 0
    leaks = told(out)
    assert len(leaks) == 1, leaks
    assert leaks[0]['created_by'] == 'main.ask' and leaks[0]['function'] == 'main.ask.func1', leaks
    assert leaks[0]['verdict'] == 'leak' and leaks[0]['host'] == srv.host, leaks
    assert not s.errors, s.errors


def a_healthy_one():
    """a healthy target is not told of"""
    srv, out = good(), os.path.join(TMP, 'nothing')
    s = Scraper('healthy', '--interval', '50ms', '--no-archive', '--on-leak', 'cat >>' + out, srv.host)
    until(lambda: len(s.events) >= 40, 'forty dumps')
    assert s.stop() == 0
    assert not os.path.exists(out)


def it_fails():
    """a command that fails is told of, and scraping goes on"""
    srv = leaking()
    s = Scraper('fails', '--interval', '100ms', '--no-archive', '--on-leak', 'exit 7', srv.host)
    until(lambda: any('ended with status 7' in e for e in s.errors), 'the sentence')
    n = len(s.events)
    until(lambda: len(s.events) >= n + 5, 'five more dumps')
    assert s.stop() == 0
    assert len(s.errors) == 1, s.errors


def not_at_once():
    """with --leak-for a leak is told of when it has been one for so long, by the snapshots' time"""
    srv, out = leaking(), os.path.join(TMP, 'told-later')
    s = Scraper('later', '--interval', '100ms', '--no-archive', '--leak-for', '2s', '--on-leak', 'cat >>' + out, srv.host)
    until(lambda: told(out), 'the command')
    assert s.stop() == 0
    leak = told(out)[0]
    times = [r['time'] for r in rows('later', '--stats')]
    assert leak['count'] >= 20 and times[-1] - leak['since'] >= 2000, (leak, times)


def wide_leaks():
    """As leaking(), with names so long that the JSON is more than a pipe holds."""
    def answer(h):
        stuck = STUCK.replace('main.ask', 'main.' + 'n' * 60000)
        h.send(dump(5) + b''.join((stuck % (100 + i)).encode() for i in range(len(h.server.seen))))
    return Server(answer)


def with_argument(word):
    """Processes that have it on their command line."""
    found = []
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open('/proc/%s/cmdline' % pid, 'rb') as f:
                if word.encode() in f.read().split(b'\0'):
                    found.append(int(pid))
        except OSError:
            pass
    return found


def it_hangs():
    """a command that reads nothing and never ends holds nobody up, ends with the recording, and leaves nothing behind"""
    for i, command in enumerate(('exec sleep %s', 'sleep %s; true', 'trap "" TERM; sleep %s & wait; sleep %s')):
        srv, word = wide_leaks(), '%d.%d' % (7000 + i, os.getpid())
        s = Scraper('hangs%d' % i, '--interval', '100ms', '--no-archive', '--on-leak', command.replace('%s', word), srv.host)
        until(lambda: with_argument(word), 'the command')
        n = len(s.events)
        until(lambda: len(s.events) >= n + 10, 'ten more dumps')
        begin = time.monotonic()
        assert s.stop() == 0
        took = time.monotonic() - begin
        assert took < 10, took
        assert not with_argument(word), 'an orphan'
        assert any('had not ended when the recording did: killed' in e for e in s.errors), s.errors


def it_inherits_nothing():
    """the command has no descriptor of ours but the three that everybody has"""
    srv, out = leaking(), os.path.join(TMP, 'descriptors')
    s = Scraper('inherits', '--interval', '100ms', '--on-leak', 'ls /proc/self/fd >%s.new; mv %s.new %s' % (out, out, out), srv.host)
    until(lambda: os.path.exists(out), 'the command')
    assert s.stop() == 0
    with open(out) as f:
        assert set(f.read().split()) == {'0', '1', '2', '3'}, 'three, and that which ls opens'


run([it_is_told, not_at_once, a_healthy_one, it_fails, it_hangs, it_inherits_nothing])
