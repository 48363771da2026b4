# SPDX-License-Identifier: MIT
# needs: chromium chromedriver python-selenium
# run: browser
"""The page in a real browser, as browser.py has them."""
import os, subprocess, sys, time
from urllib.parse import quote
sys.path.insert(0, os.path.dirname(__file__))
from browser import *
import server
from server import *

s = Server(index(TOP + '/tests/data/series'))
d = browser()
d.set_script_timeout(BOUND * 2)
requests, own = [], [s.url]


def until(fn, seconds=BOUND):
    """As the server's; an element that is not there, or was replaced while it was looked at, is "not yet"."""
    def calm():
        try:
            return fn()
        except (StaleElementReferenceException, NoSuchElementException):
            return None
    return server.until(calm, seconds)


def news():
    """What the page asked for since the last call, and what it had to complain about."""
    asked, complaints = d.news()
    requests.extend(asked)
    return complaints


def ready():
    return until(lambda: d.execute_script("return document.getElementById('main')?.dataset.ready") == 'true')


def load(query=''):
    d.get(s.url + query)
    assert ready(), query


def text(css):
    """Read in one go, so that the page cannot replace what is being read."""
    return d.execute_script('return document.querySelector(arguments[0])?.innerText ?? ""', css)


def texts(css='#main tbody tr'):
    return d.execute_script('''const row = tr => [...tr.cells].filter(c => c.getClientRects().length).map(c => c.innerText).join('\\t'); // browsers differ in it
        return [...document.querySelectorAll(arguments[0])].map(e => e.tagName === 'TR' ? row(e) : e.innerText)''', css)


def press(css, by=By.CSS_SELECTOR):
    """Click the first of them, whichever that is at the moment."""
    def click():
        d.find_element(by, css).click()
        return True
    ok(until(click), f'{css} can be pressed')


def key(*keys):
    def send():
        d.switch_to.active_element.send_keys(*keys)
        return True
    until(send)


def copied():
    return d.execute_async_script('navigator.clipboard.readText().then(arguments[0], () => arguments[0](""))')


def rows(css='#main tbody tr'):
    return d.find_elements(By.CSS_SELECTOR, css)


def frame():
    return int(text('#counter').split()[1].split('/')[0])


