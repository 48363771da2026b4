#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# needs: openssl
"""What can be wrong with a server: one that is slow, whose answers are lost, whose clock or whose writers' clocks differ, that is too old,
that is none, whose certificate is another's."""
import http.server
import os
import shutil
import signal
import subprocess
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lib import *
from relay import Relay
from server import Server, free_ports

if not Server.there():
    skip("what can be wrong with a server", "no clickhouse-server here")
tls = free_ports(1)[0]
subprocess.run("openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1",
               shell=True, check=True, stderr=subprocess.DEVNULL)
shutil.copy("cert.pem", "ca.pem")
server = Server("server", more=f"<https_port>{tls}</https_port><openSSL><server><certificateFile>{TMP}/cert.pem</certificateFile>"
                               f"<privateKeyFile>{TMP}/key.pem</privateKeyFile><verificationMode>none</verificationMode></server></openSSL>").start()
relay = Relay(server.http)
through = f"clickhouse://127.0.0.1:{relay.port}/gs?spool=spool&timeout=1"
url = f"clickhouse://127.0.0.1:{server.http}/gs"


def refused(what, where, word, *words):
    rc, out, err = run(*(words or ["--hosts", "--db", where]))
    check(f"{what}: one sentence", rc == 1 and word in err and err.count("\n") == 1 and not out, (rc, out, err))


# Slow: what was sent may have arrived, and is sent again all the same.
targets()
recorder = record(through)
until("it records", lambda: stored(server) > 8)
for what, begin, end in (("holds its answers back", relay.hold, relay.release),
                         ("loses its answers", lambda: setattr(relay, "lose", True), lambda: setattr(relay, "lose", False))):
    begin()
    until("what is committed waits", lambda: len(waiting()) > 1)
    before = log().count("delivered")
    end()
    until("and is delivered", lambda: not waiting() and log().count("delivered") > before)
    check(f"a server that {what}: what waits is told, and delivered", len(told()) % 2 == 0, told())
recorder.send_signal(signal.SIGTERM)
recorder.wait()
check("what arrived twice is there once, and nothing is missing",
      same_as_archive("all that is told is what the archive tells", url) == 0 and "lost" not in log(), told())
relay.hold()
refused("a reader of a server that does not answer", through, "timed out")
relay.release()

# A recorder whose clock was an hour ahead has been there.
os.makedirs("ahead", exist_ok=True)
host = sorted(os.listdir(SERIES))[0]
files = sorted(os.listdir(f"{SERIES}/{host}"))
for folder, some in (("first", files[:3]), ("all", files)):
    os.makedirs(f"{folder}/{host}")
    for f in some:
        shutil.copy(f"{SERIES}/{host}/{f}", f"{folder}/{host}")
skewed = f"clickhouse://127.0.0.1:{server.http}/skewed"
run("--index", "first", "--db", skewed)
columns = [c for c in server.ask("SELECT name FROM system.columns WHERE database = 'skewed' AND table = 'host'").split() if c != "ver"]
server.ask(f"INSERT INTO skewed.host ({', '.join(columns)}, ver) SELECT {', '.join(columns)}, ver + 3600000 * 1048576 FROM skewed.host")
run("--index", "all", "--db", skewed)
run("--index", "all", "--db", "straight.db")
here, there = answers(skewed), answers("straight.db")
check("a writer whose clock is an hour behind the one before is heard", here == there, (len(here[-1]), len(there[-1])))

# What is no ClickHouse, or no version that will do.
relay.words = {b"18.16.1": b"18.14.1"}
refused("a version that is too old", f"clickhouse://127.0.0.1:{relay.port}/gs", "ClickHouse 18.14 is too old: 18.16")
rc, out, err = run("--index", "first", "--db", f"clickhouse://127.0.0.1:{relay.port}/fresh")
check("and nothing is made there", rc == 1 and server.ask("SELECT count() FROM system.databases WHERE name = 'fresh'") == "0\n", err)
relay.words = {b"18.16.1": b"eightee"}
refused("a version that is none", f"clickhouse://127.0.0.1:{relay.port}/gs", "is no ClickHouse")
refused("the port of its own protocol", f"clickhouse://127.0.0.1:{server.tcp}/gs", "127.0.0.1")


class Page(http.server.BaseHTTPRequestHandler):
    status = 200

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(b"<html><body>Welcome</body></html>")

    def log_message(self, *_):
        pass


page = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
threading.Thread(target=page.serve_forever, daemon=True).start()
for Page.status, word in ((200, "is no ClickHouse"), (404, "is no ClickHouse"), (502, "does not answer"), (403, "user or password")):
    refused(f"a page with status {Page.status}", f"clickhouse://127.0.0.1:{page.server_port}/gs", word)

# TLS
safe = f"clickhouse+https://127.0.0.1:{tls}/gs"
check("over HTTPS, with the certificate that is told", run("--hosts", "--db", f"{safe}?cacert=ca.pem")[:2] == run("--hosts", "--db", url)[:2],
      run("--hosts", "--db", f"{safe}?cacert=ca.pem"))
refused("a certificate that nobody vouches for", safe, "certificate")
refused("no TLS where TLS is", f"clickhouse://127.0.0.1:{tls}/gs", "127.0.0.1")
refused("TLS where none is", f"clickhouse+https://127.0.0.1:{server.http}/gs", "127.0.0.1")
subprocess.run("openssl req -x509 -newkey rsa:2048 -nodes -keyout k2.pem -out other.pem -days 2 -subj /CN=elsewhere", shell=True, check=True, stderr=subprocess.DEVNULL)
refused("another's certificate", f"{safe}?cacert=other.pem", "certificate")
refused("certificates that are no file", f"{safe}?cacert=none.pem", "none.pem")

# Its tables.
server.ask("DROP TABLE gs.event")
refused("a table that is gone", url, "a table is not there", "--lives", "--json", "--db", url)
server.ask("CREATE TABLE gs.event (x UInt8) ENGINE = Log")
refused("a table that is another's", url, "a table has other columns", "--lives", "--json", "--db", url)
done()
