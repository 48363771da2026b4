# SPDX-License-Identifier: MIT
"""A real browser: Debian's chromium, driven by its driver."""
import os, shutil, sys
try:
    from selenium import webdriver
except ImportError:  # Debian's python has it, another one that comes first in PATH need not
    if sys.executable == '/usr/bin/python3':
        raise
    os.execv('/usr/bin/python3', ['/usr/bin/python3', *sys.argv])
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException, WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

options = webdriver.ChromeOptions()
options.binary_location = shutil.which('chromium')
for a in ('--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking', '--no-first-run',
          '--user-data-dir=' + os.environ['TMP'] + '/profile', '--lang=en'):
    options.add_argument(a)
options.set_capability('goog:loggingPrefs', {'browser': 'ALL', 'performance': 'ALL'})


def browser():
    for _ in range(2):  # a browser does not always come up on a machine that is busy
        try:
            return webdriver.Chrome(service=Service(shutil.which('chromedriver')), options=options)
        except WebDriverException as e:
            print('#', str(e).splitlines()[0], flush=True)
    return webdriver.Chrome(service=Service(shutil.which('chromedriver')), options=options)
