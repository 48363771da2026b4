# --copy of a store, --compact after much of it went, --verify --repair of a damaged one, and one that is cut while it is served.
# needs: curl
. "$TOP/tests/cli/lib.sh"
g=$GSCRAPE past=$TOP/tests/data/past/archive
cd "$TMP" || exit 1
told() { "$g" --stats --json --db "$1"; "$g" --goroutines --group-by none --json --db "$1"; "$g" --list-funcs --json --db "$1"; }

"$g" --index "$past" --archive-tz UTC --db s.db
"$g" --copy copy.db --db s.db -q; is 'a copy tells the same' "$? $(told copy.db | md5sum)" "0 $(told s.db | md5sum)"
ok 'and has no fault' "$g" --verify --db copy.db -q
fails 'what is there is not written over' 1 'copy.db: is there already' "$g" --copy copy.db --db s.db
fails 'there must be a store' 1 '/none.db: no such store.*/' "$g" --copy new.db --db none.db
is 'nothing is left of it' "$(ls | paste -sd' ')" 'copy.db copy.db-lock fails.err fails.out s.db s.db-lock'

# Ten times the same archive under other names, of which one is kept: its pages are free then.
for i in 1 2 3 4 5 6 7 8 9; do mkdir -p "many/h${i}_1"; cp "$past"/127.0.0.1_6060/* "many/h${i}_1"; done
cp s.db many.db
"$g" --index many --archive-tz UTC --db many.db
before=$(told many.db | md5sum) size=$(stat -c %s many.db)
"$g" --compact --db many.db -q; is 'compacted, it tells the same' "$? $(told many.db | md5sum)" "0 $before"
fails "and makes none where there is none" 1 "none.db: no such store (record one with --scrape or --index)" "$g" --compact --db none.db; is "nor leaves anything" "$(ls none.db* 2>/dev/null)" ""
ok 'it is not larger' [ "$(stat -c %s many.db)" -le "$size" ]
"$g" --index "$past" --archive-tz UTC --db many.db
ok 'it can be written to' "$g" --verify --db many.db -q

# A byte of a name.
at=$(grep -abo 'main.main' s.db | head -1 | cut -d: -f1)
cp s.db bad.db; printf X | dd of=bad.db bs=1 seek="$at" conv=notrunc 2>/dev/null
is 'what does not need it is answered' "$("$g" --hosts --json --db bad.db; "$g" --stats --json --db bad.db)" "$("$g" --hosts --json --db s.db; "$g" --stats --json --db s.db)"
"$g" --list-funcs --db bad.db >some 2>err; is 'what does is answered without it, and told' \
	"$? $(diff <("$g" --list-funcs --db s.db) some | grep '^[<>]' | tr -s ' ' | paste -sd' ') $(cat err)" \
	'1 > 3 1 - (lost) < 3 1 - main.main gscrape-tui: bad.db: is damaged: string 11 is lost (--verify --repair keeps what is sound)'
fails 'and it is not written to' 1 '/bad.db: is damaged: 1 of .* names, hosts and snapshots .*/' "$g" --index "$past" --db bad.db
"$g" --verify --repair --db bad.db -q --output none >out; is 'it is repaired' "$? $("$g" --stats --json --db bad.db.repaired | wc -l)" "0 $("$g" --stats --json --db s.db | wc -l)"
ok 'into a store without a fault' "$g" --verify --db bad.db.repaired -q
ok 'and what is missing is told' grep -q 'name is lost' out
is 'once' "$("$g" --verify --repair --db bad.db --output none 2>&1 >/dev/null)" 'gscrape-tui: bad.db.repaired: is there already'

# Cut under the server's hands: a page that was there when it was opened.
cp s.db cut.db
"$g" --serve 127.0.0.1:0 --db cut.db >served 2>err & server=$!
while ! grep -q http served; do read -rt 0.1 _ <> <(:); kill -0 $server || break; done
truncate -s 8192 cut.db
curl -s "$(cat served)api/v1/goroutines?host=127.0.0.1:6060" >/dev/null
wait $server
is 'a file that is cut while it is read ends the program with a sentence' "$? $(cat err)" '1 gscrape-tui: cut.db: is damaged: a page that was sound cannot be read any more'
finish
