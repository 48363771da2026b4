# SPDX-License-Identifier: MIT
"""What the text of dumps says, read without the program: a plain parser, and the answers that t_insight.sh compares with.

    diff|waiters|lives|profile|callers|had|functions FOLDER ARGUMENT...

Each line of standard input is a question, its words with \\x1f between; the answer is lines, sorted, and one of \\x1e alone.
"""
import calendar, functools, glob, gzip, os, re, sys, time
from collections import Counter, defaultdict

HEAD = re.compile(r'^goroutine (\d+) \[([^\],]*)')
STANDARD = ('archive bufio bytes cmp compress container context crypto database debug embed encoding errors expvar flag fmt go hash '
            'html image index internal io iter log maps math mime net os path plugin reflect regexp runtime slices sort strconv '
            'strings structs sync syscall testing text time unicode unique unsafe vendor weak panic').split()


class Goroutine:
    def __init__(self, number, state):
        self.id, self.state, self.frames, self.created = number, state, [], None  # frames: (function, place, arguments)

    @property
    def stack(self):
        return tuple(f[:2] for f in self.frames), self.created

    @property
    def root(self):
        frames = [f[0] for f in self.frames]
        for before in ('runtime.goexit', 'runtime.main'):  # what the runtime puts there
            if len(frames) > 1 and frames[-1] == before:
                frames.pop()
        return frames[-1]

    @property
    def site(self):
        return '%s %s' % self.created if self.created else '%s (root)' % self.root

    @property
    def top(self):
        for func, _, _ in self.frames:
            if re.split(r'[/.(]', func)[0] not in STANDARD:
                return func
        return self.root


def parse(text):
    out, g, pending = {}, None, None
    for line in text.split('\n'):
        head = HEAD.match(line)
        if head:
            g = out[int(head[1])] = Goroutine(int(head[1]), head[2])
        elif g is None or not line or line.startswith('...'):
            g = None if not line else g
        elif line.startswith('\t'):
            place = line[1:].split(' +0x')[0]
            if pending[0] == 'created':
                g.created = (pending[1], place)
            else:
                g.frames.append((pending[1], place, pending[2]))
        elif line.startswith('created by '):
            pending = ('created', line[len('created by '):].split(' in goroutine ')[0].replace('%2e', '.'))
        else:
            call = re.match(r'^(.*)\((.*?)\)$', line)
            pending = ('call', call[1].replace('%2e', '.'), call[2])
    return out


@functools.cache
def snapshots(folder):
    """[(ms, {id: Goroutine})] in order of time"""
    out = []
    for path in sorted(glob.glob(os.path.join(folder, '*.goroutines.txt.gz'))):
        name = os.path.basename(path)[:19]
        with gzip.open(path, 'rt') as f:
            out.append((calendar.timegm(time.strptime(name, '%Y-%m-%dT%H-%M-%S')) * 1000, parse(f.read())))
    return out


def at(shots, t):
    return [s for s in shots if s[0] <= t][-1] if shots[0][0] <= t else shots[0]


KEYS = {'created-by': lambda g: g.site, 'top': lambda g: g.top, 'state': lambda g: g.state, 'stack': lambda g: g.stack}


def diff(folder, start, end, by, restarted='no'):
    """NET FROM TO BORN GONE NEW... | GROUP; a stack's name is its leaf"""
    shots, key = snapshots(folder), KEYS[by]
    was, now = [{g.id: key(g) for g in at(shots, int(t))[1].values()} for t in (start, end)]
    for k in set(was.values()) | set(now.values()):
        a, b = {i for i in was if was[i] == k}, {i for i in now if now[i] == k}
        stayed = set() if restarted == 'yes' else a & b
        if a - stayed or b - stayed:
            first = {i: min(t for t, s in shots if i in s and (restarted != 'yes' or t > int(start))) for i in b - stayed}
            name = '%s %s' % k[0][0] if by == 'stack' else k
            yield '%d %d %d %d %d %s | %s' % (len(b) - len(a), len(a), len(b), len(b - stayed), len(a - stayed),
                                              ','.join(map(str, sorted(first, key=lambda i: (first[i], i))[:20])), name)


