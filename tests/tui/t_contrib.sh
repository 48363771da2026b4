#!/bin/bash
# needs: tmux
# The examples in contrib/ are taken by the programs that they are for.
set -u
n=0
check() { local what=$1; shift; n=$((n + 1)); if "$@" >"$TMP/out" 2>&1; then echo "ok $n - $what"; else echo "not ok $n - $what"; sed 's/^/# /' "$TMP/out"; fi; }

db=$TMP/t.db
"$GSCRAPE" --index "$TOP/tests/data/series" --archive-tz UTC --db "$db" -q || exit 1
# every example line, with its "#" taken away (a line of prose has a blank behind it)
sed 's/^#\([a-z]\)/\1/' "$TOP/contrib/config.example" > "$TMP/config"
check "the example has options to uncomment" grep -q '^map V group-by$' "$TMP/config"
check "config.example is taken as it is" "$GSCRAPE" --config "$TOP/contrib/config.example" --db "$db" --hosts
check "and with everything in it switched on" "$GSCRAPE" --config "$TMP/config" --db "$db" --dump overview
check "its keys act" [ "$("$GSCRAPE" --config "$TMP/config" --db "$db" --dump host --keys V | grep -c 'groups by top')" -eq 1 ]
echo "map V pin" >> "$TMP/config"
check "a key bound twice is refused with both lines" \
	[ "$("$GSCRAPE" --config "$TMP/config" --db "$db" --dump host 2>&1 | grep -c 'V is bound in line [0-9]* already')" -eq 1 ]
# Each library stands in the lists of all packages. (A spec names them as pkg-config does; Arch has some as part of others.)
while read -r set kind name _ debian _ arch _; do
	[ "$set" = build ] && [[ $kind == lib || $kind == maybe ]] || continue
	grep -q "[ ,]$debian\b" "$TOP/contrib/debian/control" || echo "debian/control: $debian"
	grep -q "pkgconfig($name)" "$TOP/contrib/gscrape-tui.spec" || echo "gscrape-tui.spec: $name"
	grep -q "^depends=.*[( ]$arch[ )]" "$TOP/contrib/PKGBUILD" || echo "PKGBUILD: $arch"
done <"$TOP/contrib/dependencies" >"$TMP/lacks"
check "every library that is linked is in every package's list" diff "$TMP/lacks" /dev/null
# And each tool, where the packages' builders have it not by themselves.
while read -r set kind name _ debian fedora _; do
	[ "$set" = build ] && [ "$kind" = tool ] || continue
	[[ $debian == build-essential || $debian == make || $debian == gzip ]] || grep -q "[ ,]$debian\b" "$TOP/contrib/debian/control" || echo "debian/control: $debian"
	grep -q "^BuildRequires:.* $fedora\b" "$TOP/contrib/gscrape-tui.spec" || echo "gscrape-tui.spec: $fedora"
done <"$TOP/contrib/dependencies" >"$TMP/lacks"
check "and every tool that builds it" diff "$TMP/lacks" /dev/null
# The spec names what make install puts where, and no more; PKGBUILD and debian/rules pack all of it.
spec_files() { # the list of %files, as paths; a folder stands for what is in it
	sed -n '/^%files/,$p' "$TOP/contrib/gscrape-tui.spec" | grep '^%{_' | sed 's,%{_bindir},/usr/bin,; s,%{_mandir},/usr/share/man,; s,%{_docdir},/usr/share/doc,; s,%{_datadir},/usr/share,
		s,%{_unitdir},/usr/lib/systemd/system,; s,%{_sysusersdir},/usr/lib/sysusers.d,; s,%{_tmpfilesdir},/usr/lib/tmpfiles.d,'
}
if command -v make >/dev/null; then
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -o all -C "$TOP" B="$B" DESTDIR="$TMP/root" PREFIX=/usr SYSTEMDDIR=/usr/lib/systemd/system install >"$TMP/out" 2>&1 || cat "$TMP/out"
	(cd "$TMP/root" && find . -type f | sed 's/^\.//') | LC_ALL=C sort >"$TMP/installed"
	spec_files | while read -r path; do
		for f in "$TMP/root"$path; do
			if [ -e "$f" ]; then find "$f" -type f; else echo "$TMP/root/not installed: $path"; fi
		done
	done | sed "s,^$TMP/root,," | LC_ALL=C sort >"$TMP/listed"
	check "the spec lists all files that make install installs" diff "$TMP/listed" "$TMP/installed"
else
	n=$((n + 1)); echo "ok $n - the spec lists all files that make install installs # SKIP no make here"
fi
check "PKGBUILD is bash" bash -n "$TOP/contrib/PKGBUILD"
T="tmux -L gspop$$ -f /dev/null"
trap '$T kill-server 2>/dev/null' EXIT
$T new-session -d "sleep 20"
check "tmux takes the binding" $T source-file "$TOP/contrib/tmux-popup.conf"
check "and has it" bash -c "$T list-keys | grep -q 'display-popup.*gscrape-tui'"
echo "1..$n"
