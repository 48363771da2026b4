# SPDX-License-Identifier: MIT
"""The scraper as it runs: schedules, targets files, signals, trouble with the disk."""
import atexit
import os
import resource
import shutil
import sys
sys.path.insert(0, os.path.dirname(__file__))
from lib import *


def replace_file(path, text):
    with open(path + '.new', 'w') as f:
        f.write(text)
    os.rename(path + '.new', path)


def group(*hosts, **labels):
    return {'targets': list(hosts), 'labels': labels}


def a_slow_target():
    """a target that hangs delays no other"""
    free = threading.Event()
    slow, fast = Server(lambda h: free.wait(BOUND)), good()
    s = Scraper('slow', '--interval', '100ms', slow.host, fast.host)
    until(lambda: len(s.of(fast.host)) >= 12, 'twelve dumps of the fast one')
    assert len(slow.seen) == 1 and not s.of(slow.host), (slow.seen, s.events)  # asked once: no overlap
    free.set()
    assert s.stop() == 0
    assert all(e['status'] == 'ok' for e in s.of(fast.host))
    assert fast.connections == 1, fast.connections  # kept alive between scrapes


def back_off():
    """a target that fails is asked less often, and recovers at once"""
    up = threading.Event()
    srv = Server(lambda h: h.send(dump(3)) if up.is_set() else h.send(b'no', 500))
    steady = good()
    s = Scraper('backoff', '--interval', '100ms', srv.host, steady.host)
    until(lambda: len(s.of(steady.host)) >= 20, 'twenty dumps of the steady one')
    assert 1 <= len(s.of(srv.host)) <= 10, s.events
    up.set()
    until(lambda: [e for e in s.of(srv.host) if e['status'] == 'ok'], 'recovery')
    before, steady_before = len(s.of(srv.host)), len(s.of(steady.host))
    until(lambda: len(s.of(srv.host)) >= before + 5, 'five more')
    assert len(s.of(steady.host)) - steady_before <= 15, 'is not back at its interval'
    assert s.stop() == 0
    kinds = [r['status'] for r in rows('backoff', '--stats', '--host', srv.host)]
    assert kinds[0] == 'failed' and kinds[-1] == 'ok', kinds


def a_targets_file():
    """the targets file is read again when it changes and at SIGHUP; a broken version changes nothing and is told"""
    a, b = good(3), good(4)
    path = os.path.join(TMP, 'targets.json')
    replace_file(path, json.dumps([group(a.host, job='api', env='prod', __meta_zone='x')]))
    s = Scraper('file', '--interval', '100ms', '--targets-file', path)
    until(lambda: s.of(a.host), 'the first target')
    replace_file(path, json.dumps([group(a.host, job='api', env='prod'), group(b.host)]))
    until(lambda: s.of(b.host), 'the added target')
    replace_file(path, '[{"targets": ["%s"')
    until(lambda: [e for e in s.errors if 'targets.json' in e and 'stay as they were' in e], 'word of the broken file')
    n = len(s.of(a.host)), len(s.of(b.host))
    until(lambda: len(s.of(a.host)) > n[0] + 2 and len(s.of(b.host)) > n[1] + 2, 'both going on')
    replace_file(path, json.dumps([group(b.host)]))
    until(lambda: [e for e in s.events if e.get('message') == 'targets read again: 1'], 'the removal')
    n = len(b.seen), len(a.seen)
    until(lambda: len(b.seen) > n[0] + 4, 'more of the second')
    assert len(a.seen) <= n[1] + 1, 'the removed target is still asked'
    told = len([e for e in s.events if 'message' in e])
    s.p.send_signal(signal.SIGHUP)
    until(lambda: len([e for e in s.events if 'message' in e]) > told, 'word after SIGHUP')
    assert s.stop(signal.SIGINT) == 0
    labels = {r['host']: r.get('labels') for r in rows('file', '--hosts')}
    assert set(labels) == {a.host, b.host}, labels
    assert labels[a.host] in (None, 'job=api,env=prod'), labels


