# SPDX-License-Identifier: MIT
# needs: curl jq
# The server's API: what single routes answer, headers, metrics, news, the end. t_hostile.py goes through all routes.
. "$TOP/tests/serve/lib.sh"
DB=$TMP/db
"$GSCRAPE" --index "$TOP/tests/data/series" --archive-tz UTC --db "$DB" >/dev/null 2>&1
ok "it starts, and prints where it listens" serve 127.0.0.1:0
H=host=127.0.0.1:6060

# --- single answers ---
refused "an unknown host" 404 "$U/api/v1/groups?host=127.0.0.1:6061"
is "the nearest one is told" "$(jq -r .error "$TMP/body" | grep -c "127.0.0.1:6060")" 1
is "a host as its folder is named" "$(get "$U/api/v1/groups?host=127.0.0.1_6060" | jq -r .host)" 127.0.0.1:6060
refused "an unknown goroutine" 404 "$U/api/v1/goroutine?$H&id=999999999"
refused "an unknown goroutine, for gscrape's children" 404 "$U/api/children?$H&id=999999999"
refused "goroutine 0" 400 "$U/api/v1/goroutine?$H&id=0"
refused "a number that is too large" 400 "$U/api/v1/goroutine?$H&id=18446744073709551616"
refused "a negative one" 400 "$U/api/v1/goroutine?$H&id=-1"
refused "too many buckets" 400 "$U/api/v1/snapshots?$H&buckets=5001"
refused "no such grouping" 400 "$U/api/v1/groups?$H&by=colour"
refused "no time" 400 "$U/api/v1/groups?$H&at=yesterdayish"
refused "from after to" 400 "$U/api/v1/snapshots?$H&from=20&to=10"
refused "no such route" 404 "$U/api/v2/hosts"
refused "a way up" 404 --path-as-is "$U/../../etc/passwd"
refused "a way up, escaped" 404 --path-as-is "$U/%2e%2e/%2e%2e/etc/passwd"
refused "an unknown function" 404 "$U/api/v1/hits?func=no.such"

A='at=2026-11-23T16:20:00Z'
D="from=2026-11-23T16:05:05Z&to=2026-11-23T16:30:52Z"
is "groups add up to the snapshot" "$(get "$U/api/v1/groups?$H&$A" | jq '[.groups[].count] | add')" \
	"$(get "$U/api/v1/snapshots?$H&from=2026-11-23T16:19:37Z&to=2026-11-23T16:19:37Z" | jq '.snapshots[0].goroutines')"
is "the leak is the largest group" "$(get "$U/api/v1/groups?$H" | jq -r '.groups[0] | .group, .top.func, (.states | keys[0])')" \
	$'main.fetch leaky/main.go:49\nmain.fetch.func1\nchan send'
is "of those that pass a filter" "$(get -G "$U/api/v1/goroutines?$H" --data-urlencode 'where=state == "sleep" and top == "main.newPool[...].func1"' | jq .total)" \
	"$(get "$U/api/v1/goroutines?$H&limit=100000" | jq '[.goroutines[] | select(.state == "sleep" and .func == "main.newPool[...].func1")] | length')"
refused "a filter that is none" 400 "$U/api/v1/groups?$H&where=stat%3D%3Dx"
is "and where it is wrong" "$(jq -r .error "$TMP/body")" "where: at 1: no field 'stat'; did you mean state?"
is "hosts in which somebody passes, then" "$(get -G "$U/api/v1/hosts" --data-urlencode 'where=created_by == leaky/main.go:49' | jq -r '.[].host') $(get -G "$U/api/v1/hosts?$A" --data-urlencode 'where=id == 0' | jq length)" "127.0.0.1:6060 0"
is "functions of those that pass" "$(get -G "$U/api/v1/functions?limit=1000" --data-urlencode 'where=state == "chan send"' | jq -c '[.functions[] | [.func, .goroutines]]')" \
	"$("$GSCRAPE" --list-funcs --json --where 'state == "chan send"' --db "$DB" | jq -s -c 'map([.func, .goroutines])')"
