# needs: jq python3
# --report: the same store gives the same bytes (report.md and report.html beside this), and nothing from a dump is taken
# for markup. When the model's words change, make the two again as the loop below does, and look at what changed.
. "$TOP/tests/cli/lib.sh"
g=$GSCRAPE past=$TOP/tests/data/past/archive here=$TOP/tests/export
cd "$TMP" || exit 1
"$g" --index "$past" --archive-tz UTC -q || exit 1 # into gscrape.db: its name is in the report

report() { "$g" --report "$@" --tz UTC; }
for ending in md html; do
	report out.$ending --host 127.0.0.1:6060 >out 2>err; is "$ending: written without a word" "$? $(cat out err)" '0 '
	is "$ending: what it was" "$(cat out.$ending)" "$(cat "$here/report.$ending")"
	report again.$ending --host 127.0.0.1:6060; is "$ending: and what it is again" "$(cmp out.$ending again.$ending)" ''
done

# What the golden files say, told apart from how.
"$g" --leaks --host 127.0.0.1:6060 --json | jq -s '.[0]' >leak.json
text=$(cat out.md)
has() { ok "it has $1" grep -qF -- "$2" <<<"$text"; }
has 'the verdict' "leak, $(printf %.2f "$(jq .score leak.json)") by the model"
has 'where they were created' '**Created by**: `main.fetch leaky/main.go:49`'
has 'where they are stuck' '**Stuck in**: `main.fetch.func1 leaky/main.go:50`'
has 'how many' "$(jq .count leak.json) at the end"
has 'every argument for' "$(jq -r '.evidence[-1]' leak.json)"
has 'every argument against' "$(jq -r '.against[-1]' leak.json)"
has 'the oldest goroutine' "goroutine $(jq .oldest_id leak.json), there since"
has 'a command' 'gscrape-tui --db gscrape.db --view leaks --host 127.0.0.1:6060'
has 'a URL' "<http://127.0.0.1:8080/?view=goroutine&host=127.0.0.1:6060&id=$(jq .oldest_id leak.json)&epoch=1>"
has 'the version' "$("$g" --version | head -1)"
ok 'its command works' bash -c "$(grep -- '^gscrape-tui --db .* --goroutine ' out.md | sed 's|^gscrape-tui|"$GSCRAPE"|') | grep -q 'chan send'"

# A page: XML to the last letter, without scripts, and nothing is fetched.
cat >page.py <<'EOF'
import re, sys, xml.etree.ElementTree as et
text = open(sys.argv[1], encoding='utf-8').read()
assert text.startswith('<!DOCTYPE html>\n')
root = et.fromstring(text[len('<!DOCTYPE html>'):])
names = {e.tag.split('}')[-1] for e in root.iter()}
allowed = set('html head meta title style body h1 h2 h3 p table thead tbody tr th td code pre ul li a svg rect line text footer'.split())
assert names <= allowed, names - allowed
for e in root.iter():
    for k, v in e.attrib.items():
        assert not k.lower().startswith('on') and k not in ('src', 'style'), (e.tag, k)
        assert k != 'href' or v.startswith('http://127.0.0.1:8080/?'), v
assert 'url(' not in text and '@import' not in text
assert any("default-src 'none'" in e.get('content', '') for e in root.iter('meta'))
print(len([e for e in root.iter('{http://www.w3.org/2000/svg}rect')]))
EOF
is 'the page is strict, with a column per piece of time' "$(python3 page.py out.html 2>&1 | tail -1)" 72

# --- all hosts; beside --leaks; nothing to tell
report all.md; is 'all hosts are in the head' "$(grep -c '^| `127.0.0.1' all.md)" 2
"$g" --leaks --host 127.0.0.1:6060 --tz UTC >leaks.txt
is 'beside --leaks, what that prints stays as it is' "$("$g" --leaks --report beside.md --host 127.0.0.1:6060 --tz UTC)" "$(cat leaks.txt)"
is 'and the report is the same' "$(cmp beside.md out.md)" ''
"$g" --report fail.md --leaks --fail-on leak --host 127.0.0.1:6060 >/dev/null; is '--fail-on holds beside it' "$? $(test -s fail.md; echo $?)" '3 0'
report none.md --host 127.0.0.1:2019; ok 'nothing leaks' grep -q '^Nothing leaks, as far as' none.md
report span.md --host 127.0.0.1:6060 --from 2026-11-23T16:06:00Z --to 2026-11-23T16:08:00Z
ok 'a part of the time is told' grep -qxF 'Looked at: 2026-11-23T16:06:00Z to 2026-11-23T16:08:00Z.' span.md

