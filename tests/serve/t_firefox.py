# SPDX-License-Identifier: MIT
# needs: firefox-esr geckodriver python-selenium
# run: browser
"""The page's test in Firefox."""
import os, runpy
os.environ['BROWSER'] = 'firefox'
runpy.run_path(os.path.dirname(__file__) + '/t_page.py')
