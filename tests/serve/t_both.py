# SPDX-License-Identifier: MIT
"""Recording and serving: in one process, and beside each other in two."""
import os, re, subprocess, sys
TOP = os.environ['TOP']
sys.path.insert(0, TOP + '/tests/collect')
import lib  # pprof servers
from lib import dump, good
sys.path.insert(0, TOP + '/tests/serve')
from server import *

DB = TMP + '/db'


def recording(*args, db=DB, **how):
    return Server(db, '--scrape', '--output', TMP + '/output', '--interval', '100ms', *args, address=None, serve='--serve=127.0.0.1:0', **how)


def metric(s, line):
    return next((float(x.rsplit(' ', 1)[1]) for x in s.ask('/metrics')[2].decode().splitlines() if x.startswith(line)), None)


def host_of(s, target):
    return next((h for h in s.json('/api/v1/hosts') if h['host'] == target.host), None)


# --- in one process ---
size = [3]
growing = lib.Server(lambda h: h.send(dump(size[0])) if size[0] else h.send(b'no', 500))
broken = lib.Server(lambda h: h.send(b'no', 500))
s = recording(growing.host, broken.host, stderr=open(TMP + '/stderr', 'w'))
ok(s.port, 'one process records and serves', s.url)
ok(until(lambda: (host_of(s, growing) or {}).get('now') == 3), 'what it records is there to read')
c = http.client.HTTPConnection(s.host, s.port, timeout=BOUND)
c.request('GET', '/api/v1/events')
news = c.getresponse()
while b'hello' not in news.readline():
    pass
size[0] = 40


def told():
    line = news.readline().decode()
    return line.startswith('data: {"host"') and json.loads(line[6:])['goroutines'] == 40


ok(until(told), 'news of it come by themselves')
c.close()
ok(until(lambda: host_of(s, growing)['now'] == 40), 'the host grew')
groups = s.json(f'/api/v1/groups?host={growing.host}')
same(sum(g['count'] for g in groups['groups']), 40, 'who is alive, while it is being recorded')
same(s.ask(f'/api/goroutine?host={growing.host}&id=2')[0], 200, "gscrape's route, too")
before = metric(s, 'gscrape_target_scrapes_total{host="%s"}' % growing.host)
ok(until(lambda: metric(s, 'gscrape_target_scrapes_total{host="%s"}' % growing.host) > before >= 1), 'metrics count scrapes')
ok(until(lambda: metric(s, 'gscrape_target_failed_scrapes_total{host="%s"}' % broken.host) >= 1), 'and failed ones')
same(metric(s, 'gscrape_target_failed_scrapes_total{host="%s"}' % growing.host), 0, 'none failed that did not')
same(metric(s, 'gscrape_last_snapshot_up{host="%s"}' % broken.host), 0, 'the broken one is down')
ok(metric(s, 'gscrape_fetched_bytes_total') > 100, 'bytes are counted')
same((metric(s, 'gscrape_write_errors_total'), metric(s, 'gscrape_write_failing')), (0, 0), 'all of it was written')
ok(abs(metric(s, 'gscrape_last_commit_timestamp_seconds') - time.time()) < 60, 'some of it just now')
times = re.findall(r'^(gscrape_last_\w+_seconds\{.*) ([\d.e+-]+)$', s.ask('/metrics')[2].decode(), re.M)
ok(len(times) > 4 and all(re.fullmatch(r'\d+(\.\d{1,3})?', t) for _, t in times), 'times are ms in seconds, and no digit more', times)
ok(until(lambda: metric(s, 'gscrape_archived_bytes_total') > 100), 'into the archive, too')
same(s.ask('/healthz')[::2], (200, b'ok\n'), 'and it is well')
# a host that goes down: no gauge stays behind
up = [x for x in s.ask('/metrics')[2].decode().splitlines() if f'host="{growing.host}"' in x and not re.search('target_|_total|timestamp|duration|snapshots|epochs', x)]
ok(len(up) > 3 and metric(s, 'gscrape_goroutines{host="%s"}' % growing.host) == 40, 'gauges of a host that is up', up)
size[0] = 0
ok(until(lambda: metric(s, 'gscrape_last_snapshot_up{host="%s"}' % growing.host) == 0), 'it goes down')
left = [x for x in s.ask('/metrics')[2].decode().splitlines() if f'host="{growing.host}"' in x and not re.search('target_|_total|timestamp|duration|snapshots|epochs|_up', x)]
same(left, [], 'and has no gauges then')
h = host_of(s, growing)
same((h['now'], h['goroutines_last'], h['last'] > h['last_good'], h['down_since'] > h['last_good'], bool(h['why'])), (None, 40, True, True, True), 'nor a number of now, but the last one and its time')
same(s.stop(), 0, 'SIGTERM ends both')
errors = open(TMP + '/stderr').read().splitlines()
ok(any(broken.host in line for line in errors) and all(' failed: ' in line or ': works again' in line or 'archive: ' in line for line in errors), 'what fails is told on standard error, and nothing else', errors)
check = subprocess.run([GSCRAPE, '--verify', '--db', DB], capture_output=True, text=True)
same((check.returncode, check.stderr), (0, ''), 'and the store is sound')

