# needs: jq
# --export trace, decoded by protoc-c with our own .proto, against the text of the dumps.
. "$TOP/tests/cli/lib.sh"
g=$GSCRAPE past=$TOP/tests/data/past/archive
cd "$TMP" || exit 1
export GSCRAPE_DB=$TMP/gscrape.db
"$g" --index "$past" --archive-tz UTC -q || exit 1

# A trace as lines, numbers of texts and tracks replaced by what they stand for:
#   process NAME | track PROCESS TRACK | begin TRACK MS NAME CATEGORY | end TRACK MS | count PROCESS MS N | note NAME VALUE
cat >lines.awk <<'EOF'
function ms(ns) { return substr(ns, 1, length(ns) - 6) }
function str(s) { sub(/^[^"]*"/, "", s); sub(/"$/, "", s); return s }
/^packet \{/ { delete v; delete notes; n = 0; in_note = 0; next }
/^}/ {
	if (v["pid"] != "") { name[v["uuid"]] = v["process_name"]; print "process", v["process_name"] }
	else if (v["uuid"] != "") {
		name[v["uuid"]] = v["name"]; parent[v["uuid"]] = v["parent_uuid"]
		print "track", name[v["parent_uuid"]] "|" v["name"] "|" v["description"]
	}
	if (v["type"] == "COUNTER") print "count", name[parent[v["track_uuid"]]] "|" ms(v["timestamp"]) "|" v["counter_value"]
	p = name[parent[v["track_uuid"]]] "|" name[v["track_uuid"]] "|" ms(v["timestamp"])
	if (v["type"] == "SLICE_BEGIN") {
		print "begin", p "|" t["event_names", v["name_iid"]] "|" t["event_categories", v["category_iids"]]
		for (i = 1; i <= n; i++) print "note", t["debug_annotation_names", notes[i, "name_iid"]] "|" (notes[i, "string_value_iid"] != "" ? t["debug_annotation_string_values", notes[i, "string_value_iid"]] : notes[i, "value"])
	}
	if (v["type"] == "SLICE_END") print "end", p
	next
}
/^ *debug_annotations \{/ { in_note = 1; n++; next }
/^ *(event_categories|event_names|debug_annotation_names|debug_annotation_string_values) \{/ { kind = $1; next }
/^ *}/ { if (kind != "") t[kind, v["iid"]] = v["text"]; kind = ""; in_note = 0; next }
{
	key = $1; sub(/:$/, "", key); value = $0; sub(/^[^:]*: /, "", value)
	if (value ~ /^"/) value = str(value)
	if (in_note) notes[n, key ~ /iid/ ? key : "value"] = value
	else if (key != "timestamp" || v["timestamp"] == "") v[key] = value
}
EOF
# Texts may stand behind the event that needs them first, so they are gone for in a first round.
decode() { # FILE
	protoc-c --decode=trace.Trace -I"$TOP/src/export" "$TOP/src/export/trace.proto" <"$1" >decoded || return 1
	awk -f lines.awk decoded
}
# What the text says: "EPOCH ID FIRST LAST" with times in ms.
ms() {
	local name; name=$(basename "$1" .goroutines.txt.gz)
	echo $(($(date -u -d "${name%T*} $(sed 's/.*T//; s/-/:/g' <<<"$name")" +%s) * 1000))
}
ids() { # EPOCH FILE...
	local f epoch=$1; shift
	for f; do zcat "$f" | awk -v t="$(ms "$f")" '/^goroutine [0-9]+ / { print t, $2 }'; done |
		awk -v e="$epoch" '{ if (!($2 in a)) a[$2] = $1; b[$2] = $1 } END { for (i in a) print e, i, a[i], b[i] }'
}
lives() { # FILE of lines: "PROCESS ID FIRST LAST"
	sed -nE 's/^(begin|end) ([^|]*)\|g([0-9]+) [^|]*\|([0-9]+).*/\2|\3 \4/p' "$1" | awk -F'[| ]' '{ k = $0; sub(/ [0-9]+$/, "", k); if (!(k in a)) a[k] = $NF; b[k] = $NF }
		END { for (k in a) print k, a[k], b[k] }' | sort
}

"$g" --export trace --host 127.0.0.1:6060 >one.trace 2>err; is 'a trace is written without a word' "$? $(cat err)" '0 '
decode one.trace >one.txt; is 'it is what the .proto says' $? 0
is 'the host is a process' "$(grep ^process one.txt)" 'process 127.0.0.1:6060'
is 'every lifeline is there, with its first and last time' "$(lives one.txt)" "$(ids 127.0.0.1:6060 "$past"/127.0.0.1_6060/*.gz | awk '{ print $1 "|" $2, $3, $4 }' | sort)"
is 'as many ends as begins' "$(grep -c ^end one.txt)" "$(grep -c ^begin one.txt)"
some=$(ids x "$past"/127.0.0.1_6060/*.gz | cut -d' ' -f2 | sort -n | head -40)
is 'a run is a slice' "$(for id in $some; do grep -c "^begin 127.0.0.1:6060|g$id " one.txt; done)" \
	"$(for id in $some; do "$g" --goroutine "$id" --host 127.0.0.1:6060 --json | jq '.runs | length'; done)"
"$g" --goroutine 1 --host 127.0.0.1:6060 --json >life.json
is 'a lifeline: its runs stand until the next' "$(sed -nE 's/^begin 127.0.0.1:6060\|g1 main.main\|(.*)$/\1/p' one.txt)" \
	"$(jq -r '.runs[] | "\(.from)|\(.state)"' life.json | sed 's/|IO wait/&|io/; s/|running/&|running/; s/|runnable/&|running/')"
is 'and end there' "$(sed -nE 's/^end 127.0.0.1:6060\|g1 main.main\|//p' one.txt)" "$(jq -r '[.runs[1:][].from, .runs[-1].to][]' life.json)"
is 'named and described' "$(grep -c '^track 127.0.0.1:6060|g[0-9]* main.fetch.func1|created by main.fetch leaky/main.go:49 in goroutine 1$' one.txt)" \
	"$(zcat "$past"/127.0.0.1_6060/*.gz | awk '/^goroutine / { id = $2 } /^created by main.fetch in goroutine 1$/ { print id }' | sort -u | wc -l)"
is 'with its function, stack and creation site' "$(grep -A9 '^begin 127.0.0.1:6060|g[0-9]* main.newPool' one.txt | grep -m3 -e 'note function' -e 'note created by' -e 'note stack')" \
	'note function|main.main.func1 leaky/main.go:85
note created by|main.newPool[...] leaky/main.go:30
note stack|time.Sleep runtime/time.go:363\nmain.main.func1 leaky/main.go:85\nmain.newPool[...].func1 leaky/main.go:33'
is 'the counter has every snapshot' "$(sed -n 's/^count 127.0.0.1:6060|//p' one.txt)" "$("$g" --stats --host 127.0.0.1:6060 --json | jq -r '"\(.time)|\(.goroutines)"')"

# --- a restart; all hosts
"$g" --export trace --out all.trace; decode all.trace >all.txt
is 'each life of a process is one' "$(grep ^process all.txt)" 'process 127.0.0.1:2019, process 1
process 127.0.0.1:2019, process 2
process 127.0.0.1:6060'
is 'and their goroutines never meet' "$(lives all.txt | grep 2019)" \
	"$({ ids '127.0.0.1:2019, process 1' "$past"/127.0.0.1_2019/*14-3*; ids '127.0.0.1:2019, process 2' "$past"/127.0.0.1_2019/*14-4*; } | sed -E 's/ ([0-9]+ [0-9]+ [0-9]+)$/|\1/' | sort)"

# --- a part of the time
"$g" --export trace --host 127.0.0.1:6060 --from 2026-11-23T16:06:05Z --to 2026-11-23T16:07:10Z >part.trace; decode part.trace >part.txt
is 'a part of the time has what was alive in it' "$(lives part.txt | cut -d' ' -f1)" \
	"$(ids 127.0.0.1:6060 "$past"/127.0.0.1_6060/*06-[1-5]* "$past"/127.0.0.1_6060/*07-04* | awk '{ print $1 "|" $2 }' | sort)"
is 'and nothing outside' "$(lives part.txt | awk '$2 < 1795449976000 || $3 > 1795450024000')" ''

# --- gaps
mkdir -p odd/a_1
dump() { printf 'goroutine 1 [%s]:\nmain.main()\n\t/src/a.go:9 +0x1\n\n' "$2" | gzip >"odd/a_1/2026-11-23T16-00-$1.000Z.goroutines.txt.gz"; }
bad() { echo '<html>' | gzip >"odd/a_1/2026-11-23T16-00-$1.000Z.goroutines.txt.gz"; }
dump 00 select; dump 05 select; dump 10 select; bad 20
dump 40 running; dump 45 running; dump 50 select; bad 59
"$g" --index odd --db odd.db -q 2>/dev/null; "$g" --export trace --db odd.db >odd.trace; decode odd.trace >odd.txt
is 'failed snapshots interrupt a lifeline where they are an outage, and are told' "$(grep -e ^begin -e ^end odd.txt | sed 's/1795449[0-9]*\([0-9][0-9]\)000/\1/')" \
	"$(b=$(($(date -u -d '2026-11-23 16:00' +%s) % 100)); at() { printf %02d $(((b + $1) % 100)); }
	echo "begin a:1|recording|$(at 10)|failed snapshots|recording
end a:1|recording|$(at 40)
begin a:1|g1 main.main|$(at 0)|select|select
end a:1|g1 main.main|$(at 10)
begin a:1|g1 main.main|$(at 40)|running|running
end a:1|g1 main.main|$(at 50)
begin a:1|g1 main.main|$(at 50)|select|select
end a:1|g1 main.main|$(at 50)")"
"$g" --export trace --db odd.db --from 2026-11-23T16:00:20Z >late.trace; decode late.trace >late.txt
is 'a span that begins with a failed snapshot' "$(grep -e ^track -e '^begin.*g1' late.txt | grep -o 'a:1|g1 main.main|.*' | sed 's/|17954[0-9]*//')" \
	'a:1|g1 main.main|
a:1|g1 main.main|running|running
a:1|g1 main.main|select|select'
fails 'a point in time is none' 2 '--export trace is of a span of time: --from and --to, not --at' "$g" --export trace --at now
fails 'a span without a snapshot' 1 '/no snapshot with goroutines in it after 2027-.*/' "$g" --export trace --from 2027-01-01T00:00:00Z
fails 'a full disk' 1 'standard output: the disk is full' bash -c "'$g' --export trace >/dev/full"
fails 'a file that grows too large' 1 'big.trace: File too large' bash -c "trap '' XFSZ; ulimit -f 64; '$g' --export trace --out big.trace"
is 'is not left half' "$(ls | grep big)" ''
"$g" --export trace 2>err | head -c 10 >/dev/null; rc=${PIPESTATUS[0]}
ok '| head does no harm' test \( "$rc" = 0 -o "$rc" = 141 \) -a ! -s err
finish
