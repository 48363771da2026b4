# needs: jq
# Who holds the lock: as the program that was recorded says it (tests/data/locks/locks.go).
. "$TOP/tests/cli/lib.sh"
g=$GSCRAPE dump=$TOP/tests/data/locks/go126.txt said=$TOP/tests/data/locks/go126.said
holders() { jq -r 'select(.holder and .object) | "\(.object) \(.holder)"' | sort; }

is 'holders of the locks that have an address' "$("$g" --waiters "$dump" --json | holders)" \
	"$(while read -r _ address id; do "$g" --waiters "$dump" --json | grep -q "\"$address\"" && echo "$address $id"; done <"$said" | sort)"
is 'deadlocks, each once, and nothing else' "$("$g" --waiters "$dump" | grep -c 'a deadlock, as it seems')" 3
is 'read locks by their object' "$("$g" --waiters "$dump" | grep -c 'wait for a lock in 0x.*seems to hold it: it is in main.(\*table).rewrite')" 3
mkdir -p "$TMP/out/127.0.0.1_6060"
gzip -c "$dump" >"$TMP/out/127.0.0.1_6060/2026-11-26T06-28-00.000Z.goroutines.txt.gz"
"$g" --index "$TMP/out" --db "$TMP/db" -q
is 'from the archive, at the time of the dump' "$("$g" --waiters --db "$TMP/db" --output "$TMP/out" --json | holders | wc -l)" 15
is 'and without it: it was recorded' "$("$g" --waiters --db "$TMP/db" --output "$TMP/none" --json | holders)" "$("$g" --waiters "$dump" --json | holders)"
# at any time of the past, without an archive: before it was so, then, and after
for at in 06-27-00:119 06-29-00:119 06-30-00:127; do
	gzip -c "$TOP/tests/data/locks/go${at#*:}.txt" >"$TMP/out/127.0.0.1_6060/2026-11-26T${at%:*}.000Z.goroutines.txt.gz"
