#!/bin/bash
# SPDX-License-Identifier: MIT
# serve.sh [SECONDS]: figures of the server, on a store of about ten million samples (5 hosts, 2,000 snapshots each of about a
# thousand goroutines) made of the recording in tests/data: forward and back again, hard-linked under new times.
set -eu
cd "$(dirname "$0")/../.."
B=${B:-build} seconds=${1:-5} program=$PWD/${B:-build}/gscrape-tui load=$PWD/${B:-build}/bench/http_load
work=$(mktemp -d); pid= other=
trap 'kill $pid $other 2>/dev/null || :; rm -rf "$work"' EXIT

files=(tests/data/series/127.0.0.1_6060/*.gz)
python3 - "$work/archive" "${files[@]}" <<'PY'
import os, sys, time
to, files = sys.argv[1], sys.argv[2:]
there_and_back = files + files[-2:0:-1]
for host in range(5):
    folder = f'{to}/10.0.0.{host}_6060'
    os.makedirs(folder)
    copies = []
    for i, f in enumerate(there_and_back[:len(files)]):
        copies.append(f'{folder}/.{i}')
        with open(f, 'rb') as a, open(copies[-1], 'wb') as b:
            b.write(a.read())
    for n in range(2000):
        t = time.strftime('%Y-%m-%dT%H-%M-%S', time.gmtime(1795000000 + 30 * n))
        i = n % len(there_and_back)
        os.link(copies[i if i < len(files) else len(there_and_back) - i], f'{folder}/{t}.000Z.goroutines.txt.gz')
PY
"$program" --index "$work/archive" --db "$work/db" >/dev/null
echo "store: $("$program" --hosts --json --db "$work/db" | jq -s -c '[(map(.snapshots) | add), (map(.goroutines) | max)]') snapshots and most goroutines, $(du -k "$work/db" | cut -f1) kB"
"$program" --serve 127.0.0.1:0 --db "$work/db" >"$work/url" & pid=$!
for _ in $(seq 100); do [ -s "$work/url" ] && break; sleep 0.05; done
url=$(sed 's|/$||' "$work/url") port=$(sed 's|.*:\([0-9]*\)/$|\1|' "$work/url") H=host=10.0.0.0:6060
memory() { awk '/VmRSS/{print $2 " kB"}' "/proc/$pid/status"; }
young=$(curl -s "$url/api/v1/goroutines?$H&limit=100000" | jq '[.goroutines[] | select(.parent)] | max_by(.id).id')

echo "gscrape's goroutine ($(curl -s "$url/api/goroutine?$H&id=$young" | wc -c) bytes), 16 clients: $("$load" "$port" 16 "$seconds" "/api/goroutine?$H&id=$young")"
echo "gscrape's children ($(curl -s "$url/api/children?$H&id=1" | wc -c) bytes), 16 clients: $("$load" "$port" 16 "$seconds" "/api/children?$H&id=1")"
echo "500 buckets of all snapshots of a host, 1 client: $("$load" "$port" 1 "$seconds" "/api/v1/snapshots?$H&buckets=500")"
"$load" --constant >"$work/port" & other=$!
for _ in $(seq 100); do [ -s "$work/port" ] && break; sleep 0.05; done
echo "a constant by libmicrohttpd, 16 clients: $("$load" "$(cat "$work/port")" 16 "$seconds" /)"
echo "small answers (/healthz), 16 clients: $("$load" "$port" 16 "$seconds" /healthz)"
echo "small answers (/api/hosts), 16 clients: $("$load" "$port" 16 "$seconds" /api/hosts)"
echo "page: $(for f in / /app.js /lib.js /views.js /viewer.js /chart.js /style.css /icon.svg; do curl -s -H 'Accept-Encoding: gzip' "$url$f"; done | wc -c) bytes of gzip"
before=$(memory)
echo "64 clients, mixed: $("$load" "$port" 64 "$((4 * seconds))" / "/api/hosts" "/api/v1/hosts" "/api/v1/groups?$H" "/api/v1/snapshots?$H&buckets=400" \
	"/api/goroutine?$H&id=$young" "/api/v1/goroutine?$H&id=1" "/api/children?$H&id=1" "/api/v1/ids?$H&prefix=1" "/api/v1/functions?q=main" "/metrics")"
echo "memory before: $before, after: $(memory)"
