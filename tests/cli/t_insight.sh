# needs: jq python3 perl
# What a history means: what moved, who waits for what, how long goroutines live, where they spend their time, who calls whom.
# Against dumps.py, which reads the text of the same dumps and knows nothing of the program.
. "$TOP/tests/cli/lib.sh"
g=$GSCRAPE series=$TOP/tests/data/series
export GSCRAPE_DB=$TMP/insight.db GSCRAPE_TZ=UTC
"$g" --index "$series" --archive-tz UTC -q || exit 1
coproc PLAIN { exec python3 "$TOP/tests/cli/dumps.py"; }
exec 7>&"${PLAIN[1]}" 8<&"${PLAIN[0]}"
text() { # text QUESTION ARGUMENT...
	local IFS=$'\x1f' line
	printf '%s\n' "$*" >&7
	while read -r line <&8 && [ "$line" != $'\x1e' ]; do printf '%s\n' "$line"; done
}
ms() { date -u -d "$1" +%s000; }

# --- --diff
moved() { "$g" --diff --json "$@" | plain | jq -r '"\(.net) \(.from) \(.to) \(.born) \(.gone) \(.new | join(",")) | \(.group)"' | LC_ALL=C sort; }
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
is 'in a table, too' "$("$g" --diff --host 127.0.0.1:6060 --wide | sed -n 2p | sed 's/  */ /g')" \
	'127.0.0.1:6060 +1671 65 1736 1671 0 chan send 381, 386, 389 and 1668 more main.fetch leaky/main.go:49 main.fetch.func1'
for at in 2026-11-23T16:14:50Z 2026-11-23T16:15:10Z; do # ten minutes back is before the host's first snapshot
	is "view 2 has the same change over a restart, at $at" \
		"$("$g" --dump host --format json --host 127.0.0.1:2019 --at $at | jq -r 'select(.change != 0) | "\(.change) \(.group)"' | LC_ALL=C sort)" \
		"$("$g" --diff --json --host 127.0.0.1:2019 --to $at | jq -r 'select(.to > 0 and .net != 0) | "\(.net) \(.group)"' | LC_ALL=C sort)"
done
at=2026-11-23T16:10:00Z # between two samples: ages are of the one before it, on every face
is 'view 2 has the ages of --goroutines' "$("$g" --dump host --host 127.0.0.1:6060 --at $at --size 120x24 | awk '/main.fetch/ && $1 ~ /^[>+]/ { print $4; exit }')" \
	"$("$g" --goroutines --wide --host 127.0.0.1:6060 --at $at | awk '/main.fetch/ { print $3; exit }')"
is 'and view 5' "$("$g" --dump leaks --host 127.0.0.1:6060 --at $at --size 120x24 | awk '/fetch.func1/ { print $7; exit }')" \
	"$("$g" --goroutines --wide --host 127.0.0.1:6060 --at $at | awk '/main.fetch/ { print $3; exit }')"
is 'and no other ones in another window' "$("$g" --leaks --host 127.0.0.1:6060 --json --from 2026-11-23T16:20:00Z | jq -c '[.oldest, .oldest_id, .since]')" \
	"$("$g" --leaks --host 127.0.0.1:6060 --json | jq -c '[.oldest, .oldest_id, .since]')"
oldest() { "$g" --dump leaks --host 127.0.0.1:6060 --at 2026-11-23T16:20:00Z --size 120x24 "$@" | grep -E ' main\.(fetch|main)\.func' | grep -Eo '[0-9]+m[0-9]+s' | head -2 | paste -sd' '; }
is 'nor zoomed' "$(oldest --keys zzz)" "$(oldest)"
is 'a time typed to the millisecond is one' "$("$g" --dump overview --keys 't2026-11-23T16:24:58.250Z<Enter>' --format json | jq -c .at)" \
	"$("$g" --dump overview --at 2026-11-23T16:24:58.250Z --format json | jq -c .at)"
is 'nobody scrapes this: view 1 knows the last number and none of now, as --hosts' \
	"$("$g" --dump overview --format json | jq -c '[.host, .now, .goroutines_last]' | sort)" "$("$g" --hosts --json | jq -c '[.host, .now, .goroutines_last]' | sort)"