def tests():
    d.look(1440, 1000, 'light')
    load()
    same(text('h1'), 'All hosts', 'the overview')
    same(len(rows('table[aria-label=Hosts] tbody tr')), 7, 'has a row for every host')
    ok(until(lambda: 'main.fetch' in text('table[aria-label="What moved"] tbody tr')), 'and what moved, the leak first')
    drawn = 'const c=document.querySelector("canvas"), p=c.getContext("2d").getImageData(0,0,c.width,c.height).data; let n=0; for(let i=3;i<p.length;i+=4) n+=p[i]>0; return n'
    ok(d.execute_script(drawn) > 2000, 'and a chart that is drawn')
    first = d.execute_script("return performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd")
    print(f'# loaded after {first:.0f} ms')

    box = d.find_element(By.CSS_SELECTOR, '.chart')
    drag = webdriver.ActionChains(d).move_to_element_with_offset(box, -200, 0).click_and_hold().move_by_offset(200, 0).release()
    span = "const x=Chart.getChart(document.querySelector('canvas')).scales.x; return x.max-x.min"
    whole = d.execute_script(span)
    drag.perform()
    ok(until(lambda: d.execute_script(span) < whole / 3), 'dragging zooms in')
    key('|')
    ok(until(lambda: d.execute_script(span) == whole), 'and | shows everything')
    gap = "return Chart.getChart(document.querySelector('canvas')).data.datasets.some(x => x.data.some((p, i) => i && p.y === null && x.data.slice(0, i).some(q => q.y !== null) && x.data.slice(i).some(q => q.y !== null)))"
    ok(d.execute_script(gap), 'gaps are gaps')

    load('?at=1795451100000')
    want = {h['host']: h['known']['goroutines'] for h in s.json('/api/v1/hosts?at=1795451100000')}
    ok(len(set(want.values())) > 1 and None in want.values(), 'of some hosts it is known at T, of some not')
    at_t = lambda: {t.split('\t')[0].split('\n')[0].strip(' !'): t.split('\t')[-1] for t in texts('table[aria-label=Hosts] tbody tr')}
    ok(until(lambda: at_t() == {h: '-' if c is None else f'{c:,}' for h, c in want.items()}), 'and the page has the numbers at T')
    ok('no sample at T; last' in text('table[aria-label=Hosts]'), 'and says why where it has none')
    load()

    # --- host and groups ---
    press('127.0.0.1:6060', By.LINK_TEXT)
    ok(until(lambda: 'view=host' in d.current_url and ready() and rows()), 'a host')
    leak = s.json('/api/v1/groups?host=127.0.0.1:6060')['groups'][0]
    same(texts()[0].split()[:2], [f'{leak["count"]:,}', 'main.fetch'], 'the leak is the first group')
    box = d.find_element(By.ID, 'filter')
    asked = 'state == "chan send" and id < 60'
    box.send_keys(asked)
    want = s.json('/api/v1/groups?host=127.0.0.1:6060&where=' + quote(asked))
    ok(until(lambda: texts() and texts()[0].split()[0] == str(want['groups'][0]['count']) and len(rows()) == want['total']), 'a filter of the language is asked of the server')
    drawn = "const c = Chart.getChart(document.querySelector('.chart canvas')); return c.data.datasets.map(d => [d.label, Math.max(...d.data.map(p => p.y ?? 0))])"
    ok(until(lambda: [x[0] for x in d.execute_script(drawn)] == ['127.0.0.1:6060', 'of these pass: 127.0.0.1:6060']), 'and a line of how many pass is over the chart')
    most = max(x['matching'] or 0 for x in s.json('/api/v1/snapshots?host=127.0.0.1:6060&where=' + quote(asked))['snapshots'])
    same(d.execute_script(drawn)[1][1], most, 'at most as many as the API says')
    press('#family summary')
    ok(until(lambda: d.execute_script("const i = document.querySelector('#family img'); return i?.complete && i.naturalHeight > 20 && new URL(i.src).searchParams.get('where')") == asked), 'who started whom is a picture, of those that pass')
    press('#family summary')
    ok(until(lambda: not d.execute_script("return document.querySelector('#family img')")), 'which goes away again')
    box.clear()
    box.send_keys('state == select and state == "chan s')
    ok(until(lambda: d.execute_script("return [...document.querySelectorAll('#words option')].map(o => o.value)") == ['state == select and state == "chan send"']), 'what may come next is offered')
    box.clear()
    box.send_keys(asked + ' and stat == x')
    ok(until(lambda: "no field 'stat'; did you mean state?" in text('#error')), 'what is wrong in it is said')
    ok(all('400' in m for m in news()), 'as the browser says, too')
    box.clear()
    box.send_keys('main.fetch')
    ok(until(lambda: not text('#error') and texts()[0].split()[0] == f'{leak["count"]:,}'), 'and words are words again')
    box.clear()
    box.send_keys(' ' + Keys.BACKSPACE)
    until(lambda: len(rows()) > 2)
    press('#main tbody button')
    ok(until(lambda: d.find_elements(By.CSS_SELECTOR, 'tr.open a')), 'opens to its goroutines')
    key('v')
    ok(until(lambda: 'main.fetch.func1' in texts()[0] and Select(d.find_element(By.CSS_SELECTOR, 'select[aria-label="Group by"]')).first_selected_option.text == 'top'), 'v groups by the next thing')

    lock = s.json('/api/v1/waiters?host=127.0.0.1:6060')['waiters'][0]
    ok(until(lambda: text('#waits') == f"{lock['count']} wait for sync.Mutex {lock['object']}, which g{lock['holder']} seems to hold"), 'and what most wait for, in a sentence', text('#waits'))
    press('#waits a')
    ok(until(lambda: 'view=locks' in d.current_url and ready() and d.find_elements(By.CSS_SELECTOR, 'tr.open a')), 'which leads to the locks')
    locked(lock)

    # --- the goroutine viewer ---
    load('?view=goroutine&host=127.0.0.1:9091&id=1&epoch=1')
    same(text('#counter'), 'frame 7/7', 'a deep link: the last frame of a life')
    key('0')
    ok(until(lambda: frame() == 1), '0 goes to the first sample')
    key('l')
    key(Keys.ARROW_RIGHT)
    ok(until(lambda: frame() == 3), 'l and an arrow step')
    key('h')
    ok(until(lambda: frame() == 2), 'h steps back')
    at = lambda: d.execute_script("return new URLSearchParams(location.search).get('at')")
    second = s.json('/api/v1/snapshots?host=127.0.0.1:9091&as=columns')['time'][1]
    ok(until(lambda: at() == str(second)), 'the URL holds the time, once it rests', at())
    key('0')
    Select(d.find_element(By.ID, 'speed')).select_by_visible_text('10x')
    press('h1')
    key(' ')
    ok(until(lambda: text('#play').endswith('pause') or frame() > 1), 'the space bar plays')
    ok(until(lambda: frame() == 7 and text('#play').endswith('play')), 'to the end, and stops there')
    d.execute_script("const r=document.getElementById('slider'); r.value=0; r.dispatchEvent(new Event('input'))")
    ok(until(lambda: frame() == 1), 'the slider is time')
    one = d.execute_script("return document.getElementById('slider').max")
    same(int(one), s.json('/api/v1/goroutine?host=127.0.0.1:9091&id=1&epoch=1')['last'] - s.json('/api/v1/goroutine?host=127.0.0.1:9091&id=1&epoch=1')['first'], 'in real time, not in samples')

    # A goroutine whose stack changes, found by what the API says.
    kids = s.json('/api/v1/children?host=127.0.0.1:6060&id=1')['children']
    lives = [s.json(f'/api/v1/goroutine?host=127.0.0.1:6060&id={c["id"]}') for c in kids]
    life = next(x for x in lives if len(x['stacks']) > 1)
    changing, changed = life['id'], next(r for r in life['runs'] if r['stack'] != life['runs'][0]['stack'])
    load(f'?view=goroutine&host=127.0.0.1_6060&id={changing}')
    key('0')
    d.execute_script("window.kept = document.querySelector('#stack li')")
    key(']')
    now = [f['func'] for f in life['stacks'][changed['stack']]['frames']]
    def marks():
        return [e.text for e in d.find_elements(By.CSS_SELECTOR, '#stack li span:first-child')]
    ok(until(lambda: set(marks()) & set('~+-')), '] goes to the next change, and shows what changed')
    ok(d.execute_script('return window.kept.isConnected'), 'and a row that is as it was is not built anew')
    shown = [li.find_elements(By.TAG_NAME, 'span')[1].text for li in d.find_elements(By.CSS_SELECTOR, '#stack li:not(.del):not(.dim)')]
    same([x.split('.')[-1] for x in shown], [f.split('.')[-1] for f in reversed(now)], 'the stack stands root first')
    ok(text('#stack li.dim').strip().startswith('created by'), 'below its creation site')
    key('p')
    ok(until(lambda: 'id=1&' in d.current_url + '&' and ready() and 'main.main' in text('h1')), 'p opens the parent')
    total = len(s.json('/api/v1/children?host=127.0.0.1:6060&id=1')['children'])
    ok(text('#kids').startswith(f'{total}/{total}'), 'children are counted', text('#kids'))
    d.find_element(By.ID, 'filter').send_keys('newPool')
    d.find_element(By.ID, 'filter').clear()
    d.find_element(By.ID, 'filter').send_keys('main.func4')
    n = len([c for c in s.json('/api/v1/children?host=127.0.0.1:6060&id=1')['children'] if 'main.func4' in (c['func'] + ' ' + c['user_func'])])
    ok(0 < n < total and until(lambda: text('#kids').startswith(f'{n}/{total}')), f'and filtered: {n}/{total}', text('#kids'))
    ok(until(lambda: 'filter=main.func4' in d.current_url), 'the URL holds the filter')
    d.get(d.current_url)
    ready()
    ok(until(lambda: text('#kids').startswith(f'{n}/{total}')), 'and brings it back')
    d.execute_script("const f=document.getElementById('filter'); f.value=''; f.dispatchEvent(new Event('input'))")
    ok(until(lambda: text('#kids').startswith(f'{total}/{total}')), 'and is taken away')
    # 250 steps of the slider: each is drawn, no row is built anew, and the address is written once, and when a busy machine rests
    took = d.execute_async_script('''
        const done = arguments[0], r = document.getElementById('slider'), first = document.querySelector('.kids [aria-rowindex]'), write = history.replaceState.bind(history), seen = new Set();
        let writes = 0, times = [], built = 0;
        const look = new MutationObserver(all => { built += all.filter(m => m.target.nodeName !== 'TBODY').length; }); // rows come where a scroll bar does
        for (const css of ['.kids', 'title']) look.observe(document.querySelector(css), { childList: true, subtree: true });
        history.replaceState = (...a) => { writes++; write(...a); };
        const step = i => {
            if (i === 250) return setTimeout(() => done([writes, document.querySelector('.kids [aria-rowindex]') === first, seen.size, times.sort((a, b) => a - b)[237], times.filter(t => t > 200).length, built]), 600);
            const t0 = performance.now();
            r.value = r.max * (i % 2 ? i : 250 - i) / 250;
            r.dispatchEvent(new Event('input'));
            requestAnimationFrame(() => { times.push(performance.now() - t0); seen.add(document.getElementById('counter').textContent); step(i + 1); });
        };
        step(0);''')
    ok(took[0] <= 3 + took[4] and took[1] and took[2] > 10 and not took[5], 'the slider writes no address at each step, and builds no list anew, nor anything in a row', took)
    print(f'# input to frame, 95th percentile, {total} children: {took[3]:.1f} ms')
    key('?')
    ok(until(lambda: d.execute_script("return document.getElementById('keys').open")), '? opens the help')
    ok(d.execute_script("return document.activeElement.matches('#keys h1')"), 'at its beginning')
    key('?')
    ok(until(lambda: not d.execute_script("return document.getElementById('keys').open")), 'and closes it')
    d.back()
    ok(until(lambda: ready() and f'g{changing}' in text('h1')), 'back is where we were')

    # --- the rest ---
    d.find_element(By.ID, 'gid').clear()
    d.find_element(By.ID, 'gid').send_keys('2')
    ok(until(lambda: len(d.find_elements(By.CSS_SELECTOR, '#ids option')) > 3), 'numbers are completed')
    listed_functions()
    key('5')
    ok(until(lambda: 'view=leaks' in d.current_url and ready()), 'digits are views')
    key('?')
    ok(until(lambda: d.find_element(By.ID, 'keys').is_displayed() and 'Space' in text('#keys')), '? tells the keys')
    key(Keys.ESCAPE)
    load('?view=goroutine&host=127.0.0.1:6060&id=424242424')
    ok(until(lambda: 'no goroutine 424242424' in text('#error')), 'what is not there is told')
    same([m for m in news() if '404' not in m], [], 'nothing else was complained of')

    load('?host=127.0.0.1:6060&id=1')
    ok(until(lambda: text('h1').startswith('g1 ')), "a link of gscrape's own page leads to the goroutine")
    load('?at=yesterdayish')
    ok('is no time' in text('#error'), 'a time that is none is told', text('#error'))
    load('?at=99999999999999999999')
    ok('is no time' in text('#error') and rows(), 'and one that no clock can show', text('#error'))
    for query in ('view=zzz', 'view=host&by=zzz', 'view=host&chart=zzz', 'scale=zzz', 'sort=zzz', 'view=flame&of=zzz', 'view=canary&by=zzz'):
        load('?' + query)
        ok(f'"{query.split("&")[-1]}" in the address is not known' in text('#error'), f'what is not known is told: {query}', text('#error'))
    load('?host=127.0.0.1:6060')
    ok('view=host' in d.execute_script("return document.querySelector('nav a[aria-current]').href"), 'a host alone is a link to it')
    load('?view=host&host=127.0.0.1:6060')
    one = d.execute_script("return Chart.getChart(document.querySelector('canvas')).data.datasets[0].borderColor")
    load()
    place = [x['host'] for x in s.json('/api/v1/hosts')].index('127.0.0.1:6060')
    ok(place > 0 and until(lambda: d.execute_script("return Chart.getChart(document.querySelector('canvas')).data.datasets.find(x => x.label === '127.0.0.1:6060').borderColor") == one), 'a host has one colour in all views')
    load('?at=yesterdayish')

    # --- the window, the grouping and the order are in the address ---
    load('?view=host&host=127.0.0.1:6060&from=1795450000000&to=1795450600000&by=state&sort=oldest')
    window = "const x=Chart.getChart(document.querySelector('canvas')).scales.x; return [x.min, x.max]"
    same(d.execute_script(window), [1795450000000, 1795450600000], 'a link leads to the window')
    same(d.execute_script("return [document.querySelector('select[aria-label=\"Group by\"]').value, document.querySelector('th[aria-sort]').innerText, document.querySelector('th[aria-sort]').ariaSort]"),
         ['state', 'oldest ▴', 'ascending'], 'to the grouping and the order')
    key('v')
    key('S')
    ok(until(lambda: 'by=none' in d.current_url and 'sort=-oldest' in d.current_url), 'and the address follows them', d.current_url)
    press('nav a')
    ok(until(lambda: 'view=overview' in d.current_url and ready() and d.execute_script(window) == [1795450000000, 1795450600000]), 'one window for all views')
    key('|')
    ok(until(lambda: 'from=' not in d.current_url), 'until everything is shown')
    window_bar(window)
    compared()
    two_windows()
    stacked_groups()
    scaled()
    alone()
    labelled()

    # --- the flame graph ---
    load('?view=flame&host=127.0.0.1:6060&at=1795451000000')
    total = s.json('/api/v1/groups?host=127.0.0.1:6060&at=1795451000000')['goroutines']
    ok(text('#main p.dim').startswith(f'{total:,} goroutines at'), 'a flame graph of who is alive at T', text('#main p.dim'))
    wide = "const r = [...document.querySelectorAll('#main svg g')].map(g => [g.querySelector('title').textContent.split(':')[0], g.querySelector('rect').width.baseVal.value]); return r"
    drawn = dict(d.execute_script(wide))
    leak = s.json('/api/v1/functions?q=main.fetch.func1$&at=1795451000000')['functions'][0]['goroutines']
    ok(abs(drawn['main.fetch.func1'] / drawn['all'] - leak / total) < .01, 'frames are as wide as they are many', (drawn, leak, total))
    d.execute_script("[...document.querySelectorAll('#main svg g')].find(g => g.querySelector('title').textContent.startsWith('main.fetch.func1:')).dispatchEvent(new Event('click'))")
    ok(until(lambda: abs(dict(d.execute_script(wide))['main.fetch.func1'] - drawn['all']) < 1), 'a click looks at one')
    d.find_element(By.ID, 'filter').send_keys('sync.')
    ok(until(lambda: 'found in 0.0 %' in text('#main p.dim')), 'and a search tells its share', text('#main p.dim'))
    load('?view=flame&host=127.0.0.1:6060&of=diff&base=1795450000000&at=1795451000000')
    was = s.json('/api/v1/functions?q=main.fetch.func1$&at=1795450000000')['functions'][0]['goroutines']
    ok(texts('table[aria-label=Frames] tbody tr')[0].split()[-1] == f'+{leak - was:,}', 'two times compared: what moved most comes first', texts('table[aria-label=Frames] tbody tr')[0])
    load('?view=flame&host=127.0.0.1:6060&of=window&from=1795450000000&to=1795450600000')
    ok('samples of' in text('#main p.dim'), 'or a window, by samples')
    flames(wide)
    load('?view=flame&host=127.0.0.1:6060&at=1795400000000')
    ok('nothing is known' in text('#unknown'), 'where nothing is known it says so', text('#unknown'))
    same([m for m in news() if '404' not in m], [], 'no complaint in that')

    # --- leaks ---
    load('?view=leaks')
    found = s.json('/api/v1/leaks')
    same(texts('#main section h2 .badge'), [x['verdict'] for x in found['leaks']], 'suspects, as the API has them')
    first = found['leaks'][0]
    ok(f'{first["score"]:.2f}' in text('#main section h2') and first['created_by'].split('/')[-1] in text('#main section h2'), 'the likeliest first, with its score', text('#main section h2'))
    listed = texts('#main section:first-of-type li')
    ok(all(any(x['text'] in li and abs(float(li.split()[0]) - x['weight']) < .06 for li in listed) for x in first['evidence_terms'] + first['against_terms']), 'what speaks for and against it, with weights', listed)
    press('h1')
    key('j')
    same(d.execute_script("return document.activeElement.closest('section')?.ariaLabel"), f"{first['created_by']} on {first['host']}", 'the keyboard goes through them')
    key(Keys.ENTER)
    of_it = s.json(f"/api/v1/groups?host={first['host']}&where=" + quote(first['filter']))
    ok(until(lambda: 'view=host' in d.current_url and ready() and f"1/1 group, {first['count']:,} goroutines" in text('#main p')), 'to its goroutines')
    same([d.find_element(By.ID, 'filter').get_attribute('value'), of_it['total']], [first['filter'], 1], 'of that place, and no others')
    load('?view=leaks')
    peak = d.execute_script("return Math.max(...Chart.getChart(document.querySelector('#main section canvas')).data.datasets[0].data.map(p => p.y))")
    same(peak, first['count'], 'and a chart of how many there were')
    d.find_element(By.ID, 'filter').send_keys('no such suspect')
    ok(until(lambda: not rows('#main section')), 'they are filtered')
    load()
    ok(until(lambda: d.find_elements(By.CSS_SELECTOR, 'a[aria-label="127.0.0.1:6060 leaks"]')), 'a host that leaks is marked')
    same(len(rows('#main tbody a[aria-label$=" leaks"]')), len({x['host'] for x in found['leaks'] if x['verdict'] == 'leak'}), 'and no other')

    # --- the keyboard: order, marks, copies, times ---
    def column(n):
        return [t.split('\t')[n].replace(',', '') for t in texts('table[aria-label=Hosts] tbody tr')]
    last = [str(h['goroutines_last']) for h in sorted(s.json('/api/v1/hosts'), key=lambda h: h['goroutines_last'])]
    key('s')
    same(set(column(2)), {'-'}, 'nobody scrapes an archive: there is no now')
    ok(until(lambda: column(1) == last[::-1]), 's sorts by the next column', column(1))
    key('S')
    ok(until(lambda: column(1) == last), 'S the other way', column(1))
    same(d.execute_script("return document.querySelector('th[aria-sort]').ariaSort"), 'ascending', 'and says so')
    load('?view=goroutine&host=127.0.0.1:6060&id=1&at=1795450800000&filter=main.func')
    copies = d.may_copy(s.url)
    key('y', 'u')
    if copies:
        same(until(copied), s.url + '?view=goroutine&host=127.0.0.1:6060&id=1&epoch=1&at=1795450800000&filter=main.func', 'y u copies the URL, as the terminal writes it')
    key('m', 'k')
    key('1')
    ok(until(lambda: 'view=overview' in d.current_url and ready()), 'elsewhere')
    key("'", 'k')
    ok(until(lambda: 'id=1' in d.current_url and ready() and text('h1').startswith('g1 ')), 'a mark leads back')
    ok('UTC' in text('#now'), 'times are UTC')
    key('T')
    ok(until(lambda: ready() and 'local' in text('#now')), 'T makes them local')
    key('T')
    ok(until(lambda: ready() and 'UTC' in text('#now')), 'and UTC again')

    # --- copies and the list of a life ---
    load(f'?view=goroutine&host=127.0.0.1:6060&id={changing}')
    families = dict(R='running', C='channel', S='select', L='lock', W='wait', I='I/O', Z='sleep', Y='syscall', G='runtime')
    samples = {f: sum(r['snapshots'] for r in life['runs'] if r['family'] == f) for f in {r['family'] for r in life['runs']}}
    same(sorted(texts('.legend li')), sorted(f'{families[f]} {n * 100 // sum(samples.values())}%' for f, n in samples.items()), 'what the colours of a life mean')
    press('#life summary')
    ok(until(lambda: len(rows('table[aria-label=Life] tbody tr')) == len(life['runs'])), 'a life as a list', len(life['runs']))
    ok(until(lambda: 'open=%23life' in d.current_url), 'which is in the address')
    d.get(d.current_url)
    ok(ready() and until(lambda: len(rows('table[aria-label=Life] tbody tr')) == len(life['runs'])), 'and is open where a link leads')
    ok(life['runs'][0]['function'].split(' ')[0].split('/')[-1] in texts('table[aria-label=Life] tbody tr')[0], 'with what it was in', texts('table[aria-label=Life] tbody tr')[0])
    nth = life['runs'].index(changed)
    d.execute_script("document.querySelectorAll('table[aria-label=Life] tbody button')[arguments[0]].click()", nth)
    ok(until(lambda: d.execute_script("return new URLSearchParams(location.search).get('at')") == str(changed['from'])), 'whose times lead there')
    for i, want in enumerate((now[0], f'id={changing}', '--id ' + str(changing)) if copies else ()):
        d.execute_script("document.querySelectorAll('[aria-label=Copy] button')[arguments[0]].click()", i)
        ok(until(lambda: want in copied()), f'{("stack", "link", "command")[i]} is copied', want)

    brief = next(x for x in lives if len(x['runs']) == 1)
    load(f'?view=goroutine&host=127.0.0.1:6060&id={brief["id"]}')
    ok(text('#life summary').strip() == 'Life: 1 run' and ', 1 run, ' in text('#main p'), 'one is one', text('#life summary'))
    d.look(768, 900, 'light')
    same(d.execute_script("const r = css => document.querySelector(css).getBoundingClientRect(), n = r('#nav'); return [r('#live'), r('#help'), r('.brand')].every(x => x.top < n.bottom && x.bottom > n.top)"), True, 'the head of the page stands in one row beside the views')
    d.look(1440, 1000, 'light')

    # --- light and dark ---
    load()
    d.look(1440, 1000, 'light')
    ink = "return getComputedStyle(document.body).backgroundColor"
    light = d.execute_script(ink)
    press('#theme')
    press('#theme')
    ok(until(lambda: text('#theme') == 'dark' and d.execute_script(ink) != light), 'dark is chosen')
    load()
    ok(text('#theme') == 'dark' and d.execute_script(ink) != light, 'and is kept')
    if d.printed(True):
        same(d.execute_script(ink), light, 'paper is white')
        d.printed(False)
        d.look(1440, 1000, 'light')
    press('#theme')
    ok(until(lambda: text('#theme') == 'auto' and d.execute_script(ink) == light), 'and given up')

    # --- live ---
    load()
    more = TMP + '/more/127.0.0.1_7070'
    os.makedirs(more)
    dumps = sorted(os.listdir(TOP + '/tests/data/series/127.0.0.1_6060'))

    def comes(dump, time):
        shutil.copy(TOP + '/tests/data/series/127.0.0.1_6060/' + dump, f'{more}/2026-11-23T{time}.goroutines.txt.gz')
        index(TMP + '/more')

    comes(dumps[0], '17-00-00')
    ok(until(lambda: '127.0.0.1:7070' in d.execute_script("return document.querySelector('#main tbody').textContent")), 'a new host appears by itself')
    load('?view=host&host=127.0.0.1:7070&by=zzz')
    ok(until(lambda: '17:00:00' in text('#main p')), 'its groups')
    key('j', Keys.ENTER)
    ok(until(lambda: d.find_elements(By.CSS_SELECTOR, 'tr.open a')), 'one is opened')
    key('j')
    member = d.execute_script('return document.activeElement.innerText')
    comes(dumps[1], '17-00-05')
    ok(until(lambda: '17:00:05' in text('#main p') and d.find_elements(By.CSS_SELECTOR, 'tr.open a')), 'new groups come, and the open one stays open')
    ok(until(lambda: d.execute_script('return document.activeElement.innerText') == member), 'with the focus where it was', member)
    ok('by=zzz' in text('#error'), 'what the address had wrong is still told')
    # Text that is selected stays so when news comes, and news comes when it is let go.
    d.execute_script("""const td = document.querySelector('#main tbody td.name'); getSelection().selectAllChildren(td);
        window.heard = 0; new BroadcastChannel('gscrape events of ' + location.pathname).onmessage = () => window.heard++; window.was = String(getSelection());""")
    ok(d.execute_script('return window.was.length > 3'), 'text is selected')
    comes(dumps[2], '17-00-07')
    ok(until(lambda: d.execute_script('return window.heard')), 'news comes')
    s.json('/api/v1/hosts')
    same(d.execute_script('return String(getSelection()) === window.was && !getSelection().isCollapsed'), True, 'and what is selected stays so')
    ok('17:00:05' in text('#main p'), 'as the page does')
    d.execute_script('getSelection().removeAllRanges()')
    ok(until(lambda: '17:00:07' in text('#main p')), 'until it is let go')
    load('?view=goroutine&host=127.0.0.1:7070&id=1')
    same(text('#counter'), 'frame 3/3', 'a goroutine of three samples')
    press('#life summary')
    until(lambda: rows('table[aria-label=Life]'))
    d.find_element(By.ID, 'filter').send_keys('mai')
    comes(dumps[3], '17-00-10')
    ok(until(lambda: text('#counter') == 'frame 4/4'), 'follows what is new')
    ok(rows('table[aria-label=Life] tbody tr'), 'what was open stays so')
    d.switch_to.active_element.send_keys('n')
    same(d.execute_script("return document.getElementById('filter').value"), 'main', 'and does not disturb who types')
    d.switch_to.active_element.send_keys(Keys.ESCAPE)
    key('h')
    same(text('#live[aria-pressed=false]'), 'live', 'who steps back does not follow')
    comes(dumps[4], '17-00-15')
    ok(until(lambda: s.json('/api/v1/hosts')[-1]['snapshots'] >= 5 or True) and until(lambda: frame() == 3), 'stays where it is')
    press('#live')
    ok(until(lambda: text('#counter') == 'frame 5/5' and text('#live[aria-pressed=true]')), 'and follows again when told')

    # --- names are data, never markup ---
    os.makedirs(TMP + '/evil/127.0.0.1_666')
    with open(TMP + '/evil/127.0.0.1_666/2026-11-23T16-05-05.goroutines.txt', 'wb') as f:
        f.write(b'goroutine 1 [<img src=x onerror=alert(1)>]:\nmain.<script>alert(2)</script>(0x1)\n\t/src/"><svg onload=alert(3)>.go:12 +0x1d\n'
                b'created by main.</td><h1>\xff\x80x in goroutine 7\n\t/src/b.go:7 +0x9c\n\ngoroutine 7 [select]:\nmain.main()\n\t/src/a.go:1 +0x1\n\n'
                b'goroutine 9 [select]:\n' + b'main.inner()\n\t/src/a.go:1 +0x1\n' * 50 + b'...101 frames elided...\n' + b'main.outer()\n\t/src/a.go:2 +0x1\n' * 50 + b'\n')
    evil = Server(index(TMP + '/evil', db=TMP + '/evil.db'))
    inserted = []
    for v in ('', '?view=host&host=127.0.0.1:666', '?view=goroutine&host=127.0.0.1:666&id=1', '?view=functions&filter=script', '?view=leaks',
              '?view=host&host=<img src=x onerror=alert(4)>&filter="><script>alert(5)</script>', '?view=<b>&id=<b>'):
        d.get(evil.url + v)
        ready()
        if v.endswith('666'):
            ok(until(lambda: '<script>alert(2)</script>' in text('#main')), 'the function with a tag in its name is shown as it is')
        inserted += d.execute_script("return [...document.querySelectorAll('main img, main script, main svg:not(.spark), main b:not(.num), main h1 ~ h1, header img')].map(e => e.outerHTML)")
    same(inserted, [], 'no name becomes an element')
    d.get(evil.url + '?view=goroutine&host=127.0.0.1:666&id=9')
    until(lambda: ready() and len(texts('#stack li')) > 100)
    same([re.search('outer|inner|elided|$', x)[0] for x in texts('#stack li')], ['outer'] * 50 + ['elided'] + ['inner'] * 50, 'what Go left out of a stack is told where it was')
    ok(evil.ask('/metrics')[2].decode(), 'bytes that are no UTF-8 do not break the metrics')
    own.append(evil.url)
    same(evil.stop(), 0, 'the end of that')
    same([m for m in news() if '404' not in m], [], 'and no script ran')

    # --- for everybody ---
    views = ['', '?view=host&host=127.0.0.1:6060', '?view=goroutine&host=127.0.0.1:6060&id=45', '?view=functions&filter=main.deep$', '?view=leaks', '?view=locks&host=127.0.0.1:6060', '?view=flame&host=127.0.0.1:6060', '?view=canary']
    faults, pale, wide, small = [], [], [], []
    for scheme in ('light', 'dark'):
        for width in (1440, 1024, 390):
            d.look(width, 900, scheme)
            for v in views:
                load(v)
                if d.execute_script('return document.documentElement.scrollWidth > innerWidth'):
                    wide.append((v, width))
                faults += d.execute_script(FAULTS)
                pale += d.execute_script(CONTRAST)
                small += d.execute_script(SMALL) if width == 390 else []
    key('?')
    faults += d.execute_script(FAULTS)
    pale += d.execute_script(CONTRAST)
    same(small, [], 'what is to be touched is 24 pixels wide and high, or more')
    same(wide, [], 'nothing is wider than the screen, at 1440, 1024 and 390')
    same(faults, [], 'names, labels, headings, lists and numbers of elements are in order')
    same(pale, [], 'contrast is 4.5:1 or more, light and dark')
    reports()
    d.look(1440, 1000, 'light')
    hidden, missed, looked = [], [], 0
    for v in views:
        load(v)
        seen = []
        wanted = d.execute_script(REACHABLE)
        for _ in range(len(wanted) + 25): # a field for a time has seven stops
            webdriver.ActionChains(d).send_keys(Keys.TAB).perform() # to whatever has the focus, or a field for a time would begin anew
            seen.append(d.execute_script('return arguments[0](document.activeElement)'.replace('arguments[0]', NAME)))
            looked += d.execute_script('return document.hasFocus()') # Firefox puts a window that changed its size to the back for a while
            if d.execute_script('const e = document.activeElement, c = getComputedStyle(e); return document.hasFocus() && e !== document.body && (c.outlineStyle === "none" || parseFloat(c.outlineWidth) < 1)'):
                hidden.append(seen[-1])
        missed += [(v, w) for w in wanted if w not in seen]
    same(missed, [], 'Tab comes to everything that can be used')
    ok(not hidden and looked > 100, 'and the focus can be seen', (looked, hidden))
    load()
    key(Keys.TAB)
    same(d.switch_to.active_element.text, 'Skip to content', 'Tab first offers to skip the navigation')
    key(Keys.ENTER)
    same(d.switch_to.active_element.get_attribute('id'), 'main', 'and does')
    for _ in range(1 + [h['host'] for h in s.json('/api/v1/hosts')].index('127.0.0.1:6060')):
        key('j')
    if d.execute_script('return document.activeElement.innerText') == '!':
        key('j')
    key(Keys.ENTER)
    ok(until(lambda: 'view=host' in d.current_url and ready() and text('h1') == '127.0.0.1:6060'), 'the keyboard alone: to a host')
    same(d.switch_to.active_element.get_attribute('id'), 'main', 'the focus is where the new view begins')
    ok('127.0.0.1:6060' in text('#say'), 'a screen reader hears of it', text('#say'))
    key('&')
    d.switch_to.active_element.send_keys('newPool', Keys.ENTER)
    ok(until(lambda: '1/12 groups' in text('#main p')), 'filter', text('#main p'))
    key('g', Keys.ENTER)
    ok(until(lambda: d.find_elements(By.CSS_SELECTOR, 'tr.open a')), 'open the group')
    key('j', Keys.ENTER)
    ok(until(lambda: 'view=goroutine' in d.current_url and ready() and text('#counter')), 'a goroutine of it')
    key('p')
    ok(until(lambda: ready() and text('h1').startswith('g1 ')), 'its parent')
    key('q')
    ok(until(lambda: ready() and not text('h1').startswith('g1 ')), 'and back')
    grouped_profiles()
    many_windows(lambda: comes(dumps[5], '17-00-20')) # the last: a window that others were over is not in front in every browser
    same(news(), [], 'no complaint in all that')
    ok(len(requests) > 100 or BROWSER != 'chromium', 'it did ask', len(requests))
    same([r for r in requests if not r.startswith((*own, 'data:', 'file:', 'chrome:', 'chrome-'))], [], 'and nobody but its own server')


