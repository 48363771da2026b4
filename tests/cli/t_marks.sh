# --mark and --marks: moments that have names, beside a recorder too, and who tells of them.
# needs: curl
. "$TOP/tests/serve/lib.sh"
g=$GSCRAPE
cd "$TMP" || exit 1
DB=$TMP/s.db
"$g" --index "$TOP/tests/data/series" --archive-tz UTC --db s.db -q
H='--host 127.0.0.1:16060'
mark() { "$g" --db s.db "$@"; }

fails 'there must be a store' 1 'none.db: no such store (record one with --scrape or --index)' "$g" --mark 'deploy 1.4' --db none.db
is 'and none is made' "$(ls none.db* 2>/dev/null)" ''
fails 'a name is one line' 2 "a mark's name is one line of plain UTF-8" "$g" --mark $'a\nb' --db s.db
fails 'of UTF-8' 2 "a mark's name is one line of plain UTF-8" "$g" --mark $'a\xff' --db s.db
fails 'that does not turn what stands beside it' 2 "a mark's name is one line of plain UTF-8" "$g" --mark $'a\u202eb' --db s.db
fails 'and says something' 2 "a mark needs a name, such as 'deploy 1.4'" "$g" --mark ' ' --db s.db
fails 'in a line' 2 "a mark's name has 200 bytes at most, not 201" "$g" --mark "$(printf '%0201d' 0)" --db s.db
fails 'of a host that is there' 1 "/no host 'nope' in s.db.*/" "$g" --mark x --host nope --db s.db
is 'none of them is there' "$(mark --marks --json)" ''

mark --mark 'deploy 1.4' --at 2026-11-23T16:38:23Z; is 'a mark of all' $? 0
mark --mark 'config é' --at 2026-11-23T16:42:00.5Z --host 127.0.0.1_16060
mark --mark 'another' --at 2026-11-23T16:40:00Z --host 127.0.0.1:6060
is 'they are listed by time' "$(mark --marks --json | jq -r '"\(.time) \(.host) \(.mark)"')" '1795451903000 null deploy 1.4
1795452000000 127.0.0.1:6060 another
1795452120500 127.0.0.1:16060 config é'
is 'in CSV' "$(mark --marks --csv --tz UTC $H | tr -d '\r')" 'time,host,mark
2026-11-23T16:38:23.000Z,,deploy 1.4
2026-11-23T16:42:00.500Z,127.0.0.1:16060,config é'
is 'for people, from a time on' "$(mark --marks --tz UTC --from 2026-11-23T16:42:00Z | sed 1d)" '2026-11-23 16:42:00  127.0.0.1:16060  config é'

is 'a leak that began after one says so' "$(mark --leaks $H --tz UTC | head -1 | grep -o 'since [^;]*')" 'since 2026-11-23 16:40:23, 2m after deploy 1.4'
is 'in JSON' "$(mark --leaks $H --json | jq -r .after_mark | head -1)" '2m after deploy 1.4'
is 'one that was there before the recording says nothing' "$(mark --leaks --host 127.0.0.1:6060 --json | jq -r .after_mark | head -1)" 'null'
is 'what moved meanwhile, and what happened' "$(mark --diff $H --tz UTC | grep ^note)" 'note: all hosts 2026-11-23 16:38:23: deploy 1.4
note: 127.0.0.1:16060 2026-11-23 16:42:00: config é'
is 'in the report' "$(mark --report r.md $H --tz UTC && grep -o '2m after deploy 1.4' r.md | head -1)" '2m after deploy 1.4'
is 'on a chart' "$(mark --dump host $H --tz UTC --size 80x24 --glyphs ascii | sed -n 3p | grep -o 'deploy 1.4v')" 'deploy 1.4v'
is 'whole on a narrow screen, which leaves out what is of less weight' "$(mark --dump overview $H --tz UTC --at 2026-11-23T16:43:23Z --size 80x24 --glyphs ascii | grep -o '1m[0-9]*s after config é')" '1m22s after config é'
is 'and in its title' "$(mark --dump overview $H --tz UTC --at 2026-11-23T16:38:53Z --size 120x24 --glyphs ascii | grep -o '30s after deploy 1.4')" '30s after deploy 1.4'

# While somebody records, and a reader that is open sees it.
serve 127.0.0.1:0 && is 'the API has them' "$(get "$U/api/v1/marks" | jq -c '[.[].mark]')" '["deploy 1.4","another","config é"]'
is 'of a host' "$(get "$U/api/v1/marks?host=127.0.0.1:6060" | jq -c '[.[].mark]')" '["deploy 1.4","another"]'
refused 'of none' 404 "$U/api/v1/marks?host=nope"
(exec 9<>s.db; flock 9; mark --mark late --at 2026-11-23T16:50:00Z); is 'beside a writer' $? 0
for _ in $(seq 1200); do get "$U/api/v1/marks" | grep -q late && break; sleep 0.05; done
is 'and the server has it' "$(get "$U/api/v1/marks" | jq -r '.[-1].mark')" late
stop

# What a crash left of a line, what an editor broke, a copy.
printf '2026-11-23T16:5' >>s.db-marks
is 'half a line is none' "$(mark --marks --json | wc -l)" 4
mark --mark more --at 2026-11-23T16:51:00Z
fails 'a line that is none is told' 1 's.db-marks: line 5 is no mark (time, host, name, with tabs between)' "$g" --marks --json --db s.db
is 'and hosts are listed all the same' "$(mark --hosts --json 2>/dev/null | wc -l)" 7
sed -i 5d s.db-marks
is 'an editor mends it' "$(mark --marks --json | jq -r .mark | tail -1)" more
mark --copy copy.db -q; is 'a copy has them' "$("$g" --marks --json --db copy.db)" "$(mark --marks --json)"
mark --mark last --at 2026-11-23T16:59:00Z; mark --copy copy.db -q
is 'those that came since, too, once' "$("$g" --marks --json --db copy.db)" "$(mark --marks --json)"
mark --compact -q; is 'and the compacted store' "$(mark --marks --json | wc -l)" 6
chmod 640 s.db; rm s.db-marks; mark --mark x; is 'who may read the store may read its marks' "$(stat -c %a s.db-marks)" 640
finish
