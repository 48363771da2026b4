# One table of options: what is refused and how, where values come from, and everything that is made from the table.
. "$TOP/tests/cli/lib.sh"
g=$GSCRAPE
cd "$TMP" || exit 1

# --- wrong usage: one sentence, status 2
fails 'a slip of the finger is told the right name' 2 '--hsots: no such option; did you mean --hosts?' "$g" --hsots
fails 'a name cut short, too' 2 '--inter: no such option; did you mean --interval?' "$g" --inter 5s
fails 'what is near nothing gets the help' 2 '--xyzzyplugh: no such option; see gscrape-tui --help' "$g" --xyzzyplugh
fails 'a letter that is none' 2 '-Z: no such option; see gscrape-tui --help' "$g" -Z
fails 'an argument that is missing' 2 '--interval needs DURATION' "$g" --scrape --interval
fails 'where the next option stands' 2 '--copy needs FILE before --quiet (or --copy=--quiet, if that is meant)' "$g" --db none.db --copy --quiet
fails 'behind a letter, too' 2 '-d needs FILE before --hosts (or -d--hosts, if that is meant)' "$g" -d --hosts
is 'help needs no argument of a command' "$("$g" --help --dump | head -1) / $("$g" --query --help | head -1)" \
	'gscrape-tui --dump VIEW [FILE... | DIR... | -] / gscrape-tui --query FUNC [FILE... | DIR...]'
fails 'an argument to a flag' 2 '--json takes no argument' "$g" --hosts --json=yes
fails 'a wrong duration' 2 "--interval: 'soon' is no duration (write 90s, 1m30s, 250ms or 7d)" "$g" --scrape --interval soon
fails 'a duration of nothing' 2 '--interval: must be more than 0' "$g" --scrape --interval 0s
fails 'a negative duration' 2 "--timeout: '-5s' is less than nothing" "$g" --scrape --timeout -5s
fails 'a wrong size' 2 "--retain-size: 'big' is no size (write 500MB, 5GB or 64MiB)" "$g" --scrape --retain-size big
fails 'a wrong number' 2 "--goroutine: 'abc' is no number" "$g" --goroutine abc
fails 'a number that is too large' 2 "--goroutine: '99999999999999999999999' is no number this program can hold" "$g" --goroutine 99999999999999999999999
fails 'a wrong time' 2 "--at: 'yesterday' is no time (write 2026-11-23T16:05:05Z, '2026-11-23 16:05', 16:05 or -10m)" "$g" --goroutines --at yesterday
fails 'a wrong zone' 2 "--tz: 'Nowhere/Land' is no time zone known here (write UTC, local or Europe/Berlin)" "$g" --hosts --tz Nowhere/Land
fails 'a wrong choice' 2 "--group-by: 'colour' is none of: created-by top stack state none label label.KEY" "$g" --goroutines --group-by colour
fails 'hosts by what goroutines have' 2 '--hosts goes in groups by label.KEY, not by top' "$g" --hosts --group-by top
fails 'a key that no key is called' 2 "--keys: no key is called '<Ctr-T>' (<Enter>, <Tab>, <Esc>, <Left>, <PgDn>, <Ctrl-T>, <F1>, <lt>; others are in gscrape-tui(1))" "$g" --dump host --keys 'j<Ctr-T>' "$TOP/tests/data/locks/go126.txt"
fails 'two commands' 2 '--hosts and --stats do not go together' "$g" --hosts --stats
fails 'an option of another command' 2 '--group-by does not go with --waiters' "$g" --waiters --group-by top
fails 'an operand where none is taken' 2 "--verify takes no 'x'" "$g" --verify x
fails 'a condition of what is not asked for' 2 '--leak-for needs --on-leak' "$g" --scrape localhost:1 --leak-for 10m
fails 'help on nothing we know' 2 'no command is called hots; did you mean hosts?' "$g" --help hots
fails 'help on two commands' 2 "--help takes one COMMAND: 'stats' is too much" "$g" --help hosts stats
both='--serve 127.0.0.1:8080: to listen there write --serve=127.0.0.1:8080; if it is a target, name it before --serve'
fails 'an address that may be a target' 2 "$both" "$g" --scrape localhost:6060 --serve 127.0.0.1:8080
fails 'whichever command is first' 2 "$both" "$g" --serve 127.0.0.1:8080 --scrape localhost:6060
is 'help, manual and README write --serve alike' \
	"$("$g" --help | grep -c -- '--serve\[=ADDR\] ') $(grep -cF '.It Fl \-serve Ns Op = Ns Ar ADDR' "$TOP/man/gscrape-tui.1") $(grep -c -- '--serve [a-z0-9.]*:' "$TOP/README.md")" '1 1 0'
fails 'more than the version' 2 "--version takes no 'junk'" "$g" --version junk
fails 'in the short form, too' 2 "--version takes no 'junk'" "$g" -V junk
fails 'the version of a command' 2 '--hosts and --version do not go together' "$g" --hosts --version
fails 'the version as JSON' 2 '--json does not go with --version' "$g" --version --json
fails 'completions of two shells' 2 "--completions takes no 'zsh'" "$g" --completions bash zsh

# --- help, version
for opt in --help -h '--hosts --help'; do
	# shellcheck disable=SC2086
	"$g" $opt >out 2>err; is "$opt prints help and nothing else" "$? $(wc -c <err) $(grep -c -- '--db FILE' out)" '0 0 1'
