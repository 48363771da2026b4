# SPDX-License-Identifier: MIT
# needs: WebKitWebDriver Xvfb MINIBROWSER= python-selenium
# run: browser
"""The page's test in WebKit, as GTK's MiniBrowser has it. MINIBROWSER names that."""
import os, runpy
os.environ['BROWSER'] = 'webkit'
runpy.run_path(os.path.dirname(__file__) + '/t_page.py')
