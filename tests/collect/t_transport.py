# SPDX-License-Identifier: MIT
# needs: openssl
"""How targets are reached: TLS, IPv6, unix sockets, proxies; and what must stay secret."""
import os
import sys
sys.path.insert(0, os.path.dirname(__file__))
from lib import *

CERTS = os.path.join(TMP, 'certs')


def openssl(*args):
    subprocess.run(['openssl', *args], cwd=CERTS, check=True, capture_output=True, timeout=60)


def certificate(name, ca, subject):
    """name.crt and name.key, signed by ca, for 127.0.0.1 and localhost."""
    with open(os.path.join(CERTS, name + '.ext'), 'w') as f:
        f.write('subjectAltName=IP:127.0.0.1,DNS:localhost\n')
    openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=' + subject,
            '-keyout', name + '.key', '-out', name + '.csr')
    openssl('x509', '-req', '-in', name + '.csr', '-CA', ca + '.crt', '-CAkey', ca + '.key', '-CAcreateserial', '-days', '2',
            '-extfile', name + '.ext', '-out', name + '.crt')


def authority(name):
    openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=' + name,
            '-days', '2', '-keyout', name + '.key', '-out', name + '.crt')


def path(name):
    return os.path.join(CERTS, name)


def tls():
    """https: the certificate is checked against --cacert; --insecure does not look; --cert and --key are shown"""
    os.makedirs(CERTS)
    for ca in ('ours', 'theirs'):
        authority(ca)
    certificate('server', 'ours', 'server')
    certificate('client', 'ours', 'client')
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ctx.load_cert_chain(path('server.crt'), path('server.key'))
    srv = Server(lambda h: h.send(dump(3)), tls=ctx)
    url = 'https://' + srv.host
    for args, status in ((['--cacert', path('ours.crt')], 'ok'), (['--cacert', path('theirs.crt')], 'failed'), ([], 'failed'),
                         (['--insecure'], 'ok')):
        s, code = once('tls', '--no-archive', *args, url)
        assert s.events and s.events[0]['status'] == status, (args, s.events, s.errors)
        assert status == 'ok' or 'certificate' in s.events[0]['note'], s.events
    s, code = once('tls', '--no-archive', '--cacert', path('ours.crt'), srv.host)
    assert s.events[0]['status'] == 'failed', s.events  # plain http to a TLS port
    strict = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    strict.load_cert_chain(path('server.crt'), path('server.key'))
    strict.load_verify_locations(path('ours.crt'))
    strict.verify_mode = ssl.CERT_REQUIRED
    srv = Server(lambda h: h.send(dump(3)), tls=strict)
    for args, status in (([], 'failed'), (['--cert', path('client.crt'), '--key', path('client.key')], 'ok')):
        s, code = once('tls', '--no-archive', '--cacert', path('ours.crt'), *args, 'https://' + srv.host)
        assert s.events[0]['status'] == status, (args, s.events)


def bearer():
    """--bearer-file is read again for each scrape; without a token nothing is asked"""
    token = os.path.join(TMP, 'token')

    def write(text):
        with open(token + '.new', 'w') as f:
            f.write(text)
        os.rename(token + '.new', token)
    srv = Server(lambda h: h.send(dump(3)))
    write('first-t0ken\n')
    s = Scraper('bearer', '--interval', '100ms', '--bearer-file', token, srv.host)
    until(lambda: [h for _, h in list(srv.seen) if h.get('Authorization') == 'Bearer first-t0ken'], 'the first token')
    write('second-t0ken')
    until(lambda: [h for _, h in list(srv.seen) if h.get('Authorization') == 'Bearer second-t0ken'], 'the second token')
    write('')
    until(lambda: [e for e in s.events if e.get('status') == 'failed' and 'no token' in e['note']], 'word of the empty file')
    assert s.stop() == 0
    assert all('t0ken' in h['Authorization'] for _, h in srv.seen)


