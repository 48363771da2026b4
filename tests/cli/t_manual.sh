# needs: jq mandoc make
# The manual against the program, and what `make install` puts where.
. "$TOP/tests/cli/lib.sh"
g=$GSCRAPE man=$TOP/man

for section in 1 5 7; do
	is "gscrape-tui($section) is clean mdoc" \
		"$(mandoc -Tlint "$man/gscrape-tui.$section" 2>&1 | grep -v -e 'referenced manual not found' -e 'mandoc.db' -e 'unknown manual')" ''
	if command -v groff >/dev/null; then
		is 'and each of its lines can be broken for 80 columns' "$(groff -ww -mdoc -Tutf8 -rLL=78n "$man/gscrape-tui.$section" 2>&1 >/dev/null)" ''
	else
		n=$((n + 1)); echo "ok $n - and each of its lines can be broken # SKIP no groff here"
	fi
	is 'none is longer' "$(mandoc -Tutf8 -Owidth=78 "$man/gscrape-tui.$section" | sed 's/.\x08//g' | LC_ALL=C.UTF-8 awk '{ gsub(/[\200-\277]/, "") } length($0) > 80')" ''
done

# "d db FILE", "json": letter, name and argument of every option, as help and as the manual have them.
"$g" --help | sed -nE 's/^ +(-([a-zA-Z]), )?--([a-z-]+)( \[?([A-Z][^ ]*)\]?)?.*/\2 \3/p' | sed 's/^ *//' | sort >"$TMP/help"
sed -nE 's/^\.It (Fl ([a-zA-Z]) , )?Fl \\-([a-z-]+)( .*)?$/\2 \3/p' "$man/gscrape-tui.1" | sed 's/^ *//' | sort >"$TMP/manual"
is 'the manual has every option, and no other' "$(diff "$TMP/help" "$TMP/manual")" ''
ok 'and they are not few' test "$(wc -l <"$TMP/help")" -gt 50

# Each option's argument has the same name.
args() { sort | uniq; }
is 'arguments are called the same' \
	"$(sed -nE 's/^\.It (Fl [a-zA-Z] , )?Fl \\-([a-z-]+) Ar ([A-Za-z:]+)$/\2 \3/p' "$man/gscrape-tui.1" | args)" \
	"$("$g" --help | sed -nE 's/^ +(-[a-zA-Z], )?--([a-z-]+) ([A-Z][A-Za-z:]*)( .*)?$/\2 \3/p' |
		grep -v '^dump ' | args)"

