# pods.sh: in $GSCRAPE_DB half an hour of five hosts: what waits in main.ask comes and stays on four of them; four have labels of their targets.
pod() { # pod PORT PER_MINUTE: half an hour in which so many a minute come and stay
	local m k
	mkdir -p "pods/127.0.0.1_$1"
	for m in $(seq 10 39); do
		{
			printf 'goroutine 1 [running]:\nmain.main()\n\t/m.go:9 +0x1\n'
			for k in $(seq 1 $(((m - 9) * $2))); do
				printf '\ngoroutine %d [chan send]:\nmain.ask()\n\t/m.go:20 +0x1\ncreated by main.serve in goroutine 1\n\t/m.go:30 +0x1\n' $((k + 1))
			done
		} | gzip >"pods/127.0.0.1_$1/2026-01-01T00-$m-00Z.goroutines.txt.gz"
	done
}
pod 1 4; pod 2 1; pod 3 0; pod 4 2; pod 5 3
"$GSCRAPE" --index pods -q || exit 1
# Their labels are those of targets, which need not answer.
cat >targets.json <<'END'
[{"targets": ["127.0.0.1:1"], "labels": {"app": "api", "track": "canary"}}, {"targets": ["127.0.0.1:2", "127.0.0.1:3"], "labels": {"app": "api"}},
 {"targets": ["127.0.0.1:4"], "labels": {"app": "web"}}]
END
"$GSCRAPE" --scrape --once --targets-file targets.json --no-archive -q 2>/dev/null