def locked(lock):
    """What is waited for: how many, over time, for how long, who holds it and why, who waits; circles; both ends of channels."""
    row = texts('table[aria-label=Waiters] > tbody > tr')[0].split('\t')
    same([row[0], row[1], row[7]], [str(lock['count']), str(lock['longest']), str(lock['handed_over'])], 'how many wait, did at most, and got it')
    ok(f"sync.Mutex {lock['object']}" == row[3] and f"g{lock['holder']}" in row[4] and lock['holder_why'] in row[4], 'for which lock, who seems to hold it, and why', row)
    waiting = s.json('/api/v1/goroutines?host=127.0.0.1:6060&where=' + quote(f"wait_object == {lock['object']}"))['goroutines']
    same(sorted(texts('table[aria-label=Members] tbody a')), sorted(f"g{x['id']}" for x in waiting), 'and who waits, where a link opened it')
    line = "const c = Chart.getChart(document.querySelector('.chart canvas')); return c.data.datasets.map(d => [d.label, Math.max(...d.data.map(p => p.y ?? 0))])"
    most = max(x['matching'] or 0 for x in s.json('/api/v1/snapshots?host=127.0.0.1:6060&where=' + quote('family in (lock, wait)'))['snapshots'])
    same(d.execute_script(line), [[f"sync.Mutex {lock['object']}", lock['longest']], ['locks, wait groups, conditions: all', most]], 'over time as well')
    press('table[aria-label=Waiters] > tbody > tr > td > button')
    ok(until(lambda: 'open=' not in d.current_url and not rows('tr.open')), 'a click shuts it, in the address too')
    press('table[aria-label=Waiters] > tbody > tr > td > button')
    ok(until(lambda: f"open={lock['object']}" in d.current_url and rows('tr.open')), 'and opens it')
    press('#channels summary')
    ends = s.json('/api/v1/channels?host=127.0.0.1:6060')['channels']
    ok(until(lambda: len(texts('table[aria-label=Channels] tbody tr')) == len(ends) > 3), 'who sends and who receives')
    guess = next(x for x in ends if x['partners'])['partners'][0]
    ok(any(f"{guess['at']}, {guess['why']}" in x for x in texts('table[aria-label=Channels] tbody tr')), 'and the other end, with its reason')
    press('#channels summary')
    ok(until(lambda: not rows('table[aria-label=Channels]')), 'which goes away again')
    load('?view=locks&host=127.0.0.1:6060&at=1795450400000')
    then = s.json('/api/v1/waiters?host=127.0.0.1:6060&at=1795450400000')['waiters'][0]
    same(texts('table[aria-label=Waiters] tbody tr')[0].split('\t')[7], str(then['handed_over']), 'at another T, up to that')
    d.find_element(By.ID, 'filter').send_keys('no such lock')
    ok(until(lambda: 'Nothing passes' in text('#main')), 'filtered')
    key(Keys.ESCAPE)
    load('?view=locks&host=127.0.0.1:6060')
    press('h1')
    key('p')
    ok(until(lambda: f"id={lock['holder']}&" in d.current_url and ready()), 'p opens who holds it')
    load(f"?view=goroutine&host=127.0.0.1:6060&id={lock['oldest_id']}")
    same(text('#waits'), f"waits for {lock['object']}", 'who waits says for what')
    press('#waits')
    ok(until(lambda: 'view=locks' in d.current_url and ready() and rows('tr.open')), 'and leads there')
    ok(f"g{lock['oldest_id']} waits longest" in text('tr.open'), 'where it is told who waits longest', text('tr.open'))

    folder = TMP + '/locks'
    os.mkdir(folder)
    shutil.copy(TOP + '/tests/data/locks/go126.txt', folder + '/a-2026-11-26T06-28-00.txt')
    other = Server(index(folder, db=TMP + '/locks.db'))
    own.append(other.url)
    d.get(other.url + '?view=locks&host=locks')
    known = other.json('/api/v1/waiters?host=locks')['waiters']
    circles = {frozenset(re.findall(r'(\d+) seems to hold', w['deadlock'])) for w in known if w.get('deadlock')}
    ok(ready() and until(lambda: len(texts('[aria-label=Deadlocks] li')) == len(circles) == 3), 'circles, each once', texts('[aria-label=Deadlocks] li'))
    same({frozenset(re.findall(r'g(\d+)', t)) for t in texts('[aria-label=Deadlocks] li')}, circles, 'of those who are in them')
    place = next(w for w in known if w['object'] is None)
    ok(any('\t'.join(['RWMutex', place['at'].split('/')[-1]]).replace('\t', ' ') in t and place['holder_why'] in t for t in texts('table[aria-label=Waiters] tbody tr')), 'who waits to read, by the line')
    same(other.stop(), 0, 'the end of that')


