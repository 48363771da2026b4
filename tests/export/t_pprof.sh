# needs: go jq
# --export pprof, read by `go tool pprof`, against the text of the dumps.
. "$TOP/tests/cli/lib.sh"
g=$GSCRAPE past=$TOP/tests/data/past/archive
cd "$TMP" || exit 1
export GSCRAPE_DB=$TMP/gscrape.db GOTOOLCHAIN=local GOFLAGS= GO111MODULE=off XDG_CONFIG_HOME=$TMP PPROF_TMPDIR=$TMP
"$g" --index "$past" --archive-tz UTC -q || exit 1
pprof() { go tool pprof "$@" 2>>pprof.err; }
# Numbers stand there as 68 or as 68.0, after the version of Go.
tags() { pprof -tags "$@" | sed -E 's/(^ *|Total |of )([0-9]+)\.0\b/\1\2/g'; }
go tool pprof -h >/dev/null 2>&1 # later versions of Go build it now

# What the text says: "GOROUTINE STATE|FRAMES..." with the functions, innermost first.
stacks() { # FILE...
	zcat "$@" | awk '
		/^goroutine [0-9]+ / { if (id) print id "|" state frames; id = $2; state = $0; sub(/^[^[]*\[/, "", state); sub(/[],].*/, "", state); frames = ""; next }
		/^created by / || /^$/ || /^\t/ || /^\.\.\./ { next }
		id { f = $0; sub(/\([^()]*\)$/, "", f); gsub(/%2e/, ".", f); frames = frames "|" f }
		END { print id "|" state frames }'
}
flat() { cut -d'|' -f3 | sort | uniq -c | awk '{ n = $1; $1 = ""; print $0, n }' | sed 's/^ *//' | LC_ALL=C sort; }
cum() { cut -d'|' -f3- | awk -F'|' '{ delete seen; for (i = 1; i <= NF; i++) if (!seen[$i]++) n[$i]++ } END { for (f in n) print f, n[f] }' | LC_ALL=C sort; }
# The table of -top as "FUNCTION COUNT": column 1 (flat) or 4 (cum).
top_of() { # COLUMN pprof-arguments...
	local column=$1; shift
	pprof -top -trim=false -nodecount=100000 "$@" | awk -v c="$column" '/^ *flat /{on=1;next} on && $c != 0 {n=$c; for (i = 1; i <= 5; i++) $i = ""; print $0, n}' | sed 's/^ *//' | LC_ALL=C sort
}

# --- one host, now
"$g" --export pprof --host 127.0.0.1:6060 --out now.pb.gz 2>err; is 'a profile is written without a word' "$? $(cat err)" '0 '
ok 'it is gzip' gzip -t now.pb.gz
stacks "$past"/127.0.0.1_6060/*09-33* >now.txt
is '-top has the innermost functions of the text' "$(top_of 1 now.pb.gz)" "$(flat <now.txt)"
is '-top -cum has every function of the text' "$(top_of 4 now.pb.gz)" "$(cum <now.txt)"
is 'as many as --goroutines --group-by top has in functions of the program' \
	"$(top_of 1 now.pb.gz | grep '^main\.')" "$("$g" --goroutines --host 127.0.0.1:6060 --group-by stack --json | jq -r '"\(.group) \(.count)"' | sed 's/ [^ ]* / /' |
		awk '{ n[$1] += $2 } END { for (f in n) print f, n[f] }' | grep '^main\.' | LC_ALL=C sort)"
is 'type and host' "$(pprof -top now.pb.gz | grep -e ^File: -e ^Type:)" 'File: 127.0.0.1:6060
Type: goroutine'
is 'and time' "$(pprof -raw now.pb.gz | sed -n 's/^Time: \([0-9]* *[0-9-]* [0-9:]*\).*/\1/p')" '2026-11-23 16:09:33'
is 'states are labels' "$(tags now.pb.gz | awk '/^ *state: /{on=1;next} /^$/{on=0} on {n=$1; sub(/^[^:]*: /, ""); print n, $0}' | LC_ALL=C sort)" \
	"$(cut -d'|' -f2 now.txt | sort | uniq -c | sed 's/^ *//' | LC_ALL=C sort)"
is 'creation sites are labels' "$(tags now.pb.gz | sed -n '/^ *created_by:/,/^$/p' | sed -n 2p | sed 's/.*: //')" 'main.fetch leaky/main.go:49'
is 'labels choose' "$(pprof -top -tagfocus='state=chan send' now.pb.gz | grep -c 'main.fetch.func1') $(top_of 1 -tagfocus='state=chan send' now.pb.gz | awk '{s+=$2} END {print s}')" \
	"1 $(grep -c '|chan send|' now.txt)"
first=$(date -u -d '2026-11-23 16:05:05' +%s)
is 'the age is a number with a unit' "$(top_of 1 -tagfocus="age=268s:268s" now.pb.gz | awk '{s+=$NF} END {print s}')" \
	"$("$g" --goroutines --host 127.0.0.1:6060 --group-by none --json | jq -r .first | grep -c "^${first}000")"
example=$(sed -n 's/.*-tagfocus=\([^ ]*s\)\\&:.*/\1:/p' "$TOP/man/gscrape-tui.1")
ok 'the example of the manual chooses' [ "$(top_of 1 -tagfocus="${example/600/60}" now.pb.gz | awk '{s+=$NF} END {print s + 0}')" -gt 0 ]
is 'minutes are those of the dump' "$(tags now.pb.gz | sed -n '/^ *minutes:/,/^$/p' | sed -nE 's/ *([0-9]+) .*: 3$/\1/p')" \
	"$(zcat "$past"/127.0.0.1_6060/*09-33* | grep -c '^goroutine .*, 3 minutes')"
mkdir -p src/leaky; seq 1 200 | sed 's/^/line /' >src/leaky/main.go
is '-list finds the line' "$(pprof -list 'main.fetch.func1' -source_path "$TMP/src" now.pb.gz | awk '/ 50:line 50$/ { print $1, $2 }')" \
	"$(grep -c '|main.fetch.func1' now.txt) $(grep -c '|main.fetch.func1' now.txt)"

# --- at a time
"$g" --export pprof --host 127.0.0.1_6060 --at 2026-11-23T16:07:00Z >then.pb.gz
stacks "$past"/127.0.0.1_6060/*06-52* >then.txt
is 'at a time: the snapshot before it' "$(top_of 1 then.pb.gz)" "$(flat <then.txt)"
is 'which it says' "$(pprof -comments then.pb.gz | sed -n 2p)" '127.0.0.1:6060: at 2026-11-23T16:06:52Z'

# --- a difference
"$g" --export pprof --host 127.0.0.1:6060 --from 2026-11-23T16:07:00Z --to 2026-11-23T16:09:33Z >diff.pb.gz
is 'a difference is what -base makes of two' "$(top_of 1 diff.pb.gz)" "$(top_of 1 -base then.pb.gz now.pb.gz)"
ok 'it is not empty' test "$(top_of 1 diff.pb.gz | wc -l)" -gt 0
is 'and says so' "$(pprof -comments diff.pb.gz | sed -n 2,3p)" 'a difference: how many more (or fewer: negative) there were than at the time before
127.0.0.1:6060: at 2026-11-23T16:09:33Z, less at 2026-11-23T16:06:52Z'
is 'the dump left frames out of one stack, which is said' "$(pprof -comments now.pb.gz | tail -1)" '1 goroutine with frames that the dump left out'
is 'with its length' "$(pprof -top diff.pb.gz | grep -o 'Duration: [0-9.]*')" 'Duration: 153'
"$g" --export pprof --host 127.0.0.1:6060 --from 2026-11-23T16:05:05Z --at 2026-11-23T16:05:22Z >early.pb.gz
is 'fewer are negative' "$(top_of 1 early.pb.gz)" \
	"$(join -a1 -a2 -e0 -o0,1.2,2.2 <(stacks "$past"/127.0.0.1_6060/*05-05* | flat) <(stacks "$past"/127.0.0.1_6060/*05-22* | flat) | awk '$3 != $2 { print $1, $3 - $2 }')"
ok 'there were such' grep -q ' -' <(top_of 1 early.pb.gz)
"$g" --export pprof --host 127.0.0.1:6060 --from 2026-11-23T16:09:33Z --to 2026-11-23T16:09:33Z >same.pb.gz
is 'nothing changed from a time to itself' "$(top_of 1 same.pb.gz)" ''

# --- all hosts
"$g" --export pprof >all.pb.gz
is 'all hosts, told apart by a label' "$(tags all.pb.gz | sed -n '/^ *host:/,/^$/p' | sed -nE 's/ *([0-9]+) .*: (.*)$/\1 \2/p' | sort)" \
	"$("$g" --hosts --json | jq -r '"\(.goroutines_last) \(.host)"' | sort)"
"$g" --export pprof --at 2026-11-23T16:09:00Z >some.pb.gz
is 'a host of which nothing is known is left out, and told' "$(pprof -comments some.pb.gz | sed -n 2p)" '127.0.0.1:2019: left out: no sample at T; first 16:14:38'

# --- labels of the dump, and one that is called like ours; names that are no text
mkdir -p odd/a_1
{ printf 'goroutine 1 [select] {"state": "mine", "tenant": "blue, \\"x\\""}:\nmain.f\033[31m\xff()\n\t/src/a b.go:3 +0x1\n\n'
  printf 'goroutine 2 [select, locked to thread]:\nmain.g[...]()\n\t/src/a b.go:5 +0x1\n'; } | gzip >odd/a_1/2026-11-23T16-00-00.000Z.goroutines.txt.gz
"$g" --index odd --db odd.db -q; "$g" --export pprof --db odd.db >odd.pb.gz
is 'labels of the dump are labels' "$(tags odd.pb.gz | grep -c -e 'tenant: Total 1' -e ': blue, "x"$' -e 'label.state: Total 1' -e 'locked: Total 1')" 4
is 'a terminal is sent nothing it would obey' "$(top_of 1 odd.pb.gz | head -1)" 'main.f^[[31m\xFF 1'

# --- what cannot be
fails 'a time before the first snapshot' 1 'nothing is known at 2026-11-23T16:00:00Z; 127.0.0.1:6060: no sample at T; first 16:05:05' \
	"$g" --export pprof --at 2026-11-23T16:00:00Z
fails 'a difference with one' 1 'nothing is known at 2026-11-23T16:00:00Z; 127.0.0.1:6060: no sample at T; first 16:05:05' \
	"$g" --export pprof --from 2026-11-23T16:00:00Z
fails 'a difference with a time after the end' 1 '/nothing is known at .*; 127.0.0.1:6060: no sample at T; last 2026-11-23 16:09:33, .* ago/' \
	"$g" --export pprof --from 2027-01-01T00:00:00Z
fails 'an unknown host' 1 "/no host '127.0.0.1:6061' in .*; the nearest is '127.0.0.1:6060'/" "$g" --export pprof --host 127.0.0.1:6061
fails 'an unknown format' 2 "--export: 'png' is none of: pprof folded trace dump grouped dot svg" "$g" --export png
fails 'both ends named twice' 2 '--at does not go with --to' "$g" --export pprof --at now --to now
fails 'the end before the beginning' 2 '--from is after --to' "$g" --export pprof --from now --to -1h
fails 'a full disk' 1 'standard output: the disk is full' bash -c "'$g' --export pprof >/dev/full"
fails 'a full disk behind --out' 1 '/dev/full: the disk is full' "$g" --export pprof --out /dev/full
fails 'a folder that is not there' 1 '/none/x.tmp.[0-9]*: No such file or directory/' "$g" --export pprof --out none/x
fails 'a store that is not there' 1 '/none.db: .*/' "$g" --export pprof --db none.db --out none.pb
is 'and no file is made' "$(ls none.pb* 2>/dev/null)" ''
"$TOP/$B/tools/empty" empty.db
for format in pprof folded trace dump grouped dot svg; do
	fails "an empty store, $format" 1 'empty.db has no hosts yet' "$g" --export $format --db empty.db
done
for format in pprof trace; do
	script -qec "'$g' --export $format; echo status \$?" /dev/null | tr -d '\r' >tty
	is "$format for a terminal is refused" "$(cat tty)" "gscrape-tui: --export $format is no text for a terminal: name a file with --out, or a pipe
status 2"
done
is 'no temporary file is left' "$(ls | grep tmp)" ''
finish
