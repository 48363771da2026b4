# What a history means: what moved, who waits for what, how long goroutines live, where they spend their time, who calls whom.
# Against dumps.py, which reads the text of the same dumps and knows nothing of the program.
. "$TOP/tests/cli/lib.sh"
g=$GSCRAPE series=$TOP/tests/data/series
export GSCRAPE_DB=$TMP/insight.db GSCRAPE_TZ=UTC
"$g" --index "$series" --archive-tz UTC -q || exit 1
text() { python3 "$TOP/tests/cli/dumps.py" "$@"; }
ms() { date -u -d "$1" +%s000; }

# --- --diff
moved() { "$g" --diff --json "$@" | jq -r '"\(.net) \(.from) \(.to) \(.born) \(.gone) \(.new | join(",")) | \(.group)"' | LC_ALL=C sort; }
from=2026-11-23T16:08:16Z to=2026-11-23T16:30:52Z
for by in created-by top state stack; do
	is "what moved by $by, between two times" "$(moved --host 127.0.0.1:6060 --from $from --to $to --group-by $by)" \
		"$(text diff "$series/127.0.0.1_6060" "$(ms $from)" "$(ms $to)" $by | LC_ALL=C sort)"
done
is 'without times: from the beginning to now' "$(moved --host 127.0.0.1:16060)" \
	"$(text diff "$series/127.0.0.1_16060" 0 "$(ms 2027-01-01)" created-by | LC_ALL=C sort)"
is 'right across a restart: everybody is another' "$(moved --host 127.0.0.1:2019 --from 2026-11-23T16:14:36Z --to 2026-11-23T16:15:10Z)" \
	"$(text diff "$series/127.0.0.1_2019" "$(ms 2026-11-23T16:14:36Z)" "$(ms 2026-11-23T16:15:10Z)" created-by yes | LC_ALL=C sort)"
is 'the largest change of all hosts is first' "$("$g" --diff --json | jq -cs '[.[0].host, (map(.net | fabs) | . == (sort | reverse))]')" '["127.0.0.1:6060",true]'
is 'in a table, too' "$("$g" --diff --host 127.0.0.1:6060 | sed -n 2p | sed 's/  */ /g')" \
	'127.0.0.1:6060 +1671 65 1736 1671 0 chan send 381, 386, 389 and 1668 more main.fetch leaky/main.go:49 main.fetch.func1'
is 'nothing moves between a time and itself' "$("$g" --diff --json --from $from --to $from)" ''
is 'before a host is watched nothing is known of it' "$("$g" --diff --json --to 2026-11-23T16:00:00Z)" ''
is 'nor does anything move after the end' "$("$g" --diff --json --from 2027-01-01T00:00:00Z)" ''
fails 'from after to' 2 '--from is after --to' "$g" --diff --from $to --to $from
fails 'an unknown host' 1 '/.*no host .127.0.0.1:6061.*/' "$g" --diff --host 127.0.0.1:6061

# --- --waiters
waiting() { "$g" --waiters --json "$@" | jq -r '"\(.count) \(.what) \(.object) \(.longest) \(.oldest) \(.handed_over)"' | LC_ALL=C sort; }
is 'who waits for what, and how the queues went' "$(waiting --host 127.0.0.1:6060)" \
	"$(text waiters "$series/127.0.0.1_6060" 0 "$(ms 2027-01-01)" | LC_ALL=C sort)"
ok 'a mutex, with several in its queue' grep -q '^7 sync.Mutex .* 7 ' <(waiting --host 127.0.0.1:6060)
is 'at a time, from another on' "$(waiting --host 127.0.0.1:6060 --from 2026-11-23T16:10:00Z --at 2026-11-23T16:20:00Z)" \
	"$(text waiters "$series/127.0.0.1_6060" "$(ms 2026-11-23T16:10:00Z)" "$(ms 2026-11-23T16:20:00Z)" | LC_ALL=C sort)"
for host in 127.0.0.1:16060 127.0.0.1:12019 127.0.0.1:29090; do
	is "on $host, too" "$(waiting --host $host)" "$(text waiters "$series/${host/:/_}" 0 "$(ms 2027-01-01)" | LC_ALL=C sort)"
done
is 'an address of the process before is another thing' "$(waiting --host 127.0.0.1:2379)" \
	"$(text waiters "$series/127.0.0.1_2379" "$(ms 2026-11-23T16:20:00Z)" "$(ms 2027-01-01)" | LC_ALL=C sort)"
is 'its waiters by creation site' "$("$g" --waiters --json --host 127.0.0.1:6060 | head -1 | jq -c '.sites')" \
	'[{"created_by":"main.main","created_at":"leaky/main.go:99","function":"main.(*counter).slowAdd","count":7}]'
is 'the table has the queue first, and counts connections at rest' "$("$g" --waiters --host 127.0.0.1:6060 | sed -n '2p;$p' | sed 's/  */ /g')" \
	"$("$g" --waiters --json --host 127.0.0.1:6060 | jq -sr '.[0] as $w | "127.0.0.1:6060 7 sync.Mutex \($w.object) sync.Mutex.Lock 7 \($w.longest_at / 1000 | todate | gsub("[TZ]"; " ") | .[:19]) \($w.oldest / 1000 | todate | gsub("[TZ]"; " ") | .[:19]) \($w.oldest_id) \($w.handed_over) main.main leaky/main.go:99\nand \([.[] | select(.what == "network descriptor")] | length) network descriptor with one goroutine"')"
is 'before a host is watched nobody waits' "$("$g" --waiters --json --at 2026-11-23T16:00:00Z)" ''
fails 'from after at' 2 '--from is after --at' "$g" --waiters --from $to --at $from
finish
