# SPDX-License-Identifier: MIT
"""What the detector says of recorded stories, against what is known of them."""
import concurrent.futures, datetime, json, os, subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
GSCRAPE = os.path.abspath(os.environ.get('GSCRAPE', os.path.join(HERE, '../../gscrape-tui')))
HITS = 0.95  # of the leaks must be named


def environment(**more):
    """Without what somebody may have set up for the program."""
    own = {k: v for k, v in os.environ.items() if not k.startswith('GSCRAPE')}
    return dict(own, XDG_CONFIG_HOME=os.devnull, TZ='UTC', **more)


def ask(db, *args):
    r = subprocess.run([GSCRAPE, *args, '--json', '--db', db], capture_output=True, text=True, timeout=120, env=environment())
    if r.returncode != 0:
        raise RuntimeError('%s --db %s: %s' % (' '.join(args), db, r.stderr.strip()))
    return [json.loads(line) for line in r.stdout.splitlines()]


def iso(ms):
    return datetime.datetime.fromtimestamp(ms / 1000, datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%S.') + '%03dZ' % (ms % 1000)


class Case:
    """One recorded story: a line of list.txt and its store."""

    def __init__(self, folder, line):
        self.name, kind, sites, places, self.about = line.rstrip('\n').split('\t')
        self.leaks, self.sites, self.places = kind == 'leaks', sites.split(','), places.split(',')
        self.db = os.path.join(folder, self.name + '.db')

    def made(self, created_by):
        """By one of the right sites; one that ends in an asterisk is the beginning of several."""
        name = created_by or ''  # the main goroutine's
        return any(name == s or s.endswith('*') and name.startswith(s[:-1]) for s in self.sites)

    def right(self, row):
        return self.made(row['created_by']) and any(p in row['function'] for p in self.places)

    def suspects(self, *args):
        return ask(self.db, '--leaks', *args)

    def named(self, rows):
        return bool(rows) and rows[0]['verdict'] in ('watch', 'leak') and self.right(rows[0])

    def gathered(self, end):
        """The snapshots, up to number `end` of the story, in which each of those was there that are at the place then."""
        time, epoch = self.snapshots[end]['time'], self.snapshots[end]['epoch']
        here = {g['id'] for g in ask(self.db, '--goroutines', '--group-by', 'none', '--at', iso(time))
                if self.made(g['created_by'])}
        stays = {}
        for place in (p for p in self.places if any(f.startswith(p) for f in self.functions)):
            for g in ask(self.db, '--query', '^' + place):
                if g['epoch'] == epoch and g['last'] == time and g['id'] in here:
                    stays[g['id']] = max(g['snapshots'], stays.get(g['id'], 0))
        return stays.values()

    def leaked(self):
        """For each snapshot how many of those that are at the place when the process ends, and weren't at its beginning, were
        there."""
        counts, n = [], 0
        for epoch in sorted({s['epoch'] for s in self.snapshots}):
            length = sum(s['epoch'] == epoch for s in self.snapshots)
            n += length
            stays = self.gathered(n - 1)
            counts += [sum(length > s >= length - i for s in stays) for i in range(length)]
        return counts

    def judge(self, course):
        """The verdict at the end and, where `course` is set, after each snapshot."""
        self.snapshots = [s for s in ask(self.db, '--stats') if s['status'] == 'ok']
        self.times = [s['time'] for s in self.snapshots]
        self.functions = [f['func'] for f in ask(self.db, '--list-funcs')]
        self.rows = self.suspects()
        self.top = self.rows[0] if self.rows else None
        self.hit = self.leaks and self.named(self.rows)
        loud = [r for r in self.rows if r['verdict'] == 'leak']
        self.false_alarm = not self.leaks and bool(loud)
        self.watch = not self.leaks and not loud and any(r['verdict'] == 'watch' for r in self.rows)
        self.stray = self.leaks and any(not self.right(r) for r in loud)
        self.visible = self.first = self.lasting = self.ever = None
        if self.leaks:
            self.visible = next((i for i, c in enumerate(self.leaked()) if c >= 3), None)
        if course:
            self.follow()
        return self

    def follow(self):
        then = [self.suspects('--to', iso(t)) for t in self.times]
        if self.leaks:
            named = [self.named(rows) for rows in then]
            self.first = next((i for i, x in enumerate(named) if x), None)
            self.lasting = next((i for i in range(len(named)) if all(named[i:])), None)
        else:
            self.ever = [i + 1 for i, rows in enumerate(then) if any(r['verdict'] == 'leak' for r in rows)]

    def result(self):
        if self.leaks:
            return ('hit' if self.hit else 'miss') + (', stray' if self.stray else '')
        return 'FALSE ALARM' if self.false_alarm else 'watch' if self.watch else 'quiet'

    def took(self, at):
        """Snapshots from the first in which three had leaked to the one that named it; 0 or less: it was named at once."""
        return None if at is None or self.visible is None else at - self.visible


def judge(folder, course=False):
    """All the recordings in a folder."""
    with open(os.path.join(folder, 'list.txt')) as f:
        cases = [Case(folder, line) for line in f]
    cases = [c for c in cases if os.path.exists(c.db)]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda c: c.judge(course), cases))


def enough(cases):
    leaks = [c for c in cases if c.leaks]
    return sum(c.hit for c in leaks) >= HITS * len(leaks) and not any(c.false_alarm for c in cases)