is 'and no slope where nothing was measured' "$("$g" --dump overview --format json --at 2026-11-22T00:00:00Z | jq -c .per_hour | sort -u) $("$g" --dump overview --at 2026-11-22T00:00:00Z --size 120x24 | awk '/^.127.0.0.1/ { print $NF }' | sort -u)" 'null -'
is 'nor children that are now' "$("$g" --dump goroutine --host 127.0.0.1:6060 --id 1 --size 80x24 | grep -c -e '-now')$("$g" --dump goroutine --host 127.0.0.1:6060 --id 1 --size 160x40 | grep -c -e '-now')" 00
is 'nothing moves between a time and itself' "$("$g" --diff --json --from $from --to $from | jq -r '.unknown // .net' | sed 's/ of .* is/ is/; s/; .*//' | sort -u)" 'at --to: no sample at T
nothing to compare: the one snapshot is both ends'
is 'before a host is watched nothing is known of it' "$("$g" --diff --json --to 2026-11-23T16:00:00Z | jq -r .unknown | sed 's/;.*//' | sort | uniq -c | sed 's/^ *//')" '7 at --to: no sample at T'
is 'nor does anything move after the end' "$("$g" --diff --json --from 2027-01-01T00:00:00Z | jq -r .unknown | sed 's/;.*//' | sort | uniq -c | sed 's/^ *//')" '7 at --from: no sample at T'
fails 'from after to' 2 '--from is after --to' "$g" --diff --from $to --to $from
fails 'an unknown host' 1 '/.*no host .127.0.0.1:6061.*/' "$g" --diff --host 127.0.0.1:6061

# --- --waiters
waiting() { "$g" --waiters --json "$@" | plain | jq -r 'select(.object) | "\(.count) \(.what) \(.object) \(.longest) \(.oldest) \(.handed_over)"' | LC_ALL=C sort; }
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
is 'the table has the queue first, and counts connections at rest' "$("$g" --waiters --host 127.0.0.1:6060 --wide | sed -n '2p;$p' | sed 's/  */ /g')" \
	"$("$g" --waiters --json --host 127.0.0.1:6060 | jq -sr '.[0] as $w | "127.0.0.1:6060 7 sync.Mutex \($w.object) sync.Mutex.Lock \($w.holder) \($w.holder_why) 7 \($w.longest_at / 1000 | todate | gsub("[TZ]"; " ") | .[:19]) \($w.oldest / 1000 | todate | gsub("[TZ]"; " ") | .[:19]) \($w.oldest_id) \($w.handed_over) main.main leaky/main.go:99\nand \([.[] | select(.what == "network descriptor")] | length) network descriptor with one goroutine"')"
is 'before a host is watched nobody waits' "$("$g" --waiters --json --at 2026-11-23T16:00:00Z | jq -r '.unknown' | grep -c 'no sample at T; first')" 7
fails 'from after at' 2 '--from is after --at' "$g" --waiters --from $to --at $from

# --- --lives
lives() {
	"$g" --lives --json "$@" | plain | jq -r '"\(.before) \(.births) \(.deaths) \(.killed) \(.alive) \(.births_per_minute) \(.deaths_per_minute) \(.ended) \(.censored) \(.p50) \(.p90) \(.p99) \(.max) \(.median) \(.oldest) \(.samples) \(.families | to_entries | sort_by(.key) | map("\(.key)=\(.value)") | join(",")) | \(.group)"' |
		LC_ALL=C sort
}
same_lives() { # WHAT FOLDER FROM TO BY RESTARTS OPTION...
	local what=$1 folder=$2 from=$3 to=$4 by=$5 restarts=$6; shift 6
	is "$what" "$(lives --host "$folder" --group-by "$by" "$@")" "$(text lives "$series/$folder" "$from" "$to" "$by" "$restarts" |
		perl -pe 's/(?<=[ =])(\d+)\.(\d*?)0+(?=[ ,])/length($2) ? "$1.$2" : $1/ge' | LC_ALL=C sort)"
}
end=$(ms 2027-01-01)
for by in created-by top state stack; do
	same_lives "how they live by $by" 127.0.0.1_6060 0 "$end" $by ''
	same_lives "how they live by $by, across a restart" 127.0.0.1_2019 0 "$end" $by "$(ms 2026-11-23T16:14:40Z)"
done
same_lives 'in a part of the time' 127.0.0.1_6060 "$(ms $from)" "$(ms $to)" state '' --from $from --to $to
for by in created-by top state stack; do
	same_lives "in a part of the time by $by" 127.0.0.1_2379 "$(ms 2026-11-23T16:18:10Z)" "$(ms 2026-11-23T16:21:00Z)" $by "$(ms 2026-11-23T16:20:00Z)" \
		--from 2026-11-23T16:18:10Z --to 2026-11-23T16:21:00Z
