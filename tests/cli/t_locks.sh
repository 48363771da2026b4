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
is 'without it they are not known' "$("$g" --waiters --db "$TMP/db" --output "$TMP/none" --json | holders)" ''
finish
