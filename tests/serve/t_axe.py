# SPDX-License-Identifier: MIT
# needs: chromium chromedriver python-selenium AXE=
# run: browser
"""axe-core looks at every view of the page: at 390, 768 and 1440 pixels, light and dark. AXE names its axe.min.js; CI fetches it."""
import os, sys
sys.path.insert(0, os.path.dirname(__file__))
from browser import *
from server import *

AXE = open(os.environ['AXE']).read()
s = Server(index(TOP + '/tests/data/series'))
d = browser()
views = {'overview': '', 'overview at a time': '?at=1795451100000', 'host': '?view=host&host=127.0.0.1:6060&base=1795450000000&at=1795451000000',
         'goroutine': '?view=goroutine&host=127.0.0.1:6060&id=1', 'functions': '?view=functions', 'leaks': '?view=leaks', 'locks': '?view=locks&host=127.0.0.1:6060', 'flame': '?view=flame&host=127.0.0.1:6060', 'canary': '?view=canary'}
LOOK = """const done = arguments[arguments.length - 1];
axe.run(document, { resultTypes: ['violations'] }).then(r => done(r.violations.map(v => [v.impact, v.id, v.nodes.slice(0, 3).map(n => n.target.join(' ') + ': ' + n.html.slice(0, 120))])), e => done([['critical', String(e), []]]));"""


def look(what):
    d.execute_script(AXE)
    found = d.execute_async_script(LOOK)
    bad = [v for v in found if v[0] in ('serious', 'critical')]
    ok(not bad, f'{what}: nothing serious', '\n'.join(f'{i} {k}: {n}' for i, k, n in bad))
    for v in found:
        if v not in bad:
            print('#', what, *v, flush=True)


try:
    d.set_script_timeout(BOUND)
    for width in (390, 768, 1440):
        for scheme in ('light', 'dark'):
            d.look(width, 900, scheme)
            for name, query in views.items():
                d.get(s.url + query)
                until(lambda: d.execute_script("return document.getElementById('main')?.dataset.ready") == 'true')
                for summary in d.find_elements(By.CSS_SELECTOR, 'details:not([open]) > summary') if width == 1440 else []:
                    d.execute_script('arguments[0].click()', summary)
                look(f'{name} at {width}, {scheme}')
    d.execute_script("document.dispatchEvent(new KeyboardEvent('keydown', {key: '?', bubbles: true}))")
    look('help')
finally:
    d.quit()
    s.stop()
finish()
