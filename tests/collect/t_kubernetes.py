# SPDX-License-Identifier: MIT
# needs: openssl
"""Pods as targets: list and watch, what is said of servers and files that do not work, and who learns which secret."""
import base64
import os
import sys
sys.path.insert(0, os.path.dirname(__file__))
from kube import *

HINT = "run 'kubectl proxy' and give --kubernetes=http://127.0.0.1:8001"


def messages(s, what):
    return [e['message'] for e in list(s.events) if what in e.get('message', '')] + [e for e in list(s.errors) if what in e]


def start(where, api, *args, **kw):
    return Scraper(where, '--interval', '100ms', '--namespace', 'prod', '--kubernetes=' + api.url, *args, **kw)


def labels(where):
    return {r['host']: r.get('labels') for r in rows(where, '--hosts')}


def what_was_recorded():
    """a real server's list and watch: names, labels and ports are those of its pods"""
    parts = {'list': recorded('list.json'), 'watch': recorded('watch.jsonl')}
    asked = []
    over = threading.Event()

    def answer(h):
        asked.append(h.path)
        if 'watch=1' not in h.path:
            return h.send(parts['list'])
        if len([a for a in asked if 'watch=1' in a]) == 1:
            return h.send(parts['watch'])
        over.wait(BOUND)
        h.send(b'')
    srv = Server(answer)
    s = Scraper('recorded', '--interval', '100ms', '--namespace', '*', '--kubernetes=http://%s/' % srv.host)
    until(lambda: len([a for a in asked if 'watch=1' in a]) == 2, 'the second watch')
    until(lambda: s.of('web-7d9c6b5f4-ddddd/prod'), 'the pod that began to run')
    over.set()
    assert s.stop() == 0
    assert asked[0] == '/api/v1/pods?labelSelector=&limit=500', asked
    assert 'resourceVersion=234' in asked[1] and 'allowWatchBookmarks=true' in asked[1] and 'resourceVersion=239' in asked[2], asked
    assert {e['host'] for e in s.events if 'host' in e} - {'api-7d9c6b5f4-aaaaa/prod'} == {
        'api-7d9c6b5f4-bbbbb/prod', 'web-7d9c6b5f4-ccccc/prod', 'web-7d9c6b5f4-ddddd/prod', 'api-7d9c6b5f4-eeeee/staging'}
    assert labels('recorded')['web-7d9c6b5f4-ccccc/prod'] == 'deployment=web,namespace=prod,node=node-3,app=web'
    assert 'nothing listens on 127.0.0.13:6061' in str(s.of('web-7d9c6b5f4-ccccc/prod')) or \
        'connection refused' in str(s.of('web-7d9c6b5f4-ccccc/prod')), s.of('web-7d9c6b5f4-ccccc/prod')


def pods_come_and_go():
    """pods that come are recorded, those that go are not asked any more, by the watch alone; it goes on where it was"""
    a, b, c = good(3), good(4), good(5)
    api = ApiServer(pod('api-1', port=a.port, labels={'app': 'api'}, owner=('StatefulSet', 'api')), pod('other', port=c.port, labels={'app': 'db'}),
                    pod('api-9', port=c.port, ns='test', labels={'app': 'api'}))
    s = start('watch', api, '--selector', 'app in (api,web)')
    until(lambda: s.of('api-1/prod') and api.watches, 'the first pod, and the watch')
    api.put(pod('web-1', port=b.port, phase='Pending', ip=None, labels={'app': 'web'}))
    api.put(pod('web-1', port=b.port, labels={'app': 'web', 'topology.kubernetes.io/zone': 'eu-1'}, owner=('Job', 'backup-29401260')))
    until(lambda: s.of('web-1/prod'), 'the second one')
    api.delete('api-1')
    until(lambda: messages(s, 'targets read again: 1'), 'the removal')
    n = len(a.seen)
    api.bookmark()
    at = api.version
    until(lambda: len(s.of('web-1/prod')) > 3, 'more of the second')
    api.end_watches()
    until(lambda: len(api.watches) == 2, 'another watch')
    assert int(api.watches[1]['resourceVersion']) == at, (api.watches, at)
    api.put(pod('api-1', port=a.port, labels={'app': 'api'}))
    until(lambda: len(a.seen) > n + 2, 'the pod that came back')
    assert s.stop() == 0 and not s.errors, s.errors
    assert len(api.lists) == 1 and not c.seen, (api.lists, c.seen)
    assert labels('watch')['web-1/prod'] == 'cronjob=backup,job=backup-29401260,namespace=prod,node=node-1,zone=eu-1,app=web', labels('watch')
    assert api.watches[0]['labelSelector'] == 'app in (api,web)' and 240 <= int(api.watches[0]['timeoutSeconds']) <= 450