is "children that are there and pass" "$(get -G "$U/api/v1/children?$H&id=1" --data-urlencode 'where=state == sleep' | jq -c '[.children[].id]')" \
	"$(get -G "$U/api/v1/goroutines?$H" --data-urlencode 'where=state == sleep and parent == 1' | jq -c '[.goroutines[].id]')"
is "by one label" "$(get "$U/api/v1/groups?$H&by=label.tenant" | jq -c '.groups | map([.group, .count])')" "$(get "$U/api/v1/groups?$H&by=label&label=tenant" | jq -c '.groups | map([.group, .count])')"
odd() { curl -s -o "$TMP/body" -D - -G "$U/api/v1/groups?$H" --data-urlencode "where=$1" | tr -d '\r' | sed -n 's/^Gscrape-Note: //Ip'; }
is "what is odd about a filter is told beside the answer" "$(odd 'label.tenat == x'; odd 'state select'; odd 'state == select')" \
	"nobody has a label 'tenat' (in dumps they are with GODEBUG=tracebacklabels=1, which go 1.27 in go.mod sets)
'state' is looked for as a word here; as a condition it is state == select"
for route in goroutines snapshots children hits functions waiters channels; do
	refused "count where nobody is in a group: $route" 400 -G "$U/api/v1/$route?$H&id=1&func=main" --data-urlencode 'where=count > 1'
done
is "but of groups it is asked" "$(status -G "$U/api/v1/groups?$H" --data-urlencode 'where=count > 1')" 200
refused "by a label without a name" 400 "$U/api/v1/groups?$H&by=label."
for long in '100000 a' '40000 "'; do # as it is, and three times as long in the URL, of which curl 8.5 sends 128 KiB and no more
	head -c "${long% *}" /dev/zero | tr '\0' "${long#* }" >"$TMP/long"
	is "a filter of $long is refused in a sentence" "$(status -G "$U/api/v1/groups?$H" --data-urlencode "where@$TMP/long") $(jq -r .error "$TMP/body")" "414 more than 4096 bytes of parameters"
done
is "who had a line of the source on the stack" "$(get "$U/api/v1/hits?func=leaky/main.go:50&$H" | jq -c '[.hits[] | [.id, .first, .snapshots]]')" \
	"$(get "$U/api/v1/hits?func=main.fetch.func1&$H" | jq -c '[.hits[] | [.id, .first, .snapshots]]')"
for r in groups goroutines snapshots leaks waiters hosts "diff?$D" functions "children?id=1" hits?func=main.main export/folded export/pprof export/trace export/dump; do
	case $r in *\?*) q=$r\&$H ;; hosts | functions) q=$r\?$A ;; *) q=$r\?$H ;; esac
	status -G "$U/api/v1/$q" --data-urlencode 'where=stack ~ "(.*.*)*x$"' >"$TMP/status"
	is "an expression that explodes is the asker's: $r" "$(cat "$TMP/status") $(jq -r .error "$TMP/body" | grep -c 'takes too long on a text of [0-9]* bytes: a simpler expression, please')" "400 1"
done
is "groups in pages are all groups" "$(for o in $(seq 0 4 40); do get "$U/api/v1/groups?$H&limit=4&offset=$o" | jq -r '.groups[].group'; done | sort)" \
	"$(get "$U/api/v1/groups?$H" | jq -r '.groups[].group' | sort)"
is "the last page has no next" "$(get "$U/api/v1/groups?$H&limit=4&offset=8" | jq '.next, .total')" $'null\n12'
is "members of a group" "$(get -G "$U/api/v1/goroutines?$H" --data-urlencode 'group=main.newPool[...] leaky/main.go:30' | jq -c '[.total, ([.goroutines[].state] | unique)]')" '[20,["sleep"]]'
is "snapshots in pages are all snapshots" "$(from=; for _ in 1 2 3 4; do get "$U/api/v1/snapshots?$H&limit=7${from:+&from=$from}" >"$TMP/page"; jq '.snapshots[].time' "$TMP/page"; from=$(jq .next "$TMP/page"); [ "$from" == null ] && break; done)" \
	"$(get "$U/api/v1/snapshots?$H" | jq '.snapshots[].time')"
