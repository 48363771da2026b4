#!/bin/bash
# needs: jq curl
# Hosts with a label together: what leaks on them, what moved, how a canary differs from the rest; on the command line and in the API.
. "$TOP/tests/serve/lib.sh"
g=$GSCRAPE DB=$TMP/pods.db end=2026-01-01T00:39:00Z
cd "$TMP" || exit 1
export GSCRAPE_DB=$DB GSCRAPE_TZ=UTC

. "$TOP/tests/cli/pods.sh"
"$g" --hosts --json >hosts.json

is 'the recorder gave them labels' "$(jq -r .labels hosts.json | paste -sd' ')" 'app=api,track=canary app=api app=api app=web '

# --- what leaks
leaks() { "$g" --leaks --json "$@" | plain | jq -c '[.of, .on_hosts, .all_count, .host, .count]'; }
is 'each host by itself, as ever' "$(leaks | sort)" '[null,null,null,"127.0.0.1:1",120]
[null,null,null,"127.0.0.1:2",30]
[null,null,null,"127.0.0.1:4",60]
[null,null,null,"127.0.0.1:5",90]'
is 'together: each place once, told of the host where it is most likely' "$(leaks --of app=api)" '["app=api",2,150,"127.0.0.1:1",120]'
is 'of each value; not of those that have no such label' "$(leaks --of app)" '["app=api",2,150,"127.0.0.1:1",120]
["app=web",1,60,"127.0.0.1:4",60]'
is 'how fast they come on all of them' "$("$g" --leaks --json --of app=api | jq '.all_per_hour > .per_hour')" true
is 'in words' "$("$g" --leaks --of app | sed -n 's/: go statement.*//p')" 'LEAK  1.00  127.0.0.1:1 and 1 more of 3 with app=api, 150 in all
LEAK  1.00  127.0.0.1:4 (app=web)'
is 'one of several' "$("$g" --leaks --of track | sed -n 's/: go statement.*//p')" 'LEAK  1.00  127.0.0.1:1 (track=canary)'
is 'nothing of other hosts is noted' "$("$g" --leaks --of app=api | grep -c '^note: 127.0.0.1:[45]')" 0
"$g" --leaks --of app=api --fail-on leak >leaks.out; is '--fail-on' $? 3

# --- what moved
moved() { "$g" --diff --json --to $end "$@" | jq -c 'select(.group) | [.of, .hosts, .host, .from, .to, .net]'; }
is 'each host by itself' "$(moved --of app=web | jq -c .[1:])" '[1,"127.0.0.1:4",2,60,58]'
is 'what moved on all of them is added up' "$(moved --of app=api)" '["app=api",2,"127.0.0.1:1",5,150,145]'
is 'of each value' "$(moved --of app)" '["app=api",2,"127.0.0.1:1",5,150,145]
["app=web",1,"127.0.0.1:4",2,60,58]'
is 'for people' "$("$g" --diff --to $end --of app=api | head -2 | tr -s ' ')" 'OF HOSTS HOST NET FROM TO BORN GONE GROUP
app=api 2 127.0.0.1:1 +145 5 150 145 0 main.serve /m.go:30'

# --- a canary against the rest
canary() { "$g" --canary track=canary --at $end --json "$@" | plain | jq -c 'select(.group) | [.group, .differs, .apart, .canary_each, .rest_each, .rest_hosts, .rest_least, .rest_most]'; }
is 'against all others' "$(canary)" '["main.serve /m.go:30",75,true,120,45,4,0,90]'
is 'against the rest of its workload' "$(canary --of app=api)" '["main.serve /m.go:30",105,true,120,15,2,0,30]'
is 'by state' "$(canary --of app=api --group-by state | jq -c '.[:2]')" '["chan send",105]'
is 'of those that pass' "$(canary --of app=api --where 'state == running')" ''
is 'who lies between the others is not apart' "$("$g" --canary app=api --at $end --json | plain | jq -c '[.apart, .differs]')" '[false,-25]'
is 'equal hosts do not differ' "$("$g" --canary track=canary --at 2026-01-01T00:39:00Z --group-by state --where 'state == running' | tail -1)" \
	'note: no difference, where both are known'
is 'where nothing is known, why' "$("$g" --canary track=canary --of app=api --json | jq -r .host | paste -sd' ')" '127.0.0.1:1 127.0.0.1:2 127.0.0.1:3'

# --- what cannot be asked
fails 'no such label' 2 "no host has a label 'zone'" "$g" --leaks --of zone
fails 'no such value: which there are' 2 'no host has the label app=x: app is api, web' "$g" --diff --of app=x
fails 'a canary has a value' 2 "hosts are compared by KEY=VALUE, and not by 'track'" "$g" --canary track
fails 'and so has what it is a part of' 2 "hosts are compared by KEY=VALUE, and not by 'app'" "$g" --canary track=canary --of app
fails 'a canary of nobody' 2 'no host with app=web has track=canary' "$g" --canary track=canary --of app=web
fails 'nobody else' 2 'all hosts have app=api: there is no rest to compare with' "$g" --canary app=api --of app=api
fails 'one host and many' 2 '--host and --of do not go together' "$g" --diff --of app --host 127.0.0.1:1

# --- the API
serve || exit 1
is 'API: what leaks' "$(get "$U/api/v1/leaks?of=app=api" | jq -c '.leaks[] | [.of, .on_hosts, .all_count]')" '["app=api",2,150]'
is 'API: what moved' "$(get "$U/api/v1/diff?of=app=api&from=2026-01-01T00:10:00Z&to=$end" | jq -c '.diff[] | [.of, .hosts, .net]')" '["app=api",2,145]'
is 'API: of each value, the largest change first' "$(get "$U/api/v1/diff?of=app&from=2026-01-01T00:10:00Z&to=$end" | jq -c '.diff[] | [.of, .hosts, .net]')" '["app=api",2,145]
["app=web",1,58]'
chart() { get "$U/api/v1/host_group?of=$1&from=2026-01-01T00:10:00Z&to=$end&buckets=2" | jq -c '[.value, .hosts, (.buckets | map(.last))]'; }
is 'API: hosts together over time' "$(chart app=api)" '["api",["127.0.0.1:1","127.0.0.1:2","127.0.0.1:3"],[78,153]]'
is 'API: and those without the label' "$(chart app)" '[null,["127.0.0.1:5"],[46,91]]'
is 'API: a canary' "$(get "$U/api/v1/canary?canary=track=canary&of=app=api&at=$end" | plain | jq -c '.canary[] | [.group, .differs]')" '["main.serve /m.go:30",105]'
is 'API: what cannot be asked is a 400, what is not there a 404' "$(for q in leaks?of=zone diff?of=zone\&from=-1h leaks?of=app\&host=127.0.0.1:1 canary?canary=track canary?canary=a=b canary host_group host_group?of=app=x; do status "$U/api/v1/$q"; echo -n ' '; done)" \
	'400 400 400 400 400 400 400 404 '
finish
