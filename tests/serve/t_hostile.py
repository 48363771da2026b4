# SPDX-License-Identifier: MIT
"""Every route with right, missing, repeated, broken and huge parameters; requests that are none; slow and many clients."""
import gzip, os, re, socket, sys, threading, time
sys.path.insert(0, os.path.dirname(__file__))
from server import *

s = Server(index(TOP + '/tests/data/series'))
api = s.json('/api/v1/openapi.json')['paths']
sample = {'host': '127.0.0.1:6060', 'id': '1', 'prefix': '1', 'func': 'main.main', 'funcs': 'main.main', 'key': 'app', 'canary': 'app=x', 'of': 'app', 'from': '1795449905000'}
broken = ['%zz', '%4', '%', 'a%00b', '%ff', '%c0%80', '%ed%a0%80', 'a%0ab', '%1b[2J', 'x' * 4200]


def query(route, **change):
    given = {p['name']: sample[p['name']] for p in api[route]['get']['parameters'] if p['required']}
    given.update(change)
    return route + '?' + '&'.join(f'{k}={v}' for k, v in given.items() if v is not None)


def refused(path, status=400):
    got, headers, body = s.ask(path)
    try:
        error = json.loads(body)
    except ValueError:
        return False
    return got == status and list(error) == ['error'] and len(error['error']) > 5 and '\n' not in error['error']


routes = [r for r in api if r != '/api/v1/events']
ok(len(routes) >= 17, 'there are many routes', routes)
there = [r for r in routes if r != '/api/v1/canary'] # which wants hosts with labels, as here none has
same([r for r in there if s.ask(query(r))[0] != 200], [], 'every route answers')
same([r for r in routes if s.ask(query(r))[2].strip() == b'null'], [], 'no answer is null')
wrong = {'missing': [], 'repeated': [], 'broken': [], 'numbers': [], 'unknown': []}
for r in routes:
    for p in api[r]['get']['parameters']:
        name, kind = p['name'], p['schema']['type']
        if p['required'] and not refused(query(r, **{name: None})):
            wrong['missing'].append((r, name))
        right = sample.get(name, p['schema'].get('default', p['schema'].get('enum', ['1'])[0]))
        if not refused(query(r, **{name: f'{right}&{name}={right}'})):
            wrong['repeated'].append((r, name))
        wrong['broken'] += [(r, name, b[:9]) for b in broken if not refused(query(r, **{name: b}), 414 if len(b) > 4096 else 400)]
        if kind == 'integer':
            wrong['numbers'] += [(r, name, n) for n in ('x', '-1', '1.5', '', '%201', '0x1', '18446744073709551616', '9' * 400) if not refused(query(r, **{name: n}))]
        if 'enum' in p['schema'] and not refused(query(r, **{name: 'nonsense'})):
            wrong['numbers'].append((r, name))
    if r.startswith('/api/v1/') and not r.endswith('.json') and not refused(query(r, nonsense='1')):
        wrong['unknown'].append(r)
