# needs: jq
# What a view says in words: of one that is gone, of marks among what happened, of goroutines found by number; and the same to a screen reader.
. "$TOP/tests/cli/lib.sh"
cd "$TMP" || exit 1
export GSCRAPE_DB=$TMP/said.db GSCRAPE_TZ=UTC LC_ALL=C.UTF-8
mkdir series && ln -s "$TOP"/tests/data/series/127.0.0.1_6060 "$TOP"/tests/data/series/127.0.0.1_2379 series
"$GSCRAPE" --index series --archive-tz UTC -q || exit 1
H='--host 127.0.0.1:6060' D=2026-11-23T
screen() { "$GSCRAPE" --dump "$@" 2>/dev/null; }
words() { screen "$@" --screen-reader | tr -s '\n ' ' '; } # what wraps is one line

# --- one that is gone, or not there yet
gone=$(screen goroutine $H --id 48 --at ${D}16:31:00Z)
has() { case $1 in *"$2"*) return 0 ;; esac; printf '%s\n' "$1" | sed 's/^/# /'; return 1; }
ok 'it is told when it went' has "$gone" '── 16:31:00 gone, last seen 16:28:52, 2m8s before ─'
ok 'and how to get back there' has "$gone" '[ goes back to its last sample: IO wait in http.(*conn).serve'
ok 'which it does' has "$(screen goroutine $H --id 48 --at ${D}16:31:00Z --keys '[')" '── 16:28:52 IO wait for '
ok 'in 40 columns, too' has "$(screen goroutine $H --id 48 --at ${D}16:31:00Z --size 40x10)" '  [ goes back to its last sample: IO '
wide=$(screen goroutine $H --id 48 --at ${D}16:31:00Z --size 160x48)
ok 'beside other panes' has "$wide" 'T 16:31:00   gone, last seen 16:28:52, 2m8s before'
ok 'whose place it leaves' has "$wide" '│ ancestry'
new=$(screen goroutine $H --id 612 --at ${D}16:06:00Z)
ok 'of one to come, when' has "$new" '── 16:06:00 not born yet, first seen 16:06:16, 16s later ─'
ok 'and how' has "$new" '] goes to its first sample: chan send in main.fetch.func1'
ok 'which it does' has "$(screen goroutine $H --id 612 --at ${D}16:06:00Z --keys ']')" '── 16:06:16 chan send'
ok 'a screen reader hears it' has "$(words goroutine $H --id 48 --at ${D}16:31:00Z)" 'g48 is gone, last seen 16:28:52, 2m8s before; [ goes back to that'
ok 'both' has "$(words goroutine $H --id 612 --at ${D}16:06:00Z)" 'g612 is not born yet, first seen 16:06:16, 16s later; ] goes to that'
ok 'where nothing is known of the host, that' has "$(words goroutine $H --id 48 --at ${D}16:04:00Z)" 'no sample at T; first 16:05:05: g48 is not known then'