# --- the targets file, SIGHUP ---
first, second = good(4), good(5)
targets = TMP + '/targets.json'


def write(*servers):
    with open(targets + '.new', 'w') as f:
        json.dump([{'targets': [x.host for x in servers]}], f)
    os.rename(targets + '.new', targets)


write(first)
s = recording('--targets-file', targets)
ok(until(lambda: host_of(s, first)), 'targets of a file')
write(first, second)
s.process.send_signal(lib.signal.SIGHUP)
ok(until(lambda: host_of(s, second)), 'SIGHUP reads it again, and the server goes on')

# --- another writer, another server ---
port = s.port
other = subprocess.run([GSCRAPE, '--scrape', first.host, '--db', DB, '--no-archive', '--once'], capture_output=True, text=True, timeout=BOUND)
ok(other.returncode == 1 and 'another gscrape-tui is writing' in other.stderr and other.stderr.count('\n') == 1, 'nobody else writes to it meanwhile', other.stderr)
taken = subprocess.run([GSCRAPE, '--scrape', f'--serve=127.0.0.1:{port}', first.host, '--db', TMP + '/second', '--no-archive'], capture_output=True, text=True, timeout=BOUND)
ok(taken.returncode == 1 and 'Address already in use' in taken.stderr and taken.stderr.count('\n') == 1, 'a port in use: one sentence, and the recorder ends, too', taken.stderr)
same(s.stop(), 0, 'it ends in peace')
none = subprocess.run([GSCRAPE, '--scrape', '--serve=127.0.0.1:0', '--db', DB], capture_output=True, text=True, timeout=BOUND)
same((none.returncode, none.stderr.count('\n')), (2, 1), 'nothing to record is wrong usage')

# --- a target that hangs does not hold up the end ---
free = lib.threading.Event()
hanging = lib.Server(lambda h: free.wait())
s = recording(hanging.host, first.host, '--timeout', '1h')
ok(until(lambda: hanging.seen and host_of(s, first)), 'one hangs, the other is recorded')
same(s.stop(), 0, 'SIGTERM ends it, long before the target would have been given up')
free.set()

# --- what cannot be written is told by /healthz and /metrics ---
output, folder, nothing = TMP + '/archive', TMP + '/folder', TMP + '/nothing'
os.mkdir(folder)
open(nothing, 'w').close()


def lead(to):
    os.symlink(to, output + '.new')
    os.replace(output + '.new', output)


lead(folder)
s = Server(TMP + '/third', '--scrape', '--output', output, '--interval', '100ms', first.host, address=None, serve='--serve=127.0.0.1:0')
ok(until(lambda: s.ask('/healthz')[0] == 200 and host_of(s, first)), 'all is well')
lead(nothing)  # a file: no folder can be made in it
ok(until(lambda: s.ask('/healthz')[0] == 503), 'a broken archive is a fault')
ok(b'archive: ' in s.ask('/healthz')[2] and metric(s, 'gscrape_write_failing') == 1 and metric(s, 'gscrape_write_errors_total') > 0, 'it says which', s.ask('/healthz'))
lead(folder)
ok(until(lambda: s.ask('/healthz')[::2] == (200, b'ok\n')), 'and is over when it can be written again')
s.stop()

# --- in two processes; the store is made by the recorder after the server looked in vain ---
apart = TMP + '/apart'
missing = subprocess.run([GSCRAPE, '--serve', '127.0.0.1:0', '--db', apart], capture_output=True, text=True, timeout=BOUND)
same(missing.returncode, 1, 'no store yet: told')
size[0] = 7
recorder = subprocess.Popen([GSCRAPE, '--scrape', growing.host, '--db', apart, '--no-archive', '--interval', '100ms', '--quiet'], stdout=subprocess.DEVNULL)
try:
    ok(until(lambda: subprocess.run([GSCRAPE, '--hosts', '--db', apart], capture_output=True).returncode == 0), 'another process records')
    s = Server(apart)
    ok(until(lambda: (host_of(s, growing) or {}).get('now') == 7), 'this one serves')
    size[0] = 9
    ok(until(lambda: host_of(s, growing)['now'] == 9), 'what comes while it serves, too')
    same(metric(s, 'gscrape_target_scrapes_total'), None, "the other process's counters are its own")
    same(s.stop(), 0, 'the server ends')
finally:
    recorder.terminate()
same(recorder.wait(BOUND), 0, 'the recorder ends')
finish()