done
same_lives 'in a part of the time, by creation site' 127.0.0.1_12019 "$(ms 2026-11-23T16:40:40Z)" "$end" created-by '' --from 2026-11-23T16:40:40Z
is 'who was there, came and went are who is there' "$("$g" --lives --json | jq -c 'select(.before + .births - .deaths - .killed != .alive or .ended + .censored != .births)')" ''
is 'in a table' "$("$g" --lives --host 127.0.0.1:6060 --wide | sed -n '1p;2p' | sed 's/  */ /g')" \
	'HOST BORN ENDED ALIVE BORN/MIN ENDED/MIN P50 P90 P99 MAX CENSORED MEDIAN OLDEST STATES GROUP
127.0.0.1:6060 1673 2 1736 61.8 0.1 0s 0s 0s 0s 1671 - 2026-11-23 16:05:05 chan 100%, sleep 0% main.fetch leaky/main.go:49'
fails 'one by one' 2 '--lives: --group-by none leaves one life in each group; see --goroutine' "$g" --lives --group-by none

# --- --goroutine --profile
profile() { "$g" --goroutine "$1" --profile --json "${@:2}" | plain | jq -r '"\(.samples) \(.share) \(.state) | \(.stack | join(", "))"' | LC_ALL=C sort; }
for id in 1 36 38; do
	is "where goroutine $id spends its time" "$(profile $id --host 127.0.0.1:6060)" "$(text profile "$series/127.0.0.1_6060" $id 0 "$end" | sed 's/1.0000/1/' |
		perl -pe 's/^(\d+ 0\.\d*?)0+ /$1 /' | LC_ALL=C sort)"
done
is 'in a part of the time, of the new process' "$(profile 1 --host 127.0.0.1:2019 --from 2026-11-23T16:14:50Z)" \
	"$(text profile "$series/127.0.0.1_2019" 1 "$(ms 2026-11-23T16:14:50Z)" "$end" "$(ms 2026-11-23T16:14:40Z)" | sed 's/1.0000/1/')"
is 'as text' "$("$g" --goroutine 36 --host 127.0.0.1:6060 --profile --wide | sed -n 3p)" \
	'12.5%          3  sleep            time.Sleep:363 <- main.(*counter).slowAdd:78 <- main.main.func4:101'
fails 'of a goroutine that is not there' 1 '/127.0.0.1:6060 has no goroutine 92899; .*/' "$g" --goroutine 92899 --host 127.0.0.1:6060 --profile
fails 'times without --profile' 2 '--from and --to need --profile here' "$g" --goroutine 1 --host 127.0.0.1:6060 --from $from

# --- functions
callers() {
	"$g" --query "$1" --callers --json "${@:2}" | plain | jq -r '(.callers[] | . + {way: "from"}), (.callees[] | . + {way: "to"}) |
		"\(.way) \(.samples) \(.share) \(.path + (if .created_by then ["created by " + .created_by] else [] end) | join(" "))"' | LC_ALL=C sort
}
decimals() { perl -pe 's/^(\w+ \d+ \d)\.(\d*?)0+ /length($2) ? "$1.$2 " : "$1 "/e'; }
for func in main.fetch.func1 'net/http.(*conn).serve' 'sync.(*Mutex).Lock' main.deep internal/poll.runtime_pollWait; do
	is "who calls $func, and whom it calls" "$(callers "$func" --host 127.0.0.1:6060)" \
		"$(text callers "$series/127.0.0.1_6060" "$func" 0 "$end" | decimals | LC_ALL=C sort)"
done
is 'in a part of the time, across a restart' "$(callers 'net/http.(*conn).serve' --host 127.0.0.1:2019 --from 2026-11-23T16:14:30Z --to 2026-11-23T16:14:50Z)" \
	"$(text callers "$series/127.0.0.1_2019" 'net/http.(*conn).serve' "$(ms 2026-11-23T16:14:30Z)" "$(ms 2026-11-23T16:14:50Z)" | decimals | LC_ALL=C sort)"
is 'callers and callees are as many as the samples, on all hosts' \
	"$("$g" --query 'net/http.(*conn).serve' --callers --json | jq -c '[.samples - ([.callers[].samples] | add), .samples - ([.callees[].samples] | add), .samples <= .all]')" '[0,0,true]'
