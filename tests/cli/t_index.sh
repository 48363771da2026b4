# needs: jq
# --index on archives as they are found: what is no dump is told and recorded as what it is; nothing is lost.
. "$TOP/tests/cli/lib.sh"
g=$GSCRAPE data=$TOP/tests/data
cd "$TMP" || exit 1

mkdir -p a/h_1 empty
good=a/h_1/2026-11-23T16-13-50.goroutines.txt.gz
cp "$data/count/127.0.0.1_6060/2026-11-23T16-13-50.goroutines.txt.gz" $good
echo '<html>502</html>' | gzip >a/h_1/2026-11-23T16-14-00.goroutines.txt.gz
: | gzip >a/h_1/2026-11-23T16-14-10.goroutines.txt.gz
head -c 2000 $good >a/h_1/2026-11-23T16-14-20.goroutines.txt.gz
zcat $good >a/h_1/2026-11-23T16-14-30.goroutines.txt
echo 'not a dump' >a/h_1/2026-11-23T16-14-40.goroutines.txt.gz
echo x >a/h_1/notes.txt
"$g" --index a --archive-tz UTC >out 2>err; rc=$?
is 'what is no whole dump makes the status 1' "$rc $(wc -c <out)" '1 0'
is 'each is told in a sentence with its name' "$(grep -oE '[0-9-]{10}T[0-9-]{8}\.goroutines\.txt(\.gz)?: .*' err | cut -c1-60 | cut -d: -f1)" \
	'2026-11-23T16-14-00.goroutines.txt.gz
2026-11-23T16-14-10.goroutines.txt.gz
2026-11-23T16-14-20.goroutines.txt.gz
2026-11-23T16-14-40.goroutines.txt.gz'
is 'and nothing else is said' "$(wc -l <err)" 4
is 'the rest is there, and each is recorded as what it is' "$("$g" --stats --json | jq -r '"\(.status) \(.goroutines)"')" \
	'ok 722
failed null
failed null
partial 60
ok 722
failed null'
is 'goroutines that a cut dump does not have are not gone' "$("$g" --goroutine 1 --json | jq -c '[.first, .last, .ended, ([.runs[].snapshots] | add)]' | sed 's/[0-9]\{13\}/T/g')" '[T,T,false,3]'
is 'the second time there is nothing to tell' "$("$g" --index a --archive-tz UTC 2>&1; echo $?)" 0
cp $good a/h_1/2026-11-23T16-13-00.goroutines.txt.gz
late='a/h_1/2026-11-23T16-13-00.goroutines.txt.gz'
fails 'a dump older than what is there is told and left out' 1 "$late: is older than what the store has of h:1: left out; a new store takes all, in order" "$g" --index a --archive-tz UTC
cp $good a/h_1/2026-11-23T16-13-01.goroutines.txt.gz
fails 'of several the first is named' 1 "$late: this and 1 more are older than what the store has of h:1: left out; a new store takes all, in order" "$g" --index a --archive-tz UTC
is 'and they are counted' "$("$g" --index a --archive-tz UTC --json 2>/dev/null | jq -c '[.recorded, .late]')" '[0,2]'
rm a/h_1/2026-11-23T16-13-0?.goroutines.txt.gz
mkdir -p 'named/h%0a%25_1'; cp $good 'named/h%0a%25_1/2026-11-23T16-15-00.goroutines.txt.gz'; "$g" --index named --db named.db -q
is 'a host is found by what its folder is called' "$("$g" --hosts --json --db named.db --host 'h%0A%25_1' | jq -c .host)$("$g" --hosts --json --db named.db --host $'h\n%:1' | jq -c .snapshots)" '"h\n%:1"1'
mkdir -p twice/h_1; zcat $good $good >twice/h_1/2026-11-23T16-15-00.goroutines.txt
fails 'two dumps in one file are told' 1 "twice/h_1/2026-11-23T16-15-00.goroutines.txt: has 722 of its goroutines more than once, as if it were several dumps: taken as one, of each the first" \
	"$g" --index twice --db twice.db