# --- names that are markup
mkdir -p 'odd/a_1'
for i in 0 1 2 3 4 5 6 7 8 9; do
	for n in $(seq 1 $((4 + 6 * i))); do
		printf 'goroutine %d [chan send]:\nmain.<script>alert(1)</script>|`x`&"\047*_[l](javascript:x)(0x1)\n\t/src/<b>|``.go:3 +0x1\ncreated by main.<i>\047 in goroutine 1\n\t/src/&amp;.go:7 +0x1\n\n' $((n + 100))
	done | gzip >"odd/a_1/2026-11-23T16-0$i-00.000Z.goroutines.txt.gz"
done
"$g" --index odd --db "it's odd.db" -q
report odd.html --db "it's odd.db"; is 'the page stays strict' "$(python3 page.py odd.html 2>&1 | tail -1)" 72
ok 'and the name is in it' grep -qF '&lt;script&gt;alert(1)&lt;/script&gt;|`x`&amp;&quot;&#39;*_[l](javascript:x)' odd.html
report odd.md --db "it's odd.db"
is 'headings and sentences take nothing for markup' "$(grep '^## 1' odd.md)" '## 1. 58 goroutines stuck in main.\<script\>alert(1)\</script\>\|\`x\`\&"'"'"'\*\_\[l\](javascript:x)'
ok 'nor do names' grep -qF '**Stuck in**: ``` main.<script>alert(1)</script>|`x`&"'"'"'*_[l](javascript:x) /src/<b>|``.go:3 ```' odd.md
ok 'a store is named as a shell takes it' grep -qF "gscrape-tui --db 'it'\\''s odd.db' --view leaks --host a:1" odd.md

# --- many: all are listed, the first in full
mkdir -p many/a_1
for i in 0 1 2 3 4 5 6 7 8 9; do
	for site in 1 2 3 4 5 6 7; do
		for n in $(seq 1 $((4 + 6 * i))); do
			printf 'goroutine %d [chan send]:\nmain.place%d(0x1)\n\t/src/p.go:3 +0x1\ncreated by main.site%d\n\t/src/p.go:7 +0x1\n\n' $((n * 10 + site + 100)) $site $site
		done
	done | gzip >"many/a_1/2026-11-23T16-0$i-00.000Z.goroutines.txt.gz"
done
"$g" --index many --db many.db -q
report many.md --db many.db
is 'all are listed' "$(grep -c '^| [1-7] | ' many.md)" 7
is 'the first in full' "$(grep -c '^## [1-7]' many.md)" 5
ok 'and that is told' grep -qxF '7 suspects; the first 5 are told in full.' many.md

# --- what cannot be
fails 'another ending' 2 "--report: 'x.pdf' ends neither in .html nor in .md" "$g" --report x.pdf
fails 'another ending, beside --leaks' 2 "--report: '.md' ends neither in .html nor in .md" "$g" --leaks --report .md
fails 'a folder that is not there' 1 'none/x.md: No such file or directory' "$g" --report none/x.md
fails 'an unknown host' 1 "/no host '127.0.0.1:6061' in .*/" "$g" --report x.md --host 127.0.0.1:6061
fails 'a time before the first snapshot' 1 '/nothing is known at 2026-11-01T00:00:00Z; 127.0.0.1:6060: no sample at T; first .*/' "$g" --report x.md --to 2026-11-01T00:00:00Z
"$TOP/$B/tools/empty" empty.db
fails 'an empty store' 1 'empty.db has no hosts yet' "$g" --report x.md --db empty.db
is 'and no file is made' "$(ls | grep ^x)" ''
finish
