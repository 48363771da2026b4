#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a store in ClickHouse costs, beside one in a file on the same machine: events stored in a second by one writer, while the server
shares the processors; bytes of an event, all tables and indexes counted, when merges are done; one goroutine's history, and the children
of one. SAMPLES=10m for ten million events."""
import os
import shutil
import subprocess
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, f"{TOP}/tests/clickhouse")
from server import Server

B = os.environ.get("B", f"{TOP}/build")
EVENTS = "10000000" if os.environ.get("SAMPLES") == "10m" else "1000000"


def merged(server):
    """Every table in one part; the parts that were merged stay for a while, and count no more."""
    for table in server.ask("SELECT name FROM system.tables WHERE database = 'bench'").split():
        server.ask(f"OPTIMIZE TABLE bench.{table} FINAL")
    parts = "FROM system.parts WHERE active AND database = 'bench'"
    size, rows = (int(server.ask(sql)) for sql in (f"SELECT sum(bytes_on_disk) {parts}", f"SELECT sum(rows) {parts} AND table = 'event'"))
    print(f"  {size / rows:.1f} bytes an event when all is merged; " +
          ", ".join(f"{t} {int(b) / rows:.1f}" for t, b in (line.split("\t") for line in
                    server.ask(f"SELECT table, sum(bytes_on_disk) AS b {parts} GROUP BY table ORDER BY b DESC LIMIT 3").splitlines())))


folder = tempfile.mkdtemp()
try:
    print(f"== {int(EVENTS):,} events of 50 hosts x 2,000 goroutines, 10 % change per snapshot")
    print("LMDB", flush=True)
    subprocess.run([f"{B}/bench/events", f"{folder}/a.db", EVENTS], check=True)
    if not Server.there():
        print("ClickHouse: no clickhouse-server here")
    else:
        server = Server(f"{folder}/server").start()
        print("ClickHouse", server.ask("SELECT version()").strip(), flush=True)
        url = f"clickhouse://127.0.0.1:{server.http}/bench"
        subprocess.run([f"{B}/bench/events", url, EVENTS], check=True)
        merged(server)
        subprocess.run([f"{B}/bench/events", url, "ask"], check=True)
finally:
    shutil.rmtree(folder, ignore_errors=True)
