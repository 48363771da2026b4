# SPDX-License-Identifier: MIT
"""Run as a service: the manager hears when the recorder is ready, that it is alive, how it goes and that it stops; the journal gets
a priority where others get the time."""
from lib import *



def a_service():
    """it is ready, alive, says how it goes, and that it stops; what fails is a warning without a time"""
    path = os.path.join(TMP, 'notify')
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.bind(path)
    manager.settimeout(BOUND)
    err = open(os.path.join(TMP, 'err'), 'wb')
    journal = os.fstat(err.fileno())
    p = subprocess.Popen([GSCRAPE, '--scrape', good().host, '127.0.0.1:9', '-i', '100ms', '--db', os.path.join(TMP, 's.db'), '--no-archive', '-q'],
                         stdout=subprocess.DEVNULL, stderr=err,
                         env=dict(os.environ, NOTIFY_SOCKET=path, WATCHDOG_USEC='200000', JOURNAL_STREAM=f'{journal.st_dev}:{journal.st_ino}'))
    atexit.register(p.kill)
    assert manager.recv(4096) == b'READY=1'
    while manager.recv(4096) != b'WATCHDOG=1\nSTATUS=2 targets, 1 of them fail':
        pass
    p.terminate()
    while not manager.recv(4096).startswith(b'STOPPING=1\n'):
        pass
    assert p.wait(BOUND) == 0
    lines = open(os.path.join(TMP, 'err')).read().splitlines()
    assert lines and all(re.match(r'<4>127\.0\.0\.1:9 failed: ', l) for l in lines), lines[:3]


run([a_service])
