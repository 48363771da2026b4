# needs: jq
# Filters on the command line: the same text asked of every list, and against jq's reading of the unfiltered one.
. "$TOP/tests/cli/lib.sh"
g=$GSCRAPE series=$TOP/tests/data/series
export GSCRAPE_DB=$TMP/filter.db GSCRAPE_TZ=UTC
"$g" --index "$series" --archive-tz UTC -q || exit 1
H='--host 127.0.0.1:6060 --at 2026-11-23T16:20:00Z'
ids() { "$g" --goroutines $H --group-by none --json "$@" | jq .id; }
all() { "$g" --goroutines $H --group-by none --json | jq "select($1).id"; }

is 'by state and number' "$(ids --where 'state == "chan send" and id > 100')" "$(all '.state == "chan send" and .id > 100')"
is 'by creator, or not by state' "$(ids --where 'created_by == main.fetch or state !~ "chan|IO"')" \
	"$(all '.created_by == "main.fetch" or (.state | test("chan|IO") | not)')"
is 'by the place of its own code' "$(ids --where 'top == main.go:50 and created_by == main.go:49' | grep . || echo none)" \
	"$(ids --where 'file == main.go:50 and func == main.fetch.func1' | grep .)"
is 'and not by a part of that' "$(ids --where 'top contains main.go')" ''
is 'groups have as many as pass' "$("$g" --goroutines $H --json --where 'state == "chan send"' | jq -s 'map(.count) | add')" \
	"$(ids --where 'state == "chan send"' | wc -l)"
is 'groups by their count' "$("$g" --goroutines $H --json --where 'count > 10' | jq .count)" "$("$g" --goroutines $H --json | jq 'select(.count > 10).count')"
is 'what moved of those that pass' "$("$g" --diff --host 127.0.0.1:6060 --json --where 'state == sleep' --group-by state | jq -r .group)" \
	"$("$g" --diff --host 127.0.0.1:6060 --json --group-by state | jq -r 'select(.group == "sleep").group')"
is 'suspects of which one passes' "$("$g" --leaks --json --where 'host ~ :6060$ and state == "chan send"' | jq -r .host | sort -u)" 127.0.0.1:6060
is 'and none' "$("$g" --leaks --json --where 'state == nothing')" ''
is 'a saved filter, from the configuration' "$(echo 'saved-filter = stuck: state == "chan send"' >"$TMP/config"; ids --config "$TMP/config" --where '@stuck and id > 100')" \
	"$(all '.state == "chan send" and .id > 100')"

matching() { "$g" --stats $1 --json --where "$2" | jq -c '[.time, .matching]'; }
is 'how many pass, at each snapshot' "$(matching '--host 127.0.0.1:6060' 'state == "chan send"')" \
	"$("$g" --stats --host 127.0.0.1:6060 --json | jq -c '[.time, (.states["chan send"] // 0)]')"
is 'and at the newest, as who is alive then' "$(matching '--host 127.0.0.1:6060' 'waiting > 2m' | tail -1 | jq '.[1]')" \
	"$("$g" --goroutines --host 127.0.0.1:6060 --at 2026-11-23T16:32:08Z --group-by none --json --where 'waiting > 2m' | wc -l)"
dumped() { "$g" --export dump $H "$@" | "$g" --parse - | jq -c '[.id, .state, .created_by.func, .created_by.goroutine, [.frames[].func]]'; }
is 'a dump of those that pass is read as one' "$(dumped --where 'id < 60' | jq '.[0]')" "$(ids --where 'id < 60')"
is 'with all that is known of them' "$(dumped --where 'id == 54')" '[54,"chan send","main.fetch",49,["main.fetch.func1"]]'
is 'gone since, and in both' "$(ids --where 'not alive' | wc -l) $(ids --where alive | wc -l)" \
	"$(comm -23 <(all true | sort) <("$g" --goroutines --host 127.0.0.1:6060 --at 2026-11-23T16:32:08Z --group-by none --json | jq .id | sort) | wc -l) $(
		comm -12 <(all true | sort) <("$g" --goroutines --host 127.0.0.1:6060 --at 2026-11-23T16:32:08Z --group-by none --json | jq .id | sort) | wc -l)"
