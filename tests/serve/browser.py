# SPDX-License-Identifier: MIT
"""A real browser: chromium, driven by its driver; with BROWSER=firefox or webkit one of these."""
import atexit, json, os, shutil, subprocess, sys
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
from selenium.webdriver.firefox.service import Service as FirefoxService
from selenium.webdriver.support.ui import Select

BROWSER = os.environ.get('BROWSER', 'chromium')
TRACE = os.environ['TMP'] + '/driver.log'


class Browser:
    """What each of them does in its own way."""
    def look(self, width, height, scheme):
        """So wide, light or dark: as the system has it, or, where no system can be made dark, as it is chosen on the page."""
        self.set_window_size(width, height)
        wide, high = self.execute_script('return [outerWidth - innerWidth, outerHeight - innerHeight]')
        self.set_window_size(width + wide, height + high)
        self.execute_script('''if (!location.protocol.startsWith('http')) return;
            if (arguments[0] === 'light') localStorage.removeItem('theme'); else localStorage.setItem('theme', arguments[0]);
            document.documentElement.dataset.theme = arguments[0] === 'light' ? 'auto' : arguments[0];''', scheme)

    def news(self):
        """What was asked for since the last call, and what the browser complained of; nothing where it does not tell."""
        return [], []

    def may_copy(self, url):
        """From now on the clipboard can be read. Not everywhere."""
        return False

    def printed(self, on):
        """As on paper. Not everywhere."""
        return False


class Chromium(Browser, webdriver.Chrome):
    @classmethod
    def start(cls, profile='profile', **allowed):
        options = webdriver.ChromeOptions()
        options.add_experimental_option('prefs', {'profile.default_content_setting_values': allowed}) # 2: not
        options.binary_location = shutil.which('chromium')
        for a in ('--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking', '--no-first-run',
                  '--user-data-dir=' + os.environ['TMP'] + '/' + profile, '--lang=en'):
            options.add_argument(a)
        options.set_capability('goog:loggingPrefs', {'browser': 'ALL', 'performance': 'ALL'})
        return cls(service=Service(shutil.which('chromedriver')), options=options)

    def look(self, width, height, scheme):
        self.execute_cdp_cmd('Emulation.setDeviceMetricsOverride', {'width': width, 'height': height, 'deviceScaleFactor': 1, 'mobile': width < 500})
        self.execute_cdp_cmd('Emulation.setEmulatedMedia', {'features': [{'name': 'prefers-color-scheme', 'value': scheme}]})

    def news(self):
        asked = [json.loads(entry['message'])['message'] for entry in self.get_log('performance')]
        # Some versions complain of a stream of events that ended because its server did, and so may a page that asks before it heard.
        ended = lambda text: '/api/v1/events' in text and 'net::ERR_' in text or 'net::ERR_CONNECTION_REFUSED' in text
        return ([m['params']['request']['url'] for m in asked if m['method'] == 'Network.requestWillBeSent'],
                [e['message'] for e in self.get_log('browser') if e['level'] != 'INFO' and not ended(e['message'])])

    def may_copy(self, url):
        self.execute_cdp_cmd('Browser.grantPermissions', {'origin': url.rstrip('/'), 'permissions': ['clipboardReadWrite', 'clipboardSanitizedWrite']})
        return True

    def printed(self, on):
        self.execute_cdp_cmd('Emulation.setEmulatedMedia', {'media': 'print' if on else ''})
        return True


class Firefox(Browser, webdriver.Firefox):
    @classmethod
    def start(cls):
        options = webdriver.FirefoxOptions()
        options.binary_location = os.environ['FIREFOX']
        options.add_argument('-headless')
        options.set_preference('intl.accept_languages', 'en')
        options.set_preference('dom.events.testing.asyncClipboard', True)
        options.set_preference('accessibility.tabfocus', 7)
        return cls(service=FirefoxService(shutil.which('geckodriver'), log_path=TRACE), options=options)

    def may_copy(self, url):
        return True


class WebKit(Browser, webdriver.WebKitGTK):
    @staticmethod
    def screen():
        """It has no way to draw where there is none."""
        told, tells = os.pipe()
        x = subprocess.Popen(['Xvfb', '-displayfd', str(tells), '-screen', '0', '1600x1200x24', '-nolisten', 'tcp'], pass_fds=[tells], stderr=subprocess.DEVNULL)
        atexit.register(x.kill)
        os.close(tells)
        with os.fdopen(told) as f:
            os.environ['DISPLAY'] = ':' + f.readline().strip()

    @classmethod
    def start(cls):
        cls.screen()
        options = webdriver.WebKitGTKOptions()
        options.binary_location = os.environ['MINIBROWSER']
        options.add_argument('--automation')
        return cls(executable_path=shutil.which('WebKitWebDriver'), options=options, service_log_path=TRACE)


kinds = {'chromium': Chromium, 'firefox': Firefox, 'webkit': WebKit}


def browser(*how, **allowed):
    for _ in range(2):  # a browser does not always come up on a machine that is busy
        try:
            return kinds[BROWSER].start(*how, **allowed)
        except WebDriverException as e:
            print('#', str(e).splitlines()[0], flush=True)
    return kinds[BROWSER].start(*how, **allowed)
