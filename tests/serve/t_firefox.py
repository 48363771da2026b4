# SPDX-License-Identifier: MIT
# needs: FIREFOX= geckodriver python-selenium
# run: browser
"""The page's test in Firefox. FIREFOX names it: `make check` sees the page in one browser."""
import os, runpy
os.environ['BROWSER'] = 'firefox'
runpy.run_path(os.path.dirname(__file__) + '/t_page.py')