"$g" --export dot $H >"$TMP/dot"
is 'a graph has everybody once' "$(sed -nE 's/.*label="([0-9]+) x .*/\1/p' "$TMP/dot" | awk '{ n += $1 } END { print n + 0 }') + $(grep -cE 'label="[0-9]+ [^x]' "$TMP/dot")" \
	"$(( $(all true | wc -l) - $(grep -cE 'label="[0-9]+ [^x]' "$TMP/dot") )) + $(grep -cE 'label="[0-9]+ [^x]' "$TMP/dot")"
ok 'and few boxes' test "$(wc -l <"$TMP/dot")" -lt 60
cat >"$TMP/batches.txt" <<'END'
goroutine 1 [running]:
main.main()
	/m.go:1 +0x1

goroutine 20 [select]:
main.child()
	/m.go:2 +0x1
created by main.parent in goroutine 40
	/m.go:3 +0x1

goroutine 40 [select]:
main.parent()
	/m.go:4 +0x1
created by main.main in goroutine 1
	/m.go:5 +0x1
END
"$g" --export svg $H >"$TMP/svg"
is 'as a picture it has the same boxes, and a line to each that another started' "$(grep -c '<rect' "$TMP/svg") $(grep -c '<path' "$TMP/svg")" "$(grep -c 'label="[0-9]* ' "$TMP/dot") $(grep -c -- '->' "$TMP/dot")"
is 'and is XML, whatever names are' "$(printf 'goroutine 1 [a<b & "c"]:\nmain.<&"\x27>()\n\t/a.go:1 +0x1\n' >"$TMP/odd.txt"; "$g" --export svg "$TMP/odd.txt" | python3 -c 'import sys, xml.dom.minidom as m; print(len(m.parse(sys.stdin).getElementsByTagName("rect")))')" 1
python3 -c 'for i in range(1, 7001): print(f"goroutine {i} [select]:\nmain.f{i}(0x1)\n\t/src/a.go:{i} +0x1\ncreated by main.g in goroutine {i - 1}\n\t/src/a.go:2 +0x1\n")' >"$TMP/chain.txt"
is 'of a chain of 7,000 what a picture has room for, and how many more there are' "$("$g" --export svg "$TMP/chain.txt" | grep -c '<rect\|and 2001 more boxes')" 5000
is 'a parent may have the higher number' "$("$g" --export dot "$TMP/batches.txt" | grep -c -e 'g1 -> g2;' -e 'g2 -> g3;')" 2
is 'operators in capitals' "$(ids --where 'state == sleep OR NOT (id > 30) AND func CONTAINS main')" "$(ids --where 'state == sleep or not (id > 30) and func contains main')"
is 'fields in none' "$("$g" --goroutines $H --where 'STATE == x' 2>&1 | head -1)" "gscrape-tui: --where: no field 'STATE'; did you mean state?"
fails 'a saved filter without a name' 2 "--saved-filter: 'age > 1m' is no NAME:FILTER: a name of letters, digits, _ and -, a colon, and what it stands for" "$g" --goroutines --saved-filter 'age > 1m'
is 'count is refused where nobody is in a group' "$(for c in '--goroutines --group-by none' --stats '--query main' --hosts --waiters '--export dump --host 127.0.0.1:6060' --list-funcs; do
	# shellcheck disable=SC2086
	"$g" $c --where 'count > 1' 2>&1 >"$TMP/none"; echo "$? $(wc -c <"$TMP/none")"; done | sort -u)" "$(printf '2 0\ngscrape-tui: --where: count is asked of groups, and here are none')"
