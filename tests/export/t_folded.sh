# --export folded, against the text of the dumps.
. "$TOP/tests/cli/lib.sh"
g=$GSCRAPE past=$TOP/tests/data/past/archive
cd "$TMP" || exit 1
export GSCRAPE_DB=$TMP/gscrape.db
"$g" --index "$past" --archive-tz UTC -q || exit 1

# The text folded: root first, blanks and semicolons away, how often.
folded() { # STATE? FILE...
	local state=$1; shift
	zcat "$@" | awk -v with="$state" '
		function put() { if (id) n[frames (with ? ";[" state "]" : "")]++ }
		/^goroutine [0-9]+ / { put(); id = $2; state = $0; sub(/^[^[]*\[/, "", state); sub(/[],].*/, "", state); gsub(/ /, "_", state); frames = ""; next }
		/^\.\.\..* frames elided\.\.\.$/ { frames = "(frames_elided)" (frames == "" ? "" : ";" frames); next }
		/^created by / || /^$/ || /^\t/ || /^\.\.\./ { next }
		id { f = $0; sub(/\([^()]*\)$/, "", f); gsub(/%2e/, ".", f); gsub(/ /, "_", f); frames = f (frames == "" ? "" : ";" frames) }
		END { put(); for (f in n) print f, n[f] }' | LC_ALL=C sort
}
leaky=$past/127.0.0.1_6060
is 'a line per stack, root first, with its count' "$("$g" --export folded --host 127.0.0.1:6060 | LC_ALL=C sort)" "$(folded '' "$leaky"/*09-33*)"
is 'at a time' "$("$g" --export folded --host 127.0.0.1:6060 --at 2026-11-23T16:07:00Z | LC_ALL=C sort)" "$(folded '' "$leaky"/*06-52*)"
is 'with the state innermost' "$("$g" --export folded --host 127.0.0.1:6060 --with-state | LC_ALL=C sort)" "$(folded yes "$leaky"/*09-33*)"
is 'over all of the time: the sum of the snapshots' "$("$g" --export folded --from 2026-11-23T16:00:00Z --with-state | LC_ALL=C sort)" "$(folded yes "$past"/*/*.gz)"
is 'over a part of it' "$("$g" --export folded --host 127.0.0.1:6060 --from 2026-11-23T16:06:05Z --to 2026-11-23T16:08:43Z --with-state | LC_ALL=C sort)" \
	"$(folded yes "$leaky"/*06-[1-5]* "$leaky"/*07-* "$leaky"/*08-04* "$leaky"/*08-16* "$leaky"/*08-28* "$leaky"/*08-43*)"
is 'up to a time' "$("$g" --export folded --host 127.0.0.1:6060 --to 2026-11-23T16:05:30Z | LC_ALL=C sort)" "$(folded '' "$leaky"/*05-05* "$leaky"/*05-22*)"
is 'a new process is counted once' "$("$g" --export folded --host 127.0.0.1:2019 --from 2026-11-23T16:14:39Z --to 2026-11-23T16:14:42Z | LC_ALL=C sort)" \
	"$(folded '' "$past"/127.0.0.1_2019/*14-39* "$past"/127.0.0.1_2019/*14-42*)"
"$g" --export folded --host 127.0.0.1:6060 --out out.folded
is 'to a file' "$(cat out.folded)" "$("$g" --export folded --host 127.0.0.1:6060)"

# Names that would break the lines, and a stack without frames; a snapshot that failed in between.
mkdir -p odd/a_1
dump() { printf 'goroutine 1 [odd; state]:\nmain.f;g h\033[31m()\n\t/src/a.go:3 +0x1\nmain.main()\n\t/src/a.go:9 +0x1\n\ngoroutine 2 [runnable]:\n' | gzip >"odd/a_1/2026-11-23T16-00-0$1.000Z.goroutines.txt.gz"; }
dump 0; dump 2; dump 4; echo '<html>' | gzip >odd/a_1/2026-11-23T16-00-03.000Z.goroutines.txt.gz
"$g" --index odd --db odd.db -q 2>/dev/null
is 'blanks, semicolons and control bytes in names are harmless' "$("$g" --export folded --db odd.db --with-state)" \
	'(no_frames);[runnable] 1
main.main;main.f:g_h^[[31m;[odd:_state] 1'
is 'a snapshot that failed counts for nothing' "$("$g" --export folded --db odd.db --from 2026-11-23T16:00:01Z)" '(no_frames) 2
main.main;main.f:g_h^[[31m 2'

fails 'a span without a snapshot' 1 '/no snapshot with goroutines in it after 2027-.*; the last before is of 2026-11-23T16:14:44Z/' "$g" --export folded --from 2027-01-01T00:00:00Z
fails 'a span before the first' 1 '/nothing is known at 2026-11-01T00:00:00Z; 127.0.0.1:6060: no sample at T; first .*/' "$g" --export folded --to 2026-11-01T00:00:00Z
fails 'who is whose child is of one time' 2 '--export dot is of one time: --at, not --from and --to' "$g" --export dot --to -1h
fails 'and so is a dump' 2 '--export dump is of one time: --at, not --from and --to' "$g" --export dump --from -1h
fails 'a time and a span' 2 '--at does not go with --from' "$g" --export folded --at now --from -1h
fails 'the state elsewhere' 2 '--with-state does not go with --export pprof' "$g" --export pprof --with-state
fails 'a full disk' 1 'standard output: the disk is full' bash -c "'$g' --export folded >/dev/full"
"$g" --export folded --from 2026-11-23T16:00:00Z 2>err | head -1 >/dev/null; rc=${PIPESTATUS[0]}
ok '| head does no harm' test \( "$rc" = 0 -o "$rc" = 141 \) -a ! -s err
finish
