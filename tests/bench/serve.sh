#!/bin/bash
# SPDX-License-Identifier: MIT
# serve.sh [SECONDS]: figures of the server on a store of ten million samples (5 hosts x 1,000 snapshots x 2,000 goroutines, 5 %
# change per snapshot) while the terminal is open on it; SECONDS for each line. Other work on the machine shows in them: the
# constant of libmicrohttpd, and the processor time per answer, are measured in the same run.
set -eu
cd "$(dirname "$0")/../.."
B=${B:-build} seconds=${1:-5} program=$PWD/${B:-build}/gscrape-tui load=$PWD/${B:-build}/bench/http_load
work=$(mktemp -d); pid= other= terminal=
trap 'kill $pid $other $terminal 2>/dev/null || :; rm -rf "$work"' EXIT

"$B/tools/gen" tests/data/series "$work/archive" 5 "${SNAPSHOTS:-1000}" 2000 50
"$program" --index "$work/archive" --db "$work/db" >/dev/null
rm -rf "$work/archive"
"$program" --serve 127.0.0.1:0 --db "$work/db" >"$work/url" & pid=$!
for _ in $(seq 100); do [ -s "$work/url" ] && break; sleep 0.05; done
url=$(sed 's|/$||' "$work/url") port=$(sed 's|.*:\([0-9]*\)/$|\1|' "$work/url") H=host=10.0.0.1:6060
script -qfc "$program --db $work/db --no-state --view host --host 10.0.0.1:6060" /dev/null < <(sleep 600) >/dev/null 2>&1 & terminal=$!
spent() { awk '{print ($14 + $15) * 10000}' "/proc/$pid/stat"; }
clients() { # clients WHAT N PATH...: a line
	local what=$1 n=$2 before out; shift 2
	before=$(spent)
	out=$("$load" "$port" "$n" "$seconds" "$@")
	echo "$what, $n clients: $out, $((($(spent) - before) / ${out%% *})) us of processor each"
}
paths() { shuf -n 400 --random-source=<(yes) "$work/ids" | sed "s|^|$1?$H\&id=|"; }

curl -s "$url/api/v1/goroutines?$H&limit=100000" | jq -r '.goroutines[].id' >"$work/ids"
echo "store: $("$program" --hosts --json --db "$work/db" | jq -s -c '[(map(.snapshots) | add), (map(.goroutines) | max)]') snapshots and most goroutines, $(du -k "$work/db" | cut -f1) kB"
# shellcheck disable=SC2046 # a word per path
clients "/api/goroutine, 400 of those alive" 16 $(paths /api/goroutine)
# shellcheck disable=SC2046
clients "/api/children, the same" 16 $(paths /api/children)
clients "500 buckets of all snapshots of a host" 1 "/api/v1/snapshots?$H&buckets=500"
clients "small answers (/healthz)" 16 /healthz
clients "small answers (/api/hosts)" 16 /api/hosts
"$load" --constant >"$work/port" & other=$!
for _ in $(seq 100); do [ -s "$work/port" ] && break; sleep 0.05; done
echo "a constant by libmicrohttpd, 16 clients: $("$load" "$(cat "$work/port")" 16 "$seconds" /)"
echo "page: $(for f in '' chart.js $(cd src/serve/page && ls | grep -v '^index'); do curl -s -f -H 'Accept-Encoding: gzip' "$url/$f"; done | wc -c) bytes of gzip"