is 'each goroutine is there once' "$("$g" --hosts --json --db twice.db | jq .now,.goroutines)" "$("$g" --index $good --db once.db -q; "$g" --hosts --json --db once.db | jq .now,.goroutines)"
cp $good a/h_1/2026-11-23T16-15-00.goroutines.txt.gz
is 'a new one is taken' "$("$g" --index a --archive-tz UTC --json -q 2>err | jq .recorded)" 1
is 'one file is told like an archive' "$("$g" --index $good --db onefile.db --json 2>err | jq -c '[.hosts, .recorded, .goroutines, .epochs, .bytes > 100000]')" '[1,1,722,1,true]'
is 'one host of an archive can be named' "$("$g" --index a/h_1 --archive-tz UTC --db one.db --json 2>err | jq -c '[.hosts, .recorded]')" '[1,7]'
ok 'progress is shown on a terminal' grep -q '[0-9] of [0-9]* dumps' <(script -qec "'$g' --index '$data/past/archive' --db shown.db" /dev/null)
is 'a zone moves the times of gscrape'"'"'s names' \
	"$("$g" --index "$data/past/archive" --archive-tz Asia/Kolkata --db zone.db; "$g" --hosts --db zone.db --host 127.0.0.1_6060 --json | jq .first)" $(date -ud '2026-11-23 10:35:05' +%s000)

# A file that cannot be read this time: /proc/self/mem is a file whose first byte is EIO, whoever asks.
mkdir -p rest/h_1 rest/i_1
for i in 00 10 20; do for h in h i; do cp $good "rest/${h}_1/2026-11-23T16-20-$i.000Z.goroutines.txt.gz"; done; done
bad=rest/h_1/2026-11-23T16-20-10.000Z.goroutines.txt.gz
ln -sf /proc/self/mem $bad
is 'a file that cannot be read: its host rests there, the others go on' \
	"$("$g" --index rest --db rest.db --json 2>err | jq -c '[.recorded, .failed, .left]') $(cat err)" \
	"[4,0,2] gscrape-tui: $bad: Input/output error: h:1 rests here, and the next --index goes on from it"
"$g" --index rest --db rest.db -q 2>err; rc=$?
is 'which the status tells, each time' "$rc $(wc -l <err)" '1 1'
rm $bad; cp $good $bad
is 'the next one goes on from it' "$("$g" --index rest --db rest.db --json -q 2>&1 | jq -c '[.recorded, .known, .left]')" '[2,4,0]'
is 'and nothing is lost, in order' "$("$g" --stats --db rest.db --json --host h:1 | jq -r .status | tr '\n' ' ')" 'ok ok ok '
ln -sf /proc/self/mem $bad
is 'what is looked at once has all the rest' "$("$g" --stats --json --host h:1 rest 2>/dev/null | jq -r .status | tr '\n' ' ')" 'ok failed ok '

