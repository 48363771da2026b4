# SPDX-License-Identifier: MIT
"""gscrape's own answers, against ours on the snapshots that tests/data has of the same recordings.

Differences that are wanted, and nothing else:
 1. `k` has no arguments: ours writes every call as f(...); gscrape writes f(), f(..., {...}) and so on.
 2. `k` has no blank at the end of a line (gscrape leaves one where it cut "+0x1a" off).
 3. Ids that lived in two processes of a host are two goroutines; gscrape merges them. The newest is told, unless
    `epoch` or `at` ask for another.
 4. Children are in the order of their numbers; gscrape's order is a map's.
 5. No children are [], as are no hosts; gscrape's are null or [].
"""
import glob, gzip, os, sys, urllib.parse
sys.path.insert(0, os.path.dirname(__file__))
from server import *

s = Server(index(TOP + '/tests/data/series'))
golden = [json.load(gzip.open(f)) for f in sorted(glob.glob(TOP + '/tests/data/gweb/*.json.gz'))]
kept = {h['host'].replace(':', '_'): set(t // 1000 for t in s.json(f'/api/v1/snapshots?host={h["host"]}&as=columns&limit=100000')['time']) for h in s.json('/api/v1/hosts')}
restart = {'127.0.0.1_2019': 1795450481, '127.0.0.1_2379': 1795450800, '127.0.0.1_9091': 1795450985}  # between two lives


def no_args(k):
    """A stack without what stands in a call's own parentheses, and without blanks at line ends."""
    out = []
    for line in k.split('\n'):
        line = line.rstrip()
        if line.endswith(')') and not line.startswith('created by '):
            depth = 0
            for i in range(len(line) - 1, -1, -1):
                depth += (line[i] == ')') - (line[i] == '(')
                if depth == 0:
                    line = line[:i]
                    break
        out.append(line)
    return '\n'.join(out)


def of(g):
    q = urllib.parse.parse_qs(urllib.parse.urlsplit(g['path']).query)
    return q['host'][0], q['id'][0]


def lives(host, id):
    """The entries of each life of an id, and how many lives it has."""
    out, epochs = [], 0
    for epoch in (1, 2):
        status, _, body = s.ask(f'/api/goroutine?host={host}&id={id}&epoch={epoch}')
        if status == 200:
            epochs += 1
            out += json.loads(body)['e']
    return out, epochs


kinds = {k: [g for g in golden if g['kind'] == k] for k in ('hosts', 'goroutine', 'children', 'search', 'stats')}
ok(all(kinds.values()) and len(golden) >= 60, 'there is something to compare with', {k: len(v) for k, v in kinds.items()})
ours = s.json('/api/hosts')
same([h for h in kinds['hosts'][0]['answer'] if h not in ours], [], 'hosts: names as gscrape writes them')

for g in kinds['stats']:
    mine = {x['host']: x for x in s.json('/api/stats')}
    for x in g['answer']:
        want = [(t, c) for t, c in zip(x['timestamps'], x['counts']) if t in kept[x['host']]]
        m = mine[x['host']]
        same((sorted(m), list(zip(m['timestamps'], m['counts']))), (['counts', 'host', 'timestamps'], want), f'stats: {x["host"]}')

compared = twice = 0
wrong = []
for g in kinds['goroutine']:
    host, id = of(g)
    want = [dict(e, k=no_args(e['k'])) for e in g['answer']['e'] if e['t'] in kept[host]]
    got, epochs = lives(host, id)
    got = [dict(e, k=no_args(e['k'])) for e in got]
    compared += len(want)
    twice += epochs > 1
    if got != want:
        wrong.append((host, id, [x for x in zip(got, want) if x[0] != x[1]][:1] or (len(got), len(want))))
same(wrong, [], f'goroutine: {compared} entries, the same fields, types and values')
ok(compared >= 100, 'and these are not few', compared)
ok(twice >= 3, 'with ids that lived twice among them: both lives together are what gscrape merged', twice)
merged = s.json('/api/goroutine?host=127.0.0.1_2019&id=1')['e']
ok(merged and min(e['t'] for e in merged) > restart['127.0.0.1_2019'], 'but they are two: the newest is told (difference 3)')

wrong, seen = [], 0
for g in kinds['children']:
    host, id = of(g)
    status, _, body = s.ask(f'/api/children?host={host}&id={id}')
    if status == 404:  # in none of the kept snapshots
        continue
    want = {c['id']: c for c in g['answer'] or []}
    got = {c['id']: c for c in json.loads(body)}
    seen += len(got)
    for i, c in got.items():
        g = want.get(i)
        merged = g and g['first'] < restart.get(host, 0) <= g['last']  # gscrape tells one life's name, and the times of both
        if not g or [type(c[k]) for k in sorted(c)] != [type(g[k]) for k in sorted(g)] or not g['first'] <= c['first'] <= c['last'] <= g['last'] \
                or (c['funcs'] != g['funcs'] and not merged):
            wrong.append((host, id, c, g))
same(wrong, [], f'children: {seen} of them, the same names and types')
ok(seen >= 40, 'and these are not few', seen)
same(s.ask('/api/children?host=127.0.0.1_6060&id=45')[2].strip(), b'[]', 'no children are [] (difference 5)')

wrong = []
for g in kinds['search']:
    host, id = of(g)
    got = {x['id']: x for x in s.json(f'/api/search?host={host}&id={id}&limit=100000')}
    for x in g['answer']:
        if x['id'] in got and (sorted(x) != sorted(got[x['id']]) or not isinstance(got[x['id']]['id'], str) or got[x['id']]['count'] > x['count']
                               or got[x['id']]['first'] < x['first'] or got[x['id']]['last'] > x['last']):
            wrong.append((host, x, got[x['id']]))
        if x['id'] not in got and any(x['first'] == t or x['last'] == t for t in kept[host]):
            wrong.append((host, x, None))
same(wrong, [], 'search: the same fields and types, and within what gscrape saw')
status, headers, body = s.ask('/api/search?host=127.0.0.1_6060&id=1')
ids = [x['id'] for x in json.loads(body)]
same((len(ids), ids), (100, sorted(ids)), 'search: the first hundred in the order of text')
ok(int(headers['X-Total-Count']) > 100, 'and a header says that there are more')
same(len(s.json('/api/search?host=127.0.0.1_6060&id=1&limit=100000')), int(headers['X-Total-Count']), 'all of them, when asked for')
ok(all('1' in i for i in ids) and any(x['id'][0] != '1' for x in s.json('/api/search?host=127.0.0.1_9091&id=1&limit=1000')), 'digits anywhere in the number')
same(s.stop(), 0, 'the end')
finish()
