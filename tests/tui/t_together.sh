#!/bin/bash
# needs: jq
# Hosts with a label together on the screen: what leaks on them, and in what they differ from the rest. On real dumps as the command line has it.
. "$TOP/tests/cli/lib.sh"
g=$GSCRAPE
cd "$TMP" || exit 1
export GSCRAPE_TZ=UTC LC_ALL=C.UTF-8
has() { case $1 in *"$2"*) return 0 ;; esac; printf '%s\n' "$1" | sed 's/^/# /'; return 1; }

export GSCRAPE_DB=$TMP/pods.db
. "$TOP/tests/cli/pods.sh"
AT='--at 2026-01-01T00:39:00Z'
screen() { "$g" --dump "$1" $AT --size 80x24 --keys "$2" "${@:3}" 2>/dev/null; }
at_end() { "$g" --dump "$1" --size 80x24 --keys "$2" 2>/dev/null | tail -1; } # nothing newer takes the last line
words() { screen "$@" --screen-reader | tr -s '\n ' ' '; } # what wraps is one line

# --- what leaks
rows() { screen "$@" | sed -n '/SCORE/,/──/{/──/!p}' | tr -s ' ' | sed 's/ $//'; }
is 'each place once: on how many hosts, how many in all, which of them' "$(rows leaks v)" ' SCORE HOSTS IN ALL /h STAYED OLDEST app BLOCKED IN by score
> 1.00 2/3 150 +306 100% 29m api chan send ask
 1.00 1/1 60 +122 100% 29m web chan send ask'
is 'by what the overview has its hosts in groups' "$(rows overview v5)" "$(rows leaks v)"
is 'the next label' "$(rows leaks vv | tail -1)" '> 1.00 1/1 120 +246 100% 29m canary chan send ask'
is 'and none: each host by itself, as ever' "$(rows leaks vvv)" "$(rows leaks '')"
s=$(screen leaks v)
ok 'what it is about' has "$s" 'leak suspects, hosts by app (4)'
ok 'of which host the evidence is' has "$s" '── leak 127.0.0.1:1: go in main.serve m.go:30, since'
ok 'and of how many' has "$s" 'on 2 of 3 hosts with app=api, 150 stuck; the likeliest has 120'
ok 'the keys' has "$(at_end leaks v)" 'Enter its hosts  v next label'
ok 'one of several' has "$(screen leaks 'v&web<Enter>')" 'the only host with app=web'
is 'by words of the label' "$(rows leaks 'v&web<Enter>' | sed 1d)" '> 1.00 1/1 60 +122 100% 29m web chan send ask'
s=$(rows leaks 'v<Enter>')
is 'Enter: these hosts, no others' "$(grep -c . <<<"$s") $(grep -c '4 -> 120' <<<"$s") $(grep -c '1 -> 30' <<<"$s")" '3 1 1'
ok 'of one alone its goroutines' has "$(screen leaks 'vj<Enter>')" '[2 Host]'
ok 'and of one of these' has "$(screen leaks 'v<Enter><Enter>')" '[2 Host]'
ok 'a screen reader hears it' has "$(words leaks v)" 'on 2 of 3 hosts with app=api: 150 in all'
ok 'and by what' has "$(words leaks v)" '2 leak suspects of all hosts with a label app, those of each value together'
is 'files have it' "$(screen leaks v --format json | plain | jq -c '[.of, .on_hosts, .all_count, .host]')" '["app=api",2,150,"127.0.0.1:1"]
["app=web",1,60,"127.0.0.1:4"]'
ok 'where there is little room' has "$(screen leaks v --size 50x18)" '1.00    150 chan send ask'
is 'the marks of hosts in the overview are as ever' "$(screen overview 5v1vv | grep -c '!$')" "$(screen overview '' | grep -c '!$')"

# --- in what they differ from the rest
lower() { screen "$@" | sed -n '/── .*against the rest/,$p' | tr -s ' ' | sed '$d; s/──*/─/g; s/ $//; /^$/d'; }
is 'how many more each has, beside what each other has' "$(lower overview vvr)" '─ track=canary (1) against the rest (4), each host ─ r: next
 +75 120, others 45 (0..90) main.ask by main.serve apart'
is 'of another row; who lies between the others is not apart' "$(lower overview vr)" '─ app=api (3) against the rest (2), each host ─ r: next
 -25 50, others 75 (60..90) main.ask by main.serve'
has_days=$("$g" --dump overview --size 80x24 2>/dev/null) # from January to the scrape above
ok 'a window of more than a day has days at both ends' grep -q ' 01-01 00:10\.\.[0-9-]* [0-9:]* ' <<<"$has_days"
ok 'and along its axis' grep -Eq '^ +01-01 00:10 +[0-9]{2}-[0-9]{2} [0-9:]{5} ' <<<"$has_days"
is 'those without the label' "$(lower overview vrG | tail -1)" ' these have no such label: they are a part of the rest of each other row'
ok 'where nothing is known, of whom' has "$("$g" --dump overview --size 80x24 --keys vr 2>/dev/null)" 'nothing is known of these hosts at T'
is 'those that pass' "$(lower overview vvr --where 'state == running' | tail -1)" ' no difference'
is 'r again: of those that share a label' "$(lower overview vvrr)" '─ track=canary (1) against the rest of app=api (2), each host ─ r: next
 +105 120, others 15 (0..30) main.ask by main.serve apart'
ok 'a row that shares none: of all' has "$(screen overview vvrrkG)" 'these have no such label'
ok 'then what moved' has "$(screen overview vvrrr)" 'what moved in this group'
ok 'at once where none is shared' has "$(screen overview vrr)" 'what moved in this group'
ok 'and so A' has "$(screen overview vrA)" 'what moved on all hosts'
ok 'no groups, no rest' has "$(screen overview r)" 'v puts hosts together by a label; then r sets'
ok 'the keys' has "$(at_end overview vrG)" 'r against rest'
ok 'a screen reader hears it' has "$(words overview vvr)" 'track=canary against the rest, each host: +75 main.ask: 120, others 45 (0..90), apart'

# --- real dumps, as the command line has them
mkdir series && ln -s "$TOP"/tests/data/series/* series
export GSCRAPE_DB=$TMP/real.db
"$g" --index series --archive-tz UTC -q || exit 1
hosts=$("$g" --hosts --json | jq -r .host)
jq -nR '[inputs] | to_entries | map({targets: [.value], labels: {app: (if .key < 2 then "api" else "web" end)}})' <<<"$hosts" >real.json
cp real.db labelled.db
export GSCRAPE_DB=$TMP/labelled.db
"$g" --scrape --once --targets-file real.json --no-archive -q --timeout 1s 2>/dev/null
AT='--at 2026-11-23T16:21:00Z'
is 'what leaks' "$(screen leaks v --format json | jq -c 'select(.score >= .5) | [.of, .on_hosts, .all_count, .created_at]')" \
	"$("$g" --leaks --of app --json | jq -c 'select(.of and .score >= .5) | [.of, .on_hosts, .all_count, .created_at]')"
is 'in what it differs' "$(lower overview 'v&api<Enter>r' | sed -n 's/^ \([-+][0-9.]*\) .*/\1/p')" \
	"$("$g" --canary app=api $AT --json | jq -r 'select(.group) | .differs' | head -4 | awk '{ v = $1 < 0 ? -$1 : $1; printf((v == int(v) || v >= 100 ? "%+.0f" : v >= 10 ? "%+.1f" : "%+.2f") "\n", $1) }')"
finish
