# What a person may name to browse, seen through --dump: a store, an archive, one dump, standard input; and what not.
. "$TOP/tests/cli/lib.sh"
g=$GSCRAPE data=$TOP/tests/data
cd "$TMP" || exit 1
mkdir tmp; export TMPDIR=$TMP/tmp TZ=UTC

shot=$data/count/127.0.0.1_6060/2026-11-23T16-13-50.goroutines.txt.gz
"$g" --dump overview "$data/past/archive" --archive-tz UTC >archive.txt 2>err
is 'an archive' "$? $(cat err) $(grep -cE '127.0.0.1:(2019|6060) ' archive.txt)" '0  3'
"$g" --index "$data/past/archive" --archive-tz UTC
is 'is shown as its store is' "$("$g" --dump overview)" "$(cat archive.txt)"
is 'one dump: whose and when is told by its path' "$("$g" --dump overview "$shot" --archive-tz UTC | grep -c -e '^>127.0.0.1:6060 .* 722 ' -e '^ all hosts (1) .*T 16:13:50')" 2
cp "$shot" crash.gz
is 'or by the file, when its name says nothing' "$("$g" --dump overview crash.gz | grep -c '^>crash.gz .* 722 ')" 1
for dump in "$data"/single/*sigquit*.gz "$data"/single/*-crash.txt.gz; do # threads' schedulers are goroutine 0; a crash has those that ran twice
	is "$(basename "$dump"): who is alive is who is in the text" "$("$g" --goroutines --group-by none --json "$dump" 2>/dev/null | jq -r .id | sort)" \
		"$("$g" --parse "$dump" 2>/dev/null | jq -r 'select(.id > 0).id' | sort -u)"
done
is 'a dump on standard input' "$(zcat "$shot" | "$g" --dump overview - | grep -c '^>standard input .* 722 ')" 1
"$g" --dump overview --size 100x30 --out screen.txt
is '--out is a file, of the size asked for' "$? $(wc -l <screen.txt) $(test "$(wc -L <screen.txt)" -le 100 && echo fits)" '0 30 fits'
head -c 2000 "$shot" >half.gz
"$g" --dump overview half.gz >half.txt 2>err
is 'half a dump is told, and shown as far as it goes' "$? $(grep -c 'half.gz: gzip file is cut' err) $(grep -c '^>half.gz' half.txt)" '0 1 1'
is 'the URL of a view: which one, and where in it' \
	"$("$g" --dump overview 'http://127.0.0.1:8080/?view=goroutine&host=127.0.0.1:6060&id=1907' | grep -c -e '\[3 Gor\]' -e '^ 127.0.0.1:6060 > g1907 ')" 2
is '--id needs no --host where there is one' "$("$g" --dump goroutine --id 1907 "$shot" --archive-tz UTC | grep -c '^ 127.0.0.1:6060 > g1907 ')" 1
is 'nothing is left behind' "$(ls tmp)" ''
fails 'but where there are two' 2 '--id needs --host: there are 2' "$g" --dump goroutine --id 1 "$data/past/archive" --archive-tz UTC

mkdir empty; echo '<html>' >page.html
fails 'neither file nor target' 1 'nosuch: no such file or folder, and no target (write host:port)' "$g" nosuch
fails '--dump of nothing' 1 'nosuch: no such file or folder' "$g" --dump overview nosuch
fails 'an empty folder' 1 'empty: holds no goroutine dump' "$g" --dump overview empty
fails 'an HTML page' 1 'page.html: is an HTML page, no goroutine dump' "$g" --dump overview page.html
printf 'goroutine profile: total 2\n2 @ 0x1 0x2\n#\t0x1\tmain.f+0x1\t/a.go:1\n' >debug1.txt
is 'a profile without identities says so' "$("$g" --dump host --size 120x24 debug1.txt | grep -c -e 'grouped: no identities' -e '^>+ *2 *- *- ')" 2
fails 'an empty standard input' 1 'standard input: is empty, no goroutine dump' "$g" --dump overview -
fails 'a file and a target' 2 "files go together, or targets: '127.0.0.1:1' is too much" "$g" page.html 127.0.0.1:1
fails 'a file and nothing' 1 'nosuch: no such file or folder' "$g" page.html nosuch
fails 'a view that is none' 2 '/no view .nothere. .*/' "$g" --dump nothere
fails 'no terminal to paint on' 2 '/this is no terminal.*/' "$g"
mkdir "$TMP/none" && cd "$TMP/none" || exit 1
fails 'nor for a live target' 2 '/this is no terminal.*/' "$g" 127.0.0.1:1
is 'of which nothing is recorded then' "$(ls)" ''
cd "$TMP" || exit 1
TMPDIR=$TMP/nowhere
fails 'no place for a temporary store' 1 "/$TMP\/nowhere\/gscrape-tui\..*: No such file or directory/" "$g" --dump overview "$shot"
TMPDIR=$TMP/tmp
is 'nothing is left behind by what failed' "$(ls tmp)" ''
printf 'targets = 127.0.0.1:1\n' >config
fails 'targets in the config file do not make browsing record' 2 '/this is no terminal.*/' "$g" --config config