def rolled(table):
    """The rows of a long list that are there, as lists of cells."""
    return d.execute_script("return [...document.querySelectorAll(`table[aria-label=${arguments[0]}] tr[aria-rowindex]`)].map(tr => [...tr.cells].map(c => c.innerText.trim()))", table)


def scrolled(table, to):
    d.execute_script("document.querySelector(`table[aria-label=${arguments[0]}]`).closest('.roll').scrollTop = arguments[1]", table, to)


def listed_functions():
    """All functions, as a list of which only what is seen is there; one of them with who had it, who calls it, and whom it calls."""
    load('?view=functions&filter=main.deep$')
    same(len(rolled('Functions')), 1, 'functions by pattern')
    ok(until(lambda: d.find_elements(By.LINK_TEXT, 'g45')), 'and who had them on the stack')
    load('?view=functions')
    known = s.json('/api/v1/functions?limit=100000')['functions']
    told = sorted((f['goroutines'] for f in known if f['goroutines'] is not None), reverse=True)
    ok(told and len(told) < len(known), 'of some functions it is not known how many have them')
    ok(until(lambda: 20 < len(rolled('Functions')) < 80 < len(known)), 'of a long list what is seen is there', len(rolled('Functions')))
    shown = rolled('Functions')
    same([r[1] for r in shown], ([f'{n:,}' for n in told] + ['-'] * len(known))[:len(shown)], 'functions by how many have them at T')
    scrolled('Functions', 1e9)
    ok(until(lambda: rolled('Functions')[-1][1] == '-' and d.execute_script("return [...document.querySelectorAll('table[aria-label=Functions] tr[aria-rowindex]')].at(-1).ariaRowIndex") == str(len(known))), 'unknown ones last, to the end of the list')
    load('?view=functions&at=1795449905000&filter=main.fetch.func1$')
    one = s.json('/api/v1/functions?q=main.fetch.func1$&at=1795449905000')['functions'][0]['goroutines']
    alive = sum(h['known']['goroutines'] for h in s.json('/api/v1/hosts?at=1795449905000') if h['known']['time'] is not None)
    use = s.json('/api/v1/uses?funcs=main.fetch.func1')['uses'][0]
    ok(until(lambda: rolled('Functions')[0][:3] == [f"{use['ever']:,}", f'{one:,}', f'{one * 100 // alive}%']), 'at another T: how many ever, how many then, of how many', rolled('Functions'))
    ok(d.execute_script("return document.querySelectorAll('table[aria-label=Functions] .spark path').length") == 1, 'and when')
    hits = s.json('/api/v1/hits?func=main.fetch.func1&limit=10000')['hits']
    most = max(x['snapshots'] for x in hits)
    ok(until(lambda: rolled('Goroutines')[0][3] == str(most)), 'who had it, most samples first', rolled('Goroutines')[:1])
    press('table[aria-label=Goroutines] th:last-child button')
    ok(until(lambda: rolled('Goroutines')[0][3] == str(min(x['snapshots'] for x in hits))), 'or last')
    calls = s.json('/api/v1/callers?func=main.fetch.func1')
    ok(until(lambda: 'open=main.fetch.func1' in d.current_url), 'it is in the address')
    load('?view=functions&open=main.fetch.func1')
    same(text('#main .cols h2'), 'main.fetch.func1', 'where a link leads')
    ok('created by main.fetch' in text('table[aria-label="Called by"]') and len(rows('table[aria-label=Calls] tbody tr')) == len(calls['callees']), 'who calls it, and whom it calls')
    load('?view=functions&from=1795450000000&to=1795450300000&filter=main.fetch.func1$')
    use = s.json('/api/v1/uses?funcs=main.fetch.func1&from=1795450000000&to=1795450300000')['uses'][0]['ever']
    ok(until(lambda: rolled('Functions')[0][0] == f'{use:,}') and use < len(hits), 'in a window, of that', use)
    load('?view=functions')
    press('h1')
    key('j')
    for _ in range(60):
        key('j')
    ok(until(lambda: d.execute_script("return document.activeElement.closest('tr')?.ariaRowIndex") == '61'), 'the keyboard goes through rows that were not there')
    key('G')
    ok(until(lambda: d.execute_script("return document.activeElement.closest('tr')?.ariaRowIndex") == str(len(known))), 'to the last')


