# needs: jq
# --parse: JSON lines; and every kind of input that is no dump.
. "$TOP/tests/cli/lib.sh"
g=$GSCRAPE data=$TOP/tests/data/count/127.0.0.1_6060
dump=$data/2026-11-23T16-13-50.goroutines.txt.gz
cd "$TMP" || exit 1

"$g" --parse "$dump" >all.json; rc=$?
is 'every goroutine is a line' "$rc $(wc -l <all.json)" "0 $(zcat "$dump" | grep -c '^goroutine [0-9]')"
is 'in the order of the dump' "$(jq .id all.json)" "$(zcat "$dump" | sed -nE 's/^goroutine ([0-9]+) .*/\1/p')"
is 'each has the promised shape' "$(jq -c 'select((.id|type) != "number" or (.state|type) != "string" or (.locked|type) != "boolean" or
	(.leaked|type) != "boolean" or (.elided|type) != "number" or (.frames|type) != "array" or
	(.frames|map((.func|type) == "string" and (.line|type) == "number")|all|not) or
	(has("minutes") and (.minutes|type) != "number"))' all.json)" ''
is 'states and minutes are those of the text' \
	"$(jq -r '.state + (if .minutes then ", \(.minutes) minutes" else "" end) + (if .locked then ", locked to thread" else "" end)' all.json | sort)" \
	"$(zcat "$dump" | sed -nE 's/^goroutine [0-9]+ \[(.*)\]:$/\1/p' | sort)"
is 'so are functions' "$(jq -r '.frames[].func' all.json | sort | uniq -c)" \
	"$(zcat "$dump" | grep -B1 -P '^\t' | grep -vP '^\t|^--$|^created by' | sed -E 's/\([^()]*\)$//' | sort | uniq -c)"
cat >one.txt <<'DUMP'
goroutine 18 [chan receive, 3 minutes, locked to thread]:
gopkg.in/yaml%2ev3.(*T[...]).run(0xc000012345, {...})
	/src/a.go:12 +0x1d
created by main.main in goroutine 1
	/src/a.go:7 +0x25
DUMP
is 'one goroutine, to the byte' "$("$g" --parse one.txt | jq -cS .)" "$(jq -cS . <<'JSON'
{"id":18,"state":"chan receive","minutes":3,"locked":true,"leaked":false,
 "frames":[{"func":"gopkg.in/yaml.v3.(*T[...]).run","file":"/src/a.go","line":12,"args":"0xc000012345, {...}"}],
 "elided":0,"created_by":{"func":"main.main","file":"/src/a.go","line":7,"goroutine":1}}
JSON
)"
"$g" --parse <one.txt >stdin.json; is 'standard input without a file' "$? $(cat stdin.json)" "0 $("$g" --parse one.txt)"
is '--json changes nothing' "$("$g" --parse --json one.txt)" "$("$g" --parse one.txt)"
"$g" --parse "$dump" 2>err | head -1 >/dev/null; rc=${PIPESTATUS[0]}
ok '| head does no harm' test "$rc" = 141 -o "$rc" = 0
is 'and says nothing' "$(cat err)" ''
for i in $(seq 2000); do sed "s/ 18 / $i /" one.txt; done >long.txt
"$g" --parse long.txt 2>err | head -1 >/dev/null; rc=${PIPESTATUS[0]}
is 'a long answer dies of SIGPIPE, as cat does' "$rc $(cat err)" '141 '
"$g" --parse one.txt >/dev/full 2>err; is 'a full disk is told' "$? $(cat err)" '1 gscrape-tui: standard output: the disk is full'

# --- what is no dump
printf '<!DOCTYPE html>\n<html><body>502 Bad Gateway</body></html>\n' >page.html
printf 'goroutine profile: total 2\n2 @ 0x1 0x2\n#\t0x1\tmain.f+0x1\t/a.go:1\n' >debug1.txt
printf '{"error":"nope"}\n' >answer.json
head -c 3000 /dev/urandom | tr -d 'g\n\037' >random.bin
: >nothing.txt; gzip -c nothing.txt >nothing.gz; printf '\037\213garbage' >garbage.gz
head -c 1000 "$dump" >half.gz; mkdir -p folder; cp one.txt secret.txt; chmod 000 secret.txt
for command in --parse --count; do
	fails "$command: a file that is not there" 1 'missing.txt: No such file or directory' "$g" $command missing.txt
	fails "$command: an empty file" 1 'nothing.txt: is empty, no goroutine dump' "$g" $command nothing.txt
	fails "$command: an empty standard input" 1 'standard input: is empty, no goroutine dump' "$g" $command
	fails "$command: nothing in a gzip" 1 'nothing.gz: is empty, no goroutine dump' "$g" $command nothing.gz
	fails "$command: an HTML page" 1 'page.html: is an HTML page, no goroutine dump' "$g" $command page.html
	fails "$command: JSON" 1 '/answer.json: is .*JSON.*, no goroutine dump/' "$g" $command answer.json
	fails "$command: any bytes" 1 'random.bin: is no goroutine dump' "$g" $command random.bin
	fails "$command: no gzip after all" 1 '/garbage.gz: gzip file is (cut|damaged) after 0 bytes of text/' "$g" $command garbage.gz
	if [ "$(id -u)" -ne 0 ]; then
		fails "$command: no permission" 1 'secret.txt: Permission denied' "$g" $command secret.txt
	fi
	"$g" $command half.gz >out 2>err; rc=$?
	is "$command: half a gzip gives what came before the cut, and status 1" "$rc $(grep -c 'half.gz: gzip file is cut after' err) $(test -s out && echo some)" '1 1 some'
done
fails '--parse: a folder' 1 'folder: is a directory' "$g" --parse folder
finish
