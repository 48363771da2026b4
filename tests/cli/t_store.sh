# needs: jq script
# The commands that ask the store, against the text of the dumps it was made from, and against what gscrape answers on
# the same dumps. The series: 21 snapshots of a leaking program, and 5 of a proxy that is restarted after the second.
. "$TOP/tests/cli/lib.sh"
g=$GSCRAPE past=$TOP/tests/data/past
leaky=$past/archive/127.0.0.1_6060 caddy=$past/archive/127.0.0.1_2019
cd "$TMP" || exit 1
export GSCRAPE_DB=$TMP/gscrape.db

# --- indexing
"$g" --index "$past/archive" --archive-tz UTC >out 2>err; is 'an archive is indexed without a word' "$? $(cat out err)" '0 '
is 'a second time there is nothing to do' "$("$g" --index "$past/archive" --archive-tz UTC --json | jq -c '[.hosts, .files, .recorded, .known]')" '[2,26,0,26]'
"$g" --verify >out; is 'the store has no fault' "$? $(cat out)" "0 $TMP/gscrape.db: no fault found"
is 'so in JSON' "$("$g" --verify --json)" '{"faults":0}'

# What the text says: "TIME ID" of each goroutine, "TIME ID FUNCTION" of each frame. TIME is ms, as in the file's name.
ms() { # file
	local name; name=$(basename "$1" .goroutines.txt.gz)
	echo $(($(date -u -d "${name%T*} $(sed 's/.*T//; s/-/:/g' <<<"$name")" +%s) * 1000))
}
frames() { # folder
	local f
	for f in "$1"/*.gz; do
		zcat "$f" | awk -v t="$(ms "$f")" '
			/^goroutine [0-9]+ / { id = $2; print t, id; next }
			/^created by / || /^$/ || /^\t/ || /^\.\.\./ { next }
			id != "" { sub(/\([^()]*\)$/, ""); print t, id, $0 }'
	done
}
frames "$leaky" | sort -u >leaky.frames
frames "$caddy" | sort -u >caddy.frames
grep -vE ' .* ' leaky.frames >leaky.ids
times=$(cut -d' ' -f1 leaky.ids | uniq) first=$(head -1 <<<"$times") last=$(tail -1 <<<"$times")
most=$(cut -d' ' -f1 leaky.ids | uniq -c | sort -rn | awk 'NR == 1 { print $1 }')

# --- --hosts
"$g" --hosts --json >hosts.json
newest=$(grep -c "^$last" leaky.ids)
is 'hosts, as JSON: nobody scrapes an archive, so there is a last number and none of now' \
	"$(tail -1 hosts.json | jq -c '[.host, .labels, .snapshots, .failed, .epochs, .first, .last, .goroutines, .goroutines_last, .last_good, .status, .now, .interval, .down_since, .why]')" \
	"[\"127.0.0.1:6060\",\"\",21,0,1,$first,$last,$most,$newest,$last,\"ok\",null,15000,null,null]"
is 'the restarted one has two epochs' "$(head -1 hosts.json | jq -c '[.host, .snapshots, .epochs]')" '["127.0.0.1:2019",5,2]'
"$g" --hosts --tz UTC >hosts.txt
is 'hosts, as a table' "$(tail -1 hosts.txt | sed 's/  */ /g')" "127.0.0.1:6060 21 0 $most $newest 2026-11-23 16:09:33 -"
is 'with all there is' "$("$g" --hosts --tz UTC --wide | tail -1 | sed 's/  */ /g')" \
	"127.0.0.1:6060 21 0 1 2026-11-23 16:05:05 2026-11-23 16:09:33 $most $newest 2026-11-23 16:09:33 ok - 15s - - "
is 'columns line up' "$(awk '{ print index($0, NR == 1 ? "MEASURED" : "2026-11-23") }' hosts.txt | uniq | wc -l) $(awk 'NR > 1 { print length($0) }' hosts.txt | uniq | wc -l)" '1 1'
for command in --hosts --stats --list-funcs --goroutines '--goroutines --group-by none' '--query conn' '--query conn --callers' --diff --waiters --lives '--goroutine 1 --host 127.0.0.1:6060 --profile'; do
	# shellcheck disable=SC2086
	is "$command fits 80 columns" "$("$g" $command | awk 'length($0) > 80' | head -1)" ''
done
is 'a root among them is told as one' "$("$g" --goroutines --host 127.0.0.1:6060 | awk '$5 == "main.main" { print $5, $6 }')" 'main.main (root)'
is 'no colour in a pipe' "$(grep -c $'\e' hosts.txt)" 0
ok 'colour where it is asked for' grep -q $'\e\\[1mHOST' <("$g" --hosts --color always)
is 'colour on a terminal, unless NO_COLOR' \
	"$(script -qec "TERM=xterm '$g' --hosts" /dev/null | grep -c $'\e\\[1mHOST') $(NO_COLOR=1 script -qec "TERM=xterm '$g' --hosts" /dev/null | grep -c $'\e')" '1 0'
is 'one host, in either spelling' "$("$g" --hosts --host 127.0.0.1_6060 --json) $("$g" --hosts --host 127.0.0.1:6060 --json)" "$(tail -1 hosts.json) $(tail -1 hosts.json)"
is 'times are shown in the zone asked for' "$("$g" --hosts --host 127.0.0.1:6060 --wide --tz Asia/Kolkata | grep -o '2026-11-23 21:35:05')" '2026-11-23 21:35:05'

# --- --stats
"$g" --stats --host 127.0.0.1:6060 --json >stats.json
is 'a snapshot per line, with what the text counts' "$(jq -r '"\(.time) \(.goroutines)"' stats.json)" "$(cut -d' ' -f1 leaky.ids | uniq -c | awk '{ print $2, $1 }')"
is 'states too' "$(tail -1 stats.json | jq -cS .states)" \
	"$(zcat "$leaky"/*09-33* | sed -nE 's/^goroutine [0-9]+ \[([^],]*).*/\1/p' | jq -RnS '[inputs] | group_by(.) | map({(.[0]): length}) | add' -c)"
is 'bytes and status' "$(tail -1 stats.json | jq -c '[.bytes, .status, .epoch, .host]')" "[$(zcat "$leaky"/*09-33* | wc -c),\"ok\",1,\"127.0.0.1:6060\"]"
is 'all hosts without --host' "$("$g" --stats --json | jq -r .host | uniq -c | awk '{ print $1 }' | tr '\n' ' ')" '5 21 '
is 'a part of the time' "$("$g" --stats --host 127.0.0.1:6060 --json --from 2026-11-23T16:06:00Z --to '2026-11-23 16:07:00' --tz UTC | jq .time | tr '\n' ' ')" \
	"$(awk -v a=$(($(date -u -d '2026-11-23 16:06:00' +%s) * 1000)) '$1 >= a && $1 <= a + 60000' <<<"$times" | tr '\n' ' ')"
is 'the table has a line each' "$("$g" --stats | wc -l)" 27

# --- --goroutines
at=2026-11-23T16:07:00Z; shot=$(awk -v a=$(($(date -u -d $at +%s) * 1000)) '$1 <= a' <<<"$times" | tail -1)
"$g" --goroutines --host 127.0.0.1:6060 --group-by none --at $at --json >alive.json
is 'who is alive at a time, one by one' "$(jq .id alive.json | sort)" "$(grep "^$shot " leaky.ids | cut -d' ' -f2 | sort)"
is 'first and last seen are those of the goroutine' "$(jq -r '"\(.id) \(.first) \(.last)"' alive.json | sort)" \
	"$(awk 'NR == FNR { if (!($2 in a)) a[$2] = $1; b[$2] = $1; next } { print $2, a[$2], b[$2] }' leaky.ids <(grep "^$shot " leaky.ids) | sort)"
is 'each has the promised shape' "$(jq -c 'select((.host|type) != "string" or (.epoch|type) != "number" or (.state|type) != "string" or (.func|type) != "string" or
	(.id != 1 and (.created_by|type) != "string"))' alive.json)" ''