WAIT = {'sync.(*Mutex).lockSlow': 'sync.Mutex', 'internal/sync.(*Mutex).lockSlow': 'sync.Mutex', 'sync.(*Mutex).Lock': 'sync.Mutex',
        'sync.(*RWMutex).RLock': 'sync.RWMutex', 'sync.(*RWMutex).Lock': 'sync.RWMutex', 'sync.(*WaitGroup).Wait': 'sync.WaitGroup',
        'sync.runtime_notifyListWait': 'sync.Cond', 'sync.(*Cond).Wait': 'sync.Cond',
        'internal/poll.runtime_pollWait': 'network descriptor'}


def waits_for(g):
    """(address, kind) or None"""
    if g.state in ('running', 'runnable', 'preempted'):
        return None
    for func, _, arguments in g.frames[:8]:
        word = re.match(r'0x([0-9a-f]+)([^?0-9a-f]|$)', arguments)
        if func in WAIT and word and int(word[1], 16):
            return int(word[1], 16), WAIT[func]
    return None


def waiters(folder, start, end):
    """COUNT KIND ADDRESS LONGEST OLDEST_SINCE HANDED_OVER; all of one process. The oldest may have come before the window."""
    shots = [(t, {g.id: waits_for(g) for g in s.values() if waits_for(g)}) for t, s in snapshots(folder) if t <= int(end)]
    for address, kind in set(shots[-1][1].values()):
        queues = [(t, {i for i in s if s[i][0] == address}) for t, s in shots]
        since = []
        for i in queues[-1][1]:
            n = len(queues) - 1
            while n and i in queues[n - 1][1]:
                n -= 1
            since.append(queues[n][0])
        queues = [x for x in queues if x[0] >= int(start)]
        handed = sum(len(a[1] - b[1]) for a, b in zip(queues, queues[1:]))
        yield '%d %s 0x%x %d %d %d' % (len(queues[-1][1]), kind, address, max(len(s) for _, s in queues), min(since), handed)


FAMILIES = [('chan ', 'chan'), ('select', 'select'), ('IO wait', 'io'), ('run', 'running'), ('preempted', 'running'), ('sleep', 'sleep'),
            ('sync.WaitGroup', 'wait'), ('sync.Cond', 'wait'), ('sync.', 'lock'), ('syscall', 'syscall'), ('', 'runtime')]


def family(g):
    return next(f for head, f in FAMILIES if g.state.startswith(head))


def processes(folder, restarts):
    """snapshots of one process after the other; restarts: times between two of them, by commas"""
    out, cuts = [[]], [int(t) for t in restarts.split(',') if t]
    for t, s in snapshots(folder):
        while cuts and t > cuts[0]:
            cuts.pop(0)
            out.append([])
        out[-1].append((t, s))
    return out


def kaplan_meier(lifetimes):
    """lifetimes: (ms, ended). By distinct times, as in the books."""
    share = 1.0
    for t in sorted({ms for ms, _ in lifetimes}):
        at_risk = sum(ms >= t for ms, _ in lifetimes)
        share *= 1 - sum(ms == t and ended for ms, ended in lifetimes) / at_risk
        if share <= 0.5 + 1e-9:
            return t
    return None


