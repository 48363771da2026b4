# needs: jq
# --count against what gscrape's gcount answers, and where it is to differ.
. "$TOP/tests/cli/lib.sh"
g=$GSCRAPE data=$TOP/tests/data/count
cd "$TMP" || exit 1

# One line per group: count, state and frames, without arguments and trailing blanks (gcount's quirks).
groups() { # [with-arguments]
	awk '/^[0-9]/ { if (g) print g; g = $0; next } /^#/ { sub(/^#\t/, ""); sub(/ $/, ""); g = g "|" $0 } END { print g }' |
		if [ "${1:-}" ]; then sed -E 's/([]A-Za-z0-9_)])\([^|()]*\)\|/\1|/g'; else cat; fi | sort
}

caddy=127.0.0.1_2019/2026-11-23T16-15-01 leaky=127.0.0.1_6060/2026-11-23T16-13-50
"$g" --count "$data/$caddy.goroutines.txt.gz" >caddy.txt
is 'a dump is grouped and counted as gcount does' "$(groups <caddy.txt)" "$(groups args <"$data/$caddy.gcount.txt")"
is 'with the same total' "$(head -1 caddy.txt)" "$(head -1 "$data/$caddy.gcount.txt")"

# gcount's header pattern knows "N minutes" but not "locked to thread": goroutine 98 is lost to it.
"$g" --count "$data/$leaky.goroutines.txt.gz" >leaky.txt
is 'the only difference is the goroutine that gcount loses: it is locked to its thread' \
	"$(diff <(groups args <"$data/$leaky.gcount.txt") <(groups <leaky.txt) | grep '^[<>]')" \
	'> 1 [select (no cases)]|main.main.func5|leaky/main.go:107|created by main.main|leaky/main.go:105'
is 'so the total is one more' "$(head -1 "$data/$leaky.gcount.txt") $(head -1 leaky.txt)" \
	'goroutine profile: total 721 goroutine profile: total 722'

counts=$(grep -oE '^[0-9]+ ' leaky.txt)
is 'the largest group comes first' "$counts" "$(sort -rn <<<"$counts")"
is 'the groups make up the total' "$(awk '/^[0-9]/ { n += $1 } END { print n }' leaky.txt)" 722

zcat "$data/$leaky.goroutines.txt.gz" | "$g" --count >stdin.txt; is 'standard input gives the same' "$(cat stdin.txt)" "$(cat leaky.txt)"
"$g" --count - <"$data/$leaky.goroutines.txt.gz" >stdin.txt; is 'so does gzip on standard input, as -' "$(cat stdin.txt)" "$(cat leaky.txt)"

# --- JSON
"$g" --count --json "$data/$leaky.goroutines.txt.gz" >leaky.json
is 'JSON has a group per line' "$(jq -r '"\(.count) [\(.state)]"' leaky.json)" "$(grep -E '^[0-9]' leaky.txt)"
is 'with frames and the creation site' "$(head -1 leaky.json | jq -c '[.frames[0].func, .frames[0].file, .frames[0].line, .created_by.line, has("file")]')" \
	'["main.fetch.func1","leaky/main.go",50,49,false]'

# --- several files, and folders in and out
"$g" --count "$data/$leaky.goroutines.txt.gz" "$data/$caddy.goroutines.txt.gz" >both.txt
is 'several files are answered one by one, with their names' "$(grep -c '^==> .*\.gz <==$' both.txt) $(grep -c '^goroutine profile' both.txt)" '2 2'
"$g" --count --json "$data/$leaky.goroutines.txt.gz" "$data/$caddy.goroutines.txt.gz" >both.json
is 'and in JSON' "$(jq -r .file both.json | uniq | sed 's|.*/data/count/||')" "$leaky.goroutines.txt.gz
$caddy.goroutines.txt.gz"
"$g" --count "$data" --out counts >out 2>err
is 'a folder goes into a folder of the same shape' "$? $(wc -c <out) $(wc -c <err) $(cd counts && find . -type f | sort | tr '\n' ' ')" \
	"0 0 0 ./$caddy.goroutines.txt ./$leaky.goroutines.txt "
is 'each with its answer' "$(cat "counts/$leaky.goroutines.txt")" "$(cat leaky.txt)"
"$g" --count "$data/$leaky.goroutines.txt.gz" --out one.txt; is '--out with one file is a file' "$? $(cmp one.txt leaky.txt)" '0 '

# --- many goroutines, many groups
awk 'BEGIN { for (i = 1; i <= 3000; i++) printf "goroutine %d [select]:\nmain.f%d(0x%x)\n\t/src/a.go:%d +0x1\n\n", i, i % 1500, i, i % 1500 }' >many.txt
is 'groups are found again among many' "$("$g" --count many.txt | grep -c '^2 \[select\]$')" 1500

# --- bad input: the others go on
mkdir -p mixed/h && cp "$data/$caddy.goroutines.txt.gz" mixed/h/b.goroutines.txt.gz
head -c 2000 "$data/$leaky.goroutines.txt.gz" >mixed/h/a.goroutines.txt.gz
"$g" --count mixed --out mixed.out 2>err; rc=$?
is 'half a gzip in a folder is told, and what came before the cut is counted' "$rc $(wc -l <err) $(grep -c 'a.goroutines.txt.gz: gzip file is cut after' err)" '1 1 1'
is 'and the others are done' "$(head -1 mixed.out/h/b.goroutines.txt) $(ls mixed.out/h | wc -l)" 'goroutine profile: total 107 2'
mkdir empty
fails 'its own answer is called so' 1 'leaky.txt: is what --count prints, groups without addresses, no goroutine dump' "$g" --count leaky.txt
cp "$TOP/tests/data/texts/38-two-dumps.txt" two.txt
is 'each moment of a text is counted by itself' "$("$g" --count two.txt | grep -E '^==>|^goroutine profile')" \
	"$(printf '==> two.txt: %s of 2 <==\ngoroutine profile: total 4\n' 1 2)"
is '... in JSON too' "$("$g" --count --json two.txt | jq -s -c 'map([.moment, .count]) | unique')" '[[1,1],[2,1]]'
fails 'an empty folder' 1 'empty: holds no goroutine dump' "$g" --count empty
fails 'a folder that cannot be made' 1 'one.txt/x: Not a directory' "$g" --count "$data" --out one.txt/x
finish