"$g" --goroutines --host 127.0.0.1:6060 --json >groups.json
is 'grouped by creation site, largest first' "$(head -1 groups.json | jq -c '[.group, .count, .oldest, .states]')" \
	"[\"main.fetch leaky/main.go:49\",$(grep -c "^$last .* main.fetch.func1$" leaky.frames),$first,{\"chan send\":$(grep -c "^$last .* main.fetch.func1$" leaky.frames)}]"
for by in created-by top stack state; do
	is "groups by $by are everybody" "$("$g" --goroutines --host 127.0.0.1:6060 --group-by $by --json | jq -s 'map(.count) | add')" "$(grep -c "^$last" leaky.ids)"
done
is 'by state is what stats say' "$("$g" --goroutines --host 127.0.0.1:6060 --group-by state --json | jq -cs 'map({(.group): .count}) | add' | jq -cS .)" "$(tail -1 stats.json | jq -cS .states)"
is 'before the first snapshot nobody is known' "$("$g" --goroutines --at 2026-11-23T16:00:00Z --tz UTC --json | jq -c '[.host, .count, .oldest, .group, .unknown]')" \
	'["127.0.0.1:2019",null,null,null,"no sample at T; first 16:14:38"]
["127.0.0.1:6060",null,null,null,"no sample at T; first 16:05:05"]'
ok 'the table names the largest group in its first line' grep -q '^127.0.0.1:6060 .*main.fetch leaky/main.go:49' <("$g" --goroutines --wide --host 127.0.0.1:6060 | sed -n 2p)