done
"$g" --index "$TMP/out" --db "$TMP/past" -q
rm -r "$TMP/out"
at() { "$g" --waiters --db "$TMP/past" --at "2026-11-26T$1Z" --json | holders; }
for when in 06:27:30:119 06:28:10:126 06:29:59:119 06:30:30:127; do
	is "who held what at ${when%:*}" "$(at "${when%:*}")" "$("$g" --waiters "$TOP/tests/data/locks/go${when##*:}.txt" --json | holders)"
done
is 'who waits for read locks that have no address, by the line, and several may hold theirs' "$("$g" --waiters --json "$dump" | jq -r 'select(.object == null) | "\(.count) \(.what) \(.at) \(.holder_why)"')" \
	'9 sync.RWMutex /src/locks.go:37 several locks are taken there'
printf 'goroutine 1 [sync.RWMutex.RLock]:\nsync.runtime_SemacquireRWMutexR(0x0?, 0x0?, 0x0?)\n\t/go/sema.go:1 +0x1\nsync.(*RWMutex).RLock(...)\n\t/go/rw.go:7\nmain.(*table).read(0xc000086000, 0x1)\n\t/src/t.go:37 +0x1\n\ngoroutine 2 [sleep]:\nmain.(*table).rewrite(0xc000086000)\n\t/src/t.go:50 +0x1\n\n' >"$TMP/read.txt"
is 'the one that there is is told with its holder' "$("$g" --waiters --json "$TMP/read.txt" | jq -c '[.object, .at, .count, .holder]') $("$g" --waiters "$TMP/read.txt" | grep -c note:)" '[null,"/src/t.go:37",1,2] 0'
is 'and those who wait for it are found by the line' "$("$g" --goroutines --group-by none --json --where 'wait_object == 0 and file == t.go:37' "$TMP/read.txt" | jq .id)" 1
is 'and what was a deadlock' "$("$g" --waiters --db "$TMP/past" --at 2026-11-26T06:29:30Z | grep -c 'a deadlock, as it seems')" 3
# who is seen to wait at each look may have had it in between, but for what the dump itself says
mkdir -p "$TMP/turns/a_1"
for m in 00 01 02 03; do
	for i in 11 12; do
		printf 'goroutine %d [sync.Mutex.Lock%s]:\nsync.(*Mutex).Lock(0xc000010%d0)\n\t/go/m.go:9 +0x1\nmain.f()\n\t/a.go:%d +0x1\n\n' $i \
			"$([ $i = 12 ] && [ $m != 00 ] && printf ', %d minutes' "$((10#$m))")" $i $i
	done | gzip >"$TMP"/turns/a_1/2026-01-01T00-$m-30Z.goroutines.txt.gz
done
"$g" --index "$TMP/turns" --db "$TMP/turns.db" -q || exit 1
is 'an oldest that nothing proves is told as a bound' "$("$g" --waiters --json --db "$TMP/turns.db" | jq -c '[.oldest_id, .bound, .oldest % 3600000]' | sort)" \
	"$(printf '[11,true,30000]\n[12,null,30000]')"
is 'on the screen, too' "$("$g" --dump locks --host a:1 --db "$TMP/turns.db" | grep -o '  *[0-9<=ms]* sync.Mutex' | head -2 | tr -d ' ' | sort)" \
	"$(printf '3msync.Mutex\n<=3msync.Mutex')"

# channels: by place, and the other end by what two places have in common
block() { printf 'goroutine %s [%s]:\n%s(0x1)\n\t/src/%s +0x1\ncreated by %s in goroutine %s\n\t/src/a.go:1 +0x1\n\n' "$@"; }
{
	block 1 running main.main a.go:5 main.init 0
	for i in 11 12 13; do block $i 'chan send, 3 minutes' 'main.(*pool).put' pool.go:10 main.main 1; done
	block 14 'chan send, 7 minutes' 'main.(*pool).put' pool.go:10 main.main 1
	block 20 'chan receive' 'main.(*pool).run.func1' pool.go:30 'main.(*pool).run' 3
	block 21 select 'main.(*pool).drain' pool.go:40 main.main 1
	block 30 'chan receive (nil chan)' main.never a.go:9 main.main 1
	block 40 'chan receive' other.lonely other.go:7 other.init 2
	block 50 'select (no cases)' main.forever a.go:2 main.main 1
} >"$TMP/channels.txt"
ends() { "$g" --waiters --channels --json "$@" "$TMP/channels.txt"; }
is 'each place and way once, most first; what is no channel is left out' "$(ends | jq -r '"\(.count) \(.way) \(.at)"' | sort -k1,1nr -k3)" \
	"$(printf '4 sends /src/pool.go:10\n1 receives /src/a.go:9\n1 receives /src/other.go:7\n1 receives /src/pool.go:30\n1 selects /src/pool.go:40')"
is 'who waits for longest' "$(ends | jq 'select(.count == 4).oldest_id')" 14
is 'those who may receive what they send, but for who was started with them and waits as they do' "$(ends | jq -r 'select(.count == 4).partners[] | "\(.way) \(.at) \(.why)"')" \
	'receives /src/pool.go:30 both of main.(*pool)'
is 'a nil channel, and one that nobody shares, have nobody' "$(ends | jq -c 'select(.at | test("a.go:9|other")).partners' | sort -u)" '[]'
is 'and say why' "$("$g" --waiters --channels --csv "$TMP/channels.txt" | grep -c 'none: a nil channel has no other end\|nobody is seen')" 2
is 'of those that pass' "$(ends --where 'id > 13' | jq -s -c 'map(.count)')" '[1,1,1,1,1]'
"$g" --index "$TOP/tests/data/series" --db "$TMP/before.db" --archive-tz UTC -q || exit 1
partners() { "$g" --waiters --channels --json --host "127.0.0.1:$2" --db "$TMP/before.db" 2>/dev/null | jq -c --arg at "$1" 'select(.at // "" | endswith($at)).partners[:1] | map([.way, .at, .count, .why])'; }
is 'who is stuck since who would receive went' "$(partners main.go:50 6060) $(partners main.go:58 16060)" \
	'[["selects","leaky/main.go:52",0,"both in main.fetch"]] [["selects","quotes/main.go:60",0,"both in main.(*shop).quote"]]'
is 'those who wait for a ticker are not who a sender beside them waits for' "$(partners main.go:88 6060) $(partners main.go:93 6060)" '[] []'
fails 'of what has no queues' 2 '--channels does not go with --leaks' "$g" --leaks --channels "$TMP/channels.txt"
finish
