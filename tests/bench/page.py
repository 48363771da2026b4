# SPDX-License-Identifier: MIT
"""page.py: how long until a browser shows the first chart of 5 hosts with 1,400 snapshots each: the median of ten, ms."""
import os, shutil, subprocess, sys, tempfile
try:
    from selenium import webdriver
except ImportError:
    if sys.executable == '/usr/bin/python3':
        raise
    os.execv('/usr/bin/python3', ['/usr/bin/python3', *sys.argv])
from selenium.webdriver.chrome.service import Service

top = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
build = top + '/' + os.environ.get('B', 'build')
with tempfile.TemporaryDirectory() as work:
    subprocess.run([build + '/tools/gen', top + '/tests/data/series', work + '/archive', '5', '1400', '200', '50'], check=True)
    subprocess.run([build + '/gscrape-tui', '--index', work + '/archive', '--db', work + '/db'], check=True, stdout=subprocess.DEVNULL)
    server = subprocess.Popen([build + '/gscrape-tui', '--serve', '127.0.0.1:0', '--db', work + '/db'], stdout=subprocess.PIPE, text=True)
    url = server.stdout.readline().strip()
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which('chromium')
    for a in ('--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--user-data-dir=' + work + '/profile'):
        options.add_argument(a)
    d = webdriver.Chrome(service=Service(shutil.which('chromedriver')), options=options)
    d.set_script_timeout(20)
    times = []
    try:
        for _ in range(10):
            d.get(url)
            times.append(d.execute_async_script("""const done = arguments[0], look = () => {
                const m = performance.getEntriesByName('chart')[0];
                if (m) requestAnimationFrame(() => done(m.startTime)); else setTimeout(look, 5);
            }; look();"""))
            d.execute_cdp_cmd('Network.clearBrowserCache', {})
    finally:
        d.quit()
        server.terminate()
        server.wait()
print('first chart after %.0f ms (median of ten; %.0f to %.0f)' % (sorted(times)[5], min(times), max(times)))