is "rows and columns say the same" "$(get "$U/api/v1/snapshots?$H&as=columns" | jq -c '[.time, .goroutines]')" \
	"$(get "$U/api/v1/snapshots?$H" | jq -c '[[.snapshots[].time], [.snapshots[].goroutines]]')"
get "$U/api/v1/snapshots?$H&buckets=6" >"$TMP/chart"
is "six buckets, and the extremes of all snapshots in them" "$(jq -c '[(.buckets | length), ([.buckets[].min | numbers] | min), ([.buckets[].max | numbers] | max)]' "$TMP/chart")" \
	"$(get "$U/api/v1/snapshots?$H" | jq -c '[6, ([.snapshots[].goroutines] | min, max)]')"
is "an outage is a gap" "$(get "$U/api/v1/snapshots?host=127.0.0.1:2379&buckets=40" | jq '[.buckets[] | select(.gap)] | length > 0')" true
get "$U/api/v1/goroutine?$H&id=1" >"$TMP/g"
is "runs name their stack" "$(jq -c '[.runs[0].stack, (.stacks[.runs[-1].stack].frames | last.func), (.runs | map(.snapshots) | add)]' "$TMP/g")" '[0,"main.main",24]'
is "children, and who their parent is" "$(get "$U/api/v1/children?$H&id=1&limit=1" | jq -r '.children[0].id' | { read -r c; get "$U/api/v1/ancestors?$H&id=$c" | jq -c '[.[].id][1:]'; })" '[1]'
is "two lives of a process are two goroutines" "$(for e in 1 2; do get "$U/api/v1/goroutine?host=127.0.0.1:2019&id=1&epoch=$e" | jq -c '[.epoch, .ended]'; done)" $'[1,true]\n[2,false]'
is "ids by their first digits" "$(get "$U/api/v1/ids?$H&prefix=2" | jq -c '[.ids[] | tostring | startswith("2")] | [all, length > 3]')" '[true,true]'
words() { get -G "$U/api/v1/words?$H" --data-urlencode "text=$1" ${2:+-d "limit=$2"} | jq -c "${3:-.texts}"; }
is "a filter goes on with fields that begin so" "$(words st)" '["state","stack"]'
is "with values that are there, in quotes where they need some" "$(words 'id > 3 and state == chan' 1)" '["id > 3 and state == \"chan receive\""]'
is "with a quote that was begun" "$(words 'state == "sl')" '["state == \"sleep\""]'
is "with what joins conditions" "$(words 'state == sleep ')" '["state == sleep and","state == sleep or"]'
is "and tells where there are more" "$(words '' 2 '[(.texts | length), .more]')" '[2,true]'
is "of no host there are no values of goroutines" "$(get -G "$U/api/v1/words" --data-urlencode 'text=state == ' | jq -c .)" '{"texts":[],"more":false}'
refused "of a host that is not there" 404 "$U/api/v1/words?host=nope&text=st"
is "a suspect's filter finds its go statement and place, and no others" "$(get "$U/api/v1/leaks?$H&limit=1" | jq -r '.leaks[0] | .count, .filter' | { read -r n; read -r f; [ "$n" -gt 1000 ] && get -G "$U/api/v1/groups?$H" --data-urlencode "where=$f" | jq -c "[.total, .groups[0].count - $n]"; })" '[1,0]'
is "functions by pattern" "$(get -G "$U/api/v1/functions" --data-urlencode 'q=^main.fetch !func1' | jq -c '[.functions[].func]')" '["main.fetch"]'
is "who had it on the stack" "$(get "$U/api/v1/hits?func=main.deep" | jq -c '.hits[] | [.host, .id, .at_newest, .now]')" '["127.0.0.1:6060",45,true,null]'