# Which options may stand in a file: asked of the program, one by one.
sed -nE 's/^\.It ([a-z-]+) Ta Ev GSCRAPE_.*/\1/p' "$man/gscrape-tui.5" | sort >"$TMP/listed"
while read -r line; do
	name=${line##* }
	echo "$name = 1" >"$TMP/config"
	"$g" --hosts --config "$TMP/config" --db "$TMP/none" 2>&1 | grep -q 'may stand on the command line only' || echo "$name"
done <"$TMP/help" | sort >"$TMP/allowed"
is 'the manual lists the options of file and environment' "$(diff "$TMP/allowed" "$TMP/listed")" ''
is 'and the variables are called as they are' \
	"$(sed -nE 's/^\.It ([a-z-]+) Ta Ev GSCRAPE_(.*)/\1 \2/p' "$man/gscrape-tui.5" | awk '{ gsub("_", "-", $2); if ($1 != tolower($2)) print }')" ''

# Every JSON example in the manual is JSON.
awk '/^\.Ss/ { json = 1 } /^\.Bd -literal$/ { on = json; next } /^\.Ed/ { on = 0 } on' "$man/gscrape-tui.5" | sed 's/\[\.\.\.\]/[]/g' >"$TMP/examples"
jq -e . "$TMP/examples" >"$TMP/jq.out" 2>&1; is 'the JSON examples of the manual are JSON' "$? $(jq -s length "$TMP/examples")" '0 25'

# The question in "ASKING" is C that the program's own headers take.
sed -n '/^\.Sh ASKING/,/^\.Sh /{ /^\.Bd/,/^\.Ed/{ /^\./!p } }' "$man/gscrape-tui.7" >"$TMP/asking.c"
"${CC:-cc}" -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -I"$TOP/include" -I"$TOP/src" -I"$TOP/src/query" -fsyntax-only "$TMP/asking.c" >"$TMP/asking" 2>&1
is 'the question in manual 7 compiles' "$? $(cat "$TMP/asking") $(grep -c intervals_next "$TMP/asking.c")" '0  1'

# What it survives is the list of tests: each item names some, each is there, and none in tests/torture is left out.
sed -n '/^\.Sh WHAT IT SURVIVES/,/^\.Sh ASKING/p' "$man/gscrape-tui.7" >"$TMP/survives"
grep -oE '[a-z]+/[A-Za-z0-9_*]+\.(c|py|sh)' "$TMP/survives" | sort -u >"$TMP/named"
is 'each item of what it survives names its tests' \
	"$(awk '/^\.It / { if (item && !named) print item; item = $0; named = 0 } /^\.El/ { if (item && !named) print item; exit } /\/[A-Za-z0-9_*]+\.(c|py|sh)/ { named = 1 }' "$TMP/survives")" ''
is 'which are there' "$(while read -r t; do ls "$TOP"/tests/$t >/dev/null 2>&1 || echo "$t"; done <"$TMP/named")" ''
is 'and all of the long ones are among them' "$(cd "$TOP/tests" && ls torture/*.py | comm -23 - "$TMP/named")" ''
ok 'and they are not few' test "$(wc -l <"$TMP/named")" -gt 25

# Every command among the examples of the manual is one that the program takes.
sed -n '/^\.Sh EXAMPLES/,/^\.Sh SEE/p' "$man/gscrape-tui.1" | sed -E 's/^\.Dl //; s/\\-/-/g; s/\\e$/\\/' | sed -e ':a' -e '/\\$/{N; s/\\\n//; ta' -e '}' |
	sed -nE 's/^gscrape-tui( --.*)$/\1/p' | sed -E 's/ *[|<>].*//' >"$TMP/commands"
while read -r line; do
	bash -c '"$GSCRAPE" '"$line"' --help' >/dev/null 2>"$TMP/err" </dev/null || { echo "$line"; cat "$TMP/err"; }
done <"$TMP/commands" >"$TMP/wrong"
is 'the examples of the manual are commands' "$(cat "$TMP/wrong")" ''
ok 'and they are not few' test "$(wc -l <"$TMP/commands")" -ge 7

# install and uninstall, without building anew what the other tests are running
put() { make -s -o all -C "$TOP" B="$B" DESTDIR="$TMP/root" PREFIX=/opt/g "$@" >"$TMP/make.out" 2>&1; }
put install; rc=$?
is 'make install puts program, manual, completions and examples below DESTDIR and PREFIX' "$rc $(cd "$TMP/root" && find . -type f | sort | tr '\n' ' ')" \
	'0 ./opt/g/bin/gscrape-tui ./opt/g/share/bash-completion/completions/gscrape-tui ./opt/g/share/doc/gscrape-tui/config.example ./opt/g/share/doc/gscrape-tui/example/prices.go ./opt/g/share/doc/gscrape-tui/kubernetes/recorder.yaml ./opt/g/share/doc/gscrape-tui/kubernetes/role.yaml ./opt/g/share/doc/gscrape-tui/kubernetes/shards.yaml ./opt/g/share/doc/gscrape-tui/kubernetes/sidecar.yaml ./opt/g/share/doc/gscrape-tui/targets.example.json ./opt/g/share/doc/gscrape-tui/tmux-popup.conf ./opt/g/share/fish/vendor_completions.d/gscrape-tui.fish ./opt/g/share/man/man1/gscrape-tui.1 ./opt/g/share/man/man5/gscrape-tui.5 ./opt/g/share/man/man7/gscrape-tui.7 ./opt/g/share/zsh/site-functions/_gscrape-tui '
ok 'what is installed runs' test "$("$TMP/root/opt/g/bin/gscrape-tui" --version)" = "$("$g" --version)"
put install SYSTEMDDIR=/lib/systemd/system; rc=$?
is 'with SYSTEMDDIR the unit, its user and its folders, too' "$rc $(cd "$TMP/root/lib" && find . -type f | sort | tr '\n' ' ')" \
	'0 ./systemd/system/gscrape-tui.service ./sysusers.d/gscrape-tui.conf ./tmpfiles.d/gscrape-tui.conf '
is 'the unit runs what was installed' "$(grep -c '^ExecStart=/opt/g/bin/gscrape-tui --scrape ' "$TMP/root/lib/systemd/system/gscrape-tui.service")" 1
put uninstall SYSTEMDDIR=/lib/systemd/system
is 'make uninstall takes all of it away' "$(find "$TMP/root" -type f)" ''
finish
