# SPDX-License-Identifier: MIT
"""What the text of dumps says, read without the program: a plain parser, and the answers that t_insight.sh compares with.

    dumps.py diff|waiters|lives|profile|callers ARCHIVE_FOLDER ARGUMENT...    lines, sorted
"""
import calendar, glob, gzip, os, re, sys, time
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
    def site(self):
        return '%s %s' % self.created if self.created else '(no creation site)'

    @property
    def top(self):
        for func, _, _ in self.frames:
            if re.split(r'[/.(]', func)[0] not in STANDARD:
                return func
        return self.frames[-1][0]


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


if __name__ == '__main__':
    print('\n'.join(sorted(globals()[sys.argv[1]](*sys.argv[2:]))))
