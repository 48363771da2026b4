#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a store in ClickHouse costs, beside one in a file on the same machine: events stored in a second by one writer, while the server
shares the processors; bytes of an event, all tables and indexes counted, when merges are done; one goroutine's history, and the children
of one; then what is asked of a fleet, in both. SAMPLES=10m for ten million events, and 2,000 hosts in place of 100."""
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


def fleet(where):
    """Each question of all hosts: seconds by the wall, and of this program's processor."""
    subprocess.run([f"{B}/bench/fleet", where, "2000" if EVENTS == "10000000" else "100"], check=True)
    for args in (["--leaks"], ["--diff", "--from", "2026-09-21 14:14:00", "--to", "2026-09-21 15:13:20", "--tz", "UTC"],
                 ["--hosts"], ["--dump", "overview"]):
        was, began = os.times(), time.monotonic()
        subprocess.run([f"{B}/gscrape-tui", *args, "--db", where], check=False, stdout=subprocess.DEVNULL)
        took, now = time.monotonic() - began, os.times()
        cpu = now.children_user + now.children_system - was.children_user - was.children_system
        print(f"  {' '.join(args[:2] if args[0] == '--dump' else args[:1]):<16} {took:6.2f} s, {cpu:5.2f} s of processor", flush=True)


folder = tempfile.mkdtemp()
try:
    print(f"== {int(EVENTS):,} events of 50 hosts x 2,000 goroutines, 10 % change per snapshot")
    print("LMDB", flush=True)
    subprocess.run([f"{B}/bench/events", f"{folder}/a.db", EVENTS], check=True)
    fleet(f"{folder}/fleet.db")
    if not Server.there():
        print("ClickHouse: no clickhouse-server here")
    else:
        server = Server(f"{folder}/server").start()
        print("ClickHouse", server.ask("SELECT version()").strip(), flush=True)
        url = f"clickhouse://127.0.0.1:{server.http}/bench"
        subprocess.run([f"{B}/bench/events", url, EVENTS], check=True)
        merged(server)
        subprocess.run([f"{B}/bench/events", url, "ask"], check=True)
        fleet(f"clickhouse://127.0.0.1:{server.http}/fleet")
finally:
    shutil.rmtree(folder, ignore_errors=True)