# --- a hundred thousand in a dump, and then four: each number has its head, and a blank before it
many() {
	printf 'goroutine 1 [running]:\nmain.main()\n\t/src/main.go:20 +0x1\n\n'
	awk -v n="$1" 'BEGIN { for (i = 2; i <= n; i++)
		printf "goroutine %d [chan send, 12 minutes]:\nmain.work(0x1)\n\t/src/main.go:30 +0x1\ncreated by main.main in goroutine 1\n\t/src/main.go:6 +0x1\n\n", i }'
}
many 100001 >big.txt; many 5 >few.txt; touch -d '2026-11-23 16:00:00Z' big.txt; touch -d '2026-11-23 16:01:00Z' few.txt
"$g" --index big.txt few.txt --db many.db -q
is 'the slope' "$("$g" --db many.db --dump overview --size 120x24 | sed -n 4p | grep -cE ' 5 +5 +-[0-9.]+k/h')" 1
is 'the change' "$("$g" --db many.db --dump host --size 120x24 | grep -Eo '^>\+ +4 +-100k +12m' | tr -s ' ')" '>+ 4 -100k 12m'
is 'the count' "$("$g" --dump host --size 120x24 big.txt | grep -Eo '^>\+ +100k ' | tr -s ' ')" '>+ 100k '
"$g" --dump leaks --size 120x24 big.txt >leaks.txt
is 'the axis of a leak' "$(grep -c '^  100k┤' leaks.txt) $(grep -c '~[0-9]' leaks.txt)" '1 0'
is 'the oldest is as old as the minutes of the dump prove, in view 5, too' "$(grep -c '^> *0\.84 .* 12m ' leaks.txt)" 1
# --- a stack of which Go left out the middle: no frame seems to have called another that it did not
{
	echo 'goroutine 1 [running]:'
	for i in $(seq 50); do printf 'main.in%d(0x1)\n\t/src/main.go:%d +0x1\n' "$i" "$i"; done
	echo '...101 frames elided...'
	for i in $(seq 50); do printf 'main.out%d(0x1)\n\t/src/main.go:%d +0x1\n' "$i" "$((i + 100))"; done
} >deep.txt
"$g" --index deep.txt --db deep.db -q
middle() { grep -A2 "$1" | grep -Eo 'main\.(in|out)[0-9]+|\.\.\.frames elided\.\.\.' | paste -sd' '; }
is 'view 3' "$("$g" --db deep.db --dump goroutine --id 1 --size 100x130 | middle 'main.out1 ')" 'main.out1 ...frames elided... main.in50'
is 'its rows' "$("$g" --db deep.db --dump goroutine --id 1 --format json | grep -c 'frames elided')" 1
is '--goroutine' "$("$g" --db deep.db --goroutine 1 | middle 'main.in50 ')" 'main.in50 ...frames elided... main.out1'
for profile in '' --profile; do
	# shellcheck disable=SC2086
	is "--goroutine $profile --json" "$("$g" --db deep.db --goroutine 1 $profile --json | grep -o '"main.in50[^"]*","[^"]*","main.out1 ')" '"main.in50 /src/main.go:50","...frames elided...","main.out1 '
done

# --- what the runtime puts below a program's own function, as a crash shows it, is not what a goroutine runs
crash=$data/single/leaky-crash.txt.gz
is 'the main goroutine of a crash is its program'"'"'s' "$("$g" --goroutines --json --where 'root == main.main' "$crash" 2>/dev/null | jq -c '[.group, .count]')" '["main.main (root)",1]'
is 'and so are parents' "$("$g" --dump goroutine --id 34 "$crash" 2>/dev/null | grep -c '<- parent g1 main.main')" 1
is 'where no age is known they are by their number' "$("$g" --dump host "$crash" 2>/dev/null | grep -c 'by count$'; "$g" --dump host "$data/single/leaky.txt.gz" | grep -c 'by oldest$')" \
	"$(printf '1\n1')"

# --- when who was alive was never known
mkdir never; echo '<html>' | gzip >never/2026-11-23T16-00-01.goroutines.txt.gz
mkdir never.d; mv never never.d/127.0.0.1_1
"$g" --index never.d --db never.db -q 2>/dev/null
is '--lives says why it lists nobody' "$("$g" --lives --db never.db | sed 1d | cut -c1-38)" 'note: 127.0.0.1:1: down since 16:00:01'

finish