def too_old():
    """a version that is too old, told by status or by an event, is a reason to list anew; what ran goes on"""
    for by_status in (False, True):
        a, b = good(3), good(4)
        api = ApiServer(pod('a', port=a.port))
        api.gone_by_status = by_status
        where = 'gone%d' % by_status
        s = start(where, api)
        until(lambda: s.of('a/prod') and api.watches, 'the first pod')
        with api.cond:
            api.pods[('prod', 'b')] = pod('b', port=b.port)  # that nobody heard of
        api.forget()
        until(lambda: s.of('b/prod'), 'the list')
        until(lambda: len(api.watches) >= 3 or len(api.lists) >= 2 and len(api.watches) >= 2, 'a watch again')
        assert s.stop() == 0 and not s.errors, s.errors
        assert a.connections == 1 and len(api.lists) == 2, (a.connections, api.lists)
    a = good(3)
    api = ApiServer(pod('a', port=a.port))
    api.oldest = 10 ** 9
    s = start('always', api)
    until(lambda: messages(s, 'too old to be watched, each time'), 'word of it')
    assert s.stop() == 0 and len(s.errors) == 1, s.errors


def pages():
    """a long list comes in pages; one that is too old before it ends is begun again"""
    servers = [good(2) for _ in range(7)]
    api = ApiServer(*[pod('p-%d' % i, port=x.port) for i, x in enumerate(servers)], page=3)
    api.expire_pages = 1
    s, code = once('pages', '--namespace', 'prod', '--kubernetes=' + api.url)
    assert code == 0 and {e['host'] for e in s.events} == {'p-%d/prod' % i for i in range(7)}, s.events
    assert [q.get('continue') for q in api.lists] == [None, '3', None, '3', '6'], api.lists
    api.expire_pages = 9
    s, code = once('pages2', '--namespace', 'prod', '--kubernetes=' + api.url)
    assert code == 1 and 'too old before it ends' in s.errors[0] and os.listdir(s.folder) == [], s.errors


def which_port():
    """the annotation goes before --port, a number or a name; pods without are no targets, and a wrong annotation is told"""
    a = good(3)
    api = ApiServer(pod('by-annotation', port=a.port), pod('by-annotated-name', annotation='dbg', ports=[('http', 1), ('dbg', a.port)]),
                    pod('by-name', ports=[('http', 1), ('debug', a.port)]), pod('by-side-car', side_car=[('debug', a.port)]),
                    pod('without', ports=[('http', 1)]), pod('wrong', annotation='nope', ports=[('debug', a.port)]),
                    pod('not-me', annotation='none', ports=[('debug', a.port)]), pod('ended', port=a.port, phase='Succeeded'),
                    pod('pprof', ports=[('pprof', a.port)]))
    args = ['--namespace', 'prod', '--kubernetes=' + api.url]
    s, code = once('ports', '--port', 'debug', *args)
    named = {'by-annotation/prod', 'by-annotated-name/prod', 'by-name/prod', 'by-side-car/prod'}
    assert code == 0 and {e['host'] for e in s.events if 'host' in e} == named, s.events
    s, code = once('ports2', *args)
    assert {e['host'] for e in s.events if 'host' in e} == {'by-annotation/prod', 'by-annotated-name/prod', 'pprof/prod'}, s.events
    s, code = once('ports3', '--port', str(a.port), *args)
    assert {e['host'] for e in s.events if 'host' in e} == named | {'pprof/prod', 'without/prod'}, s.events
    s = start('ports4', api, '--port', 'debug')
    told = until(lambda: messages(s, 'wrong/prod'), 'word of the wrong one')
    assert told == ["wrong/prod: annotation gscrape.io/port: 'nope' is neither a port nor the name of one of its ports: left out"], told
    assert s.stop() == 0
    for port in ('0', '65536', '99999999999', ''):
        s, code = once('ports5', '--port', port, *args)
        assert code == 2 and len(s.errors) == 1 and '--port' in s.errors[0], (port, code, s.errors)