is "how much functions were used" "$(get -G "$U/api/v1/uses" --data-urlencode 'funcs=main.deep|main.fetch.func1|no.such' -d "$H&buckets=3" | jq -c '[.uses[] | [.func, .ever, .peak == (.alive | max), (.alive | length)]]')" \
	"[$(for f in main.deep main.fetch.func1; do get "$U/api/v1/hits?func=$f&$H" | jq -c "[\"$f\", .total, true, 3]"; done | paste -sd,)]"
refused "too many functions" 400 "$U/api/v1/uses?funcs=$(printf 'a|%.0s' $(seq 64))a"
is "what became of groups" "$(get "$U/api/v1/activity?$H&by=state&buckets=4" | jq -c '[.snapshots, (.groups[] | select(.group == "chan send") | .peak == (.alive | max), (.last | length), .came - .left <= .there)]')" '[24,true,4,true]'
is "each as many as at the end" "$(get "$U/api/v1/activity?$H&buckets=7" | jq '[.groups[].last[6]] | add')" "$(get "$U/api/v1/groups?$H" | jq .goroutines)"
refused "of each goroutine" 400 "$U/api/v1/activity?$H&by=none"
refused "a window that ends before it begins" 400 "$U/api/v1/activity?$H&from=2&to=1"
is "who calls one, and whom it calls" "$(get "$U/api/v1/callers?func=main.fetch.func1&$H" | jq -c .)" \
	"$("$GSCRAPE" --query main.fetch.func1 --callers --host 127.0.0.1:6060 --json --db "$TMP/db" | jq -c .)"
refused "calls of an unknown function" 404 "$U/api/v1/callers?func=no.such"

is "what moved: the leak first, all born, none gone" "$(get "$U/api/v1/diff?$D&$H" | jq -c '.diff[0] | [.created_by, .created_at, .state, .born == .to - .from, .gone, .to > 1000]')" \
	'["main.fetch","leaky/main.go:49","chan send",true,0,true]'
is "nothing moved between a time and itself" "$(get "$U/api/v1/diff?from=1795449905000&to=1795449905000&$H" | jq -c .)" '{"total":0,"next":null,"diff":[],"notes":["127.0.0.1:6060: nothing to compare: the one snapshot of 2026-11-23 16:05:05 is both ends"]}'
is "the net of all is the difference of the snapshots" "$(get "$U/api/v1/diff?$D&$H" | jq '[.diff[] | .to - .from] | add')" \
	"$(get "$U/api/v1/snapshots?$H&$D" | jq '.snapshots | last.goroutines - first.goroutines')"
is "a restart: everybody is gone, and others are born" "$(get "$U/api/v1/diff?from=2026-11-23T16:14:36Z&to=2026-11-23T16:15:10Z&host=127.0.0.1:2019" | jq '[.diff[] | .from == .gone and .to == .born] | all')" true

is "what moved by state: the states' own counts" "$(get "$U/api/v1/diff?$D&$H&by=state" | jq -c '[.diff[] | select(.group == "chan send") | .to, .net == .to - .from, (.new | length)]')" \
	"[$(get "$U/api/v1/groups?$H&by=state&at=2026-11-23T16:30:52Z" | jq '.groups[] | select(.group == "chan send").count'),true,20]"
is "a host that was not watched then is compared with its first snapshot" "$(get "$U/api/v1/diff?from=2026-11-23T12:00:00Z&to=2026-11-23T16:30:52Z&$H" | jq -c '[.diff[0].from_time, .diff[0].from]')" \
	"$(get "$U/api/v1/diff?$D&$H" | jq -c '[.diff[0].from_time, .diff[0].from]')"

