# needs: readelf
# The program is built so that a fault in it is harder to use: seen on the file itself.
. "$TOP/tests/cli/lib.sh"
if readelf -sW "$GSCRAPE" | grep -q '__asan_init\|__tsan_init'; then
	echo 'ok 1 - the program is hardened # SKIP built with a sanitizer'
	echo 1..1
	exit
fi
has() { readelf "$1" -W "$GSCRAPE" | grep -Eq "$2"; }
ok 'it runs at any address' has -h 'Type: +DYN'
ok 'its tables cannot be written to' has -l GNU_RELRO
ok 'not even at the beginning: all is bound at the start' has -d 'BIND_NOW|FLAGS_1.*NOW'
ok 'its stack does not run' test -z "$(readelf -lW "$GSCRAPE" | grep GNU_STACK | grep E)"
ok 'a stack that was written over is seen' has -s __stack_chk_fail
ok 'copies that are too long are seen' has -s '__(memcpy|snprintf|vsnprintf|fprintf|printf|read)_chk'
finish
