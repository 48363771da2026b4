# needs: jq python3
# --leaks: the leak of each leaking program, nothing on the healthy daemons, exit status, JSON, windows, bad input.
. "$TOP/tests/cli/lib.sh"
g=$GSCRAPE series=$TOP/tests/data/series
cd "$TMP" || exit 1
export GSCRAPE_DB=$TMP/leaks.db GSCRAPE_TZ=UTC
"$g" --index "$series" --archive-tz UTC -q || exit 1

mkdir -p idle/a_1
for m in $(seq 10 30); do printf 'goroutine 1 [running]:\nmain.main()\n\t/m.go:9 +0x1\n' | gzip >idle/a_1/2026-01-01T00-$m-00Z.goroutines.txt.gz; done
"$g" --index idle --db "$TMP/idle.db" -q || exit 1

first() { "$g" --leaks "$@" | head -1; }
is 'the first line says what leaks, where, since when, how fast, why, and what speaks against it' \
	"$(first --host 127.0.0.1:6060 | sed -E 's/; for: .{20,}; against: .{20,}/; for and against/')" \
	'LEAK  1.00  127.0.0.1:6060: go statement in main.fetch (main.go:49): 1736 stuck in main.fetch.func1 (main.go:50) [chan send], +4246/h since before the recording began (2026-11-23 16:05:05); for and against'
is 'a terminal has it folded at its width' \
	"$(python3 -c 'import pty, sys; pty.spawn(["sh", "-c", "stty cols 80; exec \"$@\"", "-"] + sys.argv[1:])' "$g" --leaks --color never </dev/null | tr -d '\r' | awk 'length($0) > 80 { n++ } /^LEAK/ { l++ } END { print n + 0, l }')" '0 2'
is 'in JSON' "$("$g" --leaks --json --host 127.0.0.1:16060 | plain | jq -c '[.host, .verdict, .kind, .created_by, .created_at, .function, .function_at, .state, .count, .growth, .never_ended]')" \
	'["127.0.0.1:16060","leak","growth","main.(*shop).quote","quotes/main.go:57","main.(*shop).quote.func1","quotes/main.go:58","chan send",340,340,1]'
is 'the terms add up to the score' \
	"$("$g" --leaks --json | jq -c '(([.evidence_terms[], .against_terms[]] | map(.weight) | add) as $w | (1 / (1 + (-$w | exp)) - .score) | fabs < 0.01)' | sort -u)" true
is 'each has arguments on both sides' "$("$g" --leaks --json | jq -c '[(.evidence | length > 0), (.against | length > 0)]' | sort -u)" '[true,true]'
is 'the leaks are those of the leaking programs, and no others' "$("$g" --leaks --json | jq -r 'select(.verdict == "leak") | .host + " " + .created_by' | sort)" \
	'127.0.0.1:16060 main.(*shop).quote
127.0.0.1:6060 main.fetch'
for host in 2019 2379 9091 12019 29090; do
	is "real daemons under load do not leak: $host" "$(first --host 127.0.0.1:$host | sed -E 's/[0-9]+ snapshots/N snapshots/')" \
		'Nothing leaks, as far as N snapshots of 1 host can tell.'
done

is 'and how slow or young a leak may be, not to be seen' "$("$g" --leaks --db "$TMP/idle.db" 2>/dev/null | sed -n 2p)" \
	'A leak of fewer than one in 3m20s, or one that began in the last 8m, may not be seen yet (a:1).'

# Two goroutines that one statement after the other starts, each time, are one leak: a filter finds it by either of them.
mkdir -p pairs/a_1
for m in $(seq 10 39); do
	{
		printf 'goroutine 1 [running]:\nmain.main()\n\t/m.go:9 +0x1\n'
		for k in $(seq 1 $(((m - 9) * 4))); do
			printf '\ngoroutine %d [chan send]:\nmain.ask()\n\t/m.go:20 +0x1\ncreated by main.serve in goroutine 1\n\t/m.go:30 +0x1\n' $((k * 2))
			printf '\ngoroutine %d [chan receive]:\nmain.answer()\n\t/m.go:40 +0x1\ncreated by main.serve in goroutine 1\n\t/m.go:31 +0x1\n' $((k * 2 + 1))
		done
	} | gzip >pairs/a_1/2026-01-01T00-$m-00Z.goroutines.txt.gz
done
"$g" --index pairs --db "$TMP/pairs.db" -q || exit 1
pairs() { "$g" --leaks --json --db "$TMP/pairs.db" "$@" | jq -c '[.function, .same_cause[].function]'; }
one=$(pairs)
is 'of two goroutines that leak together one is told, and the other with it' "$(echo "$one" | jq -c sort)" '["main.answer","main.ask"]'
is '--where finds it by each' "$(pairs --where 'func == "main.ask"') $(pairs --where 'func == "main.answer"') $(pairs --where 'func == "main.main"')" "$one $one "

status() { "$g" --leaks "$@" >/dev/null; echo $?; }
is '--fail-on' "$(status) $(status --fail-on leak) $(status --fail-on watch --host 127.0.0.1:6060) $(status --fail-on watch --host 127.0.0.1:29090) $(status --fail-on never)" '0 3 3 0 0'