# --- HTTP ---
get -D "$TMP/head" -o /dev/null "$U/"
is "a strict policy for scripts" "$(grep -ci "^content-security-policy: default-src 'none'; script-src 'self'; style-src 'self';" "$TMP/head")" 1
is "no guessing of types, no frames, no referrer" "$(grep -Eci '^(x-content-type-options: nosniff|x-frame-options: deny|referrer-policy: no-referrer)' "$TMP/head")" 3
is "nobody else may read" "$(grep -ci '^access-control' "$TMP/head")" 0
refused "nothing can be written" 405 -X POST -d a=1 "$U/api/v1/hosts"
refused "nor deleted" 405 -X DELETE "$U/api/v1/hosts"
is "HEAD has the length and no body" "$(curl -sI "$U/api/v1/hosts" | tr -d '\r' | awk -F': ' 'tolower($1)=="content-length"{print $2}')" "$(get "$U/api/v1/hosts" | wc -c)"
refused "another name in Host (DNS rebinding)" 421 -H 'Host: evil.example' "$U/api/v1/hosts"
is "localhost and addresses are fine, whatever the port" "$(for h in localhost:9 127.0.0.1 '[::1]:8080' 10.1.2.3:80 a.localhost; do status -H "Host: $h" "$U/api/v1/hosts"; echo; done | sort -u)" 200
etag=$(curl -sI "$U/api/v1/groups?$H" | tr -d '\r' | awk -F': ' 'tolower($1)=="etag"{print $2}')
is "what the client has is not sent again" "$(status -H "If-None-Match: $etag" "$U/api/v1/groups?$H") $(wc -c <"$TMP/body")" "304 0"
is "another tag gets it" "$(status -H 'If-None-Match: W/"0000000000000000"' "$U/api/v1/groups?$H")" 200
get "$U/api/stats" >"$TMP/plain"
is "gzip is the same, and smaller" "$(get --compressed "$U/api/stats" | cmp - "$TMP/plain" && [ "$(get -H 'Accept-Encoding: gzip' "$U/api/stats" | wc -c)" -lt $(($(wc -c <"$TMP/plain") / 2)) ] && echo yes)" yes
is "no gzip for who does not take it" "$(get -H 'Accept-Encoding: gzip;q=0' "$U/api/stats" | head -c1)" "["
is "one connection serves many requests" "$(curl -s -w '%{num_connects} ' -o /dev/null "$U/api/v1/hosts" -o /dev/null "$U/nix" -o /dev/null "$U/api/v1/groups?$H")" "1 0 0 "
is "the whole page is light" "$([ "$(for f in '' chart.js $(cd "$TOP/src/serve/page" && ls | grep -v '^index'); do get -H 'Accept-Encoding: gzip' "$U/$f"; done | wc -c)" -lt 120000 ] && echo yes)" yes

# --- export: what the command line writes ---
for at in 2026-11-23T16:20:00Z 2026-11-23T16:31:00Z 2026-11-23T12:00:00Z; do
	[ $at = 2026-11-23T12:00:00Z ] || is "folded, as the command line writes it" "$(get "$U/api/v1/export/folded?$H&at=$at")" "$("$GSCRAPE" --export folded --host 127.0.0.1:6060 --at $at --db "$DB")"
	is "groups as a table" "$(get "$U/api/v1/export/groups.csv?$H&at=$at&by=state")" "$("$GSCRAPE" --goroutines --host 127.0.0.1:6060 --at $at --group-by state --csv --db "$DB")"
done
is "a window's samples" "$(get "$U/api/v1/export/folded?$H&from=2026-11-23T16:20:00Z&to=2026-11-23T16:25:00Z" | cksum)" \
	"$("$GSCRAPE" --export folded --host 127.0.0.1:6060 --from 2026-11-23T16:20:00Z --to 2026-11-23T16:25:00Z --db "$DB" | cksum)"
is "a profile" "$(get "$U/api/v1/export/pprof?$H&at=2026-11-23T16:20:00Z" | cksum)" "$("$GSCRAPE" --export pprof --host 127.0.0.1:6060 --at 2026-11-23T16:20:00Z --db "$DB" | gzip -dc | cksum)"
is "a trace" "$(get "$U/api/v1/export/trace?$H" | cksum)" "$("$GSCRAPE" --export trace --host 127.0.0.1:6060 --db "$DB" | cksum)"
for f in folded dump grouped dot; do
	is "of those that pass: $f" "$(get -G "$U/api/v1/export/$f?$H&at=2026-11-23T16:20:00Z" --data-urlencode 'where=state == sleep' | cksum)" \
		"$("$GSCRAPE" --export $f --host 127.0.0.1:6060 --at 2026-11-23T16:20:00Z --where 'state == sleep' --db "$DB" | cksum)"
