# SPDX-License-Identifier: MIT
# needs: chromium chromedriver python-selenium
# run: browser
"""The page where a browser forbids it something: to store, to run scripts."""
import os, sys
sys.path.insert(0, os.path.dirname(__file__))
from browser import *
from server import *

s = Server(index(TOP + '/tests/data/series'))
text = lambda css: d.execute_script('return document.querySelector(arguments[0])?.innerText ?? ""', css)
ready = lambda: d.execute_script("return document.getElementById('main')?.dataset.ready") == 'true'

try:
    d = browser('stores nothing', cookies=2)
    d.get(s.url + '?view=host&host=127.0.0.1:6060')
    ok(d.execute_script('try { localStorage.length; return false; } catch { return true; }'), 'nothing can be stored')
    ok(until(ready) and until(lambda: 'main.fetch' in text('#main tbody')), 'a page that may store nothing shows all')
    same([e['message'] for e in d.get_log('browser') if e['level'] == 'SEVERE'], [], 'and complains of nothing')
    for key in 'mk':
        d.switch_to.active_element.send_keys(key)
    ok(until(lambda: 'keeps nothing for the page' in text('#error')), 'a mark cannot be set, it says why', text('#error'))
    d.find_element(By.ID, 'theme').click()
    ok(until(lambda: text('#theme') == 'light'), 'colours can be chosen')
    folder = TMP + '/more/127.0.0.1_7070'
    os.makedirs(folder)
    shutil.copy(TOP + '/tests/data/series/127.0.0.1_6060/' + sorted(os.listdir(TOP + '/tests/data/series/127.0.0.1_6060'))[0], folder + '/2026-11-23T17-00-00.goroutines.txt.gz')
    d.get(s.url)
    until(ready)
    index(TMP + '/more')
    ok(until(lambda: '127.0.0.1:7070' in text('#main tbody')), 'news comes')
    d.quit()

    d = browser('runs nothing', javascript=2)
    d.get(s.url)
    said = d.find_element(By.ID, 'main').text
    ok('needs JavaScript' in said and '--report FILE' in said, 'without scripts it says what is missing, and what there is', said)
    same([s.ask(a.get_attribute('href')[len(s.url) - 1:])[0] for a in d.find_elements(By.CSS_SELECTOR, '#main a')], [200] * 4, 'whose links lead somewhere')
    ok(not any(b.is_displayed() for b in d.find_elements(By.TAG_NAME, 'button')), 'and no button that does nothing')
finally:
    d.quit()
    s.stop()
finish()
