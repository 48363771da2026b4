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
moved=$(screen overview $H --at ${D}16:22:00Z --keys 'A<Tab>G' | grep '^── what moved'); all=$(screen overview $H --at ${D}16:22:00Z --keys 'A<Tab>' --format json)
ok 'what moved is a list where Tab has given it the keys' has "$moved" " row $(wc -l <<<"$all") of $(wc -l <<<"$all")"
is 'of all hosts, for programs, too' "$(jq -r .host <<<"$all" | sort -u | paste -sd' ')" '127.0.0.1:2379 127.0.0.1:6060'
ok 'how much of it is in sight' has "$(screen overview $H --at ${D}16:22:00Z --keys A)" " 4 of $(wc -l <<<"$all"), Tab"
is 'O gives it the screen' "$(screen overview $H --at ${D}16:22:00Z --keys 'A<Tab>O' | grep -cE '^.? +[+-][0-9]+  127')" "$(wc -l <<<"$all")"
is 'a screen reader has it' "$(words overview $H --at ${D}16:22:00Z --size 80x60 --keys 'A<Tab>' | grep -o ' net [+-][0-9]*, from' | wc -l)" "$(wc -l <<<"$all")"
ok 'on a small screen there is none' has "$(screen overview $H --size 80x12 --keys '<Tab>')" 'there is no list of what moved here'
is 'for programs, and on top' "$(screen overview --format json | jq -c '[.host, .suspect]')" '["127.0.0.1:6060",true]
["127.0.0.1:2379",null]'
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

# --- prompts
is 'no goroutine has no number' "$(screen goroutine --host 127.0.0.1:2379 --at ${D}16:10:00Z | sed -n 2p) $(words goroutine --host 127.0.0.1:2379 --at ${D}16:10:00Z | grep -c 'no goroutine is chosen')" ' 127.0.0.1:2379 > no goroutine 1'
for view in overview host goroutine functions leaks; do # locks have an address, which few have
	screen $view $H --id 48 --at ${D}16:21:00Z --keys '/<Tab>' | tail -1 >last
	ok "Tab at / finds what it proposes in view $view" grep -qE '^ /.*[^ ].* [1-9][0-9]*/[1-9][0-9]*$' last