done
refused "a filter that is none, of an export" 400 "$U/api/v1/export/trace?$H&where=stat%3D%3Dx"
is "with a name to keep it under" "$(curl -sI "$U/api/v1/export/folded?$H" | tr -d '\r' | sed -n 's/^Content-Disposition: //Ip')" 'attachment; filename="127.0.0.1_6060.folded.txt"'
refused "nothing is known then" 404 "$U/api/v1/export/folded?$H&at=2026-11-23T12:00:00Z"
refused "a window that ends before it begins" 400 "$U/api/v1/export/trace?from=2026-11-23T16:25:00Z&to=2026-11-23T16:20:00Z"
is "functions at a time" "$(get "$U/api/v1/functions?q=main.fetch.func1$&at=2026-11-23T16:05:05Z" | jq -c '.functions[0] | [.goroutines, .now]')" \
	"$(get "$U/api/v1/groups?$H&at=2026-11-23T16:05:05Z" | jq -c '[(.groups[] | select(.created_by.func == "main.fetch").count), null]')"

# --- metrics: of what is now ---
get "$U/metrics" >"$TMP/metrics"
is "of an archive there is no number of now" "$(grep -cE '^gscrape_(goroutines|state_goroutines|created_by_goroutines|leak_score|leak_suspects)[{]' "$TMP/metrics")" 0
is "but when it was last seen" "$(grep -c '^gscrape_last_good_timestamp_seconds{host="127.0.0.1:6060"} 1795451528$' "$TMP/metrics")" 1
stop
mkdir "$TMP/pprof" # the same dumps, the last of them scraped just now, and names that are no UTF-8
# shellcheck disable=SC2059
for i in 1 2 3; do printf "goroutine $i [chan\x8$i send]:\nmain.f\x8$i()\n\t/a.go:1 +0x1\ncreated by main.g\x8$i in goroutine 1\n\t/a.go:5 +0x1\n\n"; done >"$TMP/pprof/odd"
zcat "$(ls "$TOP"/tests/data/series/127.0.0.1_6060/* | tail -1)" >"$TMP/pprof/leaky"
python3 "$TOP/tests/serve/folder.py" "$TMP/pprof" >"$TMP/port" &
folder=$!
trap 'kill $folder ${pid:+"$pid"} 2>/dev/null' EXIT
until [ -s "$TMP/port" ]; do sleep 0.02; done
read -r leaky odd <"$TMP/port"
mkdir -p "$TMP/now/${leaky/:/_}"
shift=$(($(date +%s) - 12 - $(date -ud '2026-11-23 16:32:08' +%s)))
for f in "$TOP"/tests/data/series/127.0.0.1_6060/*; do
	name=$(basename "$f" .goroutines.txt.gz)
	cp "$f" "$TMP/now/${leaky/:/_}/$(date -ud "@$(($(date -ud "${name%T*} $(sed 's/.*T//; s/-/:/g' <<<"$name")" +%s) + shift))" +%Y-%m-%dT%H-%M-%S.000Z).goroutines.txt.gz"
done
"$GSCRAPE" --index "$TMP/now" --db "$TMP/now.db" -q; DB=$TMP/now.db
"$GSCRAPE" --scrape --once --no-archive "http://$leaky/leaky" "http://$odd/odd" --db "$DB" -q
H=host=$leaky
ok "it serves what is recorded now" serve 127.0.0.1:0 --leak-ignore "$TMP/ignore"
get "$U/metrics" >"$TMP/metrics"
is "names that are no UTF-8 stay apart" "$(grep -c '^gscrape_state_goroutines{host="'"$odd"'"' "$TMP/metrics") $(grep -c '^gscrape_created_by_goroutines{host="'"$odd"'"' "$TMP/metrics")" "3 3"
is "and no series comes twice" "$(grep -v '^#' "$TMP/metrics" | sed 's/ [^ ]*$//' | sort | uniq -d)" ""
is "in JSON, too" "$(get "$U/api/v1/groups?host=$odd&by=state" | jq -c '[.groups[].group] | [length, (unique | length)]')" "[3,3]"
get -H 'Accept: application/openmetrics-text;version=1.0.0,text/plain;q=0.5' -D "$TMP/om.head" "$U/metrics" >"$TMP/om"
is "metrics come as OpenMetrics to who asks for that, and end so" "$(grep -ci '^content-type: application/openmetrics-text; version=1.0.0' "$TMP/om.head") $(tail -1 "$TMP/om")" "1 # EOF"
is "else as text" "$(curl -s -o "$TMP/metrics" -w '%{content_type}' "$U/metrics")" "text/plain; version=0.0.4; charset=utf-8"
is "every sample has a type, and none comes twice" "$(awk '/^# TYPE/{t[$3]=1} /^[a-z]/{n=$1; sub(/[{].*/,"",n); if (!t[n] || seen[$0]++) print}' "$TMP/metrics"
	awk '/^# TYPE/{t[$3]=1} /^[a-z]/{n=$1; sub(/[{].*/,"",n); sub(/_total$/,"",n); if (!t[n] || seen[$0]++) print}' "$TMP/om")" ""