is '512 conditions, and no more' "$(ids --where "$(printf 'id == 1 or %.0s' {1..511})id == 1") $("$g" --goroutines $H --where "$(printf 'id == 1 or %.0s' {1..512})id == 1" 2>&1 | head -1)" \
	'1 gscrape-tui: --where: a filter of more than 512 conditions'
is 'also of words' "$(ids --where "$(printf 'or-%.0s or ' {1..200})fetch" | wc -l)" "$(ids --where fetch | wc -l)"
fails_at() { "$g" --goroutines $H --where "$1" 2>&1 | head -1; }
is 'a number that none is' "$(fails_at 'parent == 18446744073709551616')" "gscrape-tui: --where: '18446744073709551616' is no number"
is 'an expression that explodes is told in view 4, too' "$("$g" --dump functions $H --size 120x24 --keys 'fmain.fetch.func1<Enter>&stack ~ "(.+)+(.+)+(.+)+\d{9}$"<Enter>' 2>&1 | grep -c 'takes too long')" 1
is 'the terminal begins with it' "$("$g" --dump host --host 127.0.0.1:6060 --where 'state == sleep' | sed -n 2p | grep -o '& state == sleep  [0-9]* of')" '& state == sleep  2 of'
is 'but not with one that is wrong' "$("$g" --dump host --where 'stat == x' 2>&1) $?" "gscrape-tui: --where: no field 'stat'; did you mean state?
  stat == x
  ^~~~ 2"
fails 'nor with a long one' 2 '--where: more than 255 bytes are too much for the terminal' "$g" --dump host --where "$(printf 'a%.0s' {1..256})"
is 'in the terminal, by its name' "$("$g" --dump host --host 127.0.0.1:6060 --saved-filter 'stuck: state == "chan send"' --keys ':filter stuck<Enter>' | sed -n 2p | grep -o '& @stuck  [0-9]* of')" \
	'& @stuck  2 of'
# --- lists of other things
some='state == "chan send" and id < 60'
is 'hosts in which somebody passes' "$("$g" --hosts --json --where "$some" | jq -r .host) $("$g" --hosts --json --where 'id == 0' | wc -l)" '127.0.0.1:6060 0'
is 'a function, while the filter passed' "$("$g" --query main.fetch.func1 --json --where 'id < 60' | jq -c '[.id, .snapshots]')" \
	"$("$g" --query main.fetch.func1 --json | jq -c 'select(.id < 60) | [.id, .snapshots]')"
is 'in no other state' "$("$g" --query main.fetch.func1 --json --where 'state == "select"' | wc -l)" 0
fails 'but not its callers' 2 '--where does not go with --callers' "$g" --query main.fetch.func1 --callers --where 'id == 3'
is 'a line of the source' "$("$g" --query leaky/main.go:50 --json | jq -c '[.host, .id, .first, .last, .snapshots]' | sort)" \
	"$("$g" --query main.fetch.func1 --json | jq -c '[.host, .id, .first, .last, .snapshots]' | sort)"
is 'with as much of the path as one likes, of those that pass' "$("$g" --query main.go:50 --json --where 'id < 60' | jq .id)" "$("$g" --query main.fetch.func1 --json --where 'id < 60' | jq .id)"
fails 'but of whole names' 1 "no call at 'n.go:50' was on a stack; --goroutines --where 'created_by == FILE:LINE' asks for go statements" "$g" --query n.go:50
fails 'a place has no callers' 2 "--callers is of functions, and 'main.go:50' is a place" "$g" --query main.go:50 --callers
is 'waiters that pass' "$("$g" --waiters $H --at 2026-11-23T16:32:08Z --json --where 'state ~ Mutex and id < 100' | jq '.count')" \
	"$("$g" --goroutines --host 127.0.0.1:6060 --at 2026-11-23T16:32:08Z --group-by none --json --where 'state ~ Mutex and id < 100' | wc -l)"

