# lib.sh: start and stop the server, and ask it. TAP lines come from the command line's tests.
. "$TOP/tests/cli/lib.sh"
pid=
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null' EXIT

serve() { # serve OPTION...: start on a free port; sets pid and U (without the last slash)
	: >"$TMP/url"
	"$GSCRAPE" --serve --db "$DB" "$@" >"$TMP/url" 2>"$TMP/serve.err" &
	pid=$!
	for _ in $(seq 3000); do
		U=$(sed -n 's|/$||p' "$TMP/url")
		[ -n "$U" ] && return 0
		kill -0 "$pid" 2>/dev/null || return 1
		sleep 0.02
	done
	return 1
}

stop() { # stop [SIGNAL]: sets stopped to the exit status
	kill -"${1:-TERM}" "$pid"
	wait "$pid"
	stopped=$?
	pid=
}

get() { curl -sS -m 60 "$@"; }
status() { : >"$TMP/body"; curl -s -m 60 -o "$TMP/body" -w '%{http_code}' "$@"; }
# refused WHAT STATUS CURL-ARGUMENT...: this status, and one sentence as JSON
refused() {
	local what=$1 want=$2; shift 2
	is "$what" "$(status "$@") $(jq -r 'keys == ["error"] and (.error | length > 5)' "$TMP/body" 2>&1)" "$want true"
}
