# Loose dumps as a history: several files, several moments in one, folders, bundles; whose they are and when.
. "$TOP/tests/cli/lib.sh"
g=$GSCRAPE texts=$TOP/tests/data/texts
cd "$TMP" || exit 1
mkdir tmp; export TMPDIR=$TMP/tmp TZ=UTC

stats() { "$g" --stats --json "$@" 2>err | jq -r '"\(.host) \(.time / 1000 | todate) \(.goroutines)"'; }
cp "$texts/00-plain.txt" before.txt
sed 's/goroutine 42 /goroutine 43 /' before.txt >after.txt
touch -d 2026-11-23T16:00:00Z before.txt; touch -d 2026-11-23T17:00:00Z after.txt

# --- what is left behind
for sig in HUP INT QUIT ABRT ALRM TERM USR1; do # the reader waits for the end of standard input
	mkfifo pipe; env --default-signal=INT,QUIT "$g" --hosts - <pipe >/dev/null 2>&1 & pid=$!
	exec 3>pipe
	for _ in $(seq 500); do [ -n "$(ls tmp)" ] && break; sleep 0.01; done
	there=$(ls tmp | wc -l)
	kill -$sig $pid; wait $pid 2>/dev/null; rc=$?
	exec 3>&-; rm pipe
	is "SIG$sig leaves no temporary store" "$there $rc $(ls tmp)" "1 $((128 + $(kill -l $sig))) "
done
is 'JSON of nothing says so' "$("$g" --goroutines --where 'id == 999' --json before.txt 2>&1)" \
	'gscrape-tui: note: the answer is empty: there is nobody and nothing of what was asked for'

# --- where a pattern is taken
wanted='is a file or folder: --index takes it into a store that --list-funcs asks then, --dump functions shows what is in it'
fails 'a file in place of a pattern, and no store' 2 "--list-funcs takes a PATTERN, and 'before.txt' $wanted" "$g" --list-funcs before.txt
fails 'a folder' 2 "--list-funcs takes a PATTERN, and './tmp' $wanted" "$g" --list-funcs ./tmp
fails 'what is neither' 1 'gscrape.db: no such store (record one with --scrape or --index)' "$g" --list-funcs nowhere.txt
"$g" --index before.txt --db asked.db >/dev/null 2>&1
fails 'in a store that has no such function' 2 "--list-funcs takes a PATTERN, and 'before.txt' $wanted" "$g" --list-funcs before.txt --db asked.db
f=$("$g" --list-funcs --db asked.db --json | jq -r .func | grep -v / | head -1); touch "$f"
is 'a function whose name is that of a file, too' "$("$g" --list-funcs --db asked.db --json "$f" | jq -r .func | grep -Fxc "$f")" 1
rm "$f"

# --- several files
two='before.txt, after.txt 2026-11-23T16:00:00Z 4
before.txt, after.txt 2026-11-23T17:00:00Z 4'
is 'two files are two moments of one host, in order of their times' "$(stats before.txt after.txt)" "$two"
is 'whichever is named first' "$(stats after.txt before.txt | sed 's/^after.txt, before.txt/before.txt, after.txt/')" "$two"
is 'and are compared: one came, one went' "$("$g" --diff --json before.txt after.txt | jq -c '[.born, .gone]')" '[1,1]'
is '--diff goes by the order in which they are named' "$("$g" --diff --json after.txt before.txt 2>err | jq -c '[.born, .gone, .new]') $(cat err)" \
	'[1,1,[42]] gscrape-tui: by their times before.txt is not the later one: compared as they are named'
is 'the terminal shows both' "$("$g" --dump overview before.txt after.txt | grep -c '^>before.txt, after.txt ')" 1
cp before.txt dump-20261123-093000.txt
is 'a time in the name counts more than the file'\''s' "$(stats dump-20261123-093000.txt)" 'dump-20261123-093000.txt 2026-11-23T09:30:00Z 4'
is 'a text in which an id comes again is several moments, at the times of its log' "$(stats "$texts/two-times.log")" \
	'two-times.log 2024-09-30T10:00:00Z 2
two-times.log 2024-09-30T11:00:00Z 2'
touch -d 2026-11-23T16:00:00Z same.txt
cp "$texts/38-two-dumps.txt" same.txt; touch -d 2026-11-23T16:00:00Z same.txt
is 'where the log tells none, they follow each other' "$(stats same.txt)" 'same.txt 2026-11-23T16:00:00Z 4
same.txt 2026-11-23T16:00:01Z 4'

