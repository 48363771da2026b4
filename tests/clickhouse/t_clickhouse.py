#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A store in ClickHouse gives the answers of one in a file, and what does not fit is refused in one sentence."""
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from server import CHDB, Server

TMP, TOP, GSCRAPE = os.environ["TMP"], os.environ["TOP"], os.environ["GSCRAPE"]
n = failed = 0


def check(what, good, why=""):
    global n, failed
    n += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {n} - {what}")
    if not good:
        print("#", str(why)[:900].replace("\n", "\n# "))


def run(*words):
    p = subprocess.run([GSCRAPE, *words], capture_output=True, text=True, timeout=240, stdin=subprocess.DEVNULL)
    return p.returncode, p.stdout, p.stderr


if not Server.there():
    print("ok 1 - a store in ClickHouse # SKIP no clickhouse-server here")
    print("1..1")
    sys.exit()

server = Server(f"{TMP}/server").start()
at = f"127.0.0.1:{server.http}"
url, file = f"clickhouse://{at}/gs", f"{TMP}/a.db"

# A host whose name would end a statement.
hostile = "x') OR 1=1 --"
series = f"{TOP}/tests/data/series"
shutil.copytree(f"{series}/127.0.0.1_2379", f"{TMP}/odd/{hostile}_1")
for db in url, file:
    for folder in series, f"{TMP}/odd":
        rc, out, err = run("--index", folder, "--db", db)
        check(f"--index {os.path.basename(folder)} into {db.split(':')[0]}", rc == 0, err)

one = ["--host", "127.0.0.1:2379"]
for words in (["--hosts"], ["--stats"], ["--list-funcs"], ["--query", "main"], ["--leaks"], ["--dump", "overview"], ["--goroutines", *one],
              ["--diff", *one], ["--waiters", *one], ["--lives", *one], ["--export", "folded", *one], ["--goroutine", "1", *one],
              ["--goroutines", "--host", f"{hostile}:1"], ["--stats", "--host", "x' OR ''='"], ["--hosts", "--json"]):
    there, here = run(*words, "--db", url), run(*words, "--db", file)
    check(f"{' '.join(words)}: the same answer", there == (here[0], here[1], here[2].replace(file, url)), f"{there}\n{here}")
check("an archive is taken once", run("--index", series, "--db", url)[0] == 0 and run("--stats", "--db", url) == run("--stats", "--db", file))

wrong = "user or password are wrong" if CHDB else ""  # a current server does not say which
for where, word in (("postgres://x/y", "no store has such an address"), (f"clickhouse://{at}/none", "no such store"),
                    ("clickhouse://127.0.0.1:1/gs", "connect"), (f"clickhouse://{at}/system", "another program"),
                    (f"clickhouse://nobody@{at}/gs", wrong or "not known"), (f"clickhouse://keeper@{at}/gs", wrong or "password is needed"),
                    (f"{url}?cluster=none", "no cluster"), (f"{url}?colour=red", "no option"), (f"clickhouse://a:b@{at}/gs", "password-file"),
                    (f"clickhouse://{at}/a;b", "letters"), (f"clickhouse://{at}", "write clickhouse"),
                    (f"{url}?password-file={TMP}/none", "none")):
    rc, out, err = run("--hosts", "--db", where)
    check(f"{where.replace(at, 'HOST')}: one sentence", rc and word in err and err.count("\n") == 1 and not out, (rc, err))
check("nothing was made by asking", server.ask("SELECT count() FROM system.databases WHERE name = 'none'").strip() == "0")

with open(f"{TMP}/password", "w") as f:
    f.write("open sesame\n")
check("with the password from a file", run("--hosts", "--db", f"clickhouse://keeper@{at}/gs?password-file={TMP}/password")[:2] == run("--hosts", "--db", url)[:2])
with open(f"{TMP}/password", "w") as f:
    f.write("open barley\n")
rc, out, err = run("--hosts", "--db", f"clickhouse://keeper@{at}/gs?password-file={TMP}/password")
check("a wrong password is said, and not shown", rc and (wrong or "password is wrong") in err and "barley" not in err, err)

other = Server(f"{TMP}/other").start()
other.kill()
check("the next address is asked when one is away",
      run("--hosts", "--db", f"clickhouse://127.0.0.1:{other.http},{at}/gs")[:2] == run("--hosts", "--db", url)[:2])

# Tables of version 1, which had none of children nor of marks.
kids = ["--goroutine", "47", "--json", "--host", "127.0.0.1:6060"]
check("hundreds of children are told", run(*kids, "--db", url)[1].count('"id"') > 100 and run(*kids, "--db", url) == run(*kids, "--db", file))
for sql in ("DROP TABLE gs.child", "DROP TABLE gs.mark", "DROP TABLE gs.gscrape_schema",
            "CREATE TABLE gs.gscrape_schema (version UInt32) ENGINE = ReplacingMergeTree() ORDER BY version", "INSERT INTO gs.gscrape_schema VALUES (1)"):
    server.ask(sql)
rc, out, err = run("--hosts", "--db", url)
check("an earlier version's tables: a reader says what to do", rc == 1 and "its tables are of version 1" in err and err.count("\n") == 1, err)
rc, out, err = run("--index", series, "--db", url)
check("who writes brings them up to date", rc == 0 and run(*kids, "--db", url) == run(*kids, "--db", file), err)

server.ask("INSERT INTO gs.gscrape_schema VALUES (99)")
rc, out, err = run("--hosts", "--db", url)
check("a later version's tables are refused", rc and "later version" in err, err)
server.ask("CREATE DATABASE busy")
server.ask("CREATE TABLE busy.orders (x UInt8) ENGINE = Log")
rc, out, err = run("--index", series, "--db", f"clickhouse://{at}/busy")
check("another program's database is left alone", rc and server.ask("SELECT name FROM system.tables WHERE database = 'busy'") == "orders\n", err)
server.kill()
rc, out, err = run("--hosts", "--db", url)
check("a server that is away: one sentence", rc and err.count("\n") == 1, err)
print(f"1..{n}")
sys.exit(bool(failed))
