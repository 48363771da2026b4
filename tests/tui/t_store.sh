#!/bin/bash
# needs: tmux
# The store changes under a running terminal: it grows, a process starts anew, hosts go by retention, the file is replaced or
# deleted. What is on the screen stays usable, and what happened is seen or said.
. "$TOP/tests/tui/tmux_lib.sh"
cd "$TMP" || exit 1
index() { "$GSCRAPE" --index "$1" --archive-tz UTC --db "$2" -q || exit 1; }
mkdir -p part/127.0.0.1_2019 part/127.0.0.1_6060
for f in "$TOP"/tests/data/series/127.0.0.1_2019/2026-11-23T16-14-[23]*; do cp "$f" part/127.0.0.1_2019/; done
cp "$TOP"/tests/data/series/127.0.0.1_6060/2026-11-23T16-0[5-9]* part/127.0.0.1_6060/
index part s.db

begin xterm-256color LC_ALL=C.UTF-8 --db s.db --no-state --host 127.0.0.1:2019 --view goroutine --id 1
check "a goroutine of the first process" await "sample 5/5"
keys F
check "it follows, and says that nobody records" await "nobody records"
cp "$TOP"/tests/data/series/127.0.0.1_2019/* part/127.0.0.1_2019/
cp "$TOP"/tests/data/series/127.0.0.1_6060/* part/127.0.0.1_6060/
index part s.db
check "the process starts anew while its goroutine is on the screen: that one stays, and is gone" await "16:15:10 gone"
check "and whose it was is told" await "(process 1 of 2)"
keys '#'; keys 1; keys Enter
check "its namesake of the new process is another goroutine" await "(process 2 of 2)"
keys h
check "a key that moves time takes it in hand" await "T 16:15:06"
for _ in $(seq 20); do keys h; done
check "before its process there is none" await "not born yet"
keys '#'; keys 1; keys Enter
check "but the first process's" await "(process 1 of 2)"
keys 1
check "the other host grew too" await "1,777"
keys Q
check "and it quits" await "EXIT=0"

begin xterm-256color LC_ALL=C.UTF-8 --db s.db --no-state --host 127.0.0.1:6060 --view host
await "groups by created-by" || not_ok "the host view"
"$GSCRAPE" --scrape --once --db s.db --output out --retain 1m 127.0.0.1:1 >log 2>&1
keys R
check "the host went by retention: another one is shown" await "127.0.0.1:1 > groups"
keys 1
check "and the list has it alone" await "all hosts (1)"
keys 3
check "no goroutine is left to show" await "No goroutine is chosen"
keys 4
check "the functions of what is gone are gone or not, but the view is there" await "functions, all hosts"
keys Q
check "and it quits" await "EXIT=0"

index "$TOP/tests/data/series" r.db
begin xterm-256color LC_ALL=C.UTF-8 --db r.db --no-state --host 127.0.0.1:6060 --view host
await "groups by created-by" || not_ok "the host view"
index part other.db
mv other.db r.db; mv other.db-lock r.db-lock
keys R
check "the store was replaced: it says so" await "r.db"
keys h
check "and what was shown is still there to be looked at" await "groups by created-by"
rm r.db r.db-lock
keys R
check "the store was deleted: it says so" await "r.db"
keys 1
check "and the old view stays usable" await "all hosts (7)"
keys Q
check "and it quits" await "EXIT=0"

index "$TOP/tests/data/series" r2.db
begin xterm-256color LC_ALL=C.UTF-8 --db r2.db --no-state --host 127.0.0.1:6060 --view host
await "groups by created-by" || not_ok "the host view"
index part other2.db
mv other2.db r2.db; mv other2.db-lock r2.db-lock
told() { for _ in $(seq 1200); do keys j; screen | grep -q "r2.db" && return; sleep 0.05; done; return 1; }
check "any key is enough to be told" told
keys Q
check "and it quits" await "EXIT=0"

# A store that nobody has written to yet.

"$GSCRAPE" --scrape --once --db new.db --output out 127.0.0.1:1 >log 2>&1
begin xterm-256color LC_ALL=C.UTF-8 --db new.db --no-state
check "a host that never answered" await "127.0.0.1:1"
for k in 2 3 4 5 1 Enter l h ']' Space z y; do keys $k; done
keys Escape; keys Q
check "can be looked at in every view" await "EXIT=0"
finish
