# SPDX-License-Identifier: MIT
"""Serves each file of a folder as a dump, each on a port of its own, and says which, in the order of their names."""
import os, sys
sys.path.insert(0, os.environ['TOP'] + '/tests/collect')
import lib

folder, servers = sys.argv[1], []
for name in sorted(os.listdir(folder)):
    with open(folder + '/' + name, 'rb') as f:
        text = f.read()
    servers.append(lib.Server(lambda h, text=text: h.send(text)))
print(*[s.host for s in servers], flush=True)
lib.signal.pause()