# moments WORD...: a number is a goroutine's, another word the line that stands there; how many goroutines each moment has
moments() {
	for word; do case $word in
		*[!0-9]*) printf '%s\n\n' "$word" ;;
		*) printf 'goroutine %s [select]:\nmain.f()\n\t/a.go:1 +0x1\n\n' "$word" ;;
	esac; done >again.txt
	"$g" --stats --json again.txt 2>err | jq -r .goroutines | tr '\n' ' '
}
is 'who panicked, printed first and again in the list, is of one moment' "$(moments 'panic: x' 12 1 2 12 13)" '4 '
is 'or twice in a row' "$(moments 12 12)" '1 '
is 'or again at the end' "$(moments 1 2 12 2)" '3 '
is 'what each thread of a crash was at is of its moment' "$(moments 'SIGQUIT: quit' 1 2 3 ----- 'SIGQUIT: quit' 2 ----- 'SIGQUIT: quit' 3)" '3 '
is 'several that come again are the next' "$(moments 12 1 2 12 1 3 4)" '3 4 '
is 'or one, behind which other goroutines come than before' "$(moments 1 5 6 1 7 8 9)" '3 4 '
is 'or one that panics again' "$(moments 'panic serving 1.2.3.4: x' 12 'panic serving 1.2.3.4: y' 12)" '1 1 '
is 'the first one counts of who comes twice' "$("$g" --goroutines --group-by none --json "$TOP/tests/data/single/quotes-crash.txt.gz" 2>err | jq -s length)" 120

# one wait of six minutes, one just begun, one of nine minutes: at one place all the time, but it ran in between
dump_of() { printf 'goroutine 7 [IO wait%s]:\nmain.f()\n\t/a.go:1 +0x1\n' "$1"; }
dump_of ', 6 minutes' >ran-20261123-093000.txt; dump_of '' >ran-20261123-093500.txt
dump_of '' >ran-20261123-094000.txt; dump_of ', 9 minutes' >ran-20261123-095000.txt
for at in 30 35 40 50; do "$g" --dump goroutine --id 7 --at "2026-11-23 09:$at" ran-*.txt; done | grep -o 'IO wait for.*[0-9][ms] ' | sed 's/ *<- .*//; s/ $//' >waits
is 'it is not said to wait all the time when it was seen to run' "$(cat waits)" 'IO wait for <=5m
IO wait for <=10m
IO wait for 9m, on and off for 20m'
mkfifo pipe errors
"$g" --stats --json pipe >piped 2>errors &
exec 3<errors; read -r said <&3; cat before.txt >pipe; wait $!
is 'a pipe that nobody writes to is waited for, not without a word' "$said $(jq .goroutines piped)" \
	'gscrape-tui: pipe: is a pipe, and nothing comes out of it yet: waiting 4'
exec 3<&-

cp "$texts/40-debug1.txt" grouped.txt
is 'a grouped profile is a snapshot without identities' "$("$g" --stats --json before.txt grouped.txt | jq -c '[.status, .epoch]' | tr '\n' ' ')" '["ok",1] ["grouped",2] '
sed 's/^4724 /4800 /; s/total 4730/total 4806/' grouped.txt >more.txt; touch -d '+1 hour' more.txt
is 'two are compared' "$("$g" --diff --group-by top --json grouped.txt more.txt | jq -c '[.group, .net, .born, .gone]')" '["main.work",76,76,0]'
is 'ages are bounds' "$("$g" --goroutines --json grouped.txt more.txt | jq -c '[.group, .count, .bound]' | head -1)" '["main.work (root)",4800,true]'
mkdir many; for i in 10 11 12 13 14 15 16 17 18 19; do sed "s/^4724 /$((i * i * 10)) /; s/total 4730/total $((i * i * 10 + 6))/" grouped.txt >many/g-2026-11-23T10-$i-00.txt; done
is '--leaks asks of them what can be known: no cut, no use, no wait' "$("$g" --leaks --archive-tz UTC --json many | jq -c '[.verdict, .function, .never_ended, .since, (.evidence_terms + .against_terms | map(.name))]')" \
	'["watch","main.work",null,1795428600000,["net","growth","lasted","odds","kept","wait"]]'
is 'of a profile in protobuf too, whose states the frames of the runtime tell' "$("$g" --goroutines --group-by state --json "$TOP/tests/data/profiles/goroutine.pb.gz" | jq -r .group | sort | tr '\n' ' ')" \
	'chan receive running select (no cases) '