life() { "$g" --lives --host 127.0.0.1:6060 --json "$@" | jq -c '[.group, .births, .deaths, .alive, .samples]'; }
is 'lives of those that pass' "$(life --where 'created_by == main.fetch')" "$(life | grep main.fetch)"
is 'whole, whenever they passed' "$(life --where 'id == 54')" "[\"main.fetch leaky/main.go:49\",0,0,1,$("$g" --goroutine 54 --host 127.0.0.1:6060 --json | jq '[.runs[].snapshots] | add')]"
is 'groups of so many that are left' "$(life --where 'count > 100')" "$(life | jq -c 'select(.[3] > 100)')"
is 'functions of those that pass' "$("$g" --list-funcs --json --host 127.0.0.1:6060 --where 'state == "chan send"' | jq -r .func | sort)" \
	"$("$g" --goroutines --host 127.0.0.1:6060 --group-by stack --format dump --where 'state == "chan send"' | sed -n 's/^\(main.*\)(\.\.\.)$/\1/p' | sort -u)"
"$g" --goroutines $H --format grouped --where 'id > 100' >"$TMP/grouped"
is 'grouped, as --count writes it' "$(cat "$TMP/grouped")" "$("$g" --export dump $H --where 'id > 100' | "$g" --count)"
is 'which is an export, too' "$("$g" --export grouped $H --where 'id > 100')" "$(cat "$TMP/grouped")"
is 'one by one, as it is exported' "$("$g" --goroutines $H --format dump --where 'id < 60')" "$("$g" --export dump $H --where 'id < 60')"
is 'or as --json and --csv' "$("$g" --goroutines $H --format json; "$g" --goroutines $H --format csv)" "$("$g" --goroutines $H --json; "$g" --goroutines $H --csv)"
fails 'a dump is no JSON' 2 '--format dump does not go with --json' "$g" --goroutines $H --format dump --json
fails 'a screen is no dump' 2 '--format dump is of --goroutines' "$g" --dump host --format dump
is 'for how long those of a group wait' "$("$g" --goroutines --host 127.0.0.1:6060 --json --where 'created_by == main.fetch' | jq -c .wait_histogram)" \
	"$("$g" --goroutines --host 127.0.0.1:6060 --json --group-by none | jq -s -c '(map(.last) | max) as $at | map(select(.created_by == "main.fetch") | ($at - .waits) / 60000) | {"<10m": map(select(. < 10)) | length, "<1h": map(select(. >= 10)) | length}')"
is 'a condition without its operator is hinted at' "$("$g" --goroutines $H --where 'state select' 2>&1 >/dev/null)" \
	"gscrape-tui: note: 'state' is looked for as a word here; as a condition it is state == select"
is 'a word alone is none' "$("$g" --goroutines $H --where 'state or select' 2>&1 >/dev/null)" ''
# --- the overview and a goroutine's children, in the terminal
shown() { "$g" --dump "$@" --size 100x34 --at 2026-11-23T16:20:00Z; }
is 'hosts in which somebody passes' "$(shown overview --keys '&created_by == main.fetch<Enter>' | sed -n '2p' | grep -o '1 of 7')" '1 of 7'
is 'and how many there are' "$(shown overview --keys '&created_by == main.fetch<Enter>' | grep -o '127.0.0.1:6060 goroutines that pass .*= [0-9,]* of [0-9,]*' | grep -o '= .*' | tr -d ,)" \
	"= $("$g" --goroutines $H --json --where 'created_by == main.fetch' | jq .count) of $("$g" --goroutines $H --json | jq -s 'map(.count) | add')"
is 'children that pass' "$(shown goroutine --host 127.0.0.1:6060 --id 1 --keys '&state == sleep<Enter>' | grep -c sleep)" \
	"$(shown goroutine --host 127.0.0.1:6060 --id 1 --keys '&state == sleep<Enter>' | grep -c 'g[0-9]')" 

# --- labels
cat >"$TMP/labels.txt" <<'END'
goroutine 1 [select] {"job":"x","tenant":"acme"}:
main.a()
	/a.go:1 +0x1

