# --expire: what is old goes out of a store once, by hand; what is left tells what it told before.
. "$TOP/tests/cli/lib.sh"
g=$GSCRAPE
cd "$TMP" || exit 1
"$g" --index "$TOP/tests/data/series" --archive-tz UTC --db s.db -q
later() { "$g" --stats --from 2026-11-23T16:25:00Z --json --db s.db | grep -c '"time"'; }
all() { "$g" --stats --json --db s.db | grep -c '"time"'; }
everybody() { "$g" --goroutines --group-by none --json --db s.db --host 127.0.0.1:6060 | grep -o '"id":[0-9]*,"state":"[^"]*"'; } # since when they are there is not known any more
kept=$(later) before=$(everybody | md5sum) were=$(all)
fails 'it wants to know how much' 2 '--expire needs DURATION' "$g" --db s.db --expire
fails 'a duration that is none is refused' 2 "--expire: 'fortnight' is no duration (write 90s, 1m30s, 250ms or 7d)" "$g" --expire fortnight --db s.db
fails 'there is nothing to tell as JSON' 2 "--json does not go with --expire" "$g" --expire 30d --json --db s.db
fails 'there must be a store' 1 'none.db: no such store (record one with --scrape or --index)' "$g" --expire 30d --db none.db
is 'and none is made' "$(ls none.db* 2>/dev/null)" ''
"$g" --expire 30000d --db s.db 2>told; is 'nothing is so old' "$? $(cat told) $(all)" "0 s.db: 0 snapshots of 0 hosts are dropped $were"
"$g" --expire $(($(date +%s) - 1795451090))s --db s.db 2>told # 2026-11-23T16:24:50Z, and what that takes
is 'it says how many went' "$? $(cat told)" "0 s.db: $((were - kept)) snapshots of $(sed -n 's/.* of \([0-9]*\) hosts.*/\1/p' told) hosts are dropped"
is 'what is later is kept, and nothing else' "$(all) $(later)" "$kept $kept"
is 'who is alive at the end is who was' "$(everybody | md5sum)" "$before"
ok 'the store has no fault' "$g" --verify --db s.db -q
"$g" --expire 1s --db s.db -q; is 'all can go' "$? $(all) $("$g" --hosts --json --db s.db 2>/dev/null | wc -l)" '0 0 0'
ok 'and it has no fault then' "$g" --verify --db s.db -q
finish