"$g" --report report.html before.txt after.txt; is '--report and --leaks take files, too' "$? $(grep -c '</html>' report.html) $("$g" --leaks before.txt after.txt | grep -c '^Nothing leaks')" '0 1 1'
"$g" --report one.md "$TOP/tests/data/single/quotes-panic.txt.gz" 2>/dev/null
is 'a report of one dump says what befell, and has each stack' "$(grep -c '^### ' one.md) $(grep -m1 -o 'panic: two; first came goroutine 1348' one.md) $(grep -c '^main.main.func2.1$' one.md)" \
	"$("$g" --goroutines --group-by stack --json "$TOP/tests/data/single/quotes-panic.txt.gz" 2>/dev/null | wc -l) panic: two; first came goroutine 1348 1"
# --- what cannot be read
mkdir -p held/in; cp before.txt after.txt held; cp before.txt held/in; echo x >held/notes.txt; chmod 000 held/after.txt held/in
is 'in a folder, a file or a folder that cannot be read is told, and the rest is there' "$(bound "$g" --stats --json held 2>err | jq .goroutines) $(cat err)" \
	'4 gscrape-tui: held/after.txt: Permission denied
gscrape-tui: held/in: Permission denied'
chmod 755 held/after.txt held/in

# --- a goroutine's own text
block() { awk -v id="$1" '$1 == "goroutine" { on = $2 == id } /^$/ { on = 0 } on'; }
is '--raw: its text, out of a log' "$("$g" --goroutine 18 --raw "$texts/94-kubectl-prefix.txt" 2>err)" "$(block 18 <before.txt)"
is '... of the moment that is asked about' "$("$g" --goroutine 43 --raw before.txt after.txt) $("$g" --goroutine 42 --raw --at 2026-11-23T16:30:00Z before.txt after.txt)" \
	"$(block 43 <after.txt) $(block 42 <before.txt)"
fails '... in which it must be' 1 'before.txt, after.txt has no goroutine 42 at 2026-11-23 17:00:00' "$g" --goroutine 42 --raw before.txt after.txt
archive=$TOP/tests/data/past/archive
"$g" --index --db past.db "$archive" --archive-tz UTC -q
at=2026-11-23T16-05-37
is '... from the archive' "$("$g" --goroutine 1 --raw --host 127.0.0.1:6060 --db past.db --output "$archive" --archive-tz UTC --at 2026-11-23T16:05:37Z)" \
	"$(zcat "$archive/127.0.0.1_6060/$at.goroutines.txt.gz" | block 1)"
fails '... without which it is not there' 1 '/the text of 127.0.0.1:6060 at 2026-11-23 16:05:37 is not there: .*/' \
	"$g" --goroutine 1 --raw --host 127.0.0.1:6060 --db past.db --at 2026-11-23T16:05:37Z

# --- several services in one log, line by line in turns: two PROGRAM of awk's, in which n is 1 or 2
two() { paste -d '\n' <(awk "$1" n=1 before.txt) <(awk "$1" n=2 before.txt) >pods.log; stats pods.log | sed 's/ .* / /' | tr '\n' ' '; }
is 'each pod of a log is a host, where the log names it' "$(two '{ print "[pod/shop-" n "/web] " $0 }')" 'shop-1/web 4 shop-2/web 4 '
is '... by docker compose' "$(two '{ print "shop-" n "  | " $0 }')" 'shop-1 4 shop-2 4 '
is '... by syslog, and the program on it' "$(two '{ print "Nov 23 10:00:00 web" n " shopd[76]: " $0 }')" 'web1/shopd 4 web2/shopd 4 '
is '... in records' "$(two '{ gsub("\t", "\\t"); print "{\"log\":\"" $0 "\\n\",\"kubernetes\":{\"pod_name\":\"shop-" n "\"}}" }')" 'shop-1 4 shop-2 4 '
is '... in the first of the lines that were one' "$(for n in 1 2; do printf 'Nov 23 10:00:00 web%s shopd[7]: %s\n' $n "$(sed ':a; N; $!ba; s/\n/#012/g; s/\t/#011/g' before.txt)"; done >pods.log; stats pods.log | sed 's/ .* / /' | tr '\n' ' ')" \
	'web1/shopd 4 web2/shopd 4 '
is '... one alone, too, is one' "$(sed '1s/^/psql-1 | /; 2,$s/^/       | /' before.txt >pods.log; stats pods.log | sed 's/ .* / /')" 'pods.log 4'
is 'one alone is called as its file' "$(sed 's/^/shop-1  | /' before.txt >pods.log; stats pods.log | sed 's/ .* / /')" 'pods.log 4'

# --- what is older than what a store has of its host
cp -p "$(ls "$TOP"/tests/data/texts/00-plain.txt)" older.txt; touch -d 2026-01-02 older.txt; "$g" --index older.txt --db late.db -q; touch -d 2026-01-01 older.txt
fails 'a dump that comes late is told, and the status tells it' 1 '1 dump is older than what the store has of its host: left out' "$g" --index older.txt --db late.db

