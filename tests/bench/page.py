# SPDX-License-Identifier: MIT
"""page.py [small]: how long until a browser shows the first chart of 5 hosts with 1,400 snapshots each, the median of ten; how long
an input of the slider takes until its frame is painted, with 400 and 10,000 children, the 95th percentile of 250; and how large the page is.
With "small" there is no archive of 1,400 snapshots. The slider also in Firefox and WebKit, where FIREFOX and MINIBROWSER name them."""
import glob, gzip, os, subprocess, sys, tempfile
try:
    import selenium  # before browser.py looks for it: the archives are not made twice
except ImportError:
    if sys.executable == '/usr/bin/python3':
        raise
    os.execv('/usr/bin/python3', ['/usr/bin/python3', *sys.argv])

top = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
build = top + '/' + os.environ.get('B', 'build')
FIRST_CHART = """const done = arguments[0], look = () => {
    const m = performance.getEntriesByName('chart')[0];
    if (m) requestAnimationFrame(() => done(m.startTime)); else setTimeout(look, 5);
}; look();"""
# An input comes right before the frame that it changes; from there to what is behind its painting.
SLIDER = """const done = arguments[0], r = document.getElementById('slider'), times = [];
    const step = i => {
        if (i === 250) return done(times.sort((a, b) => a - b)[237]);
        let began;
        requestAnimationFrame(() => { began = performance.now(); const c = new MessageChannel(); c.port1.onmessage = () => { times.push(performance.now() - began); step(i + 1); }; c.port2.postMessage(0); });
        r.value = r.max * (i % 2 ? i : 250 - i) / 250;
        r.dispatchEvent(new Event('input'));
    };
    step(0);"""


def family(folder, n, snapshots=20):
    """A goroutine with n children, of which a few go and come each time."""
    os.makedirs(folder)
    for s in range(snapshots):
        with gzip.open(f'{folder}/2026-11-23T16-0{s // 12}-{s % 12 * 5:02}.goroutines.txt.gz', 'wt', compresslevel=1) as f:
            f.write(f'goroutine 1 [select]:\nmain.main()\n\t/src/main.go:{10 + s % 3} +0x1d\n\n')
            for i in range(2 + s * n // 100, 2 + n * 8 // 10 + s * n // 100):
                f.write(f'goroutine {i} [{("select", "chan receive", "IO wait")[(i + s // (1 + i % 5)) % 3]}]:\nmain.worker{i % 7}()\n'
                        f'\t/src/w.go:{20 + i % 7} +0x1\ncreated by main.main in goroutine 1\n\t/src/main.go:12 +0x9c\n\n')


def first_chart(d, url):
    times = []
    for _ in range(10):
        d.get(url)
        times.append(d.execute_async_script(FIRST_CHART))
        d.execute_cdp_cmd('Network.clearBrowserCache', {})
    print('first chart after %.0f ms (median of ten; %.0f to %.0f)' % (sorted(times)[5], min(times), max(times)))


def slider(kind, d, url, n):
    d.get(f'{url}?view=goroutine&host=family:{n}&id=1')
    while d.execute_script("return document.getElementById('main')?.dataset.ready") != 'true':
        pass
    print('slider in %s: input to frame with %d children: %.1f ms (95th percentile of 250)' % (kind, n, d.execute_async_script(SLIDER)))


with tempfile.TemporaryDirectory() as work:
    if sys.argv[1:] != ['small']:
        subprocess.run([build + '/tools/gen', top + '/tests/data/series', work + '/archive', '5', '1400', '200', '50'], check=True)
        subprocess.run([build + '/gscrape-tui', '--index', work + '/archive', '--db', work + '/db'], check=True, stdout=subprocess.DEVNULL)
    for n in (400, 10000):
        family(f'{work}/families/family_{n}', n)
    subprocess.run([build + '/gscrape-tui', '--index', work + '/families', '--db', work + '/families.db'], check=True, stdout=subprocess.DEVNULL)
    servers = [subprocess.Popen([build + '/gscrape-tui', '--serve', '127.0.0.1:0', '--db', db], stdout=subprocess.PIPE, text=True)
               for db in [work + '/db', work + '/families.db'] if os.path.exists(db)]
    urls = [server.stdout.readline().strip() for server in servers]
    os.environ['TMP'] = work
    sys.path.insert(0, top + '/tests/serve')
    import browser
    try:
        for kind in ['chromium'] + [k for k, named in (('firefox', 'FIREFOX'), ('webkit', 'MINIBROWSER')) if named in os.environ]:
            d = browser.kinds[kind].start()
            d.set_script_timeout(60)
            if len(urls) > 1 and kind == 'chromium':
                first_chart(d, urls[0])
            for n in (400, 10000):
                slider(kind, d, urls[-1], n)
            d.quit()
    finally:
        for server in servers:
            server.terminate()
            server.wait()
print('page: %.1f kB, all of it, compressed' % (sum(os.path.getsize(f) for f in glob.glob(build + '/page/*.gz')) / 1000))