def window_bar(window):
    """From and to as fields, the last so much, everything."""
    load('?view=host&host=127.0.0.1:6060')
    whole = d.execute_script(window)
    same(d.execute_script("return [document.getElementById('window-from').value, document.getElementById('window-to').value].map(x => Date.parse(x + 'Z') / 1000)"), [t // 1000 for t in whole], 'the fields tell the window')
    Select(d.find_element(By.ID, 'last')).select_by_visible_text('last 5 m')
    ok(until(lambda: d.execute_script(window) == [whole[1] - 300000, whole[1]]), 'the last five minutes', d.execute_script(window))
    ok(until(lambda: f'from={whole[1] - 300000}' in d.current_url), 'are in the address')
    d.execute_script("const f = document.getElementById('window-from'); f.value = new Date(arguments[0]).toISOString().slice(0, 19); f.dispatchEvent(new Event('change'))", whole[1] - 120000)
    ok(until(lambda: d.execute_script(window)[0] == (whole[1] - 120000) // 1000 * 1000), 'a begin is picked')
    d.execute_script("const f = document.getElementById('window-from'); f.value = new Date(arguments[0]).toISOString().slice(0, 19); f.dispatchEvent(new Event('change'))", whole[1] + 120000)
    ok(until(lambda: 'ends before it begins' in text('#error')), 'one behind the end is refused')
    press('#reset')
    ok(until(lambda: d.execute_script(window) == whole and 'from=' not in d.current_url), 'and everything is shown again')


def compared():
    """T beside a pinned time, and this table as a file."""
    load('?view=host&host=127.0.0.1:6060&at=1795450000000')
    ok(not rows('table[aria-label="What moved"]'), 'nothing is compared')
    press('#pin')
    ok(until(lambda: 'base=1795450000000' in d.current_url), 'a time is pinned')
    load('?view=host&host=127.0.0.1:6060&at=1795451000000&base=1795450000000')
    want = s.json('/api/v1/diff?host=127.0.0.1:6060&from=1795450000000&to=1795451000000')['diff'][0]
    ok(until(lambda: texts('table[aria-label="What moved"] tbody tr')[0].split()[0] == f"+{want['to'] - want['from']:,}"), 'a host at two times: what moved most comes first', texts('table[aria-label="What moved"] tbody tr')[:1])
    ok(f"{want['created_by']} {want['created_at'].split('/')[-1]} {want['state']}" in texts('table[aria-label="What moved"] tbody tr')[0], 'with its place, as one function may have several')
    same(d.execute_script("return new URL(document.querySelector('table[aria-label=\"What moved\"] tbody a').href).searchParams.get('filter')"), f'created_by == "{want["created_at"]}"', 'whose link leads to these alone')
    files = d.execute_script("return [...document.querySelectorAll('.downloads a')].map(a => a.href)")
    same([s.ask(f[len(s.url) - 1:])[0] for f in files], [200] * 7, 'what is offered as files is there')
    ok('/api/v1/export/groups.csv?' in files[0] and 'at=1795451000000' in files[0], 'of the time that is looked at', files)


def two_windows():
    """A window beside a pinned one."""
    load('?view=host&host=127.0.0.1:6060&by=state&from=1795449905000&to=1795450200000')
    press('#pin-window')
    ok(until(lambda: 'base=1795449905000' in d.current_url and 'until=1795450200000' in d.current_url), 'a window is pinned, in the address')
    load('?view=host&host=127.0.0.1:6060&by=state&from=1795451000000&to=1795451528000&base=1795449905000&until=1795450200000')
    def means(a, b):
        x = s.json(f'/api/v1/activity?host=127.0.0.1:6060&by=state&from={a}&to={b}')
        return {g['group']: g['samples'] / x['snapshots'] for g in x['groups']}
    was, now = means(1795449905000, 1795450200000), means(1795451000000, 1795451528000)
    row = lambda: texts('table[aria-label=Windows] tbody tr')[0].split('\t')
    ok(until(lambda: rows('table[aria-label=Windows]') and row()[1] == 'chan send'), 'the group that differs most comes first', texts('table[aria-label=Windows] tbody tr')[:1])
    same(row()[0::2] + row()[3:], [f"+{now['chan send'] - was['chan send']:,.0f}", f"{was['chan send']:,.0f}", f"{now['chan send']:,.0f}"], 'by how many there were on average of the snapshots')
    ok('16:05:05 to 16:10:00' in text('#crumbs'), 'it says with what it is compared', text('#crumbs'))
    press('#pin-window')
    ok(until(lambda: 'until=' not in d.current_url and not rows('table[aria-label=Windows]')), 'and is given up')
    load('?view=host&host=127.0.0.1:6060&until=1795450200000')
    ok('the pinned window in the address' in text('#error'), 'a window that has no begin is told')


def stacked_groups():
    """A host's chart in groups, one upon the other; what became of each over the window."""
    asked = '/api/v1/activity?host=127.0.0.1:2019&by=state'
    load('?view=host&host=127.0.0.1:2019&by=state')
    known = {g['group']: g for g in s.json(asked)['groups']}
    ok(all([f"{known[r[1]]['came']:,}", f"{known[r[1]]['left']:,}"] == r[4:6] for r in (t.split('\t') for t in texts('table[aria-label=Groups] tbody tr'))), 'how many came into a group and left it', texts('table[aria-label=Groups] tbody tr')[:1])
    same(len(rows('table[aria-label=Groups] .spark path')), len(rows('table[aria-label=Groups] tbody tr')), 'and a small chart of each')
    Select(d.find_element(By.ID, 'chart')).select_by_visible_text('by state')
    drawn = "const c = Chart.getChart(document.querySelector('.chart canvas')); return [c.options.scales.y.stacked, c.data.datasets.map(d => [d.label, d.data.map(p => p.y)])]"
    ok(until(lambda: d.execute_script(drawn)[0] and 'chart=state' in d.current_url), 'a chart by state, in the address')
    sets = dict(d.execute_script(drawn)[1])
    whole = [b['last'] for b in s.json('/api/v1/snapshots?host=127.0.0.1:2019&buckets=300')['buckets']]
    same([sum(x) for x in zip(*sets.values())], whole, 'together they are as many as there were')
    same(list(sets)[:2] + list(sets)[-1:], ['IO wait', 'select', f'{len(known) - 7} other' + 's' * (len(known) != 8)], 'the largest first, then all others')
    same(max(sets['IO wait']), known['IO wait']['peak'], 'each as the API has it')
    d.find_element(By.ID, 'filter').send_keys('func ~ net')
    passing = s.json('/api/v1/snapshots?host=127.0.0.1:2019&buckets=300&where=' + quote('func ~ net'))['buckets']
    there = lambda: [sum(y or 0 for y in x) for x in zip(*dict(d.execute_script(drawn)[1]).values())]
    ok(until(lambda: max(there()) == max(x['matching'] or 0 for x in passing) < max(whole)), 'those that pass, where there is a filter', there())
    then = s.json('/api/v1/groups?host=127.0.0.1:2019&by=state&where=' + quote('func ~ net'))['groups']
    got = {label: [y for y in ys if y is not None][-1] for label, ys in d.execute_script(drawn)[1]}
    same({g['group']: g['count'] for g in then}, {k: n for k, n in got.items() if n}, 'in each group as many as there are')
    ok(until(lambda: [r.split('\t')[1] for r in texts('table[aria-label=Groups] tbody tr')] == [g['group'] for g in then] and len(rows('table[aria-label=Groups] .spark path')) == len(then)), 'and over time')
    key(Keys.ESCAPE)
    load('?view=host&host=127.0.0.1:2019&by=state&chart=state')
    mark = "const c = Chart.getChart(document.querySelector('.chart canvas')); return c.options.restarts.map(t => t >= c.scales.x.min && t <= c.scales.x.max)"
    same(d.execute_script(mark), [True], 'a new process is marked')
    load('?view=host&host=127.0.0.1:2019&chart=groups&from=1795450460000&to=1795450500000')
    same(len(rows('table[aria-label=Groups] .swatch')) > 2, True, 'by group, whose colours the table has')
    came = s.json('/api/v1/activity?host=127.0.0.1:2019&from=1795450460000&to=1795450500000')['groups'][0]
    first = next(t.split('\t') for t in texts('table[aria-label=Groups] tbody tr') if came['group'].split('/')[-1].split(' ')[0] in t)
    same(first[4:6], [str(came['came']), str(came['left'])], 'of the window that is shown')


def flames(wide):
    """A frame that is looked at is in the address; two windows side by side, on average of their snapshots."""
    load('?view=flame&host=127.0.0.1:6060&at=1795451000000')
    focus = "return document.querySelector('#main p.dim').innerText.split('looked at: ')[1] ?? ''"
    d.execute_script("[...document.querySelectorAll('#main svg g')].find(g => g.querySelector('title').textContent.startsWith('main.fetch.func1:')).dispatchEvent(new Event('click'))")
    ok(until(lambda: d.execute_script(focus).startswith('main.fetch.func1: ') and 'open=main.fetch' in d.current_url), 'a frame that is looked at is in the address', d.current_url)
    seen = d.execute_script(focus)
    d.get(d.current_url)
    ok(ready() and until(lambda: d.execute_script(focus) == seen), 'where a link leads')
    d.get(d.current_url.replace('at=1795451000000', 'at=1795450000000'))
    ok(ready() and until(lambda: d.execute_script(focus).startswith('main.fetch.func1: ') and d.execute_script(focus) != seen), 'at other times, too', d.execute_script(focus))
    key('|')
    ok(until(lambda: not d.execute_script(focus) and 'open=' not in d.current_url), 'until all is shown')
    load('?view=flame&host=127.0.0.1:6060&at=1795451000000&open=no.such.frame')
    same(dict(d.execute_script(wide))['all'] > 300, True, 'a frame that is not there is none')
    windows = [(1795451000000, 1795451528000), (1795449905000, 1795450200000)]
    load('?view=host&host=127.0.0.1:6060&by=state&from=%d&to=%d&base=%d&until=%d' % (*windows[0], *windows[1]))
    ok(until(lambda: rows('table[aria-label=Windows]')), 'two windows')
    press('as a flame graph', By.LINK_TEXT)
    ok(until(lambda: 'view=flame' in d.current_url and ready()), 'as a flame graph')
    def means(func, window):
        x = [s.json(f'/api/v1/activity?host=127.0.0.1:6060&by=state&from={w[0]}&to={w[1]}&limit=1')['snapshots'] for w in windows][windows.index(window)]
        return sum(int(line.rsplit(' ', 1)[1]) for line in s.ask('/api/v1/export/folded?host=127.0.0.1:6060&from=%d&to=%d' % window)[2].decode().splitlines() if func in line.rsplit(' ', 1)[0].split(';')) / x
    now, was = [means('main.fetch.func1', w) for w in windows]
    cells = lambda: texts('table[aria-label=Frames] tbody tr')[0].split('\t')
    ok(cells()[0] == 'main.fetch.func1' and [float(x.replace(',', '')) for x in (cells()[1], cells()[3], cells()[4])] == [round(now, 1), round(was, 1), round(now - was, 1)], 'what differs most comes first, on average of the snapshots', (cells(), now, was))
    ok('on average of the snapshots' in text('#main p.dim') and '16:05:05' in text('#main p.dim'), 'as it says', text('#main p.dim'))
    key('x')
    ok(until(lambda: 'Pin a time first' in text('#unknown')), 'until the window is given up')


def scaled():
    """Hosts on one scale, each on its own, in powers of ten; who leaks first."""
    load()
    tops = "const c = Chart.getChart(document.querySelector('.chart canvas')); return [c.scales.y.type, c.data.datasets.map(d => Math.round(Math.max(...d.data.map(p => p.y ?? 0)))), c.options.scales.y.title.text]"
    most = d.execute_script(tops)
    same(most[0], 'linear', 'one scale')
    ok(len(set(most[1])) > 5, 'on which hosts differ')
    key('c')
    ok(until(lambda: d.execute_script(tops) == ['linear', [100] * len(most[1]), '% of its most'] and 'scale=own' in d.current_url), 'c: each on its own', d.execute_script(tops))
    label = "const c = Chart.getChart(document.querySelector('.chart canvas')), s = c.data.datasets[0]; return c.options.plugins.tooltip.callbacks.label({ dataset: s, parsed: { y: 100 } })"
    same(d.execute_script(label), f'127.0.0.1:6060: {most[1][0]:,}', 'where a number is still a number')
    Select(d.find_element(By.ID, 'scale')).select_by_visible_text('logarithmic')
    ok(until(lambda: d.execute_script(tops)[:2] == ['logarithmic', most[1]] and 'scale=log' in d.current_url), 'or in powers of ten')
    load('?scale=log')
    same(d.execute_script(tops)[0], 'logarithmic', 'which a link brings back')
    same(d.execute_script("return Chart.getChart(document.querySelector('.chart canvas')).scales.y.min"), 1, 'from one on')
    ok(until(lambda: len(rows('table[aria-label=Hosts] .spark path')) == len(rows('table[aria-label=Hosts] tbody tr'))), 'a small chart of each host')
    press('#sort-Hosts-5')
    leaks = s.json('/api/v1/leaks?limit=1000')['leaks']
    best = {x['host']: x['score'] for x in reversed(leaks)}
    ok(until(lambda: [t.split('\t')[5].strip() for t in texts('table[aria-label=Hosts] tbody tr')][:len(best)] == [f'{x:.2f}' for x in sorted(best.values(), reverse=True)]), 'suspects first', texts('table[aria-label=Hosts] tbody tr'))
    load()


def alone():
    """One line alone in a chart, by the legend or by its colour in the table."""
    drawn = "const c = Chart.getChart(document.querySelector('.chart canvas')); return c.data.datasets.filter((x, i) => c.isDatasetVisible(i)).map(x => x.label)"
    legend = """const c = Chart.getChart(document.querySelector('.chart canvas')), l = c.legend, i = l.legendItems.findIndex(x => x.text === arguments[0]), b = l.legendHitBoxes[i], r = c.canvas.getBoundingClientRect();
        for (const type of ['mousedown', 'mouseup', 'click']) c.canvas.dispatchEvent(new MouseEvent(type, { bubbles: true, altKey: arguments[1], clientX: r.left + b.left + 5, clientY: r.top + b.top + b.height / 2 }))"""
    load()
    all = d.execute_script(drawn)
    same(len(all), 7, 'all hosts are drawn')
    d.execute_script(legend, '127.0.0.1:6060', False)
    ok(until(lambda: sorted(d.execute_script(drawn)) == sorted(x for x in all if x != '127.0.0.1:6060')), 'a click on a name takes its line away', d.execute_script(drawn))
    d.execute_script(legend, '127.0.0.1:6060', True)
    ok(until(lambda: d.execute_script(drawn) == ['127.0.0.1:6060'] and 'only=127.0.0.1:6060' in d.current_url), 'with Alt it alone is drawn, in the address', d.current_url)
    d.get(d.current_url)
    ok(ready() and until(lambda: d.execute_script(drawn) == ['127.0.0.1:6060']), 'where a link leads')
    same(d.execute_script("return [...document.querySelectorAll('.alone[aria-pressed=true]')].map(e => e.id)"), ['alone-127.0.0.1:6060'], 'which its colour in the table says')
    d.execute_script("document.getElementById('alone-127.0.0.1:2019').focus()")
    key(Keys.ENTER)
    ok(until(lambda: d.execute_script(drawn) == ['127.0.0.1:2019']), 'and does for another one, by keyboard')
    same(d.execute_script('return document.activeElement.id'), 'alone-127.0.0.1:2019', 'whose focus stays')
    key(Keys.ENTER)
    ok(until(lambda: d.execute_script(drawn) == all and 'only=' not in d.current_url), 'or all again')


def labelled():
    """Hosts by a label: a row and a line for each of its values; hosts that have one against the rest."""
    folder = TMP + '/pods'
    for port, per_minute in ((1, 4), (2, 1), (3, 0), (4, 2), (5, 3)):
        os.makedirs(f'{folder}/127.0.0.1_{port}')
        for m in range(10, 40):
            with open(f'{folder}/127.0.0.1_{port}/2026-01-01T00-{m}-00Z.goroutines.txt', 'w') as f:
                f.write('goroutine 1 [running]:\nmain.main()\n\t/m.go:9 +0x1\n')
                for k in range((m - 9) * per_minute):
                    f.write(f'\ngoroutine {k + 2} [chan send]:\nmain.ask()\n\t/m.go:20 +0x1\ncreated by main.serve in goroutine 1\n\t/m.go:30 +0x1\n')
    db = index(folder, db=TMP + '/pods.db')
    with open(TMP + '/targets.json', 'w') as f:
        f.write('[{"targets": ["127.0.0.1:1"], "labels": {"app": "api", "track": "canary"}}, {"targets": ["127.0.0.1:2", "127.0.0.1:3"], "labels": {"app": "api"}},'
                '{"targets": ["127.0.0.1:4"], "labels": {"app": "web"}}]')
    subprocess.run([GSCRAPE, '--scrape', '--once', '--targets-file', TMP + '/targets.json', '--no-archive', '-q', '--db', db], stderr=subprocess.DEVNULL)
    pods = Server(db)
    own.append(pods.url)
    window = '&from=1767226200000&to=1767227940000'
    cells = lambda table: [t.split('\t') for t in texts(f'table[aria-label="{table}"] > tbody > tr')]
    first = lambda table: [[x[0].replace('\n', ' ').strip(' !'), x[1]] for x in cells(table)]
    lines = "return Chart.getChart(document.querySelector('.chart canvas')).data.datasets.map(x => [x.label, Math.max(...x.data.map(p => p.y ?? 0))])"
    d.get(pods.url + '?view=overview' + window)
    ok(ready() and until(lambda: len(cells('Hosts')) == 5), 'hosts, each by itself')
    press('h1')
    key('v')
    ok(until(lambda: first('Hosts') == [['app=api 3 hosts, 3 down', '153'], ['app=web 1 host, 1 down', '61'], ['without app 1 host', '91']]), 'v: together by a label, those without it last', cells('Hosts'))
    ok(until(lambda: d.execute_script(lines) == [['app=api', 153], ['without app', 91], ['app=web', 61]] and 'label=app' in d.current_url), 'with a line for each, in the address', d.execute_script(lines))
    ok(until(lambda: 'app=api: 2 hosts' in text('table[aria-label="What moved"]')), 'what moved is of the groups, too', text('table[aria-label="What moved"]'))
    ok(until(lambda: len(rows('table[aria-label=Hosts] .spark path')) == 3), 'and small charts')
    press('table[aria-label=Hosts] > tbody > tr > td > button:not(.alone)')
    ok(until(lambda: [x[0].split(' ')[0] for x in first('Hosts: app=api')] == ['127.0.0.1:1', '127.0.0.1:2', '127.0.0.1:3']), 'one opens to its hosts', first('Hosts: app=api'))
    ok(until(lambda: 'open=app%3Dapi' in d.current_url), 'in the address')
    d.get(pods.url + '?view=overview&label=app&open=app%3Dapi&only=app%3Dweb&at=1767227000000' + window)
    ok(ready() and until(lambda: len(cells('Hosts: app=api')) == 3 and cells('Hosts')[0][-1] == '73'), 'and is open where a link leads, with the numbers at T', cells('Hosts')[:1])
    same(d.execute_script("const c = Chart.getChart(document.querySelector('.chart canvas')); return c.data.datasets.filter((x, i) => c.isDatasetVisible(i)).map(x => x.label)"), ['app=web'], 'one group alone')
    press('h1')
    key('v')
    ok(until(lambda: 'label=track' in d.current_url and len(cells('Hosts')) == 2), 'v: the next label')
    key('v')
    ok(until(lambda: 'label=' not in d.current_url and len(cells('Hosts')) == 5), 'and each host again')
    d.get(pods.url + '?label=zone')
    ok(ready() and 'no host has a label "zone"' in text('#error') and len(cells('Hosts')) == 5, 'a label that no host has is told')

    d.get(pods.url + '?view=canary&at=1767227000000' + window)
    ok(ready() and 'Choose the label' in text('#main'), 'hosts against the rest: which is to be chosen')
    Select(d.find_element(By.ID, 'canary')).select_by_visible_text('track=canary')
    want = lambda query: [[('+' if x['differs'] > 0 else '') + f"{x['differs']:g}", f"{x['canary_each']:g}", f"{x['rest_each']:g}", f"{x['rest_least']} to {x['rest_most']}"] for x in pods.json(f'/api/v1/canary?canary=track%3Dcanary&at=1767227000000{query}')['canary']]
    shown = lambda: [[x[0], x[2], x[3], x[5]] for x in cells('Canary')]
    ok(until(lambda: shown() == want('') == [['+35', '56', '21', '0 to 42']] and 'canary=track%3Dcanary' in d.current_url), 'how many more each of them has than each other, in the address', cells('Canary'))
    ok('apart' in cells('Canary')[0][1] and 'main.serve' in cells('Canary')[0][1], 'of which group, and that no other has as many', cells('Canary'))
    Select(d.find_element(By.ID, 'of')).select_by_visible_text('app=api')
    ok(until(lambda: shown() == want('&of=app%3Dapi') == [['+49', '56', '7', '0 to 14']]), 'or than others of its workload', cells('Canary'))
    colours = d.execute_script("return Chart.getChart(document.querySelector('.chart canvas')).data.datasets.map(x => x.borderColor)")
    ok(until(lambda: d.execute_script(lines) == [['127.0.0.1:1', 121], ['127.0.0.1:2', 31], ['127.0.0.1:3', 1]]) and colours[0] != colours[1] == colours[2], 'a colour for each side', colours)
    press('h1')
    key('v', 'v', 'v')
    ok(until(lambda: cells('Canary')[0][:2] == ['+49', 'chan send apart'] and 'by=state' in d.current_url), 'v groups by the next thing', cells('Canary'))
    d.find_element(By.ID, 'filter').send_keys('state == running')
    ok(until(lambda: 'No difference' in text('#main')), 'of those that pass')
    d.get(pods.url + '?view=canary&canary=track%3Dcanary&of=app%3Dapi')
    ok(ready() and until(lambda: len(texts('[aria-label="What could not be known"] li')) == 3), 'of whom nothing is known, and why', text('#main'))
    wrong = []
    for scheme, width in (('light', 1440), ('dark', 768), ('dark', 390)):
        for query in ('?label=app&open=app%3Dapi&at=1767227000000', '?view=canary&canary=track%3Dcanary&at=1767227000000'):
            d.look(width, 900, scheme)
            d.get(pods.url + query + window)
            until(lambda: ready() and not d.execute_script('return document.getAnimations().length'))
            wrong += [x for look in (FAULTS, CONTRAST, SMALL if width == 390 else 'return []') for x in d.execute_script(look)]
            wrong += ['wide'] * d.execute_script('return document.documentElement.scrollWidth > innerWidth')
    same(wrong, [], 'in order and to be read at all widths, light and dark')
    d.look(1440, 1000, 'light')
    d.get(pods.url + '?view=canary&canary=track%3Dcanary&of=app%3Dapi')
    until(ready)
    if d.may_copy(pods.url):
        press('h1')
        key('y', 'c')
        ok(until(lambda: copied() == "gscrape-tui --canary 'track=canary' --of 'app=api'"), 'the command that tells the same', copied())
    same([m for m in news() if '404' not in m], [], 'no complaint in that')
    same(pods.stop(), 0, 'the end of that')
    load()
    press('h1')
    key('v')
    ok(until(lambda: 'No host has labels' in text('#say')), 'where no host has labels, it says so')
    load('?view=canary')
    ok('No host has labels' in text('#main'), 'everywhere')


def reports():
    """A report for a ticket: on a phone, by night."""
    file = TMP + '/report.html'
    subprocess.run([GSCRAPE, '--report', file, '--db', TMP + '/db', '--page-url', s.url + 'gs'], check=True)
    wide, pale = [], []
    for scheme in ('light', 'dark'):
        for width in (390, 1440):
            d.look(width, 900, scheme)
            d.get('file://' + file)
            if d.execute_script('return document.documentElement.scrollWidth > innerWidth'):
                wide.append((width, scheme))
            pale += d.execute_script(CONTRAST)
    same(wide, [], 'a report is no wider than the screen')
    same(pale, [], 'and can be read, links too')
    links = d.execute_script("return [...document.querySelectorAll('a')].map(a => a.href)")
    ok(links and all(x.startswith(s.url + 'gs/?view=goroutine&') for x in links), 'whose links lead where the page is', links[:2])


def many_windows(news_come):
    """One stream for all windows of a browser: the seventh does not hang, and all hear."""
    load('?view=host&host=127.0.0.1:7070')
    before, first = texts('#main p')[0], d.current_window_handle
    for _ in range(7):
        d.switch_to.new_window('window')
        d.set_page_load_timeout(20)
        load('?view=host&host=127.0.0.1:7070')
        same(texts('#main p')[0], before, 'a window more')
    news_come()
    heard = 0
    for w in d.window_handles:
        d.switch_to.window(w)
        heard += bool(until(lambda: texts('#main p') and texts('#main p')[0] != before))
    same(heard, 8, 'all hear what is new')
    d.switch_to.window(first)
    for w in d.window_handles:
        if w != first:
            d.switch_to.window(w)
            d.close()
    d.switch_to.window(first)


def grouped_profiles():
    """Without identities: what is made up, or a bound, is told as such."""
    folder = TMP + '/profiles'
    os.mkdir(folder)
    profile = open(TOP + '/tests/data/texts/40-debug1.txt').read()
    for i in range(3):
        with open(f'{folder}/g-2026-11-23T10-0{i}-00.txt', 'w') as f:
            f.write(profile)
    other = Server(index(folder, db=TMP + '/profiles.db'))
    own.append(other.url)
    d.get(other.url + '?view=host&host=profiles')
    ok(ready() and until(lambda: 'it tells no identities' in text('#grouped')), 'a grouped profile is called so, and none is missing', text('#main'))
    ok(texts()[0].rstrip().endswith('\t-'), 'of who was in the first profile no age is known', texts()[:1])
    d.get(other.url + '?view=goroutine&host=profiles&id=3')
    ok(ready() and until(lambda: 'this one is made up' in text('#grouped')) and 'alive (-)' in text('#main'), 'and so is how long a made-up identity has been there', text('#main'))
    same(other.stop(), 0, 'the end of that')


NAME = "(e => [e.tagName, e.id, e.getAttribute('aria-label'), e.tagName === 'SELECT' || e.matches('.roll') ? '' : e.innerText].join(' ').trim())"
REACHABLE = f"return [...document.querySelectorAll('a[href], button, input, select, summary, [tabindex=\"0\"]')].filter(e => e.offsetParent && !e.disabled).map({NAME})"
FAULTS = """
const out = [], tell = (what, e) => out.push(what + ': ' + e.outerHTML.slice(0, 120)), shown = css => [...document.querySelectorAll(css)].filter(e => e.offsetParent || e.closest('dialog[open]'));
const named = e => e.getAttribute('aria-label') || e.innerText.trim() || (e.labels && e.labels.length) || e.title;
shown('button, input, select, a, canvas, table, nav, section, dialog[open], [role=region]').filter(e => !named(e)).forEach(e => tell('no name', e));
shown('canvas').filter(e => e.getAttribute('role') !== 'img').forEach(e => tell('a canvas that is no image', e));
shown('th').filter(e => !e.scope).forEach(e => tell('a head of nothing', e));
shown('table').filter(e => !e.tHead).forEach(e => tell('a table without heads', e));
shown('ol, ul').filter(e => [...e.children].some(c => c.tagName !== 'LI')).forEach(e => tell('a list of other things', e));
shown('[aria-pressed]').filter(e => !['true', 'false'].includes(e.ariaPressed)).forEach(e => tell('neither pressed nor not', e));
shown('[tabindex]').filter(e => e.tabIndex > 0).forEach(e => tell('an order of its own', e));
const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
ids.filter((x, i) => ids.indexOf(x) !== i).forEach(x => out.push('twice: #' + x));
let level = 0;
for (const e of document.querySelectorAll('main h1, main h2, main h3, main h4')) { if (+e.tagName[1] > level + 1) tell('a heading skipped', e); level = +e.tagName[1]; }
if (document.querySelectorAll('main').length !== 1 || document.querySelectorAll('main h1').length !== 1) out.push('not one main with one h1: ' + document.querySelectorAll('main h1').length);
if (!document.documentElement.lang || !document.title) out.push('no language or title');
return out;"""
SMALL = """
return [...document.querySelectorAll('a[href], button, input, select, summary')].filter(e => e.offsetParent && !e.matches('.skip')).map(e => [e, e.getBoundingClientRect()])
  .filter(([, r]) => r.width < 24 || r.height < 24).map(([e, r]) => `${r.width}x${r.height} ${e.outerHTML}`.slice(0, 120)).slice(0, 5);"""
CONTRAST = """
const rgb = c => c.match(/[\\d.]+/g).map(Number), lum = c => { const [r, g, b] = c.slice(0, 3).map(v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b; };
const back = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > .99) return c; } return [255, 255, 255]; };
return [...document.querySelectorAll('body *')].filter(e => e.offsetParent && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())).filter(e => {
  const a = lum(rgb(getComputedStyle(e).color)), b = lum(back(e));
  return (Math.max(a, b) + .05) / (Math.min(a, b) + .05) < 4.5;
}).slice(0, 5).map(e => e.tagName + '.' + e.className + ' ' + e.textContent.slice(0, 40));"""

try:
    tests()
finally:
    d.quit()
    same(s.stop(), 0, 'the end')
    finish()