def its_name():
    """--name-label: a label that a pod has alone is its name; where it is shared, pods keep theirs, and that is told"""
    a = good(3)
    api = ApiServer(pod('x-1', port=a.port, labels={'name': 'alpha'}), pod('x-2', port=a.port, labels={'name': 'same'}),
                    pod('x-3', port=a.port, labels={'name': 'same'}), pod('x-4', port=a.port))
    s = start('names', api, '--name-label', 'name')
    until(lambda: {'alpha', 'x-2/prod', 'x-3/prod', 'x-4/prod'} <= {e.get('host') for e in list(s.events)}, 'all four')
    assert s.stop() == 0
    assert messages(s, '2 targets share their value of label name') and 'x-1/prod' not in str(s.events), s.events
    assert rows('names', '--stats', '--host', 'x-4/prod') and rows('names', '--stats', '--host', 'alpha')
    s, code = once('names', '--name-label', 'name', a.host)
    assert code == 2 and '--name-label' in s.errors[0], s.errors


def secrets_stay_where_they_belong():
    """the cluster's token goes to the API server, at the pod proxy, too, and never to a pod; the pods' goes to pods alone"""
    account = os.path.join(TMP, 'account')
    os.makedirs(account)
    for name, text in (('token', 'cluster-secret\n'), ('namespace', 'prod'), ('pods', 'pod-secret')):
        with open(os.path.join(account, name), 'w') as f:
            f.write(text)
    a = good(3)
    api = ApiServer(pod('a', port=a.port), token='cluster-secret')
    args = ['--kubernetes=' + api.url, '--service-account', account]
    s, code = once('secret', *args, '--bearer-file', os.path.join(account, 'pods'), '--header', 'X-Mine: pod-header')
    assert code == 0, (s.errors, s.events)
    assert a.seen[0][1]['Authorization'] == 'Bearer pod-secret' and a.seen[0][1]['X-Mine'] == 'pod-header'
    s, code = once('secret2', *args)
    assert code == 0 and 'Authorization' not in a.seen[1][1], a.seen
    s, code = once('secret3', *args, '--pod-proxy', '--bearer-file', os.path.join(account, 'pods'), '--header', 'X-Mine: pod-header')
    assert code == 0 and s.events[0]['host'] == 'a/prod' and s.events[0]['goroutines'] == 7, (s.events, s.errors)
    assert len(a.seen) == 2 and 'X-Mine' not in str(api.server.seen) and api.users == {'Bearer cluster-secret'}, api.users
    assert api.server.seen[-1][0] == '/api/v1/namespaces/prod/pods/a:%d/proxy/debug/pprof/goroutine?debug=2' % a.port
    # renewed under the same name, while we run
    s = start('secret4', api, '--service-account', account)
    until(lambda: s.of('a/prod') and api.watches, 'the pod')
    with open(os.path.join(account, 'token'), 'w') as f:
        f.write('next-secret\n')
    api.token = 'next-secret'
    n = len(api.watches)
    api.end_watches()
    until(lambda: len(api.watches) > n, 'a watch with the new token')
    assert s.stop() == 0 and not s.errors, s.errors
    s, code = once('secret5', '--kubernetes=http://192.0.2.1:1', '--service-account', account)
    assert code == 1 and 'a token is not sent without TLS' in s.errors[0], s.errors


