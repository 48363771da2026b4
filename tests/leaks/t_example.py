# SPDX-License-Identifier: MIT
# needs: go
"""The manual's walk-through: its example is built, watched, and its leak named."""
import os, sys
sys.path.insert(0, os.path.join(os.environ['TOP'], 'tests/collect'))
from lib import *

PROGRAM, SOURCE = os.path.join(TMP, 'prices'), os.path.join(TOP, 'contrib/example/prices.go')


def build():
    """the example builds"""
    subprocess.run(['go', 'build', '-o', PROGRAM, SOURCE], check=True, cwd=TMP, timeout=300,
                   env=dict(os.environ, GO111MODULE='off', GOFLAGS='', GOTOOLCHAIN='local', GOPROXY='off', XDG_CONFIG_HOME=TMP))


def line_of(text):
    with open(SOURCE) as f:
        return next(n for n, line in enumerate(f, 1) if text in line)


def leak():
    """its leak is named: the go statement, the function, the line that sends"""
    program = subprocess.Popen([PROGRAM, '-addr', '127.0.0.1:0', '-customers', '60'], stdout=subprocess.PIPE, text=True)
    atexit.register(program.kill)
    host = program.stdout.readline().strip()
    s = Scraper('walk', '--interval', '200ms', host)
    until(lambda: s.of(host), 'a first dump')
    def top():
        return (rows('walk', '--leaks') or [{'verdict': 'none'}])[0]
    until(lambda: top()['verdict'] == 'leak', 'the leak')
    t = top()
    assert t['created_by'] == 'main.(*replicas).price' and t['function'] == 'main.(*replicas).ask', t
    starts = ['prices.go:%d' % line_of('go r.ask(r.' + which) for which in ('near', 'far')]
    assert os.path.basename(t['created_at']) in starts, (t, starts)
    assert t['function_at'].endswith('prices.go:%d' % line_of('answers <- answer{string(price)')), t
    assert t['state'] == 'chan send', t
    assert s.stop() == 0
    program.kill()
    program.wait()


run([build, leak])