# --- --goroutine
"$g" --goroutine 1 --host 127.0.0.1:6060 --json >one.json
is 'one goroutine: identity' "$(jq -c '[.host, .epoch, .id, .created_by, .parent, .first, .last, .ended]' one.json)" "[\"127.0.0.1:6060\",1,1,null,null,$first,$last,false]"
is 'its runs cover its life' "$(jq -c '[(.runs[0].from), (.runs[-1].to), ([.runs[].snapshots] | add)]' one.json)" "[$first,$last,21]"
is 'with the whole stack, innermost first' "$(jq -r '.runs[0].stack[]' one.json | sed 's/ .*//')" "$(zcat "$leaky"/*05-05* | awk '/^goroutine 1 /{on=1;next} /^$/{on=0} on && !/^\t/ {sub(/\([^()]*\)$/,""); print}')"
# gweb's children of goroutine 1, in the whole series: the same first; the last is that of the series, or of this part.
end=$(date -u -d @$((last / 1000)) +%T)
is 'children are those that gweb names, with the same times' \
	"$(jq -r '.children[] | "\(.id) \(.first / 1000 | todate | .[11:19]) \(.last / 1000 | todate | .[11:19])"' one.json)" \
	"$(awk -v end="$end" '{ print $1, $2, ($3 > end ? end : $3) }' "$past/gweb-children-6060-1.txt")"
is 'a goroutine that ended' "$("$g" --goroutine 928 --host 127.0.0.1_6060 --json | jq -c '[.ended, .first == .last, .parent != null, .created_by.func]')" '[true,true,true,"main.fetch"]'
"$g" --goroutine 1 --host 127.0.0.1:6060 --tz UTC >one.txt
is 'as text: who, when, which stack' "$(grep -c -e '^goroutine 1 of 127.0.0.1:6060, epoch 1$' -e '^seen from 2026-11-23 16:05:05 to 2026-11-23 16:09:33 (4m28s), still there$' -e '^    main.main leaky/main.go:130$' one.txt)" 4
fails 'an unknown id is told the nearest' 1 '/127.0.0.1:6060 has no goroutine 92899; the nearest is [0-9]+/' "$g" --goroutine 92899 --host 127.0.0.1:6060
fails 'with two hosts one must be named' 2 '--goroutine needs --host: there are 2, for instance 127.0.0.1:2019' "$g" --goroutine 1