is "which are the same in both" "$(grep -v '^#\|_http_\|^process' "$TMP/om" | md5sum)" "$(grep -v '^#\|_http_\|^process' "$TMP/metrics" | md5sum)"
is "and Prometheus' own tool finds nothing in them, where it is" "$(command -v promtool >/dev/null && promtool check metrics <"$TMP/metrics" 2>&1)" ''
is "goroutines by state add up to all" "$(awk '/^gscrape_state_goroutines[{]host="'"$leaky"'"/{s+=$NF} /^gscrape_goroutines[{]host="'"$leaky"'"/{a=$NF} END{print (s == a && a > 100)}' "$TMP/metrics")" 1
is "few creation sites" "$([ "$(grep -c '^gscrape_created_by_goroutines{host="'"$leaky"'"' "$TMP/metrics")" -le 10 ] && echo yes)" yes
is "its health" "$(get "$U/healthz")" ok

is "the manual names every metric" "$(sed -n 's/^# TYPE gscrape_\([a-z_]*\) .*/\1/p' "$TMP/om" | while read -r m; do grep -Eq "^\.It Li .*\b$m\b" "$TOP/man/gscrape-tui.5" || echo "$m"; done)" ""
is "and every route" "$(get "$U/api/v1/openapi.json" | jq -r '.paths | keys[]' | while read -r r; do grep -Eq "^\.It Li .*$r( |$)" "$TOP/man/gscrape-tui.5" || echo "$r"; done)" ""
is "leaks are told with their verdict" "$(awk '/^gscrape_leak_suspects[{]host="'"$leaky"'",verdict="leak"[}]/{print $NF}' "$TMP/metrics") $(grep -c '^gscrape_leak_score{host="'"$leaky"'",created_by="main.fetch ' "$TMP/metrics")" "1 1"
echo 'main.fetch main.fetch.func1' >"$TMP/ignore"
is "but for what is ignored, from the next answer on" "$(get "$U/api/v1/leaks?$H" | jq -c '[.ignored, ([.leaks[] | select(.created_by == "main.fetch")] | length)]')" '[1,0]'
rm "$TMP/ignore"
get "$U/api/v1/leaks?$H&buckets=10" >"$TMP/leaks"
is "the leak, and what speaks for it" "$(jq -c '.leaks[0] | [.verdict, .created_by, .state, (.evidence_terms | length > 2), (.against | length > 0)]' "$TMP/leaks")" '["leak","main.fetch","chan send",true,true]'
is "and how it came to be" "$(jq -c '[(.flows | length) == (.leaks | length), (.flows[0].alive | length), (.flows[0].alive[-1] == .leaks[0].count), (.flows[0].came | add) >= .leaks[0].growth]' "$TMP/leaks")" '[true,10,true,true]'
is "as the command line says" "$(jq -c '.leaks[]' "$TMP/leaks")" "$("$GSCRAPE" --leaks --json --host "$leaky" --db "$DB" | jq -c .)"
is "a window is asked for" "$(get "$U/api/v1/leaks?$H&to=2026-11-23T16:06:00Z" | jq '[.leaks[].count] | add < 200')" true
is "everything that gathers, with least=0" "$([ "$(get "$U/api/v1/leaks?least=0" | jq .total)" -gt "$(get "$U/api/v1/leaks" | jq .total)" ] && echo more)" more
is "who may be at the other end of a channel, as the command line says" "$(get "$U/api/v1/channels?$H" | jq -c '.channels[]')" "$("$GSCRAPE" --waiters --channels --json --host "$leaky" --db "$DB" | jq -c .)"
is "and how many waited over time: at most as many as ever, and at the end as many as now" \
	"$(get "$U/api/v1/waiters?$H&buckets=20" | jq -c '[([.waiters, .flows] | transpose[] | .[0].longest == (.[1].waiting | max) and (.[1].waiting[-1] >= .[0].count) and (.[1].waiting | length) == 20)] | [length > 1, all]')" '[true,true]'
