#!/bin/bash
# tests/bench/tui.sh [DB HOST ID]: the figures of the terminal, on the test series unless told; with SAMPLES=10m on a store of
# ten million samples that is made for it. Writes per frame by strace too, where it is there.
set -eu
cd "$(dirname "$0")/../.."
b=${B:-build}
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
export TMP=$tmp
db=${1:-$tmp/bench.db} host=${2:-127.0.0.1:16060} id=${3:-50}
if [ $# -eq 0 ] && [ "${SAMPLES:-}" = 10m ]; then
	"$b/tools/gen" tests/data/series "$tmp/archive" 5 1000 2000 50
	"$b/gscrape-tui" --index "$tmp/archive" --db "$db" -q
	host=$("$b/gscrape-tui" --hosts --json --db "$db" | sed -n '1s/.*"host":"\([^"]*\)".*/\1/p')
	id=$("$b/gscrape-tui" --goroutines --group-by none --json --host "$host" --db "$db" | sed -n '1s/.*"id":\([0-9]*\).*/\1/p')
elif [ $# -eq 0 ]; then
	"$b/gscrape-tui" --index tests/data/series --archive-tz UTC --db "$db" -q
fi
echo "== the terminal: $("$b/gscrape-tui" --hosts --json --db "$db" | wc -l) hosts, $(($(stat -c %s "$db") / 1048576)) MiB"
python3 tests/bench/tui.py "$db" "$host" "$id"
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
	# the first dup is of the terminal; what goes to any other descriptor is ncurses' own, into memory
	export SHELL=/bin/sh
	(sleep 1; for k in h h h l l 2 j j; do echo -n $k; sleep 0.2; done; echo -n Q; sleep 0.3) |
		script -qec "env TERM=xterm-256color strace -o $tmp/trace -e trace=write,dup,ppoll $b/gscrape-tui --db $db --no-state --host $host" /dev/null >/dev/null 2>&1 || true
	awk '/^dup\(/ && !tty { tty = $NF } /^ppoll\(\[\{fd=0,/ { polls++ } /^write\(/ { n = $0; sub(/^write\(/, "", n); fd[n + 0]++ }
		END { printf "  9  strace: %d writes to the terminal, for %d frames\n", fd[tty], polls }' "$tmp/trace"
fi