# --- marks are rows of their own among what happened
"$GSCRAPE" --mark 'deploy 1.4' --at ${D}16:12:00Z
"$GSCRAPE" --mark '部署 2.0' --at ${D}16:20:00Z
"$GSCRAPE" --mark 'after all' --at ${D}16:30:00Z
"$GSCRAPE" --mark 'of others' --host 127.0.0.1:2379 --at ${D}16:21:00Z
events() { screen goroutine $H --keys E --format csv "$@" | tr -d '\r' | cut -dT -f2- | sed 's/\.000Z//'; }
is 'in one long run' "$(events --id 54 | cut -d, -f1-3,5-)" 'time,state,mark,lasted_ms,after_mark,since_mark_ms
16:05:05,chan send,,1623000,,
16:12:00,mark,deploy 1.4,,,
16:20:00,mark,部署 2.0,,,
16:30:00,mark,after all,,,'
is 'of one that went before the last of them, and what came first after one' "$(events --id 48 --at ${D}16:31:00Z | cut -d, -f1-3,6-)" 'time,state,mark,after_mark,since_mark_ms
16:05:05,IO wait,,,
16:12:00,mark,deploy 1.4,,
16:20:00,mark,部署 2.0,,
16:26:52,select,,部署 2.0,412000
16:27:52,IO wait,,,
16:28:52,gone,,,'
list=$(screen goroutine $H --id 39 --keys E --at ${D}16:21:00Z)
ok 'a row on the screen' has "$list" '  16:20:00 mark                     部署 2.0'
ok 'whole functions beside it' has "$list" '  16:12:41 sync.Mutex.Lo~    4m37s  main.(*counter).slowAdd'
ok 'and how long after it, where they leave room' has "$(screen goroutine $H --id 39 --keys E --at ${D}16:21:00Z --size 84x24)" '  41s after deploy 1.4'
is 'Enter on one sets T to it' "$(screen goroutine $H --id 54 --keys 'Ej<Enter>' | grep -o 'T 16:1[0-9:]*')" 'T 16:12:00'
ok '& finds them' has "$(screen goroutine $H --id 54 --keys 'E&deploy<Enter>')" 'events 1/1  & deploy'
heard=$(words goroutine $H --id 39 --keys E --at ${D}16:21:00Z)
ok 'a screen reader hears them' has "$heard" ' 16:20:00, mark, 部署 2.0 '
ok 'and what came after' has "$heard" ', for 1m, after 部署 2.0, by 7m52s '
for view in overview host goroutine functions leaks locks; do
	ok "in view $view as charts have them" has "$(words $view $H --at ${D}16:21:00Z)" '; T is 1m after 部署 2.0; marks 16:12:00 deploy 1.4, 16:20:00 部署 2.0, 16:30:00 after all '
done
ok 'of the host that is shown, and not more than three' has "$(words host --host 127.0.0.1:2379)" '; marks 16:20:00 部署 2.0, 16:21:00 of others, 16:30:00 after all and 1 before '

# --- view 1 to a screen reader: which host, and what moved
heard=$(words overview $H --at ${D}16:21:00Z)
ok 'which host is suspected' has "$heard" '2 hosts at 16:21:00; a leak is suspected on 127.0.0.1:6060'
ok 'what moved there' has "$heard" '; moved here: +503 main.fetch.func1'
ok 'in its row, too' has "$heard" ', leak suspected yes, '
ok 'and in no other' test "$(grep -o 'leak suspected' <<<"$heard" | wc -l)" = 1
is 'for programs' "$(screen overview --format json | jq -c '[.host, .suspect]')" '["127.0.0.1:2379",null]
["127.0.0.1:6060",true]'
ok 'one thing is one' has "$(words locks $H)" ' 1 thing is waited for, and 1 connection is at rest'

# --- goroutines by a part of their number
list=$(screen overview $H --keys '#12<Enter>#12<Enter>jj')
ok 'where one is in the list' has "$list" ' 3/93 goroutines with 12 in their number, all hosts   s by samples'
ok 'its own keys are named' has "$(tail -1 <<<"$list")" ' Enter open  s sort  & filter  Ctrl-T hosts  # number  y yank'
for key in e r '<Tab>'; do
	is "the others say so: $key" "$(screen overview $H --keys "#12<Enter>#12<Enter>$key" | tail -1)" ' these are goroutines by their number; f goes to functions and callers'
done
is 'and go when functions are there again' "$(screen overview $H --keys '#12<Enter>#12<Enter>f<Enter>r' | tail -1)" ' runtime and standard library are hidden'
list=$(screen overview $H --keys '#12<Enter>#12<Enter>&chan<Enter>j' --size 100x24)
ok 'how many pass a filter' has "$list" ' 2/58 goroutines with 12 in their number, all hosts  & chan  58 of 93'
ok 'and that none does' has "$(screen overview $H --keys '#12<Enter>#12<Enter>&zzz<Enter>')" 'no goroutine passes the filter'
heard=$(words overview $H --keys '#12<Enter>#12<Enter>')
ok 'a screen reader hears of them' has "$heard" ' 93 goroutines with 12 in their number, on all hosts, 59 of them there at T'
ok 'and not of functions' test "$heard" = "${heard/match/}"
ok 'of functions so many, where none is looked for' has "$(words functions $H)" ' functions; '
ok 'and that they match, where one is' has "$(words functions $H --keys 'ffetch.func1<Enter>')" " 1 function matches 'fetch.func1'; main.fetch.func1: "
finish