# A file that somebody writes to: the newest, not whole, young. Plain ones end in the middle, gzip says itself where it ends.
grow() { # grow FILE [WHEN]: how many are recorded when this is the newest, how many are left, and what is said
	rm -rf grow grow.db*; mkdir -p grow/h_1; cp $good grow/h_1/2026-11-23T16-40-00.000Z.goroutines.txt.gz
	cp "$1" "grow/h_1/2026-11-23T16-41-00.000Z.${1#*.}"; touch ${2:+-d "$2"} grow/h_1/*
	"$g" --index grow --db grow.db --json -q 2>err | jq -c '[.recorded, .left]'
}
zcat $good >whole.goroutines.txt; cp $good whole.goroutines.txt.gz; cp $good cut.goroutines.txt.gz
truncate -s 2000 cut.goroutines.txt.gz; head -c 2000 whole.goroutines.txt >cut.goroutines.txt; : >begun.goroutines.txt
zcat $good | head -c 2000 | gzip >came.goroutines.txt.gz
printf 'goroutine 1 [running]:\nmain.main()\n' >call.goroutines.txt; printf '\x1f' >begun.goroutines.txt.gz
for f in cut.goroutines.txt.gz cut.goroutines.txt begun.goroutines.txt begun.goroutines.txt.gz call.goroutines.txt; do
	is "$f, written to a moment ago, is left for the next time" "$(grow $f) $(cut -d: -f2- err)" \
		"[1,1]  grow/h_1/2026-11-23T16-41-00.000Z.${f#*.}: is not whole, and was written to a moment ago: left for the next --index"
done
cp cut.goroutines.txt.gz grow/h_1/2026-11-23T16-41-00.000Z.goroutines.txt.gz; rm grow/h_1/2026-11-23T16-41-00.000Z.goroutines.txt
"$g" --index grow --db grow.db -q 2>err; rc=$?
cp whole.goroutines.txt.gz grow/h_1/2026-11-23T16-41-00.000Z.goroutines.txt.gz
is 'and is whole then' "$rc $("$g" --index grow --db grow.db -q 2>&1; "$g" --stats --db grow.db --json | jq -r .status | tr '\n' ' ')" '1 ok ok '
for f in whole.goroutines.txt whole.goroutines.txt.gz came.goroutines.txt.gz; do is "$f is taken, though it is young" "$(grow $f)" '[2,0]'; done
is 'what is not whole after a minute will not be' "$(grow cut.goroutines.txt.gz '2 minutes ago') $(grow cut.goroutines.txt '2 minutes ago')" '[2,0] [2,0]'
is 'a time to come is not waited for' "$(grow cut.goroutines.txt tomorrow)" '[2,0]'
grow cut.goroutines.txt.gz >/dev/null; cp $good grow/h_1/2026-11-23T16-42-00.000Z.goroutines.txt.gz
is 'nor that of which there is a newer one' "$("$g" --index grow --db grow.db --json -q 2>/dev/null | jq -c '[.recorded, .cut, .left]')" '[2,1,0]'
grow cut.goroutines.txt.gz >/dev/null
is 'what is looked at once is shown as it is' "$("$g" --stats --json grow 2>/dev/null | jq -r .status | tr '\n' ' ')" 'ok partial '

# A folder that cannot be read, also for root; a link to nowhere, which is a file that is away; what a disk has for itself.
mkdir -p shut/h_1 shut/i_1 shut/lost+found; cp $good shut/h_1; cp $good shut/i_1; chmod 000 shut/h_1 shut/lost+found
bound "$g" --index shut --db shut.db --archive-tz UTC -q >out 2>err; rc=$?
chmod 755 shut/h_1
is 'a folder that cannot be read: a sentence and the status, and the others are taken' "$rc $(cat err) $("$g" --hosts --db shut.db --json | jq -r .host)" \
	'1 gscrape-tui: shut/h_1: Permission denied: left out this time i:1'
is 'and it is taken the next time' "$("$g" --index shut --db shut.db --json -q --archive-tz UTC 2>&1 | jq -c '[.recorded, .known]')" '[1,1]'
ln -s nowhere shut/i_1/2026-11-23T16-30-00.000Z.goroutines.txt.gz
cp $good shut/i_1/2026-11-23T16-31-00.000Z.goroutines.txt.gz
is 'a link to nowhere is a file that is away: its host rests there' "$("$g" --index shut --db shut.db --json -q --archive-tz UTC 2>err | jq -c '[.recorded, .left]') $(cut -d: -f3,4 <err)" \
	'[0,2]  No such file or directory: i'
mkfifo shut/h_1/2026-11-23T16-30-00.000Z.goroutines.txt
is 'a pipe with a name of the archive is told, and not waited for' "$("$g" --index shut/h_1 --db shut.db --json -q --archive-tz UTC 2>err | jq -c '[.known, .recorded]') $(cat err)" \
	'[1,0] gscrape-tui: shut/h_1/2026-11-23T16-30-00.000Z.goroutines.txt: is no file: left out this time'

# Several folders, and files by a pattern of the shell, are one archive: in order of time, and as fast.
mkdir -p parts/new parts/old; cp -r "$data/series/." parts/old
for h in parts/old/*; do mkdir "parts/new/${h##*/}"; for f in $(ls $h | tail -5); do mv "$h/$f" "parts/new/${h##*/}"; done; done
counts() { "$g" --index "$@" --archive-tz UTC --db parts.db --json -q | jq -c '[.recorded, .known, .late, .failed, .cut, .bytes, .goroutines, .epochs]'; }
answers() { for q in --hosts --lives --leaks --goroutines; do "$g" $q --json --db parts.db; done; }
want=$(counts "$data/series"); answers >want
for p in 'parts/new parts/old' 'parts/new/* parts/old/*' 'parts/*/*/*'; do
	rm -f parts.db*
	is "$p: what one archive has" "$(counts $p)" "$want"
	is '... told in the same way' "$(answers | cmp - want && echo same)" same
done
cp -r parts/new parts/copy
is 'a copy is known' "$(rm -f parts.db*; counts parts/new parts/copy | jq -c '[.[1], .[2]]')" "[$(ls parts/new/* | grep -c gz),0]"
echo x >odd.txt
"$g" --index parts/new odd.txt --db odd.db --archive-tz UTC -q 2>err; rc=$?
is 'what is beside them and cannot be taken is told; they are' "$rc $(cat err) $("$g" --hosts --db odd.db --json | jq -s length)" "1 gscrape-tui: odd.txt: is no goroutine dump $(ls parts/new | wc -l)"
mkdir log_1; { echo 'a line of a log'; cat whole.goroutines.txt; } >log_1/2026-11-23T16-00-00.000Z.goroutines.txt; cp -r log_1 log_2
is 'around what is named by itself a log may stand' "$("$g" --index log_*/* --db log.db --json -q 2>/dev/null | jq .recorded) $("$g" --stats --db log.db --json | jq -c '[.host, .goroutines]' | tr '\n' ' ')" \
	'2 ["log:1",722] ["log:2",722] '
is 'the text of one out of several folders' "$("$g" --goroutine 1 --raw --host 127.0.0.1:2019 --archive-tz UTC parts/new parts/old | head -1 | cut -d' ' -f1,2)" 'goroutine 1'

# The same answers however it is indexed.
told() { for q in --hosts --lives --leaks --goroutines; do "$g" $q --json --db "$1"; done; }
"$g" --index "$data/series" --archive-tz UTC --db single.db --jobs 1
told single.db >want
"$g" --index "$data/series" --archive-tz UTC --db many.db --jobs 64
is 'many threads change no answer' "$(told many.db | cmp - want && echo same)" same
fails '--jobs 0' 2 '--jobs: must be more than 0' "$g" --index "$data/series" --db none.db --jobs 0
"$g" --index "$data/series" --archive-tz UTC --db many.db --jobs 99999999999999
set -m # so that SIGINT is not ignored
for stop in INT TERM; do
	rm -f stopped.db*
	"$g" --index "$data/series" --archive-tz UTC --db stopped.db >/dev/null 2>&1 & index=$!
	until [ -e stopped.db ] || ! kill -0 $index 2>/dev/null; do :; done
	kill -$stop $index; wait $index
	ok "stopped by $stop, the store is sound" test "$("$g" --verify --db stopped.db 2>&1 | grep -c 'no fault found\|/stopped.db: no such\|is empty\|holds nothing')" = 1
	"$g" --index "$data/series" --archive-tz UTC --db stopped.db
	is 'and gone on with, it has the answers of one that ran through' "$(told stopped.db | cmp - want && echo same)" same
done
set +m
mkdir -p tiny/h_1
for i in {0..2999}; do
	printf -v name '2026-11-23T16-%02d-%02d.000Z.goroutines.txt' $((i / 60)) $((i % 60))
	printf 'goroutine 1 [running]:\nmain.main()\n\t/a.go:%d +0x1\n' "$i" >"tiny/h_1/$name"
done
is 'thousands of tiny files' "$("$g" --index tiny --db tiny.db --json -q | jq -c '[.recorded, .goroutines]')" '[3000,3000]'
mkfifo tiny/h_1/2026-11-23T16-50-00.000Z.goroutines.txt
is 'what is no file is not waited for' "$("$g" --index tiny --db tiny.db --json -q | jq .recorded)" 0
mkdir -p long/h_1
{ for i in {1..1000}; do printf 'goroutine %d [select]:\nmain.f(0x%d)\n\t/a.go:1 +0x1\n\n' "$i" "$i"; done; head -c 67200000 /dev/zero | tr '\0' x; } |
	head -c $((64 << 20)) | gzip -1 >long/h_1/2026-11-23T16-16-00.goroutines.txt.gz
is 'a dump that is as long as Go makes one is cut' "$("$g" --index long --db long.db --archive-tz UTC --json -q 2>/dev/null | jq -c '[.recorded, .cut]')" '[1,1]'

# A file that inflates to more than a dump can be, between two others: told, a failed scrape, and in bounded memory.
mkdir -p bomb/h_1
head -c 800M /dev/zero | gzip -1 >bomb/h_1/2026-11-23T16-20-10.000Z.goroutines.txt.gz
for i in 00 20; do cp $good bomb/h_1/2026-11-23T16-20-$i.000Z.goroutines.txt.gz; done
within() { python3 -c 'import resource, subprocess, sys
subprocess.run(sys.argv[1:]); sys.exit(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss > 500 << 10 and "took more than 500 MiB")' "$@"; }
is 'a file that inflates to too much is told and left out for good' "$(within "$g" --index bomb --db bomb.db --json -q 2>err | jq -c '[.recorded, .failed, .left]') $(cat err)" \
	'[3,1,0] gscrape-tui: bomb/h_1/2026-11-23T16-20-10.000Z.goroutines.txt.gz: longer than 64 MiB (--max-body): not taken; recorded as a failed scrape'
is 'the rest goes on, and so does the next one' "$("$g" --stats --db bomb.db --json | jq -r .status | tr '\n' ' ')$("$g" --index bomb --db bomb.db -q 2>&1)" 'ok failed ok '
is '--max-body says how much' "$("$g" --index bomb --db small.db --max-body 100kB --json -q 2>err | jq -c '[.recorded, .failed]') $(grep -c 'longer than 100000 bytes (--max-body)' err)" '[3,3] 3'

fails 'an empty folder' 1 'empty: holds no goroutine dump' "$g" --index empty
fails 'a folder that is not there' 1 'nowhere: No such file or directory' "$g" --index nowhere
fails 'by default the archive is ./output' 1 'output: no such folder; --index DIR takes an archive that is elsewhere' "$g" --index
echo 'other data' >other
fails "another program's file" 1 'other: is no store of gscrape-tui' "$g" --index a --db other
is 'is left as it is' "$(cat other)" 'other data'
fails 'a store that cannot be made' 1 '/.*nowhere\/x.db: No such file or directory/' "$g" --index a --db "$TMP/nowhere/x.db"
exec 9<>gscrape.db; flock 9
fails 'a second writer is refused' 1 '/gscrape.db: another gscrape-tui is writing to it.*/' "$g" --index a
is 'while readers go on' "$("$g" --hosts --json | jq .snapshots)" 7
exec 9>&-
head -c 5000 gscrape.db >cut.db
"$g" --verify --db cut.db >out 2>err; rc=$?
ok 'a store cut short is told' test "$rc" = 1 -a "$(wc -l <err)" = 1
finish
