#!/bin/bash
# scrape.sh [TARGETS [GOROUTINES [INTERVAL [SECONDS]]]]: scrape many targets for a while; missed ticks, CPU, memory.
#
# The figure to hold (200 targets of 1000 goroutines every 5 s): no tick missed, less than one core. Memory is the least in the
# second half, since what is being fetched comes on top, and that depends on how fast the targets answer.
set -u
cd "$(dirname "$0")/../.." || exit 2
n=${1:-200} goroutines=${2:-1000} interval=${3:-5s} seconds=${4:-30}
program=$PWD/${B:-build}/gscrape-tui
dir=$(mktemp -d)
python3 tests/bench/targets.py "$n" "$goroutines" > "$dir/targets.json" & server=$!
trap 'kill $server 2>/dev/null; rm -rf "$dir"' EXIT
for _ in $(seq 600); do [ -s "$dir/targets.json" ] && break; sleep 0.1; done
cd "$dir" || exit 2
"$program" --scrape --interval "$interval" --targets-file targets.json --db h.db --output out > log 2> errors & scraper=$!
sleep $((seconds / 2))
rss=
for _ in $(seq "$seconds"); do
	sleep 0.5
	now=$(awk '/^RssAnon/ {print $2}' "/proc/$scraper/status")
	rss=$((now < ${rss:-now + 1} ? now : rss))
done
ticks=$(getconf CLK_TCK)
read -r -a stat < "/proc/$scraper/stat"
peak=$(awk '/^VmHWM/ {print $2}' "/proc/$scraper/status")
kill "$scraper"; wait "$scraper"; status=$?
awk -v u="$((stat[13] + stat[14]))" -v t="$ticks" -v s="$seconds" -v n="$n" -v g="$goroutines" -v i="$interval" -v rss="$rss" \
	-v peak="$peak" -v errors="$(wc -l < errors)" -v status="$status" -v store="$(stat -c %s h.db)" '
/stopped after/ { scrapes = $5; missed = $9; rate = $(NF-1) }
END {
	printf "%d targets x %d goroutines every %s, %d s: %d scrapes, %d ticks missed, %.2f of one core, %d MB anonymous, %.0f bytes for each goroutine (peak %d MB with maps), %s MB/h, store %.1f MB, %d errors, exit status %d\n",
		n, g, i, s, scrapes, missed, u / t / s, rss / 1024, rss * 1024 / n / g, peak / 1024, rate, store / 1e6, errors, status
	exit !(missed == 0 && errors == 0 && u / t / s < 1)
}' log
