# SPDX-License-Identifier: MIT
# tmux_lib.sh: the program in a tmux of its own, as a person would see it.
set -u
n=0
ok() { n=$((n + 1)); echo "ok $n - $1"; }
not_ok() { n=$((n + 1)); echo "not ok $n - $1"; [ $# -lt 2 ] || printf '# %s\n' "${@:2}"; }
check() { local what=$1; shift; if "$@"; then ok "$what"; else not_ok "$what" "$*"; screen | sed 's/^/# | /'; fi; }
finish() { echo "1..$n"; }

unset TMUX
servers=0 T=
trap '[ -z "$T" ] || $T kill-server 2>/dev/null' EXIT

screen() { $T capture-pane -p; }
await() { for _ in $(seq 1200); do screen | grep -qF -- "$1" && return 0; sleep 0.05; done; return 1; }
# The screen becomes this text: what --dump prints for the same place.
same_as() { for _ in $(seq 1200); do diff -q <(screen | sed 's/ *$//') <(sed 's/ *$//' "$1") >/dev/null && return 0; sleep 0.05; done
	diff <(screen | sed 's/ *$//') <(sed 's/ *$//' "$1") | head -20 >&2; return 1; }
begin() { # begin TERM ENV [ARG...]: the program in a fresh window of 80x24
	local term=$1 env=$2; shift 2
	[ -z "$T" ] || $T kill-server 2>/dev/null
	servers=$((servers + 1)) # a server that is on its way out takes no new session
	T="tmux -u -L gs$$-$servers -f /dev/null"
	$T new-session -d -x 80 -y 24 "env TERM=$term $env $(printf %q "$GSCRAPE") --tz UTC $*; echo EXIT=\$?; sleep 60"
	$T set -g status off
	$T resize-window -x 80 -y 24
}
keys() { $T send-keys "$@"; }
