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


if __name__ == '__main__':
    print('\n'.join(sorted(globals()[sys.argv[1]](*sys.argv[2:]))))
