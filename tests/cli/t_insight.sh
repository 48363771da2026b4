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
finish