# --- epochs: ids of two processes never meet
before=$(awk '$2 == 1 && NF == 2 { print $1 }' caddy.frames | sed -n 2p) after=$(awk '$2 == 1 && NF == 2 { print $1 }' caddy.frames | sed -n 3p)
is 'goroutine 1 of the new process is another' "$("$g" --goroutine 1 --host 127.0.0.1:2019 --json | jq -c '[.epoch, .first]')" "[2,$after]"
is 'that of the old one ended with it' "$("$g" --goroutine 1 --epoch 1 --host 127.0.0.1:2019 --json | jq -c '[.epoch, .last, .ended]')" "[1,$before,true]"
is 'a time chooses the life, too' "$("$g" --goroutine 1 --at 2026-11-23T16:14:39Z --host 127.0.0.1:2019 --json | jq .epoch)" 1
fails 'an epoch that never had it' 1 '127.0.0.1:2019 has no goroutine 1 in epoch 7' "$g" --goroutine 1 --epoch 7 --host 127.0.0.1:2019

# --- --query: while the function was on the stack
query_text() { # FUNC: id, first, last, snapshots, from the text
	awk -v f="$1" '$3 == f { if (!($2 in a)) a[$2] = $1; b[$2] = $1; n[$2]++ } END { for (i in a) print i, a[i], b[i], n[i] }' leaky.frames | sort
}
for func in main.backend main.fetch.func1 'net/http.(*conn).serve' internal/poll.runtime_pollWait 'main.newPool[...].func1' 'sync.(*Mutex).Lock'; do
	is "--query $func: who, when, how often" \
		"$("$g" --query "$func" --host 127.0.0.1:6060 --json | jq -r '"\(.id) \(.first) \(.last) \(.snapshots)"' | sort)" "$(query_text "$func")"
done
# Against gindex: it has the same goroutines; its times are of the goroutine's life. Two differ: goroutine 1907 was once in
# main.backend and stuck elsewhere ever after, and goroutine 1 was not in the poller yet when it was first seen.
for func in main.backend main.fetch.func1 'net/http.(*conn).serve' internal/poll.runtime_pollWait; do
	"$g" --query "$func" --host 127.0.0.1:6060 --json |
		jq -r '"\(.func) \(.id) \(.first / 1000 | todate | .[11:19]) \(.last / 1000 | todate | .[11:19])"'
done | sort >query.mine
awk -v end="$end" '{ n = NF; if ($n > end) $n = end; print }' "$past/gindex-query.txt" | sort >query.gindex
is 'gindex differs where it means the life and not the function' "$(diff query.gindex query.mine | grep '^[<>]')" \
	'< internal/poll.runtime_pollWait 1 16:05:05 16:09:33
> internal/poll.runtime_pollWait 1 16:05:22 16:09:33
< main.backend 1907 16:08:43 16:09:33
> main.backend 1907 16:08:43 16:08:43'
is 'every host without --host' "$("$g" --query 'net/http.(*conn).serve' --json | jq -r .host | uniq)" '127.0.0.1:2019
127.0.0.1:6060'
is 'a window of time' "$("$g" --query main.backend --from 2026-11-23T16:08:00Z --json | jq .id)" 1907
is 'a pattern, when no function has that name' "$("$g" --query 'func1 main.fetch' --json | jq -r .func | sort -u)" 'main.fetch.func1'
is 'as a table' "$("$g" --query main.backend --host 127.0.0.1:6060 --tz UTC --wide | tail -1 | sed 's/  */ /g')" '127.0.0.1:6060 1 1907 2026-11-23 16:08:43 2026-11-23 16:08:43 0s 1 no main.backend'
fails 'a function nobody had' 1 "no function matches 'main.nothing'; see gscrape-tui --list-funcs" "$g" --query main.nothing

# --- --list-funcs
is 'functions are those of the text' "$("$g" --list-funcs --json | jq -r .func | LC_ALL=C sort)" \
	"$(cat leaky.frames caddy.frames | cut -d' ' -f3- | grep . | sed 's/%2e/./g' | LC_ALL=C sort -u)"
is 'a pattern' "$("$g" --list-funcs 'main. ^main !pool' --json | jq -r .func | grep -vc '^main\.') $("$g" --list-funcs main.fetch.func1 --json | jq -r .func)" '0 main.fetch.func1'
is 'with how many have each now' "$("$g" --list-funcs --json --host 127.0.0.1:6060 | jq -r 'select(.goroutines > 0) | "\(.goroutines) \(.func)"' | LC_ALL=C sort)" \
	"$(awk -v t="$last" '$1 == t && NF > 2 { $1 = ""; print }' leaky.frames | sort -u | sed 's/^ [0-9]* //; s/%2e/./g' | sort | uniq -c | sed 's/^ *//' | LC_ALL=C sort)"
