# needs: jq openssl curl
# The examples of gscrape-tui(1), run as they stand there: on a store with their hosts, times and functions. Only addresses are
# others (free ports), a terminal is told to quit, and a recorder that runs for ever is ended when it has recorded.
. "$TOP/tests/cli/lib.sh"
cd "$TMP" || exit 1
mkdir bin && ln -s "$GSCRAPE" bin/gscrape-tui && PATH=$TMP/bin:$PATH
export TERM=xterm-256color
pids=
trap 'kill $pids 2>/dev/null' EXIT

# The store: api-1:6060 on the day of the incident, and in the last 40 minutes.
rename() { # rename FIRST-TIME: the recording, a snapshot every other minute from then on, 40 minutes and some
	local t=$1 f
	for f in "$TOP"/tests/data/series/127.0.0.1_6060/*.gz; do
		gzip -dc "$f" | sed 's/main\.(\*shop)\.quote(/main.fetch(/' >"output/api-1_6060/$(date -u -d "@$t" +%Y-%m-%dT%H-%M-%S).goroutines.txt"
		t=$((t + 120))
	done
}
mkdir -p output/api-1_6060
rename "$(date -u -d '2026-11-23 15:40' +%s)"
rename $(($(date +%s) - 2580))
gscrape-tui --index output --archive-tz UTC -q || exit 1
gzip -dc "$TOP"/tests/data/series/127.0.0.1_6060/2026-11-23T16-05-05.goroutines.txt.gz >crash.log

# What the recorders record.
mkdir fleet && ln -s "$TOP/tests/data/series/127.0.0.1_6060" fleet/
"$TOP/$B/tools/replay" --loop --seconds 600 --targets-file fleet.json fleet >servers & pids+=" $!"
for _ in $(seq 3000); do [ -s servers ] && [ -s fleet.json ] && break; sleep 0.02; done
target=$(sed 's|.*http://||' servers)
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key.pem -out cert.pem -subj /CN=localhost -days 2 2>/dev/null

on_terminal() { # on_terminal COMMAND: without its quit key it would browse on
	timeout 120 python3 -c 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(["sh", "-c", sys.argv[1]])))' "$1" </dev/null >out 2>&1
}
record() { # record COMMAND: until there is a snapshot in a store of its own, and it is served; then it is asked to end
	local pid n
	rm -f recorded.db; : >out
	GSCRAPE_DB=recorded.db sh -c "exec $1" >out 2>err & pid=$!; pids+=" $pid"
	for _ in $(seq 3000); do
		n=$(gscrape-tui --hosts --db recorded.db --json 2>/dev/null | jq -s 'map(.snapshots) | add // 0')
		[ "${n:-0}" -ge 1 ] && break
		sleep 0.02
	done
	[ "${n:-0}" -ge 1 ] || { kill "$pid"; wait "$pid"; return 1; }
	[[ $1 != *--serve* ]] || curl -sk -m 60 -u alice:secret "$(sed -n 's|/$||p' out)/api/v1/hosts" | jq -e '.[0] // .hosts[0]' >/dev/null || { kill "$pid"; return 1; }
	kill "$pid"; wait "$pid"
}

examples() { # lines that are commands; those that go on in the next line as one
	sed -n '/^\.Sh EXAMPLES/,/^\.Sh SEE/p' "$TOP/man/gscrape-tui.1" | sed -E 's/^\.Dl //; s/\\-/-/g; s/\\e$/\\/' |
		sed -E -e ':a' -e '/(\\|\|)$/{N; s/\\\n//; s/\n//; ta' -e '}' | grep -E '^(gscrape-tui|go) ?' |
		sed -E "s/localhost:6060/$target/; s/=:8443/=127.0.0.1:0/"
}
examples >commands
while read -r line; do
	command -v less >/dev/null || line=${line/| less/| cat} # a new system has no pager
	case $line in
	go\ *) continue ;; # t_pprof asks go
	gscrape-tui) on_terminal "$line --keys q" ;;
	"gscrape-tui $target") on_terminal "$line --db watched.db --no-archive --keys qq" ;;
	*--scrape*) record "$line" ;;
	*--copy*) eval "$line -q" >out 2>err && [ ! -s err ] && gscrape-tui --verify -q --db backup.db ;;
	*--hash-password*) eval "printf 'secret\n' | $line" 2>err; [ -s users ] ;;
	*) eval "$line" >out 2>err && [ ! -s err ] && { [ -s out ] || [[ $line == *--out* ]]; } ;;
	esac && ok "$line" true || { ok "$line" false; sed 's/^/# /' out err | tail -20; }
	: >err
done <commands
ok 'and they are not few' test "$n" -ge 9
is 'somebody was in the function' "$(gscrape-tui --query main.fetch --json | jq -s 'length > 0')" true
ok 'the files that they wrote are there' test -s d.pb.gz -a -s t.pftrace
finish