def lives(folder, start, end, by, restarts=''):
    """before births deaths killed alive births/min deaths/min ended censored p50 p90 p99 max median oldest samples families | GROUP"""
    key, start, end = KEYS[by], int(start), int(end)
    runs = [[s for s in p if s[0] <= end] for p in processes(folder, restarts)]
    runs = [p for p in runs if p]
    groups = defaultdict(lambda: dict(before=0, births=0, deaths=0, killed=0, alive=0, times=[], oldest=None, families=Counter()))
    for number, shots in enumerate(runs):
        for t, s in shots:
            for g in s.values():
                if t >= start:
                    groups[key(g)]['families'][family(g)] += 1
        for i in {i for _, s in shots for i in s}:
            where = [key(s[i]) if i in s else None for _, s in shots]
            at = 0
            while at < len(shots):
                n = at
                while n + 1 < len(shots) and where[n + 1] == where[at]:
                    n += 1
                if where[at] is not None and shots[n][0] >= start:
                    x = groups[where[at]]
                    born = at > 0 and shots[at][0] >= start
                    ended = n + 1 < len(shots)
                    alive = not ended and number + 1 == len(runs)
                    x['births' if born else 'before'] += 1
                    x['deaths' if ended else 'alive' if alive else 'killed'] += 1
                    if born:
                        x['times'].append((shots[n][0] - shots[at][0], ended))
                    if alive and (x['oldest'] is None or shots[at][0] < x['oldest']):
                        x['oldest'] = shots[at][0]
                at = n + 1
    times = [t for p in runs for t, _ in p if t >= start]
    minutes = (times[-1] - times[0]) / 60000
    for k, x in groups.items():
        ended = sorted(ms for ms, e in x['times'] if e)
        rank = lambda p: ended[-(-len(ended) * p // 100) - 1] if ended else None
        samples = sum(x['families'].values())
        yield ' '.join(str(v) for v in [
            x['before'], x['births'], x['deaths'], x['killed'], x['alive'], '%.3f' % (x['births'] / minutes), '%.3f' % (x['deaths'] / minutes),
            len(ended), len(x['times']) - len(ended), rank(50), rank(90), rank(99), rank(100), kaplan_meier(x['times']), x['oldest'], samples,
            ','.join('%s=%.4f' % (f, n / samples) for f, n in sorted(x['families'].items())), '|',
            '%s %s' % k[0][0] if by == 'stack' else k]).replace('None', 'null')


def profile(folder, number, start, end, restarts=''):
    """SAMPLES SHARE STATE | STACK of a goroutine of the newest process"""
    n = Counter()
    for t, s in processes(folder, restarts)[-1]:
        if int(start) <= t <= int(end) and int(number) in s:
            g = s[int(number)]
            n[g.state + ' | ' + ', '.join('%s %s' % f[:2] for f in g.frames)] += 1
    for k, v in n.items():
        yield '%d %.4f %s' % (v, v / sum(n.values()), k)


def callers(folder, func, start, end):
    """from|to SAMPLES SHARE PATH"""
    paths, samples = Counter(), 0
    for t, s in snapshots(folder):
        for g in s.values() if int(start) <= t <= int(end) else ():
            names = [f[0] for f in g.frames]
            if func not in names:
                continue
            samples += 1
            up = names[len(names) - names[::-1].index(func):] + (['created by ' + g.created[0]] if g.created else [])
            paths['from', ' '.join(up[:3])] += 1
            paths['to', ' '.join(names[:names.index(func)][::-1][:3])] += 1
    for (way, path), n in paths.items():
        yield '%s %d %.4f %s' % (way, n, n / samples, path)


def had(folder, func, restarts=''):
    """EPOCH ID FIRST LAST SNAPSHOTS of each goroutine with the function on its stack"""
    for epoch, shots in enumerate(processes(folder, restarts), 1):
        seen = defaultdict(list)
        for t, s in shots:
            for g in s.values():
                if func in [f[0] for f in g.frames]:
                    seen[g.id].append(t)
        for i, times in seen.items():
            yield '%d %d %d %d %d' % (epoch, i, times[0], times[-1], len(times))


def functions(folder):
    """STACKS AT-THE-END FUNCTION"""
    shots, stacks = snapshots(folder), defaultdict(set)
    for _, s in shots:
        for g in s.values():
            for f in g.frames:
                stacks[f[0]].add(g.stack)
    now = Counter(name for g in shots[-1][1].values() for name in {f[0] for f in g.frames})
    for name, of in stacks.items():
        yield '%d %d %s' % (len(of), now[name], name)


if __name__ == '__main__':
    for line in sys.stdin:
        question, *words = line.rstrip('\n').split('\x1f')
        print(*sorted(globals()[question](*words)), '\x1e', sep='\n', flush=True)