done
found() { screen "$@" | tail -1 >last; grep -qE '^ /.*[^ ].* [1-9][0-9]*/[1-9][0-9]*$' last; }
ok 'a goroutine of a group' found host $H --keys 'ej/<Tab>'
ok 'of a function' found functions $H --keys '<Tab>/<Tab>'
ok 'a child' found goroutine $H --id 48 --keys '<Tab>/<Tab>'
ok 'a stack' found goroutine $H --id 48 --at ${D}16:21:00Z --size 160x48 --keys '<Tab>/<Tab>'
is 'a number is found as it is shown' "$(screen goroutine $H --id 48 --keys '<Tab>/g69<Enter>' | tail -1)" ' /g69  1/6'
is 'among events a function' "$(screen goroutine $H --id 39 --keys 'E/<Tab>' | tail -1 | grep -c '^ /main.(\*counter).slowAdd .* [1-9][0-9]*/')" 1
is 'a key that is no mark' "$(screen overview --keys 'm<Tab>' | tail -1)" ' no mark set: a mark is a letter from a to z'
formats='pprof folded dump grouped dot svg trace'
is ':export alone asks on' "$(screen overview --keys ':export<Enter>' --size 100x24 | tail -1 | tr -s ' ')" " :export $formats"
is 'with Tab and all' "$(screen overview --keys ':export<Enter>s<Tab>' | tail -1)" ' :export svg'
is 'what is none is told' "$(screen overview --keys ':export foo<Enter>' --size 110x24 | tail -1 | tr -s ' ')" " :export no format 'foo': $formats"
is 'a file that cannot be is the one that was meant' "$(screen overview --keys 'W<Ctrl-U>/nowhere/at/all.txt<Enter>' | tail -1)" ' /nowhere/at/all.txt: No such file or directory'
is 'no time' "$(screen overview --keys 't<Enter>' | tail -1)" ' no time was typed: T stays'
is 'a sample without a number' "$(screen overview --keys 'tsa<Tab><Enter>' | tail -1)" " which sample? 'sample 12' is the twelfth of the window"
is 'a time behind the end' "$(screen overview --keys 't+1h<Enter>' | tail -1)" ' T is 1h after the last sample, of 16:32:08'
is 'of this host where one is shown' "$(screen host $H --keys 't-2h<Enter>' | tail -1)" ' T is 1h32m before the first sample, of 16:05:05'
ok 'grouped hosts have a short word at T' test "$(screen overview --keys v | grep -c 'time curs~')" = 0
bad=$(screen host $H --keys '&<Ctrl-R>serve[a<Enter>')
ok 'what is wrong with an expression stands whole' has "$bad" "'serve[a' is no regular expression: missing terminating ] for character class"$'\n'" (at "
is 'over its place' "$(tail -2 <<<"$bad" | sed 's/ *$//')" "                v
 regex & serve[a"
bad=$(screen host $H --keys '&state == select and cuont > 3<Enter>')
is 'and with a condition' "$(tail -3 <<<"$bad" | sed 's/ *$//')" " no field 'cuont'; did you mean count?
                       v~~~~
 & state == select and cuont > 3"
is 'once on the screen' "$(screen host $H --keys '&state == select and cuont > 3<Enter>' | grep -c 'no field')" 1
is 'until the next key' "$(screen host $H --keys '&state == select and cuont > 3<Enter><Backspace>' | tail -2 | grep -c 'v~~')" 0
is 'of a search, too' "$(screen host $H --keys '/<Ctrl-R>[a<Enter>' | tail -2)" " '[a' is no regular expression: missing terminating ] for character class (at
 3)"
ok 'of functions' has "$(screen functions --keys 'f<Ctrl-R>[a<Enter>' | tr -s '\n ' ' ')" 'missing terminating ] for character class (at 3)'

# --- sources of Go, where a dump has trimmed paths
mkdir -p root/src/net/http path/bin path/src/net/http mods/github.com/'!burnt!sushi'/toml@v1.2.0 link plain/src/net/http
lines() { for i in {1..9}; do echo "line $i of $1"; done; }
lines root >root/src/net/http/server.go
lines path >path/src/net/http/server.go
lines full >plain/src/net/http/full.go
lines toml >mods/github.com/'!burnt!sushi'/toml@v1.2.0/lex.go
printf '#!/bin/sh\n' >path/bin/go && chmod +x path/bin/go && ln -s ../path/bin/go link/go
trimmed() { printf 'goroutine 1 [select]:\nmain.main()\n\t%s:7 +0x1\n\n' "$1" >trimmed.txt; }
source_of() { env -u GOROOT GOMODCACHE="$TMP/mods" "$@" "$GSCRAPE" --dump goroutine --id 1 --keys v trimmed.txt 2>/dev/null; }
trimmed net/http/server.go
ok 'of the library, below GOROOT' has "$(source_of GOROOT="$TMP/root")" '>    7  line 7 of root'
ok 'or where the go in PATH is from' has "$(source_of PATH="$TMP/nowhere:$TMP/link:$PATH")" '>    7  line 7 of path'
trimmed github.com/BurntSushi/toml@v1.2.0/lex.go
ok 'of a module, whose folder has no capitals' has "$(source_of)" '>    7  line 7 of toml'
trimmed /build/go/src/net/http/full.go
ok 'as where they are whole' has "$(source_of GOROOT="$TMP/plain")" '>    7  line 7 of full'
trimmed nowhere/at.go
ok 'what is not here is told' has "$(source_of GOROOT="$TMP/root")" 'nowhere/at.go is not here; :set source FROM=TO says where sources are'
finish