goroutine 2 [select] {"job":"y","tenant":"acme"}:
main.a()
	/a.go:1 +0x1

goroutine 3 [sleep] {tenant: "a, b"}:
main.b()
	/a.go:2 +0x1

goroutine 4 [sleep]:
main.b()
	/a.go:2 +0x1
END
sed 's/acme/zeta/' "$TMP/labels.txt" >"$TMP/labels2.txt"
by() { "$g" --goroutines --json --group-by "$@" "$TMP/labels.txt" | jq -r '"\(.count) \(.group)"' | sort | paste -sd';'; }
is 'groups by the value of a label' "$(by label.tenant)" '1 (no label);1 a, b;2 acme'
is 'of one that nobody has' "$(by label.nope)" '4 (no label)'
is 'by all labels together' "$(by label)" '1 (no label);1 job=x, tenant=acme;1 job=y, tenant=acme;1 tenant=a, b'
is 'what moved by it' "$("$g" --diff --json --group-by label.tenant "$TMP/labels.txt" "$TMP/labels2.txt" | jq -r '"\(.net) \(.group)"' | sort | paste -sd';')" '-2 acme;2 zeta'
is 'and lives' "$("$g" --lives --json --group-by label.tenant "$TMP/labels.txt" | jq -r .group | sort | paste -sd';')" '(no label);a, b;acme'
fails 'a label without a name' 2 "--group-by: 'label.' is none of: created-by top stack state none label label.KEY" "$g" --goroutines --group-by label. "$TMP/labels.txt"
is 'v in the terminal' "$("$g" --dump host --keys vvvvv "$TMP/labels.txt" | grep -c 'job=y, tenant=acme *main.a')" 1
is 'which passes over it where nobody has one' "$("$g" --dump host --keys vvvvv "$TMP/batches.txt" | grep -c 'groups by created-by')" 1
is 'and one goroutine'\''s' "$("$g" --dump goroutine --id 2 "$TMP/labels.txt" | sed -n 2p | grep -c 'job=y, tenant=acme')" 1
for q in --goroutines '--goroutines --group-by none --wide' '--goroutines --group-by label' '--goroutine 1' '--goroutine 1 --json' '--export dump' '--export folded' '--leaks' \
	'--dump goroutine --id 1' '--dump host --keys vvvvv' "--goroutines --where label.tenant==acme"; do
	# shellcheck disable=SC2086
	is "hidden: $q" "$("$g" $q --hide-labels "$TMP/labels.txt" 2>&1 | grep -c acme)" 0
done
is 'hidden: what --parse reads, by the configuration too' "$("$g" --parse --hide-labels "$TMP/labels.txt" | grep -c acme) $(GSCRAPE_HIDE_LABELS=yes "$g" --parse "$TMP/labels.txt" | grep -c acme) $("$g" --parse "$TMP/labels.txt" | grep -c acme | sed 's/^[1-9].*/some/')" '0 0 some'
printf 'goroutine 18 [select] {tenant: "<b>acme</b>"}:\nmain.f()\n\t/a.go:1 +0x1\n\ngoroutine 19 [select labels:{"tenant": "<script>x</script>"}]:\nmain.f()\n\t/a.go:1 +0x1\n' >"$TMP/tags.txt"
is 'a label that looks like a tag is what it is' "$("$g" --goroutines --group-by label.tenant --json "$TMP/tags.txt" 2>&1 | jq -c .group | sort; "$g" --export dump "$TMP/tags.txt" | "$g" --goroutines --group-by label.tenant --json - 2>&1 | jq -c .group | sort)" \
	"$(printf '"<b>acme</b>"\n"<script>x</script>"\n"<b>acme</b>"\n"<script>x</script>"')"
