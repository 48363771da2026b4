# SPDX-License-Identifier: MIT
"""--csv of every command that prints a table, read by Python's csv, against --json of the same command."""
import csv
import datetime
import gzip
import io
import json
import os
import subprocess

TOP, G, TMP = os.environ['TOP'], os.environ['GSCRAPE'], os.environ['TMP']
os.environ['GSCRAPE_DB'] = os.path.join(TMP, 'gscrape.db')
done = 0


def run(*args, code=0):
    p = subprocess.run([G, *args], capture_output=True, timeout=60)
    assert p.returncode == code, (args, p.returncode, p.stderr)
    return p


def rows(*args):
    text = run(*args, '--csv', '--tz', 'UTC').stdout.decode()
    assert all(line.endswith('\r') for line in text.split('\n')[:-1]), 'lines end in CR LF'
    table = list(csv.reader(io.StringIO(text, newline=''), strict=True))
    assert len({len(r) for r in table}) == 1, 'rows are as long as the head'
    return [dict(zip(table[0], r)) for r in table[1:]]


def objects(*args):
    return [json.loads(line) for line in run(*args, '--json').stdout.splitlines()]


def time(ms):
    if ms is None:
        return ''
    t = datetime.datetime.fromtimestamp(ms // 1000, datetime.timezone.utc)
    return t.strftime('%Y-%m-%dT%H:%M:%S.') + '%03dZ' % (ms % 1000)


def ok(what, got, want):
    global done
    done += 1
    if got == want:
        print('ok %d - %s' % (done, what))
        return
    print('not ok %d - %s' % (done, what))
    for a, b in zip(got, want) if isinstance(got, list) and len(got) == len(want) else [(got, want)]:
        if a != b:
            print('# %r\n# %r' % (a, b))


run('--index', os.path.join(TOP, 'tests/data/series'), '--archive-tz', 'UTC', '-q')
host = ['--host', '127.0.0.1:16060']

ok('hosts', [(r['host'], r['snapshots'], r['failed'], r['epochs'], r['first'], r['last'], r['goroutines'], r['goroutines_last'], r['last_good'], r['now'], r['labels']) for r in rows('--hosts')],
   [(o['host'], str(o['snapshots']), str(o['failed']), str(o['epochs']), time(o['first']), time(o['last']), str(o['goroutines']), str(o['goroutines_last']), time(o['last_good']), '', o['labels'])
    for o in objects('--hosts')])
ok('stats', [(r['host'], r['time'], r['epoch'], r['goroutines'], r['status'], r['bytes'], r['states']) for r in rows('--stats')],
   [(o['host'], time(o['time']), str(o['epoch']), str(o['goroutines']), o['status'], str(o['bytes']), ', '.join('%d %s' % (n, s) for s, n in o['states'].items()))
    for o in objects('--stats')])
ok('groups', [(r['group'], r['count'], r['oldest']) for r in rows('--goroutines', *host)],
   [(o['group'], str(o['count']), time(o['oldest'])) for o in objects('--goroutines', *host)])
each = ['--goroutines', '--group-by', 'none', *host]
ok('goroutines one by one', [(r['epoch'], r['id'], r['state'], r['first'], r['func'], r['created_by']) for r in rows(*each)],
   [(str(o['epoch']), str(o['id']), o['state'], time(o['first']), o['func'], o['created_by'] or '') for o in objects(*each)])
one = ['--goroutine', '50', *host]
life, = objects(*one)
ok('a run per row', [(r['id'], r['parent'], r['from'], r['to'], r['snapshots'], r['lasted'], r['state'], r['minutes'], r['moved'], r['wait_object'], r['stack']) for r in rows(*one)],
   [('50', str(life['parent'] or ''), time(r['from']), time(r['to']), str(r['snapshots']), str(r['to'] - r['from']), r['state'], '' if r['minutes'] is None else str(r['minutes']),
     time(r.get('moved')), r.get('wait_object', ''), '; '.join(r['stack'])) for r in life['runs']])
ok('one name for one thing in all lists', [r['object'] == r['wait_object'] for r in rows(*one)].count(False) +
   [o.get('object') == o.get('wait_object') for o in life['runs']].count(False), 0)
ok('there is more than one', len(life['runs']) > 1, True)
query = ['--query', 'main.(*ledger).post', *host]
ok('who had a function', [(r['id'], r['first'], r['last'], r['lasted'], r['snapshots'], r['func']) for r in rows(*query)],
   [(str(o['id']), time(o['first']), time(o['last']), str(o['last'] - o['first']), str(o['snapshots']), o['func']) for o in objects(*query)])
ok('functions', [(r['func'], r['stacks']) for r in rows('--list-funcs', 'main.')], [(o['func'], str(o['stacks'])) for o in objects('--list-funcs', 'main.')])
ok('a function is a function', [[o['function'] for o in objects(*a)] == [r['function'] for r in rows(*a)] == [o['func'] for o in objects(*a)]
   for a in (each, query, ['--list-funcs', 'main.'])], [True] * 3)
leaky = ['--host', '127.0.0.1:6060']
ok('born and gone, as in what moved', [o['born'] == o['births'] and o['gone'] == o['deaths'] for o in objects('--lives', *leaky)].count(False), 0)
diff = ['--diff', '--from', '2026-11-23T16:10:00Z', *leaky]
ok('what moved: fewer are negative numbers', [(r['net'], r['from'], r['to'], r['born'], r['gone'], r['group'], r['function']) for r in rows(*diff)],
   [(str(o['net']), str(o['from']), str(o['to']), str(o['born']), str(o['gone']), o['group'], o['function']) for o in objects(*diff)])
ok('there are such', {r['net'][0] == '-' for r in rows(*diff)}, {True, False})
waiters = ['--waiters', *leaky]
ok('who waits: all of them', [(r['count'], r['what'], r['object'], r['oldest'], r['oldest_id'], r['handed_over']) for r in rows(*waiters)],
   [(str(o['count']), o['what'], o['object'], time(o['oldest']), str(o['oldest_id']), str(o['handed_over'])) for o in objects(*waiters)])
ok('lives', [(r['births'], r['deaths'], r['alive'], r['p50'], r['median'], r['oldest'], r['group']) for r in rows('--lives', *leaky)],
   [(str(o['births']), str(o['deaths']), str(o['alive']), *('' if o[k] is None else str(o[k]) for k in ('p50', 'median')), time(o['oldest']), o['group'])
    for o in objects('--lives', *leaky)])
ok('leaks', [(r['host'], r['verdict'], float(r['score']), r['kind'], int(r['count']), int(r['growth']), float(r['per_hour']), r['since'], r['evidence'])
             for r in rows('--leaks')],
   [(o['host'], o['verdict'], o['score'], o['kind'], o['count'], o['growth'], o['per_hour'], time(o['since']), '; '.join(o['evidence']))
    for o in objects('--leaks')])
ok('a zone is in the time', run('--hosts', '--csv', '--tz', 'Asia/Kolkata').stdout.count(b'T22:10:13.000+05:30'), 1)
ok('no rows, but the head', run('--diff', '--csv', '--to', '2020-01-01T00:00:00Z').stdout.count(b'\r\n'), 1)
ok('unknown is no number, and why', {(r['count'], r['group'], r['unknown'][:12]) for r in rows('--goroutines', '--at', '2020-01-01T00:00:00Z')}, {('', '', 'no sample at')})

# texts that a spreadsheet or a terminal would obey, and that CSV must quote
odd = os.path.join(TMP, 'odd/a_1')
os.makedirs(odd)
with gzip.open(os.path.join(odd, '2026-11-23T16-00-00.123Z.goroutines.txt.gz'), 'wb') as f:
    for i, func in enumerate([b'=main.f', b'@main.g', b'main.(*T).h,"i"', b'main.\x1b[31m']):
        f.write(b'goroutine %d [-odd "state", or not]:\n%s()\n\t/src/a.go:3 +0x1\n\n' % (i + 1, func))
run('--index', os.path.join(TMP, 'odd'), '--db', os.path.join(TMP, 'odd.db'), '-q')
got = rows('--goroutines', '--group-by', 'none', '--db', os.path.join(TMP, 'odd.db'))
ok('formulas are none', [r['func'] for r in got], ["'=main.f", "'@main.g", 'main.(*T).h,"i"', 'main.^[[31m'])
ok('nor in states', {r['state'] for r in got}, {'\'-odd "state", or not'})
written = run('--dump', 'functions', '--format', 'csv', '--db', os.path.join(TMP, 'odd.db')).stdout.decode()
ok('nor in what a view writes', {r['func'] for r in csv.DictReader(io.StringIO(written, newline=''))} >= {"'=main.f", "'@main.g"}, True)
ok('ms are there when they are not 0', got[0]['first'], '2026-11-23T16:00:00.123Z')
ok('one format at a time', run('--hosts', '--csv', '--json', code=2).stderr, b'gscrape-tui: --json and --csv do not go together\n')
ok('no table, no CSV', run('--verify', '--csv', code=2).stderr, b'gscrape-tui: --csv does not go with --verify\n')
ok('a full disk', subprocess.run([G, '--stats', '--csv'], stdout=open('/dev/full', 'wb'), stderr=subprocess.PIPE).stderr,
   b'gscrape-tui: standard output: the disk is full\n')
print('1..%d' % done)