def secrets():
    """passwords, headers and tokens reach the target alone: not the process's title, the output, the store or the archive"""
    token = os.path.join(TMP, 'token2')
    with open(token, 'w') as f:
        f.write('tok-s3cret\n')
    answers = [lambda h: h.send(dump(3)), lambda h: h.send(b'no', 401)]
    plain, denied, withuser = Server(answers[0]), Server(answers[1]), Server(answers[0])
    runs = ((['--user', 'me:user-s3cret', '--header', 'X-Key: head-s3cret', plain.host, denied.host,
              'http://you:url-s3cret@%s/?q=1' % withuser.host], ('user-s3cret', 'head-s3cret', 'url-s3cret')),
            (['--user=me:user-s3cret', '--header=X-Key: head-s3cret', '--targets', 'http://you:url-s3cret@' + plain.host,
              denied.host], ('user-s3cret', 'head-s3cret', 'url-s3cret')),
            (['-qu', 'me:user-s3cret', '-HX-Key: head-s3cret', plain.host, denied.host], ('user-s3cret', 'head-s3cret')),
            (['--bearer-file', token, plain.host, denied.host], ('tok-s3cret',)))
    for i, (args, words) in enumerate(runs):
        where = 'secret%d' % i
        s = Scraper(where, '--interval', '100ms', *args)
        seen = len(plain.seen)
        until(lambda: len(plain.seen) > seen + 1 and s.of(denied.host), 'both')
        title = open('/proc/%d/cmdline' % s.p.pid, 'rb').read()
        assert s.stop() == 0
        everything = title + repr(s.events + s.errors).encode()
        for d, _, names in os.walk(os.path.join(TMP, where)):
            for n in names:
                data = open(os.path.join(d, n), 'rb').read()
                everything += n.encode() + data + (gzip.decompress(data) if n.endswith('.gz') else b'')
        for w in words:
            assert w.encode() not in everything, w
        assert b's3cret' not in everything
    sent = [h for _, h in plain.seen]
    import base64
    assert sent[0]['X-Key'] == 'head-s3cret'
    assert base64.b64decode(sent[0]['Authorization'].split()[1]) == b'me:user-s3cret'
    assert base64.b64decode(withuser.seen[0][1]['Authorization'].split()[1]) == b'you:url-s3cret'
    assert withuser.seen[0][0] == '/debug/pprof/goroutine?q=1&debug=2', withuser.seen[0]


def unix_socket():
    """a unix socket, with and without a path"""
    sock = os.path.join(TMP, 'app.sock')
    srv = Server(lambda h: h.send(dump(4)), sock)
    s, code = once('unix', 'unix:' + sock)
    assert code == 0 and s.events[0]['host'] == 'unix:' + sock and s.events[0]['goroutines'] == 4, (s.events, s.errors)
    s, code = once('unix', 'unix:%s:/x/debug/pprof' % sock)
    assert code == 0, s.events
    assert [p for p, _ in srv.seen] == ['/debug/pprof/goroutine?debug=2', '/x/debug/pprof/goroutine?debug=2']
    assert len(files('unix')) == 2
    assert [r['host'] for r in rows('unix', '--hosts')] == ['unix:' + sock]


def ipv6():
    """IPv6: the host is [::1]:port, its folder gscrape's"""
    try:
        srv = Server(lambda h: h.send(dump(4)), ('::1', 0, 0, 0))
    except OSError:
        print('# this machine has no ::1')
        return
    s, code = once('six', '[::1]:%d' % srv.port)
    assert code == 0 and s.events[0]['host'] == '[::1]:%d' % srv.port, (s.events, s.errors)
    assert '/output/[__1]_%d/' % srv.port in files('six')[0], files('six')


def proxy():
    """a proxy comes from the environment, and no_proxy is heeded"""
    def answer(h):
        assert h.path.startswith('http://app.invalid:6060/'), h.path
        h.send(dump(4))
    relay, direct = Server(answer), good(2)
    env = {'http_proxy': 'http://' + relay.host, 'no_proxy': '127.0.0.1'}
    s, code = once('proxy', 'app.invalid:6060', direct.host, env=env)
    assert code == 0, (s.events, s.errors)
    assert s.of('app.invalid:6060')[0]['goroutines'] == 4 and len(relay.seen) == 1 and len(direct.seen) == 1


run([tls, bearer, secrets, unix_socket, ipv6, proxy])