def as_a_pod():
    """in a cluster the API server is where the environment says, and who we are is in the folder"""
    account = os.path.join(TMP, 'account')
    host, port = '127.0.0.1', str(secure.server.port)
    shutil_copy(os.path.join(CERTS, 'ca.crt'), os.path.join(account, 'ca.crt'))
    with open(os.path.join(account, 'token'), 'w') as f:
        f.write('cluster-secret\n')
    env = {'KUBERNETES_SERVICE_HOST': host, 'KUBERNETES_SERVICE_PORT': port}
    s, code = once('pod', '--kubernetes', '--service-account', account, env=env)
    assert code == 0 and s.events[0]['host'] == 'a/prod', (s.errors, s.events)
    os.remove(os.path.join(account, 'token'))
    s, code = once('pod2', '--kubernetes', '--service-account', account, env=env)
    assert code == 1 and 'has the pod a service account' in s.errors[0], s.errors
    s, code = once('pod3', '--kubernetes', '--service-account', account)
    assert code == 1 and 'KUBERNETES_SERVICE_HOST is not set' in s.errors[0], s.errors


def shutil_copy(a, b):
    with open(a, 'rb') as f, open(b, 'wb') as g:
        g.write(f.read())


def kubeconfig(name, user='token: cluster-secret', cluster='certificate-authority: certs/ca.crt', server=None, **more):
    path = os.path.join(TMP, name)
    with open(path, 'w') as f:
        f.write('''apiVersion: v1
kind: Config
current-context: %s
contexts:
- {name: other, context: {cluster: none, user: none}}
- name: here
  context: {cluster: "kind", user: admin, namespace: prod}
clusters:
- name: kind
  cluster:
    server: %s
    %s
users:
- name: admin
  user:
    %s
''' % (more.get('current', 'here'), server or secure.url, cluster, user))
    return path


CERTS = os.path.join(TMP, 'certs')


def certificates():
    os.makedirs(CERTS)
    for name, ca, more in (('ca', None, ''), ('server', 'ca', 'subjectAltName=IP:127.0.0.1\n'), ('client', 'ca', 'extendedKeyUsage=clientAuth\n')):
        key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=' + name, '-keyout', name + '.key']
        with open(os.path.join(CERTS, name + '.ext'), 'w') as f:
            f.write(more)
        commands = [['req', '-x509', '-days', '2', *key, '-out', name + '.crt']] if not ca else [
            ['req', *key, '-out', name + '.csr'], ['x509', '-req', '-in', name + '.csr', '-CA', ca + '.crt', '-CAkey', ca + '.key', '-CAcreateserial',
                                                   '-days', '2', '-extfile', name + '.ext', '-out', name + '.crt']]
        for c in commands:
            subprocess.run(['openssl', *c], cwd=CERTS, check=True, capture_output=True, timeout=BOUND)


def encoded(name):
    with open(os.path.join(CERTS, name), 'rb') as f:
        return base64.b64encode(f.read()).decode()


