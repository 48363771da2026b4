# Who may read what is recorded: its owner, or with --group-readable the group too, which then writes the lock file, by which a
# reader says what it reads. And no set-user-ID file gives more rights to what the program starts.
. "$TOP/tests/cli/lib.sh"
cd "$TMP" || exit 1
umask 022
"$TOP/$B/tools/replay" --loop "$TOP/tests/data/past/archive" >served & server=$!
trap 'kill $server' EXIT
while ! [ -s served ]; do read -rt 0.1 _ <> <(:); kill -0 $server || exit 1; done
target=$(awk 'NR == 1 { print $2 }' served)
modes() { find "$1" "$1"-lock "$2" -printf '%m %y\n' 2>/dev/null | sort | uniq -c | awk '{ print $2 $3 }' | paste -sd' '; }

"$GSCRAPE" --scrape --once "$target" --db own.db --output own >/dev/null 2>/dev/null
is 'store, lock and archive are the owner'"'"'s alone' "$(modes own.db own)" '600f 700d'
"$GSCRAPE" --scrape --once "$target" --db group.db --output group --group-readable >/dev/null 2>/dev/null
is 'with --group-readable the group reads, and writes the lock' "$(modes group.db group)" '640f 660f 750d'
"$GSCRAPE" --index "$TOP/tests/data/past/archive" --db index.db 2>/dev/null
is 'an index, too' "$(modes index.db none)" '600f'
(umask 077; "$GSCRAPE" --scrape --once "$target" --db mask.db --no-archive --group-readable >/dev/null 2>/dev/null)
is 'whatever the umask' "$(modes mask.db none)" '640f 660f'
finish
