# needs: python3
# The pictures in README are what the program shows of the recordings in tests/data; `make pictures` draws them anew.
. "$TOP/tests/cli/lib.sh"
for folder in one two; do
	mkdir "$TMP/$folder" && "$TOP/contrib/pictures/draw" "$TMP/$folder"
done
is 'drawn twice they are the same' "$(diff -rq "$TMP/one" "$TMP/two")" ''
is 'and as they stand in README' "$(cd "$TMP/one" && for f in *.svg; do cmp -s "$f" "$TOP/contrib/pictures/$f" || echo "$f"; done)" ''
is 'README has each of them' "$(cd "$TMP/one" && for f in *.svg; do grep -q "contrib/pictures/$f" "$TOP/README.md" || echo "$f"; done)" ''
ok 'they are XML' python3 -c 'import sys, xml.dom.minidom as m; [m.parse(f) for f in sys.argv[1:]]' "$TMP"/one/*.svg
finish
