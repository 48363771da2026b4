# Texts that people hand over: each form in which dumps reach them, what is said of it, and --strict.
. "$TOP/tests/cli/lib.sh"
g=$GSCRAPE data=$TOP/tests/data
cd "$TMP" || exit 1

python3 "$TOP/tests/cli/texts.py" "$g" "$data/texts" >forms.tap; all=$?
cat forms.tap; n=$(grep -cE '^(not )?ok ' forms.tap)
is 'all forms were looked at' "$all" 0

differ=; for f in "$data"/single/*.gz; do
	"$g" --parse "$f" >loose.json 2>loose.err; "$g" --parse --strict "$f" >strict.json 2>strict.err
	cmp -s loose.json strict.json && ! grep -q skipped loose.err || differ+=" $(basename "$f")"
done
is 'what is plain already is read as with --strict' "$differ" ''
cp "$data/texts/kubectl-timestamps-prefix.log" pod.log; form=pod.log
is 'what was undone is said in one line' "$("$g" --parse "$form" 2>&1 >/dev/null)" \
	"gscrape-tui: $form: a prefix of 59 columns was cut from 11 lines"
befell() { "$g" --parse "$1" 2>&1 >/dev/null | sed -n "s|^gscrape-tui: $1: ||p" | head -1; }
is 'what befell the program is told' "$(befell "$data/single/quotes-panic.txt.gz") | $(befell "$data/texts/62-synctest.txt")" \
	'panic: two; first came goroutine 1348 [running] | panic: deadlock: main bubble goroutine has exited but blocked goroutines remain; first came goroutine 7 [running]'
printf 'panic: boom\n\ngoroutine 3 [running]:\nmain.f()\n\t/home/u/sdk/go1.22.3/src/a.go:1 +0x1\nmain.g(0x1' >cut.txt
is 'and under which Go, and that it is cut' "$(befell cut.txt)" 'panic: boom; first came goroutine 3 [running]; go1.22.3; cut'
is 'arguments that a mail program broke are whole' "$("$g" --parse "$data/texts/mail-wrapped.txt" 2>/dev/null | jq -r '.frames[0].args' | head -1)" \
	'0xc00009c210, {0x2d8701?, 0x7?, 0x51be80?}'
is 'and what was skipped is counted' "$("$g" --parse "$data/texts/log-then-more.txt" 2>&1 >/dev/null)" \
	"gscrape-tui: $data/texts/log-then-more.txt: 35 lines of no goroutine skipped"
logged() { for i in $(seq "$1"); do echo "2026/11/23 10:00:00 GET /orders/$i 200"; done; }
{ logged 3; printf 'goroutine 7 [select]:\nmain.f()\n\t/src/a.go:1 +0x1\ncreated by main.main in goroutine 1\n\t/src/a.go:9 +0x2\n'; logged 500; } >goes-on.txt
is 'a log that looks before a dump as it does behind it is not within it' "$("$g" --parse goes-on.txt 2>&1 >/dev/null)" \
	'gscrape-tui: goes-on.txt: 503 lines of no goroutine skipped'
fails '--strict takes no log' 1 "$form: is no goroutine dump" "$g" --parse --strict "$form"
is '--count takes the same texts' "$("$g" --count "$form" 2>/dev/null | head -1)" 'goroutine profile: total 2'
is 'and groups, as they are' "$("$g" --count "$data/texts/40-debug1.txt")" "$(printf '%s\n' 'goroutine profile: total 4730' '' 4724 \
	'#	time.Sleep' '#	/usr/local/go/src/runtime/time.go:363' '#	main.work' '#	/src/shop/main.go:90' '' 6 '#	main.main' '#	/src/shop/main.go:12')"
profile=$data/profiles/goroutine.pb.gz
is 'so is a profile in protobuf (debug=0): counts, stacks, labels' "$("$g" --parse "$profile" | jq -c '[.count, .labels, .frames[0].func, .frames[0].line]')" \
	'[5,{"pool":"a b","tier":"x"},"main.(*pool).work",13]
[2,null,"main.main.func2",25]
[1,null,"runtime/pprof.writeRuntimeProfile",851]'
zcat "$profile" >raw.pb
is 'compressed or not' "$("$g" --count raw.pb)" "$("$g" --count "$profile")"
"$g" --index --db p.db "$data/past/archive" --archive-tz UTC && "$g" --export pprof --db p.db --out p.pb.gz
is 'our own exports are read, too' "$("$g" --parse p.pb.gz | jq -s 'map(.count) | add')" "$("$g" --export folded --db p.db | awk '{ n += $NF } END { print n }')"
is 'browsing, too' "$("$g" --dump overview "$form" --archive-tz UTC 2>/dev/null | grep -c '^>pod.log .* 2 ')" 1
is 'and on standard input' "$("$g" --dump overview - <"$form" 2>/dev/null | grep -c '^>standard input .* 2 ')" 1
finish