is 'as a table' "$("$g" --list-funcs 'main.backend$' | sed 's/  */ /g; s/^ //')" "STACKS AT T NOW FUNCTION
$("$g" --list-funcs 'main.backend$' --json | jq -r '"\(.stacks) \(.goroutines // "-") - main.backend"')"
is 'as JSON' "$("$g" --list-funcs 'main.backend$' --json | jq -c '[.func, (.stacks > 0)]')" '["main.backend",true]'

# --- what cannot be
fails 'a host that is not there is told the nearest' 1 '/.*127.0.0.1:6061.*127.0.0.1:6060.*/' "$g" --stats --host 127.0.0.1:6061
fails 'a store that is not there' 1 '/none.db: .*/' "$g" --hosts --db none.db
ok 'and is not made' test ! -e none.db
echo 'not a store' >other; fails "another program's file" 1 '/other: .*/' "$g" --hosts --db other
is 'which is left alone' "$(cat other)" 'not a store'
: >void; fails 'an empty file' 1 '/void: .*/' "$g" --hosts --db void
fails 'a folder' 1 '/.: is a directory.*/' "$g" --hosts --db .
for command in --hosts --stats --list-funcs '--goroutines --group-by none' '--query conn' '--goroutine 1 --host 127.0.0.1:6060'; do
	# shellcheck disable=SC2086
	"$g" $command 2>err | head -1 >/dev/null; rc=${PIPESTATUS[0]}
	ok "$command | head does no harm" test \( "$rc" = 0 -o "$rc" = 141 \) -a ! -s err
done

# --- whose a store is that may not be read or written, and what to do: to root, too, where bits do not count
weak() { "$g" "$@"; }
[ "$(id -u)" -ne 0 ] || weak() { setpriv --bounding-set=-dac_override,-dac_read_search,-fowner "$g" "$@"; }
me=$(id -un)
mkdir -p rights/shut && cp gscrape.db rights/a.db
chmod 0 rights/a.db rights/shut
dump=$TOP/tests/data/texts/00-plain.txt
fails 'a store whose owner may not read it' 1 "rights/a.db: $me, whose it is, has taken the right to read it away: chmod u+r gives it back" weak --hosts --db rights/a.db
chmod 400 rights/a.db
fails 'nor write it' 1 "rights/a.db: $me, whose it is, has taken the right to write it away: chmod u+rw gives it back" weak --index "$dump" --db rights/a.db
fails 'a folder that is shut' 1 "rights/shut/a.db: $me may not look into the folder rights/shut: --db FILE names a store elsewhere" weak --hosts --db rights/shut/a.db
chmod 500 rights/shut
fails 'a folder that takes no file' 1 "rights/shut/a.db: $me may make no file in the folder rights/shut: --db FILE names a store elsewhere" weak --index "$dump" --db rights/shut/a.db
if [ "$(id -u)" -eq 0 ]; then
	chown nobody:daemon rights/a.db; chmod 600 rights/a.db
	fails 'a store of somebody else' 1 'rights/a.db: nobody alone may read it, root may not: record with --group-readable to let a group read, or --db FILE names another store' \
		weak --hosts --db rights/a.db
	chmod 640 rights/a.db
	fails 'and of a group' 1 'rights/a.db: nobody and the group daemon may read it, root may not: join that group, or --db FILE names another store' weak --hosts --db rights/a.db
	chmod 644 rights/a.db
	fails 'to be read by all' 1 'rights/a.db: nobody alone may write it, root may not: --db FILE names another store' weak --index "$dump" --db rights/a.db
else
	for what in 'a store of somebody else' 'and of a group' 'to be read by all'; do n=$((n + 1)); echo "ok $n - $what # SKIP only root gives files away"; done
fi
chmod 700 rights/shut
finish
