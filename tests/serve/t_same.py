# SPDX-License-Identifier: MIT
# needs: chromium chromedriver python-selenium
# run: browser
"""
The same question to every face: how many goroutines does this host have at T? At the moments at which faces went wrong. What
is right is told here by hand, and all answers must be that, to the digit, or say why nothing is known.
"""
import csv, datetime, gzip, os, re, sys
sys.path.insert(0, os.environ['TOP'] + '/tests/collect')
import lib
sys.path.insert(0, os.path.dirname(__file__))
from browser import *
from server import *

T0 = int(datetime.datetime(2026, 11, 23, 16, 0, tzinfo=datetime.timezone.utc).timestamp()) * 1000
FAIL, CUT, NEW = 'fail', 'cut', 'new'


def at(s):
    return T0 + round(s * 1000)


def stamp(ms):
    return datetime.datetime.fromtimestamp(ms / 1000, datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%S.') + '%03dZ' % (ms % 1000)


def clock(s):
    return stamp(at(s))[11:19]


# What was scraped: host: [(second, how many)]; how many may be (kind, n).
SCRAPED = {
    'usual:1': [(0, 30), (10, 41), (20, 52), (30, FAIL), (40, 63), (50, FAIL), (60, FAIL), (90, FAIL), (150, 74), (160, 75), (170, 76)],
    'new:1': [(0, 30), (10, 41), (20, (NEW, 7)), (30, (NEW, 8))],
    'one:1': [(0, 17)],
    'failed:1': [(0, FAIL), (10, FAIL)],
    'cut:1': [(0, 30), (10, (CUT, 40))],
    'back:1': [(0, 30), (2, 31), (2.001, 32), (2.002, 33)],
}
# Host, second, what is right: how many, of when; or why not. In words of the command line.
MOMENTS = [
    ('before the first sample', 'usual:1', -5, None, 'no sample at T; first ' + clock(0)),
    ('between two', 'usual:1', 19.9, 41, 10),
    ('one failed between two good ones', 'usual:1', 39.9, 52, 20),
    ('in an outage', 'usual:1', 100, None, 'down since ' + clock(50) + ': '),
    ('before an outage is one', 'usual:1', 64.9, 63, 40),
    ('after the last', 'usual:1', 400, None, 'no sample at T; last ' + clock(170) + ', 3m50s ago'),
    ('the last', 'usual:1', 170, 76, 170),
    ('the last of the old process', 'new:1', 19.9, 41, 10),
    ('the first of a new process', 'new:1', 20, 7, 20),
    ('one snapshot in all', 'one:1', 0, 17, 0),
    ('one snapshot in all, later', 'one:1', 3600, None, 'no sample at T; last ' + clock(0) + ', 1h ago'),
    ('failed only', 'failed:1', 11, None, 'down since ' + clock(0) + ': '),
    ('a truncated one', 'cut:1', 12, 40, 10),
    ('a clock that was set back', 'back:1', 2.001, 32, 2.001),
]


def write(folder):
    for host, samples in SCRAPED.items():
        os.makedirs(f'{folder}/{host.replace(":", "_")}')
        for second, what in samples:
            kind, n = what if isinstance(what, tuple) else (what, what)
            body = b'<html>502</html>' if kind == FAIL else lib.dump(n, first=1 if kind == NEW or not isinstance(n, int) else 100)
            if kind == CUT:
                body = body[:-20]
            name = stamp(at(second)).replace(':', '-')
            with gzip.open(f'{folder}/{host.replace(":", "_")}/{name}.goroutines.txt.gz', 'wb') as f:
                f.write(body)


def run(*args):
    return subprocess.run([GSCRAPE, *args, '--db', db, '--tz', 'UTC'], capture_output=True, text=True, timeout=60)


def objects(*args):
    p = run(*args)
    return [json.loads(line) for line in p.stdout.splitlines()]


# Each face: (host, ms) to (how many or None, the sentence or '').

def as_json(host, t):
    rows = objects('--goroutines', '--host', host, '--at', stamp(t), '--json')
    if rows and 'unknown' in rows[0]:
        return rows[0]['count'], rows[0]['unknown']
    return sum(r['count'] for r in rows), ''


def as_text(host, t):
    lines = run('--goroutines', '--host', host, '--at', stamp(t)).stdout.splitlines()[1:]
    notes = [line.split(f'note: {host}: ', 1)[1] for line in lines if line.startswith('note: ')]
    lines = [line for line in lines if not line.startswith('note: ')]
    counts = [line.split()[1] for line in lines]
    if counts == ['-']:
        return None, notes[0]
    return sum(map(int, counts)), ''


def one_by_one(host, t):
    rows = objects('--goroutines', '--group-by', 'none', '--host', host, '--at', stamp(t), '--json')
    return (None, rows[0]['unknown']) if 'unknown' in rows[0] else (len(rows), '')


def as_csv(host, t):
    rows = list(csv.DictReader(run('--goroutines', '--group-by', 'state', '--host', host, '--at', stamp(t), '--csv').stdout.splitlines()))
    return (None, rows[0]['unknown']) if rows[0]['unknown'] else (sum(int(r['count']) for r in rows), '')


def api(host, t):
    d = s.json(f'/api/v1/groups?host={host}&at={t}')
    assert (d['goroutines'] is None) == (d['time'] is None) and sum(g['count'] for g in d['groups']) == (d['goroutines'] or 0), d
    return d['goroutines'], d['unknown'] or ''


def api_goroutines(host, t):
    d = s.json(f'/api/v1/goroutines?host={host}&at={t}&limit=10')
    return (d['total'] if d['time'] is not None else None), d['unknown'] or ''


def folded(host, t):
    p = run('--export', 'folded', '--host', host, '--at', stamp(t))
    if p.returncode:
        return None, p.stderr.strip().split(f'{host}: ', 1)[1]
    return sum(int(line.rsplit(' ', 1)[1]) for line in p.stdout.splitlines()), ''


def report(host, t):
    p = run('--report', TMP + '/r.md', '--host', host, '--to', stamp(t))
    if p.returncode:  # nothing at all up to T
        return None, p.stderr.strip().split(f'{host}: ', 1)[1]
    with open(TMP + '/r.md') as f:
        said = next(line for line in f if line.startswith(f'| `{host}`')).split('|')[7].strip()
    m = re.fullmatch(r'(?:at least )?(\d+) at (.*)', said)
    same('at least' in said, m is not None and host == 'cut:1', f'{host}: the report says whether the dump was cut')
    return (int(m[1]), '') if m else (None, said)


def page(host, t):
    d.get(f'{s.url}?view=host&host={host}&at={t}')
    until(lambda: d.execute_script("return document.getElementById('main')?.dataset.ready") == 'true')
    why = d.execute_script("return document.getElementById('unknown')?.innerText ?? ''")
    if why:
        return None, re.sub(r'\d{4}-\d\d-\d\d ', '', re.sub(r': \d+ goroutines$', '', why))
    return int(re.search(r'groups, ([\d,]+) goroutines at', d.execute_script("return document.getElementById('main').innerText"))[1].replace(',', '')), ''


def terminal(host, t):
    rows = objects('--dump', 'host', '--host', host, '--at', stamp(t), '--format', 'json')
    if rows:
        return sum(r['count'] for r in rows), ''
    screen = run('--dump', 'host', '--host', host, '--at', stamp(t), '--size', '160x24').stdout
    return None, 'unknown' if re.search('no sample at T|down since|not known|known at T', screen) else screen


FACES = [as_json, as_text, one_by_one, as_csv, api, api_goroutines, folded, report, page, terminal]
SILENT = [terminal]  # says that it is unknown, in words of its own

write(TMP + '/archive')
db = TMP + '/db'
subprocess.run([GSCRAPE, '--index', TMP + '/archive', '--db', db], stderr=subprocess.DEVNULL, timeout=60)  # some of it is told to be no dump
s = Server(db)
d = browser()
for name, host, second, count, rest in MOMENTS:
    for face in FACES:
        got, why = face(host, at(second))
        if count is None and face not in SILENT:
            ok(got is None and why.startswith(rest), f'{name}: {face.__name__} says why', (got, why, rest))
        else:
            same((got, bool(why)), (count, count is None), f'{name}: {face.__name__}')

d.get(f'{s.url}?view=host&host=cut:1')
ok(until(lambda: 'the dump is truncated' in d.execute_script("return document.getElementById('main').innerText")), 'a cut dump is told on the page')
ok('note: cut:1: the dump of 2026-11-23 16:00:10 is truncated: goroutines may be missing' in run('--goroutines', '--host', 'cut:1').stdout, 'and by the command line')
same(s.json('/api/v1/groups?host=cut:1')['status'], 'truncated', 'and by the API')

# The newest moment of each host, by every list of hosts; nobody scrapes them, so no number is of now.
newest = {'usual:1': (76, 170), 'new:1': (8, 30), 'one:1': (17, 0), 'failed:1': (None, None), 'cut:1': (40, 10), 'back:1': (33, 2.002)}
rows, shown_count = {r['host']: r for r in objects('--hosts', '--json')}, {}
same({h: r['status'] for h, r in rows.items() if r['status'] not in ('ok', None)}, {'cut:1': 'truncated'}, 'one is told as cut')
same(s.json('/api/v1/hosts'), list(rows.values()), 'the API lists hosts as the command line does')
for host, (count, second) in newest.items():
    r = rows[host]
    want = (count, None if second is None else at(second), None)
    same((r['goroutines_last'], r['last_good'], r['now']), want, f'{host}: the last number and its time, and no now')
    text = next(line for line in run('--hosts').stdout.splitlines() if line.startswith(host)).split()
    shown_count[host] = '-' if count is None else f'{count}+' if host == 'cut:1' else str(count)
    same((text[4], text[-1]), (shown_count[host], '-'), f'{host}: in the table, too')
d.get(s.url)
until(lambda: d.execute_script("return document.getElementById('main')?.dataset.ready") == 'true')
shown = {t.split('\t')[0].split('\n')[0].strip(): t.split('\t')[1:3] for t in d.execute_script("return [...document.querySelectorAll('table[aria-label=Hosts] tbody tr')].map(e => e.innerText)")}
same(shown, {h: [c, '-'] for h, c in shown_count.items()}, 'the page lists the same')
lines = s.ask('/metrics')[2].decode().splitlines()
same([x for x in lines if re.match(r'gscrape_(goroutines|state_goroutines|created_by_goroutines|leak_\w+)\{', x)], [], 'no gauge of what is not scraped')
same({x.split('"')[1] for x in lines if x.startswith('gscrape_last_snapshot_up{') and x.endswith(' 0')}, {'failed:1'}, 'the newest scrape of one failed')
# Where no snapshot has goroutines, nobody says that nothing leaks.
nothing = 'othing can be told: no snapshot has goroutines'
ok(nothing in run('--leaks', '--host', 'failed:1').stdout and nothing not in run('--leaks', '--host', 'usual:1').stdout, 'the command line says when nothing can be told of leaks')
same([s.json(f'/api/v1/leaks?host={h}')['looked_at'] > 0 for h in ('failed:1', 'usual:1')], [False, True], 'and the API')
s.stop()

# Counted only, and scraped now.
counted, live = lib.Server(lambda h: h.send(b'goroutine profile: total 9\n' if 'debug=1' in h.path else lib.dump(9))), lib.good(4)
db = TMP + '/live.db'
for n in range(3):
    subprocess.run([GSCRAPE, '--scrape', '--once', '--no-archive', '--max-goroutines', '5', counted.host, live.host, '--db', db, '-q'], capture_output=True, timeout=60)
s = Server(db)
hosts = {h['host']: h for h in s.json('/api/v1/hosts')}
same((hosts[counted.host]['now'], hosts[live.host]['now']), (9, 4), 'what was scraped just now is now')
metrics = s.ask('/metrics')[2].decode()
for x, n in ((counted, 9), (live, 4)):
    ok(f'gscrape_goroutines{{host="{x.host}"}} {n}\n' in metrics and f'gscrape_goroutines_cut{{host="{x.host}"}} 0\n' in metrics, f'{n}: and has a gauge, and is whole', metrics[:900])
now = hosts[counted.host]['last']
g = s.json(f'/api/v1/groups?host={counted.host}')
same((g['goroutines'], g['time'], g['groups'], g['unknown'][:15]), (9, None, [], 'counted only at'), 'counted only: how many is known, who is not')
r, = objects('--goroutines', '--host', counted.host, '--json')
same((r['count'], r['unknown'][:15]), (None, 'counted only at'), 'the command line says so')
d.get(f'{s.url}?view=host&host={counted.host}')
until(lambda: d.execute_script("return document.getElementById('main')?.dataset.ready") == 'true')
ok(until(lambda: d.execute_script("return document.getElementById('unknown')?.innerText ?? ''").startswith('9 goroutines; counted only')), 'and the page')
d.quit()
finish()
