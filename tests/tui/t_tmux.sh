#!/bin/bash
# The real program in a real terminal (tmux): start, bytes per frame, resize storm, quit, each way to
# die, and what it says where there is no terminal.
set -u
n=0
ok() { n=$((n + 1)); echo "ok $n - $1"; }
not_ok() { n=$((n + 1)); echo "not ok $n - $1"; [ $# -lt 2 ] || printf '# %s\n' "${@:2}"; }
check() { local what=$1; shift; if "$@"; then ok "$what"; else not_ok "$what" "$*"; fi; }

db=$TMP/t.db raw=$TMP/raw
"$GSCRAPE" --index "$TOP/tests/data/series" --archive-tz UTC --db "$db" -q || exit 1
unset TMUX
servers=0 T=
trap '$T kill-server 2>/dev/null' EXIT

screen() { $T capture-pane -p; }
await() { for _ in $(seq 200); do screen | grep -qF -- "$1" && return 0; sleep 0.05; done; return 1; }
size() { stat -c %s "$raw"; }
settle() { # until no byte came for 0.15 s
	local a=-1 b
	for _ in $(seq 100); do b=$(size); [ "$a" = "$b" ] && return; a=$b; sleep 0.15; done
}
begin() { # begin [TERM [ENV...]]: the program in a fresh window of 80x24
	local term=${1:-xterm-256color}; shift
	[ -z "$T" ] || $T kill-server 2>/dev/null
	servers=$((servers + 1)) # a server that is on its way out takes no new session
	T="tmux -u -L gs$$-$servers -f /dev/null"
	: > "$raw"
	rm -f "$TMP/after"
	$T new-session -d -x 80 -y 24 "stty -a > $TMP/before; read -r _; env TERM=$term $* $GSCRAPE --db $db --tz UTC --host 127.0.0.1:6060 --no-state; echo EXIT=\$?; stty -a > $TMP/after; sleep 60"
	$T set -g status off
	$T resize-window -x 80 -y 24
	$T pipe-pane -o "cat >> $raw"
	$T send-keys Enter
	await "1 Over" && settle
}
cost() { local a; a=$(size); $T send-keys "$@"; settle; echo $(($(size) - a)); }
at_most() { [ "$1" -le "$2" ]; }
modes_same() { for _ in $(seq 100); do [ -s "$TMP/after" ] && break; sleep 0.05; done; cmp -s "$TMP/before" "$TMP/after"; }

begin
check "it starts and shows the hosts" await "127.0.0.1:2379"
check "first paint in at most 4 kB (figure 8)" at_most "$(size)" 4000
check "no screen is erased twice (figure 19)" [ "$(grep -ao $'\e\[2J' "$raw" | wc -l)" -le 1 ]
check "no question to the terminal (figure 26)" [ "$(grep -acE $'\e\[(c|>c|6n|\\?[0-9]+\\$p)' "$raw")" -eq 0 ]
$T send-keys 3; await "frame" ; settle
steps=()
for _ in $(seq 20); do steps+=("$(cost Left)"); done
median=$(printf '%s\n' "${steps[@]}" | sort -n | sed -n 10p)
mean=$(printf '%s\n' "${steps[@]}" | awk '{s += $1} END {printf "%d", s / NR}')
most=$(printf '%s\n' "${steps[@]}" | sort -n | tail -1)
check "a step: median at most 120 bytes ($median), mean 400 ($mean), most 4000 ($most) (figure 1)" \
	[ "$median" -le 120 ] && [ "$mean" -le 400 ] && [ "$most" -le 4000 ]
$T send-keys 2; await "groups by"; settle
check "one row down in a list: at most 350 bytes (figure 7)" at_most "$(cost Down)" 350
a=$(size); sleep 1.2
check "idle: not a byte (figure 5)" [ "$(size)" = "$a" ]
for i in $(seq 40); do $T resize-window -x $((1 + i * 37 % 150)) -y $((1 + i * 23 % 60)); done
$T resize-window -x 80 -y 24
settle
check "a storm of 40 resizes ends in a right screen (figure 18)" await "groups by created-by"
$T send-keys Q
check "Q quits with status 0" await "EXIT=0"
check "the terminal's modes are as before" modes_same

for sig in TERM HUP INT QUIT SEGV ABRT BUS FPE; do
	begin
	pid=$(pgrep -f "^$GSCRAPE --db $db" | head -1)
	kill -s "$sig" "$pid"
	await "EXIT=" || not_ok "SIG$sig ends it"
	status=$(screen | sed -n 's/^EXIT=//p' | head -1)
	want=$((128 + $(kill -l "$sig")))
	if [ "$status" = "$want" ] && modes_same; then ok "SIG$sig: the terminal is restored, the status is $want"
	else not_ok "SIG$sig: the terminal is restored, the status is $want" "status $status" "$(diff "$TMP/before" "$TMP/after")"; fi
done

begin vt100 LANG=C LC_ALL=C
check "LANG=C: not one byte above 0x7f (figure 24)" [ "$(LC_ALL=C grep -acP '[\x80-\xff]' "$raw")" -eq 0 ]
$T send-keys Q; await "EXIT=0" >/dev/null
begin xterm-256color NO_COLOR=1
check "NO_COLOR: no colour (figure 25)" [ "$(grep -acE $'\e\[([0-9;]*;)?(3[0-8]|4[0-8]|9[0-7])[;m]' "$raw")" -eq 0 ]
$T send-keys Q; await "EXIT=0" >/dev/null
begin xterm-nobody-knows
check "an unknown TERM is painted as xterm-256color, and told (figure 23)" await "not known here"
$T send-keys Q; await "EXIT=0" >/dev/null
for term in screen tmux-256color linux vt220 xterm; do
	begin $term
	check "TERM=$term shows the same text (figure 21)" await "127.0.0.1:2379"
	$T send-keys Q; await "EXIT=0" >/dev/null
done

out=$("$GSCRAPE" --db "$db" 2>"$TMP/err" </dev/null); status=$?
check "no terminal: status 2, one line, nothing on standard output (figure 22)" \
	[ "$status-$out-$(wc -l < "$TMP/err")" = "2--1" ]
check "and it names the commands that print" grep -q -- --dump "$TMP/err"
echo "1..$n"