def other_labels():
    """other labels are taken over: the target is not asked anew, and the store has them with its next dump"""
    a, b, c = good(3), good(3), good(3)
    path = os.path.join(TMP, 'labels.json')
    replace_file(path, json.dumps([group(a.host, env='test')]))
    s = Scraper('relabel', '--interval', '1h', '--targets-file', path)
    until(lambda: s.of(a.host), 'the first dump')
    replace_file(path, json.dumps([group(a.host, env='prod'), group(b.host)]))
    until(lambda: s.of(b.host), 'the added target')
    assert len(a.seen) == 1, a.seen
    replace_file(path, json.dumps([group('http://%s/debug/pprof/goroutine?x=1' % a.host, env='prod'), group(c.host)]))
    until(lambda: s.of(c.host) and len(s.of(a.host)) == 2, 'another URL, which is another target')
    assert s.stop() == 0
    assert {r['host']: r.get('labels') for r in rows('relabel', '--hosts')}[a.host] == 'env=prod'
    replace_file(path, json.dumps([group(a.host, env='test')]))
    s = Scraper('relabel2', '--interval', '100ms', '--targets-file', path)
    until(lambda: s.of(a.host), 'the first dump')
    replace_file(path, json.dumps([group(a.host, env='prod')]))
    until(lambda: [r for r in rows('relabel2', '--hosts') if r.get('labels') == 'env=prod'], 'the new label in the store')
    assert s.stop() == 0
    assert [(r['host'], r['mark']) for r in rows('relabel2', '--marks')] == [(a.host, 'env test -> prod')], rows('relabel2', '--marks')
    replace_file(path, json.dumps([group(a.host, env='prod', version='2')]))
    s = Scraper('relabel2', '--interval', '100ms', '--targets-file', path)
    until(lambda: s.of(a.host), 'the first dump of the next run')
    assert s.stop() == 0
    assert [r['mark'] for r in rows('relabel2', '--marks')] == ['env test -> prod', 'version 2'], 'labels changed while nobody recorded'


def hosts_in_groups():
    """hosts are listed by a label of their targets: together they are what each is"""
    apps = [('api', good(3)), ('api', good(4)), ('web', good(7)), (None, good(2)), ('api', good(5))]
    path = os.path.join(TMP, 'apps.json')
    replace_file(path, json.dumps([group(s.host, **({'app': app, 'zone': 'eu'} if app else {})) for app, s in apps]))
    s = Scraper('apps', '--interval', '1h', '--targets-file', path)
    until(lambda: all(s.of(t.host) for _, t in apps), 'a dump of each')
    until(lambda: len(rows('apps', '--hosts')) == 5, 'the commit')
    got = rows('apps', '--hosts', '--group-by', 'label.app')
    assert [(r['label'], r['value'], r['hosts'], r['hosts_known'], r['goroutines_last'], r['now']) for r in got] == [
        ('app', 'api', 3, 3, 12, 12), ('app', 'web', 1, 1, 7, 7), ('app', None, 1, 1, 2, 2)], got
    out = subprocess.run([GSCRAPE, '--hosts', '--group-by', 'label.ap'], cwd=s.folder, capture_output=True, text=True)
    assert s.stop() == 0
    assert (out.returncode, out.stdout, out.stderr) == (2, '', "gscrape-tui: no host in gscrape.db has a label 'ap'\n"), out


def shards():
    """two recorders share the targets: each is recorded by one of them"""
    all_of = [good(2) for _ in range(12)]
    parts = []
    for k in (1, 2, 3):
        s, code = once('shard%d' % k, '--shard', '%d/3' % k, *[x.host for x in all_of])
        assert code == 0, s.errors
        parts.append({e['host'] for e in s.events if 'host' in e})
    assert sorted(h for p in parts for h in p) == sorted(x.host for x in all_of), parts
    lonely = [k for k in (1, 2, 3) if all_of[0].host not in parts[k - 1]][0]
    s, code = once('lonely', '--shard', '%d/3' % lonely, all_of[0].host)
    assert code == 0 and [e['message'] for e in s.events] == ['none of 1 target is of shard %d/3' % lonely], s.events
    s, code = once('noshard', '--shard', '4/3', all_of[0].host)
    assert code == 2 and len(s.errors) == 1 and '--shard' in s.errors[0], (code, s.errors)


