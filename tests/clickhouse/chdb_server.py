#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The current engine of ClickHouse, which PyPI's chdb-core has as a library, behind as much of a server's HTTP as the program asks of one:
chdb_server.py FOLDER PORT. To be run by a Python that has chdb."""
import gzip
import http.server
import os
import sys
import threading
import urllib.parse

from chdb import session

FOLDER = os.path.abspath(sys.argv[1])
USERS = {"default": "", "keeper": "open sesame"}
NO_SETTINGS = {"query", "wait_end_of_query", "readonly", "insert_distributed_sync"}  # a server's own, or of a session
engine = session.Session(f"{FOLDER}/data")
one_at_a_time = threading.Lock()


def run(sql):
    return engine.query(sql, "TabSeparated").bytes()


def insert(statement, rows):
    """INSERT INTO database.table FORMAT RowBinary, whose rows came as the body."""
    table, _, layout = statement.removeprefix("INSERT INTO ").partition(" FORMAT ")
    database, _, name = table.partition(".")
    columns = run(f"SELECT concat('`', name, '` ', type) FROM system.columns WHERE database = '{database}' AND table = '{name}' ORDER BY position "
                  "FORMAT TSVRaw").decode().splitlines()
    if not columns:
        raise RuntimeError(f"Code: 60. DB::Exception: Table {table} does not exist")
    path = f"{FOLDER}/rows"
    with open(path, "wb") as f:
        f.write(rows)
    structure = ", ".join(columns).replace("'", "\\'")
    return run(f"INSERT INTO {table} SELECT * FROM file('{path}', '{layout}', '{structure}')")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # head and body go together

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer(200, b"Ok.\n")

    def do_POST(self):
        asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        if USERS.get(self.headers.get("X-ClickHouse-User", "default")) != self.headers.get("X-ClickHouse-Key", ""):
            self.answer(403, b"Code: 516. DB::Exception: Authentication failed")
            return
        settings = ", ".join(f"{k} = '{v}'" for k, v in asked.items() if k not in NO_SETTINGS)
        try:
            with one_at_a_time:
                if "query" in asked:
                    told = insert(asked["query"], body)
                elif body.startswith(b"SELECT"):
                    told = run(body.decode() + (f" SETTINGS {settings}" if settings else ""))
                else:
                    told = run(body.decode())
        except RuntimeError as e:  # chdb's own is one
            self.answer(404 if "Code: 60." in str(e) else 500, str(e).encode())
            return
        self.answer(200, told)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 64
    daemon_threads = True


Server(("127.0.0.1", int(sys.argv[2])), Handler).serve_forever()