same(wrong['missing'], [], 'a missing parameter is refused, everywhere')
same(wrong['repeated'], [], 'a repeated one')
same(wrong['broken'], [], 'ten kinds of broken text')
same(wrong['numbers'], [], 'nine kinds of numbers and choices that are none')
same(wrong['unknown'], [], 'an unknown parameter, by our own routes')
same(s.ask('/api/hosts?_=123')[0], 200, "gscrape's let it through")
same([r for r in there if s.ask(query(r), method='HEAD')[0] != 200 or s.ask(query(r), method='HEAD')[2]], [], 'HEAD is answered everywhere, without a body')
same([(r, m) for r in routes for m in ('POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'NONSENSE') if s.ask(query(r), method=m)[0] != 405], [], 'and nothing but GET and HEAD')
still = [r for r in there if r not in ('/metrics', '/healthz')]
same([r for r in still if s.ask(query(r), {'If-None-Match': s.ask(query(r))[1]['ETag']})[0] != 304], [], 'what the client has is not sent again, anywhere')
packed = {r: s.ask(query(r), {'Accept-Encoding': 'gzip'}) for r in still}
same([r for r, (_, head, body) in packed.items() if (gzip.decompress(body) if head['Content-Encoding'] == 'gzip' else body) != s.ask(query(r))[2]], [], 'gzip says the same')
ok(sum(head['Content-Encoding'] == 'gzip' for _, head, _ in packed.values()) >= 10, 'and is used where it is worth it')
lists = [r for r in there if {'offset', 'limit'} <= {p['name'] for p in api[r]['get']['parameters']}]
ok(len(lists) >= 9, 'lists come in pages', lists)
same([r for r in lists if s.json(query(r, offset=10 ** 9, limit=1))['next'] is not None], [], 'behind the last page there is nothing')


def pages(route):
    """Is a list by pages the same as at once?"""
    def items(page):
        return next(v for k, v in page.items() if isinstance(v, list) and k not in ('stacks', 'notes', 'flows'))
    most = next(p['schema']['maximum'] for p in api[route]['get']['parameters'] if p['name'] == 'limit')
    whole, parts, offset = s.json(query(route, limit=most)), [], 0
    some = max(1, len(items(whole)) // 7)
    while offset is not None and len(parts) < len(items(whole)):
        page = s.json(query(route, limit=some, offset=offset))
        parts, offset = parts + items(page), page['next']
    return [{k: v for k, v in x.items() if k != 'stack'} for x in parts] == [{k: v for k, v in x.items() if k != 'stack'} for x in items(whole)]


same([r for r in lists if not pages(r)], [], 'the pages of a list are the list')
ok(refused(query('/api/v1/groups', host='127.0.0.1:6061'), 404), 'an unknown host')


def passing(host, at, where):
    """Of groups over a window, those that pass at its end; and at that time itself."""
    over = s.json(f'/api/v1/activity?host={host}&by=state&to={at}&buckets=3&where={where}')
    then = s.json(f'/api/v1/groups?host={host}&by=state&at={at}&where={where}')['groups']
    return ({g['group']: g['last'][-1] for g in over['groups'] if g['last'][-1]}, over['last'][-1]), ({g['group']: g['count'] for g in then}, sum(g['count'] for g in then))


moments = [(h['host'], t, w) for h in s.json('/api/v1/hosts') for t in s.json(f'/api/v1/snapshots?host={h["host"]}&as=columns')['time'][::6] + [h['last']]
           for w in ('waiting%20%3E%201m', 'id%20%3C%2060', 'age%20%3E%202m%20and%20age%20%3C%2010m')]
same([m for m in moments if len({str(sorted(x.items())) + str(n) for x, n in passing(*m)}) > 1], [], f'who passes over time is who passes then, at {len(moments)} moments')


# --- not HTTP as we know it ---
def raw(data, wait=1.5):
    """What comes back until the server closes, or for so long."""
    c = socket.create_connection((s.host, s.port), timeout=wait)
    got = b''
    try:
        c.sendall(data)
        while True:
            part = c.recv(65536)
            if not part:
                break
            got += part
            if b'\r\n\r\n' in got and b'Connection: close' not in got:
                break
    except OSError:
        pass
    finally:
        c.close()
    return got


def status(data):
    got = raw(data)
    return int(got.split()[1]) if got.startswith(b'HTTP/1.') else None


def clean(data, what, allowed=range(400, 500)):
    got = status(data)
    ok(got is None or got in allowed, f'{what}: a clean refusal', got)
    return got


clean(b'GET /api/v1/hosts?a=\x00b HTTP/1.1\r\nHost: a\r\n\r\n', 'a raw NUL')
clean(b'GET /\xff\xfe HTTP/1.1\r\nHost: localhost\r\n\r\n', 'raw bytes in the path')
clean(b'GET /api/v1/hosts HTTP/1.1\r\n\r\n', 'HTTP/1.1 without Host')
clean(b'GET /api/v1/hosts HTTP/1.1\r\nHost: a b\r\n\r\n', 'a Host with a blank')
clean(b'GET ' + b'/a' * 40000 + b' HTTP/1.1\r\nHost: localhost\r\n\r\n', 'a path of 80,000 bytes')
clean(b'GET / HTTP/1.1\r\nHost: localhost\r\n' + b''.join(b'X-%d: y\r\n' % i for i in range(20000)) + b'\r\n', 'a flood of headers')
clean(b'POST /api/hosts HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n', 'an impossible length', range(400, 600))
clean(b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' + b'\x00' * 200, 'TLS on a plain port')
clean(b'\x00' * 5000, 'zeros')
clean(b'NONSENSE\r\n\r\n', 'a word')
clean(b'PUT /api/hosts HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n', 'a body')
same(status(b'GET /api/hosts HTTP/1.0\r\n\r\n'), 200, 'HTTP/1.0 without Host is an old client')
same(s.ask('/api/hosts')[0], 200, 'and the server is well')

# --- many and slow ---
def connected(c):
    return c.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == 1  # TCP_ESTABLISHED


before = s.rss()
many = []
try:
    for i in range(1000):
        c = socket.create_connection((s.host, s.port), timeout=BOUND)
        c.sendall(b'GET /api/v1/hosts HTTP/1.1\r\nHost: loc')  # and no more
        many.append(c)
    got = s.ask('/api/v1/groups?host=127.0.0.1:6060')[0]
    same((got, sum(connected(c) for c in many)), (200, len(many)), 'a thousand half-open connections hinder nobody')
    ok(s.rss() - before < 100e6, 'and cost little', s.rss() - before)
finally:
    for c in many:
        c.close()

# A goroutine that lives through 3,000 snapshots: gscrape's answer of it, or of its host's numbers, is long.
subprocess.run([TOP + '/' + os.environ['B'] + '/tools/gen', TOP + '/tests/data/series', TMP + '/long', '1', '3000', '20', '0'], check=True)
index(TMP + '/long', db=TMP + '/long.db')
calm = s
s = Server(TMP + '/long.db')
L = 'host=10.0.0.1:6060'
alive = s.json(f'/api/v1/goroutines?{L}')['goroutines']
answers = {a['id']: s.ask(f'/api/goroutine?{L}&id={a["id"]}')[2] for a in alive}
longest = max(answers, key=lambda i: len(answers[i]))
path = f'/api/goroutine?{L}&id={longest}'
ok(len(answers[longest]) > 1.5e6, 'an answer that is streamed', len(answers[longest]))
same([len(json.loads(b)['e']) for b in answers.values()], [3000] * 20, 'has every snapshot, as those that are not')
packed = s.ask(path, {'Accept-Encoding': 'gzip'})
same((packed[1]['Content-Encoding'], gzip.decompress(packed[2]) == answers[longest]), ('gzip', True), 'packed it is the same')
ok(packed[1]['ETag'] and s.ask(path, {'Accept-Encoding': 'gzip', 'If-None-Match': packed[1]['ETag']})[0] == 304, 'and is known again')

slow = []
for i in range(400):  # they ask for long answers, and read none of them
    c = socket.socket()
    c.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    c.connect((s.host, s.port))
    c.sendall(f'GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n'.encode() * 4)
    slow.append(c)
drip = socket.create_connection((s.host, s.port))
stop = threading.Event()


def dripping():  # one byte at a time
    for b in b'GET /api/v1/hosts HTTP/1.1\r\nHost: localhost\r\n\r\n':
        if stop.wait(0.05):
            return
        drip.sendall(bytes([b]))


t = threading.Thread(target=dripping)
t.start()
answered = [s.ask(f'/api/children?{L}&id={longest}')[0] for i in range(100)]
same((set(answered), sum(connected(c) for c in slow)), ({200}, len(slow)), 'clients that read nothing hinder nobody')
t.join(20)
drip.settimeout(BOUND)
ok(drip.recv(20).startswith(b'HTTP/1.1 200'), 'who sends byte by byte is answered in the end')
stop.set()
same(s.ask('/api/v1/hosts')[0], 200, 'and all of them have their own view')
same((s.ask('/api/stats')[0], len(s.ask(path)[2])), (200, len(answers[longest])), 'long answers are still given')
held = int(re.search(r'^gscrape_http_held_bytes (\d+)$', s.ask('/metrics')[2].decode(), re.M)[1])
ok(1e6 < held < 256 << 20, 'what is kept for those who do not read has a limit', held)
slow[0].settimeout(BOUND)
got = b''
while b'\r\n0\r\n\r\n' not in got:
    part = slow[0].recv(1 << 20)
    if not part:
        break
    got += part
ok(len(got) > len(answers[longest]), 'who reads at last gets all of it', len(got))
for c in slow + [drip]:
    c.close()
same(s.stop(), 0, 'and it ends in peace')
s = calm

# --- many who hold a connection and say nothing ---
import resource
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
silent = []
for _ in range(3000 if min(hard, 4096) == 4096 else 0):
    try:
        silent.append(socket.create_connection((s.host, s.port), timeout=BOUND))
    except OSError:
        break
ok(len(silent) > 2500 or hard < 4096, 'thousands of connections', len(silent))
same([s.ask('/api/v1/hosts')[0] for _ in range(20)], [200] * 20, 'who asks is answered: what is idle for longest makes room')
for c in silent:
    c.close()

# --- one request must not hide in another ---
for what, lines in (('two lengths of another kind', 'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n'), ('two names', 'Host: localhost\r\n')):
    got = raw(f'GET /api/v1/hosts HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n'.encode())
    ok(re.match(rb'HTTP/1.1 400 ', got) and got.count(b'HTTP/1.1 ') == 1, f'{what}: 400, and nothing behind it', got[:400])

# --- event streams ---
streams = [socket.create_connection((s.host, s.port)) for _ in range(300)]
for c in streams:
    c.sendall(b'GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n')
codes = []
for c in streams:
    c.settimeout(BOUND)
    codes.append(int(c.recv(2000).split()[1]))
same((codes.count(200), codes.count(503)), (256, 44), 'event streams have a limit, and say so')
for c in streams:
    c.close()
same(s.ask('/api/v1/hosts')[0], 200, 'and the server is well')

# --- systemd hands over the socket ---
listening = socket.create_server(('127.0.0.1', 0))


# preexec_fn cannot change the environment of what is run: sh puts its own process id there, and becomes the server.
sh = subprocess.Popen(['sh', '-c', 'LISTEN_FDS=1 LISTEN_PID=$$ exec "$0" --serve --db "$1"', GSCRAPE, TMP + '/db'], stdout=subprocess.PIPE, text=True,
                      preexec_fn=lambda: os.dup2(listening.fileno(), 3), close_fds=False)
same(sh.stdout.readline().strip(), 'http://127.0.0.1:%d/' % listening.getsockname()[1], 'a socket that systemd opened')
c = http.client.HTTPConnection(*listening.getsockname(), timeout=BOUND)
c.request('GET', '/healthz')
same(c.getresponse().read(), b'ok\n', 'is served')
c.close()
sh.terminate()
same(sh.wait(BOUND), 0, 'and given back')
same(s.stop(), 0, 'the end')
finish()