done
ok 'help of a command leaves out what does not go with it' test "$("$g" --help hosts | grep -c -e --interval)" = 0
ok '--version names the program' grep -qx 'gscrape-tui [0-9.]*' <("$g" --version)
is 'and what it fetches, serves and unpacks with' "$("$g" --version | sed -n '2,4s/ with [a-z]* [0-9.]*[, ].*//p' | tr '\n' ' ')" 'fetches serves unpacks '
ok 'help fits a wide terminal' test "$("$g" --help | wc -L)" -le 120

ok 'help of a command that was given with operands' grep -q '^gscrape-tui --scrape ' <("$g" --scrape localhost:1 localhost:2 --help)
ok 'help tells every exit status' grep -q '0 done, 1 failed, 2 wrong usage, 3 ' <("$g" --help)

options=$("$g" --help | grep -oE '^ +(-[a-zA-Z], )?--[a-z-]+' | sed 's/.*--//' | sort)
is 'help fits 80 columns, and that of each command and option' "$(for name in '' $options; do "$g" --help $name | awk -v n="$name" 'length($0) > 80 { print n ": " $0 }'; done)" ''
ok 'and there are not few' test "$(wc -l <<<"$options")" -gt 100
echo 'interval = none' >broken
is 'the version is had with a broken file' "$(GSCRAPE_CONFIG=broken "$g" --version | head -1 | cut -d ' ' -f 1)" gscrape-tui

# --- made from the table
cmp -s <("$g" --completions bash) "$TOP/contrib/completions/gscrape-tui.bash"; is 'bash completions are those of the table' $? 0
cmp -s <("$g" --completions zsh) "$TOP/contrib/completions/_gscrape-tui"; is 'zsh completions are those of the table' $? 0
cmp -s <("$g" --completions fish) "$TOP/contrib/completions/gscrape-tui.fish"; is 'fish completions are those of the table' $? 0
is 'every option of help is completed by fish' "$(grep -oE '^complete -c gscrape-tui -l [a-z-]+' "$TOP/contrib/completions/gscrape-tui.fish" | sed 's/.* //' | sort)" "$options"

# bash itself completes with them
complete_in_bash() { # words..., the last one is being typed
	bash --norc -c '. "$1"; shift; COMP_WORDS=(gscrape-tui "$@"); COMP_CWORD=$#; _gscrape_tui; echo "${COMPREPLY[@]}"' \
		- "$TOP/contrib/completions/gscrape-tui.bash" "$@"
}
is 'bash completes a name' "$(complete_in_bash --list)" '--list-funcs'
is 'bash completes a choice' "$(complete_in_bash --goroutines --group-by st)" 'stack state'
is 'bash completes a command to be helped with' "$(complete_in_bash --help di)" 'diff'
is 'bash completes behind an equals sign' "$(complete_in_bash --dump = ov) $(complete_in_bash --dump = | cut -d ' ' -f 1)" 'overview overview'
is 'bash completes a zone' "$(complete_in_bash --tz UT)" 'UTC'
touch "$TMP/targets.json" 1
is 'bash completes no file for a number' "$(complete_in_bash --goroutine '')" ''
rm 1
mkdir -p "$TMP/bin" && ln -sf "$g" "$TMP/bin/gscrape-tui"
"$g" --index "$TOP/tests/data/series" --archive-tz UTC --db "$TMP/a store.db" -q
of_store() { PATH=$TMP/bin:$PATH complete_in_bash "$@"; }
is 'bash completes a host of the store that was named' "$(of_store --hosts --db "$TMP/a\\ store.db" --host 127.0.0.1_2)" '127.0.0.1_2019 127.0.0.1_2379 127.0.0.1_29090'
is 'and one with its colon, which ends a word for bash' "$(of_store --db "$TMP/a\\ store.db" --host 127.0.0.1 : 2) / $(of_store --db "$TMP/a\\ store.db" --host 127.0.0.1 :)" \
	"2019 2379 29090 / $("$g" --hosts --json --db "$TMP/a store.db" | sed 's/^{"host":"127.0.0.1:\([0-9]*\)".*/\1/' | paste -sd' ' -)"
is 'and a function, however it is quoted' "$(of_store "--db='$TMP/a store.db'" --query "'main.(*c") $(of_store --db = "$TMP/a\\ store.db" --query 'main.\(\*c')" 'main.(*counter).slowAdd main.(*counter).slowAdd'
mkdir -p hostile/x_1
printf 'goroutine 1 [running]:\nmain.$(touch expanded)()\n\t/a.go:1 +0x1\n\n' >hostile/x_1/2026-11-23T16-05-05.goroutines.txt
"$g" --index hostile --db hostile.db -q
is 'what a name says is done by nobody' "$(of_store --db hostile.db --query main)" 'main.$(touch expanded)'
ok 'not even by a shell' test ! -e expanded
is 'bash completes a function where nothing is typed yet' "$(of_store --db "$TMP/a\\ store.db" --list-funcs '' | wc -w)" "$("$g" --list-funcs --json --db "$TMP/a store.db" | wc -l)"
is 'bash completes a store, not the file of its locks' "$(ls hostile.db*) $(complete_in_bash --db hostile.db)" 'hostile.db
hostile.db-lock hostile.db'
is 'bash completes a view: those that there are' "$(complete_in_bash --dump '' | tr ' ' ,)" "$("$g" --dump none --db "$TMP/a store.db" 2>&1 | sed 's/.*(//; s/)//; s/, /,/g')"
is 'bash completes a file' "$(complete_in_bash --scrape --targets-file targ)" 'targets.json'
for shell in zsh fish; do
	if command -v $shell >/dev/null; then
		case $shell in zsh) file=_gscrape-tui ;; *) file=gscrape-tui.fish ;; esac
		$shell -n "$TOP/contrib/completions/$file"; is "$shell reads its completions" $? 0
	fi
done
finish