is "who waits for what, as the command line says" "$(get "$U/api/v1/waiters?$H" | jq -c '.waiters[]')" "$("$GSCRAPE" --waiters --json --host "$leaky" --db "$DB" | jq -c .)"

# --- news ---
mkdir -p "$TMP/more/127.0.0.1_7070"
cp "$TOP/tests/data/series/127.0.0.1_6060/"*16-05-05* "$TMP/more/127.0.0.1_7070/2026-11-23T17-00-00.goroutines.txt.gz"
curl -sN -m 120 "$U/api/v1/events" >"$TMP/events" & listening=$!
for _ in $(seq 1200); do grep -q hello "$TMP/events" && break; sleep 0.05; done
"$GSCRAPE" --index "$TMP/more" --archive-tz UTC --db "$DB" >/dev/null 2>&1
for _ in $(seq 1200); do grep -q '^data: .*7070' "$TMP/events" && break; sleep 0.05; done
is "a new snapshot is told" "$(sed -n 's/^data: //p' "$TMP/events" | jq -c 'select(.host) | [.host, .time, .status]' | head -1)" '["127.0.0.1:7070",1795453200000,"ok"]'
is "and the host is there" "$(get "$U/api/hosts" | jq -c 'map(select(test("7070")))')" '["127.0.0.1_7070"]'

# --- the end ---
stop
wait $listening # curl's own word on a stream that ends varies; that it ends is what counts
is "SIGTERM ends it, and the event streams" "$stopped" "0"
serve 127.0.0.1:0
stop INT
is "SIGINT, too" "$stopped" 0
# --- who holds what: the dumps are still there ---
mkdir -p "$TMP/dumps/127.0.0.1_6060"
gzip -c "$TOP/tests/data/locks/go126.txt" >"$TMP/dumps/127.0.0.1_6060/2026-11-26T06-28-00.000Z.goroutines.txt.gz"
DB=$TMP/locks.db
"$GSCRAPE" --index "$TMP/dumps" --db "$DB" -q
ok "it serves a store whose dumps lie elsewhere" serve 127.0.0.1:0 --output "$TMP/dumps"
is "who holds what, as the command line says" "$(get "$U/api/v1/waiters?host=127.0.0.1:6060" | jq -c '.waiters[] | [.object, .holder, .holder_why, .deadlock]')" \
	"$("$GSCRAPE" --waiters --json --db "$DB" --output "$TMP/dumps" | jq -c '[.object, .holder, .holder_why, .deadlock]')"
is "of so many" "$(get "$U/api/v1/waiters?host=127.0.0.1:6060" | jq '[.waiters[] | select(.holder)] | length')" 15
stop
finish
