# SPDX-License-Identifier: MIT
# needs: dnsmasq
"""Targets by names that have many addresses, from a real name server."""
import getpass
import os
import sys
sys.path.insert(0, os.path.dirname(__file__))
from lib import *

if 'c-ares' not in subprocess.run([GSCRAPE, '--version'], capture_output=True, text=True).stdout:
    print('ok 1 - # SKIP the program was built without c-ares')
    sys.exit(0)


def free_port():
    """For both kinds of sockets: a name server has one of each."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as u, socket.socket(socket.AF_INET, socket.SOCK_STREAM) as t:
            u.bind(('127.0.0.1', 0))
            try:
                t.bind(u.getsockname())
            except OSError:
                continue
            return u.getsockname()[1]


class NameServer:
    def __init__(self, *args):
        self.port = free_port()
        self.hosts = os.path.join(TMP, 'hosts.%d' % self.port)
        self.set()
        self.p = subprocess.Popen(['dnsmasq', '-k', '--conf-file=/dev/null', '-p', str(self.port), '--listen-address=127.0.0.1', '--bind-interfaces', '--no-resolv',
                                   '--no-hosts', '--addn-hosts=' + self.hosts, '--pid-file=', '--user=' + getpass.getuser(), '--log-facility=-',
                                   '--local=/test/', *args], stderr=subprocess.PIPE, text=True)
        atexit.register(self.p.kill)
        self.log = []
        threading.Thread(target=lambda: self.log.extend(self.p.stderr), daemon=True).start()
        self.address = '127.0.0.1:%d' % self.port

    def set(self, *lines):
        with open(self.hosts, 'w') as f:
            f.write('\n'.join(lines) + '\n')

    def change(self, *lines):
        n = self.times_read()
        self.set(*lines)
        self.p.send_signal(signal.SIGHUP)
        until(lambda: self.times_read() > n, 'dnsmasq to read its hosts')

    def times_read(self):
        return len([x for x in list(self.log) if self.hosts in x and 'read' in x])

    def started(self):
        until(lambda: self.times_read() or self.p.poll() is not None, 'dnsmasq')
        assert self.p.poll() is None, self.log
        return self


def two_addresses():
    """Two targets on one port."""
    while True:
        a = good(3)
        try:
            return a, Server(lambda h: h.send(dump(4)), ('127.0.0.2', a.port))
        except OSError:
            continue


def messages(s, what):
    return [e['message'] for e in list(s.events) if what in e.get('message', '')]


def addresses():
    """each address of a name is a target; those that come and go while we run, too"""
    a, b = two_addresses()
    ns = NameServer().started()
    ns.change('127.0.0.1 api.test', '127.0.0.3 other.test')
    s = Scraper('a', '--interval', '100ms', '--refresh', '100ms', '--targets-dns', 'api.test:%d' % a.port, '--resolver', ns.address)
    first, second = '127.0.0.1:%d' % a.port, '127.0.0.2:%d' % a.port
    until(lambda: s.of(first), 'the first address')
    ns.change('127.0.0.1 api.test', '127.0.0.2 api.test')
    until(lambda: s.of(second), 'the second one')
    ns.change('127.0.0.2 api.test')
    until(lambda: messages(s, 'targets read again: 1'), 'the removal')
    assert messages(s, '1 target is missing from what was found now')
    ns.change('')
    until(lambda: messages(s, 'targets read again: 0'), 'that there is none')
    ns.p.kill()
    until(lambda: s.errors, 'word of the server that is away')
    assert s.stop() == 0
    assert len(s.errors) == 1 and '--targets-dns api.test: ' in s.errors[0] and s.errors[0].endswith('the targets stay as they were'), s.errors
    assert {r['host']: r.get('labels') for r in rows('a', '--hosts')} == {first: 'dns=api.test', second: 'dns=api.test'}


def six():
    """IPv6 addresses stand in brackets"""
    a = Server(lambda h: h.send(dump(3)), ('::1', 0))
    ns = NameServer().started()
    ns.change('::1 six.test')
    s, code = once('six', '--targets-dns', 'six.test:%d' % a.port, '--resolver', ns.address)
    assert code == 0 and s.events[0]['host'] == '[::1]:%d' % a.port, (s.errors, s.events)


def services():
    """the hosts of a service record are targets under their own names, on the ports that it says; several names add up"""
    a, b = two_addresses()
    c = good(2)
    ns = NameServer('--srv-host=_pprof._tcp.api.test,one.test,%d' % a.port, '--srv-host=_pprof._tcp.api.test,two.test,%d' % a.port,
                    '--srv-host=_pprof._tcp.off.test').started()
    ns.change('127.0.0.1 one.test', '127.0.0.2 two.test', '127.0.0.1 c.test')
    s, code = once('srv', '--targets-dns', '_pprof._tcp.api.test, c.test:%d' % c.port, '--resolver', ns.address)
    assert code == 0, (s.errors, s.events)
    assert {r['host']: r.get('labels') for r in rows('srv', '--hosts')} == {
        'one.test:%d' % a.port: 'dns=_pprof._tcp.api.test,srv=one.test', 'two.test:%d' % a.port: 'dns=_pprof._tcp.api.test,srv=two.test',
        c.host: 'dns=c.test'}
    assert len(b.seen) == 1
    s, code = once('srv2', '--targets-dns', '_pprof._tcp.off.test', '--resolver', ns.address)
    assert code == 1 and len(s.errors) == 1, s.errors


def wrong_starts():
    """a name that there is not, one without a port, a resolver that is none: a sentence each, and nothing is made"""
    ns = NameServer().started()
    for args, why, status in ((['nope.test:1'], '--targets-dns nope.test: no such name', 1), (['_pprof._tcp.nope.test'], '_pprof._tcp.nope.test: no such name', 1),
                              (['nope.test'], 'no port (write nope.test:6060)', 2), (['_x._tcp.a:1'], 'is neither name:port nor', 2),
                              (['a b/c:1'], '--targets-dns', 2), (['a.test:1', '--resolver', 'nonsense'], "'nonsense' is no address of a name server", 2)):
        s, code = once('wrong', '--resolver', ns.address, '--targets-dns', *args)
        assert code == status and len(s.errors) == 1 and why in s.errors[0], (args, code, s.errors)
        assert os.listdir(s.folder) == []
    s, code = once('wrong', '--resolver', ns.address, '127.0.0.1:1')
    assert code == 2 and '--resolver needs --targets-dns' in s.errors[0], s.errors


run([addresses, six, services, wrong_starts])