is 'a line is that of a frame, as with --query' "$(ids --where 'file == main.go:49' | wc -l) $("$g" --goroutines $H --json --where 'created_by == main.go:49' | jq .count)" "$("$g" --query main.go:49 $H --json 2>/dev/null | jq -s 'length') $(all '.created_by == "main.fetch"' | wc -l)"
is 'hidden: a profile, a trace' "$({ "$g" --export pprof --hide-labels "$TMP/labels.txt" | gzip -dc; "$g" --export trace --hide-labels "$TMP/labels.txt"; } | grep -ac acme)" 0
fails 'hidden, but asked for' 2 '/--raw prints the dump.s own text, with its labels: not together with --hide-labels/' "$g" --goroutine 1 --raw --hide-labels "$TMP/labels.txt"
slow='stack ~ "(.*.*)*x$"'
for q in --goroutines --hosts --stats --leaks --waiters --diff '--query main.main' '--export trace --out '"$TMP/slow" '--export folded --from 2026-11-23T16:20:00Z' '--export folded'; do
	# shellcheck disable=SC2086
	fails "an expression that explodes is told: $q" 2 '/.* takes too long on a text of [0-9]* bytes: a simpler expression, please/' "$g" $q --host 127.0.0.1:6060 --where "$slow"
done
fails 'relations over time' 2 'who is related to whom, and who is alive now, is asked of one time, not of a span' "$g" --stats --where 'siblings(id == 3)'

"$g" --goroutines --where 'a and stat == "x"' >"$TMP/out" 2>"$TMP/err"; rc=$?
is 'an error points at the place' "$rc $(cat "$TMP/out" "$TMP/err")" "2 gscrape-tui: --where: no field 'stat'; did you mean state?
  a and stat == \"x\"
        ^~~~"
"$g" --goroutines --where "$(printf '%099999d' 0)" >"$TMP/out" 2>"$TMP/err"; rc=$?
is 'a long one is refused' "$rc $(head -1 "$TMP/err")" '2 gscrape-tui: --where: a filter of more than 65536 bytes'
is 'a label that nobody has is said' "$("$g" --goroutines $H --where 'label.tenant == x' 2>&1 >/dev/null)" "gscrape-tui: note: nobody has a label 'tenant' (in dumps they are with GODEBUG=tracebacklabels=1, which go 1.27 in go.mod sets)"
cat >"$TMP/odd.txt" <<'END'
goroutine 1 [select] {"weird key": "red", "tenant": "acme", "uni": "sch\u00f6n", "a:b": "x\"y"}:
main.main()
	/src/main.go:5 +0x1

END
odd() { "$g" --goroutines --group-by none --json --where "$1" "$TMP/odd.txt" | wc -l; }
is 'labels by keys of any kind, and by what they say' "$(odd 'label."weird key" == red') $(odd "label.'weird key' ~ r.d") $(odd 'label."a:b" == "x\"y"') $(odd 'label.uni == "schön"') $(odd schön) $(odd 'label."weird key" == blue')" '1 1 1 1 1 0'
is 'a label like one that is there' "$("$g" --goroutines --csv --where 'label.Tenant == acme' "$TMP/odd.txt" 2>&1 >/dev/null)" "gscrape-tui: note: nobody has a label 'Tenant'; did you mean tenant?"
is 'a label like none' "$("$g" --goroutines --where 'label.zzz == acme' "$TMP/odd.txt" 2>&1 >/dev/null)" "gscrape-tui: note: nobody has a label 'zzz': there are others"
"$g" --goroutines $H --where $'\e]0;owned\a\xff == 3' >"$TMP/out" 2>"$TMP/err"
is 'no byte of a filter that a terminal obeys' "$(LC_ALL=C grep -c $'[\001-\010\013-\037\177-\377]' "$TMP/err") $(head -1 "$TMP/err")" "0 gscrape-tui: --where: no field '^[]0;owned^G\xFF'; text to look for goes in quotes"
fails 'where nothing is recorded and watched' 2 '--where needs --on-leak, of whose leaks it is' "$g" --scrape localhost:1 --where 'state == x'
finish
