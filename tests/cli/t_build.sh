# needs: make
# The build, the demo and the tests where something is missing: one sentence that says what to do.
. "$TOP/tests/cli/lib.sh"
cd "$TOP" || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL # of a make that runs the tests

# Nothing is there: neither compiler nor libraries.
CC=nocc PKG_CONFIG=nopc sh contrib/install-deps --list build >"$TMP/out" 2>&1; rc=$?
is 'what is missing is named, and what it is called on each system' \
	"$rc $(grep -cE '^(To build gscrape-tui, these are missing: nocc nopc |On Debian and Ubuntu: apt install |On Fedora: dnf install |On Arch: pacman -S |On Alpine: apk add )' "$TMP/out")" '1 5'
is 'in 80 columns' "$(awk 'length($0) > 80' "$TMP/out")" ''
make -s B="$TMP/b" PKG_CONFIG=nopc CC=nocc >"$TMP/out" 2>&1; rc=$?
is 'make says so before it compiles anything' "$rc $(head -1 "$TMP/out" | cut -c 1-45) $(grep -c 'undefined reference' "$TMP/out")" '2 To build gscrape-tui, these are missing: nocc 0'

make -s B="$TMP/b" CC=nocc >"$TMP/out" 2>&1; rc=$?
is 'a compiler that is none is named' "$rc $(grep -cx 'CC=nocc cannot be run: leave CC out for cc.' "$TMP/out") $(grep -c 'not found' "$TMP/out")" '2 1 0'
make -s B="$TMP/b" PKG_CONFIG=nopc >"$TMP/out" 2>&1; rc=$?
is 'so is a pkg-config' "$rc $(grep -cx 'PKG_CONFIG=nopc cannot be run: leave it out for pkg-config.' "$TMP/out") $(grep -c 'not found' "$TMP/out")" '2 1 0'
is 'and nothing but it' "$(head -1 "$TMP/out")" 'To build gscrape-tui, these are missing: nopc.'
make -s B="$TMP/b" CHARTJS=/none/chart.js PROTOC_C=noprotoc >"$TMP/out" 2>&1; rc=$?
is 'what is no library, too, in the one message, before anything is made' "$rc $(head -1 "$TMP/out") $(grep -c '^Chart.js: apt install ' "$TMP/out") $(ls "$TMP/b" 2>&1 | grep -v 'No such')" \
	'2 To build gscrape-tui, these are missing: noprotoc /none/chart.js. 1 '
PKG_CONFIG='pkg-config --static' sh contrib/install-deps --list build >"$TMP/out" 2>&1
for wrong in '' "$TMP/a b"; do
	make -s "B=$wrong" >"$TMP/out" 2>&1; rc=$?
	is "a build in '${wrong#"$TMP"}' is refused" "$rc $(grep -c 'the folder of a build is one name without blanks' "$TMP/out")" '2 1'
done
is 'pkg-config with an option of its own is there' "$(grep -c static "$TMP/out")" 0
is 'what is built elsewhere stays there' "$(make -n B="$TMP/b" | grep -c 'ln -sf') $(make -n B=build | grep -c 'ln -sf build/gscrape-tui gscrape-tui')" '0 1'
mkdir -p "$TMP/b/src/base" "$TMP/b/demo"
touch "$TMP/b/flags" "$TMP/b/gscrape-tui" "$TMP/b/src/base/buf.o" "$TMP/b/src/base/mine" "$TMP/b/demo/past.db" "$TMP/b/mine"
make -s clean B="$TMP/b"
is 'and make clean takes away what was made there, and no more' "$(cd "$TMP/b" && find . -type f | sort | tr '\n' ' ') $(find "$TMP/b/demo" 2>&1 | grep -vc 'No such')" './mine ./src/base/mine  0'
B=$(dirname "$GSCRAPE") bash tests/run t_build nosuchtest >"$TMP/out" 2>&1; rc=$?
is 'a test that there is not is no test that passes' "$rc $(cat "$TMP/out")" "2 no test here has 'nosuchtest' in its name (tests/*/t_*, tests/unit/test_*)."
is 'make help fits 80 columns' "$(make help | awk 'length($0) > 80')" ''
is 'so does what --version says' "$("$GSCRAPE" --version | awk 'length($0) > 80')" ''

