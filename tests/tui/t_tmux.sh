#!/bin/bash
# needs: tmux
# The real program in a real terminal (tmux): what stands there is what --dump prints, on every kind of terminal, after any
# storm of sizes and any length of key repeat; and yank reaches tmux's buffer.
. "$TOP/tests/tui/tmux_lib.sh"
db=$TMP/t.db
"$GSCRAPE" --index "$TOP/tests/data/series" --archive-tz UTC --db "$db" -q || exit 1
where="--db $db --host 127.0.0.1:6060 --at 2026-11-23T16:25:00Z"
dump() { LC_ALL=C.UTF-8 "$GSCRAPE" --tz UTC $where --dump "$@" >"$TMP/want"; }

for term in xterm-256color xterm screen screen-256color tmux-256color linux vt100 vt220; do
	glyphs=blocks
	case $term in linux | vt*) glyphs=ascii ;; esac
	begin $term LC_ALL=C.UTF-8 $where --no-state --view host
	dump host --glyphs $glyphs
	check "TERM=$term shows the text that --dump prints (figure 21)" same_as "$TMP/want"
done
begin xterm-256color LC_ALL=C $where --no-state --view host
dump host --glyphs ascii
check "LANG=C: so does it, in ascii" same_as "$TMP/want"
begin xterm-nobody-knows LC_ALL=C.UTF-8 $where --no-state
check "an unknown TERM is painted as xterm-256color, and told (figure 23)" await "not known here"

begin xterm-256color LC_ALL=C.UTF-8 $where --no-state --view host
await "groups by created-by" || not_ok "it starts"
for i in $(seq 40); do $T resize-window -x $((1 + i * 37 % 150)) -y $((1 + i * 23 % 60)); done
$T resize-window -x 1 -y 1
$T resize-window -x 80 -y 24
dump host --glyphs blocks
check "a storm of 41 resizes, down to 1x1, ends in the right screen (figure 18)" same_as "$TMP/want"
for size in 60x16 40x10 160x48; do
	$T resize-window -x ${size%x*} -y ${size#*x}
	dump host --glyphs blocks --size $size
	check "$size is as --dump has it" same_as "$TMP/want"
done
$T resize-window -x 39 -y 9
check "below 40x10 it says what it needs" await "needs 40x10"
$T resize-window -x 80 -y 24; await "groups by" # tmux passes sizes on late
keys 0; keys -N 150 l; keys -N 140 h; keys -N 5 l; keys 3
dump goroutine --glyphs blocks --keys "0$(printf 'l%.0s' $(seq 150))$(printf 'h%.0s' $(seq 140))lllll"
check "a key held down for five seconds, and back: T is right there (figure 14)" same_as "$TMP/want"
keys Q
check "Q quits with status 0" await "EXIT=0"

# yank: i, l and u and c are what opens the same screen again
yank() { keys y; keys "$1"; for _ in $(seq 1200); do $T show-buffer >"$TMP/yanked" 2>/dev/null && [ -s "$TMP/yanked" ] && break; sleep 0.05; done; }
begin xterm-256color LC_ALL=C.UTF-8 $where --no-state --view goroutine --id 1
await "sample" || not_ok "the goroutine view"
yank i
check "y i is in tmux's buffer (figure 27)" [ "$(cat "$TMP/yanked")" = 1 ]
$T delete-buffer; yank t
check "y t is T with its zone" [ "$(cat "$TMP/yanked")" = 2026-11-23T16:25:00Z ]
$T delete-buffer; yank s
check "y s is the stack" grep -q '^net/http.ListenAndServe(\.\.\.)$' "$TMP/yanked"
# The screen becomes, but for its last line, the text in this file: what was copied is told over it until a key is pressed.
same_body() { for _ in $(seq 1200); do diff -q <(screen | sed '$d') <(sed '$d' "$1") >/dev/null && return 0; sleep 0.05; done
	diff <(screen | sed '$d') <(sed '$d' "$1") | head -20 >&2; return 1; }
keys x; keys h h
$T delete-buffer; yank u; url=$(cat "$TMP/yanked"); keys h l
"$GSCRAPE" --db "$db" --tz UTC --glyphs blocks --dump goroutine "$url" >"$TMP/again"
check "y u: the URL opens the same screen" same_body "$TMP/again"
keys x
keys y c; for _ in $(seq 1200); do $T show-buffer | grep -q '^gscrape-tui' && break; sleep 0.05; done; command=$($T show-buffer)
keys Escape
sh -c "\"$GSCRAPE\" $(sed -E 's/^gscrape-tui //; s/--view ([a-z]+)/--dump \1/' <<<"$command") --tz UTC --glyphs blocks" >"$TMP/again"
check "y c: the command opens the same screen" same_body "$TMP/again"

begin xterm-256color LC_ALL=C.UTF-8 "--db $TMP/none.db"
check "no store: a sentence and status 1" await "EXIT=1"
finish
