# --copy of a store, --compact after much of it went, --verify --repair of a damaged one, and one that is cut while it is served.
# needs: curl
. "$TOP/tests/cli/lib.sh"
g=$GSCRAPE past=$TOP/tests/data/past/archive
cd "$TMP" || exit 1
told() { "$g" --stats --json --db "$1"; "$g" --goroutines --group-by none --json --db "$1"; "$g" --list-funcs --json --db "$1"; }

"$g" --index "$past" --archive-tz UTC --db s.db
"$g" --copy copy.db --db s.db -q; is 'a copy tells the same' "$? $(told copy.db | md5sum)" "0 $(told s.db | md5sum)"
ok 'and has no fault' "$g" --verify --db copy.db -q
"$g" --copy copy.db --db s.db -q; is 'once more, all is there already' "$? $(told copy.db | md5sum)" "0 $(told s.db | md5sum)"
head -c 99999 /dev/zero >zero.db; fails 'what is no store is not written over' 1 '/zero.db: is no store of gscrape-tui/' "$g" --copy zero.db --db s.db
is 'to the byte' "$(md5sum <zero.db)" "$(head -c 99999 /dev/zero | md5sum)"; rm zero.db
fails 'there must be a store' 1 '/none.db: no such store.*/' "$g" --copy new.db --db none.db
is 'nothing is left of it' "$(ls | paste -sd' ')" 'copy.db copy.db-lock fails.err fails.out s.db s.db-lock'
before=$(md5sum <s.db) && ln -s s.db link.db
for itself in s.db ./s.db link.db; do
	fails "$itself is s.db, and no copy of it" 1 "$itself: is the store itself; a copy needs another name" "$g" --copy $itself --db s.db
done
is 'and stays as it is' "$(md5sum <s.db)" "$before"; rm link.db

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

# Hosts into a store that has others; cut short, and begun again; with another history, which is refused; into one that has less.
of() { "$g" --goroutines --group-by none --json --db "$1" --host "$2"; "$g" --stats --json --db "$1" --host "$2"; "$g" --lives --json --db "$1" --host "$2"; "$g" --goroutine 1 --json --db "$1" --host "$2"; }
mkdir -p alone/else_1 few/h1_1 half; cp "$past"/127.0.0.1_6060/* alone/else_1; for f in $(ls "$past/127.0.0.1_6060" | tail -3); do cp "$past/127.0.0.1_6060/$f" few/h1_1; done
for h in h1_1 h2_1; do mkdir half/$h; cp $(ls -d many/$h/* | head -9) half/$h; done
"$g" --index alone --archive-tz UTC --db both.db -q; before=$(of both.db else:1 | md5sum)
(ulimit -f $(($(stat -c %s both.db) / 1024 + 60)); "$g" --copy both.db --db many.db -q 2>err); is 'cut short, it says so' "$? $(cat err)" '1 gscrape-tui: both.db: Input/output error'
ok 'what is there by then is whole' "$g" --verify --db both.db -q
"$g" --copy both.db --db many.db -q; is 'it goes on' "$? $("$g" --hosts --json --db both.db | wc -l)" "0 $(($("$g" --hosts --json --db many.db | wc -l) + 1))"
is 'those that were copied tell the same' "$(for i in 1 5 9; do of both.db h$i:1 | md5sum; done)" "$(for i in 1 5 9; do of many.db h$i:1 | md5sum; done)"
is 'and so do those that were there' "$(of both.db else:1 | md5sum)" "$before"
ok 'nothing is damaged' "$g" --verify --db both.db -q
cp both.db was.db; "$g" --index few --archive-tz UTC --db few.db -q
fails 'another history of a host is refused' 1 'both.db: has another history of h1:1: nothing is copied' "$g" --copy both.db --db few.db
is 'and nothing is written' "$(told both.db | md5sum)" "$(told was.db | md5sum)"
"$g" --index half --archive-tz UTC --db half.db -q; "$g" --copy half.db --db many.db -q
is 'who has less gets the rest' "$? $(of half.db h2:1 | md5sum)" "0 $(of many.db h2:1 | md5sum)"
"$g" --copy half.db --db was.db -q; is 'from who has more, too' "$? $(of half.db else:1 | md5sum)" "0 $before"

# A back-up goes on where the store has dropped what the back-up has.
mkdir -p long/h2_1 first/h2_1; cp many/h2_1/* long/h2_1; cp half/h2_1/* first/h2_1
"$g" --index long --archive-tz UTC --db long.db -q; "$g" --index first --archive-tz UTC --db dropped.db -q; "$g" --copy backup.db --db dropped.db -q
"$g" --index long --archive-tz UTC --db dropped.db -q
old=$(($(date +%s) - $("$g" --stats --json --db long.db | sed -n '6s/.*"time":\([0-9]*\).*/\1/p') / 1000))
"$g" --scrape --once --no-archive --retain ${old}s --db dropped.db 127.0.0.1:1 >/dev/null 2>&1
rows() { "$g" --stats --json --db "$1" --host h2:1 | wc -l; }
ok 'retention dropped some' [ "$(rows dropped.db)" -lt "$(rows long.db)" -a "$(rows dropped.db)" -gt 9 ]
"$g" --copy backup.db --db dropped.db -q; is 'a back-up keeps what the store has dropped, and gets the rest' "$? $(of backup.db h2:1 | md5sum)" "0 $(of long.db h2:1 | md5sum)"
is 'and its totals are those of all' "$("$g" --hosts --json --db backup.db | grep h2:1)" "$("$g" --hosts --json --db long.db)"
ok 'it is whole' "$g" --verify --db backup.db -q

