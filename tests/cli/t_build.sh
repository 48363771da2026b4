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
else
	for what in 'a full disk' 'the demo where nothing runs' 'tests where nothing runs'; do n=$((n + 1)); echo "ok $n - $what # SKIP only root may mount"; done
fi
finish