is 'as a table' "$("$g" --query main.fetch.func1 --callers --host 127.0.0.1:6060)" 'CALLS   SHARE  SAMPLES  PATH
from   100.0%    23516  created by main.fetch
to     100.0%    23513  (it is the leaf)
to       0.0%        3  main.backend -> time.Sleep'
is 'as CSV what the JSON has, under its names' "$("$g" --query main.fetch.func1 --callers --host 127.0.0.1:6060 --csv | tr -d '\r')" "func,list,path,created_by,samples,share
$("$g" --query main.fetch.func1 --callers --host 127.0.0.1:6060 --json | jq -r '.func as $f | ("callers", "callees") as $l | .[$l][] |
	"\($f),\($l),\(.path | join(if $l == "callers" then " <- " else " -> " end)),\(.created_by // ""),\(.samples),"' |
	paste -d '' - <(printf '1.0000\n0.9999\n0.0001\n'))"
had() { "$g" --query "$1" --json "${@:2}" | jq -r '"\(.epoch) \(.id) \(.first) \(.last) \(.snapshots)"' | LC_ALL=C sort; }
for func in 'net/http.(*conn).serve' 'net/http.(*connReader).backgroundRead' 'google.golang.org/grpc.newClientStream.func5'; do
	is "when $func was on whose stack: two processes, an outage" "$(had "$func" --host 127.0.0.1:2379)" \
		"$(text had "$series/127.0.0.1_2379" "$func" "$(ms 2026-11-23T16:20:00Z)" | LC_ALL=C sort)"
done
is 'and of two processes with the same ids' "$(had 'net/http.(*conn).serve' --host 127.0.0.1:2019)" \
	"$(text had "$series/127.0.0.1_2019" 'net/http.(*conn).serve' "$(ms 2026-11-23T16:14:40Z)" | LC_ALL=C sort)"
"$g" --index "$series/127.0.0.1_12019" --archive-tz UTC -q --db "$TMP/one.db" || "$g" --index "$series" --archive-tz UTC -q --db "$TMP/one.db"
is 'functions: on how many stacks ever, of how many goroutines now' "$("$g" --db "$TMP/one.db" --list-funcs --json | jq -r '"\(.stacks) \(.goroutines) \(.func)"' | LC_ALL=C sort)" \
	"$(text functions "$series/127.0.0.1_12019" | LC_ALL=C sort)"

for pattern in '^main.fetch.func1$' 'MAIN.' 'main. !func' 'serve$ http' '^sync. mutex'; do
	is "goroutines of '$pattern' had one of its functions" "$("$g" --query "$pattern" --host 127.0.0.1:6060 --json 2>/dev/null | jq -r .func | LC_ALL=C sort -u | LC_ALL=C comm -23 - <("$g" --list-funcs "$pattern" --json | jq -r .func | LC_ALL=C sort))" ''
done
is 'and are all that had one' "$("$g" --query 'main. !func' --host 127.0.0.1:6060 --json | jq .id | sort)" \
	"$("$g" --list-funcs 'main. !func' --json | jq -r .func | while read -r f; do "$g" --query "$f" --host 127.0.0.1:6060 --json | jq .id; done | sort -u)"
fails 'upper case counts where there is some' 1 "no function matches 'MAIN.'; see gscrape-tui --list-funcs" "$g" --query MAIN.

# --- as CSV: a row per line of JSON, and numbers that are numbers
for command in --diff --waiters --lives '--goroutine 36 --profile'; do
	# shellcheck disable=SC2086
	is "$command as CSV" "$("$g" $command --host 127.0.0.1:6060 --csv | wc -l)" "$(($("$g" $command --host 127.0.0.1:6060 --json | wc -l) + 1))"
done
is 'net and shares in it' "$("$g" --diff --host 127.0.0.1:6060 --csv | sed -n 2p | cut -d, -f1-6) $("$g" --goroutine 36 --profile --host 127.0.0.1:6060 --csv | cut -d, -f3-5 | sed -n 2p)" \
	'127.0.0.1:6060,1671,65,1736,1671,0 0.8750,21,sync.Mutex.Lock'

# --- stores in which there is little to say
empty() { # WHAT OPTION...: no line of JSON but why, a head and perhaps a note why as text, status 0
	local what=$1; shift
	is "$what" "$("$g" "$@" --json 2>&1 | jq -c 'select(.unknown == null)'; echo ${PIPESTATUS[0]}) $("$g" "$@" 2>&1 | grep -vc '^note: ')" '0 1'
}
"$TOP/$B/tools/empty" "$TMP/void.db"
mkdir -p "$TMP/failed/127.0.0.1_1"; for i in 1 2 3; do echo '<html>502</html>' | gzip >"$TMP/failed/127.0.0.1_1/2026-11-23T16-00-0$i.goroutines.txt.gz"; done
"$g" --index "$TMP/failed" --archive-tz UTC --db "$TMP/failed.db" -q 2>/dev/null
mkdir -p "$TMP/once/127.0.0.1_6060"; cp "$series/127.0.0.1_6060/"*16-05-05* "$TMP/once/127.0.0.1_6060"
"$g" --index "$TMP/once" --archive-tz UTC --db "$TMP/once.db" -q
is 'the store of failures has them' "$("$g" --hosts --json --db "$TMP/failed.db" | jq -c '[.snapshots, .failed]')" '[3,3]'
for command in --diff --waiters --lives; do
	empty "$command: no host" $command --db "$TMP/void.db"
	empty "$command: every snapshot failed" $command --db "$TMP/failed.db"