# What the demo says last can be pasted: the store that it leaves is there.
mkdir -p "$TMP/a b/tools"
ln -s "$GSCRAPE" "$TMP/a b/" && ln -s "$(dirname "$GSCRAPE")/tools/replay" "$TMP/a b/tools/"
B=$TMP/a\ b bash contrib/demo >"$TMP/out" 2>"$TMP/err" </dev/null; rc=$?
is 'the demo runs' "$rc $(cat "$TMP/err")" '0 '
sed -n '/^What next/,$s/^  \([^ ].*\)/\1/p' "$TMP/out" >"$TMP/next"
is 'and says what next in 80 columns' "$(said=$(sed -n '/^What next/,$p' "$TMP/out"); awk 'length($0) > 80' <<<"${said//"$(printf %q "$TMP/a b")"/build}") $(wc -l <"$TMP/next")" ' 5'
is 'the store that it leaves is browsed' "$(eval "$(sed -n 1p "$TMP/next") --dump overview" 2>&1 | grep -c '^.127.0.0.1:6060 ')" 1
is 'and asked' "$(eval "$(sed -n 2p "$TMP/next")" 2>&1 | grep -c '^LEAK ')" 1
make -n install uninstall DESTDIR="$TMP/a b" | grep -E '^ *(install|rm|sed|chmod) ' | sed 's/&& *:$//; s/&& install/\ninstall/g' >"$TMP/out"
is 'a blank in DESTDIR is no end of a word' "$(grep -o '.\?'"$TMP/a b" "$TMP/out" | cut -c 1 | sort -u)" '"'

# Somebody whom sudo refuses, where apt is.
mkdir "$TMP/bin"
printf '#!/bin/sh\necho 1000\n' >"$TMP/bin/id"
printf '#!/bin/sh\nexit 1\n' >"$TMP/bin/sudo"
printf '#!/bin/sh\nexit 100\n' >"$TMP/bin/apt-get"
chmod +x "$TMP"/bin/*
PATH=$TMP/bin:$PATH CC=nocc sh contrib/install-deps build >"$TMP/out" 2>&1 </dev/null; rc=$?
is 'sudo refuses: so it is said, and what to install' "$rc $(sed -n 1p "$TMP/out") $(grep -c '^To build gscrape-tui' "$TMP/out")" \
	'1 install-deps: sudo refuses to install packages 1'
rm "$TMP/bin/id" "$TMP/bin/sudo"
printf '#!/bin/sh\necho 0\n' >"$TMP/bin/id"; chmod +x "$TMP/bin/id"
PATH=$TMP/bin:$PATH CC=nocc sh contrib/install-deps build >"$TMP/out" 2>&1 </dev/null; rc=$?
is 'no network: so it is said' "$rc $(grep -c '^install-deps: apt-get update failed' "$TMP/out") $(grep -c '^To build gscrape-tui' "$TMP/out")" '1 1 1'

# File systems that are full, or let nothing run.
if [ "$(id -u)" -eq 0 ] && unshare -m mount -t tmpfs none "$TMP/bin" 2>/dev/null; then
	mkdir "$TMP/fs"
	on() { # on OPTIONS COMMAND: with such a file system at $TMP/fs
		unshare -m sh -c 'mount -t tmpfs -o "$0" none "$1" && eval "$2"' "$1" "$TMP/fs" "$2" >"$TMP/out" 2>&1
	}
	on size=20k 'make -s B="$TMP/fs/b" "$TMP/fs/b/src/base/buf.o"'; rc=$?
	is 'a full disk: which one, and what to do' "$rc $(grep -c "^The disk that holds $TMP/fs/b is full. Make room (200 MB), or build elsewhere: " "$TMP/out")" '2 1'
	on noexec 'mkdir -p "$TMP/fs/b/tools" && cp "$GSCRAPE" "$TMP/fs/b/" && B=$TMP/fs/b bash contrib/demo'; rc=$?
	is 'the demo where nothing runs' "$rc $(grep -c 'Where the file system is mounted noexec, build on another one: make B=DIR demo.$' "$TMP/out")" '1 1'
	on noexec 'TMPDIR=$TMP/fs bash tests/run none'; rc=$?
	is 'tests where nothing runs' "$rc $(grep -c 'TMPDIR=DIR names another folder.$' "$TMP/out") $(find "$TMP/fs" -type f)" '2 1 '
	cp "$TOP/tests/data/texts/00-plain.txt" "$TMP/x.txt"; "$GSCRAPE" --index "$TMP/x.txt" --db "$TMP/x.db" -q; rm "$TMP/x.db-lock"
	full='cp "$TMP/x.db" "$TMP/x.txt" "$TMP/fs"; cat /dev/zero >"$TMP/fs/full" 2>/dev/null; '
	on size=600k "$full"'"$GSCRAPE" --hosts --json --db "$TMP/fs/x.db"'; rc=$?
	is 'a store is read on a full disk, without a lock file' "$rc $(grep -c '"host":"x.txt"' "$TMP/out")" '0 1'
	on size=600k "$full"'"$GSCRAPE" --index "$TMP/fs/x.txt" --db "$TMP/fs/x.db"'; rc=$?
	is 'and whoever writes is told' "$rc $(cat "$TMP/out")" "1 gscrape-tui: $TMP/fs/x.db: the disk is full"
else
	for what in 'a store is read on a full disk' 'whoever writes is told' 'a full disk' 'the demo where nothing runs' 'tests where nothing runs'; do n=$((n + 1)); echo "ok $n - $what # SKIP only root may mount"; done
fi
finish