def wrong_starts():
    """what cannot start says why: no target, a broken file, a second writer"""
    srv, missing = good(), os.path.join(TMP, 'not-there')
    for args, why in ((['nonsense'], 'no port'), (['ftp://a:1'], 'only http'), (['--targets-file', missing], missing),
                      (['--bearer-file', missing, srv.host], missing),
                      (['--header', 'none', srv.host], '--header'),
                      (['--cacert', missing, srv.host], missing)):
        s, code = once('wrong', *args)
        assert code in (1, 2) and len(s.errors) == 1 and why in s.errors[0], (args, code, s.errors)
    first = Scraper('two', '--interval', '100ms', srv.host)
    until(lambda: first.events, 'the first writer')
    s, code = once('two', srv.host)
    assert code == 1 and len(s.errors) == 1, (code, s.errors)
    assert first.stop() == 0


def duplicates():
    """a target named twice is scraped once, and that is told"""
    srv = good()
    s, code = once('twice', srv.host, '--targets', 'http://%s/' % srv.host)
    assert code == 0 and len(s.of(srv.host)) == 1 and len(srv.seen) == 1, s.events
    assert [e for e in s.events if 'more than once' in e.get('message', '')], s.events


def names_stay_inside():
    """whatever a target is called, its files stay in the archive, one folder deep"""
    work = os.path.join(TMP, 'inside')
    os.makedirs(work)
    names = ['s', '..%2f..%2fescaped', '-rf', 'a b']
    socks = [Server(lambda h: h.send(dump(2)), os.path.join(work, n + '.sock')) for n in names if ' ' not in n]
    targets = ['unix:%s/../inside/%s.sock' % (work, n) for n in names if ' ' not in n]
    s, code = once('inside', *targets)
    assert code == 0 and len([e for e in s.events if e['status'] == 'ok']) == len(socks), s.events
    got = files('inside')
    assert len(got) == len(socks), got
    for path in got:
        assert os.path.realpath(path).startswith(os.path.realpath(work) + '/output/'), path
        assert len(os.path.relpath(path, os.path.join(work, 'output')).split('/')) == 2, path
    assert sorted(os.listdir(TMP)) == sorted(set(os.listdir(TMP)) - {'escaped.sock', 'escaped'})
    path = os.path.join(TMP, 'evil.json')
    replace_file(path, json.dumps([group('../../../tmp:1'), group('/etc:1'), group('x\n:1')]))
    s, code = once('inside', '--targets-file', path)
    assert code == 1 and files('inside') == got, s.errors


def signals():
    """SIGTERM in the middle of a transfer: what is there is kept, exit 0, nothing half-written left"""
    started = threading.Event()

    def hang(h):
        started.set()
        time.sleep(0.2)
        h.send_response(200)
        h.end_headers()
        threading.Event().wait(BOUND)
    srv, fast = Server(hang), good(20)
    s = Scraper('signals', '--interval', '100ms', srv.host, fast.host)
    until(lambda: started.is_set() and len(s.of(fast.host)) >= 3, 'both')
    assert s.stop() == 0
    told = len([e for e in s.events if e.get('status') == 'ok'])
    assert len(files('signals')) == told, (files('signals'), told)
    for path in files('signals'):
        assert gzip.open(path).read() == dump(20)
    assert len(rows('signals', '--stats')) == told
    assert [e for e in s.events if 'stopped after' in e.get('message', '')], s.events


def told_twice():
    """SIGTERM several times in a row, as whoever ends a group of processes may send it, loses nothing"""
    srv = good(20)
    for i in range(5):
        s = Scraper('twice%d' % i, '--interval', '50ms', srv.host)
        until(lambda: len(s.of(srv.host)) >= 3, 'three dumps')
        for _ in range(50):
            if s.p.poll() is None:
                s.p.send_signal(signal.SIGTERM)
        assert s.end() == 0
        told = len([e for e in s.events if e.get('status') == 'ok'])
        assert len(rows('twice%d' % i, '--stats')) == told, told