def by_kubeconfig():
    """server, token, certificates and namespace of a kubeconfig, as files beside it or in it; what logs in with a program is refused"""
    def get(path, *args, **kw):
        return once('config', '--kubernetes', '--kubeconfig', path, *args, **kw)
    if 'libyaml' not in subprocess.run([GSCRAPE, '--version'], capture_output=True, text=True).stdout:
        s, code = get(kubeconfig('any'))
        assert code == 1 and 'without libyaml' in s.errors[0] and HINT in s.errors[0], s.errors
        return
    with open(os.path.join(TMP, 'token-file'), 'w') as f:
        f.write('cluster-secret\n')
    for n, args in enumerate(({}, {'cluster': 'certificate-authority-data: ' + encoded('ca.crt')}, {'cluster': 'insecure-skip-tls-verify: true'},
                              {'user': 'tokenFile: token-file'}, {'user': '{token: "cluster-secret"}'})):
        s, code = get(kubeconfig('good%d' % n, **args))
        assert code == 0 and s.events[0]['host'] == 'a/prod', (args, s.errors, s.events)
    strict = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    strict.load_cert_chain(os.path.join(CERTS, 'server.crt'), os.path.join(CERTS, 'server.key'))
    strict.load_verify_locations(os.path.join(CERTS, 'ca.crt'))
    strict.verify_mode = ssl.CERT_REQUIRED
    by_certificate = ApiServer(pod('b', port=target.port), tls=strict)
    data = 'client-certificate-data: %s\n    client-key-data: %s' % (encoded('client.crt'), encoded('client.key'))
    for user in (data, 'client-certificate: certs/client.crt\n    client-key: %s' % os.path.join(CERTS, 'client.key')):
        s, code = get(kubeconfig('cert', user=user, server=by_certificate.url))
        assert code == 0 and s.events[0]['host'] == 'b/prod', (s.errors, s.events)
    path = kubeconfig('env')
    s, code = once('config', '--kubernetes', env={'KUBECONFIG': path})
    assert code == 0, s.errors
    os.makedirs(os.path.join(TMP, 'home', '.kube'))
    os.rename(path, os.path.join(TMP, 'home', '.kube', 'config'))
    s, code = once('config', '--kubernetes', env={'HOME': os.path.join(TMP, 'home')})
    assert code == 1 and 'certs/ca.crt' in s.errors[0], s.errors  # it counts from the file's own folder
    shutil_copy(kubeconfig('good', cluster='certificate-authority-data: ' + encoded('ca.crt')), os.path.join(TMP, 'home', '.kube', 'config'))
    s, code = once('config', '--kubernetes', env={'HOME': os.path.join(TMP, 'home')})
    assert code == 0, s.errors
    for args, why in (({'user': 'exec: {apiVersion: client.authentication.k8s.io/v1, command: aws, args: [eks]}'}, "with the program 'aws', which is not run from here: " + HINT),
                      ({'user': 'auth-provider: {name: gcp}'}, "with the program 'gcp', which is not run from here: " + HINT),
                      ({'current': 'nowhere'}, "context 'nowhere' is not there"), ({'current': '""'}, 'has no current-context'),
                      ({'current': 'other'}, "cluster 'none' of the current context has no server"),
                      ({'server': 'ftp://a'}, 'is no URL of an API server'), ({'cluster': 'certificate-authority-data: "%"'}, 'is no base64'),
                      ({'user': 'token: wrong'}, 'HTTP 401: Unauthorized (the token'), ({'user': 'token: [}'}, 'bad: line 1'),
                      ({'server': 'http://192.0.2.1:1'}, 'a token is not sent without TLS')):
        s, code = get(kubeconfig('bad', **args))
        assert code == 1 and len(s.errors) == 1 and why in s.errors[0], (args, code, s.errors)
        assert 'cluster-secret' not in s.errors[0]
    s, code = get(os.path.join(TMP, 'not-there'))
    assert code == 1 and 'not-there' in s.errors[0], s.errors
    s, code = once('config', '--kubernetes', env={'HOME': os.path.join(TMP, 'nowhere')})
    assert code == 1 and 'this is no pod' in s.errors[0] and HINT in s.errors[0], s.errors
    s, code = once('config', '--kubernetes', env={'KUBECONFIG': 'a:b'})
    assert code == 1 and 'KUBECONFIG names several' in s.errors[0], s.errors


def wrong_starts():
    """what the API server refuses is said in its own words, and nothing is made"""
    a = good(3)
    api = ApiServer(pod('a', port=a.port))
    for refuse, why in (((400, recorded('bad-selector.json')), "HTTP 400: unable to parse requirement: found '' expected: '('"),
                        ((401, recorded('unauthorized.json')), 'HTTP 401: Unauthorized (the token'),
                        ((403, recorded('forbidden.json')), 'cannot list resource "pods" in API group "" at the cluster scope (a role'),
                        ((404, b'no'), 'HTTP 404: is this the address of an API server?'), ((200, b'<html>'), 'is no list of pods'),
                        ((200, b'{"kind": "Status"}'), 'is no list of pods'), ((200, b'x' * (51 << 20)), 'longer than 50 MiB'),
                        ((200, recorded('not-found.json')), 'no target to scrape')):
        api.refuse = refuse
        s, code = once('refused', '--kubernetes=' + api.url)
        assert code == 1 and len(s.errors) == 1 and why in s.errors[0], (refuse, code, s.errors)
        assert os.listdir(s.folder) == []
    for args, why in ((['--kubernetes=nonsense'], 'is no URL of an API server'), (['--namespace', 'x', a.host], '--namespace needs --kubernetes'),
                      (['--kubernetes=http://me:secret@a/'], 'is no URL of an API server')):
        s, code = once('refused', *args)
        assert code == 2 and len(s.errors) == 1 and why in s.errors[0] and 'secret' not in s.errors[0], (args, code, s.errors)
    api.refuse = None
    api.delete('a')
    s = start('refused', api)
    until(lambda: messages(s, 'no pod in namespace prod'), 'word of no pods')
    api.put(pod('a', port=a.port))
    until(lambda: s.of('a/prod'), 'the pod that comes')
    assert s.stop() == 0