done
empty '--diff: one snapshot' --diff --db "$TMP/once.db"
is 'which it says' "$("$g" --diff --db "$TMP/once.db" | sed 1d)" 'note: 127.0.0.1:6060: nothing to compare: the one snapshot of 2026-11-23 16:05:05 is both ends'
for command in --lives --stats '--query main.fetch'; do
	# shellcheck disable=SC2086
	is "$command: of a window without a snapshot it says so" "$("$g" $command --host 127.0.0.1:6060 --from 2026-11-22T00:00:00Z --to 2026-11-22T01:00:00Z | sed 1d)" \
		'note: 127.0.0.1:6060: no snapshot in this window; they are from 2026-11-23 16:05:05 to 2026-11-23 16:32:08'
	# shellcheck disable=SC2086
	is "$command: nothing of the kind where there is one" "$("$g" $command --host 127.0.0.1:6060 | grep -c '^note: ')" 0
done
is '--lives: one snapshot: all were there before, and no rate is known' \
	"$("$g" --lives --json --db "$TMP/once.db" | jq -cs '[(map(.before) | add), (map(.births + .deaths) | add), (map(.births_per_minute) | unique)]')" '[111,0,[null]]'
is '--waiters: one snapshot' "$("$g" --waiters --json --db "$TMP/once.db" | head -1 | jq -c '[.count, .longest, .handed_over]')" '[7,7,0]'
fails '--query --callers: nobody had it' 1 "no function matches 'main.fetch'; see gscrape-tui --list-funcs" "$g" --query main.fetch --callers --db "$TMP/failed.db"
is '--query --callers: not at that time' "$("$g" --query main.fetch --callers --json --to 2026-11-23T16:00:00Z | jq -c .)" '{"func":"main.fetch","samples":0,"all":0,"callers":[],"callees":[]}'
fails '--profile: every snapshot failed' 1 '127.0.0.1:1 has no goroutine 1' "$g" --goroutine 1 --profile --db "$TMP/failed.db"

# --- the order in which hosts were indexed says nothing: two that are alike
tie() { # tie HOST FUNCTION...: functions in the order in which they come in its dumps; all tie
	mkdir -p "$TMP/order/$1"
	for minute in 0 1 2; do
		i=0
		for f in "${@:2}"; do
			i=$((i + 1))
			[ "$minute" = 0 ] || printf 'goroutine %d [select]:\nmain.%s()\n\t/m.go:10 +0x1\ncreated by main.main in goroutine 1\n\t/m.go:1 +0x1\n\n' "$i" "$f"
		done >"$TMP/order/$1/2026-11-23T16-0$minute-05Z.goroutines.txt"
		[ "$minute" != 0 ] || printf 'goroutine 9 [running]:\nmain.main()\n\t/m.go:1 +0x1\n' >"$TMP/order/$1/2026-11-23T16-00-05Z.goroutines.txt"
	done
}
tie a_1 f e
tie b_1 e f
"$g" --index "$TMP/order" --db "$TMP/together.db" --archive-tz UTC -q || exit 1
for host in b_1 a_1; do
	mkdir "$TMP/only-$host" && cp -r "$TMP/order/$host" "$TMP/only-$host/" && "$g" --index "$TMP/only-$host" --db "$TMP/reverse.db" --archive-tz UTC -q || exit 1
done
for question in '--query main' --diff '--diff --group-by stack' --lives --hosts --stats --goroutines '--goroutines --group-by none' --leaks --list-funcs --waiters \
	'--export folded' '--export dot' '--export svg' '--export trace' '--dump overview' '--dump host' '--dump functions' '--report -'; do
	# shellcheck disable=SC2086
	is "$question: the same, whatever came first" "$("$g" $question --db "$TMP/reverse.db" 2>&1 | sed 's/reverse/together/' | cksum)" \
		"$("$g" $question --db "$TMP/together.db" 2>&1 | cksum)"
done
finish
