# needs: jq
# Who holds the lock: as the program that was recorded says it (tests/data/locks/locks.go).
. "$TOP/tests/cli/lib.sh"
g=$GSCRAPE dump=$TOP/tests/data/locks/go126.txt said=$TOP/tests/data/locks/go126.said
holders() { jq -r 'select(.holder) | "\(.object) \(.holder)"' | sort; }

is 'holders of the locks that have an address' "$("$g" --waiters "$dump" --json | holders)" \
	"$(while read -r _ address id; do "$g" --waiters "$dump" --json | grep -q "\"$address\"" && echo "$address $id"; done <"$said" | sort)"
is 'deadlocks, each once, and nothing else' "$("$g" --waiters "$dump" | grep -c 'a deadlock, as it seems')" 3
is 'read locks by their object' "$("$g" --waiters "$dump" | grep -c 'wait for a lock in 0x.*seems to hold it: it is in main.(\*table).rewrite')" 3
mkdir -p "$TMP/out/127.0.0.1_6060"
gzip -c "$dump" >"$TMP/out/127.0.0.1_6060/2026-11-26T06-28-00.000Z.goroutines.txt.gz"
"$g" --index "$TMP/out" --db "$TMP/db" -q
is 'from the archive, at the time of the dump' "$("$g" --waiters --db "$TMP/db" --output "$TMP/out" --json | holders | wc -l)" 15
is 'and without it: it was recorded' "$("$g" --waiters --db "$TMP/db" --output "$TMP/none" --json | holders)" "$("$g" --waiters "$dump" --json | holders)"
# at any time of the past, without an archive: before it was so, then, and after
for at in 06-27-00:119 06-29-00:119 06-30-00:127; do
	gzip -c "$TOP/tests/data/locks/go${at#*:}.txt" >"$TMP/out/127.0.0.1_6060/2026-11-26T${at%:*}.000Z.goroutines.txt.gz"
done
"$g" --index "$TMP/out" --db "$TMP/past" -q
rm -r "$TMP/out"
at() { "$g" --waiters --db "$TMP/past" --at "2026-11-26T$1Z" --json | holders; }
for when in 06:27:30:119 06:28:10:126 06:29:59:119 06:30:30:127; do
	is "who held what at ${when%:*}" "$(at "${when%:*}")" "$("$g" --waiters "$TOP/tests/data/locks/go${when##*:}.txt" --json | holders)"
done
is 'and what was a deadlock' "$("$g" --waiters --db "$TMP/past" --at 2026-11-26T06:29:30Z | grep -c 'a deadlock, as it seems')" 3
finish