def trouble_while_running():
    """a server that is away, or says nonsense, changes nothing and is told once; then all is listed or watched again"""
    a, b = good(3), good(3)
    api = ApiServer(pod('a', port=a.port))
    s = start('trouble', api)
    until(lambda: s.of('a/prod') and api.watches, 'the pod')
    for n, (raw, why) in enumerate(((b'nonsense\n', 'is no event'), (b'{"type":"ERROR","object":{"code":500,"message":"etcd is away"}}\n', 'etcd is away'),
                                    (b'x' * (9 << 20), 'longer than 8 MiB'), (None, 'HTTP 503'))):
        if raw is None:
            api.refuse = (503, b'')
        api.raw_watch = raw
        api.end_watches()
        until(lambda: messages(s, why), 'word of ' + why)
        seen = len(s.of('a/prod'))
        until(lambda: len(s.of('a/prod')) > seen + 2, 'dumps meanwhile')
        api.raw_watch = api.refuse = None
        s.p.send_signal(signal.SIGHUP)
        until(lambda: len(messages(s, 'answers again')) == n + 1 or api.end_watches(), 'word of its end')
    api.put(pod('b', port=b.port))
    until(lambda: s.of('b/prod'), 'a pod that comes afterwards')
    assert s.stop() == 0 and len(s.errors) == 4, s.errors
    assert a.connections == 1, a.connections


def hosts_of(where):
    """Of a store that may not be there yet."""
    out = subprocess.run([GSCRAPE, '--hosts', '--json'], cwd=os.path.join(TMP, where), capture_output=True, text=True, timeout=BOUND)
    return {r['host'] for r in map(json.loads, out.stdout.splitlines()) if r['snapshots']}


def manifests():
    """the recorders in contrib/kubernetes record what they are meant to"""
    a, b = good(3), good(4)
    api = ApiServer(pod('api-1', ports=[('pprof', a.port)], labels={'app': 'api'}), pod('web-1', port=b.port, labels={'app': 'web'}))
    both = {'api-1/prod', 'web-1/prod'}
    folder = os.path.join(TOP, 'contrib', 'kubernetes')
    for name, wanted in (('recorder', [both]), ('sidecar', [{a.host}]), ('shards', None)):
        with open(os.path.join(folder, name + '.yaml')) as f:
            args = re.search(r'args:\n((?: +- .*\n)+)', f.read())[1]
        args = [re.sub(r' +#.*', '', line.strip()[2:]) for line in args.splitlines()]
        assert '--scrape' in args
        args.remove('--scrape')
        swap = {'--kubernetes': '--kubernetes=' + api.url, 'localhost:6060': a.host}
        args = ['--serve=127.0.0.1:0' if x.startswith('--serve') else swap.get(x, x) for x in args]
        if wanted:
            s = Scraper(name, *args, *(['--namespace', 'prod'] if name == 'recorder' else []), json_out=False)
            until(lambda: hosts_of(name) == wanted[0], name)
            assert s.stop() == 0 and not s.errors, s.errors
            continue
        found = []
        for k in (1, 2, 3):
            s, code = once('shard%d' % k, *[x.replace('$(PART)', str(k)) for x in args], '--namespace', 'prod')
            assert code == 0, s.errors
            found += [r['host'] for r in rows('shard%d' % k, '--hosts')]
        assert sorted(found) == sorted(both), found


certificates()
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(os.path.join(CERTS, 'server.crt'), os.path.join(CERTS, 'server.key'))
target = good(3)
secure = ApiServer(pod('a', port=target.port), token='cluster-secret', tls=context)
run([what_was_recorded, pods_come_and_go, too_old, pages, which_port, its_name, secrets_stay_where_they_belong, as_a_pod, by_kubeconfig, wrong_starts,
     trouble_while_running, manifests])
