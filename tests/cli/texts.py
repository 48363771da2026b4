# SPDX-License-Identifier: MIT
"""texts.py PROGRAM FOLDER: --parse of each text in FOLDER against NAME.json beside it; what a large text costs. TAP lines.

NAME.json: ids, states, frames (leaf first: function, file, line; null: not looked at), created, parents; or "refuse": true;
or "grouped": how many goroutines a profile without identities holds.
"""
import json, os, resource, subprocess, sys, zlib

program, folder = sys.argv[1:3]
number = 0


def ok(what, why=None):
    global number
    number += 1
    print('%sok %d - %s%s' % ('not ' if why else '', number, what, '\n# %s' % why if why else ''), flush=True)


def parse(path):
    p = subprocess.run([program, '--parse', path], capture_output=True, timeout=60)
    return p.returncode, [json.loads(line) for line in p.stdout.decode(errors='replace').splitlines()], p.stderr.decode(errors='replace')


def difference(want, rc, out, err):
    """What is not as it should be, or None."""
    if want.get('refuse'):
        return None if rc == 1 and not out and len(err.splitlines()) == 1 else 'not refused: %r' % ((rc, out, err),)
    if rc:
        return 'status %d: %s' % (rc, err)
    if 'grouped' in want:
        got = sum(g.get('count', 0) for g in out), any('id' in g for g in out)
        return None if got == (want['grouped'], False) else 'groups of %r' % (got,)
    created = [g.get('created_by', {}) for g in out]
    got = {'ids': [g['id'] for g in out], 'states': [g['state'] for g in out], 'created': [c.get('func') for c in created],
           'parents': [c.get('goroutine', 0) for c in created],
           'frames': [[[f['func'], f.get('file'), f.get('line')] for f in g['frames']] for g in out]}
    got['frames'] = [None if w is None else f for f, w in zip(got['frames'], want['frames'])] + got['frames'][len(want['frames']):]
    for key, value in got.items():
        if value != want[key]:
            return '%s: %r' % (key, value)


for name in sorted(os.listdir(folder)):
    path = os.path.join(folder, name)
    if os.path.exists(path + '.json'):
        with open(path + '.json') as f:
            want = json.load(f)
        ok(name, difference(want, *parse(path)))

DUMP = 'goroutine 7 [select]:\nmain.f()\n\t/src/a.go:1 +0x1\ncreated by main.main in goroutine 1\n\t/src/a.go:9 +0x2\n'


def large(what, pieces, goroutines):
    """Written to standard input, never whole in memory; what the program needed of it."""
    p = subprocess.Popen([program, '--parse', '-'], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    if os.fork() == 0:
        p.stdout.close()
        for piece in pieces:
            p.stdin.write(piece)
        p.stdin.flush()
        os._exit(0)
    p.stdin.close()
    got = sum(1 for _ in p.stdout)
    p.wait()
    os.wait()
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024  # of the largest child so far
    ok(what, None if got == goroutines else '%d goroutines' % got)
    ok('... in little memory', None if peak < 100 or 'asan' in program else '%d MB' % peak)


line = b'2026/11/23 10:00:00 GET /orders/12 200, a goroutine of the pool, goroutine 12 started\n' * 12000
large('a log of 160 MB around one dump', [line] * 80 + [DUMP.encode()] + [line] * 80, 1)


def gzipped(pieces):
    z = zlib.compressobj(1, wbits=31)
    for piece in pieces:
        yield z.compress(piece)
    yield z.flush()


large('the same compressed', gzipped([line] * 80 + [DUMP.encode()] + [line] * 80), 1)
large('a string of 100 MB in JSON', [b'{"level":"error","stack":"'] + [b'x' * (1 << 20)] * 50 + [json.dumps('\n' + DUMP)[1:-1].encode()] +
      [b'\\ny' * (1 << 19)] * 33 + [b'"}\n'], 1)
large('a line of 100 MB with no end', [b'goroutine 1 [ ' * 70000] * 100, 0)