"$g" --index many --archive-tz UTC --db half.db -q; is 'it can be written to' "$? $("$g" --verify --db half.db)" '0 half.db: no fault found'

# Names that nobody has any more go with what had them, by and by; what is left of them with --compact.
cp s.db names.db; "$g" --scrape --once --no-archive --retain 1s --db names.db 127.0.0.1:1 >/dev/null 2>&1
ok 'retention takes most names along' [ "$("$g" --hosts --json --db names.db | wc -l) $(($("$g" --list-funcs --db names.db | wc -l) * 4 < $("$g" --list-funcs --db s.db | wc -l)))" = '1 1' ]
"$g" --compact --db names.db -q; is 'the rest goes when it is compacted' "$? $("$g" --list-funcs --json --db names.db | wc -l) $(grep -c main.main names.db) $("$g" --verify --db names.db)" '0 0 0 names.db: no fault found'
is 'and nothing is left of the work' "$(ls names.db*)" "$(printf 'names.db\nnames.db-lock')"

# A byte of a name.
at=$(grep -abo 'main.main' s.db | head -1 | cut -d: -f1)
cp s.db bad.db; printf X | dd of=bad.db bs=1 seek="$at" conv=notrunc 2>/dev/null
is 'what does not need it is answered' "$("$g" --hosts --json --db bad.db; "$g" --stats --json --db bad.db)" "$("$g" --hosts --json --db s.db; "$g" --stats --json --db s.db)"
"$g" --list-funcs --db bad.db >some 2>err; is 'what does is answered without it, and told' \
	"$? $(diff <("$g" --list-funcs --db s.db) some | grep '^[<>]' | tr -s ' ' | paste -sd' ') $(cat err)" \
	'1 > 3 1 - (lost) < 3 1 - main.main gscrape-tui: bad.db: is damaged: string 11 is lost (--verify --repair keeps what is sound)'
"$g" --dump overview --db bad.db >some 2>err; is 'a view shows what is sound' "$? $(grep -c 127.0.0.1:2019 some) $(cat err)" \
	'1 2 gscrape-tui: bad.db: is damaged: string 11 is lost (--verify --repair keeps what is sound)'
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