def full_disk():
    """a full disk is told once, the rest goes on, and recovery is told"""
    noise = [0]

    def answer(h):  # does not compress: the limit is met by archive and store alike
        noise[0] += 1
        h.send(b''.join(b'goroutine %d [select]:\nmain.f%s()\n\t/src/%s.go:1 +0x1d\n\n' %
                        (i, os.urandom(30).hex().encode(), os.urandom(30).hex().encode()) for i in range(1, 4000)))
    srv = Server(answer)
    limit = 200000
    s = Scraper('full', '--interval', '100ms', srv.host,
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY)))
    until(lambda: [e for e in s.errors if re.search(r'archive: .*(too large|the disk is full)', e)], 'word of the archive: %s' % s.errors)
    until(lambda: [e for e in s.errors if re.search(r'store: ', e)], 'word of the store')
    n = noise[0]
    until(lambda: noise[0] > n + 5, 'going on')
    assert len([e for e in s.errors if 'archive: ' in e]) == 1, s.errors
    assert files('full') == [], files('full')  # no half-written file either
    resource.prlimit(s.p.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    for what in ('archive', 'store'):
        until(lambda: [e for e in s.events if e.get('message') == what + ': works again'], 'recovery of ' + what)
    until(lambda: len(files('full')) > 2, 'files')
    assert s.stop() == 0
    assert re.search(r'stopped after .*; [1-9][0-9]* writes failed$', '\n'.join(s.errors), re.M), s.errors
    assert [r for r in rows('full', '--stats') if r['status'] == 'ok']


def replaced():
    """a store that was replaced under its recorder is told, by both: nothing is written where nobody can read it"""
    srv = good(7)
    once('other', good(3).host)
    s = Scraper('replaced', '--interval', '100ms', srv.host)
    until(lambda: len(s.of(srv.host)) > 5, 'scrapes')
    store = os.path.join(s.folder, 'gscrape.db')
    shutil.copy(os.path.join(TMP, 'other', 'gscrape.db'), store + '.new')
    os.rename(store + '.new', store)
    until(lambda: [e for e in s.errors if e.endswith('the store was replaced by another')], 'word of the store: %s' % s.errors)
    n = len(files('replaced'))
    until(lambda: len(files('replaced')) > n + 3, 'the archive goes on')
    p = subprocess.run([GSCRAPE, '--hosts'], cwd=s.folder, capture_output=True, text=True, timeout=60)
    assert p.returncode == 0 or 'was replaced under a program' in p.stderr, p.stderr  # as the numbers of both files' commits have it
    s.stop()
    assert [r['goroutines_last'] for r in rows('replaced', '--hosts')] == [3]
    subprocess.run([GSCRAPE, '--index', 'output', '--db', 'all.db'], cwd=s.folder, check=True, capture_output=True, timeout=60)
    assert rows('replaced', '--hosts', '--db', 'all.db')[0]['snapshots'] > n


def no_room():
    """a disk without room is told as that, by archive and store alike"""
    place = os.path.join(TMP, 'small')
    os.makedirs(place)
    inside = ['unshare', '-m' if os.geteuid() == 0 else '-Urm', 'sh', '-c',
              'mount -t tmpfs -o size=1500k none "$0" || exit 77; cd "$0" && exec "$@"', place]
    if subprocess.run([*inside, 'true'], capture_output=True).returncode:
        print('# a small disk cannot be had here')
        return
    srv = Server(lambda h: h.send(b''.join(b'goroutine %d [select]:\nmain.f%s()\n\t/src/%s.go:1 +0x1d\n\n' %
                                           (i, os.urandom(30).hex().encode(), os.urandom(30).hex().encode()) for i in range(1, 4000))))
    p = subprocess.Popen([*inside, GSCRAPE, '--scrape', '-q', '--interval', '100ms', srv.host], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
                         text=True)
    atexit.register(p.kill)
    told, end = {}, time.monotonic() + BOUND
    while len(told) < 2 and time.monotonic() < end:
        line = p.stderr.readline()
        assert line, 'it ended'
        m = re.search(r' (archive|store): .*: (.*)$', line)
        if m:
            told[m[1]] = m[2]
    p.terminate()
    p.wait(BOUND)
    assert told == {'archive': 'the disk is full', 'store': 'the disk is full'}, told


def retention():
    """--retain drops what is older from archive and store alike"""
    srv = good()
    s = Scraper('retain', '--interval', '100ms', '--retain', '1s', srv.host)
    first = until(lambda: files('retain'), 'the first file')[0]
    until(lambda: not os.path.exists(first), 'its end')
    assert files('retain'), 'all went'
    begin = s.of(srv.host)[0]['time']
    until(lambda: (rows('retain', '--stats') or [{'time': 0}])[0]['time'] > begin, 'the same in the store')
    assert s.stop() == 0 and not s.errors, s.errors


def retention_by_size():
    """--retain-size keeps the archive below the size, oldest first out"""
    srv = Server(lambda h: h.send(dump(3) + os.urandom(15000).hex().encode() + b'\n'))
    s = Scraper('size', '--interval', '50ms', '--retain-size', '200kB', srv.host)
    first = until(lambda: files('size'), 'the first file')[0]
    until(lambda: not os.path.exists(first), 'its end')
    until(lambda: 0 < sum(os.path.getsize(f) for f in files('size') if os.path.exists(f)) < 200000, 'a small archive')
    until(lambda: (files('size') or [first])[-1] > first, 'a later file')
    assert s.stop() == 0 and not s.errors, s.errors


def nobody_reads():
    """a reader that goes away (| head -1) does not end the recording"""
    srv = good()
    r, w = os.pipe()
    os.makedirs(os.path.join(TMP, 'head'))
    p = subprocess.Popen([GSCRAPE, '--scrape', '--interval', '50ms', srv.host], stdout=w, stderr=subprocess.DEVNULL,
                         stdin=subprocess.DEVNULL, cwd=os.path.join(TMP, 'head'))
    os.close(w)
    atexit.register(p.kill)
    try:
        assert os.read(r, 1)
        os.close(r)
        n = len(files('head'))
        until(lambda: len(files('head')) > n + 5, 'more files')
        p.terminate()
        assert p.wait(BOUND) == 0
    finally:
        p.kill()


def plain_lines():
    """in a pipe: one plain line per event, failures on standard error"""
    srv, bad = good(3), Server(lambda h: h.send(b'no', 500))
    s, code = once('plain', srv.host, bad.host, json_out=False)
    assert code == 1
    assert len(s.events) == 1 and re.fullmatch(r'[-0-9]{10} [:0-9]{8} %s ok 3 goroutines, \d+ B, \d+ ms' % srv.host, s.events[0])
    assert len(s.errors) == 1 and ' %s failed: HTTP 500 "no"' % bad.host in s.errors[0], s.errors


def the_unit():
    """the command line of contrib/systemd/gscrape-tui.service works"""
    srv = good()
    unit = open(os.path.join(TOP, 'contrib/systemd/gscrape-tui.service')).read().replace('\\\n', ' ')
    args = re.search(r'^ExecStart=\S+ (.*)$', unit, re.M).group(1).split()
    path = os.path.join(TMP, 'unit.json')
    replace_file(path, json.dumps([group(srv.host)]))
    args = [path if a.endswith('targets.json') else a.replace('%S', os.path.join(TMP, 'state')) for a in args]
    os.makedirs(os.path.join(TMP, 'state/gscrape-tui'))
    p = subprocess.run([GSCRAPE, *args, '--once'], capture_output=True, text=True, timeout=BOUND)
    assert (p.returncode, p.stdout, p.stderr) == (0, '', ''), p  # the journal is for what failed
    host, = rows('.', '--hosts', '--db', os.path.join(TMP, 'state/gscrape-tui/gscrape.db'))
    assert host['goroutines_last'] == 5, host


run([a_slow_target, back_off, a_targets_file, other_labels, hosts_in_groups, shards, wrong_starts, duplicates, names_stay_inside, signals, told_twice, full_disk, replaced, no_room, retention, retention_by_size,
     nobody_reads, plain_lines, the_unit])