# --- what is ignored is ignored on all faces
mkdir -p conf; echo 'tz = UTC' >conf/config
printf '# not again\r\nmain.fetch main.fetch.func1\r\n' >conf/leak-ignore
ignoring=(--config conf/config)
is 'the file beside the configuration: no leak, and a word' "$("$g" --leaks --host 127.0.0.1:6060 "${ignoring[@]}" | tail -1)" 'note: 1 ignored by conf/leak-ignore'
is 'nor in JSON, nor for --fail-on' "$("$g" --leaks --json "${ignoring[@]}" | jq -r 'select(.created_by == "main.fetch").host') $(status --host 127.0.0.1:6060 --fail-on leak "${ignoring[@]}")" ' 0'
is 'another file' "$(status --host 127.0.0.1:6060 --fail-on leak --leak-ignore conf/leak-ignore) $(status --host 127.0.0.1:16060 --fail-on leak --leak-ignore conf/leak-ignore)" '0 3'
fails 'which must be there' 1 'conf/none: No such file or directory' "$g" --leaks --leak-ignore conf/none
printf '# these\n\nmain.fetch\n' >conf/half
fails 'a line that is no pair of functions' 2 'conf/half: line 3 is not two functions with a blank between, who starts the goroutines and where they are: main.fetch' \
	"$g" --leaks --leak-ignore conf/half
fails 'nor does the terminal leave it out silently' 2 '/conf.half: line 3 is not two functions.*/' "$g" --dump leaks --leak-ignore conf/half
fails 'nor does a server begin' 2 '/conf.half: line 3 is not two functions.*/' timeout 10 "$g" --serve=127.0.0.1:0 --leak-ignore conf/half
printf '  main.fetch \t  main.fetch.func1 \n' >conf/blanks
is 'blanks and tabs, as many as one likes' "$("$g" --leaks --host 127.0.0.1:6060 --leak-ignore conf/blanks | tail -1)" 'note: 1 ignored by conf/blanks'
printf 'main.(*struct { x int }).run -\n' >conf/odd
is 'functions may have blanks, or be unknown' "$(status --leak-ignore conf/odd)" 0
"$g" --report r.md --host 127.0.0.1:6060 "${ignoring[@]}"
is 'the report says how many' "$(grep -c -e '^Nothing leaks' -e '1 suspect is left out, as --leak-ignore has it' r.md)" 2
is 'the terminal lists it last' "$("$g" --dump leaks --format json "${ignoring[@]}" | jq -r '"\(.created_by) \(.ignored)"' | tail -1)" 'main.fetch true'
rm -rf conf
is 'a window before the leak began to be seen' "$("$g" --leaks --json --host 127.0.0.1:16060 --to 2026-11-23T16:40:20Z)" ''
is 'the beginning is enough to name it' "$("$g" --leaks --json --host 127.0.0.1:6060 --to 2026-11-23T16:14:00Z | jq -r '[.created_by, .function] | join(" ")' | head -1)" \
	'main.fetch main.fetch.func1'
is 'one snapshot' "$("$g" --leaks --host 127.0.0.1:6060 --from 2026-11-23T16:05:00Z --to 2026-11-23T16:05:10Z)" \
	'Nothing leaks, as far as 1 snapshot of 1 host can tell.
note: 127.0.0.1:6060: 1 snapshot: growth cannot be told from fewer than three; only many that wait at one place, and for how long by the dump'\''s minutes'
fails 'from after to' 2 '--from is after --to' "$g" --leaks --from now --to -1h
fails 'an unknown host' 1 '/no host .nowhere:1. in .*/' "$g" --leaks --host nowhere:1
fails 'no store' 1 '/.*nothere.db: .*/' "$g" --leaks --db nothere.db
fails 'an unknown verdict' 2 "/.*--fail-on.*/" "$g" --leaks --fail-on maybe

# Many creation sites at once, and functions with nothing in them.
cd "$TMP" || exit 1
mkdir -p many/a_1
python3 - <<'PY'
import gzip
for s in range(6):
    text = 'goroutine 1 [running]:\nmain.main()\n\t/m.go:1 +0x1\n\n'
    text += ''.join(f'goroutine {i} [select]:\n()\n\t/p.go:{i} +0x1\ncreated by f{i} in goroutine 1\n\t/s.go:{i} +0x2\n\n' for i in range(2, 100002))
    gzip.open(f'many/a_1/2026-01-01T00-00-0{s}.goroutines.txt.gz', 'wt', compresslevel=1).write(text)
PY
"$g" --index many --db many.db --archive-tz UTC -q
is '100,000 creation sites' "$("$g" --leaks --db many.db | head -1)" 'Nothing leaks, as far as 6 snapshots of 1 host can tell.'

# One dump of a place where most wait for a channel, and some for a peer.
mkdir -p one/a_1
for i in $(seq 2 300); do
	state='chan send'; [ $((i % 9)) -gt 0 ] || state='IO wait'
	printf 'goroutine %d [%s, 30 minutes]:\nmain.work()\n\t/w.go:1 +0x1\ncreated by main.main in goroutine 1\n\t/m.go:1 +0x2\n\n' "$i" "$state"
done >one/a_1/2026-01-01T00-00-00.goroutines.txt
"$g" --index one --db one.db --archive-tz UTC -q
for i in 2 3 4; do mkdir -p few/a_$i; cp one/a_1/*.txt few/a_$i/; done
"$g" --index few --db few.db --archive-tz UTC -q
is 'the same of many hosts is told once' "$("$g" --leaks --db few.db | grep '^note' | sed 's/ cannot.*//')" 'note: 3 hosts: 1 snapshot: growth'
is 'on the screen as well' "$("$g" --dump leaks --db few.db --size 160x48 | grep -c '3 hosts: 1 snapshot:')" 1
rm -r few/a_4
"$g" --index few --db two.db --archive-tz UTC -q
is 'two are named' "$("$g" --leaks --db two.db | grep -c '^note: a:2 and a:3: 1 snapshot:')" 1
is 'some of many wait for a peer' "$("$g" --leaks --json --db one.db | jq -r '[.created_by, .count] | join(" ")')" 'main.main 299'
finish