# --- folders
mkdir -p dumps/web-0 dumps/web-1
cp -p before.txt after.txt dumps/web-0; cp before.txt dumps/web-1/d.2026-11-23T16-05-05Z.txt; echo 'not a dump' >dumps/README
is 'loose dumps of a folder are counted' "$("$g" --count dumps | grep -c '^==> dumps/')" 3
folder='web-0 2026-11-23T16:00:00Z 4
web-0 2026-11-23T17:00:00Z 4
web-1 2026-11-23T16:05:05Z 4'
is 'a folder of dumps: each folder in it is a host' "$(stats dumps) $(cat err)" "$folder "
"$g" --index --db loose.db dumps; is 'so it is indexed' "$? $(stats --db loose.db)" "0 $folder"
is 'again: all is known' "$("$g" --index --json --db loose.db dumps | jq -c '[.recorded, .known, .late]')" '[0,3,0]'

# --- bundles
gzip -c before.txt | gzip -c | gzip -c >thrice.gz
is 'gzip in gzip in gzip' "$("$g" --parse thrice.gz | jq -s length)" 4
python3 - <<'PY'
import bz2, gzip, io, lzma, tarfile, zipfile
dump = open('before.txt', 'rb').read()
def tar(names, mode='w'):
    b = io.BytesIO()
    with tarfile.open(fileobj=b, mode=mode) as t:
        for name, data in names:
            i = tarfile.TarInfo(name); i.size = len(data); i.mtime = 1795449600; t.addfile(i, io.BytesIO(data))
    return b.getvalue()
inner = [('support/pod-1/goroutines.txt', dump), ('support/pod-1/version', b'go1.22'), ('support/pod-2/g.txt.gz', gzip.compress(dump))]
open('b.tar', 'wb').write(tar(inner)); open('b.tar.gz', 'wb').write(tar(inner, 'w:gz')); open('b.tar.xz', 'wb').write(tar(inner, 'w:xz'))
with zipfile.ZipFile('b.zip', 'w', zipfile.ZIP_DEFLATED) as z:
    for name, data in inner: z.writestr(zipfile.ZipInfo(name, (2026, 11, 23, 16, 0, 0)), data)
with zipfile.ZipFile('slip.zip', 'w') as z: z.writestr('../../slipped/x.txt', dump); z.writestr('/slipped.txt', dump)
open('d.bz2', 'wb').write(bz2.compress(dump)); open('d.xz', 'wb').write(lzma.compress(dump))
deep = dump
for i in range(7):
    b = io.BytesIO()
    with zipfile.ZipFile(b, 'w', zipfile.ZIP_DEFLATED) as z: z.writestr('d.zip', deep)
    deep = b.getvalue()
open('deep.zip', 'wb').write(deep)
onion = dump
for i in range(8): onion = gzip.compress(onion)
open('onion.gz', 'wb').write(onion)
open('bomb.xz', 'wb').write(lzma.compress(b'x' * (300 << 20), preset=0))
open('cut.tar.xz', 'wb').write(tar(inner, 'w:xz')[:-40])
PY
for b in b.tar b.tar.gz b.tar.xz b.zip; do
	is "$b: dumps of two pods, one of them compressed" "$(stats $b | sed 's/ .* / /') $(cat err)" 'pod-1 4
pod-2 4 '
done
for f in d.bz2 d.xz b.tar.gz b.zip; do is "$f on standard input" "$("$g" --parse - <$f | wc -l)" "$([ "${f%%.*}" = d ] && echo 4 || echo 8)"; done
is 'names that climb out of a bundle are names, no paths' "$(stats slip.zip | sed 's/ .*//' | sort | tr '\n' ' ')$(find "$TMP" / -maxdepth 2 -name 'slipped*' 2>/dev/null)" 'slip.zip slipped '
fails 'a dump within seven bundles is not looked into' 1 'deep.zip: holds no goroutine dump' "$g" --parse deep.zip
fails '--serve of a file that is not there' 1 'nothere.txt: no such file or folder (an address has its port: nothere.txt:8080)' "$g" --serve nothere.txt
fails 'nor a gzip within eight' 1 'onion.gz: is gzip within gzip, more than 3 deep: not looked into' "$g" --parse onion.gz
fails '300 MB of nothing in 50 kB' 1 'bomb.xz: holds no goroutine dump' "$g" --parse bomb.xz
"$g" --parse cut.tar.xz >out 2>err; is 'a cut bundle gives what came before, and says so' "$? $(grep -c 'cut.tar.xz: ' err)" '1 1'
is 'nothing is left behind' "$(ls tmp)" ''
finish
