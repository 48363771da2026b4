# SPDX-License-Identifier: MIT
"""An API server of Kubernetes as far as pods go: list in pages, watch with bookmarks, versions that are too old, errors, and the pod
proxy. Its answers have the form of a real one's (tests/data/kubernetes), by the API's reference."""
import os
import sys
import urllib.parse
sys.path.insert(0, os.path.dirname(__file__))
from lib import *

DATA = os.path.join(TOP, 'tests', 'data', 'kubernetes')


def recorded(name):
    with open(os.path.join(DATA, name), 'rb') as f:
        return f.read()


def pod(name, ip='127.0.0.1', port=None, phase='Running', ns='prod', labels=None, owner=None, ports=(), side_car=(), annotation=None, node='node-1'):
    meta = {'name': name, 'namespace': ns, 'labels': labels or {}}
    if annotation or port:
        meta['annotations'] = {'gscrape.io/port': str(annotation or port)}
    if owner:
        meta['ownerReferences'] = [{'apiVersion': 'apps/v1', 'kind': owner[0], 'name': owner[1], 'controller': True}]

    def of(ports):
        return [{'name': n, 'containerPort': p, 'protocol': 'TCP'} for n, p in ports]
    spec = {'nodeName': node, 'containers': [{'name': 'sh'}, {'name': 'main', 'ports': of(ports)}]}
    if side_car:
        spec['initContainers'] = [{'name': 'side', 'restartPolicy': 'Always', 'ports': of(side_car)}]
    status = {'phase': phase}
    if ip:
        status['podIP'] = ip
    return {'metadata': meta, 'spec': spec, 'status': status}


def passes(selector, labels):
    """'a=b', 'a in (b,c)': as many of them as stand there."""
    for part in re.findall(r'[^,(]+\([^)]*\)|[^,]+', selector):
        found = re.fullmatch(r'\s*(\S+)\s+in\s+\(([^)]*)\)\s*', part)
        key, values = (found[1], found[2].split(',')) if found else part.split('=')[0::1][:1] + [part.split('=')[1:]]
        if labels.get(key) not in values:
            return False
    return True


class ApiServer:
    def __init__(self, *pods, token=None, tls=None, page=None):
        self.cond = threading.Condition()
        self.version, self.oldest = 100, 0  # watches from before `oldest` are refused
        self.pods, self.log = {}, []        # log: (version, event)
        self.token, self.page = token, page
        self.refuse = None                  # (status, body) for lists and watches
        self.expire_pages = 0               # so many pages behind a first one are too old
        self.gone_by_status = False
        self.watches, self.lists, self.ended = [], [], 0  # what was asked
        self.raw_watch = None               # bytes, in place of events
        self.users = set()
        for p in pods:
            self.put(p)
        self.server = Server(self.answer, tls=tls)
        self.url = '%s://127.0.0.1:%d' % ('https' if tls else 'http', self.server.port)

    # --- what happens in the cluster

    def event(self, kind, obj):
        self.version += 1
        obj = json.loads(json.dumps(obj))
        obj['metadata']['resourceVersion'] = str(self.version)
        self.log.append((self.version, {'type': kind, 'object': dict(obj, kind='Pod', apiVersion='v1')}))
        self.cond.notify_all()
        return obj

    def put(self, p):
        with self.cond:
            key = p['metadata']['namespace'], p['metadata']['name']
            self.pods[key] = self.event('MODIFIED' if key in self.pods else 'ADDED', p)

    def delete(self, name, ns='prod'):
        with self.cond:
            self.event('DELETED', self.pods.pop((ns, name)))

    def bookmark(self):
        with self.cond:
            self.version += 1
            self.log.append((self.version, {'type': 'BOOKMARK', 'object': {'kind': 'Pod', 'apiVersion': 'v1', 'metadata': {
                'resourceVersion': str(self.version), 'creationTimestamp': None}, 'spec': {'containers': None}, 'status': {}}}))
            self.cond.notify_all()

    def end_watches(self):
        with self.cond:
            self.ended += 1
            self.cond.notify_all()

    def forget(self):
        """What happened until now cannot be watched any more."""
        with self.cond:
            self.oldest = self.version + 1
            self.version += 1
            self.ended += 1
            self.cond.notify_all()

    # --- what is asked

    def answer(self, h):
        url = urllib.parse.urlsplit(h.path)
        query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        self.users.add(h.headers.get('Authorization'))
        if self.token and h.headers.get('Authorization') != 'Bearer ' + self.token:
            return self.status(h, 401, recorded('unauthorized.json'))
        if self.refuse:
            return self.status(h, *self.refuse)
        if '/proxy/' in url.path:
            return self.proxy(h, url.path)
        found = re.fullmatch(r'/api/v1/(?:namespaces/([^/]+)/)?pods', url.path)
        if not found:
            return self.status(h, 404, b'404 page not found\n')
        if query.get('watch') == '1':
            return self.watch(h, found[1], query)
        self.list(h, found[1], query)

    def status(self, h, code, body):
        h.send(body, code, Content_Type='application/json')

    def proxy(self, h, path):
        ns, name, port = re.match(r'/api/v1/namespaces/([^/]+)/pods/([^/:]+):(\d+)/proxy/', path).groups()
        h.send(dump(7) if (ns, name) in self.pods else b'no', 200 if (ns, name) in self.pods else 404)

    def match(self, p, ns, query):
        return (ns is None or p['metadata']['namespace'] == ns) and passes(query.get('labelSelector', ''), p['metadata'].get('labels', {}))

    def list(self, h, ns, query):
        with self.cond:
            self.lists.append(query)
            if query.get('continue') and self.expire_pages:
                self.expire_pages -= 1
                return self.status(h, 410, recorded('gone-list.json'))
            items = [p for _, p in sorted(self.pods.items()) if self.match(p, ns, query)]
            limit, at = self.page or int(query['limit']), int(query.get('continue') or 0)
            meta = {'resourceVersion': str(self.version)}
            if at + limit < len(items):
                meta.update({'continue': str(at + limit), 'remainingItemCount': len(items) - at - limit})
            body = json.dumps({'kind': 'PodList', 'apiVersion': 'v1', 'metadata': meta, 'items': items[at:at + limit]})
        self.status(h, 200, body.encode())

    def chunk(self, h, data):
        h.wfile.write(b'%x\r\n%s\r\n' % (len(data), data))
        h.wfile.flush()

    def watch(self, h, ns, query):
        since = int(query['resourceVersion'])
        with self.cond:
            self.watches.append(query)
            ended, old = self.ended, since < self.oldest
        if old and self.gone_by_status:
            return self.status(h, 410, recorded('gone-list.json'))
        h.send_response(200)
        h.send_header('Content-Type', 'application/json')
        h.send_header('Transfer-Encoding', 'chunked')
        h.end_headers()
        if self.raw_watch is not None or old:
            self.chunk(h, recorded('gone-watch.jsonl') if old else self.raw_watch)
            h.wfile.write(b'0\r\n\r\n')
            return
        while True:
            with self.cond:
                self.cond.wait_for(lambda: self.ended != ended or self.log and self.log[-1][0] > since)
                events = [e for v, e in self.log if v > since]
                over = self.ended != ended
                since = max([since] + [v for v, _ in self.log])
            text = b''.join(json.dumps(e).encode() + b'\n' for e in events
                            if e['type'] == 'BOOKMARK' or self.match(e['object'], ns, query))
            half = len(text) // 2  # events do not end where packets do
            for part in (text[:half], text[half:]):
                if part:
                    self.chunk(h, part)
            if over:
                h.wfile.write(b'0\r\n\r\n')
                return
