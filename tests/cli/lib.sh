# lib.sh: TAP lines for the tests of the command line.
n=0
unset NO_COLOR

ok() { # ok WHAT COMMAND...: passes when the command succeeds
	local what=$1; shift
	n=$((n + 1))
	if "$@"; then echo "ok $n - $what"; else echo "not ok $n - $what"; fi
}

is() { # is WHAT GOT WANTED
	n=$((n + 1))
	if [ "$2" == "$3" ]; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		diff <(printf '%s\n' "$3") <(printf '%s\n' "$2") | head -20 | sed 's/^/# /'
	fi
}

# fails WHAT STATUS SENTENCE COMMAND...: the command prints nothing but this one sentence, and exits so. A SENTENCE that
# begins and ends with / is a pattern of grep -E.
fails() {
	local what=$1 status=$2 want=$3 got rc; shift 3
	"$@" >"$TMP/fails.out" 2>"$TMP/fails.err" </dev/null; rc=$?
	got=$(cat "$TMP/fails.err")
	if [[ $want == /*/ ]] && [ "$(grep -Ecx "gscrape-tui: ${want:1:-1}" "$TMP/fails.err")" == 1 ]; then
		want=$got
	else
		want="gscrape-tui: $want"
	fi
	is "$what" "$rc $(wc -c <"$TMP/fails.out") $(wc -l <"$TMP/fails.err") $got" "$status 0 1 $want"
}

# plain: JSON with each number as short as can be. jq does that by itself up to 1.6; from 1.7 on it leaves 1.000 as it came.
plain() { jq -c 'walk(if type == "number" then . + 0 else . end)'; }

# bound COMMAND...: as somebody whom the rights of files bind, also where root runs the tests.
bound() { if [ "$(id -u)" -ne 0 ]; then "$@"; else setpriv --bounding-set=-dac_override,-dac_read_search "$@"; fi; }

finish() { echo "1..$n"; }
