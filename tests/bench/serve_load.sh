#!/bin/bash
# SPDX-License-Identifier: MIT
# serve_load.sh [SECONDS [CLIENTS]]: mixed questions to a server on a store of ten million samples, while another process records
# twenty targets into it every second, and slow clients read a byte a second, or send one. What must hold: no error, no tick
# missed, memory flat.
set -eu
cd "$(dirname "$0")/../.."
B=${B:-build} seconds=${1:-20} clients=${2:-64} program=$PWD/${B:-build}/gscrape-tui load=$PWD/${B:-build}/bench/http_load
work=$(mktemp -d); pid= targets= recorder= slow=
trap 'kill $pid $targets $recorder $slow 2>/dev/null || :; rm -rf "$work"' EXIT

"$B/tools/gen" tests/data/series "$work/archive" 5 "${SNAPSHOTS:-1000}" 2000 50
"$program" --index "$work/archive" --db "$work/db" >/dev/null
rm -rf "$work/archive"
python3 tests/bench/targets.py 20 200 >"$work/targets.json" & targets=$!
for _ in $(seq 100); do [ -s "$work/targets.json" ] && break; sleep 0.1; done
"$program" --scrape --interval 1s --targets-file "$work/targets.json" --db "$work/db" --no-archive >"$work/log" 2>"$work/errors" & recorder=$!
"$program" --serve 127.0.0.1:0 --db "$work/db" >"$work/url" & pid=$!
for _ in $(seq 100); do [ -s "$work/url" ] && break; sleep 0.05; done
url=$(sed 's|/$||' "$work/url") port=$(sed 's|.*:\([0-9]*\)/$|\1|' "$work/url") H=host=10.0.0.1:6060
rss() { awk '/RssAnon/{print $2}' "/proc/$pid/status"; }
id=$(curl -s "$url/api/v1/goroutines?$H&limit=100000" | jq '[.goroutines[]] | min_by(.first).id')
page() { echo "/ /app.js /api/v1/hosts /api/v1/snapshots?$H&buckets=400 /api/v1/groups?$H /api/v1/goroutines?$H&limit=100"; }
goroutine() { echo "/api/v1/goroutine?$H&id=$id /api/v1/children?$H&id=$id /api/v1/ancestors?$H&id=$id /api/v1/ids?$H&prefix=6"; }
gscrape() { echo "/api/hosts /api/goroutine?$H&id=$id /api/children?$H&id=$id /api/stats"; }
mixed="$(page) $(goroutine) $(gscrape) /api/v1/functions?q=main /metrics /healthz"

python3 - "$port" "$id" <<'PY' & slow=$!
import socket, sys, time
def dial():
    c = socket.socket()
    c.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    c.connect(('127.0.0.1', int(sys.argv[1])))
    return c
readers, writers, ask = [dial() for _ in range(100)], [dial() for _ in range(100)], b'GET /api/hosts HTTP/1.1\r\nHost: localhost\r\n\r\n'
for c in readers:
    c.sendall(b'GET /api/stats HTTP/1.1\r\nHost: localhost\r\n\r\n')
for i in range(10 ** 6):
    for c in list(writers) + list(readers):
        try:
            c.send(ask[i % len(ask):][:1]) if c in writers else c.recv(1)
        except OSError:
            (writers if c in writers else readers).remove(c)
    time.sleep(1)
PY
# shellcheck disable=SC2086 # a word per path
"$load" "$port" "$clients" 3 $mixed >/dev/null
first=$(rss)
# shellcheck disable=SC2086
out=$("$load" "$port" "$clients" "$seconds" $mixed)
last=$(rss)
kill "$recorder"; wait "$recorder"; status=$?
recorder=
echo "$clients clients, mixed, $seconds s: $out"
echo "memory: $first kB after 3 s, $last kB at the end"
grep 'stopped after' "$work/log"
[ "$status" -eq 0 ] && [[ $out == *" 0 errors"* ]] && grep -q ' 0 failed, 0 ticks missed' "$work/log" && [ "$last" -lt $((first * 3 / 2 + 20000)) ]
